"""Pictures at once, and then better ones: both whole, neither by the clock, and a search can be ended."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.cli.main import cli
from leporello.cli.waiting import waiting
from leporello.graphs.analysis.checks import check
from leporello.graphs.drawing.column.effort import Cancelled
from leporello.graphs.drawing.draw import draw, scene
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.scene.scene import Scene
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.levels import rows
from leporello.graphs.drawing.views.opened import opened
from leporello.graphs.drawing.views.references import BESIDE, FAR, MARK, referred
from leporello.graphs.drawing.views.view import Box, Edge, View, style_of
from leporello.graphs.drawing.writers.svg import svg_text
from leporello.graphs.nodes import Time
from leporello.graphs.specs import read_file
from tests.support.drawn.pictures import faults
from tests.support.paths import EXAMPLES
from tests.support.strategies import some

TANGLED = 26
"""A net of so many boxes takes more work than there is for a first picture."""


def net(count: int, seed: int, reads: int = 2) -> View:
    """Boxes that each read some others, those below at once and those above a step late."""
    chance = random.Random(seed)
    boxes = tuple(Box(f"n{index}", "layer", f"n{index}", "time", "linear") for index in range(count))
    pairs = [(source, target) for target in range(count) for source in chance.sample(range(count), min(reads, count))]
    times = [(s, t, Time(offset=0 if s < t else -1)) for s, t in pairs]
    return View("net", boxes, tuple(Edge(f"n{s}", f"n{t}", time, style_of(time)) for s, t, time in times), ("time",))


def attention(depth: int) -> View:
    """An example with much in it."""
    checked = check(read_file(EXAMPLES / "attention.yaml", registry()), registry())
    return folded(checked.graph, checked.axes, opened(checked.graph, (), depth))


def lost(view: View, found: Scene) -> list[Edge]:
    """The wires that are neither drawn nor replaced by a reference."""
    drawn = {line.title.partition("\n")[0].partition(",")[0] for line in found.lines}
    named = [f.identity for f in found.figures if f.identity.startswith(MARK)]
    return [
        edge
        for edge in view.edges
        if f"{edge.source}{edge.time} to {edge.target}" not in drawn
        and not any(name.endswith(f"/{edge.source}{edge.time}") for name in named)
    ]


@pytest.mark.parametrize("view", [net(12, 1), net(TANGLED, 2), attention(0), attention(2)], ids=lambda view: view.name)
@pytest.mark.parametrize("steps", [None, 3])
def test_a_first_picture_is_whole_and_the_best_does_not_depend_on_it(view: View, steps: int | None) -> None:
    options = Options(steps, weights="boxes")
    best = svg_text(scene(view, options))
    first = scene(view, options, first=True)
    assert not faults(first)
    assert not first.lost
    if steps is None:
        assert not lost(view, first)
    assert svg_text(scene(view, options)) == best


@given(st.integers(3, 40), st.integers(0, 999), st.integers(1, 4))
@some(15)
def test_no_wire_of_a_first_picture_is_lost(count: int, seed: int, reads: int) -> None:
    view = net(count, seed, reads)
    first = scene(view, Options(weights="boxes"), first=True)
    assert not faults(first)
    assert not lost(view, first)


def told(view: View, first: bool) -> list[str]:
    """What a watch is told."""
    said: list[str] = []
    scene(view, Options(weights="boxes"), first=first, watch=said.append)
    return said


def test_a_first_picture_is_not_bettered_and_a_watch_changes_nothing() -> None:
    view = net(TANGLED, 2)
    first, best = told(view, True), told(view, False)
    assert first
    assert any("wired" in said for said in best) and any("better" in said for said in best)
    assert not any("better" in said for said in first)
    with_watch = scene(view, Options(weights="boxes"), watch=lambda said: None)
    assert svg_text(with_watch) == svg_text(scene(view, Options(weights="boxes")))


@pytest.mark.parametrize("format", ["svg", "txt", "dot"])
@pytest.mark.parametrize("steps", [None, 3])
def test_a_picture_that_is_no_longer_wanted_ends_at_once(format: str, steps: int | None) -> None:
    checked = check(read_file(EXAMPLES / "luong.yaml", registry()), registry())
    calls = 0

    def cancel(said: str) -> None:
        nonlocal calls
        calls += 1
        raise Cancelled

    with pytest.raises(Cancelled):
        draw(checked.graph, checked.axes, Options(steps, positions=True), format, watch=cancel)
    assert calls == 1


@given(st.integers(30, 90), st.integers(0, 99), st.integers(1, 3))
@some(10)
def test_no_row_is_passed_by_too_many_values_or_for_too_long(count: int, seed: int, reads: int) -> None:
    view = referred(net(count, seed, reads))
    rank = {path: index for index, row in enumerate(rows(net(count, seed, reads))) for path in row}
    kept = [edge for edge in view.edges if not edge.source.startswith(MARK)]
    passing: dict[int, set[tuple[str, str]]] = {}
    for edge in kept:
        low, high = sorted((rank[edge.source], rank[edge.target]))
        assert high - low <= FAR
        for row in range(low + 1, high):
            passing.setdefault(row, set()).add((edge.source, f"{edge.style}{edge.time}"))
    assert all(len(values) <= BESIDE for values in passing.values())
    assert len(view.edges) == len(net(count, seed, reads).edges)


def test_a_terminal_is_told_what_takes_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with waiting(patience=0) as watch:
        assert watch is None  # standard error is no terminal
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with waiting(patience=1000) as watch:
        assert watch is not None
        watch("3 of 9 values wired")
    assert capsys.readouterr().err == ""
    with waiting(patience=-1) as watch:
        assert watch is not None
        watch("3 of 9 values wired")
        watch("better ways [not markup]")
    assert "[not markup]" in capsys.readouterr().err


def test_the_command_says_nothing_where_nobody_watches(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["draw", str(EXAMPLES / "luong.yaml"), "-o", str(tmp_path / "luong.svg")])
    assert (done.exit_code, done.output) == (0, "")
