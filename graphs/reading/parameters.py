"""The value of a parameter as written: a constant of its type, or an expression over `$names`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from leporello.graphs.composing.tree import Scalar, Sequence, Table, Tree, plain
from leporello.graphs.expressions.grammar import parse_size
from leporello.graphs.expressions.nodes import Scope
from leporello.graphs.expressions.tree import evaluate_size, size_names
from leporello.graphs.fields import REQUIRED, Field, named, shown
from leporello.graphs.names import NAME
from leporello.graphs.nodes import freeze
from leporello.graphs.problems import refuse, suggest

_SUM = re.compile(r"[-+(]*[0-9.]+(?: *[+*/]| - )")


def parameter_value(parameter: Field, tree: Tree, scope: Scope) -> Any:
    """The value written for a parameter: a constant of its type, or an expression over `$names`."""
    if isinstance(tree, Table) and parameter.type != "costs":
        raise refuse(f"{parameter.name} must be {parameter.allowed}, not a mapping", "", tree.mark)
    if isinstance(tree, Sequence | Table):
        value = freeze(plain(tree))
    elif isinstance(tree.value, str) and ("$" in tree.text or _computes(parameter, tree)):
        expression = parse_size(tree.text, tree.mark)
        names = size_names(expression)
        for name in names:
            scope.check_size_name(name, tree.mark)
        if names:
            return expression
        value = evaluate_size(expression, str, tree.mark)
    else:
        value = tree.value
    try:
        return parameter.accept(value)
    except ValueError as error:
        raise refuse(str(error), _meant(parameter, value), tree.mark) from None


def fields_of(tree: Tree, fields: tuple[Field, ...], what: str, more: bool = False) -> dict[str, Any]:
    """What a table says: each key that of a field, each value of its type, and what has no default there.

    Mappings and lists come as trees. What is null is not said; with `more` other keys are let pass. Raises SpecError,
    at its place, for whatever else stands there.
    """
    if not isinstance(tree, Table):
        hint = ", ".join(f"{field.name}: ..." for field in fields[:3])
        raise refuse(f"{what} must be a mapping", f"such as {{{hint}}}", tree.mark)
    said: dict[str, Any] = {}
    for key, item in tree.entries:
        field = named(fields, key.text)
        if field is None and more:
            continue
        if field is None:
            known = [field.name for field in fields]
            raise refuse(f"{what} has no key {key.text[:80]!r}", suggest(key.text[:80], known, "keys"), key.mark)
        value = freeze(plain(item)) if isinstance(item, Scalar) or field.type not in ("table", "list") else item
        if value is None:
            continue
        try:
            field.accept(value)
        except ValueError:
            meant = suggest(value, field.choices, "allowed") if field.choices and isinstance(value, str) else ""
            wrong = f"{key.text} of {what} must be {field.allowed}, not {shown(value)}"
            raise refuse(wrong, meant or field.help, item.mark) from None
        said[key.text] = value
    lacking = [field.name for field in fields if field.default is REQUIRED and field.name not in said]
    if lacking:
        raise refuse(f"{what} does not say its {lacking[0]}", "", tree.mark)
    return said


def given(table: Table, fields: Iterable[Field]) -> Iterator[tuple[Field, Tree]]:
    """Those of the fields that the table says something at, with what it says."""
    for field in fields:
        tree = table.get(field.name)
        if tree is not None:
            yield field, tree


def _computes(parameter: Field, tree: Scalar) -> bool:
    """Whether a text such as `2 * 8` stands where a number belongs."""
    return tree.plain and parameter.computes and bool(_SUM.match(tree.text))


def _meant(parameter: Field, value: Any) -> str:
    if parameter.type == "choice" and isinstance(value, str):
        return suggest(value, parameter.choices, "allowed")
    if parameter.type == "size" and isinstance(value, str) and NAME.match(value):
        return f"did you mean ${value}?" + (f" {parameter.help}" if parameter.help else "")
    return parameter.help


def text_of(tree: Tree, what: str) -> str:
    """The text of a scalar."""
    if not isinstance(tree, Scalar) or tree.value is None:
        raise refuse(f"{what}: must be a text", "", tree.mark)
    return tree.text
