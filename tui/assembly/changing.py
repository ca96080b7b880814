"""`p`: everything that is said of what is selected, to be changed: ports, parameters, settings, one row for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from leporello.graphs.blocktypes import Port
from leporello.graphs.composing.tree import Keys, Table, Tree
from leporello.graphs.edits.splices.ports import connect, disconnect
from leporello.graphs.edits.splices.settings import set_value, unset_value
from leporello.graphs.edits.text.changes import at
from leporello.graphs.edits.text.spelled import flow_text
from leporello.graphs.fields import Field, named
from leporello.graphs.problems import refuse
from leporello.graphs.reading.fields import COMMON, EXPRESSIONS, INPUTS, OUTPUTS
from leporello.training.data.entries import DATA
from leporello.tui.assembly.acts import Act, Choice, Made, Row, Said, Splice, together, tree
from leporello.tui.assembly.bench import OUTPUTS as PATH
from leporello.tui.assembly.bench import Bench
from leporello.tui.assembly.blocks import set_to, setting_row
from leporello.tui.assembly.wires import offers


class Change(Act):
    """What is selected, as rows."""

    done = "change"

    def __init__(self, bench: Bench, selected: str) -> None:
        super().__init__(bench, selected)
        self.name = selected.removeprefix(PATH)
        self.kind = bench.kind(selected) if selected in bench.nodes else None
        self.section = "outputs" if selected.startswith(PATH) else "nodes" if selected in bench.nodes else "inputs"

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        kind = f"   {self.kind.name}" if self.kind else ""
        return f"{self.name}{kind}"

    def about(self, said: Said) -> str:
        """The block that it is."""
        return self.kind.name if self.kind else ""

    def old(self, key: str) -> Tree | None:
        """What is written there now."""
        return at(self.bench.draft.tree, self._keys(key))

    def _keys(self, key: str) -> Keys:
        if self.section == "inputs" and key.startswith("data."):
            return ("data", self.name, key.removeprefix("data."))
        keys = self.bench.keys(self.section, self.name)
        written = at(self.bench.draft.tree, keys)
        if self.section != "inputs" and not isinstance(written, Table) and key in ("value", "from"):
            return keys
        return (*keys, key)

    def _shown(self, key: str) -> str:
        found = self.old(key)
        return flow_text(found) if found is not None else ""

    def rows(self, said: Said) -> tuple[Row, ...]:
        """What is said now, and what may be said."""
        return tuple(self._rows(said))

    def _rows(self, said: Said) -> Iterator[Row]:
        for port in self._ports():
            apart = frozenset((self.name,)) if port.reads == "t" else frozenset[str]()
            choices = offers(self.bench, port, self.bench.axis(self.selected), "", apart)
            value = said.get(port.name, self._shown(port.name))
            yield Row(port.name, value, "" if value else "open", tuple(choices), help=port.help)
        for field in self._fields():
            yield self._field(field, said)

    def _field(self, field: Field, said: Said) -> Row:
        value = said.get(field.name, self._shown(field.name))
        row = setting_row(field, value, self.bench)
        reads = tuple(Choice(one.read, str(one.value)) for one in self.bench.sources)
        if field.name == "predicts":
            inputs = tuple(Choice(name, str(self.bench.value(name))) for name in self.bench.inputs)
            return Row(row.name, row.value, row.note, (Choice(""), *inputs), True, row.help)
        return Row(row.name, row.value, row.note, reads, True, row.help) if field.name in ("from", "value") else row

    def _ports(self) -> tuple[Port, ...]:
        if self.kind is None:
            return ()
        return (Port("input", "any"),) if self.kind.many else self.kind.ports

    def _fields(self) -> tuple[Field, ...]:
        if self.section == "outputs":
            return OUTPUTS
        if self.section == "inputs":
            return (*INPUTS, *(replace(one, name=f"data.{one.name}") for one in DATA))
        if self.kind is None:
            value = Field("value", "value", help="what is computed")
            return (value, *(one for one in COMMON if one.name in EXPRESSIONS))
        return (*self.kind.parameters, *COMMON)

    def made(self, said: Said) -> Made:
        """All that was changed, as one edit."""
        changed = {key: text for key, text in said.items() if text != self._shown(key)}
        splices = [self._splice(key, text) for key, text in changed.items()]
        if not splices:
            raise refuse("nothing was changed", "type another value, or esc")
        called = f"set {', '.join(changed)} of {self.name}"
        return Made(self.bench, together(self.bench.draft, called, *splices), self.selected)

    def _splice(self, key: str, text: str) -> Splice:
        port = next((one for one in self._ports() if one.name == key), None)
        if port is not None:
            block = self.bench.block
            if not text.strip():
                return lambda d: disconnect(d, self.name, key, block=block)
            return lambda d: connect(d, self.name, key, tree(text), block=block)
        keys, field = self._keys(key), named(self._fields(), key)
        if not text.strip():
            return lambda d: unset_value(d, keys)
        value = set_to(field, text)
        return lambda d: set_value(d, keys, value)
