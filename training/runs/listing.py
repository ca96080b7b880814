"""All runs in a folder, in a line each."""

from __future__ import annotations

import shutil
from pathlib import Path

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import SpecError, refuse
from leporello.training.runs.following import Follower
from leporello.training.runs.run import RUNS, Run, find_runs


@frozen
class Listed:
    """A run, how far it is and how good; the file that it was begun with, and when."""

    run: Run
    name: str
    state: str
    update: int
    updates: int
    best: float | None
    test: float | None
    score: str = ""
    pid: int | None = None
    file: str = ""
    created: float | None = None

    @property
    def folder(self) -> str:
        """Its folder."""
        return str(self.run.folder)


def listed(runs: Path = RUNS) -> list[Listed]:
    """The runs, the newest first; folders whose files are damaged are said to be so."""
    return [listed_run(Follower(run)) for run in find_runs(runs)]


def listed_run(follower: Follower) -> Listed:
    """One run; what its follower has read already is not read again."""
    run = follower.run
    try:
        status, facts = run.status(), run.facts()
    except SpecError:
        return Listed(run, "", "damaged", 0, 0, None, None)
    while follower.read():
        pass
    record = follower.record
    state = status.told
    best = record.best[1] if record.best else None
    update = max(status.update, record.update)
    pid = status.pid if state in ("running", "paused") else None
    name, score = str(facts.get("name", "")), record.score
    file, created = str(facts.get("file", "")), facts.get("created")
    return Listed(run, name, state, update, record.updates, best, record.test, score, pid, file, created)


def delete(run: Run) -> None:
    """Delete a run with everything in its folder.

    Raises:
        SpecError: for one that is running, for what is no run, and where it cannot be deleted.
    """
    run.facts()
    status = run.status()
    if status.state == "running" and not status.died:
        raise refuse(f"{run.folder} is running", "stop it first")
    if run.folder.is_symlink():
        raise refuse(f"{run.folder} is a link", "delete what it leads to by hand")
    try:
        shutil.rmtree(run.folder)
    except OSError as error:
        raise refuse(f"{run.folder} cannot be deleted: {error.strerror or error}", "see its permissions") from error
