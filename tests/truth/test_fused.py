"""Fused loops: torch's kernels run where they can, within 1e-4 of the truth in float32; the schedule says why not."""

from __future__ import annotations

import re
from itertools import product

import pytest
import torch
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile

from leporello.builder.compiling import compile
from leporello.builder.interpret import interpret
from leporello.builder.plan.schedule import Schedule, schedule
from leporello.graphs.edits.pruning import with_outputs
from leporello.graphs.problems import SpecError
from tests.support.comparing import Tensors, assert_same, checked_spec, differences
from tests.support.numerics import in_rows, outcome, randoms, spread
from tests.support.paths import EXAMPLES
from tests.truth.test_torch_layers import KINDS, copies, given_starts, hx_of, text_of

TOLERANCE = 1e-4
EVENTS = {
    "rnn": "aten::rnn_tanh",
    "relu": "aten::rnn_relu",
    "lstm": "aten::lstm",
    "projection": "aten::lstm",
    "gru": "aten::gru",
}
CELLS = {"aten::rnn_tanh", "aten::rnn_relu", "aten::lstm", "aten::gru"}


def kernels(module: nn.Module, inputs: Tensors, lengths: Tensor | None) -> tuple[Tensors, dict[str, int]]:
    """The outputs, and how often each kernel of a recurrent layer ran."""
    with profile(activities=[ProfilerActivity.CPU]) as profiled:
        outputs = module(**inputs, lengths=None if lengths is None else {"time": lengths})
    counts = {event.key: event.count for event in profiled.key_averages()}
    names = CELLS | {"aten::mkldnn_rnn_layer"}
    return outputs, {name: counts[name] for name in names if name in counts}


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.parametrize(
    ("name", "layers", "direction", "ragged"),
    list(product(KINDS, (1, 2), ("forward", "backward", "both"), (False, True))),
)
def test_kernels_run_in_float32(name: str, layers: int, direction: str, ragged: bool) -> None:
    kind, order = KINDS[name], copies(layers, direction)
    module = spread(compile(text_of(kind, layers, direction, "given")), 0.5)
    single = given_starts(kind, layers, direction)
    single = {"x": randoms(1, 3, 5, 3), **single}
    inputs = {key: value.detach().float().requires_grad_() for key, value in single.items()}
    lengths = torch.tensor([5, 1, 3]) if ragged else None
    outputs, ran = kernels(module, inputs, lengths)
    calls = layers if direction == "both" and not ragged else len(order)
    assert {key: count for key, count in ran.items() if key in CELLS} == {EVENTS[name]: calls}
    if name == "lstm" and torch.backends.mkldnn.is_available():
        assert ran["aten::mkldnn_rnn_layer"] == len(order)
    weights = dict(module.named_parameters())
    double = {key: value.detach().double().requires_grad_() for key, value in weights.items()}
    truth = interpret(module.checked, single, double, None if lengths is None else {"time": lengths})
    assert all(value.dtype == torch.float32 for value in outputs.values())
    assert_same(outcome(outputs, {**inputs, **weights}), outcome(truth, {**single, **double}), TOLERANCE)


@pytest.mark.parametrize(("name", "ragged"), [(n, r) for n in ("rnn", "relu", "lstm", "gru") for r in (False, True)])
def test_float32_is_the_layer_of_torch(name: str, ragged: bool) -> None:
    kind = KINDS[name]
    module = spread(compile(text_of(kind, 2, "both")), 0.5)
    layer = module.to_torch("h")
    x = randoms(1, 3, 5, 3, dtype=torch.float32)
    lengths = torch.tensor([5, 1, 3]) if ragged else None
    found = {"y": module(x, lengths=None if lengths is None else {"time": lengths})["y"]}
    assert_same(outcome(found, {"x": x}), outcome({"y": in_rows(layer, x, lengths)[0]}, {"x": x}), TOLERANCE)


def test_kernels_without_gradients_give_the_same() -> None:
    for name in ("rnn", "lstm", "gru"):
        module = spread(compile(text_of(KINDS[name])), 0.5)
        x = randoms(1, 2, 4, 3, dtype=torch.float32).detach()
        with torch.no_grad():
            quiet = module(x, lengths={"time": torch.tensor([4, 2])})
        with torch.inference_mode():
            quietest = module(x, lengths={"time": torch.tensor([4, 2])})
        loud = module(x, lengths={"time": torch.tensor([4, 2])})
        for key, value in loud.items():
            assert torch.allclose(value, quiet[key], atol=1e-6) and torch.allclose(value, quietest[key], atol=1e-6)


