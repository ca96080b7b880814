"""The names of a layer's weight and bias in an equation."""

from __future__ import annotations

from collections.abc import Iterable

from leporello.graphs.drawing.letters.lettering import Run, label
from leporello.graphs.drawing.views.view import Box


def weight(name: str) -> tuple[Run, ...]:
    """The matrix of a layer: its own name where that is one of a matrix, else W with the layer's name.

    >>> ["".join(run.text for run in weight(name)) for name in ("U_f", "pi", "c_tilde", "h_enc")]
    ['Uf', 'Wπ', 'Wc̃', 'Wh_enc']
    """
    name, _, mark = name.partition("^")
    if mark:
        return (*weight(name), Run(mark, level=1))
    if name[:1] in "WUV":
        return label(name).runs
    base, *below = (run.text for run in label(name, limit=12).runs)
    return label("W", base + ("_" if below and "_" in name else "") + "".join(below)).runs


def biases(layers: Iterable[Box], boxes: Iterable[Box]) -> dict[str, tuple[Run, ...]]:
    """The bias of each layer that has one: b with the layer's index.

    The index is the layer's whole name where two of them would be alike, or a value among the `boxes` is called so.
    """
    adding = [box for box in layers if box.bias]
    taken = {label(box.label).text for box in boxes if box.kind != "output"}
    indices = {box.path: _text(weight(box.label)[1:]) for box in adding}
    found = {}
    for box in adding:
        index, body = indices[box.path], box.path.rpartition("/")[0]
        alike = [path for path, other in indices.items() if other == index and path.rpartition("/")[0] == body]
        if len(alike) > 1 or f"b{index}" in taken:
            index = _text(weight(box.label))
        found[box.path] = (Run("b", True), *([Run(index, len(index) == 1, -1)] if index else []))
    return found


def _text(runs: Iterable[Run]) -> str:
    return "".join(run.text for run in runs)
