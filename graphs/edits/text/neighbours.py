"""Children of a collection put between others, or taken away: in lines of their own, or within brackets."""

from __future__ import annotations

import re
from collections.abc import Callable

from leporello.graphs.composing.tree import Table
from leporello.graphs.edits.text.lines import Lines, Piece
from leporello.graphs.edits.text.rows import Child, Row
from leporello.graphs.frozen import frozen
from leporello.graphs.problems import Mark


def kept_places(before: list[Child], after: list[Child]) -> list[int | None]:
    """For each child afterwards which one it was, in one order; None for one that is new here."""
    places = {child.mark: place for place, child in enumerate(before)}
    found: list[int | None] = []
    last = -1
    for child in after:
        place = places.get(child.mark) if child.mark.line else None
        if place is not None and place <= last:
            place = None
        found.append(place)
        last = last if place is None else place
    return found


@frozen
class InLines:
    """Puts children between others, each in lines of its own, and takes children away.

    `text` gives the lines of a child that is indented so far; where tables are written in lines, it is told so.
    """

    lines: Lines
    before: list[Child]
    where: list[Row]
    text: Callable[[Child, int, bool], str]

    def changed(self, after: list[Child], kept: list[int | None]) -> list[Piece]:
        """The pieces by which children are added and taken away."""
        pieces, last = [], None
        for child, place in zip(after, kept, strict=True):
            if place is None:
                pieces.append(self._added(child, last))
            else:
                last = place
        stay = {place for place in kept if place is not None}
        gone = [place for place in range(len(self.before)) if place not in stay]
        return pieces + [piece for place in gone for piece in self._taken(place, stay)]

    def _added(self, child: Child, last: int | None) -> Piece:
        lines, first = self.lines, self.where[0]
        indent = first.start - lines.start(first.start)
        text = self.text(child, indent, self._tables())
        if last is not None:
            at = self.where[last].bottom
            return Piece(at, at, lines.newline * (2 if self._spaced() else 1) + text)
        at = first.top if first.apart else first.start
        if first.apart:
            return Piece(lines.start(at), lines.start(at), text + lines.newline * (2 if self._spaced() else 1))
        return Piece(at, at, text.lstrip() + lines.newline + " " * indent)

    def _tables(self) -> bool:
        """Whether all tables here are written with an entry on each line."""
        tables = [child.value for child in self.before if isinstance(child.value, Table)]
        return bool(tables) and not any(table.flow for table in tables)

    def _spaced(self) -> bool:
        """Whether empty lines stand between all children."""
        lines, pairs = self.lines, list(zip(self.where, self.where[1:], strict=False))
        return bool(pairs) and all(lines.blank(lines.next(one.bottom)) for one, _ in pairs)

    def _taken(self, place: int, stay: set[int]) -> list[Piece]:
        lines, row = self.lines, self.where[place]
        if not row.apart:  # it shares its line with the dash of a list
            following = next((other for other in range(place + 1, len(self.where)) if other in stay), None)
            if following is None:
                return [Piece(row.start, row.bottom)]
            top = lines.start(self.where[following].top)
            return [Piece(row.start, top + lines.indent(top))]
        start, end = lines.start(row.top), lines.next(row.bottom)
        above = start == lines.start(self.where[0].top) or lines.blank(start - 1)
        if above and end < len(lines.text) and lines.blank(end):
            while end < len(lines.text) and lines.blank(end):
                end = lines.next(end)
        return [Piece(start, end)]


@frozen
class InBrackets:
    """Puts children between others within brackets, and takes children away; `text` gives that of a child."""

    lines: Lines
    mark: Mark
    before: list[Child]
    where: list[Row]
    text: Callable[[Child], str]

    def changed(self, after: list[Child], kept: list[int | None]) -> list[Piece]:
        """The pieces by which children are added and taken away."""
        stay = {place for place in kept if place is not None}
        if not stay:
            return [self._all(", ".join(map(self.text, after)))]
        pieces: list[Piece] = []
        last = None
        for child, place in zip(after, kept, strict=True):
            if place is None:
                pieces += self._added(child, last, pieces)
            else:
                last = place
        return pieces + self._taken(stay)

    def _all(self, inside: str) -> Piece:
        """Other children in place of all."""
        if not self.where:
            return Piece(self.mark.start + 1, self.mark.end - 1, inside)
        first, last = self.where[0], self.where[-1]
        top = self.lines.start(first.top)
        start = top + self.lines.indent(top) if first.apart else first.start
        return Piece(start, last.bottom if last.apart else self._behind(len(self.where) - 1), inside)

    def _added(self, child: Child, last: int | None, made: list[Piece]) -> list[Piece]:
        lines, text = self.lines, self.text(child)
        row = self.where[last or 0]
        if not row.apart:
            at = row.start if last is None else self._behind(last)
            return [Piece(at, at, f"{text}, " if last is None else f", {text}")]
        indent = " " * (row.start - lines.start(row.start))
        if last is None:
            top = lines.start(row.top)
            return [Piece(top, top, f"{indent}{text},{lines.newline}")]
        comma = "," in lines.text[row.end : row.bottom].partition("#")[0]
        alone = not comma and Piece(row.end, row.end, ",") not in made
        added = Piece(row.bottom, row.bottom, f"{lines.newline}{indent}{text}{',' if comma else ''}")
        if not comma and not alone:  # several behind the last one: commas between them
            return [Piece(row.bottom, row.bottom, f",{added.text}")]
        return [Piece(row.end, row.end, ","), added] if alone else [added]

    def _behind(self, place: int) -> int:
        return max(self.where[place].end, self.before[place].value.mark.end)

    def _taken(self, stay: set[int]) -> list[Piece]:
        lines, pieces, place = self.lines, [], 0
        while place < len(self.where):
            row = self.where[place]
            if place in stay:
                place += 1
            elif row.apart:
                pieces.append(Piece(lines.start(row.top), lines.next(row.bottom)))
                place += 1
            else:
                end = place
                while end + 1 < len(self.where) and end + 1 not in stay and not self.where[end + 1].apart:
                    end += 1
                pieces.append(self._run(place, end))
                place = end + 1
        return pieces

    def _run(self, first: int, last: int) -> Piece:
        """What is taken away of neighbours that share their line with others."""
        lines, text = self.lines, self.lines.text
        end = self._behind(last)
        if last + 1 < len(self.where) and "#" not in text[end : self.where[last + 1].start]:
            return Piece(self.where[first].start, self.where[last + 1].start)
        if first and "#" not in text[self._behind(first - 1) : self.where[first].start]:
            return Piece(self._behind(first - 1), end)
        comma = re.compile(r"\s*,").match(text, end)
        return Piece(self.where[first].start, comma.end() if comma and lines.start(comma.end()) else end)
