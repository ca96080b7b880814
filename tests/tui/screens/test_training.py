"""Train, Use and Runs: a real model is trained in a process of its own, left, found again, stopped, used."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from leporello.training.runs.run import find_runs
from leporello.tui.runs.trainer import Trainer
from leporello.tui.widgets.settings_list import SettingsList
from tests.support.command_line import CHARACTERS
from tests.support.screens import Screens, screens, session

TEXT = "the quick brown fox jumps over the lazy dog; " * 60
QUICK = "batch: 4, steps: 9, validate_every: 2, checkpoint_every: 2, report_every: 1"


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "text.txt").write_text(TEXT)
    head, _, _ = Path(CHARACTERS).read_text(encoding="utf-8").partition("\ndata:")
    path = tmp_path / "model.yaml"
    path.write_text(f"{head}\ndata: {{text: {{file: text.txt}}}}\ntraining: {{{QUICK}, updates: 1000000}}\n")
    return path


def trainer(seen: Screens) -> Trainer:
    return seen.app.trainer


@session
async def test_a_model_is_trained_left_found_again_stopped_and_used(spec: Path) -> None:
    async with screens(spec) as seen:
        await seen.checked()
        await seen.press("t")
        assert "space begins a run" in seen.text
        await seen.press("space")
        await seen.until(lambda: trainer(seen).state == "running" and trainer(seen).record.checkpoint, "the run")
        await seen.until(lambda: "▶ running" in seen.lines[0] and "goes on when this closes" in seen.lines[0])
        await seen.until(lambda: any(0x2800 < ord(c) < 0x2900 for c in seen.text), "the curve")
        pid = trainer(seen).pid
    (run,) = find_runs()
    assert (run.status().pid, run.status().died) == (pid, False)
    async with screens(spec) as seen:
        await seen.press("4")
        await seen.until(lambda: "running" in seen.text, "the run")
        await seen.press("enter")
        await seen.until(lambda: trainer(seen).pid == pid and trainer(seen).state == "running")
        await seen.press("l", "s", "c", "c", "c", "c", "o", "o", "space")
        await seen.until(lambda: trainer(seen).state == "interrupted", "the end")
        before = trainer(seen).record.update
        await seen.press("space")
        await seen.until(lambda: trainer(seen).state == "running" and trainer(seen).record.update > before)
        os.kill(trainer(seen).pid, signal.SIGKILL)
        await seen.until(lambda: "its process is gone" in seen.lines[0], "the death")
        await seen.press("g", "space")
        await seen.until(lambda: "▶ writing" not in seen.lines[0] and "space lets the model" not in seen.text, "a text")
        assert "the model" not in seen.text
        await seen.press("p")
        await seen.type("the ")
        await seen.press("enter")
        await seen.until(lambda: "the " in seen.text)
        await seen.press("x", "4", "d", "down", "enter")
        await seen.until(lambda: "no runs yet" in seen.lines[0], "the end of the run")


@session
async def test_a_new_run_begins_with_the_weights_that_edits_have_moved(spec: Path) -> None:
    async with screens(spec) as seen:
        await seen.checked()
        await seen.press("t", "space")
        await seen.until(lambda: trainer(seen).state == "running" and trainer(seen).record.checkpoint, "the run")
        await seen.press("space")
        await seen.until(lambda: trainer(seen).state == "interrupted", "its end")
        await seen.press("1")
        await seen.drawn()
        seen.app.model.reveal("h")
        await seen.press("r")
        await seen.type("memory\n")
        await seen.until(lambda: seen.told("of its weights move"), "the notice")
        await seen.press("t", "space")
        await seen.until(lambda: "was begun with another spec" in seen.text, "the question")
        await seen.press("down", "enter", "enter")
        await seen.until(lambda: "have another name since" in seen.text, "the other question")
        await seen.press("enter")
        await seen.until(lambda: trainer(seen).state == "running" and trainer(seen).record.update, "the new run")
        new = trainer(seen).run
        assert new is not None
        rows = new.facts()["from"]["weights"]
        assert {what for what, _, _ in rows} == {"taken"}
        assert any("memory" in name and "there h" in said for _, name, said in rows)
        await seen.press("space")
        await seen.until(lambda: trainer(seen).state == "interrupted", "its end")


@session
async def test_a_run_that_is_over_goes_on_with_more_updates(spec: Path) -> None:
    spec.write_text(spec.read_text().replace("updates: 1000000", "updates: 4"))
    async with screens(spec) as seen:
        await seen.checked()
        await seen.press("2", "space")
        await seen.until(lambda: trainer(seen).state == "finished", "its end")
        run = trainer(seen).run
        await seen.press("space")
        assert seen.told("it is finished")
        text = seen.app.session.document.text
        seen.app.rewrite(text.replace("updates: 4", "updates: 8") + "# mine\n", "more")
        await seen.checked()
        await seen.press("space")
        await seen.until(lambda: "now with updates=8" in seen.text and seen.app.focused, "the question")
        await seen.press("enter")
        await seen.until(lambda: trainer(seen).state == "finished" and trainer(seen).record.update == 8, "more of it")
        assert trainer(seen).run == run and len(find_runs()) == 1
        seen.app.heard.clear()
        await seen.press("space")
        assert seen.told("it is finished"), "it has these settings by now"


@session
async def test_settings_are_edits_of_the_text(spec: Path) -> None:
    before = spec.read_text()
    async with screens(spec) as seen:
        await seen.checked()
        await seen.press("2", "e", "enter")
        await seen.until(lambda: "read side by side" in seen.text and "nothing was changed" not in seen.text)
        await seen.type("16\n")  # in place of what stands there
        assert "batch: 16, steps: 9" in seen.app.session.document.text
        await seen.press("enter")
        await seen.type("lots\n")
        await seen.until(lambda: "batch must be a whole number" in seen.text, "the refusal")
        await seen.press("escape")
        assert "lots" not in seen.app.session.document.text
        await seen.press("z")
        assert seen.app.session.document.text == before and "batch            4" in seen.text
        await seen.press("Z")
        assert "batch: 16, steps: 9" in seen.app.session.document.text


@session
async def test_a_curriculum_is_chosen_among_what_there_is(spec: Path) -> None:
    before = spec.read_text()
    async with screens(spec) as seen:
        await seen.checked()
        await seen.press("2", "e")
        settings = seen.app.screen.query_one(SettingsList)
        settings.highlighted = [one.keys[-1] for one in settings.settings].index("feedback")
        await seen.press("enter")
        for name in ("teacher     the default", "free", "curriculum", "⏎ change"):
            assert name in seen.text
        await seen.press("up", "enter")  # the last one
        assert "feedback: curriculum" in seen.app.session.document.text
        await seen.press("enter")
        await seen.type("\n")
        await seen.until(lambda: "nothing was changed" in seen.text, "the reason")
        await seen.press("escape", "d")
        assert seen.app.session.document.text == before


@session
async def test_the_data_are_set_and_seen(spec: Path) -> None:
    before = spec.read_text()
    async with screens(spec) as seen:
        await seen.checked()
        await seen.press("2")
        await seen.until(lambda: "what it reads" in seen.text and "characters," in seen.text, "the examples")
        assert Path("text.txt").read_text()[:20].split("\n")[0][:10] in seen.text
        await seen.press("d")
        assert "what the model writes" in seen.text
        settings = seen.app.screen.query_one(SettingsList)
        await seen.press("e")
        names = [one.keys for one in settings.settings]
        settings.highlighted = names.index(("data", "text", "lower"))
        await seen.press("enter")
        await seen.type("true\n")
        assert "lower: true" in seen.app.session.document.text
        await seen.press("d")
        assert seen.app.session.document.text == before
        settings.highlighted = names.index(("data", "text", "as"))
        await seen.press("enter")
        await seen.type("numbers\n")
        await seen.until(lambda: "made of tokens" in seen.text, "the refusal")
        assert seen.app.session.document.text == before


@pytest.mark.parametrize("size", [(80, 24), (40, 12)], ids=str)
@session
async def test_every_part_of_train_is_seen_where_there_is_little_room(spec: Path, size: tuple[int, int]) -> None:
    async with screens(spec, size) as seen:
        await seen.checked()
        await seen.press("2")
        assert "space start, stop" in seen.lines[-1]
        for name, said in (
            ("progress", "progress"),
            ("samples", "samples"),
            ("settings", "batch"),
            ("curve", "─ curve ─"),
        ):
            await seen.press("tab")
            assert said in seen.text and seen.app.focused.id == name
            assert seen.app.focused.size.height >= 3
        await seen.press("o")
        assert "─ log" in seen.text
        await seen.press("e")
        assert "batch" in seen.text
        await seen.press("escape", "escape", "1")
        assert isinstance(seen.app.screen, type(seen.app.model))


@session
async def test_a_run_saves_no_edits_unasked(spec: Path) -> None:
    before = spec.read_text()
    async with screens(spec) as seen:
        await seen.checked()
        await seen.press("e", "ctrl+home")
        await seen.type("# mine")
        await seen.press("escape", "2", "R")
        await seen.until(lambda: "has edits that are not saved" in seen.text and seen.app.focused, "the question")
        await seen.press("escape")
        assert (trainer(seen).state, spec.read_text()) == ("", before)
        await seen.press("R")
        await seen.until(lambda: "has edits that are not saved" in seen.text and seen.app.focused, "the question")
        await seen.press("enter")
        await seen.until(lambda: trainer(seen).state == "running", "the run")
        assert spec.read_text() == "# mine" + before
        # Use is told of the run's end while somebody looks at it.
        await seen.press("3")
        await seen.until(lambda: "running" in seen.text)
        trainer(seen).stop()
        await seen.until(lambda: "■ stopped" in seen.lines[0], "the end of the run")


@session
async def test_a_run_that_cannot_begin_says_why(spec: Path) -> None:
    async with screens(spec) as seen:
        await seen.checked()
        Path("text.txt").unlink()
        await seen.press("2", "space")
        await seen.until(lambda: trainer(seen).state == "failed", "the failure")
        assert "text.txt" in trainer(seen).failure
        await seen.until(lambda: "● failed" in seen.lines[0])
        assert "space tries again" in seen.text and "from there" not in seen.text
        Path("text.txt").write_text(TEXT)
        await seen.press("space")
        await seen.until(lambda: trainer(seen).state == "running" and trainer(seen).record.checkpoint, "the run")
        trainer(seen).stop()
        await seen.until(lambda: trainer(seen).state == "interrupted", "its end")


@session
async def test_a_spec_without_a_file_is_given_one_before_it_is_trained(spec: Path) -> None:
    text = spec.read_text()
    async with screens() as seen:
        seen.app.open_text(text)
        await seen.checked()
        await seen.press("2", "space")
        await seen.until(lambda: "save it as" in seen.text and seen.app.focused, "the question")
        await seen.press("escape")
        assert trainer(seen).state == "" and seen.app.session.document.path is None
        await seen.press("space", "enter")
        await seen.until(lambda: trainer(seen).state == "running", "the run")
        path = seen.app.session.document.path
        assert path is not None and path != spec and path.read_text() == text == spec.read_text()
        trainer(seen).stop()
        await seen.until(lambda: trainer(seen).state == "interrupted", "its end")


@session
async def test_a_spec_with_problems_is_not_trained(spec: Path) -> None:
    spec.write_text(spec.read_text().replace("updates: 1000000", "updates: many"))
    async with screens(spec) as seen:
        await seen.checked()
        await seen.press("2", "space")
        assert trainer(seen).state == ""
        await seen.press("3", "space")
        assert seen.app.is_running


@pytest.mark.parametrize("size", [(120, 40), (40, 12)], ids=str)
@session
async def test_a_spec_from_which_nothing_is_learned_says_so_before_a_run_begins(
    spec: Path, size: tuple[int, int]
) -> None:
    spec.write_text(spec.read_text().replace(", predicts: text", ""))
    async with screens(spec, size) as seen:
        await seen.checked()
        await seen.press("2")
        assert "space begins a run" not in seen.text and "nothing can be trained" in seen.text
        for key in ("space", "R"):
            seen.app.heard.clear()
            await seen.press(key)
            assert seen.told("no output predicts an input") and seen.told("predicts: text}")
        assert trainer(seen).state == "" and not find_runs()


@session
async def test_start_shows_what_there_is_and_opens_it(spec: Path) -> None:
    async with screens() as seen:
        await seen.until(lambda: "model.yaml" in seen.text and "context" in seen.text, "the choices")
        await seen.press("enter")
        await seen.drawn()
        assert seen.app.session.document.path == Path("model.yaml")
        await seen.press("ctrl+o")
        await seen.until(lambda: "begin with" in seen.text)
        await seen.press("n")
        await seen.drawn()
        assert seen.app.session.document.path is None
        assert not seen.app.session.document.modified
        await seen.press("W")
        await seen.until(lambda: "save as model-2.yaml" in seen.text)
        await seen.type("model.yaml\n")
        await seen.until(lambda: seen.told("there already"), "the refusal")
        assert spec.read_text().endswith("1000000}\n")


@session
async def test_a_model_is_begun_from_questions(spec: Path) -> None:
    async with screens() as seen:
        await seen.until(lambda: "from questions" in seen.text, "the choices")
        await seen.press("a")
        for question, keys in (
            ("What goes in?", ("down", "enter")),
            ("What comes out?", ("escape",)),
            ("What goes in?", ("enter",)),
            ("What comes out?", ("enter",)),
            ("How many units", ("backspace", "enter")),
        ):
            await seen.until(lambda question=question: question in seen.text and seen.app.focused, question)
            await seen.press(*keys)
        await seen.until(lambda: "Which file does it learn from?" in seen.text, "the file")
        assert "the data of an example" in seen.text
        await seen.type("nowhere.txt\n")
        await seen.until(lambda: seen.told("no file 'nowhere.txt'"), "the refusal")
        assert "nowhere.txt" in seen.lines[-2], "what was typed is still there, to be mended"
        await seen.press("backspace", "enter")
        await seen.until(lambda: "What is it called?" in seen.text, "the name")
        await seen.press("enter")
        await seen.drawn()
        assert "block: lstm, input: e, units: 25" in seen.app.session.document.text
