"""A text with the changes that were made to its tree, and nothing else changed."""

from __future__ import annotations

import re
from dataclasses import field
from functools import cached_property

from leporello.graphs.composing.tree import Scalar, Sequence, Source, Table, Tree
from leporello.graphs.edits.text.lines import Lines, Piece, spliced
from leporello.graphs.edits.text.neighbours import InBrackets, InLines, kept_places
from leporello.graphs.edits.text.rows import Child, Collection, Row, anchor_of, children, end_of, rows
from leporello.graphs.edits.text.spelled import block_lines, in_lines, scalar_text
from leporello.graphs.frozen import frozen
from leporello.graphs.problems import Mark, refuse

_STEP = "  "


def respelled(source: Source, tree: Table) -> str:
    """The text of `source` changed as its tree was: what kept its place stands as it stood.

    What has a mark of that text, but another place in the tree, is brought with its comments; what is new is written
    as its neighbours are.

    >>> from leporello.graphs.composing.compose import compose
    >>> from leporello.graphs.composing.tree import with_value
    >>> from leporello.graphs.edits.text.changes import new
    >>> text = "nodes:\\n  h: tanh(x)  # the state\\n\\noutputs: {y: h}\\n"
    >>> tree = with_value(compose(text), ("nodes", "k"), new("h * 2"))
    >>> print(respelled(Source(text, "", compose(text)), tree), end="")
    nodes:
      h: tanh(x)  # the state
      k: h * 2
    <BLANKLINE>
    outputs: {y: h}

    Raises:
        SpecError: where an entry is written as no person writes (`? key`).
    """
    text = source.text
    if source.tree is None:
        return _begun(text, tree)
    if not isinstance(source.tree, Table):
        raise refuse("this is no spec: it is no mapping", "begin it with  spec: 1", source.tree.mark)
    made = spliced(text, Respelling(Lines(text), source.tree).value(source.tree, tree, 0, False))
    if text and not text.endswith(("\n", "\r")) and made.endswith(("\n", "\r")):
        made = made.removesuffix("\n").removesuffix("\r")  # a last line without an end stays so
    return made


def _begun(text: str, tree: Table) -> str:
    """The first entries of a text that has none."""
    newline = Lines(text).newline
    before = text + newline if text.strip("\ufeff \t") and not text.endswith(("\n", "\r")) else text
    return before + newline.join([*block_lines(tree, "", newline), ""])


