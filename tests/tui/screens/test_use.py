"""Use: what a run can do is told, and done: lines translated and where the model looked, lines labelled."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import pytest

from leporello.graphs.problems import SpecError
from leporello.training.roles import columns_of, use_of
from leporello.training.runs.run import ENCODERS, FACTS, SPEC, Run
from leporello.tui.runs.shelf import newest_of
from leporello.tui.widgets.canvas import Canvas
from tests.support.command_line import done
from tests.support.models.reverse import reverse_spec
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


WAVE = """\
spec: 1
name: wave
inputs:
  value: {features: 2}
nodes:
  previous: {block: feedback, truth: value(t-1), own: y(t-1)}
  h: {block: gru, input: previous, units: 8}
  y: {block: linear, input: h, units: 2}
outputs:
  next: {from: y, predicts: value}
data:
  value: {file: wave.csv, columns: [a, b]}
training: {batch: 4, steps: 20, rate: 1e-2, updates: 20}
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


@pytest.fixture(scope="module")
def wave(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that says how a table of two columns goes on."""
    folder = tmp_path_factory.mktemp("wave")
    rows = ["a,b,state", *(f"{math.sin(step / 4):.4f},{math.cos(step / 4):.4f},{'up' if step % 8 < 4 else 'down'}"
                           for step in range(400))]  # fmt: skip
    (folder / "wave.csv").write_text("\n".join(rows) + "\n")
    (folder / "wave.yaml").write_text(WAVE)
    done("train", folder / "wave.yaml", "--run", folder / "run")
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
async def test_the_newest_run_of_a_spec_is_taken_and_seen_from_inside(
    reverse: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "runs").mkdir()
    for name in ("reverse-1", "other-1"):
        shutil.copytree(reverse, tmp_path / "runs" / name)
    spec = tmp_path / "reverse.yaml"
    spec.write_text((reverse / SPEC).read_text())
    for name, file in (("reverse-1", spec), ("other-1", tmp_path / "other.yaml")):
        facts = tmp_path / "runs" / name / FACTS
        facts.write_text(json.dumps(json.loads(facts.read_text()) | {"file": str(file)}))
    monkeypatch.chdir(tmp_path)
    assert newest_of(spec) == Run(Path("runs/reverse-1"))
    assert newest_of(tmp_path / "none.yaml") is None
    async with screens(spec) as seen:
        await seen.press("3")
        await seen.until(lambda: "runs/reverse-1" in seen.text and "translate lines" in seen.text, "the run")
        await seen.press("u")
        await seen.type("abcd\n")
        await seen.until(lambda: "step 1 of 5" in seen.text and "looks at" in seen.text, "what goes on")
        await seen.until(lambda: any("━" in line for line in seen.lines), "the picture")
        inside = seen.app.screen
        assert next(iter(inside.seen.words.values())) == ["a", "b", "c", "d"]
        await seen.press("right_square_bracket")
        await seen.until(lambda: "step 2 of 5" in seen.text)
        assert (inside.query_one(Canvas).axis, inside.query_one(Canvas).step) == (inside.axis, 2)
        await seen.press("x")
        await seen.until(lambda: "step 1 of 4" in seen.text)
        await seen.press("enter")
        await seen.type("b\n")
        await seen.until(lambda: next(iter(inside.seen.words.values()), []) == ["b"], "another line")
        process = inside.answerer.process
        await seen.press("escape")
        await seen.until(lambda: "translate lines" in seen.text)
    assert process is None or process.returncode is not None


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


@session
async def test_a_table_of_numbers_goes_on(wave: Path) -> None:
    async with screens(wave.parent / "wave.yaml") as seen:
        seen.app.trainer.follow(Run(wave))
        await seen.press("3")
        await seen.until(lambda: "how a table of numbers goes on" in seen.text, "what it can do")
        await seen.press("space")
        await seen.until(lambda: "wave.csv" in seen.text, "the table it has learned from is proposed")
        await seen.press("enter")
        await seen.until(lambda: any(line.lstrip("│ ").startswith("9  ") for line in seen.lines), "its steps")
        shown = [
            float(one) for one in next(line for line in seen.lines if line.lstrip("│ ").startswith("1  ")).split()[2:4]
        ]
        told = done("predict", wave, wave.parent / "wave.csv", "--ahead", "24").split("\n")[0]
        assert shown == [float(one) for one in told.split(",")]
        await seen.press("L")
        await seen.type("3\n")
        await seen.press("space")
        await seen.until(lambda: not any(line.lstrip("│ ").startswith("4  ") for line in seen.lines), "three steps")
        await seen.press("enter")
        await seen.type("nothing.csv\n")
        await seen.until(lambda: "nothing.csv" in seen.text and "error" in seen.text, "why there is no forecast")
        assert "error: error" not in seen.text


@session
async def test_a_prompt_keeps_its_blanks(wave: Path) -> None:
    async with screens(wave.parent / "wave.yaml") as seen:
        await seen.press("3")
        use = seen.app.screen
        use.use = "generate"
        use.action_prompt()
        await seen.type("of the \n")
        await seen.until(lambda: use.prompt == "of the ", "the prompt")
        assert "'of the '" in seen.text


def test_a_run_says_what_it_can_be_used_for(reverse: Path, moods: Path, wave: Path) -> None:
    assert (use_of(Run(wave)), columns_of(Run(wave))) == ("forecast", ("a", "b"))
    assert use_of(Run(reverse)) == "translate"
    assert use_of(Run(moods)) == "predict"
    with pytest.raises(SpecError, match="not the folder of a run"):
        use_of(Run(reverse.parent))
