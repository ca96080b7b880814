"""Streaming: pieces with a carried state and step after step are the whole; what cannot stream says what forbids it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import torch
from comparing import Tensors, assert_same, differences
from numerics import cut, outcome, randoms, spread, stepwise, tokens
from torch import nn

from leporello.builder.compiling import compile
from leporello.builder.interpret import interpret
from leporello.graphs.checks import Checked

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


def test_a_feedback_is_an_input_of_step() -> None:
    text = """
spec: 1
inputs: {text: {tokens: 5}}
nodes:
  previous: {block: feedback, truth: text(t-1), own: choice(t-1)}
  e: {block: embedding, input: previous, units: 2}
  h: {block: lstm, input: e, units: 3}
  logits: {block: linear, input: h, units: 5}
  choice: {block: argmax, input: logits}
outputs: {next: {from: logits, predicts: text}}
"""
    module = spread(compile(text).double())
    x = tokens(1, 5, BATCH, STEPS)
    shifted = torch.cat([torch.zeros(BATCH, 1, dtype=torch.long), x[:, :-1]], 1)
    leaves = dict(module.named_parameters())
    found, _ = stepwise(module, {"previous": shifted})
    assert_same(outcome(found, leaves), outcome(module(x), leaves))
    free = compile(text, feedback="free").double()
    free.load_state_dict(module.state_dict())
    state, previous, chosen = module.start(batch=1), torch.zeros(1, dtype=torch.long), []  # type: ignore[operator]
    for _ in range(6):
        outputs, state = module.step({"previous": previous}, state)  # type: ignore[operator]
        chosen.append(outputs["next"])
        previous = outputs["next"].argmax(-1)
    assert not differences({"next": torch.stack(chosen, 1)}, free(lengths={"time": 6}))


def test_chunks_of_teacher_forcing_carry_the_token_before() -> None:
    text = """
spec: 1
inputs: {x: {tokens: 5}}
nodes:
  p: {block: feedback, truth: x(t-1), own: c(t-1)}
  l: {block: embedding, input: p, units: 5}
  c: {block: argmax, input: l}
outputs: {y: {from: l, predicts: x}}
"""
    module = compile(text).double()
    x = tokens(1, 5, 2, 6)
    first, state = module.run(x[:, :4])  # type: ignore[operator]
    assert list(state) == ["x"] and state["x"].tolist() == x[:, 3].tolist()
    second, _ = module.run(x[:, 4:], state=state)  # type: ignore[operator]
    assert not differences({"y": torch.cat([first["y"], second["y"]], 1)}, module(x))


ATTEND = """
spec: 1
inputs: {m: {features: 2, axis: source}, q: {features: 3, axis: target}}
nodes:
  e: {block: gru, input: m, units: 3, direction: both}
  b: {block: linear, input: e.final, units: 4}
  h: {block: lstm, input: [q, look(t-1)], units: 4, initial: {h: b, c: zeros}}
  look: {block: attention, query: h, memory: e, units: 3}
