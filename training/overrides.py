"""`--set a.b=c`: another value for a setting, a data entry or a parameter of a spec."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from leporello.graphs.composing.compose import compose
from leporello.graphs.composing.tree import Tree, plain, with_value, without
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import EMPTY, freeze
from leporello.graphs.problems import refuse, suggest
from leporello.training.data.entries import KEYS, WAYS
from leporello.training.settings import FIELDS

SECTIONS = ("training", "data", "parameters")
EXAMPLE = "such as --set training.updates=500"


def apply_overrides(graph: Graph, overrides: Iterable[str]) -> Graph:
    """`graph` with each `section.name=value` in place; values are read as YAML reads them.

    Raises SpecError for sections other than training, data and parameters, and for unknown names.

    >>> apply_overrides(Graph(training={"updates": 2000}), ["training.updates=100"]).training["updates"]
    100
    """
    for override in overrides:
        graph = _apply(graph, override)
    return graph


def _apply(graph: Graph, override: str) -> Graph:
    path, equals, text = override.partition("=")
    keys = tuple(path.strip().split("."))
    if not equals or not all(keys):
        raise refuse(f"{override!r} is not an override", f"write section.name=value, {EXAMPLE}")
    if keys[0] not in SECTIONS:
        hint = f"{suggest(keys[0], SECTIONS, 'what may be set')}; {EXAMPLE}"
        raise refuse(f"{path} cannot be set", hint)
    value = _value(text, override)
    if keys[0] == "data":
        _check_data(graph, keys[1:], path)
        # A file takes the place of a builtin text, and the other way round: one of them feeds an input.
        for other in WAYS if keys[2] in WAYS else ():
            graph = _without(graph, (*keys[:2], other))
    else:
        names = [field.name for field in FIELDS] if keys[0] == "training" else graph.parameters
        _need(len(keys) == 2, path, f"{keys[0]}.NAME=value")
        _known(keys[1], names, path, "settings" if keys[0] == "training" else "parameters")
    return _with(graph, keys, value)


def _check_data(graph: Graph, keys: tuple[str, ...], path: str) -> None:
    _need(len(keys) == 2, path, "data.INPUT.KEY=value, with KEY one of " + ", ".join(KEYS))
    _known(keys[0], [node.path for node in graph.inputs], path, "inputs")
    _known(keys[1], KEYS, path, "keys")


def _with(graph: Graph, keys: tuple[str, ...], value: Tree) -> Graph:
    """The graph with a value at these keys, in its section and in the tree that says where everything stands."""
    source = replace(graph.source, tree=with_value(graph.source.tree, keys, value))
    section = getattr(graph, keys[0])
    said = _set(section, keys[1:], freeze(plain(value)))
    return replace(graph, source=source, **{keys[0]: said})


def _without(graph: Graph, keys: tuple[str, ...]) -> Graph:
    section, name, key = keys
    entry = {k: v for k, v in _mapping(_mapping(getattr(graph, section)).get(name)).items() if k != key}
    source = replace(graph.source, tree=without(graph.source.tree, keys))
    return replace(graph, source=source, **{section: _set(getattr(graph, section), (name,), freeze(entry))})


def _set(table: Any, keys: tuple[str, ...], value: Any) -> Any:
    inner = _mapping(table)
    return freeze({**inner, keys[0]: _set(inner.get(keys[0]), keys[1:], value) if keys[1:] else value})


def _value(text: str, override: str) -> Tree:
    if not text.strip():
        raise refuse(f"{override!r} gives no value", f"write section.name=value, {EXAMPLE}")
    return compose(text, f"--set {override.partition('=')[0]}")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else EMPTY


def _need(right: bool, path: str, form: str) -> None:
    if not right:
        raise refuse(f"{path} cannot be set", f"write {form}, {EXAMPLE}")


def _known(name: str, names: Iterable[str], path: str, noun: str) -> None:
    if name not in list(names):
        raise refuse(f"{path} cannot be set: there is no {name!r}", suggest(name, names, noun))
