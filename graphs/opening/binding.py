"""Parameters and modifiers bound to values: defaults, ranges, and what `$names` stand for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from leporello.graphs.blocktypes import BlockType, Parameter
from leporello.graphs.expressions.named_sizes import worked_out
from leporello.graphs.fields import REQUIRED
from leporello.graphs.nodes import LARGEST, PLAIN, Modifiers, Node
from leporello.graphs.opening.laid_out import Instance
from leporello.graphs.problems import Mark, an, refuse
from leporello.graphs.size import Size


def bound_parameters(node: Node, kind: BlockType, instance: Instance) -> dict[str, Any]:
    """The node's parameters as values, with defaults, checked against their ranges."""
    given = [Parameter(name) for name in ("features", "tokens") if name in node.parameters]
    declared = given if kind.name == "input" else kind.parameters
    bound = {name: _value(value, instance, node.at(name)) for name, value in node.parameters.items()}
    for parameter in declared:
        mark = node.at(parameter.name)
        value = node.parameters.get(parameter.name, parameter.default)
        if value is REQUIRED:
            raise refuse(
                f"{node.path}, {an(kind.name)}, needs {parameter.name}",
                f"{parameter.name}: {parameter.allowed}" + (f"; {parameter.help}" if parameter.help else ""),
                mark,
            )
        try:
            bound[parameter.name] = parameter.accept(_value(value, instance, mark))
        except ValueError as error:
            raise refuse(f"{node.path}: {error}", parameter.help, mark) from None
    return bound


def _value(value: Any, instance: Instance, mark: Mark | None) -> Any:
    if value is None or isinstance(value, bool | int | float | str | tuple | Size):
        return value
    sizes = instance.sizes or {}
    return worked_out(value, lambda name: sizes[name] if name in sizes else Size.named(name), mark)


def bound_modifiers(node: Node, instance: Instance) -> Modifiers:
    """The node's modifiers with values for their sizes."""
    if node.modifiers is PLAIN:
        return PLAIN
    names = ("layers", "residual", "dropout")
    bound = {name: _value(getattr(node.modifiers, name), instance, node.at(name)) for name in names}
    for name in ("layers", "residual"):
        value = bound[name]
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            hint = f"give {value} a value under parameters:" if isinstance(value, Size) else ""
            raise refuse(f"{name}: must be a whole number of at least 1, not {value}", hint, node.at(name))
    if bound["layers"] is not None and bound["layers"] > LARGEST:
        what = f"layers: must be at most {LARGEST}, not {bound['layers']}"
        raise refuse(what, "make it smaller", node.at("layers"))
    return replace(node.modifiers, **bound)
