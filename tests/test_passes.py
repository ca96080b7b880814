"""Rewriting passes: each keeps every value and gradient, does what it promises, and leaves alone what it must."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from comparing import Case, assert_same, by_interpreter, by_module, checked_spec, compiled, make_case
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from strategies import Sample, samples

from leporello.blocks.registry import registry
from leporello.builder.lines import find_lines
from leporello.builder.passes.flatten import flatten
from leporello.builder.passes.fold import fold
from leporello.builder.passes.merge import merge
from leporello.builder.passes.rewriting import read_late
from leporello.builder.passes.split import split
from leporello.builder.passes.unify import unify
from leporello.builder.schedule import Schedule, rewritten, schedule
from leporello.graphs.checks import Checked, check
from leporello.graphs.feedback import resolve
from leporello.graphs.graph import Learned
from leporello.graphs.problems import SpecError
from leporello.graphs.pruning import needed
from leporello.graphs.reading import read_file

Pass = Callable[[Checked, frozenset[str]], Checked]
PASSES: dict[str, Pass] = {"fold": fold, "unify": unify, "flatten": flatten, "merge": merge, "split": split}
EXAMPLES = sorted((Path(__file__).resolve().parent.parent / "examples").glob("*.yaml"))
SIZES = {"characters": 7, "words": 6, "tags": 5, "source_words": 6, "target_words": 5}
NONE: frozenset[str] = frozenset()


def spec(nodes: str, outputs: str = "y: h", inputs: str = "x: {features: 3}") -> str:
    """A spec's text from its nodes, one a line."""
    lines = "".join(f"  {line.strip()}\n" for line in nodes.strip().splitlines())
    return f"spec: 1\ninputs: {{{inputs}}}\nnodes:\n{lines}outputs: {{{outputs}}}\n"


def model_of(nodes: str, outputs: str = "y: h", inputs: str = "x: {features: 3}", also: Sequence[str] = ()) -> Checked:
    """A model as the passes get it: feedback resolved, only what is needed."""
    return needed(resolve(checked_spec(spec(nodes, outputs, inputs)), "teacher"), also)


def blocks(model: Checked) -> Counter[str]:
    """How many nodes there are of each block."""
    return Counter(node.block for node in model.graph)


def inside(model: Checked) -> set[str]:
    """The nodes that run step by step."""
    return {path for loop in model.loops for path in loop.nodes}


def assert_kept(model: Checked, after: Checked, lengths: tuple[int, ...] = (4, 1, 3), also: Sequence[str] = ()) -> None:
    """Both models give the same values and gradients, with the same outputs, weights in use and delay lines."""
    axes = {node.axis for node in model.graph.inputs} | {axes.own for axes in model.axes.values()}
    case = make_case(model, {str(axis): lengths for axis in axes if axis not in (None, "none")}, 7)
    changed = Case(after, case.inputs, case.weights, case.lengths)
    assert_same(by_interpreter(changed, also=also), by_interpreter(case, also=also))
    assert_structure_kept(model, after)


def assert_structure_kept(model: Checked, after: Checked) -> None:
    """Inputs, outputs' names, delay lines and learned first values are those of before; no new weights."""
    assert [output.name for output in after.graph.outputs] == [output.name for output in model.graph.outputs]
    assert {node.path for node in after.graph.inputs} <= {node.path for node in model.graph.inputs}
    assert find_lines(after) == find_lines(model)
    for path in read_late(model):
        assert after.graph[path].initial == model.graph[path].initial
        assert after.axes[path] == model.axes[path]
        assert after.values[path, ""] == model.values[path, ""]
    learned = {node.path for node in model.graph if isinstance(node.initial, Learned)}
    assert {node.path for node in after.graph if isinstance(node.initial, Learned)} <= learned
    for path, weights in after.weights.items():
        assert {name: model.weights[path][name] for name in weights} == weights


# Fold


def test_numbers_are_worked_out() -> None:
    model = model_of("h: 2 * 3 * x - (4 - 6 / 2) * x * -(1 - 3)")
    after = fold(model)
    assert_kept(model, after)
    assert sorted(float(n.parameters["value"]) for n in after.graph if n.block == "number") == [2, 6]
    assert blocks(after) == Counter(multiply=2, number=2, input=1, subtract=1)


@pytest.mark.parametrize("text", ["1 * tanh(x)", "tanh(x) * 1", "tanh(x) / 1", "tanh(x) + 0", "0 + tanh(x)", "tanh(x) - 0"])
def test_what_changes_nothing_is_left_out(text: str) -> None:
    model = model_of(f"a: {text}\nh: a * a")
    after = fold(model)
    assert_kept(model, after)
    assert blocks(after) == Counter(tanh=1, multiply=1, input=1)


