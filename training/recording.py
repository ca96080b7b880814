"""A run from its first event to its last: what is said however it ends, and the checkpoint that it goes on from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import Any

from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import EMPTY
from leporello.graphs.problems import refuse
from leporello.training.checkpoints import restore
from leporello.training.loop import Training
from leporello.training.runs.run import TrainingError
from leporello.training.runs.signals import StoppedError
from leporello.training.runs.storage import DamagedError
from leporello.training.runs.writer import Writer


@frozen
class Outcome:
    """How a run ended: `finished` or `interrupted`, the exit code, the best score of a validation, those of the test.

    `scores` says what they are, the one that says what is best first; `next` is the command that uses the run.
    """

    state: str
    exit: int
    folder: Path
    update: int
    best: float | None = None
    test: Mapping[str, float] = field(default_factory=lambda: EMPTY)
    scores: Sequence[Mapping[str, str]] = ()
    next: str = ""


def recorded(training: Training, facts: Mapping[str, Any], resume: bool) -> Outcome:
    """Run, with a status that is true however it ends."""
    writer, progress = training.writer, training.progress
    try:
        _start(training, facts, resume)
        scores = training.run()
        test = scores[training.task.main] if scores else None
        writer.event("finished", update=progress.update, best=progress.best, test=test)
        writer.status("finished", progress.update, 0)
        folder, told = writer.run.folder, facts["scores"]
        return Outcome("finished", 0, folder, progress.update, progress.best, scores or {}, told, training.tell.next)
    except StoppedError as stopped:
        return _interrupted(training, stopped)
    except OSError as error:
        failed = TrainingError(f"the run cannot be written: {error.strerror or error}", _free_space(writer))
        _fail(training, str(failed.problem.what))
        raise failed from error
    except BaseException as error:
        _fail(training, str(error) or type(error).__name__)
        raise
    finally:
        writer.close()


def _start(training: Training, facts: Mapping[str, Any], resume: bool) -> None:
    writer = training.writer
    found = writer.run.newest() if resume else None
    if found:
        update, files, damage = found
        try:
            restore(files, training.module, training.parts)
        except (DamagedError, KeyError, TypeError, ValueError, RuntimeError) as error:
            raise refuse(f"the checkpoint at update {update} cannot be used: {error}", "remove its folder") from error
        training.saved = update
        _say_resumed(training, damage)
    elif resume:
        _say_resumed(training, [])
    writer.status("running", training.progress.update)
    known = ("name", "weights", "sizes", "data", "training", "scores", "note")
    told = {name: facts[name] for name in known if name in facts}
    writer.event("start", update=training.progress.update, **told)
    if "from" in facts and not resume:
        writer.event("from", update=0, **facts["from"])
        training.save()  # so that one that dies soon goes on without the run that it began with


def _say_resumed(training: Training, damage: Sequence[str]) -> None:
    writer, update = training.writer, training.progress.update
    note = f"process {writer.taken_over} died without a word; " if writer.taken_over else ""
    note += f"passed over: {'; '.join(damage)}" if damage else ""
    writer.event("resume", update=update, note=note.removesuffix("; "))


def _interrupted(training: Training, stopped: StoppedError) -> Outcome:
    writer, progress = training.writer, training.progress
    try:
        training.save()
        writer.event("interrupted", update=progress.update, signal=stopped.name)
        writer.status("interrupted", progress.update, stopped.exit, f"stopped by {stopped.name}")
    except OSError as error:
        what = f"no checkpoint could be written after {stopped.name}: {error.strerror or error}"
        _fail(training, what)
        raise TrainingError(what, _free_space(writer)) from error
    except TrainingError as error:
        _fail(training, str(error.problem.what))
        raise
    return Outcome("interrupted", stopped.exit, writer.run.folder, progress.update, progress.best)


def _fail(training: Training, message: str) -> None:
    """Say that the run failed, as far as the disk still lets us."""
    update = training.progress.update
    with suppress(OSError):
        training.writer.event("failed", update=update, message=message)
    with suppress(OSError):
        training.writer.status("failed", update, 1, message)


def _free_space(writer: Writer) -> str:
    steps = writer.run.steps()
    kept = f"the checkpoint at update {steps[0]} is whole; " if steps else ""
    return f"{kept}make room in {writer.run.folder} and go on with --resume"
