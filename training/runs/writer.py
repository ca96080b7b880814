"""Writing a run's folder: making and holding it, events, status and checkpoints; one process at a time."""

from __future__ import annotations

import json
import os
import platform
import shutil
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

from leporello.graphs.problems import SpecError, refuse
from leporello.training.runs.processes import process_born
from leporello.training.runs.run import (
    CHECKPOINTS,
    ENCODERS,
    EVENTS,
    FACTS,
    LOCK,
    LOG,
    RUNS,
    STATUS,
    Listener,
    Run,
    Status,
)
from leporello.training.runs.storage import commit_directory, remove_partial, write_atomic, write_json


@dataclass
class Writer:
    """A run's folder, held by the one process that writes it."""

    run: Run
    lock: int
    listener: Listener | None = None
    taken_over: int = 0
    started: float = field(default_factory=lambda: round(time.time(), 3))
    log: TextIO | None = field(default=None, repr=False)

    def event(self, event: str, **values: Any) -> None:
        """Append one line to the events and tell the listener."""
        entry = {"event": event, "time": round(time.time(), 3), **values}
        if self.log is None:
            self.log = _open_log(self.run.folder / EVENTS)
        self.log.write(json.dumps(entry, ensure_ascii=False, allow_nan=False) + "\n")
        self.log.flush()
        try:
            if self.listener:
                self.listener(entry)
        except OSError:
            self.listener = None  # Its terminal is closed: the run goes on without it.

    def status(self, state: str, update: int, exit: int | None = None, message: str = "", paused: bool = False) -> None:
        """Write the status."""
        pid = os.getpid()
        status = Status(state, pid, self.started, exit, update, message, platform.node(), process_born(pid), paused)
        write_json(self.run.folder / STATUS, asdict(status))

    def commit(self, update: int, files: Mapping[str, bytes]) -> None:
        """Write a checkpoint, whole or not at all; the events before it reach the disk first."""
        if self.log:
            os.fsync(self.log.fileno())
        commit_directory(self.run.at(update), files, {"update": update})

    def prune(self, keep: int, best: int | None) -> None:
        """Remove all checkpoints but the newest `keep` and the best."""
        for update in self.run.steps()[keep:]:
            if update != best:
                shutil.rmtree(self.run.at(update), ignore_errors=True)

    def close(self) -> None:
        """Let go of the folder."""
        with suppress(OSError):
            if self.log:
                self.log.close()
        _locks.discard(self.lock)
        os.close(self.lock)


class Silent(Writer):
    """The writer of a process that trains with others, of which the first writes the run: it writes nothing."""

    def event(self, event: str, **values: Any) -> None:
        """Nothing."""

    def status(self, state: str, update: int, exit: int | None = None, message: str = "", paused: bool = False) -> None:
        """Nothing."""

    def commit(self, update: int, files: Mapping[str, bytes]) -> None:
        """Nothing."""

    def prune(self, keep: int, best: int | None) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


def _open_log(path: Path) -> TextIO:
    # A process killed amid a line leaves it without an end: the next event must not be glued to it.
    cut = path.exists() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
    log = path.open("a", encoding="utf-8")
    if cut:
        log.write("\n")
    return log


def create_run(
    folder: Path, specs: Mapping[str, str], facts: Mapping[str, Any], encoders: Any, listener: Listener | None
) -> Writer:
    """Make the folder of a new run and hold it; `specs` are the texts of the spec and of the block files it names.

    Raises SpecError for a folder that is in use or not empty; what a process left there that was killed before it
    was a run is no hindrance.
    """
    _refuse_occupied(folder, {Path(name).parts[0] for name in specs})
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writer = _hold(folder, listener)  # the first file: it tells what is ours
        try:
            if (folder / FACTS).exists():
                _refuse_run(folder)
            (folder / CHECKPOINTS).mkdir(exist_ok=True)
            for name, text in specs.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                write_atomic(folder / name, text.encode())
            write_json(folder / ENCODERS, encoders)
            write_json(folder / FACTS, facts)
        except BaseException:
            writer.close()
            raise
    except OSError as error:
        raise _unwritable(folder, error) from error
    return writer


def resume_run(folder: Path, facts: Mapping[str, Any], listener: Listener | None) -> Writer:
    """Hold the folder of a run in order to go on with it, and note the settings that have changed.

    Raises SpecError if it is no run, or another process holds it.
    """
    run = Run(folder)
    changed = {name: facts[name] for name in ("training", "overrides", "sources") if name in facts}
    facts = {**run.facts(), **changed}
    status = run.status() if (folder / STATUS).exists() else Status("failed")
    try:
        writer = _hold(folder, listener)
        try:
            writer.taken_over = status.pid if status.state == "running" else 0
            run.checkpoints.mkdir(exist_ok=True)
            for place in (folder, run.checkpoints):
                remove_partial(place)
            write_json(folder / FACTS, facts)
        except BaseException:
            writer.close()
            raise
    except OSError as error:
        raise _unwritable(folder, error) from error
    return writer


def next_folder(name: str, runs: Path = RUNS) -> Path:
    """The first folder `runs/name-1`, `runs/name-2`, ... that does not exist."""
    number = 1
    while (runs / f"{name}-{number}").exists():
        number += 1
    return runs / f"{name}-{number}"


def _refuse_occupied(folder: Path, ours: Collection[str]) -> None:
    if folder.is_symlink() or folder.exists():
        if not folder.is_dir():
            raise refuse(f"{folder} is not a folder", "name another folder with --run")
        if (folder / FACTS).exists():
            _refuse_run(folder)
        found = {entry.name for entry in folder.iterdir()} - {LOG}
        if LOCK in found and not any((folder / CHECKPOINTS).glob("*")):
            files = (*ours, ENCODERS, FACTS)
            found -= {LOCK, CHECKPOINTS, *files, *(f".{name}.partial" for name in files)}
        if found:
            raise refuse(f"{folder} is not empty and not a run", "name a new or empty folder with --run")


def _refuse_run(folder: Path) -> None:
    status = Run(folder).status() if (folder / STATUS).exists() else Status("failed")
    if status.state == "running" and not status.died:
        raise _in_use(folder, status.pid)
    at = f"{'died' if status.died else status.state} at update {status.update}"
    hint = "go on with it by --resume, name another folder with --run, or remove it"
    raise refuse(f"{folder} holds a run already ({at})", hint)


def _unwritable(folder: Path, error: OSError) -> SpecError:
    return refuse(f"{folder} cannot be written: {error.strerror or error}", "name another folder with --run")


def _in_use(folder: Path, pid: int) -> SpecError:
    hint = "wait for it, stop it, or name another folder with --run"
    return refuse(f"{folder} is in use by process {pid}", hint)


_locks: set[int] = set()


def _let_go() -> None:
    """In a process forked from one that holds a folder: the lock goes when nobody has it open any more."""
    for lock in _locks:
        os.close(lock)
    _locks.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)


def _hold(folder: Path, listener: Listener | None) -> Writer:
    # The lock is the kernel's: it goes when its process goes, so that it is never stale and no pid is mistaken.
    import fcntl

    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        found = os.read(lock, 20).decode(errors="replace")
        os.close(lock)
        raise _in_use(folder, int(found) if found.isdigit() else 0) from error
    try:
        os.ftruncate(lock, 0)
        os.write(lock, str(os.getpid()).encode())
    except OSError:
        os.close(lock)
        raise
    _locks.add(lock)
    return Writer(Run(folder), lock, listener)
