"""Specs read and checked in one way, each text composed once, and as far as they go while they are written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.cli.main import cli
from leporello.graphs import specs
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.composing import compose as composing
from leporello.graphs.drawing.draw import draw
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import check_spec, graph_of, read_spec, try_check, try_read
from tests.support.command_line import done
from tests.support.paths import EXAMPLES
from tests.support.stand_ins import sources_for
from tests.support.strategies import Sample, samples, some

TEXTS = {path.stem: path.read_text() for path in sorted(EXAMPLES.glob("*.yaml"))}
ELMAN = TEXTS["elman"]


@pytest.mark.parametrize("name", TEXTS)
def test_check_composes_each_text_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    composed: list[str] = []
    document = composing._Composer.document

    def counted(self: Any) -> Any:
        composed.append(self.file)
        return document(self)

    monkeypatch.setattr(composing._Composer, "document", counted)
    given = [word for one, path in sources_for(name).items() for word in ("--data", f"{one}={path}")]
    done("check", str(EXAMPLES / f"{name}.yaml"), *given)
    assert composed.count(str(EXAMPLES / f"{name}.yaml")) == 1
    assert len(set(composed)) == len(composed)


def test_whatever_stands_for_a_model_is_checked_alike(tmp_path: Path) -> None:
    path = tmp_path / "elman.yaml"
    path.write_text(ELMAN)
    checked = check_spec(ELMAN, registry(), {})
    for spec in (path, str(path), graph_of(ELMAN, registry()), checked):
        assert check_spec(spec, registry(), {}).graph == checked.graph
    assert check_spec(checked, registry(), {}) is checked
    with pytest.raises(SpecError, match=r"elman has no size \$word"):
        check_spec(path, registry(), {"word": 3})


def test_what_is_whole_is_read_as_before() -> None:
    for text in TEXTS.values():
        graph, problems = try_read(text, registry(), "a.yaml")
        assert not problems
        assert graph == read_spec(text, registry(), "a.yaml")
        assert graph.source.text == text and graph.source.tree is not None


def boxes(checked: Checked) -> set[str]:
    return {node.path.split("/")[0] for node in checked.graph.nodes}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("input: h(t-1)", "input: q(t-1)", "unknown name 'q'"),
        ("tanh(U + W)", "tanh(U + ", "a value is missing"),
        ("tanh(U + W)", "", "an empty expression"),
        ("block: linear, input: x, units: 16", "block: liner, input: x, units: 16", "did you mean linear?"),
        ("block: linear, input: x, units: 16", "block: linear, input: x, units: ", "units must be a whole number"),
        ("{block: linear, input: x, units: 16}", "{block: linear, input: x, units: 16", "never closed|does not go on"),
        ("U: {block", "U {block", ""),
    ],
)
def test_a_spec_that_is_being_typed_has_a_picture(old: str, new: str, words: str) -> None:
    assert old in ELMAN
    text = ELMAN.replace(old, new, 1)
    checked, problems = try_check(text, registry(), "elman.yaml")
    assert problems and all(problem.mark is not None for problem in problems)
    assert any(any(word in str(problem) for word in words.split("|")) for problem in problems)
    assert {"x", "h", "o"} <= boxes(checked)
    for steps in (None, 3):
        assert "h" in draw(checked.graph, checked.axes, specs_options(steps), "txt")


def specs_options(steps: int | None) -> Any:
    from leporello.graphs.drawing.options import Options

    return Options(steps=steps)


@given(samples(), st.integers(0, 5_000), st.integers(0, 3))
@some(20)
def test_any_beginning_of_a_spec_is_read_as_far_as_it_goes(sample: Sample, at: int, gone: int) -> None:
    at = at % len(sample.text)
    text = sample.text[:at] + sample.text[at + gone :] if gone else sample.text[:at]
    checked, problems = try_check(text, registry(), "a.yaml")
    try:
        read_spec(text, registry(), "a.yaml")
    except SpecError:
        assert problems
    drawn = draw(checked.graph, checked.axes, specs_options(None), "txt")
    assert isinstance(drawn, str)


def test_the_command_line_and_python_tell_the_same(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(ELMAN.replace("units: 16", "units: many"))
    with pytest.raises(SpecError) as caught:
        check_spec(path, registry(), {})
    from click.testing import CliRunner

    told = CliRunner().invoke(cli, ["check", str(path)])
    assert told.exit_code == 2
    for problem in caught.value.problems:
        assert str(problem) in told.output
    assert specs.try_check(path.read_text(), registry(), str(path))[1] == caught.value.problems
