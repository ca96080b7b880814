"""The equations beside pictures: the algebra of the spec, one for every box, no name for two things."""

from __future__ import annotations

import pytest

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, check
from leporello.graphs.drawing.cell.picture import cell_picture
from leporello.graphs.drawing.draw import scene
from leporello.graphs.drawing.equations.equations import equations
from leporello.graphs.drawing.scene.scene import Scene
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.opened import opened
from leporello.graphs.specs import read_spec
from tests.support.drawn.pictures import faults


def checked_of(nodes: str, output: str = "h") -> Checked:
    """A model of an input x around the lines of `nodes`, in which `L a` is a linear layer on `a`."""
    lines = ""
    for part in nodes.split("; "):
        name, _, value = part.partition(": ")
        written = f"{{block: linear, input: {value[2:]}, units: 3}}" if value.startswith("L ") else value
        lines += f"  {name}: {written}\n"
    text = f"spec: 1\ninputs: {{x: {{features: 3}}}}\nnodes:\n{lines}outputs: {{y: {output}}}\n"
    return check(read_spec(text, registry()), registry())


def in_block(nodes: str) -> Checked:
    """The same lines as the body of a block `k`."""
    body = checked_of(nodes).graph.text.split("nodes:\n")[1].split("outputs:")[0].replace("  ", "      ")
    text = f"spec: 1\ninputs: {{x: {{features: 3}}}}\nblocks:\n  b:\n    inputs: [x]\n    nodes:\n{body}"
    text += "    outputs: [h]\nnodes: {k: {block: b, x: x}}\noutputs: {y: k}\n"
    return check(read_spec(text, registry()), registry())


def beside(checked: Checked, depth: int = 1) -> list[str]:
    """The equations beside a folded picture, which has no faults."""
    view = folded(checked.graph, checked.axes, opened(checked.graph, (), depth))
    assert not faults(scene(view))
    return [line.text for line in equations(view)]


def of_cell(checked: Checked, path: str = "h") -> list[str]:
    """The equations beside a cell."""
    return _said(cell_picture(checked.graph, checked.axes, path))


def _said(found: Scene) -> list[str]:
    assert not faults(found)
    left = {note.place.y: note.label.text for note in found.notes if note.anchor == "end"}
    right = {note.place.y: note.label.text for note in found.notes if note.label.text.startswith("= ")}
    return [f"{left[y]} {right[y]}" for y in sorted(left)]


def test_what_comes_in_is_told_from_a_value_of_the_same_name() -> None:
    text = "{spec: 1, inputs: {z: {features: 2}}, nodes: {s: {block: gru, input: z, units: 3}}, outputs: {y: s}}"
    lines = beside(check(read_spec(text, registry()), registry()))
    assert "zt = σ(Wz [zint, ht−1] + bz)" in lines


def test_a_layer_times_another_stands_in_brackets() -> None:
    assert beside(in_block("f: L x; j: L f; h: tanh(j)")) == ["ht = tanh(Wj (Wf xt + bf) + bj)"]
    two = checked_of("f: L x; j: L f; m: L h(t-1); W: L m; h: tanh(j + W)")
    assert of_cell(two) == ["ht = tanh(Wj (Wf xt + bf) + bj + W (Wm ht−1 + bm) + b)"]


def test_layers_without_a_bias_need_no_brackets() -> None:
    plain = "f: {block: linear, input: x, units: 3, bias: false}; j: L f; g: L h(t-1); h: tanh(j - g)"
    assert beside(in_block(plain)) == ["ht = tanh(Wj Wf xt + bj − (Wg ht−1 + bg))"]


LSTM = "P: {block: linear, input: [x, h(t-1)], units: 12}; s: {block: split, input: P, into: [i, f, g, o]}; "
LSTM += "c: sigmoid(s.f) * c(t-1) + sigmoid(s.i) * tanh(s.g); h: sigmoid(s.o) * tanh(c)"


def test_the_parts_of_a_split_stand_to_the_left() -> None:
    told = [
        "[s.it, s.ft, s.gt, s.ot] = WP [xt, ht−1] + bP",
        "ct = σ(s.ft) ⊙ ct−1 + σ(s.it) ⊙ tanh(s.gt)",
        "ht = σ(s.ot) ⊙ tanh(ct)",
    ]
    assert beside(in_block(LSTM)) == told
    assert of_cell(checked_of(LSTM)) == told


def test_many_parts_of_a_split_are_not_listed() -> None:
    parts = ", ".join(f"part_{number}" for number in range(8))
    layer = f"P: {{block: linear, input: [x, h(t-1)], units: 24}}; s: {{block: split, input: P, into: [{parts}]}}; "
    assert "st = split(WP [xt, ht−1] + bP)" in of_cell(checked_of(layer + "h: tanh(s.part_1 + s.part_7)"))


def test_a_part_that_was_split_earlier_is_named() -> None:
    late = "P: {block: linear, input: [x, h(t-1)], units: 6}; s: {block: split, input: P, into: [a, b]}; "
    assert "ht = tanh(s.at + s.bt−1)" in of_cell(checked_of(late + "h: tanh(s.a + s.b(t-1))"))


def test_blocks_without_a_formula_have_equations() -> None:
    lines = beside(
        in_block(
            "P: L h(t-1); n: {block: layer_norm, input: P}; d: {block: dropout, input: n, rate: 0.5}; h: tanh(d + x)"
        )
    )
    assert lines == ["nt = layer norm(WP ht−1 + bP)", "dt = dropout(nt)", "ht = tanh(dt + xt)"]


def test_a_layer_is_told_that_only_a_closed_block_or_an_initial_value_reads() -> None:
    lines = beside(
        in_block("U: L x; g: {block: gru, input: U, units: 3}; s: L x(first); h: {value: g + h(t-1), initial: s}")
    )
    assert lines == ["Ut = U xt + b", "s = Ws [xfirst] + bs", "ht = gt + ht−1"]


def test_a_copy_is_what_it_copies() -> None:
    assert of_cell(checked_of("k: h(t-1); h: k + x")) == ["kt = ht−1", "ht = kt + xt"]


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("-(x + h(t-1))", "−(xt + ht−1)"),
        ("x * -2 + h(t-1)", "xt ⊙ (−2) + ht−1"),
        ("-2 * x - h(t-1)", "−2 xt − ht−1"),
        ("x - -tanh(-h(t-1)) / x", "xt − (−tanh(−ht−1)) / xt"),
        ("x + -(-h(t-1))", "xt + (−(−ht−1))"),
        ("x * 1 / 2 * h(t-1)", "xt ⊙ 1 / 2 ⊙ ht−1"),
    ],
)
def test_a_sign_stands_beside_what_it_makes_negative(formula: str, told: str) -> None:
    assert of_cell(checked_of(f"h: {formula}")) == [f"ht = {told}"]


def test_a_bias_is_not_called_as_a_value_is() -> None:
    recurrent = checked_of("W: L x; b: relu(W) + b(t-1) - 0.25 * b(t-2)", "b")
    assert of_cell(recurrent, "b") == ["bt = relu(W xt + bW) + bt−1 − 0.25 bt−2"]
    assert beside(in_block("f: L x; b_f: exp(x); h: f + b_f"))[-1] == "ht = Wf xt + bWf + bf,t"
    assert beside(in_block("W: L x; h: relu(W)")) == ["ht = relu(W xt + b)"]


def test_indices_are_written_as_the_names_in_the_picture() -> None:
    assert of_cell(checked_of("pi: L [x, h(t-1)]; h: tanh(pi)")) == ["ht = tanh(Wπ [xt, ht−1] + bπ)"]
