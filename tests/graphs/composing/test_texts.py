"""Files and JSON: bytes that are text, within limits, or an error with its place."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.graphs.composing.compose import compose
from leporello.graphs.composing.json_text import read_json
from leporello.graphs.composing.texts import read_text
from leporello.graphs.composing.tree import plain
from leporello.graphs.problems import Mark, SpecError


def place(error: pytest.ExceptionInfo[SpecError]) -> tuple[int, int]:
    mark = error.value.problems[0].mark
    assert mark is not None
    return mark.line, mark.column


@pytest.mark.parametrize("text", ["a: 1\n", "\ufeffa: 1\n", "a: 1\r\n", "a: é \N{GRINNING FACE}\n", ""])
def test_text_is_read_as_it_stands(tmp_path: Path, text: str) -> None:
    file = tmp_path / "spec.yaml"
    file.write_bytes(text.encode("utf-8"))
    assert read_text(file) == text


def test_utf_8_with_a_byte_order_mark_composes(tmp_path: Path) -> None:
    file = tmp_path / "spec.yaml"
    file.write_bytes("a: 1\r\nb: no\r\n".encode("utf-8-sig"))
    assert plain(compose(read_text(file))) == {"a": 1, "b": "no"}


@pytest.mark.parametrize(
    ("data", "line", "column", "words"),
    [
        *[("a: 1".encode(code), 1, 1, "UTF-16") for code in ("utf-16", "utf-16-le", "utf-16-be", "utf-32")],
        (b"a: 1\nb: \xff", 2, 4, "byte 0xff is not UTF-8"),
        (b"\xef\xbb\xbfab\xe9", 1, 3, "byte 0xe9 is not UTF-8"),
        ("é: ".encode() + b"\xe2\x82", 1, 4, "byte 0xe2 is not UTF-8"),
        (b"a: 1\nbc: \0", 2, 5, "NUL"),
        (b"\x89PNG\r\n\x1a\n\0\0", 1, 1, "byte 0x89"),
        (b"a: " + b"x" * 1_000_000, 1, 1, "1,000,003 bytes"),
    ],
)
def test_bytes_that_are_no_spec(tmp_path: Path, data: bytes, line: int, column: int, words: str) -> None:
    file = tmp_path / "spec.yaml"
    file.write_bytes(data)
    with pytest.raises(SpecError) as error:
        read_text(file)
    assert words in str(error.value) and str(file) in str(error.value)
    assert place(error) == (line, column)


def test_a_sparse_file_is_refused_by_its_size(tmp_path: Path) -> None:
    file = tmp_path / "huge.yaml"
    with open(file, "wb") as sparse:
        sparse.truncate(1 << 40)
    with pytest.raises(SpecError, match="1,099,511,627,776 bytes"):
        read_text(file)


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    for path, words in [(tmp_path, "a folder"), (tmp_path / "pipe", "a pipe"), (tmp_path / "link", "a pipe")]:
        with pytest.raises(SpecError, match=words):
            read_text(path)
    with pytest.raises(SpecError, match="device"):
        read_text(Path("/dev/zero"))


def test_a_missing_file_names_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "elman.yaml").write_text("a: 1")
    (tmp_path / "notes.txt").write_text("a")
    with pytest.raises(SpecError, match=r"did you mean elman\.yaml\? specs in its folder: elman\.yaml$"):
        read_text(tmp_path / "elmann.yaml")
    with pytest.raises(SpecError, match="no readable folder"):
        read_text(tmp_path / "none" / "elman.yaml")


def test_paths_that_no_system_opens(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path in (tmp_path / "a\0b", tmp_path / ("x" * 300), tmp_path / "loop"):
        with pytest.raises(SpecError, match="cannot be read"):
            read_text(path)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON, st.sampled_from([None, 1]), st.booleans())
def test_json_round_trip(value: object, indent: int | None, byte_order_mark: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=True)
    assert read_json("\ufeff" * byte_order_mark + text) == value


@given(st.text('{}[]",:\\ 0123eE+-.truefalsnN\n', max_size=40))
def test_any_text_is_json_or_a_problem_with_its_place(text: str) -> None:
    try:
        value = read_json(text)
    except SpecError as error:
        assert error.problems[0].mark is not None
    else:
        assert value == json.loads(text)


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("", 1, 1, "not JSON"),
        ('{"a": 1,}', 1, 9, "not JSON"),
        ('{"a": 1} x', 1, 10, "not JSON"),
        ('{\n "a": 1,\n "a": 2}', 3, 2, "first on line 2"),
        ('{"a": {"b": 1, "\\u0062": 2}}', 1, 16, "'b' stands here again"),
        ("[1,\n NaN]", 2, 2, "NaN is not a number"),
        ("[-Infinity]", 1, 2, "-Infinity is not a number"),
        ("[1e999]", 1, 2, "too large"),
        ("[" + "9" * 5000 + "]", 1, 2, "too large"),
        ('["\\ud800"]', 1, 2, "half of a surrogate pair"),
        ('"\0"', 1, 2, "NUL"),
        ('"\\q"', 1, 2, "not JSON"),
        ("[" * 100_000, 1, 65, "deeper than 64"),
        ('{"a":' * 100_000, 1, 321, "deeper than 64"),
        ("[" + "1," * 300_000, 1, 400_001, "more than 200,000 values"),
        ('"' + "x" * 1_000_000 + '"', 1, 1, "1,000,000 bytes"),
    ],
)
def test_json_that_is_refused(text: str, line: int, column: int, words: str) -> None:
    with pytest.raises(SpecError) as error:
        read_json(text, "graph.json")
    assert words in str(error.value) and "graph.json" in str(error.value)
    assert place(error) == (line, column)


def test_json_places_count_the_byte_order_mark_in_offsets_only() -> None:
    with pytest.raises(SpecError) as error:
        read_json('\ufeff{"a": 1, "a": 2}', "graph.json")
    assert error.value.problems[0].mark == Mark("graph.json", 1, 10, 10, 14)


def test_brackets_and_words_within_texts_are_no_structure() -> None:
    text = json.dumps({"a": "[" * 200, "b": "NaN", "c": '"a": 1e999', "d": ["a", "a"], "e": {"a": {"a": 1}}})
    assert read_json(text) == json.loads(text)
