"""Cells that torch has a kernel for: which loops are one, and what they lack when they are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from leporello.graphs.checks import Checked
from leporello.graphs.graph import Composite, Node, Wire
from leporello.graphs.loops import Loop
from leporello.graphs.sharing import WHOLE

KERNELS = ("rnn", "lstm", "gru")


@dataclass(frozen=True)
class Cell:
    """A loop that one call of a kernel computes.

    `path` is the copy of the body (`h/1/forward`), `input` the wire that it reads at every step, `nodes` all
    nodes inside, also those that do not depend on the state.
    """

    kind: Literal["rnn", "lstm", "gru"]
    path: str
    input: Wire
    nodes: frozenset[str]
    backward: bool
    variant: str = ""
    projected: bool = False


def find_cell(loop: Loop, model: Checked, also: frozenset[str]) -> Cell | str:
    """The cell that `loop` is, or the reason why it has to be scanned."""
    found = _copy_around(loop.nodes, model)
    if found is None:
        return "a loop that was wired by hand, or that holds more than one cell"
    composite, path = found
    lack = _variant_lack(composite)
    if lack:
        return lack
    nodes = frozenset(node.path for node in model.graph.nodes if node.path.startswith(path + "/"))
    lack = _reader_lack(path, nodes, loop, model, also)
    if lack:
        return lack
    state = model.graph[
        f"{path}/{'W' if composite.block == 'rnn' else 'W_i' if composite.block == 'lstm' else 'W_r'}/input"
    ]
    return Cell(
        composite.block,  # type: ignore[arg-type]
        path,
        state.inputs[0][1],
        nodes,
        loop.direction < 0,
        str(composite.parameters.get("activation", "")),
        composite.parameters.get("projection") is not None,
    )


def _copy_around(paths: tuple[str, ...], model: Checked) -> tuple[Composite, str] | None:
    """The innermost composite whose single copy holds all of the loop."""
    stacks = sorted(model.graph.composites, key=lambda composite: -len(composite.path))
    for composite in stacks:
        if not paths[0].startswith(composite.path + "/") or composite.block not in KERNELS:
            continue
        path = "/".join(paths[0].split("/")[: composite.path.count("/") + 3])
        if all(other.startswith(path + "/") for other in paths) and model.registry[composite.block].shipped:
            return composite, path
    return None


def _variant_lack(composite: Composite) -> str:
    said = composite.parameters
    if said.get("gates", "separate") != "separate":
        return f"an lstm with {said['gates']} gates, for which torch has no kernel"
    if said.get("reset", "after") != "after":
        return "a gru that resets before the product, for which torch has no kernel"
    return ""


def _reader_lack(path: str, nodes: frozenset[str], loop: Loop, model: Checked, also: frozenset[str]) -> str:
    """A kernel returns h at all steps and every state where the loop ends, nothing else."""
    end = "first" if loop.direction < 0 else "last"
    readers: list[tuple[str, Wire]] = [
        (node.path, wire)
        for node in model.graph.nodes
        if node.path not in nodes
        for wire in node.wires + node.initial_wires
    ]
    readers += [(output.name, output.wire) for output in model.graph.outputs]
    readers += [(inner, Wire(inner)) for inner in also]
    for reader, wire in readers:
        if wire.source not in nodes or wire.source == f"{path}/h":
            continue
        name = wire.source[len(path) + 1 :]
        if name != "c":
            return f"{reader} reads {name} inside the cell, which a kernel does not return"
        if wire.time.kind != end or wire.time.offset:
            return f"{reader} reads c at steps other than the {end}, which a kernel does not return"
    return ""


def weight_owner(node: Node, weight: str) -> str:
    """The path of the weight that a node uses as `weight`: its own, or the one that it shares."""
    share = node.modifiers.share
    if isinstance(share, Mapping):
        if WHOLE in share:
            return f"{share[WHOLE]}/{weight}"
        return str(share.get(weight, f"{node.path}/{weight}"))
    return f"{node.path}/{weight}"
