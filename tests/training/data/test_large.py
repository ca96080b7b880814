"""Data that stay in their file: the rows, digests, encoders and batches of memory, bit for bit, of every kind."""

from __future__ import annotations

import json
import random
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.graphs.problems import SpecError
from leporello.training.data.columns import Column, Data
from leporello.training.data.numbers import Numbers
from leporello.training.data.showing import shown
from leporello.training.feeding.batch import Batch
from leporello.training.feeding.examples import Examples
from leporello.training.feeding.streams import streams_of
from leporello.training.settings import Settings
from tests.support.columns import LABELLED, PARALLEL, TAGGED, assert_same_batches, loaded
from tests.support.stand_ins import packed, tone, waves

CHANCE = random.Random(5)
WORDS = ["der", "Hund", "it’s", "Ärger,", "ΟΔΟΣ", "well-known", "x", "İki", "\u2028", "日本"]
BLANKS = [" ", " ", "  ", "\n", " \r", "\r\n"]
PROSE = "".join(CHANCE.choice(WORDS) + CHANCE.choice(BLANKS) for _ in range(900))
PAIRS = "".join(f'{CHANCE.choice(WORDS)} {n}\t"{n}\r\n' for n in range(120))
TABLE = "text,label\n\n" + "".join(f'"a, {n}\r\n""b""",{"yes" if n % 3 else "no"}\n' for n in range(90))
NUMBERED = "".join(f"{n % 7},{-n}.5\n" for n in range(90))
LINES = "".join(
    json.dumps({"w": [CHANCE.choice(WORDS)] * (n % 5 + 1), "t": "A " * (n % 5 + 1)}) + "\n" * (n % 2 + 1)
    for n in range(80)
)
SERIES = "\ufeffx,y\n" + "".join(f"{CHANCE.gauss(1e5, 1)},{CHANCE.random() if n % 5 else 'NaN'}\n" for n in range(700))
ROWS = "".join(json.dumps([[CHANCE.gauss(3, 9), n] for _ in range(n % 6)]) + "\n" for n in range(99))
NOTES = "".join(json.dumps([[60 + n % 9], [], [40, 41]][: n % 3 + 1]) + "\n" for n in range(60))
TEXT, LONG = "text: {tokens: $n}", ("words", "pieces", "characters")
KINDS: dict[str, tuple[str, str, dict[str, str]]] = {
    **{f"text as {kind}": (TEXT, f"text: {{file: t.txt, as: {kind}}}", {"t.txt": PROSE}) for kind in LONG},
    "text as labels": (TEXT, "text: {files: [a, a, a], as: labels}", {"a": PROSE}),
    **{
        f"small text as {kind}": (TEXT, f"text: {{file: t.txt, as: {kind}, lower: true, least: 2}}", {"t.txt": PROSE})
        for kind in LONG
    },
    "lines": (TEXT, "text: {file: t.txt, each: line, as: words}", {"t.txt": PROSE}),
    "three texts": (TEXT, "text: {files: [a, b, c]}", {"a": PROSE, "b": "der Hund " * 40, "c": PROSE[::-1]}),
    "pairs": (
        PARALLEL,
        "source: {file: p.tsv, column: 1, as: words}\n  target: {file: p.tsv, column: 2}",
        {"p.tsv": PAIRS},
    ),
    "labelled": (
        LABELLED,
        "text: {file: t.csv, column: text}\n  label: {file: t.csv, column: label}",
        {"t.csv": TABLE},
    ),
    "without names": (
        "x: {features: 2}\n  y: {features: 1, axis: none}",
        "x: {file: r.jsonl}\n  y: {file: t.csv, column: 2}",
        {"r.jsonl": "".join(f"[[1, {n}], [2, 3]]\n" for n in range(90)), "t.csv": NUMBERED},
    ),
    "tagged": (
        TAGGED,
        "words: {file: l.jsonl, column: w, as: words, longest: 4}\n  tags: {file: l.jsonl, column: t, as: labels}",
        {"l.jsonl": LINES},
    ),
    "spread": (
        "x: {features: 2}\n  y: {tokens: $n}",
        "x: {file: r.jsonl}\n  y: {file: t.csv, column: 1, as: labels, spread: true}",
        {"r.jsonl": ROWS, "t.csv": "".join(f"{n % 3}\n" for n in range(99))},
    ),
    "series": ("x: {features: 1}", "x: {file: s.csv, column: x}", {"s.csv": SERIES}),
    "series with gaps held": ("x: {features: 2}", "x: {file: s.csv, columns: [x, y], gaps: hold}", {"s.csv": SERIES}),
    "series with gaps": ("x: {features: 2}", "x: {file: s.csv, columns: [x, y], gaps: mean}", {"s.csv": SERIES}),
    "rows with gaps": (
        "x: {features: 1}",
        "x: {file: r.jsonl, gaps: hold}",
        {"r.jsonl": "".join(json.dumps([n, None, n * 0.1][: n % 3 + 1]) + "\n" for n in range(60))},
    ),
    "rows of numbers": ("x: {features: 2}", "x: {file: r.jsonl, longest: 4}", {"r.jsonl": ROWS}),
    "a number a line": (
        "x: {features: 1}",
        "x: {file: n.csv, columns: [a, b], each: line}",
        {"n.csv": "a,b\n" + NUMBERED},
    ),
    "notes": ("x: {features: 88, kind: binary}", "x: {file: n.jsonl}", {"n.jsonl": NOTES}),
}
SETTINGS = Settings(batch=3, steps=7, seed=4)


