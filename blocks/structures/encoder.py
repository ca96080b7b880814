"""The encoder: words become vectors where it reads words, then layers of any cell, the lowest of them in two ways."""

from __future__ import annotations

from leporello.blocks.structures.asked import Said, body_text, cell, count, rate, written
from leporello.graphs.blocktypes import Registry
from leporello.graphs.problems import refuse


def encoder(said: Said, registry: Registry) -> str:
    """The body of an encoder."""
    layers, lowest, dropped = count(said, "layers"), count(said, "two_way", 0), rate(said)
    if lowest and said.get("direction"):
        raise refuse(f"direction: {said['direction']} beside two_way: {lowest}", "keep one of them")
    if lowest > layers:
        raise refuse(f"two_way: {lowest} of {layers} layers", "at most as many as there are layers")
    residual = count(said, "residual", 0)
    if residual and residual <= lowest:
        raise refuse(
            f"residual: {residual} with two_way: {lowest}", f"residual: {lowest + 1} or more; both ways are wider"
        )
    kind, read, nodes = cell(said, registry), "input", {}
    if said.get("embedding") is not None:
        nodes["embedded"] = written("embedding", input=read, units="$embedding")
        read = "embedded"
        if dropped:
            nodes["dropped"] = written("dropout", input=read, rate=dropped)
            read = "dropped"
    use = {"units": "$units", "dropout": dropped}
    if lowest:
        more = {"layers": lowest if lowest > 1 else None, "direction": "both"}
        nodes["lowest"] = written(kind.name, **{kind.ports[0].name: read}, **use, **more)
        read = "lowest"
        if dropped and lowest < layers:
            nodes["lowest_dropped"] = written("dropout", input=read, rate=dropped)
            read = "lowest_dropped"
    if lowest < layers:
        more = {
            "layers": layers - lowest if layers - lowest > 1 else None,
            "direction": said.get("direction"),
            "residual": residual - lowest if residual else None,
        }
        nodes["cells"] = written(kind.name, **{kind.ports[0].name: read}, **use, **more)
        read = "cells"
    return body_text(nodes, {"outputs": read})
