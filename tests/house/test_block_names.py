"""Comparisons with the names of blocks stand only where the note in blocks/README.md says that recognition is meant."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.paths import ROOT

FOLDERS = ("graphs", "blocks", "builder", "training", "tui", "leporello")
HEADING = "## Where blocks are known by their names"


def comparisons(text: str) -> Iterator[str]:
    """The comparisons of a node's block, or a type's name, with a text or a constant."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Compare):
            inner = [part for side in (node.left, *node.comparators) for part in _outside_brackets(side)]
            named = any(isinstance(part, ast.Attribute) and _is_name(part) for part in inner)
            if named and any(_is_fixed(part) for part in inner):
                yield ast.unparse(node)


def _outside_brackets(tree: ast.AST) -> Iterator[ast.AST]:
    """All parts of an expression, but for what looks something up: `registry[node.block].carried` compares no name."""
    yield tree
    for part in ast.iter_child_nodes(tree):
        if not (isinstance(tree, ast.Subscript) and part is tree.slice):
            yield from _outside_brackets(part)


def _is_fixed(part: ast.AST) -> bool:
    """Whether a part is a text such as a name, or a constant."""
    if isinstance(part, ast.Constant):
        return isinstance(part.value, str) and part.value.isidentifier()
    return isinstance(part, ast.Name) and part.id.isupper() and part.id != "UNKNOWN"


def _is_name(part: ast.Attribute) -> bool:
    return part.attr == "block" or (
        part.attr == "name" and isinstance(part.value, ast.Name) and part.value.id == "kind"
    )


def files() -> dict[str, int]:
    """How many such comparisons each file has, of those with some."""
    found = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            count = len(set(comparisons(path.read_text(encoding="utf-8"))))
            if count:
                found[path.relative_to(ROOT).as_posix()] = count
    return found


def told() -> list[str]:
    """The files that the note tells."""
    note = (ROOT / "blocks" / "README.md").read_text(encoding="utf-8").partition(HEADING)[2].partition("\n## ")[0]
    return re.findall(r"`([\w/]+\.py)`", note)


def test_comparisons_are_seen() -> None:
    named = 'node.block in ("linear", "add") or kind.name in NAMES or graph[path].block != "sum"'
    other = 'node.block == other or registry[node.block].carried == "closed" or kind.name == name or node.name == "h"'
    assert len(list(comparisons(f"if {named} or {other}: pass"))) == 3


def test_the_note_tells_the_files_that_compare_names() -> None:
    assert len(told()) == len(set(told()))
    assert sorted(told()) == sorted(files())


def test_what_is_told_exists() -> None:
    assert [name for name in told() if not Path(ROOT, name).is_file()] == []
