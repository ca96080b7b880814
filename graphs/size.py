"""Sizes that may still be unknown: whole numbers, or sums of products of names such as `2 * $units + 3`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from leporello.graphs.frozen import frozen

if TYPE_CHECKING:
    from fractions import Fraction

Number: TypeAlias = "int | Fraction"
Terms: TypeAlias = "tuple[tuple[tuple[str, ...], Number], ...]"
MOST = 10**40
"""No factor is as large."""


@frozen
class Size:
    """A size with names in it, as a normal form: products of names, each with a factor.

    >>> str(2 * Size.named("units") + 3)
    '2 * $units + 3'
    >>> Size.named("words") - Size.named("words")
    0
    """

    terms: Terms

    @staticmethod
    def named(name: str) -> Size:
        """The size that is called `name`."""
        return Size((((name,), 1),))

    @property
    def names(self) -> frozenset[str]:
        """The names that occur in it."""
        return frozenset(name for product, _ in self.terms for name in product)

    def __add__(self, other: AnySize) -> AnySize:
        return _normal(_terms(self) + _terms(other))

    def __sub__(self, other: AnySize) -> AnySize:
        return self + (-1 * other)

    def __rsub__(self, other: AnySize) -> AnySize:
        return -1 * self + other

    def __neg__(self) -> AnySize:
        return -1 * self

    def __mul__(self, other: AnySize) -> AnySize:
        pairs = [(a, b) for a in _terms(self) for b in _terms(other)]
        # Squares of squares would fill the memory long before they could be a size.
        if len(pairs) > 10_000 or any(len(p) + len(q) > 16 or not -MOST < x * y < MOST for (p, x), (q, y) in pairs):
            raise ValueError("it is too complicated")
        return _normal(tuple((tuple(sorted(p + q)), x * y) for (p, x), (q, y) in pairs))

    def __truediv__(self, other: AnySize) -> AnySize:
        if isinstance(other, Size):
            if len(other.terms) == 1:
                (product, factor) = other.terms[0]
                rest = [_without(names, product) for names, _ in self.terms]
                if all(names is not None for names in rest):
                    terms = zip(rest, self.terms, strict=True)
                    return _normal(tuple((names or (), _ratio(x, factor)) for names, (_, x) in terms))
            raise ValueError(f"{self} is not a multiple of {other}")
        return self * _ratio(1, other)

    def __rtruediv__(self, other: int) -> AnySize:
        raise ValueError(f"{other} / {self} is not a whole number for every {self}")

    __radd__, __rmul__ = __add__, __mul__

    def __str__(self) -> str:
        return " + ".join(_product(names, factor) for names, factor in self.terms)


AnySize: TypeAlias = "int | Fraction | Size"


def _terms(size: AnySize) -> Terms:
    return size.terms if isinstance(size, Size) else (((), size),)


def _ratio(a: Number, b: Number) -> Number:
    """`a / b` without rounding."""
    from fractions import Fraction  # late: few sizes are divided

    return Fraction(a) / b


def _normal(terms: Terms) -> AnySize:
    total: dict[tuple[str, ...], Number] = {}
    for product, factor in terms:
        total[product] = total.get(product, 0) + factor
    kept = {product: factor for product, factor in total.items() if factor}
    if not kept or set(kept) == {()}:
        constant = kept.get((), 0)
        return int(constant) if constant.denominator == 1 else constant
    return Size(tuple(sorted(kept.items(), key=lambda item: (not item[0], item))))


def _without(names: tuple[str, ...], product: tuple[str, ...]) -> tuple[str, ...] | None:
    left = Counter(names)
    left.subtract(Counter(product))
    return None if any(n < 0 for n in left.values()) else tuple(sorted(left.elements()))


def _product(names: tuple[str, ...], factor: Number) -> str:
    words = [f"${name}" for name in names]
    return " * ".join(words if factor == 1 and words else [str(factor), *words])


def differ(a: AnySize | None, b: AnySize | None) -> bool:
    """Whether two sizes are surely different; one that is unknown may still turn out to fit.

    >>> differ(3, 4), differ(3, Size.named("n")), differ(Size.named("n"), Size.named("n") + 1)
    (True, False, True)
    """
    if a is None or b is None or a == b:
        return False
    return not isinstance(a - b, Size)
