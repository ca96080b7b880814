"""Parameters and modifiers bound to values: defaults, ranges, and what `$names` stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from leporello.graphs.blocktypes import REQUIRED, BlockType, Parameter
from leporello.graphs.expression_tree import evaluate_size
from leporello.graphs.graph import EMPTY, Modifiers, Node
from leporello.graphs.layout import LARGEST, Place
from leporello.graphs.problems import Mark, SpecError, an, refuse
from leporello.graphs.size import Size

LONGEST = 32
"""So many parameters may be defined one by another."""


def top_sizes(
    parameters: Mapping[str, Any], given: Mapping[str, Any], marks: Mapping[str, Mark] = EMPTY
) -> Mapping[str, Any]:
    """What the spec's `$names` stand for: given by the caller, else by `parameters:`, whose places are `marks`."""
    known: dict[str, Any] = dict(given)

    def lookup(name: str, seen: tuple[str, ...] = ()) -> Any:
        if len(seen) > LONGEST:
            raise refuse(
                f"the parameter ${seen[0]} is defined by more than {LONGEST} others",
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


def bound_parameters(node: Node, kind: BlockType, place: Place, mark: Mark | None) -> dict[str, Any]:
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


def bound_modifiers(modifiers: Modifiers, place: Place, mark: Mark | None) -> dict[str, Any]:
    bound = {name: _value(getattr(modifiers, name), place, mark) for name in ("layers", "residual", "dropout")}
    for name in ("layers", "residual"):
        value = bound[name]
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            hint = f"give {value} a value under parameters:" if isinstance(value, Size) else ""
            raise refuse(f"{name}: must be a whole number of at least 1, not {value}", hint, mark)
    if bound["layers"] is not None and bound["layers"] > LARGEST:
        raise refuse(f"layers: must be at most {LARGEST}, not {bound['layers']}", "make it smaller", mark)
    return bound
