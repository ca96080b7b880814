"""Steps of decoders and of feedback; what cannot stream, and inputs and states that do not fit, are named."""

from __future__ import annotations

import pytest
import torch

from leporello.builder.compiling import compile
from leporello.graphs.analysis.checks import Checked
from tests.support.comparing import assert_same, differences
from tests.support.numerics import outcome, randoms, spread, stepwise, tokens
from tests.truth.test_streaming import BATCH, STEPS, X, leaves_of, made, text_of

CANNOT = {
    "ahead": ("a: x(t+1)", "a: a", r"x\(t\+1\)"),
    "last": ("a: x - x(last)", "a: a", r"x\(last\)"),
    "all": ("a: x - sum(x(all))", "a: a", r"x\(all\)"),
    "early": ("a: tanh(x(first))\nb: x * a", "b: b", r"x\(first\)"),
    "backward": ("r: tanh(r(t+1) + x)", "r: r", r"\br\b.*last step to the first"),
    "both ways": ("h: {block: gru, input: x, units: 3, direction: both}", "y: h", r"h/1/backward/h"),
    "final": ("h: {block: gru, input: x, units: 3}\na: h + h.final", "y: a", r"h/1/forward/h\(last\)"),
}

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


def test_start_refuses_another_batch_than_its_inputs_have() -> None:
    module = compile(ATTEND)
    m = randoms(1, BATCH, 5, 2).float()
    assert module.start(batch=BATCH, m=m).keys() == module.start(m=m).keys()  # type: ignore[operator]
    with pytest.raises(ValueError, match=f"batch is {BATCH + 1}, but m holds {BATCH} sequences"):
        module.start(batch=BATCH + 1, m=m)  # type: ignore[operator]


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
