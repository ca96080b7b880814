"""Generation: what may be drawn, and text that a model writes step by step."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from leporello.graphs.graph import Graph
from leporello.graphs.nodes import freeze
from leporello.graphs.problems import Problem, SpecError
from leporello.training.data.vocabulary import BEGIN, END, UNKNOWN, Vocabulary
from leporello.training.generating.characters import distribution, generate
from leporello.training.runs.run import Run, TrainingError
from leporello.training.train import train
from leporello.training.using.trained import load_trained
from tests.support.models.language_model import RHYME, TinyModel, as_if, language_model, with_text

numbers = st.lists(st.floats(-30, 30), min_size=4, max_size=12)


def build(graph: Graph, **sizes: int) -> nn.Module:
    return TinyModel(graph, sizes["characters"])


@given(numbers, st.floats(0.1, 5), st.integers(0, 12), st.floats(0.01, 1))
def test_a_distribution_keeps_the_order_and_sums_to_one(
    logits: list[float], temperature: float, top_k: int, top_p: float
) -> None:
    found = distribution(torch.tensor(logits, dtype=torch.float64), temperature, top_k, top_p)
    assert float(found.sum()) == pytest.approx(1)
    assert found[BEGIN] == found[UNKNOWN] == 0
    allowed = [n for n in range(len(logits)) if n not in (BEGIN, UNKNOWN)]
    for a, b in itertools.permutations(allowed, 2):
        if logits[a] > logits[b] + 1e-6:
            assert found[a] >= found[b]


@given(numbers, st.integers(1, 12))
def test_top_k_keeps_k(logits: list[float], k: int) -> None:
    found = distribution(torch.tensor(logits) * 0.1, top_k=k)
    assert int((found > 0).sum()) == min(k, len(logits) - 2)


def test_top_k_keeps_k_of_equals() -> None:
    assert distribution(torch.zeros(8), top_k=2).tolist() == [0, 0.5, 0, 0.5, 0, 0, 0, 0]


@given(numbers, st.floats(0.01, 0.999))
def test_top_p_keeps_the_smallest_set_that_is_likely_enough(logits: list[float], p: float) -> None:
    whole = distribution(torch.tensor(logits))
    kept = distribution(torch.tensor(logits), top_p=p) > 0
    assert float(whole[kept].sum()) >= p - 1e-12
    least = float(whole[kept].min())
    assert float(whole[kept].sum()) - least < p + 1e-12
    assert not bool((whole[~kept] > least).any())


def test_a_temperature_of_zero_takes_the_likeliest() -> None:
    logits = torch.tensor([[9.0, 0, 9, 1, 3, 3], [9.0, 0, 9, 1, 2, 3]])
    assert distribution(logits, 0).argmax(-1).tolist() == [4, 5]
    assert distribution(logits, 0).sum(-1).tolist() == [1, 1]
    hot, cold = distribution(logits[1], 100.0), distribution(logits[1], 0.01)
    assert float(hot.max()) < 0.26
    assert float(cold.max()) > 0.99


def test_probabilities_are_those_of_the_softmax() -> None:
    logits = torch.tensor([5.0, 0.0, 5.0, math.log(2), math.log(5)])
    assert distribution(logits).tolist() == pytest.approx([0, 1 / 8, 0, 2 / 8, 5 / 8])
    assert distribution(logits, 0.5).tolist() == pytest.approx([0, 1 / 30, 0, 4 / 30, 25 / 30])
    assert distribution(logits, top_p=0.6).tolist() == pytest.approx([0, 0, 0, 0, 1])
    assert distribution(logits, top_p=0.7).tolist() == pytest.approx([0, 0, 0, 2 / 7, 5 / 7])


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"temperature": -1}, "temperature"),
        ({"temperature": math.nan}, "temperature"),
        ({"temperature": math.inf}, "temperature"),
        ({"top_k": -1}, "top-k"),
        ({"top_k": True}, "top-k"),
        ({"top_p": 0}, "top-p"),
        ({"top_p": 1.1}, "top-p"),
        ({"length": -1}, "length"),
    ],
)
def test_settings_out_of_range_are_refused(setting: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        generate(TinyModel(language_model(), 6), Vocabulary("abc"), **setting)


class Parrot(nn.Module):
    """Says what `wanted` gives for the number of tokens read, with certainty; keeps what it was given."""

    def __init__(self, graph: Graph, wanted: list[int], size: int) -> None:
        super().__init__()
        self.graph, self.wanted, self.size = graph, wanted, size
        self.given: list[int] = []

    def start(self, batch: int) -> dict[str, Tensor]:
        return {"read": torch.zeros(batch, dtype=torch.int64)}

    def step(self, inputs: dict[str, Tensor], state: dict[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        self.given += inputs["previous"].tolist()
        logits = torch.zeros(1, self.size)
        logits[0, self.wanted[int(state["read"]) % len(self.wanted)]] = 99.0
        return {"next": logits}, {"read": state["read"] + 1}


def test_the_prompt_is_read_and_each_character_fed_back() -> None:
    parrot = Parrot(language_model(), [3, 3, 5, 4, 3], 6)
    assert "".join(generate(parrot, Vocabulary("abc"), "ab", 3, seed=1)) == "cba"
    assert parrot.given == [BEGIN, 3, 4, 5, 4, 3]


def test_the_text_stops_at_its_end_or_at_its_length() -> None:
    vocabulary = Vocabulary("abc")
    assert "".join(generate(Parrot(language_model(), [3, 4, END, 5], 6), vocabulary, length=9, seed=1)) == "ab"
    endless = "".join(generate(Parrot(language_model(), [3, 4, END, 5], 6), vocabulary, length=8, stop_at_end=False))
    assert len(endless) == 8
    assert list(generate(Parrot(language_model(), [3], 6), vocabulary, length=0)) == []


@pytest.mark.parametrize("token", [BEGIN, UNKNOWN])
def test_begin_and_unknown_are_never_written(token: int) -> None:
    written = "".join(generate(Parrot(language_model(), [token], 6), Vocabulary("abc"), length=40, stop_at_end=False))
    assert len(written) == 40
    assert set(written) <= set("abc")


def test_unknown_characters_of_the_prompt_are_said() -> None:
    heard: list[Problem] = []
    parrot = Parrot(language_model(), [3], 6)
    assert "".join(generate(parrot, Vocabulary("abc"), "aé\x1bé", 1, warn=heard.append)) == "a"
    assert parrot.given[:5] == [BEGIN, 3, UNKNOWN, UNKNOWN, UNKNOWN]
    assert str(heard[0]).startswith("warning: the model has never seen 'é' '\\x1b'")


def test_a_seed_writes_the_same_text_and_leaves_the_caller_alone() -> None:
    torch.manual_seed(5)
    model, vocabulary = TinyModel(language_model(), 30), Vocabulary("".join(chr(97 + n) for n in range(27)))
    before = torch.get_rng_state()
    first, again, other = ("".join(generate(model, vocabulary, length=60, seed=seed)) for seed in (1, 1, 2))
    assert first == again != other
    assert torch.equal(before, torch.get_rng_state())
    stream = generate(model, vocabulary, length=60, seed=1)
    assert next(stream) == first[0]
    assert torch.is_grad_enabled()


def test_models_that_cannot_write_are_refused() -> None:
    graph = language_model()
    no_feedback = graph.with_nodes([node for node in graph.nodes if node.block != "feedback"])
    with pytest.raises(SpecError, match="feedback"):
        generate(TinyModel(no_feedback, 6), Vocabulary("abc"))
    silent = replace(graph, outputs=())
    with pytest.raises(SpecError, match="output that predicts"):
        generate(TinyModel(silent, 6), Vocabulary("abc"))
    model = TinyModel(graph, 6)
    with torch.no_grad():
        model.out.bias[4] = math.nan
    with pytest.raises(TrainingError, match="not finite"):
        generate(model, Vocabulary("abc"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("trained")
    graph = with_text(folder)
    training = freeze({**graph.training, "updates": 200, "steps": 15, "validate_every": 50, "keep": 1})
    return Run(train(replace(graph, training=training), folder / "run", build=build).folder)


def read(text: str, file: str) -> Graph:
    return as_if(language_model(file), text)


def test_a_trained_model_writes_what_it_was_trained_on(run: Run) -> None:
    trained = load_trained(run, read, build=build)
    model, vocabulary, update = trained.module, trained.vocabulary, trained.update
    assert update in run.steps()
    written = "".join(generate(model, vocabulary, "the quick brown fox ", 90, temperature=0, seed=1))
    assert len(written) == 90
    assert set(written.split()[:-1]) <= set(RHYME.split())
    assert not model.training


def test_the_checkpoint_may_be_chosen(run: Run) -> None:
    assert load_trained(run, read, 200, build).update == 200
    with pytest.raises(SpecError, match="no whole checkpoint at update 199"):
        load_trained(run, read, 199, build)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="not the folder of a run"):
        load_trained(Run(tmp_path), read, build=build)
    with pytest.raises(SpecError, match="not the folder of a run"):
        load_trained(Run(tmp_path / "missing"), read, build=build)
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(SpecError, match="has no checkpoint yet"):
        load_trained(Run(tmp_path), read, build=build)
