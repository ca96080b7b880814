"""Specs to draw: the examples, some larger models, and models of a thousand nodes."""

from __future__ import annotations

import random
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"

DEEP = """
spec: 1
name: deep_translation
parameters: {source_words: 100, target_words: 100}
inputs:
  source: {tokens: $source_words, axis: source}
  target: {tokens: $target_words, axis: target}
nodes:
  e: {block: embedding, input: source, units: 16}
  lowest: {block: lstm, input: e, units: 8, direction: both}
  encoder: {block: lstm, input: lowest, units: 16, layers: 4, residual: 2, dropout: 0.2}
  previous: {block: feedback, truth: target(t-1), own: choice(t-1)}
  d: {block: embedding, input: previous, units: 16}
  bottom: {block: lstm, input: [d, attention], units: 16}
  attention: {block: attention, query: bottom(t-1), memory: encoder, units: 16}
  middle: {block: lstm, input: [bottom, attention], units: 16}
  top: {block: lstm, input: [middle, attention], units: 16}
  logits: {block: linear, input: top, units: $target_words}
  choice: {block: argmax, input: logits}
outputs:
  words: {from: logits, predicts: target}
"""
"""An encoder of five layers, the lowest in both directions, a decoder of three that attend (after Wu et al. 2016)."""

TRANSLATION = """
spec: 1
name: translation
inputs:
  source: {features: 16, axis: source}
  target: {features: 16, axis: target}
nodes:
  e: {block: linear, input: source, units: 32}
  encoder: {block: lstm, input: e, units: 32, layers: 2, direction: both}
  bridge: {block: linear, input: encoder(last), units: 64}
  d: {block: linear, input: [target(t-1), attentional(t-1)], units: 32}
  decoder: {block: gru, input: d, units: 64, initial: bridge}
  attention: {block: attention, query: decoder, memory: encoder, units: 32}
  W_c: {block: linear, input: [attention.context, decoder], units: 64}
  attentional: tanh(W_c)
  logits: {block: linear, input: attentional, units: 16}
outputs:
  y: {from: logits, predicts: target}
"""
"""A bidirectional encoder of two layers and a decoder with attention and input feeding: twelve nodes at each step."""

ADDITIVE = """
spec: 1
name: additive
inputs:
  query: {features: 8, axis: target}
  memory: {features: 8, axis: source}
nodes:
  K: {block: linear, input: memory, units: 8}
  Q: {block: linear, input: query, units: 8}
  energy: tanh(Q + K(all))
  score: {block: linear, input: energy, units: 1}
  weights: {block: softmax, input: score}
  weighed: weights * memory(all)
  context: {block: sum, input: weighed}
outputs:
  y: context
"""

GRU = """
spec: 1
name: gru
inputs:
  x: {features: 8}
nodes:
  W_r: {block: linear, input: [x, h(t-1)], units: 8}
  W_z: {block: linear, input: [x, h(t-1)], units: 8}
  W_n: {block: linear, input: x, units: 8}
  U_n: {block: linear, input: h(t-1), units: 8}
  n: tanh(W_n + sigmoid(W_r) * U_n)
  z: sigmoid(W_z)
  h: (1 - z) * n + z * h(t-1)
outputs:
  y: h
"""