@pytest.mark.parametrize("text", ["0 - tanh(x)", "1 / (tanh(x) + 2)", "0 * tanh(x)", "tanh(x) * 0", "tanh(x) + 1", "2 * tanh(x)"])
def test_what_changes_something_stays(text: str) -> None:
    model = model_of(f"a: {text}\nh: a * a")
    after = fold(model)
    assert_kept(model, after)
    assert blocks(after) == blocks(model)


def test_a_neutral_number_that_makes_more_units_or_steps_stays() -> None:
    model = model_of("a: {value: 1 * s, axis: time}\nh: a * x", inputs="x: {features: 3}, s: {features: 3, axis: none}")
    assert "a" in fold(model).graph
    assert_kept(model, fold(model))


def test_numbers_that_run_on_an_axis_stay() -> None:
    model = model_of("j: {value: 1 + 2, axis: time}\nh: tanh(x)", "y: j, z: h")
    assert_kept(model, fold(model))
    assert fold(model).axes["j"].own == "time"


@pytest.mark.parametrize("text", ["1 / 0", "1e300 * 1e300 * 1e300", "2 - 1 / 0"])
def test_arithmetic_without_a_result_is_left_to_the_run(text: str) -> None:
    try:
        model = model_of(f"a: {text}\nh: x * a")
    except SpecError:
        return
    assert "number" in blocks(fold(model))


def test_folding_spares_nodes_that_are_kept_or_read_late() -> None:
    model = model_of("a: 1 * tanh(x)\nb: 2 * 3\nh: a * b", also=("a", "b"))
    after = fold(model, frozenset({"a", "b"}))
    assert (after.graph["a"].block, after.graph["b"].block) == ("multiply", "multiply")
    assert_kept(model, after, also=("a", "b"))
    late = model_of("a: {value: 1 * tanh(x), initial: 0.5}\nh: a + a(t-1)")
    assert fold(late).graph["a"].block == "multiply"
    assert_kept(late, fold(late))


# Unify


def test_equal_nodes_become_one() -> None:
    model = model_of("a: tanh(x) * sigmoid(x)\nb: tanh(x) * sigmoid(x)\nh: a - b / 2")
    after = unify(model)
    assert_kept(model, after)
    assert blocks(after) == Counter(tanh=1, sigmoid=1, multiply=1, subtract=1, divide=1, number=1, input=1)


def test_order_matters_where_it_does() -> None:
    model = model_of("a: x - tanh(x)\nb: tanh(x) - x\nc: [x, a]\nd: [a, x]\nh: [a, b, c, d]")
    after = unify(model)
    assert_kept(model, after)
    assert blocks(after)["subtract"] == 2
    assert blocks(after)["tanh"] == 1
    assert blocks(after)["concatenate"] == 3


def test_weights_chance_and_time_tell_nodes_apart() -> None:
    text = """
    a: {block: linear, input: x, units: 3}
    b: {block: linear, input: x, units: 3}
    c: {block: dropout, input: x, rate: 0.5}
    d: {block: dropout, input: x, rate: 0.5}
    e: {block: weight, units: 3}
    f: {block: weight, units: 3}
    g: tanh(x(t-1))
    i: tanh(x(t-2))
    j: tanh(x(t+1))
    h: a + b + c + d + e + f + g + i + j
    """
    model = model_of(text)
    assert blocks(unify(model)) == blocks(model)
    assert_kept(model, unify(model))


def test_initial_values_and_parameters_tell_nodes_apart() -> None:
    text = """
    a: {block: softmax, input: x, over: features}
    b: {block: split, input: w, into: [one, two]}
    c: {block: split, input: w, into: [two, one]}
    d: {block: split, input: w, into: [one, two]}
    h: a + b.one * c.one - d.two
    """
    model = model_of(text, inputs="x: {features: 3}, w: {features: 6}")
    after = unify(model)
    assert_kept(model, after)
    assert blocks(after)["split"] == 2


def test_unifying_spares_nodes_that_are_kept_read_late_or_outputs() -> None:
    text = """
    a: tanh(x)
    b: {value: tanh(x), initial: 0.5}
    c: tanh(x)
    d: tanh(x)
    e: tanh(x)
    h: a + b(t-1) + c + d + e
    """
    model = model_of(text, "y: h, c: c", also=("d",))
    after = unify(model, frozenset({"d"}))
    assert {"b", "c", "d"} <= set(after.graph.index)
    assert len({"a", "e"} & set(after.graph.index)) == 1
    assert_kept(model, after, also=("d",))


