"""SVG through Graphviz's `dot`, checked against a list of what a picture may hold, with dark colours added."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from leporello.graphs.drawing.dot import dot_text
from leporello.graphs.drawing.labels import plain
from leporello.graphs.drawing.palette import DARK
from leporello.graphs.drawing.unfolding import Picture
from leporello.graphs.drawing.view import View
from leporello.graphs.problems import refuse

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_SPACE, _LINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_TAGS = frozenset({"svg", "g", "title", "desc", "style", "polygon", "polyline", "path", "ellipse", "text"})
_PLACES = {"width", "height", "viewBox", "transform", "points", "d", "cx", "cy", "rx", "ry", "x", "y"}
_PAINT = {"fill", "stroke", "stroke-width", "stroke-dasharray", "fill-opacity", "stroke-opacity"}
_TYPE = {"text-anchor", "font-family", "font-size", "font-style", "font-weight", "baseline-shift"}
_ATTRIBUTES = frozenset({"id", "class", "role"} | _PLACES | _PAINT | _TYPE)
_MOST, _MOST_UNFOLDED = 600, 6000


def svg(picture: View | Picture) -> str:
    """The picture as SVG, placed by Graphviz, light and (where the reader's screen is) dark.

    Graphviz runs as a process of its own, without a shell. SpecError when it is not installed, and for a
    picture of more boxes than it can take: 600 that it has to place, 6000 in the unfolded picture, whose
    places are ours.
    """
    import graphviz

    boxes = picture.cells if isinstance(picture, Picture) else picture.boxes
    most = _MOST_UNFOLDED if isinstance(picture, Picture) else _MOST
    if len(boxes) > most:
        raise refuse(f"{len(boxes)} boxes are too many for Graphviz to draw", f"at most {most}; .dot and .txt work")
    try:
        drawn = graphviz.Source(dot_text(picture)).pipe(format="svg", encoding="utf-8", quiet=True)
    except graphviz.ExecutableNotFound:
        raise refuse(
            "SVG needs Graphviz's program `dot`, which is not installed",
            "install it (apt install graphviz, brew install graphviz); .dot and .txt work without",
        ) from None
    except (graphviz.CalledProcessError, OSError) as error:
        said = str(getattr(error, "stderr", None) or "").strip()
        raise refuse("Graphviz could not draw this picture", said or ".dot and .txt work without it") from None
    return finished(str(drawn), _names(picture))


def _names(picture: View | Picture) -> tuple[str, str]:
    """What those hear who do not see the picture: its title, and what is in it."""
    view = picture.view if isinstance(picture, Picture) else picture
    listed = ", ".join(f"{plain(box.label)} ({plain(box.block)})" for box in view.boxes[:40])
    return f"{plain(view.name)}, {'unfolded in time' if isinstance(picture, Picture) else 'folded'}", listed


def finished(drawn: str, names: tuple[str, str]) -> str:
    """Graphviz's SVG with hover texts as titles, a description, dark colours, and nothing that could act."""
    from xml.etree import ElementTree

    ElementTree.register_namespace("", _SPACE)
    root = ElementTree.fromstring(drawn)
    for element in list(root.iter(f"{{{_SPACE}}}g")):
        _lift_hover(element)
        if element.get("class") != "node":
            element.attrib.pop("id", None)  # Graphviz's own: a node of the spec may be called edge1
    root.set("role", "img")
    for tag, text in zip(("desc", "title"), reversed(names), strict=True):
        element = ElementTree.Element(f"{{{_SPACE}}}{tag}")
        element.text = text
        root.insert(0, element)
    style = ElementTree.Element(f"{{{_SPACE}}}style")
    style.text = _dark()
    root.insert(2, style)
    for what in forbidden(root):
        raise refuse(f"Graphviz drew {what}, which a picture may not hold", ".dot and .txt work without it")
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _lift_hover(group: Element) -> None:
    """Graphviz hangs a hover text on a link without a target; a title is what it is."""
    title = group.find(f"{{{_SPACE}}}title")
    for inner in list(group.findall(f"{{{_SPACE}}}g")):
        link = inner.find(f"{{{_SPACE}}}a")
        if link is None or title is None:
            continue
        title.text = link.get(f"{{{_LINK}}}title") or title.text
        place = list(group).index(inner)
        group.remove(inner)
        for child in reversed(list(link)):
            group.insert(place, child)


def forbidden(root: Element) -> Iterator[str]:
    """What is in an SVG but not on the list of what a picture may hold: scripts, links, event attributes."""
    for element in root.iter():
        tag = str(element.tag).removeprefix(f"{{{_SPACE}}}")
        if tag not in _TAGS:
            yield f"an element {tag}"
        for name, value in element.attrib.items():
            if name not in _ATTRIBUTES or (name != "id" and re.search(r"url\(|javascript:", value)):
                yield f"an attribute {name} of {tag}"


def _dark() -> str:
    """Rules that put the dark colour in place of each light one."""
    rules = [f'[{part}="{light}"]{{{part}:{dark}}}' for light, dark in DARK.items() for part in ("fill", "stroke")]
    rules.append(f"text:not([fill]){{fill:{DARK['#22272e']}}}")
    return "@media (prefers-color-scheme: dark){" + "".join(rules) + "}"
