"""Expressions as values: numbers, sizes, operators, functions and reads, and what can be asked of them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import field
from typing import Any, Literal, TypeAlias

from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import NOW, Time
from leporello.graphs.problems import Mark, refuse

Operator = Literal["+", "-", "*", "/"]
Place = tuple[int, int]
"""Where an expression begins and ends in its text."""
NOWHERE: Place = (0, 0)


@frozen
class Number:
    """A number as written, never negative: `-1` is `Negative(Number(1))`."""

    value: int | float
    span: Place = field(default=NOWHERE, compare=False, repr=False)


@frozen
class SizeName:
    """A size, `$name`."""

    name: str
    span: Place = field(default=NOWHERE, compare=False, repr=False)


@frozen
class Read:
    """A read of a node's port at a time, `h.c(t-1)`. The empty port is the node's first output."""

    name: str
    port: str = ""
    time: Time = NOW
    span: Place = field(default=NOWHERE, compare=False, repr=False)


@frozen
class Negative:
    """`-operand`."""

    operand: Expression
    span: Place = field(default=NOWHERE, compare=False, repr=False)


@frozen
class Binary:
    """`left operator right`, element by element."""

    operator: Operator
    left: Expression
    right: Expression
    span: Place = field(default=NOWHERE, compare=False, repr=False)


@frozen
class Call:
    """`function(argument)`."""

    function: str
    argument: Expression
    span: Place = field(default=NOWHERE, compare=False, repr=False)


Expression: TypeAlias = Number | SizeName | Read | Negative | Binary | Call

LARGEST = 10**40
"""No size comes near; larger ones, squared again and again, would fill the memory."""

_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2}
_FACTOR = 3


def unparse(expression: Expression) -> str:
    """The text of an expression with as few parentheses as its structure allows; `parse` undoes it.

    >>> unparse(Binary("*", Read("a"), Binary("+", Read("b"), Number(1))))
    'a * (b + 1)'
    """
    match expression:
        case Number(value):
            return repr(value)
        case SizeName(name):
            return f"${name}"
        case Read(name, port, time):
            return name + (f".{port}" if port else "") + str(time)
        case Negative(operand):
            return "-" + _within(operand, _FACTOR)
        case Call(function, argument):
            return f"{function}({unparse(argument)})"
        case Binary(sign, left, right):
            strength = _STRENGTH[sign]
            return f"{_within(left, strength)} {sign} {_within(right, strength + 1)}"


def _within(expression: Expression, strength: int) -> str:
    """The text of an operand, in parentheses where it binds less than `strength`."""
    text = unparse(expression)
    loose = isinstance(expression, Binary) and _STRENGTH[expression.operator] < strength
    return f"({text})" if loose else text


def reads(expression: Expression) -> tuple[Read, ...]:
    """All reads of an expression, from left to right, each as often as it stands there."""
    match expression:
        case Read():
            return (expression,)
        case Negative(inner) | Call(_, inner):
            return reads(inner)
        case Binary(_, left, right):
            return reads(left) + reads(right)
        case _:
            return ()


def size_names(expression: Expression) -> list[str]:
    """The `$names` in a size expression."""
    if isinstance(expression, SizeName):
        return [expression.name]
    if isinstance(expression, Binary):
        return size_names(expression.left) + size_names(expression.right)
    return size_names(expression.operand) if isinstance(expression, Negative) else []


def evaluate_size(expression: Expression, lookup: Callable[[str], Any], mark: Mark | None = None) -> Any:
    """The value of a size expression, with `lookup(name)` for each `$name`.

    Numbers are combined by Python's operators, and so is whatever else `lookup` gives. Whole numbers
    stay whole: a division that leaves a remainder is an error, and so are reads, functions and values
    that no number can hold.

    >>> evaluate_size(Binary("/", SizeName("units"), Number(2)), {"units": 8}.__getitem__)
    4
    """
    match expression:
        case Number(value):
            return value
        case SizeName(name):
            return lookup(name)
        case Negative(operand):
            return -evaluate_size(operand, lookup, mark)
        case Binary(sign, left, right):
            pair = evaluate_size(left, lookup, mark), evaluate_size(right, lookup, mark)
            return _combine(sign, *pair, mark)
        case _:
            raise refuse(f"`{unparse(expression)}` is not a size", "a size is made of numbers and $names", mark)


def _combine(sign: Operator, left: Any, right: Any, mark: Mark | None) -> Any:
    try:
        if sign == "/":
            return _divide(left, right, mark)
        result = {"+": operator.add, "-": operator.sub, "*": operator.mul}[sign](left, right)
        if isinstance(result, int | float) and not abs(result) < LARGEST:
            raise OverflowError
        return result
    except ZeroDivisionError:
        raise refuse(f"{left} {sign} {right} divides by zero", "a size is a whole number of at least 1", mark) from None
    except OverflowError:
        raise refuse("this size is larger than any number", "a size is a whole number of at least 1", mark) from None


def _divide(left: Any, right: Any, mark: Mark | None) -> Any:
    if not (isinstance(left, int) and isinstance(right, int)):
        return left / right
    quotient, remainder = divmod(left, right)
    if remainder:
        hint = f"choose sizes that {right} divides, {right * quotient} say"
        raise refuse(f"{left} / {right} is not a whole number", hint, mark)
    return quotient
