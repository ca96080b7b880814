"""Faults planted in the passes and in recognition: a wrong gate, sign, column, bias or reader, each caught by a test."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType

import pytest
import test_passes as passes
import test_recognition as recognition

from leporello.graphs.problems import SpecError

CAUGHT = (AssertionError, ValueError, RuntimeError, LookupError, TypeError, AttributeError, StopIteration)
CAUGHT = (*CAUGHT, SpecError, pytest.fail.Exception)
"""What a test that fails may end with."""


def functions(module: ModuleType) -> dict[str, FunctionType]:
    """The functions and methods that a module defines, by qualified name."""
    found: dict[str, FunctionType] = {}
    for value in vars(module).values():
        if isinstance(value, FunctionType) and value.__module__ == module.__name__:
            found[value.__qualname__] = value
        elif inspect.isclass(value) and value.__module__ == module.__name__:
            found.update({f.__qualname__: f for f in vars(value).values() if isinstance(f, FunctionType)})
    return found


@contextlib.contextmanager
def planted(name: str, old: str, new: str) -> Iterator[None]:
    """One piece of a module's source exchanged, in the functions that everybody holds already."""
    module = importlib.import_module(f"leporello.builder.{name}")
    text = inspect.getsource(module)
    assert text.count(old) == 1, f"{name} has {text.count(old)} times {old!r}"
    wrong = ModuleType(module.__name__)
    known = sys.modules[module.__name__]
    sys.modules[module.__name__] = wrong
    try:
        exec(compile(text.replace(old, new), f"{name} with a fault", "exec"), wrong.__dict__)
    finally:
        sys.modules[module.__name__] = known
    before: dict[FunctionType, CodeType] = {}
    spoilt = functions(wrong)
    for path, function in functions(module).items():
        if path in spoilt and spoilt[path].__code__.co_freevars == function.__code__.co_freevars:
            before[function] = function.__code__
            function.__code__ = spoilt[path].__code__
    try:
        yield
    finally:
        for function, code in before.items():
            function.__code__ = code


@dataclass(frozen=True)
class Fault:
    """A fault: the module, what is exchanged for what, and the test that fails by it."""

    module: str
    old: str
    new: str
    caught_by: Callable[..., None]
    arguments: tuple[str, ...] = ()


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
    passes.test_columns_go_where_their_readings_are(listed, outside, within)


def first_columns() -> None:
    """The state stands between two inputs."""
    columns("x, h(t-1), e", [(0, 3), (7, 9)], [(3, 7)])


def last_columns() -> None:
    """Two inputs stand after the state."""
    columns("h(t-1), k(t-1), x, e", [(8, 13)], [(0, 8)])


def nothing_times(text: str) -> None:
    """An operation that has to stay."""
    passes.test_what_changes_something_stays(text)


