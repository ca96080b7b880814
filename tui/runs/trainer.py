"""A run that is followed: begun or gone on with in a process of its own, stopped, and what is known of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from leporello.graphs.problems import SpecError, refuse
from leporello.training.first_weights.beginning import Beginning
from leporello.training.runs.detached import Begun, ask_to_pause, ask_to_stop, begin, last_words, words_of_the_dead
from leporello.training.runs.following import Follower, Record
from leporello.training.runs.run import RUNS, Run, Status
from leporello.training.runs.writer import next_folder
from leporello.writing import write_file

LEFT: list[Begun] = []
"""Processes that were begun here; they go on when nobody looks at them any more."""
STALE = 60.0
"""After so many seconds without an event a running process is said to be silent."""


@dataclass
class Trainer:
    """Follows one run; nothing of it waits. `state` is empty without a run."""

    follower: Follower | None = None
    begun: Begun | None = None
    state: str = ""
    pid: int = 0
    failure: str = ""
    heard: float = 0.0
    stopping: bool = field(default=False)

    @property
    def run(self) -> Run | None:
        """The run."""
        return self.follower.run if self.follower else None

    @property
    def record(self) -> Record:
        """What its events say."""
        return self.follower.record if self.follower else Record()

    @property
    def alive(self) -> bool:
        """Whether a process works on it."""
        return self.state in ("starting", "running", "paused", "stopping", "ending")

    @property
    def silent(self) -> float:
        """Seconds since it was heard of last, where that is long."""
        quiet = time.time() - self.heard
        return quiet if self.state == "running" and quiet > STALE else 0.0

    def follow(self, run: Run) -> None:
        """Look at another run."""
        self.follower, self.begun, self.failure, self.stopping = Follower(run), None, "", False
        self.state, self.heard = "", time.time()
        self.poll()

    def forget(self) -> None:
        """Look at no run any more."""
        self.follower, self.begun, self.state, self.failure, self.pid = None, None, "", "", 0

    def start(self, spec: Path, name: str, runs: Path = RUNS, beginning: Beginning | None = None) -> None:
        """Begin a run of the spec in a file, with the weights of another run where that is said.

        Raises:
            SpecError: where its folder cannot be written.
        """
        folder = next_folder(name, runs)
        self._begin([str(spec), *(_begun_with(beginning, folder) if beginning is not None else ())], folder)

    def go_on(self, overrides: Sequence[str] = ()) -> None:
        """Go on from the newest checkpoint, in a new process; with other settings where `overrides` say them.

        Raises:
            SpecError: where there is no run, or where it is running.
        """
        if self.run is None or self.alive:
            raise refuse("there is no run to go on with", "begin one, or choose one among Runs")
        self._begin(["--resume", *(word for one in overrides for word in ("--set", one))], self.run.folder)

    def _begin(self, arguments: list[str], folder: Path) -> None:
        begun = begin(arguments, folder)
        LEFT.append(begun)
        if self.follower is None or self.follower.run.folder != folder:
            self.follower = Follower(begun.run)
        self.begun, self.state, self.failure, self.stopping = begun, "starting", "", False
        self.pid, self.heard = begun.process.pid, time.time()

    def stop(self) -> None:
        """Ask the process to write a checkpoint and end.

        Raises:
            SpecError: where none is running.
        """
        if self.run is None:
            raise refuse("there is no run to stop", "begin one first")
        ask_to_stop(self.run)
        self.stopping, self.state = True, "stopping"

    def pause(self) -> None:
        """Ask the process to wait, after a checkpoint; or to go on, where it waits.

        Raises:
            SpecError: where none is running.
        """
        if self.run is None or self.state not in ("running", "paused"):
            raise refuse("no run is going on that could be paused", "space begins one, or goes on with one that ended")
        ask_to_pause(self.run, self.state == "running")

    def poll(self) -> bool:
        """Read what has come; whether anything is new."""
        if self.follower is None:
            return False
        events = self.follower.read()
        if events:
            self.heard = time.time()
        before = (self.state, self.failure)
        self._look()
        return bool(events) or (self.state, self.failure) != before

    def _look(self) -> None:
        assert self.follower is not None
        run = self.follower.run
        if self.begun is not None:
            code = self.begun.process.poll()
            if not self.begun.under_way:
                if code is not None:
                    self.state = "failed"
                    self.failure = last_words(run.folder, self.begun.before, lines=4)
                return
            if code is not None:
                self.begun = None
        try:
            status = run.status()
        except SpecError as error:
            self.state, self.failure = "damaged", str(error.problems[0])
            return
        self.pid = status.pid
        self.state, self.failure = self._said(status, run)
        if self.begun is not None and not self.alive:
            self.state = "stopping" if self.stopping else "ending"  # all is written, the process is about to end

    def _said(self, status: Status, run: Run) -> tuple[str, str]:
        """The state in a word, and what went wrong."""
        if status.died:
            return "died", words_of_the_dead(run, lines=4)
        if status.state == "failed":
            return "failed", status.message or last_words(run.folder, lines=4)
        if status.state == "running" and self.stopping:
            return "stopping", ""
        return status.told, ""


def _begun_with(beginning: Beginning, folder: Path) -> Iterator[str]:
    """What the command line is told of the weights that are begun with; where edits have moved them lies in a file."""
    yield from ("--from", str(beginning.run.folder))
    if beginning.moved:
        file = folder.with_name(f".{folder.name}.moved.json")  # beside it: a run begins in an empty folder
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise refuse(f"{file.parent} cannot be made: {error.strerror or error}", "begin elsewhere") from error
        write_file(json.dumps({"moved": dict(beginning.moved)}, indent=1), file)
        yield from ("--moved", str(file))
