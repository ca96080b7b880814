"""Properties of random models' values: the compiled module against the interpreter, whole, padded, cut and step by step."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import torch
from comparing import (
    Case,
    Outcome,
    Tensors,
    arguments,
    assert_same,
    beyond,
    by_interpreter,
    by_module,
    checked_spec,
    compiled,
    differences,
    gradients,
    make_case,
    row,
    used_lengths,
    with_padding,
)
from hypothesis import assume, event, given
from hypothesis import strategies as st
from strategies import Sample, samples
from torch import Tensor, nn

from leporello.builder.interpret import interpret
from leporello.builder.streaming import ahead, obstacle, stream_axis, streaming
from leporello.graphs.feedback import MODES, Mode, resolve
from leporello.graphs.problems import SpecError
from leporello.graphs.pruning import needed


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
    assert set(MODES) == {"teacher", "free", "step"}
    return ("teacher", "free") if fed else ("teacher",)


@given(samples())
def test_the_module_is_the_interpreter(sample: Sample) -> None:
    case = case_of(sample)
    for mode in modes(case):
        module = compiled(case, feedback=mode)
        assume(arguments(module, case))
        assert_same(by_module(case, module, mode), by_interpreter(case, feedback=mode))


@given(samples(), st.integers(0, 3))
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
    reason = streaming(case.checked).obstacle or (ahead(model, axis) if axis else "nothing to stream")
    if axis is None or reason:
        event("cannot stream")
        with pytest.raises(ValueError, match="cannot go step by step"):
            module.start(batch=sample.batch)
        return
    event("streams")
    outputs = stepped(case, module, axis)
    wanted = {output.name for output in case.checked.graph.outputs if case.checked.axes[output.wire.source].own == axis}
    assert set(outputs) == wanted

    def whole(weights: Tensors) -> Tensors:
        found = interpret(case.checked, case.inputs, weights, case.lengths)
        return {name: value for name, value in found.items() if name in wanted}

    weights = {name: value.clone().requires_grad_() for name, value in case.weights.items()}
    truth = whole(weights)
    assert_same(
        Outcome({n: v.detach() for n, v in outputs.items()}, gradients(outputs, dict(module.named_parameters()))),
        Outcome({n: v.detach() for n, v in truth.items()}, gradients(truth, weights)),
    )


def stepped(case: Case, module: nn.Module, axis: str) -> Tensors:
    """The outputs on `axis` from `step` after `step`, zero beyond each sequence's end."""
    fed = [node.path for node in case.checked.graph if node.block == "feedback"]
    given_truth = interpret(case.checked, case.inputs, case.weights, case.lengths, also=fed)
    along = {n: v for n, v in case.inputs.items() if case.checked.graph[n].axis == axis}
    others = {n: v for n, v in case.inputs.items() if n not in along and n in arguments_of_start(module)}
    others_lengths = {a: v for a, v in used_lengths(case, "step").items() if a != axis and a_used(module, a)}
    state = module.start(batch=len(case.lengths[axis]), lengths=others_lengths or None, **others)
    rows: dict[str, list[Tensor]] = {}
    for step in range(int(case.lengths[axis].max())):
        now = {name: value[:, step] for name, value in along.items()}
        now.update({path: given_truth[path][:, step] for path in fed if case.checked.axes[path].own == axis})
        outputs, state = module.step(now, state)
        assert all(isinstance(value, Tensor) for value in state.values())
        for name, value in outputs.items():
            rows.setdefault(name, []).append(value)
    return {name: cut(torch.stack(values, 1), case, name) for name, values in rows.items()}


def arguments_of_start(module: nn.Module) -> set[str]:
    """The names of the inputs that `start` takes."""
    import inspect

    return set(inspect.signature(module.start).parameters)


def a_used(module: nn.Module, axis: str) -> bool:
    """Whether `start` takes lengths of that axis."""
    return True


def cut(value: Tensor, case: Case, name: str) -> Tensor:
    """The output with zeros beyond the end of each sequence, its carried axes included."""
    output = next(output for output in case.checked.graph.outputs if output.name == name)
    axes = case.checked.axes[output.wire.source]
    for dimension, axis in enumerate([str(axes.own), *(axis for axis, _ in axes.carried)], 1):
        mask = torch.arange(value.shape[dimension]) < case.lengths[axis][:, None]
        shape = [1] * value.dim()
        shape[0], shape[dimension] = mask.shape
        value = torch.where(mask.reshape(shape), value, torch.zeros((), dtype=value.dtype))
    return value


@given(samples(), st.integers(1, 4))
def test_pieces_with_a_carried_state_are_the_whole(sample: Sample, first: int) -> None:
    longer = {axis: tuple(s + (first if axis == "time" else 0) for s in steps) for axis, steps in sample.lengths.items()}
    case = case_of(Sample(sample.text, longer, sample.seed))
    module = compiled(case)
    inputs = {name: value.detach() for name, value in arguments(module, case).items()}
    lengths = used_lengths(case)
    model = needed(resolve(case.checked, "teacher"))
    assume({axes.own for axes in model.axes.values()} <= {"time", None})
    whole, end = module.run(**inputs, lengths=lengths)
    on_time = [name for name in inputs if case.checked.graph[name].axis == "time"]
    assume(on_time)
    pieces = (
        ({n: v[:, :first] if n in on_time else v for n, v in inputs.items()}, {**lengths, "time": torch.full_like(lengths["time"], first)}),
        ({n: v[:, first:] if n in on_time else v for n, v in inputs.items()}, {**lengths, "time": lengths["time"] - first}),
    )
    before, state = module.run(**pieces[0][0], lengths=pieces[0][1])
    try:
        after, last = module.run(**pieces[1][0], lengths=pieces[1][1], state=state)
    except ValueError as error:
        event("refused")
        assert "state cannot be carried on" in str(error)
        assert obstacle(model, "time") or ahead(model, "time")
        return
    if obstacle(model, "time") or ahead(model, "time"):
        event("not along time")
        return
    event("carried")
    assert_pieces(case, whole, before, after)
    assert not differences(last, end)


def assert_pieces(case: Case, whole: Mapping[str, Tensor], before: Mapping[str, Tensor], after: Mapping[str, Tensor]) -> None:
    """Outputs on time, end to end, are those of the whole."""
    for output in case.checked.graph.outputs:
        if case.checked.axes[output.wire.source].own == "time":
            joined = torch.cat([before[output.name], after[output.name]], 1)
            assert not differences({output.name: joined}, {output.name: whole[output.name]})
