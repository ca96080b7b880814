"""Faults planted in recognition: a wrong gate, sign, column, bias or reader, each caught by a test."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable

import pytest

from tests.builder.plan import test_diagnosis as diagnoses
from tests.builder.plan import test_recognition as recognition
from tests.builder.plan.passes import test_merge as merging
from tests.builder.plan.passes import test_split as splitting
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


def far() -> tuple[Callable[..., None]]:
    """A loop is to be near no cell."""
    return (diagnoses.test_what_is_far_from_every_cell_is_told_by_what_it_is,)


FAULTS = {
    "gates in another order": Fault(
        "plan.kernels", "for name in kernel.gates)", "for name in kernel.gates[::-1])", *truth("lstm: U x + W h")
    ),
    "the negated gate's sign": Fault(
        "plan.kernels", "gates[name].negated() if", "gates[name] if", *truth("gru: z * n + (1 - z) * h")
    ),
    "every gate negated": Fault(
        "plan.kernels", "else gates[name] for", "else gates[name].negated() for", *truth("gru: (1 - z) * n + z * h")
    ),
    "2 - z taken for 1 - z": Fault(
        "plan.recognition", ' and float(node.parameters["value"]) == 1.0', "", *near("gru, 2 - z")
    ),
    "two gates taken for one": Fault(
        "plan.recognition",
        "node.path == bound[letter]",
        "node.block == self.reader.model.graph[bound[letter]].block",
        *near("gru, two gates"),
    ),
    "a difference the other way round": Fault(
        "plan.recognition",
        "[(left, reads[0]), (right, reads[1])]",
        "[(left, reads[1]), (right, reads[0])]",
        *fused("gru: h + z * (n - h)"),
    ),
    "sides in one order only": Fault(
        "plan.recognition",
        "in permutations(terms) if len(terms) == 2 else ():",
        "in [terms] if len(terms) == 2 else ():",
        *fused("lstm: terms the other way round"),
    ),
    "a term beside the reset gate's forgotten": Fault(
        "plan.recognition",
        "[*terms[:i], *terms[i + 1 :]]",
        "[*terms[i + 1 :]]",
        *truth("gru: (1 - z) * n + z * h"),
    ),
    "a reset over everything": Fault(
        "plan.affine",
        'return Misfit("outside", at, read) if of == "state" else None',
        "return None",
        *near("gru, reset over all"),
    ),
    "a state beside the reset": Fault(
        "plan.affine",
        'return Misfit("state", at, read) if of == "outside" else None',
        "return None",
        *near("gru, a state beside the reset"),
    ),
    "a difference taken for a sum": Fault(
        "plan.affine", 'if node.block == "subtract":', "if False:", *near("a difference")
    ),
    "the rest of a long sum forgotten": Fault(
        "plan.affine",
        'return whole + Affine(misfits=(Misfit("many", at, wire),))',
        "return whole",
        diagnoses.test_a_sum_of_very_many_products_is_no_cell,
    ),
    "relu for tanh": Fault("plan.kernels", 'function.block == "relu"', 'function.block == "tanh"', *truth("rnn: relu")),
    "a projection's bias dropped": Fault(
        "plan.recognition", ' and not node.parameters["bias"]', "", *near("a projection with a bias")
    ),
    "relu taken for any function": Fault(
        "plan.recognition",
        "if node.block in functions:",
        'if node.block in (*functions, "relu"):',
        *near("relu in place of tanh"),
    ),
    "a bias dropped": Fault(
        "plan.affine",
        'biases=(Slice(owner(node, "bias"), rows),) if node.parameters["bias"] else ()',
        "biases=()",
        *truth("lstm: a product for each gate"),
    ),
    "the second bias dropped": Fault(
        "plan.affine", "self.biases + other.biases", "self.biases or other.biases", *truth("lstm: a bias on both sides")
    ),
    "a bias twice": Fault(
        "plan.affine",
        "self.biases + other.biases",
        "self.biases + other.biases + self.biases",
        *truth("rnn: W h + b + U x"),
    ),
    "columns off by one": Fault(
        "plan.affine",
        "(leaf, (start, start + size))",
        "(leaf, (start + 1, start + size + 1))",
        *truth("lstm: the state first in the list"),
    ),
    "rows of another gate": Fault(
        "plan.affine",
        "names.index(port) if port else 0",
        "len(names) - 1 - names.index(port) if port else 0",
        *truth("lstm: one product in another order"),
    ),
    "the bias of the negated gate keeps its sign": Fault(
        "plan.affine",
        "tuple(replace(piece, negative=turn[piece.negative]) for piece in self.biases)",
        "self.biases",
        *truth("gru: (1 - z) * h + z * n"),
    ),
    "the whole weight where a part is read": Fault(
        "plan.affine", "columns = None if len(spans) == 1 else span", "columns = None", *truth("rnn: one product")
    ),
    "any state taken for the hidden one": Fault(
        "plan.affine",
        "if wire.source == path and not wire.port else None",
        "if not wire.port else None",
        *near("peephole"),
    ),
    "any delay taken for one": Fault(
        "plan.affine", 'found[0] == Time("t", -self.direction)', "bool(found[0].offset)", *near("delay of two")
    ),
    "c taken for known at all steps": Fault(
        "plan.kernels", "and wire.source != h and (", "and wire.source not in (h, c) and (", *near("c as output")
    ),
    "the first c taken for the last": Fault(
        "plan.kernels", "or wire.time != end)", "or wire.time == NOW)", *near("first c")
    ),
    "a part that is missing is not told": Fault(
        "plan.nearness", "for s in sides], []", "for s in sides if s is side], []", *near("no output gate")
    ),
    "a term too much is not told": Fault(
        "plan.nearness",
        "pattern, term, pairs, extra, bound)",
        "pattern, term, pairs, [], bound)",
        *near("a gate twice"),
    ),
    "the first way taken for the best": Fault(
        "plan.nearness", "return max(", "return next(iter(ways)) if ways else max(", *near("gru, no new state")
    ),
    "the name of another node": Fault(
        "plan.cell_texts", "if wire.time == NOW and is_piece(node) else at])", "])", *near("no tanh of the cell state")
    ),
    "nodes told apart that do alike": Fault(
        "plan.diagnosis", "names=()) if difference.verb else", "names=()) if False else", *near("delay of two")
    ),
    "a cell that is far told as near": Fault(
        "plan.nearest", "best.match.likeness >= 0", "best.match.likeness >= -99", *far()
    ),
    "inner nodes asked for are forgotten": Fault(
        "plan.kernels",
        'outputs = [(f"the output {output.name}", output.wire) for output in graph.outputs]',
        "outputs = []",
        recognition.test_an_inner_node_asked_for_is_what_the_cell_lacks,
    ),
    "a size of 1 taken for all units": Fault(
        "plan.kernels", "*self._sizes(), ", "", *near("a forget gate for all units")
    ),
    "what is read elsewhere is dropped": Fault(
        "plan.kernels",
        "if all(node.path in found for node, _ in model.graph.readers[path])",
        "",
        *fused("lstm: a gate's part of x is read elsewhere"),
    ),
    "what a cell weighs is dropped": Fault(
        "plan.kernels", "[*sources, *starts,", "[*starts,", *truth("rnn: a sum's linear weighed too")
    ),
    "what feeds back to itself is dropped": Fault(
        "plan.kernels",
        "[*sources, *starts,",
        "[*(wire for wire in sources if not wire.time.offset), *starts,",
        recognition.test_a_linear_that_feeds_back_to_itself_is_a_loop_beside_the_cell,
        ("into a sum",),
    ),
    "what a state starts from is dropped": Fault(
        "plan.kernels", "[*sources, *starts,", "[*sources,", *truth("rnn: a bias as start")
    ),
    "what a linear weighs taken for a part of the sum": Fault(
        "plan.affine",
        'listed or node.block not in ("linear", "concatenate")',
        "True",
        *fused("rnn: a source scaled by one number"),
    ),
    "the nodes of a cell are rewritten": Fault(
        "plan.schedule", "cell.nodes | {wire.source", "{wire.source", *fused("lstm: other names")
    ),
    "what a cell reads is rewritten": Fault(
        "plan.schedule",
        " | {wire.source for wire in cell.sources}",
        "",
        merging.test_cells_over_linears_that_read_the_same,
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
        if "def " in line and "__str__" not in line
    )
    with planted(module, line + "\n", line + "\n"):
        recognition.test_every_spelling_is_the_truth("lstm: other names")
        splitting.test_a_merged_product_is_split_too()


def test_a_fault_is_gone_afterwards() -> None:
    for fault in list(FAULTS.values())[:3]:
        with planted(fault.module, fault.old, fault.new):
            pass
        fault.caught_by(*fault.arguments)
