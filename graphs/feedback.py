"""Feedback is structure: teacher forcing, free running and stepping are three graphs made from one."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from leporello.graphs.checks import Checked, recheck
from leporello.graphs.graph import EMPTY, Node, freeze
from leporello.graphs.problems import refuse, suggest

Mode = Literal["teacher", "free", "step"]
MODES: tuple[Mode, ...] = ("teacher", "free", "step")
_PORT = {"teacher": "truth", "free": "own"}


def resolve(checked: Checked, mode: Mode) -> Checked:
    """The model with every `feedback` cut to one of its ports, or made an input.

    *teacher* reads the truth (most loops vanish), *free* reads the model's own choice, *step* leaves the
    value to the caller.

    Raises:
        SpecError: for a mode that is not known.
    """
    if mode not in MODES:
        raise refuse(f"feedback {mode!r} is not known", suggest(mode, MODES, "modes"))
    if not any(node.block == "feedback" for node in checked.graph.nodes):
        return checked
    nodes = [_resolved(node, checked, mode) if node.block == "feedback" else node for node in checked.graph.nodes]
    return recheck(checked, checked.graph.with_nodes(nodes))


def _resolved(node: Node, checked: Checked, mode: Mode) -> Node:
    own = checked.axes[node.path].own
    if mode == "step":
        value = checked.values[node.path, ""]
        parameters = freeze({"tokens" if value.kind == "tokens" else "features": value.size})
        return replace(node, block="input", inputs=(), parameters=parameters, axis=own)
    wire = next(wire for port, wire in node.inputs if port == _PORT[mode])
    return replace(node, block="identity", inputs=(("input", wire),), parameters=EMPTY, axis=own)
