"""The equations of one step that an opened composite computes, as a textbook writes them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from leporello.graphs.components import ordered, strong_components
from leporello.graphs.drawing.equations.lines import broken
from leporello.graphs.drawing.equations.writing import Naming, Writer, told
from leporello.graphs.drawing.letters.lettering import Label, Run, words
from leporello.graphs.drawing.scene.scene import Note, Rectangle, Scene
from leporello.graphs.drawing.views.view import Box, View
from leporello.graphs.nodes import NOW

SIZE, LINE, GAP = 17.0, 30.0, 36.0


def equations(view: View, paths: Collection[str] | None = None, names: Naming | None = None) -> list[Label]:
    """An equation for every box within an opened composite, a layer that is read once within its reader's.

    Composites that stay closed have none, nor has what reads nothing.

    `paths` are those of the boxes wanted, of all that stand in an opened composite if it is None. `names` says how to
    write the value of a box at a step where its label does not do.

    Those of several composites stand below their paths, which are words without serifs.

    >>> box = Box("h/n", "function", "n", "time", "tanh(a * b)")
    >>> [line.text for line in equations(View("m", (box,), (), ("time",)))]
    ['nt = tanh(at ⊙ bt)']
    """
    view = _without_inline(view)
    inner = [box for box in _as_computed(view) if _wanted(box, paths) and told(box)]
    layers = {box.path: box for box in inner if box.block == "linear"}
    inlined = _inlined(view, layers, {box.path for box in inner})
    writer = Writer(view, layers, inlined, names)
    bodies: dict[str, list[Label]] = {}
    for box in inner:
        if box.path not in inlined:
            line = Label((*writer.left_side(box), Run(" = "), *writer.right_side(box)), True)
            bodies.setdefault(_body(box.path), []).extend(broken(line))
    if len(bodies) == 1:
        return [line for lines in bodies.values() for line in lines]
    return [line for body, lines in bodies.items() if lines for line in ([words(body)] if body else []) + lines]


def _without_inline(view: View) -> View:
    """The view without the boxes of expressions at ports, which equations write where they are read."""
    readers: dict[str, list[str]] = {box.path: [] for box in view.boxes if box.nameless}
    if not readers:
        return view
    for edge in view.edges:
        if edge.source in readers:
            readers[edge.source].append(edge.target)
    kept = [edge for edge in view.edges if edge.source not in readers]
    edges = [replace(edge, target=target) for edge in kept for target in readers.get(edge.target, (edge.target,))]
    boxes = tuple(box for box in view.boxes if box.path not in readers)
    return replace(view, boxes=boxes, edges=tuple(dict.fromkeys(edges)))


def _as_computed(view: View) -> list[Box]:
    """The boxes as written, but each after what it reads at the same step."""
    place = {box.path: index for index, box in enumerate(view.boxes)}
    sources: dict[str, list[str]] = {path: [] for path in place}
    for edge in view.edges:
        if edge.time == NOW and edge.style in ("now", "initial"):
            sources[edge.target].append(edge.source)
    knots = [tuple(sorted(paths, key=place.__getitem__)) for paths in strong_components(sources)]
    knot = {path: paths for paths in knots for path in paths}
    read = {paths: {knot[source] for path in paths for source in sources[path]} - {paths} for paths in knots}
    rank = {paths: place[paths[0]] for paths in knots}
    return [view.boxes[place[path]] for paths in ordered(read, rank) for path in paths]


def _inlined(view: View, layers: Collection[str], told: Collection[str]) -> set[str]:
    """The layers that stand within the equation of what reads them: one box of the same body, at the same step."""
    readers: dict[str, list[str]] = {}
    for edge in view.edges:
        beside = edge.time == NOW and edge.style == "now" and _body(edge.target) == _body(edge.source)
        readers.setdefault(edge.source, []).append(edge.target if beside else "")
    return {path for path in layers if len(read := readers.get(path, [])) == 1 and read[0] in told}


def _body(path: str) -> str:
    return path.rpartition("/")[0]


def _wanted(box: Box, paths: Collection[str] | None) -> bool:
    if paths is None:
        return "/" in box.path and not box.path.startswith("outputs/")
    return box.path in paths


def with_equations(scene: Scene, lines: Sequence[Label]) -> Scene:
    """The scene with equations to its right, under each other."""
    if not lines:
        return scene
    left, top = scene.width + GAP, max(60.0, (scene.height - LINE * len(lines)) / 2)
    heading = words("One step")
    notes = [Note(_place(left, top - LINE, heading, 14), heading, 14, bold=True, anchor="start")]
    for index, line in enumerate(lines):
        size, style = (SIZE, "ink") if line.serif else (13.0, "muted")
        place = _place(left, top + LINE * index, line, size)
        notes.append(Note(place, line, size, style, bold=not line.serif, anchor="start"))  # type: ignore[arg-type]
    width = left + max(note.place.width for note in notes) + 24
    height = max(scene.height, top + LINE * len(lines) + 12)
    return replace(scene, width=width, height=height, notes=(*scene.notes, *notes))


def _place(left: float, y: float, text: Label, size: float) -> Rectangle:
    wide = text.width(size)
    return Rectangle(left + wide / 2, y, wide, size * 1.2)
