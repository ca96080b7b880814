"""Textbook formulas in plain torch operations, one sequence and one step at a time, for the truth tests."""

from __future__ import annotations

import inspect
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from leporello.builder.interpret import interpret
from tests.support.comparing import Tensors, assert_same
from tests.support.numerics import outcome

SOURCE, TARGET = [5, 2, 4], [3, 1, 4]
LENGTHS = {"source": torch.tensor(SOURCE), "target": torch.tensor(TARGET)}
Weights = Mapping[str, Tensor]
sigmoid, tanh = torch.sigmoid, torch.tanh


def affine(weights: Weights, name: str, *values: Tensor) -> Tensor:
    """W [values] + b."""
    product = weights[f"{name}.weight"] @ torch.cat(values)
    return product + weights[f"{name}.bias"] if f"{name}.bias" in weights else product


def lstm(weights: Weights, path: str, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """One step of an LSTM, one sequence."""
    i, f, g, o = (affine(weights, f"{path}.W_{gate}", x, h) for gate in "ifgo")
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


def additive(weights: Weights, path: str, query: Tensor, memory: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Bahdanau et al. 2014: context and weights for one query."""
    asked = affine(weights, f"{path}.Q", query)
    energies = [affine(weights, f"{path}.score", tanh(asked + affine(weights, f"{path}.K", m))) for m in memory]
    return weighed(torch.cat(energies), memory)


def dot(weights: Weights, path: str, query: Tensor, memory: list[Tensor], scale: float) -> tuple[Tensor, Tensor]:
    """Luong et al. 2015, general score."""
    energies = [query @ affine(weights, f"{path}.K", m) / scale for m in memory]
    return weighed(torch.stack(energies), memory)


def weighed(energies: Tensor, memory: list[Tensor]) -> tuple[Tensor, Tensor]:
    """The mean of the memory by softmax of the energies."""
    powers = torch.exp(energies - energies.max().detach())
    shares = powers / powers.sum()
    return sum((a * m for a, m in zip(shares, memory, strict=True)), torch.zeros_like(memory[0])), shares


def encoded(
    weights: Weights, path: str, rows: list[Tensor], units: int, layers: int
) -> tuple[list[Tensor], list[tuple[Tensor, Tensor]]]:
    """A stacked LSTM over one sequence: the last layer's outputs and every layer's last state."""
    ends = []
    for layer in range(1, layers + 1):
        h = c = torch.zeros(units, dtype=torch.float64)
        found = []
        for x in rows:
            h, c = lstm(weights, f"{path}.{layer}.forward_", x, h, c)
            found.append(h)
        rows = found
        ends.append((h, c))
    return rows, ends


def padded(rows: list[list[Tensor]]) -> Tensor:
    """Sequences of steps, zero beyond their ends: `[batch, time, features]`."""
    longest = max(map(len, rows))
    blank = torch.zeros_like(rows[0][0])
    return torch.stack([torch.stack([*row, *[blank] * (longest - len(row))]) for row in rows])


def runs(module: nn.Module, inputs: Tensors, expected: Tensors, leaves: Tensors) -> None:
    """Module and interpreter give what is expected, gradients too."""
    truth = outcome(expected, leaves)
    known = inspect.signature(module.forward).parameters
    inputs = {name: value for name, value in inputs.items() if name in known}
    assert_same(outcome(module(**inputs, lengths=LENGTHS), leaves), truth)
    weights = dict(module.named_parameters())
    assert_same(outcome(interpret(module.checked, inputs, weights, LENGTHS), leaves), truth)  # type: ignore[arg-type]
