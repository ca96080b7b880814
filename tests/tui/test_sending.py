"""What is sent looks as what Rich would send: letter by letter, with its colours and attributes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from leporello.tui.sending import Piece, sent
from tests.support.strategies import some

STYLES = [None, *map(Style.parse, (
    "bold", "#102030", "dim #102030 on #ffffff", "on #ffffff", "reverse red", "italic underline blue on default",
    "strike", "bold red on #102030", "default on default", "color(9) on color(200)", "overline",
))]  # fmt: skip
SEEN_ON_BLANKS = {"4", "7", "9", "53"}
_WRITTEN = re.compile(r"\x1b\[(\d+);(\d+)H|\x1b\[([\d;]*)m|([^\x1b])")


@dataclass
class Paper:
    """A terminal: what stands at each place, and how it was written there."""

    cells: dict[tuple[int, int], tuple[str, frozenset[str], str, str]] = field(default_factory=dict)
    pen: tuple[frozenset[str], str, str] = (frozenset(), "", "")

    def take(self, written: str) -> None:
        """Write as one is told."""
        x = y = 0
        while written:
            found = _WRITTEN.match(written)
            assert found, written[:20]
            written = written[found.end() :]
            if found[1]:
                x, y = int(found[2]), int(found[1])
            elif found[3] is not None:
                self.dip(found[3].split(";"))
            else:
                attributes, letters, ground = self.pen
                blank = found[4] == " " and not attributes & SEEN_ON_BLANKS
                self.cells[x, y] = (found[4], frozenset() if blank else attributes, "" if blank else letters, ground)
                x += 1

    def dip(self, codes: list[str]) -> None:
        """Another pen."""
        attributes, letters, ground = set(self.pen[0]), *self.pen[1:]
        while codes:
            code = codes.pop(0)
            if code in ("", "0"):
                attributes, letters, ground = set(), "", ""
            elif code in ("38", "48"):
                rest = [codes.pop(0) for _ in range(1 + {"2": 3, "5": 1}[codes[0]])]
                letters, ground = (code + str(rest), ground) if code == "38" else (letters, code + str(rest))
            elif re.fullmatch(r"3\d|9\d", code):
                letters = "" if code == "39" else code
            elif re.fullmatch(r"4\d|10\d", code):
                ground = "" if code == "49" else code
            else:
                attributes.add(code)
        self.pen = frozenset(attributes), letters, ground


pieces = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.integers(0, 3),
        st.lists(st.builds(Segment, st.sampled_from(["a", " ", "ab ", "  "]), st.sampled_from(STYLES)), max_size=4),
    ),
    max_size=6,
)


def console(colours: str | None) -> Console:
    return Console(color_system=colours, force_terminal=True)  # type: ignore[arg-type]


@given(pieces, st.sampled_from(["truecolor", "256", "standard"]))
@some(300)
def test_it_looks_as_rich_would_write_it(made: list[tuple[int, int, list[Segment]]], colours: str) -> None:
    # Rich keeps with a style how it was written first, for whichever terminal that was.
    fresh = [[Segment(text, style.copy() if style else None) for text, style, _ in segments] for _, _, segments in made]
    strips: list[Piece] = [(x, y, Strip(segments)) for (x, y, _), segments in zip(made, fresh, strict=True)]
    ours, theirs, to = Paper(), Paper(), console(colours)
    written = sent(strips, to)
    ours.take(written)
    theirs.take("".join(f"\x1b[{y + 1};{x + 1}H{strip.render(to)}" for x, y, strip in strips))
    assert ours.cells == theirs.cells
    assert ours.pen == (frozenset(), "", ""), "nothing that comes after has a colour of ours"


def test_only_what_changes_is_written() -> None:
    ground = " on #ffffff"
    styles = ("#102030", "#102030", "bold red", "#405060")
    strip = Strip([Segment(text, Style.parse(style + ground)) for text, style in zip("ab c", styles, strict=True)])
    assert sent([(2, 0, strip)], console("truecolor")) == (
        "\x1b[1;3H\x1b[38;2;16;32;48;48;2;255;255;255mab \x1b[38;2;64;80;96mc\x1b[0m"
    )


def test_links_and_no_colours_are_as_rich_writes_them() -> None:
    strip = Strip([Segment("see", Style(link="https://a.b")), Segment(" it", Style(bold=True))])
    written = sent([(0, 0, strip)], console("truecolor"))
    assert "https://a.b" in written and written.endswith("\x1b]8;;\x1b\\\x1b[1m it\x1b[0m")
    bare = console(None)
    assert sent([(0, 0, strip)], bare) == f"\x1b[1;1H{strip.render(bare)}"
