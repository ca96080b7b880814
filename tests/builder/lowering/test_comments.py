"""The equations of the spec beside the code that computes them."""

from __future__ import annotations

import re

import pytest

from leporello.builder.lowering.comments import Equations
from leporello.builder.lowering.generate import source
from tests.support.comparing import checked_spec
from tests.support.sources import EXAMPLES, SOURCES, model_of

EXPRESSIONS = [
    "tanh(x)",
    "x * (1 - x(t-1)) + v(t-1)",
    "x - (x - x(t-2))",
    "-x / (x + 2)",
    "-(x + 0.5)",
    "exp(-abs(x)) * log(x * x + 1)",
    "x(first) + x(last)",
]


def spec_of(expression: str) -> str:
    return f"spec: 1\ninputs: {{x: {{features: 3}}}}\nnodes:\n  v: {expression}\noutputs: {{y: v}}\n"


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_equation_is_told_as_the_spec_says_it(expression: str) -> None:
    told = Equations(checked_spec(spec_of(expression)).graph)
    assert told.beside("v", "", "") == f"v: {expression}"


def test_what_the_code_says_already_is_not_told() -> None:
    told = Equations(checked_spec(spec_of("tanh(x) + x")).graph)
    assert told.beside("v", "v = torch.tanh(x) + x", "add") == ""
    assert told.beside("v", "v_t = torch.tanh(x_t) + x_t", "add") == ""
    assert told.beside("v", "v_t = x_t + torch.tanh(x_t)", "add") == "v: tanh(x) + x"


@pytest.mark.parametrize("path", ["v/1", "x", "nothing"])
def test_what_has_no_name_or_no_equation_is_not_told(path: str) -> None:
    assert Equations(checked_spec(spec_of("tanh(x) + x")).graph).beside(path, "", "") == ""


FUSED = """\
        # An lstm, all steps in one call of torch's kernel:
        #   W_i, W_f, W_g, W_o: linear of [x, h(t-1)]
        #   i: sigmoid(W_i)
        #   f: sigmoid(W_f)
        #   g: tanh(W_g)
        #   o: sigmoid(W_o)
        #   c: f * c(t-1) + i * g
        #   h: o * tanh(c)
        h, c_end = fused_lstm(
"""


def test_a_fused_cell_tells_what_its_call_computes() -> None:
    assert FUSED in SOURCES["lstm_from_equations_teacher"]


def test_a_cell_spelled_out_is_no_name_for_the_equations_of_another() -> None:
    example = EXAMPLES["lstm_from_equations"].read_text(encoding="utf-8")
    example = example.replace("outputs:", "  k: {block: lstm, input: h, units: 4}\noutputs:\n  z: k")
    told = source(checked_spec(example))
    assert "with the equations of" not in told
    assert told.count("in one call of torch's kernel") == 2


def test_equal_nodes_that_became_one_are_all_told() -> None:
    text = """spec: 1
inputs: {x: {features: 3}}
nodes:
  W_r: {block: linear, input: [x, h(t-1)], units: 4}
  W_z: {block: linear, input: [x, h(t-1)], units: 4}
  W_n: {block: linear, input: x, units: 4}
  U_n: {block: linear, input: h(t-1), units: 4}
  keep: sigmoid(W_z)
  take: 1 - sigmoid(W_z)
  n: tanh(W_n + sigmoid(W_r) * U_n)
  h: take * n + keep * h(t-1)
outputs: {y: h}
"""
    printed = source(checked_spec(text))
    assert "fused_gru(" in printed
    for line in ("W_r, W_z: linear of [x, h(t-1)]", "W_n: linear of x", "U_n: linear of h(t-1)", "keep: sigmoid(W_z)"):
        assert f"        #   {line}\n" in printed
    assert "        #   take: 1 - sigmoid(W_z)\n" in printed


def test_layers_tell_their_equations_once() -> None:
    printed = SOURCES["lstm_stacked_teacher"]
    assert printed.count("#   c: f * c(t-1) + i * g\n") == 1  # forward
    assert printed.count("#   c: f * c(t+1) + i * g\n") == 1  # backward
    assert "# h/3/backward: an lstm with the equations of h/1/backward, all steps in one call" in printed
    assert printed.count("#   W_i, W_f, W_g, W_o: linear of [h/1/dropout, h(t-1)]\n") == 1


def test_a_scanned_loop_tells_equations_and_what_merged_and_divided_linears_read() -> None:
    printed = SOURCES["gru_before_teacher"]
    assert "h_1_r_t, h_1_z_t = h_1_r_z_t.chunk(2, -1)  # sigmoid of a linear of [x, h(t-1)]\n" in printed
    assert "# [batch, 4]; W_n: linear of [x, r * h(t-1)]\n            h_1_W_n_t = " in printed
    assert "# [batch, 4]; h: z * h(t-1) + (1 - z) * n\n" in printed


def test_lists_at_the_ports_of_blocks_are_told_as_one_list() -> None:
    assert "# linear of [d, attentional(t-1), h(t-1)]\n" in SOURCES["luong_teacher"]


def test_sums_that_layers_make_are_no_equations_of_the_spec() -> None:
    assert "residual:" not in SOURCES["lstm_stacked_teacher"]


def test_a_long_equation_stands_above_its_line() -> None:
    long = " + ".join(["exp(x) / (x(t-1) + 2)"] * 9)
    printed = source(checked_spec(spec_of(long)))
    assert max(map(len, printed.split("\n"))) <= 120
    lines = printed[printed.index("# [batch, time, 3]; v: exp(x)") :].split("\n")[:4]
    joined = " ".join(line.strip().lstrip("# ") for line in lines if line.strip().startswith("#"))
    assert joined == f"[batch, time, 3]; v: {long}"


def test_names_in_comments_call_no_helper() -> None:
    text = """spec: 1
inputs: {F: {features: 3}}
nodes:
  U: {block: linear, input: F, units: 3}
  Parts: {block: linear, input: late(t-1), units: 3}
  late: tanh(U + Parts)
outputs: {y: late}
"""
    printed = source(checked_spec(text))
    assert "linear of late(t-1)" in printed
    assert not re.search("def late|class Parts|import functional", printed)


def test_every_equation_told_is_of_the_model() -> None:
    for name in ("luong", "gru_before", "attention"):
        checked = model_of(name)
        equations = Equations(checked.graph)
        known = {equations.beside(node.path, "", "") for node in checked.graph} - {""}
        told = re.findall(r"(?:# \[[^\]]*\]; |#   )(\w+: .*)", source(checked))
        assert told
        assert {line for line in told if ": linear" not in line} <= known