def test_given_starts_of_torch_in_float32() -> None:
    kind = KINDS["lstm"]
    module = spread(compile(text_of(kind, 2, "both", "given")), 0.5)
    starts = {key: value.detach().float() for key, value in given_starts(kind, 2, "both").items()}
    x = randoms(1, 3, 5, 3, dtype=torch.float32)
    order = copies(2, "both")
    hx = hx_of(kind, [{s: starts[f"start_{c.replace('/', '_')}_{s}"] for s in kind.states} for c in order])
    y, _ = module.to_torch("h")(x, hx)
    assert (module(x, **starts)["y"] - y).abs().max() < TOLERANCE


def planned(
    nodes: str, outputs: str = "y: h", inputs: str = "x: {features: 3}", also: tuple[str, ...] = ()
) -> Schedule:
    """The schedule of a small spec."""
    text = f"spec: 1\ninputs: {{{inputs}}}\nnodes:\n"
    text += "".join(f"  {line.strip()}\n" for line in nodes.strip().splitlines())
    return schedule(with_outputs(checked_spec(text + f"outputs: {{{outputs}}}\n"), also))


FUSED = {
    "rnn": "h: {block: rnn, input: x, units: 4}",
    "relu": "h: {block: rnn, input: x, units: 4, activation: relu}",
    "lstm": "h: {block: lstm, input: x, units: 4}",
    "projection": "h: {block: lstm, input: x, units: 4, projection: 2}",
    "gru": "h: {block: gru, input: x, units: 4}",
    "no bias": "h: {block: gru, input: x, units: 4, bias: false}",
    "backward": "h: {block: lstm, input: x, units: 4, direction: backward}",
    "stacked both ways": "h: {block: lstm, input: x, units: 4, layers: 2, direction: both}",
    "residual": "h: {block: gru, input: x, units: 4, layers: 3, residual: 2}",
    "learned start": "h: {block: lstm, input: x, units: 4, initial: learned}",
    "number as start": "h: {block: lstm, input: x, units: 4, initial: 0.5}",
    "bridged": "e: {block: gru, input: x, units: 4}\nh: {block: gru, input: x, units: 4, initial: e.final}",
    "h late": "e: {block: lstm, input: x, units: 4}\nh: e(t-1) + e(t-2)",
}


@pytest.mark.parametrize("name", FUSED)
def test_fused_where_a_kernel_fits(name: str) -> None:
    plan = planned(FUSED[name])
    assert plan.loops and {stage.kind for stage in plan.loops} == {"fused"}
    assert all("kernel" in stage.reason for stage in plan.loops)


def test_every_end_that_a_kernel_returns_leaves_it_fused() -> None:
    plan = planned("h: {block: lstm, input: x, units: 4}", "y: h, s: h.state, f: h.final, c: h.c(last), l: h(last)")
    assert [stage.kind for stage in plan.loops] == ["fused"]
    back = "h: {block: lstm, input: x, units: 4, direction: backward}"
    assert [stage.kind for stage in planned(back, "y: h, s: h.state, f: h.final").loops] == ["fused"]


SCANNED = {
    "peephole": (
        "h: {block: lstm, input: x, units: 4, gates: peephole}",
        "y: h",
        r"nearest to an lstm: o adds p_o \* c, where",
    ),
    "coupled": (
        "h: {block: lstm, input: x, units: 4, gates: coupled}",
        "y: h",
        "nearest to an lstm: the input gate differs: c has 1 - f, where",
    ),
    "reset before": (
        "h: {block: gru, input: x, units: 4, reset: before}",
        "y: h",
        r"nearest to a gru: W_n weighs r \* h\(t-1\), where",
    ),
    "minimal gru": (
        "h: {block: minimal_gru, input: x, units: 4}",
        "y: h",
        r"nearest to a gru: W_n weighs f \* h\(t-1\), where",
    ),
    "c at all steps": ("h: {block: lstm, input: x, units: 4}", "y: h.c", r"\bc\b"),
    "c before the last step": ("h: {block: lstm, input: x, units: 4}\nd: h.c(t-1)", "y: h, d: d", r"\bc\b"),
    "first c": ("h: {block: lstm, input: x, units: 4}\nd: h.c(first)", "y: h, d: d", r"\bc\b"),
    "own wiring": ("U: {block: linear, input: [x, h(t-1)], units: 3}\nh: tanh(U) * 0.5 + x", "y: h", "."),
    "input feeding": (
        "h: {block: lstm, input: [x, a(t-1)], units: 4}\nW: {block: linear, input: h, units: 4}\na: tanh(W)",
        "y: a",
        r"nearest to an lstm in h/1/forward: W_i, W_f, W_g and W_o read a\(t-1\), where",
    ),
}


@pytest.mark.parametrize("name", SCANNED)
def test_scanned_where_no_kernel_fits(name: str) -> None:
    nodes, outputs, told = SCANNED[name]
    plan = planned(nodes, outputs)
    assert [stage.kind for stage in plan.loops] == ["scanned"]
    assert re.search(told, plan.loops[0].reason), plan.loops[0].reason


