"""`train`: from a spec and its data to a finished run in its folder, and on from a checkpoint."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from leporello.builder.plan.streaming import carrying
from leporello.graphs.graph import EMPTY, Graph
from leporello.graphs.problems import refuse
from leporello.training.averaging import Average
from leporello.training.checkpoints import restore
from leporello.training.data.columns import Data, load_data, sizes_from
from leporello.training.feeding.batch import Feed
from leporello.training.feeding.examples import Examples
from leporello.training.feeding.streams import streams_of
from leporello.training.loop import Training
from leporello.training.optimizers import optimizer_for
from leporello.training.products import products_in
from leporello.training.resuming import block_files, check_same, compiler
from leporello.training.run_writer import Writer, create_run, resume_run
from leporello.training.runs import SPEC, Listener, Run, TrainingError
from leporello.training.settings import Settings, read_settings
from leporello.training.signals import Signals, StoppedError
from leporello.training.storage import DamagedError
from leporello.training.tasks.task import task_of
from leporello.training.tasks.teaching import judged, taught
from leporello.training.tasks.telling import teller

Build = Callable[..., nn.Module]


@dataclass(frozen=True)
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


def train(
    graph: Graph,
    folder: Path,
    *,
    resume: bool = False,
    sources: Mapping[str, str] = EMPTY,
    overrides: Sequence[str] = (),
    on_event: Listener | None = None,
    build: Build | None = None,
) -> Outcome:
    """Train the model `graph` on its data, in the run folder `folder`.

    `sources` are files given with `--data`, `overrides` what was set with `--set`: applied to `graph` already,
    recorded here. `on_event` gets each event as a mapping once it is written. With `resume`, `graph` is that of
    `resuming.trained_graph` (called with the same new `overrides`), and the run goes on from its newest whole
    checkpoint, on a CPU bit for bit; an input that `sources` do not name reads the files that it began with.

    Raises SpecError for a spec, data or a folder that will not do; TrainingError when the run cannot go on.
    """
    run = Run(folder)
    if resume:
        sources = {**run.facts().get("sources", {}), **sources}
    settings, data = read_settings(graph), load_data(graph, sources)
    task = task_of(graph, data, settings.label_smoothing)
    if resume:
        overrides = [*run.facts().get("overrides", ()), *overrides]
    generator = torch.get_rng_state()
    try:
        torch.manual_seed(settings.seed)
        build = build or compiler()
        module, teaching = taught(build, graph, settings, **sizes_from(graph, data))
        scored, judging = judged(build, module, teaching, settings)
        feed, settings = _fed(scored, data, settings)
        facts = {**_facts(graph, settings, data, feed, sources), "overrides": list(overrides)}
        tell = teller(scored, data, settings)
        if resume:
            check_same(run, graph, facts, _encoders(data))
        facts |= {"weights": _weights(module), "scores": [*task.to_json(), *tell.scores]}
        if data.long and not feed.carried:
            facts["note"] = f"every chunk begins with a fresh state: {carried_obstacle(module)}"
        optimizer = optimizer_for(module, settings)
        average = Average(module, settings.average) if settings.average else None
        writer = _held(graph, run, resume, data, facts, on_event)
        with Signals() as signals, products_in(settings.products):
            training = Training(
                module, scored, teaching, judging, task, feed, settings, optimizer, writer, signals, tell, average
            )
            return _recorded(training, facts, resume)
    finally:
        torch.set_rng_state(generator)


def _fed(module: nn.Module, data: Data, settings: Settings) -> tuple[Feed, Settings]:
    """The batches of a run, and its settings with the updates that its epochs come to."""
    feed: Feed = streams_of(data, settings, not carried_obstacle(module)) if data.long else Examples(data, settings)
    if settings.epochs:
        batches = settings.epochs * len(feed.epoch(0))
        settings = replace(settings, updates=-(-batches // settings.accumulate))
    return feed, settings


def carried_obstacle(module: nn.Module) -> str:
    """Why no state can be carried from one chunk of a long sequence to the next, or nothing.

    Then every chunk is learned from with a fresh state.
    """
    checked = getattr(module, "checked", None)
    return carrying(checked) if checked is not None else ""


def _weights(module: nn.Module) -> int:
    """How many numbers are learned. Raises SpecError where there are none."""
    if not any(weight.requires_grad for weight in module.parameters()):
        raise refuse("this model has no weights to train", "use a block with weights, such as linear or lstm")
    return sum(weight.numel() for weight in module.parameters())


def _held(graph: Graph, run: Run, resume: bool, data: Data, facts: dict[str, Any], listener: Listener | None) -> Writer:
    """The run's folder, made or taken up again."""
    if resume:
        return resume_run(run.folder, facts, listener)
    return create_run(run.folder, {SPEC: graph.text, **block_files(graph)}, facts, _encoders(data), listener)


def _encoders(data: Data) -> dict[str, Any]:
    """How each input is made numbers, as it is kept."""
    return {name: column.encoder.to_json() for name, column in data.columns.items()}


def _recorded(training: Training, facts: Mapping[str, Any], resume: bool) -> Outcome:
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


def _facts(graph: Graph, settings: Settings, data: Data, feed: Feed, sources: Mapping[str, str]) -> dict[str, Any]:
    """What `run.json` says; overrides, scores and the number of weights are added later."""
    columns = {name: {"source": c.source, "sha256": c.digest, "as": c.encoder.kind} for name, c in data.columns.items()}
    return {
        "format": 2,
        "name": graph.name,
        "file": os.path.abspath(graph.file) if graph.file else "",
        "sources": {name: _absolute(data.columns[name].entry.files) for name in sources},
        "training": settings.to_json(),
        "sizes": sizes_from(graph, data),
        "data": {"inputs": columns, **feed.counts()},
        "created": round(time.time(), 3),
    }


def _absolute(files: Sequence[str]) -> str:
    """Where the files of `--data NAME=PATH` lie."""
    return ",".join(os.path.abspath(os.path.expanduser(file)) for file in files)
