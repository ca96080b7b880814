"""Inputs and states that do not fit: refused by name, saying what is wrong and what is allowed, before torch does."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from leporello.builder.compiling import compile
from leporello.builder.lowering.generate import source
from leporello.builder.plan.streaming import stream_axis
from leporello.graphs.edits.feedback import resolve
from leporello.graphs.edits.pruning import needed
from leporello.graphs.problems import SpecError
from tests.support.comparing import arguments, checked_spec, compiled, differences, make_case, used_lengths
from tests.support.numerics import randoms, spread, stepwise, tokens
from tests.support.sources import SIZES, example
from tests.support.strategies import Sample, samples, some

TEXT = """
spec: 1
inputs:
  x: {features: 3}
  word: {tokens: 5}
  label: {tokens: 4, axis: none}
  start: {features: 2, axis: none}
nodes:
  e: {block: embedding, input: word, units: 2}
  l: {block: embedding, input: label, units: 2}
  h: {block: gru, input: [x, e, l, start], units: 3}
outputs: {y: h}
"""
Change = Callable[[dict[str, Tensor]], dict[str, Any]]


@pytest.fixture(scope="module")
def module() -> nn.Module:
    """A module with features and tokens, some of them at every step."""
    return compile(TEXT)


def fitting() -> dict[str, Tensor]:
    """Inputs that fit."""
    given = {"x": torch.randn(2, 6, 3), "start": torch.randn(2, 2)}
    return given | {"word": tokens(1, 5, 2, 6), "label": tokens(2, 4, 2)}


MISFITS: dict[str, tuple[Change, type[Exception], str]] = {
    "a token too large": (
        lambda i: {"word": i["word"] + 1 - i["word"].min() + 4},
        ValueError,
        r"word holds the token [5-9], out of range: 0 to 4 are allowed",
    ),
    "a token below 0": (
        lambda i: {"word": i["word"] - 5},
        ValueError,
        r"word holds the token -[1-5], out of range: 0 to 4",
    ),
    "a label out of range": (
        lambda i: {"label": i["label"] + 4},
        ValueError,
        r"label holds the token [4-7], out of range: 0 to 3",
    ),
    "tokens in floating point": (
        lambda i: {"word": i["word"].float()},
        TypeError,
        "word must hold tokens, of torch.int64 or torch.int32, not of torch.float32",
    ),
    "tokens that are true or false": (
        lambda i: {"word": i["word"] > 2},
        TypeError,
        "word must hold tokens, .* not of torch.bool",
    ),
    "a double among floats": (
        lambda i: {"x": i["x"].double()},
        TypeError,
        r"x must be a tensor \[batch, time, 3\] of torch.float32, as the weights are, "
        r"not of torch.float64: x.to\(torch.float32\)",
    ),
    "a double that is read once": (
        lambda i: {"start": i["start"].double()},
        TypeError,
        r"start must be a tensor \[batch, 2\] of torch.float32",
    ),
    "whole numbers for features": (
        lambda i: {"x": i["x"].long()},
        TypeError,
        r"x must be a tensor \[batch, time, 3\] of numbers in floating point, not of torch.int64: x.float\(\)",
    ),
    "too few features": (
        lambda i: {"x": i["x"][..., :2]},
        ValueError,
        r"x must be a tensor \[batch, time, 3\], not \[2, 6, 2\]",
    ),
    "no batch": (lambda i: {"x": i["x"][0]}, ValueError, r"x must be a tensor \[batch, time, 3\], not \[6, 3\]"),
    "tokens with features": (
        lambda i: {"word": i["word"][..., None]},
        ValueError,
        r"word must be a tensor \[batch, time\], not \[2, 6, 1\]",
    ),
    "another batch": (
        lambda i: {"label": i["label"][:1]},
        ValueError,
        r"label must be a tensor \[batch\] with batch = 2, not \[1\]",
    ),
    "other steps": (lambda i: {"word": i["word"][:, :4]}, ValueError, r"with time = 6, not \[2, 4\]"),
    "no tensor": (lambda i: {"x": i["x"].tolist()}, TypeError, "x must be a tensor .*, not list"),
}


@pytest.mark.parametrize("name", MISFITS)
def test_an_input_that_does_not_fit_is_refused_by_its_name(name: str, module: nn.Module) -> None:
    change, kind, told = MISFITS[name]
    inputs = fitting()
    with pytest.raises(kind, match=told) as caught:
        module(**{**inputs, **change(inputs)})
    assert not isinstance(caught.value, IndexError)


@pytest.mark.parametrize("name", [name for name in MISFITS if name not in ("other steps", "no batch", "another batch")])
def test_the_same_is_refused_of_one_step(name: str, module: nn.Module) -> None:
    change, kind, told = MISFITS[name]
    inputs = fitting()
    changed = {**inputs, **change(inputs)}
    alone = {key: value for key, value in changed.items() if key in ("start", "label")}
    told = re.sub(r"\\\[batch, time(, 3)?\\\]", lambda found: r"\[batch" + (found[1] or "") + r"\]", told)
    told = told.replace("[2, 6, 2]", "[2, 2]").replace("[2, 6, 1]", "[2, 1]").replace(r"\[2, 6, ", r"\[2, ")
    with pytest.raises(kind, match=told):
        state = module.start(batch=2, **alone)  # type: ignore[operator]
        moving = {
            key: changed[key][:, 0] if isinstance(changed[key], Tensor) else changed[key] for key in ("x", "word")
        }
        module.step(moving, state)  # type: ignore[operator]


def test_what_fits_is_taken_in_each_type_that_fits(module: nn.Module) -> None:
    inputs = fitting()
    expected = module(**inputs)["y"]
    short = {**inputs, "word": inputs["word"].int(), "label": inputs["label"].int()}
    assert torch.equal(module(**short)["y"], expected)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert module(**{**inputs, "x": inputs["x"].bfloat16()})["y"].shape == expected.shape
    double = {key: value.double() if value.is_floating_point() else value for key, value in inputs.items()}
    assert compile(TEXT).double()(**double)["y"].dtype == torch.float64


def test_what_lies_in_the_padding_may_be_anything(module: nn.Module) -> None:
    inputs = fitting()
    inputs["word"][1, 3:] = 99
    lengths = {"time": torch.tensor([6, 3])}
    assert module(**inputs, lengths=lengths)["y"].isfinite().all()
    with pytest.raises(ValueError, match="word holds the token 99"):
        module(**inputs)


def test_without_weights_inputs_are_of_one_type() -> None:
    plain = compile("{spec: 1, inputs: {x: {features: 2}, b: {features: 2}}, nodes: {h: x + b}, outputs: {y: h}}")
    x = torch.randn(1, 2, 2)
    assert plain(x.double(), x.double())["y"].dtype == torch.float64
    with pytest.raises(TypeError, match=r"b must be a tensor .* of torch.float64, as the inputs before it are"):
        plain(x.double(), x)


def test_coins_are_whatever_can_be_compared_with_1() -> None:
    checked = example("char_lm")
    module = compile(checked, feedback="curriculum").eval()
    text = tokens(1, SIZES["characters"], 2, 4)
    coins = torch.rand(2, 4) < 0.5
    found = []
    for kind in (coins, coins.long(), coins.float()):
        torch.manual_seed(1)  # what the model chooses is drawn
        found += module(text=text, previous_coin=kind).values()
    assert torch.equal(found[0], found[1]) and torch.equal(found[0], found[2])


def test_values_are_not_looked_at_where_that_is_not_possible(module: nn.Module) -> None:
    inputs = fitting()
    assert "check_tokens(word=(word, 5), label=(label, 4))" in module.source  # type: ignore[operator]
    meta = compile(TEXT).to("meta")
    assert meta(**{key: value.to("meta") for key, value in inputs.items()})["y"].shape == (2, 6, 3)
    fast = torch.compile(module, backend="eager", fullgraph=True)
    torch.compiler.reset()
    assert torch.allclose(fast(**inputs)["y"], module(**inputs)["y"], atol=1e-6)
    program = torch.export.export(module.eval(), (), inputs)
    assert torch.allclose(program.module()(**inputs)["y"], module(**inputs)["y"], atol=1e-6)
    embedding = compile(
        "{spec: 1, inputs: {x: {tokens: 5}}, nodes: {e: {block: embedding, input: x, units: 2}}, outputs: {y: e}}"
    )
    many = tokens(3, 5, 4, 2, 6)
    found = torch.func.vmap(lambda one: embedding(one)["y"])(many)
    assert torch.equal(found[1], embedding(many[1])["y"])


ONCE = """
spec: 1
inputs: {m: {features: 2, axis: source}, q: {features: 3, axis: target}, word: {tokens: 5, axis: target}}
nodes:
  b: {block: linear, input: m(last), units: 4}
  f: {block: feedback, truth: word(t-1), own: c(t-1)}
  e: {block: embedding, input: f, units: 2}
  h: {block: lstm, input: [q, e], units: 4, initial: {h: b, c: zeros}}
  k: h * b
  l: {block: linear, input: k, units: 5}
  c: {block: argmax, input: l}
