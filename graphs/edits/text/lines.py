"""The lines of a text: where they begin and end, their comments, and pieces put into it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property

from leporello.graphs.composing.texts import BREAK, BYTE_ORDER_MARK
from leporello.graphs.frozen import frozen

_REST = re.compile(r"[ \t]*(?:#.*)?")
_COMMENT = re.compile(r"( *)#")


@frozen
class Piece:
    """What comes in place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str = ""


@frozen
class Lines:
    """A text by its lines; offsets count a byte order mark, which is in no line."""

    text: str

    @cached_property
    def _starts(self) -> list[int]:
        return [int(self.text.startswith(BYTE_ORDER_MARK)), *(found.end() for found in BREAK.finditer(self.text))]

    @cached_property
    def newline(self) -> str:
        """What ends the first line."""
        found = BREAK.search(self.text)
        return found.group() if found else "\n"

    def start(self, offset: int) -> int:
        """Where the line at an offset begins."""
        return self._starts[max(bisect_right(self._starts, offset) - 1, 0)]

    def end(self, offset: int) -> int:
        """Where it ends, its break left out."""
        found = BREAK.search(self.text, offset)
        return found.start() if found else len(self.text)

    def above(self, offset: int) -> int:
        """Where the line before it ends."""
        return self.end(self.start(self.start(offset) - 1))

    def next(self, offset: int) -> int:
        """Where the line after it begins, or the end of the text."""
        found = BREAK.search(self.text, offset)
        return found.end() if found else len(self.text)

    def indent(self, offset: int) -> int:
        """How many spaces the line at an offset begins with."""
        line = self.text[self.start(offset) : self.end(offset)]
        return len(line) - len(line.lstrip(" "))

    def ends(self, offset: int) -> bool:
        """Whether nothing but a comment stands behind an offset in its line."""
        found = _REST.match(self.text, offset)
        return found is not None and found.end() >= self.end(offset)

    def unread(self, offset: int) -> int:
        """Where what stands behind an offset ends that could not be read, with the further lines of its entry.

        The offset itself if nothing but a comment stands there.
        """
        if self.ends(offset):
            return offset
        indent, found, at = self.indent(offset), self.end(offset), self.next(offset)
        while at < len(self.text) and (self.blank(at) or self.indent(at) > indent):
            found = found if self.blank(at) else self.end(at)
            at = self.next(at)
        return found

    def begins(self, offset: int) -> bool:
        """Whether nothing but spaces stands before an offset in its line."""
        return not self.text[self.start(offset) : offset].strip(" ")

    def blank(self, offset: int) -> bool:
        """Whether the line at an offset is empty."""
        return not self.text[self.start(offset) : self.end(offset)].strip()

    def comment(self, offset: int) -> int | None:
        """How far the comment is indented that the line at an offset is; None where it is none."""
        found = _COMMENT.match(self.text, self.start(offset))
        return len(found[1]) if found else None

    def comments_above(self, offset: int, indent: int, limit: int) -> int:
        """Where the comments begin that stand directly above a line, indented as it is, after `limit`."""
        top = self.start(offset)
        while top > limit and top > self._starts[0]:
            above = self.start(top - 1)
            if above < limit or self.comment(above) != indent:
                break
            top = above
        return top

    def comments_below(self, offset: int, indent: int, limit: int) -> int:
        """Where the line ends, or the last of the comments below it that are indented further, before `limit`."""
        found, at = self.end(offset), self.next(offset)
        while at < limit and at > found:
            depth = self.comment(at)
            if depth is None and not self.blank(at):
                break
            if depth is not None:
                if depth <= indent:
                    break
                found = self.end(at)
            if self.next(at) == at:
                break
            at = self.next(at)
        return found


def spliced(text: str, pieces: Iterable[Piece]) -> str:
    """The text with the pieces in their places; where they overlap nothing is taken away twice.

    >>> spliced("h: tanh(U)", [Piece(8, 9, "V"), Piece(0, 1, "k")])
    'k: tanh(V)'
    """
    made, at = [], 0
    for piece in sorted(pieces, key=lambda piece: (piece.start, piece.end > piece.start)):
        made.append(text[at : piece.start])
        made.append(piece.text)
        at = max(at, piece.end)
    made.append(text[at:])
    return "".join(made)
