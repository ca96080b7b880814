"""`train`: from a spec and its data to a finished run in its folder, and on from a checkpoint."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from torch import nn

from leporello.builder.plan.streaming import carrying
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import EMPTY
from leporello.training.conducting import Build, conduct, hold, learned, learner, of_all, processes, with_epochs
from leporello.training.data.columns import Data, load_data, sizes_from
from leporello.training.feeding.batch import Feed
from leporello.training.feeding.examples import Examples
from leporello.training.feeding.shared import shared
from leporello.training.feeding.streams import streams_of
from leporello.training.feeding.workers import worked
from leporello.training.first_weights.beginning import Beginning
from leporello.training.first_weights.pretrained import begin_with_vectors
from leporello.training.first_weights.starting import begun_with
from leporello.training.recording import Outcome
from leporello.training.resuming import check_same
from leporello.training.runs.run import Listener, Run
from leporello.training.settings import Settings, read_settings
from leporello.training.tasks.task import task_of
from leporello.training.tasks.telling import teller


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
    Where `torchrun` or `accelerate launch` started several processes, each calls this and takes its share of batches
    that are so many times as large; the first writes the run.

    Raises SpecError for a spec, data or a folder that will not do; TrainingError when the run cannot go on.
    """
    run = Run(folder)
    if resume:
        sources = {**run.facts().get("sources", {}), **sources}
        overrides = [*run.facts().get("overrides", ()), *overrides]
    settings, data = read_settings(graph), data or load_data(graph, sources)
    task = task_of(graph, data, settings.label_smoothing)
    with processes() as together:
        run = Run(together.gathered(folder)[0])  # a new one may have got another name by now
        with together.alike():
            sizes = sizes_from(graph, data)
            pupil = learner(build, graph, settings, sizes, together)
            begun = begin_with_vectors(pupil.module, graph, data) if not (resume and run.steps()) else []
            notes = [one.told for one in begun]
            feed = _feed(pupil.scored, data, of_all(settings, together.rank))
            settings = with_epochs(settings, feed)
            facts = {**_facts(graph, settings, data, feed, sources), "overrides": list(overrides), **together.facts}
            encoders, tell = _encoders(data), teller(pupil.scored, data, settings)
            if resume:
                check_same(run, graph, facts, encoders)
            facts |= {"weights": learned(pupil.module), "scores": [*task.to_json(), *tell.scores]}
            if beginning is not None:
                facts["from"] = begun_with(pupil.module, beginning, encoders)
            if data.long and not feed.carried:
                notes.append(f"every chunk begins with a fresh state: {carried_obstacle(pupil.module)}")
            if notes:
                facts["note"] = "; ".join(notes)
        held = partial(hold, graph, run, resume, facts, encoders, on_event)
        return conduct(pupil, task, shared(feed, together.rank), settings, facts, run, held, resume, tell, together)


def _feed(module: nn.Module, data: Data, settings: Settings) -> Feed:
    """The batches of a run, all processes' together."""
    long = data.long
    feed = streams_of(data, settings, not carried_obstacle(module)) if long else Examples(data, settings)
    return worked(feed, settings.workers)


def carried_obstacle(module: nn.Module) -> str:
    """Why no state can be carried from one chunk of a long sequence to the next, or nothing.

    Then every chunk is learned from with a fresh state.
    """
    checked = getattr(module, "checked", None)
    return carrying(checked) if checked is not None else ""


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
