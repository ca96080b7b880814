"""From the trees of expressions to nodes: an operator, a function or a list becomes a node of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from leporello.graphs.composing.tree import Sequence, Table, Tree
from leporello.graphs.expressions.grammar import parse
from leporello.graphs.expressions.tokens import Line
from leporello.graphs.expressions.tree import Binary, Call, Expression, Negative, Number, Read, SizeName
from leporello.graphs.nodes import NOTHING, Node, Wire
from leporello.graphs.problems import MOST, Mark, Problem, SpecError, suggest

OPERATORS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}


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

    def wire(self, tree: Tree, path: str) -> Wire:
        """A wire that gives the value written at a port: a read as it is, anything else as a node called `path`."""
        if isinstance(tree, Sequence):
            return self._listed(tree, path)
        if isinstance(tree, Table):
            hint = "give it a name of its own under nodes: and read that name"
            self.problems.append(Problem("a mapping cannot be read as a value", hint, tree.mark))
            return NOTHING
        text = tree.text if tree.value is not None else ""
        return _Writer(self, Line(text, tree.mark), path).wire(parse(text, tree.mark), path)

    def node(self, tree: Tree, path: str) -> Node:
        """The node called `path` that has the value written in `tree`; a bare read becomes an `identity`."""
        before = len(self.nodes)
        wire = self.wire(tree, path)
        if len(self.nodes) > before and self.nodes[-1].path == path and wire == Wire(path):
            return self.nodes.pop()
        return Node(path, "identity", (("input", wire),), mark=tree.mark, marks={"input": tree.mark})

    def check_size_name(self, name: str, mark: Mark) -> None:
        """A body sees its own parameters only."""
        if self.sizes is not None and name not in self.sizes:
            hint = suggest(name, self.sizes, "parameters")
            self.problems.append(Problem(f"unknown parameter ${name}", hint, mark))

    def _listed(self, tree: Sequence, path: str) -> Wire:
        if not tree.items:
            self.problems.append(Problem("an empty list has no value", "name at least one node", tree.mark))
            return NOTHING
        if len(tree.items) == 1:
            return self.wire(tree.items[0], f"{path}/1")
        ports = tuple((str(i), self.wire(item, f"{path}/{i}")) for i, item in enumerate(tree.items, 1))
        marks = {str(i): item.mark for i, item in enumerate(tree.items, 1)}
        return self.add(Node(path, "concatenate", ports, mark=tree.mark, marks=marks))


@dataclass
class _Writer:
    """Makes nodes of one expression: the outermost operation is called as it is told, those inside by numbers."""

    scope: Scope
    line: Line
    path: str
    count: int = 0

    def wire(self, expression: Expression, path: str = "") -> Wire:
        """The wire that gives what an expression computes."""
        if isinstance(expression, Read):
            return self._read(expression)
        if not path:
            self.count += 1
            path = f"{self.path}/{self.count}"
        mark = self.line.place(*expression.span)
        match expression:
            case Number(value):
                node = Node(path, "number", parameters={"value": value}, mark=mark)
            case SizeName(name):
                self.scope.check_size_name(name, mark)
                node = Node(path, "number", parameters={"value": expression}, mark=mark)
            case Binary(sign, left, right):
                node = self._operation(path, OPERATORS[sign], {"left": left, "right": right}, mark)
            case Negative(operand):
                node = self._operation(path, "negative", {"input": operand}, mark)
            case Call(function, argument):
                node = self._operation(path, function, {"input": argument}, mark)
        return self.scope.add(node)

    def _operation(self, path: str, block: str, operands: Mapping[str, Expression], mark: Mark) -> Node:
        inputs = tuple([(port, self.wire(operand)) for port, operand in operands.items()])
        marks = {port: self.line.place(*operand.span) for port, operand in operands.items()}
        return Node(path, block, inputs, mark=mark, marks=marks)

    def _read(self, read: Read) -> Wire:
        mark = self.line.place(*read.span)
        if read.name not in self.scope.sources:
            hint = suggest(read.name, self.scope.sources, "names that can be read")
            self.scope.problems.append(Problem(f"unknown name {read.name!r}", hint, mark))
            return NOTHING
        wire = Wire(self.scope.sources[read.name], read.port, read.time)
        self.scope.reads.append((wire, mark))
        return wire
