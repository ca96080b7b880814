"""Properties of random graphs: what the checker accepts, what unfolding gives, and what the samples hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, Phase, event, given, seed, settings
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.graphs.analysis.axes import Axes
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.analysis.loops import Loop, find_loops
from leporello.graphs.analysis.unfolding import Copy, unfold
from leporello.graphs.components import components
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Node, Output, Time, Wire
from leporello.graphs.opening.open_graph import open_graph
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_spec
from tests.support.comparing import checked_spec
from tests.support.strategies import Sample, samples

ON_TIME = Axes("time")


@st.composite
def skeletons(draw: Any, mixed: bool) -> Graph:
    """Two to eight nodes on one axis that read each other at random; `mixed` lets loops run both ways."""
    count = draw(st.integers(2, 8))
    names = ["x", *(f"n{i}" for i in range(1, count))]
    way = draw(st.sampled_from((-1, 1)))
    nodes = [Node("x", "input", parameters={"features": 1}, axis="time")]
    for name in names[1:]:
        reads = draw(st.lists(st.tuples(st.sampled_from(names), st.integers(0, 3)), min_size=1, max_size=3))
        ways = [draw(st.sampled_from((-1, 1))) if mixed else way for _ in reads]
        wires = [Wire(source, "", Time("t", far * sign)) for (source, far), sign in zip(reads, ways, strict=True)]
        ports = tuple((str(i), wire) for i, wire in enumerate(wires, 1))
        nodes.append(Node(name, "concatenate", ports))
    return Graph(nodes=tuple(nodes), outputs=(Output("y", Wire(names[-1])),))


def largest_delay(graph: Graph) -> int:
    """The largest delay, either way, of a graph."""
    return max((abs(wire.time.offset) for node in graph for wire in node.wires), default=0)


def unfolds(graph: Graph) -> bool:
    """Whether the unfolding is acyclic at a length at which every cycle would show, all nodes on time."""
    steps = len(graph) * largest_delay(graph) + 1
    try:
        unfold(graph, dict.fromkeys((node.path for node in graph), ON_TIME), {"time": steps})
    except SpecError as error:
        assert "cycle" in str(error)
        return False
    return True


def crossed(graph: Graph) -> Graph:
    """The graph with every read in a loop turned the way of the first one, so that no loop mixes both."""
    place = {path: i for i, members in enumerate(components(graph.nodes)) for path in members}
    ways: dict[int, int] = {}

    def turned(node: Node, wire: Wire) -> Wire:
        offset = wire.time.offset
        if not offset or place[wire.source] != place[node.path]:
            return wire
        way = ways.setdefault(place[node.path], 1 if offset > 0 else -1)
        return replace(wire, time=Time("t", abs(offset) * way))

    nodes = (replace(node, inputs=tuple((p, turned(node, w)) for p, w in node.inputs)) for node in graph)
    return graph.with_nodes(list(nodes))


@given(skeletons(mixed=True).map(crossed))
def test_accepted_exactly_when_the_unfolding_is_acyclic(graph: Graph) -> None:
    _, problems = find_loops(graph)
    event("accepted" if not problems else "refused")
    assert (not problems) == unfolds(graph)


@given(skeletons(mixed=True))
def test_what_mixes_directions_is_accepted_only_when_the_unfolding_is_acyclic(graph: Graph) -> None:
    parts, problems = find_loops(graph)
    if not problems:
        assert unfolds(graph)
        assert sorted(path for part in parts for path in (part.nodes if isinstance(part, Loop) else part)) == sorted(
            node.path for node in graph
        )
    elif not unfolds(graph):
        event("cyclic")
    else:
        assert any("both ways" in problem.what for problem in problems)


@given(samples(broken=True))
def test_an_accepted_model_unfolds_at_every_length(sample: Sample) -> None:
    graph = read_spec_or_none(sample)
    if graph is None:
        return
    try:
        checked = checked_spec(sample.text)
    except SpecError:
        event("refused")
        return
    event("accepted")
    for steps in (1, 2, 5):
        lengths = {axes.own: steps for axes in checked.axes.values() if axes.own}
        unfolded = unfold(checked.graph, checked.axes, lengths)
        known: set[Copy] = set()
        for copy, sources in unfolded.reads.items():
            for source in sources:
                copies = source if isinstance(source, tuple) else (source,) if isinstance(source, Copy) else ()
                assert known.issuperset(copies)
            known.add(copy)


@given(samples(broken=True))
def test_loops_of_a_spec_are_accepted_exactly_when_it_unfolds(sample: Sample) -> None:
    """Specs of one axis whose opened wires are all delays: the checker and the unfolding agree."""
    graph = read_spec_or_none(sample)
    if graph is None:
        return
    opened = opened_or_none(graph)
    if opened is None or not only_delays(opened):
        event("other reads")
        return
    _, problems = find_loops(opened)
    if any("both ways" in problem.what for problem in problems):
        return
    event("accepted" if not problems else "refused")
    assert (not problems) == unfolds(opened)


def read_spec_or_none(sample: Sample) -> Graph | None:
    """The graph as written; None when not even that can be read."""
    try:
        return read_spec(sample.text, registry())
    except SpecError as error:
        assert sample.broken == "name", str(error)
        return None


def opened_or_none(graph: Graph) -> Graph | None:
    """The opened graph, None when it cannot be opened."""
    try:
        return open_graph(graph, registry())
    except SpecError:
        return None


def only_delays(graph: Graph) -> bool:
    """Whether every wire is a read at t plus or minus something, and no initial value is a reference."""
    return all(wire.time.kind == "t" for node in graph for wire in node.wires) and not any(
        node.initial_wires for node in graph
    )


HELD: dict[str, Callable[[Checked, Sample], bool]] = {
    "a loop of three nodes or more": lambda checked, _: any(len(loop.nodes) >= 3 for loop in checked.loops),
    "a delay of two or more": lambda checked, _: largest_delay(checked.graph) >= 2,
    "a backward loop": lambda checked, _: any(loop.direction < 0 for loop in checked.loops),
    "a block": lambda checked, _: bool(checked.graph.composites),
    "sharing": lambda checked, _: any(node.modifiers.share for node in checked.graph),
    "a static node": lambda checked, _: any(
        checked.axes[node.path].own is None and node.block not in ("number", "weight") for node in checked.graph
    ),
    "tokens": lambda checked, _: any(value.kind == "tokens" for value in checked.values.values()),
    "ragged lengths": lambda _, sample: any(len(set(steps)) > 1 for steps in sample.lengths.values()),
    "a learned initial value": lambda checked, _: any("initial" in shapes for shapes in checked.weights.values()),
    "a carried axis": lambda checked, _: any(axes.carried for axes in checked.axes.values()),
    "feedback": lambda checked, _: any(node.block == "feedback" for node in checked.graph),
    "two axes": lambda checked, _: len({axes.own for axes in checked.axes.values() if axes.own}) > 1,
}
"""What random models hold, and how to see it in one."""
RARE = {"feedback", "two axes"}


def test_the_samples_hold_enough_of_everything() -> None:
    counts: Counter[str] = Counter()

    @seed(1)
    @settings(max_examples=300, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck))
    @given(samples(broken=True))
    def count(sample: Sample) -> None:
        counts["samples"] += 1
        try:
            checked = checked_spec(sample.text)
        except SpecError:
            return
        assert not sample.broken, sample.broken
        counts["accepted"] += 1
        counts.update(what for what, holds in HELD.items() if holds(checked, sample))

    count()
    assert counts["samples"] >= 300
    assert counts["samples"] * 0.3 <= counts["accepted"] < counts["samples"]
    shares = {what: counts[what] / counts["accepted"] for what in HELD}
    rare = {what: share for what, share in shares.items() if share < (0.05 if what in RARE else 0.1)}
    assert not rare, rare