def test_what_a_node_that_is_kept_reads_from_stays_too() -> None:
    model = model_of("a: tanh(x)\nb: tanh(x)\nk: b * 2\nh: a + k", also=("b", "k"))
    after = unify(model, frozenset({"b", "k"}))
    assert after.graph["k"] == model.graph["k"]
    assert_kept(model, after, also=("b", "k"))


def test_a_state_keeps_its_name() -> None:
    model = model_of("a: tanh(x)\nb: tanh(x)\nh: a + b(t-1)")
    assert_kept(model, unify(model))
    assert "b" in unify(model).graph


def test_a_node_of_a_loop_does_not_stand_for_one_outside() -> None:
    text = """
    W: {block: linear, input: [x, h(t-1)], units: 4}
    h: tanh(W)
    o: {block: linear, input: [x, h(t-1)], units: 5}
    """
    model = model_of(text, "y: h, o: o")
    assert len(inside(unify(model))) == len(inside(model))
    assert [stage.kind for stage in schedule(model).loops] == ["fused"]
    assert_kept(model, unify(model))


def test_static_nodes_and_nodes_with_a_clock_are_apart() -> None:
    text = """
    a: {block: tanh, input: s, axis: time}
    b: {block: tanh, input: s}
    h: {value: tanh(a * h(t-1) + x), initial: b}
    """
    model = model_of(text, inputs="x: {features: 3}, s: {features: 3, axis: none}")
    assert {"a", "b"} <= set(unify(model).graph.index)
    assert_kept(model, unify(model))


# Flatten


def test_lists_in_lists_are_one_list() -> None:
    model = model_of("h: [[x, [tanh(x), x]], [x]]")
    after = flatten(model)
    assert_kept(model, after)
    assert blocks(after)["concatenate"] == 1
    assert len(after.graph["h"].inputs) == 4


def test_a_list_that_is_read_late_or_wanted_stays() -> None:
    model = model_of("a: {value: [x, x], initial: 0.5}\nb: [x, a(t-1)]\nc: [b, x]\nh: [c, b]", "y: h, b: b")
    after = flatten(model)
    assert_kept(model, after)
    assert {"a", "b", "h"} <= set(after.graph.index)
    assert "c" not in after.graph
    assert len(after.graph["h"].inputs) == 5
    kept = flatten(model, frozenset({"h", "c"}))
    assert kept.graph["h"] == model.graph["h"]
    assert_kept(model, kept)


# Merge


def test_linears_that_read_the_same_are_one_product() -> None:
    text = """
    a: {block: linear, input: x, units: 4}
    b: {block: linear, input: x, units: 4, bias: false}
    c: {block: linear, input: x, units: 4}
    h: tanh(a) * sigmoid(b) + c
    """
    model = model_of(text)
    after = merge(model)
    assert_kept(model, after)
    assert blocks(after) == Counter(product=1, split=1, tanh=1, sigmoid=1, multiply=1, add=1, input=1)
    (product,) = [node for node in after.graph if node.block == "product"]
    assert [row.weight.path for row in product.parameters["rows"]] == ["a/weight", "b/weight", "c/weight"]
    assert [row.bias is None for row in product.parameters["rows"]] == [False, True, False]


@pytest.mark.parametrize(
    "other",
    [
        "{block: linear, input: x(t-1), units: 4}",
        "{block: linear, input: x(t+1), units: 4}",
        "{block: linear, input: e, units: 4}",
        "{block: linear, input: x, units: 1}",
        "{block: linear, input: tanh(x), units: 4}",
    ],
)
def test_linears_that_differ_stay_apart(other: str) -> None:
    model = model_of(f"a: {{block: linear, input: x, units: 4}}\nb: {other}\nh: a * b", inputs="x: {features: 3}, e: {features: 3}")
    assert blocks(merge(model)) == blocks(model)


def test_linears_of_different_loops_stay_apart() -> None:
    text = """
    a: {block: linear, input: x(t-1), units: 4}
    b: {block: linear, input: h(t-1), units: 4}
    c: {block: linear, input: h(t-1), units: 4}
    h: sigmoid(a + b) * 2
    d: {block: linear, input: [h, k(t-1)], units: 4}
    e: {block: linear, input: h(t-1), units: 4}
    k: sigmoid(d) + sigmoid(c) + sigmoid(e)
    """
    model = model_of(text, "y: k")
    after = merge(model)
    assert_kept(model, after)
    assert blocks(after)["product"] == 1
    assert {len(loop.nodes) for loop in after.loops} == {len(loop.nodes) for loop in model.loops}
    assert "b" in after.graph


