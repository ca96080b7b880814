"""From the trees of expressions to nodes: an operator, a function or a list becomes a node of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from leporello.graphs.composing.compose import Scalar, Sequence, Table, Tree
from leporello.graphs.expressions.grammar import parse
from leporello.graphs.expressions.tree import Binary, Call, Expression, Negative, Number, Read, SizeName
from leporello.graphs.graph import Node, Wire
from leporello.graphs.problems import MOST, Mark, Problem, SpecError, suggest

OPERATORS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}
UNKNOWN = "?"


@dataclass
class Scope:
    """The names that may be read in one body, and the nodes made while reading it.

    `sources` gives for every name what a wire to it starts with: itself, or `<name` for a port of the body.
    """

    sources: Mapping[str, str]
    sizes: frozenset[str] | None = None
    nodes: list[Node] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    reads: list[tuple[Wire, Mark]] = field(default_factory=list)

    def add(self, node: Node) -> Wire:
        """Keep `node` and give a wire that reads it."""
        self.nodes.append(node)
        return Wire(node.path)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Errors inside are kept with the others instead of ending the reading, which too many errors do."""
        try:
            yield
        except SpecError as error:
            self.problems.extend(error.problems)
        if len(self.problems) > MOST:
            raise SpecError(tuple(self.problems))


def value_wire(tree: Tree, path: str, scope: Scope) -> Wire:
    """A wire that gives the value written at a port: a read as it is, anything else as a node called `path`."""
    if isinstance(tree, Sequence):
        return _listed(tree, path, scope)
    if isinstance(tree, Table):
        scope.problems.append(
            Problem(
                "a mapping cannot be read as a value",
                "give it a name of its own under nodes: and read that name",
                tree.mark,
            )
        )
        return Wire(UNKNOWN)
    expression = parse(_text(tree), tree.mark)
    if isinstance(expression, Read):
        return _read(expression, tree, scope)
    return _operate(expression, path, tree, scope, _Counter(path))


def value_node(tree: Tree, path: str, scope: Scope) -> Node:
    """The node called `path` that has the value written in `tree`; a bare read becomes an `identity`."""
    before = len(scope.nodes)
    wire = value_wire(tree, path, scope)
    if len(scope.nodes) > before and scope.nodes[-1].path == path and wire == Wire(path):
        return scope.nodes.pop()
    return Node(path, "identity", (("input", wire),), mark=tree.mark)


def _text(tree: Scalar) -> str:
    return tree.text if tree.value is not None else ""


def _listed(tree: Sequence, path: str, scope: Scope) -> Wire:
    if not tree.items:
        scope.problems.append(Problem("an empty list has no value", "name at least one node", tree.mark))
        return Wire(UNKNOWN)
    wires = [value_wire(item, f"{path}/{i}", scope) for i, item in enumerate(tree.items, 1)]
    if len(wires) == 1:
        return wires[0]
    ports = tuple((str(i), wire) for i, wire in enumerate(wires, 1))
    return scope.add(Node(path, "concatenate", ports, mark=tree.mark))


@dataclass
class _Counter:
    """Names for the operators inside an expression: `h/1`, `h/2`, ..."""

    path: str
    count: int = 0

    def next(self) -> str:
        self.count += 1
        return f"{self.path}/{self.count}"


def _operate(expression: Expression, path: str, tree: Scalar, scope: Scope, names: _Counter) -> Wire:
    def inner(part: Expression) -> Wire:
        if isinstance(part, Read):
            return _read(part, tree, scope)
        return _operate(part, names.next(), tree, scope, names)

    if isinstance(expression, Binary):
        ports = (("left", inner(expression.left)), ("right", inner(expression.right)))
        return scope.add(Node(path, OPERATORS[expression.operator], ports, mark=tree.mark))
    if isinstance(expression, Negative):
        return scope.add(Node(path, "negative", (("input", inner(expression.operand)),), mark=tree.mark))
    if isinstance(expression, Call):
        return scope.add(Node(path, expression.function, (("input", inner(expression.argument)),), mark=tree.mark))
    value = expression.value if isinstance(expression, Number) else expression
    if isinstance(value, SizeName):
        check_size_name(value.name, tree.mark, scope)
    return scope.add(Node(path, "number", parameters={"value": value}, mark=tree.mark))


def check_size_name(name: str, mark: Mark, scope: Scope) -> None:
    """A body sees its own parameters only."""
    if scope.sizes is not None and name not in scope.sizes:
        scope.problems.append(Problem(f"unknown parameter ${name}", suggest(name, scope.sizes, "parameters"), mark))


def _read(read: Read, tree: Scalar, scope: Scope) -> Wire:
    mark = read.mark or tree.mark
    if read.name not in scope.sources:
        hint = suggest(read.name, scope.sources, "names that can be read")
        scope.problems.append(Problem(f"unknown name {read.name!r}", hint, mark))
        return Wire(UNKNOWN)
    wire = Wire(scope.sources[read.name], read.port, read.time)
    scope.reads.append((wire, mark))
    return wire
