"""YAML text to a tree of tables, sequences and scalars with their places, under limits and without YAML's magic."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import yaml
from yaml.events import AliasEvent, MappingEndEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent, StreamEndEvent

from leporello.graphs.composing.scalars import read_scalar
from leporello.graphs.composing.texts import BYTE_ORDER_MARK, DEPTH_LIMIT, NODE_LIMIT, check_text
from leporello.graphs.composing.tree import Scalar, Sequence, Table, Tree
from leporello.graphs.composing.yaml_faults import check_colon, check_comma, check_directives, explain
from leporello.graphs.problems import Mark, SpecError, refuse


def compose(text: str, file: str = "<spec>") -> Tree:
    """The tree of a YAML text of one document.

    Scalars are read as YAML 1.2 does. Lines and columns count from 1; a byte order mark has no column, but
    offsets count it. Raises SpecError at the first thing that is not allowed: aliases,
    anchors, merges, tags, several documents, a key that stands twice or is no text, numbers that are not
    finite, over 1 MB, 64 levels or 200,000 values, and whatever is not YAML.

    >>> from leporello.graphs.composing.tree import plain
    >>> plain(compose("h: {block: rnn, units: 010, bias: no}"))
    {'h': {'block': 'rnn', 'units': 10, 'bias': 'no'}}
    """
    check_text(text, file)
    check_directives(text, file)
    body = text.removeprefix(BYTE_ORDER_MARK)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        with closing(yaml.parse(body, Loader=loader)) as events:  # type: ignore[type-var]
            return _Composer(events, body, file, len(text) - len(body)).document()
    except yaml.YAMLError as error:
        raise explain(error, text, file) from None


class _Composer:
    """One pass over the events of one text."""

    def __init__(self, events: Iterator[Any], text: str, file: str, shift: int) -> None:
        self.events = events
        self.text = text
        self.file = file
        self.shift = shift
        self.depth = 0
        self.nodes = 0

    def mark(self, start: Any, end: int) -> Mark:
        return Mark(self.file, start.line + 1, start.column + 1, start.index + self.shift, end + self.shift)

    def wrong(self, what: str, hint: str, event: Any) -> SpecError:
        return refuse(what, hint, self.mark(event.start_mark, event.end_mark.index))

    def document(self) -> Tree:
        next(self.events)
        if isinstance(next(self.events), StreamEndEvent):
            raise self.empty()
        tree = self.tree(next(self.events), flow=False)
        next(self.events)
        event = next(self.events)
        if not isinstance(event, StreamEndEvent):
            raise self.wrong("a second document begins here", "one file is one spec: remove `---`", event)
        if isinstance(tree, Scalar) and tree.plain:
            if tree.value is None:
                raise self.empty()
            check_colon(tree.text, tree.mark)
        return tree

    def empty(self) -> SpecError:
        return refuse("this spec is empty", "a spec needs inputs:, nodes: and outputs:", Mark(self.file, 1, 1))

    def tree(self, event: Any, flow: bool) -> Tree:
        self.nodes += 1
        if self.nodes > NODE_LIMIT:
            raise self.wrong(f"more than {NODE_LIMIT:,} YAML values", "a spec is far smaller", event)
        if event.anchor is not None or event.tag is not None:
            raise self.magic(event)
        if isinstance(event, ScalarEvent):
            return self.scalar(event, flow)
        self.depth += 1
        if self.depth > DEPTH_LIMIT:
            raise self.wrong(f"nested deeper than {DEPTH_LIMIT}", "use blocks: for structure", event)
        tree = (self.sequence if isinstance(event, SequenceStartEvent) else self.table)(event, flow)
        self.depth -= 1
        return tree

    def magic(self, event: Any) -> SpecError:
        """The error for what YAML would expand or turn into objects."""
        if event.anchor is None:
            return self.wrong("tags (`!name`) are refused", "write the value alone; quotes make it text", event)
        what = "aliases (`*name`)" if isinstance(event, AliasEvent) else "anchors (`&name`)"
        return self.wrong(f"{what} are refused", "sizes are $names; parts used twice are written under blocks:", event)

    def scalar(self, event: Any, flow: bool) -> Scalar:
        text = event.value
        end = event.end_mark.index
        mark = self.mark(event.start_mark, end)
        if not event.implicit[0]:
            return Scalar(text, text, mark, False)
        if flow:
            check_comma(text, self.text[end : end + 2], mark)
        return Scalar(read_scalar(text, mark), text, mark, True)

    def sequence(self, start: Any, flow: bool) -> Sequence:
        flow = flow or self.opens(start, "[")
        items = []
        event = next(self.events)
        while not isinstance(event, SequenceEndEvent):
            items.append(self.tree(event, flow))
            event = next(self.events)
        return Sequence(tuple(items), self.whole(start, event, items), flow)

    def table(self, start: Any, flow: bool) -> Table:
        flow = flow or self.opens(start, "{")
        entries: dict[str, tuple[Scalar, Tree]] = {}
        event = next(self.events)
        while not isinstance(event, MappingEndEvent):
            key = self.key(self.tree(event, flow), entries)
            value = self.tree(next(self.events), flow)
            if flow and key.plain and isinstance(value, Scalar) and value.plain and not value.text:
                check_colon(key.text, key.mark)
            entries[key.text] = key, value
            event = next(self.events)
        return Table(tuple(entries.values()), self.whole(start, event, [value for _, value in entries.values()]), flow)

    def key(self, key: Tree, entries: dict[str, tuple[Scalar, Tree]]) -> Scalar:
        if not isinstance(key, Scalar) or not isinstance(key.value, str):
            raise refuse("this key is not a name", "keys are names; put quotes around other text", key.mark)
        if key.plain and key.text == "<<":
            raise refuse("merge keys (`<<`) are refused", "parts used twice are written under blocks:", key.mark)
        if key.text in entries:
            first = entries[key.text][0].mark
            hint = f"it stands first at line {first.line}, column {first.column}: keep one of them"
            raise refuse(f"the key {key.text!r} stands here again", hint, key.mark)
        return key

    def opens(self, start: Any, bracket: str) -> bool:
        """Whether a collection is written in brackets; otherwise indentation tells what belongs to it."""
        return self.text[start.start_mark.index : start.end_mark.index] == bracket

    def whole(self, start: Any, end: Any, children: list[Tree]) -> Mark:
        """The mark of a collection; YAML ends an indented one only where the next thing begins."""
        if end.end_mark.index > end.start_mark.index or not children:
            return self.mark(start.start_mark, end.end_mark.index)
        return self.mark(start.start_mark, children[-1].mark.end - self.shift)
