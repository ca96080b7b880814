"""Encoders, decoders and attention that do not fit each other, and parallel texts that are none: refused by place."""

from __future__ import annotations

from pathlib import Path

import pytest

from leporello.blocks.registry import registry
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import check_spec, read_spec
from tests.support.columns import PARALLEL, refusal

BY_HAND = """spec: 1
inputs: {source: {tokens: 20, axis: source}, target: {tokens: 30, axis: target}}
nodes:
  s: {block: embedding, input: source, units: 5}
  encoder: {block: gru, input: s, units: 6}
  previous: {block: feedback, truth: target(t-1), own: choice(t-1)}
  d: {block: embedding, input: previous, units: 5}
  decoder: {block: gru, input: d, units: 6, initial: encoder.state}
  attention: {block: dot_attention, query: decoder, memory: encoder, units: 6}
  logits: {block: linear, input: [decoder, attention.context], units: 30}
  choice: {block: argmax, input: logits}
outputs: {words: {from: logits, predicts: target}}
"""
BLOCK = """spec: 1
inputs: {source: {tokens: 20, axis: source}, target: {tokens: 30, axis: target}}
nodes:
  s: {block: embedding, input: source, units: 5}
  encoder: {block: lstm, input: s, units: 6}
  decoder: {block: decoder, target: target, memory: encoder, initial: encoder.state, words: 30, units: 6}
outputs: {words: {from: decoder, predicts: target}}
"""


def check(text: str) -> None:
    check_spec(read_spec(text, registry(), "model.yaml"), registry(), {})


def test_they_fit_as_they_stand() -> None:
    check(BY_HAND)
    check(BLOCK)


# 9. Sizes, layers and cells without a bridge, attention over what has no axis: both ports, with their sizes.


@pytest.mark.parametrize(
    ("text", "before", "after", "told"),
    [
        (BY_HAND, "d, units: 6", "d, units: 7", ["decoder/1/forward/h has 7", "encoder(last) has 6", "units: 7}"]),
        (BY_HAND, "gru, input: s", "lstm, input: s", ["states of encoder", "decoder: c, h against h", "bridge: dense"]),
        (BY_HAND, "d, units: 6", "d, units: 6, layers: 2", ["h against 1/forward/h, 2/forward/h", "bridge: dense"]),
        (BY_HAND, "s, units: 6", "s, units: 6, direction: both", ["forward/h, backward/h against h", "bridge: dense"]),
        (
            BY_HAND,
            "memory: encoder, units: 6",
            "memory: encoder, units: 4",
            ["decoder has 6", "attention/K(all) has 4"],
        ),
        (BY_HAND, "query: decoder", "query: d", ["d has 5", "attention/K(all) has 6"]),
        (
            BY_HAND,
            "memory: encoder,",
            "memory: encoder(last),",
            ["steps of its memory", "encoder(last) has no time axis"],
        ),
        (
            BY_HAND,
            "memory: encoder,",
            "memory: encoder.final,",
            ["steps of its memory", "encoder.final has no time axis"],
        ),
        (BY_HAND, "memory: encoder,", "memory: source,", ["reads tokens from source at its port memory", "embed"]),
        (BY_HAND, "context], units: 30", "context], units: 29", ["truth has 30, own has 29"]),
        (
            BLOCK,
            "words: 30, units: 6",
            "words: 30, units: 7",
            ["forward/c has 7", "encoder.c(last) has 6", "units: 7}"],
        ),
        (BLOCK, "words: 30", "words: 30, cell: gru", ["states of encoder", "decoder: c, h against h", "bridge: dense"]),
        (BLOCK, "words: 30", "words: 30, layers: 2", ["c, h against 1/forward/c, 1/forward/h", "bridge: dense"]),
        (
            BLOCK,
            "memory: encoder,",
            "memory: encoder.final,",
            ["steps of its memory", "encoder.final has no time axis"],
        ),
        (BLOCK, "words: 30", "words: 29", ["truth has 30, own has 29"]),
    ],
)
def test_parts_that_do_not_fit(text: str, before: str, after: str, told: list[str]) -> None:
    assert text.count(before) == 1
    with pytest.raises(SpecError) as caught:
        check(text.replace(before, after))
    problem = str(caught.value.problems[0])
    assert problem.startswith("model.yaml:")
    for words in told:
        assert words in problem


# 25. Parallel texts: empty, of one line, with a line of nothing, of unequal length, not text.

TWO = "source: {file: a.txt, each: line}\n  target: {file: b.txt, each: line}"
TABLE = "source: {file: a.tsv, column: 1}\n  target: {file: a.tsv, column: 2}"


@pytest.mark.parametrize(
    ("data", "files", "told"),
    [
        (TWO, {"a.txt": "", "b.txt": "x\n"}, ["small.yaml", "a.txt is empty"]),
        (TWO, {"a.txt": "x\n", "b.txt": "y\n"}, ["a.txt has 1 rows: too short for the split"]),
        (TWO, {"a.txt": "x\n" * 40, "b.txt": "y\n" * 39}, ["a.txt:40:1: error: the line has no partner", "b.txt"]),
        (TWO, {"a.txt": "x\n" * 40, "b.txt": "y\n" * 41}, ["b.txt:41:1: error: the line has no partner", "a.txt"]),
        (TWO, {"a.txt": "x\n" * 40, "b.txt": b"y\n" * 7 + b"\xff\n" * 33}, ["b.txt:8:1: error: b.txt is not UTF-8"]),
        (TABLE, {"a.tsv": "x\ty\n" * 9 + "x\n" + "x\ty\n" * 30}, ["a.tsv:10:1: error: the line has one value"]),
    ],
)
def test_parallel_texts_that_are_none(
    tmp_path: Path, data: str, files: dict[str, str | bytes], told: list[str]
) -> None:
    said = refusal(tmp_path, PARALLEL, data, files)
    for words in told:
        assert words in said
