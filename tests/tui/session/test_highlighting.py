"""The pieces of a line: in order, within it, never overlapping; signs for what has no glyph."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leporello.tui.session.highlighting import pieces, shown
from tests.support.paths import EXAMPLES
from tests.support.strategies import some

ROLES = {"name", "key", "block", "function", "time", "size", "number", "string", "comment", "sign"}


@given(st.text(max_size=80))
@some(300)
def test_pieces_of_any_line_lie_side_by_side(line: str) -> None:
    end = 0
    for piece in pieces(line):
        assert end <= piece.start < piece.end <= len(line)
        assert piece.role in ROLES
        end = piece.end
    assert len(shown(line)) == len(line)
    assert all(character.isprintable() or character == "\t" for character in shown(line))


def test_what_a_spec_is_made_of() -> None:
    line = '  h: {block: lstm, input: [x, h(t-1)], units: $n, label: "a: b"}  # h: 1'
    found = {line[piece.start : piece.end]: piece.role for piece in pieces(line) if piece.role != "sign"}
    assert found == {
        "h": "name",
        "block": "key",
        "lstm": "block",
        "input": "key",
        "(t-1)": "time",
        "units": "key",
        "$n": "size",
        "label": "key",
        '"a: b"': "string",
        "# h: 1": "comment",
    }
    assert [piece.role for piece in pieces("h: tanh(U) * 0.5")][2] == "function"


def test_every_line_of_the_examples_has_pieces() -> None:
    for path in EXAMPLES.glob("*.yaml"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert list(pieces(line)) or not line.strip()
