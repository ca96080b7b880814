"""Two folded pictures beside each other: what both models have is pale, what differs is strong."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import replace
from statistics import median

from leporello.graphs.analysis.checks import Checked
from leporello.graphs.analysis.operation_counts import work
from leporello.graphs.drawing.folded.folded_scene import folded_scene
from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.letters.lettering import words
from leporello.graphs.drawing.scene.scene import Note, Rectangle, Scene
from leporello.graphs.drawing.scene.side_by_side import translated
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.differences import Differences, Pair
from leporello.graphs.drawing.views.facts import facts
from leporello.graphs.drawing.views.view import Edge, View

BETWEEN, FOOT, LINE = 48.0, 30.0, 18.0
_SHOWN = ("block", "reads", "size", "axis", "initial")
"""What a picture shows anyway, or says elsewhere."""

Partners = Mapping[str, str]
EdgeKey = tuple[str, str, str, str, str]


def compare_scene(a: Checked, b: Checked, found: Differences) -> Scene:
    """The pictures of two models side by side, names that both have at the same height as far as may be."""
    views = folded(a.graph, a.axes), folded(b.graph, b.axes)
    partners = {pair.a: pair.b for pair in found.pairs if pair.a is not None and pair.b is not None}
    back = {path: name for name, path in partners.items()}
    alike = {pair.a for pair in found.pairs if pair.b is not None and not pair.what}
    shared = {_key(edge, partners) for edge in views[0].edges} & {_key(edge, {}) for edge in views[1].edges}
    texts = {pair.a: _said(pair, 0) for pair in found.pairs}, {pair.b: _said(pair, 1) for pair in found.pairs}
    left = _marked(views[0], "A", {path for path in alike if path}, shared, partners, texts[0])
    right = _marked(views[1], "B", {partners[path] for path in alike if path}, shared, {}, texts[1])
    if found.equal:
        left, right = _dark(left), _dark(right)
    one, other = (_strong(folded_scene(view, facts(model))) for view, model in ((left, a), (right, b)))
    return _beside(one, other, _drop(one, other, back), [*_verdict(found), *_numbers("A", a), *_numbers("B", b)])


def _key(edge: Edge, partners: Partners) -> EdgeKey:
    """A wire by the names of the second model."""
    source, target = (partners.get(path, path) for path in (edge.source, edge.target))
    return source, target, str(edge.time), edge.style, edge.said


def _said(pair: Pair, side: int) -> str:
    """What stands below the name of a box: what changed there and nothing else in the picture shows, or its block."""
    changed = [
        f"no {name}" if said[side] == "none" else f"{name} {said[side]}"
        for name, said in pair.what.items()
        if name not in _SHOWN
    ]
    block = [pair.blocks[side]] if "block" in pair.what or not changed else []
    return ", ".join([*block, *changed])


def _marked(
    view: View, side: str, alike: set[str], shared: set[EdgeKey], partners: Partners, said: Mapping[str | None, str]
) -> View:
    """The view with what both models have pale, and what changed in a box below its name."""
    boxes = tuple(replace(box, faint=box.path in alike, block=said.get(box.path, box.block)) for box in view.boxes)
    edges = tuple(replace(edge, faint=_key(edge, partners) in shared) for edge in view.edges)
    return replace(view, name=f"{side}: {plain(view.name, 30)}", boxes=boxes, edges=edges)


def _dark(view: View) -> View:
    return replace(
        view,
        boxes=tuple(replace(box, faint=False) for box in view.boxes),
        edges=tuple(replace(edge, faint=False) for edge in view.edges),
    )


def _strong(scene: Scene) -> Scene:
    """The scene with a thicker border round what differs, if anything is alike."""
    if all(figure.opacity == 1 for figure in scene.figures):
        return scene
    return replace(scene, figures=tuple(replace(f, strong=f.opacity == 1) for f in scene.figures))


def _drop(one: Scene, other: Scene, back: Partners) -> float:
    """How far the second scene is moved down, so that most boxes that both have stand at one height."""
    heights = {figure.identity: figure.place.y for figure in one.figures}
    apart = [heights[back[figure.identity]] - figure.place.y for figure in other.figures if figure.identity in back]
    return median(apart) if apart else (one.height - other.height) / 2


def _beside(one: Scene, other: Scene, drop: float, lines: list[str]) -> Scene:
    left, right = translated(one, 0, max(-drop, 0)), translated(other, one.width + BETWEEN, max(drop, 0))
    height = max(one.height + max(-drop, 0), other.height + max(drop, 0))
    labels = [words(line, 120) for line in lines]
    width = max(one.width + BETWEEN + other.width, *(label.width(13) + 48 for label in labels))
    notes = []
    for index, label in enumerate(labels):
        place = Rectangle(24 + label.width(13) / 2, height + 12 + LINE * index, label.width(13), 15)
        notes.append(Note(place, label, 13, "ink" if index == 0 else "muted", bold=index == 0, anchor="start"))
    return Scene(
        width,
        height + FOOT + LINE * len(lines),
        f"{one.name} and {other.name}".replace(", folded", ""),
        ". ".join(lines),
        tuple(replace(f, identity=f"a/{f.identity}") for f in left.figures)
        + tuple(replace(f, identity=f"b/{f.identity}") for f in right.figures),
        tuple(replace(line, net=f"a {line.net}") for line in left.lines)
        + tuple(replace(line, net=f"b {line.net}") for line in right.lines),
        left.notes + right.notes + tuple(notes),
        left.panels + right.panels,
    )


def _verdict(found: Differences) -> list[str]:
    if found.equal:
        return ["The same model"]
    said = "The same function of the same weights, written differently" if found.same else "Different models"
    pale = any(pair.b is not None and pair.a is not None and not pair.what for pair in found.pairs)
    return [said + (". Pale: alike in both; strong: what differs" if pale else "")]


def _numbers(side: str, checked: Checked) -> list[str]:
    """What a model learns, and what its steps compute, in a line."""
    done = [
        f"{_count(each.multiply_adds)} multiply-adds at each step of {clock[0].rstrip('*')}"
        + "".join(f" and each of {name.rstrip('*')}" for name in clock[1:])
        for clock, each in work(checked).items()
        if clock and each.multiply_adds
    ]
    said = f"{side}: {'; '.join([f'{_count(checked.parameters)} parameters', *done])}"
    return textwrap.wrap(said, 84, subsequent_indent="    ")


def _count(size: object) -> str:
    return f"{size:,}" if isinstance(size, int) else str(size)
