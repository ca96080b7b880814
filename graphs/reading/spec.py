"""From spec text to a graph: the keys of a spec, its parameters, and the parts that other modules read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leporello.graphs.blocktypes import Parameter, Registry
from leporello.graphs.composing.compose import Scalar, Table, Tree, compose, plain
from leporello.graphs.composing.named_files import inside
from leporello.graphs.composing.texts import read_text
from leporello.graphs.expressions.named_sizes import top_sizes
from leporello.graphs.expressions.nodes import Scope
from leporello.graphs.graph import Graph, freeze
from leporello.graphs.names import check_name
from leporello.graphs.problems import MOST, Mark, Problem, SpecError, refuse, suggest
from leporello.graphs.reading.blocks import UserBlocks, check_ports
from leporello.graphs.reading.ends import read_inputs, read_outputs
from leporello.graphs.reading.nodes import NodeReader
from leporello.graphs.reading.parameters import parameter_value, text_of

VERSION = 1
KEYS = ("spec", "name", "label", "parameters", "inputs", "blocks", "nodes", "outputs", "data", "training")
MAPPINGS = ("nodes", "inputs", "outputs", "parameters", "blocks", "data", "training")
LARGEST = 10_000


@dataclass
class SpecReader:
    """Reads one spec, keeping its problems until the end."""

    registry: Registry
    file: str
    problems: list[Problem] = field(default_factory=list)

    def read(self, text: str) -> Graph:
        """The graph as far as it goes; what is wrong with it is in `problems`."""
        table = compose(text, self.file)
        if not isinstance(table, Table):
            raise refuse("a spec is a mapping", "its keys: " + ", ".join(KEYS), table.mark)
        self._check_keys(table)
        registry = self._blocks(table)
        scope = self._scope(table)
        read_inputs(table.get("inputs"), scope)
        nodes = table.get("nodes")
        if isinstance(nodes, Table):
            NodeReader(registry, scope).read_all(nodes)
        outputs = read_outputs(table.get("outputs"), scope)
        check_ports(scope, registry)
        if len(scope.nodes) > LARGEST:
            raise refuse(f"{len(scope.nodes)} nodes", f"at most {LARGEST} are allowed", table.mark)
        self.problems.extend(scope.problems)
        return Graph(
            name=self._name(table),
            nodes=tuple(scope.nodes),
            outputs=tuple(outputs),
            parameters=freeze(self._parameters(table)),
            blocks=freeze({name: registry[name] for name in registry if name not in self.registry}),
            data=self._plain(table, "data"),
            training=self._plain(table, "training"),
            label=str(self._plain(table, "label") or ""),
            file=self.file,
            text=text,
        )

    def _check_keys(self, table: Table) -> None:
        for key, _ in table.entries:
            if key.text not in KEYS and len(self.problems) <= MOST:
                self.problems.append(Problem(f"unknown key {key.text!r}", suggest(key.text, KEYS, "keys"), key.mark))
        self._check_version(table)
        for name in MAPPINGS:
            tree = table.get(name)
            if tree is not None and not isinstance(tree, Table):
                self.problems.append(Problem(f"{name}: must be a mapping", "name: value, one a line", tree.mark))
        for name in ("nodes", "outputs"):
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
        path = inside(Path(self.file).parent, item.text, item.mark)
        return compose(read_text(path), str(path))

    def _scope(self, table: Table) -> Scope:
        names: dict[str, Mark] = {}
        for key in ("inputs", "nodes"):
            tree = table.get(key)
            for name, _ in tree.entries if isinstance(tree, Table) else ():
                if name.text in names:
                    where = f"it is an input at {names[name.text]}"
                    self.problems.append(Problem(f"{name.text} is an input and a node", where, name.mark))
                names[name.text] = name.mark
        return Scope({name: name for name in names})

    def _parameters(self, table: Table) -> dict[str, Any]:
        tree = table.get("parameters")
        found: dict[str, Any] = {}
        scope = Scope({}, problems=self.problems)
        for key, item in tree.entries if isinstance(tree, Table) else ():
            kind = Parameter(key.text)
            with scope.attempt():
                check_name(key.text, key.mark, "parameter")
                found[key.text] = parameter_value(kind, item, scope)
        with scope.attempt():
            top_sizes(found, {}, {key.text: key.mark for key, _ in tree.entries} if isinstance(tree, Table) else {})
            return found
        return {}

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
