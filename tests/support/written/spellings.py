"""Recurrent cells in many spellings, each with the kernel that it is."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

from leporello.graphs.analysis.checks import Checked
from tests.support.comparing import (
    checked_spec,
)


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
        return (
            f"spec: 1\ninputs: {{{self.inputs}}}\n{blocks}nodes:\n{indented(self.nodes)}outputs: {{{self.outputs}}}\n"
        )

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
        "lstm",
        GATES.replace("W_o: {block: linear, input: [x, h(t-1)]", "W_o: {block: linear, share: W_i, input: [x, h(t-1)]")
        + CELL,
    ),
    "lstm: x late and something static": Spelling(
        "lstm",
        linears("W_i W_f W_g W_o", "[x(t-2), h(t-1), s, x(last)]") + CELL,
        inputs="x: {features: 3}, s: {features: 2, axis: none}",
    ),
    "lstm: gates that each read something else": Spelling(
        "lstm",
        linears("W_i", "[x, e, h(t-1)]")
        + linears("W_f", "[h(t-1), x(t-1), x]")
        + linears("W_g", "[e, h(t-1)]")
        + linears("W_o", "h(t-1)")
        + CELL,
        inputs="x: {features: 3}, e: {features: 2}",
    ),
    "lstm: a forget gate that is learned and the same at all steps, written before it": Spelling(
        "lstm",
        CELL.replace("W_f", "b") + linears("W_i W_g W_o", "[x, b, h(t-1)]") + "b: {block: weight, units: 4}\n",
    ),
    "gru: (1 - z) * n + z * h": Spelling("gru", GRU + "h: (1 - z) * n + z * h(t-1)"),
    "gru: z * h + (1 - z) * n": Spelling("gru", GRU + "h: h(t-1) * z + n * (1 - z)"),
    "gru: n + z * (h - n)": Spelling("gru", GRU + "h: n + z * (h(t-1) - n)"),
    "gru: (h - n) * z + n": Spelling("gru", GRU + "h: (h(t-1) - n) * z + n"),
    "gru: z * n + (1 - z) * h": Spelling("gru", GRU + "h: z * n + (1 - z) * h(t-1)"),
    "gru: (1 - z) * h + z * n": Spelling("gru", GRU + "h: (1 - z) * h(t-1) + z * n"),
    "gru: h + z * (n - h)": Spelling("gru", GRU + "h: h(t-1) + z * (n - h(t-1))"),
    "gru: the reset on the right": Spelling(
        "gru", GRU.replace("W_n + r * U_n", "U_n * r + W_n") + "h: (1 - z) * n + z * h(t-1)"
    ),
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
    "rnn: W h + b + U x": Spelling(
        "rnn", RNN + "b: {block: weight, units: 4}\nh: {value: tanh(W + b + U), initial: learned}"
    ),
    "rnn: a sum's linear is read by another": Spelling(
        "rnn", linears("e", "x") + linears("V", "e") + linears("W", "h(t-1)", ", bias: false") + "h: tanh(e + V + W)"
    ),
    "rnn: a sum's linear weighed too": Spelling(
        "rnn", linears("U", "x") + linears("W", "[U, h(t-1)]") + "h: {value: tanh(U + W), initial: learned}"
    ),
    "rnn: a sum's linear weighed a step late": Spelling(
        "rnn", linears("U", "x") + linears("W", "[h(t-1), U(t-1)]") + "h: tanh(U + W)"
    ),
    "rnn: a sum's linear weighed now and late": Spelling(
        "rnn", linears("U", "x") + linears("W", "[U, h(t-1), U(t-1)]") + "h: tanh(U + W)"
    ),
    "rnn: a sum's linear weighed where it ends": Spelling(
        "rnn", linears("U", "x") + linears("W", "[U(last), h(t-1)]") + "h: tanh(U + W)"
    ),
    "rnn: a bias weighed too": Spelling(
        "rnn", "b: {block: weight, units: 4}\n" + linears("W", "[x, b, h(t-1)]", ", bias: false") + "h: tanh(b + W)"
    ),
    "rnn: a bias as start": Spelling(
        "rnn", "b: {block: weight, units: 4}\n" + linears("W", "[x, h(t-1)]") + "h: {value: tanh(b + W), initial: b}"
    ),
    "rnn: a sum's linear as start": Spelling("rnn", RNN + "h: {value: tanh(U + W), initial: U(first)}"),
    "rnn: something static as part and as start": Spelling(
        "rnn",
        linears("s", "a") + linears("W", "[x, h(t-1)]") + "h: {value: tanh(s + W), initial: s}",
        inputs="x: {features: 3}, a: {features: 4, axis: none}",
    ),
    "lstm: a gate's linear read by another gate": Spelling(
        "lstm",
        SIDES.replace("V_g: {block: linear, input: h(t-1)", "V_g: {block: linear, input: [U_o(t-1), h(t-1)]") + SUMS,
    ),
    "lstm: a bias as start of both states": Spelling(
        "lstm",
        "b: {block: weight, units: 4}\n"
        + SIDES
        + SUMS.replace("U_g + V_g", "U_g + V_g + b").replace(
            "c: f * c(t-1) + i * g", "c: {value: f * c(t-1) + i * g, initial: b}"
        ),
    ),
    "gru: the candidate's linear in a gate": Spelling(
        "gru",
        GRU.replace("W_z: {block: linear, input: [x, h", "W_z: {block: linear, input: [W_n, h")
        + "h: n + z * (h(t-1) - n)",
    ),
    "rnn: a source scaled by one number": Spelling(
        "rnn", "e: x * k\n" + linears("W", "[e, h(t-1)]") + "h: tanh(W)", inputs="x: {features: 3}, k: {features: 1}"
    ),
    "rnn: one product": Spelling("rnn", linears("W", "[h(t-1), x]") + "h: tanh(W)"),
    "rnn: relu": Spelling("relu", RNN + "h: relu(U + W)"),
    "rnn: relu backward, two inputs": Spelling(
        "relu",
        (RNN + linears("V", "e") + "h: relu(U + W + V)").replace("t-1", "t+1"),
        inputs="x: {features: 3}, e: {features: 2}",
    ),
}
