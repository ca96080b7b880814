"""Feedback is structure: teacher forcing, curriculum, free running and stepping are four graphs made from one."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from leporello.graphs.analysis.checks import Checked, recheck
from leporello.graphs.nodes import EMPTY, Node, Wire, freeze
from leporello.graphs.problems import refuse, suggest

Mode = Literal["teacher", "free", "curriculum", "step"]
MODES: tuple[Mode, ...] = ("teacher", "free", "curriculum", "step")
_PORT = {"teacher": "truth", "free": "own"}


def resolve(checked: Checked, mode: Mode) -> Checked:
    """The model with every `feedback` cut to one of its ports, or made an input.

    *teacher* reads the truth (most loops vanish), *free* reads the model's own choice, *curriculum* (Bengio et
    al. 2015, arXiv:1506.03099) tosses between them: its coins are an input `NAME_coin`, `[batch, time]`, 1 for
    the truth. *step* leaves the value to the caller.

    Raises:
        SpecError: for a mode that is not known.
    """
    if mode not in MODES:
        raise refuse(f"feedback {mode!r} is not known", suggest(mode, MODES, "modes"))
    if not any(node.block == "feedback" for node in checked.graph.nodes):
        return checked
    nodes: list[Node] = []
    for node in checked.graph.nodes:
        if node.block == "feedback":
            nodes.extend(_tossed(node, checked) if mode == "curriculum" else [_resolved(node, checked, mode)])
        else:
            nodes.append(node)
    return recheck(checked, checked.graph.with_nodes(nodes))


def _tossed(node: Node, checked: Checked) -> list[Node]:
    """The coins, and the choice by them between the truth and the model's own."""
    own, name = checked.axes[node.path].own, f"{node.path}_coin"
    while name in checked.graph:
        name += "_"
    coin = Node(name, "input", parameters=freeze({"tokens": 2}), axis=own, body=node.body, mark=node.mark)
    return [coin, replace(node, block="choose", inputs=(("coin", Wire(name)), *node.inputs), axis=own)]


def _resolved(node: Node, checked: Checked, mode: Mode) -> Node:
    own = checked.axes[node.path].own
    if mode == "step":
        value = checked.values[node.path, ""]
        parameters = freeze({"tokens" if value.kind == "tokens" else "features": value.size})
        return replace(node, block="input", inputs=(), parameters=parameters, axis=own)
    wire = next(wire for port, wire in node.inputs if port == _PORT[mode])
    return replace(node, block="identity", inputs=(("input", wire),), parameters=EMPTY, axis=own)
