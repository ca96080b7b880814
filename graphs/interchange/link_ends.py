"""What node-link data says of a graph's ends and of what it was opened from: outputs and composites."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from leporello.graphs.blocktypes import Registry
from leporello.graphs.expressions.nodes import Scope
from leporello.graphs.expressions.plain_values import EXPRESSIONS
from leporello.graphs.graph import Composite, Node, Output, Wire, freeze
from leporello.graphs.interchange.link_fields import Fields, shown
from leporello.graphs.interchange.link_nodes import check_path, parameter_of
from leporello.graphs.interchange.link_wires import wire_of
from leporello.graphs.names import NAME, check_axis, check_name
from leporello.graphs.opening.sharing import WHOLE
from leporello.graphs.problems import Mark, SpecError, an, refuse, suggest
from leporello.graphs.reading.blocks import check_ports
from leporello.graphs.reading.ends import LOSSES, OUTPUT_KEYS

END_FIELDS = ("outputs", "composites")
COMPOSITE_FIELDS = ("path", "block", "parameters", "ports", "body", "label", "axis")
LARGEST = 10_000
SUGGESTED = 200
"""From how few nodes the one that was meant is guessed: among many it takes long."""


def read_ends(whole: Fields, nodes: list[Node], registry: Registry, complete: bool) -> dict[str, Any]:
    """The graph's outputs and composites; unless all nodes are there, ends that name none are let pass.

    Raises:
        SpecError: for an end that is none.
    """
    listed = whole.table("outputs")
    if not listed:
        raise refuse("the graph has no outputs", '"outputs": {"y": "h"}', whole.mark)
    outputs = tuple(_output(name, value, nodes, whole.mark) for name, value in listed.items())
    composites = tuple(_composite(i, item, registry, whole.mark) for i, item in enumerate(whole.items("composites"), 1))
    if len(composites) > LARGEST:
        raise refuse(f"{len(composites)} composites", f"at most {LARGEST} are allowed", whole.mark)
    if complete:
        wires = [(f"output {output.name}", output.wire) for output in outputs]
        ports = [(c.path, wire) for c in composites for wires_of in c.ports.values() for wire in wires_of]
        _check_wires([*wires, *ports], nodes, registry, whole.mark)
        paths = {node.path for node in nodes}
        for node in nodes if composites else ():
            _check_opened(node, registry, paths)
    return {"outputs": outputs, "composites": composites}


def _check_opened(node: Node, registry: Registry, paths: Collection[str]) -> None:
    """Refuse a node that no opened graph has: there all are primitives, and nothing is left to be worked out.

    Raises:
        SpecError: if so.
    """
    kind, said, mark = registry[node.block], node.modifiers, node.mark
    share = said.share if isinstance(said.share, Mapping) else {}
    owners = [path if weight == WHOLE else path.rpartition("/")[0] for weight, path in share.items()]
    lacking = [p.name for p in kind.parameters if p.name not in node.parameters]
    left = [name for name, value in node.parameters.items() if isinstance(value, EXPRESSIONS)]
    wrong = {
        f"is {an(kind.name)}, which opens to others": kind.is_composite,
        f"does not say its parameter {(lacking or [''])[0]}": lacking,
        f"says {(left or [''])[0]} by an expression, which is not worked out": left,
        "has layers, a direction, residuals or dropout": said.stacks,
        "shares what is no node's": isinstance(said.share, str) or any(owner not in paths for owner in owners),
        "has initial values by state": isinstance(node.initial, Mapping),
    }
    for words, found in wrong.items():
        if found:
            what = f"composites say that the graph was opened, but {node.path} {words}"
            raise refuse(what, "take composites away, or open the graph first", mark)


def _check_wires(wires: list[tuple[str, Wire]], nodes: list[Node], registry: Registry, mark: Mark) -> None:
    known = {node.path for node in nodes}
    for what, wire in wires:
        if wire.source not in known:
            hint = suggest(wire.source, known, "nodes") if len(known) <= SUGGESTED else ""
            raise refuse(f"{what} reads {shown(wire.source)}, which is no node", hint, mark)
    scope = Scope({}, nodes=nodes)
    scope.reads.extend((wire, mark) for _, wire in wires)
    check_ports(scope, registry)
    if scope.problems:
        raise SpecError(tuple(scope.problems))


def _output(name: str, value: Any, nodes: list[Node], mark: Mark) -> Output:
    check_name(name, mark, "output")
    what = f"output {name}"
    if not isinstance(value, Mapping):
        return Output(name, wire_of(value, what, mark), mark=mark)
    fields = Fields.of(value, what, OUTPUT_KEYS, mark)
    predicts = fields.text("predicts")
    inputs = [node.path for node in nodes if node.block == "input"]
    if predicts and predicts not in inputs:
        raise refuse(f"predicts of {what}: {shown(predicts)} is no input", suggest(predicts, inputs, "inputs"), mark)
    wire = wire_of(value.get("from"), f"from of {what}", mark)
    leak = fields.choice("leak", ("allowed",)) == "allowed"
    return Output(name, wire, predicts, fields.choice("loss", LOSSES), leak, mark)


def _composite(place: int, item: Any, registry: Registry, mark: Mark) -> Composite:
    fields = Fields.of(item, f"composite {place}", COMPOSITE_FIELDS, mark)
    path, body, axis = fields.text("path", None), fields.text("body"), fields.text("axis") or None
    for name in (path, *([body] if body else [])):
        check_path(name, mark)
    if axis is not None:
        check_axis(axis, mark)
    kind = registry.find(fields.text("block", None), mark)
    known = {parameter.name: parameter for parameter in kind.parameters}
    parameters: dict[str, Any] = {}
    for name, value in fields.table("parameters").items():
        if name not in known:
            hint = suggest(name, known, "parameters")
            raise refuse(f"{path}, of block {kind.name}, has no parameter {shown(name)}", hint, mark)
        parameters[name] = parameter_of(known[name], name, value, fields.what, mark)
    ports = {port: _wires(port, wires, path, mark) for port, wires in fields.table("ports").items()}
    return Composite(path, kind.name, freeze(parameters), freeze(ports), body, fields.text("label"), axis, mark)


def _wires(port: str, wires: Any, path: str, mark: Mark) -> tuple[Wire, ...]:
    if not NAME.match(port) or not isinstance(wires, list | tuple):
        raise refuse(f"ports of {path}: {shown(port)} must be a list of what it reads", "", mark)
    return tuple(wire_of(wire, f"port {port} of {path}", mark) for wire in wires)
