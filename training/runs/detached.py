"""A run in a process of its own, which outlives the terminal that began it: begun, stopped, gone on with."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import SpecError, refuse
from leporello.training.runs.run import EVENTS, LOG, STATUS, Run, Status, TrainingError
from leporello.training.runs.signals import GO_ON
from leporello.training.runs.signals import PAUSE as PAUSING

PAUSE = 0.05
PATIENCE = 120.0
"""So many seconds a process has to load torch and to begin."""


@frozen
class Begun:
    """A process that is to train in a folder; the run's log held `before` bytes already."""

    process: subprocess.Popen[bytes]
    folder: Path
    before: int

    @property
    def run(self) -> Run:
        """Its run."""
        return Run(self.folder)

    @property
    def under_way(self) -> bool:
        """Whether the process has written its first status and event."""
        try:
            return (self.folder / EVENTS).exists() and self.run.status().pid == self.process.pid
        except SpecError:
            return False


def begin(arguments: Sequence[str], folder: Path) -> Begun:
    """Start `leporello train` with `arguments` for the run in `folder`, in a session of its own.

    What it says goes into the run's log; `begun` tells whether it got under way. Raises SpecError where the folder
    cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / LOG).open("ab") as log:
            command = [sys.executable, "-m", "leporello", "train", *arguments, "--run", str(folder)]
            before = log.tell()
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
            return Begun(process, folder, before)
    except OSError as error:
        what = f"{folder} cannot be written: {error.strerror or error}"
        raise refuse(what, "name another folder with --run") from error


def wait_for(begun: Begun, patience: float = PATIENCE) -> None:
    """Wait until a process that was begun writes its run. Raises TrainingError with its last words if it ends first."""
    process, folder, until = begun.process, begun.folder, time.monotonic() + patience
    while process.poll() is None and not begun.under_way:
        if time.monotonic() > until:
            raise TrainingError(f"process {process.pid} has not begun after {patience:.0f} s", f"see {folder / LOG}")
        time.sleep(PAUSE)
    if process.poll() not in (None, 0) and not begun.under_way:
        raise TrainingError(f"the run did not begin: {last_words(folder, begun.before)}")


def last_words(folder: Path, since: int = 0, lines: int = 3) -> str:
    """The end of a run's log, where a process that died has said why."""
    try:
        said = (folder / LOG).read_bytes()[since:][-4096:].decode(errors="replace").strip()
    except OSError:
        said = ""
    return "\n".join(said.splitlines()[-lines:]) or "it left no word"


def words_of_the_dead(run: Run, lines: int = 3) -> str:
    """What a process that is gone has said at its end: nothing that stands in the log since an earlier one."""
    try:
        silent = (run.folder / LOG).stat().st_mtime < (run.folder / EVENTS).stat().st_mtime
    except OSError:
        silent = False
    return "it left no word: it was killed, or memory ran out" if silent else last_words(run.folder, lines=lines)


def ask_to_stop(run: Run) -> Status:
    """Ask the process of a run to write a checkpoint and end. Raises SpecError where none is running."""
    return _ask(run, signal.SIGTERM, "stop")


def ask_to_pause(run: Run, waits: bool = True) -> Status:
    """Ask the process of a run to wait, or to go on. Raises SpecError where none is running."""
    return _ask(run, PAUSING, "pause") if waits else _ask(run, GO_ON, "resume")


def _ask(run: Run, number: int | None, what: str) -> Status:
    """Send a signal to the process of a run; its status before. Raises SpecError where none is running."""
    if number is None:
        raise refuse(f"this system cannot {what} a process", "stop the run; it goes on from its checkpoint by --resume")
    run.facts()
    status = run.status() if (run.folder / STATUS).exists() else Status("failed")
    if status.state != "running" or status.died:
        said = "its process is gone" if status.state == "running" else f"it is {status.state}"
        raise refuse(
            f"{run.folder} is not running: {said}",
            f"go on with it: leporello train --resume --run {shlex.quote(str(run.folder))}",
        )
    if not status.here:
        raise refuse(f"{run.folder} runs on {status.host}", f"{what} it there")
    try:
        os.kill(status.pid, number)
    except OSError as error:
        raise refuse(f"{what}: process {status.pid} of {run.folder} is out of reach: {error.strerror}") from error
    return status


def stop(run: Run, waiting: Callable[[], None] = lambda: time.sleep(PAUSE)) -> Status:
    """Stop a run and wait for its end, which comes after the checkpoint; gives its last status."""
    ask_to_stop(run)
    while (status := run.status()).state == "running" and not status.died:
        waiting()
    return status


def pause(run: Run, waiting: Callable[[], None] = lambda: time.sleep(PAUSE)) -> Status:
    """Let a run wait, and come back when it does, which is after the update that it is at and a checkpoint.

    Raises SpecError where none is running, or where it waits already.
    """
    if run.facts() and (run.folder / STATUS).exists() and run.status().told == "paused":
        raise refuse(
            f"{run.folder} is paused already", f"go on with it: leporello resume {shlex.quote(str(run.folder))}"
        )
    ask_to_pause(run)
    return _until(run, "paused", waiting)


def go_on(run: Run, waiting: Callable[[], None] = lambda: time.sleep(PAUSE)) -> Status:
    """Let a run that waits go on. Raises SpecError where none waits."""
    if run.facts() and (run.folder / STATUS).exists() and run.status().told == "running":
        raise refuse(f"{run.folder} is running", f"follow it: leporello watch {shlex.quote(str(run.folder))}")
    ask_to_pause(run, False)
    return _until(run, "running", waiting)


def _until(run: Run, told: str, waiting: Callable[[], None]) -> Status:
    """Wait until a run is paused or goes on, or has ended; gives its status."""
    while (status := run.status()).state == "running" and status.told not in (told, "died"):
        waiting()
    return status
