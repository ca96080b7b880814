"""Attention and decoders against hand-written loops in plain torch operations, ragged along both axes."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from leporello.builder.compiling import compile
from leporello.graphs.problems import SpecError
from tests.support.comparing import assert_same
from tests.support.formulas import SOURCE, TARGET, additive, dot, padded, runs, sigmoid, tanh
from tests.support.numerics import outcome, randoms, spread, tokens

ATTENTION = """
spec: 1
inputs: {q: {features: 4, axis: target}, m: {features: 3, axis: source}}
nodes:
  look: {block: %s, query: q, memory: m, units: 4}
outputs: {context: look, shares: look.weights}
"""


@pytest.mark.parametrize("block", ["attention", "dot_attention", "dot_attention, scale: 2.5"])
def test_attention_is_its_formulas(block: str) -> None:
    module = spread(compile(ATTENTION % block).double())
    weights = dict(module.named_parameters())
    inputs = {"q": randoms(1, 3, 4, 4), "m": randoms(2, 3, 5, 3)}
    contexts, shares = [], torch.zeros(3, 4, 5, dtype=torch.float64)
    for row in range(3):
        memory = list(inputs["m"][row, : SOURCE[row]])
        found = []
        for time in range(TARGET[row]):
            query = inputs["q"][row, time]
            scale = 2.5 if "scale" in block else 1.0
            context, share = (
                additive(weights, "look", query, memory)
                if block == "attention"
                else dot(weights, "look", query, memory, scale)
            )
            found.append(context)
            place = torch.zeros(3, 4, 5, dtype=torch.bool)
            place[row, time, : SOURCE[row]] = True
            shares = shares.masked_scatter(place, share)
        contexts.append(found)
    runs(module, inputs, {"context": padded(contexts), "shares": shares.unsqueeze(-1)}, {**inputs, **weights})


def test_self_attention_where_the_reader_runs_on_the_axis_itself() -> None:
    text = """
spec: 1
inputs: {x: {features: 3}}
nodes:
  look: {block: attention, query: x, memory: x, units: 4}
  share: {block: softmax, input: x, over: features}
  top: max(x(all) * x)
  mean: mean(tanh(x(all) - x))
outputs: {y: look, a: look.weights, top: top, mean: mean, share: share}
"""
    module = spread(compile(text).double())
    weights, x = dict(module.named_parameters()), randoms(1, 3, 5, 3)
    rows: dict[str, list[list[Tensor]]] = {name: [] for name in ("y", "top", "mean", "share")}
    for row, length in enumerate(SOURCE):
        steps = x[row, :length]
        found = [additive(weights, "look", step, list(steps))[0] for step in steps]
        rows["y"].append(found)
        rows["top"].append([(steps * step).amax(0) for step in steps])
        rows["mean"].append([tanh(steps - step).sum(0) / length for step in steps])
        rows["share"].append([torch.exp(step) / torch.exp(step).sum() for step in steps])
    leaves = {"x": x, **weights}
    lengths = {"time": torch.tensor(SOURCE)}
    found_all = module(x, lengths=lengths)
    shares = found_all.pop("a").squeeze(-1)
    assert shares.shape == (3, 5, 5)
    truth = outcome({name: padded(value) for name, value in rows.items()}, leaves)
    assert_same(outcome(found_all, leaves), truth)
    for row, length in enumerate(SOURCE):
        assert torch.allclose(shares[row, :length, :length].sum(-1), torch.ones(length, dtype=torch.float64))
        assert shares[row, length:].eq(0).all() and shares[row, :, length:].eq(0).all()


def test_a_static_query_and_a_label_beside_every_step() -> None:
    text = """
spec: 1
inputs: {x: {features: 3}, label: {tokens: 4, axis: none}}
nodes:
  l: {block: embedding, input: label, units: 3}
  gated: x * sigmoid(l)
  look: {block: attention, query: l, memory: gated, units: 2}
  both: [gated, look]
outputs: {context: look, shares: look.weights, both: both, opening: x(first), close: gated(last)}
"""
    module = spread(compile(text).double())
    w = dict(module.named_parameters())
    x, label = randoms(1, 3, 5, 3), tokens(4, 4, 3)
    contexts, boths, closes = [], [], []
    for row, length in enumerate(SOURCE):
        embedded = w["l.weight"][label[row]]
        gated = [step * sigmoid(embedded) for step in x[row, :length]]
        contexts.append(additive(w, "look", embedded, gated)[0])
        boths.append([torch.cat([step, contexts[-1]]) for step in gated])
        closes.append(gated[-1])
    expected = {
        "context": torch.stack(contexts),
        "both": padded(boths),
        "opening": x[:, 0],
        "close": torch.stack(closes),
    }
    leaves = {"x": x, **w}
    found = module(x, label, lengths={"time": torch.tensor(SOURCE)})
    assert found.pop("shares").shape == (3, 5, 1)
    assert_same(outcome(found, leaves), outcome(expected, leaves))


def test_attention_over_something_without_time_is_refused() -> None:
    with pytest.raises(SpecError, match="no time axis"):
        compile(ATTENTION.replace("features: 3, axis: source", "features: 3, axis: none") % "attention")
    with pytest.raises(SpecError, match="size"):
        compile(ATTENTION.replace("units: 4", "units: 5") % "dot_attention")
