"""Nearness: how far the nodes of a loop are the equations of a cell, and the fewest differences between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import permutations

from leporello.builder.plan.affine import Affine
from leporello.builder.plan.cell_words import CellWords
from leporello.builder.plan.equations import (
    Applied,
    Late,
    Mixed,
    Pattern,
    Product,
    Projected,
    Rest,
    Sum,
    Weighed,
    parts,
)
from leporello.builder.plan.lists import pieces
from leporello.builder.plan.recognition import Bound, Match, Recognition, Term, called, sign_block
from leporello.graphs.functions import FUNCTIONS, REDUCING
from leporello.graphs.nodes import EMPTY, NOW

FEW = 5
"""So many terms of a sum or product are tried in all places."""


@dataclass
class Nearness(Recognition):
    """Holds wires of one loop against patterns; of all ways that with the fewest differences is the match."""

    words: CellWords = field(kw_only=True)
    most = 8

    def best(self, pattern: Pattern, term: Term, bound: Bound) -> Match | None:
        """The way that is most like the pattern."""
        ways = []
        for way in self.ways(pattern, term, bound):
            if not way.differences:
                return way
            ways.append(way)
        ways += self._near(pattern, term, bound)
        return max(ways, key=lambda way: (way.likeness, -len(way.differences)), default=None)

    def _near(self, pattern: Pattern, term: Term, bound: Bound) -> Iterator[Match]:
        """The ways in which what a pattern asks for is not there, or not alone."""
        match pattern:
            case Applied(letter) if letter in bound:
                yield Match(differences=(partial(self.words.other_than, term, letter),), lacking=1)
                return
            case Applied():
                yield from self._other_function(pattern, term, bound)
            case Late(letter):
                yield from self._delayed(letter, term, bound)
            case Rest(of):
                yield from self._no_rest(pattern, of, term, bound)
            case Projected(value):
                yield from self._biased(value, term, bound)
            case Sum() | Product():
                yield from self._parted(pattern, term, bound)
                yield from self._other_sign(pattern, term, bound)
            case Mixed():
                yield from self._ungated(pattern, term, bound)
                return
            case Weighed():
                return
        yield Match(differences=(partial(self.words.differs, term, pattern),), lacking=parts(pattern, bound))

    def weighed(self, pattern: Weighed, affine: Affine) -> Iterator[Match]:
        """A sum of products with weights, and what else is in it."""
        state = self.reader.hidden
        unfit = [misfit.wire for misfit in affine.misfits if misfit.kind != "taken"]
        late = [wire for wire in unfit if (self.reader.reading(wire, state) or (NOW, ""))[0] != NOW]
        given = [wire for wire in unfit if wire.source not in self.reader.inside]
        found = bool(affine.hidden or late) + bool(affine.inputs or affine.biases or given)
        told = tuple(partial(self.words.misfit, misfit) for misfit in affine.misfits)
        yield Match(gates={pattern.gate: affine}, differences=told, found=found)

    def _other_function(self, pattern: Applied, term: Term, bound: Bound) -> Iterator[Match]:
        """Another function of the same, or none at all."""
        node = self.reader.node(term[0])
        if node is not None and node.block in pattern.functions:
            return
        applied = node is not None and node.block in FUNCTIONS and node.block not in REDUCING
        inside = (node.wires[0], node.path) if node is not None and applied else term
        inner = self.match(pattern.argument, inside, bound)
        if inner is not None:
            told = partial(self.words.unlike, term, pattern, inside)
            yield Match(EMPTY if node is None else called(pattern.letter, node), differences=(told,)) + inner

    def _delayed(self, letter: str, term: Term, bound: Bound) -> Iterator[Match]:
        """The state at another step."""
        found = self.reader.reading(term[0], bound[letter]) if letter in bound else None
        if found is not None and found[0].kind == "t" and found[0] != NOW:
            yield Match(differences=(partial(self.words.delayed, found[0], found[1] or term[1], letter),), found=1)

    def _no_rest(self, pattern: Rest, of: Applied, term: Term, bound: Bound) -> Iterator[Match]:
        """What is left of another number than 1, or the gate itself."""
        node = self.reader.node(term[0])
        inside = (node.wires[1], node.path) if node is not None and node.block == "subtract" else term
        inner = self.match(of, inside, bound)
        if inner is not None:
            told = partial(self.words.differs, term, pattern)
            yield Match(differences=(told,), lacking=1) + inner

    def _biased(self, value: Pattern, term: Term, bound: Bound) -> Iterator[Match]:
        """A projection that has a bias."""
        node = self.reader.node(term[0])
        if node is not None and node.block == "linear" and node.parameters["bias"]:
            inner = self.match(value, (node.wires[0], node.path), bound)
            if inner is not None:
                yield Match(differences=(partial(self.words.biased, node),), found=1) + inner

    def _parted(self, pattern: Sum | Product, term: Term, bound: Bound) -> Iterator[Match]:
        """Sides that are missing, and terms that are too much."""
        terms = self.reader.terms(term[0], sign_block(pattern), term[1], FEW)
        if len(terms) > FEW:
            return
        sides = (pattern.left, pattern.right)
        if len(terms) == 1:
            for side in sides:
                yield from self._incomplete(
                    pattern, term, [(s, terms[0] if s is side else None) for s in sides], [], bound
                )
        for chosen in permutations(range(len(terms)), 2) if len(terms) > 2 else ():
            extra = [read for i, read in enumerate(terms) if i not in chosen]
            pairs = [(side, terms[i]) for side, i in zip(sides, chosen, strict=True)]
            yield from self._incomplete(pattern, term, pairs, extra, bound)

    def _other_sign(self, pattern: Sum | Product, term: Term, bound: Bound) -> Iterator[Match]:
        """A sum in place of a product, or the other way round."""
        node = self.reader.node(term[0])
        if node is None or node.block != ("multiply" if isinstance(pattern, Sum) else "add"):
            return
        for first, second in permutations((wire, node.path) for wire in node.wires):
            inner = self.all([(pattern.left, first), (pattern.right, second)], bound)
            if inner is not None:
                told = partial(self.words.signed, term, pattern, (first, second))
                yield Match(differences=(told,), lacking=1) + inner

    def _incomplete(
        self,
        pattern: Sum | Product,
        term: Term,
        pairs: Sequence[tuple[Pattern, Term | None]],
        extra: Sequence[Term],
        bound: Bound,
    ) -> Iterator[Match]:
        """Some sides matched with terms, others missing, and terms that are `extra`."""
        inner = self.all([(side, read) for side, read in pairs if read is not None], bound)
        if inner is None:
            return
        lacking = sum(parts(side, {**bound, **inner.bound}) for side, read in pairs if read is None)
        told = partial(self.words.parted, term, pattern, pairs, extra)
        yield Match(differences=(told,), lacking=lacking + max(0, len(extra) - 1)) + inner

    def _ungated(self, pattern: Mixed, term: Term, bound: Bound) -> Iterator[Match]:
        """No term that a gate multiplies, or one that it multiplies before it is weighed."""
        terms = self.reader.terms(term[0], "add", term[1], self.most)
        if len(terms) > self.most:
            return
        for beside in self.beside(pattern, terms):
            told = partial(self.words.ungated, term, pattern)
            yield Match(differences=(told,), lacking=parts(pattern.term, bound)) + beside
        for i, term in enumerate(terms):
            for early in self._early(pattern, term, bound):
                yield from (early + beside for beside in self.beside(pattern, [*terms[:i], *terms[i + 1 :]]))

    def _early(self, pattern: Mixed, term: Term, bound: Bound) -> Iterator[Match]:
        """A linear of what a gate multiplies, where the gate should multiply the linear."""
        node = self.reader.node(term[0])
        if node is None or node.block != "linear":
            return
        for piece in pieces(node.wires[0], self.reader.model.graph):
            read = self.reader.node(piece)
            if read is not None and read.block == "multiply":
                inner = self.match(pattern.early, (piece, node.path), bound)
                if inner is not None and not inner.differences:
                    told = partial(self.words.early, node, piece, pattern)
                    yield Match(differences=(told,), found=1) + inner
