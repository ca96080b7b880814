"""Steps of several hypotheses side by side: each as if it went alone, with one copy of what is worked out once."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from leporello.builder.compiling import compile
from leporello.builder.plan.streaming import streaming
from leporello.graphs.problems import SpecError
from tests.support.comparing import Case, Tensors, compiled, differences
from tests.support.numerics import spread, tokens
from tests.support.sources import NAMES, case_of
from tests.support.strategies import thinned
from tests.truth.test_chance import text_of

HYPOTHESES, STEPS = 3, 4
MEMORYLESS = text_of(
    "p: {block: feedback, truth: x(t-1), own: c(t-1)}\nl: {block: embedding, input: p, units: 5}\n"
    "c: {block: argmax, input: l}",
    "y: {from: l, predicts: x}",
    "x: {tokens: 5}",
)
LATE = text_of(
    "h: tanh(x + h(t-3) * 0.5 + v)\nw: h - x(t-2)\nf: h * x(first)",
    "h: h, w: w, f: f",
    "x: {features: 2}, v: {features: 2, axis: none}",
)

COVERED = text_of(
    "h: {block: gru, input: [x, context(t-1)], units: 3}\nQ: {block: linear, input: h, units: 2}\n"
    "K: {block: linear, input: m, units: 2}\nenergy: tanh(Q + K(all) + cover(t-1) + cover(t-2))\n"
    "score: {block: linear, input: energy, units: 1}\nweights: {block: softmax, input: score}\n"
    "cover: {value: cover(t-1) + weights, axis: time}\ncontext: sum(weights * m(all))",
    "h: h, weights: weights, cover: cover",
    "x: {features: 2}, m: {features: 2, axis: source}",
)
"""A state that lies along the source: what was attended to so far."""


def steps(module: Any, rows: list[Tensors], state: Tensors) -> Tensors:
    """All outputs of steps one after the other, time in the second last place of what is stacked first."""
    found: dict[str, list[Tensor]] = {}
    for row in rows:
        outputs, state = module.step(row, state)
        for name, value in outputs.items():
            found.setdefault(name, []).append(value)
    return {name: torch.stack(values) for name, values in found.items()}


def many(module: Any, state: Tensors) -> Tensors:
    """The state of one hypothesis as that of several."""
    return {
        key: value if key in module.constants else value.expand(len(value), HYPOTHESES, *value.shape[2:])
        for key, value in state.items()
    }


def stepped(case: Case, axis: str) -> tuple[Tensors, list[Tensors], Tensors]:
    """What `start` takes, inputs of steps `[batch, hypotheses, ...]`, and lengths of other axes."""
    module: Any = compiled(case)
    others = {node.path: case.inputs[node.path] for node in case.checked.graph.inputs if node.axis not in (axis, None)}
    generator = torch.Generator().manual_seed(1)
    rows: list[Tensors] = [{} for _ in range(STEPS)]
    with pytest.raises(ValueError, match="wanted: ") as refused:
        module.step({}, {})
    for name in str(refused.value).rpartition("wanted: ")[2].split(", "):
        value = case.checked.values[name, ""]
        shape = (len(case.lengths[axis]), HYPOTHESES)
        for row in rows:
            if value.kind == "tokens":
                row[name] = torch.randint(0, int(value.size), shape, generator=generator)  # type: ignore[call-overload]
            else:
                row[name] = torch.randn(*shape, int(value.size), generator=generator, dtype=torch.float64)  # type: ignore[call-overload]
    return others, rows, {name: value for name, value in case.lengths.items() if name != axis}


@pytest.mark.thinned
@pytest.mark.parametrize("name", thinned(NAMES))
def test_each_hypothesis_goes_as_if_alone(name: str) -> None:
    case = case_of(name)
    along = streaming(case.checked)
    if along.obstacle or along.axis is None:
        with pytest.raises(SpecError, match="cannot go step by step"):
            compile(case.checked, hypotheses=True)
        return
    single: Any = compiled(case).eval()
    side: Any = compile(case.checked, sharing=single, hypotheses=True).eval()
    others, rows, lengths = stepped(case, along.axis)
    given = {**others, "lengths": lengths} if others else {"batch": len(case.lengths[along.axis])}
    found = steps(side, rows, many(side, side.start(**given)))
    for place in range(HYPOTHESES):
        alone = steps(
            single, [{key: value[:, place] for key, value in row.items()} for row in rows], single.start(**given)
        )
        assert not differences({key: value[:, :, place] for key, value in found.items()}, alone)


def test_delays_first_steps_and_values_without_an_axis() -> None:
    single: Any = spread(compile(LATE).double())
    side: Any = compile(LATE, sharing=single, hypotheses=True)
    v = torch.randn(2, 2, dtype=torch.float64)
    rows = [{"x": torch.randn(2, HYPOTHESES, 2, dtype=torch.float64)} for _ in range(6)]
    found = steps(side, rows, many(side, side.start(v=v)))
    assert side.constants == ("v",)
    for place in range(HYPOTHESES):
        alone = steps(single, [{"x": row["x"][:, place]} for row in rows], single.start(v=v))
        assert not differences({key: value[:, :, place] for key, value in found.items()}, alone)


def test_states_that_lie_along_the_source() -> None:
    single: Any = spread(compile(COVERED).double())
    side: Any = compile(COVERED, sharing=single, hypotheses=True)
    given = {"m": torch.randn(2, 4, 2, dtype=torch.float64), "lengths": {"source": torch.tensor([4, 2])}}
    rows = [{"x": torch.randn(2, HYPOTHESES, 2, dtype=torch.float64)} for _ in range(5)]
    found = steps(side, rows, many(side, side.start(**given)))
    assert found["cover"].shape == (5, 2, HYPOTHESES, 4, 1)
    for place in range(HYPOTHESES):
        alone = steps(single, [{"x": row["x"][:, place]} for row in rows], single.start(**given))
        assert not differences({key: value[:, :, place] for key, value in found.items()}, alone)


def test_what_is_worked_out_once_is_named_and_kept_once() -> None:
    side: Any = compile(case_of("luong").checked, hypotheses=True)
    assert side.constants == ("attention/K(all)", "encoder/2/forward/h(all)", "mask/source")
    state = many(side, side.start(source=tokens(1, 6, 2, 4), lengths={"source": torch.tensor([4, 2])}))
    kept = {key: state[key] for key in side.constants}
    for _ in range(3):
        _, state = side.step({"previous": tokens(2, 5, 2, HYPOTHESES)}, state)
        assert all(state[key] is value for key, value in kept.items())
    moved = state.keys() - kept.keys()
    assert moved and all(state[key].shape[:2] == (2, HYPOTHESES) for key in moved)


def test_a_model_without_a_memory() -> None:
    side: Any = compile(MEMORYLESS, hypotheses=True)
    state = side.start(batch=2)
    assert tuple(state) == side.constants
    previous = tokens(1, 5, 2, HYPOTHESES)
    outputs, after = side.step({"p": previous}, state)
    assert torch.equal(outputs["y"], side.l.weight[previous]) and after.keys() == state.keys()


def test_states_and_inputs_that_do_not_fit_are_named() -> None:
    side: Any = compile(case_of("luong").checked, hypotheses=True)
    source = tokens(1, 6, 2, 4)
    state, previous = side.start(source=source), tokens(2, 5, 2, HYPOTHESES)
    for wrong, inputs, told in (
        (state, previous, "attentional.*hypotheses"),
        (many(side, state), previous[:, 0], r"previous must be a tensor \[batch, hypotheses\]"),
        (compile(case_of("luong").checked).start(source=source), previous, "attentional.*hypotheses"),  # type: ignore[operator]
        (many(side, state), previous[:1], "batch"),
    ):
        with pytest.raises(ValueError, match=told):
            side.step({"previous": inputs}, wrong)


@pytest.mark.parametrize(
    ("nodes", "told"),
    [
        ("y: x - x(last)", "cannot go step by step"),
        ("n: {value: 1, axis: time}\ny: y(t-1) + n", "takes no input"),
    ],
)
def test_models_whose_steps_take_no_hypotheses_are_refused(nodes: str, told: str) -> None:
    with pytest.raises(SpecError, match=told):
        compile(text_of(nodes, "y: y"), hypotheses=True)