def test_merging_spares_nodes_that_are_kept_read_late_or_outputs() -> None:
    lines = "".join(f"{k}: {{block: linear, input: x, units: 3, initial: {i}}}\n" for k, i in zip("abcd", (0, 0.5, 0, 0), strict=True))
    lines = lines.replace(", initial: 0}", "}")
    model = model_of(lines + "h: a + b(t-1) + c + d", "y: h, c: c", also=("d",))
    after = merge(model, frozenset({"d"}))
    assert {"a", "b", "c", "d"} <= set(after.graph.index)
    assert_kept(model, after, also=("d",))


def test_a_static_linear_is_not_merged_with_one_that_has_a_clock() -> None:
    text = """
    a: {block: linear, input: s, units: 3, axis: time}
    b: {block: linear, input: s, units: 3}
    h: {value: tanh(a * h(t-1) + x), initial: b}
    """
    model = model_of(text, inputs="x: {features: 3}, s: {features: 2, axis: none}")
    assert_kept(model, merge(model))
    assert {"a", "b"} <= set(merge(model).graph.index)


def test_shared_weights_are_merged_under_their_owner() -> None:
    text = """
    a: {block: linear, input: x, units: 3}
    b: {block: linear, input: x, units: 3, share: {weight: a.weight}}
    h: tanh(a) * b
    """
    model = model_of(text)
    after = merge(model)
    assert_kept(model, after)
    (product,) = [node for node in after.graph if node.block == "product"]
    assert [row.weight.path for row in product.parameters["rows"]] == ["a/weight", "a/weight"]
    assert [row.bias.path for row in product.parameters["rows"]] == ["a/bias", "b/bias"]


def test_cells_over_linears_that_read_the_same() -> None:
    text = """
    a: {block: linear, input: x, units: 4}
    b: {block: linear, input: x, units: 4}
    h: {block: gru, input: a, units: 4}
    k: {block: lstm, input: [x, b], units: 4}
    """
    case = make_case(checked_spec(spec(text, "y: h, z: k")), {"time": (4, 2)}, 1)
    assert [stage.kind for stage in schedule(case.checked).loops] == ["fused", "fused"]
    assert_same(by_module(case), by_interpreter(case))


def test_a_name_that_is_taken_is_not_taken_again() -> None:
    text = """
    W_a: {block: linear, input: x, units: 3}
    W_b: {block: linear, input: x, units: 3}
    W_ab: tanh(x)
    h: W_a * W_b + W_ab
    """
    model = model_of(text)
    assert_kept(model, merge(model))
    assert merge(model).graph["W_ab"].block == "tanh"


# Split


def test_what_ignores_the_state_leaves_the_loop() -> None:
    model = model_of("W: {block: linear, input: [x, h(t-1)], units: 4}\nh: 2 * tanh(W)")
    after = split(model)
    assert_kept(model, after)
    products = [node for node in after.graph if node.block == "product"]
    assert [(node.path in inside(after), node.parameters["rows"][0].weight.columns) for node in products] == [
        (False, (0, 3)),
        (True, (3, 7)),
    ]
    assert [row.parameters["rows"][0].bias is None for row in products] == [False, True]
    assert after.graph["W"].block == "add"


@pytest.mark.parametrize(
    ("listed", "outside", "within"),
    [
        ("x, h(t-1)", [(0, 3)], [(3, 7)]),
        ("h(t-1), x", [(4, 7)], [(0, 4)]),
        ("x, e, h(t-1)", [(0, 5)], [(5, 9)]),
        ("x, h(t-1), e", [(0, 3), (7, 9)], [(3, 7)]),
        ("h(t-1), x, k(t-1), e", [(4, 7), (11, 13)], [(0, 4), (7, 11)]),
        ("h(t-1), k(t-1), x, e", [(8, 13)], [(0, 8)]),
        ("s, x(t-2), h(t-1)", [(0, 5)], [(5, 9)]),
    ],
)
def test_columns_go_where_their_readings_are(
    listed: str, outside: list[tuple[int, int]], within: list[tuple[int, int]]
) -> None:
    text = f"W: {{block: linear, input: [{listed}], units: 4}}\nk: sigmoid(W)\nh: 2 * tanh(W) * k(t-1)"
    model = model_of(text, inputs="x: {features: 3}, e: {features: 2}, s: {features: 2, axis: none}")
    after = split(model)
    assert_kept(model, after)
    found: dict[bool, list[tuple[int, int]]] = {True: [], False: []}
    for node in after.graph:
        if node.block == "product":
            found[node.path in inside(after)].append(node.parameters["rows"][0].weight.columns)
    assert (sorted(found[False]), sorted(found[True])) == (outside, within)
    biased = [n for n in after.graph if n.block == "product" and n.parameters["rows"][0].bias]
    assert len(biased) == 1