def on_disk(patch: pytest.MonkeyPatch, block: int = 61) -> None:
    """Let every file stay where it is, and be read in small blocks."""
    patch.setattr("leporello.training.data.files.HELD", 0)
    patch.setattr("leporello.training.data.recordings.HELD", 0)
    patch.setattr("leporello.training.data.stored.BLOCK", block)
    patch.setattr("leporello.training.data.stored.STEPS", 13)
    patch.setattr("leporello.training.feeding.written.BLOCK", 17)


def described(column: Column) -> tuple[Any, ...]:
    return column.source, column.digest, column.encoder, column.ends, [len(part) for part in column.parts]


def batches(data: Data) -> list[Batch]:
    feed = streams_of(data, SETTINGS) if data.long else Examples(data, SETTINGS)
    first, again = list(feed.rest(0, 0)), list(feed.rest(3, 2))
    return [*first, *again, *feed.part(1), *feed.part(2)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_stays_on_the_disk_gives_the_same_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    held = loaded(tmp_path, *KINDS[kind])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    on_disk(monkeypatch)
    stored = loaded(tmp_path, *KINDS[kind])
    assert all(column.stored(part) for column in stored.columns.values() for part in range(3))
    assert not any(column.stored(part) for column in held.columns.values() for part in range(3))
    assert [*map(described, stored.columns.values())] == [*map(described, held.columns.values())]
    assert_same_batches(batches(stored), batches(held))
    told = shown(stored, 3), shown(held, 3)
    for one in chain.from_iterable(told) if stored.long else ():
        del one["examples"]  # of one long sequence its first piece is shown, which is a short one here
    assert told[0] == told[1]
    assert not list((tmp_path / "cache" / "leporello").iterdir())


def test_recordings_stay_in_their_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = "sound: {file: PLACE, as: sound}\n  word: {file: PLACE, column: 1}"
    inputs = "sound: {features: 8}\n  word: {tokens: $words, axis: none}"
    files = {f"{'yes' if n % 2 else 'no'}_{n}.wav": waves(tone(300 + 9 * n, 0.05)) for n in range(40)}
    packed(tmp_path / "w.tar", files)
    (tmp_path / "w").mkdir()
    for name, content in files.items():
        (tmp_path / "w" / name).write_bytes(content)
    held = loaded(tmp_path, inputs, entries.replace("PLACE", "w.tar"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    on_disk(monkeypatch)
    for place in ("w.tar", "w"):
        stored = loaded(tmp_path, inputs, entries.replace("PLACE", place))
        assert stored.columns["sound"].stored(0)
        assert stored.columns["sound"].digest == held.columns["sound"].digest
        assert_same_batches(batches(stored), batches(held))
        assert [one["examples"] for one in shown(stored, 2)] == [one["examples"] for one in shown(held, 2)]


@given(st.text(st.sampled_from("ab \n\r\"',;é\u2028"), min_size=30, max_size=200), st.integers(5, 40))
def test_any_text_is_cut_into_the_same_lines_and_characters(
    tmp_path_factory: pytest.TempPathFactory, text: str, block: int
) -> None:
    folder = tmp_path_factory.mktemp("large")
    for each in ("line", "file"):
        entry = f"text: {{files: [a, a, a], each: {each}}}"
        held = loaded(folder, TEXT, entry, {"a": text.encode()})
        with pytest.MonkeyPatch.context() as patch:
            on_disk(patch, block)
            stored = loaded(folder, TEXT, entry)
            column, part = stored.only, stored.only.parts[0]
            found = list(part) if each == "line" else ["".join(column.values(0))]
        assert found == list(held.only.parts[0])
        assert described(stored.only) == described(held.only)


@given(st.lists(st.lists(st.floats(-1e30, 1e30), min_size=2, max_size=2), min_size=1, max_size=60))
def test_mean_and_deviation_are_the_same_however_they_are_summed_up(rows: list[list[float]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("leporello.training.data.numbers.BLOCK", 7)
        pieces = Numbers.of(tuple(rows[at : at + 5] for at in range(0, len(rows), 5)))
    assert pieces == Numbers.of([rows])


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("t.txt", b"one\r\ntwo\nthr\xffee\n" * 9, r"t.txt:3:1: error: .*not UTF-8"),
        ("t.txt", "hello".encode("utf-16"), "UTF-16"),
        ("t.csv", b"text\n" + b"a\n" * 20 + b"x" * 200_000, "t.csv:22:1: error: this is no line of a table"),
        ("t.csv", b"other\na\n", "no column 'text'"),
        ("t.jsonl", b'{"text": "a"}\n\n' * 20 + b"{\n", "t.jsonl:41:2: error: this is not JSON"),
        ("t.jsonl", b'{"text": "a"}\n' * 20 + b'{"tixt": "a"}\n', "t.jsonl:21:1: error: the object has no 'text'"),
        ("t.jsonl", b'{"text": "a"}\n' * 20 + b'{"text": 3}\n', "has '3' for text, which is not a text"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes, told: str
) -> None:
    on_disk(monkeypatch)
    column = "" if name == "t.txt" else ", column: text"
    with pytest.raises(SpecError, match=told):
        batches(loaded(tmp_path, TEXT, f"text: {{file: {name}, each: line{column}}}", {name: content}))


def test_a_file_that_changes_meanwhile_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_disk(monkeypatch)
    data = loaded(tmp_path, TEXT, "text: {file: t.txt, each: line}", {"t.txt": "one\ntwo\n" * 40})
    (tmp_path / "t.txt").write_text("three\n" * 40)
    with pytest.raises(SpecError, match=r"t.txt has changed while it was read"):
        batches(data)
    other = loaded(tmp_path, TEXT, "text: {file: t.txt, each: line}")
    (tmp_path / "u.txt").write_text("four\n" * 40)
    (tmp_path / "u.txt").replace(tmp_path / "t.txt")  # the one that was opened is there still, without a name
    assert set(other.only.parts[0]) == {"three"}


def test_words_without_blanks_and_what_cannot_be_read_in_parts_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_disk(monkeypatch)
    for module in ("files", "stored"):
        monkeypatch.setattr(f"leporello.training.data.{module}.LARGEST", 2000)
    for name, content, told in (
        ("t.txt", "x" * 5000, "t.txt has no blank in 0 MiB[\\s\\S]*read it as characters"),
        ("t.json", json.dumps(["a"] * 900), "t.json is 0 MiB large[\\s\\S]*.jsonl"),
        ("t.txt.gz", random.Random(1).randbytes(5000).hex(), "t.txt.gz[\\s\\S]*gunzip"),
    ):
        with pytest.raises(SpecError, match=told):
            loaded(tmp_path, TEXT, f"text: {{file: {name}, as: words}}", {name: content})
    loaded(tmp_path, TEXT, "text: {file: t.txt}")


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_disk(monkeypatch)
    (tmp_path / "cache").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(SpecError, match=r"cannot be kept in .*cache/leporello.*\n.*XDG_CACHE_HOME"):
        batches(loaded(tmp_path, TEXT, "text: {file: t.txt}", {"t.txt": PROSE}))
