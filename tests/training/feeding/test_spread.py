"""One label of a sequence as that of each of its steps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

import leporello
from leporello.blocks.registry import registry
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_spec
from leporello.training.data.columns import load_data, sizes_of
from leporello.training.feeding.batch import Batch
from leporello.training.feeding.examples import Examples
from leporello.training.settings import Settings
from tests.support.paths import ROOT
from tests.support.stand_ins import sources_for

SPEC = """
spec: 1
inputs: {x: {features: 1}, word: {tokens: $words}}
nodes: {o: {block: linear, input: x, units: $words}}
outputs: {y: {from: o, predicts: word}}
data:
  x: {file: rows.jsonl, column: x}
  word: {file: rows.jsonl, column: word, as: labels, spread: true}
"""


def batches(folder: Path, spec: str = SPEC) -> list[Batch]:
    rows = [{"x": [float(n)] * (1 + n % 4), "word": "no" if n % 2 else "yes"} for n in range(40)]
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    graph = read_spec(spec, registry(), str(folder / "spec.yaml"))
    return list(Examples(load_data(graph), Settings(batch=7)).epoch(0))


def test_each_step_has_the_label_of_its_sequence(tmp_path: Path) -> None:
    found = batches(tmp_path)
    assert sum(batch.size for batch in found) == 36
    for batch in found:
        words, x = batch.inputs["word"], batch.inputs["x"]
        assert words.shape == x.shape[:2]
        lengths = batch.lengths.get("time", torch.full((batch.size,), x.shape[1]))
        for row, length in zip(words, lengths, strict=True):
            assert len(set(row[:length].tolist())) == 1
    labels = {int(row[0]) for batch in found for row in batch.inputs["word"]}
    assert labels == {0, 1}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("word: {tokens: $words}", "word: {tokens: $words, axis: none}", "data.word is spread over steps"),
        ("as: labels, spread", "as: words, spread", "data.word is spread over steps"),
        ("spread: true", "spread: 1", "data.word.spread must be"),
        ("spread: true", "spread: false", "x has . steps and word 1|x has . steps and word"),
        ("word: {tokens: $words}", "word: {tokens: $words, axis: other}", "no other input has its axis other"),
    ],
)
def test_what_cannot_be_spread_is_refused(tmp_path: Path, before: str, after: str, told: str) -> None:
    with pytest.raises(SpecError, match=told):
        batches(tmp_path, SPEC.replace(before, after))


def test_the_keyword_example_goes_step_by_step_with_the_scores_of_the_whole() -> None:
    path = ROOT / "examples" / "keyword.yaml"
    graph = read_spec(path.read_text(), registry(), str(path))
    module = leporello.compile(graph, **sizes_of(graph, sources_for("keyword"))).eval()
    sound = torch.randn(2, 9, 40)
    whole, state, steps = module(sound=sound)["heard"], module.start(batch=2), []
    for frame in sound.unbind(1):
        outputs, state = module.step({"sound": frame}, state)
        steps.append(outputs["heard"])
    assert torch.allclose(torch.stack(steps, 1), whole, atol=1e-6)
