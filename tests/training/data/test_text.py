"""Texts for language models: which text a spec names, its parts, its characters, and what is refused."""

from __future__ import annotations

import gzip
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.graphs.graph import Graph
from leporello.graphs.nodes import freeze
from leporello.graphs.problems import SpecError
from leporello.training.data.columns import load_data, sizes_of
from leporello.training.data.entries import check_data
from leporello.training.data.made.builtin import python_topics
from leporello.training.data.parts import cut
from leporello.training.data.vocabulary import UNKNOWN, Vocabulary
from tests.support.models.language_model import as_if, language_model, with_text


def with_data(graph: Graph, data: Any) -> Graph:
    return replace(graph, data=freeze(data))


def refusal(graph: Graph, **more: Any) -> str:
    with pytest.raises(SpecError) as caught:
        load_data(graph, **more)
    return str(caught.value)


@given(st.text(), st.text())
def test_a_text_comes_back_from_its_tokens(known: str, other: str) -> None:
    vocabulary = Vocabulary.of([known])
    assert vocabulary.decode(vocabulary.encode(known)) == known
    assert max([*vocabulary.encode(other), 0]) < len(vocabulary)
    assert vocabulary.unknown(other) == [c for c in dict.fromkeys(other) if c not in known]
    assert Vocabulary.from_json(vocabulary.to_json()) == vocabulary


def test_the_vocabulary_is_that_of_the_training_part(tmp_path: Path) -> None:
    text = load_data(with_text(tmp_path, "b" * 10 + "a" * 70 + "x" * 20)).only
    assert text.parts == (["b" * 10 + "a" * 70], ["x" * 10], ["x" * 10])
    assert text.vocabulary.symbols == "ab"
    assert list(text.vocabulary.encode("bax")) == [4, 3, UNKNOWN]


@pytest.mark.parametrize(
    "broken",
    [
        None,
        {},
        {"kind": "characters", "symbols": ["ab"]},
        {"kind": "characters", "symbols": ["b", "a"]},
        {"kind": "words", "symbols": [1]},
    ],
)
def test_a_broken_vocabulary_is_refused(broken: Any) -> None:
    with pytest.raises(SpecError, match="has no vocabulary"):
        Vocabulary.from_json(broken)


def test_sizes_are_bound_from_the_text(tmp_path: Path) -> None:
    graph = with_text(tmp_path, "abc" * 40)
    assert sizes_of(graph) == {"characters": 6}
    assert sizes_of(replace(graph, parameters={"characters": 50})) == {}
    (tmp_path / "other.txt").write_text("xy" * 40)
    assert sizes_of(graph, {"text": str(tmp_path / "other.txt")}) == {"characters": 5}
    assert sizes_of(with_data(graph, None)) == {}


def test_line_ends_and_the_byte_order_mark_are_set_aside(tmp_path: Path) -> None:
    text = load_data(with_text(tmp_path, b"\xef\xbb\xbf" + b"a\r\nb\rc\n" * 10)).only
    assert "".join(part[0] for part in text.parts) == "a\nb\nc\n" * 10


