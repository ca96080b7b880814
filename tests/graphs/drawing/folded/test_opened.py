"""Composites drawn open: what is inside stands there, on nothing else, and equations say what it computes."""

from __future__ import annotations

import pytest

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, check
from leporello.graphs.drawing.column.wired import net_of
from leporello.graphs.drawing.draw import draw, scene
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.opened import opened
from leporello.graphs.drawing.views.view import View
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_file, read_spec
from tests.support.command_line import LUONG, done, refused
from tests.support.drawn.pictures import faults
from tests.support.paths import EXAMPLES, LARGE
from tests.support.strategies import thinned

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))


def model(name: str) -> Checked:
    """An example, checked."""
    return check(read_file(EXAMPLES / f"{name}.yaml", registry()), registry())


def view_of(name: str, *paths: str, depth: int = 0) -> View:
    """The folded picture of an example with composites open."""
    checked = model(name)
    return folded(checked.graph, checked.axes, opened(checked.graph, paths, depth))


def test_a_port_that_is_not_the_first_is_named() -> None:
    text = "{spec: 1, inputs: {x: {features: 3}}, nodes: {l: {block: lstm, input: x, units: 3}, k: l.c(t-1) + l}, "
    checked = check(read_spec(text + "outputs: {y: k}}", registry()), registry())
    view = folded(checked.graph, checked.axes)
    assert next(box.block for box in view.boxes if box.path == "k") == "l.c(t-1) + l"
    assert {edge.said for edge in view.edges if edge.target == "k"} == {"c", ""}
    inside = folded(checked.graph, checked.axes, opened(checked.graph, ("l",), 0))
    assert next(box.block for box in inside.boxes if box.path == "k") == "c(t-1) + h"


def unsigned(view: View) -> int:
    """How many of the late values in a folded picture have no boxed sign on their wires."""
    late = {net_of(edge) for edge in view.edges if edge.time.kind == "t" and edge.time.offset}
    return len(late) - sum(note.boxed for note in scene(view).notes)


@pytest.mark.thinned
@pytest.mark.parametrize(
    ("name", "depth"),
    thinned([(name, depth) for depth in (0, 1, 2, 9) for name in NAMES if depth == 1 or name not in LARGE]),
)
def test_every_delay_has_its_sign(name: str, depth: int) -> None:
    assert unsigned(view_of(name, depth=depth)) <= 0


@pytest.mark.parametrize(
    "nodes",
    [
        "{A: {block: linear, input: [x, x(t-2)], units: 5}, h: tanh(A + h(t-1))}",
        "{A: {block: linear, input: x, units: 3}, h: A - h(t-1) + x(t-3) * x}",
        "{W: {block: linear, input: x, units: 3}, h: relu(W) + h(t-1) - 0.25 * h(t-2)}",
        "{h: {block: rnn, input: [x, x(t-1)], units: 4}}",
        "{l: {block: lstm, input: x, units: 3}, h: l.c(t-1) + l}",
    ],
)
def test_a_delay_beside_a_wire_of_the_same_boxes_has_its_sign(nodes: str) -> None:
    text = f"{{spec: 1, inputs: {{x: {{features: 3}}}}, nodes: {nodes}, outputs: {{y: h}}}}"
    checked = check(read_spec(text, registry()), registry())
    view = folded(checked.graph, checked.axes)
    assert unsigned(view) <= 0
    assert not faults(scene(view))


DEPTHS = [(name, depth) for name in NAMES for depth in ([1] if name in LARGE else [1, 9])]


@pytest.mark.thinned
@pytest.mark.parametrize(
    ("steps", "name", "depth"), thinned([(s, *case) for case in DEPTHS for s in (None, 3)], every=3)
)
def test_nothing_lies_on_anything_else(steps: int | None, name: str, depth: int) -> None:
    assert not faults(scene(view_of(name, depth=depth), Options(steps)))


def test_a_cell_opens_with_its_only_layer_and_direction() -> None:
    paths = {box.path for box in view_of("char_lm", "h").boxes}
    assert {f"h/1/forward/{name}" for name in ("W_i", "i", "f", "g", "o", "c", "h")} <= paths
    assert "h" not in paths


def test_layers_open_one_by_one() -> None:
    paths = {box.path: box for box in view_of("luong", "encoder").boxes}
    assert {"encoder/1", "encoder/2"} <= set(paths)
    assert (paths["encoder/2"].label, paths["encoder/2"].kind, paths["encoder/2"].block) == ("layer 2", "state", "lstm")
    deeper = {box.path for box in view_of("luong", "encoder/1").boxes}
    assert {"encoder/1/forward/c", "encoder/2"} <= deeper


