"""Attention and decoders against hand-written loops in plain torch operations, ragged along both axes."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from comparing import Tensors, assert_same, differences
from numerics import outcome, randoms, spread, tokens
from torch import Tensor, nn

from leporello.builder.compiling import compile
from leporello.builder.interpret import interpret
from leporello.graphs.problems import SpecError

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SOURCE, TARGET = [5, 2, 4], [3, 1, 4]
LENGTHS = {"source": torch.tensor(SOURCE), "target": torch.tensor(TARGET)}
sigmoid, tanh = torch.sigmoid, torch.tanh
Weights = Mapping[str, Tensor]


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
            h, c = lstm(weights, f"{path}.{layer}.forward", x, h, c)
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


def luong_by_hand(w: Weights, source: Tensor, target: Tensor, units: int, free: list[int] | None = None) -> Tensor:
    """The example luong.yaml, sequence by sequence; `free` steps with its own choices in place of the truth."""
    sentences = []
    for row in range(3):
        words = [w["e.weight"][token] for token in source[row, : SOURCE[row]]]
        memory, ends = encoded(w, "encoder", words, units, 2)
        attentional = torch.zeros(units, dtype=torch.float64)
        states, previous, logits = list(ends), torch.tensor(0), []
        for time in range(TARGET[row] if free is None else free[row]):
            x = torch.cat([w["d.weight"][previous], attentional])
            for layer in (0, 1):
                states[layer] = lstm(w, f"decoder.{layer + 1}.forward", x, *states[layer])
                x = states[layer][0]
            context, _ = additive(w, "attention", x, memory)
            attentional = tanh(affine(w, "W_c", context, x))
            logits.append(affine(w, "logits", attentional))
            previous = target[row, time] if free is None else logits[-1].argmax()
        sentences.append(logits)
    return padded(sentences)


def small_luong(feedback: str = "teacher") -> nn.Module:
    """The example with a few units, weights spread."""
    text = (EXAMPLES / "luong.yaml").read_text().replace("128", "4").replace("64", "3")
    return spread(compile(text, feedback=feedback, source_words=7, target_words=6).double())  # type: ignore[arg-type]


def test_luong_is_a_hand_written_loop() -> None:
    module = small_luong()
    weights = dict(module.named_parameters())
    inputs = {"source": tokens(1, 7, 3, 5), "target": tokens(2, 6, 3, 4)}
    expected = luong_by_hand(weights, inputs["source"], inputs["target"], 4)
    runs(module, inputs, {"words": expected}, weights)


def test_luong_runs_free_for_asked_lengths() -> None:
    module = small_luong("free")
    weights = dict(module.named_parameters())
    source = tokens(1, 7, 3, 5)
    expected = outcome({"words": luong_by_hand(weights, source, source, 4, TARGET)}, weights)
    found = module(source=source, lengths=LENGTHS)
    assert_same(outcome(found, weights), expected)
    truth = interpret(module.checked, {"source": source}, weights, LENGTHS, feedback="free")  # type: ignore[arg-type]
    assert not differences(found, truth)
    seven = module(source=source, lengths={**LENGTHS, "target": 7})["words"]
    assert seven.shape == (3, 7, 6)
    assert not differences({"words": seven}, {"words": luong_by_hand(weights, source, source, 4, [7, 7, 7])})


def test_luong_steps_with_its_own_choices() -> None:
    module = small_luong()
    source = tokens(1, 7, 3, 5)
    state = module.start(source=source, lengths={"source": LENGTHS["source"]})  # type: ignore[operator]
    previous, found = torch.zeros(3, dtype=torch.long), []
    for _ in range(4):
        outputs, state = module.step({"previous": previous}, state)  # type: ignore[operator]
        found.append(outputs["words"])
        previous = outputs["words"].argmax(-1)
    by_hand = luong_by_hand(dict(module.named_parameters()), source, source, 4, [4, 4, 4])
    assert not differences({"words": torch.stack(found, 1)}, {"words": by_hand})


GNMT = """
spec: 1
inputs:
  source: {tokens: 7, axis: source}
  target: {tokens: 6, axis: target}
blocks:
  reading:
    inputs: [x, context]
    parameters: {units: 4}
    nodes:
      h: {block: lstm, input: [x, context], units: $units}
    outputs: [h]
nodes:
  e: {block: embedding, input: source, units: 4}
  lower: {block: lstm, input: e, units: 2, direction: both}
  second: {block: lstm, input: lower, units: 4}
  encoder: {block: lstm, input: second, units: 4, layers: 2, residual: 1}
  previous: {block: feedback, truth: target(t-1), own: choice(t-1)}
  d: {block: embedding, input: previous, units: 4}
  bottom: {block: lstm, input: [d, attention.context], units: 4}
  attention: {block: attention, query: bottom(t-1), memory: encoder, units: 3}
  third: {block: reading, x: bottom, context: attention.context, units: 4}
  top: {block: reading, x: third, context: attention.context, units: 4, layers: 2, residual: 1}
  logits: {block: linear, input: top, units: 6}
  choice: {block: argmax, input: logits}
outputs:
  words: {from: logits, predicts: target}
