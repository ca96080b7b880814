"""What an SVG of ours may hold: shapes, texts and colours, and nothing that could act."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_SPACE = "http://www.w3.org/2000/svg"
_TAGS = frozenset({"svg", "g", "title", "desc", "style", "rect", "circle", "path", "text", "tspan"})
_PLACES = {"width", "height", "viewBox", "transform", "d", "cx", "cy", "r", "rx", "x", "y", "dx", "dy"}
_PAINT = {"fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "opacity"}
_TYPE = {"text-anchor", "font-family", "font-size", "font-style", "font-weight"}
_MOTION = {"display", "pathLength"}
_ATTRIBUTES = frozenset({"id", "class", "role"} | _PLACES | _PAINT | _TYPE | _MOTION)
_RULES = re.compile(r"@(?!supports |media |keyframes )|url\(|[<>]|expression|javascript:|\\")
"""What a style sheet could read from elsewhere, or do."""


def forbidden(root: Element) -> Iterator[str]:
    """What is in an SVG but not on the list of what a picture may hold: scripts, links, event attributes."""
    for element in root.iter():
        tag = str(element.tag).removeprefix(f"{{{_SPACE}}}")
        if tag not in _TAGS:
            yield f"an element {tag}"
        for name, value in element.attrib.items():
            if name not in _ATTRIBUTES or (name != "id" and re.search(r"url\(|javascript:", value)):
                yield f"an attribute {name} of {tag}"
        if tag == "style" and _RULES.search(element.text or ""):
            yield "a style that reads something from elsewhere"
