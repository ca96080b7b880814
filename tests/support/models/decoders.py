"""Encoders and decoders as specs: the blocks in every wiring, and the same spelled out by hand."""

from __future__ import annotations

HEAD = """
spec: 1
inputs:
  source: {tokens: 7, axis: source}
  target: {tokens: 6, axis: target}
"""
SIZES = {"words": 6, "embedding": 3, "units": 4}


def translator(decoder: str, encoder: str = "units: 4, layers: 2", blocks: str = "") -> str:
    """A spec with both blocks, about which is said what is said; `blocks` are some of its own."""
    said = ", ".join(f"{name}: {value}" for name, value in SIZES.items() if f" {name}:" not in f" {decoder}")
    return f"""{HEAD}{blocks}nodes:
  encoder: {{block: encoder, input: source, embedding: 3, {encoder}}}
  decoder: {{block: decoder, target: target, {said}, {decoder}}}
outputs:
  words: {{from: decoder, predicts: target}}
  hidden: decoder.hidden
"""


ENCODED = """
  e: {block: embedding, input: source, units: 3}
  encoder: {block: lstm, input: e, units: 4, layers: 2}
"""
WORDS = """
  previous: {block: feedback, truth: target(t-1), own: choice(t-1)}
  d: {block: embedding, input: previous, units: 3}
  choice: {block: argmax, input: logits}
"""
BY_HAND = {
    "wiring: bahdanau, memory: encoder, layers: 2, initial: encoder.state": """
  cells: {block: lstm, input: [d, attention.context], units: 4, layers: 2, initial: encoder.state}
  attention: {block: attention, query: cells(t-1), memory: encoder, units: 4}
  logits: {block: linear, input: [cells, attention.context, d], units: 6}
""",
    "wiring: luong, score: dot, memory: encoder, layers: 2, initial: encoder.state": """
  cells: {block: lstm, input: [d, attentional(t-1)], units: 4, layers: 2, initial: encoder.state}
  attention: {block: attention, score: dot, query: cells, memory: encoder}
  combined: {block: linear, input: [attention.context, cells], units: 4, bias: false}
  attentional: tanh(combined)
  logits: {block: linear, input: attentional, units: 6}
""",
    "wiring: gnmt, memory: encoder, layers: 3, residual: 3": """
  layer_1: {block: lstm, input: [d, attention.context], units: 4}
  attention: {block: attention, query: layer_1(t-1), memory: encoder, units: 4}
  layer_2: {block: lstm, input: [layer_1, attention.context], units: 4}
  layer_3: {block: lstm, input: [layer_2, attention.context], units: 4}
  cells: layer_3 + layer_2
  logits: {block: linear, input: cells, units: 6}
""",
    "wiring: gnmt_v2, memory: encoder, layers: 3, residual: 3, score: normalised, attention_units: 3": """
  layer_1: {block: lstm, input: d, units: 4}
  attention: {block: attention, score: normalised, query: layer_1, memory: encoder, units: 3}
  layer_2: {block: lstm, input: [layer_1, attention.context], units: 4}
  layer_3: {block: lstm, input: [layer_2, attention.context], units: 4}
  cells: layer_3 + layer_2
  logits: {block: linear, input: cells, units: 6}
""",
    "wiring: fixed, summary: encoder.final, cell: gru": """
  cells: {block: gru, input: [d, encoder.final], units: 4}
  logits: {block: linear, input: [cells, encoder.final, d], units: 6}
""",
    "wiring: none, layers: 2, initial: encoder.state, tied: true": """
  cells: {block: lstm, input: d, units: 4, layers: 2, initial: encoder.state}
  readout: {block: linear, input: cells, units: 3, bias: false}
  logits: {block: linear, input: readout, units: 6, share: {weight: d.weight}}
""",
}
"""What is said of the block, and the nodes that it stands for."""


def spelled_out(nodes: str) -> str:
    """A spec in which all of the encoder and the decoder is written by hand."""
    return f"""{HEAD}nodes:{ENCODED}{WORDS}{nodes}outputs:
  words: {{from: logits, predicts: target}}
  hidden: cells
"""
