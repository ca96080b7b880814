"""Who reads a name in a body, for what is asked before it goes away."""

from __future__ import annotations

from collections.abc import Iterable

from leporello.graphs.composing.tree import Scalar, Sequence, Table, Tree
from leporello.graphs.edits.splices.places import Place
from leporello.graphs.edits.splices.rewording import Rewording
from leporello.graphs.edits.text.changes import at
from leporello.graphs.expressions.grammar import Read


def readers(here: Place, name: str, apart: Iterable[str] = ()) -> list[str]:
    """The nodes and outputs that read a name, share its weights or are scored against it, those `apart` left out."""
    found = []
    nodes, outputs = here.section("nodes"), here.section("outputs")
    for key, item in nodes.entries if isinstance(nodes, Table) else ():
        if key.text not in apart and name in _read(item, here, True):
            found.append(key.text)
    for output, item in _outputs(outputs):
        predicts = at(item, ("predicts",))
        scored = isinstance(predicts, Scalar) and predicts.text == name
        if scored or name in _read(at(item, ("from",)) or item, here, False):
            found.append(output)
    return list(dict.fromkeys(found))


def _outputs(tree: Tree | None) -> list[tuple[str, Tree]]:
    if isinstance(tree, Table):
        return [(key.text, item) for key, item in tree.entries]
    return [(item.text, item) for item in tree.items if isinstance(item, Scalar)] if isinstance(tree, Sequence) else []


def _read(tree: Tree, here: Place, node: bool) -> set[str]:
    """The names that are read in a node or a value, and those whose weights are shared."""
    found: set[str] = set()

    def read(one: Read) -> Read:
        found.add(one.name)
        return one

    def share(target: str) -> str:
        found.add(target.replace(".", "/").split("/")[0])
        return target

    words = Rewording(read, share)
    words.node(tree, here.draft.full) if node else words.value(tree)
    return found


def told(names: list[str]) -> str:
    """Who reads, in words."""
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return f"it is read by {', '.join(names[:6])}{more}"
