"""All runs of a folder, looked at again and again: each is read again only where its files have changed."""

from __future__ import annotations

import os
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from leporello.graphs.problems import SpecError
from leporello.training.runs.following import Follower
from leporello.training.runs.listing import Listed, listed_run
from leporello.training.runs.run import EVENTS, FACTS, RUNS, STATUS, Run, find_runs


@dataclass
class _Known:
    """A run as it was looked at last; its follower reads on from where it was."""

    files: tuple[Hashable, ...]
    follower: Follower
    listed: Listed


@dataclass
class Shelf:
    """The runs of a folder. A run that goes on is asked each time whether its process is there still."""

    folder: Path = RUNS
    _known: dict[Path, _Known] = field(default_factory=dict)

    def look(self) -> list[Listed]:
        """The runs, the newest first."""
        runs = find_runs(self.folder)
        self._known = {run.folder: self._look(run) for run in runs}
        return [known.listed for known in self._known.values()]

    def _look(self, run: Run) -> _Known:
        known, files = self._known.get(run.folder), _files(run)
        if known is not None and known.files == files and known.listed.pid is None:
            return known
        follower = known.follower if known is not None and known.files[0] == files[0] else Follower(run)
        return _Known(files, follower, listed_run(follower))


def _files(run: Run) -> tuple[Hashable, ...]:
    """What changes when a run is begun anew, goes on or ends: its facts, its status, its events."""
    return tuple(_stamp(run.folder / name) for name in (FACTS, STATUS, EVENTS))


def _stamp(path: Path) -> Hashable:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def newest_of(spec: Path, folder: Path = RUNS) -> Run | None:
    """The run of the spec in a file that was begun or gone on with last; None where there is none."""
    where = os.path.abspath(spec)
    for run in find_runs(folder):
        with suppress(SpecError):
            if run.facts().get("file") == where:
                return run
    return None
