"""What is lowered is written in one way: by the inspector, and in a cell with its equations."""

from __future__ import annotations

import pytest

from leporello.graphs.drawing.column.effort import BEST
from leporello.tui.pictures.drawing import cells
from leporello.tui.pictures.findings import about, read
from leporello.tui.pictures.lowered import lowered, with_small_letters
from leporello.tui.pictures.wanted import Shown
from leporello.tui.widgets.inspector import equation
from tests.support.paths import EXAMPLES


def lines_of(name: str, path: str, ascii_only: bool = False) -> tuple[list[str], list[str]]:
    """What the picture of a cell says, line by line, and the equations of the inspector."""
    model = read((EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml", {})
    picture = cells(model.checked, Shown(cell=path, ascii_only=ascii_only), True, BEST)
    rows = picture.rows(0, picture.height, 0, picture.width)
    drawn = ["".join(piece.text for piece in row).rstrip() for row in rows]
    return drawn, [equation(one).plain for one in about(model, path).equations]


@pytest.mark.parametrize(("name", "path"), [("lstm_from_equations", "c"), ("own_cell", "h")])
def test_an_equation_is_the_same_in_both(name: str, path: str) -> None:
    drawn, told = lines_of(name, path)
    known = " ".join(line.strip() for line in drawn)
    assert told and all(line.strip() in known for line in told), (told, known)
    assert not any(sign in known for sign in ("_{", "_t"))


@pytest.mark.parametrize(("name", "path"), [("lstm_from_equations", "c"), ("own_cell", "h"), ("luong", "decoder/1")])
def test_what_is_drawn_stays_in_its_column(name: str, path: str) -> None:
    model = read((EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml", {})
    typed = cells(model.checked, Shown(cell=path, ascii_only=True), True, BEST)
    small, _ = lines_of(name, path)
    plain = ["".join(piece.text for piece in row) for row in typed.rows(0, typed.height, 0, typed.width)]
    frame = [line for line in small if line.lstrip().startswith("╰") and line.endswith("╯")]
    assert len(small) == len(plain) and frame and "─" in frame[-1]
    sides = [line.index("│") for line in small if "ₜ₋₁" in line and "│" in line and "[" not in line]
    assert len(set(sides)) == 1, small


@pytest.mark.parametrize("said", ["", "_", "a_", "_t", "a__b", "my_rnn_cell", "x_{", "x_{}", "_{t-1}"])
def test_what_is_no_subscript_stays(said: str) -> None:
    assert with_small_letters(said) == said


def test_a_letter_that_has_no_small_one_keeps_its_sign() -> None:
    assert (lowered("f"), lowered("β"), lowered("t,f")) == ("_f", "_β", "ₜ_f")
