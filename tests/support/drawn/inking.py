"""Which ink stands on which ground in a picture, read from its SVG: every text and stroke on what lies below it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

What = Literal["text", "stroke", "border"]
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Inked:
    """A colour on a ground: of words, of a stroke on what it crosses, or of a border on the fill that it encloses."""

    what: What
    colour: str
    ground: str


@dataclass(frozen=True)
class Area:
    """A filled rectangle or circle."""

    left: float
    top: float
    right: float
    foot: float
    fill: str

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies on it."""
        return self.left <= x <= self.right and self.top <= y <= self.foot


def inked(svg: str) -> set[Inked]:
    """Every pair of ink and ground in a picture, what is drawn pale aside."""
    areas: list[Area] = []
    found: set[Inked] = set()
    for element in _drawn(ElementTree.fromstring(svg)):
        tag = element.tag.rpartition("}")[2]
        colour, stroke = element.get("fill", "none"), element.get("stroke", "none")
        points = _points(element, tag)
        if tag == "text":
            found |= {Inked("text", colour, _below(areas, *points[0]))}
        elif tag == "path" and colour != "none":
            found |= {Inked("stroke", colour, _below(areas, *point)) for point in points}
        if stroke != "none":
            found |= {Inked("stroke", stroke, _below(areas, *point)) for point in points}
        if tag in ("rect", "circle") and colour != "none":
            if stroke != "none":
                found.add(Inked("border", stroke, colour))
            areas.append(_area(element, tag, colour))
    return found


def _drawn(element: Element) -> Iterator[Element]:
    """The shapes in the order drawn."""
    for child in element:
        if "opacity" not in child.attrib and child.get("display") != "none":
            yield child
            yield from _drawn(child)


def _below(areas: list[Area], x: float, y: float) -> str:
    return next((area.fill for area in reversed(areas) if area.holds(x, y)), "none")


def _area(element: Element, tag: str, fill: str) -> Area:
    if tag == "circle":
        x, y, r = (float(element.get(name, "0")) for name in ("cx", "cy", "r"))
        return Area(x - r, y - r, x + r, y + r, fill)
    x, y, wide, high = (float(element.get(name, "0")) for name in ("x", "y", "width", "height"))
    return Area(x, y, x + wide, y + high, fill)


def _points(element: Element, tag: str) -> list[tuple[float, float]]:
    """Where an element lies: the middle of a text's letters, the corners of a path, the border of a shape."""
    if tag == "text":
        size = float(element.get("font-size", "0"))
        return [(float(element.get("x", "0")), float(element.get("y", "0")) - size / 3)]
    if tag in ("rect", "circle"):
        area = _area(element, tag, "")
        return [(area.left - 1, (area.top + area.foot) / 2)]
    x, y = (float(n) for n in _NUMBER.findall(element.get("transform", "")) or (0, 0))
    places = []
    for letter, numbers in re.findall(r"([A-Z])([^A-Z]*)", element.get("d", "")):
        values = [float(number) for number in _NUMBER.findall(numbers)]
        if letter == "H":
            px = values[-1]
        elif letter == "V":
            py = values[-1]
        elif letter != "Z":
            px, py = values[-2:]
        places.append((px + x, py + y))
    return places
