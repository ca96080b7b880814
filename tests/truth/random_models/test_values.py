"""The compiled module of random models against the interpreter: whole, padded, in pieces and step by step."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import assume, event, given
from hypothesis import strategies as st
from torch import Tensor

from leporello.builder.interpret import interpret
from leporello.builder.plan.streaming import ahead, obstacle, stream_axis
from leporello.graphs.edits.feedback import Mode, resolve
from leporello.graphs.edits.pruning import needed
from leporello.graphs.problems import SpecError
from tests.support.comparing import (
    Case,
    arguments,
    assert_same,
    beyond,
    by_interpreter,
    by_module,
    checked_spec,
    compiled,
    differences,
    make_case,
    row,
    used_lengths,
    with_padding,
)
from tests.support.strategies import Sample, samples, some
from tests.support.streams import piece_differences, step_differences


def case_of(sample: Sample) -> Case:
    """The case of a sample; samples that are no models are left out."""
    try:
        checked = checked_spec(sample.text)
    except SpecError:
        event("refused")
        assume(False)
    return make_case(checked, sample.lengths, sample.seed)


def modes(case: Case) -> tuple[Mode, ...]:
    """The modes of feedback that are different models."""
    fed = any(node.block == "feedback" for node in case.checked.graph)
    return ("teacher", "free", "curriculum") if fed else ("teacher",)


@given(samples())
def test_the_module_is_the_interpreter(sample: Sample) -> None:
    case = case_of(sample)
    for mode in modes(case):
        module = compiled(case, feedback=mode)
        assume(arguments(module, case))
        assert_same(by_module(case, module, mode), by_interpreter(case, feedback=mode))


@given(samples(), st.integers(0, 3))
@some(30)
def test_padding_of_nan_changes_nothing(sample: Sample, extra: int) -> None:
    case = case_of(sample)
    padded = with_padding(case, extra)
    for mode in modes(case):
        module = compiled(padded, feedback=mode)
        assume(arguments(module, padded))
        found = by_module(padded, module, mode)
        assert_same(found, by_interpreter(case, feedback=mode))
        for name in arguments(module, padded):
            mask = beyond(padded, name)
            if mask is not None and name in found.gradients:
                assert found.gradients[name][mask].eq(0).all(), name
        for output in case.checked.graph.outputs:
            assert_zero_beyond(found.outputs[output.name], padded, output.wire.source)


def assert_zero_beyond(value: Tensor, case: Case, path: str) -> None:
    """What an output says past the end of a sequence is zero."""
    axis = case.checked.axes[path].own
    if axis is not None:
        steps = torch.arange(value.shape[1])
        assert value[steps >= case.lengths[axis][:, None]].eq(0).all()


@given(samples())
@some(20)
def test_a_padded_batch_is_its_sequences_one_by_one(sample: Sample) -> None:
    case = case_of(sample)
    padded = with_padding(case)
    for mode in modes(case):
        module = compiled(padded, feedback=mode)
        inputs = arguments(module, padded)
        assume(inputs)
        together = module(**inputs, lengths=used_lengths(padded, mode))
        for index in range(sample.batch):
            alone = row(case, index)
            apart = module(**arguments(module, alone), lengths=used_lengths(alone, mode))
            same_row = {name: value[index : index + 1] for name, value in together.items()}
            assert not differences(same_row, apart)
            truth = interpret(alone.checked, alone.inputs, alone.weights, alone.lengths, feedback=mode)
            assert not differences(apart, truth)


@given(samples())
def test_inner_nodes_as_outputs(sample: Sample) -> None:
    case = case_of(sample)
    also = [node.path for node in case.checked.graph if case.checked.axes[node.path].own == "time"][-3:]
    module = compiled(case, also=also)
    assume(arguments(module, case))
    assert_same(by_module(case, module, also=also), by_interpreter(case, also=also))


@given(samples())
def test_step_after_step_is_the_whole(sample: Sample) -> None:
    case = case_of(sample)
    model = needed(resolve(case.checked, "step"))
    axis = stream_axis(model)
    module = compiled(case)
    if axis is None or obstacle(model, axis) or ahead(model, axis):
        event("cannot stream")
        with pytest.raises(ValueError, match="cannot go step by step"):
            module.start(batch=sample.batch)
        return
    event("streams")
    assert not step_differences(case, module, axis)


@given(samples(), st.integers(1, 4))
def test_pieces_with_a_carried_state_are_the_whole(sample: Sample, first: int) -> None:
    lengths = {
        axis: tuple(s + (first if axis == "time" else 0) for s in steps) for axis, steps in sample.lengths.items()
    }
    case = case_of(replace(sample, lengths=lengths))
    model = needed(resolve(case.checked, "teacher"))
    assume({axes.own for axes in model.axes.values()} <= {"time", None})
    assume(any(node.axis == "time" for node in model.graph.inputs))
    module = compiled(case)
    if obstacle(model, "time") or ahead(model, "time"):
        event("refused")
        with pytest.raises(ValueError, match="state cannot be carried on"):
            piece_differences(case, module, first)
        return
    event("carried")
    assert not piece_differences(case, module, first)
