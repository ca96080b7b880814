"""Recurrent cells that are nearly what a kernel computes, each with what it lacks."""

from __future__ import annotations

from tests.support.written.spellings import CELL, GATES, GRU, RNN, SIDES, SUMS, Spelling, linears

PEEPHOLE = (
    GATES.replace("W_f: {block: linear, input: [x, h(t-1)]", "W_f: {block: linear, input: [x, h(t-1), c(t-1)]") + CELL
)
NEAR = {
    "no output gate": (
        Spelling("", GATES + CELL.replace("sigmoid(W_o) * ", "")),
        "an lstm: the output gate is missing: h is tanh(c), where an lstm has o * tanh(c)",
    ),
    "no input gate": (
        Spelling("", GATES + CELL.replace("sigmoid(W_i) * ", "")),
        "an lstm: the input gate is missing: c has tanh(W_g), where an lstm has i * tanh(W_g)",
    ),
    "no forget gate": (
        Spelling("", GATES + CELL.replace("sigmoid(W_f) * ", "")),
        "an lstm: the forget gate is missing: c has c(t-1), where an lstm has f * c(t-1)",
    ),
    "no forgetting": (
        Spelling("", SIDES + SUMS.replace("f * c(t-1) + ", "")),
        "an lstm: f * c(t-1) is missing: c is i * g, where an lstm has f * c(t-1) + i * g",
    ),
    "no old cell state": (
        Spelling("", SIDES + SUMS.replace("f * c(t-1)", "f")),
        "an lstm: c(t-1) is missing: c has f, where an lstm has f * c(t-1)",
    ),
    "no tanh of the cell state": (
        Spelling("", GATES + CELL.replace("tanh(c)", "c")),
        "an lstm: the squashed cell state differs: h has c, where an lstm has tanh(c)",
    ),
    "a third term in the cell state": (
        Spelling("", SIDES + SUMS.replace("i * g", "i * g + x"), inputs="x: {features: 4}"),
        "an lstm: x is too much: c is f * c(t-1) + i * g + x, where an lstm has f * c(t-1) + i * g",
    ),
    "a gate twice": (
        Spelling("", SIDES + SUMS.replace("i * g", "i * g * i")),
        "an lstm: i is too much: c has i * g * i, where an lstm has i * g",
    ),
    "names of one's own": (
        Spelling(
            "",
            linears("write keep content o", "[x, shown(t-1)]")
            + "memory: sigmoid(keep) * memory(t-1) + sigmoid(write) * tanh(content)\nshown: tanh(memory)\n"
            + "n: {block: linear, input: shown, units: 4}\n",
            "y: n, o: o",
        ),
        "an lstm: the output gate is missing: shown is tanh(memory), where an lstm has sigmoid(...) * tanh(memory)",
    ),
    "a sum for a product": (
        Spelling("", GATES + CELL.replace("sigmoid(W_o) *", "sigmoid(W_o) +")),
        "an lstm: h is sigmoid(W_o) + tanh(c), where an lstm has sigmoid(W_o) * tanh(c)",
    ),
    "gru, a product for a sum": (
        Spelling("", GRU + "h: {value: (1 - z) * n * (z * h(t-1)), initial: learned}"),
        "a gru: h is (1 - z) * n * (z * h(t-1)), where a gru has (1 - z) * n + z * h(t-1)",
    ),
    "gru, names of nodes": (
        Spelling("", GRU + "kept: h(t-1)\nnew: (1 - z) * n\nh: new + kept"),
        "a gru: the update gate is missing: kept is h(t-1), where a gru has z * h(t-1)",
    ),
    "gru, a gate by tanh": (
        Spelling("", GRU.replace("sigmoid(W_r)", "tanh(W_r)") + "h: n + z * (h(t-1) - n)"),
        "a gru: the reset gate differs: r is tanh(W_r), where a gru has sigmoid(W_r)",
    ),
    "gru, no reset gate": (
        Spelling("", GRU.replace("r * U_n", "U_n") + "h: (1 - z) * n + z * h(t-1)"),
        "a gru: the reset gate is missing: n has U_n, where a gru has r * U_n",
    ),
    "gru, no state in the candidate": (
        Spelling("", GRU.replace("W_n + r * U_n", "W_n") + "h: (1 - z) * n + z * h(t-1)"),
        "a gru: r * linear(h(t-1)) is missing: n has W_n, where a gru has W_n + r * linear(h(t-1))",
    ),
    "gru, the new state whole": (
        Spelling("", GRU + "h: n + z * h(t-1)"),
        "a gru: 1 - z is missing: h has n, where a gru has (1 - z) * n",
    ),
    "gru, the old state whole": (
        Spelling("", GRU + "h: (1 - z) * n + h(t-1)"),
        "a gru: the update gate is missing: h has h(t-1), where a gru has z * h(t-1)",
    ),
    "gru, no new state": (
        Spelling("", GRU + "h: {value: z * h(t-1), initial: learned}"),
        "a gru: (1 - z) * n is missing: h is z * h(t-1), where a gru has (1 - z) * n + z * h(t-1)",
    ),
    "gru, a second candidate": (
        Spelling("", GRU + "h: n + z * (h(t-1) - r)"),
        "a gru: h has r, where a gru has n again",
    ),
    "gru, a state beside the reset": (
        Spelling("", GRU.replace("W_n + r", "U_n + W_n + r") + "h: (1 - z) * n + z * h(t-1)"),
        "a gru: U_n reads h(t-1) beside what the reset gate multiplies, where a gru weighs it in there only",
    ),
    "gru, another delay of the old state": (
        Spelling("", GRU + "h: (1 - z) * n + z * h(t-2)"),
        "a gru: h reads h(t-2), where a gru reads h(t-1)",
    ),
    "one addend more": (
        Spelling("", RNN + "h: tanh(U + W + sin(U))"),
        "an rnn: h adds sin(U), where an rnn adds products with weights only",
    ),
    "no function": (Spelling("", RNN + "h: U + W"), "an rnn: h is U + W, where an rnn has tanh(U + W)"),
    "more than one thing": (
        Spelling("", GATES + CELL.replace("tanh(W_g)", "relu(W_g)").replace("sigmoid(W_o) * ", ""), "y: h, cell: c"),
        "an lstm: the output gate is missing: h is tanh(c), "
        "where an lstm has o * tanh(c); "
        "the candidate differs: c has relu(W_g), "
        "where an lstm has tanh(W_g); "
        "the output cell reads c at every step, which the kernel of an lstm does not return",
    ),
    "peephole": (
        Spelling("", PEEPHOLE),
        "an lstm: W_f reads c(t-1), where an lstm reads h(t-1) and nothing else of the loop",
    ),
    "delay of two": (
        Spelling("", (GATES + CELL).replace("h(t-1)", "h(t-2)")),
        "an lstm: W_i, W_f, W_g and W_o read h(t-2), where an lstm reads h(t-1)",
    ),
    "delay of two in c": (
        Spelling("", (GATES + CELL).replace("c(t-1)", "c(t-2)")),
        "an lstm: c reads c(t-2), where an lstm reads c(t-1)",
    ),
    "gate as output": (
        Spelling("", SIDES + SUMS, "y: h, forget: f"),
        "an lstm: the output forget reads f, which the kernel of an lstm does not return",
    ),
    "c as output": (
        Spelling("", GATES + CELL, "y: h, cell: c"),
        "an lstm: the output cell reads c at every step, which the kernel of an lstm does not return",
    ),
    "c read late": (
        Spelling("", GATES + CELL + "k: c(t-1)\n", "y: h, k: k"),
        "an lstm: k reads c(t-1), which the kernel of an lstm does not return",
    ),
    "first c": (
        Spelling("", GATES + CELL, "y: h, cell: c(first)"),
        "an lstm: cell reads c(first), which the kernel of an lstm does not return",
    ),
    "relu in place of tanh": (
        Spelling("", GATES + CELL.replace("tanh(W_g)", "relu(W_g)")),
        "an lstm: the candidate differs: c has relu(W_g), where an lstm has tanh(W_g)",
    ),
    "relu in place of the output's tanh": (
        Spelling("", GATES + CELL.replace("tanh(c)", "relu(c)")),
        "an lstm: the squashed cell state differs: h has relu(c), where an lstm has tanh(c)",
    ),
    "dropout in the loop": (
        Spelling("", GATES.replace("h(t-1)", "d") + "d: {block: dropout, input: h(t-1), rate: 0.5}\n" + CELL),
        "an lstm: W_i, W_f, W_g and W_o read d, where an lstm reads h(t-1) and nothing else of the loop",
    ),
    "a second reader in the loop": (
        Spelling(
            "",
            GATES.replace("W_g: {block: linear, input: [x, h(t-1)]", "W_g: {block: linear, input: [x, h(t-1), n]")
            + CELL
            + "n: {block: layer_norm, input: h(t-1)}\n",
        ),
        "an lstm: W_g reads n, where an lstm reads h(t-1) and nothing else of the loop",
    ),
    "a third state": (
        Spelling(
            "",
            GATES.replace("[x, h(t-1)]", "[x, a(t-1)]") + linears("V", "h") + CELL + "a: tanh(V) + h(t-1)\n",
            "y: a",
        ),
        "an lstm: W_i, W_f, W_g and W_o read a(t-1), where an lstm reads h(t-1) and nothing else of the loop",
    ),
    "coupled gates": (
        Spelling("", GATES + CELL.replace("sigmoid(W_i)", "(1 - sigmoid(W_f))")),
        "an lstm: the input gate differs: c has 1 - sigmoid(W_f), where an lstm has sigmoid(...)",
    ),
    "a projection with a bias": (
        Spelling("", GATES + CELL.replace("h: ", "m: ") + "h: {block: linear, input: m, units: 2}\n"),
        "an lstm: h, a projection, has a bias, where an lstm has none there",
    ),
    "a gate for all units": (
        Spelling("", GATES.replace("[x, h(t-1)], units: 4", "[x, h(t-1)], units: 1", 1) + CELL),
        "an lstm: sigmoid(W_i), in c, has the size 1 and serves for all of 4, where an lstm has one for each unit",
    ),
    "a forget gate for all units": (
        Spelling(
            "",
            GATES.replace(
                "W_f: {block: linear, input: [x, h(t-1)], units: 4", "W_f: {block: linear, input: [x, h(t-1)], units: 1"
            )
            + CELL,
        ),
        "an lstm: sigmoid(W_f), in c, has the size 1 and serves for all of 4, where an lstm has one for each unit",
    ),
    "gru, reset before": (
        Spelling(
            "",
            GRU.replace("W_n + r * U_n", "W_n + V_n")
            + "V_n: {block: linear, input: r * h(t-1), units: 4}\nh: (1 - z) * n + z * h(t-1)",
        ),
        "a gru: V_n weighs r * h(t-1), where a gru has r * linear(h(t-1)), the gate after the product",
    ),
    "gru, reset over all": (
        Spelling("", GRU.replace("W_n + r * U_n", "r * (W_n + U_n)") + "h: (1 - z) * n + z * h(t-1)"),
        "a gru: W_n reads x in what the reset gate multiplies, where a gru weighs h(t-1) only",
    ),
    "gru, two gates": (
        Spelling("", GRU + linears("W_q", "[x, h(t-1)]") + "q: sigmoid(W_q)\nh: (1 - z) * n + q * h(t-1)"),
        "a gru: h has q, where a gru has z again",
    ),
    "gru, a bias of the reset for all units": (
        Spelling(
            "",
            GRU.replace("W_n + r * U_n", "W_n + r * (U_n + b)")
            + "b: {block: weight, units: 1}\nh: (1 - z) * n + z * h(t-1)",
        ),
        "a gru: b, in n, has the size 1 and serves for all of 4, where a gru has one for each unit",
    ),
    "gru, a gate as output": (
        Spelling("", GRU + "h: (1 - z) * n + z * h(t-1)", "y: h, z: z"),
        "a gru: the output z reads z, which the kernel of a gru does not return",
    ),
    "gru, relu": (
        Spelling("", GRU.replace("tanh(", "relu(") + "h: (1 - z) * n + z * h(t-1)"),
        "a gru: the candidate differs: n is relu(W_n + r * U_n), where a gru has tanh(W_n + r * U_n)",
    ),
    "gru, twice the old state": (
        Spelling("", GRU + "h: (1 - z) * n + z * h(t-1) * 2"),
        "a gru: 2 is too much: h has z * h(t-1) * 2, where a gru has z * h(t-1)",
    ),
    "gru, 2 - z": (Spelling("", GRU + "h: (2 - z) * n + z * h(t-1)"), "a gru: h has 2 - z, where a gru has 1 - z"),
    "layer norm inside": (
        Spelling("", linears("U", "x") + linears("V", "h(t-1)") + "W: {block: layer_norm, input: V}\nh: tanh(U + W)"),
        "an rnn: h adds W, a layer_norm, where an rnn adds products with weights only",
    ),
    "h(t-1) without a weight": (
        Spelling("", linears("U", "x") + "h: tanh(U + h(t-1))"),
        "an rnn: h adds h(t-1), where an rnn adds products with weights only",
    ),
    "x without a weight": (
        Spelling("", linears("W", "h(t-1)") + "h: tanh(x + W)", inputs="x: {features: 4}"),
        "an rnn: h adds x, an input, where an rnn adds products with weights only",
    ),
    "a number in the sum": (
        Spelling("", RNN + "h: tanh(U + W + 1)"),
        "an rnn: h adds 1, where an rnn adds products with weights only",
    ),
    "a difference": (
        Spelling("", RNN + "h: tanh(U - W)"),
        "an rnn: h takes W away, where an rnn adds it",
    ),
    "a weight over another state": (
        Spelling(
            "",
            GATES.replace("W_i: {block: linear, input: [x, h(t-1)]", "W_i: {block: linear, input: [x, c(t-1)]") + CELL,
        ),
        "an lstm: W_i reads c(t-1), where an lstm reads h(t-1) and nothing else of the loop",
    ),
    "the step's own value": (
        Spelling(
            "", GATES.replace("W_o: {block: linear, input: [x, h(t-1)]", "W_o: {block: linear, input: [x, c]") + CELL
        ),
        "an lstm: W_o reads c, where an lstm reads h(t-1) and nothing else of the loop",
    ),
    "a bias for all units": (
        Spelling("", RNN + "b: {block: weight, units: 1}\nh: tanh(U + W + b)"),
        "an rnn: b, in h, has the size 1 and serves for all of 4, where an rnn has one for each unit",
    ),
    "a recurrent product for all units": (
        Spelling("", RNN.replace("h(t-1), units: 4", "h(t-1), units: 1") + "h: tanh(U + W)"),
        "an rnn: W, in h, has the size 1 and serves for all of 4, where an rnn has one for each unit",
    ),
    "half of the state": (
        Spelling(
            "",
            "p: {block: split, input: h, into: [one, two]}\n"
            + linears("U", "x")
            + linears("W", "p.one(t-1)")
            + "h: tanh(U + W)",
        ),
        "an rnn: W reads p.one(t-1), where an rnn reads h(t-1) and nothing else of the loop",
    ),
    "nothing from outside": (
        Spelling(
            "",
            "W: {block: linear, input: h(t-1), units: 4}\nh: {value: tanh(W), axis: time, initial: learned}\nz: h + x",
            "y: z",
            "x: {features: 4}",
        ),
        "an rnn: h reads nothing from outside of the loop, where an rnn has an input",
    ),
    "another function": (
        Spelling("", RNN + "h: sigmoid(U + W)"),
        "an rnn: h is sigmoid(U + W), where an rnn has tanh(U + W)",
    ),
}
