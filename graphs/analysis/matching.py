"""Whether two opened graphs are the same but for the names of their nodes, and which node stands for which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from leporello.graphs.analysis.checks import Checked
from leporello.graphs.nodes import Learned, Node
from leporello.graphs.opening.sharing import WHOLE

COMMUTATIVE = frozenset({"add", "multiply"})
ROUNDS = 200
"""So many times colours are refined, which is as far as a difference is seen."""

Arc = tuple[str, str]
"""How a node reads another: the port with the time, and the path that is read."""


class _Shape:
    """A checked model as labelled nodes and arcs; names occur in it only where both models have the same."""

    def __init__(self, checked: Checked, named: frozenset[str]) -> None:
        self.labels = {node.path: _label(node, checked, named) for node in checked.graph.nodes}
        self.arcs = {node.path: _arcs(node) for node in checked.graph.nodes}
        for place, output in enumerate(checked.graph.outputs):
            name = output.name if output.name in named else str(place)
            path = f"outputs/{output.name}"
            self.labels[path] = ("output", name, output.loss, tuple(sorted(output.scoring.items(), key=str)))
            self.arcs[path] = [(f"{output.wire.port}{output.wire.time}", output.wire.source)]
            if output.predicts in checked.graph:
                self.arcs[path].append(("predicts", output.predicts))
        self.readers: dict[str, list[Arc]] = {path: [] for path in self.labels}
        for path, arcs in list(self.arcs.items()):
            for how, source in arcs:
                # What only owns shared weights need not be among the nodes that outputs need.
                self.labels.setdefault(source, ("owner",))
                self.arcs.setdefault(source, [])
                self.readers.setdefault(source, []).append((how, path))


def _label(node: Node, checked: Checked, named: frozenset[str]) -> Any:
    value = checked.values[node.path, ""]
    kept = tuple(sorted((name, str(said)) for name, said in node.parameters.items()))
    initial = "learned" if isinstance(node.initial, Learned) else "" if node.initial_wires else str(node.initial)
    name = node.path if node.block == "input" and node.path in named else ""
    return (node.block, name, kept, str(checked.axes[node.path]), str(value), initial)


def _arcs(node: Node) -> list[Arc]:
    ports = ["" if node.block in COMMUTATIVE else port for port, _ in node.inputs]
    found = [
        (f"{port}:{wire.port}{wire.time.kind}{wire.time.offset}", wire.source)
        for port, wire in zip(ports, node.wires, strict=True)
    ]
    found += [(f"initial {place}:{wire.port}{wire.time}", wire.source) for place, wire in enumerate(node.initial_wires)]
    share = node.modifiers.share
    if isinstance(share, Mapping):
        found += [
            (f"share {weight}", str(owner) if weight == WHOLE else str(owner).rpartition("/")[0])
            for weight, owner in share.items()
        ]
    return found


def renaming(a: Checked, b: Checked) -> dict[str, str] | None:
    """The node of `b` for every node of `a`, if the two are the same function of the same weights; else None.

    Colours of nodes are refined by those of what they read and of what reads them (Weisfeiler and Leman 1968)
    until every node has one of its own; what stays alike is paired in order. The pairs are verified, so that a
    renaming that is given is one; for very symmetric graphs none may be found where there is one.
    """
    named = _in_both(a, b)
    one, other = _Shape(a, named), _Shape(b, named)
    if len(one.labels) != len(other.labels):
        return None
    palette: dict[Any, int] = {}
    colours = [
        {path: palette.setdefault(label, len(palette)) for path, label in shape.labels.items()}
        for shape in (one, other)
    ]
    for _ in range(len(one.labels)):
        colours = _refined((one, other), colours)
        if Counter(colours[0].values()) != Counter(colours[1].values()):
            return None
        alike = next((colour for colour, count in Counter(colours[0].values()).items() if count > 1), None)
        if alike is None:
            break
        for shaded in colours:
            shaded[next(path for path, colour in shaded.items() if colour == alike)] = -1
    back = {colour: path for path, colour in colours[1].items()}
    found = {path: back[colour] for path, colour in colours[0].items()}
    return found if _holds(found, one, other) else None


def _in_both(a: Checked, b: Checked) -> frozenset[str]:
    """The names of inputs and of outputs, where the two models have the same ones."""
    found: set[str] = set()
    for names in (
        [{node.path for node in model.graph.inputs} for model in (a, b)],
        [{output.name for output in model.graph.outputs} for model in (a, b)],
    ):
        found |= names[0] if names[0] == names[1] else set()
    return frozenset(found)


def _refined(shapes: Sequence[_Shape], colours: list[dict[str, int]]) -> list[dict[str, int]]:
    """Colours that differ where what is read, or what reads, differs in colour."""
    for _ in range(ROUNDS):
        palette: dict[Any, int] = {}
        before = len({*colours[0].values(), *colours[1].values()})
        colours = [
            {path: palette.setdefault(_seen(path, shape, shaded), len(palette)) for path in shape.labels}
            for shape, shaded in zip(shapes, colours, strict=True)
        ]
        if len(palette) == before:
            break
    return colours


def _seen(path: str, shape: _Shape, colours: Mapping[str, int]) -> Any:
    reads = sorted((how, colours[source]) for how, source in shape.arcs[path])
    readers = sorted((how, colours[reader]) for how, reader in shape.readers[path])
    return (colours[path], tuple(reads), tuple(readers))


def _holds(pairs: Mapping[str, str], a: _Shape, b: _Shape) -> bool:
    """Whether each node and its partner have one label, and read partners in the same way."""
    return len(set(pairs.values())) == len(pairs) and all(
        a.labels[path] == b.labels[other]
        and sorted((how, pairs[source]) for how, source in a.arcs[path]) == sorted(b.arcs[other])
        for path, other in pairs.items()
    )
