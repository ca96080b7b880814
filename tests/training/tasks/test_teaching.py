"""What a feedback reads in training: coins by the schedule, resumed to the bit, and scores that are comparable."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from leporello.builder.compiling import compile
from leporello.graphs.graph import Graph
from leporello.graphs.problems import SpecError
from leporello.training.curricula import Curriculum
from leporello.training.data.columns import load_data
from leporello.training.feeding.batch import Batch
from leporello.training.feeding.examples import Examples
from leporello.training.models import read_kept, read_model
from leporello.training.runs.run import Run
from leporello.training.settings import Settings, read_settings
from leporello.training.tasks.task import evaluate, task_of
from leporello.training.tasks.teaching import Teaching
from leporello.training.train import train
from leporello.training.using.evaluating import evaluate_trained
from leporello.training.using.trained import load_trained
from tests.support.models.reverse import reverse_spec

SHORT = ["training.updates=6", "training.validate_every=4", "training.report_every=1", "training.checkpoint_every=2"]
WAYS = {
    "teacher": [],
    "free": ["training.feedback=free"],
    "linear": ["training.feedback=curriculum", "training.truth=linear", "training.slope=0.2", "training.floor=0.1"],
    "sequences": ["training.feedback=curriculum", "training.k=0.5", "training.coin=sequence"],
}


def model(folder: Path, way: str, *more: str) -> Graph:
    return read_model(reverse_spec(folder), [*SHORT, *WAYS[way], *more])


def measured(run: Run) -> list[dict[str, Any]]:
    events = (event for event in run.events() if event["event"] in ("update", "validation", "test"))
    return [{key: value for key, value in event.items() if key not in ("time", "speed", "seconds")} for event in events]


def stopping(update: int) -> Callable[[Any], None]:
    def listener(event: Any) -> None:
        if event["event"] == "update" and event["update"] == update:
            os.kill(os.getpid(), signal.SIGINT)

    return listener


@pytest.mark.parametrize("way", WAYS)
def test_a_run_goes_on_as_if_it_had_not_been_stopped(tmp_path: Path, way: str) -> None:
    graph = model(tmp_path, way, "training.accumulate=2")
    train(graph, tmp_path / "whole")
    assert train(graph, tmp_path / "parts", on_event=stopping(3)).state == "interrupted"
    assert train(graph, tmp_path / "parts", resume=True).state == "finished"
    whole, parts = Run(tmp_path / "whole"), Run(tmp_path / "parts")
    assert measured(whole) == measured(parts)
    assert whole.read(6) == parts.read(6)


def test_the_probability_of_the_truth_is_told_with_each_update(tmp_path: Path) -> None:
    train(model(tmp_path, "linear"), tmp_path / "run")
    told = [event["truth"] for event in measured(Run(tmp_path / "run")) if event["event"] == "update"]
    assert told == pytest.approx([1.0, 0.8, 0.6, 0.4, 0.2, 0.1])


def test_ways_of_teaching_differ_and_are_scored_by_the_same_measure(tmp_path: Path) -> None:
    losses = {}
    for way in WAYS:
        train(model(tmp_path, way), tmp_path / way)
        losses[way] = [event["loss"] for event in measured(Run(tmp_path / way)) if event["event"] == "validation"]
    assert len({json.dumps(found) for found in losses.values()}) == len(WAYS)
    assert all(1.0 < loss < 3.0 for found in losses.values() for loss in found)


def test_a_run_is_judged_by_what_it_writes_itself_where_that_is_wanted(tmp_path: Path) -> None:
    found = {}
    for who in ("truth", "own"):
        said = [f"training.validate_with={who}"]
        train(model(tmp_path, "linear", *said), tmp_path / who, overrides=said)
        found[who] = measured(Run(tmp_path / who))
    losses = {who: [event["loss"] for event in events if event["event"] == "update"] for who, events in found.items()}
    assert losses["truth"] == losses["own"]  # what is learned does not know of it
    trained = load_trained(Run(tmp_path / "own"), read_kept, 6)
    module: Any = compile(trained.graph, feedback="free", sharing=trained.module, **trained.run.facts()["sizes"])
    data = load_data(trained.graph)
    batches = Examples(data, read_settings(trained.graph)).part(1)
    free = partial(Teaching("free").given, update=6)
    scores = evaluate(module, task_of(trained.graph, data), batches, carried=False, given=free)
    last = {who: [event for event in events if event["event"] == "validation"][-1] for who, events in found.items()}
    assert last["own"]["loss"] == pytest.approx(scores["loss"], rel=1e-6)
    assert last["own"]["loss"] != last["truth"]["loss"]
    assert evaluate_trained(trained, "valid").scores["loss"] == pytest.approx(scores["loss"], rel=1e-6)


def test_what_a_module_is_given_beside_its_inputs() -> None:
    batch = Batch({"x": torch.zeros(3, 4)}, {"source": 9, "target": 4}, {"source": torch.tensor([9, 2, 1])})
    assert Teaching().given(batch, 0) == {}
    lengths = Teaching("free").given(batch, 0)["lengths"]
    assert (lengths["target"], lengths["source"].tolist()) == (4, [9, 2, 1])
    taught = Teaching("curriculum", Curriculum("linear", slope=0.5), {"previous_coin": "target"})
    assert taught.given(batch, 0)["previous_coin"].tolist() == [[1] * 4] * 3
    assert taught.given(batch, 2)["previous_coin"].tolist() == [[0] * 4] * 3
    assert taught.truth(1) == {"truth": 0.5}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["training.truth=linear"], "training.truth is said, but no curriculum"),
        (["training.feedback=curriculum", "training.k=2"], "k of the constant schedule is 2"),
        (["training.feedback=curriculum", "training.slope=0.1"], "has neither slope nor floor"),
        (["training.feedback=curriculm"], "did you mean curriculum?"),
        (["training.feedback=curriculum", "training.coin=word"], "token, sequence, batch"),
    ],
)
def test_schedules_that_cannot_be_are_refused(tmp_path: Path, settings: list[str], message: str) -> None:
    with pytest.raises(SpecError, match=r"--set training\.") as caught:
        read_settings(read_model(reverse_spec(tmp_path), settings))
    assert message in str(caught.value)


def test_a_teacher_is_the_default() -> None:
    assert (Settings().feedback, Settings().curriculum.truth_at(10**6)) == ("teacher", 1.0)
