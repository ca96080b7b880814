"""An act: what a person does with a model, as rows to be filled in with what fits there, and the edit it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

from leporello.graphs.composing.compose import compose
from leporello.graphs.composing.tree import Tree, plain
from leporello.graphs.edits.splices.draft import Draft, Edited
from leporello.graphs.frozen import frozen
from leporello.graphs.problems import SpecError, refuse
from leporello.tui.assembly.bench import Bench

Said = Mapping[str, str]
"""What was said in the rows, by their names; what was not said has what the row offers."""
Splice = Callable[[Draft], Edited]


@frozen
class Choice:
    """Something that may stand in a row; where it does not fit, the note says why. `words` are searched too."""

    value: str
    note: str = ""
    fits: bool = True
    words: str = ""


@frozen
class Row:
    """One thing to be said: what stands there now, what may, and whether anything else may be written (`free`)."""

    name: str
    value: str = ""
    note: str = ""
    choices: tuple[Choice, ...] = ()
    free: bool = True
    help: str = ""


@frozen
class Made:
    """An edit of the text, and the path of what is to be selected afterwards."""

    bench: Bench
    edited: Edited
    selects: str = ""

    @cached_property
    def after(self) -> Bench:
        """What stands in the text afterwards, which the next act begins with: it is checked once."""
        return Bench(self.edited.after)

    @cached_property
    def brought(self) -> tuple[str, ...]:
        """What is wrong afterwards that was not wrong before; found when it is asked for, as a check takes a while."""
        brought = self.after.wrong - self.bench.wrong
        return tuple(sorted(what for what in brought if not _unfinished(what)))


class Act:
    """Something that is done. What it asks depends on what was said so far; `made` says why not, where it cannot."""

    done: ClassVar[str] = "do"
    """What Enter does, in one word."""

    def __init__(self, bench: Bench, selected: str) -> None:
        self.bench, self.selected = bench, selected

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        return self.done

    @property
    def where(self) -> str:
        """In which block of the spec's own it is done."""
        return f" in {self.bench.block}" if self.bench.block else ""

    def rows(self, said: Said) -> tuple[Row, ...]:
        """What is to be said: nothing."""
        return ()

    def said(self, said: Said) -> dict[str, str]:
        """What stands in the rows."""
        return {**values(self.rows(said)), **said}

    def heard(self, row: str, typed: str) -> tuple[str, dict[str, str]]:
        """The letters that are looked for in a row, and what else was said in it."""
        return typed, {}

    def about(self, said: Said) -> str:
        """The block that is chosen, to be shown with its equations; nothing where there is none."""
        return ""

    @property
    def pictured(self) -> bool:
        """Whether there is a block to be shown, now or when more is said."""
        return self.about({}) != ""

    def made(self, said: Said) -> Made:
        """The edit; SpecError where there is none."""
        raise NotImplementedError


class Entry:
    """Something that is added to a section of a spec."""

    key: ClassVar[str]
    help: ClassVar[str]
    size: ClassVar[str] = ""
    """The row that a size in the line is for."""

    def __init__(self, bench: Bench, selected: str) -> None:
        self.bench, self.selected = bench, selected

    def rows(self, said: Said) -> tuple[Row, ...]:
        """What is to be said."""
        raise NotImplementedError

    def said(self, said: Said) -> dict[str, str]:
        """What stands in the rows."""
        return {**values(self.rows(said)), **said}

    def made(self, said: Said) -> Made:
        """The edit."""
        raise NotImplementedError

    def concluded(self, called: str, selects: str, *splices: Splice) -> Made:
        """Splices as one edit."""
        return Made(self.bench, together(self.bench.draft, called, *splices), selects)


def values(rows: Iterable[Row]) -> dict[str, str]:
    """What stands in the rows."""
    return {row.name: row.value for row in rows}


def yaml(text: str) -> Any:
    """What is written in a row as a plain value.

    >>> yaml("[a, b]"), yaml("16"), yaml("h(t-1)")
    (['a', 'b'], 16, 'h(t-1)')
    """
    return plain(tree(text))


def tree(text: str) -> Tree:
    """What is written in a row, as YAML."""
    if not text.strip():
        raise refuse("nothing is written there", "write a value")
    return compose(text, "<value>")


def together(draft: Draft, called: str, *splices: Splice) -> Edited:
    """Several splices as one edit.

    Raises:
        SpecError: of the first that is refused.
    """
    edits: list[Edited] = []
    for splice in splices:
        edits.append(splice(edits[-1].after if edits else draft))
    first, last = edits[0], edits[-1]

    def path(before: str) -> str:
        for edit in edits:
            before = edit.paths(before)
        return before

    notes = tuple(note for edit in edits for note in edit.notes)
    return replace(last, before=first.before, called=called, notes=notes, paths=path)


def holds(bench: Bench, splice: Splice) -> bool:
    """Whether an edit can be made and leaves nothing wrong that was not."""
    try:
        return not Made(bench, splice(bench.draft)).brought
    except SpecError:
        return False


def _unfinished(what: str) -> bool:
    """What is wrong with every model that is not finished."""
    return what.startswith(("the spec has no ", "nodes: is empty", "outputs: is empty")) or " lacks its port " in what
