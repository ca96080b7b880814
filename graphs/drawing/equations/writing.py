"""What a box computes from what it reads, as runs of letters: the right side of an equation, and the left."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping

from leporello.graphs.drawing.equations.tokens import bracketed
from leporello.graphs.drawing.equations.weights import biases, weight
from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.letters.lettering import INTO, Label, Run, label, numerals
from leporello.graphs.drawing.views.ports import ends
from leporello.graphs.drawing.views.view import SHARED, Box, Edge, View

_MINUS = "\N{MINUS SIGN}"
_SIGNS = {"*": " ⊙ ", "+": " + ", "-": f" {_MINUS} ", "/": " / "}
_FUNCTIONS = {"sigmoid": "σ"}
_ARROWS, _TURNED = {"forward": "→", "backward": "←"}, {"forward": "backward", "backward": "forward"}
_MOST_LEFT = 40
Naming = Callable[[str, str], Label | None]


def told(box: Box) -> bool:
    """Whether a box has an equation: neither a composite that stays closed nor what reads nothing has one.

    >>> told(Box("h", "state", "h", block="gru")), told(Box("h", "function", "h", block="tanh(a)"))
    (False, True)
    """
    return box.spelled or box.equation != "none"


class Writer:
    """Writes what a box computes from what it reads."""

    def __init__(self, view: View, layers: Mapping[str, Box], inlined: Collection[str], names: Naming | None) -> None:
        self.boxes = {box.path: box for box in view.boxes}
        self.layers, self.inlined, self.names = layers, inlined, names
        self.biases = biases(layers.values(), view.boxes)
        self.into: dict[str, list[Edge]] = {}
        for edge in view.edges:
            self.into.setdefault(edge.target, []).append(edge)

    def left_side(self, box: Box) -> tuple[Run, ...]:
        """The value of a box at this step, or the parts of one that is split."""
        return self._parts(box) or self._value(box, "", "t")

    def _parts(self, box: Box) -> tuple[Run, ...]:
        """The parts of a box that is split, side by side, if there is room for them before the equals sign."""
        found: list[Run] = []
        for part in box.parts if len(box.parts) > 1 else ():
            found += [Run(", ") if found else Run("["), *self._value(box, f".{part}", "t")]
        return (*found, Run("]")) if 0 < sum(len(run.text) for run in found) <= _MOST_LEFT else ()

    def _value(self, box: Box, port: str, when: str) -> tuple[Run, ...]:
        known = self.names(box.path, when) if self.names and not port else None
        timeless = box.axis is None or ends(port[1:])
        return known.runs if known else label(box.label + port, "" if timeless else when, upright=box.upright).runs

    def right_side(self, box: Box) -> Iterator[Run]:
        """What stands to the right of the equals sign."""
        if box.equation in ("product", "list"):
            yield from self._layer(box)
        elif box.equation == "call" and self._parts(box):  # the parts are named: it is what it reads
            yield from self._joined(box, len(box.reads) != 1)
        elif box.equation == "call":
            yield from (Run(box.block.rpartition("/")[2].replace("_", " ")), Run("("))
            yield from self._joined(box, box.ports == 1 and len(box.reads) != 1)
            yield Run(")")
        else:
            copied = re.fullmatch(r"identity\((.*)\)", box.block)
            yield from self._formula(box, copied[1] if copied else box.block)

    def _formula(self, box: Box, formula: str, nth: int = 0, times: bool = False) -> Iterator[Run]:
        """The runs of a formula; where one name stands for several boxes the one with a number is meant.

        `times` says that the formula as a whole is a factor.
        """
        tokens = bracketed(formula)
        signs = ["", *("".join(token) for token in tokens), ""]
        for index, (name, port, time, sign, other) in enumerate(tokens):
            before, after = signs[index], signs[index + 2]
            if name and after == "(" and not time:
                yield Run(_FUNCTIONS.get(name, name))
            elif name:
                bound = times or before in ("*", "/", "-") or after in ("*", "/")
                earlier = sum(token[:3] == (name, port, time) for token in tokens[:index])
                yield from self._read(box, name, port, time, bound, nth + earlier)
            elif sign == "*" and before[:1].isdigit() and signs[index - 1] != "/":
                yield Run(" ")
            elif sign == "-" and before in ("", "(", "-"):
                yield Run(_MINUS)
            elif sign[:1].isdigit():
                yield from numerals(sign)
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
        found, when = self._source(box, path, name, time, nth), time.strip("()") or "t"
        if found is None:
            yield from label(name + port, when).runs
        else:
            base, *rest = self._value(found, port, when)
            mark = self._elsewhere(box, found)
            yield from (base, *([Run(mark, False, 1)] if mark else []), *rest)

    def _elsewhere(self, box: Box, found: Box) -> str:
        """What tells a value of another body from one of the same name: its layer, its direction, that it comes in."""
        own, other = box.path.split("/")[:-1], found.path.split("/")[:-1]
        alike = [path for path, one in self.boxes.items() if one.label == found.label and path != found.path]
        if self.names or not alike or own == other or "^" in found.label:
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
        own, _, mark = name.partition("^")
        own = own.removeprefix("layer_") if own.removeprefix("layer_").isdigit() else own
        near = [edge for edge in self.into.get(box.path, ()) if edge.source.rpartition("/")[2] == own]
        near = [edge for edge in near if self.boxes[edge.source].label.endswith(f"^{mark}")] if mark else near
        near = [edge for edge in near if str(edge.time) == time] or near
        near.sort(key=lambda edge: edge.source != path)
        return self.boxes[near[min(nth, len(near) - 1)].source] if near else self.boxes.get(path)

    def _layer(self, box: Box) -> Iterator[Run]:
        """A weight times what it is multiplied with; what is more than one value stands in brackets."""
        if box.equation == "product":
            owner = box.shares.removeprefix(SHARED).rpartition("/")[2]
            yield from (*weight(owner if owner and " " not in owner else box.label), Run(" "))
        yield from self._joined(box, len(box.reads) != 1 or not re.fullmatch(r"[\w.]+(\(t[-+]\d+\))?", box.reads[0]))
        if box.path in self.biases:
            yield from (Run(" + "), *self.biases[box.path])

    def _joined(self, box: Box, brackets: bool) -> Iterator[Run]:
        """What a box reads, side by side; one value of a layer without brackets is a factor."""
        yield from [Run("[")] if brackets else []
        for index, read in enumerate(box.reads):
            yield from [Run(", ")] if index else []
            yield from self._formula(
                box, read, box.reads[:index].count(read), not brackets and box.equation == "product"
            )
        yield from [Run("]")] if brackets else []
