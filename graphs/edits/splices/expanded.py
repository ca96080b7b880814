"""A block of the spec expanded in the text: what is inside it stands in its place, under fresh names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from leporello.graphs.analysis.checks import examine
from leporello.graphs.analysis.matching import renaming
from leporello.graphs.blocktypes import Body
from leporello.graphs.composing.tree import Scalar, Table, Tree, with_value
from leporello.graphs.edits.expanding import Expanded, expand, named_path
from leporello.graphs.edits.renaming import rewired
from leporello.graphs.edits.splices.draft import Draft, Edited, concluded
from leporello.graphs.edits.splices.frames import only_changed
from leporello.graphs.edits.splices.places import Place, body_of, place, reworded
from leporello.graphs.edits.splices.rewording import Rewording
from leporello.graphs.edits.splices.weight_moves import in_copies
from leporello.graphs.edits.text.changes import NEW, at, new
from leporello.graphs.expressions.grammar import Expression, Read
from leporello.graphs.nodes import Node, Wire
from leporello.graphs.problems import refuse
from leporello.graphs.writing.nodes import WrittenNodes


def expand_node(draft: Draft, name: str, *, block: str = "") -> Edited:
    """What is inside a node in its place, of every layer and direction; what read the node reads that.

    Raises:
        SpecError: for a node that has nothing inside, and where a spec could not say what is inside.
    """
    here = place(draft, block)
    here.value(name)
    kind = here.kind_of(name)
    own = draft.graph.blocks.get(kind.name) if kind is not None else None
    if own is not None and not isinstance(own.body, Body):
        raise refuse(f"{name} cannot be expanded: the block {own.name} cannot be read yet", "mend the block first")
    body = body_of(draft.graph, block)
    ports = tuple(Node(f"<{port}", "input") for port in here.givers) if block else ()
    found = expand(Body((*ports, *body.nodes), body.outputs), name, draft.full, here.givers)
    others = [rewired(node, _by(found.reads)) for node in body.nodes if _entry(node) != name]
    ends = tuple(found.reads.get(wire, wire) for _, wire in body.outputs)
    written = WrittenNodes((*others, *found.nodes), ends)
    said = {key: value for key, value in written.data().items() if key not in here.nodes or key == name}
    tree = draft.tree
    for reader, initial in found.initials.items():
        tree = with_value(tree, (*here.keys, "nodes", reader, "initial"), new(_initial(initial, written)))
    tree = reworded(tree, here, Rewording(_reads(found, name, written), _shares(found, name), about=frozenset({name})))
    tree = with_value(tree, (*here.keys, "nodes"), _in_its_place(tree, here, name, said))

    def inside(before: str) -> str:
        after = named_path(before, found.names)
        # A block whose delays are in blocks inside it has layers in the opened model, but none of its own.
        return after if after != before else named_path(before.replace("/1/forward", "", 1), found.names)

    def path(before: str) -> str:
        return inside(before) if before.startswith(f"{name}/") else before

    paths: Callable[[str], str] = in_copies(draft.graph, draft.registry, block, path) if block else path
    called = f"expand {here.named(name)}"
    edited = concluded(draft, tree, called, only_changed(draft, tree), paths=paths)
    _check_same(edited)
    return edited


def _entry(node: Node) -> str:
    return node.path.split("/")[0]


def _by(reads: Mapping[Wire, Wire]) -> Callable[[Wire], Wire]:
    return lambda wire: reads.get(wire, wire)


def _reads(found: Expanded, name: str, written: WrittenNodes) -> Callable[[Read], Expression]:
    def read(old: Read) -> Expression:
        if old.name != name:
            return old
        wire = found.reads.get(Wire(old.name, old.port, old.time))
        return written.spelling.expression(wire) if wire is not None else old

    return read


def _shares(found: Expanded, name: str) -> Callable[[str], str]:
    def shared(target: str) -> str:
        owner, dot, weight = target.partition(".")
        if owner == name:
            raise refuse(f"{name} cannot be expanded: its weights are shared", "expand what shares them first")
        return named_path(owner, found.names) + dot + weight

    return shared


def _initial(initial: Any, written: WrittenNodes) -> Any:
    if isinstance(initial, Mapping):
        return {state: _initial(value, written) for state, value in initial.items()}
    return written.spelling.value(initial[0], "")


def _in_its_place(tree: Table, here: Place, name: str, said: Mapping[str, Any]) -> Table:
    """The nodes with the new ones where the one stood; what has its name keeps its comments."""
    nodes = at(tree, (*here.keys, "nodes"))
    assert isinstance(nodes, Table)
    entries: list[tuple[Scalar, Tree]] = []
    for key, item in nodes.entries:
        if key.text != name:
            entries.append((key, item))
            continue
        for new_name, value in said.items():
            entries.append((key if new_name == name else Scalar(new_name, new_name, NEW, True), new(value)))
    return replace(nodes, entries=tuple(entries))


def _check_same(edited: Edited) -> None:
    """Both texts open to the same model, names aside; of a faulty spec nothing can be said."""
    registry = edited.before.registry
    before, problems = examine(edited.before.graph, registry)
    if problems or edited.before.problems:
        return
    after, problems = examine(edited.after.graph, registry)
    if problems or renaming(before, after) is None:
        raise refuse(f"cannot {edited.called}: the model would be another", "a spec cannot say all that is inside")
