"""Faults planted in the passes: a stale keep, a wrong column, a bias dropped or doubled, each caught by a test."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable

import pytest

from tests.builder.plan import test_recognition as recognition
from tests.builder.plan.passes import test_accumulate as accumulating
from tests.builder.plan.passes import test_fold as folding
from tests.builder.plan.passes import test_join as joining
from tests.builder.plan.passes import test_merge as merging
from tests.builder.plan.passes import test_mix as mixing
from tests.builder.plan.passes import test_split as splitting
from tests.builder.plan.passes import test_unify as unifying
from tests.builder.plan.passes import test_weigh as weighing
from tests.support.faults.planting import CAUGHT, Fault, planted


def truth(name: str) -> tuple[Callable[..., None], tuple[str, ...]]:
    """A spelling is to equal the interpreter."""
    return recognition.test_every_spelling_is_the_truth, (name,)


def fused(name: str) -> tuple[Callable[..., None], tuple[str, ...]]:
    """A spelling is to be fused."""
    return recognition.test_a_cell_is_fused_however_it_is_spelled, (name,)


def near(name: str) -> tuple[Callable[..., None], tuple[str, ...]]:
    """A near miss is to be scanned, saying what it lacks."""
    return recognition.test_a_near_miss_is_scanned_and_says_what_it_lacks, (name,)


def columns(listed: str, outside: list[tuple[int, int]], within: list[tuple[int, int]]) -> None:
    """What of a list is computed where."""
    splitting.test_columns_go_where_their_readings_are(listed, outside, within)


def first_columns() -> None:
    """The state stands between two inputs."""
    columns("x, h(t-1), e", [(0, 3), (7, 9)], [(3, 7)])


def last_columns() -> None:
    """Two inputs stand after the state."""
    columns("h(t-1), k(t-1), x, e", [(8, 13)], [(0, 8)])


def nothing_times(text: str) -> None:
    """An operation that has to stay."""
    folding.test_what_changes_something_stays(text)


FAULTS = {
    "minus dropped": Fault(
        "plan.passes.fold", "return -known[0]", "return known[0]", folding.test_numbers_are_worked_out
    ),
    "0 * x taken for x": Fault(
        "plan.passes.fold",
        "numbers.get(wire.source) == _NEUTRAL.get((node.block, port))",
        "numbers.get(wire.source) in (0.0, 1.0)",
        nothing_times,
        ("0 * tanh(x)",),
    ),
    "0 - x taken for x": Fault(
        "plan.passes.fold",
        "_NEUTRAL.get((node.block, port))",
        '_NEUTRAL.get((node.block, "right"))',
        nothing_times,
        ("0 - tanh(x)",),
    ),
    "a number folded that runs on an axis": Fault(
        "plan.passes.fold",
        " and model.axes[path].own is None",
        "",
        folding.test_numbers_that_run_on_an_axis_stay,
    ),
    "a stale keep in fold": Fault(
        "plan.passes.fold",
        "fixed = keep | read_late(model)",
        "fixed = read_late(model)",
        folding.test_folding_spares_nodes_that_are_kept_or_read_late,
    ),
    "a first value folded away": Fault(
        "plan.passes.fold",
        "fixed = keep | read_late(model)",
        "fixed = keep",
        folding.test_folding_spares_nodes_that_are_kept_or_read_late,
    ),
    "a stale keep in unify": Fault(
        "plan.passes.unify",
        "fixed = keep | read_late(model)",
        "fixed = read_late(model)",
        unifying.test_what_a_node_that_is_kept_reads_from_stays_too,
    ),
    "a first value unified away": Fault(
        "plan.passes.unify",
        "fixed = keep | read_late(model)",
        "fixed = keep",
        unifying.test_a_state_keeps_its_name,
    ),
    "weights unified": Fault(
        "plan.passes.unify",
        "if model.registry[node.block].is_unique or path in fixed:",
        "if path in fixed:",
        unifying.test_weights_chance_and_time_tell_nodes_apart,
    ),
    "times unified": Fault(
        "plan.passes.unify",
        "w.port, w.time) for",
        "w.port) for",
        unifying.test_weights_chance_and_time_tell_nodes_apart,
    ),
    "parameters unified": Fault(
        "plan.passes.unify",
        "reads, parameters, model.axes",
        "reads, model.axes",
        unifying.test_initial_values_and_parameters_tell_nodes_apart,
    ),
    "a loop's node for one outside": Fault(
        "plan.passes.unify",
        "key = (loop(path), _key(node, same, model))",
        "key = _key(node, same, model)",
        unifying.test_a_node_of_a_loop_does_not_stand_for_one_outside,
    ),
    "linears of different loops merged": Fault(
        "plan.passes.merge",
        "(node.wires[0], loop(node.path), units, axes)",
        "(node.wires[0], 0, units, axes)",
        merging.test_linears_of_different_loops_stay_apart,
    ),
    "linears of different steps merged": Fault(
        "plan.passes.merge",
        "(node.wires[0], loop(node.path), units, axes)",
        "(Wire(node.wires[0].source), loop(node.path), units, axes)",
        merging.test_linears_that_differ_stay_apart,
        ("{block: linear, input: x(t-1), units: 4}",),
    ),
    "linears of different axes merged": Fault(
        "plan.passes.merge",
        "model.axes[node.path]\n",
        "model.axes[node.wires[0].source]\n",
        merging.test_a_static_linear_is_not_merged_with_one_that_has_a_clock,
    ),
    "the products' names exchanged": Fault(
        "plan.passes.merge",
        "for node, name in zip(nodes, names, strict=True)",
        "for node, name in zip(nodes, reversed(names), strict=True)",
        merging.test_linears_that_read_the_same_are_one_product,
    ),
    "a merged bias dropped": Fault(
        "plan.passes.merge",
        'Slice(owner(node, "bias")) if node.parameters["bias"] else None',
        "None",
        merging.test_linears_that_read_the_same_are_one_product,
    ),
    "a stale keep in merge": Fault(
        "plan.passes.rewriting",
        "return keep | {",
        "return frozenset() | {",
        merging.test_merging_spares_nodes_that_are_kept_read_late_or_outputs,
    ),
    "a name taken twice": Fault(
        "plan.passes.rewriting",
        "while name in taken:",
        "while False:",
        merging.test_a_name_that_is_taken_is_not_taken_again,
    ),
    "the bias on both sides of a split": Fault(
        "plan.passes.split",
        "(within, inside, False)",
        "(within, inside, True)",
        splitting.test_what_ignores_the_state_leaves_the_loop,
    ),
    "the bias on no side of a split": Fault(
        "plan.passes.split",
        "(before, outside, True)",
        "(before, outside, False)",
        splitting.test_a_merged_product_is_split_too,
    ),
    "a split's columns from the left": Fault(
        "plan.passes.split",
        "start, stop = spans[0][1][0], spans[-1][1][1]",
        "start, stop = 0, spans[-1][1][1] - spans[0][1][0]",
        last_columns,
    ),
    "columns apart taken for one piece": Fault(
        "plan.passes.split", "if any(first[1][1] != second[1][0] for", "if False and any(first for", first_columns
    ),
    "the bias in every piece": Fault("plan.passes.split", "biased and i == 1", "biased", first_columns),
    "a split of what is kept": Fault(
        "plan.passes.split", " and node.path not in keep:", ":", splitting.test_splitting_spares_nodes_that_are_kept
    ),
    "a split takes a user's name": Fault(
        "plan.passes.split",
        'free(f"{node.path}_outside", taken)',
        'f"{node.path}_outside"',
        splitting.test_a_user_may_call_nodes_as_the_pass_would,
    ),
    "a late list spliced": Fault(
        "plan.lists",
        'if read.time == NOW and node.block == "concatenate":',
        'if node.block == "concatenate":',
        unifying.test_a_list_that_is_read_late_or_wanted_stays,
    ),
    "a stale keep in flatten": Fault(
        "plan.passes.flatten",
        'if node.block != "concatenate" or node.path in keep:',
        'if node.block != "concatenate":',
        unifying.test_a_list_that_is_read_late_or_wanted_stays,
    ),
    "a bias lost by accumulating": Fault(
        "plan.passes.accumulate",
        "vectors and plain and",
        "vectors and",
        accumulating.test_what_stays_as_it_is,
        ("a bias of its own",),
    ),
    "a product accumulated that others read": Fault(
        "plan.passes.rewriting",
        "if len(readers) == 1",
        "if readers",
        accumulating.test_what_stays_as_it_is,
        ("read twice",),
    ),
    "yesterday's product accumulated today": Fault(
        "plan.passes.accumulate",
        "in free and product.time == NOW and",
        "in free and",
        accumulating.test_what_stays_as_it_is,
        ("read late",),
    ),
    "a stale keep in accumulate": Fault(
        "plan.passes.rewriting",
        "return keep | {",
        "return frozenset() | {",
        accumulating.test_nodes_that_are_kept_are_spared,
        ("W",),
    ),
    "a product accumulated onto itself": Fault(
        "plan.passes.accumulate",
        "(left, right), (right, left)",
        "(left, left), (right, right)",
        accumulating.test_a_product_is_added_while_it_is_worked_out,
        ("on the right",),
    ),
    "a weight that is not turned": Fault(
        "lowering.primitives",
        ') + ".t()"',
        ') + ".t().t()"',
        accumulating.test_a_product_is_added_while_it_is_worked_out,
        ("on the left",),
    ),
    "a part joined that others read": Fault(
        "plan.passes.join",
        "== len(model.graph.readers[parts.path])",
        "<= len(model.graph.readers[parts.path])",
        joining.test_what_stays_as_it_is,
        ("a part read twice",),
    ),
    "functions of different axes joined": Fault(
        "plan.passes.join",
        "len(functions) == len(clocks) == 1",
        "len(functions) == 1",
        joining.test_what_stays_as_it_is,
        ("a part that runs on no axis",),
    ),
    "mixed by a gate without bounds": Fault(
        "plan.passes.mix",
        ' and model.graph[gate.source].block == "sigmoid"',
        "",
        mixing.test_what_stays_as_it_is,
        ("a gate without bounds",),
    ),
    "unbounded values mixed": Fault(
        "plan.passes.mix", "and alike and bounded and", "and alike and", mixing.test_what_stays_as_it_is, ("a number",)
    ),
    "different functions joined": Fault(
        "plan.passes.join",
        "len(functions) == len(clocks) == 1",
        "functions",
        joining.test_what_stays_as_it_is,
        ("different functions",),
    ),
    "yesterday's part joined today": Fault(
        "plan.passes.join",
        "if parts.path not in spared else []",
        "",
        joining.test_what_stays_as_it_is,
        ("a part read late",),
    ),
    "a function joined that is read late": Fault(
        "plan.passes.rewriting",
        "return asked_for(model, keep) | read_late(model)",
        "return asked_for(model, keep)",
        joining.test_what_stays_as_it_is,
        ("a function read late",),
    ),
    "a stale keep in join": Fault(
        "plan.passes.rewriting",
        "return keep | {",
        "return frozenset() | {",
        joining.test_nodes_that_are_kept_are_spared,
        ("a",),
    ),
    "parts joined in the order of their readers": Fault(
        "plan.passes.join",
        'for port in parts.parameters["into"] if port in readers',
        "for port in sorted(readers, reverse=True)",
        joining.test_one_function_of_all_parts_is_one_operation,
        ("with names",),
    ),
    "the mixed values exchanged": Fault(
        "plan.passes.mix",
        '(("left", one), ("right", two))',
        '(("left", two), ("right", one))',
        mixing.test_two_products_become_one,
        ("as a gru",),
    ),
    "mixed onto the other value": Fault(
        "plan.passes.mix",
        'inputs=(("left", two), ("right", Wire(scaled.path)))',
        'inputs=(("left", one), ("right", Wire(scaled.path)))',
        mixing.test_two_products_become_one,
        ("factors commuted",),
    ),
    "mixed by any gate": Fault(
        "plan.passes.mix",
        "and difference.wires[1] == gate and",
        "and difference.wires[1].time == gate.time and",
        mixing.test_what_stays_as_it_is,
        ("another gate",),
    ),
    "mixed by a gate of another step": Fault(
        "plan.passes.mix",
        "difference.wires[1] == gate",
        "difference.wires[1].source == gate.source",
        mixing.test_what_stays_as_it_is,
        ("a gate of another step",),
    ),
    "mixed from any number": Fault(
        "plan.passes.mix",
        ' and source.parameters["value"] == 1',
        "",
        mixing.test_what_stays_as_it_is,
        ("not from one",),
    ),
    "yesterday's product mixed today": Fault(
        "plan.passes.mix",
        "here = wire.time == NOW and alike",
        "here = alike",
        mixing.test_what_stays_as_it_is,
        ("a product read late",),
    ),
    "a product mixed that others read": Fault(
        "plan.passes.rewriting",
        "if len(readers) == 1",
        "if readers",
        mixing.test_what_stays_as_it_is,
        ("a product read twice",),
    ),
    "mixed into a loop": Fault(
        "plan.passes.mix",
        " and free.get(found.path) == loop",
        " and found.path in free",
        mixing.test_what_stays_as_it_is,
        ("a gate that leaves the loop",),
    ),
    "a stale keep in mix": Fault(
        "plan.passes.rewriting",
        "return keep | {",
        "return frozenset() | {",
        mixing.test_nodes_that_are_kept_are_spared,
        ("rest",),
    ),
    "a weight for every feature": Fault(
        "plan.passes.weigh",
        "if model.value(weights).size == 1:",
        "if True:",
        weighing.test_what_stays_as_it_is,
        ("weights for every feature",),
    ),
    "weights that do not carry the axis": Fault(
        "plan.passes.weigh",
        "if any(over not in _carried(wire, model) for wire in product.wires):",
        "if False:",
        weighing.test_what_stays_as_it_is,
        ("a weight of the step",),
    ),
    "a weighted product that others read": Fault(
        "plan.passes.rewriting",
        "if len(readers) == 1",
        "if readers",
        weighing.test_what_stays_as_it_is,
        ("read twice",),
    ),
    "a stale keep in weigh": Fault(
        "plan.passes.rewriting",
        "return keep | {",
        "return frozenset() | {",
        weighing.test_nodes_that_are_kept_are_spared,
        ("p",),
    ),
    "padding weighed": Fault(
        "lowering.primitives",
        'by, what = f"keep({weight.text}, {mask}, 0, {len(outer)})", f"keep({what}, {mask})"',
        "by = f'keep({weight.text}, {mask}, 0, {len(outer)})'",
        weighing.test_what_overflows_in_the_padding_stays_out,
        ("x",),
    ),
    "a slice of a slice counts from the weight's edge": Fault(
        "plan.slices",
        "return (first + start, first + stop)",
        "return (start, stop)",
        *truth("lstm: a split in a split"),
    ),
    "rows that do not follow each other joined": Fault(
        "lowering.fusing",
        "first is not None and second is not None and first[1] == second[0]",
        "first is not None and second is not None",
        *truth("lstm: one product in another order"),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_caught(name: str) -> None:
    fault = FAULTS[name]
    with planted(fault.module, fault.old, fault.new), pytest.raises(CAUGHT):
        fault.caught_by(*fault.arguments)


@pytest.mark.parametrize("module", sorted({fault.module for fault in FAULTS.values()}))
def test_without_a_fault_the_same_way_of_planting_changes_nothing(module: str) -> None:
    line = next(
        line
        for line in inspect.getsource(importlib.import_module(f"leporello.builder.{module}")).splitlines()
        if "def " in line
    )
    with planted(module, line + "\n", line + "\n"):
        recognition.test_every_spelling_is_the_truth("lstm: other names")
        splitting.test_a_merged_product_is_split_too()


def test_a_fault_is_gone_afterwards() -> None:
    for fault in list(FAULTS.values())[:3]:
        with planted(fault.module, fault.old, fault.new):
            pass
        fault.caught_by(*fault.arguments)
