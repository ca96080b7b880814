"""Where a model looked, in characters: every weight has its place, however wide words are, in however little room."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from leporello.tui.widgets.heat_map import WIDEST, heat_map


def test_rows_are_what_was_written_and_columns_what_was_read() -> None:
    found = heat_map(["x", "y"], ["a", " ", "b"], [[1.0, 0.0, 0.0], [0.1, 0.3, 0.6], [0.0, 0.0, 1.0]], 40)
    assert found.plain.split("\n") == ["  a ␣ b ", "x ██    ", "y ░░▒▒▓▓", "■     ██"]


def test_it_is_legible_without_unicode() -> None:
    found = heat_map(["x"], ["a", " "], [[0.6, 0.3], [0.9, 0.1]], 40, ascii_only=True)
    assert found.plain.split("\n") == ["  a _ ", "x ++::", "$ ##.."]


def test_what_is_too_wide_goes_on_below() -> None:
    found = heat_map(["x"], ["a", "b", "c"], [[1.0, 0.0, 1.0]], 6)
    assert found.plain.split("\n") == ["  a b ", "x ██  ", "", "  c ", "x ██"]


@pytest.mark.parametrize("word", ["\x1b[2J", "\n", "a" * 99, "日本語の言葉です", ""])
def test_any_symbol_keeps_its_row_in_a_line(word: str) -> None:
    lines = heat_map([word], [word, "b"], [[1.0, 0.0]], 60).plain.split("\n")
    assert len(lines) == 2 and "\x1b" not in "".join(lines)
    assert cell_len(lines[0]) == cell_len(lines[1]) <= 3 * (WIDEST + 1)


@given(st.lists(st.sampled_from(["a", "bc", "def", " "]), min_size=1, max_size=30), st.integers(1, 90))
def test_every_weight_is_shown_once(read: list[str], columns: int) -> None:
    plain = heat_map(["w"], read, [[1.0] * len(read)], columns).plain
    wide = max(2, *(len(word) + 1 for word in read), 0)
    assert plain.count("█") == wide * len(read)
