"""Texts, vocabularies, settings and overrides: what a spec may say of its data and its training."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.graphs.graph import Graph, freeze
from leporello.graphs.problems import SpecError
from leporello.training.overrides import apply_overrides
from leporello.training.settings import FIELDS, Settings, read_settings
from leporello.training.text import load_text, only_text, python_topics, sizes_of, split_text
from leporello.training.vocabulary import UNKNOWN, Vocabulary
from tests.support.language_model import as_if, language_model, with_text


def with_data(graph: Graph, data: Any) -> Graph:
    return replace(graph, data=freeze(data))


def refusal(graph: Graph, **more: Any) -> str:
    with pytest.raises(SpecError) as caught:
        load_text(graph, **more)
    return str(caught.value)


@given(st.text(), st.text())
def test_a_text_comes_back_from_its_tokens(known: str, other: str) -> None:
    vocabulary = Vocabulary.of(known)
    assert vocabulary.decode(vocabulary.encode(known)) == known
    assert max([*vocabulary.encode(other), 0]) < len(vocabulary)
    assert vocabulary.unknown(other) == [c for c in dict.fromkeys(other) if c not in known]
    assert Vocabulary.from_json(vocabulary.to_json()) == vocabulary


def test_the_vocabulary_is_that_of_the_training_part(tmp_path: Path) -> None:
    text = load_text(with_text(tmp_path, "b" * 10 + "a" * 70 + "x" * 20))["text"]
    assert (text.train, text.valid, text.test) == ("b" * 10 + "a" * 70, "x" * 10, "x" * 10)
    assert text.vocabulary.characters == "ab"
    assert list(text.vocabulary.encode("bax")) == [4, 3, UNKNOWN]


@pytest.mark.parametrize("broken", [None, {}, {"characters": ["ab"]}, {"characters": ["b", "a"]}, {"characters": [1]}])
def test_a_broken_vocabulary_is_refused(broken: Any) -> None:
    with pytest.raises(SpecError, match="not a vocabulary"):
        Vocabulary.from_json(broken)


def test_sizes_are_bound_from_the_text(tmp_path: Path) -> None:
    graph = with_text(tmp_path, "abc" * 40)
    assert sizes_of(graph) == {"characters": 6}
    assert sizes_of(replace(graph, parameters={"characters": 50})) == {}
    (tmp_path / "other.txt").write_text("xy" * 40)
    assert sizes_of(graph, {"text": str(tmp_path / "other.txt")}) == {"characters": 5}
    assert sizes_of(with_data(graph, None)) == {}


def test_line_ends_and_the_byte_order_mark_are_set_aside(tmp_path: Path) -> None:
    text = load_text(with_text(tmp_path, b"\xef\xbb\xbf" + b"a\r\nb\rc\n" * 10))["text"]
    assert text.train + text.valid + text.test == "a\nb\nc\n" * 10


def test_the_topics_of_python_are_text_without_long_repetitions() -> None:
    topics = python_topics()
    assert len(topics) > 200_000
    assert topics == python_topics()
    long = [paragraph.strip() for paragraph in topics.split("\n\n") if len(paragraph) >= 80]
    assert len(long) == len(set(long))
    graph = with_data(language_model(), {"text": {"builtin": "python_topics"}})
    text = load_text(graph)["text"]
    assert len(text.train) == round(0.9 * len(topics))
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
        load_text(with_text(tmp_path, content))


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
    assert load_text(with_data(graph, {"text": {"file": "inner.txt"}}))["text"].train
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    assert "leaves" in refusal(with_data(graph, {"text": {"file": "link.txt"}}))
    (folder / "loop.txt").symlink_to("loop.txt")
    assert refusal(with_data(graph, {"text": {"file": "loop.txt"}}))


def test_devices_pipes_and_directories_are_refused(tmp_path: Path) -> None:
    graph = with_text(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert "regular file" in refusal(with_data(graph, {"text": {"file": "pipe"}}))
    assert "a FIFO" in refusal(graph, sources={"text": str(tmp_path / "pipe")})
    assert "a device" in refusal(graph, sources={"text": "/dev/zero"})
    assert "directory" in refusal(graph, sources={"text": str(tmp_path)})
    assert "no file" in refusal(graph, sources={"text": str(tmp_path / "missing")})


def test_data_may_be_given_from_anywhere(tmp_path: Path) -> None:
    (tmp_path / "far.txt").write_text("far " * 50)
    text = load_text(language_model(), {"text": str(tmp_path / "far.txt")})["text"]
    assert text.train.startswith("far far")
    assert "not an input of tokens" in refusal(language_model(), sources={"txt": "x"})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([1], "data must map inputs"),
        ({"txt": {"builtin": "python_topics"}}, "did you mean text?"),
        ({"text": "input.txt"}, "must be a mapping"),
        ({"text": {"fil": "input.txt"}}, "did you mean file?"),
        ({"text": {}}, "names no text"),
        ({"text": {"file": "a", "builtin": "python_topics"}}, "both"),
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
    parts = split_text(text, split, "x.txt")
    assert "".join(parts) == text
    assert [bool(part) for part in parts] == [bool(fraction) for fraction in split]


def test_only_language_models_are_trained(tmp_path: Path) -> None:
    graph = with_text(tmp_path)
    texts = load_text(graph)
    assert only_text(graph, texts).name == "text"
    no_prediction = replace(graph, outputs=tuple(replace(o, predicts="") for o in graph.outputs))
    binary = replace(graph, outputs=tuple(replace(o, loss="binary") for o in graph.outputs))
    features = graph.with_nodes([replace(graph["text"], parameters={"features": 3}), *graph.nodes[1:]])
    for other in (no_prediction, binary, features):
        with pytest.raises(SpecError, match="not a language model"):
            only_text(other, texts)
    with pytest.raises(SpecError, match="no data for the input"):
        only_text(graph, {})
    with pytest.raises(SpecError, match="has 5 tokens"):
        only_text(graph.with_nodes([replace(graph["text"], parameters={"tokens": 5}), *graph.nodes[1:]]), texts)


def test_settings_have_defaults_and_help() -> None:
    assert read_settings(replace(language_model(), training=None)) == Settings()
    given = read_settings(language_model(training={"rate": 1, "optimizer": "sgd"}))
    assert (given.rate, given.optimizer) == (1.0, "sgd")
    assert all(f"default {getattr(Settings(), field.name)}" in field.said for field in FIELDS)
    assert [field.name for field in FIELDS] == [field.name for field in fields(Settings)]


@pytest.mark.parametrize(
    ("training", "message"),
    [
        ({"batchs": 3}, "did you mean batch?"),
        ({"batch": 0}, "from 1 to"),
        ({"batch": True}, "training.batch is true"),
        ({"steps": 2.5}, "a whole number"),
        ({"rate": 0}, "above 0"),
        ({"rate": "1e-3"}, "a number"),
        ({"optimizer": "adm"}, "one of adam, adamw, sgd, rmsprop"),
        ({"updates": 10**12}, "from 1 to"),
        ({"seed": -1}, "from 0"),
        (3, "must be a mapping"),
    ],
)
def test_bad_settings_are_refused(training: Any, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_settings(as_if(language_model("spec.yaml", training=training), "training: " + json.dumps(training)))
    assert message in str(caught.value)
    column = 11 if training == 3 else 11 + json.dumps(training).index(": ") + 2
    assert str(caught.value).startswith(f"spec.yaml:1:{column}: error: ")


@pytest.mark.parametrize("rate", [math.nan, math.inf])
def test_numbers_that_are_not_finite_are_no_rates(rate: float) -> None:
    with pytest.raises(SpecError, match=r"training\.rate is"):
        read_settings(language_model(training={"rate": rate}))


def test_what_is_set_beside_a_spec_is_refused_there(tmp_path: Path) -> None:
    graph = as_if(with_text(tmp_path), "training: {rate: 1e-3}")
    with pytest.raises(SpecError, match=r"--set training\.rate:1:1: error: training\.rate is 100"):
        read_settings(apply_overrides(graph, ["training.rate=100"]))


def test_all_bad_settings_are_told_at_once() -> None:
    with pytest.raises(SpecError) as caught:
        read_settings(language_model(training={"batch": 0, "stepz": 1, "rate": -1}))
    assert len(caught.value.problems) == 3


def test_the_rate_falls_as_its_decay_says() -> None:
    cosine = Settings(rate=2.0, decay="cosine", updates=100)
    assert [cosine.rate_at(u) for u in (0, 50, 100, 200)] == pytest.approx([2.0, 1.0, 0.0, 0.0])
    assert Settings(rate=2.0).rate_at(10**6) == 2.0


def test_overrides_change_settings_data_and_parameters(tmp_path: Path) -> None:
    graph = replace(with_text(tmp_path), parameters={"units": 8})
    sets = ["training.updates=7", "training.rate=1e-3", "data.text.builtin=python_topics", "parameters.units=010"]
    changed = apply_overrides(graph, [*sets, "data.text.split=[0.5, 0.25, 0.25]"])
    settings = read_settings(changed)
    assert (settings.updates, settings.rate, settings.batch) == (7, 0.001, 4)
    assert dict(changed.data["text"]) == {"builtin": "python_topics", "split": (0.5, 0.25, 0.25)}
    assert changed.parameters["units"] == 10
    assert graph.training["updates"] == 24


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("updates=3", "cannot be set"),
        ("training.update=3", "did you mean updates?"),
        ("training.updates", "not an override"),
        ("training.updates=", "gives no value"),
        ("trainin.updates=3", "did you mean training?"),
        ("nodes.h.units=3", "cannot be set"),
        ("training.a.b=3", "cannot be set"),
        ("training.rate=.nan", "finite"),
        ("training.rate=[1", "--set training.rate"),
        ("training.rate=!!python/object:os.system x", "--set training.rate"),
        ("data.text=3", "cannot be set"),
        ("data.txt.file=x", "did you mean text?"),
        ("data.text.fil=x", "did you mean file?"),
        ("parameters.units=3", "there is no 'units'"),
    ],
)
def test_bad_overrides_are_refused(override: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        apply_overrides(language_model(), [override])
    assert message in str(caught.value)


def test_texts_settings_and_run_folders_need_no_torch() -> None:
    modules = "text settings overrides runs run_writer resuming vocabulary storage signals"
    statements = [f"import leporello.training.{name}" for name in modules.split()]
    code = "; ".join([*statements, "import sys; print('torch' in sys.modules)"])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
