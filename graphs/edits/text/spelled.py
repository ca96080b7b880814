"""New values as text: a scalar in the quotes of what it replaces, a table in braces or with an entry on each line."""

from __future__ import annotations

from leporello.graphs.composing.scalars import read_scalar
from leporello.graphs.composing.tree import Scalar, Sequence, Table, Tree
from leporello.graphs.problems import SpecError
from leporello.graphs.writing import yaml_text


def scalar_text(scalar: Scalar, old: str = "") -> str:
    """A scalar; a text stands in the quotes that `old` has.

    >>> from leporello.graphs.problems import Mark
    >>> place = Mark("", 1, 1)
    >>> scalar_text(Scalar("it's", "it's", place, True), "'its'"), scalar_text(Scalar(0.002, "2e-3", place, True))
    ("'it''s'", '2e-3')
    """
    value = scalar.value
    if not isinstance(value, str):
        return scalar.text if scalar.text and _reads_as(scalar) else yaml_text.scalar(value)
    if old.startswith('"'):
        return yaml_text.quoted(value)
    if old.startswith("'") and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return yaml_text.scalar(value)


def _reads_as(scalar: Scalar) -> bool:
    try:
        found = read_scalar(scalar.text, scalar.mark)
    except SpecError:
        return False
    return (found, type(found)) == (scalar.value, type(scalar.value))


def block_lines(tree: Tree, indent: str, newline: str) -> list[str]:
    """The lines of a table or a list in lines, each with its indentation."""
    lines = []
    if isinstance(tree, Table):
        for key, value in tree.entries:
            lines += _row(f"{indent}{scalar_text(key)}:", value, indent + "  ", newline)
    elif isinstance(tree, Sequence):
        for item in tree.items:
            lines += _row(f"{indent}-", item, indent + "  ", newline)
    return lines


def _row(head: str, value: Tree, indent: str, newline: str) -> list[str]:
    if in_lines(value):
        return [head, *block_lines(value, indent, newline)]
    return [f"{head} {flow_text(value)}"]


def in_lines(tree: Tree) -> bool:
    """Whether a new tree is meant to be written with an entry on each line."""
    return isinstance(tree, Table) and not tree.flow and bool(tree.entries)


def flow_text(tree: Tree) -> str:
    """A tree on one line."""
    match tree:
        case Scalar():
            return scalar_text(tree)
        case Sequence(items):
            return "[" + ", ".join(map(flow_text, items)) + "]"
        case Table(entries):
            return "{" + ", ".join(f"{scalar_text(key)}: {flow_text(value)}" for key, value in entries) + "}"
