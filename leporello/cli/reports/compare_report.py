"""What `compare` tells of two models, as plain values: what differs, and what each computes, keeps and learns."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from leporello.cli.options import read_graph
from leporello.cli.reports.report import modes, named, plain_size, weights_in
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.analysis.matching import renaming
from leporello.graphs.analysis.operation_counts import states, work
from leporello.graphs.drawing.views.closing import group
from leporello.graphs.drawing.views.differences import Differences, differences
from leporello.graphs.edits.feedback import Mode
from leporello.graphs.edits.pruning import needed
from leporello.graphs.problems import Problem, SpecError, refuse, suggest
from leporello.graphs.specs import size_names
from leporello.training.models import Given, check_model


def check_both(specs: Sequence[str], overrides: Sequence[str], sizes: dict[str, int]) -> tuple[Checked, Checked]:
    """The two models, their sizes bound by `sizes` and by their data where these can be read.

    Raises:
        SpecError: with the problems of both specs, or for a size that neither has.
    """
    problems: list[Problem] = []
    graphs = []
    for spec in specs:
        try:
            graphs.append(read_graph(spec, overrides))
        except SpecError as error:
            problems += error.problems
    found, known = [], dict[str, set[str]]()
    for graph in graphs:
        try:
            checked = check_model(graph, data=False)
            known[graph.file] = set(size_names(checked))
            given = Given({name: size for name, size in sizes.items() if name in known[graph.file]})
            checked = check_model(checked, given, data=False)
            if checked.unbound:
                with suppress(SpecError):
                    checked = check_model(graph, given)
            found.append(checked)
        except SpecError as error:
            problems += error.problems
    if problems:
        raise SpecError(tuple(dict.fromkeys(problems)))
    for name in sizes:
        names = set().union(*known.values())
        if name not in names:
            raise refuse(f"neither model has a size ${name}", suggest(name, names, "sizes"))
    return found[0], found[1]


def compared(a: Checked, b: Checked) -> dict[str, Any]:
    """The comparison as a value that JSON can hold. Sizes are numbers, or formulas while names in them are open."""
    found = difference(a, b)
    return {
        "same_function": found.same,
        "equal": found.equal,
        "a": _side(a),
        "b": _side(b),
        "nodes": [
            {
                "a": pair.a,
                "b": pair.b,
                "blocks": list(pair.blocks),
                "what": {name: list(said) for name, said in pair.what.items()},
            }
            for pair in found.pairs
        ],
        "spelled_out": [{"a": list(mine), "b": list(theirs)} for mine, theirs in found.spelled],
        "starts_differently": list(found.starts),
    }


def difference(a: Checked, b: Checked) -> Differences:
    """What differs, renamed nodes and other spellings of the same function recognised."""
    return differences(a, b, renaming(_plain(a), _plain(b)))


def _plain(checked: Checked) -> Checked:
    """The model without what no output needs, equal nodes made one, arithmetic on numbers done."""
    from leporello.builder.plan.passes.fold import fold
    from leporello.builder.plan.passes.unify import unify

    model = needed(checked)
    return model if checked.unbound else unify(fold(model))


def _side(checked: Checked) -> dict[str, Any]:
    inside: dict[str, list[str]] = {}
    for path in checked.graph.index:
        inside.setdefault(group(path), []).append(path)
    return {
        "name": checked.graph.name,
        "file": checked.graph.file,
        "parameters": plain_size(checked.parameters),
        "unbound": list(checked.unbound),
        "nodes": {path: plain_size(weights_in(checked, nodes)) for path, nodes in inside.items()},
        "operations": _operations(checked),
        "states": [
            {"path": one.path, "steps": one.steps, "size": plain_size(one.size), "numbers": plain_size(one.numbers)}
            for one in states(checked)
        ],
        "loops": {mode: _loops(checked, mode) for mode in modes(checked.graph)},
    }


def _operations(checked: Checked, paths: Sequence[str] | None = None) -> list[dict[str, Any]]:
    return [
        {
            "axes": list(clock),
            "multiply_adds": plain_size(done.multiply_adds),
            "elementwise": plain_size(done.elementwise),
        }
        for clock, done in work(checked, paths).items()
    ]


def _loops(checked: Checked, mode: Mode) -> list[dict[str, Any]]:
    """What runs step by step: how, why, and what each of its steps computes as it is lowered."""
    from leporello.builder.plan.schedule import schedule

    plan = schedule(checked, mode)
    place = {path: index for index, path in enumerate(plan.model.graph.index)}
    found = []
    for stage in plan.loops:
        nodes = sorted({*stage.nodes, *(stage.cell.nodes if stage.cell else ())}, key=place.__getitem__)
        found.append(
            {
                "lowering": stage.kind,
                "axis": stage.axis,
                "direction": "backward" if stage.direction < 0 else "forward",
                "delay": stage.delay,
                "nodes": named(plan.written, plan.written_in(stage)),
                "reason": stage.reason,
                "operations": _operations(plan.model, nodes),
            }
        )
    return found