READ_AT_THE_END = """
spec: 1
inputs: {x: {features: 3, axis: source}, y: {features: 3, axis: target}}
nodes:
  encoder: {block: gru, input: x, units: 4, layers: 2, direction: both}
  K: {block: linear, input: encoder, units: 3}
  start: {block: linear, input: encoder(last), units: 5}
  s: {block: gru, input: tanh(y + sum(K(all))), units: 5, initial: start}
outputs: {s: s}
"""


def test_a_layer_that_is_read_at_its_end_runs_at_every_step() -> None:
    checked = check(read_spec(READ_AT_THE_END, registry()), registry())
    view = folded(checked.graph, checked.axes, opened(checked.graph, ("encoder",), 0))
    layer = next(box for box in view.boxes if box.path == "encoder/2")
    assert (layer.axis, layer.kind) == ("source", "state")
    read = {(edge.target, str(edge.time)) for edge in view.edges if edge.source == "encoder/2"}
    assert {("K", ""), ("start", "(last)"), ("encoder/2", "(t-1)"), ("encoder/2", "(t+1)")} == read


def test_at_any_depth_every_wire_joins_boxes_that_are_there() -> None:
    for depth in range(5):
        view = view_of("luong", depth=depth)
        paths = {box.path for box in view.boxes}
        assert all({edge.source, edge.target} <= paths for edge in view.edges)


def test_equations_are_those_of_the_cell() -> None:
    found = scene(view_of("char_lm", "h"))
    lines = [note.label.text for note in found.notes if " = " in note.label.text]
    assert lines == [
        "it = σ(Wi [et, ht−1] + bi)",
        "ft = σ(Wf [et, ht−1] + bf)",
        "gt = tanh(Wg [et, ht−1] + bg)",
        "ot = σ(Wo [et, ht−1] + bo)",
        "ct = ft ⊙ ct−1 + it ⊙ gt",
        "ht = ot ⊙ tanh(ct)",
    ]
    assert not [note for note in scene(view_of("char_lm")).notes if " = " in note.label.text]


def test_equations_of_attention_read_all_steps() -> None:
    lines = [note.label.text for note in scene(view_of("luong", "attention")).notes]
    assert "energyt = tanh(WQ decodert + bQ + Kall)" in lines
    assert "Kt = WK encodert" in lines


def test_equations_of_several_composites_stand_below_their_paths() -> None:
    found = scene(view_of("luong", "attention", "decoder/1")).notes
    lines = [note.label.text for note in found]
    assert lines.index("decoder/1/forward") < lines.index("it = σ(Wi [inputt, ht−1] + bi)") < lines.index("attention")
    assert not [line for line in lines if line.startswith("layer 2t =")]


def test_every_format_opens() -> None:
    checked = model("char_lm")
    grouping = opened(checked.graph, ["h"])
    for form in ("txt", "dot", "svg"):
        assert "W_i" in draw(checked.graph, checked.axes, Options(grouping=grouping), form) or form == "svg"  # type: ignore[arg-type]
    assert "W_i" in done("draw", LUONG, "--open", "encoder/1")
    assert "layer 2" in done("draw", LUONG, "--depth", "1")


def test_what_is_no_composite_is_refused_with_the_nearest() -> None:
    checked = model("luong")
    with pytest.raises(SpecError, match="did you mean encoder"):
        opened(checked.graph, ["encodr"])
    assert "did you mean attention" in refused("draw", LUONG, "--open", "atention")
    assert "from 1 to" in refused("draw", LUONG, "--depth", "x")
    plain = read_spec("spec: 1\ninputs:\n  x: {features: 1}\nnodes:\n  h: tanh(x)\noutputs:\n  y: h\n", registry())
    with pytest.raises(SpecError, match="composites: none"):
        opened(check(plain, registry()).graph, ["h"])


RESIDUALS = """
spec: 1
inputs: {x: {features: 4}}
nodes:
  encoder: {block: rnn, input: x, units: 4, layers: 3, residual: 2, dropout: 0.5}
outputs: {y: encoder}
"""


