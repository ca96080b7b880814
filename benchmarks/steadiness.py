"""`python -m benchmarks.steadiness`: in how many edits the boxes that stay keep their order in the picture.

An edit takes one node away, its readers reading what it read, or puts it back. The order is kept where of no two boxes
that stay the one that was lower, or further left in the same row, is higher, or further right in one row, afterwards.
Each edit is drawn twice: near the picture before, and as if there were none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations

from benchmarks.drawn import EXAMPLES, MODELS, example, net, tangled
from benchmarks.pictures import table
from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import examine
from leporello.graphs.drawing.column.placement import Spot
from leporello.graphs.drawing.folded.folded_scene import placed
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.opened import CLOSED
from leporello.graphs.drawing.views.view import View
from leporello.graphs.edits.splices.addresses import remove
from leporello.graphs.edits.splices.draft import Draft
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_spec

Spots = Mapping[str, Spot]
RANDOM = 24


def texts() -> Iterator[str]:
    """The specs that are edited."""
    yield from MODELS.values()
    yield from (example(path.stem) for path in sorted(EXAMPLES.glob("*.yaml")))
    yield from (tangled(20, seed) for seed in range(4, 4 + RANDOM))
    yield from (net(12, seed) for seed in range(RANDOM))


def edits() -> Iterator[tuple[View, View]]:
    """The views of a model with a node and without it."""
    for text in texts():
        whole, draft = _view(text), Draft.read(text, registry())
        for node in draft.graph.nodes:
            if node.block == "input" or "/" in node.path or whole is None:
                continue
            try:
                less = _view(remove(draft, [node.path], bypass=True).text)
            except SpecError:
                continue
            if less is not None and less.boxes:
                yield whole, less


def _view(text: str) -> View | None:
    checked, problems = examine(read_spec(text, registry()), registry())
    return None if problems else folded(checked.graph, checked.axes, CLOSED)


def kept(before: Spots, after: Spots) -> bool:
    """Whether the boxes of both pictures stand in the same order."""
    for one, other in combinations([path for path in before if path in after], 2):
        (a, b), (c, d) = (before[one], before[other]), (after[one], after[other])
        level = a.y == b.y and c.y == d.y
        if (a.y - b.y) * (c.y - d.y) < 0 or (level and (a.x - b.x) * (c.x - d.x) < 0):
            return False
    return True


def near(spots: Spots) -> dict[str, tuple[float, float]]:
    """The middles of boxes."""
    return {path: (spot.x, spot.y) for path, spot in spots.items()}


def measured() -> Iterator[tuple[str, ...]]:
    """The rows of the table."""
    pairs = list(edits())
    ways: dict[str, Callable[[View, View], tuple[View, View]]] = {
        "a node is taken away": lambda whole, less: (whole, less),
        "a node is put in": lambda whole, less: (less, whole),
    }
    for name, way in ways.items():
        found = []
        for before, after in (way(*pair) for pair in pairs):
            there = placed(before)
            afresh, steady = placed(after), placed(replace(after, near=near(there)))
            taller = max(spot.bottom for spot in steady.values()) / max(spot.bottom for spot in afresh.values())
            found.append((kept(there, steady), kept(there, afresh), taller))
        shares = [100 * sum(one) / len(found) for one in zip(*found, strict=True)]
        yield name, str(len(found)), *(f"{share:.1f} %" for share in shares)


if __name__ == "__main__":
    print(table(("edit", "edits", "order kept", "drawn afresh", "height of afresh"), list(measured())))
