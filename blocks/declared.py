"""What a primitive gives and what its weights are like, said as sizes, which an index holds: checks import nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any

from leporello.graphs.blocktypes import MisfitError, Value
from leporello.graphs.expressions.said_sizes import names_of, said_size
from leporello.graphs.frozen import frozen
from leporello.graphs.problems import SpecError
from leporello.graphs.size import Size, differ

Said = str | Mapping[str, str]
"""A size, that of features; or `{"tokens": size}`."""


@frozen
class Gives:
    """A rule for sizes: what each output has, where `$input` is the size at that port and `$units` a parameter.

    `equal` are sizes that have to be the same.

    >>> Gives({"y": "2 * $units"})({"input": Value("features", 3)}, {"units": 4})["y"]
    Value(kind='features', size=8)
    """

    outputs: Mapping[str, Said] = field(hash=False)
    equal: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "equal", tuple(self.equal))
        for said in self.outputs.values():
            _check_texts(said.values() if isinstance(said, Mapping) and set(said) == {"tokens"} else [said])
        _check_texts(self.equal)

    def __call__(self, values: Mapping[str, Value], parameters: Mapping[str, Any]) -> Mapping[str, Value]:
        sizes = _sizes(values, parameters)
        first, *others = [(text, _size(text, sizes)) for text in self.equal] or [("", None)]
        for text, size in others:
            if differ(first[1], size):
                raise MisfitError(f"{first[0]} is {first[1]} and {text} is {size}", "they have to be equal")
        return {name: _value(said, sizes) for name, said in self.outputs.items()}

    @property
    def names(self) -> frozenset[str]:
        """The ports and parameters of which it speaks."""
        texts = [text for said in self.outputs.values() for text in _texts(said)]
        return frozenset(name for text in (*texts, *self.equal) for name in names_of(text))


@frozen
class Shapes:
    """The shapes of weights by name.

    >>> Shapes({"weight": ("$units", "$input")})({"input": Value("features", 3)}, {"units": 4})
    {'weight': (4, 3)}
    """

    weights: Mapping[str, tuple[str, ...]] = field(hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", {name: tuple(shape) for name, shape in self.weights.items()})
        for shape in self.weights.values():
            _check_texts(shape)

    def __call__(self, values: Mapping[str, Value], parameters: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
        sizes = _sizes(values, parameters)
        return {name: tuple(_size(text, sizes) for text in shape) for name, shape in self.weights.items()}

    @property
    def names(self) -> frozenset[str]:
        """The ports and parameters of which it speaks."""
        return frozenset(name for shape in self.weights.values() for text in shape for name in names_of(text))


def _check_texts(sizes: Iterable[Any]) -> None:
    for size in sizes:
        if not isinstance(size, str):
            raise TypeError(f"a size is a text, such as '$input' or '1', not {size!r}")


def _texts(said: Said) -> Iterator[str]:
    yield from (said,) if isinstance(said, str) else said.values()


def _sizes(values: Mapping[str, Value], parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**{name: value.size for name, value in values.items()}, **parameters}


def _value(said: Said, sizes: Mapping[str, Any]) -> Value:
    if isinstance(said, str):
        return Value("features", _size(said, sizes))
    return Value("tokens", _size(said["tokens"], sizes))


def _size(text: str, sizes: Mapping[str, Any]) -> Any:
    """A size, None while it is not known, MisfitError where none comes out."""
    absent = {name: None for name in names_of(text) if name not in sizes}  # an optional port that reads nothing
    try:
        size = said_size(text, {**sizes, **absent})
    except SpecError as error:
        raise MisfitError(error.problems[0].what, error.problems[0].hint) from None
    except (TypeError, ValueError) as error:
        raise MisfitError(f"{text} cannot be worked out: {error}", "sizes are whole numbers") from None
    if size is not None and not isinstance(size, Size) and (not isinstance(size, int) or size < 1):
        raise MisfitError(f"{text} comes out as {size}", "a size is a whole number of at least 1")
    return size
