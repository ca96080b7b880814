"""`a`: something is added behind the selection: a block, an input with its data, an output, an expression, a size."""

from __future__ import annotations

from leporello.blocks.registry import packs
from leporello.graphs.blocktypes import BlockType
from leporello.graphs.functions import FUNCTIONS
from leporello.graphs.problems import SpecError, refuse, suggest
from leporello.tui.assembly.acts import Act, Choice, Entry, Made, Row, Said
from leporello.tui.assembly.bench import Bench
from leporello.tui.assembly.blocks import NewBlock
from leporello.tui.assembly.entries import ENTRIES
from leporello.tui.assembly.expressing import ExpressionEntry
from leporello.tui.assembly.lines import read_line
from leporello.tui.assembly.searching import search

WHAT = "what"
USUAL = (
    "embedding", "lstm", "gru", "linear", "attention", "encoder", "decoder", "feedback", "sample", "argmax", "rnn",
)  # fmt: skip
"""In this order where nothing is typed."""


class Add(Act):
    """What is typed finds what is added; the rows below say how."""

    done = "add"

    def __init__(self, bench: Bench, selected: str) -> None:
        super().__init__(bench, selected)
        self.choices = tuple(self._choices())

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        return f"add after {self.selected}" if self.selected in self.bench.names else "add"

    def _choices(self) -> list[Choice]:
        entries = [Choice(one.key, one.help) for one in ENTRIES]
        expressions = [one for one in entries if one.value == ExpressionEntry.key]
        kinds = {kind.name: kind for kind in (*self.bench.blocks.values(), *packs().types()) if _is_written(kind)}
        blocks = [Choice(kind.name, kind.help, words=_words(kind)) for kind in kinds.values()]
        own = set(self.bench.graph.blocks)
        order = {name: place for place, name in enumerate(USUAL)}
        blocks.sort(key=lambda one: (one.value not in own, order.get(one.value, len(order))))
        if self.bench.block:
            return [*blocks[:3], *expressions, *blocks[3:]]
        inputs, rest = entries[:5], entries[5:]
        if not self.bench.names:
            return [*inputs, *blocks, *rest]
        return [*self._likely(blocks, rest[0]), *rest[1:], *inputs]

    def _likely(self, blocks: list[Choice], output: Choice) -> list[Choice]:
        """Blocks that read what is selected first: tokens by an embedding, features by a cell."""
        tokens = bool(self.selected) and self.bench.value(self.selected).kind == "tokens"
        reads_tokens = [one for one in blocks if one.value in ("embedding", "feedback", "encoder", "decoder")]
        if tokens:
            return [*reads_tokens, *(one for one in blocks if one not in reads_tokens), output]
        return [*blocks[:3], output, *blocks[3:]]

    def heard(self, row: str, typed: str) -> tuple[str, dict[str, str]]:
        """The letters that are looked for, and what the rest of the line says."""
        if row != WHAT:
            return typed, {}
        line = read_line(typed)
        return line.letters, {"line": typed} if typed.strip() else {}

    def chosen(self, said: Said) -> str:
        """What is added."""
        if said.get(WHAT):
            return said[WHAT]
        found = search(read_line(said.get("line", "")).letters, self.choices)
        return found[0].value if found else ""

    def _adding(self, said: Said) -> tuple[Entry | NewBlock | None, dict[str, str]]:
        """What adds it, and what is said of it, that of the line too."""
        name = self.chosen(said)
        line = read_line(said.get("line", ""))
        rest = {key: value for key, value in said.items() if key not in (WHAT, "line")}
        entry = next((one for one in ENTRIES if one.key == name), None)
        made: Entry | NewBlock
        if entry is not None:
            made = entry(self.bench, self.selected)
            size = entry.size
        elif name and (kind := self.bench.blocks.get(name)) is not None:
            made, size = NewBlock(self.bench, kind, self.selected), _size_of(kind)
        else:
            return None, rest
        if line.size and size:
            rest = {size: line.size, **rest}
        if line.name:
            rest = {"name": line.name, **rest}
        keys = [row.name for row in made.rows({})] if line.said else []
        return made, {**line.of(keys), **rest}

    def rows(self, said: Said) -> tuple[Row, ...]:
        """What it is, then what is said of it."""
        name = self.chosen(said)
        adding, rest = self._adding(said)
        first = Row(WHAT, name, choices=self.choices, free=False, help="a block, an input, an output: by name or words")
        return (first, *(adding.rows(rest) if adding else ()))

    def about(self, said: Said) -> str:
        """The block that is chosen."""
        name = self.chosen(said)
        return name if name in self.bench.blocks else ""

    @property
    def pictured(self) -> bool:
        """Whether there is a block to be shown: whatever is typed may find one."""
        return True

    def made(self, said: Said) -> Made:
        """The edit."""
        adding, rest = self._adding(said)
        if adding is None:
            raise self._unknown(read_line(said.get("line", "")).letters)
        return adding.made(rest)

    def _unknown(self, letters: str) -> SpecError:
        """The error for what is nothing that can be added, with what is spelled like it."""
        hint = suggest(letters, [one.value for one in self.choices], "what there is", "leporello blocks lists all")
        return refuse(f"nothing is called {letters!r}", hint)


def _is_written(kind: BlockType) -> bool:
    """Whether it is used as a block: functions are written in expressions."""
    return not kind.operator and kind.name not in FUNCTIONS


def _words(kind: BlockType) -> str:
    return kind.paper


def _size_of(kind: BlockType) -> str:
    """The parameter that a size in the line is for."""
    sizes = [field.name for field in kind.parameters if field.type == "size"]
    return "units" if "units" in sizes else sizes[0] if sizes else ""
