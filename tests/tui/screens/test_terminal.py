"""The program in a real terminal: bytes of keys and mice, sizes, signals; the terminal is left as it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import EXAMPLES
from tests.support.terminal import Terminal

LEPORELLO = [sys.executable, "-m", "leporello"]
STATE = "━".encode()
"""What only a picture with a state has."""
LEFT = b"\x1b[?1049l"
"""The other screen of the terminal is left."""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "elman.yaml"
    path.write_text((EXAMPLES / "elman.yaml").read_text(encoding="utf-8"))
    return path


@pytest.fixture
def terminal(spec: Path) -> Iterator[Terminal]:
    made = Terminal([*LEPORELLO, "tui", spec.name], spec.parent)
    yield made
    made.close()


def test_a_model_is_looked_at_and_left(terminal: Terminal) -> None:
    terminal.until(STATE)
    terminal.write(b"u")
    terminal.until(b"unfolded")
    terminal.write(b"e")
    terminal.still()
    terminal.write(b"\x1bq")  # escape and the key behind it, as fast as alt and that key
    code, said = terminal.wait()
    assert code == 0
    assert LEFT in said
    assert b"\x1b[?25h" in said  # the cursor is seen again


def test_the_first_that_is_seen_is_the_whole_screen(terminal: Terminal) -> None:
    before, _, _ = terminal.until(b"Model").partition(b"Model")
    assert len(before) < 1_000, before  # the top line comes first: nothing was painted in pieces before it
    terminal.until(STATE)


def test_bytes_of_mice_pastes_and_nonsense_do_no_harm(terminal: Terminal, spec: Path) -> None:
    before = spec.read_bytes()
    terminal.until(STATE)
    for data in (
        b"\x1b[<0;30;20M\x1b[<0;30;20m",
        b"\x1b[<64;10;10M" * 50,
        b"\x1b[<35;9999;9999M",
        b"\x1b[M !!",
        b"\xff\xfe\x00",
    ):
        terminal.write(data)
    for lines, columns in ((1, 1), (5, 20), (60, 200), (12, 40), (40, 120)):
        terminal.resize(lines, columns)
        os.kill(terminal.pid, signal.SIGWINCH)
    terminal.still()
    terminal.write(b"e")
    terminal.still()
    terminal.write(b"\x1b[200~" + b"# pasted\n" * 2000 + b"\x1b[201~")
    terminal.until(b"*")
    terminal.still()
    terminal.write(b"\x1a" * 4)
    terminal.still()
    terminal.write(b"\x11")
    code, said = terminal.wait()
    assert (code, spec.read_bytes()) == (0, before)
    assert LEFT in said


def test_one_that_is_terminated_restores_the_terminal_or_is_found_again(terminal: Terminal, spec: Path) -> None:
    terminal.until(STATE)
    terminal.write(b"e")
    terminal.still()
    terminal.write(b"# mine")
    journal = spec.with_name(f".{spec.name}.unsaved")
    while not journal.exists():
        terminal.still()
    os.kill(terminal.pid, signal.SIGKILL)
    assert terminal.wait()[0] == -signal.SIGKILL
    again = Terminal([*LEPORELLO, "tui", spec.name], spec.parent)
    try:
        again.until(b"never saved")
        again.write(b"\r")
        again.until(b"*")
    finally:
        again.close()


def test_edits_of_the_picture_outlive_a_kill_and_are_taken_back_to_the_same_bytes(
    terminal: Terminal, spec: Path
) -> None:
    before = spec.read_bytes()
    journal = spec.with_name(f".{spec.name}.unsaved")
    terminal.until(STATE)
    for number in range(3):
        terminal.write(b"=z%d = h * 0.%d\r" % (number, number + 1))
        while not journal.exists() or f"z{number}: " not in json.loads(journal.read_text())["text"]:
            terminal.still()
    terminal.write(b"=z9 = h * 0.9\r")  # this one may be lost, or not: nothing else
    os.kill(terminal.pid, signal.SIGKILL)
    assert terminal.wait()[0] == -signal.SIGKILL
    assert spec.read_bytes() == before
    again = Terminal([*LEPORELLO, "tui", spec.name], spec.parent)
    try:
        again.until(b"never saved")
        again.write(b"\r")
        again.until(b"*")
        again.write(b"w")
        again.until(b"saved")
        found = spec.read_text()
        assert [f"  z{number}: h * 0.{number + 1}\n" in found for number in range(3)] == [True] * 3
        again.write(b"z")
        again.until(b"undone")
        again.write(b"wq")  # it asks before it ends, where that was not saved
        assert again.wait()[0] == 0
        assert spec.read_bytes() == before
    finally:
        again.close()


def test_a_model_typed_in_one_write_is_the_model(tmp_path: Path) -> None:
    terminal = Terminal(LEPORELLO, tmp_path)
    try:
        terminal.until(b"begin with")
        terminal.write(b"ea\rafee\raemb 32\ralstm 256\raout\rasam\rw\x15mine.yaml\r")
        terminal.until(b"saved")
        terminal.write(b"q")
        assert terminal.wait()[0] == 0
    finally:
        terminal.close()
    text = (tmp_path / "mine.yaml").read_text()
    by_hand = (EXAMPLES / "char_lm.yaml").read_text().splitlines()
    assert "lstm" in text and [line for line in text.splitlines() if line not in by_hand] == []


@pytest.mark.parametrize(
    ("environment", "said"),
    [({"TERM": "dumb"}, b"can show no screens"), ({"TERM": ""}, b"can show no screens")],
)
def test_a_terminal_that_can_show_none_is_told_what_it_can(
    spec: Path, environment: dict[str, str], said: bytes
) -> None:
    terminal = Terminal([*LEPORELLO, "tui", spec.name], spec.parent, environment)
    try:
        code, found = terminal.wait()
        assert code == 2
        assert said in found
        assert b"leporello check" in found
    finally:
        terminal.close()


def test_without_colours_it_is_shown_all_the_same_and_without_utf8_refused(spec: Path) -> None:
    terminal = Terminal([*LEPORELLO, "tui", spec.name], spec.parent, {"NO_COLOR": "1"})
    try:
        terminal.until(b"tanh(U + W)")
        terminal.write(b"q")
        assert terminal.wait()[0] == 0
    finally:
        terminal.close()
    environment = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    refused = Terminal([*LEPORELLO, "tui", spec.name], spec.parent, environment)
    try:
        code, said = refused.wait()
        assert (code, b"PYTHONUTF8=1" in said) == (2, True)
    finally:
        refused.close()


def test_alone_it_begins_with_a_choice_and_without_a_terminal_with_help(tmp_path: Path) -> None:
    terminal = Terminal(LEPORELLO, tmp_path)
    try:
        terminal.until(b"begin with")
        terminal.write(b"\x11")
        assert terminal.wait()[0] == 0
    finally:
        terminal.close()
    done = subprocess.run(LEPORELLO, capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=tmp_path)
    assert (done.returncode, "Usage" in done.stdout) == (0, True)
    refused = subprocess.run([*LEPORELLO, "tui"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert (refused.returncode, "needs a terminal" in refused.stderr) == (2, True)
    missing = Terminal([*LEPORELLO, "tui", "nothing.yaml"], tmp_path)
    try:
        code, said = missing.wait()
        assert (code, b"no such file" in said) == (2, True)
    finally:
        missing.close()
