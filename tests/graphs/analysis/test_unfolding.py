"""Unfolding: one copy of each node per step, delays as wires from earlier columns, limits."""

from __future__ import annotations

import pytest

from leporello.graphs.analysis.unfolding import Before, Copy, Unfolded, unfold
from leporello.graphs.problems import SpecError
from tests.support.asking import model, spec


def unfolded(nodes: str, inputs: str = "x: {features: 8}", **steps: int) -> Unfolded:
    checked = model(spec(nodes, inputs))
    return unfold(checked.graph, checked.axes, steps or {"time": 3})


def test_every_node_has_a_copy_per_step_and_a_static_one_a_single_copy() -> None:
    found = unfolded("s: {block: weight, units: 8}\nh: x + s")
    assert [c for c in found.reads if c.path == "x"] == [Copy("x", i) for i in range(3)]
    assert [c for c in found.reads if c.path == "s"] == [Copy("s")]
    assert found.reads[Copy("h", 1)] == (Copy("x", 1), Copy("s"))


def test_delays_read_earlier_columns_and_places_before_the_first() -> None:
    found = unfolded("h: x + h(t-2)")
    assert [found.reads[Copy("h", i)][1] for i in range(3)] == [
        Before("h", 2, False),
        Before("h", 1, False),
        Copy("h", 0),
    ]


def test_steps_ahead_read_later_columns_and_places_after_the_last() -> None:
    found = unfolded("h: x + h(t+1)")
    assert [found.reads[Copy("h", i)][1] for i in range(3)] == [Copy("h", 1), Copy("h", 2), Before("h", 1, True)]
    order = [copy for copy in found.reads if copy.path == "h"]
    assert order == [Copy("h", 2), Copy("h", 1), Copy("h", 0)]


def test_ends_and_whole_axes() -> None:
    found = unfolded("a: x(first) + x(last)\nh: a + sum(x(all))")
    assert found.reads[Copy("a")] == (Copy("x", 0), Copy("x", 2))
    assert found.reads[Copy("h/1")] == (tuple(Copy("x", i) for i in range(3)),)


def test_initial_values_are_copies() -> None:
    found = unfolded("s: {block: weight, units: 8}\nh: {value: x + h(t-1), initial: s}")
    assert found.reads[Copy("h", 0)][1] == Before("h", 1, False, Copy("s"))
    order = list(found.reads)
    assert order.index(Copy("s")) < order.index(Copy("h", 0))


def test_two_axes_have_lengths_of_their_own() -> None:
    inputs = "s: {features: 8, axis: source}\ng: {features: 8, axis: target}"
    found = unfolded("h: sum(g * s(all))", inputs, source=2, target=3)
    assert found.reads[Copy("h/1", 2)] == (Copy("g", 2), (Copy("s", 0), Copy("s", 1)))


def test_sources_come_before_their_readers() -> None:
    found = unfolded("h: {block: lstm, input: x, units: 4, layers: 2, direction: both}", time=5)
    seen: set[Copy] = set()
    for copy, sources in found.reads.items():
        assert {source for source in sources if isinstance(source, Copy)} <= seen
        seen.add(copy)


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ({}, "the axis time needs a number of steps"),
        ({"time": 0}, "at least 1"),
        ({"time": -5}, "at least 1"),
        ({"space": 3}, "such as time=4"),
        ({"time": 100_000_000}, "at most 1000000 are allowed"),
    ],
)
def test_steps_that_cannot_be(steps: dict[str, int], words: str) -> None:
    checked = model(spec("h: x + h(t-1)"))
    with pytest.raises(SpecError, match=words):
        unfold(checked.graph, checked.axes, steps)
