"""One set of weights in several modules: the parameters are the same objects, and other weights are refused."""

from __future__ import annotations

from typing import get_args

import pytest
import torch
from torch import nn

from leporello.builder.compiling import compile
from leporello.graphs.edits.feedback import Mode
from leporello.graphs.problems import SpecError
from tests.support.comparing import by_interpreter, compiled, differences, used_lengths
from tests.support.numerics import randoms
from tests.support.sources import case_of, example, given

SIZES = {"source_words": 6, "target_words": 5}


def luong(**options: object) -> nn.Module:
    return compile(example("luong"), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("feedback", [mode for mode in get_args(Mode) if mode != "step"])
def test_every_mode_runs_with_the_very_weights(feedback: Mode) -> None:
    case = case_of("luong")
    taught = compiled(case)
    other = luong(feedback=feedback, also=["attention.weights"], sharing=taught).double()
    ours, theirs = dict(other.named_parameters()), dict(taught.named_parameters())
    assert list(ours) == list(theirs) and all(ours[name] is theirs[name] for name in theirs)
    found = other(**given(case, other), lengths=used_lengths(case, feedback))
    truth = by_interpreter(case, feedback=feedback, also=["attention.weights"]).outputs
    assert not differences({name: value.detach() for name, value in found.items()}, truth)


def test_what_is_taught_runs_freely_at_once() -> None:
    taught = luong()
    free = luong(feedback="free", sharing=taught)
    source = torch.tensor([[2, 3, 4]])
    before = free(source, lengths={"target": 4})["words"]
    optimizer = torch.optim.SGD(taught.parameters(), lr=0.5)
    taught(source, torch.tensor([[3, 3, 3, 1]]))["words"].square().sum().backward()
    optimizer.step()
    after = free(source, lengths={"target": 4})["words"]
    assert not torch.equal(before, after)
    fresh = luong(feedback="free")
    fresh.load_state_dict(taught.state_dict())
    assert torch.equal(after, fresh(source, lengths={"target": 4})["words"])


def test_types_go_with_the_weights_and_modes_do_not() -> None:
    taught = luong()
    free = luong(feedback="free", sharing=taught).eval()
    taught.double()
    assert all(parameter.dtype == torch.float64 for parameter in free.parameters())
    assert taught.training and not free.training


def test_a_mode_that_reads_no_weight_computes_as_the_owner_does() -> None:
    text = (
        "{spec: 1, inputs: {x: {tokens: 4}}, nodes: {e: {block: embedding, input: x, units: 2},"
        " p: {block: feedback, truth: e(t-1), own: s(t-1)}, s: tanh(p + 1)}, outputs: {y: s}}"
    )
    owner = compile(text).double()
    free = compile(text, feedback="free", sharing=owner)
    assert "_like" in free.source and free.e.weight is owner.e.weight  # type: ignore[operator]
    found = free(lengths={"time": 3})["y"]
    assert found.dtype == torch.float64
    torch.testing.assert_close(found[0, 2, 0], torch.tensor(1.0).double().tanh().add(1).tanh().add(1).tanh())


def test_the_stream_of_random_numbers_stays_as_it_was() -> None:
    taught = luong()
    state = torch.get_rng_state()
    luong(feedback="free", sharing=taught)
    assert torch.equal(state, torch.get_rng_state())


def test_gradients_of_both_meet_in_one_place() -> None:
    taught = compile(
        "{spec: 1, inputs: {x: {features: 2}}, nodes: {h: {block: gru, input: x, units: 3}}, outputs: {y: h}}"
    )
    other = compile(taught.checked, also=["h/1/forward/n"], sharing=taught)  # type: ignore[arg-type]
    x = randoms(1, 2, 3, 2).float()
    taught(x)["y"].sum().backward()
    once = {name: parameter.grad.clone() for name, parameter in taught.named_parameters()}  # type: ignore[union-attr]
    other(x)["y"].sum().backward()
    for name, parameter in taught.named_parameters():
        torch.testing.assert_close(parameter.grad, 2 * once[name])


GRU = "{spec: 1, inputs: {x: {features: 2}}, nodes: {h: {block: gru, input: x, units: %s}}, outputs: {y: h}}"


@pytest.mark.parametrize(
    ("ours", "told"),
    [
        (GRU % 4, r"h\.1\.forward_\.W_r\.weight is \[3, 5\] there, \[4, 6\] here; .* and 3 more"),
        (GRU.replace("gru", "rnn") % 3, r"it has no h\.1\.forward_\.W\.weight"),
        (GRU.replace("h:", "g:").replace("y: h", "y: g") % 3, r"it has no g\.1\..*; it has no"),
        ("{spec: 1, inputs: {x: {features: 2}}, nodes: {h: tanh(x)}, outputs: {y: h}}", "has no place here"),
    ],
)
def test_other_weights_are_refused_and_named(ours: str, told: str) -> None:
    owner = compile(GRU % 3)
    before = dict(owner.named_parameters())
    with pytest.raises(SpecError, match=told):
        compile(ours, sharing=owner)
    assert all(before[name] is parameter for name, parameter in owner.named_parameters())
