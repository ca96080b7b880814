"""`fit`: a model trained on batches that a person's own program gives, by the same loop and in the same folder."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from leporello.graphs.graph import Graph
from leporello.graphs.nodes import EMPTY
from leporello.graphs.problems import SpecError, refuse
from leporello.graphs.specs import Spec
from leporello.graphs.writing.spec import write_spec
from leporello.training.conducting import Build, conduct, hold, learned, learner, processes, with_epochs
from leporello.training.feeding.given import LENGTHS, Given, Own
from leporello.training.feeding.shared import shared
from leporello.training.models import read_kept, read_model
from leporello.training.overrides import apply_overrides
from leporello.training.recording import Outcome
from leporello.training.resuming import check_same, trained_graph
from leporello.training.roles import inputs_read
from leporello.training.runs.run import Listener, Run
from leporello.training.runs.writer import next_folder
from leporello.training.settings import read_settings
from leporello.training.tasks.own import Function, OwnTask
from leporello.training.tasks.task import Task, task_from
from leporello.training.tasks.telling import Tell


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
    build: Build | None = None,
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
    with processes() as together:
        where = Run(together.gathered(folder)[0])
        with together.alike():
            pupil = learner(build, graph, said, sizes, together)
            said = with_epochs(said, feed)
            facts = {**_facts(graph, feed, task, sizes, overrides), **together.facts}
            facts |= {"training": said.to_json(), "weights": learned(pupil.module)}
            if resume:
                check_same(where, graph, facts, {})
        held = partial(hold, graph, where, resume, facts, {}, on_event)
        return conduct(pupil, task, shared(feed, together.rank), said, facts, where, held, resume, Tell(), together)


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
