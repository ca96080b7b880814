"""Boxes by other names, taken away, copied, grouped, expanded, replaced: each as rows and an edit."""

from __future__ import annotations

from collections.abc import Iterable

from leporello.graphs.blocktypes import BlockType
from leporello.graphs.edits.splices.addresses import rename
from leporello.graphs.edits.splices.block_naming import rename_port
from leporello.graphs.edits.splices.draft import Draft, Edited
from leporello.graphs.edits.splices.expanded import expand_node
from leporello.graphs.edits.splices.grouped import group_nodes
from leporello.graphs.edits.splices.nodes import copy_node, remove_nodes
from leporello.graphs.edits.splices.places import place
from leporello.graphs.edits.splices.readers import readers, told
from leporello.graphs.edits.splices.replacing import replace_block
from leporello.graphs.edits.splices.settings import unset_value
from leporello.graphs.problems import SpecError, refuse
from leporello.tui.assembly.acts import Act, Choice, Made, Row, Said, Splice, together, values
from leporello.tui.assembly.bench import OUTPUTS, Bench

YES, NO = "yes", "no"
ANSWERS = (Choice(NO), Choice(YES))


class Rename(Act):
    """`r`: another name, wherever it is meant."""

    done = "rename"

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        return f"rename {self.selected.removeprefix(OUTPUTS)} everywhere"

    def rows(self, said: Said) -> tuple[Row, ...]:
        """The name."""
        return (Row("name", said.get("name", self.selected.removeprefix(OUTPUTS))),)

    def made(self, said: Said) -> Made:
        """The edit."""
        new, old = self.said(said)["name"].strip(), self.selected.removeprefix(OUTPUTS)
        is_output = old != self.selected
        section = "outputs" if is_output else "nodes" if old in self.bench.nodes else "inputs"
        edited = rename(self.bench.draft, ".".join(self.bench.keys(section, old)), new)
        return Made(self.bench, edited, OUTPUTS + new if is_output else new)


class Duplicate(Act):
    """`y`: another node like this one."""

    done = "duplicate"

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        return f"duplicate {self.selected}"

    def rows(self, said: Said) -> tuple[Row, ...]:
        """Its name, and whether it has weights of its own."""
        rows = [Row("name", said.get("name", self.bench.free(self.selected)))]
        if self.bench.kind(self.selected):
            rows.append(Row("share", said.get("share", NO), "", ANSWERS, False, "whether it uses the same weights"))
        return tuple(rows)

    def made(self, said: Said) -> Made:
        """The edit."""
        said = self.said(said)
        shared, block = said.get("share") == YES, self.bench.block
        edited = copy_node(self.bench.draft, self.selected, said["name"], shared=shared, block=block)
        return Made(self.bench, edited, said["name"])


class Delete(Act):
    """`d`: taken away; what read it reads what it read, if that is wanted."""

    done = "delete"

    def __init__(self, bench: Bench, selected: Iterable[str]) -> None:
        self.names = tuple(selected)
        super().__init__(bench, self.names[0] if self.names else "")

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        return f"delete {', '.join(name.removeprefix(OUTPUTS) for name in self.names)}"

    @property
    def _nodes(self) -> list[str]:
        return [name for name in self.names if name in self.bench.nodes]

    def rows(self, said: Said) -> tuple[Row, ...]:
        """What becomes of those that read it, where there are such."""
        found = [who for name in self._nodes for who in readers(self.bench.place, name, self.names)]
        if not found:
            return ()
        note = told(list(dict.fromkeys(found)))
        return (Row("bridge the gap", said.get("bridge the gap", YES), note, ANSWERS, False, "they read what it read"),)

    def made(self, said: Said) -> Made:
        """The edit."""
        bypass, splices = self.said(said).get("bridge the gap") == YES, list[Splice]()
        data = self.bench.graph.data or {}
        for name in self.names:
            if name.startswith(OUTPUTS):
                splices.append(lambda d, name=name: unset_value(d, ("outputs", name.removeprefix(OUTPUTS))))  # type: ignore[misc]
            elif name in self.bench.inputs:
                if name in data:
                    splices.append(lambda d, name=name: unset_value(d, ("data", name)))  # type: ignore[misc]
                splices.append(lambda d, name=name: unset_value(d, ("inputs", name)))  # type: ignore[misc]
        if self._nodes:
            splices.append(lambda d: remove_nodes(d, self._nodes, bypass=bypass, block=self.bench.block))
        if not splices:
            raise refuse("nothing is selected that could be deleted", "select a box, with the arrows")
        return Made(self.bench, together(self.bench.draft, self.title, *splices), self._beside())

    def _beside(self) -> str:
        """What it read, or what stands before it."""
        node = self.bench.index.get(self.selected)
        read = [wire.source.split("/")[0] for wire in node.wires] if node else []
        known = [name for name in (*read, *reversed(self.bench.nodes)) if name in self.bench.names]
        return next((name for name in known if name not in self.names), "")


