"""Attention and decoders against hand-written loops in plain torch operations, ragged along both axes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from leporello.builder.compiling import compile
from leporello.graphs.problems import SpecError
from tests.support.comparing import (
    arguments,
    assert_same,
    by_interpreter,
    by_module,
    checked_spec,
    compiled,
    differences,
    make_case,
    with_padding,
)
from tests.support.models.formulas import (
    SOURCE,
    TARGET,
    Weights,
    additive,
    affine,
    dot,
    padded,
    runs,
    sigmoid,
    tanh,
    weighed,
)
from tests.support.numerics import outcome, randoms, spread, tokens

ATTENTION = """
spec: 1
inputs: {q: {features: 4, axis: target}, m: {features: 3, axis: source}}
nodes:
  look: {block: %s, query: q, memory: m, units: 4}
outputs: {context: look, shares: look.weights}
"""


Look = Callable[[Weights, Tensor, list[Tensor]], tuple[Tensor, Tensor]]
"""Context and weights by one query, from weights, the query and the memory."""


def normalised(w: Weights, query: Tensor, memory: list[Tensor]) -> tuple[Tensor, Tensor]:
    u = w["look.g.value"] * w["look.v.value"] / torch.linalg.vector_norm(w["look.v.value"])
    asked = affine(w, "look.Q", query)
    return weighed(torch.stack([u @ tanh(asked + affine(w, "look.K", m)) for m in memory]), memory)


def scaled(w: Weights, query: Tensor, memory: list[Tensor]) -> tuple[Tensor, Tensor]:
    asked = affine(w, "look.Q", query)
    return weighed(torch.stack([asked @ affine(w, "look.K", m) / 4**0.5 for m in memory]), memory)


def local(w: Weights, query: Tensor, memory: list[Tensor]) -> tuple[Tensor, Tensor]:
    """With a window of 2: what lies further away takes no part, not even in the softmax."""
    place = len(memory) * sigmoid(affine(w, "look.v", tanh(affine(w, "look.W", query))))
    near = [j for j in range(len(memory)) if abs(j + 1 - place.item()) <= 2]
    _, raw = weighed(torch.stack([query @ affine(w, "look.K", memory[j]) for j in near]), [memory[j] for j in near])
    share = torch.zeros(len(memory), dtype=torch.float64)
    for a, j in zip(raw, near, strict=True):
        bump = torch.exp(-((j + 1 - place) ** 2) / 2)
        share = share + a * bump * torch.eye(len(memory), dtype=torch.float64)[j]
    return torch.stack(memory).T @ share, share


SCORES: dict[str, Look] = {
    "attention": lambda w, q, m: additive(w, "look", q, m),
    "attention, score: normalised": normalised,
    "attention, score: dot": lambda w, q, m: weighed(torch.stack([q @ step for step in m]), m),
    "attention, score: scaled": scaled,
    "attention, score: general": lambda w, q, m: dot(w, "look", q, m, 1.0),
    "dot_attention": lambda w, q, m: dot(w, "look", q, m, 1.0),
    "dot_attention, scale: 2.5": lambda w, q, m: dot(w, "look", q, m, 2.5),
    "local_attention, window: 2": local,
}


@pytest.mark.parametrize("block", SCORES)
def test_attention_is_its_formulas(block: str) -> None:
    features = 4 if "score: dot" in block else 3
    module = spread(compile(ATTENTION.replace("features: 3", f"features: {features}") % block).double())
    weights = {name.replace("1.forward_.", ""): value for name, value in module.named_parameters()}
    inputs = {"q": randoms(1, 3, 4, 4), "m": randoms(2, 3, 5, features)}
    contexts, shares = [], torch.zeros(3, 4, 5, dtype=torch.float64)
    for row in range(3):
        memory = list(inputs["m"][row, : SOURCE[row]])
        found = []
        for time in range(TARGET[row]):
            context, share = SCORES[block](weights, inputs["q"][row, time], memory)
            found.append(context)
            place = torch.zeros(3, 4, 5, dtype=torch.bool)
            place[row, time, : SOURCE[row]] = True
            shares = shares.masked_scatter(place, share)
        contexts.append(found)
    leaves = {**inputs, **dict(module.named_parameters())}
    runs(module, inputs, {"context": padded(contexts), "shares": shares.unsqueeze(-1)}, leaves)


def remembering(w: Weights, queries: list[Tensor], memory: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    """Coverage: what has been looked at takes part in the score (See et al. 2017)."""
    coverage, contexts, repeated = torch.zeros(len(memory), dtype=torch.float64), [], []
    for query in queries:
        asked = affine(w, "look.Q", query)
        seen = [affine(w, "look.C", part.unsqueeze(0)) for part in coverage]
        energies = [
            affine(w, "look.score", tanh(asked + affine(w, "look.K", m) + s)) for m, s in zip(memory, seen, strict=True)
        ]
        context, share = weighed(torch.cat(energies), memory)
        contexts.append(context)
        repeated.append(torch.minimum(share, coverage).sum().unsqueeze(0))
        coverage = coverage + share
    return contexts, repeated


def moving(w: Weights, queries: list[Tensor], memory: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    """Graves 2013, equations 46 to 51, steps counted from 1."""
    place, contexts, places = torch.zeros(4, dtype=torch.float64), [], []
    for query in queries:
        height, width = torch.exp(affine(w, "look.A", query)), torch.exp(affine(w, "look.B", query))
        place = place + torch.exp(affine(w, "look.P", query))
        share = [(height * torch.exp(-width * (place - j) ** 2)).sum() for j in range(1, len(memory) + 1)]
        contexts.append(torch.stack(memory).T @ torch.stack(share))
        places.append(place)
    return contexts, places


@pytest.mark.parametrize(
    ("block", "port", "by_hand"),
    [
        ("coverage_attention, units: 4", "repeated", remembering),
        ("location_attention, mixtures: 4", "place", moving),
    ],
)
def test_attention_that_goes_on_from_where_it_looked(
    block: str,
    port: str,
    by_hand: Callable[[Weights, list[Tensor], list[Tensor]], tuple[list[Tensor], list[Tensor]]],
) -> None:
    text = ATTENTION.replace(", units: 4", "").replace("look.weights", f"look.{port}") % block
    module = spread(compile(text).double())
    weights = {name.replace("1.forward_.", ""): value for name, value in module.named_parameters()}
    inputs = {"q": randoms(1, 3, 4, 4), "m": randoms(2, 3, 5, 3)}
    rows = [
        by_hand(weights, list(inputs["q"][row, : TARGET[row]]), list(inputs["m"][row, : SOURCE[row]]))
        for row in range(3)
    ]
    expected = {"context": padded([row[0] for row in rows]), "shares": padded([row[1] for row in rows])}
    runs(module, inputs, expected, {**inputs, **dict(module.named_parameters())})


ALL = [*SCORES, "coverage_attention", "location_attention, mixtures: 2"]


@pytest.mark.parametrize("block", ALL)
def test_attention_beyond_the_end_is_exactly_zero_and_padding_changes_nothing(block: str) -> None:
    text = ATTENTION.replace("features: 3", "features: 4") % block
    case = make_case(
        checked_spec(text.replace(", units: 4", "" if "location" in block else ", units: 4")),
        {"target": tuple(TARGET), "source": tuple(SOURCE)},
        1,
    )
    module = compiled(case)
    truth = by_interpreter(case)
    assert_same(by_module(case, module), truth)
    filled = with_padding(case, 2)
    found = module(**arguments(module, filled), lengths=case.lengths)
    assert not differences(found, truth.outputs)
    for row, length in enumerate(SOURCE):
        assert found["shares"][row, :, length:].eq(0).all()


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
