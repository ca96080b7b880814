"""Subscripts as a terminal shows them: in small letters where there are such, behind a `_` where there are none."""

from __future__ import annotations

import re

_SMALL = str.maketrans("0123456789+-−aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_TYPED = re.compile(r"(?<=\w)_(?:\{([^{}]+)\}|(\w)(?!\w))")
"""What is lowered in a label of characters alone: `_{t-1}`, `_t`."""
_DRAWN = re.compile("[\u2500-\u25ff]")
"""Lines, corners and arrows."""


def lowered(said: str) -> str:
    """A subscript: of a name and a step often the step alone is small.

    >>> lowered("t−1"), lowered("score"), lowered("f,t")
    ('ₜ₋₁', '_score', '_fₜ')
    """
    text, small = "", False
    for part in said.split(","):
        comma, small = "," * small, all(ord(letter) in _SMALL for letter in part)
        text += comma + part.translate(_SMALL) if small else f"_{part}"
    return text


def with_small_letters(typed: str) -> str:
    """A line of a picture or an equation in characters, its subscripts made small.

    What is drawn to the right of one stays in its column.

    >>> with_small_letters(" h_{t-1} │ x_t │ W_{score} │"), with_small_letters("y_t = a_1 my_rnn")
    (' hₜ₋₁    │ xₜ  │ W_score   │', 'yₜ = a₁ my_rnn')
    """
    drawn = _DRAWN.search(typed) is not None
    return _TYPED.sub(lambda one: lowered(one[1] or one[2]).ljust(len(one[0]) if drawn else 0), typed).rstrip()
