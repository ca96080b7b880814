"""Datasets as `save_to_disk` of Hugging Face leaves them, Arrow and Parquet: what is read, and what is refused."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from leporello.graphs.extras import LackingError
from leporello.training.data.columns import Data
from leporello.training.feeding.examples import Examples
from leporello.training.settings import Settings
from tests.support.columns import LABELLED, PARALLEL, assert_same_batches, loaded, refusal
from tests.training.data.test_large import on_disk

TEXTS = ["a good film", "a bad one", "good", "no"]
RATED: dict[str, list[Any]] = {"text": [TEXTS[n % 4] for n in range(40)], "label": [n % 2 for n in range(40)]}
NAMES = {"label": {"names": ["neg", "pos"], "_type": "ClassLabel"}, "text": {"dtype": "string", "_type": "Value"}}
PAIRS = {"translation": [{"de": f"Hund {n}", "en": f"dog {n}"} for n in range(40)]}
TRANSLATED = "source: {file: DATA, column: translation.de}\n  target: {file: DATA, column: translation.en}"
REVIEWS = "text: {file: DATA, column: text, as: words}\n  label: {file: DATA, column: label}"


def save(folder: Path, columns: Mapping[str, Sequence[Any]], features: Any = None, files: int = 2) -> None:
    """A folder as `save_to_disk` writes it: Arrow streams, and what says which there are."""
    folder.mkdir(parents=True)
    table = pyarrow.table(dict(columns))
    names = [f"data-{number:05}-of-{files:05}.arrow" for number in range(files)]
    for number, name in enumerate(names):
        first, last = (table.num_rows * place // files for place in (number, number + 1))
        part = table.slice(first, last - first)
        with pyarrow.OSFile(str(folder / name), "wb") as sink, pyarrow.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(part, max_chunksize=7)
    (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": name} for name in names]}))
    (folder / "dataset_info.json").write_text(json.dumps({"features": features or {}}))


def examples(data: Data) -> Examples:
    return Examples(data, Settings(batch=4))


def rows(data: Data) -> list[list[list[Any]]]:
    return [[list(part) for part in column.parts] for column in data.columns.values()]


def test_labelled_texts_are_those_of_json_lines(tmp_path: Path) -> None:
    save(tmp_path / "reviews", RATED, NAMES)
    lines = [{"text": text, "label": ["neg", "pos"][label]} for text, label in zip(*RATED.values(), strict=True)]
    (tmp_path / "reviews.jsonl").write_text("\n".join(map(json.dumps, lines)))
    saved, plain = (loaded(tmp_path, LABELLED, REVIEWS.replace("DATA", name)) for name in ("reviews", "reviews.jsonl"))
    assert rows(saved) == rows(plain)
    assert saved.columns["label"].encoder == plain.columns["label"].encoder
    assert_same_batches(examples(saved).epoch(0), examples(plain).epoch(0))


def test_parallel_texts_are_those_of_json_lines_in_any_of_the_forms(tmp_path: Path) -> None:
    save(tmp_path / "pairs", PAIRS)
    pyarrow.parquet.write_table(pyarrow.table(PAIRS), tmp_path / "pairs.parquet", row_group_size=9)
    table = pyarrow.table(PAIRS)
    with (
        pyarrow.OSFile(str(tmp_path / "pairs.arrow"), "wb") as sink,
        pyarrow.ipc.new_file(sink, table.schema) as writer,
    ):
        writer.write_table(table)
    (tmp_path / "pairs.jsonl").write_text("\n".join(json.dumps({"translation": one}) for one in PAIRS["translation"]))
    found = [
        loaded(tmp_path, PARALLEL, TRANSLATED.replace("DATA", name))
        for name in ("pairs.jsonl", "pairs", "pairs.parquet", "pairs.arrow")
    ]
    for one in found[1:]:
        assert rows(one) == rows(found[0])
        assert_same_batches(examples(one).epoch(2), examples(found[0]).epoch(2))


def test_parts_are_named_one_by_one(tmp_path: Path) -> None:
    for part, count in (("train", 30), ("validation", 6), ("test", 4)):
        save(tmp_path / "d" / part, {name: column[:count] for name, column in RATED.items()}, NAMES, files=1)
    (tmp_path / "d" / "dataset_dict.json").write_text('{"splits": ["train", "validation", "test"]}')
    entries = REVIEWS.replace("file: DATA", "files: [d/train, d/validation, d/test]")
    assert examples(loaded(tmp_path, LABELLED, entries)).counts() == {"train": 30, "valid": 6, "test": 4}
    assert "files: [d/train, d/validation, d/test]" in refusal(tmp_path, LABELLED, REVIEWS.replace("DATA", "d"))


def test_large_ones_stay_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path / "pairs", PAIRS, files=3)
    held = loaded(tmp_path, PARALLEL, TRANSLATED.replace("DATA", "pairs"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    on_disk(monkeypatch)
    monkeypatch.setattr("leporello.training.data.saved.HELD", 0)
    stored = loaded(tmp_path, PARALLEL, TRANSLATED.replace("DATA", "pairs"))
    assert (held.only.stored(0), stored.only.stored(0)) == (False, True)
    assert stored.only.digest == held.only.digest
    assert rows(stored) == rows(held)
    assert_same_batches(examples(stored).epoch(1), examples(held).epoch(1))


@pytest.mark.parametrize("large", [False, True])
def test_what_is_damaged_or_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: bool) -> None:
    if large:
        monkeypatch.setattr("leporello.training.data.saved.HELD", 0)
    save(tmp_path / "d", {**RATED, "label": [*RATED["label"][:-1], -1]}, NAMES)
    entries = REVIEWS.replace("DATA", "d")
    assert "d:40:1: error: the row has the label -1, and label has 2 names" in refusal(tmp_path, LABELLED, entries)
    assert "the object has no 'stars'" in refusal(tmp_path, LABELLED, entries.replace("column: label", "column: stars"))
    without = entries.replace(", column: text", "")
    assert "data.text does not say which entry is meant" in refusal(
        tmp_path, LABELLED, without.replace("words}", "words, each: line}")
    )
    [first, second] = sorted((tmp_path / "d").glob("*.arrow"))
    whole = second.read_bytes()
    for cut in (0, 3, 100, len(whole) // 2):
        second.write_bytes(whole[:cut])
        assert "is no whole table" in refusal(tmp_path, LABELLED, entries)
    second.write_bytes(b"no Arrow at all" * 9)
    assert "is no whole table" in refusal(tmp_path, LABELLED, entries)
    second.unlink()
    assert f"there is no file '{second.name}'" in refusal(tmp_path, LABELLED, entries)
    (tmp_path / "secret.arrow").write_bytes(first.read_bytes())
    second.symlink_to(tmp_path / "secret.arrow")
    assert "is a link that leaves" in refusal(tmp_path, LABELLED, entries)
    state = tmp_path / "d" / "state.json"
    for said in (
        "{",
        "[]",
        "{}",
        '{"_data_files": 3}',
        '{"_data_files": [{"filename": "../secret.arrow"}]}',
        "[" * 9999,
    ):
        state.write_text(said)
        assert refusal(tmp_path, LABELLED, entries).startswith(str(tmp_path / "small.yaml"))


def test_an_empty_one_and_a_folder_of_something_else_are_refused(tmp_path: Path) -> None:
    save(tmp_path / "d", {"text": pyarrow.array([], pyarrow.string())})
    text = "text: {tokens: $n}"
    assert "d is empty" in refusal(tmp_path, text, "text: {file: d, column: text}")
    (tmp_path / "other").mkdir()
    assert "other is a directory, not a regular file" in refusal(tmp_path, text, "text: {file: other, column: text}")
    (tmp_path / "x.parquet").write_text("no table")
    assert "x.parquet is no whole table" in refusal(tmp_path, text, "text: {file: x.parquet, column: text}")


def test_without_pyarrow_it_is_said_what_is_lacking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path / "d", RATED, NAMES)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(LackingError, match=r"needs pyarrow, which is not installed\n.*leporello\[datasets\]"):
        loaded(tmp_path, LABELLED, REVIEWS.replace("DATA", "d"))
