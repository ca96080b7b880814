"""Terms of generated source: Python text, the dimensions it has, and how strongly it binds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from leporello.graphs.frozen import frozen

Dimension = str | tuple[str, str]
"""The batch, hypotheses, an axis as the clock of a value (`time`), or a carried axis (`(axis, body)`)."""

BATCH = "(batch)"
"""The sequences side by side; an axis may be called `batch`."""

HYPOTHESES = "(hypotheses)"
"""Continuations of a sequence side by side."""

CALLED = {BATCH: "batch", HYPOTHESES: "hypotheses"}
"""What comments call the dimensions that are no axis."""

ATOM, PRODUCT, SUM, LOOSE = 3, 2, 1, 0


@frozen
class Term:
    """A piece of an expression.

    `dims` are its leading dimensions (features come after them, tokens have none); one that is missing is
    the same for all. A `scalar` is a Python number, `tokens` have no features. `nodes` are the paths of those that the
    text computes, none for a variable.
    """

    text: str
    dims: tuple[Dimension, ...] = ()
    strength: int = ATOM
    scalar: bool = False
    tokens: bool = False
    nodes: tuple[str, ...] = ()

    def within(self, strength: int) -> str:
        """The text, in parentheses where its surroundings bind more strongly."""
        return self.text if self.strength >= strength else f"({self.text})"

    def named(self, name: str) -> Term:
        """The variable of that name, which holds this value."""
        return replace(self, text=name, strength=ATOM, nodes=())

    @property
    def atom(self) -> str:
        """The text, fit to be called or indexed."""
        return self.within(ATOM)


def aligned(term: Term, dims: Sequence[Dimension]) -> Term:
    """The term with its dimensions in the places that `dims` gives them, so that it broadcasts."""
    if term.scalar or term.dims == tuple(dims) or not term.dims:
        return term
    text = term.atom
    order = [dim for dim in dims if dim in term.dims]
    if tuple(order) != term.dims:
        places = ", ".join(str(term.dims.index(dim)) for dim in order)
        text = f"{text}.permute({places}{'' if term.tokens else ', -1'})"
    first = next(i for i, dim in enumerate(dims) if dim in term.dims)
    index = [":" if dim in term.dims else "None" for dim in dims[first:]]
    while index and index[-1] == ":":
        index.pop()
    if index:
        text = f"{text}[{', '.join(index)}]"
    return replace(term, text=text, dims=tuple(dims[first:]), strength=ATOM)


def together(terms: Sequence[Term], order: Sequence[Dimension]) -> tuple[list[Term], tuple[Dimension, ...]]:
    """Terms aligned to each other, and the dimensions that they have together, in the given order."""
    present = {dim for term in terms for dim in term.dims}
    dims = tuple(dim for dim in order if dim in present)
    return [aligned(term, dims) for term in terms], dims


def infix(left: Term, sign: str, right: Term, dims: tuple[Dimension, ...]) -> Term:
    """`left sign right` with the parentheses that it needs and no others."""
    strength = PRODUCT if sign in "*/" else SUM
    after = strength + 1 if sign in "-/" else strength
    text = f"{left.within(strength)} {sign} {right.within(after)}"
    return Term(text, dims, strength, left.scalar and right.scalar)
