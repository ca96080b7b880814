"""Pieces of words: what is learned is what the paper's own loop learns, and a text comes back from its pieces."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.graphs.problems import SpecError
from leporello.training.data.pieces import LEAST, applied, begun, joined, learn, words_in
from leporello.training.data.vocabulary import UNKNOWN, Vocabulary
from tests.support.columns import loaded
from tests.support.command_line import done

WORDS = st.text(alphabet="abcd", min_size=1, max_size=6)


def by_the_paper(words: dict[str, int], most: int) -> tuple[list[str], list[tuple[str, str]]]:
    """Algorithm 1 of Sennrich et al.: count all pairs, join the commonest, again and again."""
    cut = {word: begun(word) for word in words}
    symbols = sorted({piece for pieces in cut.values() for piece in pieces})
    merges: list[tuple[str, str]] = []
    while len(set(symbols)) < most:
        pairs: Counter[tuple[str, str]] = Counter()
        for word, pieces in cut.items():
            for pair in itertools.pairwise(pieces):
                pairs[pair] += words[word]
        if not pairs or max(pairs.values()) < LEAST:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        symbols.append("".join(best))
        cut = {word: joined(pieces, best) for word, pieces in cut.items()}
    return list(dict.fromkeys(symbols)), merges


@given(st.dictionaries(WORDS.map(" ".__add__), st.integers(1, 9), max_size=12), st.integers(1, 40))
def test_what_is_learned_is_what_counting_all_pairs_learns(words: dict[str, int], most: int) -> None:
    assert learn(words, most) == by_the_paper(words, most)


@given(st.lists(WORDS, min_size=1, max_size=20), st.integers(4, 60))
def test_a_text_comes_back_and_words_are_cut_as_they_were_in_learning(words: list[str], most: int) -> None:
    text = " ".join(words)
    vocabulary = Vocabulary.of([text], "pieces", most=most)
    assert vocabulary.decode(vocabulary.encode(text)) == text
    assert "".join(vocabulary.cut(text)) == f" {text}"
    symbols, merges = learn(Counter(words_in(text)), most)
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    for word in words_in(text):
        pieces = begun(word)
        for pair in merges:
            pieces = joined(pieces, pair)
        assert applied(word, ranks) == pieces
        assert set(pieces) <= set(symbols)


def test_a_vocabulary_is_kept_and_read_again() -> None:
    vocabulary = Vocabulary.of(["low lower lowest new newer", "Wide"] * 5, "pieces", lower=True, most=22)
    kept = json.loads(json.dumps(vocabulary.to_json()))
    assert Vocabulary.from_json(kept) == vocabulary
    assert list(vocabulary.encode("Lower")) == list(Vocabulary.from_json(kept).encode("lower"))
    assert UNKNOWN in vocabulary.encode("über")
    assert vocabulary.size == 3 + len(vocabulary.symbols) <= 25


@pytest.mark.parametrize("merges", [None, 3, [["a"]], [["a", "zz"]], [["lo", "w", "e"]], [[1, 2]]])
def test_broken_merges_are_refused(merges: Any) -> None:
    kept = Vocabulary.of(["low lower"] * 5, "pieces").to_json()
    with pytest.raises(SpecError, match="has no vocabulary"):
        Vocabulary.from_json({**kept, "merges": merges})


def test_data_may_be_read_as_pieces(tmp_path: Path) -> None:
    text = "the quick brown fox jumps over the lazy dog\n" * 40
    data = loaded(tmp_path, "text: {tokens: $pieces}", "text: {file: t.txt, as: pieces, most: 40}", {"t.txt": text})
    vocabulary = data.columns["text"].vocabulary
    assert vocabulary.kind == "pieces"
    assert len(vocabulary.symbols) == 40
    assert " the" in vocabulary.symbols


SPEC = """
spec: 1
inputs: {text: {tokens: $pieces}}
nodes:
  previous: {block: feedback, truth: text(t-1), own: choice(t-1)}
  e: {block: embedding, input: previous, units: 16}
  h: {block: gru, input: e, units: 32}
  logits: {block: linear, input: h, units: $pieces}
  choice: {block: sample, input: logits}
outputs: {next: {from: logits, predicts: text}}
data: {text: {file: t.txt, as: pieces, most: 60}}
training: {batch: 4, steps: 12, updates: 60, rate: 0.02, validate_every: 30, sample: 12}
"""


def test_a_model_of_pieces_is_trained_and_writes_words(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("the quick brown fox jumps over the lazy dog " * 80)
    (tmp_path / "spec.yaml").write_text(SPEC)
    assert "perplexity per piece" in done("train", tmp_path / "spec.yaml", "--run", tmp_path / "run")
    said = done("generate", tmp_path / "run", "--prompt", "the quick", "--length", "6", "--temperature", "0")
    assert said.startswith("the quick brown fox")


def test_thousands_of_pieces_are_learned_from_a_library() -> None:
    from leporello.training.data.made.builtin import BUILTIN

    text = BUILTIN["python_topics"].make()
    vocabulary = Vocabulary.of([text], "pieces", most=2000)
    assert len(vocabulary.symbols) == 2000
    assert len(vocabulary.encode(text)) < len(text) / 2.5
