"""A readable print of any graph: a line for each node, the composites it was opened from as headings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from leporello.graphs.expressions.plain_values import plain_value
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Composite, Learned, Modifiers, Node, Output
from leporello.graphs.problems import visible
from leporello.graphs.writing.yaml_text import flow

LONGEST_LINE = 400


def print_graph(graph: Graph) -> str:
    """The graph as text: inputs, nodes with what they read and when, outputs.

    >>> from leporello.graphs.nodes import Time, Wire
    >>> h = Node("h", "tanh", (("input", Wire("h", "", Time("t", -1))),))
    >>> print(print_graph(Graph("loop", (h,), (Output("y", Wire("h")),))))
    loop
    h = tanh(h(t-1))
    -> y = h
    """
    lines = [graph.name + _said({"label": graph.label or None})]
    if graph.parameters:
        lines.append("sizes: " + ", ".join(f"${name} = {_value(value)}" for name, value in graph.parameters.items()))
    lines.extend(_node_lines(graph))
    lines.extend(_output(output) for output in graph.outputs)
    return "\n".join(_shown(line) for line in lines)


def _node_lines(graph: Graph) -> Iterator[str]:
    composites = {composite.path: composite for composite in graph.composites}
    before: tuple[str, ...] = ()
    for node in graph.nodes:
        owners = tuple(path for path in _prefixes(node.path) if path in composites)
        for depth, path in enumerate(owners):
            if before[depth : depth + 1] != (path,):
                before = (*before[:depth], path)
                yield "  " * depth + _heading(composites[path])
        before = owners
        yield "  " * len(owners) + _line(node)


def _prefixes(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:i]) for i in range(1, len(parts))]


def _heading(composite: Composite) -> str:
    ports = [f"{port} is {' and '.join(map(str, wires))}" for port, wires in composite.ports.items()]
    said = _said({"label": composite.label or None, **composite.parameters})
    return f"{composite.path}: {composite.block}{said}" + (f"; {', '.join(ports)}" if ports else "")


def _line(node: Node) -> str:
    if node.block == "input":
        return f"{node.path}: input{_said({**node.parameters, 'axis': node.axis, 'label': node.label or None})}"
    many = len(node.inputs) > 1
    reads = ", ".join(f"{port}: {wire}" if many else str(wire) for port, wire in node.inputs)
    said = {**node.parameters, "axis": node.axis, "label": node.label or None, **_modifiers(node.modifiers)}
    return f"{node.path} = {node.block}({reads})" + _said({**said, "initial": _initial(node.initial)})


def _modifiers(modifiers: Modifiers) -> dict[str, Any]:
    return {name: getattr(modifiers, name) for name in modifiers.__dataclass_fields__}


def _initial(initial: Any) -> Any:
    if isinstance(initial, Mapping):
        return {key: _initial(value) for key, value in initial.items()}
    if isinstance(initial, tuple):
        wires = [str(wire) for wire in initial]
        return wires[0] if len(wires) == 1 else wires
    return "learned" if isinstance(initial, Learned) else initial


def _said(values: Mapping[str, Any]) -> str:
    return "".join(f", {key} {_value(value)}" for key, value in values.items() if value is not None)


def _value(value: Any) -> str:
    return flow(plain_value(value))


def _output(output: Output) -> str:
    leak = "allowed" if output.leak else None
    said = {"predicts": output.predicts or None, "loss": output.loss or None, **output.scoring, "leak": leak}
    return f"-> {output.name} = {output.wire}{_said(said)}"


def _shown(line: str) -> str:
    return visible(line.replace("\n", "\\n"), LONGEST_LINE)
