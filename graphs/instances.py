"""The first step of opening: composites laid out under their paths, layer by layer, direction by direction.

Wires still name ports here: a port of a body is the pseudo-node `path/<port`, an output of a composite is
what `Layout.aliases` says of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from leporello.graphs.blocktypes import REQUIRED, BlockType, Body, Parameter, Registry
from leporello.graphs.expression_tree import evaluate_size
from leporello.graphs.graph import EMPTY, Composite, Graph, Modifiers, Node, Wire, freeze
from leporello.graphs.problems import Mark, Problem, SpecError, an, refuse
from leporello.graphs.size import Size

LARGEST = 10_000
DEEPEST = 32


@dataclass(frozen=True)
class Place:
    """Where nodes are laid out: the path of their body, its sizes, whether time is reversed in it."""

    path: str
    sizes: Mapping[str, Any] | None
    backward: bool = False
    mark: Mark | None = None
    init: Any = None
    frozen: bool | None = None
    blocks: tuple[str, ...] = ()

    def inner(self, name: str) -> str:
        """The path of `name` in this body."""
        return f"{self.path}/{name}" if self.path else name


@dataclass
class Layout:
    """Nodes and composites with their full paths; `aliases` says what ports stand for."""

    registry: Registry
    nodes: list[Node] = field(default_factory=list)
    composites: list[Composite] = field(default_factory=list)
    aliases: dict[tuple[str, str], tuple[Wire, ...]] = field(default_factory=dict)
    initials: dict[str, Node] = field(default_factory=dict)
    shares: dict[str, Any] = field(default_factory=dict)
    backward: dict[str, bool] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def ports_of(self, path: str) -> list[str]:
        """The output ports of the composite at `path`, the first one first."""
        return self._ports.get(path, [])

    @cached_property
    def _ports(self) -> dict[str, list[str]]:
        """The output ports by composite; asked for when everything is laid out."""
        found: dict[str, list[str]] = {}
        for owner, port in self.aliases:
            if port:
                found.setdefault(owner, []).append(port)
        return found

    def lengths(self) -> tuple[int, ...]:
        """How much has been laid out, for `forget`."""
        return tuple(map(len, self._kept()))

    def forget(self, lengths: tuple[int, ...]) -> None:
        """Take back what was laid out since: a composite that fails stands as one unknown node."""
        for kept, length in zip(self._kept(), lengths, strict=True):
            if isinstance(kept, dict):
                for key in list(kept)[length:]:
                    del kept[key]
            else:
                del kept[length:]

    def _kept(self) -> tuple[list[Any] | dict[Any, Any], ...]:
        return (self.nodes, self.composites, self.aliases, self.initials, self.shares, self.backward)

    def add(self, node: Node, place: Place) -> None:
        """Keep a primitive."""
        if len(self.nodes) >= LARGEST:
            raise refuse(f"the model opens to more than {LARGEST} nodes", "make it smaller", place.mark)
        self.backward[node.path] = place.backward
        self.nodes.append(node)


def lay_out(graph: Graph, registry: Registry, sizes: Mapping[str, Any]) -> Layout:
    """All primitives of `graph` with full paths, wires not yet followed."""
    layout = Layout(registry)
    place = Place("", top_sizes(graph.parameters, sizes))
    for node in graph.nodes:
        before = layout.lengths()
        try:
            _lay_node(node, place, layout)
        except SpecError as error:
            layout.problems.extend(replace(problem, mark=problem.mark or node.mark) for problem in error.problems)
            layout.forget(before)
            layout.add(Node(node.path, "?", mark=node.mark), place)
    return layout


def top_sizes(
    parameters: Mapping[str, Any], given: Mapping[str, Any], marks: Mapping[str, Mark] = EMPTY
) -> Mapping[str, Any]:
    """What the spec's `$names` stand for: given by the caller, else by `parameters:`, whose places are `marks`."""
    known: dict[str, Any] = dict(given)

    def lookup(name: str, seen: tuple[str, ...] = ()) -> Any:
        if len(seen) > DEEPEST:
            raise refuse(
                f"the parameter ${seen[0]} is defined by more than {DEEPEST} others",
                "write its value",
                marks.get(seen[0]),
            )
        if name in seen:
            way = " -> ".join(f"${other}" for other in [*seen[seen.index(name) :], name])
            raise refuse(f"the parameter ${name} is defined by itself", way, marks.get(name))
        if name in known or name not in parameters:
            return known.get(name, Size.named(name))
        value = parameters[name]
        if not isinstance(value, int | float | str | tuple):
            value = _worked_out(value, lambda other: lookup(other, (*seen, name)), marks.get(name))
        known[name] = value
        return value

    for name in parameters:
        lookup(name)
    return known


def _lay_node(node: Node, place: Place, layout: Layout) -> None:
    kind = layout.registry.get(node.block)
    path = place.inner(node.path)
    mark = node.mark if place.mark is None else place.mark
    if kind is None:
        layout.add(replace(node, path=path, mark=mark, body=place.path), place)
        return
    parameters = freeze(_bound(node, kind, place, mark))
    modifiers = replace(node.modifiers, **_bound_modifiers(node.modifiers, place, mark))
    modifiers = replace(
        modifiers,
        init=place.init if place.init is not None else modifiers.init,
        frozen=place.frozen if place.frozen is not None else modifiers.frozen,
    )
    moved = replace(
        _moved(node, place),
        path=path,
        parameters=parameters,
        modifiers=modifiers,
        body=node.body or place.path,
        mark=mark,
    )
    if modifiers.share is not None:
        layout.shares[path] = _moved_share(modifiers.share, place)
    if kind.is_composite or modifiers.stacks:
        _lay_stack(moved, kind, place, layout)
    else:
        layout.add(moved, place)