outputs: {y: {from: l, predicts: word}}
"""


def test_the_refusal_of_a_state_of_run_says_what_to_pass_to_step() -> None:
    module = spread(compile(ONCE).double())
    m, q, word = randoms(1, 2, 4, 2), randoms(2, 2, 6, 3), tokens(3, 5, 2, 6)
    whole = module(m=m, q=q, word=word)
    _, state = module.run(m=m, q=q[:, :3], word=word[:, :3])  # type: ignore[operator]
    rest = {"q": q[:, 3:], "f": word[:, 2:-1]}
    advice = "the state has no 'b': run() does not keep it: pass {**module.start(m=..., lengths=...), **state}"
    with pytest.raises(ValueError, match=re.escape(advice)):
        stepwise(module, rest, state)
    found, _ = stepwise(module, rest, {**module.start(m=m), **state})  # type: ignore[operator]
    assert not differences(found, {"y": whole["y"][:, 3:]})


def test_the_refusal_of_a_state_of_start_says_what_to_pass_to_run() -> None:
    module = spread(compile(ONCE).double())
    m, q, word = randoms(1, 2, 4, 2), randoms(2, 2, 6, 3), tokens(3, 5, 2, 6)
    whole = module(m=m, q=q, word=word)
    state = module.start(m=m)  # type: ignore[operator]
    advice = (
        "the state has no 'word': start() has none: leave out a state without steps, else add the value at the last one"
    )
    with pytest.raises(ValueError, match=re.escape(advice)):
        module.run(m=m, q=q, word=word, state=state)  # type: ignore[operator]
    shifted = torch.cat([torch.zeros(2, 1, dtype=torch.long), word[:, :2]], 1)
    _, state = stepwise(module, {"q": q[:, :3], "f": shifted}, state)
    found, _ = module.run(m=m, q=q[:, 3:], word=word[:, 3:], state={**state, "word": word[:, 2]})  # type: ignore[operator]
    assert not differences(found, {"y": whole["y"][:, 3:]})


def test_the_state_of_another_model_is_still_told_apart() -> None:
    module = compile(ONCE)
    q, word = torch.randn(2, 3), torch.zeros(2, dtype=torch.long)
    state = module.start(m=torch.randn(2, 4, 2))  # type: ignore[operator]
    state.pop("h/1/forward/c")
    with pytest.raises(ValueError, match="no 'h/1/forward/c': it is of another model, or not from"):
        module.step({"q": q, "f": word}, state)  # type: ignore[operator]
    with pytest.raises(TypeError, match=r"a state is a dict, as start\(\) and run\(\) give it, not list"):
        module.step({"q": q, "f": word}, [])  # type: ignore[operator]


@some(40)
@given(samples())
def test_every_state_fits_or_its_refusal_says_what_to_pass(sample: Sample) -> None:
    try:
        checked = checked_spec(sample.text)
    except SpecError:
        return
    stepped = needed(resolve(checked, "step"))
    axis = stream_axis(stepped)
    if axis is None or "cannot go step by step" in source(checked) or "cannot be carried on" in source(checked):
        return
    case = make_case(checked, {name: tuple(4 for _ in lengths) for name, lengths in sample.lengths.items()}, 1)
    module = compiled(case)
    inputs = {**arguments(module, case), "lengths": used_lengths(case)}
    others = {node.path: case.inputs[node.path] for node in stepped.graph.inputs if node.axis != axis}
    started = module.start(batch=sample.batch, **others)  # type: ignore[operator]
    ended = module.run(**inputs)[1]  # type: ignore[operator]
    row = {
        node.path: case.inputs[node.path][:, 0]
        if node.path in case.inputs
        else torch.zeros(sample.batch, *([] if "tokens" in node.parameters else [int(node.parameters["features"])])).to(
            torch.long if "tokens" in node.parameters else torch.float64
        )
        for node in stepped.graph.inputs
        if node.axis == axis
    }
    module.step(row, started)  # type: ignore[operator]
    try:
        module.step(row, ended)  # type: ignore[operator]
    except ValueError as error:
        assert "run() does not keep it: pass {**module.start(" in str(error)
        module.step(row, {**started, **ended})  # type: ignore[operator]
    try:
        module.run(**inputs, state=started)  # type: ignore[operator]
    except ValueError as error:
        assert "start() has none: leave out a state without steps" in str(error)
        module.run(**inputs, state={**ended, **started})  # type: ignore[operator]


@given(st.integers(-9, 9))
def test_any_token_is_taken_or_refused(token: int) -> None:
    module = compile(
        "{spec: 1, inputs: {x: {tokens: 4}}, nodes: {e: {block: embedding, input: x, units: 2}}, outputs: {y: e}}"
    )
    if 0 <= token < 4:
        assert module(torch.tensor([[token]]))["y"].shape == (1, 1, 2)
    else:
        with pytest.raises(ValueError, match=f"x holds the token {token}, out of range"):
            module(torch.tensor([[0, token, 3]]))