def test_a_merged_product_is_split_too() -> None:
    text = "".join(f"W_{k}: {{block: linear, input: [x, h(t-1)], units: 4}}\n" for k in "abc")
    model = model_of(text + "h: sigmoid(W_a) * W_b + 2 * W_c")
    after = rewritten(model, NONE)
    assert_kept(model, after)
    assert blocks(after)["product"] == 2
    assert blocks(after)["linear"] == 0
    assert len([path for path in inside(after) if after.graph[path].block == "product"]) == 1


def test_nothing_is_split_outside_of_loops_or_where_all_depends_on_the_state() -> None:
    for text in (
        "h: {block: linear, input: [x, x(t-1)], units: 4}",
        "W: {block: linear, input: [h(t-1), k(t-1)], units: 4}\nk: {value: tanh(W) + 1, axis: time}\nh: sigmoid(W) * x(last)",
    ):
        model = model_of(text, inputs="x: {features: 4}")
        assert split(model) is model


def test_splitting_spares_nodes_that_are_kept() -> None:
    model = model_of("W: {block: linear, input: [x, h(t-1)], units: 4}\nh: 2 * tanh(W)", also=("W",))
    assert split(model, frozenset({"W"})) is model
    assert_kept(model, split(model), also=("W",))


def test_a_linear_that_is_the_state_keeps_its_name_and_first_value() -> None:
    model = model_of("W: {block: linear, input: [x, W(t-1)], units: 4, initial: learned}\nh: tanh(W)")
    after = split(model)
    assert_kept(model, after)
    assert isinstance(after.graph["W"].initial, Learned)
    assert after.weights["W"] == {"initial": (4,)}


def test_a_user_may_call_nodes_as_the_pass_would() -> None:
    text = """
    W: {block: linear, input: [x, h(t-1)], units: 4}
    W_outside: {block: linear, input: x, units: 4}
    W_outside_2: tanh(W_outside)
    h: tanh(W) * W_outside_2
    """
    model = model_of(text, also=("W_outside",))
    assert_kept(model, split(model), also=("W_outside",))
    case = make_case(checked_spec(spec(text)), {"time": (4, 2)}, 1)
    assert_same(by_module(case), by_interpreter(case))


# All of them


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
    for name in ("fold", "unify", "flatten", "merge", "split", "merge"):
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
    checked = check(checked.written, registry(), {name: SIZES[name] for name in checked.unbound}) if checked.unbound else checked
    model = needed(resolve(checked, "teacher"))
    plain = {f"{path}/{name}".replace("/", ".") for path, weights in checked.weights.items() for name in weights}
    case = make_case(checked, {axis: (4, 2) for axis in axes_of(checked)}, 1)
    inner = next(node.path for node in model.graph if node.block in ("linear", "embedding", "add", "multiply"))
    for also in ((), (inner,)):
        module = compiled(case, also=also)
        assert set(module.state_dict()) == plain
    assert_structure_kept(model, rewritten(unify(fold(model)), NONE))


def axes_of(model: Checked) -> set[str]:
    """The names of a model's axes."""
    return {axes.own for axes in model.axes.values() if axes.own}


def test_states_are_the_same_fused_scanned_and_rewritten() -> None:
    text = spec("h: {block: lstm, input: x, units: 4, layers: 2}\nd: h(t-2)", "y: h, d: d")
    case = make_case(checked_spec(text), {"time": (4, 2)}, 1)
    inner = ("h/1/forward/f", "h/2/forward/W_i")
    fused, scanned = compiled(case), compiled(case, also=inner)
    states = [module.run(case.inputs["x"], lengths=case.lengths)[1] for module in (fused, scanned)]
    assert set(states[0]) == set(states[1]) == set(fused.start(batch=2))
    for key, value in states[0].items():
        assert torch.allclose(value, states[1][key], atol=1e-12), key


# What leaves the loops


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
    assert {stage.axis for stage in plan.stages} == {"source", "target"}


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
