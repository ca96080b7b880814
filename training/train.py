"""`train`: from a spec to a finished run in its folder, and on from a checkpoint."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from leporello.graphs.graph import EMPTY, Graph
from leporello.graphs.problems import refuse
from leporello.training.checkpoints import restore
from leporello.training.loop import Training, optimizer_for
from leporello.training.resuming import block_files, check_same, compiler
from leporello.training.run_writer import Writer, create_run, resume_run
from leporello.training.runs import SPEC, Listener, Run, TrainingError
from leporello.training.settings import Settings, read_settings
from leporello.training.signals import Signals, StoppedError
from leporello.training.storage import DamagedError
from leporello.training.streams import training_streams
from leporello.training.text import Text, load_text, only_text, sizes_from

Build = Callable[..., nn.Module]


@dataclass(frozen=True)
class Outcome:
    """How a run ended: `finished` or `interrupted`, the exit code, and bits per character."""

    state: str
    exit: int
    folder: Path
    update: int
    best: float | None = None
    test: float | None = None


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
    """Train the language model `graph` in the run folder `folder`.

    `sources` are texts given with `--data`, `overrides` what was set with `--set`: applied to `graph` already,
    recorded here. `on_event` gets each event as a mapping once it is written. With `resume`, `graph` is that of
    `resuming.trained_graph` (called with the same new `overrides`), and the run goes on from its newest whole
    checkpoint, on a CPU bit for bit; without `sources` it reads the texts that it began with.

    Raises SpecError for a spec, a text or a folder that will not do; TrainingError when the run cannot go on.
    """
    run = Run(folder)
    if resume and not sources:
        sources = run.facts().get("sources", {})
    settings = read_settings(graph)
    texts = load_text(graph, sources)
    facts = _facts(graph, settings, only_text(graph, texts), sizes_from(graph, texts), sources)
    if resume:
        check_same(run, graph, facts)
        overrides = [*run.facts().get("overrides", ()), *overrides]
    generator = torch.get_rng_state()
    try:
        torch.manual_seed(settings.seed)
        facts["overrides"] = list(overrides)
        return _prepared(graph, run, resume, build or compiler(), on_event, settings, only_text(graph, texts), facts)
    finally:
        torch.set_rng_state(generator)


def _prepared(
    graph: Graph,
    run: Run,
    resume: bool,
    build: Build,
    listener: Listener | None,
    settings: Settings,
    text: Text,
    facts: dict[str, Any],
) -> Outcome:
    """Build all that the run needs, and only then make or hold its folder."""
    streams = training_streams(text, settings)
    module = build(graph, **facts["sizes"])
    if not any(weight.requires_grad for weight in module.parameters()):
        raise refuse("this model has no weights to train", "use a block with weights, such as linear or lstm")
    facts["weights"] = sum(weight.numel() for weight in module.parameters())
    output = next(output.name for output in graph.outputs if output.predicts)
    optimizer = optimizer_for(module, settings)
    if resume:
        writer = resume_run(run.folder, facts, listener)
    else:
        specs = {SPEC: graph.text, **block_files(graph)}
        writer = create_run(run.folder, specs, facts, text.vocabulary.to_json(), listener)
    with Signals() as signals:
        training = Training(module, output, text, streams, settings, optimizer, writer, signals)
        return _recorded(training, facts, resume)


def _recorded(training: Training, facts: Mapping[str, Any], resume: bool) -> Outcome:
    """Run, with a status that is true however it ends."""
    writer, progress = training.writer, training.progress
    try:
        _start(training, facts, resume)
        progress = training.progress
        test = training.run()
        writer.event("finished", update=progress.update, best=progress.best_bits, test=test)
        writer.status("finished", progress.update, 0)
        return Outcome("finished", 0, writer.run.folder, progress.update, progress.best_bits, test)
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
            training.state, training.progress = restore(files, training.module, training.optimizer)
        except (DamagedError, KeyError, TypeError, ValueError, RuntimeError) as error:
            raise refuse(f"the checkpoint at update {update} cannot be used: {error}", "remove its folder") from error
        training.saved = update
        _say_resumed(training, damage)
    elif resume:
        _say_resumed(training, [])
    writer.status("running", training.progress.update)
    known = ("name", "weights", "sizes", "text", "training")
    writer.event("start", update=training.progress.update, **{name: facts[name] for name in known})


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
    return Outcome("interrupted", stopped.exit, writer.run.folder, progress.update, progress.best_bits)


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


def _facts(
    graph: Graph, settings: Settings, text: Text, sizes: Mapping[str, int], sources: Mapping[str, str]
) -> dict[str, Any]:
    """What `run.json` says; `overrides` and the number of weights are added later."""
    parts = {"train": len(text.train), "valid": len(text.valid), "test": len(text.test)}
    return {
        "format": 1,
        "name": graph.name,
        "file": os.path.abspath(graph.file) if graph.file else "",
        "sources": {name: os.path.abspath(os.path.expanduser(path)) for name, path in sources.items()},
        "training": settings.to_json(),
        "sizes": dict(sizes),
        "text": {"input": text.name, "source": text.source, "sha256": text.digest, **parts},
        "created": round(time.time(), 3),
    }
