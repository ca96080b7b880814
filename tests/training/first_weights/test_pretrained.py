"""Embeddings begin with the vectors of a file where it knows the word, and what is no such file is refused."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from leporello.blocks.registry import registry
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_spec
from leporello.training.checkpoints import stored_weights
from leporello.training.data.vocabulary import Vocabulary
from leporello.training.first_weights.vectors import read_vectors
from leporello.training.overrides import apply_overrides
from leporello.training.resuming import trained_encoders
from leporello.training.runs.run import Run
from leporello.training.train import train
from tests.support.command_line import refused

SPEC = """
spec: 1
name: begun
inputs: {text: {tokens: $words}}
nodes:
  previous: {block: feedback, truth: text(t-1), own: choice(t-1)}
  e: {block: embedding, input: previous, units: 3, frozen: true}
  h: {block: gru, input: e, units: 4}
  logits: {block: linear, input: h, units: $words}
  choice: {block: argmax, input: logits}
outputs: {next: {from: logits, predicts: text}}
data: {text: {file: input.txt, as: words, each: file, vectors: vectors.txt}}
training: {batch: 2, steps: 5, updates: 3, report_every: 1, sample: 0}
"""
WORDS = "the dog sees the cat and the cat sees a dog . " * 20
VECTORS = "the 1 2 3\nNew York 0 0 0\ncat -1 0.5 2e-1\nunheard 9 9 9\nthe 7 7 7\n"


def trained(folder: Path, spec: str = SPEC, vectors: str = VECTORS) -> Run:
    (folder / "input.txt").write_text(WORDS)
    (folder / "vectors.txt").write_text(vectors)
    train(read_spec(spec, registry(), str(folder / "spec.yaml")), folder / "run")
    return Run(folder / "run")


def vocabulary(run: Run) -> Sequence[str]:
    encoder = trained_encoders(run)["text"]
    assert isinstance(encoder, Vocabulary)
    return encoder.symbols


def test_known_words_begin_with_their_vectors_and_stay_so_where_they_are_frozen(tmp_path: Path) -> None:
    run = trained(tmp_path)
    weights, symbols = stored_weights(run.read(3))["e.weight"], vocabulary(run)
    rows = {word: weights[3 + place] for place, word in enumerate(symbols)}
    assert rows["the"].tolist() == [1, 2, 3]
    assert torch.allclose(rows["cat"], torch.tensor([-1, 0.5, 0.2]))
    begun = next(event for event in run.events() if event["event"] == "start")
    assert begun["note"] == f"2 of {len(symbols)} words of text begin with the vectors of vectors.txt"


def test_others_begin_as_without_a_file_and_all_of_them_learn_where_they_may(tmp_path: Path) -> None:
    (one := tmp_path / "one").mkdir()
    (two := tmp_path / "two").mkdir()
    begun, plain = trained(one), trained(two, SPEC.replace(", vectors: vectors.txt", ""))
    found, without = (stored_weights(run.read(3))["e.weight"] for run in (begun, plain))
    same = (found == without).all(1)
    assert int((~same).sum()) == 2
    (three := tmp_path / "three").mkdir()
    learning = trained(three, SPEC.replace(", frozen: true", ""))
    moved = stored_weights(learning.read(3))["e.weight"]
    assert not torch.equal(moved, found)
    assert torch.allclose(moved, found, atol=0.05)


@pytest.mark.parametrize("packed", [False, True])
def test_a_first_line_of_word2vec_is_no_vector(tmp_path: Path, packed: bool) -> None:
    name = "vectors.txt.gz" if packed else "vectors.txt"
    data = b"2 2\r\nna\xefve 1 2 \r\nis 0.5 -3 \r\n"
    (tmp_path / name).write_bytes(gzip.compress(data) if packed else data)
    found = read_vectors(tmp_path / name, name, {"is": 7, "2": 8})
    assert {number: vector.tolist() for number, vector in found.items()} == {7: [0.5, -3.0]}


@pytest.mark.parametrize("header", ["", "9 2\n"])
def test_odd_words_of_the_usual_files_do_no_harm(tmp_path: Path, header: str) -> None:
    lines = [
        ". . . 1 2",
        "  3 4",
        " 5 6",
        "5 6 7",
        "at name@example.org 8 9",
        "\u00a0 1 1",
        "\u2028 2 2",
        "the -1 1e-3",
    ]
    (tmp_path / "v.txt").write_text(header + "\n".join(lines) + "\n", encoding="utf-8")
    words = [". . .", " ", "5", "at name@example.org", "\u00a0", "\u2028", "the", "unheard"]
    found = read_vectors(tmp_path / "v.txt", "v.txt", {word: place for place, word in enumerate(words)})
    known = {words[place]: vector.tolist() for place, vector in found.items()}
    assert known == {
        ". . .": [1, 2],
        " ": [3, 4],
        "5": [6, 7],
        "at name@example.org": [8, 9],
        "\u00a0": [1, 1],
        "\u2028": [2, 2],
        "the": [-1, pytest.approx(1e-3)],
    }


@pytest.mark.parametrize(
    ("vectors", "told"),
    [
        ("the 1 2\n", r"e has 3 units, and the vectors of vectors.txt have 2 numbers\n  write units: 2"),
        ("the 1 2 3\ncat 1 2\n", r"vectors.txt:2:1: error: the line has 2 numbers behind a word, not 3"),
        ("the 1 2 x\n", r"vectors.txt:1:1: error: 'x' is no finite number"),
        ("the 1 2 nan\n", r"'nan' is no finite number"),
        ("the\n", "there is no vector"),
        ("unheard 1 2 3\n", "vectors.txt has a vector for none of the \\d words"),
        ("", "has a vector for none"),
        ("1 0\nthe\n", "there is no vector|numbers behind a word"),
        ("x" * 1_000_001, "too long for a word and its vector"),
    ],
)
def test_what_is_no_file_of_vectors_is_refused(tmp_path: Path, vectors: str, told: str) -> None:
    with pytest.raises(SpecError, match=told) as caught:
        trained(tmp_path, vectors=vectors)
    assert not (tmp_path / "run").exists()
    (tmp_path / "spec.yaml").write_text(SPEC)
    for command in ("check", "data"):
        assert refused(command, tmp_path / "spec.yaml") == f"{caught.value}\n"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("vectors: vectors.txt", "vectors: nowhere.txt", "there is no file 'nowhere.txt'"),
        ("vectors: vectors.txt", "vectors: ../vectors.txt", "vectors.txt"),
        ("as: words", "as: labels", "has vectors, and is read as labels"),
    ],
)
def test_what_a_spec_says_of_vectors_in_vain_is_refused(tmp_path: Path, before: str, after: str, told: str) -> None:
    assert before in SPEC
    with pytest.raises(SpecError, match=told):
        trained(tmp_path, SPEC.replace(before, after))
    assert not (tmp_path / "run").exists()


def test_vectors_of_what_no_embedding_reads_are_refused(tmp_path: Path) -> None:
    spec = SPEC.replace("inputs: {text:", "inputs: {read: {tokens: $words}, text:").replace("text(t-1)", "read(t-1)")
    spec = spec.replace("data: {", "data: {read: {file: input.txt, as: words, each: file}, ")
    with pytest.raises(SpecError, match=r"data\.text has vectors, and no embedding reads text"):
        trained(tmp_path, spec)


def test_an_embedding_that_shares_its_weights_begins_with_them_where_they_are(tmp_path: Path) -> None:
    second = "  f: {block: embedding, input: previous, units: 3, share: e}\n  h: {block: gru, input: e + f, units: 4}\n"
    shared = SPEC.replace("  h: {block: gru, input: e, units: 4}\n", second)
    run = trained(tmp_path, shared)
    assert stored_weights(run.read(3))["e.weight"][3 + vocabulary(run).index("the")].tolist() == [1, 2, 3]


def test_a_run_that_has_a_checkpoint_goes_on_without_the_file(tmp_path: Path) -> None:
    run = trained(tmp_path)
    (tmp_path / "vectors.txt").unlink()
    more = apply_overrides(read_spec(SPEC, registry(), str(tmp_path / "spec.yaml")), ["training.updates=4"])
    assert train(more, run.folder, resume=True).update == 4


def test_a_packed_file_that_is_damaged_is_refused(tmp_path: Path) -> None:
    data = bytearray(gzip.compress("".join(f"word{place} 0.{place} 1\n" for place in range(1000)).encode()))
    data[200:260] = (byte ^ 255 for byte in data[200:260])
    (tmp_path / "v.gz").write_bytes(data)
    with pytest.raises(SpecError, match="cannot be read"):
        read_vectors(tmp_path / "v.gz", "v.gz", {"the": 3})


def test_a_first_line_of_endless_figures_is_no_header(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text(f"5 {'9' * 5000}\nthe 1 2\n")
    with pytest.raises(SpecError):
        read_vectors(tmp_path / "v.txt", "v.txt", {"the": 3})
