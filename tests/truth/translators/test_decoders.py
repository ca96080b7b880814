"""Encoders and decoders against hand-written loops in plain torch operations, ragged along both axes."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from leporello.builder.compiling import compile
from leporello.builder.interpret import interpret
from tests.support.comparing import assert_same, differences
from tests.support.models.formulas import (
    LENGTHS,
    SOURCE,
    TARGET,
    Weights,
    additive,
    affine,
    encoded,
    lstm,
    padded,
    runs,
    sigmoid,
    tanh,
)
from tests.support.numerics import outcome, randoms, spread, tokens
from tests.support.paths import EXAMPLES

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
                states[layer] = lstm(w, f"decoder.{layer + 1}.forward_", x, *states[layer])
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


def gnmt_by_hand(w: Weights, source: Tensor, target: Tensor) -> Tensor:
    """Wu et al. 2016 in small: both directions below, residual layers, the context in every layer of the decoder."""
    zero = (torch.zeros(4, dtype=torch.float64), torch.zeros(4, dtype=torch.float64))
    half = (torch.zeros(2, dtype=torch.float64), torch.zeros(2, dtype=torch.float64))
    sentences = []
    for row in range(3):
        words = [w["e.weight"][token] for token in source[row, : SOURCE[row]]]
        forth, back, state = [], [], half
        for x in words:
            state = lstm(w, "lower.1.forward_", x, *state)
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
                state = lstm(w, f"encoder.{layer}.forward_", x, *state)
                above.append(state[0] + x)
            rows = above
        paths = ["third.1.forward_.h.1.forward_", "top.1.forward_.h.1.forward_", "top.2.forward_.h.1.forward_"]
        bottom, states, logits, previous = zero, [zero] * 3, [], torch.tensor(0)
        for time in range(TARGET[row]):
            context, _ = additive(w, "attention", bottom[0], rows)
            bottom = lstm(w, "bottom.1.forward_", torch.cat([w["d.weight"][previous], context]), *bottom)
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
            ("forward_", inputs["x"][row, : SOURCE[row]]),
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
            h, c = lstm(w, "h.1.forward_", y, h, c)
            found.append(h)
        rows.append(found)
    runs(module, inputs, {"h": padded(rows), "summary": torch.stack(summaries)}, {**inputs, **w})


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
