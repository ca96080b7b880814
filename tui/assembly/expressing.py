"""Nodes without weights: an expression that is added, or written anew (`=`)."""

from __future__ import annotations

from typing import Any

from leporello.graphs.edits.splices.nodes import add_node
from leporello.graphs.edits.splices.settings import write
from leporello.graphs.problems import refuse
from leporello.tui.assembly.acts import Act, Choice, Entry, Made, Row, Said, yaml
from leporello.tui.assembly.bench import Bench


class ExpressionEntry(Entry):
    """A node written as an expression; what is selected already is written anew."""

    key = "expression"
    help = "a node without weights: tanh(U + W), h * 0.5"

    def rows(self, said: Said) -> tuple[Row, ...]:
        """Name and expression."""
        return (
            Row("expression", said.get("expression", ""), "reads names and times: tanh(U + h(t-1))", self._names()),
            Row("name", said.get("name", self.bench.free("z")), help="what it is called"),
        )

    def _names(self) -> tuple[Choice, ...]:
        return tuple(Choice(one.read, str(one.value)) for one in reversed(self.bench.sources))

    def made(self, said: Said) -> Made:
        """The node."""
        said = self.said(said)
        name, text = said["name"], said["expression"]
        if not text.strip():
            raise refuse("nothing is written there", "such as tanh(U + W)")
        after = self.selected if self.selected in self.bench.nodes else ""
        return self.concluded(
            f"add {name}", name, lambda d: add_node(d, name, yaml(text), after=after, block=self.bench.block)
        )


class Expression(Act):
    """`=`: the expression of what is selected, written anew, or `name = expression` for a new node."""

    done = "write"

    def __init__(self, bench: Bench, selected: str) -> None:
        super().__init__(bench, selected)
        old = bench.place.value(selected) if selected in bench.nodes else None
        self.old = "" if old is None or bench.kind(selected) else getattr(old, "text", "") or self._value(old)

    @staticmethod
    def _value(tree: Any) -> str:
        return str(getattr(tree.get("value"), "text", "")) if hasattr(tree, "get") else ""

    def rows(self, said: Said) -> tuple[Row, ...]:
        """One line."""
        start = f"{self.selected} = {self.old}" if self.old else ""
        return (Row("node", said.get("node", start), "name = expression, such as h = tanh(U + W)"),)

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        return "write an expression"

    def made(self, said: Said) -> Made:
        """The node, new or written anew."""
        name, equals, text = self.rows(said)[0].value.partition("=")
        if not equals:
            name, text = (self.selected if self.old else self.bench.free("z")), name
        name, text = name.strip(), text.strip()
        if not text:
            raise refuse("nothing is written there", "such as h = tanh(U + W)")
        draft, value = self.bench.draft, yaml(text)
        if name in self.bench.nodes:
            return Made(self.bench, write(draft, name, value, block=self.bench.block), name)
        after = self.selected if self.selected in self.bench.nodes else ""
        return Made(self.bench, add_node(draft, name, value, after=after, block=self.bench.block), name)
