"""The folded picture as Graphviz's DOT, which `dot` places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from leporello.graphs.drawing.letters.labels import escape, plain
from leporello.graphs.drawing.scene.palette import GROUND, INK, MUTED
from leporello.graphs.drawing.views.levels import upward
from leporello.graphs.drawing.views.view import View
from leporello.graphs.drawing.writers.dot_looks import box_label, box_look, wire_label, wire_look

SANS = "Helvetica,Arial,sans-serif"
_READABLE = re.compile(r"[A-Za-z_][\w/@]{0,200}\Z", re.ASCII)


def dot_text(view: View, below: Sequence[str] = ()) -> str:
    """DOT of a folded picture. Every text of the spec in it is escaped; the same picture gives the same text.

    The lines `below` stand below the title.
    """
    graph = digraph(view.name, "folded", below, layout="dot", rankdir="BT", nodesep="0.35", ranksep="0.45")
    names, rising = names_of(box.path for box in view.boxes), upward(view)
    for box in view.boxes:
        look = box_look(box.kind, box.label, box.title, names[box.path], box.faint)
        graph.node(names[box.path], label=box_label(box), **look)
    for edge in view.edges:
        look = wire_look(edge) | ({} if edge in rising else {"constraint": "false"})
        graph.edge(names[edge.source], names[edge.target], label=wire_label(edge), **look)
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
