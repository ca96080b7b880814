"""`--set a.b=c`: another value for a setting, a data entry or a parameter of a spec."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from leporello.graphs.graph import EMPTY, Graph, freeze
from leporello.graphs.problems import refuse, suggest
from leporello.training.settings import NAMES
from leporello.training.text import KEYS

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
    keys = path.strip().split(".")
    if not equals or not all(keys):
        raise refuse(f"{override!r} is not an override", f"write section.name=value, {EXAMPLE}")
    if keys[0] not in SECTIONS:
        hint = f"{suggest(keys[0], SECTIONS, 'what may be set')}; {EXAMPLE}"
        raise refuse(f"{path} cannot be set", hint)
    value = freeze(_value(text, override))
    change = {"training": _set_training, "data": _set_data, "parameters": _set_parameter}[keys[0]]
    return change(graph, keys[1:], value, path)


def _set_training(graph: Graph, keys: list[str], value: Any, path: str) -> Graph:
    _need(len(keys) == 1, path, "training.NAME=value")
    _known(keys[0], NAMES, path, "settings")
    return replace(graph, training=freeze({**_mapping(graph.training), keys[0]: value}))


def _set_data(graph: Graph, keys: list[str], value: Any, path: str) -> Graph:
    _need(len(keys) == 2, path, "data.INPUT.KEY=value, with KEY one of " + ", ".join(KEYS))
    name, key = keys
    _known(name, [node.path for node in graph.inputs], path, "inputs")
    _known(key, KEYS, path, "keys")
    data = _mapping(graph.data)
    # A file takes the place of a builtin text, and the other way round: one text feeds one input.
    other = {"file": "builtin", "builtin": "file"}.get(key)
    entry = {k: v for k, v in _mapping(data.get(name)).items() if k != other}
    return replace(graph, data=freeze({**data, name: {**entry, key: value}}))


def _set_parameter(graph: Graph, keys: list[str], value: Any, path: str) -> Graph:
    _need(len(keys) == 1, path, "parameters.NAME=value")
    _known(keys[0], graph.parameters, path, "parameters")
    return replace(graph, parameters=freeze({**graph.parameters, keys[0]: value}))


def _value(text: str, override: str) -> Any:
    from leporello.graphs.composing.compose import compose, plain

    if not text.strip():
        raise refuse(f"{override!r} gives no value", f"write section.name=value, {EXAMPLE}")
    return plain(compose(text, f"--set {override.partition('=')[0]}"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else EMPTY


def _need(right: bool, path: str, form: str) -> None:
    if not right:
        raise refuse(f"{path} cannot be set", f"write {form}, {EXAMPLE}")


def _known(name: str, names: Iterable[str], path: str, noun: str) -> None:
    if name not in list(names):
        raise refuse(f"{path} cannot be set: there is no {name!r}", suggest(name, names, noun))
