"""Tables, JSON and JSON lines as rows: which of their values feed an input, and which are refused, with the line."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.columns import LABELLED, PARALLEL, SERIES, TAGGED, loaded, refusal

TEXTS = [f"text {number}, with a comma" for number in range(20)]
LABELS = ["odd" if number % 2 else "even" for number in range(20)]
PAIRS = set(zip(TEXTS, LABELS, strict=True))


def as_csv(header: str) -> str:
    return header + "".join(
        f'{number},"{text}",{label}\n' for number, (text, label) in enumerate(zip(TEXTS, LABELS, strict=True))
    )


def as_tsv(header: str) -> str:
    return header + "".join(f"{text}\t{label}\n" for text, label in zip(TEXTS, LABELS, strict=True))


OBJECTS = [{"text": text, "label": label} for text, label in zip(TEXTS, LABELS, strict=True)]


@pytest.mark.parametrize(
    ("name", "content", "text", "label"),
    [
        ("t.csv", as_csv("number,text,label\n"), "text", "label"),
        ("t.csv", as_csv(""), "2", "3"),
        ("t.csv.gz", as_csv("number,text,label\n"), "text", "label"),
        ("t.tsv", as_tsv("text\tlabel\n"), "text", "label"),
        ("t.tsv", as_tsv(""), "1", "2"),
        ("t.tsv.gz", as_tsv(""), "1", "2"),
        ("t.jsonl", "\n\n".join(map(json.dumps, OBJECTS)), "text", "label"),
        ("t.json", json.dumps(OBJECTS), "text", "label"),
        ("t.json.gz", json.dumps(OBJECTS), "text", "label"),
    ],
)
def test_labelled_texts_are_read_from_any_table(tmp_path: Path, name: str, content: str, text: str, label: str) -> None:
    entries = f"text: {{file: {name}, column: {text}}}\n  label: {{file: {name}, column: {label}}}"
    data = loaded(tmp_path, LABELLED, entries, {name: content})
    parts = list(zip(data.columns["text"].parts, data.columns["label"].parts, strict=True))
    assert {pair for part in parts for pair in zip(*part, strict=True)} == PAIRS
    assert [len(part) for part, _ in parts] == [18, 1, 1]
    assert not data.long
    assert data.columns["label"].encoder.kind == "labels"
    assert data.columns["label"].encoder.size == 2


def test_rows_are_split_always_in_the_same_way(tmp_path: Path) -> None:
    rows = "".join(f"{number}\n" for number in range(100))
    split = "split: [0.8, 0.1, 0.1]"
    found = [
        loaded(tmp_path, "x: {features: 1, axis: none}", f"x: {{file: a.csv, column: 1, {split}}}", {"a.csv": rows})
    ]
    found += [loaded(tmp_path, "x: {tokens: $n}", f"x: {{file: a.txt, each: line, {split}}}", {"a.txt": rows})]
    numbers = [
        [[int(float(row[0] if isinstance(row, list) else row)) for row in part] for part in data.only.parts]
        for data in found
    ]
    assert numbers[0] == numbers[1]
    assert [len(part) for part in numbers[0]] == [80, 10, 10]
    assert sorted(chain(*numbers[0])) == list(range(100))
    assert numbers[0][0][:3] == [65, 57, 9] or numbers[0][0] != list(
        range(80)
    )  # shuffled: no part is one end of the file


@given(
    st.lists(
        st.tuples(st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), min_size=1), st.sampled_from("ab")),
        min_size=20,
    )
)
def test_any_text_comes_through_a_quoted_table(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]
) -> None:
    import csv
    import io

    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([("t", "l"), *pairs])
    entries = "text: {file: t.csv, column: t}\n  label: {file: t.csv, column: l}"
    data = loaded(tmp_path_factory.mktemp("csv"), LABELLED, entries, {"t.csv": written.getvalue()})
    found = [
        pair
        for part in range(3)
        for pair in zip(*(data.columns[name].parts[part] for name in ("text", "label")), strict=True)
    ]
    assert sorted(found) == sorted(pairs)


def test_a_table_of_numbers_is_one_long_sequence_of_its_columns(tmp_path: Path) -> None:
    table = "day,b,a\n" + "".join(f"d{step},{step % 3},{step}\n" for step in range(40))
    data = loaded(tmp_path, SERIES, "x: {file: t.csv, columns: [a, b]}", {"t.csv": table})
    assert data.long
    assert [len(part[0]) for part in data.only.parts] == [36, 2, 2]
    assert data.only.parts[2][0] == [[38.0, 2.0], [39.0, 0.0]]
    values = list(data.only.encoder.encode(data.only.parts[0][0]))
    assert sum(values[::2]) == pytest.approx(0, abs=1e-5)
    assert sum(value * value for value in values[1::2]) / 36 == pytest.approx(1, rel=1e-6)
    back = [data.only.encoder.back(values[at : at + 2]) for at in range(0, 72, 2)]  # type: ignore[attr-defined]
    assert list(chain(*back)) == pytest.approx(list(chain(*data.only.parts[0][0])), abs=1e-4)


def test_each_line_of_numbers_may_be_a_sequence_of_its_own(tmp_path: Path) -> None:
    table = "kind,a,b,c\n" + "".join(f"k{n % 2},{n},{n + 1},{n + 2}\n" for n in range(40))
    inputs = "x: {features: $n}\n  y: {tokens: $m, axis: none}"
    entries = "x: {file: t.csv, columns: [a, b, c], each: line}\n  y: {file: t.csv, column: kind}"
    data = loaded(tmp_path, inputs, entries, {"t.csv": table})
    assert not data.long
    assert data.columns["x"].encoder.size == 1
    assert len(data.columns["x"].encoder.encode(data.columns["x"].parts[0][0])) == 3


def test_sequences_of_numbers_are_read_from_json_lines(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps({"x": [[n, 1], [n, 2]], "y": n}) for n in range(20))
    inputs = "x: {features: $n}\n  y: {features: $m, axis: none}"
    entries = "x: {file: t.jsonl, column: x}\n  y: {file: t.jsonl, column: y}"
    data = loaded(tmp_path, inputs, entries, {"t.jsonl": lines})
    assert (data.columns["x"].encoder.size, data.columns["y"].encoder.size) == (2, 1)


def test_labels_stand_at_every_step(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps({"w": ["a", f"b{n}"], "t": "X Y"}) for n in range(20))
    entries = "words: {file: t.jsonl, column: w, as: words}\n  tags: {file: t.jsonl, column: t, as: labels}"
    data = loaded(tmp_path, TAGGED, entries, {"t.jsonl": lines})
    assert list(data.columns["tags"].encoder.encode("Y X Y")) == [1, 0, 1]
    assert data.columns["words"].vocabulary.decode(data.columns["words"].vocabulary.encode(["a", "zz"])) == "a �"


def test_three_files_are_the_three_parts(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"a.txt.gz": "one\ntwo\n", "b.txt": "three\n", "c.txt": "four\nfive\n"}
    data = loaded(tmp_path, "x: {tokens: $n}", "x: {files: [a.txt.gz, b.txt, c.txt], each: line}", files)
    assert data.only.parts == (["one", "two"], ["three"], ["four", "five"])
    assert data.only.encoder.size == 3 + len(set("onetwo"))
    long = loaded(tmp_path, "x: {tokens: $n}", "x: {files: [a.txt.gz, b.txt, c.txt]}", files)
    assert long.only.parts == (["one\ntwo\n"], ["three\n"], ["four\nfive\n"])


def test_a_json_file_may_say_its_parts(tmp_path: Path) -> None:
    rolls = {"train": [[[60], [62, 64]]], "validation": [[[21]]], "test": [[[108], []]]}
    data = loaded(tmp_path, "x: {features: 88, kind: binary}", "x: {file: t.json}", {"t.json": json.dumps(rolls)})
    assert data.only.parts == ([[[60], [62, 64]]], [[[21]]], [[[108], []]])
    assert data.only.encoder.kind == "notes"
    roll = list(data.only.encoder.encode([[21], [], [108, 60]]))
    assert [place for place, value in enumerate(roll) if value] == [0, 88 * 2 + 39, 88 * 3 - 1]


def test_a_file_for_each_part_does_not_go_with_one_that_is_split(tmp_path: Path) -> None:
    entries = "source: {files: [a.txt, b.txt, c.txt]}\n  target: {file: whole.txt}"
    files: dict[str, str | bytes] = {"a.txt": "x\n" * 18, "b.txt": "x\n", "c.txt": "x\n", "whole.txt": "y\n" * 20}
    said = refusal(tmp_path, PARALLEL, entries, files)
    assert "source has a file for each part, target one that is split" in said


@pytest.mark.parametrize(("longer", "shorter"), [("source", "target"), ("target", "source")])
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_the_first_line_without_a_partner_is_named(tmp_path: Path, longer: str, shorter: str, ending: str) -> None:
    names = {"source": f"a.txt{ending}", "target": f"b.txt{ending}"}
    entries = "source: {{file: {source}}}\n  target: {{file: {target}}}".format(**names)
    files = {names[longer]: "x\n" * 1040, names[shorter]: "y\n" * 1039}
    said = refusal(tmp_path, PARALLEL, entries, files)
    what = (
        f"{names[longer]}:1040:1: error: the line has no partner: {names[shorter]}, for {shorter}, ends with line 1,039"
    )
    assert said.startswith(what)
    assert f"paste {names[shorter]} {names[longer]}" in said
    both = loaded(tmp_path, PARALLEL, entries, {names[shorter]: "y\n" * 1040})
    assert not both.long


def test_of_three_files_the_first_that_does_not_fit_is_named(tmp_path: Path) -> None:
    entries = "source: {files: [a.txt, b.txt, c.txt]}\n  target: {files: [d.txt, e.txt, f.txt]}"
    files = {
        "a.txt": "x\n" * 9,
        "b.txt": "x\n\nx",
        "c.txt": "x\n",
        "d.txt": "y\n" * 9,
        "e.txt": "y\n",
        "f.txt": "y\ny\n",
    }
    said = refusal(tmp_path, PARALLEL, entries, files)
    assert said.startswith("b.txt:2:1: error: the line has no partner: e.txt, for target, ends with line 1")


def test_rows_of_tables_and_of_other_splits_are_counted(tmp_path: Path) -> None:
    entries = "source: {file: a.txt}\n  target: {file: b.tsv, column: 1}"
    said = refusal(tmp_path, PARALLEL, entries, {"a.txt": "x\n" * 40, "b.tsv": "y\n" * 39})
    assert "source has 36 + 2 + 2 rows, target 35 + 2 + 2" in said
    assert "small.yaml:" in said
    entries = "source: {file: a.txt}\n  target: {file: b.txt, split: [0.5, 0.25, 0.25]}"
    assert "target 20 + 10 + 10" in refusal(tmp_path, PARALLEL, entries, {"b.txt": "y\n" * 40})


def test_pairs_within_objects_are_read_as_datasets_write_them(tmp_path: Path) -> None:
    names = ["train.jsonl", "valid.jsonl", "test.jsonl.gz"]
    listed = f"files: [{', '.join(names)}], column: translation"
    entries = f"source: {{{listed}.de}}\n  target: {{{listed}.en}}"
    lines = [json.dumps({"id": n, "translation": {"de": f"Satz {n}", "en": f"sentence {n}"}}) + "\n" for n in range(6)]
    data = loaded(tmp_path, PARALLEL, entries, dict(zip(names, ["".join(lines[:4]), lines[4], lines[5]], strict=True)))
    assert data.columns["source"].parts == ([f"Satz {n}" for n in range(4)], ["Satz 4"], ["Satz 5"])
    assert data.columns["target"].parts[2] == ["sentence 5"]
    said = refusal(tmp_path, PARALLEL, entries.replace("translation.en", "translation.fr"))
    assert said.startswith("train.jsonl:1:1: error: the object has no 'translation.fr'")
    assert "column: id or translation.de or translation.en" in said
    assert "has no 'id.de'" in refusal(tmp_path, PARALLEL, entries.replace("translation.de", "id.de"))
    dotted = json.dumps({"a.b": "x", "a": {"b": "y"}}) + "\n"
    one = loaded(tmp_path, "x: {tokens: $n}", "x: {file: d.jsonl, column: a.b}", {"d.jsonl": dotted * 30})
    assert set(one.only.parts[0]) == {"x"}


def test_a_row_of_one_column_is_told_by_its_line(tmp_path: Path) -> None:
    entries = "source: {file: p.tsv, column: 1}\n  target: {file: p.tsv, column: 2}"
    said = refusal(tmp_path, PARALLEL, entries, {"p.tsv": "x\ty\n" * 30 + "\n" + "x\n" + "x\ty\n" * 6})
    assert said.startswith("p.tsv:32:1: error: the line has one value, and column 2 is wanted")
    said = refusal(tmp_path, PARALLEL, entries, {"p.tsv": "x\ty\n" * 30 + "x y\n"})
    assert said.startswith("p.tsv:31:1: error: ")


WRONG: list[tuple[str, str, str | bytes, str]] = [
    ("x: {file: t.csv, column: b}", "t.csv", "a,c\n1,2\n", "t.csv has no column 'b'"),
    ("x: {file: t.csv, column: 3}", "t.csv", "1,2\n3\n", "t.csv:1:1: error: the line has 2 values, and column 3"),
    ("x: {file: t.csv}", "t.csv", "a,c\n1,2\n", "does not say which"),
    ("x: {file: t.csv, column: a}", "t.csv", "a\n1\n\nfour\n", "t.csv:4:1: error: 'four' is not a number"),
    ("x: {file: t.csv, column: a}", "t.csv", 'a,b\n1,"x\ny"\n,z\n', "t.csv:4:1: error: '' is not a number"),
    ("x: {file: t.csv, column: a}", "t.csv", "a\n1\nnan\n", "'nan' is not a number"),
    ("x: {file: t.csv, column: a}", "t.csv", "a\n1e999\n", "'1e999' is not a number"),
    (
        "x: {file: t.csv, column: a}",
        "t.csv",
        "a\n" + "1" * 140_000 + "\n",
        "t.csv:2:1: error: this is no line of a table",
    ),
    ("x: {file: t.csv, column: }", "t.csv", "a,b\n1,2\n", "add column: with one of a, b, or a number from 1"),
    ("x: {file: , column: a}", "t.csv", "a,b\n1,2\n", "data.x names no data"),
    ("x: {file: t.csv, columns: [a, b]}", "t.csv", "a,b\n1,2\n3\n", "t.csv:3:1: error: the line has one value"),
    ("x: {file: t.txt, column: a}", "t.txt", "1\n", "t.txt is a text and has no columns"),
    ("x: {file: t.jsonl, column: a}", "t.jsonl", '{"a": [1]}\n{"b": 1}', "t.jsonl:2:1: error: the object has no 'a'"),
    ("x: {file: t.jsonl}", "t.jsonl", '{"a": [1]}', "does not say which entry is meant"),
    ("x: {file: t.jsonl}", "t.jsonl", "[1]\n[2", "t.jsonl:2:"),
    ("x: {file: t.jsonl}", "t.jsonl", "[" * 100_000, "nested too deeply"),
    ("x: {file: t.json}", "t.json", '{"train": []}', "t.json is not a list of sequences"),
    ("x: {file: t.json}", "t.json", "3", "t.json is not a list of sequences"),
    ("x: {file: t.json}", "t.json", "[[1], [2", "t.json:1:"),
    ("x: {file: t.json.gz}", "t.json", "[]", "there is no file 't.json.gz'"),
    ("x: {files: [a.csv, b.csv]}", "a.csv", "1\n", "files has 2 names"),
]


@pytest.mark.parametrize(("entry", "name", "content", "message"), WRONG)
def test_what_is_wrong_in_a_table_is_told_with_its_place(
    tmp_path: Path, entry: str, name: str, content: str | bytes, message: str
) -> None:
    assert message in refusal(tmp_path, SERIES, entry, {name: content})


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([1, 2, 3], "'1' is not a list of numbers"),
        (["12", "3"], "'12' is not a list of numbers"),
        ([[1, "a"]], "step 2 has 'a', which is not a finite number"),
        ([[1, None]], "step 2 has 'None'"),
        ([[[1, 2], [3]]], "step 2 has 1 numbers, not 2"),
        ([[1], [[1, 2]]], "step 2 has 2 numbers, not 1"),
        ([[True]], "step 1 has 'True'"),
        ([[float("nan")]], "step 1 has 'nan'"),
        ([[10**400]], "step 1 has '1000"),
        ([[]], "there is not a single number"),
        ([{"a": 1}], "does not say which entry is meant"),
    ],
)
def test_rows_that_are_no_numbers_are_refused(tmp_path: Path, rows: list[Any], message: str) -> None:
    parts = json.dumps({"train": rows, "valid": [[1]], "test": [[1]]})
    assert message in refusal(tmp_path, SERIES, "x: {file: t.json}", {"t.json": parts})


@pytest.mark.parametrize("value", [None, [["a"]], {"a": 1}, [""]])
def test_what_is_no_label_is_refused(tmp_path: Path, value: Any) -> None:
    parts = json.dumps({part: [value] * 3 for part in ("train", "valid", "test")})
    said = refusal(tmp_path, "x: {tokens: $n}", "x: {file: t.json, as: labels, column: b}", {"t.json": parts})
    assert "is no label" in said or "the object has no 'b'" in said


@pytest.mark.parametrize(("kind", "value"), [("words", [["a", ""]]), ("characters", [["a"]]), ("words", [3])])
def test_what_is_no_text_is_refused(tmp_path: Path, kind: str, value: Any) -> None:
    parts = json.dumps(dict.fromkeys(("train", "valid", "test"), value))
    said = refusal(tmp_path, "x: {tokens: $n}", f"x: {{file: t.json, as: {kind}}}", {"t.json": parts})
    assert "which is not a text" in said
