"""The training loop: it learns, it resumes bit for bit, and it ends honestly however it ends."""

from __future__ import annotations

import json
import math
import os
import pickle
import signal
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from leporello.graphs.composing.tree import Source
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import freeze
from leporello.graphs.problems import SpecError
from leporello.training.checkpoints import load_weights
from leporello.training.data.columns import load_data
from leporello.training.data.vocabulary import Vocabulary
from leporello.training.feeding.streams import Chunks, streams_of
from leporello.training.resuming import trained_encoders, trained_graph
from leporello.training.runs import writer as run_writer
from leporello.training.runs.run import Run, TrainingError
from leporello.training.settings import OPTIMIZERS, Settings
from leporello.training.tasks.scores import bits
from leporello.training.tasks.task import evaluate, task_of
from leporello.training.train import Outcome, train
from tests.support.forked import forked
from tests.support.models.language_model import RHYME, SETTINGS, TinyModel, as_if, language_model, with_text

WATCHED = ("update", "validation", "test")


def tiny(graph: Graph, **sizes: int) -> nn.Module:
    return TinyModel(graph, sizes["characters"])


def set_training(graph: Graph, **values: Any) -> Graph:
    return replace(graph, training=freeze({**graph.training, **values}))


def trained(folder: Path, graph: Graph, **more: Any) -> Outcome:
    return train(graph, folder, build=tiny, **more)


def weights_of(run: Run, update: int) -> bytes:
    return run.read(update)["weights.safetensors"]


def history(run: Run) -> list[dict[str, Any]]:
    """What was measured, without what the clock says."""
    events = [event for event in run.events() if event["event"] in WATCHED]
    return [{key: value for key, value in event.items() if key not in ("time", "speed", "seconds")} for event in events]


class Interrupt:
    """A listener that sends a signal to its own process at an update."""

    def __init__(self, update: int, number: int = signal.SIGINT, times: int = 1) -> None:
        self.update, self.number, self.times = update, number, times

    def __call__(self, event: Any) -> None:
        if event["event"] == "update" and event["update"] == self.update:
            for _ in range(self.times):
                os.kill(os.getpid(), self.number)


def test_a_model_learns_what_only_a_learner_knows(tmp_path: Path) -> None:
    graph = set_training(with_text(tmp_path), updates=200, steps=15, validate_every=50, decay="linear")
    outcome = trained(tmp_path / "run", graph)
    assert outcome.state == "finished"
    assert outcome.exit == 0
    # Guessing takes log2(31) = 4.9 bits, knowing how often each character occurs 4.4, the one before it about 1.
    assert outcome.test["bits"] < 0.4
    updates = [event for event in history(Run(tmp_path / "run")) if event["event"] == "update"]
    assert updates[0]["loss"] > 2.5 > 0.5 > updates[-1]["loss"]
    assert [event["rate"] for event in updates[::50]] == pytest.approx([0.01 * (1 - n / 200) for n in (1, 101)])


def test_the_carried_state_reaches_the_model_and_gradients_end_with_the_chunk(tmp_path: Path) -> None:
    seen: list[Any] = []

    class Watched(TinyModel):
        def run(self, text: Any, lengths: None = None, state: Any = None) -> Any:
            if self.training:
                seen.append((text.clone(), state))
            return super().run(text, lengths, state)

    graph = set_training(with_text(tmp_path, "abcdefgh" * 10), updates=9, batch=2, steps=10)
    train(graph, tmp_path / "run", build=lambda g, characters: Watched(g, characters))
    tokens = torch.cat([text for text, _ in seen[:4]], 1)
    assert Vocabulary("abcdefgh").decode(tokens.flatten().tolist()) == "abcdefgh" * 8
    assert [text.shape[1] for text, _ in seen] == [10, 10, 10, 2] * 2 + [10]
    assert [state is None for _, state in seen] == [True, False, False, False] * 2 + [True]
    assert not any(tensor.requires_grad for _, state in seen if state for tensor in state.values())
    assert torch.equal(seen[1][1]["text"], seen[0][0][:, -1])


