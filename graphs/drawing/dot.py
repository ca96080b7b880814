"""The pictures as Graphviz's DOT: the folded one is placed by `dot`, in the unfolded one the places are ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from leporello.graphs.drawing.columns import Place, places
from leporello.graphs.drawing.labels import escape, plain
from leporello.graphs.drawing.levels import upward
from leporello.graphs.drawing.looks import (
    box_label,
    box_look,
    cell_label,
    cell_title,
    port_look,
    wire_label,
    wire_look,
)
from leporello.graphs.drawing.palette import GROUND, INK, MUTED
from leporello.graphs.drawing.routes import Point, Router, spline, straight
from leporello.graphs.drawing.unfolding import Picture
from leporello.graphs.drawing.view import View

SANS = "Helvetica,Arial,sans-serif"
_READABLE = re.compile(r"[A-Za-z_][\w/@]{0,200}\Z", re.ASCII)


def dot_text(view: View | Picture, below: Sequence[str] = ()) -> str:
    """DOT of a picture. Every text of the spec in it is escaped; the same picture gives the same text.

    The lines `below` stand below the title of a folded picture.
    """
    return _unfolded(view) if isinstance(view, Picture) else _folded(view, below)


def _folded(view: View, below: Sequence[str]) -> str:
    graph = digraph(view.name, "folded", below, layout="dot", rankdir="BT", nodesep="0.35", ranksep="0.45")
    names, rising = names_of(box.path for box in view.boxes), upward(view)
    for box in view.boxes:
        look = box_look(box.kind, box.label, box.title, names[box.path], box.faint)
        graph.node(names[box.path], label=box_label(box), **look)
    for edge in view.edges:
        look = wire_look(edge) | ({} if edge in rising else {"constraint": "false"})
        graph.edge(names[edge.source], names[edge.target], label=wire_label(edge), **look)
    return str(graph.source)


def _unfolded(picture: Picture) -> str:
    graph = digraph(picture.view.name, "unfolded in time", layout="nop2")
    names, where = names_of(cell.path for cell in picture.cells), places(picture)
    for cell in picture.cells:
        look = box_look(cell.kind, cell.box.label, cell_title(cell), names[cell.path], cell.box.faint)
        look |= _at(where.cells[cell.path])
        label = cell_label(cell, picture.last.get(cell.box.axis or "", 0) + 1)
        graph.node(names[cell.path], label=label, **look)
    router = Router(where.cells)
    for edge in picture.edges:
        look = wire_look(edge) | port_look(edge)
        graph.edge(names[edge.source], names[edge.target], pos=router.route(edge), **look)
    for axis, (start, end) in where.arrows.items():
        _time_arrow(graph, axis, start, end)
    return str(graph.source)


def digraph(name: str, caption: str, below: Sequence[str] = (), **attributes: str) -> Any:
    """An empty graph with a title, the lines `below` under it."""
    import graphviz

    more = "".join(f'{escape(line)}<br align="left"/>' for line in ("", *below)) if below else ""
    head = f"{escape(plain(name))}, {caption}" + ("<br/>" if below else "")
    title = f'<<font color="{MUTED}">{head}{more}</font>>'
    general = {"bgcolor": GROUND, "fontname": SANS, "fontsize": "12", "label": title, "labelloc": "t", "pad": "0.2"}
    node = {"fontname": SANS, "fontsize": "13", "fontcolor": INK, "penwidth": "1.4", "style": "filled"}
    edge = {"fontname": SANS, "fontsize": "10", "penwidth": "1.4", "arrowsize": "0.7"}
    return graphviz.Digraph("leporello", graph_attr=general | attributes, node_attr=node, edge_attr=edge)


def names_of(paths: Iterable[str]) -> Mapping[str, str]:
    """A DOT name for each path: the path, or a number where the path could be read as anything else."""
    return {path: path if _READABLE.match(path) else f"?{index}" for index, path in enumerate(paths)}


def _at(place: Place) -> dict[str, str]:
    """A place and a size that the layout keeps."""
    size = {"width": f"{place.width:.2f}", "height": f"{place.height:.2f}", "fixedsize": "true"}
    return {"pos": f"{72 * place.x:.1f},{72 * place.y:.1f}"} | size


def _time_arrow(graph: Any, axis: str, start: Point, end: Point) -> None:
    label = f'<<font color="{MUTED}" point-size="11">{escape(plain(axis))}</font>>'
    width = 0.085 * min(len(axis), 40) + 0.1
    ends = [_at(Place(*start, 0.02, 0.02, 0, start)), _at(Place(end[0] + width / 2, end[1], width, 0.2, 0, end))]
    names = [f"?{where} {names_of([axis])[axis]}" for where in ("start", "end")]
    for name, text, place in zip(names, ("", label), ends, strict=True):
        graph.node(name, label=text, id=name, shape="plaintext", style="", tooltip="the time axis", **place)
    graph.edge(*names, pos=spline(straight(start, end)), color=MUTED, penwidth="1")