def test_what_stands_between_layers_is_drawn_when_they_are_not_open() -> None:
    checked = check(read_spec(RESIDUALS, registry()), registry())
    view = folded(checked.graph, checked.axes, opened(checked.graph, depth=1))
    wires = {(edge.source, edge.target) for edge in view.edges if edge.style == "now"}
    assert {box.path for box in view.boxes if box.path.endswith("residual")} == {
        "encoder/2/residual",
        "encoder/3/residual",
    }
    assert wires == {
        ("x", "encoder/1"),
        ("encoder/1", "encoder/1/dropout"),
        ("encoder/1/dropout", "encoder/2"),
        ("encoder/2", "encoder/2/residual"),
        ("encoder/1/dropout", "encoder/2/residual"),
        ("encoder/2/residual", "encoder/2/dropout"),
        ("encoder/2/dropout", "encoder/3"),
        ("encoder/3", "encoder/3/residual"),
        ("encoder/2/dropout", "encoder/3/residual"),
        ("encoder/3/residual", "outputs/y"),
    }
    closed = folded(checked.graph, checked.axes)
    assert [box.path for box in closed.boxes] == ["x", "encoder", "outputs/y"]


def test_of_two_values_of_one_name_each_is_told() -> None:
    text = (
        "spec: 1\ninputs: {x: {features: 4}}\nnodes:\n  h: {block: gru, input: x, units: 4, layers: 3, residual: 2}\n"
    )
    checked = check(read_spec(text + "outputs: {y: h}\n", registry()), registry())
    lines = [n.label.text for n in scene(folded(checked.graph, checked.axes, opened(checked.graph, depth=2))).notes]
    assert lines.count("residualt = h(1)t + h(2)t") == 1
    assert lines.count("residualt = residual2t + ht") == 1
    lines = [note.label.text for note in scene(view_of("attention", "encoder/1/forward")).notes]
    assert "ht = [h→t, backwardt]" in lines


KEPT = "sigmoid(how_much_to_forget) * the_state_before(t-1)"
LONG = f"""
spec: 1
inputs: {{x: {{features: 4}}}}
blocks:
  cell:
    inputs: [input]
    nodes:
      how_much_to_forget: {{block: linear, input: [input, the_state_before(t-1)], units: 4}}
      the_new_content: {{block: linear, input: [input, the_state_before(t-1)], units: 4}}
      the_state_before: {KEPT} + (1 - sigmoid(how_much_to_forget)) * tanh(the_new_content)
    outputs: [the_state_before]
nodes: {{m: {{block: cell, input: x, layers: 2}}}}
outputs: {{y: m}}
"""


def test_long_equations_are_broken_within_brackets_too() -> None:
    checked = check(read_spec(LONG, registry()), registry())
    found = scene(folded(checked.graph, checked.axes, opened(checked.graph, depth=2)))
    assert not faults(found)
    lines = [note.label.text for note in found.notes]
    first = lines.index("m/1/forward") + 1
    told = "".join(line.strip() for line in lines[first : lines.index("m/2/forward")])
    assert told.replace(" ", "").startswith("the_state_beforet=σ(Whow_much_to")
    assert told.count("(") == told.count(")") > 3
    assert max(map(len, lines)) <= 80


def test_values_of_the_same_name_are_told_apart_by_layer_and_direction() -> None:
    lines = [note.label.text for note in scene(view_of("tagger", depth=3)).notes]
    assert lines.count("ht = [h→t, h←t]") == 2
    assert "it = σ(Wi [et, ht−1] + bi)" in lines, "of its own body a value needs no mark"
    lines = [note.label.text for note in scene(view_of("luong", depth=3)).notes]
    assert "it = σ(Wi [h1t, ht−1] + bi)" in lines
    assert "Kt = WK hencoder 2t" in lines


def test_an_expression_written_as_an_output_is_its_caption() -> None:
    text = "{spec: 1, inputs: {x: {features: 3}}, nodes: {h: tanh(x + h(t-1))}, outputs: {y: h, sum: h + x}}"
    checked = check(read_spec(text, registry()), registry())
    view = folded(checked.graph, checked.axes)
    assert {box.path: box.block for box in view.boxes}["sum"] == "h + x"


def test_no_wire_of_many_into_one_box_is_lost() -> None:
    many = [f"a{index}" for index in range(30)]
    nodes = ", ".join(f"{name}: tanh(x * {index + 1})" for index, name in enumerate(many))
    text = f"{{spec: 1, inputs: {{x: {{features: 2}}}}, nodes: {{{nodes}, s: {' + '.join(many)}}}, outputs: {{y: s}}}}"
    checked = check(read_spec(text, registry()), registry())
    found = scene(folded(checked.graph, checked.axes))
    told = {figure.identity: figure.title for figure in found.figures}
    readers = [line.ends[0] for line in found.lines if line.ends[1] == "s"]
    assert len(readers) == 30
    assert all(name in readers or any(f"{name}, read by s" in title for title in told.values()) for name in many)
    assert not faults(found)
