"""The nodes of a model as rows of a table: those of the top one by one, a composite's inside below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leporello.cli.reports.report import plain_size, weights_in
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.functions import FUNCTIONS, REDUCING
from leporello.graphs.nodes import Composite, Wire

HEAD = ("node", "block", "runs on", "size", "parameters")
MOST_NAMES = 6
LONGEST_FORMULA = 36
Row = tuple[str, str, str, str, str]


def rows(checked: Checked) -> Iterator[Row]:
    """A row for each node that the spec names; like nodes inside a composite share one.

    The steps of an expression (`h/1` of `h: tanh(U + W)`) and lists at a port are part of the node that reads them.
    """
    composites = {composite.path: composite for composite in checked.graph.composites if "/" not in composite.path}
    inside: dict[str, list[str]] = {}
    for path in checked.graph.index:
        inside.setdefault(path.partition("/")[0], []).append(path)
    for top, paths in inside.items():
        if top in composites:
            yield _composite_row(checked, composites[top], paths)
            yield from _inside(checked, paths)
        elif top in checked.graph:
            yield _row(checked, top, top, paths)


def grouped(size: int | str | None) -> str:
    """A count with its digits in groups, or a formula as it is.

    >>> grouped(12345), grouped("2 * $units")
    ('12,345', '2 * $units')
    """
    return f"{size:,}" if isinstance(size, int) else str(size)


def _composite_row(checked: Checked, composite: Composite, paths: Sequence[str]) -> Row:
    wires = next(iter(composite.ports.values()), ())
    axes = str(checked.axes[wires[0].source]) if wires else ""
    return (composite.path, composite.block, axes, _width(checked, wires), _count(checked, paths))


def _width(checked: Checked, wires: Sequence[Wire]) -> str:
    """The size of a composite's first port: that of its parts together."""
    values = [checked.value(wire) for wire in wires]
    if len(values) == 1:
        return str(values[0])
    known = [value.size for value in values if value.size is not None]
    return str(sum(known)) if known else ""


def _inside(checked: Checked, paths: Sequence[str]) -> Iterator[Row]:
    """The bodies of a composite; bodies that are alike, such as layers of one size, are shown once."""
    bodies: dict[str, list[str]] = {}
    for path in paths:
        bodies.setdefault(checked.graph[path].body, []).append(path)
    alike: dict[tuple[Row, ...], list[str]] = {}
    for body, members in bodies.items():
        found = tuple(_body_rows(checked, body, members)) if body else ()
        if found:
            alike.setdefault(found, []).append(body)
    for found, names in alike.items():
        yield (f"  in {listed(names)}" + (", each" if len(names) > 1 else ""), "", "", "", "")
        yield from found


def _body_rows(checked: Checked, body: str, paths: Sequence[str]) -> Iterator[Row]:
    groups: dict[tuple[str, str, str], list[str]] = {}
    owned = [path for path in paths if not _is_step(path, body, checked)]
    for path in owned:
        like = (_kind(checked, path), str(checked.axes[path]), str(checked.values[path, ""]))
        groups.setdefault(like, []).append(path)
    for (kind, axes, value), members in groups.items():
        names = listed([path.removeprefix(body + "/") for path in members])
        yield ("    " + names, kind, axes, value, _count(checked, members))


def _is_step(path: str, body: str, checked: Checked) -> bool:
    """Whether a node was made for a part of another one's expression, or for a list at its port."""
    owner, _, rest = path.removeprefix(body + "/").partition("/")
    return bool(rest) and f"{body}/{owner}" in checked.graph


def _kind(checked: Checked, path: str) -> str:
    block = checked.graph[path].block
    kind = checked.registry.get(block)
    return "expression" if (block in FUNCTIONS and block not in REDUCING) or (kind and kind.operator) else block


def _row(checked: Checked, name: str, path: str, paths: Sequence[str]) -> Row:
    kind = _kind(checked, path)
    if kind == "expression" and checked.graph[path].block != "input":
        from leporello.graphs.drawing.views.formula import formula

        text = formula(path, {one: checked.graph[one] for one in paths})
        kind = text if len(text) <= LONGEST_FORMULA else text[: LONGEST_FORMULA - 1] + "…"
    else:
        kind = checked.graph[path].block
    return (name, kind, str(checked.axes[path]), str(checked.values[path, ""]), _count(checked, paths))


def _count(checked: Checked, paths: Sequence[str]) -> str:
    count = plain_size(weights_in(checked, paths))
    return grouped(count) if count else ""


def listed(names: Sequence[str]) -> str:
    """Names one after the other, the first few of them."""
    return ", ".join(names[:MOST_NAMES]) + (f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else "")
