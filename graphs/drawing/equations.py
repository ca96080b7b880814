"""The equations of one step that an opened composite computes, as a textbook writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from leporello.graphs.drawing.cell_names import INTO
from leporello.graphs.drawing.labels import plain
from leporello.graphs.drawing.lettering import Label, Run, label, words
from leporello.graphs.drawing.scene import Note, Rectangle, Scene
from leporello.graphs.drawing.view import Box, Edge, View
from leporello.graphs.graph import NOW

SIZE, LINE, GAP = 17.0, 30.0, 36.0
_TOKEN = re.compile(r"([A-Za-z]\w*)((?:\.\w+)?)((?:\((?:t[-+]\d+|last|first|all)\))?)|(\d[\w.]*|[-+*/()])|\s+|(.)")
_SIGNS = {"*": " ⊙ ", "+": " + ", "-": " \N{MINUS SIGN} ", "/": " / "}
_BREAKS, _INDENT = (" + ", " \N{MINUS SIGN} "), " " * 8
_INSIDE = (*_BREAKS, " ⊙ ", " / ")
"""Where an equation that is still too long is broken within brackets too."""
_FUNCTIONS = {"sigmoid": "σ"}
_ARROWS, _TURNED = {"forward": "→", "backward": "←"}, {"forward": "backward", "backward": "forward"}
_LAYERS = ("linear", "concatenate", "embedding")
Naming = Callable[[str, str], Label | None]
_LONGEST, _MOST_LINES = 60, 4
"""So many letters a line of an equation may have, about, and so many lines; a longer one is not written."""


def equations(view: View, paths: Collection[str] | None = None, names: Naming | None = None) -> list[Label]:
    """An equation for every box within an opened composite, a layer that is read once within its reader's.

    `paths` are those of the boxes wanted, of all that stand in an opened composite if it is None. `names` says how to
    write the value of a box at a step where its label does not do.

    Those of several composites stand below their paths, which are words without serifs.

    >>> box = Box("h/n", "function", "n", "time", "tanh(a * b)")
    >>> [line.text for line in equations(View("m", (box,), (), ("time",)))]
    ['nt = tanh(at ⊙ bt)']
    """
    inner = [box for box in view.boxes if _wanted(box, paths)]
    readers: dict[str, list[Edge]] = {}
    for edge in view.edges:
        readers.setdefault(edge.source, []).append(edge)
    layers = {box.path: box for box in inner if box.block == "linear"}
    inlined = {path for path in layers if [edge.time for edge in readers.get(path, ())] == [NOW]}
    writer = _Writer(view, layers, inlined, names)
    bodies: dict[str, list[Label]] = {}
    for box in inner:
        closed = re.fullmatch(r"\w+", box.block) and box.block not in _LAYERS
        if box.path not in inlined and not closed:
            line = Label((*writer.value(box, "", "t"), Run(" = "), *writer.right_side(box)), True)
            bodies.setdefault(box.path.rpartition("/")[0], []).extend(broken(line))
    if len(bodies) == 1:
        return [line for lines in bodies.values() for line in lines]
    return [line for body, lines in bodies.items() if lines for line in ([words(body)] if body else []) + lines]


def _wanted(box: Box, paths: Collection[str] | None) -> bool:
    if paths is None:
        return "/" in box.path and not box.path.startswith("outputs/")
    return box.path in paths


def broken(line: Label) -> list[Label]:
    """An equation on as many lines as it needs, broken at operators, outside of all brackets if it can, or none.

    >>> long = Label((Run("a" * 50), Run(" + "), Run("b" * 20)))
    >>> [line.text.strip() for line in broken(long)] == ["a" * 50, "+ " + "b" * 20]
    True
    """
    for inside, most in ((False, _MOST_LINES), (True, 2 * _MOST_LINES)):
        lines = _lines(_pieces(line.runs, inside))
        if len(lines) <= most and all(sum(len(run.text) for run in one) <= _LONGEST + 20 for one in lines):
            return [Label(tuple(one), line.serif) for one in lines]
    return []


def _pieces(runs: Iterable[Run], inside: bool) -> list[list[Run]]:
    """The runs parted before every operator outside of brackets, or within them too and after commas."""
    pieces: list[list[Run]] = [[]]
    depth = 0
    for run in runs:
        depth += sum(run.text.count(sign) for sign in "([") - sum(run.text.count(sign) for sign in ")]")
        if (depth == 0 and run.text in _BREAKS) or (inside and run.text in _INSIDE):
            pieces.append([])
        pieces[-1].append(run)
        if inside and run.text == ", ":
            pieces.append([])
    return pieces


def _lines(pieces: Sequence[list[Run]]) -> list[list[Run]]:
    """As many pieces to a line as have room there."""
    lines: list[list[Run]] = [pieces[0]]
    for piece in pieces[1:]:
        if sum(len(run.text) for run in (*lines[-1], *piece)) <= _LONGEST:
            lines[-1] = [*lines[-1], *piece]
        else:
            lines.append([Run(_INDENT + piece[0].text.lstrip()), *piece[1:]])
    return lines


class _Writer:
    """Writes what a box computes from what it reads."""

    def __init__(self, view: View, layers: Mapping[str, Box], inlined: set[str], names: Naming | None) -> None:
        self.boxes = {box.path: box for box in view.boxes}
        self.layers, self.inlined, self.names = layers, inlined, names
        self.biases = _biases(layers.values())
        self.into: dict[str, list[Edge]] = {}
        for edge in view.edges:
            self.into.setdefault(edge.target, []).append(edge)

    def value(self, box: Box, port: str, when: str) -> tuple[Run, ...]:
        """How the value of a box at a step is written."""
        known = self.names(box.path, when) if self.names else None
        return known.runs if known else _name(box.label + port, when if box.axis else "")

    def right_side(self, box: Box) -> Iterator[Run]:
        """What stands to the right of the equals sign."""
        if box.block in _LAYERS:
            yield from self._layer(box)
        else:
            yield from self._formula(box, box.block)

    def _formula(self, box: Box, formula: str, nth: int = 0) -> Iterator[Run]:
        """The runs of a formula; where one name stands for several boxes the one with a number is meant."""
        tokens = [token for token in _TOKEN.findall(formula) if any(token)]
        signs = ["", *("".join(token) for token in tokens), ""]
        for index, (name, port, time, sign, other) in enumerate(tokens):
            if name and signs[index + 2] == "(" and not time:
                yield Run(_FUNCTIONS.get(name, name))
            elif name:
                bound = signs[index] in ("*", "/", "-") or signs[index + 2] in ("*", "/")
                before = sum(token[:3] == (name, port, time) for token in tokens[:index])
                yield from self._read(box, name, port, time, bound, nth + before)
            elif sign == "*" and signs[index][:1].isdigit():
                yield Run(" ")
            elif sign or other:
                yield Run(_SIGNS.get(sign, sign or other))

    def _read(self, box: Box, name: str, port: str, time: str, bound: bool, nth: int) -> Iterator[Run]:
        """A value; `bound` says that it is a factor or subtracted, so that a sum needs brackets."""
        path = box.path[: box.path.rfind("/") + 1] + name
        if path in self.inlined and not time:
            brackets = bound and path in self.biases
            yield from [Run("(")] if brackets else []
            yield from self._layer(self.layers[path])
            yield from [Run(")")] if brackets else []
            return
        found = self._source(box, path, name, time, nth)
        if found is None:
            yield from _name(name + port, _when(time))
        else:
            base, *rest = self.value(found, port, _when(time))
            mark = self._elsewhere(box, found)
            yield from (base, *([Run(mark, False, 1)] if mark else []), *rest)

    def _elsewhere(self, box: Box, found: Box) -> str:
        """What tells a value of another body from one of the same name: its layer, its direction, that it comes in."""
        own, other = box.path.split("/")[:-1], found.path.split("/")[:-1]
        alike = [path for path, one in self.boxes.items() if one.label == found.label and path != found.path]
        if self.names or not alike or own == other:
            return ""
        parts = []
        for index, part in enumerate(other):
            turned = "/".join([*other[:index], _TURNED.get(part, part)])
            if own[: index + 1] != other[: index + 1]:
                if part not in _TURNED:
                    parts.append(plain(part, 12))
                elif any(f"{path}/".startswith(f"{turned}/") for path in self.boxes):
                    parts.append(_ARROWS[part])
        comes_in = len(other) < len(own) and own[: len(other)] == other
        return " ".join(parts) or (INTO if comes_in else "")

    def _source(self, box: Box, path: str, name: str, time: str, nth: int) -> Box | None:
        """The box that is meant by a name: what is read at that time, of the same body before others."""
        own = name.removeprefix("layer_") if name.removeprefix("layer_").isdigit() else name
        near = [edge for edge in self.into.get(box.path, ()) if edge.source.rpartition("/")[2] == own]
        near = [edge for edge in near if str(edge.time) == time] or near
        near.sort(key=lambda edge: edge.source != path)
        return self.boxes[near[min(nth, len(near) - 1)].source] if near else self.boxes.get(path)

    def _layer(self, box: Box) -> Iterator[Run]:
        """A weight times what it is multiplied with, side by side in brackets where that is more than one."""
        if box.block != "concatenate":
            yield from (*_weight(box.label), Run(" "))
        wide = len(box.reads) != 1 or not re.fullmatch(r"[\w.]+(\(t[-+]\d+\))?", box.reads[0])
        yield from [Run("[")] if wide else []
        for index, read in enumerate(box.reads):
            yield from [Run(", ")] if index else []
            yield from self._formula(box, read, box.reads[:index].count(read))
        yield from [Run("]")] if wide else []
        if box.path in self.biases:
            yield from (Run(" + "), *self.biases[box.path])


def _biases(layers: Iterable[Box]) -> dict[str, tuple[Run, ...]]:
    """The bias of each layer that has one: b with the layer's index, or its whole name where two would be alike."""
    adding = [box for box in layers if box.bias]
    indices = {box.path: "".join(run.text for run in _weight(box.label)[1:]) for box in adding}
    found = {}
    for box in adding:
        body = box.path.rpartition("/")[0]
        alike = [p for p, index in indices.items() if index == indices[box.path] and p.rpartition("/")[0] == body]
        index = indices[box.path] if len(alike) == 1 else "".join(run.text for run in _weight(box.label))
        found[box.path] = (Run("b", True), *([Run(index, len(index) == 1, -1)] if index else []))
    return found


def _weight(name: str) -> tuple[Run, ...]:
    """The matrix of a layer: its own name where that is one of a matrix, else W with the layer's name."""
    return _name(name, "") if name[:1] in "WUV" else label("W", plain(name, 12)).runs


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