class Group(Act):
    """`g`: nodes into a block of one's own, which can be used again."""

    done = "group"

    def __init__(self, bench: Bench, selected: Iterable[str]) -> None:
        if bench.block:
            hint = "expand the block where it is used, group there"
            raise refuse(f"what stands in the block {bench.block} is not grouped", hint)
        self.names = [name for name in bench.nodes if name in set(selected)]
        super().__init__(bench, self.names[-1] if self.names else "")

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        return f"group {', '.join(self.names)}"

    def rows(self, said: Said) -> tuple[Row, ...]:
        """The names of the block and of its use, and those of its ports."""
        taken = {*self.bench.graph.blocks, *self.bench.blocks}
        block = next(name for name in ("cell", *(f"cell_{n}" for n in range(2, 999))) if name not in taken)
        rows = [
            Row("block", said.get("block", block), "used again by this name: a", help="what the block is called"),
            Row("name", said.get("name", self.selected), help="what its use here is called"),
        ]
        try:
            kind = self._grouped(self.bench.draft, values(rows)).after.graph.blocks[rows[0].value]
        except SpecError:
            return tuple(rows)
        return (*rows, *(Row(f"port {p.name}", said.get(f"port {p.name}", p.name)) for p in kind.ports))

    def _grouped(self, draft: Draft, said: Said) -> Edited:
        return group_nodes(draft, self.names, said["block"], said["name"])

    def made(self, said: Said) -> Made:
        """The edit."""
        if not self.names:
            raise refuse("no nodes are marked", "space marks the selected box, then g groups those that are marked")
        said = self.said(said)
        splices: list[Splice] = [lambda d: self._grouped(d, said)]
        for key, new in said.items():
            old = key.removeprefix("port ")
            if old != key and new != old:
                splices.append(lambda d, old=old, new=new: rename_port(d, said["block"], old, new))  # type: ignore[misc]
        called = f"group {', '.join(self.names)} as {said['name']}"
        return Made(self.bench, together(self.bench.draft, called, *splices), said["name"])


class Expand(Act):
    """`x`: what is inside a block in its place."""

    done = "expand"

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        return f"expand {self.selected}"

    def made(self, said: Said) -> Made:
        """The edit."""
        edited = expand_node(self.bench.draft, self.selected, block=self.bench.block)
        now = place(edited.after, self.bench.block).nodes
        new = [name for name in now if name not in self.bench.nodes]
        return Made(self.bench, edited, self.selected if self.selected in now else new[-1] if new else "")


class Replace(Act):
    """`R`: another block; what fits is kept."""

    done = "replace"

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        return f"replace the block of {self.selected}"

    def rows(self, said: Said) -> tuple[Row, ...]:
        """The block: those with the same ports first."""
        now = self.bench.kind(self.selected)
        kinds = [kind for kind in self.bench.blocks.values() if not kind.operator and kind is not now]
        kinds.sort(
            key=lambda kind: (now is None or _shape(kind) != _shape(now), bool(kind.takes), not kind.is_composite)
        )
        choices = tuple(Choice(kind.name, kind.help, words=kind.paper) for kind in kinds)
        value = said.get("block", next(iter(choices), Choice("")).value)
        return (Row("block", value, self._left_out(value), choices, False, "what fits it is kept"),)

    def _left_out(self, block: str) -> str:
        try:
            return "; ".join(replace_block(self.bench.draft, self.selected, block, self.bench.block).notes)
        except SpecError:
            return ""

    def about(self, said: Said) -> str:
        """The block that is chosen."""
        return self.said(said)["block"]

    def made(self, said: Said) -> Made:
        """The edit."""
        edited = replace_block(self.bench.draft, self.selected, self.said(said)["block"], self.bench.block)
        return Made(self.bench, edited, self.selected)


def _shape(kind: BlockType) -> tuple[object, ...]:
    return tuple(port.name for port in kind.ports), kind.is_composite
