"""Inputs: the calls by which generated source refuses what does not fit."""

from __future__ import annotations

from collections.abc import Sequence

from leporello.builder.lowering.source_text import quoted
from leporello.builder.names import argument, reference
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.nodes import Node


def check_inputs(checked: Checked, inputs: Sequence[Node], lead: Sequence[str] = ()) -> str:
    """The call that refuses inputs of another shape or type; those of one step have `lead` in place of batch and steps.

    `checked` is the model before any rewriting, which knows the weights by the nodes that own them.
    """
    shapes = (f"{argument(node.path)}=({argument(node.path)}, {_shape(node, lead)})" for node in inputs)
    return f"check_inputs({_like(checked, inputs)}, {', '.join(shapes)})"


def _shape(node: Node, lead: Sequence[str]) -> str:
    axis = node.axis if not lead and node.axis not in (None, "none") else None
    named = [*(lead or ["batch"])] if axis is None else ["batch", "batch_steps" if axis == "batch" else axis]
    sizes = [] if "tokens" in node.parameters else [str(node.parameters["features"])]
    shape = [*map(quoted, named), *sizes]
    return f"({', '.join(shape)}{',' if len(shape) == 1 else ''})"


def _like(checked: Checked, inputs: Sequence[Node]) -> str:
    """A weight, of whose type features are; `None` for a model without any, and where no features are given."""
    if not any("features" in node.parameters for node in inputs):
        return "None"
    return next((reference(f"{path}/{next(iter(names))}") for path, names in checked.weights.items()), "None")


def token_inputs(model: Checked, inputs: Sequence[Node]) -> list[Node]:
    """The inputs that are tokens, without coins: these are compared with 1, whatever they are."""

    def is_coin(node: Node) -> bool:
        readers = model.graph.readers[node.path]
        return bool(readers) and all(r.block == "choose" and r.inputs[0] == ("coin", wire) for r, wire in readers)

    return [node for node in inputs if "tokens" in node.parameters and not is_coin(node)]


def check_tokens(nodes: Sequence[Node]) -> str:
    """The call that refuses tokens out of range."""
    told = (f"{argument(node.path)}=({argument(node.path)}, {node.parameters['tokens']})" for node in nodes)
    return f"check_tokens({', '.join(told)})"
