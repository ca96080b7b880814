"""Curves in braille: fields of the size that is asked for, whatever the values."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from leporello.tui.runs.plotting import LABEL, Curve, last_update, plot, smoothed, update_at, value_at
from tests.support.strategies import some

VALUES = st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), max_size=40)
POINTS = VALUES.map(lambda values: list(enumerate(values)))


@given(POINTS, POINTS, st.integers(1, 60), st.integers(1, 20), st.booleans())
@some(200)
def test_any_values_have_a_field(
    a: list[tuple[int, float]], b: list[tuple[int, float]], columns: int, lines: int, log: bool
) -> None:
    field = plot((Curve("a", a, "train"), Curve("b", b, "valid", False)), columns, lines, log)
    assert [len(row) for row in field] == [columns] * lines


def text(values: list[float], columns: int = 40, lines: int = 9, log: bool = False) -> list[str]:
    field = plot((Curve("a", list(enumerate(values)), "train"),), columns, lines, log)
    return ["".join(cell.glyph for cell in row) for row in field]


def test_a_falling_line_falls_from_the_upper_left_to_the_lower_right() -> None:
    drawn = text([8.0, 6.0, 4.0, 2.0, 0.0])
    assert drawn[0].startswith("   7.74 ⠑") or drawn[0][LABEL + 1] != " "
    assert drawn[-2].rstrip()[-1] not in " ⠀"
    assert drawn[-1].split() == ["0", "2", "4"]
    columns = [next(x for x, c in enumerate(row[LABEL + 1 :]) if 0x2800 < ord(c) < 0x2900) for row in drawn[:-1]]
    assert columns == sorted(columns)


def test_on_a_logarithmic_scale_equal_ratios_are_equally_far() -> None:
    drawn = text([1000.0, 100.0, 10.0, 1.0], log=True)
    first = [next(x for x, c in enumerate(row[LABEL + 1 :]) if 0x2800 < ord(c) < 0x2900) for row in drawn[:-1]]
    steps = [b - a for a, b in pairwise(first)]
    assert max(steps) - min(steps) <= 1


def test_smoothing_keeps_constants_and_ends_near_the_last_values() -> None:
    assert smoothed([(i, 3.0) for i in range(5)]) == [(i, 3.0) for i in range(5)]
    found = smoothed([(i, 0.0) for i in range(50)] + [(i, 1.0) for i in range(50, 200)], 15)
    assert found[49][1] == 0 and 0.99 < found[-1][1] <= 1
    assert smoothed([]) == []


@given(st.integers(2, 400))
@some(50)
def test_a_smoothed_curve_that_falls_lags_little(count: int) -> None:
    points = [(i, 3.0 - 2.0 * i / (count - 1)) for i in range(count)]
    assert all(0 <= mean - value <= 0.15 for (_, value), (_, mean) in zip(points, smoothed(points), strict=True))


def test_what_curves_say_at_an_update() -> None:
    curve = Curve("loss", [(10, 3.0), (20, 2.0), (100, 1.0)], "train")
    assert [value_at(curve.points, update) for update in (0, 10, 19, 20, 1000)] == [None, 3.0, 3.0, 2.0, 1.0]
    assert last_update([curve, Curve("none", [], "valid")]) == 100
    assert [update_at([curve], column, 58) for column in (-5, 0, 49, 500)] == [0, 0, 100, 100]
    assert update_at([], 3, 58) == 0
    field = plot([curve], 40, 10, marked=5)
    assert all(line[LABEL + 1 + 5].glyph != " " for line in field[:-1])
    assert len({len(line) for line in field}) == 1


@given(st.floats(1e-30, 1e30), st.floats(0, 1e-3), st.booleans())
@some(100)
def test_no_size_is_said_twice_beside_the_curve(value: float, spread: float, log: bool) -> None:
    said = [row[:LABEL].strip() for row in text([value, value * (1 + spread), value], lines=17, log=log)[:-1]]
    told = [one for one in said if one]
    assert told and len(set(told)) == len(told)


def test_a_curve_that_stays_where_it_is_has_room_around_it() -> None:
    said = [row[:LABEL].strip() for row in text([1.0, 1.0, 1.0], lines=17)]
    assert said[0] == "1.05" and said[15] == "0.953"


def test_curves_without_colours_are_told_apart_by_their_gaps() -> None:
    flat = [(0, 1.0), (100, 1.0)]
    drawn = {}
    for gap in (0, 1, 2, 3):
        rows = plot((Curve("a", flat, "train", gap=gap),), 40, 9)
        drawn[gap] = "".join(cell.glyph for row in rows for cell in row if 0x2800 < ord(cell.glyph) < 0x2900)
    assert len(set(drawn.values())) == 4
    assert len({Curve("a", flat, "train", gap=gap).sign for gap in range(4)}) == 4
