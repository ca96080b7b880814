"""From spec text to a graph: the keys of a spec, its parameters, and the parts that other modules read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leporello.graphs.blocktypes import Registry
from leporello.graphs.composing.compose import compose
from leporello.graphs.composing.named_files import inside
from leporello.graphs.composing.texts import read_text
from leporello.graphs.composing.tree import Scalar, Source, Table, Tree, plain
from leporello.graphs.expressions.named_sizes import top_sizes
from leporello.graphs.expressions.nodes import Scope
from leporello.graphs.fields import Field
from leporello.graphs.graph import Graph
from leporello.graphs.names import check_name
from leporello.graphs.nodes import LARGEST, Node, Output, freeze
from leporello.graphs.problems import MOST, Mark, Problem, SpecError, refuse, suggest
from leporello.graphs.reading.blocks import UserBlocks, check_ports
from leporello.graphs.reading.ends import read_inputs, read_outputs
from leporello.graphs.reading.nodes import NodeReader
from leporello.graphs.reading.parameters import text_of

VERSION = 1
KEYS = ("spec", "name", "label", "parameters", "inputs", "blocks", "nodes", "outputs", "data", "training")
MAPPINGS = ("nodes", "inputs", "outputs", "parameters", "blocks", "data", "training")


@dataclass
class SpecReader:
    """Reads one spec, keeping its problems until the end."""

    registry: Registry
    source: Source
    problems: list[Problem] = field(default_factory=list)

    def read(self) -> Graph:
        """The graph as far as it goes; what is wrong with it is in `problems`."""
        table = self._whole()
        registry = self._blocks(table)
        scope = self._scope(table)
        reader = self._reader(registry, scope)
        read_inputs(table.get("inputs"), reader)
        nodes = table.get("nodes")
        if isinstance(nodes, Table):
            given = {node.path for node in scope.nodes}
            reader.read_all(Table(tuple(pair for pair in nodes.entries if pair[0].text not in given), nodes.mark))
        outputs = read_outputs(table.get("outputs"), reader)
        check_ports(scope, registry)
        if len(scope.nodes) > LARGEST:
            raise refuse(f"{len(scope.nodes)} nodes", f"at most {LARGEST} are allowed", table.mark)
        declared = {key.text for name in ("inputs", "nodes") for key, _ in _entries(table, name)}
        self.problems.extend(problem for problem in scope.problems if problem.name not in declared)
        return self._graph(table, registry, scope.nodes, outputs)

    def _whole(self) -> Table:
        """The table of the spec's keys, each of them known and of the form that it must have."""
        table = self.source.tree
        if table is None:
            return Table((), Mark(self.source.file, 1, 1))
        if not isinstance(table, Table):
            raise refuse("a spec is a mapping", "its keys: " + ", ".join(KEYS), table.mark)
        self._check_keys(table, KEYS, ("nodes", "outputs"))
        return table

    def _graph(self, table: Table, registry: Registry, nodes: Iterable[Node], outputs: Iterable[Output]) -> Graph:
        return Graph(
            name=self._name(table),
            nodes=tuple(nodes),
            outputs=tuple(outputs),
            parameters=freeze(self._parameters(table)),
            blocks=freeze({name: registry[name] for name in registry if name not in self.registry}),
            data=self._plain(table, "data"),
            training=self._plain(table, "training"),
            label=str(self._plain(table, "label") or ""),
            source=self.source,
        )

    def _check_keys(self, table: Table, keys: tuple[str, ...], needed: tuple[str, ...]) -> None:
        for key, _ in table.entries:
            if key.text not in keys and len(self.problems) <= MOST:
                self.problems.append(Problem(f"unknown key {key.text!r}", suggest(key.text, keys, "keys"), key.mark))
        self._check_version(table)
        for name in MAPPINGS:
            tree = table.get(name)
            if tree is not None and not isinstance(tree, Table):
                self.problems.append(Problem(f"{name}: must be a mapping", "name: value, one a line", tree.mark))
        for name in needed:
            tree = table.get(name)
            if tree is None or (isinstance(tree, Table) and not tree.entries):
                what = f"the spec has no {name}:" if tree is None else f"{name}: is empty"
                self.problems.append(Problem(what, "a model needs nodes and outputs", (tree or table).mark))

    def _check_version(self, table: Table) -> None:
        version = table.get("spec")
        if version is None:
            what, mark = "the spec does not say its version", table.mark
        elif not isinstance(version, Scalar) or isinstance(version.value, bool) or not isinstance(version.value, int):
            what, mark = "spec: must be a version number", version.mark
        elif version.value != VERSION:
            what, mark = f"spec: {version.value} is not known; this program reads version {VERSION}", version.mark
            if version.value > VERSION:
                self.problems.append(Problem(what, "a newer Leporello wrote it: update this one", mark))
                return
        else:
            return
        self.problems.append(Problem(what, f"begin it with  spec: {VERSION}", mark))

    def _blocks(self, table: Table) -> Registry:
        tree = table.get("blocks")
        if not isinstance(tree, Table):
            return self.registry
        return UserBlocks(self.registry, self.problems).read(tree, self._load_block)

    def _load_block(self, name: str, item: Scalar) -> Tree:
        if not self.source.file:
            raise refuse(f"the block {name} is in a file, but this graph is in none", "say the block itself", item.mark)
        path = inside(Path(self.source.file).parent, item.text, item.mark)
        return compose(read_text(path), str(path))

    def _scope(self, table: Table) -> Scope:
        names: dict[str, Mark] = {}
        for key in ("inputs", "nodes"):
            for name, _ in _entries(table, key):
                if name.text in names:
                    where = f"it is an input at {names[name.text]}"
                    self.problems.append(Problem(f"{name.text} is an input and a node", where, name.mark))
                names[name.text] = name.mark
        return Scope({name: name for name in names})

    def _parameters(self, table: Table) -> dict[str, Any]:
        found: dict[str, Any] = {}
        entries = _entries(table, "parameters")
        scope = Scope({}, problems=self.problems)
        reader = self._reader(self.registry, scope)
        for key, item in entries:
            with scope.attempt():
                check_name(key.text, key.mark, "parameter")
                found[key.text] = reader.value(_field_of(key, item), item)
        with scope.attempt():
            top_sizes(found, {}, {key.text: item.mark for key, item in entries})
            return found
        return {}

    def _reader(self, registry: Registry, scope: Scope) -> NodeReader:
        return NodeReader(registry, scope)

    def _name(self, table: Table) -> str:
        tree = table.get("name")
        if tree is None:
            return "model"
        try:
            name = text_of(tree, "name")
            check_name(name, tree.mark, "model")
        except SpecError as error:
            self.problems.extend(error.problems)
            return "model"
        return name

    def _plain(self, table: Table, key: str) -> Any:
        tree = table.get(key)
        return freeze(plain(tree)) if tree is not None else None


def _entries(table: Table, key: str) -> tuple[tuple[Scalar, Tree], ...]:
    tree = table.get(key)
    return tree.entries if isinstance(tree, Table) else ()


def _field_of(key: Scalar, item: Tree) -> Field:
    """A size; where a broken number or a truth value is written, that."""
    value = item.value if isinstance(item, Scalar) else None
    if isinstance(value, bool):
        return Field(key.text, "boolean")
    return Field(key.text, "number" if isinstance(value, float) else "size")
