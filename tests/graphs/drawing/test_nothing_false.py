"""What a picture once hid or told false, in SVG, in characters and in words: each kind with a small model."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, check
from leporello.graphs.drawing.draw import draw, picture
from leporello.graphs.drawing.equations.equations import equations
from leporello.graphs.drawing.folded.compare_scene import compare_scene
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.scene.scene import Scene
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.differences import differences
from leporello.graphs.drawing.views.opened import opened
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_spec
from tests.support.drawn.pictures import faults


def model(nodes: str, outputs: str, inputs: str = "x: {features: 4}", blocks: str = "") -> Checked:
    """A model of nodes, outputs, inputs and blocks in flow style."""
    text = f"spec: 1\nname: m\ninputs: {{{inputs}}}\n{blocks}nodes:\n"
    text += "".join(f"  {line.strip()}\n" for line in nodes.strip().splitlines())
    return check(read_spec(f"{text}outputs: {{{outputs}}}\n", registry()), registry())


def scene_of(checked: Checked, depth: int = 0, cell: str = "") -> Scene:
    """The folded picture, on which nothing lies on anything else."""
    grouping = opened(checked.graph, (), depth)
    options = Options(cell=cell) if cell else Options(grouping=grouping, weights="boxes")
    found = picture(checked.graph, checked.axes, options)
    assert not faults(found)
    return found


def texts(checked: Checked) -> tuple[str, str, str]:
    """What is written in the SVG, in characters, and in the description."""
    options = Options(weights="boxes")
    svg = ElementTree.fromstring(draw(checked.graph, checked.axes, options, "svg"))
    shown = [element for element in svg.iter() if element.tag.endswith("}text")]
    spaced = "\n".join(" ".join("".join(element.itertext()).split()) for element in shown)
    return spaced, draw(checked.graph, checked.axes, options), svg[1].text or ""


INLINE = """
W: {block: linear, input: x * r, units: 3}
V: {block: linear, input: [x, r], units: 3}
U: {block: linear, input: relu(W), units: 3}
g: {block: gru, input: x - r, units: 3}
a: {block: softmax, input: x * r}
l: [x, 2 * r, V]
"""


def test_an_expression_at_a_port_is_a_box_of_its_own() -> None:
    checked = model(INLINE, "U: U, V: V, g: g, a: a, l: l", "x: {features: 3}, r: {features: 3}")
    figures = {figure.identity: figure for figure in scene_of(checked).figures}
    assert figures["W.input"].shape == "sign"
    assert figures["W.input"].caption == "*"
    assert figures["U.input"].caption == "relu(W)"
    assert figures["g.input"].caption == "x - r"
    assert figures["l.2"].caption == "2 * r"
    assert not [path for path in figures if path.startswith(("V.", "a."))]
    for said in texts(checked)[1:]:
        assert all(formula in said for formula in ("x * r", "relu(W)", "x - r", "2 * r", "softmax(x * r)"))
    assert "W (linear) reads x * r." in texts(checked)[2]


def test_an_expression_at_a_port_stands_within_the_equation_of_what_reads_it() -> None:
    checked = model(INLINE, "U: U, V: V, g: g, a: a, l: l", "x: {features: 3}, r: {features: 3}")
    view = folded(checked.graph, checked.axes)
    lines = [line.text for line in equations(view, {box.path for box in view.boxes})]
    assert "Ut = U [relu(W [xt ⊙ rt] + bW)] + bU" in lines
    assert "lt = [xt, 2 rt, Vt]" in lines


@pytest.mark.parametrize(
    "formula",
    ["a * exp(b)", "a * exp(-b * c)", "1 - a", "2 * a", "a + tanh(b)", "b - a", "a / b", "a * a", "a - b(t-1)", "-a"],
)
def test_a_circle_never_swallows_what_it_computes(formula: str) -> None:
    checked = model(f"y: {formula}", "y: y", "a: {features: 3}, b: {features: 3}, c: {features: 3}")
    figure = next(figure for figure in scene_of(checked).figures if figure.identity == "y")
    assert figure.shape != "sign"
    assert figure.caption == formula
    assert all(formula in said for said in texts(checked))


@pytest.mark.parametrize("formula", ["a * b", "a + b(t-1)", "a(t-1) + a", "p.u * p.v"])
def test_a_circle_of_two_wires_says_everything(formula: str) -> None:
    nodes = f"p: {{block: split, input: c, into: [u, v]}}\ny: {formula}"
    checked = model(nodes, "y: y", "a: {features: 2}, b: {features: 2}, c: {features: 4}")
    assert next(figure.shape for figure in scene_of(checked).figures if figure.identity == "y") == "sign"


def test_a_long_formula_is_told_to_its_end() -> None:
    formula = "sigmoid(abs(a)) * b(t-1) + exp(-c) * tanh(a * b) - 0.125 * softplus(c) / (1 + a * a)"
    checked = model(f"y: {formula}", "y: y", "a: {features: 3}, b: {features: 3}, c: {features: 3}")
    (caption,) = (figure.caption for figure in scene_of(checked).figures if figure.identity == "y")
    assert caption.replace("\n", " ") == formula
    assert all(part in draw(checked.graph, checked.axes) for part in ("sigmoid(abs(a))", "0.125", "(1 + a * a)"))
    assert formula in texts(checked)[2]


PORTS = """
f: {block: lstm, input: x, units: 4}
e: {block: lstm, input: x, units: 4, direction: both}
H: {block: linear, input: f(last), units: 2}
C: {block: linear, input: f.c(last), units: 2}
D: {block: linear, input: f.c, units: 2}
B: {block: linear, input: e.c, units: 2}
s: {block: split, input: e.state, into: [p, q]}
g: {block: gru, input: x, units: 4, initial: f.c(last)}
"""


def test_every_wire_that_reads_another_output_says_so() -> None:
    checked = model(PORTS, "H: H, C: C, D: D, B: B, p: s.p, q: s.q, g: g")
    words = [note.label.text for note in scene_of(checked).notes]
    assert sorted(set(words) & {"last", "c last", "c", "state last", "state first", "p", "q", "initial c"}) == sorted(
        {"last", "c last", "c", "state last", "state first", "p", "q", "initial c"}
    )
    description = texts(checked)[2]
    assert "the last step of f.c" in description
    assert "reads f.c." in description
    assert "reads e.c." in description
    assert "the last step of e.state" in description
    assert "reads s.p, once" in description
    dot = draw(checked.graph, checked.axes, Options(), "dot")
    assert " c last " in dot


def test_the_state_of_a_block_is_one_wire() -> None:
    nodes = "f: {block: lstm, input: x, units: 4}\nd: {block: lstm, input: y, units: 4, initial: f.state}"
    checked = model(nodes, "d: d", "x: {features: 4, axis: source}, y: {features: 4}")
    assert [note.label.text for note in scene_of(checked).notes].count("initial") == 1


def test_a_letter_stands_at_its_own_wire() -> None:
    nodes = """
    h: {block: lstm, input: x, units: 6}
    A: {block: linear, input: h, units: 3}
    B: {block: linear, input: h, units: 3}
    D: {block: linear, input: h, units: 3}
    alpha: exp(A)
    beta: exp(B)
    kappa: kappa(t-1) + exp(D)
    y: alpha * exp(-beta * kappa)
    """
    checked = model(nodes, "y: y", "x: {features: 3}")
    found = picture(checked.graph, checked.axes, Options())
    letter = next(note.place for note in found.notes if note.label.text == "D")
    near = {}
    for line in found.lines:
        for (x, y), (to_x, to_y) in zip(line.points, line.points[1:], strict=False):
            if x == to_x and min(y, to_y) < letter.y < max(y, to_y):
                near[line.title.partition("\n")[0]] = abs(abs(x - letter.x) - letter.width / 2)
    assert min(near, key=lambda title: near[title]) == "h to kappa, D"


def test_numbers_of_equations_are_numbers_of_mathematics() -> None:
    checked = model("h: {value: h(t-1) / (abs(x) + 1e-8) + 2.5e-3 * x - 3e+20, initial: 1}", "h: h")
    cell = scene_of(checked, cell="h")
    runs = [run for note in cell.notes if note.size == 17 for run in note.label.runs]
    text = "".join(run.text for run in runs)
    assert "10−8" in text
    assert "3 · 1020" in text
    assert [run.text for run in runs if run.level == 1] == ["−8", "20"]
    assert "+10−8" in [figure.label.text for figure in cell.figures]
    exact = model("h: h(t-1) + 0.123456789 * x", "h: h")
    assert "0.123456789×" in [figure.label.text for figure in scene_of(exact, cell="h").figures]


SAME = """blocks:
  gate:
    inputs: [x, h]
    nodes:
      W: {block: linear, input: [x, h], units: 4}
      y: sigmoid(W)
    outputs: [y]
  cell:
    inputs: [x]
    nodes:
      i: {block: gate, x: x, h: c(t-1)}
      f: {block: gate, x: x, h: c(t-1)}
      c: f * c(t-1) + i * (1 - f)
    outputs: [c]
