"""Weighing: a weighted sum over the steps that are carried is a product of matrices."""

from __future__ import annotations

import pytest
import torch

from leporello.builder.compiling import compile
from leporello.builder.lowering.generate import source
from leporello.builder.plan.passes.weigh import weigh
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.problems import SpecError
from tests.support.comparing import assert_same, by_interpreter, by_module, checked_spec, make_case
from tests.support.rewriting import assert_kept, blocks, model_of, spec

INPUTS = "x: {features: 3}, m: {features: 4, axis: source}"
SCORE = "q: {block: linear, input: x, units: 4}\ns: {block: linear, input: tanh(q + m(all)), units: 1}\n"
FED = "q: {block: linear, input: [x, h(t-1)], units: 4}\ns: {block: linear, input: tanh(q + m(all)), units: 1}\n"

TAKEN = {
    "all steps at once": SCORE + "w: {block: softmax, input: s}\nh: sum(w * m(all))",
    "in a loop": FED + "w: {block: softmax, input: s}\nh: sum(w * m(all))",
    "factors commuted": FED + "h: sum(m(all) * s)",
    "any weights": SCORE + "h: sum(exp(s) * m(all))",
    "with a name": FED + "p: s * m(all)\nh: sum(p)",
    "values of one feature": SCORE + "v: {block: linear, input: m, units: 1}\nh: sum(s * v(all))",
    "values that are worked out": FED + "v: {block: linear, input: m, units: 4}\nh: sum(s * v(all))",
    "values of the step": FED + "h: sum(s * (m(all) + q))",
    "once for a sequence": "s: {block: linear, input: m, units: 1}\nc: sum(s(all) * m(all))\n"
    "h: {block: linear, input: [x, c], units: 4}",
    "backward": FED.replace("t-1", "t+1") + "h: sum(s * m(all))",
}

LEFT = {
    "no weights": (FED + "h: sum(m(all) + 0 * s)", "y: h"),
    "weights for every feature": (FED + "e: {block: linear, input: s, units: 4}\nh: sum(e * m(all))", "y: h"),
    "a weight of the step": (FED + "u: {block: linear, input: x, units: 1}\nh: sum(u * m(all)) + 0 * q", "y: h"),
    "read twice": (FED + "p: s * m(all)\nh: sum(p) + max(p)", "y: h"),
    "an output": (FED + "p: s * m(all)\nh: sum(p)", "y: h, p: p"),
    "a mean": (FED + "h: mean(s * m(all))", "y: h"),
}


def attention(nodes: str, outputs: str = "y: h") -> Checked:
    """A model with two axes."""
    return model_of(nodes, outputs, INPUTS)


@pytest.mark.parametrize("name", TAKEN)
def test_a_weighted_sum_is_one_operation(name: str) -> None:
    text = TAKEN[name]
    model = attention(text)
    after = weigh(model)
    assert_kept(model, after)
    assert blocks(after)["weigh"] == 1
    assert blocks(after)["multiply"] == blocks(model)["multiply"] - 1
    case = make_case(checked_spec(spec(text, inputs=INPUTS)), {"time": (4, 1, 3), "source": (2, 5, 1)}, 5)
    assert_same(by_module(case), by_interpreter(case))


@pytest.mark.parametrize("name", LEFT)
def test_what_stays_as_it_is(name: str) -> None:
    model = attention(*LEFT[name])
    assert weigh(model) is model


@pytest.mark.parametrize("path", ["p", "h"])
def test_nodes_that_are_kept_are_spared(path: str) -> None:
    model = attention(TAKEN["with a name"])
    assert weigh(model, frozenset({path})) is model


def test_memory_is_not_copied_for_every_step() -> None:
    at_once = source(checked_spec(spec(TAKEN["all steps at once"], inputs=INPUTS)))
    assert "h = torch.bmm(keep(w, source_mask, 0, 2).squeeze(-1), m_valid)" in at_once
    scanned = source(checked_spec(spec(TAKEN["in a loop"], inputs=INPUTS)))
    assert "h_product = Later(m_valid.transpose(1, 2))" in scanned
    assert "h_t = h_product(keep(w_t, source_mask, 0, 1).transpose(1, 2)).squeeze(1)" in scanned
    assert "# [batch, 4]; h: sum(w * m(all))" in scanned


def test_no_spec_can_ask_for_it_by_name() -> None:
    with pytest.raises(SpecError, match="weigh"):
        checked_spec(spec("h: {block: weigh, weight: x, input: x}"))


@pytest.mark.parametrize("fed", ["x", "[x, h(t-1)]"])
def test_what_overflows_in_the_padding_stays_out(fed: str) -> None:
    text = f"q: {{block: linear, input: {fed}, units: 4}}\ns: {{block: linear, input: q + m(all), units: 1}}\n"
    text += "w: {block: softmax, input: s}\nv: square(1e200 * (1 - m))\nh: sum(w * v(all))"
    module = compile(spec(text, inputs=INPUTS)).double()
    inputs = {"x": torch.ones(2, 3, 3).double(), "m": torch.ones(2, 3, 4).double()}
    lengths = {"time": torch.tensor([3, 2]), "source": torch.tensor([3, 2])}
    assert torch.isfinite(module(**inputs, lengths=lengths)["y"]).all()
