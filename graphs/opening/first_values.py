"""First values: which weights a block may have, its own or those of what is inside, and what `init:` says of which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from leporello.graphs.blocktypes import BlockType, MisfitError, Registry, Value
from leporello.graphs.fields import REQUIRED
from leporello.graphs.nodes import freeze
from leporello.graphs.problems import SpecError
from leporello.graphs.schemes import by_weight, is_for_matrices
from leporello.graphs.size import Size

Weights = Mapping[str, Mapping[str, tuple[Any, ...]]]
"""By the names of weights the primitives that have them, and their shapes over `$port` and `$parameter`."""


def weights_within(kind: BlockType, said: Mapping[str, Any], registry: Registry) -> Weights:
    """The weights that a use of a block with these parameters may have; what it may leave out, as a bias, is there."""
    found: dict[str, dict[str, tuple[Any, ...]]] = {}
    waiting, seen = [(kind, said)], {kind.name}
    while waiting:
        inner, parameters = waiting.pop()
        for name, shape in _own(inner, parameters):
            found.setdefault(name, {})[inner.name] = shape
        for used, given in _inside(inner, parameters, registry):
            # Each composite once: blocks that use others twice, these others again, would take for ever.
            if not used.is_composite or used.name not in seen:
                seen.add(used.name)
                waiting.append((used, given))
    return found


def _inside(kind: BlockType, said: Mapping[str, Any], registry: Registry) -> Iterator[tuple[BlockType, Any]]:
    try:
        nodes = kind.body(_bound(kind, said)).nodes if kind.body is not None else ()
    except SpecError:
        return  # which opening tells
    for node in nodes:
        used = registry.get(node.block)
        if used is not None and (used.is_composite or used.weights is not None):
            yield used, node.parameters


def _own(kind: BlockType, said: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The weights of a primitive as it is where nothing is said of it, and as it is used."""
    ports = {port.name: Value(port.kind, Size.named(port.name)) for port in kind.ports}
    for parameters in ({}, said) if kind.weights is not None else ():
        try:
            yield from kind.weights(ports, _bound(kind, parameters)).items() if kind.weights is not None else ()
        except MisfitError:
            continue  # which the inference of sizes tells


def _bound(kind: BlockType, said: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as said, by default, or by their names where they are worked out from others."""
    found: dict[str, Any] = {}
    for parameter in kind.parameters:
        value = said.get(parameter.name, parameter.default)
        plain = value is None or isinstance(value, bool | int | float | str | tuple | Size)
        found[parameter.name] = value if plain and value is not REQUIRED else Size.named(parameter.name)
    return found


def handed_on(init: Any, own: Any, weights: Weights) -> Any:
    """What is said of a part's weights where a use of the block says `init` and the body itself `own`.

    The use goes before the body. None where neither says anything: what is for matrices alone is not said of vectors.
    """
    said = spoken_of(init, weights)
    if not said:
        return own
    if own is not None:
        return freeze({**spoken_of(own, weights), **said})
    return freeze(said) if by_weight(init) else init


def spoken_of(init: Any, weights: Weights) -> dict[str, Any]:
    """The schemes that `init:` says, by the weights that there are; one for all is none for biases."""
    schemes = init if by_weight(init) else {name: init for name in weights if name != "bias"}
    return {name: scheme for name, scheme in schemes.items() if name in weights and _fits(scheme, weights[name])}


def _fits(scheme: Any, shapes: Mapping[str, tuple[Any, ...]]) -> bool:
    return not is_for_matrices(scheme) or any(len(shape) > 1 for shape in shapes.values())