def test_streams_go_on_where_the_row_before_ends() -> None:
    chunks = Chunks({"text": torch.arange(12).view(2, 6)}, 4)
    assert [chunk.inputs["text"].tolist() for chunk in chunks] == [[[0, 1, 2, 3], [6, 7, 8, 9]], [[4, 5], [10, 11]]]
    assert [chunk.fresh for chunk in chunks] == [True, False]


def test_a_score_counts_every_character_once(tmp_path: Path) -> None:
    text = "".join(chr(97 + n * n % 26) for n in range(2501))
    data = load_data(graph := with_text(tmp_path, text, data={"text": {"file": "input.txt", "split": [0.5, 0, 0.5]}}))
    data = replace(data, columns={"text": replace(data.only, parts=([text], [], [text]))})
    vocabulary = data.only.vocabulary
    chunks = streams_of(data, Settings(batch=8)).part(2)
    read = [chunk.inputs["text"][chunk.counted] for chunk in chunks]
    assert sorted(torch.cat(read).tolist()) == sorted(vocabulary.encode(text))
    torch.manual_seed(1)
    model = TinyModel(language_model(), len(vocabulary))
    model.gru.register_forward_hook(lambda *given: torch.rand(1) and None)
    before = torch.get_rng_state()
    found = evaluate(model, task_of(graph, data), streams_of(data, Settings(batch=1)).part(2), carried=True)["loss"]
    assert torch.equal(before, torch.get_rng_state())
    tokens = torch.tensor([list(vocabulary.encode(text))])
    logits = model.eval().run(tokens)[0]["next"].detach()
    assert found == pytest.approx(float(nn.functional.cross_entropy(logits[0], tokens[0])), rel=1e-5)
    assert bits(math.log(2)) == 1


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_resumed_run_equals_one_that_was_never_interrupted(tmp_path: Path, optimizer: str) -> None:
    graph = set_training(with_text(tmp_path), optimizer=optimizer, decay="cosine")
    graph = as_if(graph, "spec: 1\r\nname: tiny\r\n")
    trained(tmp_path / "whole", graph)
    first = trained(tmp_path / "parts", graph, on_event=Interrupt(10))
    assert (first.state, first.exit, first.update) == ("interrupted", 130, 10)
    second = trained(tmp_path / "parts", graph, resume=True, on_event=Interrupt(22, signal.SIGTERM))
    assert (second.exit, second.update) == (143, 22)
    third = trained(tmp_path / "parts", graph, resume=True)
    assert third.state == "finished"
    whole, parts = Run(tmp_path / "whole"), Run(tmp_path / "parts")
    assert history(whole) == history(parts)
    final = [run.read(24) for run in (whole, parts)]
    assert final[0] == final[1]


def trained_until(folder: Path, update: int) -> None:
    """Train the model into `parts`, and be killed by force at an update."""

    def die(event: Mapping[str, Any]) -> None:
        if event["event"] == "update" and event["update"] == update:
            os.kill(os.getpid(), signal.SIGKILL)

    train(language_model(str(folder / "spec.yaml")), folder / "parts", build=TinyModel, on_event=die)


def test_a_killed_run_goes_on_from_its_newest_checkpoint(tmp_path: Path) -> None:
    with_text(tmp_path)
    killed, said = forked(trained_until, tmp_path, 16, heard=tmp_path / "heard").ended()
    assert killed == -signal.SIGKILL, said
    graph = language_model(str(tmp_path / "spec.yaml"))
    parts = Run(tmp_path / "parts")
    assert parts.status().died
    assert parts.steps()[0] < 16
    trained(parts.folder, graph, resume=True)
    notes = [event["note"] for event in parts.raw_events() if event["event"] == "resume"]
    assert "died" in notes[0]
    trained(tmp_path / "whole", graph)
    assert history(parts) == history(Run(tmp_path / "whole"))
    assert weights_of(parts, 24) == weights_of(Run(tmp_path / "whole"), 24)


def test_a_run_killed_before_its_first_checkpoint_begins_again(tmp_path: Path) -> None:
    graph = with_text(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "parts", graph, on_event=raising(4))
    assert Run(tmp_path / "parts").steps() == []
    trained(tmp_path / "parts", graph, resume=True)
    trained(tmp_path / "whole", graph)
    assert history(Run(tmp_path / "parts")) == history(Run(tmp_path / "whole"))


