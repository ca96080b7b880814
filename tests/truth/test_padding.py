"""Padding: a batch is its sequences one by one, whatever lies beyond their ends, in outputs and in gradients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import pytest
import torch

from leporello.builder.compiling import compile
from leporello.builder.interpret import interpret
from tests.support.comparing import (
    Case,
    arguments,
    assert_same,
    beyond,
    by_interpreter,
    by_module,
    checked_spec,
    compiled,
    differences,
    gradients,
    make_case,
    row,
    used_lengths,
    with_padding,
)
from tests.support.numerics import randoms, spread, tokens
from tests.support.strategies import thinned

TIMES = {"time": (4, 1, 3)}
BOTH = {"source": (5, 1, 3), "target": (2, 4, 1)}
X = "x: {features: 2}"

SPECS: Mapping[str, tuple[str, str, str]] = {
    "division": (X, "a: 1 / x\nb: x(t-1) / (square(x) / 2)\ns: s(t-1) / 2 + 1 / square(x)", "a: a, b: b, s: s"),
    "division by a state": (
        X,
        "s: {value: x / s(t-1), initial: 2}\nb: {value: (1 + square(b(t+1))) / square(x)}",
        "s: s, b: b",
    ),
    "log and sqrt": (X, "a: log(square(x))\nb: sqrt(abs(x))\nc: log(b * b) + sqrt(a * a)", "a: a, b: b, c: c"),
    "log in a loop": (
        X,
        "s: {value: log(square(x) * (1 + abs(s(t-1)))), initial: 0.5}\nr: sqrt(square(x * (2 + tanh(r(t+1)))))",
        "s: s, r: r",
    ),
    "exp that overflows in the padding": (
        X,
        "g: {block: weight, units: 2}\n"
        "q: 1 / (1 + 1000000 * square(x))\n"
        "a: exp(2000 * q * g + g - 2000 * abs(q))\n"
        "b: exp(2000 * q - g)",
        "a: a, b: b",
    ),
    "carried sums": (X, "a: sum(x(all) * x)\nb: mean(log(square(x(all))) - x)\nc: max(x(all) / x)", "a: a, b: b, c: c"),
    "carried division": (X, "a: sum(x / square(x(all)))\nb: mean(1 / square(x(all) + x))", "a: a, b: b"),
    "carried softmax": (
        X,
        "e: sqrt(square(x(all) + x))\nw: {block: softmax, input: e}\na: sum(w * x(all))",
        "a: a, w: w, e: e",
    ),
    "carried and late": (X, "e: x(all) * x\nl: e(t-1)\na: sum(l)\nd: e(t+1)", "a: a, l: l, d: d"),
    "late": (X, "a: x(t-1)\nb: x(t-2) * x\nc: x(t-3)", "a: a, b: b, c: c"),
    "late with values": (
        "x: {features: 2}, v: {features: 2, axis: none}",
        "y: {value: 2 * x, initial: v}\nz: {value: -x, initial: 0.5}\na: y(t-3) + z(t-2)",
        "a: a",
    ),
    "ahead": (X, "a: x(t+1)\nb: x(t+2) * x\nc: x(t+3)", "a: a, b: b, c: c"),
    "ahead with values": (
        X,
        "y: {value: 2 * x, initial: learned}\nz: {value: -x, initial: -0.5}\na: y(t+3) + z(t+2) + y(t-2)",
        "a: a",
    ),
    "delays of two and three": (
        X,
        "s: {value: tanh(s(t-2) + x - s(t-3) / 2), initial: learned}\nr: {value: tanh(r(t+2) - x), initial: 0.3}",
        "s: s, r: r, e: s(last), f: r(first)",
    ),
    "first and last": (X, "a: x(first) + x\nb: x(last) * x\nc: x(last)", "a: a, b: b, c: c"),
    "both ways": (X, "h: {block: gru, input: x, units: 3, layers: 2, direction: both}", "y: h, f: h.final, s: h.state"),
    "scanned both ways": (
        X,
        "h: {block: minimal_gru, input: x, units: 3, direction: both, initial: learned}",
        "y: h, f: h.final",
    ),
    "peephole": (X, "h: {block: lstm, input: x, units: 3, gates: peephole, direction: both}", "y: h, s: h.state"),
    "normed": (
        X,
        "n: {block: layer_norm, input: x}\nh: {block: rnn, input: n, units: 3, activation: relu}",
        "y: h, l: h(last)",
    ),
    "projection": (X, "h: {block: lstm, input: x, units: 3, projection: 2, direction: both}", "y: h, s: h.state"),
    "tokens": (
        "x: {tokens: 5}",
        "e: {block: embedding, input: x, units: 2}\n"
        "l: {block: embedding, input: x(t-2), units: 2}\n"
        "r: {block: embedding, input: x(t+1), units: 2}\n"
        "h: {block: lstm, input: [e, l, r], units: 3}",
        "y: h, t1: x, t2: x(t+2)",
    ),
    "split": (
        X,
        "p: {block: split, input: x, into: [a, b]}\ns: 1 / square(p.a) + s(t-1) / 2 * p.b(t-1)",
        "s: s, a: p.a",
    ),
}
TWO: Mapping[str, tuple[str, str, str]] = {
    "attention": (
        "q: {features: 2, axis: target}, m: {features: 3, axis: source}",
        "h: {block: attention, query: q, memory: m, units: 2}",
        "y: h, w: h.weights",
    ),
    "dot in a loop": (
        "q: {features: 2, axis: target}, m: {features: 3, axis: source}",
        "h: {block: dot_attention, query: g(t-1), memory: m, units: 2}\ng: {block: gru, input: [h, q], units: 2}",
        "y: h, w: h.weights, g: g",
    ),
    "bridge": (
        "q: {features: 2, axis: target}, m: {features: 3, axis: source}",
        "e: {block: lstm, input: m, units: 2, direction: both}\n"
        "b: {block: linear, input: e.final, units: 2}\n"
        "h: {block: lstm, input: q, units: 2, initial: {h: b, c: zeros}}",
        "y: h, b: b",
    ),
    "division across": (
        "q: {features: 3, axis: target}, m: {features: 3, axis: source}",
        "e: q / square(m(all))\na: sum(e)\nb: max(log(square(m(all)) / square(q)))",
        "a: a, b: b, e: e",
    ),
}


def text_of(spec: tuple[str, str, str]) -> str:
    """The spec out of its inputs, nodes and outputs."""
    inputs, nodes, outputs = spec
    lines = "".join(f"  {line}\n" for line in nodes.splitlines())
    return f"spec: 1\ninputs: {{{inputs}}}\nnodes:\n{lines}outputs: {{{outputs}}}\n"


CASES = [
    *(
        (name, text_of(spec), lengths)
        for (name, spec), lengths in product(SPECS.items(), (TIMES, {"time": (1, 1)}, {"time": (2, 5)}))
    ),
    *((name, text_of(spec), BOTH) for name, spec in TWO.items()),
]


@pytest.mark.thinned
@pytest.mark.parametrize(("name", "text", "lengths"), thinned(CASES))
def test_what_lies_in_the_padding_changes_nothing(name: str, text: str, lengths: dict[str, tuple[int, ...]]) -> None:
    case = make_case(checked_spec(text), lengths, 1)
    truth = by_interpreter(case)
    assert all(value.isfinite().all() for value in (*truth.outputs.values(), *truth.gradients.values()))
    assert_same(by_module(case), truth)
    for extra in (0, 2):
        padded = with_padding(case, extra)
        found = by_module(padded)
        assert_same(found, truth)
        for key, value in case.inputs.items():
            mask = beyond(padded, key)
            if mask is not None and value.is_floating_point():
                assert found.gradients[key][mask].eq(0).all()
        for output in case.checked.graph.outputs:
            own = case.checked.axes[output.wire.source].own if output.wire.time.kind == "t" else None
            if own is not None:
                value = found.outputs[output.name]
                assert value[torch.arange(value.shape[1]) >= case.lengths[own][:, None]].eq(0).all()


@pytest.mark.thinned
@pytest.mark.parametrize(("name", "text", "lengths"), thinned(CASES, start=1))
def test_a_batch_is_its_sequences_one_by_one(name: str, text: str, lengths: dict[str, tuple[int, ...]]) -> None:
    case = make_case(checked_spec(text), lengths, 1)
    module = compiled(case)
    together = by_module(with_padding(case), module).outputs
    for index in range(len(next(iter(lengths.values())))):
        alone = row(case, index)
        inputs = arguments(module, alone)
        full = {name: value[index : index + 1] for name, value in together.items()}
        assert not differences(full, module(**inputs, lengths=used_lengths(alone)))
        assert not differences(full, module(**inputs))
        unbatched = replace(alone, lengths={axis: torch.tensor([int(v)]) for axis, v in alone.lengths.items()})
        assert not differences(full, by_interpreter(unbatched).outputs)


LSTM = (
    "".join(f"W_{gate}: {{block: linear, input: [x, h(t-1), e], units: 2}}\n" for gate in "ifgo")
    + "c: sigmoid(W_f) * c(t-1) + sigmoid(W_i) * tanh(W_g)\nh: sigmoid(W_o) * tanh(c)"
)
STRONG: Mapping[str, tuple[str, str, str]] = {
    "something static": (
        f"{X}, s: {{features: 1, axis: none}}",
        "h: {block: lstm, input: [x, s], units: 2}\ng: {block: lstm, input: x, units: 2, initial: h.state}",
        "y: g",
    ),
    "the last step": (X, f"e: x(last)\n{LSTM}", "y: h, c: c(last)"),
    "a sum that goes on": (X, f"e: x + e(t-1)\n{LSTM}", "y: h, c: c(last)"),
    "backward": (
        f"{X}, s: {{features: 1, axis: none}}",
        "h: {block: lstm, input: [x, s], units: 2, direction: both}",
        "y: h, s: h.state",
    ),
    "projection": (
        f"{X}, s: {{features: 1, axis: none}}",
        "h: {block: lstm, input: [x, s], units: 3, projection: 2}",
        "y: h, s: h.state",
    ),
}


@pytest.mark.parametrize("large", [1e4, 1e5, 1e30])
@pytest.mark.parametrize("where", ["inputs", "weights", "biases"])
@pytest.mark.parametrize("name", STRONG)
def test_however_strong_what_a_cell_reads_its_memory_stays_beyond_the_end(name: str, where: str, large: float) -> None:
    case = make_case(checked_spec(text_of(STRONG[name])), {"time": (4, 2, 1)}, 4)
    assert "fused_lstm" in compiled(case).source
    inputs = {key: value * (large if where == "inputs" else 1) for key, value in case.inputs.items()}
    ends = {"inputs": (), "weights": (".weight",), "biases": (".bias",)}[where]
    weights = {key: value * (large if key.endswith(ends) else 1) for key, value in case.weights.items()}
    strong = Case(case.checked, inputs, weights, case.lengths)
    truth = by_interpreter(strong)
    assert all(value.isfinite().all() for value in (*truth.outputs.values(), *truth.gradients.values()))
    assert_same(by_module(with_padding(strong, 1)), truth)


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("name", STRONG)
def test_memory_beyond_the_end_in_short_numbers(name: str, dtype: torch.dtype) -> None:
    case = make_case(checked_spec(text_of(STRONG[name])), {"time": (4, 2, 1)}, 3)
    module = compiled(case).to(dtype)
    inputs = {key: (value * 2e4).to(dtype) for key, value in case.inputs.items()}
    lengths = {"time": case.lengths["time"]}
    together = module(**inputs, lengths=lengths)
    for index, steps in enumerate(case.lengths["time"].tolist()):
        one = {key: value[index : index + 1] for key, value in inputs.items()}
        alone = module(**{key: value[:, :steps] if value.dim() == 3 else value for key, value in one.items()})
        for key, value in alone.items():
            found = together[key][index : index + 1]
            found = found[:, :steps] if found.dim() == 3 else found
            assert torch.allclose(found, value, rtol=0.02, atol=0.02), key


@pytest.mark.parametrize("name", ["late", "ahead", "delays of two and three", "both ways", "carried sums"])
def test_lengths_as_a_number_and_on_several_types(name: str) -> None:
    case = make_case(checked_spec(text_of(SPECS[name])), {"time": (3, 3)}, 2)
    module = compiled(with_padding(case, 2))
    inputs = arguments(module, with_padding(case, 2))
    truth = by_interpreter(case).outputs
    for lengths in (3, torch.tensor(3), torch.tensor([3, 3]), torch.tensor([3, 3], dtype=torch.int32)):
        assert not differences(module(**inputs, lengths={"time": lengths}), truth)


@pytest.mark.parametrize("wild", [-1, 5, 10**9])
def test_tokens_in_the_padding_are_never_looked_up(wild: int) -> None:
    module = spread(compile(text_of(SPECS["tokens"])).double())
    x, lengths = tokens(1, 5, 3, 4), torch.tensor([4, 1, 3])
    weights = dict(module.named_parameters())
    truth = interpret(module.checked, {"x": x}, weights, {"time": lengths})  # type: ignore[arg-type]
    filled = torch.where(torch.arange(4) < lengths[:, None], x, wild)
    found = module(filled, lengths={"time": lengths})
    assert not differences(found, truth)
    assert not differences(gradients(found, weights), gradients(truth, weights))


def test_a_token_out_of_range_inside_a_sequence_is_an_error() -> None:
    module = compile(text_of(SPECS["tokens"]))
    with pytest.raises((IndexError, ValueError), match="range"):
        module(torch.tensor([[1, 7, 2]]))


def test_no_padding_at_all_is_the_same_as_full_lengths() -> None:
    for name, spec in SPECS.items():
        case = make_case(checked_spec(text_of(spec)), {"time": (4, 4)}, 3)
        module = compiled(case)
        inputs = arguments(module, case)
        assert not differences(module(**inputs), module(**inputs, lengths=used_lengths(case))), name


def test_a_case_tells_padding_that_leaks() -> None:
    case = make_case(checked_spec(text_of((X, "a: sum(x(all))", "a: a"))), TIMES, 1)
    leaking = with_padding(Case(case.checked, case.inputs, case.weights, {"time": torch.tensor([4, 1, 2])}))
    full = Case(leaking.checked, leaking.inputs, leaking.weights, case.lengths)
    assert differences(by_module(full).outputs, by_interpreter(case).outputs)


def test_lengths_out_of_range_or_of_another_axis_are_refused() -> None:
    module = compile(text_of((X, "a: x(t-1)", "a: a")))
    x = randoms(1, 3, 4, 2, dtype=torch.float32)
    for wrong, told in (
        ({"time": torch.tensor([0, 1, 2])}, "time.*at least 1"),
        ({"time": torch.tensor([-1, 1, 2])}, "time.*at least 1"),
        ({"time": torch.tensor([5, 1, 2])}, "time.*between 1 and 4"),
        ({"time": 9}, "time.*between 1 and 4"),
        ({"times": torch.tensor([1, 1, 2])}, "times.*time"),
        ({"time": torch.tensor([1, 2])}, "time"),
        ({"time": torch.tensor([[1, 2, 3]])}, "time"),
        ({"time": torch.tensor([1.0, 2.0, 3.0])}, "time"),
        ({"time": "all"}, "time"),
    ):
        with pytest.raises((ValueError, TypeError), match=told):
            module(x, lengths=wrong)
    with pytest.raises((ValueError, TypeError), match="lengths"):
        module(x, lengths=torch.tensor([1, 2, 3]))


WIDE = """
spec: 1
inputs: {x: {features: 2}}
nodes: {h: {block: gru, input: x, units: 3}, y: {block: linear, input: h, units: 7}}
outputs: {y: y}
"""


@pytest.mark.parametrize("lengths", [(4, 4, 3), (4, 1, 2)], ids=["few steps are padding", "many"])
@pytest.mark.parametrize("half", [False, True], ids=["32 bits", "autocast"])
def test_a_gradient_of_the_padding_of_a_large_output_reaches_nothing(lengths: tuple[int, ...], half: bool) -> None:
    module = compile(checked_spec(WIDE))
    assert "scattered(" in module.source  # type: ignore[operator]
    x, valid = torch.randn(3, 4, 2), torch.arange(4) < torch.tensor(lengths)[:, None]
    found = []
    for behind in (0.0, 1.0, torch.nan):
        module.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            y = module(x, lengths={"time": torch.tensor(lengths)})["y"]
        assert not y[~valid].any()
        y.backward(torch.where(valid[..., None], 1.0, behind).expand(y.shape).to(y.dtype).contiguous())
        found.append([weight.grad.clone() for weight in module.parameters() if weight.grad is not None])
    for other in found[1:]:
        assert all(map(torch.equal, found[0], other))


def test_a_gradient_of_padding_is_left_as_it_was_given() -> None:
    module = compile(checked_spec(WIDE))
    y = module(torch.randn(3, 4, 2), lengths={"time": torch.tensor([4, 4, 3])})["y"]
    gradient = torch.ones_like(y)
    y.backward(gradient)
    assert torch.equal(gradient, torch.ones_like(y))
