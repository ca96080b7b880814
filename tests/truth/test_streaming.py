"""Streaming: pieces with a carried state and step after step are the whole; what cannot stream says what forbids it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import torch
from torch import nn

from leporello.builder.compiling import compile
from leporello.builder.interpret import interpret
from tests.support.comparing import Tensors, assert_same, differences
from tests.support.numerics import cut, outcome, randoms, spread, stepwise, tokens

BATCH, STEPS = 3, 7
X = "x: {features: 2}"

STREAMS: Mapping[str, tuple[str, str, str]] = {
    "rnn": (X, "h: {block: rnn, input: x, units: 3}", "y: h"),
    "relu": (X, "h: {block: rnn, input: x, units: 3, activation: relu}", "y: h"),
    "lstm": (X, "h: {block: lstm, input: x, units: 3, layers: 2, initial: learned}", "y: h"),
    "lstm with c": (X, "h: {block: lstm, input: x, units: 3}", "y: h, c: h.c"),
    "projection": (X, "h: {block: lstm, input: x, units: 3, projection: 2}", "y: h"),
    "gru": (X, "h: {block: gru, input: x, units: 3, layers: 3, residual: 2}", "y: h"),
    "gru read late": (X, "h: {block: gru, input: x, units: 3, initial: 0.5}\nd: h(t-2) - h", "y: h, d: d"),
    "lstm read late": (X, "h: {block: lstm, input: x, units: 3, initial: learned}\nd: h(t-3) - h(t-1)", "y: h, d: d"),
    "peephole": (X, "h: {block: lstm, input: x, units: 3, gates: peephole}", "y: h"),
    "minimal": (X, "h: {block: minimal_gru, input: x, units: 3, layers: 2}", "y: h"),
    "reset before": (X, "h: {block: gru, input: x, units: 3, reset: before}", "y: h"),
    "delay of three": (X, "s: {value: tanh(s(t-3) + x), initial: learned}", "s: s, e: s(t-2)"),
    "window": (X, "w: [x, x(t-1), x(t-2), x(t-3)]\no: {block: linear, input: w, units: 2}", "o: o"),
    "window of values": (X, "v: {value: 2 * x, initial: 0.7}\ns: v(t-2) + v(t-1)", "s: s"),
    "tokens": (
        "x: {tokens: 5}",
        "e: {block: embedding, input: x(t-1), units: 2}\nh: {block: lstm, input: e, units: 3}",
        "y: h, late: x(t-2)",
    ),
    "first": (
        X,
        "d: x - x(first)\nh: {block: gru, input: d, units: 3}\ne: h * h(first)\nf: d(first) * x",
        "y: h, d: d, e: e, f: f",
    ),
    "two loops": (
        X,
        "a: {block: rnn, input: x, units: 2}\nb: {block: gru, input: [x, a(t-1)], units: 3}\nc: tanh(c(t-1)/2 + a)",
        "b: b, c: c",
    ),
    "split": (
        "x: {features: 1}",
        "p: {block: split, input: s, into: [i, j]}\n"
        "q: [tanh(p.j(t-1) + x), p.i(t-2)]\n"
        "s: {block: linear, input: q, units: 2}",
        "s: s, j: p.j(t-1)",
    ),
    "static": (
        "x: {features: 2}, v: {features: 3, axis: none}",
        "h: {block: lstm, input: [x, v], units: 3, initial: {h: v, c: zeros}}",
        "y: h",
    ),
}


def text_of(spec: tuple[str, str, str]) -> str:
    """The spec out of its inputs, nodes and outputs."""
    inputs, nodes, outputs = spec
    lines = "".join(f"  {line}\n" for line in nodes.splitlines())
    return f"spec: 1\ninputs: {{{inputs}}}\nnodes:\n{lines}outputs: {{{outputs}}}\n"


def made(name: str) -> tuple[nn.Module, Tensors, Tensors]:
    """A module, its inputs on the axis, and those that have none."""
    module = spread(compile(text_of(STREAMS[name])).double())
    along: Tensors = {
        "x": tokens(1, 5, BATCH, STEPS) if name == "tokens" else randoms(1, BATCH, STEPS, 1 if name == "split" else 2)
    }
    return module, along, {"v": randoms(2, BATCH, 3)} if name == "static" else {}


def leaves_of(module: nn.Module, *inputs: Tensors) -> Tensors:
    """Everything that a gradient can be taken by."""
    given = {name: value for group in inputs for name, value in group.items() if value.requires_grad}
    return {**given, **dict(module.named_parameters())}


@pytest.mark.parametrize("name", STREAMS)
def test_step_after_step_is_the_whole(name: str) -> None:
    module, along, static = made(name)
    found, _ = stepwise(module, along, module.start(batch=BATCH, **static))  # type: ignore[operator]
    leaves = leaves_of(module, along, static)
    truth = outcome(module(**along, **static), leaves)
    assert_same(outcome(found, leaves), truth)
    weights = dict(module.named_parameters())
    assert_same(outcome(interpret(module.checked, {**along, **static}, weights), leaves), truth)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("pieces", [(3, 4), (1, 1, 5), (2, 2, 2, 1), (6, 1)])
def test_pieces_with_a_carried_state_are_the_whole(name: str, pieces: tuple[int, ...]) -> None:
    module, along, static = made(name)
    whole, end = module.run(**along, **static)  # type: ignore[operator]
    state, place, parts = None, 0, []
    for size in pieces:
        piece = {key: value[:, place : place + size] for key, value in along.items()}
        outputs, state = module.run(**piece, **static, state=state)  # type: ignore[operator]
        parts.append(outputs)
        place += size
    joined = {key: torch.cat([part[key] for part in parts], 1) for key in whole}
    leaves = leaves_of(module, along, static)
    ends, found_ends = ({f"end {k}": v for k, v in s.items()} for s in (end, state or {}))
    assert_same(outcome({**joined, **found_ends}, leaves), outcome({**whole, **ends}, leaves))


@pytest.mark.parametrize("name", STREAMS)
def test_a_last_piece_may_be_ragged(name: str) -> None:
    module, along, static = made(name)
    lengths = torch.tensor([7, 5, 6])
    whole, end = module.run(**along, **static, lengths={"time": lengths})  # type: ignore[operator]
    head, tail = ({k: v[:, part] for k, v in along.items()} for part in (slice(0, 4), slice(4, 7)))
    before, state = module.run(**head, **static)  # type: ignore[operator]
    after, last = module.run(**tail, **static, lengths={"time": lengths - 4}, state=state)  # type: ignore[operator]
    joined = {key: torch.cat([before[key], after[key]], 1) for key in whole}
    leaves = leaves_of(module, along, static)
    found = outcome({**joined, **{f"end {k}": v for k, v in last.items()}}, leaves)
    assert_same(found, outcome({**whole, **{f"end {k}": v for k, v in end.items()}}, leaves))


@pytest.mark.parametrize("name", STREAMS)
def test_steps_go_on_from_a_run(name: str) -> None:
    module, along, static = made(name)
    started = module.start(batch=BATCH, **static)  # type: ignore[operator]
    _, state = module.run(**{k: v[:, :4] for k, v in along.items()}, **static)  # type: ignore[operator]
    lines = {key for key in started if key in state}
    assert {key for key in state if not key.endswith("(first)")} <= set(started)
    for key in lines:
        assert state[key].shape == started[key].shape and state[key].dtype == started[key].dtype, key
    found, _ = stepwise(module, {k: v[:, 4:] for k, v in along.items()}, {**started, **state})
    whole = module(**along, **static)
    assert not differences(found, {key: value[:, 4:] for key, value in whole.items()})


@pytest.mark.parametrize("name", STREAMS)
def test_a_state_is_flat_and_reorders_like_a_beam(name: str) -> None:
    module, along, static = made(name)
    state = module.start(batch=BATCH, **static)  # type: ignore[operator]
    head, tail = ({k: v[:, part] for k, v in along.items()} for part in (slice(0, 3), slice(3, 7)))
    _, state = stepwise(module, head, state)
    assert all(isinstance(key, str) and value.shape[0] == BATCH for key, value in state.items())
    order = torch.tensor([2, 0, 0, 1])
    beams = {key: value.index_select(0, order) for key, value in state.items()}
    found, _ = stepwise(module, {k: v[order] for k, v in tail.items()}, beams)
    straight, _ = stepwise(module, tail, state)
    assert not differences(found, {key: value[order] for key, value in straight.items()})


def test_an_initial_state_of_a_cell_is_one_entry_for_each_state() -> None:
    module, _, _ = made("lstm")
    state = module.start(batch=2)  # type: ignore[operator]
    expected = {f"h/{layer}/forward/{name}" for layer in (1, 2) for name in ("h", "c")}
    assert set(state) == expected
    assert all(value.shape == (2, 3) for value in state.values())


def test_ragged_ends_freeze_the_state() -> None:
    module, along, _ = made("gru read late")
    lengths = [7, 2, 1]
    _, end = module.run(**along, lengths={"time": torch.tensor(lengths)})  # type: ignore[operator]
    for index, length in enumerate(lengths):
        _, alone = module.run(along["x"][index : index + 1, :length])  # type: ignore[operator]
        assert not differences({k: v[index : index + 1] for k, v in end.items()}, alone)
    assert not differences(
        {"y": cut(module(**along)["y"], lengths)}, {"y": module(**along, lengths={"time": torch.tensor(lengths)})["y"]}
    )
