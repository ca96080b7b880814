"""Weights: which ones a node uses, of what shapes, and whether those that are shared fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leporello.graphs.blocktypes import MisfitError, Registry, Value
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Node
from leporello.graphs.opening.sharing import WHOLE
from leporello.graphs.problems import Problem, suggest
from leporello.graphs.size import differ

Values = Mapping[tuple[str, str], Value]
Shapes = Mapping[str, tuple[Any, ...]]


def weights_of(node: Node, registry: Registry, ports: Mapping[str, Value]) -> Shapes:
    """Names and shapes of the weights that a node uses, its own or shared; none where its sizes do not go together."""
    kind = registry.get(node.block)
    try:
        return kind.weights(ports, node.parameters) if kind and kind.weights else {}
    except MisfitError:
        return {}  # which the inference of sizes has told


def check_shares(graph: Graph, registry: Registry, values: Values) -> list[Problem]:
    """Shared weights exist and are of one shape; one problem for each use of a block that shares."""
    found: dict[tuple[str, str], Problem] = {}
    for node in graph.nodes:
        share = node.modifiers.share
        if not isinstance(share, Mapping):
            continue
        shapes = _shapes(node, registry, values)
        for weight in share:
            if weight != WHOLE and weight not in shapes:
                what = f"{node.path} has no weight {weight!r} to share"
                found[node.path, weight] = Problem(what, suggest(weight, shapes, "its weights"), node.at("share"))
        for weight, shape in shapes.items():
            target = f"{share[WHOLE]}/{weight}" if WHOLE in share else share.get(weight)
            if target is not None:
                owner, name = str(target).rsplit("/", 1)
                others = _shapes(graph[owner], registry, values) if owner in graph else {}
                key = _apart(node.path, owner)
                problem = _misfit(node, weight, shape, owner, name, others)
                if problem and key not in found:
                    found[key] = problem
    return list(found.values())


def _misfit(node: Node, weight: str, shape: tuple[Any, ...], owner: str, name: str, others: Shapes) -> Problem | None:
    if name not in others:
        what = f"{node.path} shares {owner}.{name}, which does not exist"
        return Problem(what, suggest(name, others, f"weights of {owner}"), node.at("share"))
    other = others[name]
    if len(other) == len(shape) and not any(map(differ, shape, other)):
        return None
    sizes = f"{weight} is {_shown(shape)} here and {_shown(other)} there"
    what = f"{node.path} shares {owner}.{name}, but {sizes}"
    return Problem(what, "shared weights are of one shape: give both the same sizes", node.at("share"))


def _shown(shape: tuple[Any, ...]) -> str:
    return " x ".join("?" if size is None else str(size) for size in shape) or "one number"


def _apart(path: str, other: str) -> tuple[str, str]:
    """The two paths without the end that they have in common: the blocks that share."""
    here, there = path.split("/"), other.split("/")
    while len(here) > 1 and len(there) > 1 and here[-1] == there[-1]:
        here, there = here[:-1], there[:-1]
    return "/".join(here), "/".join(there)


def _shapes(node: Node, registry: Registry, values: Values) -> Shapes:
    return weights_of(node, registry, {port: values.get((w.source, w.port), Value()) for port, w in node.inputs})
