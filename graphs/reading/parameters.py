"""The value of a parameter as written: a constant of its type, or an expression over `$names`."""

from __future__ import annotations

import re
from typing import Any

from leporello.graphs.blocktypes import Parameter
from leporello.graphs.composing.compose import Scalar, Sequence, Table, Tree, plain
from leporello.graphs.expressions.grammar import parse_size
from leporello.graphs.expressions.nodes import Scope, check_size_name
from leporello.graphs.expressions.tree import evaluate_size, size_names
from leporello.graphs.graph import freeze
from leporello.graphs.names import NAME
from leporello.graphs.problems import refuse

_SUM = re.compile(r"[-+(]*[0-9.]+(?: *[+*/]| - )")


def parameter_value(parameter: Parameter, tree: Tree, scope: Scope) -> Any:
    """The value written for a parameter: a constant of its type, or an expression over `$names`."""
    if isinstance(tree, Table):
        raise refuse(f"{parameter.name} must be {parameter.allowed}, not a mapping", "", tree.mark)
    if isinstance(tree, Sequence):
        value = freeze(plain(tree))
    elif isinstance(tree.value, str) and ("$" in tree.text or _computes(parameter, tree)):
        expression = parse_size(tree.text, tree.mark)
        names = size_names(expression)
        for name in names:
            check_size_name(name, tree.mark, scope)
        if names:
            return expression
        value = evaluate_size(expression, str, tree.mark)
    else:
        value = tree.value
    try:
        return parameter.accept(value)
    except ValueError as error:
        raise refuse(str(error), _meant(parameter, value), tree.mark) from None


def _computes(parameter: Parameter, tree: Scalar) -> bool:
    """Whether a text such as `2 * 8` stands where a number belongs."""
    return tree.plain and parameter.type in ("size", "integer", "number") and bool(_SUM.match(tree.text))


def _meant(parameter: Parameter, value: Any) -> str:
    if parameter.type == "size" and isinstance(value, str) and NAME.match(value):
        return f"did you mean ${value}?" + (f" {parameter.help}" if parameter.help else "")
    return parameter.help


def text_of(tree: Tree, what: str) -> str:
    """The text of a scalar."""
    if not isinstance(tree, Scalar) or tree.value is None:
        raise refuse(f"{what}: must be a text", "", tree.mark)
    return tree.text
