"""First values: whether `init:` knows its schemes, and speaks of weights that there are."""

from __future__ import annotations

from collections.abc import Iterator

from leporello.graphs.blocktypes import BlockType, Registry
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import EMPTY, Node
from leporello.graphs.opening.first_values import spoken_of, weights_within
from leporello.graphs.problems import Problem, SpecError, an, suggest
from leporello.graphs.schemes import by_weight, scheme_faults


def check_first_values(spec: Graph, registry: Registry) -> list[Problem]:
    """Everything that is wrong in what nodes, at the top and in the spec's own blocks, say of first values."""
    bodies = [_nodes(kind) for kind in spec.blocks.values()]
    nodes = [node for body in (spec.nodes, *bodies) for node in body if node.modifiers.init is not None]
    return [problem for node in nodes for problem in _of_node(node, registry)]


def _nodes(kind: BlockType) -> tuple[Node, ...]:
    try:
        return kind.body(EMPTY).nodes if kind.body is not None else ()
    except SpecError:
        return ()  # which has been told


def _of_node(node: Node, registry: Registry) -> Iterator[Problem]:
    init, kind = node.modifiers.init, registry.get(node.block)
    faults = list(scheme_faults(init))
    yield from (_problem(node, what, hint, key) for what, hint, key in faults)
    if kind is None or faults:
        return
    weights = weights_within(kind, node.parameters, registry)
    block = f"{node.path}, {an(kind.name)},"
    if not weights:
        yield _problem(node, f"{block} has no weights, of which init: could say how they start", "take init: away", "")
        return
    for name, scheme in init.items() if by_weight(init) else [("", init)]:
        if name and name not in weights:
            what = f"{block} has no weight {name[:80]!r}, of which init: could say how it starts"
            yield _problem(node, what, suggest(name, weights, "its weights"), name)
        elif not spoken_of({name: scheme} if name else scheme, weights):
            matrix = f"{name} of {node.path} is no matrix" if name else f"{block} has no matrix"
            yield _problem(node, f"{matrix}, which {scheme} would start", "{uniform: 0.1} starts a vector", name)


def _problem(node: Node, what: str, hint: str, key: str) -> Problem:
    return Problem(what, hint, node.at(f"init.{key}", "init"), node=node.path)
