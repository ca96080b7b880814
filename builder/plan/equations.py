"""The equations of the cells that torch has a kernel for, as patterns that the nodes of a loop are held against."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal, NamedTuple

Kind = Literal["rnn", "lstm", "gru"]

KINDS: tuple[Kind, ...] = ("rnn", "lstm", "gru")
NAMES: Mapping[Kind, str] = {"rnn": "a simple recurrent layer", "lstm": "an lstm", "gru": "a gru"}
SHORT: Mapping[Kind, str] = {**NAMES, "rnn": "an rnn"}


class Weighed(NamedTuple):
    """A sum of products with weights, and biases, called `gate`: of what is outside, of h(t-1), or of both."""

    gate: str
    of: Literal["both", "outside", "state"] = "both"


class Applied(NamedTuple):
    """One of `functions` of a value; what has a `letter` is one node wherever the letter stands."""

    letter: str
    told: str
    functions: tuple[str, ...]
    argument: Pattern


class State(NamedTuple):
    """The value of a state, called by a letter."""

    letter: str
    told: str
    value: Pattern


class Late(NamedTuple):
    """A state one step before."""

    letter: str


class Rest(NamedTuple):
    """1 - value."""

    of: Applied


class Less(NamedTuple):
    """left - right."""

    left: Pattern
    right: Pattern


class Sum(NamedTuple):
    """Two values added, in either order."""

    left: Pattern
    right: Pattern


class Product(NamedTuple):
    """Two values multiplied, in either order."""

    left: Pattern
    right: Pattern


class Mixed(NamedTuple):
    """A sum of products with weights, and one `term` that a gate multiplies; `early` is what it would do too early."""

    rest: Weighed
    term: Product
    early: Product


class Projected(NamedTuple):
    """A product with a weight and no bias, of a value."""

    value: Pattern


Pattern = Weighed | Applied | State | Late | Rest | Less | Sum | Product | Mixed | Projected


class Kernel(NamedTuple):
    """One way to write a cell: its hidden state h, the gates in the kernel's order, and those that it has negated."""

    kind: Kind
    h: State
    gates: tuple[str, ...]
    negated: tuple[str, ...] = ()


def _gate(letter: str, told: str, function: str = "sigmoid") -> Applied:
    return Applied(letter, told, (function,), Weighed(letter))


def _hidden(value: Pattern) -> State:
    return State("h", "the hidden state", value)


_C = State(
    "c",
    "the cell state",
    Sum(
        Product(_gate("f", "the forget gate"), Late("c")),
        Product(_gate("i", "the input gate"), _gate("g", "the candidate", "tanh")),
    ),
)
_OUT = Product(_gate("o", "the output gate"), Applied("", "the squashed cell state", ("tanh",), _C))
_Z, _R = _gate("z", "the update gate"), _gate("r", "the reset gate")
_SIDES = Mixed(Weighed("x", "outside"), Product(_R, Weighed("h", "state")), Product(_R, Late("h")))
_N = Applied("n", "the candidate", ("tanh",), _SIDES)

KERNELS = (
    Kernel("rnn", _hidden(Applied("", "", ("tanh", "relu"), Weighed("h"))), ("h",)),
    Kernel("lstm", _hidden(_OUT), ("i", "f", "g", "o")),
    Kernel("lstm", _hidden(Projected(_OUT)), ("i", "f", "g", "o")),
    *(
        Kernel("gru", _hidden(h), ("r", "z", "x", "h"), negated)
        for h, negated in (
            (Sum(Product(Rest(_Z), _N), Product(_Z, Late("h"))), ()),
            (Sum(_N, Product(_Z, Less(Late("h"), _N))), ()),
            (Sum(Product(_Z, _N), Product(Rest(_Z), Late("h"))), ("z",)),
            (Sum(Late("h"), Product(_Z, Less(_N, Late("h")))), ("z",)),
        )
    ),
)
"""All ways in which the cells are recognised; sums and products stand for both orders of their sides."""


def outermost(pattern: Pattern) -> tuple[str, ...]:
    """The blocks that may give what a pattern asks for.

    >>> outermost(_OUT), outermost(Projected(_OUT))
    (('multiply',), ('linear',))
    """
    match pattern:
        case Applied(_, _, functions):
            return functions
        case Sum() | Mixed():
            return ("add",)
        case Product():
            return ("multiply",)
        case Rest() | Less():
            return ("subtract",)
        case _:
            return ("linear",)


def parts(pattern: Pattern, bound: Collection[str] = ()) -> int:
    """How many gates, functions and states a pattern asks for, without those that letters are bound to already."""
    match pattern:
        case Applied(letter) if letter in bound:
            return 0
        case Weighed():
            return 0
        case Late():
            return 1
        case Applied(_, _, _, value) | State(_, _, value) | Projected(value):
            return 1 + parts(value, bound)
        case Rest(value):
            return parts(value, bound)
        case Less(left, right) | Sum(left, right) | Product(left, right) | Mixed(left, right):
            return parts(left, bound) + parts(right, bound)


BEGUN: Mapping[str, tuple[Kernel, ...]] = {
    block: tuple(kernel for kernel in KERNELS if block in outermost(kernel.h.value))
    for block in dict.fromkeys(block for kernel in KERNELS for block in outermost(kernel.h.value))
}
"""By the block that gives a hidden state the cells whose it can be."""
