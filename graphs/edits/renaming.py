"""Renaming on graphs: a node, a port, a size, a block, an axis called otherwise wherever it is meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from leporello.graphs.blocktypes import Body
from leporello.graphs.expressions.tree import Binary, Negative, SizeName
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Node, Wire, freeze

Words = Callable[[str], str]
Names = frozenset[str]


def rewired(node: Node, change: Callable[[Wire], Wire]) -> Node:
    """The node with every wire changed, those of a composite's states included."""

    def started(initial: Any) -> Any:
        if isinstance(initial, Mapping):
            return freeze({state: started(value) for state, value in initial.items()})
        return tuple(change(wire) for wire in initial) if isinstance(initial, tuple) else initial

    inputs = tuple((port, change(wire)) for port, wire in node.inputs)
    return replace(node, inputs=inputs, initial=started(node.initial))


def moved(path: str, old: str, new: str) -> str:
    """A path whose first step is `old`, by the new name; others as they are.

    >>> moved("h/1/forward/W_i", "h", "state"), moved("hidden", "h", "state")
    ('state/1/forward/W_i', 'hidden')
    """
    return new + path[len(old) :] if path == old or path.startswith(old + "/") else path


def of_outputs(body: Body, names: Names) -> frozenset[str]:
    """The paths of the anonymous nodes that outputs are, which are called after outputs and not after nodes."""
    index = {node.path: node for node in body.nodes}
    waiting = [wire.source for _, wire in body.outputs]
    found: set[str] = set()
    while waiting:
        path = waiting.pop()
        if path in index and path not in names and path not in found:
            found.add(path)
            waiting += [wire.source for wire in index[path].wires]
    return frozenset(found)


def _anonymous(output: str, names: Names, block: bool) -> str:
    """The path of the node that an output's expression becomes."""
    return output if block and output not in names else f"{output}/output"


def with_node_renamed(body: Body, old: str, new: str, names: Names, block: bool = False) -> Body:
    """The body with another name for a node, or for what is given to it (`<x`: a port).

    `names` are all that can be read in it, `block` says that it is that of a block.
    """
    apart = of_outputs(body, names)
    later = (names - {old}) | {new}

    def name(path: str) -> str:
        if path not in apart:
            return moved(path, old, new)
        for port, _ in body.outputs:
            there = _anonymous(port, names, block)
            if moved(path, there, "") != path:
                return moved(path, there, _anonymous(port, later, block))
        return path

    def shared(share: Any) -> Any:
        if isinstance(share, Mapping):
            return freeze({weight: owner_moved(target, old, new) for weight, target in share.items()})
        return owner_moved(share, old, new) if share else share

    def change(node: Node) -> Node:
        share = shared(node.modifiers.share)
        node = replace(node, path=name(node.path), modifiers=replace(node.modifiers, share=share))
        return rewired(node, lambda wire: replace(wire, source=name(wire.source)))

    outputs = tuple((port, replace(wire, source=name(wire.source))) for port, wire in body.outputs)
    return Body(tuple(map(change, body.nodes)), outputs)


def owner_moved(target: str, old: str, new: str) -> str:
    """What shares weights names a node, `e` or `e.weight` or `e/1/forward/W_i`: by another name for it."""
    return new + target[len(old) :] if target == old or target.startswith((f"{old}/", f"{old}.")) else target


def with_shares(graph: Graph, words: Words) -> Graph:
    """The graph whose nodes at the top share the weights of what is called otherwise."""

    def change(node: Node) -> Node:
        share = node.modifiers.share
        if isinstance(share, Mapping):
            said: Any = freeze({weight: words(target) for weight, target in share.items()})
        else:
            said = words(share) if share else share
        return replace(node, modifiers=replace(node.modifiers, share=said))

    return graph.with_nodes(map(change, graph.nodes))


def state_moved(key: str, old: str, new: str) -> str:
    """The name of a state of a block, `h` or `1/forward/h` or `cell/h`, by another name for a node in the block.

    >>> state_moved("1/forward/h", "h", "k"), state_moved("cell/h", "h", "k")
    ('1/forward/k', 'cell/h')
    """
    parts = key.split("/")
    place = next((i for i, part in enumerate(parts) if not part.isdigit() and part not in ("forward", "backward")), 0)
    return "/".join([*parts[:place], new, *parts[place + 1 :]]) if parts[place] == old else key


def with_states_renamed(graph: Graph, block: str, old: str, new: str) -> Graph:
    """The graph with another name for a state of a block where uses of it say what that starts from."""

    def change(node: Node) -> Node:
        if node.block != block or not isinstance(node.initial, Mapping):
            return node
        return replace(node, initial=freeze({state_moved(key, old, new): value for key, value in node.initial.items()}))

    return with_uses(graph, change)


def with_output_renamed(body: Body, old: str, new: str, names: Names, block: bool = False) -> Body:
    """The body with another name for an output, and for the anonymous nodes that are called after it."""
    apart = of_outputs(body, names)
    there, then = _anonymous(old, names, block), _anonymous(new, names, block)

    def name(path: str) -> str:
        return moved(path, there, then) if path in apart else path

    nodes = tuple(
        replace(rewired(node, lambda wire: replace(wire, source=name(wire.source))), path=name(node.path))
        for node in body.nodes
    )
    outputs = ((new if port == old else port, replace(wire, source=name(wire.source))) for port, wire in body.outputs)
    return Body(nodes, tuple(outputs))


def with_sizes(value: Any, words: Words) -> Any:
    """A parameter's value with its `$names` by other names."""
    match value:
        case SizeName(name):
            return SizeName(words(name))
        case Binary(sign, left, right):
            return Binary(sign, with_sizes(left, words), with_sizes(right, words))
        case Negative(operand):
            return Negative(with_sizes(operand, words))
        case _:
            return value


def with_size_renamed(body: Body, words: Words) -> Body:
    """The body with other names for its `$names`."""

    def change(node: Node) -> Node:
        parameters = freeze({key: with_sizes(value, words) for key, value in node.parameters.items()})
        said = {key: with_sizes(getattr(node.modifiers, key), words) for key in ("layers", "residual", "dropout")}
        return replace(node, parameters=parameters, modifiers=replace(node.modifiers, **said))

    return Body(tuple(map(change, body.nodes)), body.outputs)


def with_uses(graph: Graph, change: Callable[[Node], Node]) -> Graph:
    """The graph with every node changed, those in the bodies of its blocks included."""
    blocks = {}
    for name, kind in graph.blocks.items():
        body = kind.body
        if isinstance(body, Body):
            kind = replace(kind, body=Body(tuple(map(change, body.nodes)), body.outputs))
        blocks[name] = kind
    return replace(graph, nodes=tuple(map(change, graph.nodes)), blocks=freeze(blocks))


def with_port_read_renamed(body: Body, block: str, old: str, new: str) -> Body:
    """The body with another name for an output of a block wherever a use of that is read."""
    uses = {node.path for node in body.nodes if node.block == block}

    def change(wire: Wire) -> Wire:
        return replace(wire, port=new) if wire.source in uses and wire.port == old else wire

    outputs = tuple((port, change(wire)) for port, wire in body.outputs)
    return Body(tuple(rewired(node, change) for node in body.nodes), outputs)