"""


def test_values_of_one_name_are_told_apart() -> None:
    checked = model("c: {block: cell, x: x}", "c: c", blocks=SAME)
    boxes = {figure.identity: figure for figure in scene_of(checked, depth=2).figures}
    assert boxes["c/1/forward/c"].caption == "y^f * c(t-1) + y^i * (1 - y^f)"
    assert [(run.text, run.level) for run in boxes["c/1/forward/f/y"].label.runs] == [("y", 0), ("f", 1)]
    notes = [note.label.text for note in scene_of(checked, cell="c").notes]
    assert {"yft", "yit"} <= set(notes)
    assert "= yft ⊙ ct−1 + yit ⊙ (1 − yft)" in notes
    view = folded(checked.graph, checked.axes, opened(checked.graph, (), 2))
    lines = [line.text for line in equations(view)]
    assert "yit = σ(W [xt, cint−1] + b)" in lines
    assert lines[-1] == "ct = yft ⊙ ct−1 + yit ⊙ (1 − yft)"


def test_what_only_gives_an_initial_value_is_no_part_of_a_cell() -> None:
    nodes = """
    k: tanh(x)
    H: {block: linear, input: k, units: 4}
    W: {block: linear, input: [y, h(t-1)], units: 4}
    h: {value: tanh(W), initial: H}
    """
    checked = model(nodes, "o: h", "x: {features: 3, axis: none}, y: {features: 3}")
    cell = scene_of(checked, cell="h")
    assert not [figure for figure in cell.figures if figure.identity in ("H", "k")]
    assert not [note for note in cell.notes if note.label.text.startswith("H")]


SPLIT = """
U: {block: linear, input: [x, h(t-1)], units: 16}
gates: {block: split, input: U, into: [i, f, o, g]}
c: sigmoid(gates.f) * c(t-1) + sigmoid(gates.i) * tanh(gates.g)
h: sigmoid(gates.o) * tanh(c)
"""


def test_the_parts_of_a_split_are_wires_of_their_own_in_a_cell() -> None:
    cell = scene_of(model(SPLIT, "h: h"), cell="c")
    notes = [note.label.text for note in cell.notes]
    assert {f"{part}t" for part in "ifog"} <= set(notes)
    assert "gates: split" in [figure.label.text for figure in cell.figures]
    starts = {line.points[0] for line in cell.lines if line.net.startswith("gates.")}
    assert len(starts) == 4
    product = model("s: {block: split, input: x, into: [a, b]}\nh: h(t-1) + s.a * s.b", "h: h")
    assert "square" not in [figure.label.text for figure in scene_of(product, cell="h").figures]


def test_what_stands_before_the_equals_sign_ends_there_in_every_renderer() -> None:
    checked = model(SPLIT, "h: h")
    drawn = draw(checked.graph, checked.axes, Options(cell="c"), "svg")
    ended = re.findall(r'<text[^>]*text-anchor="end"[^>]*>.*?</text>', drawn)
    assert [line for line in ended if "gates.i" in line]
    assert not [line for line in ended if " dx=" in line]


def test_equations_say_which_steps_and_which_output_they_read() -> None:
    blocks = """blocks:
  b:
    inputs: [x, y]
    nodes:
      context: sum(a * encoder(all))
      encoder: {block: lstm, input: x, units: 4, direction: both}
      H: {block: linear, input: encoder.final, units: 5}
      C: {block: linear, input: encoder.c_final, units: 5}
      decoder: {block: gru, input: y, units: 5, initial: H}
      score: {block: linear, input: decoder, units: 8}
      q: {block: sum, input: score * encoder(all), over: features}
      a: {block: softmax, input: q}
      out: context + C
    outputs: [out]
