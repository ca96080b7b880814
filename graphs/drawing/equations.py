"""The equations of one step that an opened composite computes, as a textbook writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from leporello.graphs.drawing.labels import plain
from leporello.graphs.drawing.lettering import Label, Run, label, words
from leporello.graphs.drawing.scene import Note, Rectangle, Scene
from leporello.graphs.drawing.view import Box, Edge, View
from leporello.graphs.graph import NOW

SIZE, LINE, GAP = 17.0, 30.0, 36.0
_TOKEN = re.compile(r"([A-Za-z]\w*)((?:\.\w+)?)((?:\((?:t[-+]\d+|last|first|all)\))?)|(\d[\w.]*|[-+*/()])|\s+|(.)")
_SIGNS = {"*": " ⊙ ", "+": " + ", "-": " \N{MINUS SIGN} ", "/": " / "}
_FUNCTIONS = {"sigmoid": "σ"}
_LAYERS = ("linear", "concatenate", "embedding")
_LONGEST = 60.0
"""So many letters an equation may have, about; a longer one is not written."""


def equations(view: View) -> list[Label]:
    """An equation for every box within an opened composite, a layer that is read once within its reader's.

    Those of several composites stand below their paths, which are words without serifs.

    >>> box = Box("h/n", "function", "n", "time", "tanh(a * b)")
    >>> [line.text for line in equations(View("m", (box,), (), ("time",)))]
    ['nt = tanh(at ⊙ bt)']
    """
    inner = [box for box in view.boxes if "/" in box.path and not box.path.startswith("outputs/")]
    readers: dict[str, list[Edge]] = {}
    for edge in view.edges:
        readers.setdefault(edge.source, []).append(edge)
    layers = {box.path: box for box in inner if box.block == "linear"}
    inlined = {path for path in layers if [edge.time for edge in readers.get(path, ())] == [NOW]}
    writer = _Writer(view, layers, inlined)
    bodies: dict[str, list[Label]] = {}
    for box in inner:
        closed = re.fullmatch(r"\w+", box.block) and box.block not in _LAYERS
        if box.path not in inlined and not closed:
            line = Label((*_name(box.label, "t" if box.axis else ""), Run(" = "), *writer.right_side(box)), True)
            if sum(len(run.text) for run in line.runs) <= _LONGEST:
                bodies.setdefault(box.path.rpartition("/")[0], []).append(line)
    if len(bodies) == 1:
        return [line for lines in bodies.values() for line in lines]
    return [line for body, lines in bodies.items() for line in (words(body), *lines)]


class _Writer:
    """Writes what a box computes from what it reads."""

    def __init__(self, view: View, layers: Mapping[str, Box], inlined: set[str]) -> None:
        self.boxes = {box.path: box for box in view.boxes}
        self.layers, self.inlined = layers, inlined
        self.into: dict[str, list[Edge]] = {}
        for edge in view.edges:
            self.into.setdefault(edge.target, []).append(edge)

    def right_side(self, box: Box) -> Iterator[Run]:
        """What stands to the right of the equals sign."""
        if box.block in _LAYERS:
            yield from self._layer(box)
            return
        for name, port, time, sign, other in _TOKEN.findall(box.block):
            if name:
                yield from self._read(box, name, port, time)
            elif sign or other:
                yield Run(_SIGNS.get(sign, sign or other))

    def _read(self, box: Box, name: str, port: str, time: str) -> Iterator[Run]:
        path = box.path[: box.path.rfind("/") + 1] + name
        if path in self.inlined and not time:
            yield from self._layer(self.layers[path])
        elif any(self.boxes[edge.source].path.rpartition("/")[2] == name for edge in self.into.get(box.path, ())):
            yield from _name(name + port, _when(time))
        elif name in _FUNCTIONS or path not in self.boxes:
            yield from [Run(_FUNCTIONS[name])] if name in _FUNCTIONS else _unknown(name, port, time, box)
        else:
            yield from _name(name + port, _when(time))

    def _layer(self, box: Box) -> Iterator[Run]:
        """A weight times what it is multiplied with, side by side in brackets where that is more than one."""
        read = self.into.get(box.path, [])
        if box.block != "concatenate":
            yield from _weight(box.label)
            yield Run(" ")
        if len(read) != 1:
            yield Run("[")
        for index, edge in enumerate(read):
            if index:
                yield Run(", ")
            source = self.boxes[edge.source]
            yield from _name(source.label, _when(str(edge.time)) if source.axis else "")
        if len(read) != 1:
            yield Run("]")


def _weight(name: str) -> tuple[Run, ...]:
    """The matrix of a layer: its own name where that is one of a matrix, else W with the layer's name."""
    return _name(name, "") if name[:1] in "WUV" else label("W", plain(name, 12)).runs


def _unknown(name: str, port: str, time: str, box: Box) -> Sequence[Run]:
    """A function is written upright; what is read elsewhere like any value."""
    called = f"{name}{port}{time}(" in box.block and not time
    return [Run(name)] if called else [*_name(name + port, _when(time))]


def _when(time: str) -> str:
    return time.strip("()") or "t"


def _name(name: str, when: str) -> tuple[Run, ...]:
    return label(name, when).runs


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
