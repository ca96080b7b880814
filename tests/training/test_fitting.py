"""`leporello.fit`: batches and losses of one's own in the loop of `train`, and resumes where they can be exact."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

import leporello
from leporello.graphs.nodes import freeze
from leporello.graphs.problems import SpecError
from leporello.training.checkpoints import stored_weights
from leporello.training.runs.run import Run, TrainingError
from tests.support.command_line import refused

SPEC = """
spec: 1
inputs: {x: {features: 2}, total: {features: 1, axis: none}}
nodes:
  d: {block: dropout, input: x, rate: 0.2}
  h: {block: gru, input: d, units: 5}
  o: {block: linear, input: h(last), units: 1}
outputs: {y: {from: o, predicts: total}}
training: {report_every: 1, checkpoint_every: 4, rate: 0.01, seed: 5}
"""
PLAIN = SPEC.replace("d: {block: dropout, input: x, rate: 0.2}", "d: x * 1")
Batch = dict[str, Any]


def batch(number: int) -> Batch:
    generator = torch.Generator().manual_seed(number)
    x = torch.randn(4, 6, 2, generator=generator)
    lengths = torch.randint(1, 7, (4,), generator=generator)
    inside = torch.where(torch.arange(6)[:, None] < lengths[:, None, None], x, 0)
    return {"x": x, "total": inside.sum((1, 2))[:, None], "lengths": {"time": lengths}}


def epoch(number: int) -> Iterator[Batch]:
    return (batch(10 * number + place) for place in range(7))


class Counting:
    """Batches in a row without an end that know where they are."""

    def __init__(self) -> None:
        self.at = 0

    def __iter__(self) -> Iterator[Batch]:
        while True:
            self.at += 1
            yield batch(self.at)

    def state_dict(self) -> Mapping[str, Any]:
        return {"at": self.at}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.at = state["at"]


class Stop:
    """A listener that interrupts its own process at an update."""

    def __init__(self, update: int) -> None:
        self.update = update

    def __call__(self, event: Any) -> None:
        if event["event"] == "update" and event["update"] == self.update:
            os.kill(os.getpid(), signal.SIGINT)


def weights(folder: Path, update: int) -> dict[str, Tensor]:
    return stored_weights(Run(folder).read(update))


def losses(folder: Path) -> list[float]:
    return [event["loss"] for event in Run(folder).events() if event["event"] == "update"]


def squared(outputs: Mapping[str, Tensor], given: Mapping[str, Any]) -> Tensor:
    return (outputs["y"] - given["total"]).square().mean()


def test_the_weights_are_those_of_a_loop_by_hand(tmp_path: Path) -> None:
    done = leporello.fit(PLAIN, epoch, run=tmp_path / "run", updates=10)
    torch.manual_seed(5)
    module = leporello.compile(PLAIN)
    optimizer = torch.optim.Adam(module.parameters(), 0.01, fused=True)
    expected = []
    for given in [*epoch(0), *epoch(1)][:10]:
        loss = squared(module(given["x"], lengths=given["lengths"]), given)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(module.parameters(), 1.0)
        optimizer.step()
        expected.append(loss.item())
    assert losses(tmp_path / "run") == expected
    assert (done.state, done.update) == ("finished", 10)
    loaded = leporello.load(tmp_path / "run").module
    assert all(torch.equal(a, b) for a, b in zip(loaded.parameters(), module.parameters(), strict=True))


def test_a_loss_of_ones_own_trains_the_same(tmp_path: Path) -> None:
    held = list(epoch(9))
    for name, loss in (("said", None), ("own", squared)):
        leporello.fit(SPEC, epoch, valid=held, loss=loss, run=tmp_path / name, updates=6, validate_every=3)
    assert losses(tmp_path / "said") == losses(tmp_path / "own")
    found = [event for event in Run(tmp_path / "own").events() if event["event"] == "validation"]
    assert [event["update"] for event in found] == [3, 6]
    said = [event["loss"] for event in Run(tmp_path / "said").events() if event["event"] == "validation"]
    assert [event["loss"] for event in found] == pytest.approx(said, rel=1e-6)


def test_a_loss_may_need_what_no_output_predicts(tmp_path: Path) -> None:
    spec = PLAIN.replace(", total: {features: 1, axis: none}", "").replace("{from: o, predicts: total}", "o")
    leporello.fit(spec, epoch, loss=squared, run=tmp_path / "run", updates=3)
    leporello.fit(PLAIN, epoch, run=tmp_path / "other", updates=3)
    assert losses(tmp_path / "run") == losses(tmp_path / "other")


@pytest.mark.parametrize("accumulate", [1, 2])
@pytest.mark.parametrize("kind", ["function", "list", "state"])
def test_it_goes_on_to_the_same_weights(tmp_path: Path, kind: str, accumulate: int) -> None:
    def train() -> Any:
        return {"function": epoch, "list": list(epoch(0)), "state": Counting()}[kind]

    more = {"updates": 12, "accumulate": accumulate}
    leporello.fit(SPEC, train(), run=tmp_path / "whole", **more)
    stopped = leporello.fit(SPEC, train(), run=tmp_path / "cut", on_event=Stop(5), **more)
    assert (stopped.state, stopped.update, stopped.exit) == ("interrupted", 5, 130)
    done = leporello.fit(SPEC, train(), run=tmp_path / "cut", resume=True, **more)
    assert done.state == "finished"
    assert losses(tmp_path / "cut") == losses(tmp_path / "whole")
    one, other = (weights(tmp_path / name, 12) for name in ("whole", "cut"))
    assert all(torch.equal(one[name], other[name]) for name in one)


def loader() -> DataLoader[Batch]:
    return DataLoader([batch(n) for n in range(4)], batch_size=None, shuffle=True)  # type: ignore[arg-type]


@pytest.mark.parametrize("make", [loader, lambda: epoch(0)])
def test_what_knows_not_where_it_was_left_does_not_go_on(tmp_path: Path, make: Any) -> None:
    leporello.fit(SPEC, make(), run=tmp_path / "run", updates=3)
    with pytest.raises(SpecError, match="nothing says where its training batches were left"):
        leporello.fit(SPEC, make(), run=tmp_path / "run", resume=True, updates=6)
    assert Run(tmp_path / "run").status().update == 3


def test_a_loader_is_read_again_in_every_epoch_and_counted(tmp_path: Path) -> None:
    done = leporello.fit(SPEC, loader(), run=tmp_path / "run", epochs=2)
    assert done.update == 8


def test_a_graph_that_was_changed_in_python_is_what_the_run_keeps(tmp_path: Path) -> None:
    from leporello.blocks.registry import registry
    from leporello.graphs.specs import read_spec

    graph = read_spec(PLAIN, registry())
    node = graph["h"]
    wider = replace(node, parameters=freeze({**node.parameters, "units": 9}))
    changed = graph.with_nodes(wider if one is node else one for one in graph.nodes)
    leporello.fit(changed, epoch, run=tmp_path / "run", updates=2)
    assert leporello.load(tmp_path / "run").module(torch.zeros(1, 2, 2))["y"].shape == (1, 1)
    assert any(9 in weight.shape for weight in weights(tmp_path / "run", 2).values())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"train": [[1]]}, "batch 1 of train is a list"),
        ({"train": [batch(1), {"x": torch.zeros(2, 3, 2)}]}, "batch 2 of train has no total"),
        ({"train": [{"x": 3, "total": torch.zeros(2, 1)}]}, "a int as x"),
        ({"train": [{"x": torch.zeros(2, 3, 2), "total": torch.zeros(3, 1)}]}, "different batch sizes"),
        ({"train": epoch, "valid": epoch(1)}, "valid can be read only once"),
        ({"train": epoch, "valid": [], "validate_every": 1}, "valid has no batch"),
        ({"train": epoch, "loss": lambda outputs, batch: outputs["y"]}, r"the loss is of shape \[4, 1\]"),
        ({"train": epoch, "loss": lambda outputs, batch: 3.0}, "the loss is a float"),
        ({"train": epoch, "updats": 3}, "updates"),
        ({"train": epoch, "rate": -1}, "learning rate"),
        ({"train": Counting(), "epochs": 2}, "cannot be counted"),
    ],
)
def test_what_cannot_be_trained_on(tmp_path: Path, given: dict[str, Any], words: str) -> None:
    with pytest.raises(SpecError, match=words):
        leporello.fit(SPEC, **{"run": tmp_path / "run", "updates": 4, **given})


def test_an_epoch_without_a_batch_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="there is no batch in epoch 2"):
        leporello.fit(SPEC, epoch(0), run=tmp_path / "run", updates=9)
    status = Run(tmp_path / "run").status()
    assert (status.state, status.update) == ("failed", 7)


def test_a_state_that_cannot_be_kept_is_named(tmp_path: Path) -> None:
    class Odd(Counting):
        def state_dict(self) -> Mapping[str, Any]:
            return {"at": object()}

    with pytest.raises(TrainingError, match="the state of train cannot be kept"):
        leporello.fit(SPEC, Odd(), run=tmp_path / "run", updates=4)


def test_a_model_that_predicts_nothing_needs_a_loss(tmp_path: Path) -> None:
    spec = PLAIN.replace("{from: o, predicts: total}", "o")
    with pytest.raises(SpecError, match="no output predicts"):
        leporello.fit(spec, epoch, run=tmp_path / "run")


def test_another_spec_and_the_command_do_not_go_on_with_it(tmp_path: Path) -> None:
    leporello.fit(SPEC, epoch, run=tmp_path / "run", updates=3)
    with pytest.raises(SpecError, match="is not the one"):
        leporello.fit(PLAIN, epoch, run=tmp_path / "run", resume=True, updates=6)
    with pytest.raises(SpecError, match=r"training.rate was 0.01"):
        leporello.fit(SPEC, epoch, run=tmp_path / "run", resume=True, updates=6, rate=0.1)
    (tmp_path / "rows.csv").write_text("x\n1\n")
    asked = [["train", "--resume", "--run"], ["evaluate"], ["predict"]]
    for command in asked:
        assert "was trained by a program" in refused(*command, tmp_path / "run")
    assert "was trained by a program" in refused("predict", tmp_path / "run", tmp_path / "rows.csv")
