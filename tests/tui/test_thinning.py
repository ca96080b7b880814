"""What is sent to a terminal, piece by piece, leaves there what all of it would have left."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, InlineUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from leporello.tui.thinning import Pieces, Seen
from tests.support.strategies import some

WIDE, HIGH = 12, 3
STYLES = (Style(color="red"), Style(color="blue", bold=True), Style(color="red", meta={"offset": (0, 0)}))
Grid = dict[tuple[int, int], tuple[str, str, bool | None]]


@st.composite
def lines(draw: st.DrawFn) -> dict[int, Strip]:
    """A line of the screen: strips by their columns, each of some segments, letters of two cells among them."""
    cuts = sorted({0, *draw(st.lists(st.integers(1, WIDE - 1), max_size=3)), WIDE})
    line = {}
    for start, stop in pairwise(cuts):
        segments, left = [], stop - start
        while left:
            text = draw(st.sampled_from(["a", "b", "ab", "語", " "]))
            text = text if Segment(text).cell_length <= left else "a"
            segments.append(Segment(text, draw(st.sampled_from(STYLES))))
            left -= segments[-1].cell_length
        line[start] = Strip(segments, stop - start)
    return line


@st.composite
def updates(draw: st.DrawFn) -> CompositorUpdate:
    """The whole screen, or spans of some lines."""
    screen = [draw(lines()) for _ in range(HIGH)]
    if draw(st.booleans()):
        return LayoutUpdate([line.values() for line in screen], Region(0, 0, WIDE, HIGH))
    spans = []
    for y in range(HIGH):
        if draw(st.booleans()):
            columns = [*screen[y], WIDE]  # what is sent of letters of two cells is whole letters
            start, stop = sorted(draw(st.lists(st.sampled_from(columns), min_size=2, max_size=2, unique=True)))
            spans.append((y, start, stop))
    spans = spans or [(0, 0, WIDE)]
    return ChopsUpdate(screen, spans, [[*[*line][1:], WIDE] for line in screen])


def put(grid: Grid, x: int, y: int, strip: Strip) -> None:
    for segment in strip:
        style = segment.style or Style()
        for letter in segment.text:
            grid[x, y] = (letter, str(style.color), style.bold)
            if Segment(letter).cell_length == 2:
                grid[x + 1, y] = ("", str(style.color), style.bold)
            x += Segment(letter).cell_length


def whole(grid: Grid, update: CompositorUpdate) -> None:
    """All of it, as Textual sends it."""
    if isinstance(update, LayoutUpdate):
        for y, strips in enumerate(update.strips):
            x = 0
            for strip in strips:
                put(grid, x, y, strip)
                x += strip.cell_length
    elif isinstance(update, ChopsUpdate):
        for y, start, stop in update.spans:
            for x, strip in update.chops[y].items():
                if strip is not None and start <= x < stop:
                    put(grid, x, y, strip)


@given(st.lists(updates(), max_size=8))
@some(300)
def test_the_screen_is_the_same(given_: list[CompositorUpdate]) -> None:
    seen, sent, all_of_it = Seen(), Grid(), Grid()
    for update in given_:
        whole(all_of_it, update)
        thin = seen.thinned(update)
        assert isinstance(thin, Pieces)
        for x, y, strip in thin.pieces:
            put(sent, x, y, strip)
        assert sent == all_of_it


def screen(*texts: str) -> LayoutUpdate:
    return LayoutUpdate(
        [[Strip([Segment(text, STYLES[0])])] for text in texts], Region(0, 0, len(texts[0]), len(texts))
    )


def test_what_stands_there_is_not_sent_again_until_it_is_forgotten() -> None:
    seen = Seen()
    assert len(seen.thinned(screen("one", "two")).pieces) == 2  # type: ignore[attr-defined]
    assert seen.thinned(screen("one", "two")).pieces == ()  # type: ignore[attr-defined]
    changed = seen.thinned(screen("one", "toe"))
    assert changed.render_segments(Console(color_system=None)).startswith("\x1b[2;1H")
    seen.forget()
    assert len(seen.thinned(screen("one", "toe")).pieces) == 2  # type: ignore[attr-defined]


def test_a_part_of_a_strip_is_sent_as_it_is_and_not_relied_upon() -> None:
    seen = Seen()
    seen.thinned(screen("abcdef"))
    part = ChopsUpdate([{0: Strip([Segment("abcxyz", STYLES[0])])}], [(0, 2, 4)], [[6]])
    (piece,) = seen.thinned(part).pieces  # type: ignore[attr-defined]
    assert (piece[0], piece[2].text) == (2, "cx")
    assert len(seen.thinned(screen("abcdef")).pieces) == 1  # type: ignore[attr-defined]


def test_what_is_no_picture_of_the_screen_makes_all_unknown() -> None:
    seen, other = Seen(), InlineUpdate([])
    seen.thinned(screen("one"))
    assert seen.thinned(other) is other
    assert len(seen.thinned(screen("one")).pieces) == 1  # type: ignore[attr-defined]
