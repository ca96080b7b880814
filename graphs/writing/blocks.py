"""Blocks of a spec as plain values: ports, parameters and a body, as they stand under `blocks:`."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from leporello.graphs.blocktypes import BlockType, Body, Parameter, Port
from leporello.graphs.expressions.plain_values import plain_value
from leporello.graphs.fields import REQUIRED
from leporello.graphs.nodes import Wire
from leporello.graphs.writing.nodes import WrittenNodes


def block_data(kind: BlockType) -> dict[str, Any]:
    """A block as plain values; reading them gives the same block."""
    assert kind.body is not None
    body = kind.body({parameter.name: parameter.default for parameter in kind.parameters})
    written = WrittenNodes(body.nodes, tuple(wire for _, wire in body.outputs))
    said = {
        "help": kind.help,
        "paper": kind.paper,
        "inputs": ports_data(kind.ports),
        "parameters": parameters_data(kind.parameters),
        "nodes": written.data(),
        "outputs": _outputs(body, kind.ports, written),
    }
    return {key: value for key, value in said.items() if value or key == "nodes"}


def ports_data(ports: tuple[Port, ...]) -> Any:
    """What stands under `inputs:` of a block."""
    said = {port.name: _differences(port, Port(port.name, "any")) for port in ports}
    return said if any(said.values()) else list(said)


def parameters_data(parameters: tuple[Parameter, ...]) -> Any:
    """What stands under `parameters:` of a block."""
    if all(parameter == Parameter(parameter.name) for parameter in parameters):
        return [parameter.name for parameter in parameters]
    return {parameter.name: _parameter(parameter) for parameter in parameters}


def _parameter(parameter: Parameter) -> Any:
    """A default alone where it says the type; else all that differs."""
    value = plain_value(parameter.default)
    if parameter.default is not REQUIRED and parameter == Parameter(parameter.name, _type_of(value), parameter.default):
        return value
    return {"type": parameter.type, **_differences(parameter, Parameter(parameter.name))}


def _type_of(value: Any) -> Any:
    """The type that reading gives to a parameter of which only the default is said."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "size" if value >= 1 else "integer"
    return {float: "number", list: "names"}.get(type(value), "text")


def _differences(item: Any, plain: Any) -> dict[str, Any]:
    names = [field.name for field in fields(item) if field.name not in ("name", "type")]
    return {name: plain_value(getattr(item, name)) for name in names if getattr(item, name) != getattr(plain, name)}


def _outputs(body: Body, ports: tuple[Port, ...], written: WrittenNodes) -> Any:
    known = {node.path for node in body.nodes} | {port.name for port in ports}
    places = {port: f"{port}/output" if port in known else port for port, _ in body.outputs}
    names = {port: written.spelling.value(wire, places[port]) for port, wire in body.outputs}
    plain = all(wire in (Wire(port), Wire(f"<{port}")) and names[port] == port for port, wire in body.outputs)
    return list(names) if plain else names
