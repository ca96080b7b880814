"""What is read, said in other words wherever it stands: reads in values, shared weights, `$sizes`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from leporello.graphs.blocktypes import BlockType, Registry
from leporello.graphs.composing.tree import Scalar, Sequence, Table, Tree
from leporello.graphs.edits.text.changes import NEW, text
from leporello.graphs.expressions.grammar import Binary, Expression, Negative, Read, parse, reads, unparse
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import NOW
from leporello.graphs.problems import SpecError, refuse

Words = Callable[[str], str]
Values = tuple[Expression, ...]
SIZES = ("layers", "residual", "dropout")
_NAME = re.compile(r"(?<![\w.$])([A-Za-z]\w*)")
_WORD = re.compile(r"[A-Za-z]\w*")
_SIZE = re.compile(r"\$([A-Za-z]\w*)")


def _same(name: str) -> str:
    return name


@frozen
class Rewording:
    """How names are said.

    `reads` gives what is read in place of a read (several values: a list), `shares` the node (with what follows its
    name) whose weights are shared, `sizes` the name of a `$size`. With `about` only texts are looked at in which one
    of these names stands.
    """

    reads: Callable[[Read], Expression | Values] = lambda read: read
    shares: Words = _same
    sizes: Words = _same
    about: frozenset[str] = frozenset()

    def node(self, tree: Tree, registry: Registry) -> Tree:
        """What stands at a node's name."""
        if not isinstance(tree, Table):
            return self.value(tree)
        block = tree.get("block")
        kind = registry.get(block.text) if isinstance(block, Scalar) else None
        return _mapped(tree, lambda key, item: self._said(key, item, kind, block is None, registry))

    def _said(self, key: str, tree: Tree, kind: BlockType | None, expression: bool, registry: Registry) -> Tree:
        if key == "share" and not expression:
            return self._share(tree)
        if key == "initial":
            return self.initial(tree)
        if expression:
            return self.value(tree) if key == "value" else tree
        if _is_port(key, kind, registry):
            return self.value(tree)
        parameter = kind is None or kind.parameter(key) is not None or key in SIZES
        return self.sized(tree) if parameter and key not in ("block", "label", "axis", "init") else tree

    def value(self, tree: Tree) -> Tree:
        """A value: an expression, or a list of such."""
        if isinstance(tree, Sequence):
            made = [part for item in tree.items for part in self._item(item)]
            same = len(made) == len(tree.items) and all(a is b for a, b in zip(made, tree.items, strict=True))
            return tree if same else replace(tree, items=tuple(made))
        return self._whole(tree) if isinstance(tree, Scalar) else tree

    def _item(self, tree: Tree) -> list[Tree]:
        made = self.value(tree)
        return list(made.items) if isinstance(made, Sequence) and not isinstance(tree, Sequence) else [made]

    def _whole(self, tree: Scalar) -> Tree:
        """An expression, which may be a read that several values take the place of."""
        if not isinstance(tree.value, str) or (self.about and self.about.isdisjoint(_WORD.findall(tree.text))):
            return tree
        try:
            expression = parse(tree.text, tree.mark)
        except SpecError:
            return self._leniently(tree)
        if isinstance(expression, Read) and isinstance(found := self.reads(expression), tuple):
            items = tuple(Scalar(said, said, NEW, True) for said in map(unparse, found))
            return items[0] if len(items) == 1 else Sequence(items, NEW, True)
        made = _SIZE.sub(self._size, _spliced(tree.text, expression, self.reads))
        return tree if made == tree.text else text(tree, made)

    def _size(self, found: re.Match[str]) -> str:
        return f"${self.sizes(found[1])}"

    def _leniently(self, tree: Scalar) -> Tree:
        """Names in what is no expression yet."""

        def renamed(found: re.Match[str]) -> str:
            said = self.reads(Read(found[1]))
            return said.name if isinstance(said, Read) and (said.port, said.time) == ("", NOW) else found[1]

        made = _SIZE.sub(self._size, _NAME.sub(renamed, tree.text))
        return tree if made == tree.text else text(tree, made)

    def initial(self, tree: Tree) -> Tree:
        """An initial value, where `zeros` and `learned` are no names."""
        if isinstance(tree, Table):
            return _mapped(tree, lambda _, item: self.initial(item))
        if isinstance(tree, Scalar) and tree.value in ("zeros", "learned"):
            return tree
        made = self.value(tree)
        return text(made, "zeros(t)") if isinstance(made, Scalar) and made.text == "zeros" else made

    def sized(self, tree: Tree) -> Tree:
        """A value of sizes."""
        if not isinstance(tree, Scalar) or not isinstance(tree.value, str):
            return tree
        made = _SIZE.sub(self._size, tree.text)
        return tree if made == tree.text else text(tree, made)

    def _share(self, tree: Tree) -> Tree:
        if isinstance(tree, Table):
            return _mapped(tree, lambda _, item: self._share(item))
        if not isinstance(tree, Scalar) or not isinstance(tree.value, str):
            return tree
        made = self.shares(tree.text)
        return tree if made == tree.text else text(tree, made)


def _is_port(key: str, kind: BlockType | None, registry: Registry) -> bool:
    if kind is not None:
        return kind.port(key) is not None or (kind.many and key == "input")
    return any(other.port(key) is not None for other in registry.values()) or key == "input"


def _mapped(table: Table, change: Callable[[str, Tree], Tree]) -> Table:
    """The table with every value changed; itself where none is."""
    entries = tuple((key, change(key.text, item)) for key, item in table.entries)
    same = all(new is old for (_, new), (_, old) in zip(entries, table.entries, strict=True))
    return table if same else replace(table, entries=entries)


def mapped_entries(tree: Tree | None, change: Callable[[str, Tree], Tree]) -> Tree | None:
    """A table with every value changed, whatever else there is as it is."""
    return _mapped(tree, change) if isinstance(tree, Table) else tree


def _spliced(said: str, expression: Expression, change: Callable[[Read], Expression | Values]) -> str:
    """The text of an expression with other reads in it."""
    for read in reversed(reads(expression)):
        found = change(read)
        if found == read:
            continue
        start, end = read.span
        if isinstance(found, tuple):
            raise refuse(f"{unparse(read)} in `{said}` is a list", "give the list a name of its own first")
        if isinstance(found, Read) and (found.port, found.time) == (read.port, read.time):
            end = start + len(read.name)
            made = found.name
        else:
            made = unparse(found)
            made = f"({made})" if isinstance(found, Binary | Negative) and said != made else made
        said = said[:start] + made + said[end:]
    return said
