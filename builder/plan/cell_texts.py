"""The texts of a diagnosis: what stands in a loop and what a cell has there, in the names of the spec."""

from __future__ import annotations

from leporello.builder.plan.equations import (
    Applied,
    Kind,
    Late,
    Less,
    Mixed,
    Pattern,
    Product,
    Projected,
    Rest,
    State,
    Sum,
    Weighed,
)
from leporello.builder.plan.recognition import Bound, Term
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.expressions.spelling import OPERATOR_BLOCKS
from leporello.graphs.expressions.tree import Binary, Call, Expression, Number, Read, unparse
from leporello.graphs.expressions.wording import Wording, is_piece, owner, within
from leporello.graphs.frozen import frozen
from leporello.graphs.functions import FUNCTIONS
from leporello.graphs.nodes import NOW, Node, Time, Wire
from leporello.graphs.problems import an
from leporello.graphs.readable import written

LONGEST = 80
ANYTHING = Read("...")
TOLD = ("identity", *OPERATOR_BLOCKS, *FUNCTIONS)
"""The blocks of nodes that say an equation."""


class PortWording(Wording):
    """Wording in which what stands in another block is called by the port that gives it."""

    def called(self, wire: Wire, body: str) -> Read:
        """A read of a node that has a name of its own."""
        elsewhere = self.graph[wire.source].body not in ("", body)
        return Read(written(wire, self.graph)) if elsewhere else super().called(wire, body)


@frozen
class CellTexts:
    """Tells what stands in a loop and what a cell has there, in the names of the `body` of its hidden state."""

    kind: Kind
    model: Checked
    body: str
    direction: int

    def name(self, path: str) -> str:
        """What the spec calls the node at `path`, or the node of which that one is a piece."""
        return within(owner(self.model.graph[path]), self.body)

    @property
    def wording(self) -> Wording:
        """Tells what nodes say."""
        return PortWording(self.model.graph)

    def read(self, wire: Wire) -> Expression:
        """What a wire reads."""
        return self.wording.expression(wire, self.body)

    def pattern(self, pattern: Pattern, bound: Bound) -> Expression:
        """What a pattern asks for; a letter that stands for no node is told by itself, if nothing is called so."""
        match pattern:
            case Applied(letter) if letter in bound:
                return self.read(Wire(bound[letter]))
            case Applied(letter) if letter and f"{self.body}/{letter}".lstrip("/") not in self.model.graph:
                return Read(letter)
            case State(letter):
                return Read(self.letter(letter, bound))
            case _:
                return self.opened(pattern, bound)

    def opened(self, pattern: Pattern, bound: Bound) -> Expression:
        """What a pattern asks for, its own letter spelled out."""
        match pattern:
            case Applied(_, _, functions, argument):
                weighs = isinstance(argument, Weighed | Mixed)
                return Call(functions[0], ANYTHING if weighs else self.pattern(argument, bound))
            case State(_, _, value):
                return self.pattern(value, bound)
            case Late(letter):
                return self.late(self.letter(letter, bound))
            case Rest(of):
                return Binary("-", Number(1), self.pattern(of, bound))
            case Less(left, right):
                return Binary("-", self.pattern(left, bound), self.pattern(right, bound))
            case Sum(left, right) | Mixed(left, right):
                return Binary("+", self.pattern(left, bound), self.pattern(right, bound))
            case Product(left, right):
                return Binary("*", self.pattern(left, bound), self.pattern(right, bound))
            case Projected(value):
                return Call("linear", self.pattern(value, bound))
            case Weighed(_, of):
                return Call("linear", self.late(self.letter("h", bound)) if of == "state" else ANYTHING)

    def letter(self, letter: str, bound: Bound) -> str:
        """The name of the state that a letter stands for."""
        return self.name(bound[letter]) if letter in bound else letter

    def late(self, name: str) -> Expression:
        """A state one step before."""
        return Read(name, time=Time("t", -self.direction))

    def stands(self, term: Term, *whole: str) -> tuple[str, str, Expression]:
        """The node with a name in which a term stands, the sentence that says what stands there, and that itself.

        Of a term with a name of its own the name is said, but what it is where it is one of some blocks, of which it is
        the whole that matters.
        """
        wire, at = term
        node = self.model.graph[wire.source]
        named = wire.time == NOW and not is_piece(node)
        if named and (wire.source == at or node.block in whole):
            found = self.wording.definition(node, self.body) if is_told(node) else Read(an(node.block))
            return node.path, f"{self.name(node.path)} is {short(unparse(found))}", found
        path = owner(self.model.graph[node.path if wire.time == NOW and is_piece(node) else at])
        return path, f"{self.name(path)} has {self.text(wire)}", self.read(wire)

    def text(self, wire: Wire) -> str:
        """What a wire reads, in not too many letters."""
        node = self.model.graph[wire.source]
        if node.block == "concatenate" and is_piece(node):
            return short(self.wording.read(wire, self.body))
        return short(unparse(self.read(wire)))


def is_told(node: Node) -> bool:
    """Whether a node says an equation."""
    return node.block in TOLD


def short(text: str) -> str:
    """A text in not too many letters."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
