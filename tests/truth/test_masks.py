"""Masks of dropout as the graph has them: new at every step, or one for a sequence, of inputs and of states."""

from __future__ import annotations

import re

import pytest
import torch
from torch import Tensor

import leporello
from leporello.graphs.problems import SpecError
from tests.support.paths import ROOT

STEPS, ROWS = 7, 40


def documented() -> str:
    """The spec that docs/language.md shows."""
    page = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    found = re.search(r"\n\n((?:    .*\n)*    nodes:\n      ones: (?:.*\n)+?      y: h\n)", page)
    assert found
    return "spec: 1\n" + "\n".join(line[4:] for line in found[1].splitlines())


def outputs(training: bool, seed: int = 0) -> tuple[dict[str, Tensor], Tensor, dict[str, Tensor]]:
    """What the documented model gives, its masks among it, the input, and its weights."""
    module = leporello.compile(documented(), also=["of_x", "of_h"])
    module.train(training)
    torch.manual_seed(seed)
    x = torch.randn(ROWS, STEPS, 3)
    return module(x=x), x, {name: weight.detach() for name, weight in module.named_parameters()}


def by_hand(x: Tensor, weights: dict[str, Tensor], of_x: Tensor, of_h: Tensor) -> Tensor:
    h, steps = torch.zeros(len(x), 4), []
    for x_t in x.unbind(1):
        U = (x_t * of_x) @ weights["U.weight"].T + weights["U.bias"]  # noqa: N806, the name in the spec
        h = torch.tanh(U + (h * of_h) @ weights["W.weight"].T)
        steps.append(h)
    return torch.stack(steps, 1)


def test_a_mask_without_a_time_axis_stays_for_its_sequence() -> None:
    found, x, weights = outputs(training=True)
    for name, rate in (("of_x", 0.2), ("of_h", 0.3)):
        kept = found[name] != 0
        assert torch.allclose(found[name][kept], torch.tensor(1 / (1 - rate)))
        assert 0 < int(kept.sum()) < kept.numel()
        assert any(not torch.equal(row, kept[0]) for row in kept)
    assert torch.allclose(found["y"], by_hand(x, weights, found["of_x"], found["of_h"]), atol=1e-6)


def test_each_pass_has_masks_of_its_own_and_a_seed_gives_them_again() -> None:
    first, again, other = (outputs(training=True, seed=seed)[0]["of_h"] for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_nothing_is_dropped_in_use() -> None:
    found, x, weights = outputs(training=False)
    ones = torch.ones(ROWS, 4)
    assert torch.allclose(found["y"], by_hand(x, weights, ones[:, :3], ones), atol=1e-6)


def test_a_block_called_dropout_has_a_new_mask_at_every_step() -> None:
    spec = "spec: 1\ninputs: {x: {features: 3}}\nnodes:\n  d: {block: dropout, input: x, rate: 0.5}\noutputs: {y: d}\n"
    found = leporello.compile(spec).train()(x=torch.ones(ROWS, STEPS, 3))["y"]
    assert any(not torch.equal(found[:, step], found[:, 0]) for step in range(STEPS))


def test_whole_tokens_are_dropped_by_a_mask_of_one_number_a_step() -> None:
    one = "{block: linear, input: x, units: 1, init: {weight: zeros, bias: {constant: 1}}, frozen: true}"
    nodes = f"  one: {one}\n  kept: {{block: dropout, input: one, rate: 0.5}}\n  d: x * kept\n"
    spec = f"spec: 1\ninputs: {{x: {{features: 3}}}}\nnodes:\n{nodes}outputs: {{y: d}}\n"
    found = leporello.compile(spec).train()(x=torch.ones(ROWS, STEPS, 3))["y"]
    assert {tuple(step) for step in found.flatten(0, 1).tolist()} == {(0.0, 0.0, 0.0), (2.0, 2.0, 2.0)}


def test_a_mask_of_other_features_is_refused() -> None:
    with pytest.raises(SpecError, match="sizes 3 and 4 do not go together"):
        leporello.compile(documented().replace("x * of_x", "x * of_h"))
