"""`fit`: a model trained on batches that a person's own program gives, by the same loop and in the same folder."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from leporello.graphs.graph import Graph
from leporello.graphs.nodes import EMPTY
from leporello.graphs.problems import SpecError, refuse
from leporello.graphs.specs import Spec
from leporello.graphs.writing.spec import write_spec
from leporello.training.averaging import Average
from leporello.training.feeding.given import LENGTHS, Given, Own
from leporello.training.loop import Training
from leporello.training.models import read_kept, read_model
from leporello.training.optimizers import optimizer_for
from leporello.training.overrides import apply_overrides
from leporello.training.places import place_of, products_in
from leporello.training.recording import Outcome, recorded
from leporello.training.resuming import block_files, check_same, compiler, trained_graph
from leporello.training.roles import inputs_read
from leporello.training.run_writer import Writer, create_run, next_folder, resume_run
from leporello.training.runs import SPEC, Listener, Run
from leporello.training.settings import read_settings
from leporello.training.shortage import check_room
from leporello.training.signals import Signals
from leporello.training.tasks.own import Function, OwnTask
from leporello.training.tasks.task import Task, task_from
from leporello.training.tasks.teaching import judged, taught
from leporello.training.tasks.telling import Tell
from leporello.training.train import learned, with_epochs


def fit(
    spec: Spec,
    train: Given,
    *,
    valid: Given | None = None,
    test: Given | None = None,
    loss: Function | None = None,
    run: str | Path | None = None,
    resume: bool = False,
    sizes: Mapping[str, int] = EMPTY,
    on_event: Listener | None = None,
    build: Callable[..., nn.Module] | None = None,
    **settings: Any,
) -> Outcome:
    """Train a model on batches of one's own (`leporello.fit` says more)."""
    folder = Path(run) if run is not None else None
    graph, overrides = _graph(spec, folder if resume else None, settings)
    folder = folder or next_folder(graph.name)
    said = read_settings(graph)
    feed = _feed(graph, train, valid, test, loss is not None)
    if resume and not feed.kept:
        what = f"{folder} cannot go on: nothing says where its training batches were left"
        hint = "give train as a list, as a function of the epoch, or as an iterable with state_dict and load_state_dict"
        raise refuse(what, hint)
    task = OwnTask((), loss) if loss is not None else task_from(graph, said.label_smoothing)
    generator = torch.get_rng_state()
    try:
        torch.manual_seed(said.seed)
        build = build or compiler()
        module, teaching = taught(build, graph, said, **sizes)
        scored, judging = judged(build, module, teaching, said)
        said = with_epochs(said, feed)
        facts = _facts(graph, feed, task, sizes, overrides) | {"training": said.to_json(), "weights": learned(module)}
        if resume:
            check_same(Run(folder), graph, facts, {})
        place = place_of(said)
        check_room(module, said)
        scored.to(place.device)
        optimizer = optimizer_for(module.to(place.device), said)
        average = Average(module, said.average) if said.average else None
        writer = _held(graph, folder, resume, facts, on_event)
        with Signals() as signals, products_in(said.precision):
            training = Training(
                module, scored, teaching, judging, task, feed, said, optimizer, writer, signals, Tell(), average, place
            )
            return recorded(training, facts, resume)
    finally:
        torch.set_rng_state(generator)


def _graph(spec: Spec, resumed: Path | None, settings: Mapping[str, Any]) -> tuple[Graph, list[str]]:
    """The graph with its settings, and how these were said; of a run that goes on it is what the run keeps."""
    overrides = [f"training.{name}={json.dumps(value)}" for name, value in settings.items()]
    given = _with_text(read_model(spec))
    if resumed is None:
        return apply_overrides(given, overrides), overrides
    run = Run(resumed)
    graph = trained_graph(run, read_kept, overrides)
    if given.text != graph.text:
        raise refuse(f"the spec is not the one that {resumed} trains", "train the changed spec in a new folder")
    return graph, [*run.facts().get("overrides", []), *overrides]


def _with_text(graph: Graph) -> Graph:
    """The graph with the text that a run keeps: as it was read, or as a graph made or changed in Python is written."""
    try:
        if read_kept(graph.text, graph.file) == graph:
            return graph
    except SpecError:
        pass
    return read_kept(write_spec(graph), graph.file)


def _feed(graph: Graph, train: Given, valid: Given | None, test: Given | None, own: bool) -> Own:
    """The batches, with the inputs that each must have: those that are read and, without an own loss, predicted."""
    read = {node.path for node in inputs_read(graph)}
    predicted = set() if own else {output.predicts for output in graph.outputs if output.predicts}
    axes = {
        node.path: None if node.axis == "none" else node.axis or "time"
        for node in graph.inputs
        if node.path in read | predicted
    }
    if not axes:
        raise refuse("the model reads no input", f"a batch is a dictionary of tensors by input, {LENGTHS} beside them")
    feed = Own(axes, train, valid, test)
    feed.check()
    return feed


def _facts(graph: Graph, feed: Own, task: Task, sizes: Mapping[str, int], overrides: list[str]) -> dict[str, Any]:
    """What `run.json` says; settings and the number of weights are added by the caller."""
    return {
        "format": 2,
        "name": graph.name,
        "file": os.path.abspath(graph.file) if graph.file else "",
        "sizes": dict(sizes),
        "data": {"inputs": {}, "given": feed.kept or "once", **feed.counts()},
        "scores": task.to_json(),
        "overrides": overrides,
        "created": round(time.time(), 3),
    }


def _held(graph: Graph, folder: Path, resume: bool, facts: dict[str, Any], listener: Listener | None) -> Writer:
    if resume:
        return resume_run(folder, facts, listener)
    return create_run(folder, {SPEC: graph.text, **block_files(graph)}, facts, {}, listener)
