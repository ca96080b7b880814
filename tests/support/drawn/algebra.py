"""Equations read back as they are written: from letters to numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

FUNCTIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    **{name: getattr(torch, name) for name in ("tanh", "relu", "exp", "log", "abs", "sqrt", "square", "sin", "cos")},
    **{name: getattr(functional, name) for name in ("softplus", "gelu", "silu", "elu", "leaky_relu")},
    "σ": torch.sigmoid,
    "sign": torch.sign,
    "softmax": lambda value: torch.softmax(value, -1),
}
TOKEN = re.compile(
    r"(?P<power>(?:[\d.]+ · )?10\^(?:\{-?\d+\}|\d))|(?P<number>\d+(?:\.\d+)?)|(?P<sign>[-+⊙/()\[\],])"
    r"|(?P<name>[^\W\d_][^\s\[\](),⊙/+\-^_]*(?:\^(?:\{[^}]*\}|\w))?(?:_(?:\{[^}]*\}|\w))?)|\s+"
)


class UnknownError(Exception):
    """Something that is not read back: a block that is no algebra."""


@dataclass
class Algebra:
    """The right side of an equation with what its letters stand for: values, and weights (matrices or tables)."""

    text: str
    values: Mapping[str, Tensor]
    weights: Mapping[str, Tensor]

    def value(self) -> Tensor:
        """What it computes."""
        self.tokens = [found for found in TOKEN.finditer(self.text) if found.lastgroup]
        if "".join(found[0] for found in TOKEN.finditer(self.text)) != self.text:
            raise UnknownError(self.text)
        self.at = 0
        found = self._sum()
        assert self.at == len(self.tokens), self.text
        return found

    @property
    def _next(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def _take(self, text: str = "") -> str:
        found = self._next
        assert not text or found == text, (self.text, found, text)
        self.at += 1
        return found

    def _sum(self) -> Tensor:
        found = self._product()
        while self._next in ("+", "-"):
            sign = self._take()
            other = self._product()
            found = found + other if sign == "+" else found - other
        return found

    def _product(self) -> Tensor:
        found = self._factor()
        while self._next and self._next not in ("+", "-", ")", "]", ","):
            sign = self._take() if self._next in ("⊙", "/") else "⊙"
            other = self._factor()
            found = found / other if sign == "/" else found * other
        return found

    def _factor(self) -> Tensor:
        if self._next == "-":
            self._take()
            return -self._factor()
        if self._next == "(":
            self._take()
            found = self._sum()
            self._take(")")
            return found
        if self._next == "[":
            self._take()
            parts = [self._sum()]
            while self._next == ",":
                self._take()
                parts.append(self._sum())
            self._take("]")
            steps = max(part.shape[0] if part.dim() > 1 else 0 for part in parts)
            parts = [part.expand(steps, -1) if steps and part.dim() == 1 else part for part in parts]
            return torch.cat(parts, -1) if len(parts) > 1 else parts[0]
        token = self.tokens[self.at]
        self.at += 1
        if token.lastgroup == "number":
            return torch.tensor(float(token[0]), dtype=torch.float64)
        if token.lastgroup == "power":
            factor, _, exponent = token[0].rpartition("10^")
            return torch.tensor(float(f"{factor.removesuffix(' · ') or 1}e{exponent.strip('{}')}"), dtype=torch.float64)
        return self._named(token[0])

    def _named(self, name: str) -> Tensor:
        if name in self.weights and self.weights[name].dim() == 2:
            weight, value = self.weights[name], self._factor()
            return value @ weight.T if value.is_floating_point() else functional.embedding(value, weight)
        if name in self.weights:
            return self.weights[name]
        if self._next == "(" and name not in self.values:
            if name not in FUNCTIONS:
                raise UnknownError(name)
            return FUNCTIONS[name](self._factor())
        if name not in self.values:
            raise KeyError(name)
        return self.values[name]
