"""Addresses: what an edit is of, in one word, such as `h`, `h.units`, `outputs.y`, `$words`, `blocks.cell.nodes.W`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from leporello.graphs.composing.tree import Keys
from leporello.graphs.edits.splices.block_naming import rename_block, rename_port
from leporello.graphs.edits.splices.draft import Draft, Edited
from leporello.graphs.edits.splices.naming import rename_node, rename_output
from leporello.graphs.edits.splices.nodes import add_node, remove_nodes
from leporello.graphs.edits.splices.places import place
from leporello.graphs.edits.splices.settings import add_entry, set_value, unset_value
from leporello.graphs.edits.splices.size_naming import rename_axis, rename_size
from leporello.graphs.problems import refuse, suggest
from leporello.graphs.reading.blocks import KEYS as BLOCK_KEYS
from leporello.graphs.reading.spec import KEYS

ADDED = ("nodes", "inputs", "outputs", "parameters", "blocks")


def keys_of(draft: Draft, address: str, added: bool = False) -> Keys:
    """The keys that an address stands for; with `added` a name that nothing has is that of a node.

    >>> from leporello.blocks.registry import registry
    >>> draft = Draft.read("spec: 1\\ninputs: {x: {features: 2}}\\nnodes: {h: tanh(x)}\\noutputs: {y: h}", registry())
    >>> keys_of(draft, "h.label"), keys_of(draft, "x.axis"), keys_of(draft, "$n"), keys_of(draft, "outputs.y")
    (('nodes', 'h', 'label'), ('inputs', 'x', 'axis'), ('parameters', 'n'), ('outputs', 'y'))

    Raises:
        SpecError: for an address that is none, or that names nothing.
    """
    parts = tuple(address.split("."))
    if not all(parts):
        raise refuse(f"{address!r} names nothing", "write h, h.units, outputs.y, training.rate, ...")
    if parts[0].startswith("$"):
        return ("parameters", parts[0][1:], *parts[1:])
    if parts[0] in (*KEYS, "axes"):
        return parts
    here = place(draft)
    if parts[0] in here.nodes or (added and parts[0] not in here.givers):
        return ("nodes", *parts)
    if parts[0] in here.givers:
        return ("inputs", *parts)
    known = [*here.nodes, *here.givers, *KEYS]
    raise refuse(f"there is no {parts[0]!r}", suggest(parts[0], known, "nodes, inputs and sections"))


def node_of(draft: Draft, address: str) -> tuple[str, str]:
    """The block (empty: the spec itself) and the name of a node."""
    block, inner = _within(keys_of(draft, address))
    if len(inner) != 2 or inner[0] != "nodes":
        raise refuse(f"{address} is no node", "write h, or blocks.cell.nodes.W")
    return block, inner[1]


def port_of(draft: Draft, address: str) -> tuple[str, str, str]:
    """The block, the node and the port of `h.input`."""
    block, inner = _within(keys_of(draft, address))
    if len(inner) != 3 or inner[0] != "nodes":
        raise refuse(f"{address} is no port of a node", "write h.input, or blocks.cell.nodes.W.input")
    return block, inner[1], inner[2]


def _within(keys: Keys) -> tuple[str, Keys]:
    return (keys[1], keys[2:]) if keys[0] == "blocks" and len(keys) > 2 else ("", keys)


def rename(draft: Draft, address: str, new: str) -> Edited:
    """Another name for what an address names."""
    block, inner = _within(keys_of(draft, address))
    match inner:
        case ("axes", name) if not block:
            return rename_axis(draft, name, new)
        case ("blocks", name) if not block:
            return rename_block(draft, name, new)
        case ("nodes", name):
            return rename_node(draft, name, new, block)
        case ("inputs", name):
            return rename_port(draft, block, name, new) if block else rename_node(draft, name, new)
        case ("outputs", name):
            return rename_output(draft, name, new, block)
        case ("parameters", name):
            return rename_size(draft, name, new, block)
        case ("name",) if not block:
            return set_value(draft, ("name",), new)
    raise refuse(
        f"{address} is nothing that is renamed", "rename a node, an input, an output, a size, a block, an axis"
    )


def add(draft: Draft, address: str, value: Any, after: str = "") -> Edited:
    """What an address names, put in."""
    keys = keys_of(draft, address, added=True)
    block, inner = _within(keys)
    if len(inner) != 2 or inner[0] not in ADDED or (block and inner[0] == "blocks"):
        what = suggest(inner[0], BLOCK_KEYS[:4] if block else ADDED, "sections that are added to")
        raise refuse(f"{address} is nothing that is added", f"to say more of something, set it; {what}")
    if inner[0] == "nodes":
        return add_node(draft, inner[1], value, after=after, block=block)
    if after:
        raise refuse("--after is for nodes", "entries of other sections come last")
    return add_entry(draft, keys, value)


def remove(draft: Draft, addresses: Iterable[str], bypass: bool = False) -> Edited:
    """Nodes of one body taken away, or one other thing that an address names."""
    found = [keys_of(draft, address) for address in addresses]
    within = [_within(keys) for keys in found]
    nodes = [inner[1] for _, inner in within if len(inner) == 2 and inner[0] == "nodes"]
    if len(nodes) == len(found) and len({block for block, _ in within}) == 1:
        return remove_nodes(draft, nodes, bypass=bypass, block=within[0][0])
    if len(found) != 1 or bypass:
        raise refuse("only nodes of one body are removed together", "remove the others one by one")
    return unset_value(draft, found[0])