def raising(update: int) -> Callable[[Any], None]:
    def listener(event: Any) -> None:
        if event.get("update") == update:
            raise KeyboardInterrupt

    return listener


def test_a_damaged_checkpoint_is_passed_over(tmp_path: Path) -> None:
    graph = with_text(tmp_path)
    trained(tmp_path / "run", graph, on_event=Interrupt(14))
    run = Run(tmp_path / "run")
    newest = run.at(run.steps()[0])
    (newest / "weights.safetensors").write_bytes(pickle.dumps({"weight": 1}))
    trained(run.folder, graph, resume=True)
    note = next(event["note"] for event in run.raw_events() if event["event"] == "resume")
    assert f"passed over: {newest.name}/weights.safetensors" in note
    trained(tmp_path / "whole", graph)
    assert history(run) == history(Run(tmp_path / "whole"))


@pytest.mark.parametrize(("number", "exit"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signals_once_and_twice_leave_one_checkpoint(tmp_path: Path, number: int, exit: int) -> None:
    before = signal.getsignal(number)
    outcome = trained(tmp_path / "run", with_text(tmp_path), on_event=Interrupt(4, number, times=2))
    assert (outcome.state, outcome.exit) == ("interrupted", exit)
    run = Run(tmp_path / "run")
    assert run.steps() == [4]
    status = run.status()
    assert (status.state, status.exit, status.update) == ("interrupted", exit, 4)
    assert signal.getsignal(number) == before


def test_the_callers_random_numbers_are_left_alone(tmp_path: Path) -> None:
    torch.manual_seed(99)
    before = torch.get_rng_state()
    trained(tmp_path / "run", set_training(with_text(tmp_path), updates=3))
    assert torch.equal(before, torch.get_rng_state())


def test_the_same_seed_trains_the_same_weights(tmp_path: Path) -> None:
    graph = set_training(with_text(tmp_path), updates=4)
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        trained(tmp_path / name, set_training(graph, seed=seed))
    a, b, c = (weights_of(Run(tmp_path / name), 4) for name in "abc")
    assert a == b != c


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_bad_loss_stops_the_run_at_its_step(tmp_path: Path, value: float) -> None:
    class Bad(TinyModel):
        calls = 0

        def run(self, text: Any, lengths: None = None, state: Any = None) -> Any:
            outputs, state = super().run(text, lengths, state)
            self.calls += self.training
            return {"next": outputs["next"] * (value if self.calls == 9 else 1)}, state

    graph = set_training(with_text(tmp_path), validate_every=1000)
    with pytest.raises(TrainingError, match=r"update 9: the loss is (nan|inf)[\s\S]*step-00000006 stays"):
        train(graph, tmp_path / "run", build=lambda g, characters: Bad(g, characters))
    run = Run(tmp_path / "run")
    assert (run.status().state, run.status().exit, run.status().update) == ("failed", 1, 8)
    assert "update 9" in run.status().message
    assert run.newest()[0] == 6  # type: ignore[index]


def test_exploding_gradients_stop_the_run(tmp_path: Path) -> None:
    class Exploding(TinyModel):
        def run(self, text: Any, lengths: None = None, state: Any = None) -> Any:
            outputs, state = super().run(text, lengths, state)
            outputs["next"].register_hook(lambda gradient: gradient * math.inf)
            return outputs, state

    with pytest.raises(TrainingError, match="update 1: the norm of the gradients is"):
        train(with_text(tmp_path), tmp_path / "run", build=lambda g, characters: Exploding(g, characters))


def test_a_full_disk_fails_the_run_and_keeps_the_old_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = run_writer.commit_directory

    def full(path: Path, *more: Any) -> None:
        if path.name != "step-00000006":
            raise OSError(28, "No space left on device")
        real(path, *more)

    with monkeypatch.context() as patch:
        patch.setattr(run_writer, "commit_directory", full)
        with pytest.raises(TrainingError, match=r"No space left[\s\S]*update 6 is whole[\s\S]*--resume"):
            trained(tmp_path / "run", with_text(tmp_path))
    run = Run(tmp_path / "run")
    assert (run.status().state, run.steps()) == ("failed", [6])
    assert "No space" in run.status().message
    trained(tmp_path / "run", with_text(tmp_path), resume=True)
    trained(tmp_path / "whole", with_text(tmp_path))
    assert history(run) == history(Run(tmp_path / "whole"))


def test_the_best_weights_are_kept_and_tested(tmp_path: Path) -> None:
    # Trained on one text and validated on another, a model gets worse there in the end.
    text = RHYME * 48 + "the lazy fox was quick and brown as the dog " * 12
    graph = set_training(with_text(tmp_path, text), updates=120, validate_every=5, keep=1, rate=0.02)
    outcome = trained(tmp_path / "run", graph)
    run = Run(tmp_path / "run")
    validated = {e["update"]: e["bits"] for e in run.events() if e["event"] == "validation"}
    best = min(validated, key=lambda update: validated[update])
    assert best < 120
    assert sorted(run.steps()) == [best, 120]
    tested = next(event for event in run.events() if event["event"] == "test")
    assert (tested["weights"], outcome.best) == (best, validated[best])
    files = run.read(best)
    model = TinyModel(graph, run.facts()["sizes"]["characters"])
    load_weights(files, model)
    data = load_data(graph)
    assert (
        evaluate(model, task_of(graph, data), streams_of(data, Settings(batch=4)).part(2), True)["bits"]
        == tested["bits"]
    )


def test_parts_may_be_left_out(tmp_path: Path) -> None:
    graph = with_text(tmp_path, data={"text": {"file": "input.txt", "split": [1.0, 0, 0]}})
    outcome = trained(tmp_path / "run", set_training(graph, updates=3))
    assert (outcome.best, outcome.test) == (None, {})
    assert Run(tmp_path / "run").steps() == [3]


def test_the_folder_says_what_was_trained(tmp_path: Path) -> None:
    graph = set_training(with_text(tmp_path), updates=2)
    trained(tmp_path / "run", graph, overrides=["training.updates=2"])
    run = Run(tmp_path / "run")
    facts = run.facts()
    assert facts["overrides"] == ["training.updates=2"]
    assert facts["training"] == {**Settings().to_json(), **SETTINGS, "updates": 2}
    assert facts["data"]["train"] == round(0.8 * len(RHYME) * 60)
    assert facts["weights"] == sum(w.numel() for w in TinyModel(graph, facts["sizes"]["characters"]).parameters())
    assert run.spec.read_text() == graph.text
    assert trained_encoders(run)["text"] == Vocabulary("".join(sorted(set(RHYME))))
    again = trained_graph(run, lambda text, file: replace(language_model(), source=Source(text)))
    assert again.training["updates"] == 2
    assert again.file == graph.file
    assert not list(run.folder.rglob("*.pt")) + list(run.folder.rglob("*.pkl"))


def test_block_files_are_kept_with_the_spec(tmp_path: Path) -> None:
    (tmp_path / "cells").mkdir()
    (tmp_path / "cells" / "mine.yaml").write_text("nodes: {}\n")
    spec = "spec: 1\nblocks: {mine: cells/mine.yaml, own: {nodes: {}}}\n"
    graph = as_if(set_training(with_text(tmp_path), updates=1), spec)
    trained(tmp_path / "run", graph)
    assert (tmp_path / "run" / "cells" / "mine.yaml").read_text() == "nodes: {}\n"
    seen: list[str] = []
    trained_graph(Run(tmp_path / "run"), lambda text, file: seen.append(file) or language_model())  # type: ignore[func-returns-value]
    assert Path(seen[0]) == tmp_path / "run" / "spec.yaml"
    for name, message in (("run.json", "own file"), ("../x.yaml", "leaves"), ("none.yaml", "no file")):
        with pytest.raises(SpecError, match=message):
            trained(tmp_path / "other", as_if(graph, f"spec: 1\nblocks: {{mine: {name}}}\n"))
        assert not (tmp_path / "other").exists()


def test_a_finished_run_goes_on_only_with_more_updates(tmp_path: Path) -> None:
    graph = with_text(tmp_path)
    trained(tmp_path / "run", graph)
    with pytest.raises(SpecError, match="is finished at update 24"):
        trained(tmp_path / "run", graph, resume=True)
    with pytest.raises(SpecError, match="holds a run already"):
        trained(tmp_path / "run", graph)
    longer, more = set_training(graph, updates=30), ["training.updates=30"]
    assert trained(tmp_path / "run", longer, resume=True, overrides=more, on_event=Interrupt(26)).update == 26
    again = trained_graph(Run(tmp_path / "run"), lambda text, file: as_if(graph, text))
    assert again.training["updates"] == 30
    assert trained(tmp_path / "run", again, resume=True).update == 30
    trained(tmp_path / "whole", set_training(graph, updates=30))
    assert weights_of(Run(tmp_path / "run"), 30) == weights_of(Run(tmp_path / "whole"), 30)


def test_a_run_does_not_go_on_as_another(tmp_path: Path) -> None:
    graph = with_text(tmp_path)
    trained(tmp_path / "run", graph, on_event=Interrupt(4))
    for changed, message in (
        (set_training(graph, batch=5), "training.batch was 4 and is 5"),
        (as_if(graph, "spec: 1 "), "the spec is not the one"),
    ):
        with pytest.raises(SpecError, match=message):
            trained(tmp_path / "run", changed, resume=True)
    with pytest.raises(SpecError, match=r"input\.txt of text is not what .* trains on"):
        trained(tmp_path / "run", with_text(tmp_path, "other " * 100), resume=True)
    with pytest.raises(SpecError, match="not the folder of a run"):
        trained(tmp_path / "none", with_text(tmp_path), resume=True)
    assert not (tmp_path / "none").exists()


def test_a_run_remembers_the_text_that_was_given_to_it(tmp_path: Path) -> None:
    (tmp_path / "far.txt").write_text(RHYME * 50)
    graph = replace(language_model(str(tmp_path / "spec.yaml")), data=None)
    first = trained(tmp_path / "run", graph, sources={"text": str(tmp_path / "far.txt")}, on_event=Interrupt(4))
    assert first.state == "interrupted"
    assert trained(tmp_path / "run", graph, resume=True).state == "finished"


def test_bad_input_leaves_no_folder(tmp_path: Path) -> None:
    graph = with_text(tmp_path, "far too short " * 2)
    with pytest.raises(SpecError, match="fewer than batch"):
        trained(tmp_path / "run", graph)
    with pytest.raises(SpecError, match="unknown setting"):
        trained(tmp_path / "run", set_training(graph, batsh=1))

    class Frozen(TinyModel):
        def __init__(self, graph: Graph, characters: int) -> None:
            super().__init__(graph, characters)
            self.requires_grad_(False)

    with pytest.raises(SpecError, match="no weights to train"):
        train(with_text(tmp_path), tmp_path / "run", build=Frozen)
    assert not (tmp_path / "run").exists()


def test_a_text_too_short_says_which_batch_would_fit(tmp_path: Path) -> None:
    data = load_data(with_text(tmp_path, "ab" * 50))
    with pytest.raises(SpecError, match=r"80 characters[\s\S]*such as 8"):
        streams_of(data, Settings(batch=9, steps=10))
    assert streams_of(data, Settings(batch=8, steps=10)).epoch(0)[0].inputs["text"].shape == (8, 10)


def test_nothing_is_pickled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*arguments: Any, **more: Any) -> None:
        raise AssertionError("pickled")

    for module, name in ((torch, "save"), (torch, "load"), (pickle, "dump"), (pickle, "dumps"), (pickle, "loads")):
        monkeypatch.setattr(module, name, forbidden)
    graph = with_text(tmp_path)
    trained(tmp_path / "run", graph, on_event=Interrupt(4))
    assert trained(tmp_path / "run", graph, resume=True).state == "finished"
    assert json.loads((tmp_path / "run" / "status.json").read_text())["state"] == "finished"
