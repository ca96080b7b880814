"""Pieces of the screen as a terminal takes them: of a style only what is another than that of the letter before.

Rich writes all of a style before each segment and takes it back behind it, which is two thirds of all that is sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from textual.strip import Strip

from leporello.graphs.frozen import frozen

Piece = tuple[int, int, Strip]
"""A column, a line, and what stands from there on."""
_SEEN_ON_BLANKS = frozenset({"4", "7", "9", "21", "53"})
"""Attributes that are seen where nothing is written: lines, and colours in each other's place."""


@frozen
class Pen:
    """How a terminal writes: attributes, the colour of letters and that of their ground, each as its codes."""

    attributes: frozenset[str] = frozenset()
    letters: str = ""
    ground: str = ""

    def then(self, other: Pen) -> str:
        """The codes that make this pen another one."""
        if self.attributes - other.attributes:
            return ";".join(("0", *sorted(other.attributes), *filter(None, (other.letters, other.ground))))
        codes = sorted(other.attributes - self.attributes)
        codes += [other.letters or "39"] if other.letters != self.letters else []
        codes += [other.ground or "49"] if other.ground != self.ground else []
        return ";".join(codes)

    def for_blanks(self, other: Pen) -> Pen:
        """This pen where blanks are to be written as another one would write them: they have only a ground."""
        if (self.attributes | other.attributes) & _SEEN_ON_BLANKS:
            return other
        return Pen(self.attributes, self.letters, other.ground)


PLAIN = Pen()


@lru_cache(1024)
def pen_of(style: Style | None, colours: ColorSystem) -> Pen:
    """The pen of a style.

    >>> pen_of(Style.parse("bold #102030 on #000000"), ColorSystem.TRUECOLOR)
    Pen(attributes=frozenset({'1'}), letters='38;2;16;32;48', ground='48;2;0;0;0')
    """
    if style is None:
        return PLAIN
    letters, ground = (
        ";".join(colour.downgrade(colours).get_ansi_codes(foreground=front)) if colour else ""
        for colour, front in ((style.color, True), (style.bgcolor, False))
    )
    written = style.without_color.render("x", color_system=colours)
    attributes = written[2 : written.index("m")].split(";") if written.startswith("\x1b[") else []
    return Pen(frozenset(attributes), letters if letters != "39" else "", ground if ground != "49" else "")


def sent(pieces: Iterable[Piece], console: Console) -> str:
    """All pieces at their places. Where there are no colours, or links, they are written as Rich does."""
    colours = console._color_system
    if colours is None or console.legacy_windows:
        return "".join(f"\x1b[{y + 1};{x + 1}H{strip.render(console)}" for x, y, strip in pieces)
    found, pen = list[str](), PLAIN
    for x, y, strip in pieces:
        found.append(f"\x1b[{y + 1};{x + 1}H")
        for text, style, control in strip:
            if control or (style is not None and style.link):
                found += ["\x1b[0m", style.render(text, color_system=colours) if style else text]
                pen = PLAIN
                continue
            wanted = pen_of(style, colours)
            if wanted is not pen:
                wanted = pen.for_blanks(wanted) if not text.strip(" ") else wanted
                codes = pen.then(wanted)
                found.append(f"\x1b[{codes}m" if codes else "")
                pen = wanted
            found.append(text)
    return "".join([*found, "\x1b[0m" if pen != PLAIN else ""])
