"""Ensembles: models that decide together, with the weights of those they were made of, and what cannot be stepped."""

from __future__ import annotations

import math

import pytest
import torch

from leporello.builder.compiling import compile
from leporello.graphs.problems import SpecError
from leporello.training.generating.beams import beam_search
from leporello.training.generating.drawing import greedy
from leporello.training.generating.ensembles import Ensemble, attentions
from leporello.training.generating.hypotheses import Limits
from leporello.training.runs.run import TrainingError
from tests.support.models.translators import END, FEATURES, LOOK, alone, drawn, luong, ragged, taught
from tests.truth.test_chance import text_of

LIMITS = Limits(END, maximum=5)
FED = "p: {block: feedback, truth: x(t-1), own: c(t-1)}\n"
READ = "e: {block: embedding, input: p, units: 4}\nl: {block: linear, input: e, units: 4}\nc: {block: argmax, input: l}"
PLAIN = text_of(FED + READ, "y: {from: l, predicts: x}", "x: {tokens: 4}")
WITH_MORE = PLAIN.replace("input: e,", "input: [e, v],").replace("{tokens: 4}", "{tokens: 4}, v: {features: 1}")


def test_several_models_choose_by_the_mean_of_their_probabilities() -> None:
    modules = [luong(1), luong(2), luong(3)]
    sources, lengths = ragged(5)
    found = beam_search(Ensemble(modules, LOOK), sources, LIMITS, lengths, best=3)
    single = beam_search(Ensemble(modules[:1], LOOK), sources, LIMITS, lengths, best=3)
    assert found != single
    for row, hypotheses in enumerate(found):
        one = alone(sources, lengths, row)
        for hypothesis in hypotheses:
            each = [taught(module, one, hypothesis.tokens) for module in modules]
            mean = torch.stack([logs.exp() for logs, _ in each]).mean(0)
            wanted = sum(math.log(float(mean[step, t])) for step, t in enumerate([*hypothesis.tokens, END]))
            assert hypothesis.log_probability == pytest.approx(wanted, abs=1e-9)
            attention = torch.stack([looked for _, looked in each]).mean(0)
            torch.testing.assert_close(hypothesis.attention, attention, rtol=0, atol=1e-9)


def test_a_model_twice_is_the_model() -> None:
    module = luong()
    sources, lengths = ragged(4)
    once, twice = (greedy(Ensemble([module] * count), sources, LIMITS, lengths) for count in (1, 2))
    assert [h.tokens for h in once] == [h.tokens for h in twice]
    assert [h.score for h in once] == pytest.approx([h.score for h in twice], abs=1e-9)
    assert once[0].attention is None


def test_weights_are_used_as_they_are_and_modes_stay() -> None:
    module = luong().train()
    ensemble = Ensemble([module])
    sources, lengths = ragged(4)
    before = greedy(ensemble, sources, LIMITS, lengths)
    with torch.no_grad():
        module.logits.bias[3] += 4
    after = greedy(ensemble, sources, LIMITS, lengths)
    assert before != after and after == greedy(Ensemble([module]), sources, LIMITS, lengths)
    assert module.training and all(parameter.grad is None for parameter in module.parameters())


def test_a_language_model_is_a_decoder_without_a_source() -> None:
    module = drawn(compile(PLAIN), 0, 1.0)
    (found,) = beam_search(Ensemble([module]), {}, Limits(END, maximum=2), beam=9, best=9)
    assert [hypothesis.tokens for hypothesis in found] == [h.tokens for h in sorted(found, key=lambda h: -h.score)]
    assert sorted(hypothesis.tokens for hypothesis in found) == [(), (3,), (3, 3)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (text_of("l: {block: linear, input: x, units: 4}", "y: l"), "one feedback node, and .* has none"),
        (PLAIN.replace("predicts: x", "loss: squared"), "predicts"),
        (PLAIN.replace("truth: x(t-1)", "truth: x(t-2)"), r"p reads x\(t-2\)"),
        (WITH_MORE, "is given v at each step of time"),
        (
            text_of("p: {block: feedback, truth: x(t-1), own: o(t-1)}\no: {block: linear, input: p, units: 2}",
                    "y: {from: o, predicts: x}", "x: {features: 2}"),
            "p feeds back features",
        ),
    ],
)  # fmt: skip
def test_models_that_cannot_generate_are_refused(text: str, told: str) -> None:
    with pytest.raises(SpecError, match=told):
        Ensemble([compile(text)])


@pytest.mark.parametrize(
    ("attention", "told"),
    [
        ("attention.weight", "did you mean attention.weights"),
        ("encoder/1/forward/h", "encoder/1/forward/h has no value for every step"),
        ("decoder", "decoder has no value for every step"),
    ],
)
def test_what_is_no_attention_is_refused(attention: str, told: str) -> None:
    with pytest.raises(SpecError, match=told):
        Ensemble([compile(FEATURES)], attention)


def test_attention_is_found() -> None:
    assert attentions(compile(FEATURES).checked) == ("attention/weights",)  # type: ignore[arg-type]
    assert attentions(compile(PLAIN).checked) == ()  # type: ignore[arg-type]
    module, (sources, lengths) = luong(), ragged(2)
    (name,) = attentions(module.checked)
    by_name, by_path = (greedy(Ensemble([module], a), sources, LIMITS, lengths) for a in (LOOK, name))
    for one, other in zip(by_name, by_path, strict=True):
        assert one == other and torch.equal(one.attention, other.attention)  # type: ignore[arg-type]


def test_models_that_do_not_fit_together_are_refused() -> None:
    other = compile(PLAIN)
    with pytest.raises(SpecError, match="vocabularies of 6, 4 tokens"):
        Ensemble([luong(), other])
    with pytest.raises(SpecError, match="no model"):
        Ensemble([])


def test_logits_that_are_no_numbers_are_told() -> None:
    module = luong()
    with torch.no_grad():
        module.logits.bias[1] = torch.nan
    with pytest.raises(TrainingError, match="not finite"):
        greedy(Ensemble([module]), ragged(2)[0], LIMITS)
