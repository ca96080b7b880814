"""Named sizes: what the `$names` of a spec stand for, some of them worked out from others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from leporello.graphs.expressions.tree import evaluate_size
from leporello.graphs.nodes import EMPTY
from leporello.graphs.problems import Mark, SpecError, refuse
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
            value = worked_out(value, lambda other: lookup(other, (*seen, name)), marks.get(name))
        known[name] = value
        return value

    for name in parameters:
        lookup(name)
    return known


def worked_out(value: Any, lookup: Callable[[str], Any], mark: Mark | None = None) -> Any:
    """What an expression of sizes comes to; `lookup` knows the names."""
    try:
        result = evaluate_size(value, lookup, mark)
    except SpecError as error:
        raise SpecError(tuple(replace(p, mark=p.mark or mark) for p in error.problems)) from None
    except (ValueError, TypeError, ZeroDivisionError) as error:
        raise refuse(f"a size that cannot be worked out: {error}", "sizes are whole numbers", mark) from None
    return int(result) if isinstance(result, float) and result.is_integer() else result
