"""Pictures: what they show, that they are the same every time, and that no text of a spec can act in them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.graphs.analysis.axes import Axes
from leporello.graphs.analysis.checks import check
from leporello.graphs.composing.tree import Source
from leporello.graphs.drawing.draw import draw
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.scene.palette import DARK, FILLS, GROUND, INK, LINES, MUTED
from leporello.graphs.drawing.terminal.folded_text import listed_text
from leporello.graphs.drawing.terminal.tiles import Entry, Row, reach, tracks
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.levels import levels, rows, upward
from leporello.graphs.drawing.views.unfolded_view import unfolded
from leporello.graphs.drawing.views.view import Box, Edge, View, style_of
from leporello.graphs.drawing.writers.allowed import forbidden
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Node, Output, Time, Wire
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_file
from tests.support.paths import PICTURES as GOLDEN

CASES = ["elman", "char_lm", "tagger", "luong", "bridge", "mixed", "lstm_equations"]
HOSTILE = [
    "<script>alert(1)</script>",
    "<b>bold</b>",
    "</font></i>>",
    "&amp;&lt;",
    "]]>",
    'quote " and \\" and \\N \\G \\l \\',
    "a\nb\tc",
    "\x1b[2J\x1b]52;c;AAAA\x07",
    "\x00\x85\u202e\u200b",
    "javascript:alert(1)",
    "漢字 😀 e\u0301",
    "[link=x]y[/]",
    "x" * 100_000,
    "",
]


def opened(name: str) -> tuple[Graph, Any]:
    """A spec of the golden folder, opened, with its axes."""
    checked = check(read_file(GOLDEN / f"{name}.yaml", registry()), registry())
    return checked.graph, checked.axes


def view_of(name: str) -> View:
    """The folded picture of a spec of the golden folder."""
    return folded(*opened(name))


def hostile(text: str) -> tuple[Graph, dict[str, Axes]]:
    """A small recurrent graph in which every free text is `text`."""
    nodes = (
        Node("x", "input", label=text),
        Node("node", "add", (("left", Wire("x")), ("right", Wire("node", time=Time(offset=-1)))), label=text),
        Node("edge1", "input", label=text),
    )
    outputs = (Output(text or "y", Wire("node"), "edge1"),)
    graph = Graph(text, nodes, outputs, label=text, source=Source(text, text))
    return graph, {path: Axes("time") for path in ("x", "node", "edge1")}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    ("ending", "unfold", "form", "ascii_only"),
    [
        ("folded.txt", None, "txt", False),
        ("unfolded.txt", 3, "txt", False),
        ("ascii.txt", 2, "txt", True),
        ("folded.dot", None, "dot", False),
        ("unfolded.dot", 3, "dot", False),
    ],
)
def test_the_picture_is_the_golden_one(name: str, ending: str, unfold: int | None, form: Any, ascii_only: bool) -> None:
    path, drawn = GOLDEN / f"{name}.{ending}", draw(*opened(name), Options(unfold), form, ascii_only)
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(drawn, encoding="utf-8")
    assert drawn == path.read_text(encoding="utf-8"), "UPDATE_GOLDEN=1 writes the new picture; look at the difference"


@pytest.mark.parametrize("name", CASES)
def test_folded_text_fits_a_terminal(name: str) -> None:
    assert max(len(line) for line in draw(*opened(name)).splitlines()) <= 80


def test_a_closed_composite_keeps_its_delays_and_hides_the_rest() -> None:
    view = view_of("char_lm")
    edges = {(e.source, e.target, str(e.time), e.style) for e in view.edges}
    assert ("h", "h", "(t-1)", "delay") in edges
    assert ("h", "h", "", "now") not in edges
    assert ("choice", "previous", "(t-1)", "fed_back") in edges
    assert ("text", "previous", "(t-1)", "delay") in edges
    assert {box.path for box in view.boxes if "/" in box.path} == {"outputs/next"}


def test_attention_reads_all_of_the_encoder_and_the_decoder_starts_from_its_end() -> None:
    edges = {(e.source, e.target): e for e in view_of("luong").edges if e.source == "encoder" != e.target}
    assert edges["encoder", "attention"].style == "all"
    assert edges["encoder", "decoder"].style == "initial"
    assert edges["encoder", "decoder"].time.kind == "last"


def test_a_final_value_comes_from_both_ends_of_a_bidirectional_encoder() -> None:
    view = view_of("bridge")
    assert {e.time.kind for e in view.edges if (e.source, e.target) == ("encoder", "final")} == {"first", "last"}
    box = {box.path: box for box in view.boxes}
    assert box["final"].axis is None
    assert box["decoder"].initial == "start"


def test_an_expression_is_written_as_in_the_spec() -> None:
    blocks = {box.path: box.block for box in view_of("mixed").boxes}
    assert blocks["f"] == "tanh(x + f(t-1) + f(t-2) * c)"
    assert blocks["context"] == "sum(weights * wide(all))"
    assert blocks["c"] == "linear"


def test_a_title_says_the_line_of_the_spec() -> None:
    titles = {box.path: box.title for box in view_of("elman").boxes}
    assert titles["h"] == "h: tanh(U + W), at every step of time\nline 8: h: tanh(U + W)"


def test_what_is_read_lies_below_its_reader() -> None:
    view = view_of("luong")
    level = levels(view)
    rising = upward(view)
    assert all(level[edge.source] < level[edge.target] for edge in rising)
    assert {(e.source, e.target) for e in view.edges if e.source != e.target} - {
        (e.source, e.target) for e in rising
    } == {
        ("choice", "previous"),
        ("attentional", "decoder"),
    }


def test_boxes_that_read_each_other_at_the_same_step_are_drawn() -> None:
    wires = [("a", "b"), ("b", "a"), ("b", "c")]
    view = View("knot", tuple(Box(p, "composite", p, "time") for p in "abc"), tuple(Edge(*w) for w in wires), ("time",))
    assert rows(view) == [["a"], ["b"], ["c"]]
    assert "◀b" in listed_text(view)


@pytest.mark.parametrize(("steps", "copies"), [(1, 1), (12, 12), (13, 6), (10**9, 6)])
def test_long_stretches_are_left_out(steps: int, copies: int) -> None:
    graph, axes = opened("elman")
    picture = unfolded(folded(graph, axes), {"time": steps})
    found = [cell.step for cell in picture.cells if cell.box.path == "h" and cell.kind == "state"]
    assert len(found) == copies
    assert found[-1] == steps
    assert any(cell.kind == "gap" for cell in picture.cells) == (steps > 12)
    for form in ("txt", "dot"):
        assert len(draw(graph, axes, Options(steps), form)) <= len(draw(graph, axes, Options(12), form))


def test_a_delay_joins_columns_and_starts_from_a_box_of_its_own() -> None:
    picture = unfolded(view_of("mixed"), {"time": 3})
    edges = {(e.source, e.target, e.style) for e in picture.edges}
    assert {("f@before", "f@1", "delay"), ("f@1", "f@2", "delay"), ("f@1", "f@3", "delay")} <= edges
    assert {("b@3", "b@2", "backward"), ("b@after", "b@3", "backward")} <= edges
    assert {("f@3", "summary", "ends"), ("b@1", "summary", "ends"), ("c", "wide@2", "now")} <= edges
    assert {("wide@2", "wide@all", "all"), ("wide@all", "context@1", "all")} <= edges
    assert not any(source == "f@2" and target == "f@1" for source, target, _ in edges)
    paths = {cell.path for cell in picture.cells}
    assert all({source, target} <= paths for source, target, _ in edges)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("unfold", [None, 2, 100])
def test_text_of_a_spec_is_visible_and_inert_on_a_terminal(text: str, unfold: int | None) -> None:
    drawn = draw(*hostile(text), Options(unfold))
    assert all(character.isprintable() for character in drawn.replace("\n", ""))
    assert len(drawn) < 20_000
    assert draw(*hostile(text), Options(unfold), ascii_only=True).isascii()


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("unfold", [None, 2, 100])
def test_text_of_a_spec_is_data_in_dot(text: str, unfold: int | None) -> None:
    drawn = draw(*hostile(text), Options(unfold), "dot")
    assert all(character.isprintable() for character in drawn.replace("\n", "").replace("\t", ""))
    labels = re.findall(r"label=<(.*)>(?= [a-zA-Z]+=|\])", drawn)
    for label in labels:
        tags = {element.tag for element in ElementTree.fromstring(f"<label>{label}</label>").iter()}
        assert tags <= {"label", "font", "i", "sub", "sup", "br", "table", "tr", "td"}
        assert "\\" not in label
    assert labels


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("unfold", [None, 2])
def test_text_of_a_spec_is_data_in_svg(text: str, unfold: int | None) -> None:
    root = ElementTree.fromstring(draw(*hostile(text), Options(unfold), "svg"))
    assert not list(forbidden(root))
    assert root.get("role") == "img"
    identifiers = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(identifiers) == len(set(identifiers))
    assert ("edge1" if unfold is None else "edge1@1") in identifiers
    if text.startswith("<"):
        assert text[:12] in "".join(root.itertext())


@pytest.mark.parametrize("name", CASES)
def test_svg_shows_every_box(name: str) -> None:
    graph, axes = opened(name)
    shown = {
        element.get("id")
        for element in ElementTree.fromstring(draw(graph, axes, Options(weights="boxes"), "svg")).iter()
    }
    boxes = folded(graph, axes).boxes
    assert {box.path for box in boxes} <= shown
    pulled = ElementTree.fromstring(draw(graph, axes, Options(2, weights="boxes"), "svg"))
    copies = {f"{box.path}@{step}" if box.axis else box.path for box in boxes for step in (1, 2)}
    assert copies <= {element.get("id") for element in pulled.iter()}


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ("<script>1</script>", "an element script"),
        ("<foreignObject/>", "an element foreignObject"),
        ('<path onload="1"/>', "an attribute onload of path"),
        ('<image href="http://x/"/>', "an element image"),
        ('<g fill="url(http://x/)"/>', "an attribute fill of g"),
        ("<style>@import 'http://x/'</style>", "a style that reads something from elsewhere"),
        ('<a xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="javascript:1"/>', "an element a"),
    ],
)
def test_an_svg_with_anything_that_acts_is_not_on_the_list(inside: str, said: str) -> None:
    root = ElementTree.fromstring(f'<svg xmlns="http://www.w3.org/2000/svg">{inside}</svg>')
    assert said in list(forbidden(root))


def test_svg_needs_no_program_and_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "<svg" in draw(*hostile("$(touch spoiled); -o spoiled | `touch spoiled`"), None, "svg")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("unfold", [0, -1, True, 2.5, "3", 10**10, {"time": 0}, {"time": None}])
def test_a_number_of_steps_that_is_none_is_refused(unfold: Any) -> None:
    with pytest.raises(SpecError, match="a whole number from 1"):
        draw(*opened("elman"), Options(unfold))


def test_an_unknown_axis_or_format_is_refused_with_the_nearest() -> None:
    with pytest.raises(SpecError, match="did you mean source"):
        draw(*opened("luong"), Options({"sorce": 3}))
    with pytest.raises(SpecError, match="did you mean svg"):
        draw(*opened("elman"), None, "svgz")  # type: ignore[arg-type]


def test_axes_are_unfolded_each_by_its_own_number() -> None:
    drawn = draw(*opened("luong"), Options({"source": 2}))
    assert "source₂" in drawn
    assert "source₃" not in drawn
    assert "target₄" in drawn


def test_an_empty_graph_is_an_empty_picture() -> None:
    for unfold in (None, 3):
        for form in ("txt", "dot"):
            assert "nothing" in draw(Graph("nothing"), {}, Options(unfold), form)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""
    first, second = sorted((luminance(one), luminance(other)))
    return (second + 0.05) / (first + 0.05)


def luminance(color: str) -> float:
    """The relative luminance of WCAG 2."""
    parts = [int({"white": "#ffffff"}.get(color, color)[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("dark", [False, True])
def test_colours_can_be_told_from_what_lies_behind_them(dark: bool) -> None:
    def shade(color: str) -> str:
        return DARK[color] if dark else color

    for fill, stroke in (pair for kind, pair in FILLS.items() if kind != "gap"):
        assert contrast(shade(stroke), shade(GROUND)) >= 4.5
        assert contrast(shade(stroke), shade(fill)) >= 3
        assert contrast(shade(INK), shade(fill)) >= 7
        assert contrast(shade(MUTED), shade(fill)) >= 4.5
    for line in LINES.values():
        assert contrast(shade(line), shade(GROUND)) >= 4.5


@st.composite
def views(sample: st.DrawFn) -> View:
    """A view whose wires of the same step go forward in the order written, and late ones anywhere."""
    count = sample(st.integers(1, 7))
    names = [f"n{index}" for index in range(count)]
    boxes = tuple(Box(name, "function", name, "time") for name in names)
    edges = set()
    for _ in range(sample(st.integers(0, 12))):
        source, target, offset = sample(st.tuples(*[st.integers(0, count - 1)] * 2, st.integers(-2, 2)))
        if offset or source < target:
            time = Time(offset=offset)
            edges.add(Edge(names[source], names[target], time, style_of(time)))
    return View("random", boxes, tuple(sorted(edges, key=str)), ("time",))


@given(views())
def test_every_wire_on_the_terminal_leads_to_what_it_reads(view: View) -> None:
    drawn = listed_text(view).splitlines()
    found = {(source, target, label) for source, target, label in traced(drawn)}
    expected = {(edge.source, edge.target, f"{edge.source}{edge.time}") for edge in view.edges}
    straight = {(source, target, label) for source, target, label in expected if (source, target) in arrows(drawn)}
    assert found | straight == expected
    assert {(source, target) for source, target, _ in straight} == arrows(drawn)


def name_on(lines: list[str], y: int) -> str:
    """The name in the box that line y belongs to: the one on the line below its upper edge."""
    while lines[y][1] != "╭":
        y -= 1
    return re.findall(r"n\d+", lines[y + 1])[0]


def arrows(lines: list[str]) -> set[tuple[str, str]]:
    """Source and target of each arrow in a frame."""
    return {(name_on(lines, y + 1), name_on(lines, y)) for y, line in enumerate(lines) if "▲" in line}


def traced(lines: list[str]) -> list[tuple[str, str, str]]:
    """Source, target and label of each wire, found by walking along it as an eye does."""
    ways = {"│": "ud", "─": "lr", "╯": "ul", "╰": "ur", "╮": "dl", "╭": "dr", "┤": "udl", "├": "udr", "┴": "ulr"}
    ways |= {"┬": "dlr", "┼": "udlr"}
    moves, back = {"u": (0, -1), "d": (0, 1), "l": (-1, 0), "r": (1, 0)}, {"u": "d", "d": "u", "l": "r", "r": "l"}
    found = []
    for y, line in enumerate(lines):
        if "◀" not in line:
            continue
        label = re.findall(r"◀([^─│┼┤╮╯]*)", line)[0].strip()
        sources, seen, waiting = set(), set(), [(line.index("◀") + len(label) + 1, y, "r")]
        while waiting:
            x, row, way = waiting.pop()
            glyph = lines[row][x] if x < len(lines[row]) else " "
            if (x, row, way) in seen:
                continue
            seen.add((x, row, way))
            if glyph == "│" and way in "lr":
                if x == line.index("◀") - 1:
                    sources.add(name_on(lines, row))
                    continue
                onward = way
            elif glyph in ways:
                onward = ways[glyph].replace(back[way], "")
            else:
                continue
            waiting += [(x + moves[w][0], row + moves[w][1], w) for w in onward]
        assert len(sources) == 1, (sources, line)
        found.append((sources.pop(), name_on(lines, y), label))
    return found


@given(views())
def test_tracks_do_not_lie_on_each_other(view: View) -> None:
    listed = tuple(
        Row(box.path, box.kind, box.label, entries=tuple(Entry(e.source) for e in view.edges if e.target == box.path))
        for box in view.boxes
    )
    found = tracks(listed)
    for index, one in enumerate(found):
        for other in found[index + 1 :]:
            apart = reach(one)[1] < reach(other)[0] or reach(other)[1] < reach(one)[0]
            assert one.column != other.column or apart