def many_nodes(nodes: int) -> str:
    """The text of a spec of so many nodes: recurrent networks on top of each other, four nodes and one loop each."""
    lines = ["spec: 1", "inputs: {x: {features: 8}}", "nodes:"]
    below = "x"
    for layer in range(nodes // 4):
        lines.append(f"  U{layer}: {{block: linear, input: {below}, units: 8}}")
        lines.append(f"  W{layer}: {{block: linear, input: h{layer}(t-1), units: 8, bias: false}}")
        lines.append(f"  h{layer}: tanh(U{layer} + W{layer})")
        below = f"h{layer}"
    lines += [f"  rest{number}: {{block: tanh, input: {below}}}" for number in range(nodes % 4)]
    outputs = ", ".join([f"y: {below}", *(f"rest{number}: rest{number}" for number in range(nodes % 4))])
    return "\n".join([*lines, f"outputs: {{{outputs}}}", ""])


def chain(nodes: int) -> str:
    """The text of a spec of so many nodes, each read by the next."""
    lines = [f"  n{i}: {{block: tanh, input: {f'n{i - 1}' if i else 'x'}}}" for i in range(nodes)]
    return _spec(lines, [f"n{nodes - 1}"])


def wide(nodes: int) -> str:
    """The text of a spec of so many nodes that all read the input."""
    return _spec([f"  n{i}: {{block: tanh, input: x}}" for i in range(nodes)], [f"n{i}" for i in range(0, nodes, 50)])


def tangled(nodes: int, seed: int = 1) -> str:
    """The text of a spec of so many nodes that read one or two of those before them, every fifth time a step late."""
    chance, names, lines = random.Random(seed), ["x"], []
    for i in range(nodes):
        one, other = (names[max(0, len(names) - 1 - int(chance.expovariate(1 / 8)))] for _ in range(2))
        late = "(t-1)" if chance.random() < 0.2 and other != "x" else ""
        sum_ = f"{one} + {other}{late}" if chance.random() < 0.8 else f"{{block: tanh, input: {one}}}"
        lines.append(f"  n{i}: {sum_}")
        names.append(f"n{i}")
    return _spec(lines, names[-1:])


def fan(nodes: int) -> str:
    """The text of a spec of so many layers that all read the input, and one that reads them all."""
    lines = [f"  n{i}: {{block: linear, input: x, units: 8}}" for i in range(nodes)]
    many = ", ".join(f"n{i}" for i in range(nodes))
    return _spec([*lines, f"  s: {{block: linear, input: [{many}], units: 8}}"], ["s"])


def everyone(nodes: int) -> str:
    """The text of a spec of so many layers that all read each other, those above them a step late."""
    reads = [[f"n{j}" + "(t-1)" * (j > i) for j in range(nodes) if j != i] for i in range(nodes)]
    lines = [f"  n{i}: {{block: linear, input: [x, {', '.join(read)}], units: 8}}" for i, read in enumerate(reads)]
    return _spec(lines, [f"n{nodes - 1}"])


def net(nodes: int, seed: int = 1) -> str:
    """The text of a spec of so many layers that each read two others, those above them and themselves a step late."""
    chance, lines = random.Random(seed), []
    for i in range(nodes):
        read = [f"n{j}" + "(t-1)" * (j >= i) for j in chance.sample(range(nodes), 2)] + ["x"] * (i == 0)
        lines.append(f"  n{i}: {{block: linear, input: [{', '.join(read)}], units: 8}}")
    return _spec(lines, [f"n{nodes - 1}"])


def _spec(lines: list[str], outputs: list[str]) -> str:
    said = ", ".join(f"y{index}: {name}" for index, name in enumerate(outputs))
    return "\n".join(["spec: 1", "inputs: {x: {features: 8}}", "nodes:", *lines, f"outputs: {{{said}}}", ""])


def example(name: str) -> str:
    """The text of an example."""
    return (EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8")


THOUSAND = {"chain": chain(1000), "wide": wide(1000), "loops": many_nodes(1000), "tangled": tangled(1000)}
MODELS = {
    "elman": example("elman"),
    "lstm_from_equations": example("lstm_from_equations"),
    "gru": GRU,
    "additive": ADDITIVE,
    "tagger": example("tagger"),
    "luong": example("luong"),
    "deep_translation": DEEP,
    **{f"tangled_{seed}": tangled(15, seed) for seed in (1, 2, 3)},
}
DENSE = {
    "40 wires into one box": fan(40),
    "twelve layers that read each other": everyone(12),
    **{f"net of {nodes} layers": net(nodes) for nodes in (10, 20, 30, 40, 60, 80, 120, 160, 200, 300, 400)},
}
OPENED = ("tagger", "luong", "deep_translation")
"""These are drawn with their composites open as well."""
