"""What is put on the grid and taken off it again leaves no trace, and stands there again in every column."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from leporello.graphs.drawing.column.grid import Footprint, Grid
from leporello.graphs.drawing.column.nets import Laid, places
from leporello.graphs.drawing.column.requests import GridPoint

WIDE, HIGH = 17, 12
PLACES = st.tuples(st.integers(0, WIDE - 1), st.integers(0, HIGH - 1))


@st.composite
def wires(sample: st.DrawFn) -> list[GridPoint]:
    """The corners of a wire."""
    (x, y), corners = sample(PLACES), list[GridPoint]()
    corners.append((x, y))
    for number in range(sample(st.integers(1, 4))):
        to_x, to_y = sample(PLACES)
        x, y = (to_x, y) if number % 2 else (x, to_y)
        if (x, y) != corners[-1]:
            corners.append((x, y))
    return corners


def layers(grid: Grid) -> tuple[bytes, ...]:
    """All bits."""
    return tuple(bytes(layer) for layer in (grid.closed, grid.level, grid.upright, grid.both))


@given(st.lists(st.lists(wires(), min_size=1, max_size=3), min_size=1, max_size=5), st.integers(1, 2), st.data())
def test_a_net_that_is_lifted_was_never_there(
    nets: list[list[list[GridPoint]]], copies: int, data: st.DataObject
) -> None:
    grid, without = Grid(WIDE, HIGH, copies), Grid(WIDE, HIGH, copies)
    marks = [[grid.wire(wire) for wire in net if len(wire) > 1] for net in nets]
    gone = data.draw(st.integers(0, len(nets) - 1))
    ours = {place for wire in nets[gone] for place in wire[1:-1]}
    theirs = {place for net in nets if net is not nets[gone] for wire in net for place in places(wire)}
    assume(not ours & theirs)  # no wire runs through another's bends
    for index, net in enumerate(marks):
        for mark in net:
            grid.add(mark)
            if index != gone:
                without.add(mark)
    before = layers(grid)
    grid.remove(marks[gone], (mark for index, net in enumerate(marks) if index != gone for mark in net))
    assert layers(grid) == layers(without)
    for mark in marks[gone]:
        grid.add(mark)
    assert layers(grid) == before


@given(wires(), st.integers(-2, 2))
def test_a_wire_is_there_again_in_every_column(wire: list[GridPoint], columns: int) -> None:
    grid = Grid(WIDE, HIGH, 2)
    moved = [(x + columns * WIDE, y) for x, y in wire]
    assert grid.wire(wire) == grid.wire(moved)
    if len(wire) > 1:
        grid.add(grid.wire(wire))
        assert all(grid.has_wire(x + WIDE, y) and grid.has_wire(x - WIDE, y) for x, y in places(wire))


def test_a_window_is_a_piece_of_the_grid() -> None:
    grid = Grid(WIDE, HIGH, 1)
    grid.add(grid.wire([(2, 3), (9, 3), (9, 8)], 0))
    whole, part = grid.area(0, 0, WIDE, HIGH), grid.area(7, 2, 12, 9)
    for x in range(7, 12):
        for y in range(2, 9):
            bits = (whole.bit(x, y), part.bit(x, y))
            assert whole.place(bits[0]) == part.place(bits[1]) == (x, y)
            for name in ("closed", "level", "upright", "both", "allowed"):
                assert getattr(whole, name) >> bits[0] & 1 == getattr(part, name) >> bits[1] & 1


def test_a_wire_may_begin_on_another_but_not_near_its_ends_or_before_its_sign() -> None:
    laid = Laid()
    path = [(0, 0), (10, 0), (10, 9)]
    laid.wire(path)
    assert [laid.holds((x, 0)) for x in (1, 2, 9, 10)] == [False, True, True, True]
    assert [laid.holds((10, y)) for y in (1, 6, 7)] == [True, True, False]
    laid.forget(path, (5, 0))
    assert [laid.holds((x, 0)) for x in (4, 5, 9, 10)] == [False, True, True, True]
    laid.forget(path, (10, 3))
    assert not any(laid.holds((x, 0)) for x in range(11))
    assert laid.holds((10, 3))


def test_a_footprint_knows_its_places() -> None:
    assert Footprint(0, 1, level=0b11, upright=0b110).places == 0b111
