"""Chance: dropout only in training, one mask where said, samples as their softmax says, free running as asked."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from leporello.builder.compiling import compile
from leporello.builder.interpret import interpret
from leporello.graphs.problems import SpecError
from tests.support.comparing import assert_same, differences
from tests.support.numerics import cut, outcome, randoms, spread, stepwise, tokens


def text_of(nodes: str, outputs: str, inputs: str = "x: {features: 4}") -> str:
    """A small spec."""
    lines = "".join(f"  {line}\n" for line in nodes.splitlines())
    return f"spec: 1\ninputs: {{{inputs}}}\nnodes:\n{lines}outputs: {{{outputs}}}\n"


OUTSIDE = text_of("d: {block: dropout, input: x, rate: 0.3}", "y: d")
INSIDE = text_of("s: s(t-1) / 2 + x\nd: {block: dropout, input: s, rate: 0.3}\nr: d - r(t-1) / 2", "y: d, r: r")
LOOPED = text_of("q: x + d(t-1) * 0\nd: {block: dropout, input: q, rate: 0.3}", "y: d")


@pytest.mark.parametrize("text", [OUTSIDE, INSIDE, LOOPED])
def test_dropout_is_the_identity_in_evaluation(text: str) -> None:
    module = compile(text).double().eval()
    plain = compile(text.replace("rate: 0.3", "rate: 0.0")).double().train()
    x = randoms(1, 3, 5, 4)
    truth = outcome(interpret(module.checked, {"x": x}, {}), {"x": x})
    assert_same(outcome(module(x), {"x": x}), truth)
    assert_same(outcome(plain(x), {"x": x}), truth)
    if text != INSIDE:
        assert not differences(module(x), {"y": x.detach()})


@pytest.mark.parametrize("text", [OUTSIDE, LOOPED])
def test_dropout_keeps_the_mean_and_drops_at_its_rate(text: str) -> None:
    torch.manual_seed(0)
    module = compile(text).train()
    y = module(torch.ones(50, 20, 4))["y"]
    assert y.unique().tolist() == pytest.approx([0.0, 1 / 0.7])
    assert (y == 0).float().mean().item() == pytest.approx(0.3, abs=0.03)
    assert y.mean().item() == pytest.approx(1.0, abs=0.05)
    again = module(torch.ones(50, 20, 4))["y"]
    assert not torch.equal(y, again)


SAME = {
    "outside a loop": text_of("d: {block: dropout, input: x, rate: 0.5, same: true}", "y: d"),
    "in a loop": text_of("q: x + d(t-1) * 0\nd: {block: dropout, input: q, rate: 0.5, same: true}", "y: d"),
    "backward loop": text_of("q: x + d(t+1) * 0\nd: {block: dropout, input: q, rate: 0.5, same: true}", "y: d"),
}


@pytest.mark.parametrize("name", SAME)
def test_one_mask_for_all_steps(name: str) -> None:
    torch.manual_seed(1)
    module = compile(SAME[name]).train()
    y = module(torch.ones(40, 6, 4))["y"]
    assert set(y.unique().tolist()) == {0.0, 2.0}
    assert torch.equal(y, y[:, :1].expand_as(y))
    assert (y[:, 0] == 0).float().mean().item() == pytest.approx(0.5, abs=0.12)
    assert not torch.equal(y[:-1, 0], y[1:, 0])
    ragged = module(torch.ones(3, 4, 4), lengths={"time": torch.tensor([4, 1, 2])})["y"]
    assert torch.equal(ragged, cut(ragged[:, :1].expand_as(ragged), [4, 1, 2]))
    assert torch.equal(module.eval()(torch.ones(1, 3, 4))["y"], torch.ones(1, 3, 4))


@pytest.mark.parametrize("name", ["outside a loop", "in a loop"])
def test_masks_of_steps_differ_unless_said(name: str) -> None:
    torch.manual_seed(2)
    y = compile(SAME[name].replace(", same: true", "")).train()(torch.ones(10, 6, 4))["y"]
    assert not torch.equal(y, y[:, :1].expand_as(y))


def test_layers_drop_between_each_other_only() -> None:
    text = (
        "{spec: 1, inputs: {x: {features: 3}},"
        " nodes: {h: {block: gru, input: x, units: 4, layers: %d, dropout: 1.0}},"
        " outputs: {y: h}}"
    )
    x = randoms(1, 2, 4, 3)
    single = spread(compile(text % 1).double()).train()
    assert not differences(single(x), single.to_torch("h")(x)[0:1] and {"y": single.to_torch("h")(x)[0]})
    double = spread(compile(text % 2).double()).train()
    layer = double.to_torch("h")
    upper = nn.GRU(4, 4, batch_first=True).double()
    upper.load_state_dict({key.replace("l1", "l0"): value for key, value in layer.state_dict().items() if "l1" in key})
    assert not differences(double(x), {"y": upper(torch.zeros(2, 4, 4, dtype=torch.float64))[0]})
    assert not differences(double.eval()(x), {"y": layer(x)[0]})


SAMPLE = text_of("c: {block: sample, input: l}\nl: {block: linear, input: x, units: 3}", "y: c, l: l")


def test_samples_follow_their_softmax() -> None:
    torch.manual_seed(3)
    for said, temperature in (("", 1.0), (", temperature: 0.5", 0.5), (", temperature: 3", 3.0)):
        module = spread(compile(SAMPLE.replace("input: l}", f"input: l{said}}}", 1)))
        found = module(torch.ones(1, 1, 4).expand(4000, 5, 4))
        shares = torch.softmax(found["l"][0, 0] / temperature, -1)
        counts = torch.bincount(found["y"].flatten(), minlength=3) / 20000
        assert (counts - shares).abs().max() < 0.02
        assert found["y"].dtype == torch.long


def test_impossible_tokens_are_never_drawn() -> None:
    torch.manual_seed(4)
    module = compile(text_of("c: {block: sample, input: x}", "y: c"))
    logits = torch.tensor([0.0, -torch.inf, 1.0, -torch.inf]).expand(500, 4, 4)
    assert set(module(logits)["y"].unique().tolist()) == {0, 2}


FED = text_of(
    "p: {block: feedback, truth: x(t-1), own: c(t-1)}\ne: {block: embedding, input: p, units: 3}\n"
    "h: {block: gru, input: e, units: 4}\nl: {block: linear, input: h, units: 5}\nc: {block: sample, input: l}",
    "y: {from: l, predicts: x}, c: c",
    "x: {tokens: 5}",
)


def test_given_samples_take_the_place_of_draws() -> None:
    module = spread(compile(FED, feedback="free").double())
    weights = dict(module.named_parameters())
    given = tokens(1, 5, 3, 4)
    lengths = {"time": torch.tensor([4, 1, 3])}
    found = module(lengths=lengths, samples={"c": given})
    truth = interpret(module.checked, {}, weights, lengths, feedback="free", samples={"c": given})  # type: ignore[arg-type]
    assert_same(outcome(found, weights), outcome(truth, weights))
    assert torch.equal(found["c"], cut(given, [4, 1, 3]))
    teacher = compile(FED).double()
    teacher.load_state_dict(module.state_dict())
    assert not differences(
        {"y": teacher(given, samples={"c": given})["y"]},
        {"y": module(lengths={"time": torch.tensor([4, 4, 4])}, samples={"c": given})["y"]},
    )
    state, rows = teacher.start(batch=3), []  # type: ignore[operator]
    shifted = torch.cat([torch.zeros(3, 1, dtype=torch.long), given[:, :-1]], 1)
    for step in range(4):
        outputs, state = teacher.step({"p": shifted[:, step], "c": given[:, step]}, state)  # type: ignore[operator]
        assert torch.equal(outputs["c"], given[:, step])
        rows.append(outputs["y"])
    assert not differences({"y": torch.stack(rows, 1)}, {"y": teacher(given)["y"]})


def test_free_running_for_a_number_and_for_each_sequence() -> None:
    torch.manual_seed(5)
    module = spread(compile(FED, feedback="free"))
    assert module(lengths={"time": 7})["y"].shape == (1, 7, 5)
    found = module(lengths={"time": torch.tensor([2, 6, 1])})
    assert found["y"].shape == (3, 6, 5) and found["c"].shape == (3, 6)
    assert found["y"][0, 2:].eq(0).all() and found["y"][2, 1:].eq(0).all() and found["c"][0, 2:].eq(0).all()
    for wrong in (
        None,
        {},
        {"time": 0},
        {"time": torch.tensor([1, 0])},
        {"time": 1.5},
        {"times": 3},
        {"time": True and "x"},
    ):
        with pytest.raises((ValueError, TypeError), match="time"):
            module(lengths=wrong)


def test_argmax_free_running_is_deterministic_and_the_interpreter() -> None:
    text = FED.replace("block: sample", "block: argmax")
    module = spread(compile(text, feedback="free").double(), 3.0, 17)
    weights = dict(module.named_parameters())
    lengths = {"time": torch.tensor([6, 2])}
    found, truth = module(lengths=lengths), interpret(module.checked, {}, weights, lengths, feedback="free")  # type: ignore[arg-type]
    assert_same(outcome(found, weights), outcome(truth, weights))
    assert torch.equal(found["c"], truth["c"])
    assert found["c"][0].unique().numel() == 3


def test_features_fed_back() -> None:
    text = text_of(
        "p: {block: feedback, truth: x(t-1), own: o(t-1)}\nh: {block: lstm, input: [p, v], units: 3}\n"
        "o: {block: linear, input: h, units: 2, initial: v}",
        "y: {from: o, predicts: x}",
        "x: {features: 2}, v: {features: 2, axis: none}",
    )
    x, v = randoms(1, 3, 5, 2), randoms(2, 3, 2)
    for mode, inputs, lengths in (
        ("teacher", {"x": x, "v": v}, {"time": torch.tensor([5, 2, 3])}),
        ("free", {"v": v}, {"time": torch.tensor([5, 2, 3])}),
    ):
        module = spread(compile(text, feedback=mode).double())  # type: ignore[arg-type]
        leaves = {**inputs, **dict(module.named_parameters())}
        truth = interpret(module.checked, inputs, dict(module.named_parameters()), lengths, feedback=mode)  # type: ignore[arg-type]
        assert_same(outcome(module(**inputs, lengths=lengths), leaves), outcome(truth, leaves))
    free = module
    first: Tensor = free(v=v, lengths={"time": 1})["y"]
    state = free.start(v=v)  # type: ignore[operator]
    stepped, _ = stepwise(free, {"p": v.unsqueeze(1)}, state)
    assert not differences({"y": first}, stepped)


def test_samples_of_another_node_or_shape_are_refused() -> None:
    module = compile(FED, feedback="free")
    for wrong, told in (({"h": tokens(1, 5, 2, 3)}, "c.*h|h.*c"), ({}, "c")):
        with pytest.raises(ValueError, match=told):
            module(lengths={"time": 3}, samples=wrong)
    with pytest.raises((ValueError, RuntimeError)):
        module(lengths={"time": 3}, samples={"c": tokens(1, 5, 1, 2)})
    with pytest.raises(TypeError, match="samples"):
        compile(text_of("y: x", "y: y"))(torch.zeros(1, 1, 4), samples={})


@pytest.mark.parametrize("said", ["rate: 1.5", "rate: -0.1", "rate: half", "same: 2"])
def test_dropouts_that_make_no_sense_are_refused(said: str) -> None:
    with pytest.raises(SpecError, match=said.split(":")[0]):
        compile(text_of(f"d: {{block: dropout, input: x, {said}}}", "y: d"))
    with pytest.raises(SpecError, match="temperature"):
        compile(SAMPLE.replace("input: l}", "input: l, temperature: 0}", 1))
