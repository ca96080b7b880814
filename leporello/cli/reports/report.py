"""What `check` tells of a model, as plain values: nodes, parameters, loops, streaming, warnings."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import TYPE_CHECKING, Any

from leporello.graphs.analysis.bridges import bridges_of
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.edits.feedback import Mode
from leporello.graphs.expressions.plain_values import plain_value
from leporello.graphs.expressions.wording import owner
from leporello.graphs.graph import Graph
from leporello.graphs.problems import Problem
from leporello.graphs.size import AnySize, Size

if TYPE_CHECKING:
    from leporello.builder.plan.diagnosis import Diagnosis


def report(checked: Checked) -> dict[str, Any]:
    """The report as a value that JSON can hold.

    `size` is a whole number, or a formula such as `2 * $units` while a name in it is not bound.
    """
    from leporello.builder.names import argument
    from leporello.builder.plan.streaming import streaming

    given = [node.path for node in checked.graph.inputs]
    return {
        "valid": True,
        "name": checked.graph.name,
        "file": checked.graph.file,
        "parameters": plain_size(checked.parameters),
        "unbound": list(checked.unbound),
        "arguments": {name: argument(name) for name in given if argument(name) != name},
        "nodes": [_node(checked, path) for path in checked.graph.index],
        "composites": [{"path": composite.path, "block": composite.block} for composite in checked.graph.composites],
        "outputs": [
            {"name": output.name, "from": str(output.wire), "predicts": output.predicts or None}
            for output in checked.graph.outputs
        ],
        "bridges": [
            {"node": one.node, "from": one.source, "bridge": one.kind, "states": plain_value(one.states)}
            for one in bridges_of(checked)
        ],
        "loops": {mode: loops(checked, mode) for mode in modes(checked.graph)},
        "streaming": str(streaming(checked)),
        "problems": [problem_value(problem) for problem in checked.warnings],
    }


def modes(graph: Graph) -> tuple[Mode, ...]:
    """The ways in which a model can be compiled: with feedback, learning from the truth and running freely."""
    feeds_back = any(node.block == "feedback" for node in graph.nodes)
    return ("teacher", "free") if feeds_back else ("teacher",)


def loops(checked: Checked, feedback: Mode) -> list[dict[str, Any]]:
    """What runs step by step, in the order in which it runs: how, on which axis, and why so."""
    from leporello.builder.plan.schedule import schedule

    plan = schedule(checked, feedback)
    return [
        {
            "lowering": stage.kind,
            "axis": stage.axis,
            "direction": "backward" if stage.direction < 0 else "forward",
            "delay": stage.delay,
            "nodes": list(plan.written_in(stage)),
            "reason": stage.reason,
            "nearest": _nearest(stage.nearest),
        }
        for stage in plan.loops
    ]


def _nearest(diagnosis: Diagnosis | None) -> dict[str, Any] | None:
    """The cell that a loop is nearest to, and each difference with the nodes of the spec where it is."""
    if diagnosis is None:
        return None
    told = [{"sort": one.sort, "nodes": list(one.nodes), "what": str(one)} for one in diagnosis.differences]
    return {"kernel": diagnosis.kernel, "body": diagnosis.body, "differences": told}


def problem_value(problem: Problem) -> dict[str, Any]:
    """A problem as a value that JSON can hold."""
    mark = problem.mark
    place = {"file": mark.file, "line": mark.line, "column": mark.column} if mark else {}
    kind = "warning" if problem.warning else "error"
    return {"kind": kind, "what": problem.what, "hint": problem.hint, **place}


def plain_size(size: AnySize | None) -> int | str | None:
    """A size as JSON holds it."""
    return str(size) if isinstance(size, Size) else None if size is None else int(size)


def weights_in(checked: Checked, paths: Iterable[str]) -> AnySize:
    """How many numbers the nodes at `paths` learn."""
    total: AnySize = 0
    for path in paths:
        for shape in checked.weights.get(path, {}).values():
            count: AnySize = prod(shape)
            total = count + total
    return total


def named(graph: Graph, paths: Iterable[str]) -> list[str]:
    """The nodes with a name of their own that nodes of an opened graph are, or are pieces of, each once."""
    return list(dict.fromkeys(owner(graph[path]) for path in paths))


def _node(checked: Checked, path: str) -> dict[str, Any]:
    node, value = checked.graph[path], checked.values[path, ""]
    return {
        "path": path,
        "block": node.block,
        "body": node.body,
        "axes": list(checked.axes[path].names),
        "kind": value.kind,
        "size": plain_size(value.size),
        "parameters": plain_size(weights_in(checked, [path])),
    }