@pytest.mark.parametrize("inner", ["h/1/forward/f", "h/1/forward/c", "h/1/forward/W_i", "h/1/forward/g"])
def test_a_wanted_inner_node_is_named_as_the_reason(inner: str) -> None:
    plan = planned("h: {block: lstm, input: x, units: 4}", also=(inner,))
    assert [stage.kind for stage in plan.loops] == ["scanned"]
    assert inner.rsplit("/", 1)[1] in plan.loops[0].reason


def test_only_the_layer_that_is_looked_into_is_scanned() -> None:
    plan = planned("h: {block: lstm, input: x, units: 4, layers: 3}", also=("h/2/forward/f",))
    assert [stage.kind for stage in plan.loops] == ["fused", "scanned", "fused"]


def test_scanned_and_fused_are_one_function() -> None:
    for block, inner in (("rnn", "W"), ("lstm", "f"), ("gru", "z")):
        text = text_of(KINDS[block], 2, "both", "given")
        fused, scanned = (
            compile(text, also=also).double() for also in ((), (f"h/1/forward/{inner}", f"h/2/backward/{inner}"))
        )
        spread(fused)
        scanned.load_state_dict(fused.state_dict())
        inputs = {"x": randoms(1, 3, 5, 3), **given_starts(KINDS[block], 2, "both")}
        lengths = {"time": torch.tensor([5, 1, 3])}
        wanted = set(fused(**inputs))
        found = {key: value for key, value in scanned(**inputs, lengths=lengths).items() if key in wanted}
        assert_same(
            outcome(found, {**inputs, **dict(scanned.named_parameters())}),
            outcome(fused(**inputs, lengths=lengths), {**inputs, **dict(fused.named_parameters())}),
        )


def test_luong_fuses_its_encoder_and_scans_its_decoder() -> None:
    from leporello.blocks.registry import registry
    from leporello.graphs.analysis.checks import check
    from leporello.graphs.specs import read_file

    checked = check(read_file(EXAMPLES / "luong.yaml", registry()), registry(), {})
    plan = schedule(checked)
    assert [stage.kind for stage in plan.loops] == ["fused", "fused", "scanned"]
    assert all(any("encoder" in node for node in stage.nodes) for stage in plan.loops[:2])


def test_also_and_feedback_that_are_not_known_are_refused() -> None:
    text = text_of(KINDS["lstm"])
    with pytest.raises(SpecError, match="did you mean h/1/forward/c"):
        compile(text, also=["h/1/forward/cc"])
    with pytest.raises(SpecError, match="did you mean free"):
        compile(text, feedback="fre")  # type: ignore[arg-type]
    with pytest.raises(SpecError, match=r"no inner node 'h\.d'.*\n.*did you mean h"):
        compile(text, also=["h.d"])
    crossed = "{spec: 1, inputs: {x: {features: 2}}, nodes: {a: tanh(x), b: 2 * x}, outputs: {a: b}}"
    with pytest.raises(SpecError, match="an output is called 'a' already"):
        compile(crossed, also=["a"])


def test_values_are_asked_for_as_the_spec_names_them() -> None:
    text = "{spec: 1, inputs: {x: {features: 3}}, nodes: {h: {block: lstm, input: x, units: 4}}, outputs: {y: h}}"
    wanted = ["h.c", "h", "h/1/forward/i"]
    module = compile(text, also=wanted).double()
    x = randoms(1, 2, 5, 3)
    found, (outputs, _) = module(x), module.run(x)  # type: ignore[operator]
    named = compile(text, also=["h/1/forward/c", "h/1/forward/h"]).requires_grad_(False).double()
    named.load_state_dict(module.state_dict())
    assert not differences({"c": found["h.c"], "h": found["h"]}, {key: named(x)[f"h/1/forward/{key}"] for key in "ch"})
    assert found.keys() == outputs.keys() > set(wanted)
    state, rows = module.start(batch=2), []  # type: ignore[operator]
    for step in range(5):
        row, state = module.step({"x": x[:, step]}, state)  # type: ignore[operator]
        rows.append(row)
    stepped = {key: torch.stack([row[key] for row in rows], 1) for key in wanted}
    assert not differences(stepped, {key: found[key] for key in wanted})


def test_a_batch_of_nothing_and_a_sequence_of_nothing() -> None:
    module = compile(text_of(KINDS["lstm"]))
    assert module(torch.zeros(1, 1, 3))["y"].shape == (1, 1, 4)
    with pytest.raises((ValueError, RuntimeError)):
        module(torch.zeros(2, 4, 3), lengths={"time": torch.tensor([0, 4])})
