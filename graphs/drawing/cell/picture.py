"""The picture of one cell of a checked graph: its members, its parts, its equations."""

from __future__ import annotations

from collections.abc import Mapping

from leporello.graphs.analysis.axes import Axes
from leporello.graphs.drawing.cell.building import built
from leporello.graphs.drawing.cell.cell_scene import cell_scene
from leporello.graphs.drawing.cell.members import Members, members
from leporello.graphs.drawing.cell.names import label_at
from leporello.graphs.drawing.cell.parts import Cell
from leporello.graphs.drawing.equations.equations import equations
from leporello.graphs.drawing.letters.lettering import Label
from leporello.graphs.drawing.scene.scene import Scene
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.opened import containers, opened
from leporello.graphs.graph import Graph


def cell_picture(graph: Graph, axes: Mapping[str, Axes], path: str) -> Scene:
    """The cell at the `path` of a composite or of a node in a loop, drawn with its states as rails.

    SpecError for a path that is no cell, with those that are; for one too large to be drawn so.
    """
    return cell_scene(*cell_at(graph, axes, path))


def cell_at(graph: Graph, axes: Mapping[str, Axes], path: str) -> tuple[Cell, list[Label]]:
    """The cell at a path, and its equations; SpecError for a path that is no cell, with those that are."""
    found = members(graph, path)
    clocks = {name: axis.own for name, axis in axes.items()}
    cell = built(graph, found, clocks)
    return cell, _equations(graph, axes, found, cell)


def _equations(graph: Graph, axes: Mapping[str, Axes], found: Members, cell: Cell) -> list[Label]:
    bodies = {node.body for node in found.nodes if node.body}
    inside = containers(graph)
    grouping = opened(graph, [path for path in inside if any(b == path or b.startswith(path + "/") for b in bodies)])
    wanted = {grouping(node.path) for node in found.nodes}
    shown = {*cell.states, *cell.marks, *(value.path for value in cell.inputs)}
    paths = {grouping(path): path for path in shown}

    def name(path: str, when: str) -> Label | None:
        return label_at(cell, paths[path], when) if path in paths else None

    return equations(folded(graph, axes, grouping), wanted, name)
