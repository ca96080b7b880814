"""What is said of something: any key set or unset, an expression written, sections with all that may stand in them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from leporello.graphs.blocktypes import BlockType
from leporello.graphs.composing.tree import Keys, Scalar, Sequence, Table, Tree, with_value, without
from leporello.graphs.edits.splices.draft import INCOMPLETE, Draft, Edited, concluded
from leporello.graphs.edits.splices.frames import only_changed
from leporello.graphs.edits.splices.nodes import remove_nodes
from leporello.graphs.edits.splices.places import Place, place, places, put
from leporello.graphs.edits.splices.readers import readers, told
from leporello.graphs.edits.text.changes import NEW, as_table, at, in_place, new, text
from leporello.graphs.names import check_name
from leporello.graphs.problems import refuse, suggest
from leporello.graphs.reading.blocks import KEYS as BLOCK_KEYS
from leporello.graphs.reading.fields import COMMON, EXPRESSIONS, INPUTS, MODIFIERS, OUTPUTS, names
from leporello.graphs.reading.spec import KEYS

ENTRIES = ("nodes", "inputs", "outputs", "parameters", "blocks", "data")
"""The sections that hold entries with names of their own."""


def node_order(kind: BlockType | None) -> Keys:
    """In which order what is said of a node customarily stands."""
    ports = [port.name for port in kind.ports] if kind else []
    parameters = [parameter.name for parameter in kind.parameters] if kind else []
    last = [name for name in names(COMMON) if name not in names(MODIFIERS)]
    return ("block", "value", *(ports or ["input"]), *parameters, *names(MODIFIERS), "initial", "axis", "label", *last)


def set_value(draft: Draft, keys: Keys, value: Any) -> Edited:
    """What stands at these keys, such as `("nodes", "h", "units")`: in place of what stood there, or added.

    An expression or an output of which more is said comes into its long form. Values are plain, or a tree.

    Raises:
        SpecError: where nothing can stand, and for a value that is not allowed there.
    """
    here, inner = _divided(draft, keys)
    called = f"set {_told(keys, inner)}"
    if inner[0] == "nodes" and len(inner) == 2:
        return write(draft, inner[1], value, block=here.block)
    tree = _opened(here, inner)
    old = at(tree, keys)
    _check_parents(tree, keys)
    made = in_place(old, value)
    changed = put(draft, tree, keys, made, _order(here, inner))
    return concluded(draft, changed, called, only_changed(draft, changed))


def unset_value(draft: Draft, keys: Keys) -> Edited:
    """Without what stands at these keys; nothing may read it any more.

    Raises:
        SpecError: where nothing stands, and where something must.
    """
    here, inner = _divided(draft, keys)
    if inner[0] == "nodes" and len(inner) == 2:
        return remove_nodes(draft, inner[1:], block=here.block)
    if inner[0] in ENTRIES and len(inner) == 1:
        raise refuse(f"{inner[0]}: is unset entry by entry", f"such as {inner[0]}.NAME")
    tree = _unlisted(draft.tree, keys) or _tree(without(draft.tree, keys))
    if at(draft.tree, keys) is None and tree == draft.tree:
        raise refuse(f"there is no {'.'.join(keys)} to unset", _beside(draft, keys))
    if inner[0] == "inputs" and len(inner) == 2 and (who := readers(here, inner[1])):
        raise refuse(f"{inner[1]} cannot be removed: {told(who)}", "connect what reads it to something else first")
    above = keys[:-1]
    while above and inner[0] in ("parameters", "data", "blocks", "training") and _is_empty(at(tree, above)):
        tree, above = _tree(without(tree, above)), above[:-1]  # what is optional goes when nothing is left in it
    called = f"unset {_told(keys, inner)}" if len(inner) > 2 else f"remove {here.named(keys[-1])}"
    return concluded(draft, tree, called, only_changed(draft, tree), lacking=INCOMPLETE)


def _told(keys: Keys, inner: Keys) -> str:
    """What is set, in words: `units of h`, `training.rate`."""
    if inner[0] in ("nodes", "inputs", "outputs") and len(inner) > 2:
        return f"{'.'.join(inner[2:])} of {inner[1]}" + (f" of {keys[1]}" if keys != inner else "")
    return ".".join(keys)


def _unlisted(tree: Table, keys: Keys) -> Table | None:
    """The tree without a name in a list of names."""
    listed = at(tree, keys[:-1])
    if not isinstance(listed, Sequence) or keys[-1] not in _listed(listed):
        return None
    items = tuple(item for item in listed.items if not isinstance(item, Scalar) or item.text != keys[-1])
    return with_value(tree, keys[:-1], replace(listed, items=items))


def write(draft: Draft, name: str, value: Any, *, block: str = "") -> Edited:
    """Another value for a node: an expression where it is one (what else is said of it stays), or all that is said.

    Raises:
        SpecError: for a node that is not there, and for a value that cannot be read.
    """
    here = place(draft, block)
    old, made = here.value(name), new(value)
    keys: Keys = ("nodes", name)
    if isinstance(old, Table) and "value" in old and "block" not in old and not isinstance(made, Table):
        keys, old = (*keys, "value"), old.get("value") or old
    tree = here.put(keys, in_place(old, made))
    return concluded(draft, tree, f"write {here.named(name)}", only_changed(draft, tree))


def add_entry(draft: Draft, keys: Keys, value: Any) -> Edited:
    """A new input, output, size, block, port or parameter: `("inputs", "x")`, `("blocks", "cell", "inputs", "x")`.

    Raises:
        SpecError: for a name that is taken or none, and for a value that cannot be read.
    """
    here, inner = _divided(draft, keys)
    section, name = inner
    if at(draft.tree, keys) is not None or name in _listed(here.section(section)):
        raise refuse(f"there is {section}.{name} already", "choose another name, or set it")
    if section == "inputs":
        here.check_free(name, "port" if here.block else "input")
    else:
        check_name(name, None, _NOUNS[section])
    made, listed = new(value), here.section(section)
    if isinstance(listed, Sequence) and (made == new(name) if section == "outputs" else _says_nothing(made)):
        longer = replace(listed, items=(*listed.items, new(name)))
        tree = put(draft, draft.tree, keys[:-1], longer)
    else:
        tree = put(draft, _opened(here, inner), keys, in_lines(made) if section == "blocks" else made)
    called = f"add {here.named(name)}"
    users = _users(here) if section == "inputs" and here.block else []
    lacking = tuple(f"{node} lacks its port {name}" for node in users)  # where the block is used it is not given yet
    return concluded(draft, tree, called, only_changed(draft, tree, frozenset(users)), lacking=lacking)


_NOUNS = {"inputs": "input", "outputs": "output", "parameters": "parameter", "blocks": "block", "data": "input"}


def _says_nothing(tree: Tree) -> bool:
    return _is_empty(tree) or (isinstance(tree, Scalar) and tree.value is None)


def in_lines(tree: Tree) -> Tree:
    """A block as it is customarily written: its keys and its nodes in lines."""
    if not isinstance(tree, Table):
        return tree
    entries = (
        (key, replace(item, flow=False) if key.text == "nodes" and isinstance(item, Table) else item)
        for key, item in tree.entries
    )
    return replace(tree, entries=tuple(entries), flow=False)


def _users(here: Place) -> list[str]:
    """The nodes that use a block."""
    found = [(where, name) for where in places(here.draft) for name in where.nodes]
    return [name for where, name in found if (kind := where.kind_of(name)) and kind.name == here.block]


def _divided(draft: Draft, keys: Keys) -> tuple[Place, Keys]:
    """The body that keys lead into, and the rest of them."""
    if not keys or keys[0] not in KEYS:
        raise refuse(f"a spec has no key {'.'.join(keys)!r}", suggest(keys[0] if keys else "", KEYS, "keys"))
    if keys[0] == "blocks" and len(keys) > 2:
        if keys[2] not in BLOCK_KEYS:
            raise refuse(f"a block has no key {keys[2]!r}", suggest(keys[2], BLOCK_KEYS, "keys"))
        return place(draft, keys[1]), keys[2:]
    return Place(draft), keys


def _opened(here: Place, inner: Keys) -> Table:
    """The tree with a short form on the way to these keys made long: `h: tanh(U)` to `h: {value: tanh(U)}`."""
    tree, section = here.draft.tree, inner[0]
    listed = here.section(section)
    if isinstance(listed, Sequence):
        tree = with_value(tree, (*here.keys, section), _as_table(listed, section))
    if len(inner) < 3:
        return tree
    keys = (*here.keys, *inner[:2])
    old = at(tree, keys)
    long = {"nodes": "value", "outputs": "from"}.get(section)
    if isinstance(old, Table) or (isinstance(old, Scalar) and old.value is None):
        return tree
    if old is None:
        if section == "data":
            return tree
        known = _listed(listed)
        raise refuse(f"there is no {section}.{inner[1]}", suggest(inner[1], known, section))
    if long is None:
        return tree
    if section == "nodes" and inner[2] not in EXPRESSIONS:
        hint = suggest(inner[2], EXPRESSIONS, "what may be said of an expression")
        raise refuse(f"{inner[1]} is an expression, of which no {inner[2]!r} is said", hint)
    in_brackets = isinstance(old, Scalar) or old.flow
    return with_value(tree, keys, Table(((text(None, long), old),), NEW, in_brackets))


def _as_table(listed: Sequence, section: str) -> Table:
    """A list of names as the mapping that says the same."""
    said: dict[str, Any] = {"inputs": {}, "parameters": {"type": "size"}}
    names = [item for item in listed.items if isinstance(item, Scalar)]
    for item in listed.items:
        if item not in names:
            raise refuse(f"this is no name, in a list of {section}", "mend it first", item.mark)
    return as_table(listed, ((item.text, item, new(said[section]) if section in said else item) for item in names))


def _check_parents(tree: Table, keys: Keys) -> None:
    """A key goes into a mapping: what is said otherwise there is not lost."""
    for length in range(1, len(keys)):
        found = at(tree, keys[:length])
        if isinstance(found, Sequence) or (isinstance(found, Scalar) and found.value is not None):
            said = ".".join(keys[:length])
            raise refuse(f"{said} is no mapping, in which {keys[length]} could stand", f"unset {said} first")


def _order(here: Place, inner: Keys) -> Keys:
    if inner[0] == "nodes" and len(inner) == 3:
        return node_order(here.kind_of(inner[1]))
    if inner[0] in ("inputs", "outputs") and len(inner) == 3 and not here.block:
        return names(INPUTS if inner[0] == "inputs" else OUTPUTS)
    return ()


def _listed(tree: Tree | None) -> Keys:
    if isinstance(tree, Table):
        return tree.keys()
    return tuple(item.text for item in tree.items if isinstance(item, Scalar)) if isinstance(tree, Sequence) else ()


def _beside(draft: Draft, keys: Keys) -> str:
    for length in range(len(keys) - 1, -1, -1):
        found = at(draft.tree, keys[:length]) if length else draft.tree
        if isinstance(found, Table):
            where = ".".join(keys[:length])
            return suggest(keys[length], found.keys(), f"what is said of {where}" if where else "what is said")
    return ""


def _is_empty(tree: Tree | None) -> bool:
    return isinstance(tree, Table) and not tree.entries


def _tree(tree: Tree | None) -> Table:
    assert isinstance(tree, Table)
    return tree