def test_the_topics_of_python_are_text_without_long_repetitions() -> None:
    topics = python_topics()
    assert len(topics) > 200_000
    assert topics == python_topics()
    long = [paragraph.strip() for paragraph in topics.split("\n\n") if len(paragraph) >= 80]
    assert len(long) == len(set(long))
    graph = with_data(language_model(), {"text": {"builtin": "python_topics"}})
    text = load_data(graph).only
    assert len(text.parts[0][0]) == round(0.9 * len(topics))
    assert sizes_of(graph)["characters"] == len(text.vocabulary)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"ab", r"has 2 characters: too short for the split \[0.8, 0.1, 0.1\]"),
        (b"one\ntwo\nthr\xffee\n", r"input.txt:3:1: error: .*not UTF-8"),
        ("hello".encode("utf-16"), "UTF-16"),
    ],
)
def test_a_bad_text_is_refused_with_its_place(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        load_data(with_text(tmp_path, content))


@pytest.mark.parametrize(
    "name",
    ["../secret.txt", "/etc/passwd", "~/x", "http://example.org/x", "a/../../x", "", "x\0y", "missing.txt", "folder"],
)
def test_a_spec_names_files_in_its_own_folder_only(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "home"
    (folder / "folder").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("secret " * 100)
    graph = with_data(with_text(folder), {"text": {"file": name}})
    graph = as_if(graph, "data:\n  text:\n    file: x\n")
    message = refusal(graph)
    assert message.startswith(f"{folder / 'spec.yaml'}:3:11: error: ")
    assert "secret " not in message


def test_links_that_leave_the_folder_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("secret " * 100)
    graph = with_text(folder)
    (folder / "inner.txt").symlink_to("input.txt")
    assert load_data(with_data(graph, {"text": {"file": "inner.txt"}})).only.parts[0]
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    assert "leaves" in refusal(with_data(graph, {"text": {"file": "link.txt"}}))
    (folder / "loop.txt").symlink_to("loop.txt")
    assert refusal(with_data(graph, {"text": {"file": "loop.txt"}}))


def test_nothing_is_told_of_what_lies_outside_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    (tmp_path / "there.txt").write_text("secret " * 100)
    (folder / "link").symlink_to("..")
    graph = with_text(folder)
    for place in ("../NAME.txt", f"{tmp_path}/NAME.txt", "link/NAME.txt"):
        for origin in ({}, {"origin": "https://example.org"}):
            said = [
                refusal(with_data(graph, {"text": {"file": place.replace("NAME", name), **origin}}))
                for name in ("there", "absent")
            ]
            assert said[0].replace("there.txt", "absent.txt") == said[1]
    said_here = refusal(with_data(graph, {"text": {"file": "absent.txt", "origin": "https://example.org"}}))
    assert "it is had at https://example.org; put it into" in said_here


def test_devices_pipes_and_directories_are_refused(tmp_path: Path) -> None:
    graph = with_text(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert "regular file" in refusal(with_data(graph, {"text": {"file": "pipe"}}))
    assert "a FIFO" in refusal(graph, sources={"text": str(tmp_path / "pipe")})
    assert "a device" in refusal(graph, sources={"text": "/dev/zero"})
    assert "directory" in refusal(graph, sources={"text": str(tmp_path)})
    assert "no file" in refusal(graph, sources={"text": str(tmp_path / "missing")})


def test_packed_texts_that_are_cut_or_grow_beyond_measure_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph, packed = with_text(tmp_path), gzip.compress(os.urandom(3000).hex().encode())
    path = tmp_path / "text.gz"
    for content in (packed[:40], packed[:-9], b"no gzip at all", packed[:-20] + b"x" * 20):
        path.write_bytes(content)
        assert "is not a whole gzip file" in refusal(graph, sources={"text": str(path)})
    monkeypatch.setattr("leporello.training.data.files.LARGEST", 5000)
    path.write_bytes(packed)
    assert "too large unpacked" in refusal(graph, sources={"text": str(path)})


def test_data_may_be_given_from_anywhere(tmp_path: Path) -> None:
    (tmp_path / "far.txt").write_text("far " * 50)
    text = load_data(language_model(), {"text": str(tmp_path / "far.txt")}).only
    assert text.parts[0][0].startswith("far far")
    assert "not an input" in refusal(language_model(), sources={"txt": "x"})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([1], "data must map inputs"),
        ({"txt": {"builtin": "python_topics"}}, "did you mean text?"),
        ({"text": "input.txt"}, "must be a mapping"),
        ({"text": {"fil": "input.txt"}}, "did you mean file?"),
        ({"text": {}}, "names no data"),
        ({"text": {"file": "a", "builtin": "python_topics"}}, "names file and builtin"),
        ({"text": {"file": 3}}, "must be a text, not 3"),
        ({"text": {"builtin": "python_topic"}}, "did you mean python_topics?"),
        ({"text": {"file": "input.txt", "split": [0.9, 0.2, 0.1]}}, "add up to 1"),
        ({"text": {"file": "input.txt", "split": [0, 0.5, 0.5]}}, "add up to 1"),
        ({"text": {"file": "input.txt", "split": [1.5, -0.25, -0.25]}}, "add up to 1"),
        ({"text": {"file": "input.txt", "split": "aaa"}}, "three fractions"),
        ({"text": {"file": "input.txt", "split": [True, 0, 0]}}, "three fractions"),
    ],
)
def test_bad_data_entries_are_refused(data: Any, message: str) -> None:
    assert message in refusal(with_data(language_model(), data))


@given(st.text(min_size=40), st.sampled_from([(0.9, 0.05, 0.05), (1.0, 0.0, 0.0), (0.5, 0.25, 0.25), (0.7, 0.3, 0)]))
def test_a_split_loses_nothing(text: str, split: tuple[float, float, float]) -> None:
    entry = check_data(with_data(language_model(), {"text": {"file": "x.txt", "split": split}}))["text"]
    parts = cut(text, entry, "x.txt")
    assert "".join(parts) == text
    assert [bool(part) for part in parts] == [bool(fraction) for fraction in split]


@pytest.mark.parametrize(
    ("size", "message"), [(5, "has 5 tokens, but input.txt needs 31"), (31, ""), (40, "")], ids=["few", "right", "more"]
)
def test_a_size_that_a_spec_gives_must_be_enough(tmp_path: Path, size: int, message: str) -> None:
    graph = with_text(tmp_path)
    graph = graph.with_nodes([replace(graph["text"], parameters={"tokens": size}), *graph.nodes[1:]])
    if message:
        assert message in refusal(graph)
    else:
        assert sizes_of(graph) == {}
