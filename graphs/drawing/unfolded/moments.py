"""When every value of an unfolded picture is there, in moments from the first: the longest way over its copies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from leporello.graphs.drawing.scene.scene import Line, Scene
from leporello.graphs.drawing.views.stretches import stretches
from leporello.graphs.drawing.views.unfolded_view import UnfoldedView
from leporello.graphs.drawing.views.view import Edge, View

_AWAY = 2
"""A wire to another band passes a lane on its way: two moments."""


def moments(picture: UnfoldedView) -> dict[str, int]:
    """The moment of every copy by its name (`h@2`; `h@before` for an initial value).

    A value is there one moment after the last that it is computed from. What no state has a part in, such as an
    input, is there just before it is first read. Where a box passes its state on in both directions, `encoder@2
    delay` is the moment of the one, `encoder@2 backward` that of the other.
    """
    order, into = _ordered(_edges(picture))
    states = {cell.path for cell in picture.cells if cell.kind == "state"}
    found, settled, latest = dict[str, int](), set[str](), dict[str, int]()
    for name in order:
        found[name] = max((found[source] + length for source, length in into[name]), default=0)
        if name.partition(" ")[0] in states or any(source in settled for source, _ in into[name]):
            settled.add(name)
    for name in reversed(order):
        if name not in settled:
            found[name] = latest.get(name, found[name])
        for source, length in into[name]:
            latest[source] = min(latest.get(source, found[name] - length), found[name] - length)
    return found


Edges = dict[str, dict[str, int]]
"""For every value what it is computed from, and how many moments that takes."""


def _edges(picture: UnfoldedView) -> Edges:
    band = {path: index for index, part in enumerate(stretches(picture.view)) for path in part.paths}
    boxes = {cell.path: cell.box.path for cell in picture.cells}
    kinds = {cell.path: cell.kind for cell in picture.cells}
    both = _both_ways(picture.view)
    found: Edges = {}
    loops: list[Edge] = []
    for edge in picture.edges:
        if edge.style == "predicts" or edge.faint:
            continue
        if boxes[edge.source] == boxes[edge.target] in both and edge.style in ("delay", "backward"):
            loops.append(edge)
            continue
        # The dots of steps that are left out lie on the way of what goes one way only.
        source, target = (f"{p} {edge.style}" if kinds[p] == "gap" else p for p in (edge.source, edge.target))
        direct = band[boxes[edge.source]] == band[boxes[edge.target]] and edge.style not in ("ends", "initial")
        short = direct or "every" in (kinds[edge.source], kinds[edge.target])
        found.setdefault(source, {})
        read = found.setdefault(target, {})
        read[source] = max(read.get(source, 0), 1 if short else _AWAY)
    _pass_on(found, loops, kinds)
    return found


def _both_ways(view: View) -> set[str]:
    """The boxes that read their own past and their own future."""
    loops = {(edge.source, edge.style) for edge in view.edges if edge.source == edge.target}
    return {path for path, style in loops if style == "delay" and (path, "backward") in loops}


def _pass_on(found: Edges, loops: list[Edge], kinds: Mapping[str, str]) -> None:
    """A value of its own for each direction of a box that runs both ways, so that neither waits for the other."""
    read = {edge.target: dict(found.get(edge.target, {})) for edge in loops}
    for edge in loops:
        target, source = f"{edge.target} {edge.style}", f"{edge.source} {edge.style}"
        outside = kinds[edge.source] == "initial"
        source = edge.source if outside else source
        found.setdefault(source, {})
        found.setdefault(target, {}).update({**read[edge.target], source: 1})
        if kinds[edge.target] != "gap":
            found.setdefault(edge.target, {})[target] = 0


def _ordered(edges: Edges) -> tuple[list[str], dict[str, list[tuple[str, int]]]]:
    """The values in an order in which each comes after what it is computed from; where they go round, as written.

    Gives beside it what each is computed from, without what comes after it in that order.
    """
    waiting = {name: len(sources) for name, sources in edges.items()}
    readers: dict[str, list[str]] = {}
    for name, sources in edges.items():
        for source in sources:
            readers.setdefault(source, []).append(name)
    ready = [name for name, count in waiting.items() if not count]
    rest = iter(edges)
    order: dict[str, int] = {}
    while len(order) < len(edges):
        if not ready:
            ready = [next(name for name in rest if name not in order)]
        name = ready.pop()
        if name in order:
            continue
        order[name] = len(order)
        for reader in readers.get(name, ()):
            waiting[reader] -= 1
            if not waiting[reader]:
                ready.append(reader)
    into = {name: [(s, n) for s, n in edges[name].items() if order[s] < order[name]] for name in order}
    return list(order), into


def in_motion(scene: Scene, picture: UnfoldedView) -> Scene:
    """The scene with the moment of every box, of every wire (when its value sets out on it), and of every bar."""
    known = moments(picture)
    gathered: dict[str, float] = {}
    for line in scene.lines:
        source, target = line.ends
        if source in known and not target:
            gathered[line.net] = max(gathered.get(line.net, 0), known[source] + 1)
    lines = tuple(replace(line, moment=_departs(line, known, gathered)) for line in scene.lines)
    first: dict[str, float] = {}
    for line in lines:
        if line.moment is not None:
            first[line.ends[0]] = min(first.get(line.ends[0], line.moment), line.moment)
    there: dict[str, float] = {**first, **known}
    return replace(
        scene,
        lines=lines,
        figures=tuple(replace(figure, moment=there.get(figure.identity)) for figure in scene.figures),
        bars=tuple(replace(bar, moment=gathered.get(bar.net)) for bar in scene.bars),
    )


def _departs(line: Line, known: Mapping[str, int], gathered: Mapping[str, float]) -> float | None:
    """A value sets out on its wire one moment before it is read; into the dots, when it is there."""
    source, target = line.ends
    if line.style == "predicts":
        return None
    if target in known:
        ways = {way: known[name] for way in ("delay", "backward") if (name := f"{target} {way}") in known}
        own = source.partition("@")[0] == target.partition("@")[0]
        read = ways.get(line.style, known[target]) if own else min(ways.values(), default=known[target])
        return read - 1
    if source:
        return known.get(f"{source} {line.style}", known.get(source))
    return gathered.get(line.net)