outputs: {y: h, context: look, shares: look.weights}
"""


def test_a_decoder_steps_along_its_own_axis_with_a_ragged_memory() -> None:
    module = spread(compile(ATTEND).double())
    m, q = randoms(1, BATCH, 5, 2), randoms(2, BATCH, 4, 3)
    source = torch.tensor([5, 1, 3])
    state = module.start(m=m, lengths={"source": source})  # type: ignore[operator]
    found, last = stepwise(module, {"q": q}, state)
    leaves = leaves_of(module, {"m": m, "q": q})
    truth = outcome(module(m=m, q=q, lengths={"source": source}), leaves)
    assert_same(outcome(found, leaves), truth)
    assert all(value.shape[0] == BATCH for value in last.values())
    order = torch.tensor([1, 1, 2, 0])
    beams = {key: value.index_select(0, order) for key, value in module.start(m=m, lengths={"source": source}).items()}  # type: ignore[operator]
    reordered, _ = stepwise(module, {"q": q[order]}, beams)
    assert not differences(reordered, {key: value[order] for key, value in found.items()})


def test_a_decoder_cut_in_pieces_with_a_ragged_end() -> None:
    module = spread(compile(ATTEND).double())
    m, q = randoms(1, BATCH, 5, 2), randoms(2, BATCH, 6, 3)
    source, target = torch.tensor([5, 1, 3]), torch.tensor([6, 4, 5])
    whole, _ = module.run(m=m, q=q, lengths={"source": source, "target": target})  # type: ignore[operator]
    before, state = module.run(m=m, q=q[:, :3], lengths={"source": source})  # type: ignore[operator]
    after, _ = module.run(m=m, q=q[:, 3:], lengths={"source": source, "target": target - 3}, state=state)  # type: ignore[operator]
    assert not differences({key: torch.cat([before[key], after[key]], 1) for key in whole}, whole)


CANNOT = {
    "ahead": ("a: x(t+1)", "a: a", r"x\(t\+1\)"),
    "last": ("a: x - x(last)", "a: a", r"x\(last\)"),
    "all": ("a: x - sum(x(all))", "a: a", r"x\(all\)"),
    "early": ("a: tanh(x(first))\nb: x * a", "b: b", r"x\(first\)"),
    "backward": ("r: tanh(r(t+1) + x)", "r: r", r"\br\b.*last step to the first"),
    "both ways": ("h: {block: gru, input: x, units: 3, direction: both}", "y: h", r"h/1/backward/h"),
    "final": ("h: {block: gru, input: x, units: 3}\na: h + h.final", "y: a", r"h/1/forward/h\(last\)"),
}


@pytest.mark.parametrize("name", CANNOT)
def test_what_cannot_stream_names_the_node(name: str) -> None:
    nodes, outputs, told = CANNOT[name]
    module = compile(text_of((X, nodes, outputs)))
    x = torch.zeros(2, 4, 2)
    assert set(module(x))
    with pytest.raises(ValueError, match=told):
        module.start(batch=2)  # type: ignore[operator]
    with pytest.raises(ValueError, match=told):
        module.step({"x": x[:, 0]}, {})  # type: ignore[operator]
    _, state = module.run(x)  # type: ignore[operator]
    with pytest.raises(ValueError, match=told):
        module.run(x, state=state)  # type: ignore[operator]


def test_start_takes_batch_and_axis() -> None:
    module, along, _ = made("gru")
    for batch in (1, 3):
        state = module.start(batch=batch, axis="time")  # type: ignore[operator]
        assert all(value.shape[0] == batch for value in state.values())
    assert all(value.shape[0] == 1 for value in module.start().values())  # type: ignore[operator]
    with pytest.raises(ValueError, match=r"steps along time, not along \w*source"):
        module.start(axis="source")  # type: ignore[operator]
    with pytest.raises(ValueError, match="time"):
        module.start(batch=2, lengths={"time": 3})  # type: ignore[operator]
    assert isinstance(module.checked, Checked) and along


def test_inputs_of_step_that_do_not_fit_are_named() -> None:
    module, along, _ = made("gru")
    state = module.start(batch=BATCH)  # type: ignore[operator]
    now = along["x"][:, 0]
    for inputs, told in (
        ({}, "x"),
        ({"x": now, "y": now}, "y.*x"),
        ({"X": now}, "X.*x|x.*X"),
        ({"x": now[:, :1]}, "x.*batch, 2"),
        ({"x": along["x"]}, "x.*batch, 2"),
        ({"x": now[:1]}, "batch"),
        ({"x": torch.cat([now, now])}, "batch"),
    ):
        with pytest.raises((ValueError, TypeError), match=told):
            module.step(inputs, state)  # type: ignore[operator]


def test_the_state_of_another_model_is_refused() -> None:
    module, along, _ = made("gru")
    other, _, _ = made("lstm")
    now, started = along["x"][:, 0], other.start(batch=BATCH)  # type: ignore[operator]
    with pytest.raises(ValueError, match="h/3/forward/h"):
        module.step({"x": now}, started)  # type: ignore[operator]
    with pytest.raises(ValueError, match="h/3/forward/h"):
        module.run(along["x"], state=started)  # type: ignore[operator]
    with pytest.raises(ValueError, match="h/1/forward/h"):
        module.run(along["x"], state={})  # type: ignore[operator]
    fewer = module.start(batch=BATCH - 1)  # type: ignore[operator]
    with pytest.raises(ValueError, match="batch"):
        module.run(along["x"], state=fewer)  # type: ignore[operator]
    with pytest.raises(ValueError, match="batch"):
        module.step({"x": now}, module.start(batch=1))  # type: ignore[operator]


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
