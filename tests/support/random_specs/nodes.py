"""Primitive nodes: expressions, linears, tokens, lists and parts, softmax and its like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from tests.support.random_specs.reads import Reader
from tests.support.random_specs.values import Value, combined, joined


class NodeWriter(Reader):
    """Writes one primitive node at a time."""

    def initial(self, size: int, kind: str = "features") -> Any:
        """What a state starts from; None for what is usual."""
        if kind == "tokens":
            return self.pick((None, None, 1))
        choice = self.draw(st.integers(0, 7))
        if choice <= 2:
            return "learned"
        if choice == 3:
            return self.pick((0.5, -1, "zeros"))
        if choice == 4:
            static = [text for text, value in self.readable(None, "features", size, carried=None) if value.size == size]
            return self.pick(static) if static else None
        return None

    def linear(self, own: str | None, size: int, reads: Sequence[str] = (), name: str = "", **limits: Any) -> Value:
        """A linear node, perhaps of several values, perhaps with the weights of another."""
        parts, value = list(reads), None
        features = size if reads else 0
        for _ in range(self.pick((1, 1, 2, 3))):
            text, more = self.operand(own, **(limits if value is None else joined(limits, value)))
            parts.append(text)
            features += more.size
            value = more if value is None else combined(value, more)
        assert value is not None
        name = name or self.fresh("W")
        bias = self.chance(60)
        written: dict[str, Any] = {"block": "linear", "input": parts if len(parts) > 1 else parts[0], "units": size}
        if not bias:
            written["bias"] = False
        self.linears.append((name, features, size, bias))
        if reads:
            value = replace(value, own=own, open=value.open | limits["open_"])
        return self.add(name, written, replace(value, size=size, kind="features", bound=value.bound * features + 1))

    def axis(self) -> str | None:
        """The clock of the next node: that of some value."""
        return self.pick([value.own for value in self.values])

    def _expression(self) -> None:
        own, size = self.axis(), self.size()
        text, value = self.closed(own, size, 3)
        self.add(self.fresh("a"), text, value)

    def _initialled(self) -> None:
        """A node with an initial value, so that reading it late shows it."""
        own = self.axis()
        text, value = self.closed(own, self.size(), 2, carried=None)
        initial = self.initial(value.size)
        self.add(self.fresh("b"), text if initial is None else {"value": text, "initial": initial}, value)

    def _linear(self) -> None:
        self.linear(self.axis(), self.size())

    def _identity(self) -> None:
        own = self.axis()
        text, value = self.operand(own)
        self.add(self.fresh("p"), text, value)

    def _structure(self) -> None:
        """Parts put together or taken apart."""
        own = self.axis()
        if self.chance(50):
            left, a = self.operand(own)
            right, b = self.operand(own, **joined({}, a))
            both = replace(combined(a, b), size=a.size + b.size)
            name = self.fresh("j")
            written = {"block": "concatenate", "input": [left, right]} if self.chance(50) else [left, right]
            self.add(name, written, both)
            return
        even = [
            value for value in self.values if value.kind == "features" and value.size in (2, 4) and not value.pending
        ]
        if even:
            value = self.pick(even)
            name = self.fresh("s")
            self.nodes[name] = {"block": "split", "input": value.name, "into": ["front", "back"]}
            part = replace(value, size=value.size // 2)
            self.values += [
                replace(part, name=f"{name}.front"),
                replace(part, name=f"{name}.back"),
                replace(part, name=name),
            ]

    def _normal(self) -> None:
        """Softmax, layer norm, dropout, or features added up."""
        own = self.axis()
        text, value = self.operand(own)
        block = self.pick(("softmax", "layer_norm", "dropout", "sum", "max", "mean", "tanh"))
        written: dict[str, Any] = {"block": block, "input": text}
        if block in ("sum", "max", "mean"):
            written["over"] = "features"
            value = replace(value, size=1, bound=value.bound * 4)
        elif block == "softmax" and (len(value.carried) > 1 or self.chance(30)):
            written["over"] = "features"
        self.add(self.fresh("n"), written, replace(value, bound=max(value.bound, 3.0)))

    def _static(self) -> None:
        """A value that is computed once per sequence."""
        text, value = self.expression(None, self.size(), 2, carried=None)
        self.add(self.fresh("s"), f"tanh({text})", replace(value, own=None, bound=1.0))

    def tokens(self) -> None:
        """An embedding of tokens, or a choice of one."""
        tokens = [value for value in self.values if value.kind == "tokens"]
        if tokens and self.chance(70):
            own = self.pick([value.own for value in tokens])
            text, value = self.operand(own, "tokens", carried=None)
            name, units = self.fresh("e"), self.size()
            self.embeddings.append((name, value.size, units))
            value = replace(value, kind="features", size=units, bound=1.0)
            self.add(name, {"block": "embedding", "input": text, "units": units}, value)
            return
        own = self.axis()
        found = [pair for pair in self.readable(own, carried=None) if pair[1].size > 1 and self.chooses]
        if found:
            text, value = self.pick(found)
            value = replace(value, kind="tokens")
            self.add(self.fresh("k"), {"block": "argmax", "input": text}, value)

    def _fitting(self, own: str | None, size: int) -> tuple[str, Value]:
        """A read of exactly `size` features without a carried axis; where there is none, of a new linear node."""
        found = [pair for pair in self.readable(own, carried=None) if pair[1].size == size]
        if found:
            return self.pick(found)
        bridge = self.linear(own, size, carried=None)
        return bridge.name, bridge
