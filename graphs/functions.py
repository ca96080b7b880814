"""The functions that an expression may call, each with a line of help."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

FUNCTIONS: Mapping[str, str] = MappingProxyType(
    {
        "sigmoid": "1 / (1 + exp(-x)), between 0 and 1",
        "tanh": "hyperbolic tangent, between -1 and 1",
        "relu": "the larger of x and 0",
        "softplus": "log(1 + exp(x)), a smooth relu",
        "exp": "e to the power of x",
        "log": "natural logarithm",
        "abs": "absolute value",
        "sqrt": "square root",
        "square": "x * x",
        "sin": "sine of x in radians",
        "cos": "cosine of x in radians",
        "gelu": "x times the normal distribution function of x",
        "silu": "x * sigmoid(x)",
        "elu": "x above 0, exp(x) - 1 below",
        "leaky_relu": "x above 0, 0.01 * x below",
        "sign": "-1, 0 or 1",
        "sum": "sum over the axis that (all) carries",
        "mean": "mean over the axis that (all) carries",
        "max": "largest value over the axis that (all) carries",
    }
)
"""The functions of an expression, each with a line of help."""

REDUCING = frozenset({"sum", "mean", "max"})
"""The functions that close a carried axis; the others work element by element."""
