"""Recognition: cells are fused however they are spelled, near misses are not and say why, and all of them equal the truth."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

import pytest
import torch
from comparing import (
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
from numerics import stepwise
from torch import nn
from torch.profiler import ProfilerActivity, profile

from leporello.builder.schedule import Schedule, Stage, schedule
from leporello.graphs.checks import Checked

KERNELS = {"lstm": "aten::lstm", "gru": "aten::gru", "rnn": "aten::rnn_tanh", "relu": "aten::rnn_relu"}
LENGTHS = {"time": (5, 1, 3)}
WHOLE = {"time": (5, 5, 5)}


@dataclass(frozen=True)
class Spelling:
    """A cell of 4 units over 3 features as somebody might write it, and the kernel that it is."""

    kernel: str
    nodes: str
    outputs: str = "y: h"
    inputs: str = "x: {features: 3}"
    blocks: str = ""

    @property
    def text(self) -> str:
        """The whole spec."""
        blocks = "blocks:\n" + indented(self.blocks) if self.blocks else ""
        return f"spec: 1\ninputs: {{{self.inputs}}}\n{blocks}nodes:\n{indented(self.nodes)}outputs: {{{self.outputs}}}\n"

    @property
    def checked(self) -> Checked:
        """The model."""
        return checked_spec(self.text)


def indented(text: str) -> str:
    """The lines of a section of a spec."""
    return textwrap.indent(textwrap.dedent(text).strip() + "\n", "  ")


def linears(names: str, reads: str, more: str = "") -> str:
    """Linear nodes of four units that read the same."""
    return "".join(f"{name}: {{block: linear, input: {reads}, units: 4{more}}}\n" for name in names.split())


STARTS = "x: {features: 3}, a: {features: 4, axis: none}, b: {features: 4, axis: none}"
GATES = linears("W_i W_f W_g W_o", "[x, h(t-1)]")
SIDES = linears("U_i U_f U_g U_o", "x") + linears("V_i V_f V_g V_o", "h(t-1)", ", bias: false")
CELL = "c: sigmoid(W_f) * c(t-1) + sigmoid(W_i) * tanh(W_g)\nh: sigmoid(W_o) * tanh(c)\n"
SUMS = """
i: sigmoid(U_i + V_i)
f: sigmoid(U_f + V_f)
g: tanh(U_g + V_g)
o: sigmoid(U_o + V_o)
c: f * c(t-1) + i * g
h: o * tanh(c)
"""
SPLIT = "c: sigmoid(s.f) * c(t-1) + sigmoid(s.i) * tanh(s.g)\nh: sigmoid(s.o) * tanh(c)\n"
GRU = linears("W_r W_z", "[x, h(t-1)]") + linears("W_n", "x") + linears("U_n", "h(t-1)")
GRU += "r: sigmoid(W_r)\nz: sigmoid(W_z)\nn: tanh(W_n + r * U_n)\n"
RNN = linears("U", "x") + linears("W", "h(t-1)", ", bias: false")


def product(order: str, inside: str = "[x, h(t-1)]", more: str = "") -> str:
    """All gates as one product, taken apart in some order."""
    return (
        f"P: {{block: linear, input: {inside}, units: 16{more}}}\n"
        f"s: {{block: split, input: P, into: [{', '.join(order)}]}}\n"
    )


MY_GRU = """
my_gru:
  inputs: [x]
  parameters: {units: 16}
  nodes:
    W_r: {block: linear, input: [x, h(t-1)], units: $units}
    W_z: {block: linear, input: [x, h(t-1)], units: $units}
    W_n: {block: linear, input: x, units: $units}
    U_n: {block: linear, input: h(t-1), units: $units}
    n: tanh(W_n + sigmoid(W_r) * U_n)
    h: (1 - sigmoid(W_z)) * n + sigmoid(W_z) * h(t-1)
  outputs: [h]
"""
MY_LSTM = """
my_lstm:
  inputs: [x]
  parameters: {units: 4}
  nodes:
    P: {block: linear, input: [h(t-1), x], units: $units * 4}
    s: {block: split, input: P, into: [o, i, g, f]}
    c: sigmoid(s.f) * c(t-1) + sigmoid(s.i) * tanh(s.g)
    h: sigmoid(s.o) * tanh(c)
  outputs: [h]
