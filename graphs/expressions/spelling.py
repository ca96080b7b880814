"""Anonymous nodes folded back into the expressions and lists they were read from (`h/1` into `h: tanh(U + W)`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from leporello.graphs.expressions.grammar import DEPTH_LIMIT, OPERATION_LIMIT, parse_size
from leporello.graphs.expressions.nodes import OPERATORS
from leporello.graphs.expressions.plain_values import size_text
from leporello.graphs.expressions.tokens import LENGTH_LIMIT
from leporello.graphs.expressions.tree import Binary, Call, Expression, Negative, Number, Read, unparse
from leporello.graphs.functions import FUNCTIONS
from leporello.graphs.nodes import NOW, PLAIN, Node, Wire, initial_wires
from leporello.graphs.problems import Mark
from leporello.graphs.size import Size

SIGNS: Mapping[str, Any] = {block: sign for sign, block in OPERATORS.items()}
OPERATOR_BLOCKS = frozenset({*SIGNS, "negative", "number"})
"""The blocks that are written in expressions only."""
_LISTS = 30
"""How deep lists are folded into lists: YAML itself is read to 64 levels."""


def is_list(node: Node) -> bool:
    """Whether a node is what a list opens to."""
    ports = [port for port, _ in node.inputs]
    return node.block == "concatenate" and len(ports) > 1 and ports == [str(i) for i in range(1, len(ports) + 1)]


@dataclass
class _Room:
    """What still fits into one expression."""

    operations: int = OPERATION_LIMIT
    letters: int = LENGTH_LIMIT


@dataclass
class Spelling:
    """Which nodes stand inside the expression or list of the one node that reads them, and the text of a value.

    `ends` are wires from elsewhere (outputs); `names` gives the written name of every node that is not folded.
    """

    nodes: tuple[Node, ...]
    ends: tuple[Wire, ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    folded: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.index = {node.path: node for node in self.nodes}
        wires = [wire for node in self.nodes for wire in (*node.wires, *initial_wires(node.initial))]
        uses = Counter(wire.source for wire in (*wires, *self.ends))
        plain = {wire.source for wire in (*wires, *self.ends) if wire == Wire(wire.source)}
        self.candidates = {n.path for n in self.nodes if uses[n.path] == 1 and n.path in plain and _anonymous(n)}
        waiting = [node for node in self.nodes if node.path not in self.candidates]
        for wire in self.ends:
            self._take_value(wire, 0, waiting)
        self._take_all(waiting)
        for path in sorted(self.candidates):  # those of cycles among themselves
            if path in self.candidates and path not in self.folded:
                self._take_all([self._promote(path)])

    def written_alone(self, node: Node) -> bool:
        """Whether the node is written as a value (`h: tanh(U + W)`), not as the use of a block."""
        if node.block in OPERATOR_BLOCKS:
            return True
        if node.modifiers != PLAIN or node.parameters or not node.inputs:
            return False
        inner = [wire.source for wire in node.wires if wire.source in self.candidates]
        if is_list(node):
            return not any(path.startswith(f"{node.path}/input/") for path in inner)
        if node.block == "identity":
            return not inner or _within(inner[0], f"{node.path}/1")
        return node.block in FUNCTIONS and not any(
            path == f"{node.path}/input" or is_list(self.index[path]) for path in inner
        )

    # First which nodes are folded, from the outside in, so that no text outgrows what is read

    def _promote(self, path: str) -> Node:
        self.candidates.discard(path)
        return self.index[path]

    def _take_all(self, waiting: list[Node]) -> None:
        while waiting:
            self._take_node(waiting.pop(), waiting)

    def _take_node(self, node: Node, waiting: list[Node]) -> None:
        """Fold what the node reads, as far as it fits."""
        if self.written_alone(node) and not is_list(node) and node.block != "identity":
            self._take_operands(node, 0, _Room(OPERATION_LIMIT - 1, LENGTH_LIMIT - self._letters(node)), waiting)
        else:
            for wire in node.wires:
                self._take_value(wire, 0, waiting)
        for wire in initial_wires(node.initial):
            self._take_value(wire, 0, waiting)

    def _take_value(self, wire: Wire, lists: int, waiting: list[Node]) -> None:
        """Fold what a port reads: a list or an expression."""
        node = self.index.get(wire.source)
        if node is None or node.path not in self.candidates or node.path in self.folded:
            return
        if not is_list(node):
            self._take_operand(wire, 0, _Room(), waiting)
        elif lists > _LISTS:
            waiting.append(self._promote(node.path))
        else:
            self.folded.add(node.path)
            for inner in node.wires:
                self._take_value(inner, lists + 1, waiting)

    def _take_operand(self, wire: Wire, depth: int, room: _Room, waiting: list[Node]) -> None:
        """Fold what an operator or a function reads."""
        node = self.index.get(wire.source)
        if node is None or node.path not in self.candidates or node.path in self.folded:
            return
        letters = self._letters(node)
        deep = depth + (node.block not in (*SIGNS, "number")) > DEPTH_LIMIT
        if is_list(node) or deep or room.operations < 1 or room.letters < letters:
            waiting.append(self._promote(node.path))
            return
        self.folded.add(node.path)
        room.operations -= node.block != "number"
        room.letters -= letters
        self._take_operands(node, depth, room, waiting)

    def _take_operands(self, node: Node, depth: int, room: _Room, waiting: list[Node]) -> None:
        for place, wire in enumerate(node.wires):
            inner = self.index.get(wire.source)
            grouped = inner is not None and _in_parentheses(node.block, inner.block, place)
            room.letters -= 2 * grouped
            self._take_operand(wire, depth + (node.block not in SIGNS) + grouped, room, waiting)

    def _letters(self, node: Node) -> int:
        """The length that a node adds to an expression without spaces."""
        if node.block == "number":
            return len(unparse(_number(node.parameters.get("value"))))
        reads = sum(len(str(wire)) for wire in node.wires if wire.source not in self.candidates)
        return reads + (1 if node.block in SIGNS or node.block == "negative" else len(node.block) + 2)

    # Then the texts

    def value(self, wire: Wire, place: str) -> Any:
        """What is written at a port for `wire`: an expression's text, a number, or a list of such.

        `place` is the path that reading gives to what stands there; a list of one value adds a step to it.
        """
        node = self.index.get(wire.source)
        if node is None or node.path not in self.folded:
            return written(self.expression(wire))
        if _within(node.path, f"{place}/1"):
            return [self.value(wire, f"{place}/1")]
        return self._list(node, place) if is_list(node) else written(self.expression(wire))

    def _list(self, node: Node, place: str) -> list[Any]:
        return [self.value(wire, f"{place}/{i}") for i, wire in enumerate(node.wires, 1)]

    def node_value(self, node: Node) -> Any:
        """What is written for a node that stands alone."""
        if is_list(node):
            return self._list(node, node.path)
        return self.value(node.wires[0], node.path) if node.block == "identity" else written(self._operation(node))

    def expression(self, wire: Wire) -> Expression:
        """The expression that a wire reads."""
        if wire.source in self.folded:
            return self._operation(self.index[wire.source])
        node = self.index.get(wire.source)
        name = self.names.get(wire.source, wire.source.lstrip("<"))
        # Before a parenthesis the name of a function is a call, and an input keeps its name.
        port = "y" if name in FUNCTIONS and wire.time != NOW and node and node.block == "input" else wire.port
        return Read(name, port, wire.time)

    def _operation(self, node: Node) -> Expression:
        if node.block == "number":
            return _number(node.parameters.get("value"))
        return operation(node, self.expression)


def operation(node: Node, operand: Callable[[Wire], Expression]) -> Expression:
    """The expression of a node that is an operator or a function, of what `operand` makes of its wires."""
    operands = [operand(wire) for _, wire in sorted(node.inputs)]  # left, right
    if node.block in SIGNS:
        return Binary(SIGNS[node.block], operands[0], operands[1])
    return Negative(operands[0]) if node.block == "negative" else Call(node.block, operands[0])


def written(expression: Expression) -> Any:
    """The text of an expression as it stands in a spec; a bare number as itself."""
    if isinstance(expression, Number):
        return expression.value
    text = unparse(expression)
    return text if len(text) <= LENGTH_LIMIT else text.replace(" ", "")


def _within(path: str, owner: str) -> bool:
    return path == owner or path.startswith(owner + "/")


def _number(value: Any) -> Expression:
    if isinstance(value, int | float):
        return Number(value)
    return parse_size(size_text(value), Mark("", 1, 1)) if isinstance(value, Size) else value


def _anonymous(node: Node) -> bool:
    """Whether a node has nothing that only a name of its own could say."""
    if "/" not in node.path or node.modifiers != PLAIN or node.initial is not None or node.axis or node.label:
        return False
    if node.block == "number":
        return not node.inputs
    said = any(value is not None for value in node.parameters.values())
    return not said and (node.block in SIGNS or node.block == "negative" or node.block in FUNCTIONS or is_list(node))


def _in_parentheses(outer: str, inner: str, place: int) -> bool:
    """Whether an operator's operand stands in parentheses: it binds less, or as little on the right."""
    strength = {"add": 1, "subtract": 1, "multiply": 2, "divide": 2, "negative": 3}
    return inner in SIGNS and strength[inner] < strength.get(outer, 0) + place
