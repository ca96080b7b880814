"""All passes on random models and on the examples, and what leaves the loops by them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.builder.names import dotted
from leporello.builder.plan.passes.fold import fold
from leporello.builder.plan.passes.unify import unify
from leporello.builder.plan.schedule import Schedule, rewritten, schedule
from leporello.graphs.analysis.checks import Checked, check
from leporello.graphs.edits.feedback import resolve
from leporello.graphs.edits.pruning import needed
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_file
from tests.support.comparing import Case, assert_same, by_interpreter, by_module, checked_spec, compiled, make_case
from tests.support.rewriting import (
    EXAMPLES,
    NONE,
    PASSES,
    SIZES,
    assert_structure_kept,
    axes_of,
    inside,
    spec,
)
from tests.support.strategies import Sample, samples


def case_of(sample: Sample) -> Case:
    """The case of a sample in teacher mode; samples that are no models are left out."""
    try:
        checked = checked_spec(sample.text)
    except SpecError:
        event("refused")
        assume(False)
    model = needed(resolve(checked, "teacher"))
    whole = make_case(checked, sample.lengths, sample.seed)
    return Case(model, whole.inputs, whole.weights, whole.lengths)


@given(samples(), st.data())
@settings(max_examples=settings.default.max_examples // 2 if settings.default else 25)
def test_every_pass_keeps_the_values_of_random_models(sample: Sample, data: st.DataObject) -> None:
    case = case_of(sample)
    paths = list(case.checked.graph.index)
    keep = frozenset(data.draw(st.lists(st.sampled_from(paths), max_size=2), label="keep"))
    also = tuple(sorted(path for path in keep if case.checked.graph[path].block != "number"))
    truth = by_interpreter(case, also=also)
    model = case.checked
    for name in ("fold", "unify", "flatten", "merge", "mix", "weigh", "split", "merge", "accumulate", "join"):
        before, model = model, PASSES[name](model, keep)
        if model.graph == before.graph:
            continue
        event(name)
        assert_structure_kept(before, model)
        assert PASSES[name](model, keep).graph == model.graph, f"{name} twice is not {name}"
        for path in keep:
            assert model.graph[path].block == before.graph[path].block
            assert model.graph[path].parameters == before.graph[path].parameters
        outside = {path for path in before.graph.index if path not in inside(before)}
        assert not outside & inside(model), f"{name} moves {outside & inside(model)} into a loop"
        assert_same(by_interpreter(Case(model, case.inputs, case.weights, case.lengths), also=also), truth)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_passes_never_change_weights_or_states_of_a_module(file: Path) -> None:
    checked = check(read_file(file, registry()), registry(), SIZES)
    checked = (
        check(checked.written, registry(), {name: SIZES[name] for name in checked.unbound})
        if checked.unbound
        else checked
    )
    model = needed(resolve(checked, "teacher"))
    plain = {dotted(f"{path}/{name}") for path, weights in checked.weights.items() for name in weights}
    case = make_case(checked, dict.fromkeys(axes_of(checked), (4, 2)), 1)
    inner = next(node.path for node in model.graph if node.block in ("linear", "embedding", "add", "multiply"))
    for also in ((), (inner,)):
        module = compiled(case, also=also)
        assert set(module.state_dict()) == plain
    assert_structure_kept(model, rewritten(unify(fold(model)), NONE))


def test_states_are_the_same_fused_scanned_and_rewritten() -> None:
    text = spec("h: {block: lstm, input: x, units: 4, layers: 2}\nd: h(t-2)", "y: h, d: d")
    case = make_case(checked_spec(text), {"time": (4, 2)}, 1)
    inner = ("h/1/forward/f", "h/2/forward/W_i")
    fused, scanned = compiled(case), compiled(case, also=inner)
    states = [m.run(case.inputs["x"], lengths=case.lengths)[1] for m in (fused, scanned)]  # type: ignore[operator]
    assert set(states[0]) == set(states[1]) == set(fused.start(batch=2))  # type: ignore[operator]
    for key, value in states[0].items():
        assert torch.allclose(value, states[1][key], atol=1e-12), key


def where(plan: Schedule) -> dict[str, str]:
    """For each node how it runs."""
    return {path: stage.kind for stage in plan.stages for path in stage.nodes}


DECODER = """
encoder: {block: gru, input: source, units: 4}
bottom: {block: gru, input: BOTTOM, units: 4}
attention: {block: attention, query: bottom(t-1), memory: encoder, units: 5}
top: {block: gru, input: [bottom, attention.context], units: 4}
logits: {block: linear, input: [top, attention.context], units: 6}
"""
SEQUENCES = "source: {features: 3, axis: source}, target: {features: 2, axis: target}"


def decoder(bottom: str) -> Checked:
    """A decoder with attention, its bottom layer reading `bottom`."""
    return checked_spec(spec(DECODER.replace("BOTTOM", bottom), "y: logits, w: attention.weights", SEQUENCES))


def test_attention_leaves_the_loop_where_the_query_does_not_depend_on_the_context() -> None:
    checked = decoder("target")
    plan = schedule(checked)
    kinds = where(plan)
    assert [stage.kind for stage in plan.loops] == ["fused", "fused", "fused"]
    attention = {path: kind for path, kind in kinds.items() if path.startswith("attention/")}
    assert len(attention) > 5
    assert set(attention.values()) == {"all at once"}
    case = make_case(checked, {"source": (3, 5), "target": (4, 2)}, 1)
    assert_same(by_module(case), by_interpreter(case))


def test_attention_stays_in_the_loop_where_the_context_is_fed_back_but_its_keys_do_not() -> None:
    checked = decoder("[target, attention.context(t-1)]")
    plan = schedule(checked)
    kinds = where(plan)
    (loop,) = [stage for stage in plan.loops if stage.kind == "scanned"]
    assert {"attention/Q", "attention/energy", "attention/weights", "attention/context"} <= set(loop.nodes)
    assert not any(path.startswith(("top/", "encoder/", "logits")) for path in loop.nodes)
    assert kinds["attention/K"] == "all at once"
    assert kinds["logits"] == "all at once"
    assert sorted(stage.kind for stage in plan.loops) == ["fused", "fused", "scanned"]
    case = make_case(checked, {"source": (3, 5), "target": (4, 2)}, 1)
    assert_same(by_module(case), by_interpreter(case))


def test_the_schedule_says_for_every_node_where_it_runs_and_why() -> None:
    plan = schedule(decoder("target"))
    paths = [path for stage in plan.stages for path in stage.nodes]
    assert len(paths) == len(set(paths))
    absorbed = {path for stage in plan.stages if stage.cell for path in stage.cell.nodes}
    assert set(paths) | absorbed == set(plan.model.graph.index)
    assert all(stage.reason for stage in plan.stages)
    assert {stage.kind for stage in plan.stages if not stage.cell} == {"all at once", "once"}
    assert {stage.axis for stage in plan.stages} == {"source", "target", None}


def test_one_product_of_x_and_one_of_h_a_step() -> None:
    text = spec("h: {block: lstm, input: x, units: 4, gates: peephole}")
    plan = schedule(checked_spec(text))
    (loop,) = plan.loops
    assert loop.kind == "scanned"
    products = [path for path in loop.nodes if plan.model.graph[path].block in ("linear", "product")]
    outside = [n.path for n in plan.model.graph if n.block in ("linear", "product") and n.path not in loop.nodes]
    over_h = [p for p in products if plan.model.graph[p].wires[0].source == "h/1/forward/h"]
    assert len(over_h) <= 1, over_h
    assert len(outside) == 1, outside