"""

SPELLINGS = {
    "lstm: a product for each gate": Spelling("lstm", GATES + CELL),
    "lstm: U x + W h": Spelling("lstm", SIDES + SUMS),
    "lstm: W h + U x": Spelling("lstm", SIDES + re.sub(r"\((U_.) \+ (V_.)\)", r"(\2 + \1)", SUMS)),
    "lstm: one product in torch's order": Spelling("lstm", product("ifgo") + SPLIT),
    "lstm: one product in another order": Spelling("lstm", product("ogfi") + SPLIT),
    "lstm: two products, their sum taken apart": Spelling(
        "lstm",
        "P: {block: linear, input: x, units: 16}\nQ: {block: linear, input: h(t-1), units: 16}\n"
        "s: {block: split, input: P + Q, into: [f, i, o, g]}\n" + SPLIT,
    ),
    "lstm: the state first in the list": Spelling("lstm", product("igfo", "[h(t-1), x]") + SPLIT),
    "lstm: a split in a split": Spelling(
        "lstm",
        "P: {block: linear, input: [x, h(t-1)], units: 16}\np: {block: split, input: P, into: [a, b]}\n"
        "q: {block: split, input: p.a, into: [f, o]}\nr: {block: split, input: p.b, into: [g, i]}\n"
        "c: sigmoid(q.f) * c(t-1) + sigmoid(r.i) * tanh(r.g)\nh: sigmoid(q.o) * tanh(c)\n",
    ),
    "lstm: lists in lists": Spelling("lstm", product("ifgo", "[[x(t-1), x], [h(t-1)]]") + SPLIT),
    "lstm: the state between two inputs": Spelling(
        "lstm",
        linears("W_i W_f W_g W_o", "[x, h(t-1), e]") + CELL,
        inputs="x: {features: 3}, e: {features: 2}",
    ),
    "lstm: no bias": Spelling("lstm", product("ifgo", more=", bias: false") + SPLIT),
    "lstm: a bias on both sides": Spelling("lstm", SIDES.replace(", bias: false", "") + SUMS),
    "lstm: a bias of some gates": Spelling("lstm", GATES.replace("4}", "4, bias: false}", 2) + CELL),
    "lstm: biases as nodes": Spelling(
        "lstm",
        linears("U_i U_f U_g U_o", "x", ", bias: false")
        + linears("V_i V_f V_g V_o", "h(t-1)", ", bias: false")
        + "".join(f"b_{k}: {{block: weight, units: 4}}\n" for k in "ifgo")
        + re.sub(r"\(U_(.) \+ V_.\)", r"(b_\1 + U_\1 + V_\1)", SUMS),
    ),
    "lstm: terms the other way round": Spelling(
        "lstm", GATES + "c: tanh(W_g) * sigmoid(W_i) + c(t-1) * sigmoid(W_f)\nh: tanh(c) * sigmoid(W_o)\n"
    ),
    "lstm: other names": Spelling(
        "lstm",
        linears("write keep content show", "[x, shown(t-1)]")
        + "memory: sigmoid(keep) * memory(t-1) + sigmoid(write) * tanh(content)\nshown: sigmoid(show) * tanh(memory)\n",
        "y: shown",
    ),
    "lstm: names for every step of the way": Spelling(
        "lstm",
        GATES.replace("h(t-1)", "before")
        + "before: h(t-1)\ni: sigmoid(W_i)\nf: sigmoid(W_f)\ng: tanh(W_g)\no: sigmoid(W_o)\nkept: f * c(t-1)\n"
        + "new: g * i\nc: new + kept\nsquashed: tanh(c)\nh: squashed * o\n",
    ),
    "lstm: c written after h": Spelling("lstm", "h: sigmoid(W_o) * tanh(c)\n" + GATES + CELL.splitlines()[0]),
    "lstm: a user's block": Spelling("lstm", "h: {block: my_lstm, x: x}", blocks=MY_LSTM),
    "lstm: a user's block, both ways, two layers": Spelling(
        "lstm", "h: {block: my_lstm, x: x, units: 4, direction: both, layers: 2}", blocks=MY_LSTM
    ),
    "lstm: backward": Spelling("lstm", (GATES + CELL).replace("t-1", "t+1")),
    "lstm: started": Spelling(
        "lstm",
        GATES
        + "c: {value: sigmoid(W_f) * c(t-1) + sigmoid(W_i) * tanh(W_g), initial: a}\n"
        + "h: {value: sigmoid(W_o) * tanh(c), initial: b}\n",
        inputs=STARTS,
    ),
    "lstm: learned starts": Spelling(
        "lstm",
        GATES
        + "c: {value: sigmoid(W_f) * c(t-1) + sigmoid(W_i) * tanh(W_g), initial: learned}\n"
        + "h: {value: sigmoid(W_o) * tanh(c), initial: 0.5}\n",
    ),
    "lstm: backward and started": Spelling(
        "lstm",
        (
            GATES
            + "c: {value: sigmoid(W_f) * c(t-1) + sigmoid(W_i) * tanh(W_g), initial: a}\n"
            + "h: {value: sigmoid(W_o) * tanh(c), initial: learned}\n"
        ).replace("t-1", "t+1"),
        inputs=STARTS,
    ),
    "lstm: projection": Spelling(
        "lstm",
        linears("W_i W_f W_g W_o", "[x, h(t-1)]")
        + CELL.replace("h: ", "m: ")
        + "h: {block: linear, input: m, units: 2, bias: false}\n",
    ),
    "lstm: c where it ends": Spelling("lstm", GATES + CELL, "y: h, end: c(last)"),
    "lstm: a gate's part of x is read elsewhere": Spelling("lstm", SIDES + SUMS + "z: tanh(U_i)\n", "y: h, z: z"),
    "lstm: shared weights": Spelling(
        "lstm", GATES.replace("W_o: {block: linear, input: [x, h(t-1)]", "W_o: {block: linear, share: W_i, input: [x, h(t-1)]") + CELL
    ),
    "lstm: x late and something static": Spelling(
        "lstm",
        linears("W_i W_f W_g W_o", "[x(t-2), h(t-1), s, x(last)]") + CELL,
        inputs="x: {features: 3}, s: {features: 2, axis: none}",
    ),
    "gru: (1 - z) * n + z * h": Spelling("gru", GRU + "h: (1 - z) * n + z * h(t-1)"),
    "gru: z * h + (1 - z) * n": Spelling("gru", GRU + "h: h(t-1) * z + n * (1 - z)"),
    "gru: n + z * (h - n)": Spelling("gru", GRU + "h: n + z * (h(t-1) - n)"),
    "gru: (h - n) * z + n": Spelling("gru", GRU + "h: (h(t-1) - n) * z + n"),
    "gru: z * n + (1 - z) * h": Spelling("gru", GRU + "h: z * n + (1 - z) * h(t-1)"),
    "gru: (1 - z) * h + z * n": Spelling("gru", GRU + "h: (1 - z) * h(t-1) + z * n"),
    "gru: h + z * (n - h)": Spelling("gru", GRU + "h: h(t-1) + z * (n - h(t-1))"),
    "gru: the reset on the right": Spelling("gru", GRU.replace("W_n + r * U_n", "U_n * r + W_n") + "h: (1 - z) * n + z * h(t-1)"),
    "gru: each gate written twice": Spelling("gru", "h: {block: my_gru, x: x, units: 4}", blocks=MY_GRU),
    "gru: each gate written twice, backward": Spelling(
        "gru", "h: {block: my_gru, x: x, units: 4, direction: backward, initial: learned}", blocks=MY_GRU
    ),
    "gru: no bias": Spelling("gru", GRU.replace("units: 4", "units: 4, bias: false") + "h: (1 - z) * n + z * h(t-1)"),
    "gru: a bias inside the reset only": Spelling(
        "gru",
        GRU.replace("units: 4", "units: 4, bias: false", 3) + "h: (1 - z) * n + z * h(t-1)",
    ),
    "gru: bias nodes inside and outside of the reset": Spelling(
        "gru",
        GRU.replace("units: 4", "units: 4, bias: false").replace("W_n + r * U_n", "W_n + r * (U_n + inner) + outer")
        + "inner: {block: weight, units: 4}\nouter: {block: weight, units: 4}\nh: (1 - z) * n + z * h(t-1)",
    ),
    "gru: one product of x, one of h": Spelling(
        "gru",
        "P: {block: linear, input: x, units: 12}\nQ: {block: linear, input: h(t-1), units: 12}\n"
        "p: {block: split, input: P, into: [z, n, r]}\nq: {block: split, input: Q, into: [z, n, r]}\n"
        "z: sigmoid(p.z + q.z)\nn: tanh(p.n + sigmoid(p.r + q.r) * q.n)\nh: (1 - z) * n + z * h(t-1)",
    ),
    "gru: the negated gate, backward, started": Spelling(
        "gru",
        (GRU + "h: {value: z * n + (1 - z) * h(t-1), initial: a}").replace("t-1", "t+1"),
        inputs=STARTS,
    ),
    "rnn: U x + W h": Spelling("rnn", RNN + "h: tanh(U + W)"),
    "rnn: W h + b + U x": Spelling("rnn", RNN + "b: {block: weight, units: 4}\nh: {value: tanh(W + b + U), initial: learned}"),
    "rnn: one product": Spelling("rnn", linears("W", "[h(t-1), x]") + "h: tanh(W)"),
    "rnn: relu": Spelling("relu", RNN + "h: relu(U + W)"),
    "rnn: relu backward, two inputs": Spelling(
        "relu", (RNN + linears("V", "e") + "h: relu(U + W + V)").replace("t-1", "t+1"), inputs="x: {features: 3}, e: {features: 2}"
    ),
}


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
        {name: part(value) if value.dim() == 3 else value for name, value in inputs.items()}
        for part in (lambda v: v[:, :2], lambda v: v[:, 2:])
    )
    begun, state = module.run(**first)
    rest, _ = module.run(**second, state=state)
    return {name: torch.cat([begun[name], rest[name]], 1) for name in begun}


def by_steps(module: nn.Module, inputs: Tensors) -> Tensors:
    """Outputs of step after step."""
    static = {name: value for name, value in inputs.items() if value.dim() == 2}
    batch = next(iter(inputs.values())).shape[0]
    moving = {name: value for name, value in inputs.items() if value.dim() == 3}
    return stepwise(module, moving, module.start(batch=batch, **static))[0]


def assert_truth(spelling: Spelling) -> None:
    """Whole, padded with NaN, cut in pieces and step by step, the module equals the interpreter: values and gradients."""
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
        "P.weight": torch.cat([torch.cat([case.weights[f"{side}_{gate}.weight"] for side in "UV"], 1) for gate in "ogfi"]),
        "P.bias": torch.cat([case.weights[f"U_{gate}.bias"] for gate in "ogfi"]),
    }
    other = Case(whole.checked, case.inputs, weights, case.lengths)
    assert not differences(by_module(case).outputs, by_module(other).outputs)


def test_gates_that_share_their_weights_get_the_sum_of_both_gradients() -> None:
    spelling = SPELLINGS["lstm: shared weights"]
    case = make_case(spelling.checked, LENGTHS, 3)
    assert set(by_module(case).gradients) == {"x", *(f"W_{k}.{w}" for k in "ifg" for w in ("weight", "bias"))}


PEEPHOLE = GATES.replace("W_f: {block: linear, input: [x, h(t-1)]", "W_f: {block: linear, input: [x, h(t-1), c(t-1)]") + CELL
NEAR = {
    "peephole": (Spelling("", PEEPHOLE), r"nearly an lstm: W_f reads c\(t-1\), which is part of the loop"),
    "delay of two": (Spelling("", (GATES + CELL).replace("h(t-1)", "h(t-2)")), "a delay of 2 steps, where kernels have one"),
    "delay of two in c": (Spelling("", (GATES + CELL).replace("c(t-1)", "c(t-2)")), "a delay of 2 steps"),
    "gate as output": (Spelling("", SIDES + SUMS, "y: h, forget: f"), "nearly an lstm: forget reads f, which a kernel does not return"),
    "c as output": (
        Spelling("", GATES + CELL, "y: h, cell: c"),
        "nearly an lstm: cell reads c at every step, which a kernel does not return",
    ),
    "c read late": (Spelling("", GATES + CELL + "k: c(t-1)\n", "y: h, k: k"), r"nearly an lstm: k reads c\(t-1\)"),
    "first c": (Spelling("", GATES + CELL, "y: h, cell: c(first)"), r"nearly an lstm: cell\S* reads c\(first\)"),
    "relu in place of tanh": (
        Spelling("", GATES + CELL.replace("tanh(W_g)", "relu(W_g)")),
        "nearly an lstm: a part of c is no product of a sigmoid and a tanh",
    ),
    "relu in place of the output's tanh": (
        Spelling("", GATES + CELL.replace("tanh(c)", "relu(c)")),
        "two states, but not the equations of an lstm",
    ),
    "dropout in the loop": (
        Spelling("", GATES.replace("h(t-1)", "d") + "d: {block: dropout, input: h(t-1), rate: 0.5}\n" + CELL),
        "nearly an lstm: W_[ifgo] reads d, which is part of the loop",
    ),
    "a second reader in the loop": (
        Spelling(
            "",
            GATES.replace("W_g: {block: linear, input: [x, h(t-1)]", "W_g: {block: linear, input: [x, h(t-1), n]")
            + CELL
            + "n: {block: layer_norm, input: h(t-1)}\n",
        ),
        "nearly an lstm: W_g reads n, which is part of the loop",
    ),
    "a third state": (
        Spelling(
            "",
            GATES.replace("[x, h(t-1)]", "[x, a(t-1)]") + linears("V", "h") + CELL + "a: tanh(V) + h(t-1)\n",
            "y: a",
        ),
        r"3 states \(.*\), where kernels have one or two",
    ),
    "coupled gates": (
        Spelling("", GATES + CELL.replace("sigmoid(W_i)", "(1 - sigmoid(W_f))")),
        "nearly an lstm: a part of c is no product of a sigmoid and a tanh",
    ),
    "a projection with a bias": (
        Spelling("", GATES + CELL.replace("h: ", "m: ") + "h: {block: linear, input: m, units: 2}\n"),
        "two states, but not the equations of an lstm",
    ),
    "a gate for all units": (
        Spelling("", GATES.replace("[x, h(t-1)], units: 4", "[x, h(t-1)], units: 1", 1) + CELL),
        "nearly an lstm: a part of c has the size 1 and serves for all of 4",
    ),
    "a forget gate for all units": (
        Spelling("", GATES.replace("W_f: {block: linear, input: [x, h(t-1)], units: 4", "W_f: {block: linear, input: [x, h(t-1)], units: 1") + CELL),
        "nearly an lstm: a part of c has the size 1 and serves for all of 4",
    ),
    "gru, reset before": (
        Spelling("", GRU.replace("W_n + r * U_n", "W_n + V_n") + "V_n: {block: linear, input: r * h(t-1), units: 4}\nh: (1 - z) * n + z * h(t-1)"),
        r"nearly a gru: .*r \* \(U h\(t-1\)\).*reset before the product",
    ),
    "gru, reset over all": (
        Spelling("", GRU.replace("W_n + r * U_n", "r * (W_n + U_n)") + "h: (1 - z) * n + z * h(t-1)"),
        "nearly a gru: the reset gate must multiply the product of the state, and nothing else",
    ),
    "gru, two gates": (
        Spelling("", GRU + linears("W_q", "[x, h(t-1)]") + "q: sigmoid(W_q)\nh: (1 - z) * n + q * h(t-1)"),
        r"h does not mix a candidate and h\(t-1\)",
    ),
    "gru, a bias of the reset for all units": (
        Spelling(
            "",
            GRU.replace("W_n + r * U_n", "W_n + r * (U_n + b)") + "b: {block: weight, units: 1}\nh: (1 - z) * n + z * h(t-1)",
        ),
        "nearly a gru: b has the size 1 and serves for all of 4",
    ),
    "gru, a gate as output": (
        Spelling("", GRU + "h: (1 - z) * n + z * h(t-1)", "y: h, z: z"),
        "nearly a gru: z reads z, which a kernel does not return",
    ),
    "gru, relu": (
        Spelling("", GRU.replace("tanh(", "relu(") + "h: (1 - z) * n + z * h(t-1)"),
        "nearly a gru: n is no tanh",
    ),
    "gru, twice the old state": (Spelling("", GRU + "h: (1 - z) * n + z * h(t-1) * 2"), "a loop that no kernel computes"),
    "gru, 2 - z": (Spelling("", GRU + "h: (2 - z) * n + z * h(t-1)"), "h does not mix a candidate"),
    "layer norm inside": (
        Spelling("", linears("U", "x") + linears("V", "h(t-1)") + "W: {block: layer_norm, input: V}\nh: tanh(U + W)"),
        "nearly a simple recurrent layer: W, a layer_norm, is added where only products with weights are",
    ),
    "h(t-1) without a weight": (
        Spelling("", linears("U", "x") + "h: tanh(U + h(t-1))"),
        r"nearly a simple recurrent layer: h\(t-1\) is added without a weight",
    ),
    "x without a weight": (
        Spelling("", linears("W", "h(t-1)") + "h: tanh(x + W)", inputs="x: {features: 4}"),
        "nearly a simple recurrent layer: x, an input, is added",
    ),
    "a number in the sum": (
        Spelling("", RNN + "h: tanh(U + W + 1)"),
        "nearly a simple recurrent layer: a part of h, a number, is added",
    ),
    "a difference": (Spelling("", RNN + "h: tanh(U - W)"), "nearly a simple recurrent layer: a part of h, a subtract, is added"),
    "a weight over another state": (
        Spelling("", GATES.replace("W_i: {block: linear, input: [x, h(t-1)]", "W_i: {block: linear, input: [x, c(t-1)]") + CELL),
        r"nearly an lstm: W_i reads c\(t-1\), which is part of the loop",
    ),
    "the step's own value": (
        Spelling("", GATES.replace("W_o: {block: linear, input: [x, h(t-1)]", "W_o: {block: linear, input: [x, c]") + CELL),
        "nearly an lstm: W_o reads c, which is part of the loop",
    ),
    "a bias for all units": (
        Spelling("", RNN + "b: {block: weight, units: 1}\nh: tanh(U + W + b)"),
        "nearly a simple recurrent layer: b has the size 1 and serves for all of 4",
    ),
    "a recurrent product for all units": (
        Spelling("", RNN.replace("h(t-1), units: 4", "h(t-1), units: 1") + "h: tanh(U + W)"),
        "nearly a simple recurrent layer: W has the size 1 and serves for all of 4",
    ),
    "half of the state": (
        Spelling(
            "",
            "p: {block: split, input: h, into: [one, two]}\n" + linears("U", "x") + linears("W", "p.one(t-1)") + "h: tanh(U + W)",
        ),
        "a loop that no kernel computes|nearly",
    ),
    "nothing from outside": (
        Spelling("", "W: {block: linear, input: h(t-1), units: 4}\nh: {value: tanh(W), axis: time, initial: learned}\nz: h + x", "y: z", "x: {features: 4}"),
        "nearly a simple recurrent layer: it reads nothing from outside",
    ),
    "another function": (Spelling("", RNN + "h: sigmoid(U + W)"), "h is no tanh, relu or gated sum"),
}


@pytest.mark.parametrize("name", NEAR)
def test_a_near_miss_is_scanned_and_says_what_it_lacks(name: str) -> None:
    spelling, told = NEAR[name]
    loop = loop_of(spelling.text)
    assert loop.kind == "scanned"
    assert re.search(told, loop.reason), loop.reason
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
    (loop,) = schedule(checked, also=("g",)).loops
    assert loop.kind == "scanned"
    assert "g reads g, which a kernel does not return" in loop.reason
    (fused,) = schedule(checked, also=("h", "U_i")).loops
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
