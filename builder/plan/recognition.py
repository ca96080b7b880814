"""Recognition: whether the nodes of a loop are the equations of a cell, in whatever spelling."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import TYPE_CHECKING, ClassVar

from leporello.builder.plan.affine import Affine, Reader
from leporello.builder.plan.equations import (
    Applied,
    Kernel,
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
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import EMPTY, Node, Wire

if TYPE_CHECKING:
    from leporello.builder.plan.diagnosis import Difference

PROJECTION = "projection"
"""What the linear is bound to that makes h of fewer features."""

Bound = Mapping[str, str]
Term = tuple[Wire, str]
"""A wire, and the path of the node that reads it."""
Wanted = tuple[Pattern, Term]


@frozen
class Match:
    """How far something is what a pattern asks for.

    `bound` are the paths of the nodes that letters stand for, `gates` what is weighed in each; `differences` are told
    when all letters are known; `found` counts what is there, `lacking` what is not.
    """

    bound: Bound = field(default_factory=lambda: EMPTY)
    gates: Mapping[str, Affine] = field(default_factory=lambda: EMPTY)
    differences: tuple[Callable[[Bound], Difference], ...] = ()
    found: int = 0
    lacking: int = 0

    def __add__(self, other: Match) -> Match:
        return Match(
            {**self.bound, **other.bound},
            {**self.gates, **other.gates},
            self.differences + other.differences,
            self.found + other.found,
            self.lacking + other.lacking,
        )

    @property
    def likeness(self) -> int:
        """How much more is there than is not, or differs."""
        return self.found - self.lacking - len(self.differences)


@dataclass
class Recognition:
    """Holds wires of one loop against patterns; a match has no differences."""

    reader: Reader
    known: dict[tuple[int, Wire, str, tuple[tuple[str, str], ...]], Match | None] = field(default_factory=dict)
    most: ClassVar[int] = 60
    """So many terms a sum may have of which a gate multiplies one."""

    def cell(self, kernel: Kernel) -> Match | None:
        """The match of the hidden state with that of a kernel."""
        hidden = self.reader.hidden
        found = self.match(kernel.h.value, (Wire(hidden), hidden), {kernel.h.letter: hidden})
        return None if found is None else Match({kernel.h.letter: hidden}) + found

    def match(self, pattern: Pattern, term: Term, bound: Bound) -> Match | None:
        """How far a term is what a pattern asks for, where letters stand for nodes already."""
        key = (id(pattern), *term, tuple(sorted(bound.items())))
        if key not in self.known:
            self.known[key] = self.best(pattern, term, bound)
        return self.known[key]

    def best(self, pattern: Pattern, term: Term, bound: Bound) -> Match | None:
        """The first way in which it fits."""
        return next(self.ways(pattern, term, bound), None)

    def all(self, pairs: Sequence[Wanted], bound: Bound) -> Match | None:
        """The match of several terms together, each with its pattern."""
        whole = Match()
        for pattern, term in pairs:
            found = self.match(pattern, term, {**bound, **whole.bound})
            if found is None:
                return None
            whole += found
        return whole

    def ways(self, pattern: Pattern, term: Term, bound: Bound) -> Iterator[Match]:
        """The ways in which what a pattern asks for is there; what it has inside is matched in turn."""
        if isinstance(pattern, Weighed):
            yield from self.weighed(pattern, self.reader.affine(*term, pattern.of))
        elif isinstance(pattern, Mixed):
            yield from self._mixed(pattern, term, bound)
        else:
            for pairs, own in self._opened(pattern, term, bound):
                inner = self.all(pairs, {**bound, **own.bound})
                if inner is not None:
                    yield own + inner

    def _opened(self, pattern: Pattern, term: Term, bound: Bound) -> Iterator[tuple[list[Wanted], Match]]:
        """What has to be matched inside, and the match of what stands around it."""
        wire, at = term
        node = self.reader.node(wire)
        match pattern:
            case Late(letter):
                if letter in bound and self.reader.late(wire, bound[letter]):
                    yield [], Match(found=1)
            case State(letter, _, value):
                path = self.reader.state(wire)
                if node is not None and path in self.reader.inside:
                    yield [(value, (Wire(path), path))], Match({letter: path}, found=1)
            case Sum(left, right) | Product(left, right):
                terms = self.reader.terms(wire, sign_block(pattern), at, 2)
                for first, second in permutations(terms) if len(terms) == 2 else ():
                    yield [(left, first), (right, second)], Match()
            case Applied(letter) if letter in bound:
                if node is not None and node.path == bound[letter]:
                    yield [], Match()
            case _ if node is not None:
                yield from self._node(pattern, node)

    def _node(self, pattern: Pattern, node: Node) -> Iterator[tuple[list[Wanted], Match]]:
        """What has to be matched inside of one node, and the match of this one."""
        reads = [(wire, node.path) for wire in node.wires]
        match pattern:
            case Applied(letter, _, functions, argument) if node.block in functions:
                yield [(argument, reads[0])], Match(called(letter, node), found=1)
            case Rest(of) if node.block == "subtract" and self._is_one(reads[0][0]):
                yield [(of, reads[1])], Match(found=1)
            case Less(left, right) if node.block == "subtract":
                yield [(left, reads[0]), (right, reads[1])], Match()
            case Projected(value) if node.block == "linear" and not node.parameters["bias"]:
                yield [(value, reads[0])], Match({PROJECTION: node.path}, found=1)

    def _is_one(self, wire: Wire) -> bool:
        node = self.reader.node(wire)
        return node is not None and node.block == "number" and float(node.parameters["value"]) == 1.0

    def weighed(self, pattern: Weighed, affine: Affine) -> Iterator[Match]:
        """A sum of products with weights, if it is one."""
        if not affine.misfits:
            yield Match(gates={pattern.gate: affine})

    def _mixed(self, pattern: Mixed, term: Term, bound: Bound) -> Iterator[Match]:
        """A sum in which any one term may be the one that a gate multiplies."""
        terms = self.reader.terms(term[0], "add", term[1], self.most)
        for i, chosen in enumerate(terms if len(terms) <= self.most else ()):
            inner = self.match(pattern.term, chosen, bound)
            if inner is not None and inner.found:
                yield from (beside + inner for beside in self.beside(pattern, [*terms[:i], *terms[i + 1 :]]))

    def beside(self, pattern: Mixed, terms: Sequence[Term]) -> Iterator[Match]:
        """What stands in a sum beside the term that a gate multiplies."""
        affine = sum((self.reader.affine(wire, at, pattern.rest.of) for wire, at in terms), Affine())
        yield from self.weighed(pattern.rest, affine)


def called(letter: str, node: Node) -> Bound:
    """The letter, if there is one, for a node."""
    return {letter: node.path} if letter else EMPTY


def sign_block(pattern: Sum | Product) -> str:
    """The block of which a sum or a product is made."""
    return "add" if isinstance(pattern, Sum) else "multiply"
