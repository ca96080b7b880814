"""Encoder and decoder blocks: in every wiring, with every attention, cell and bridge, as the interpreter has it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from leporello.builder.names import dotted
from leporello.graphs.analysis.matching import renaming
from leporello.graphs.edits.feedback import Mode
from tests.support.comparing import (
    Case,
    arguments,
    assert_same,
    by_interpreter,
    by_module,
    checked_spec,
    compiled,
    differences,
    make_case,
    used_lengths,
    with_padding,
)
from tests.support.models.decoders import BY_HAND, spelled_out, translator
from tests.support.strategies import thinned

LENGTHS = {"source": (5, 2, 4), "target": (3, 1, 4)}
CELL = """blocks:
  leaky:
    inputs: [x]
    parameters: {units: 4}
    nodes:
      W: {block: linear, input: [x, s(t-1)], units: $units}
      s: 0.5 * s(t-1) + 0.5 * tanh(W)
    outputs: [s]
  looking:
    inputs: [query, memory]
    nodes:
      K: {block: linear, input: memory, units: 1}
      weights: {block: softmax, input: K(all) - 0.1 * K(all) * K(all)}
      context: sum(weights * memory(all))
    outputs: [context, weights]
"""
DECODERS = {
    "bahdanau": "memory: encoder",
    "bahdanau two layers, dense": "memory: encoder, layers: 2, residual: 2, initial: encoder.state, bridge: dense",
    "bahdanau gru, copy": "memory: encoder, cell: gru, units: 8, initial: encoder.state, bridge: copy",
    "bahdanau from the end": "memory: encoder, cell: rnn, initial: encoder.final, units: 8",
    "luong normalised": "memory: encoder, wiring: luong, score: normalised, initial: encoder.state, bridge: dense",
    "luong dot": "memory: encoder, wiring: luong, score: dot, units: 8, initial: encoder.state, bridge: copy",
    "luong general, minimal gru": "memory: encoder, wiring: luong, score: general, cell: minimal_gru, initial: learned",
    "luong scaled, tied": "memory: encoder, wiring: luong, score: scaled, tied: true, layers: 2",
    "luong, a cell of one's own": "memory: encoder, wiring: luong, cell: leaky, initial: encoder.state, bridge: dense",
    "luong, attention of one's own": "memory: encoder, wiring: luong, attention: looking",
    "luong coverage": "memory: encoder, wiring: luong, attention: coverage_attention, attention_units: 3",
    "luong several heads": "memory: encoder, wiring: luong, attention: multi_head_attention",
    "bahdanau local": "memory: encoder, attention: local_attention",
    "bahdanau location": "memory: encoder, attention: location_attention, cell: gru",
    "gnmt": "memory: encoder, wiring: gnmt, layers: 3, residual: 3, initial: encoder.state, bridge: dense",
    "gnmt alone": "memory: encoder, wiring: gnmt, cell: gru, tied: true",
    "gnmt_v2": "memory: encoder, wiring: gnmt_v2, layers: 3, residual: 3, score: normalised, dropout: 0.3",
    "gnmt_v2 copy": "memory: encoder, wiring: gnmt_v2, layers: 2, units: 8, initial: encoder.state, bridge: copy",
    "fixed": "summary: encoder.final, wiring: fixed, initial: encoder.state, bridge: dense, cell: gru",
    "fixed lstm": "summary: encoder.final, wiring: fixed, layers: 2, units: 8, initial: encoder.state, bridge: copy",
    "none": "wiring: none, initial: encoder.state, bridge: dense, layers: 2, dropout: 0.2",
    "none rnn": "wiring: none, initial: encoder.state, bridge: copy, cell: rnn, units: 8, tied: true",
}
TWO_WAYS = "units: 4, layers: 2, direction: both, cell: lstm"


def case_of(text: str, seed: int = 1) -> Case:
    """A case of a spec over lengths that are ragged on both axes."""
    return make_case(checked_spec(text), LENGTHS, seed)


@pytest.mark.thinned
@pytest.mark.parametrize("name", DECODERS)
def test_a_decoder_is_what_the_interpreter_computes(name: str) -> None:
    case = case_of(translator(DECODERS[name], TWO_WAYS, CELL))
    modes: tuple[Mode, ...] = ("teacher", "free", "curriculum")
    for mode in thinned(modes, start=list(DECODERS).index(name) % 2):
        truth = by_interpreter(case, feedback=mode)
        module = compiled(case, feedback=mode)
        assert_same(by_module(case, module, mode), truth)
        filled = with_padding(case, 1 if mode == "teacher" else 0)
        found = module(**arguments(module, filled), lengths=used_lengths(case, mode))
        assert not differences(found, truth.outputs)


@pytest.mark.parametrize(
    "encoder",
    [
        "units: 3",
        "units: 3, cell: gru, layers: 3, residual: 2, dropout: 0.1",
        "units: 3, cell: rnn, direction: backward",
        "units: 2, layers: 4, two_way: 1, residual: 3, dropout: 0.1",
        "units: 2, layers: 2, two_way: 2, cell: leaky",
    ],
)
def test_an_encoder_is_what_the_interpreter_computes(encoder: str) -> None:
    case = case_of(translator("memory: encoder, initial: encoder.state, bridge: dense", encoder, CELL))
    assert_same(by_module(case), by_interpreter(case))


@pytest.mark.parametrize("said", BY_HAND)
def test_a_wiring_by_hand_is_the_same_model_and_gives_the_same_numbers(said: str) -> None:
    block, hand = case_of(translator(said)), case_of(spelled_out(BY_HAND[said]))
    names = renaming(block.checked, hand.checked)
    assert names is not None
    weights = {
        dotted(f"{names[path]}/{name}"): block.weights[dotted(f"{path}/{name}")]
        for path, shapes in block.checked.weights.items()
        for name in shapes
    }
    inputs = {name.removeprefix("decoder/"): value for name, value in block.inputs.items()}
    same = replace(hand, inputs=inputs, weights=weights)
    for mode in ("teacher", "free", "curriculum"):
        ours, theirs = by_module(block, feedback=mode), by_module(same, feedback=mode)
        assert not differences(ours.outputs, theirs.outputs)
        ours, theirs = by_interpreter(block, feedback=mode), by_interpreter(same, feedback=mode)
        assert not differences(ours.outputs, theirs.outputs)


@pytest.mark.parametrize("name", ["bahdanau two layers, dense", "luong coverage", "gnmt_v2", "fixed", "none"])
def test_a_decoder_steps_with_its_own_choices_as_it_runs_freely(name: str) -> None:
    case = case_of(translator(DECODERS[name], TWO_WAYS, CELL))
    free = compiled(case, feedback="free")
    source, lengths = case.inputs["source"], case.lengths["source"]
    wanted = free(source=source, lengths={"source": lengths, "target": 4})["words"]
    module = compiled(case)
    state = module.start(source=source, lengths={"source": lengths})  # type: ignore[operator]
    previous, found = torch.zeros(3, dtype=torch.long), []
    for _ in range(4):
        outputs, state = module.step({"decoder/previous": previous}, state)  # type: ignore[operator]
        found.append(outputs["words"])
        previous = outputs["words"].argmax(-1)
    assert not differences({"words": torch.stack(found, 1)}, {"words": wanted})


@pytest.mark.parametrize("wiring", ["bahdanau", "luong", "gnmt", "gnmt_v2"])
def test_where_a_decoder_looks_adds_up_to_one_and_is_zero_beyond_the_end_of_the_source(wiring: str) -> None:
    text = translator(f"memory: encoder, wiring: {wiring}, layers: 2") + "  looks: decoder.weights\n"
    case = case_of(text)
    looks = compiled(case)(**arguments(compiled(case), with_padding(case, 2)), lengths=case.lengths)["looks"]
    assert looks.shape == (3, 6, 7, 1)
    for row, (source, target) in enumerate(zip(LENGTHS["source"], LENGTHS["target"], strict=True)):
        assert looks[row, :, source:].eq(0).all() and looks[row, target:].eq(0).all()
        assert torch.allclose(looks[row, :target].sum(1), torch.ones(target, 1, dtype=torch.float64))
