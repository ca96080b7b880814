"""Subscripts and exponents as a terminal shows them: small where it has such letters, else behind `_` or `^`."""

from __future__ import annotations

import re

_SMALL = str.maketrans("0123456789+-−aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_RAISED = str.maketrans("0123456789+-−abcdefghijklmnoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")
_TYPED = re.compile(r"(?<=[\w}])([_^])(?:\{([^{}]+)\}|(\w)(?![^\W_]))")
"""What is lowered or raised in a label of characters alone: `_{t-1}`, `_t`, `^{in}`."""
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


def raised(said: str) -> str:
    """An exponent.

    >>> raised("in"), raised("layer 1")
    ('ⁱⁿ', '^{layer 1}')
    """
    if all(ord(letter) in _RAISED for letter in said):
        return said.translate(_RAISED)
    return f"^{said}" if len(said) == 1 else f"^{{{said}}}"


def with_small_letters(typed: str) -> str:
    """A line of a picture or an equation in characters, its subscripts made small.

    What is drawn to the right of one stays in its column.

    >>> with_small_letters(" h_{t-1} │ x_t │ W_{score} │"), with_small_letters("y_t = a_1 my_rnn")
    (' hₜ₋₁    │ xₜ  │ W_score   │', 'yₜ = a₁ my_rnn')
    >>> with_small_letters("i_t = W_i [h^{in}_t, y^f_t]")
    'iₜ = Wᵢ [hⁱⁿₜ, yᶠₜ]'
    """

    def small(one: re.Match[str]) -> str:
        said = one[2] or one[3]
        return (raised(said) if one[1] == "^" else lowered(said)).ljust(len(one[0]) if drawn else 0)

    drawn = _DRAWN.search(typed) is not None
    return _TYPED.sub(small, typed).rstrip()
