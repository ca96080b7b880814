"""Schemes: the ways in which weights start, as `init:` says them, of all weights of a node or by their names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from leporello.graphs.fields import shown
from leporello.graphs.problems import suggest


class Scheme(NamedTuple):
    """A way to start: how a spec writes it, and what it does. `matrices`: whether it is for these alone."""

    written: str
    help: str
    matrices: bool = False

    @property
    def numbered(self) -> bool:
        """Whether it takes a number."""
        return self.written.startswith("{")


SCHEMES: Mapping[str, Scheme] = {
    "zeros": Scheme("zeros", "0"),
    "ones": Scheme("ones", "1"),
    "constant": Scheme("{constant: 1}", "that number"),
    "uniform": Scheme("{uniform: 0.1}", "evenly within that bound on both sides of 0"),
    "normal": Scheme("{normal: 0.01}", "around 0 with that deviation"),
    "xavier": Scheme("xavier", "Glorot and Bengio 2010, uniform; matrices only", True),
    "kaiming": Scheme("kaiming", "He et al. 2015, uniform; matrices only", True),
    "orthogonal": Scheme("orthogonal", "Saxe et al. 2013, arXiv:1312.6120; matrices only", True),
    "default": Scheme("default", "within 1 / sqrt(last dimension), as torch starts its linear layers"),
    "recurrent": Scheme("recurrent", "within 1 / sqrt(units), as torch starts its recurrent layers"),
    "recurrent_pair": Scheme("recurrent_pair", "the sum of two such draws: one bias that stands for torch's two"),
}
_NUMBERED = frozenset(name for name, scheme in SCHEMES.items() if scheme.numbered)
Fault = tuple[str, str, str]
"""What is wrong, how to mend it, and at which key of a mapping (empty: at the whole)."""


def by_weight(said: Any) -> bool:
    """Whether `init:` says schemes by weight, not one scheme.

    >>> by_weight({"bias": "zeros"}), by_weight({"uniform": 0.1}), by_weight("zeros")
    (True, False, False)
    """
    return isinstance(said, Mapping) and not set(said) & set(SCHEMES)


def is_for_matrices(scheme: Any) -> bool:
    """Whether a scheme starts nothing but matrices."""
    return isinstance(scheme, str) and scheme in SCHEMES and SCHEMES[scheme].matrices


def scheme_faults(said: Any) -> Iterator[Fault]:
    """Everything in `init:` that is no scheme.

    >>> list(scheme_faults({"weight": "orthogonal", "bias": {"constant": 1}}))
    []
    >>> [what for what, _, _ in scheme_faults({"bias": "zeroes"})]
    ["init: knows no 'zeroes'"]
    """
    if not by_weight(said):
        yield from ((what, hint, "") for what, hint in _fault(said))
    elif not said:
        yield "init: names no weight", "{weight: orthogonal, bias: {constant: 1}}", ""
    else:
        yield from ((what, hint, str(name)) for name, scheme in said.items() for what, hint in _fault(scheme))


def _fault(said: Any) -> Iterator[tuple[str, str]]:
    """What is wrong with one scheme."""
    if isinstance(said, Mapping) and len(said) == 1:
        ((name, number),) = said.items()
        if name not in _NUMBERED:
            if name in SCHEMES:
                yield f"{name} takes no number", f"init: {name}"
            else:
                yield f"init: knows no {str(name)[:80]!r}", _hint(str(name))
        elif not isinstance(number, int | float) or isinstance(number, bool) or not -1e300 < number < 1e300:
            yield f"{name} must be a number, not {shown(number)}", SCHEMES[name].written
        elif number < 0 and name != "constant":
            yield f"{name} must be a number of at least 0, not {number:g}", SCHEMES[name].written
    elif isinstance(said, str):
        if said in _NUMBERED:
            yield f"{said} needs a number", SCHEMES[said].written
        elif said not in SCHEMES:
            yield f"init: knows no {said[:80]!r}", _hint(said)
    elif isinstance(said, int | float) and not isinstance(said, bool):
        yield "init: must be a scheme, not a number", f"{{constant: {said}}}"
    else:
        yield "init: must be a scheme, or schemes by weight", "{weight: orthogonal, bias: {constant: 1}}"


def _hint(name: str) -> str:
    """The schemes as they are written, nearest first."""
    listed = suggest(name, SCHEMES, "it knows")
    return re.sub(rf"\b({'|'.join(_NUMBERED)})\b", lambda found: SCHEMES[found[1]].written, listed)
