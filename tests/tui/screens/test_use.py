"""Use: what a run can do is told, and done: lines translated and where the model looked, lines labelled."""

from __future__ import annotations

from pathlib import Path

import pytest

from leporello.graphs.problems import SpecError
from leporello.training.roles import use_of
from leporello.training.runs import ENCODERS, SPEC, Run
from tests.support.command_line import done
from tests.support.reverse import reverse_spec
from tests.support.screens import screens, session

LABELS = """\
spec: 1
name: moods
inputs:
  text: {tokens: $words}
  mood: {tokens: $moods, axis: none}
nodes:
  e: {block: embedding, input: text, units: 8}
  h: {block: gru, input: e, units: 12}
  logits: {block: linear, input: h(last), units: $moods}
outputs:
  mood_: {from: logits, predicts: mood}
data:
  text: {file: moods.csv, column: text, as: words}
  mood: {file: moods.csv, column: mood}
training: {batch: 10, rate: 2e-2, updates: 40}
"""


@pytest.fixture(scope="module")
def reverse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that has learned to write strings of three or four letters backwards."""
    folder = tmp_path_factory.mktemp("reverse")
    done("train", reverse_spec(folder), "--run", folder / "run")
    return folder / "run"


@pytest.fixture(scope="module")
def moods(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that labels lines."""
    folder = tmp_path_factory.mktemp("moods")
    rows = ["text,mood", *(["the day is sunny,glad", "the day is grey,sad"] * 60)]
    (folder / "moods.csv").write_text("\n".join(rows) + "\n")
    (folder / "moods.yaml").write_text(LABELS)
    done("train", folder / "moods.yaml", "--run", folder / "run")
    return folder / "run"


@session
async def test_lines_are_translated_and_where_the_model_looked_is_seen(reverse: Path) -> None:
    async with screens(reverse / SPEC) as seen:
        await seen.checked()
        seen.app.trainer.follow(Run(reverse))
        await seen.press("3")
        await seen.until(lambda: "translate lines" in seen.text, "what it can do")
        assert "temperature" not in seen.text
        for line, answer in (("abcd", "dcba"), ("bca", "acb")):
            await seen.press("enter")
            await seen.type(f"{line}\n")
            await seen.until(lambda answer=answer: f"{answer}   score" in seen.text, "the translation")
        assert "where it looked" in seen.text
        rows = {line[2]: line for line in seen.lines if any(shade in line for shade in "░▒▓█")}
        assert {"a", "c", "b"} <= set(rows)
        assert "dcba" in seen.text, "what was asked before is still there"
        process = seen.app.screen.answerer.process
        assert process.returncode is None
    assert process.returncode is not None


@session
async def test_lines_are_labelled(moods: Path) -> None:
    async with screens(moods / SPEC) as seen:
        seen.app.trainer.follow(Run(moods))
        await seen.press("3")
        await seen.until(lambda: "say what a line is" in seen.text, "what it can do")
        await seen.press("p")
        await seen.type("the day is sunny\n")
        await seen.until(lambda: "glad" in seen.text, "the label")
        assert "probability" in seen.text


@session
async def test_a_process_that_ends_is_told_and_begun_again(reverse: Path) -> None:
    kept = (reverse / ENCODERS).read_bytes()
    async with screens(reverse / SPEC) as seen:
        seen.app.trainer.follow(Run(reverse))
        await seen.press("3", "enter")
        (reverse / ENCODERS).write_text("{")
        try:
            await seen.type("abcd\n")
            await seen.until(lambda: ENCODERS in seen.text and "▶" not in seen.text, "the complaint")
        finally:
            (reverse / ENCODERS).write_bytes(kept)
        await seen.press("enter")
        await seen.type("abcd\n")
        await seen.until(lambda: "dcba" in seen.text, "the translation")


def test_a_run_says_what_it_can_be_used_for(reverse: Path, moods: Path) -> None:
    assert use_of(Run(reverse)) == "translate"
    assert use_of(Run(moods)) == "predict"
    with pytest.raises(SpecError, match="not the folder of a run"):
        use_of(Run(reverse.parent))
