"""Boxes from one model into another: copied as the text of a small spec, pasted under names that are free."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from leporello.graphs.blocktypes import Body
from leporello.graphs.composing.compose import compose
from leporello.graphs.composing.tree import Scalar, Sequence, Table, Tree, without
from leporello.graphs.edits.splices.nodes import add_nodes
from leporello.graphs.edits.splices.places import names_in
from leporello.graphs.edits.splices.rewording import Rewording
from leporello.graphs.edits.splices.settings import add_entry
from leporello.graphs.edits.text.changes import alike, at
from leporello.graphs.edits.text.spelled import flow_text
from leporello.graphs.expressions.grammar import Read
from leporello.graphs.problems import refuse
from leporello.tui.assembly.acts import Made, Splice, together
from leporello.tui.assembly.bench import Bench


def copied(bench: Bench, names: Iterable[str]) -> str:
    """Nodes as a text: with the spec's own blocks that they use, and the blocks that these use.

    Raises:
        SpecError: where there is nothing to copy.
    """
    wanted = set(names)
    nodes = [name for name in bench.nodes if name in wanted]
    if not nodes:
        raise refuse("no nodes are selected", "space marks the selected box; inputs and outputs stay")
    kinds = [kind.name for name in nodes if (kind := bench.kind(name))]
    blocks = dict.fromkeys(name for name in kinds if name in bench.graph.blocks)
    for name in list(blocks):
        blocks |= dict.fromkeys(_used(bench, name))
    lines = ["nodes:", *(f"  {name}: {flow_text(bench.place.value(name))}" for name in nodes)]
    tree = bench.draft.tree.get("blocks")
    if blocks:
        lines += ["blocks:", *(f"  {name}: {flow_text(found)}" for name in blocks if (found := at(tree, (name,))))]
    return "\n".join(lines) + "\n"


def _used(bench: Bench, block: str, seen: frozenset[str] = frozenset()) -> Iterable[str]:
    """The spec's own blocks that a block of it uses, however deep."""
    body = bench.graph.blocks[block].body
    for node in body.nodes if isinstance(body, Body) else ():
        if node.block in bench.graph.blocks and node.block not in seen | {block}:
            yield node.block
            yield from _used(bench, node.block, seen | {block})


def pasted(bench: Bench, text: str, after: str) -> Made:
    """Nodes of a text put behind a node: under free names, reading what is called so here; other ports stay open.

    Raises:
        SpecError: for a text that holds no nodes, and where a block of that name is another one here.
    """
    tree = compose(text, "<what was copied>")
    nodes, blocks = at(tree, ("nodes",)), at(tree, ("blocks",))
    if not isinstance(nodes, Table):
        raise refuse("nothing was copied that could be pasted", "Y copies what is marked, or selected")
    splices: list[Splice] = []
    own = bench.draft.tree.get("blocks")
    for key, item in blocks.entries if isinstance(blocks, Table) else ():
        there = at(own, (key.text,))
        if there is None:
            splices.append(lambda d, name=key.text, item=item: add_entry(d, ("blocks", name), item))  # type: ignore[misc]
        elif not alike(there, item):
            raise refuse(f"the block {key.text} is another one here", "rename one of the two first")
    names = _fresh(bench, nodes.keys())
    before = after if after in bench.nodes else ""
    values = {names[key.text]: _fitting(bench, item, names, blocks) for key, item in nodes.entries}
    splices.append(lambda d: add_nodes(d, values, after=before, block=bench.block))
    called = f"paste {', '.join(names.values())}"
    return Made(bench, together(bench.draft, called, *splices), next(reversed(names.values()), ""))


def _fresh(bench: Bench, wanted: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in wanted:
        free = bench.free(name)
        while free in found.values():
            free = f"{free}_2"
        found[name] = free
    return found


def _fitting(bench: Bench, tree: Tree, names: dict[str, str], blocks: Tree | None) -> Tree:
    """A node with the new names; a port that reads what is not here is left open."""
    known = {*names, *bench.names}
    gone: set[str] = set()

    def read(one: Read) -> Read:
        if one.name not in known:
            gone.add(one.name)
        return replace(one, name=names.get(one.name, one.name))

    def shared(target: str) -> str:
        head = target.replace(".", "/").split("/")[0]
        return names.get(head, head) + target[len(head) :]

    made = Rewording(read, shares=shared).node(tree, bench.blocks)
    if not isinstance(tree, Table) or "block" not in tree or not isinstance(made, Table):
        if gone:
            raise refuse(f"there is no {', '.join(sorted(gone))} here, which an expression reads", "copy that too")
        return made
    for key, item in tree.entries:
        gone.clear()
        Rewording(read).value(item) if isinstance(item, Scalar | Sequence) and key.text != "block" else None
        if gone and key.text in ("input", "initial", "share", *_ports(bench, tree, blocks)):
            left = without(made, (key.text,))
            assert isinstance(left, Table)
            made = left
    return made


def _ports(bench: Bench, use: Table, blocks: Tree | None) -> tuple[str, ...]:
    """The ports of a block that is here, or that comes along."""
    said = use.get("block")
    name = said.text if isinstance(said, Scalar) else ""
    kind = bench.blocks.get(name)
    return tuple(port.name for port in kind.ports) if kind else names_in(at(blocks, (name, "inputs")))
