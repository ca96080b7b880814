"""Recognition: cells are fused however spelled, near misses are not and say why, and all of them equal the truth."""

from __future__ import annotations

import re

import pytest
import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile

from leporello.builder.plan.schedule import Schedule, Stage, schedule
from leporello.graphs.edits.pruning import with_outputs
from tests.support.comparing import (
    Case,
    Outcome,
    Tensors,
    arguments,
    assert_same,
    by_interpreter,
    by_module,
    checked_spec,
    compiled,
    differences,
    gradients,
    make_case,
    with_padding,
)
from tests.support.faults.near_misses import NEAR
from tests.support.numerics import stepwise
from tests.support.written.spellings import GRU, SIDES, SPELLINGS, SUMS, Spelling, linears

KERNELS = {"lstm": "aten::lstm", "gru": "aten::gru", "rnn": "aten::rnn_tanh", "relu": "aten::rnn_relu"}
LENGTHS = {"time": (5, 1, 3)}
WHOLE = {"time": (5, 5, 5)}


def planned(text: str) -> Schedule:
    """How a spec runs."""
    return schedule(checked_spec(text))


def loop_of(text: str) -> Stage:
    """The one loop of a spec."""
    (loop,) = planned(text).loops
    return loop


def kernels(module: nn.Module, case: Case) -> set[str]:
    """The kernels of recurrent layers that ran."""
    with profile(activities=[ProfilerActivity.CPU]) as profiled:
        module(**arguments(module, case), lengths=case.lengths)
    keys = {event.key for event in profiled.key_averages()}
    return {name for name, key in KERNELS.items() if key in keys}


def in_chunks(module: nn.Module, inputs: Tensors) -> Tensors:
    """Outputs of two steps, then of the rest from the state that they left."""
    first, second = (
        {name: value[:, steps] if value.dim() == 3 else value for name, value in inputs.items()}
        for steps in (slice(2), slice(2, None))
    )
    begun, state = module.run(**first)  # type: ignore[operator]
    rest, _ = module.run(**second, state=state)  # type: ignore[operator]
    return {name: torch.cat([begun[name], rest[name]], 1) for name in begun}


def by_steps(module: nn.Module, inputs: Tensors) -> Tensors:
    """Outputs of step after step."""
    static = {name: value for name, value in inputs.items() if value.dim() == 2}
    batch = next(iter(inputs.values())).shape[0]
    moving = {name: value for name, value in inputs.items() if value.dim() == 3}
    return stepwise(module, moving, module.start(batch=batch, **static))[0]  # type: ignore[operator]


def assert_truth(spelling: Spelling) -> None:
    """Whole, padded with NaN, in pieces and step by step the module equals the interpreter: values and gradients."""
    checked = spelling.checked
    ragged = make_case(checked, LENGTHS, 1)
    truth = by_interpreter(ragged)
    assert any(value.abs().max() > 0.01 for value in truth.gradients.values())
    assert_same(by_module(ragged), truth)
    padded = with_padding(ragged, 2)
    assert_same(by_module(padded), truth)
    whole = make_case(checked, WHOLE, 2)
    module, expected = compiled(whole), by_interpreter(whole)
    if re.search(r"t\+1|direction|\((first|last)\)", spelling.text):
        for refused in (by_steps, in_chunks):
            with pytest.raises(ValueError, match=r"step by step|carried on"):
                refused(module, arguments(module, whole))
        return
    for way in (in_chunks, by_steps):
        inputs = arguments(module, whole)
        outputs = way(module, inputs)
        found = gradients(outputs, {**inputs, **dict(module.named_parameters())})
        assert_same(Outcome({name: value.detach() for name, value in outputs.items()}, found), expected)


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_cell_is_fused_however_it_is_spelled(name: str) -> None:
    spelling = SPELLINGS[name]
    loops = planned(spelling.text).loops
    assert loops
    for loop in loops:
        assert loop.kind == "fused", loop.reason
        assert "torch has a kernel for" in loop.reason
    case = make_case(spelling.checked, LENGTHS, 0)
    assert kernels(compiled(case), case) == {spelling.kernel}


@pytest.mark.parametrize("name", SPELLINGS)
def test_every_spelling_is_the_truth(name: str) -> None:
    assert_truth(SPELLINGS[name])


def test_spellings_of_one_cell_give_the_same_numbers() -> None:
    apart, whole = SPELLINGS["lstm: U x + W h"], SPELLINGS["lstm: one product in another order"]
    case = make_case(apart.checked, LENGTHS, 3)
    weights = {
        "P.weight": torch.cat(
            [torch.cat([case.weights[f"{side}_{gate}.weight"] for side in "UV"], 1) for gate in "ogfi"]
        ),
        "P.bias": torch.cat([case.weights[f"U_{gate}.bias"] for gate in "ogfi"]),
    }
    other = Case(whole.checked, case.inputs, weights, case.lengths)
    assert not differences(by_module(case).outputs, by_module(other).outputs)


def test_gates_that_share_their_weights_get_the_sum_of_both_gradients() -> None:
    spelling = SPELLINGS["lstm: shared weights"]
    case = make_case(spelling.checked, LENGTHS, 3)
    assert set(by_module(case).gradients) == {"x", *(f"W_{k}.{w}" for k in "ifg" for w in ("weight", "bias"))}


