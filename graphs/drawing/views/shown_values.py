"""What flows through a model, as far as a picture shows it: words at inputs and outputs, attention, gates."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import field
from typing import Any

from leporello.graphs.analysis.axes import Axes
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import EMPTY
from leporello.graphs.problems import SpecError, refuse, suggest

Matrix = tuple[tuple[float, ...], ...]
KINDS = ("words", "attention", "gates")
_OWNERS = {"words": "input and no output", "attention": "composite", "gates": "node"}
MOST_STEPS, LONGEST_WORD = 10_000, 200


@frozen
class ShownValues:
    """ShownValues by the path of a node, or by the name of an output.

    Attributes:
        words: of an input or an output, one text for each step.
        attention: of an attention, its weights, `[steps, steps of the memory]`, each from 0 to 1.
        gates: of any node, its values, `[features, steps]`, each from -1 to 1.
    """

    words: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: EMPTY)
    attention: Mapping[str, Matrix] = field(default_factory=lambda: EMPTY)
    gates: Mapping[str, Matrix] = field(default_factory=lambda: EMPTY)

    def __bool__(self) -> bool:
        return bool(self.words or self.attention or self.gates)


NONE = ShownValues()


def read_values(data: Any, known: Mapping[str, Collection[str]], file: str = "values") -> ShownValues:
    """The values in parsed JSON: `{"words": {"x": ["a", "b"]}, "attention": {"attention": [[0.9, 0.1]]}}`.

    >>> read_values({"words": {"x": ["a", "b"]}}, {"words": ["x"]}).words["x"]
    ('a', 'b')

    Args:
        data: what the file holds.
        known: for each kind of values the paths and names of which they may be given.
        file: its name, for errors.

    SpecError for anything of another form, for names that are not known and for numbers out of range.
    """
    try:
        _check(isinstance(data, dict), f"holds {_kind(data)}", 'an object such as {"words": {...}} is allowed')
        for kind in data:
            _check(kind in KINDS, f"has a key {kind!r}", suggest(kind, KINDS, "keys"))
            _check(isinstance(data[kind], dict), f"{kind} is {_kind(data[kind])}", "an object from names to values")
            for name in data[kind]:
                names = known.get(kind, ())
                _check(name in names, f"{kind} of {name!r}, which is no {_OWNERS[kind]}", suggest(name, names, "names"))
        words = {name: _words(name, given) for name, given in data.get("words", {}).items()}
        attention = {name: _matrix(name, given, 0.0) for name, given in data.get("attention", {}).items()}
        gates = {name: _matrix(name, given, -1.0) for name, given in data.get("gates", {}).items()}
    except SpecError as error:
        told = error.problems[0]
        raise refuse(f"{file}: {told.what}", told.hint) from error
    return ShownValues(words, attention, gates)


def check_steps(values: ShownValues, graph: Graph, axes: Mapping[str, Axes], last: Mapping[str, int]) -> None:
    """Refuse values of more or fewer steps than the picture has: `last` are the numbers of steps of its axes."""
    outputs = {output.name: output.wire.source for output in graph.outputs}
    ports = {composite.path: composite.ports for composite in graph.composites}

    def clock(path: str) -> Axes:
        first = next(iter(ports[path].values()), ()) if path in ports and path not in axes else ()
        return axes.get(first[0].source if first else outputs.get(path, path), Axes())

    for name, words in values.words.items():
        _check_step(f"words of {name}", len(words), clock(name).own, last)
    for name, rows in values.attention.items():
        wires = ports.get(name, {}).get("weights", ())
        mine = axes.get(wires[0].source, Axes()) if wires else Axes()
        if mine.own and mine.carried:  # a composite that calls its weights otherwise is not known
            _check_step(f"attention of {name}", len(rows), mine.own, last)
            _check_step(f"each row of {name}", len(rows[0]), mine.carried[0][0], last)
    for name, rows in values.gates.items():
        _check_step(f"each row of {name}", len(rows[0]), clock(name).own, last)


def _check_step(what: str, count: int, axis: str | None, last: Mapping[str, int]) -> None:
    if axis is None:
        _check(count == 1, f"values: {what}: {count} for what has no steps", "one is allowed")
        return
    steps = f"{last[axis]} step{'s' * (last[axis] != 1)} of {axis}"
    _check(count == last[axis], f"values: {what}: {count} for {steps}", f"give as many, or unfold {count} of {axis}")


def _words(name: str, given: Any) -> tuple[str, ...]:
    _check(isinstance(given, list) and bool(given), f"words of {name} are {_kind(given)}", "a list of texts is allowed")
    _check(len(given) <= MOST_STEPS, f"words of {name} are {len(given)}", f"at most {MOST_STEPS} are allowed")
    for word in given:
        _check(isinstance(word, str), f"words of {name} hold {_kind(word)}", "a list of texts is allowed")
    return tuple(word[:LONGEST_WORD] for word in given)


def _matrix(name: str, given: Any, least: float) -> Matrix:
    """Rows of equal length, of numbers from `least` to 1."""
    rows = isinstance(given, list) and given and all(isinstance(row, list) and row for row in given)
    _check(bool(rows), f"{name} is {_kind(given)}", "a list of rows of numbers is allowed")
    for index, row in enumerate(given):
        place = f"row {index + 1} of {name}"
        _check(len(row) == len(given[0]), f"{place} has {len(row)} numbers", f"as many as the first, {len(given[0])}")
        for number in row:
            good = isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number)
            _check(
                good and least <= number <= 1,
                f"{place} holds the value {str(number)[:20]}",
                f"numbers from {least:g} to 1",
            )
    many = len(given) > MOST_STEPS or len(given[0]) > MOST_STEPS
    _check(not many, f"{name} is {len(given)} by {len(given[0])}", f"at most {MOST_STEPS} steps are allowed")
    return tuple(tuple(float(number) for number in row) for row in given)


def _check(holds: bool, wrong: str, allowed: str) -> None:
    if not holds:
        raise refuse(wrong, allowed)


def _kind(given: Any) -> str:
    """What something is, in words.

    >>> _kind([]), _kind(None), _kind("a")
    ('an empty list', 'nothing', 'a text')
    """
    if isinstance(given, list):
        return "a list" if given else "an empty list"
    names = {dict: "an object", str: "a text", bool: "true or false", int: "a number", float: "a number"}
    return "nothing" if given is None else names.get(type(given), "something else")