def _moved_share(share: Any, place: Place) -> Any:
    if isinstance(share, Mapping):
        return {key: place.inner(str(target).replace(".", "/")) for key, target in share.items()}
    return place.inner(str(share))


def _moved(node: Node, place: Place) -> Node:
    """The node with its wires and initial value as seen from outside the body."""
    inputs = tuple((port, _moved_wire(wire, place)) for port, wire in node.inputs)
    return replace(node, inputs=inputs, initial=_moved_initial(node.initial, place))


def _moved_initial(initial: Any, place: Place) -> Any:
    if isinstance(initial, Mapping):
        return freeze({key: _moved_initial(value, place) for key, value in initial.items()})
    return tuple(_moved_wire(wire, place) for wire in initial) if isinstance(initial, tuple) else initial


def _moved_wire(wire: Wire, place: Place) -> Wire:
    time = wire.time
    if time.kind == "all":
        time = replace(time, scope=time.scope or place.path)
    if place.backward:
        kind = {"first": "last", "last": "first"}.get(time.kind, time.kind)
        time = replace(time, kind=kind, offset=-time.offset)  # type: ignore[arg-type]
    return Wire(place.inner(wire.source), wire.port, time)


def _bound(node: Node, kind: BlockType, place: Place, mark: Mark | None) -> dict[str, Any]:
    """The node's parameters as values, with defaults, checked against their ranges."""
    given = [Parameter(name) for name in ("features", "tokens") if name in node.parameters]
    declared = given if kind.name == "input" else kind.parameters
    bound = {name: _value(value, place, mark) for name, value in node.parameters.items()}
    for parameter in declared:
        value = node.parameters.get(parameter.name, parameter.default)
        if value is REQUIRED:
            raise refuse(
                f"{node.path}, {an(kind.name)}, needs {parameter.name}",
                f"{parameter.name}: {parameter.allowed}" + (f"; {parameter.help}" if parameter.help else ""),
                mark,
            )
        try:
            bound[parameter.name] = parameter.accept(_value(value, place, mark))
        except ValueError as error:
            raise refuse(f"{node.path}: {error}", parameter.help, mark) from None
    return bound


def _value(value: Any, place: Place, mark: Mark | None) -> Any:
    if value is None or isinstance(value, bool | int | float | str | tuple | Size):
        return value
    sizes = place.sizes or {}
    return _worked_out(value, lambda name: sizes[name] if name in sizes else Size.named(name), mark)


def _worked_out(value: Any, lookup: Callable[[str], Any], mark: Mark | None = None) -> Any:
    try:
        result = evaluate_size(value, lookup, mark)
    except SpecError as error:
        raise SpecError(tuple(replace(p, mark=p.mark or mark) for p in error.problems)) from None
    except (ValueError, TypeError, ZeroDivisionError) as error:
        raise refuse(f"a size that cannot be worked out: {error}", "sizes are whole numbers", mark) from None
    return int(result) if isinstance(result, float) and result.is_integer() else result


def _bound_modifiers(modifiers: Modifiers, place: Place, mark: Mark | None) -> dict[str, Any]:
    bound = {name: _value(getattr(modifiers, name), place, mark) for name in ("layers", "residual", "dropout")}
    for name in ("layers", "residual"):
        value = bound[name]
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            hint = f"give {value} a value under parameters:" if isinstance(value, Size) else ""
            raise refuse(f"{name}: must be a whole number of at least 1, not {value}", hint, mark)
    if bound["layers"] is not None and bound["layers"] > LARGEST:
        raise refuse(f"layers: must be at most {LARGEST}, not {bound['layers']}", "make it smaller", mark)
    return bound


def _lay_stack(node: Node, kind: BlockType, place: Place, layout: Layout) -> None:
    """All layers and directions of a composite (or of a stacked primitive)."""
    if len(place.blocks) >= DEEPEST:
        raise refuse(f"blocks inside blocks, deeper than {DEEPEST}", "use fewer levels", node.mark)
    if kind.name in place.blocks:
        way = " -> ".join([*place.blocks, kind.name])
        raise refuse(f"the block {kind.name} contains itself", f"{way}: take one of them out", node.mark)
    from leporello.graphs.stacking import Stack

    layout.composites.append(
        Composite(node.path, kind.name, node.parameters, {}, node.body, node.label, node.axis, node.mark)
    )
    layout.initials[node.path] = node
    Stack(node, kind, place, layout).lay_out()


def lay_body(body: Body, path: str, node: Node, place: Place, layout: Layout, backward: bool) -> None:
    """One copy of a composite's inside under `path`."""
    shipped = layout.registry[node.block].shipped
    inner = Place(
        path,
        node.parameters,
        place.backward != backward,
        node.mark if shipped or place.mark else None,
        node.modifiers.init,
        node.modifiers.frozen,
        (*place.blocks, node.block),
    )
    for part in body.nodes:
        _lay_node(part, inner, layout)
    for port, wire in body.outputs:
        layout.aliases[path, port] = (_moved_wire(wire, inner),)
