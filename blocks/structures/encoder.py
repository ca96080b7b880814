"""The encoder: words become vectors where it reads words, then layers of any cell, the lowest of them in two ways."""

from __future__ import annotations

from typing import Any

from leporello.blocks.structures.asked import Said, body_text, cell, count, dropped, rate, written
from leporello.graphs.blocktypes import Registry
from leporello.graphs.problems import refuse


def encoder(said: Said, registry: Registry) -> str:
    """The body of an encoder."""
    _check(said)
    kind, read, nodes = cell(said, registry), "input", dict[str, str]()
    if said.get("embedding") is not None:
        nodes["embedded"] = written("embedding", input=read, units="$embedding")
        read = dropped("embedded", said, nodes)
    for name, more in _stacks(said).items():
        if name == "cells" and "lowest" in nodes:
            read = dropped("lowest", said, nodes)
        nodes[name] = written(kind.name, **{kind.ports[0].name: read}, units="$units", dropout=rate(said), **more)
        read = name
    return body_text(nodes, {"outputs": read})


def _check(said: Said) -> None:
    """Refuse what does not go with layers that read in two ways."""
    layers, lowest, residual = count(said, "layers"), count(said, "two_way", 0), count(said, "residual", 0)
    if lowest and said.get("direction"):
        raise refuse(f"direction: {said['direction']} beside two_way: {lowest}", "keep one of them")
    if lowest > layers:
        raise refuse(f"two_way: {lowest} of {layers} layers", "at most as many as there are layers")
    if residual and residual <= lowest:
        hint = f"residual: {lowest + 1} or more; layers that read in two ways are wider"
        raise refuse(f"residual: {residual} with two_way: {lowest}", hint)


def _stacks(said: Said) -> dict[str, dict[str, Any]]:
    """What is said of the layers that read in two ways, if there are such, and of those above them."""
    layers, lowest, residual = count(said, "layers"), count(said, "two_way", 0), count(said, "residual", 0)
    found: dict[str, dict[str, Any]] = {}
    if lowest:
        found["lowest"] = {"layers": _several(lowest), "direction": "both"}
    if lowest < layers:
        above = residual - lowest if residual else None
        found["cells"] = {"layers": _several(layers - lowest), "direction": said.get("direction"), "residual": above}
    return found


def _several(layers: int) -> int | None:
    return layers if layers > 1 else None
