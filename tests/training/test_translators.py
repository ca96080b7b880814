"""Runs of translators: resumed to the bit, stopped at the first bad step, and told of memory that is short."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from torch import Tensor, nn

from leporello.blocks.registry import registry
from leporello.builder.compiling import compile
from leporello.graphs.graph import Graph
from leporello.graphs.specs import read_spec
from leporello.training.runs.run import Run, TrainingError
from leporello.training.runs.storage import read_json
from leporello.training.train import train
from tests.support.command_line import refused
from tests.support.faults.limited import limited, needs_a_limit
from tests.training.test_training import Interrupt

SPEC = """spec: 1
inputs: {source: {tokens: $from, axis: source}, target: {tokens: $to, axis: target}}
nodes:
  s: {block: embedding, input: source, units: 5}
  encoder: {block: gru, input: s, units: 6, direction: both}
  decoder: {block: decoder, target: target, memory: encoder, initial: encoder.state, bridge: dense, words: $to,
            cell: lstm, units: 7, embedding: 5, dropout: 0.1}
outputs: {words: {from: decoder, predicts: target}}
data: {source: {file: pairs.tsv, column: 1, split: [0.8, 0.1, 0.1]},
       target: {file: pairs.tsv, column: 2, split: [0.8, 0.1, 0.1]}}
training: {batch: 5, accumulate: 3, updates: 13, rate: 0.02, report_every: 1, validate_every: 5, checkpoint_every: 4,
           feedback: curriculum, truth: linear, slope: 0.05, sample: 0}
"""
COINS = ("token", "sequence", "batch")
MEETINGS = {"amid an epoch": 2, "amid an update of two epochs": 3, "at the end of epochs": 11, "behind it": 12}
"""After so many updates of 3 batches a run ends, of which an epoch has 11."""


def written(folder: Path, spec: str = SPEC) -> Graph:
    words = ["the", "quick", "brown", "fox", "jumps", "over"]
    pairs = [(f"{words[n % 6]} {words[n % 5]}"[: n % 7 + 2], words[n % 5][::-1]) for n in range(68)]
    (folder / "pairs.tsv").write_text("".join(f"{one}\t{other}\n" for one, other in pairs))
    (folder / "spec.yaml").write_text(spec)
    return read_spec(spec, registry(), str(folder / "spec.yaml"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """Runs that were never interrupted, by how their coins are tossed."""
    found = {}
    for coin in COINS:
        folder = tmp_path_factory.mktemp(coin)
        assert train(written(folder, SPEC.replace("slope", f"coin: {coin}, slope")), folder / "run").state == "finished"
        found[coin] = Run(folder / "run")
    return found


# 29. Resumed at any place, whatever the coins were.


@pytest.mark.parametrize("coin", COINS)
@pytest.mark.parametrize("place", MEETINGS)
def test_it_resumes_to_the_bit(tmp_path: Path, whole: dict[str, Run], coin: str, place: str) -> None:
    graph, stop = written(tmp_path, SPEC.replace("slope", f"coin: {coin}, slope")), MEETINGS[place]
    cut, run = tmp_path / "cut", whole[coin]
    assert train(graph, cut, on_event=Interrupt(stop)).update == stop
    assert train(graph, cut, resume=True).state == "finished"
    assert Run(cut).read(13) == run.read(13)
    assert losses(Run(cut)) == losses(run)


def losses(run: Run) -> list[Any]:
    """What was told of each update and validation, apart from how quick it was."""
    kept = ("update", "loss", "truth", "norm", "perplexity", "accuracy", "exact")
    events = [one for one in run.events() if one["event"] in ("update", "validation", "test")]
    return [{name: one[name] for name in kept if name in one} for one in events]


def test_runs_end_where_they_are_to_end_and_coins_differ(whole: dict[str, Run]) -> None:
    run = whole["token"]
    places = {update: json.loads(run.read(update)["progress.json"]) for update in run.steps()}
    assert places[13]["epoch"] * 11 + places[13]["position"] == 39
    assert len({json.dumps(losses(one)) for one in whole.values()}) == 3
    assert {one["truth"] for one in losses(run) if "truth" in one} >= {1.0}


# 30. The first bad step ends it, and its last good checkpoint stays.


class Spoilt:
    """A compiled translator whose output, or the gradient of it, is spoilt in one of its calls."""

    def __init__(self, call: int, value: float, gradient: bool) -> None:
        self.left, self.value, self.gradient = call, value, gradient

    def __call__(self, graph: Any, **more: Any) -> nn.Module:
        module = compile(graph, **more)
        module.register_forward_hook(self.hook)
        return module

    def hook(self, module: nn.Module, given: Any, outputs: dict[str, Tensor]) -> dict[str, Tensor] | None:
        self.left -= module.training
        if self.left or not module.training:
            return None
        if self.gradient:
            outputs["words"].register_hook(lambda gradient: gradient * self.value)
            return None
        return {**outputs, "words": outputs["words"] * self.value}


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("gradient", [False, True])
def test_a_bad_loss_or_gradient_stops_it_at_once(tmp_path: Path, value: float, gradient: bool) -> None:
    what = "the norm of the gradients" if gradient else "the loss"
    with pytest.raises(TrainingError, match=rf"update 6: {what} is (nan|inf)[\s\S]*step-00000005 stays"):
        train(written(tmp_path), tmp_path / "run", build=Spoilt(17, value, gradient))  # the second batch of update 6
    run = Run(tmp_path / "run")
    assert (run.status().state, run.status().exit, run.status().update) == ("failed", 1, 5)
    assert run.newest() is not None
    assert train(written(tmp_path), tmp_path / "run", resume=True).state == "finished"


# 31. Memory that is short: told before, or when it runs out, with what would fit.


def test_more_weights_than_memory_are_refused_before_anything_is_made(tmp_path: Path) -> None:
    written(tmp_path, SPEC.replace("units: 7", "units: 900000"))
    said = refused("train", tmp_path / "spec.yaml", "--run", tmp_path / "run")
    assert "GiB" in said
    assert not (tmp_path / "run").exists()


@needs_a_limit
def test_under_a_limit_it_ends_with_what_would_fit_on_both_axes(tmp_path: Path) -> None:
    spec = SPEC.replace("units: 6, direction: both", "units: 300").replace("batch: 5", "batch: 30")
    written(tmp_path, spec.replace("units: 7", "units: 300"))
    (tmp_path / "pairs.tsv").write_text(f"{'ab' * 300}\t{'cd' * 120}\n" * 60)
    done = limited(400, tmp_path, "train", "spec.yaml", "--run", "run")
    assert done.returncode == 1, done.stderr
    told = "update 1: memory ran out with a batch of 30 sequences and 600 steps of source, 241 steps of target"
    assert told in done.stderr
    assert "--set training.batch=15 --set training.accumulate=6" in done.stderr
    assert "Traceback" not in done.stderr
    run = Run(tmp_path / "run")
    assert (run.status().state, run.status().exit) == ("failed", 1)
    assert read_json(tmp_path / "run" / "run.json")["training"]["batch"] == 30
