"""The first step of opening: composites laid out under their paths, layer by layer, direction by direction.

Wires still name ports here: a port of a body is the pseudo-node `path/<port`, an output of a composite is
what `LaidOut.aliases` says of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from leporello.graphs.blocktypes import BlockType, Body, Registry
from leporello.graphs.expressions.named_sizes import top_sizes
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import EMPTY, UNKNOWN, Composite, Node, Wire, freeze
from leporello.graphs.opening.binding import bound_modifiers, bound_parameters
from leporello.graphs.opening.first_values import handed_on, weights_within
from leporello.graphs.opening.laid_out import Instance, LaidOut
from leporello.graphs.opening.stacking import Stack
from leporello.graphs.problems import SpecError, an, refuse

DEEPEST = 32


def lay_out(graph: Graph, registry: Registry, sizes: Mapping[str, Any]) -> LaidOut:
    """All primitives of `graph` with full paths, wires not yet followed."""
    layout = LaidOut(registry)
    instance = Instance("", top_sizes(graph.parameters, sizes))
    for node in graph.nodes:
        before = layout.lengths()
        try:
            _lay_node(node, instance, layout)
        except SpecError as error:
            layout.problems.extend(replace(problem, mark=problem.mark or node.mark) for problem in error.problems)
            layout.forget(before)
            layout.add(Node(node.path, UNKNOWN, mark=node.mark), instance)
    return layout


def _lay_node(node: Node, instance: Instance, layout: LaidOut) -> None:
    kind = layout.registry.get(node.block)
    path = instance.inner(node.path)
    if instance.mark is not None:  # inside a block that ships all stands where the block is used
        node = node.changed(mark=instance.mark, marks=EMPTY)
    if kind is None:
        layout.add(node.changed(path=path, body=instance.path), instance)
        return
    parameters = bound_parameters(node, kind, instance)
    modifiers = bound_modifiers(node, instance)
    if kind.takes:
        parameters |= {name: getattr(modifiers, name) for name in kind.takes}
        modifiers = replace(modifiers, **dict.fromkeys(kind.takes))
    parameters = freeze(parameters)
    if instance.init is not None:
        weights = weights_within(kind, parameters, layout.registry)
        modifiers = replace(modifiers, init=handed_on(instance.init, modifiers.init, weights))
    if instance.frozen is not None:
        modifiers = replace(modifiers, frozen=instance.frozen)
    moved = _moved(node, instance).changed(
        path=path, parameters=parameters, modifiers=modifiers, body=node.body or instance.path
    )
    if modifiers.bridge is not None and not kind.is_composite:
        raise refuse(
            f"{node.path}, {an(kind.name)}, has no cell whose states could be bridged",
            "take bridge: away",
            node.at("bridge"),
        )
    if modifiers.share is not None:
        layout.shares[path] = _moved_share(modifiers.share, instance)
    if kind.is_composite or modifiers.stacks:
        _lay_stack(moved, kind, instance, layout)
    else:
        layout.add(moved, instance)


def _moved_share(share: Any, instance: Instance) -> Any:
    if isinstance(share, Mapping):
        return {key: instance.inner(str(target).replace(".", "/")) for key, target in share.items()}
    return instance.inner(str(share))


def _moved(node: Node, instance: Instance) -> Node:
    """The node with its wires and initial value as seen from outside the body."""
    inputs = tuple([(port, _moved_wire(wire, instance)) for port, wire in node.inputs])
    return node.changed(inputs=inputs, initial=_moved_initial(node.initial, instance))


def _moved_initial(initial: Any, instance: Instance) -> Any:
    if isinstance(initial, Mapping):
        return freeze({key: _moved_initial(value, instance) for key, value in initial.items()})
    return tuple(_moved_wire(wire, instance) for wire in initial) if isinstance(initial, tuple) else initial


def _moved_wire(wire: Wire, instance: Instance) -> Wire:
    time = wire.time
    if time.kind == "all":
        time = replace(time, scope=time.scope or instance.path)
    if instance.backward:
        kind = {"first": "last", "last": "first"}.get(time.kind, time.kind)
        time = replace(time, kind=kind, offset=-time.offset)  # type: ignore[arg-type]
    return Wire(instance.inner(wire.source), wire.port, time) if instance.path or time is not wire.time else wire


def _lay_stack(node: Node, kind: BlockType, instance: Instance, layout: LaidOut) -> None:
    """All layers and directions of a composite (or of a stacked primitive)."""
    if len(instance.blocks) >= DEEPEST:
        raise refuse(f"blocks inside blocks, deeper than {DEEPEST}", "use fewer levels", node.mark)
    if kind.name in instance.blocks:
        way = " -> ".join([*instance.blocks, kind.name])
        raise refuse(f"the block {kind.name} contains itself", f"{way}: take one of them out", node.mark)
    layout.composites.append(
        Composite(node.path, kind.name, node.parameters, {}, node.body, node.label, node.axis, node.mark)
    )
    layout.initials[node.path] = node
    Stack(node, kind, instance, layout, lay_body).lay_out()


def lay_body(body: Body, path: str, node: Node, instance: Instance, layout: LaidOut, backward: bool) -> None:
    """One copy of a composite's inside under `path`."""
    shipped = layout.registry[node.block].shipped
    inner = Instance(
        path,
        node.parameters,
        instance.backward != backward,
        node.mark if shipped or instance.mark else None,
        node.modifiers.init,
        node.modifiers.frozen,
        (*instance.blocks, node.block),
    )
    for part in body.nodes:
        _lay_node(part, inner, layout)
    for port, wire in body.outputs:
        layout.aliases[path, port] = (_moved_wire(wire, inner),)
