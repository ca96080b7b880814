"""Cells drawn open with their states as rails: on nothing else, complete, with the equations that the graph says."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import assume, given

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, check, examine
from leporello.graphs.drawing.cell.building import built
from leporello.graphs.drawing.cell.cell_scene import MOST
from leporello.graphs.drawing.cell.members import cell_paths, members
from leporello.graphs.drawing.cell.parts import Cell
from leporello.graphs.drawing.cell.picture import cell_picture
from leporello.graphs.drawing.cell.rails import rails
from leporello.graphs.drawing.draw import draw
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.scene.palette import CELL, DARK, GROUND, INK, LINES, MUTED
from leporello.graphs.drawing.scene.scene import Scene
from leporello.graphs.drawing.writers.allowed import forbidden
from leporello.graphs.drawing.writers.svg import svg_text
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_file, read_spec
from tests.graphs.drawing.test_pictures import contrast
from tests.support.command_line import CHARACTERS, ELMAN, LUONG, done, refused
from tests.support.drawn.pictures import faults, touches
from tests.support.paths import EXAMPLES as FOLDER
from tests.support.paths import PICTURES as GOLDEN
from tests.support.strategies import Sample, samples, some, thinned

EXAMPLES = sorted(FOLDER.glob("*.yaml"))

BLOCKS = {
    "lstm": "lstm",
    "lstm without biases": "lstm, bias: false",
    "lstm with peepholes": "lstm, gates: peephole",
    "lstm with coupled gates": "lstm, gates: coupled",
    "lstm with a projection": "lstm, projection: 4",
    "gru": "gru",
    "gru, reset before": "gru, reset: before",
    "gru backward": "gru, direction: backward",
    "minimal_gru": "minimal_gru",
    "rnn": "rnn",
    "rnn of rectifiers": "rnn, activation: relu, bias: false",
}
ODD = {
    "two delays": "{h: tanh(U + W + V), U: L x, W: L h(t-1), V: L h(t-2)}",
    "no layer": "{h: 0.9 * h(t-1) + 0.1 * x}",
    "backward": "{h: x - h(t+1) / x}",
    "two states that meet": "{a: relu(W) + b(t-1), W: L a(t-1), h: a * b(t-1) - x, b: tanh(h) * b(t-1)}",
    "equal operands": "{h: h(t-1) * h(t-1) + x + x}",
    "functions in a row": "{h: sqrt(abs(exp(h(t-1)) - softplus(x)))}",
    "a copy": "{h: k(t-1), k: h(t-1) + x}",
    "one layer alone": "{h: W + x, W: L h(t-1)}",
}


def model(nodes: str) -> Checked:
    """A model of an input x and an output h around the lines of `nodes`."""
    text = f"spec: 1\nname: m\ninputs:\n  x: {{features: 8}}\nnodes:\n{nodes}outputs:\n  y: h\n"
    return check(read_spec(text, registry()), registry())


def with_block(use: str) -> Checked:
    """A model of one block."""
    return model(f"  h: {{block: {use}, input: x, units: 8}}\n")


def with_nodes(nodes: str) -> Checked:
    """A model of nodes in one line, where `L a` is a linear layer on `a`."""
    lines = ""
    for part in nodes.strip("{}").split(", "):
        name, _, value = part.partition(": ")
        written = f"{{block: linear, input: {value[2:]}, units: 8}}" if value.startswith("L ") else value
        lines += f"  {name}: {written}\n"
    return model(lines)


def cell_of(checked: Checked, path: str = "h") -> Cell:
    """The parts of a cell."""
    clocks = {name: axes.own for name, axes in checked.axes.items()}
    return built(checked.graph, members(checked.graph, path), clocks)


def picture(checked: Checked, path: str = "h") -> Scene:
    """The picture of a cell."""
    return cell_picture(checked.graph, checked.axes, path)


def said(scene: Scene) -> list[str]:
    """The equations beside a cell."""
    left = {note.place.y: note.label.text for note in scene.notes if note.anchor == "end"}
    right = {note.place.y: note.label.text for note in scene.notes if note.label.text.startswith("= ")}
    return [f"{left[y]} {right[y]}" for y in sorted(left)]


@pytest.mark.parametrize("use", BLOCKS.values(), ids=BLOCKS.keys())
def test_nothing_lies_on_anything_else(use: str) -> None:
    assert not faults(picture(with_block(use)))


@pytest.mark.parametrize("nodes", ODD.values(), ids=ODD.keys())
def test_nothing_lies_on_anything_else_in_odd_cells(nodes: str) -> None:
    assert not faults(picture(with_nodes(nodes)))


@pytest.mark.thinned
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_cells_of_the_examples_are_drawn(path: Path) -> None:
    checked = check(read_file(path, registry()), registry())
    # Layers, and nodes of one loop, lie beside each other.
    names = thinned(cell_paths(checked.graph)[::2], every=3)
    large = {name for name in names if len(cell_of(checked, name).operations) > MOST}
    assert set(names) - large
    for name in names:
        if name in large:
            with pytest.raises(SpecError, match=f"{name} does [0-9]+ operations at a step, too many for one cell"):
                picture(checked, name)
            continue
        scene = picture(checked, name)
        assert not faults(scene)
        assert not list(forbidden(ElementTree.fromstring(svg_text(scene))))


@given(samples(broken=False))
@some(50)
def test_cells_of_random_models_are_drawn_or_refused(sample: Sample) -> None:
    checked, problems = examine(read_spec(sample.text, registry()), registry())
    assume(not problems)
    for name in cell_paths(checked.graph):
        try:
            scene = picture(checked, name)
        except SpecError as error:
            assert "operations at a step" in str(error)
            continue
        assert not faults(scene)
        assert_complete(scene, cell_of(checked, name))


@pytest.mark.parametrize("use", BLOCKS.values(), ids=BLOCKS.keys())
def test_every_read_is_a_wire(use: str) -> None:
    checked = with_block(use)
    assert_complete(picture(checked), cell_of(checked))


def assert_complete(scene: Scene, cell: Cell) -> None:
    """Every operation is a figure that its reads reach; every state, input and output has a wire at the border."""
    figures = {figure.identity: figure for figure in scene.figures if not figure.identity.startswith("key/")}
    assert set(figures) == set(cell.operations)
    for path, operation in cell.operations.items():
        nets = {line.net for line in scene.lines if line.arrow and touches(line.points[-1], figures[path].place)}
        missing = {value.net for value in operation.reads} - nets
        assert not missing or "side by side" in nets
    (frame,) = (panel.place for panel in scene.panels if panel.cell)
    wires = [line.points for line in scene.lines if not line.net.startswith("key ")]
    ends = [point for points in wires for point in (points[0], points[-1])]
    left, right = frame.x - frame.width / 2, frame.x + frame.width / 2
    top, bottom = frame.y - frame.height / 2, frame.y + frame.height / 2
    pieces = [piece for points in wires for piece in pairwise(points)]
    assert not [(x, y) for (x, y), (_, to_y) in pieces if y == to_y and min(abs(y - top), abs(y - bottom)) < 5]
    assert not [(x, y) for (x, y), (to_x, _) in pieces if x == to_x and min(abs(x - left), abs(x - right)) < 5]
    assert sum(x < left for x, _ in ends) == sum(len(values) for values in cell.states.values())
    assert sum(x > right for x, _ in ends) == len(cell.states)
    assert sum(y < top for _, y in ends) == len(cell.outs)
    assert sum(y > bottom for _, y in ends) == len(cell.inputs)


def test_the_rails_are_what_is_carried_on_element_by_element() -> None:
    carried = {
        use: [rail.state.rpartition("/")[2] for rail in rails(cell_of(with_block(use)))] for use in BLOCKS.values()
    }
    assert carried["lstm"] == carried["lstm, gates: peephole"] == carried["lstm, projection: 4"] == ["c"]
    assert carried["gru"] == carried["gru, reset: before"] == carried["minimal_gru"] == ["h"]
    assert carried["rnn"] == []
    heavy = [line for line in picture(with_block("lstm")).lines if line.style == "state" and "key" not in line.net]
    assert len({y for line in heavy for _, y in line.points}) == 1


def test_a_linear_layer_with_its_activation_is_one_box() -> None:
    figures = {figure.identity: figure for figure in picture(with_block("lstm, gates: peephole")).figures}
    assert [(figures[f"h/1/forward/{gate}"].label.text) for gate in "ifgo"] == ["σ", "σ", "tanh", "σ"]
    assert not [path for path in figures if "W_" in path or "p_" in path]


def test_what_is_computed_twice_is_drawn_once() -> None:
    cell = cell_of(check(read_file(FOLDER / "own_cell.yaml", registry()), registry()))
    assert [operation.text for operation in cell.operations.values()].count("σ") == 2


def test_equations_are_what_the_graph_says() -> None:
    assert said(picture(with_block("lstm"))) == [
        "it = σ(Wi [xt, ht−1] + bi)",
        "ft = σ(Wf [xt, ht−1] + bf)",
        "gt = tanh(Wg [xt, ht−1] + bg)",
        "ot = σ(Wo [xt, ht−1] + bo)",
        "ct = ft ⊙ ct−1 + it ⊙ gt",
        "ht = ot ⊙ tanh(ct)",
    ]
    assert said(picture(with_block("rnn, bias: false"))) == ["ht = tanh(W [xt, ht−1])"]


def test_equations_tell_biases_and_products_apart() -> None:
    assert "nt = tanh(Wn xt + bWn + rt ⊙ (Un ht−1 + bUn))" in said(picture(with_block("gru")))
    assert "nt = tanh(Wn [xt, rt ⊙ ht−1] + bn)" in said(picture(with_block("gru, reset: before")))
    assert said(picture(with_nodes(ODD["no layer"]))) == ["ht = 0.9 ht−1 + 0.1 xt"]


def test_layers_of_a_stack_are_told_apart() -> None:
    checked = check(read_file(LUONG, registry()), registry())
    assert said(picture(checked, "decoder/2"))[0] == "it = σ(Wi [h(1)t, ht−1] + bi)"
    assert "h(1)t" in [note.label.text for note in picture(checked, "decoder/2").notes]


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_the_picture_is_the_golden_one(name: str) -> None:
    checked = with_block(name)
    text = draw(checked.graph, checked.axes, Options(cell="h"), "svg")
    assert text == draw(checked.graph, checked.axes, Options(cell="h"), "svg")
    assert text == (GOLDEN / f"{name}.cell.svg").read_text()


def test_a_cell_too_large_is_refused() -> None:
    many = " + ".join(f"exp(h(t-{step}))" for step in range(1, 60))
    with pytest.raises(SpecError, match="does 118 operations at a step, too many"):
        picture(with_nodes(f"{{h: {many} + x}}"))


def test_the_command_line_draws_a_cell(tmp_path: Path) -> None:
    file = tmp_path / "cell.svg"
    done("draw", CHARACTERS, "--cell", "h", "-o", file)
    assert "LSTM cell h at step t" in file.read_text()


def test_the_command_line_refuses_what_is_no_cell() -> None:
    svg = ("--format", "svg", "-o", "-")
    assert "luong has no 'decodr' to draw as a cell" in refused("draw", LUONG, "--cell", "decodr", *svg)
    assert "can be drawn: decoder/1, decoder/2" in refused("draw", LUONG, "--cell", "decodr/1", *svg)
    assert "'decoder' holds 2 cells\n  draw one of them: decoder/1, decoder/2" in refused(
        "draw", LUONG, "--cell", "decoder", *svg
    )
    assert "'attention' is no cell: nothing in it reads its own past" in refused(
        "draw", LUONG, "--cell", "attention", *svg
    )
    assert "'o' is no cell" in refused("draw", ELMAN, "--cell", "o", *svg)
    assert "leave out what unfolds" in refused("draw", ELMAN, "--cell", "h", "--unfold", "3", *svg)
    assert "only" in refused("draw", ELMAN, "--cell", "h", "--format", "dot")


def test_a_model_without_a_loop_says_so() -> None:
    with pytest.raises(SpecError, match="there is no cell in it"):
        picture(with_nodes("{h: tanh(x)}"), "h")


def test_nothing_of_a_label_acts() -> None:
    drawn = svg_text(picture(model("  h: {value: h(t-1) + x, label: '<script>&'}\n")))
    assert not list(forbidden(ElementTree.fromstring(drawn)))
    assert "<script" not in drawn
    assert "&lt;script&gt;&amp;" in drawn


@pytest.mark.parametrize("dark", [False, True])
def test_what_stands_in_a_frame_can_be_told_from_its_ground(dark: bool) -> None:
    def shown(colour: str) -> str:
        colour = DARK[colour] if dark else colour
        return "#ffffff" if colour == "white" else colour

    ground, border = (shown(colour) for colour in CELL)
    assert all(contrast(shown(colour), ground) >= 4.5 for colour in (INK, MUTED, *LINES.values()))
    assert contrast(border, ground) >= 3
    assert contrast(border, shown(GROUND)) >= 3


def test_a_cell_in_a_block_is_called_by_its_own_block() -> None:
    text = """
    spec: 1
    blocks:
      inner: {inputs: [x], nodes: {W: {block: linear, input: x, units: 3}, c: tanh(W) + c(t-1)}, outputs: [c]}
      outer: {inputs: [x], nodes: {s: {block: inner, x: x}, o: x + s}, outputs: [o]}
    inputs: {x: {features: 3}}
    nodes: {b: {block: outer, x: x}}
    outputs: {y: b}
    """
    checked = check(read_spec(text, registry()), registry())
    titles = [picture(checked, path).name for path in ("b", "b/1/forward/s/1")]
    assert titles == ["outer cell b at step t", "inner cell b/1/forward/s/1 at step t"]
