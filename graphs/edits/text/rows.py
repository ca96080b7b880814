"""The entries of a table, or the items of a list, as they stand in the text: in lines, or in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from leporello.graphs.composing.tree import Scalar, Sequence, Table, Tree
from leporello.graphs.edits.text.lines import Lines
from leporello.graphs.frozen import frozen
from leporello.graphs.problems import Mark, refuse

_DASHES = re.compile(r"[ \t]*(?:-[ \t]+)*")
_COLON = re.compile(r"\s*:")
Collection = Table | Sequence


@frozen
class Child:
    """An entry of a table or an item (no key) of a list; its mark says which one it is."""

    value: Tree
    key: Scalar | None = None

    @property
    def mark(self) -> Mark:
        """The place that it has, that of its key if there is one."""
        return self.key.mark if self.key else self.value.mark


@frozen
class Row:
    """Where a child stands: from its key or dash to the end of its value.

    With its comments it goes from `top` to `bottom`, which are the start of a line and the end of one if the child
    stands in lines of its own. `anchor` is the place behind its colon or dash, None without one.
    """

    start: int
    end: int
    top: int
    bottom: int
    anchor: int | None
    apart: bool
    """Whether nothing but its comments stands in its lines."""


def children(tree: Collection) -> Iterator[Child]:
    """The entries of a table or the items of a list."""
    if isinstance(tree, Table):
        yield from (Child(value, key) for key, value in tree.entries)
    else:
        yield from (Child(item) for item in tree.items)


def end_of(tree: Tree, lines: Lines, flow: bool = True) -> int:
    """Where a value ends, without the empty lines that YAML counts to a literal text.

    In lines, where nothing was read, it ends behind what could not be read.
    """
    start, end = tree.mark.start, tree.mark.end
    if start == end and not flow:
        return lines.unread(start)
    return max(start, start + len(lines.text[start:end].rstrip()))


def rows(tree: Collection, lines: Lines) -> list[Row]:
    """Where each child of a collection stands."""
    found: list[Row] = []
    kids = list(children(tree))
    limit = tree.mark.start if tree.flow else 0
    for place, child in enumerate(kids):
        following = kids[place + 1].mark.start if place + 1 < len(kids) else None
        make = _in_brackets if tree.flow else _in_lines
        found.append(make(child, lines, limit, following))
        limit = found[-1].end
    return found


def anchor_of(child: Child, lines: Lines) -> int | None:
    """The place behind the colon of an entry; None where it has none."""
    if child.key is None:
        return None
    colon = _COLON.match(lines.text, child.key.mark.end)
    return colon.end() if colon else None


def _end(child: Child, lines: Lines, flow: bool) -> int:
    end = end_of(child.value, lines, flow)
    return max(end, child.key.mark.end) if child.key else end


def _in_lines(child: Child, lines: Lines, limit: int, following: int | None) -> Row:
    anchor, start = anchor_of(child, lines), child.mark.start
    if child.key is None:
        start = _dash(child.mark.start, lines.text)
        anchor = start + 1
    before = lines.text[lines.start(start) : start]
    if not _DASHES.fullmatch(before):
        raise refuse("this entry is written in a way that is not edited", "write `key: value`", child.mark)
    end = max(_end(child, lines, False), anchor or 0)
    indent, apart = start - lines.start(start), not before.strip()
    # What a file begins with is of the file, not of its first key.
    top = lines.comments_above(start, indent, limit if limit or indent else start) if apart else start
    last = lines.start(following) if following is not None else len(lines.text) + 1
    return Row(start, end, top, lines.comments_below(end, indent, last), anchor, apart)


def _dash(start: int, text: str) -> int:
    """The dash before an item."""
    before = text[:start].rstrip()
    if not before.endswith("-"):
        before = text[: text.rfind("-", 0, start) + 1]
    return len(before) - 1


def _in_brackets(child: Child, lines: Lines, limit: int, following: int | None) -> Row:
    start, end = child.mark.start, _end(child, lines, True)
    comma = re.compile(r"[ \t]*,").match(lines.text, end)
    behind = comma.end() if comma else end
    line_ends = lines.ends(behind) and lines.next(behind) > lines.end(behind)
    apart = lines.begins(start) and line_ends and lines.start(start) > limit
    if not apart:
        return Row(start, end, start, end, anchor_of(child, lines), False)
    top = lines.comments_above(start, start - lines.start(start), limit)
    return Row(start, end, top, lines.end(behind), anchor_of(child, lines), True)