FAULTS = {
    "input and forget gate exchanged": Fault(
        "recognition", "for wire in (gate, forget)]", "for wire in (forget, gate)]", *truth("lstm: a product for each gate")
    ),
    "output gate of the next layer's order": Fault(
        "recognition",
        'gates += [_gate(reader, candidate, "tanh"), _gate(reader, squashed[0][0], "sigmoid")]',
        'gates += [_gate(reader, squashed[0][0], "sigmoid"), _gate(reader, candidate, "tanh")]',
        *truth("lstm: U x + W h"),
    ),
    "the negated gate's sign": Fault(
        "recognition", "gate if keeps else gate.negated()", "gate", *truth("gru: z * n + (1 - z) * h")
    ),
    "every gate negated": Fault(
        "recognition", "gate if keeps else gate.negated()", "gate.negated()", *truth("gru: (1 - z) * n + z * h")
    ),
    "the gate that takes the new state taken for one that keeps": Fault(
        "recognition", "return gate, sides[0], False", "return gate, sides[0], True", *truth("gru: h + z * (n - h)")
    ),
    "2 - z taken for 1 - z": Fault(
        "recognition", ' or float(one.parameters["value"]) != 1.0', "", *near("gru, 2 - z")
    ),
    "two gates taken for one": Fault(
        "recognition", "first.path == second.path", "first.block == second.block", *near("gru, two gates")
    ),
    "a reset over everything": Fault(
        "recognition", "if state.inputs or inputs.hidden:", "if False:", *near("gru, reset over all")
    ),
    "relu for tanh": Fault("recognition", 'function == "relu"', 'function == "tanh"', *truth("rnn: relu")),
    "a projection's bias dropped": Fault(
        "recognition", ' and not node.parameters["bias"]', "", *near("a projection with a bias")
    ),
    "any function taken for a sigmoid": Fault(
        "recognition", '== ("sigmoid", "tanh")', '!= ("sigmoid", "sigmoid")', *near("relu in place of tanh")
    ),
    "a bias dropped": Fault(
        "affine",
        'biases=(Slice(owner(node, "bias"), rows),) if node.parameters["bias"] else ()',
        "biases=()",
        *truth("lstm: a product for each gate"),
    ),
    "the second bias dropped": Fault(
        "affine", "self.biases + other.biases", "self.biases or other.biases", *truth("lstm: a bias on both sides")
    ),
    "a bias twice": Fault(
        "affine", "self.biases + other.biases", "self.biases + other.biases + self.biases", *truth("rnn: W h + b + U x")
    ),
    "columns off by one": Fault(
        "affine", "(leaf, (start, start + size))", "(leaf, (start + 1, start + size + 1))", *truth("lstm: the state first in the list")
    ),
    "rows of another gate": Fault(
        "affine",
        "names.index(port) if port else 0",
        "len(names) - 1 - names.index(port) if port else 0",
        *truth("lstm: one product in another order"),
    ),
    "the bias of the negated gate keeps its sign": Fault(
        "affine",
        "tuple(replace(piece, negative=turn[piece.negative]) for piece in self.biases)",
        "self.biases",
        *truth("gru: (1 - z) * h + z * n"),
    ),
    "the whole weight where a part is read": Fault(
        "affine", "columns = None if len(spans) == 1 else span", "columns = None", *truth("rnn: one product")
    ),
    "any state taken for the hidden one": Fault(
        "affine", "return wire.source == path and not wire.port and", "return not wire.port and", *near("peephole")
    ),
    "any delay taken for one": Fault("cells", "if loop.delay != 1:", "if False:", *near("delay of two")),
    "c taken for known at all steps": Fault(
        "cells",
        "if wire.source not in nodes or wire.source == parts.h:",
        "if wire.source not in nodes or wire.source in (parts.h, parts.c):",
        *near("c as output"),
    ),
    "the first c taken for the last": Fault("cells", "or wire.time != end:", "or wire.time == NOW:", *near("first c")),
    "inner nodes asked for are forgotten": Fault(
        "cells",
        "readers += [(inner, Wire(inner)) for inner in sorted(also)]",
        "readers += []",
        recognition.test_an_inner_node_asked_for_is_what_the_cell_lacks,
    ),
    "a size of 1 taken for all units": Fault(
        "cells", "    _check_sizes(parts, model)\n", "", *near("a forget gate for all units")
    ),
    "what is read elsewhere is dropped": Fault(
        "cells",
        "and all(n.path in found or n.path in reader.inside for n, _ in model.graph.readers[path])",
        "",
        *fused("lstm: a gate's part of x is read elsewhere"),
    ),
    "the nodes of a cell are rewritten": Fault(
        "schedule", "cell.nodes | {wire.source", "{wire.source", *truth("lstm: other names")
    ),
    "what a cell reads is rewritten": Fault(
        "schedule", " | {wire.source for wire in cell.sources}", "", passes.test_cells_over_linears_that_read_the_same
    ),
    "minus dropped": Fault(
        "passes.fold", "return -known[0]", "return known[0]", passes.test_numbers_are_worked_out
    ),
    "0 * x taken for x": Fault(
        "passes.fold",
        "numbers.get(wire.source) == _NEUTRAL.get((node.block, port))",
        "numbers.get(wire.source) in (0.0, 1.0)",
        nothing_times,
        ("0 * tanh(x)",),
    ),
    "0 - x taken for x": Fault(
        "passes.fold",
        "_NEUTRAL.get((node.block, port))",
        '_NEUTRAL.get((node.block, "right"))',
        nothing_times,
        ("0 - tanh(x)",),
    ),
    "a number folded that runs on an axis": Fault(
        "passes.fold",
        " and model.axes[path].own is None",
        "",
        passes.test_numbers_that_run_on_an_axis_stay,
    ),
    "a stale keep in fold": Fault(
        "passes.fold", "fixed = keep | read_late(model)", "fixed = read_late(model)", passes.test_folding_spares_nodes_that_are_kept_or_read_late
    ),
    "a first value folded away": Fault(
        "passes.fold", "fixed = keep | read_late(model)", "fixed = keep", passes.test_folding_spares_nodes_that_are_kept_or_read_late
    ),
    "a stale keep in unify": Fault(
        "passes.unify",
        "fixed = keep | read_late(model)",
        "fixed = read_late(model)",
        passes.test_what_a_node_that_is_kept_reads_from_stays_too,
    ),
    "a first value unified away": Fault(
        "passes.unify",
        "fixed = keep | read_late(model)",
        "fixed = keep",
        passes.test_a_state_keeps_its_name,
    ),
    "weights unified": Fault(
        "passes.unify",
        "if node.block in _OWN or path in fixed:",
        "if path in fixed:",
        passes.test_weights_chance_and_time_tell_nodes_apart,
    ),
    "times unified": Fault(
        "passes.unify", "w.port, w.time) for", "w.port) for", passes.test_weights_chance_and_time_tell_nodes_apart
    ),
    "parameters unified": Fault(
        "passes.unify",
        "reads, parameters, model.axes",
        "reads, model.axes",
        passes.test_initial_values_and_parameters_tell_nodes_apart,
    ),
    "a loop's node for one outside": Fault(
        "passes.unify",
        "key = (loop(path), _key(node, same, model))",
        "key = _key(node, same, model)",
        passes.test_a_node_of_a_loop_does_not_stand_for_one_outside,
    ),
    "linears of different loops merged": Fault(
        "passes.merge",
        "(node.wires[0], loop(node.path), units, axes)",
        "(node.wires[0], 0, units, axes)",
        passes.test_linears_of_different_loops_stay_apart,
    ),
    "linears of different steps merged": Fault(
        "passes.merge",
        "(node.wires[0], loop(node.path), units, axes)",
        "(Wire(node.wires[0].source), loop(node.path), units, axes)",
        passes.test_linears_that_differ_stay_apart,
        ("{block: linear, input: x(t-1), units: 4}",),
    ),
    "linears of different axes merged": Fault(
        "passes.merge",
        "model.axes[node.path]\n",
        "model.axes[node.wires[0].source]\n",
        passes.test_a_static_linear_is_not_merged_with_one_that_has_a_clock,
    ),
    "the products' names exchanged": Fault(
        "passes.merge",
        "for n, name in zip(nodes, _unlike(names), strict=True)",
        "for n, name in zip(nodes, reversed(_unlike(names)), strict=True)",
        passes.test_linears_that_read_the_same_are_one_product,
    ),
    "a merged bias dropped": Fault(
        "passes.merge",
        'Slice(weight_owner(node, "bias")) if node.parameters["bias"] else None',
        "None",
        passes.test_linears_that_read_the_same_are_one_product,
    ),
    "a stale keep in merge": Fault(
        "passes.merge",
        "fixed = keep | read_late(model)",
        "fixed = read_late(model)",
        passes.test_merging_spares_nodes_that_are_kept_read_late_or_outputs,
    ),
    "a name taken twice": Fault(
        "passes.merge", "while name in taken:", "while False:", passes.test_a_name_that_is_taken_is_not_taken_again
    ),
    "the bias on both sides of a split": Fault(
        "passes.split", "(within, inside, False)", "(within, inside, True)", passes.test_what_ignores_the_state_leaves_the_loop
    ),
    "the bias on no side of a split": Fault(
        "passes.split", "(before, outside, True)", "(before, outside, False)", passes.test_a_merged_product_is_split_too
    ),
    "a split's columns from the left": Fault(
        "passes.split",
        "columns = (spans[0][0], spans[-1][1])",
        "columns = (0, spans[-1][1] - spans[0][0])",
        last_columns,
    ),
    "columns apart taken for one piece": Fault("passes.split", "if any(a[1] != b[0]", "if False and any(a[1] != b[0]", first_columns),
    "the bias in every piece": Fault("passes.split", "biased and i == 1", "biased", first_columns),
    "a split of what is kept": Fault(
        "passes.split", " and node.path not in keep:", ":", passes.test_splitting_spares_nodes_that_are_kept
    ),
    "a split takes a user's name": Fault(
        "passes.split",
        'free(f"{node.path}_outside", taken)',
        'f"{node.path}_outside"',
        passes.test_a_user_may_call_nodes_as_the_pass_would,
    ),
    "a late list spliced": Fault(
        "passes.flatten",
        'if wire.time == NOW and source.block == "concatenate":',
        'if source.block == "concatenate":',
        passes.test_a_list_that_is_read_late_or_wanted_stays,
    ),
    "a stale keep in flatten": Fault(
        "passes.flatten",
        'if node.block != "concatenate" or node.path in keep:',
        'if node.block != "concatenate":',
        passes.test_a_list_that_is_read_late_or_wanted_stays,
    ),
    "a slice of a slice counts from the weight's edge": Fault(
        "slices", "return (first + start, first + stop)", "return (start, stop)", *truth("lstm: a split in a split")
    ),
    "rows that do not follow each other joined": Fault(
        "fusing",
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
    line = next(line for line in inspect.getsource(importlib.import_module(f"leporello.builder.{module}")).splitlines() if "def " in line)
    with planted(module, line + "\n", line + "\n"):
        recognition.test_every_spelling_is_the_truth("lstm: other names")
        passes.test_a_merged_product_is_split_too()


def test_a_fault_is_gone_afterwards() -> None:
    for fault in list(FAULTS.values())[:3]:
        with planted(fault.module, fault.old, fault.new):
            pass
        fault.caught_by(*fault.arguments)
