"""Pictures in cells: any window says what the whole says, each cell knows to what it belongs, both ways."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, check, examine
from leporello.graphs.drawing.column.canvas import Owner, width
from leporello.graphs.drawing.column.effort import FIRST
from leporello.graphs.drawing.terminal import cell_picture
from leporello.graphs.drawing.terminal.box_places import TITLE
from leporello.graphs.drawing.terminal.cell_picture import BAND, CHUNK, CellPicture, folded_picture, unfolded_picture
from leporello.graphs.drawing.terminal.folded_typed import folded_typed
from leporello.graphs.drawing.terminal.overview import BLANK, overview
from leporello.graphs.drawing.terminal.typed import typed
from leporello.graphs.drawing.unfolded.page import Page
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.opened import opened
from leporello.graphs.drawing.views.view import Box, View
from leporello.graphs.specs import read_file, read_spec
from tests.support.paths import EXAMPLES
from tests.support.strategies import Sample, samples, some


def model(name: str) -> Checked:
    return check(read_file(EXAMPLES / f"{name}.yaml", registry()), registry())


def folded_of(checked: Checked, depth: int = 0) -> View:
    return folded(checked.graph, checked.axes, opened(checked.graph, (), depth))


def unfolded_of(checked: Checked, steps: int) -> CellPicture:
    view = folded_of(checked)
    return unfolded_picture(view, dict.fromkeys(view.axes, steps), effort=FIRST)


def lines(picture: CellPicture, left: int = 0, right: int | None = None) -> list[str]:
    rows = picture.rows(0, picture.height, left, right)
    return ["".join(piece.text for piece in row) for row in rows]


@pytest.mark.parametrize(
    ("name", "depth"), [("elman", 0), ("luong", 0), ("attention", 0), ("char_lm", 1), ("luong", 1), ("dates", 2)]
)
def test_the_picture_is_the_text_of_the_command_line(name: str, depth: int) -> None:
    view = folded_of(model(name), depth)
    drawn = typed(folded_typed(view)).render().split("\n")
    assert [line.rstrip() for line in lines(folded_picture(view))][: len(drawn)] == drawn


def test_a_frame_that_is_wider_than_what_stands_in_it_is_whole() -> None:
    text = "spec: 1\ninputs: {x: {features: 8}}\nnodes: {h: {block: rnn, input: x}}\noutputs: {y: h}"
    picture = folded_picture(folded_of(check(read_spec(text, registry()), registry()), 1))
    assert {"╭ h ────────│──────────╮", "╰───────────│──────────╯"} <= {line.rstrip() for line in lines(picture)}


@given(samples(broken=False), st.integers(0, 60), st.integers(0, 60))
@some(15)
def test_any_window_shows_what_the_whole_shows(sample: Sample, left: int, columns: int) -> None:
    checked, problems = examine(read_spec(sample.text, registry()), registry())
    assume(not problems)
    for picture in (folded_picture(folded_of(checked), effort=FIRST), unfolded_of(checked, 3)):
        whole = lines(picture)
        assume(all(width(line) == len(line) for line in whole))
        assert lines(picture, left, left + columns) == [line[left : left + columns].ljust(columns) for line in whole]


@pytest.mark.parametrize("steps", [None, 3])
def test_owners_are_found_both_ways(steps: int | None) -> None:
    checked = model("luong")
    picture = folded_picture(folded_of(checked)) if steps is None else unfolded_of(checked, steps)
    boxes = picture.boxes()
    assert {owner.path for owner in boxes} >= {"encoder", "decoder", "attention", "logits"}
    for owner, place in boxes.items():
        assert picture.place(owner) == place
        assert picture.owner_at(*place.middle) == owner
        within = picture.boxes(place.left, place.left + 1, place.top, place.top + 1)
        assert within[owner] == place
        assert all(other.left <= place.left and other.top <= place.top for other in within.values())
    wires = {
        owner
        for y in range(picture.height)
        for x in range(picture.width)
        if (owner := picture.owner_at(x, y)) and owner.what == "wire"
    }
    assert {(wire.path, wire.reader) for wire in wires} >= {("e", "encoder"), ("W_c", "attentional")}
    for owner in boxes:
        for incoming in (True, False):
            found = picture.wires(owner, incoming)
            assert len(set(found)) == len(found)
            assert all((wire.reader if incoming else wire.path) == owner.path for wire in found)
    first = next(owner for owner in boxes if owner.path == "attentional")
    assert [wire.path for wire in picture.wires(first, True)] == ["W_c"]
    assert set(picture.wires(first, True)) <= wires
    assert picture.wires(Owner("box", "nobody"), True) == []
    assert picture.owner_at(-1, 0) is None
    assert picture.owner_at(0, picture.height) is None


def test_a_window_of_a_tall_and_wide_picture_is_drawn_as_in_the_whole() -> None:
    nodes = [f"  n{i}: tanh({f'n{i - 1}' if i else 'x'} + n{i}(t-{1 + 2 * (i % 9 == 4)}))" for i in range(30)]
    text = "\n".join(["spec: 1", "inputs:", "  x: {features: 8}", "nodes:", *nodes, "outputs:", "  y: n29"])
    checked, problems = examine(read_spec(text, registry()), registry())
    assert not problems
    picture = unfolded_of(checked, 60)
    assert picture.height > 2 * BAND and picture.width > 4 * CHUNK
    assert isinstance(picture.source, Page)
    whole = typed(picture.source.window(0, picture.source.width)).render().split("\n")[TITLE:]
    found = [line.rstrip() for line in lines(picture)]
    assert found[: len(whole)] == whole
    assert not any(found[len(whole) :])


def test_ten_thousand_steps_are_as_four() -> None:
    few, many = unfolded_of(model("luong"), 4), unfolded_of(model("luong"), 10_000)
    assert many.height == few.height
    assert many.width > 2_000 * few.width
    sent = pickle.dumps(many)
    assert len(sent) < 20_000
    again = pickle.loads(sent)
    place = again.place(Owner("box", "decoder", 7_777))
    assert place is not None
    assert again.owner_at(*place.middle) == Owner("box", "decoder", 7_777)
    assert "decoder₇₇₇₇" in lines(again, place.left, place.left + place.columns)[place.middle[1]]
    assert again.neighbour(Owner("box", "decoder", 7_777), 1, 0) == Owner("box", "decoder", 7_778)
    assert again.place(Owner("box", "decoder", 10_001)) is None
    assert again.place(Owner("box", "nobody", 1)) is None


def test_columns_far_away_repeat_those_before() -> None:
    many = unfolded_of(model("elman"), 1_000)
    assert isinstance(many.source, Page)
    (first, second) = (many.place(Owner("box", "h", step)) for step in (400, 401))
    assert first is not None and second is not None
    step = second.left - first.left
    window = lambda left: [line.translate({ord(c): None for c in "₀₁₂₃₄₅₆₇₈₉0123456789"}) for line in left]  # noqa: E731
    assert window(lines(many, first.left, first.left + step)) == window(lines(many, second.left, second.left + step))
    assert step < CHUNK


def test_what_is_beside_a_window_is_drawn_a_little_at_a_time() -> None:
    many = unfolded_of(model("luong"), 1_000)
    window = many.width // 2, many.width // 2 + 80, 0, 30
    assert sum(iter(lambda: many.look_ahead(*window), False)) > 2
    kept = set(many._kept)
    many.rows(0, 30, window[0] - CHUNK, window[1] + CHUNK)
    assert set(many._kept) == kept
    corner = many.width - 1, many.width + 79, many.height - 1, many.height + 9
    while many.look_ahead(*corner):
        assert len(many._kept) < 100


def test_the_nearest_neighbour_is_found_however_far_is_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = unfolded_of(model("luong"), 5)
    ways = ((1, 0), (-1, 0), (0, 1), (0, -1))
    found = {(owner, way): picture.neighbour(owner, *way) for owner in picture.boxes() for way in ways}
    monkeypatch.setattr(cell_picture, "NEAR", (240,))
    assert found == {(owner, way): picture.neighbour(owner, *way) for owner, way in found}


def test_neighbours_lie_where_they_are_asked_for() -> None:
    picture = folded_picture(folded_of(model("elman")))
    h, w = Owner("box", "h"), Owner("box", "W")
    assert picture.neighbour(h, 0, -1) == Owner("box", "o")
    assert picture.neighbour(w, 1, 0) == Owner("box", "U")
    assert picture.neighbour(Owner("box", "y"), 0, -1) is None
    assert picture.neighbour(Owner("box", "nobody"), 0, 1) is None


def test_a_wide_character_is_never_cut_in_halves() -> None:
    picture = folded_picture(View("v", (Box("a", "input", "漢字"),), (), ()))
    for left in range(picture.width):
        for right in range(left + 1, picture.width):
            assert all(width(line) == right - left for line in lines(picture, left, right))


def test_an_overview_has_the_size_that_is_asked_for_and_shows_every_box() -> None:
    scene = folded_typed(folded_of(model("luong")))
    for columns, count in ((1, 1), (20, 10), (80, 3)):
        found = overview(scene, columns, count)
        assert [len(line) for line in found] == [columns] * count
    large = overview(scene, 60, 60)
    assert sum(character != BLANK for line in large for character in line) > 100
    empty = overview(folded_typed(View("empty", (), (), ())), 4, 2)
    assert set("".join(empty)) == {BLANK}
