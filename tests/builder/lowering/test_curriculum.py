"""Curriculum: coins decide between the truth and the model's own choice, as an input of the module."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from leporello.builder.compiling import compile
from leporello.builder.interpret import interpret
from leporello.graphs.problems import SpecError
from tests.support.paths import EXAMPLES

CASES = [("char_lm", {"characters": 7}, 7, "text"), ("luong", {}, 9, "target")]
Case = tuple[str, dict[str, int], int, str]


def given(case: Case) -> tuple[dict[str, Tensor], dict[str, Tensor], dict[str, Tensor]]:
    """Inputs, lengths and samples for a case, three sequences of five steps."""
    name, _, tokens, main = case
    torch.manual_seed(3)
    inputs = {main: torch.randint(2, tokens, (3, 5))}
    lengths = {"time" if main == "text" else main: torch.tensor([5, 2, 4])}
    if name == "luong":
        inputs["source"], lengths["source"] = torch.randint(2, tokens, (3, 4)), torch.tensor([1, 4, 3])
    samples = {"samples": {"choice": torch.randint(2, tokens, (3, 5))}} if name == "char_lm" else {}
    return inputs, lengths, samples


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_coins_equal_the_interpreter(case: Case) -> None:
    inputs, lengths, samples = given(case)
    module = compile(EXAMPLES / f"{case[0]}.yaml", feedback="curriculum", **case[1]).double()
    inputs["previous_coin"] = torch.randint(0, 2, (3, 5))
    weights = dict(module.named_parameters())
    ours = module(**inputs, lengths=lengths, **samples)
    truth = interpret(module.checked, inputs, weights, lengths, feedback="curriculum", **samples)
    for name, value in truth.items():
        torch.testing.assert_close(ours[name], value, rtol=1e-10, atol=1e-10)
        seen = torch.autograd.grad(ours[name].square().sum(), list(weights.values()), allow_unused=True)
        wanted = torch.autograd.grad(value.square().sum(), list(weights.values()), allow_unused=True)
        for one, other in zip(seen, wanted, strict=True):
            assert (one is None) == (other is None)
            if one is not None and other is not None:
                torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
@pytest.mark.parametrize(("coin", "mode"), [(1, "teacher"), (0, "free")])
def test_one_sided_coins_are_the_other_modes(case: Case, coin: int, mode: str) -> None:
    inputs, lengths, samples = given(case)
    path = EXAMPLES / f"{case[0]}.yaml"
    module = compile(path, feedback="curriculum", **case[1]).double()
    other = compile(path, feedback=mode, **case[1]).double()
    other.load_state_dict(module.state_dict())
    mixed = module(**inputs, previous_coin=torch.full((3, 5), coin), lengths=lengths, **samples)
    kept = inputs if mode == "teacher" else {k: v for k, v in inputs.items() if k == "source"}
    plain = other(**kept, lengths=lengths, **(samples if mode == "free" else {}))
    for name, value in plain.items():
        steps = value.shape[1]
        torch.testing.assert_close(mixed[name][:, :steps], value, rtol=1e-10, atol=1e-10)


def test_a_mode_that_is_not_known() -> None:
    with pytest.raises(SpecError, match="did you mean curriculum"):
        compile(EXAMPLES / "char_lm.yaml", feedback="curiculum", characters=7)  # type: ignore[arg-type]