@frozen
class Respelling:
    """Finds the pieces in which a text differs from what a changed tree says."""

    lines: Lines
    old: Table
    known: dict[int, list[Row]] = field(default_factory=dict)

    def rows(self, tree: Collection) -> list[Row]:
        """Where the children of an old collection stand."""
        if id(tree) not in self.known:
            self.known[id(tree)] = rows(tree, self.lines)
        return self.known[id(tree)]

    @cached_property
    def homes(self) -> dict[Mark, tuple[Collection, int]]:
        """For the mark of every child of every collection, where it stands."""
        found: dict[Mark, tuple[Collection, int]] = {}
        waiting: list[Tree] = [self.old]
        while waiting:
            tree = waiting.pop()
            if not isinstance(tree, Scalar):
                for place, child in enumerate(children(tree)):
                    found[child.mark] = tree, place
                    waiting.append(child.value)
        return found

    @cached_property
    def originals(self) -> dict[tuple[type, Mark], Tree]:
        """Every value of the old tree by its kind and mark."""
        values = (list(children(tree))[place].value for tree, place in self.homes.values())
        return {(type(value), value.mark): value for value in values}

    # What stays in its place

    def value(self, old: Tree, new: Tree, anchor: int | None, flow: bool) -> list[Piece]:
        """The pieces that make `new` of the value `old`, which stands behind `anchor`, within brackets or not."""
        if new is old:
            return []
        if type(new) is type(old) and new.mark == old.mark:
            if isinstance(old, Scalar) and isinstance(new, Scalar):
                return self._scalar(old, new, anchor, flow)
            if not isinstance(old, Scalar) and not isinstance(new, Scalar):
                return self._collection(old, new, anchor, flow)
        return self._instead(old, new, anchor, flow)

    def _scalar(self, old: Scalar, new: Scalar, anchor: int | None, flow: bool = True) -> list[Piece]:
        if (old.value, old.text, type(old.value)) == (new.value, new.text, type(new.value)):
            return []
        start, end = old.mark.start, end_of(old, self.lines, flow)
        return [self._put(start, end, scalar_text(new, self.lines.text[start : old.mark.end]), anchor)]

    def _put(self, start: int, end: int, text: str, anchor: int | None) -> Piece:
        """A value's text, apart from what stands before it."""
        if start == end and anchor is None:
            return Piece(start, end, f": {text}")  # a key alone in braces
        return Piece(start, end, f" {text}" if self.lines.text[start - 1 : start] in (":", "-") else text)

    def _collection(self, old: Collection, new: Collection, anchor: int | None, flow: bool) -> list[Piece]:
        before, after = list(children(old)), list(children(new))
        if not after and not before:
            return []
        if not after and not old.flow:
            return self._instead(old, Table((), new.mark, True) if isinstance(new, Table) else new, anchor, flow)
        kept = kept_places(before, after)
        pieces: list[Piece] = []
        for child, place in zip(after, kept, strict=True):
            if place is not None:
                pieces += self._child(before[place], child, flow or old.flow)
        if kept == list(range(len(before))):
            return pieces
        where = self.rows(old)
        if old.flow:
            return pieces + InBrackets(self.lines, old.mark, before, where, self.entry).changed(after, kept)
        return pieces + InLines(self.lines, before, where, self.lines_of).changed(after, kept)

    def _child(self, old: Child, new: Child, flow: bool) -> list[Piece]:
        if old.key is None or new.key is None:
            return self.value(old.value, new.value, old.mark.start, flow)
        anchor = anchor_of(old, self.lines)
        return self._scalar(old.key, new.key, 0) + self.value(old.value, new.value, anchor, flow)

    def _instead(self, old: Tree, new: Tree, anchor: int | None, flow: bool) -> list[Piece]:
        """Another value in the place of one."""
        start, end = old.mark.start, end_of(old, self.lines, flow)
        own_lines = anchor is not None and self.lines.start(anchor) != self.lines.start(start)
        if not flow and in_lines(new) and anchor is not None:
            return self._lines_instead(old, new, anchor, own_lines)
        text = self.inline(new)
        if not own_lines or anchor is None or flow:
            return [self._put(start, end, text, anchor)]
        inner = self.rows(old) if not isinstance(old, Scalar) and not old.flow else []
        first, last = (inner[0].top, inner[-1].bottom) if inner else (start, self.lines.end(end))
        return [Piece(anchor, anchor, f" {text}"), Piece(self.lines.above(first), last)]

    def _lines_instead(self, old: Tree, new: Tree, anchor: int, own_lines: bool) -> list[Piece]:
        start, end = old.mark.start, end_of(old, self.lines, False)
        assert isinstance(new, Table)
        made = self.lines.newline.join(self._inner(new, self.lines.indent(anchor) + len(_STEP)))
        if own_lines:
            inner = self.rows(old) if not isinstance(old, Scalar) and not old.flow else []
            first, last = (inner[0].top, inner[-1].bottom) if inner else (start, self.lines.end(end))
            return [Piece(self.lines.start(first), last, made)]
        line = self.lines.end(end)
        return [Piece(anchor, end), Piece(line, line, self.lines.newline + made)]

    # What comes from elsewhere, and what is new

    def inline(self, tree: Tree) -> str:
        """The text of a value on the line of its key: as it stood where it stood somewhere, else new."""
        old = self.originals.get((type(tree), tree.mark)) if tree.mark.line else None
        if old is None or not self._in_brackets(old):
            if isinstance(tree, Scalar):
                return scalar_text(tree)
            inner = [self.entry(child) for child in children(tree)]
            return f"{{{', '.join(inner)}}}" if isinstance(tree, Table) else f"[{', '.join(inner)}]"
        start, end = old.mark.start, end_of(old, self.lines)
        return self._cut(start, end, self.value(old, tree, start, True))

    def _in_brackets(self, old: Tree) -> bool:
        """Whether a value may stand within brackets as it is written."""
        if isinstance(old, Scalar):
            literal = self.lines.text[old.mark.start : old.mark.start + 1] in ("|", ">")
            return not literal and not (old.plain and set(old.text) & set(",[]{}"))
        return old.flow

    def entry(self, child: Child) -> str:
        """A child on one line."""
        return f"{scalar_text(child.key)}: {self.inline(child.value)}" if child.key else self.inline(child.value)

    def _cut(self, start: int, end: int, pieces: list[Piece]) -> str:
        moved = [Piece(piece.start - start, piece.end - start, piece.text) for piece in pieces]
        return spliced(self.lines.text[start:end], moved)

    def lines_of(self, child: Child, indent: int, like_table: bool) -> str:
        """The lines of a child that is put among others, without the last break."""
        home = self.homes.get(child.mark) if child.mark.line and child.key else None
        if home is not None and isinstance(home[0], Table):
            old, row = list(children(home[0]))[home[1]], self.rows(home[0])[home[1]]
            if row.apart and row.anchor is not None:
                start = self.lines.start(row.top)
                comma = re.compile(r"[ \t]*,").match(self.lines.text, row.end) if home[0].flow else None
                pieces = [Piece(row.end, comma.end())] if comma else []
                made = self._cut(start, row.bottom, self._child(old, child, home[0].flow) + pieces)
                return self._indented(made, indent - (row.start - self.lines.start(row.start)))
        if home is not None and isinstance(home[0], Sequence) and not home[0].flow:
            return self._named_item(child, self.rows(home[0])[home[1]], indent)
        head = " " * indent + (f"{scalar_text(child.key)}:" if child.key else "-")
        old_value = self.originals.get((type(child.value), child.value.mark)) if child.value.mark.line else None
        if old_value is not None and not isinstance(old_value, Scalar) and not old_value.flow:
            return self.lines.newline.join([head, self._brought(old_value, child.value, indent + len(_STEP))])
        if in_lines(child.value) and child.value.mark.line == 0 and isinstance(child.value, Table):
            return self.lines.newline.join([head, *self._inner(child.value, indent + len(_STEP))])
        if like_table and isinstance(child.value, Table) and child.value.mark.line == 0 and child.value.entries:
            return self.lines.newline.join([head, *block_lines(child.value, " " * indent + _STEP, self.lines.newline)])
        return f"{head} {self.inline(child.value)}"

    def _named_item(self, child: Child, row: Row, indent: int) -> str:
        """An item of a list with a name before it, and its comments."""
        lines = self.lines
        above = lines.text[lines.start(row.top) : lines.start(row.start)] if row.apart else ""
        line = f"{' ' * indent}{self.entry(child)}{lines.text[row.end : row.bottom]}"
        return self._indented(above, indent - (row.start - lines.start(row.start))) + line

    def _brought(self, old: Collection, new: Tree, indent: int) -> str:
        """The lines of a collection that comes with its lines."""
        where = self.rows(old)
        start = self.lines.start(where[0].top)
        made = self._cut(start, where[-1].bottom, self.value(old, new, None, False))
        return self._indented(made, indent - (where[0].start - self.lines.start(where[0].start)))

    def _inner(self, table: Table, indent: int) -> list[str]:
        return [self.lines_of(child, indent, False) for child in children(table)]

    def _indented(self, text: str, by: int) -> str:
        """Lines moved to the right or to the left."""
        if by >= 0:
            return re.sub(r"(?m)^(?=[^\r\n])", " " * by, text)
        return re.sub(rf"(?m)^ {{1,{-by}}}", "", text)