"""
    inputs = "x: {features: 3, axis: source}, y: {features: 3}"
    checked = model("k: {block: b, x: x, y: y}", "o: k", inputs, blocks.replace("units: 5", "units: 8"))
    view = folded(checked.graph, checked.axes, opened(checked.graph, ["k"]))
    lines = [line.text for line in equations(view)]
    assert "contextt = sum(at ⊙ encoderall)" in lines
    assert "H = WH encoder.final + bH" in lines
    assert "outt = contextt + WC encoder.c_final + bC" in lines
    assert lines.index("contextt = sum(at ⊙ encoderall)") > lines.index("at = softmax(qt)")


SHARED = """
U: {block: linear, input: x, units: 4}
V: {block: linear, input: x(t-1), units: 4, share: U}
p: {block: gru, input: x, units: 4}
q: {block: gru, input: V, units: 4, share: p}
y: tanh(U) * tanh(V) + p - q
"""


def test_shared_weights_are_seen_as_such() -> None:
    checked = model(SHARED, "y: y")
    figures = {figure.identity: figure.caption for figure in scene_of(checked).figures}
    assert figures["V"] == "linear\nweights of U"
    assert figures["q"] == "gru\nweights of p"
    assert figures["p"] == "gru"
    for said in texts(checked):
        assert "weights of U" in said
        assert "weights of p" in said
    assert "weights of p" in draw(checked.graph, checked.axes, Options(), "dot")
    textbook = picture(checked.graph, checked.axes, Options())
    assert "V" in {figure.identity for figure in textbook.figures}, "no letter on a wire: it would hide whose it is"


def test_two_models_beside_each_other_say_what_holds_where_nothing_is_said() -> None:
    one = model("encoder: {block: lstm, input: x, units: 4}", "y: encoder")
    other = model("encoder: {block: lstm, input: x, units: 4, layers: 2, dropout: 0.25, direction: both}", "y: encoder")
    found = compare_scene(one, other, differences(one, other, None))
    captions = {figure.identity: figure.caption.replace("\n", " ") for figure in found.figures}
    assert captions["a/encoder"] == "layers 1, direction forward, no dropout"
    assert captions["b/encoder"] == "layers 2, direction both, dropout 0.25"


def test_every_value_of_which_all_steps_are_read_has_its_name() -> None:
    nodes = """
    K: {block: linear, input: x, units: 4}
    V: {block: linear, input: x, units: 4}
    s: {block: sum, input: y * K(all), over: features}
    a: {block: softmax, input: s}
    c: sum(a * V(all))
    m: max(x(all))
    """
    checked = model(nodes, "o: c, m: m", "x: {features: 4, axis: source}, y: {features: 4, axis: target}")
    found = picture(checked.graph, checked.axes, Options(3))
    assert not faults(found)
    assert [bar.label.text for bar in found.bars] == ["all steps of V"]
    assert {"K(all)", "x(all)"} <= {note.label.text for note in found.notes}
    assert "K(all)" in draw(checked.graph, checked.axes, Options(3))


def test_a_value_for_each_step_of_another_axis_is_told_as_such() -> None:
    nodes = """
    p: {block: gru, input: y, units: 4}
    joint: tanh(p + x(all))
    scores: {block: linear, input: joint, units: 5}
    best: max(scores)
    """
    inputs = "x: {features: 4, axis: source}, y: {features: 4, axis: target}"
    checked = model(nodes, "scores: scores, best: best", inputs)
    captions = {figure.identity: figure.caption for figure in scene_of(checked).figures}
    assert captions["joint"] == "tanh(p + x(all))\nfor each step of source"
    assert captions["scores"] == "linear\nfor each step of source"
    assert captions["best"] == "max(scores)"
    assert all("for each step of source" in said for said in texts(checked))


def test_a_cell_is_called_by_its_label() -> None:
    checked = model("h: {block: lstm, input: x, units: 4, label: Memory}", "y: h")
    assert "LSTM cell Memory at step t" in [note.label.text for note in scene_of(checked, cell="h").notes]


def test_all_cells_are_named_that_can_be_drawn() -> None:
    blocks = """blocks:
  keep:
    inputs: [s]
    nodes: {m: m(t-1) + s}
    outputs: [m]
  outer:
    inputs: [x]
    nodes:
      W: {block: linear, input: [x, h(t-1)], units: 4}
      h: tanh(W)
      k: {block: keep, s: h}
    outputs: [k]
"""
    checked = model("c: {block: outer, x: x}", "y: c", blocks=blocks)
    with pytest.raises(SpecError) as error:
        scene_of(checked, cell="c")
    assert error.value.problems[0].hint == "draw one of them: c/1/forward/h, c/1/forward/k"
    for path in ("c/1/forward/h", "c/1/forward/k"):
        assert scene_of(checked, cell=path).figures
