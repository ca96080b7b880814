"""Reads and expressions over what is there already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from hypothesis import strategies as st

from tests.support.random_specs.values import (
    Carried,
    Mark,
    Promise,
    Value,
    at,
    carries,
    combined,
    group,
    joined,
    together,
)

T = TypeVar("T")

BOUNDED = ("tanh", "sigmoid", "sin", "cos")
SMOOTH = (*BOUNDED, "relu", "softplus", "abs", "gelu", "silu", "elu", "leaky_relu", "square", "sign")
GUARDED = (
    "exp(tanh({a}))",
    "exp(-abs({a}))",
    "log(softplus({a}) + 1)",
    "sqrt(square({a}) + 0.5)",
    "{a} / (1 + square({b}))",
    "{a} / 2",
    "{a} / (2 + sigmoid({b}))",
)
"""Partial functions, kept to where they are defined."""
LARGEST = 50.0
"""Values beyond this bound are squashed: what compares two floating-point sums must stay small."""


class Reader:
    """Draws, and reads of a body's values; every node reads what is there already, or a promised state late."""

    def __init__(
        self, draw: Any, values: Sequence[Value], path: str = "", blocks: dict[str, Any] | None = None
    ) -> None:
        self.draw = draw
        self.values = list(values)
        self.path = path
        self.blocks: dict[str, Any] = {} if blocks is None else blocks
        self.nodes: dict[str, Any] = {}
        self.promises: list[Promise] = []
        self.linears: list[tuple[str, int, int, bool]] = []
        self.cells: list[tuple[str, int, dict[str, Any]]] = []
        self.embeddings: list[tuple[str, int, int]] = []
        self.stateful: list[tuple[str, tuple[Any, ...]]] = []
        self.started: list[str] = []
        self.delays = False
        self.chooses = True

    def pick(self, choices: Sequence[T]) -> T:
        return self.draw(st.sampled_from(list(choices)))  # type: ignore[no-any-return]

    def chance(self, percent: int) -> bool:
        """True in so many of a hundred cases; shrinks towards False."""
        return self.draw(st.integers(0, 99)) >= 100 - percent  # type: ignore[no-any-return]

    def size(self) -> int:
        return self.pick((1, 2, 3, 4, 2, 3))

    def fresh(self, stem: str) -> str:
        return f"{stem}{len(self.nodes) + len(self.promises) + 1}"

    def readable(
        self,
        own: str | None,
        kind: str = "features",
        size: int | None = None,
        open_: frozenset[Mark] = frozenset(),
        carried: tuple[Carried, ...] | None = (),
    ) -> list[tuple[str, Value]]:
        """Every read that a node on `own` may write, with what it gives.

        `open_` is what the reader depends on already, `carried` what it carries (None: nothing may be carried).
        """
        found = []
        for value in self.values:
            if value.kind != kind or (size is not None and value.size not in (size, 1 if size else size)):
                continue
            if not together(value.open, open_) or not carries(value.carried, carried):
                continue
            for text, given in self._times(value, own, carried):
                if carries(given.carried, carried):
                    found.append((text, given))
        return found

    def _times(self, value: Value, own: str | None, carried: tuple[Carried, ...] | None) -> list[tuple[str, Value]]:
        if value.own is None:
            return [(value.name, value)]
        found = []
        if value.own == own:
            found += [(value.name + at(k), value) for k in self._offsets(value)]
        if not value.open and not value.pending:
            static = replace(value, own=None)
            if value.own != own or self.chance(15):
                found += [(f"{value.name}(last)", static), (f"{value.name}(first)", static)]
            if carried is not None and value.kind == "features" and not value.carried:
                axes = (*value.carried, (value.own, self.path))
                found.append((f"{value.name}(all)", replace(static, carried=axes)))
        return found

    def _offsets(self, value: Value) -> list[int]:
        way = value.pending or next((way for _, way in value.open), 0)
        far = self.pick((1, 1, 2, 3))
        if value.pending:
            return [way * far]
        if way:
            return [0, 0, way * far]
        return [0, 0, 0, -far, far]

    def operand(
        self, own: str | None, kind: str = "features", size: int | None = None, **limits: Any
    ) -> tuple[str, Value]:
        """One read that fits; where there is none, a new `weight` of that size."""
        found = self.readable(own, kind, size, **limits)
        if found:
            text, value = self.pick(found)
            self.delays = self.delays or "(t" in text
            return text, value
        assert kind == "features"
        name = self.fresh("w")
        value = Value(name, "features", size or 2, None)
        self.nodes[name] = {"block": "weight", "units": value.size}
        self.values.append(value)
        return name, value

    def exact(self, own: str | None, text: str, value: Value, size: int, **limits: Any) -> tuple[str, Value]:
        """The expression, with one more operand where it would be smaller than `size`."""
        if value.size == size:
            return text, value
        limits = joined(limits, value)
        fitting = [pair for pair in self.readable(own, "features", size, **limits) if pair[1].size == size]
        name = "" if fitting else self.fresh("w")
        if name:
            self.add(name, {"block": "weight", "units": size}, Value(name, "features", size, None))
        other, more = self.pick(fitting) if fitting else (name, self.values[-1])
        return f"{group(text)} + {other}", combined(value, more)

    def expression(self, own: str | None, size: int, depth: int, **limits: Any) -> tuple[str, Value]:
        """An expression over values of `size` (or of size 1), and what it gives."""
        kind = self.draw(st.integers(0, 9)) if depth else 0
        if kind <= 2:
            text, value = self.operand(own, "features", size, **limits)
            return text, value
        if kind == 3:
            text, value = self.expression(own, size, depth - 1, **limits)
            constant = self.pick(("0.5", "2", "1e-1", "1.5"))
            sign = self.pick(("+", "-", "*"))
            shown = f"{constant} {sign} {group(text)}" if self.chance(50) else f"{group(text)} {sign} {constant}"
            return shown, replace(value, bound=value.bound * 2 + 2)
        if kind <= 5:
            text, value = self.expression(own, size, depth - 1, **limits)
            function = self.pick(SMOOTH)
            bound = 1.0 if function in BOUNDED else value.bound**2 if function == "square" else value.bound + 1
            return f"{function}({text})", replace(value, bound=bound)
        if kind == 6:
            text, value = self.expression(own, size, depth - 1, **limits)
            other, more = self.operand(own, "features", size, **joined(limits, value))
            form = self.pick(GUARDED)
            one_sided = "{b}" not in form
            both = value if one_sided else combined(value, more)
            return form.format(a=group(text), b=other), replace(both, bound=value.bound + 3)
        if kind == 7:
            text, value = self.expression(own, size, depth - 1, **limits)
            return f"-{group(text)}", value
        left, a = self.expression(own, size, depth - 1, **limits)
        right, b = self.expression(own, size, depth - 1, **joined(limits, a))
        sign = self.pick(("+", "-", "*"))
        bound = a.bound * b.bound if sign == "*" else a.bound + b.bound
        return f"{group(left)} {sign} {group(right)}", replace(combined(a, b), bound=bound)

    def closed(self, own: str | None, size: int, depth: int, **limits: Any) -> tuple[str, Value]:
        """An expression that is small, and whose one carried axis is closed more often than not."""
        text, value = self.expression(own, size, depth, **limits)
        if value.bound > LARGEST:
            text, value = f"tanh({text})", replace(value, bound=1.0)
        if len(value.carried) == 1 and self.chance(60):
            function = self.pick(("sum", "mean", "max"))
            text, value = f"{function}({text})", replace(value, carried=(), bound=value.bound * 5)
        return text, value

    def add(self, name: str, written: Any, value: Value) -> Value:
        """A node, and what it gives."""
        self.nodes[name] = written
        value = replace(value, name=name, pending=0)
        self.values.append(value)
        return value
