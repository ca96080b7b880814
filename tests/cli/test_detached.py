"""`train --detach`, `watch`, `stop` and `runs`: real processes, real signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from leporello.training.runs.detached import last_words, stop, words_of_the_dead
from leporello.training.runs.run import EVENTS, Run, find_runs
from tests.support.command_line import CHARACTERS, done, refused, run

TEXT = "the quick brown fox jumps over the lazy dog; " * 60
SMALL = ["training.batch=4", "training.steps=9", "training.validate_every=2", "training.checkpoint_every=2"]
SETTINGS = [part for setting in SMALL for part in ("--set", setting)]
ENDLESS = [*SETTINGS, "--set", "training.updates=1000000"]


def begun(*arguments: object) -> str:
    """What `train --detach` says; a process of its own, whose end makes the run nobody's child."""
    command = [sys.executable, "-m", "leporello", "train", "--detach", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


@pytest.fixture
def text(tmp_path: Path) -> str:
    (tmp_path / "text.txt").write_text(TEXT)
    return f"text={tmp_path / 'text.txt'}"


def test_a_run_goes_on_without_its_terminal_until_it_is_stopped(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "a run"
    said = begun(CHARACTERS, "--run", folder, "--data", text, *ENDLESS)
    assert f"leporello stop '{folder}'" in said
    status = Run(folder).status()
    assert (status.state, status.died) == ("running", False)
    assert os.getsid(status.pid) == status.pid
    assert "interrupted" in done("stop", folder)
    ended = Run(folder).status()
    assert (ended.state, ended.exit, ended.pid) == ("interrupted", 143, status.pid)
    assert Run(folder).steps()[0] == ended.update
    assert "is interrupted" in refused("stop", folder)
    more = ["--set", f"training.updates={ended.update + 3}"]
    begun("--resume", "--run", folder, *more)
    watched = run("watch", folder)
    assert watched.exit_code == 0, watched.output
    assert Run(folder).status().state == "finished"
    assert {event["event"] for event in Run(folder).events()} >= {"start", "resume", "sample", "finished"}


def test_one_that_is_killed_is_known_as_dead(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "run"
    begun(CHARACTERS, "--run", folder, "--data", text, *ENDLESS)
    watching = subprocess.Popen(
        [sys.executable, "-m", "leporello", "watch", str(folder)], stderr=subprocess.PIPE, text=True
    )
    os.kill(Run(folder).status().pid, signal.SIGKILL)
    _, said = watching.communicate(timeout=60)
    assert watching.returncode == 1
    assert "died at update" in said
    assert "--resume" in said
    assert "its process is gone" in refused("stop", folder)
    assert json.loads(done("runs", tmp_path, "--json"))[0]["state"] == "died"


def test_a_run_that_does_not_begin_says_why(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "run"
    short = [*SETTINGS, "--set", "training.updates=2"]
    done("train", CHARACTERS, "--run", folder, "--data", text, *short)
    result = run("train", "--resume", "--detach", "--run", folder)
    assert result.exit_code == 1
    assert "did not begin" in result.stderr
    assert "is finished at update 2" in result.stderr
    assert "bits per character" not in result.stderr


def test_what_is_refused_makes_no_process_and_no_folder(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    refused("train", CHARACTERS, "--detach", "--run", folder, "--set", "training.rate=-1")
    assert not folder.exists()
    for command in ("watch", "stop"):
        assert "is not the folder of a run" in refused(command, folder)


def test_runs_are_listed_the_newest_first(tmp_path: Path, text: str) -> None:
    assert "no runs in" in run("runs", tmp_path).stderr
    for name in ("first", "second"):
        done("train", CHARACTERS, "--run", tmp_path / name, "--data", text, *SETTINGS, "--set", "training.updates=2")
        os.utime(tmp_path / name / "run.json", (1e9 + (name == "second"), 1e9 + (name == "second")))
    (tmp_path / "other").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.json").write_text("{")
    found = json.loads(done("runs", tmp_path, "--json"))
    assert [Path(one["run"]).name for one in found] == ["second", "first"]
    assert {one["state"] for one in found} == {"finished"}
    assert all(one["update"] == 2 and one["best"] > 0 for one in found)
    listed = done("runs", tmp_path).splitlines()
    assert listed[0].split() == ["run", "state", "update", "best", "spec"]
    assert len(find_runs(tmp_path)) == 3


def test_what_an_earlier_process_said_is_no_word_of_one_that_died(tmp_path: Path) -> None:
    log, events = tmp_path / "log.txt", tmp_path / "events.jsonl"
    assert words_of_the_dead(Run(tmp_path)) == "it left no word"
    log.write_text("stopped after update 3\n")
    events.write_text("{}\n")
    os.utime(log, (1_000, 1_000))
    assert words_of_the_dead(Run(tmp_path)) == "it left no word: it was killed, or memory ran out"
    os.utime(events, (900, 900))
    assert words_of_the_dead(Run(tmp_path)) == "stopped after update 3"


def test_last_words_are_the_end_of_the_log_and_nothing_else(tmp_path: Path) -> None:
    assert last_words(tmp_path) == "it left no word"
    (tmp_path / "log.txt").write_bytes(b"a\nb\nc\n\xffd\n")
    assert last_words(tmp_path, lines=2) == "c\n\ufffdd"
    assert last_words(tmp_path, since=2, lines=9) == "b\nc\n\ufffdd"


def test_a_stopped_run_waits_for_the_checkpoint(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "run"
    begun(CHARACTERS, "--run", folder, "--data", text, *ENDLESS)
    ended = stop(Run(folder))
    assert Run(folder).at(ended.update).is_dir()
    last = (folder / EVENTS).read_text().splitlines()[-1]
    assert json.loads(last)["event"] == "interrupted"
