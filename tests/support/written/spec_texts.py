"""Specs of all kinds, by name: what reading, writing, exchanging and grouping must keep."""

from __future__ import annotations

SPECS = {
    "elman": """
spec: 1
name: elman
inputs:
  x: {features: 8}
nodes:
  U: {block: linear, input: x, units: 16}
  W: {block: linear, input: h(t-1), units: 16, bias: false}
  h: {value: tanh(U + W), initial: learned, label: "h: the state", axis: time}
  o: {block: linear, input: h, units: 4}
outputs:
  y: o
""",
    "expressions": """
spec: 1
name: expressions
label: "all that an expression says"
parameters: {units: 4, twice: $units * 2, sum: 2 + 2}
inputs:
  x: {features: $units}
  z: {features: 4, axis: none, kind: real, label: context}
  wide: {features: 8}
nodes:
  a: (1 - sigmoid(x)) * tanh(x / 2) + sigmoid(x) * a(t-1)
  b: -x
  c: -(x + a) - (b - z) * -2 / (x / (b * z))
  d: [x, a(t-2), [b, tanh(c)]]
  e: {block: concatenate, input: [x, -b]}
  f: {block: tanh, input: x + a}
  g: {block: identity, input: x * a(last)}
  i: b(first)
  j: 1
  single: [x + a]
  nested: [[x, [tanh(a)]]]
  ported: {block: linear, input: [[x * 2]], units: 4}
  k: {value: 1e-5 * x, initial: -1, axis: time}
  l: {block: tanh, input: [x, a]}
  m: {block: linear, input: [x, exp(-abs(x))], units: $units * 2, init: {weight: orthogonal}, frozen: true}
  n: {block: linear, input: [x, exp(x)], units: 2 * 4, share: m}
  r: {block: linear, input: x, units: 4, layers: 2}
  t2: {block: linear, input: a, units: 4, bias: false, share: {weight: r2.weight}}
  r2: {block: linear, input: x, units: 4}
  o: {block: identity, input: x(t-1), initial: zeros}
  s: {block: identity, input: s(t-1), initial: z * 2, axis: time}
  "true": x
  "null": "true"
outputs:
  y: tanh(a + c) * 2
  w: [d, e, f, g, i, k, l]
  v: {from: m + n, predicts: wide, loss: squared, leak: allowed}
  u: "null"
  r: o + r + t2 + r2
  q: s + j + single + ported
  only: [nested]
  one: [x * 3]
""",
    "bidirectional": """
spec: 1
name: tagger
inputs:
  words: {tokens: $words}
  tags: {tokens: $tags}
nodes:
  e: {block: embedding, input: words, units: 10}
  h: {block: lstm, input: e, units: 5, layers: 2, direction: both, dropout: 0.3, residual: 2, initial: 0.5}
  late: {block: linear, input: h(t-1), units: 3}
  end: {block: linear, input: h.final, units: 3}
  scores: {block: linear, input: late + end, units: $tags}
outputs:
  tag: {from: scores, predicts: tags}
""",
    "luong": """
spec: 1
name: luong
inputs:
  source: {tokens: $source_words, axis: source}
  target: {tokens: $target_words, axis: target}
nodes:
  e: {block: embedding, input: source, units: 6}
  encoder: {block: lstm, input: e, units: 5, layers: 2}
  previous: {block: feedback, truth: target(t-1), own: choice(t-1)}
  d: {block: embedding, input: previous, units: 6}
  decoder: {block: lstm, input: [d, attentional(t-1)], units: 5, layers: 2, initial: encoder.state}
  attention: {block: attention, query: decoder, memory: encoder, units: 5}
  W_c: {block: linear, input: [attention.context, decoder], units: 5, bias: false}
  attentional: tanh(W_c)
  logits: {block: linear, input: attentional, units: $target_words}
  choice: {block: argmax, input: logits}
outputs:
  words: {from: logits, predicts: target}
  seen: attention.weights
data:
  pairs: {file: "pairs: all.txt", split: [0.9, 0.1]}
training: {batch: 5, rate: 2e-3, seed: 1, clip: null, shuffle: true}
""",
    "by_hand": """
spec: 1
name: attention_by_hand
inputs:
  source: {features: 3, axis: source}
  target: {features: 3, axis: target}
nodes:
  K: {block: linear, input: source, units: 4, bias: false}
  Q: {block: linear, input: q(t-1), units: 4}
  energy: tanh(Q + K(all))
  score: {block: linear, input: energy, units: 1}
  weights: {block: softmax, input: score}
  context: sum(weights * source(all))
  q: {block: gru, input: [target, context], units: 4, initial: bridge, reset: before}
  bridge: {block: linear, input: source(last), units: 4}
outputs:
  y: q
  weights: weights
""",
    "blocks": """
spec: 1
name: own_cells
parameters: {units: 3}
inputs:
  x: {features: 3}
blocks:
  gated:
    help: "a cell: of one's own"
    paper: none at all
    inputs: {x: {kind: features, help: what it reads}, s: {optional: true, kind: any}}
    parameters:
      units: 16
      scale: {type: number, low: 0, high: 10, default: 2}
      mode: {choices: [fast, slow], default: fast, help: how}
      bias: true
      parts: [a, b]
      width: {help: needed}
    nodes:
      W: {block: linear, input: [x, h(t-1)], units: $units, bias: $bias}
      n: tanh(W / $scale)
      h: n + h(t-1) / 2
    outputs: {h: h, late: h(t-1), scaled: h * 2, x: x, single: [h * 3]}
  pair:
    inputs: [x]
    parameters: [units]
    nodes:
      one: {block: gated, x: x, units: $units, width: 1}
      two: {block: gated, x: one.scaled, units: $units * 2, width: 1, layers: 2}
    outputs: [one, two]
nodes:
  p: {block: pair, x: x, units: $units}
  g: {block: gated, x: p.two, units: 4, width: 2, mode: slow, scale: 0.5, initial: {h: 1}, direction: backward}
outputs:
  y: g.late
  z: p
""",
    "lines": """
spec: 1
name: delay_lines
blocks:
  fibonacci:
    inputs: [x]
    parameters: {units: 2}
    nodes:
      W: {block: linear, input: x, units: $units}
      h: tanh(W + h(t-1) - h(t-3))
    outputs: [h]
inputs:
  x: {features: 2, axis: source}
  y: {features: 2, axis: target}
nodes:
  a: {block: fibonacci, x: x, initial: begins}
  begins: {block: weight, units: 2}
  b: {block: fibonacci, x: y, initial: a.state}
  back: {block: fibonacci, x: y, direction: backward, initial: learned}
  from_back: {block: fibonacci, x: x, initial: back.state}
outputs:
  b: b
  state: b.state
  c: from_back
""",
    "char_lm": """
spec: 1
name: char_lm
inputs:
  text: {tokens: $characters}
nodes:
  previous: {block: feedback, truth: text(t-1), own: choice(t-1)}
  e: {block: embedding, input: previous, units: 6}
  h: {block: lstm, input: e, units: 5, gates: peephole}
  k: {block: minimal_gru, input: h, units: 5, frozen: true, initial: learned}
  c: {block: lstm, input: k, units: 5, gates: coupled}
  p: {block: lstm, input: c, units: 5, projection: 3}
  r: {block: rnn, input: p, units: 3, activation: relu}
  s: {block: split, input: h, into: [one, two, three, four, five]}
  logits: {block: linear, input: [r, s.two], units: $characters}
  choice: {block: sample, input: logits, temperature: 0.5}
outputs:
  next: {from: logits, predicts: text}
""",
}
