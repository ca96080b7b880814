"""Recurrent cells that are nearly what a kernel computes, each with what it lacks."""

from __future__ import annotations

from tests.support.spellings import CELL, GATES, GRU, RNN, SIDES, SUMS, Spelling, linears

PEEPHOLE = (
    GATES.replace("W_f: {block: linear, input: [x, h(t-1)]", "W_f: {block: linear, input: [x, h(t-1), c(t-1)]") + CELL
)
NEAR = {
    "peephole": (Spelling("", PEEPHOLE), r"nearly an lstm: W_f reads c\(t-1\), which is part of the loop"),
    "delay of two": (
        Spelling("", (GATES + CELL).replace("h(t-1)", "h(t-2)")),
        "kernels have a delay of one step",
    ),
    "delay of two in c": (Spelling("", (GATES + CELL).replace("c(t-1)", "c(t-2)")), "kernels have a delay of one step"),
    "gate as output": (
        Spelling("", SIDES + SUMS, "y: h, forget: f"),
        "nearly an lstm: forget reads f, which a kernel does not return",
    ),
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
        Spelling(
            "",
            GATES.replace(
                "W_f: {block: linear, input: [x, h(t-1)], units: 4", "W_f: {block: linear, input: [x, h(t-1)], units: 1"
            )
            + CELL,
        ),
        "nearly an lstm: a part of c has the size 1 and serves for all of 4",
    ),
    "gru, reset before": (
        Spelling(
            "",
            GRU.replace("W_n + r * U_n", "W_n + V_n")
            + "V_n: {block: linear, input: r * h(t-1), units: 4}\nh: (1 - z) * n + z * h(t-1)",
        ),
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
            GRU.replace("W_n + r * U_n", "W_n + r * (U_n + b)")
            + "b: {block: weight, units: 1}\nh: (1 - z) * n + z * h(t-1)",
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
    "gru, twice the old state": (
        Spelling("", GRU + "h: (1 - z) * n + z * h(t-1) * 2"),
        "a loop that no kernel computes",
    ),
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
    "a difference": (
        Spelling("", RNN + "h: tanh(U - W)"),
        "nearly a simple recurrent layer: a part of h, a subtract, is added",
    ),
    "a weight over another state": (
        Spelling(
            "",
            GATES.replace("W_i: {block: linear, input: [x, h(t-1)]", "W_i: {block: linear, input: [x, c(t-1)]") + CELL,
        ),
        r"nearly an lstm: W_i reads c\(t-1\), which is part of the loop",
    ),
    "the step's own value": (
        Spelling(
            "", GATES.replace("W_o: {block: linear, input: [x, h(t-1)]", "W_o: {block: linear, input: [x, c]") + CELL
        ),
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
            "p: {block: split, input: h, into: [one, two]}\n"
            + linears("U", "x")
            + linears("W", "p.one(t-1)")
            + "h: tanh(U + W)",
        ),
        "a loop that no kernel computes|nearly",
    ),
    "nothing from outside": (
        Spelling(
            "",
            "W: {block: linear, input: h(t-1), units: 4}\nh: {value: tanh(W), axis: time, initial: learned}\nz: h + x",
            "y: z",
            "x: {features: 4}",
        ),
        "nearly a simple recurrent layer: it reads nothing from outside",
    ),
    "another function": (Spelling("", RNN + "h: sigmoid(U + W)"), "h is no tanh, relu or gated sum"),
}
