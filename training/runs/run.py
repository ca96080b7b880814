"""The folder of a training run as those see it who watch: status, events, checkpoints; nothing here needs torch."""

from __future__ import annotations

import json
import platform
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import Problem, refuse, suggest
from leporello.training.runs import kept
from leporello.training.runs.kept import checked
from leporello.training.runs.processes import process_born
from leporello.training.runs.storage import DamagedError, read_directory, read_json

SPEC, FACTS, ENCODERS, EVENTS, STATUS, LOCK, LOG = (
    "spec.yaml",
    "run.json",
    "encoders.json",
    "events.jsonl",
    "status.json",
    ".lock",
    "log.txt",
)
CHECKPOINTS = "checkpoints"
RUNS = Path("runs")
"""Where runs lie that are not told a folder."""
OWN = (SPEC, FACTS, ENCODERS, EVENTS, STATUS, LOCK, LOG, CHECKPOINTS)
ONCE = ("update", "validation", "checkpoint", "test")
Event = Mapping[str, Any]
Listener = Callable[[Event], None]


class TrainingError(Exception):
    """A run that could not go on; the message says why, and what to do. The command's exit code is 1."""

    def __init__(self, what: str, hint: str = "") -> None:
        self.problem = Problem(what, hint)
        super().__init__(str(self.problem))


@frozen
class Status:
    """What a run is doing: `running`, `finished`, `failed` or `interrupted`, and with which exit code it ended.

    `died` is said of a run that its status calls running, but whose process is gone; one that is `paused` is running,
    but waits.
    """

    state: str
    pid: int = 0
    started: float = 0.0
    exit: int | None = None
    update: int = 0
    message: str = ""
    host: str = ""
    born: str = ""
    paused: bool = False

    @property
    def told(self) -> str:
        """Its state in a word, `died` and `paused` among them."""
        return "died" if self.died else "paused" if self.paused and self.state == "running" else self.state

    @property
    def here(self) -> bool:
        """Whether its process runs, or ran, on this machine."""
        return self.host == platform.node()

    @property
    def died(self) -> bool:
        """Whether the process that should be running is no more (False where that cannot be seen)."""
        return self.state == "running" and self.here and process_born(self.pid) != self.born


@frozen
class Run:
    """A run's folder, to be read."""

    folder: Path

    @property
    def checkpoints(self) -> Path:
        """The folder of its checkpoints."""
        return self.folder / CHECKPOINTS

    @property
    def spec(self) -> Path:
        """The spec as it was given; `facts["overrides"]` says what was set beside it."""
        return self.folder / SPEC

    def facts(self) -> dict[str, Any]:
        """What was trained and how: settings, data and their hash, sizes, overrides. Raises SpecError."""
        found = _mapping(self.folder / FACTS)
        checked(self.folder / FACTS, found, kept.FACTS)
        return found

    def status(self) -> Status:
        """What the run is doing. Raises SpecError."""
        found = _mapping(self.folder / STATUS)
        checked(self.folder / STATUS, found, kept.STATUS)
        known = {name: found[name] for name in Status.__dataclass_fields__ if name in found}
        return Status(**{"state": "failed", **known})

    def events(self) -> list[dict[str, Any]]:
        """All events that count: what was done after the checkpoint from which a run went on is left out."""
        kept: dict[Any, dict[str, Any]] = {}
        for number, event in enumerate(self.raw_events()):
            update, kind = event.get("update"), event.get("event")
            if kind == "resume" and isinstance(update, int):
                kept = {key: e for key, e in kept.items() if not isinstance(u := e.get("update"), int) or u <= update}
            kept[(kind, update) if kind in ONCE else number] = event
        return list(kept.values())

    def raw_events(self) -> Iterator[dict[str, Any]]:
        """All events as written; a half-written or broken line is passed over."""
        try:
            lines = (self.folder / EVENTS).read_bytes().split(b"\n")
        except OSError:
            return
        for line in lines:
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(event, dict):
                yield event

    def steps(self) -> list[int]:
        """The updates at which there is a checkpoint, the newest first; they are not verified here."""
        names = [entry.name for entry in self.checkpoints.iterdir()] if self.checkpoints.is_dir() else []
        return sorted((int(name[5:]) for name in names if re.fullmatch(r"step-\d{8,}", name)), reverse=True)

    def at(self, update: int) -> Path:
        """The folder of the checkpoint at an update."""
        return self.checkpoints / f"step-{update:08d}"

    def read(self, update: int) -> dict[str, bytes]:
        """The verified files of the checkpoint at an update; raises DamagedError."""
        manifest, files = read_directory(self.at(update))
        if manifest.get("update") != update:
            raise DamagedError(f"{self.at(update).name} says that it is of update {manifest.get('update')}")
        return files

    def newest(self) -> tuple[int, dict[str, bytes], list[str]] | None:
        """The newest complete checkpoint: its update, its files, and what was wrong with newer ones.

        None if there has been no checkpoint; SpecError if all there are damaged.
        """
        damage: list[str] = []
        for update in self.steps():
            try:
                return update, self.read(update), damage
            except DamagedError as error:
                damage.append(str(error))
        if damage:
            raise refuse(f"no checkpoint of {self.folder} is whole", "; ".join(damage))
        return None

    def chosen(self, checkpoint: int | None = None) -> tuple[dict[str, bytes], int]:
        """The files of a checkpoint and its update: the one named, else the one that validated best, or the newest.

        Raises SpecError for a folder that is no run, has no whole checkpoint, or not this one.
        """
        if checkpoint is not None:
            try:
                return self.read(checkpoint), checkpoint
            except DamagedError as error:
                known = suggest(str(checkpoint), [str(update) for update in self.steps()], "checkpoints")
                raise refuse(f"there is no whole checkpoint at update {checkpoint}: {error}", known) from error
        self.facts()
        found = self.newest()
        if found is None:
            hint = f"train it further: leporello train --resume --run {shlex.quote(str(self.folder))}"
            raise refuse(f"{self.folder} has no checkpoint yet", hint)
        update, files, _ = found
        best = self.best(files)
        if best is not None and best != update:
            with suppress(DamagedError):
                return self.read(best), best
        return files, update

    @staticmethod
    def best(files: Mapping[str, bytes]) -> int | None:
        """The update that had validated best when the checkpoint with these files was written."""
        try:
            found = json.loads(files["progress.json"])["best_update"]
        except (KeyError, TypeError, ValueError):
            return None
        return found if kept.whole(found) else None


def find_runs(folder: Path = RUNS) -> list[Run]:
    """The runs in a folder, the one that was begun or gone on with last first."""
    found: list[tuple[float, Run]] = []
    with suppress(OSError):
        for entry in folder.iterdir():
            with suppress(OSError):
                found.append(((entry / FACTS).stat().st_mtime, Run(entry)))
    return [run for _, run in sorted(found, key=lambda pair: (-pair[0], str(pair[1].folder)))]


def _mapping(path: Path) -> dict[str, Any]:
    try:
        value = read_json(path)
    except DamagedError as error:
        raise refuse(f"{path.parent} is not the folder of a run", f"{error}; name a folder that train made") from error
    if not isinstance(value, dict):
        raise refuse(f"{path} is damaged", "it should hold one JSON object")
    return value
