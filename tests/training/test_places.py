"""Where a model is trained and how exactly: bfloat16 resumes bit for bit, and a device that is not here is refused."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch

import leporello
from leporello.blocks.registry import registry
from leporello.graphs.losses import LOSSES
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_spec
from leporello.training.checkpoints import stored_weights
from leporello.training.feeding.batch import Batch
from leporello.training.models import read_kept
from leporello.training.places import Place
from leporello.training.resuming import trained_graph
from leporello.training.runs.run import Run
from leporello.training.tasks import losses as losses_of_steps
from leporello.training.tasks.scores import Tally, score_for
from leporello.training.tasks.task import Target
from leporello.training.train import train

SPEC = """
spec: 1
inputs: {text: {tokens: $characters}}
nodes:
  previous: {block: feedback, truth: text(t-1), own: choice(t-1)}
  e: {block: embedding, input: previous, units: 8}
  d: {block: dropout, input: e, rate: 0.1}
  h: {block: lstm, input: d, units: 16, layers: 2}
  logits: {block: linear, input: h, units: $characters}
  choice: {block: sample, input: logits}
outputs: {next: {from: logits, predicts: text}}
data: {text: {file: input.txt}}
training:
  {batch: 4, steps: 9, updates: 10, report_every: 1, validate_every: 5, checkpoint_every: 3, sample: 9, precision: bf16}
"""

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


def written(folder: Path, text: str = SPEC) -> Any:
    (folder / "input.txt").write_text("the quick brown fox jumps over the lazy dog; " * 40)
    (folder / "spec.yaml").write_text(text)
    return read_spec(text, registry(), str(folder / "spec.yaml"))


def losses(folder: Path) -> list[float]:
    return [event["loss"] for event in Run(folder).events() if event["event"] == "update"]


def test_products_in_bfloat16_train_and_go_on_bit_for_bit(tmp_path: Path) -> None:
    def stop(event: Any) -> None:
        if event["event"] == "update" and event["update"] == 4:
            os.kill(os.getpid(), signal.SIGTERM)

    train(written(tmp_path), tmp_path / "whole")
    train(written(tmp_path), tmp_path / "cut", on_event=stop)
    run = Run(tmp_path / "cut")
    assert run.status().exit == 143
    train(trained_graph(run, read_kept), run.folder, resume=True)
    assert losses(tmp_path / "whole") == losses(tmp_path / "cut")
    one, other = (stored_weights(Run(tmp_path / name).read(10)) for name in ("whole", "cut"))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert {value.dtype for value in one.values()} == {torch.float32}


def test_it_is_near_to_32_bits_but_not_the_same(tmp_path: Path) -> None:
    train(written(tmp_path), tmp_path / "half")
    train(written(tmp_path, SPEC.replace(", precision: bf16", "")), tmp_path / "whole")
    half, whole = losses(tmp_path / "half"), losses(tmp_path / "whole")
    assert half != whole
    assert half == pytest.approx(whole, rel=0.02)


def test_losses_are_computed_in_32_bits() -> None:
    module = leporello.compile(
        "{spec: 1, inputs: {x: {features: 2}}, nodes: {h: {block: linear, input: x, units: 3}}, outputs: {y: h}}"
    )
    batch = Batch({"x": torch.randn(2, 3, 2), "z": torch.rand(2, 3, 3), "t": torch.randint(0, 3, (2, 3))})
    outputs, _ = Place(precision="bf16").run(module, Batch({"x": batch.inputs["x"]}), None, carried=False)
    assert outputs["y"].dtype == torch.bfloat16
    exact = {"y": outputs["y"].detach().float()}
    for loss, read in (("cross_entropy", "t"), ("squared", "z"), ("bernoulli", "z")):
        target = Target("y", read, "time", loss, score_for(loss, "words"))
        found = target.sum(outputs, batch)
        assert found.dtype == torch.float32
        assert found.item() == pytest.approx(target.sum(exact, batch).item(), rel=1e-6)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("counting", [1.0, 0.95, 0.5])
def test_the_gradient_of_logits_of_16_bits_is_that_of_64_rounded(
    monkeypatch: pytest.MonkeyPatch, counting: float, smoothing: float
) -> None:
    monkeypatch.setattr(losses_of_steps, "PIECE", 7 * 11)  # some pieces, the last of them shorter
    torch.manual_seed(3)
    logits, truth = torch.randn(4, 10, 11).bfloat16() * 3, torch.randint(0, 11, (4, 10))
    mask = None if counting == 1 else torch.arange(40).view(4, 10) < counting * 40
    found = []
    for dtype in (torch.bfloat16, torch.float64):
        given = logits.to(dtype, copy=True).requires_grad_()
        loss = losses_of_steps.total("cross_entropy", given, truth, mask, smoothing)
        (loss / 5).backward()
        assert given.grad is not None and given.grad.dtype == dtype
        found.append((loss.double(), given.grad.double()))
    assert found[0][0].item() == pytest.approx(found[1][0].item(), rel=1e-6)
    torch.testing.assert_close(found[0][1], found[1][1], rtol=2**-8, atol=1e-7)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a graphics card")
def test_a_device_that_is_not_here_is_refused_before_a_folder_is_made(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="torch finds no such card"):
        train(written(tmp_path, SPEC.replace("bf16", "bf16, device: cuda")), tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("loss", LOSSES)
def test_ragged_sequences_have_the_same_loss_on_every_device(loss: str, device: str) -> None:
    kind = LOSSES[loss]
    torch.manual_seed(5)
    truth = torch.randint(0, 4, (3, 3)) if kind.of == "tokens" else torch.rand(3, 3, 2).round()
    given = torch.randn(3, 7 if kind.apart else 3, int(kind.size(truth.shape[-1] if truth.dim() == 3 else 4, 3)))
    lengths = {"time": torch.tensor([3, 1, 2]), "frames": torch.tensor([7, 4, 6])}
    levels, frames = (0.1, 0.5, 0.9) if kind.levels else (), "frames" if kind.apart else ""
    target = Target("y", "x", "time", loss, score_for(loss, "words"), levels=levels, frames=frames)
    tallies = Tally(), Tally()
    target.add(tallies[0], {"y": given}, batch := Batch({"x": truth}, lengths=lengths))
    target.add(tallies[1], {"y": given.to(device)}, Place(device).batch(batch))
    assert tallies[0].count == tallies[1].count == 6
    assert tallies[0].loss == pytest.approx(tallies[1].loss, rel=1e-5)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no graphics card")
@pytest.mark.parametrize(
    ("more", "tolerance"), [("", 1e-3), (", feedback: curriculum, k: 0.5", 2e-2)], ids=["taught", "own choices"]
)
def test_a_graphics_card_trains_as_the_processor_does(tmp_path: Path, more: str, tolerance: float) -> None:
    """Dropout and what a model chooses by itself are drawn by the card."""
    text = SPEC.replace(", precision: bf16", more).replace("rate: 0.1", "rate: 0")
    train(written(tmp_path, text), tmp_path / "cpu")
    card = text.replace("sample: 9", "sample: 9, device: cuda, average: 0.9")
    train(written(tmp_path, card), tmp_path / "card")
    assert losses(tmp_path / "card") == pytest.approx(losses(tmp_path / "cpu"), rel=tolerance)


@pytest.mark.parametrize("said", ["precision: half", "device: gpu", "precision: 16"])
def test_other_words_are_refused(tmp_path: Path, said: str) -> None:
    with pytest.raises(SpecError, match=said.split(":")[0]):
        train(written(tmp_path, SPEC.replace("precision: bf16", said)), tmp_path / "run")
