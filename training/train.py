"""`train`: from a spec and its data to a finished run in its folder, and on from a checkpoint."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from leporello.builder.plan.streaming import carrying
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import EMPTY
from leporello.graphs.problems import refuse
from leporello.training.averaging import Average
from leporello.training.beginning import Beginning
from leporello.training.data.columns import Data, load_data, sizes_from
from leporello.training.feeding.batch import Feed
from leporello.training.feeding.examples import Examples
from leporello.training.feeding.streams import streams_of
from leporello.training.loop import Training
from leporello.training.optimizers import optimizer_for
from leporello.training.places import place_of, products_in
from leporello.training.recording import Outcome, recorded
from leporello.training.resuming import block_files, check_same, compiler
from leporello.training.run_writer import Writer, create_run, resume_run
from leporello.training.runs import SPEC, Listener, Run
from leporello.training.settings import Settings, read_settings
from leporello.training.shortage import check_room
from leporello.training.signals import Signals
from leporello.training.starting import begun_with
from leporello.training.tasks.task import task_of
from leporello.training.tasks.teaching import judged, taught
from leporello.training.tasks.telling import teller

Build = Callable[..., nn.Module]


def train(
    graph: Graph,
    folder: Path,
    *,
    resume: bool = False,
    sources: Mapping[str, str] = EMPTY,
    overrides: Sequence[str] = (),
    data: Data | None = None,
    beginning: Beginning | None = None,
    on_event: Listener | None = None,
    build: Build | None = None,
) -> Outcome:
    """Train the model `graph` on its data, in the run folder `folder`.

    `sources` are files given with `--data`, `overrides` what was set with `--set`: applied to `graph` already,
    recorded here. `data` is what `load_data` read for them, where that was done. `beginning` says whose weights a new
    run begins with. `on_event` gets each event as a mapping once it is written. With `resume`, `graph` is that of
    `resuming.trained_graph` (called with the same new `overrides`), and the run goes on from its newest whole
    checkpoint, on a CPU bit for bit; an input that `sources` do not name reads the files that it began with.

    Raises SpecError for a spec, data or a folder that will not do; TrainingError when the run cannot go on.
    """
    run = Run(folder)
    if resume:
        sources = {**run.facts().get("sources", {}), **sources}
    settings, data = read_settings(graph), data or load_data(graph, sources)
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
        facts |= {"weights": learned(module), "scores": [*task.to_json(), *tell.scores]}
        if beginning is not None:
            facts["from"] = begun_with(module, beginning, _encoders(data))
        if data.long and not feed.carried:
            facts["note"] = f"every chunk begins with a fresh state: {carried_obstacle(module)}"
        place = place_of(settings)
        check_room(module, settings)
        scored.to(place.device)
        optimizer = optimizer_for(module.to(place.device), settings)
        average = Average(module, settings.average) if settings.average else None
        writer = _held(graph, run, resume, data, facts, on_event)
        with Signals() as signals, products_in(settings.precision):
            training = Training(
                module,
                scored,
                teaching,
                judging,
                task,
                feed,
                settings,
                optimizer,
                writer,
                signals,
                tell,
                average,
                place,
            )
            return recorded(training, facts, resume)
    finally:
        torch.set_rng_state(generator)


def _fed(module: nn.Module, data: Data, settings: Settings) -> tuple[Feed, Settings]:
    """The batches of a run, and its settings with the updates that its epochs come to."""
    feed: Feed = streams_of(data, settings, not carried_obstacle(module)) if data.long else Examples(data, settings)
    return feed, with_epochs(settings, feed)


def with_epochs(settings: Settings, feed: Feed) -> Settings:
    """The settings with the updates that their epochs come to. Raises SpecError where batches cannot be counted."""
    if not settings.epochs:
        return settings
    batches = feed.passing()
    if batches is None:
        raise refuse("the batches of an epoch cannot be counted", "say updates in place of epochs")
    return replace(settings, updates=-(-settings.epochs * batches // settings.accumulate))


def carried_obstacle(module: nn.Module) -> str:
    """Why no state can be carried from one chunk of a long sequence to the next, or nothing.

    Then every chunk is learned from with a fresh state.
    """
    checked = getattr(module, "checked", None)
    return carrying(checked) if checked is not None else ""


def learned(module: nn.Module) -> int:
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
