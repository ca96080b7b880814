"""Batches of examples: a pure function of seed, epoch and position, every example once an epoch, padded and counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from leporello.graphs.problems import SpecError
from leporello.training.data.vocabulary import END
from leporello.training.feeding.examples import Examples, plan
from leporello.training.feeding.streams import streams_of
from leporello.training.settings import Settings
from tests.support.columns import LABELLED, SERIES, TAGGED, loaded

LENGTHS = st.lists(st.integers(1, 40), min_size=1, max_size=200)
TEXTS = ["a" * (number % 7 + 1) for number in range(60)]
FED = """nodes:
  own: {block: feedback, truth: text(t-1), own: choice(t-1)}
  e: {block: linear, input: own, units: $characters}
  choice: {block: argmax, input: e}
outputs:
  next: {from: e, predicts: text}
"""


@given(LENGTHS, st.integers(1, 20), st.integers(0, 100), st.integers(0, 2**63 - 1), st.integers(0, 10**6))
def test_every_example_is_met_once_an_epoch_within_the_budget(
    lengths: list[int], batch: int, tokens: int, seed: int, epoch: int
) -> None:
    settings = Settings(batch=batch, tokens=tokens, seed=seed)
    batches = plan(lengths, settings, epoch)
    assert sorted(row for rows in batches for row in rows) == list(range(len(lengths)))
    assert all(len(rows) <= batch for rows in batches)
    for rows in batches:
        assert not tokens or len(rows) == 1 or len(rows) * max(lengths[row] for row in rows) <= tokens
    assert batches == plan(lengths, settings, epoch)


def test_every_epoch_and_every_seed_has_an_order_of_its_own() -> None:
    lengths = [number % 9 + 1 for number in range(500)]
    orders = [plan(lengths, Settings(batch=8, seed=seed), epoch) for seed in range(3) for epoch in range(3)]
    assert len({str(order) for order in orders}) == 9


def test_few_examples_have_other_neighbours_in_every_epoch() -> None:
    lengths = list(range(1, 201))  # all different: sorted as a whole they would be the same batches again and again
    batches = [{frozenset(rows) for rows in plan(lengths, Settings(batch=8), epoch)} for epoch in range(2)]
    assert len(batches[0] & batches[1]) <= 2


def test_like_lengths_meet() -> None:
    generator = torch.Generator().manual_seed(1)
    lengths = torch.randint(1, 100, (2000,), generator=generator).tolist()
    batches = plan(lengths, Settings(batch=20), 0)
    padded = sum(len(rows) * max(lengths[row] for row in rows) for rows in batches)
    assert padded < 1.05 * sum(lengths)


def examples(folder: Path, **more: Any) -> Examples:
    lines = "".join(f"{text},{len(text)}\n" for text in TEXTS)
    entries = "text: {file: t.csv, column: 1}\n  label: {file: t.csv, column: 2}"
    return Examples(loaded(folder, LABELLED, entries, {"t.csv": lines}), Settings(batch=8, **more))


def test_batches_are_asked_for_in_any_order(tmp_path: Path) -> None:
    one, other = examples(tmp_path), examples(tmp_path)
    list(other.part(1))
    wanted = other.epoch(5)
    found = [one.epoch(5)[place] for place in reversed(range(len(wanted)))][::-1]
    for here, there in zip(found, wanted, strict=True):
        assert here.rows == there.rows
        assert all(torch.equal(here.inputs[name], there.inputs[name]) for name in here.inputs)
    assert torch.equal(one.epoch(3)[:2][1].inputs["text"], one.epoch(3)[1].inputs["text"])


def test_sequences_are_padded_with_zeros_and_static_inputs_are_not(tmp_path: Path) -> None:
    found = 0
    for batch in examples(tmp_path).epoch(0):
        text, label = batch.inputs["text"], batch.inputs["label"]
        assert label.shape == (len(text),)
        lengths = batch.lengths.get("time", torch.full((len(text),), text.shape[1]))
        assert (text.count_nonzero(1) == lengths).all()
        assert (lengths == label + 1).all()  # the labels are the lengths: rows stay together
        mask = batch.mask("time", text.shape[1])
        assert mask is None or torch.equal(mask, text > 0)
        assert batch.mask(None, 1) is None
        found += len(text)
    assert found == examples(tmp_path).counts()["train"] == 54


def test_long_and_empty_sequences_are_left_out_of_training(tmp_path: Path) -> None:
    rows = {"train": ["a" * n for n in range(9)], "valid": ["a" * 50], "test": ["", "aa"]}
    data = loaded(tmp_path, "x: {tokens: $n}", "x: {file: t.json, longest: 5}", {"t.json": json.dumps(rows)})
    feed = Examples(data, Settings(batch=3))
    assert feed.counts() == {"train": 5, "valid": 1, "test": 1}
    assert sorted(feed.encoded(0).lengths) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("part", ["train", "test"])
def test_a_part_without_a_usable_example_is_refused(tmp_path: Path, part: str) -> None:
    rows = {"train": ["aa"], "valid": ["a"], "test": ["a"], part: ["", ""]}
    data = loaded(tmp_path, "x: {tokens: $n}", "x: {file: t.json}", {"t.json": json.dumps(rows)})
    with pytest.raises(SpecError, match=r"part of t.json has no example that can be used"):
        Examples(data, Settings()).counts()


def test_only_a_text_that_the_model_writes_gets_an_end(tmp_path: Path) -> None:
    rows = json.dumps({part: ["ab", "a"] for part in ("train", "valid", "test")})
    inputs = "text: {tokens: $characters}"
    written = Examples(loaded(tmp_path, inputs, "text: {file: t.json}", {"t.json": rows}, FED), Settings()).epoch(0)[0]
    assert sorted(row.tolist() for row in written.inputs["text"]) == [[3, END, 0], [3, 4, END]]
    both = inputs + "\n  other: {tokens: $m}"
    beside = loaded(tmp_path, both, "text: {file: t.json}\n  other: {file: t.json}", {"t.json": rows}, FED)
    assert Examples(beside, Settings()).epoch(0)[0].inputs["text"].shape == (2, 2)
    labels = loaded(tmp_path, inputs, "text: {file: t.json, as: labels}", {"t.json": rows}, FED)
    assert Examples(labels, Settings()).epoch(0)[0].inputs["text"].shape == (2, 1)


def test_inputs_of_one_axis_have_equally_many_steps(tmp_path: Path) -> None:
    rows = [{"w": "a b c", "t": "X Y Z"}] * 30 + [{"w": "a b", "t": "X"}]
    entries = "words: {file: t.json, column: w, as: words}\n  tags: {file: t.json, column: t, as: labels}"
    data = loaded(tmp_path, TAGGED, entries, {"t.json": json.dumps({"train": rows, "valid": rows, "test": rows})})
    feed = Examples(data, Settings())
    with pytest.raises(SpecError, match=r"words has 2 steps and tags 1 in row 31 of the training part[\s\S]*axis time"):
        feed.counts()


def test_a_value_of_the_test_part_is_refused_before_training(tmp_path: Path) -> None:
    rows = json.dumps({"train": ["a", "b"], "valid": ["a"], "test": ["a", "c"]})
    data = loaded(tmp_path, "x: {tokens: $n}", "x: {file: t.json, as: labels}", {"t.json": rows})
    with pytest.raises(SpecError, match=r"t.json, row 2 of the test part: the label 'c' does not occur"):
        Examples(data, Settings()).counts()
    long = loaded(
        tmp_path, "x: {tokens: $n}", "x: {files: [a, b, c], as: labels}", {"a": "x y " * 99, "b": "y", "c": "z"}
    )
    with pytest.raises(SpecError, match=r"row 1 of the test part: the label 'z' does not occur"):
        streams_of(long, Settings(batch=2, steps=3))


def test_a_text_of_words_is_counted_in_words(tmp_path: Path) -> None:
    data = loaded(tmp_path, "x: {tokens: $n}", "x: {file: t.txt, as: words}", {"t.txt": "one, two three. " * 100})
    streams = streams_of(data, Settings(batch=4, steps=10))
    assert sum(streams.counts().values()) == pytest.approx(500, abs=2)
    assert sum(batch.inputs["x"].numel() for batch in streams.epoch(0)) == streams.counts()["train"] // 4 * 4
    with pytest.raises(SpecError, match=r"words to train on, fewer than batch \* steps = 1000"):
        streams_of(data, Settings(batch=10, steps=100))


def test_columns_of_a_series_are_read_side_by_side(tmp_path: Path) -> None:
    table = "a,b\n" + "".join(f"{n},{-n}\n" for n in range(100))
    entries = "x: {file: t.csv, column: a}\n  y: {file: t.csv, column: b}"
    data = loaded(tmp_path, SERIES + "\n  y: {features: 1}", entries, {"t.csv": table})
    streams = streams_of(data, Settings(batch=3, steps=7))
    chunks = list(streams.epoch(0))
    for chunk in chunks:
        assert torch.equal(chunk.inputs["x"], -chunk.inputs["y"])
    first = torch.cat([chunk.inputs["x"] for chunk in chunks], 1)
    assert first.shape == (3, 30, 1)
    assert (first.flatten().diff() > 0).all()
    counted = sum(int(chunk.counted.sum()) for chunk in streams.part(1) if chunk.counted is not None)
    assert counted == 5