"""


def gnmt_by_hand(w: Weights, source: Tensor, target: Tensor) -> Tensor:
    """Wu et al. 2016 in small: both directions below, residual layers, the context in every layer of the decoder."""
    zero = (torch.zeros(4, dtype=torch.float64), torch.zeros(4, dtype=torch.float64))
    half = (torch.zeros(2, dtype=torch.float64), torch.zeros(2, dtype=torch.float64))
    sentences = []
    for row in range(3):
        words = [w["e.weight"][token] for token in source[row, : SOURCE[row]]]
        forth, back, state = [], [], half
        for x in words:
            state = lstm(w, "lower.1.forward", x, *state)
            forth.append(state[0])
        state = half
        for x in reversed(words):
            state = lstm(w, "lower.1.backward", x, *state)
            back.append(state[0])
        rows = [torch.cat(pair) for pair in zip(forth, reversed(back), strict=True)]
        rows, _ = encoded(w, "second", rows, 4, 1)
        for layer in (1, 2):
            state, above = zero, []
            for x in rows:
                state = lstm(w, f"encoder.{layer}.forward", x, *state)
                above.append(state[0] + x)
            rows = above
        paths = ["third.1.forward.h.1.forward", "top.1.forward.h.1.forward", "top.2.forward.h.1.forward"]
        bottom, states, logits, previous = zero, [zero] * 3, [], torch.tensor(0)
        for time in range(TARGET[row]):
            context, _ = additive(w, "attention", bottom[0], rows)
            bottom = lstm(w, "bottom.1.forward", torch.cat([w["d.weight"][previous], context]), *bottom)
            x = bottom[0]
            for place, path in enumerate(paths):
                states[place] = lstm(w, path, torch.cat([x, context]), *states[place])
                x = states[place][0] + x if place else states[place][0]
            logits.append(affine(w, "logits", x))
            previous = target[row, time]
        sentences.append(logits)
    return padded(sentences)


def test_gnmt_is_a_hand_written_loop() -> None:
    module = spread(compile(GNMT).double())
    weights = dict(module.named_parameters())
    inputs = {"source": tokens(1, 7, 3, 5), "target": tokens(2, 6, 3, 4)}
    runs(module, inputs, {"words": gnmt_by_hand(weights, inputs["source"], inputs["target"])}, weights)


def test_a_bridge_between_encoder_and_decoder_of_other_sizes() -> None:
    text = """
spec: 1
inputs: {x: {features: 3, axis: source}, y: {features: 2, axis: target}}
nodes:
  e: {block: gru, input: x, units: 3, direction: both}
  bridge: {block: linear, input: e.final, units: 4}
  start: tanh(bridge)
  h: {block: lstm, input: y, units: 4, initial: {h: start, c: zeros}}
outputs: {h: h, summary: bridge}
"""
    module = spread(compile(text).double())
    w = dict(module.named_parameters())
    inputs = {"x": randoms(1, 3, 5, 3), "y": randoms(2, 3, 4, 2)}
    rows, summaries = [], []
    for row in range(3):
        ends = []
        for way, steps in (
            ("forward", inputs["x"][row, : SOURCE[row]]),
            ("backward", inputs["x"][row, : SOURCE[row]].flip(0)),
        ):
            h = torch.zeros(3, dtype=torch.float64)
            for x in steps:
                r, z = (sigmoid(affine(w, f"e.1.{way}.W_{gate}", x, h)) for gate in "rz")
                n = tanh(affine(w, f"e.1.{way}.W_n", x) + r * affine(w, f"e.1.{way}.U_n", h))
                h = (1 - z) * n + z * h
            ends.append(h)
        summaries.append(affine(w, "bridge", *ends))
        h, c, found = tanh(summaries[-1]), torch.zeros(4, dtype=torch.float64), []
        for y in inputs["y"][row, : TARGET[row]]:
            h, c = lstm(w, "h.1.forward", y, h, c)
            found.append(h)
        rows.append(found)
    runs(module, inputs, {"h": padded(rows), "summary": torch.stack(summaries)}, {**inputs, **w})


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


def test_lengths_that_do_not_fit_are_named() -> None:
    module = small_luong()
    inputs = {"source": tokens(1, 7, 3, 5), "target": tokens(2, 6, 3, 4)}
    for wrong, told in (
        ({"sources": torch.tensor(SOURCE)}, "source"),
        ({"source": torch.tensor([5, 0, 4])}, "source.*at least 1"),
        ({"target": torch.tensor([5, 1, 4])}, "target.*between 1 and 4"),
        ({"source": torch.tensor([5, 2])}, "source"),
        ({"source": torch.tensor([[5, 2, 3]])}, "source"),
        ({"source": torch.tensor([5.0, 2.5, 3.0])}, "source"),
    ):
        with pytest.raises((ValueError, TypeError), match=told):
            module(**inputs, lengths=wrong)
    free = small_luong("free")
    for wrong, told in (
        ({}, "target"),
        ({"target": 0}, "target"),
        ({"target": torch.tensor([1, 2])}, "target"),
        ({"target": 2.5}, "target"),
    ):
        with pytest.raises((ValueError, TypeError), match=told):
            free(source=inputs["source"], lengths=wrong)
