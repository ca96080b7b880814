"""The report of `check` for a reader: the table of nodes, then parameters, loops and streaming."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from leporello.cli.reports.report import named, report
from leporello.cli.reports.report_table import HEAD, grouped, listed, rows
from leporello.cli.reports.tables import table
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.graph import Graph
from leporello.graphs.names import abbreviated
from leporello.graphs.problems import visible

MODES = {"teacher": ", learning from the truth", "free": ", running freely"}


def report_text(checked: Checked) -> str:
    """The whole report."""
    told = report(checked)
    lines = [f"{told['name']}  ({visible(told['file'])})" if told["file"] else told["name"], ""]
    lines += table([HEAD, *rows(checked)], right=[len(HEAD) - 1])
    lines += ["", f"parameters: {grouped(told['parameters'])}"]
    if told["unbound"]:
        names = ", ".join(f"${name}" for name in told["unbound"])
        lines.append(f"not bound: {names}; data, --size NAME=N or the spec's parameters: bind it")
    if told["arguments"]:
        names = ", ".join(f"{name} as {other}" for name, other in told["arguments"].items())
        lines.append(f"arguments of the module: {names}, where Python or the source needs the name itself")
    if told["bridges"]:
        lines += ["", "bridges, states that first values are made of:", *_bridges(told["bridges"])]
    lines += ["", *_all_loops(checked.graph, told["loops"])]
    lines += ["", f"streaming: {visible(told['streaming'])}"]
    return "\n".join(lines)


def _bridges(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """For each state what it begins with."""
    for bridge in found:
        yield f"  {bridge['node']} from {bridge['from']}, {bridge['bridge']}"
        by: dict[tuple[str, ...], list[str]] = {}
        for state, givers in bridge["states"].items():
            by.setdefault(tuple(givers), []).append(state.removeprefix(f"{bridge['node']}/"))
        for givers, states in by.items():
            names = listed([giver.removeprefix(f"{bridge['from']}/") for giver in givers])
            how = f"tanh of a dense layer over {names}, each" if bridge["bridge"] == "dense" else names
            yield f"    {listed(states)}: {how if givers else 'no partner, as without a bridge'}"


def _all_loops(graph: Graph, by_mode: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    """The loops of each mode, said once where all modes have the same."""
    modes = list(by_mode)
    same = all(by_mode[mode] == by_mode[modes[0]] for mode in modes)
    for mode in modes[:1] if same else modes:
        found = by_mode[mode]
        heading = f"loops{'' if same else MODES[mode]}"
        yield f"{heading}:" if found else f"{heading}: none, all steps are computed at once"
        for loop in found:
            yield f"  {abbreviated(named(graph, loop['nodes']))}"
            yield from _why(loop)


def _why(loop: Mapping[str, Any]) -> Iterator[str]:
    """How a loop runs and why so; where several things keep it from being a cell, each in a line of its own."""
    told = loop["nearest"]["differences"] if loop["nearest"] else []
    if len(told) < 2:
        yield f"    {_how(loop)}: {visible(str(loop['reason']))}"
        return
    yield f"    {_how(loop)}: {visible(str(loop['reason']).partition(':')[0])}:"
    yield from (f"      {visible(difference['what'])}" for difference in told)


def _how(loop: Mapping[str, Any]) -> str:
    delay = "one step" if loop["delay"] == 1 else f"{loop['delay']} steps"
    return f"{loop['lowering']}, {loop['direction']} along {loop['axis']}, delay of {delay}"