FEEDING = {
    "into a sum": (linears("U", "[x, U(t-1)]") + linears("W", "h(t-1)") + "h: tanh(U + W)", "y: h"),
    "into a sum, and an output": (
        linears("U", "[x, U(t-1)]") + linears("W", "h(t-1)") + "h: tanh(U + W)",
        "y: h, u: U",
    ),
    "of two nodes": (
        linears("U", "x") + linears("V", "a(t-1)") + linears("W", "h(t-1)") + "a: U + V\nh: tanh(a + W)",
        "y: h",
    ),
    "into a gate of an lstm": (
        SIDES.replace("U_g: {block: linear, input: x", "U_g: {block: linear, input: [x, U_g(t-1)]") + SUMS,
        "y: h",
    ),
    "into the candidate of a gru": (
        GRU.replace("W_n: {block: linear, input: x", "W_n: {block: linear, input: [x, W_n(t-1)]")
        + "h: (1 - z) * n + z * h(t-1)",
        "y: h",
    ),
}


@pytest.mark.parametrize("name", FEEDING)
def test_a_linear_that_feeds_back_to_itself_is_a_loop_beside_the_cell(name: str) -> None:
    nodes, outputs = FEEDING[name]
    spelling = Spelling("", nodes, outputs)
    first, cell = planned(spelling.text).loops
    assert (first.kind, cell.kind) == ("scanned", "fused")
    assert first.nearest is not None and first.nearest.kernel == "rnn"
    assert cell.cell is not None and not cell.cell.nodes & set(first.nodes)
    assert_truth(spelling)


def test_a_sum_that_serves_for_all_units_and_is_weighed_too_is_no_cell() -> None:
    nodes = "b: {block: weight, units: 1}\n" + linears("W", "[x, b, h(t-1)]") + "h: tanh(b + W)"
    loop = loop_of(Spelling("", nodes).text)
    assert (loop.kind, "b, in h, has the size 1 and serves for all of 4" in loop.reason) == ("scanned", True)
    assert_truth(Spelling("", nodes))


def test_an_input_that_one_gate_reads_twice_is_told() -> None:
    nodes = linears("e", "x") + linears("V", "[x, e]") + linears("W", "h(t-1)") + "h: tanh(e + V + W)"
    loop = loop_of(Spelling("", nodes).text)
    assert (loop.kind, "h weighs x twice for one gate" in loop.reason) == ("scanned", True)
    assert_truth(Spelling("", nodes))


@pytest.mark.parametrize("name", NEAR)
def test_a_near_miss_is_scanned_and_says_what_it_lacks(name: str) -> None:
    spelling, told = NEAR[name]
    loop = loop_of(spelling.text)
    assert loop.kind == "scanned"
    assert loop.reason == f"nearest to {told}"
    case = make_case(spelling.checked, LENGTHS, 0)
    assert kernels(compiled(case), case) == set()


@pytest.mark.parametrize("name", NEAR)
def test_every_near_miss_is_the_truth(name: str) -> None:
    assert_truth(NEAR[name][0])


@pytest.mark.parametrize("name", NEAR)
def test_reasons_speak_of_what_the_user_wrote(name: str) -> None:
    reason = loop_of(NEAR[name][0].text).reason
    assert not re.search(r"\w/\d", reason), reason


def test_sizes_that_are_not_known_yet_do_not_keep_a_cell_from_being_recognised() -> None:
    spelling = SPELLINGS["lstm: the state first in the list"]
    text = spelling.text.replace("features: 3", "features: $features").replace("units: 16", "units: $units")
    (loop,) = schedule(checked_spec(text)).loops
    assert (loop.kind, loop.cell and loop.cell.kind) == ("fused", "lstm")
    (scanned,) = schedule(checked_spec(NEAR["peephole"][0].text.replace("features: 3", "features: $n"))).loops
    assert scanned.kind == "scanned"


def test_an_inner_node_asked_for_is_what_the_cell_lacks() -> None:
    checked = SPELLINGS["lstm: U x + W h"].checked
    (loop,) = schedule(with_outputs(checked, ("g",))).loops
    assert loop.kind == "scanned"
    assert "the output g reads g, which the kernel of an lstm does not return" in loop.reason
    (fused,) = schedule(with_outputs(checked, ("h", "U_i"))).loops
    assert fused.kind == "fused"
    case = make_case(checked, LENGTHS, 0)
    for also in (("g",), ("h", "U_i")):
        assert_same(by_module(case, also=also), by_interpreter(case, also=also))


def test_the_gates_are_in_the_kernels_order_whatever_the_spelling() -> None:
    for name in ("lstm: one product in torch's order", "lstm: one product in another order"):
        cell = loop_of(SPELLINGS[name].text).cell
        assert cell is not None
        order = "ifgo" if "torch" in name else "ogfi"
        rows = [gate.hidden[0].rows for gate in cell.gates]
        assert rows == [(4 * order.index(gate), 4 * order.index(gate) + 4) for gate in "ifgo"]
    negated = loop_of(SPELLINGS["gru: z * n + (1 - z) * h"].text).cell
    assert negated is not None
    assert [gate.hidden[0].negative for gate in negated.gates[:2]] == [False, True]
    assert all(bias.negative for bias in negated.gates[1].biases)
