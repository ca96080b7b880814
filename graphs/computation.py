"""How torch computes a primitive, said in texts, so that nothing is imported before something runs."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from leporello.graphs.frozen import frozen

PLACE = re.compile(r"\{(\w+)\}")
"""A name in an expression."""
Start = str | Mapping[str, float]
"""How a weight starts: a scheme of `init:`, or a call over the weight, such as `{decay}.uniform_(0, 1)`."""
Layer = Callable[[Mapping[str, tuple[Any, ...]], Mapping[str, Any]], str]
"""From the weights that a use owns, their shapes, and its parameters to the torch layer that holds them, or nothing."""


@frozen
class Computation:
    """How a primitive is computed, in generated source and by the interpreter.

    `expression` is a torch expression over `{port}`, `{parameter}` and `{weight}`; a weight or an optional port that a
    use lacks is `None` in it. It works on `[..., features]` (tokens: `[...]`), whatever dimensions lie before. Of a
    block with several outputs it gives a tuple. For a block that runs over a carried axis, `{dimension}` is where that
    axis lies (-1: features) and `{mask}` says which of its steps are valid, `[batch, steps]`, or is None where all are.

    `helper` is the source of functions that the expression calls; it needs nothing but `torch`, `Tensor`, `nn`, `F`.
    `evaluate` is `module:function`, imported only when the interpreter needs it: from values, parameters and weights
    by name, and the dimension, to the value of the first output, or of all by name. Without it the expression is used.

    `starts` says for every weight that there may be how it starts where no torch `layer` holds it. `partial` are the
    ports at which the operation is not finite for every number: what lies in the padding is kept away from them.

    As a function it gives itself, so that a block's `computation` may be one, and may be read when it is needed.
    """

    expression: str = ""
    helper: str = ""
    evaluate: str = ""
    starts: Mapping[str, Start] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    layer: Layer | None = None
    partial: tuple[str, ...] = ()

    def __call__(self) -> Computation:
        return self

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names in the expression, each once."""
        return tuple(dict.fromkeys(PLACE.findall(self.expression)))

    @cached_property
    def plain(self) -> str:
        """The expression over plain names."""
        return PLACE.sub(r"\1", self.expression)

    @cached_property
    def is_call(self) -> bool:
        """Whether the expression stands in others without parentheses."""
        made = ast.parse(self.plain, mode="eval").body
        return isinstance(made, ast.Call | ast.Attribute | ast.Name)


NOT_COMPUTED = Computation()
"""Of what is opened, or given from outside."""
