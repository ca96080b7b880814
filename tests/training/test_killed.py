"""Runs killed by force at random moments, inside a save too, end in the weights of one that was left alone.

A few kills of each kind of data here; `make campaign` kills a run on a text 100 times, others 20 times.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from leporello.blocks.registry import registry
from leporello.graphs.specs import read_spec
from leporello.training.runs.run import Run
from leporello.training.train import train
from tests.support.faults.killing import main
from tests.support.forked import forked
from tests.support.stand_ins import packed, tone, waves

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
EVERY = "updates: 40, report_every: 1, validate_every: 7, checkpoint_every: 2, keep: 2"

TEXT = f"""
spec: 1
inputs: {{text: {{tokens: $characters}}}}
nodes:
  e: {{block: embedding, input: text(t-1), units: 6}}
  d: {{block: dropout, input: e, rate: 0.1}}
  h: {{block: gru, input: d, units: 8}}
  logits: {{block: linear, input: h, units: $characters}}
outputs: {{next: {{from: logits, predicts: text}}}}
data: {{text: {{file: input.txt}}}}
training: {{batch: 4, steps: 11, accumulate: 3, average: 0.9, {EVERY}}}
"""
LABELS = f"""
spec: 1
inputs: {{text: {{tokens: $characters}}, label: {{tokens: $labels, axis: none}}}}
nodes:
  e: {{block: embedding, input: text, units: 6}}
  h: {{block: lstm, input: e, units: 8, layers: 2, dropout: 0.2}}
  o: {{block: linear, input: h(last), units: $labels}}
outputs: {{said: {{from: o, predicts: label, class_weights: balanced}}}}
data: {{text: {{file: rows.jsonl, column: text}}, label: {{file: rows.jsonl, column: label}}}}
training: {{batch: 4, accumulate: 2, {EVERY}}}
"""
SERIES = f"""
spec: 1
inputs: {{x: {{features: 1}}}}
nodes:
  h: {{block: gru, input: x(t-1), units: 6}}
  o: {{block: linear, input: h, units: 2}}
outputs: {{next: {{from: o, predicts: x, loss: gaussian}}}}
data: {{x: {{file: rows.csv, column: x}}}}
training: {{batch: 2, steps: 9, {EVERY}}}
"""
PAIRS = f"""
spec: 1
inputs: {{source: {{tokens: $from, axis: source}}, target: {{tokens: $to, axis: target}}}}
nodes:
  s: {{block: embedding, input: source, units: 5}}
  encoder: {{block: gru, input: s, units: 7}}
  previous: {{block: feedback, truth: target(t-1), own: choice(t-1)}}
  d: {{block: embedding, input: previous, units: 5}}
  decoder: {{block: gru, input: d, units: 7, initial: encoder.state}}
  logits: {{block: linear, input: decoder, units: $to}}
  choice: {{block: argmax, input: logits}}
outputs: {{words: {{from: logits, predicts: target}}}}
data: {{source: {{file: rows.jsonl, column: text}}, target: {{file: rows.jsonl, column: turned}}}}
training: {{batch: 5, feedback: curriculum, truth: linear, slope: 0.02, sample: 0, {EVERY}}}
"""
SOUND = f"""
spec: 1
inputs: {{sound: {{features: 8}}, word: {{tokens: $words, axis: none}}}}
nodes:
  h: {{block: gru, input: sound, units: 6}}
  o: {{block: linear, input: h(last), units: $words}}
outputs: {{said: {{from: o, predicts: word}}}}
data:
  sound: {{file: words.tar, as: sound, split: [0.6, 0.2, 0.2]}}
  word: {{file: words.tar, column: 1, split: [0.6, 0.2, 0.2]}}
training: {{batch: 4, {EVERY}}}
"""
KINDS = {"text": TEXT, "labels": LABELS, "series": SERIES, "pairs": PAIRS, "sound": SOUND}
KINDS |= {f"{kind}, by workers": KINDS[kind].replace("updates:", "workers: 2, updates:") for kind in ("text", "labels")}


def written(folder: Path, spec: str) -> None:
    words = ["the", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog"]
    rows = [{"text": words[n % 9], "label": words[n % 3], "turned": words[n % 9][::-1]} for n in range(60)]
    (folder / "spec.yaml").write_text(spec)
    (folder / "input.txt").write_text(" ".join(words) * 12)
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (folder / "rows.csv").write_text("x\n" + "\n".join(f"{n * n % 17}.5" for n in range(300)))
    packed(folder / "words.tar", {f"{words[n % 3]}_{n}.wav": waves(tone(300 + 90 * n, 0.05)) for n in range(20)})


@pytest.mark.slow
@pytest.mark.hypothesis
@pytest.mark.parametrize("kind", KINDS)
def test_it_ends_in_the_same_weights_however_often_it_is_killed(tmp_path: Path, kind: str) -> None:
    written(tmp_path, KINDS[kind])
    count = (100 if kind.startswith("text") else 20) if LONG else 3
    done = forked(main, tmp_path, count, 7, heard=tmp_path / "heard")
    ended, said = done.ended(1800)
    assert ended == 0, said
    found = json.loads((tmp_path / "kills.json").read_text())
    assert (found["killed"], found["exit"], found["gone"]) == (count, 0, True), said
    train(read_spec(KINDS[kind], registry(), str(tmp_path / "spec.yaml")), tmp_path / "whole")
    cut, whole = Run(tmp_path / "cut"), Run(tmp_path / "whole")
    assert cut.read(40) == whole.read(40)
    ended = [[one["event"] for one in run.events() if one["event"] in ("update", "validation")] for run in (cut, whole)]
    assert ended[0] == ended[1]
    assert not list(cut.checkpoints.glob(".*.partial"))
