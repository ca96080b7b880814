"""Edits that are refused, in which words; names and values that would mean more than themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from leporello.blocks.registry import registry
from leporello.graphs.edits.splices.addresses import add, rename
from leporello.graphs.edits.splices.draft import Draft, Edited
from leporello.graphs.edits.splices.expanded import expand_node
from leporello.graphs.edits.splices.grouped import group_nodes
from leporello.graphs.edits.splices.nodes import remove_nodes
from leporello.graphs.edits.splices.ports import connect, disconnect
from leporello.graphs.edits.splices.replacing import replace_block
from leporello.graphs.edits.splices.settings import set_value, unset_value, write
from leporello.graphs.problems import SpecError
from tests.graphs.edits.splices.test_splices import TEXT, changed, draft

REFUSED: dict[str, tuple[Callable[[Draft], Edited], str]] = {
    "a name that is taken": (lambda d: rename(d, "h", "U"), "'U' is the name of a node already"),
    "a name that is none": (lambda d: rename(d, "h", "a: b"), "'a: b' is not a node's name"),
    "a reserved name": (lambda d: rename(d, "h", "last"), "'last' is a reserved name"),
    "a name too long": (lambda d: rename(d, "h", "h" * 101), "a node's name of 101 characters"),
    "a control character": (lambda d: rename(d, "h", "h\x1b[2J"), r"'h\x1b[2J' is not a node's name"),
    "no such node": (lambda d: rename(d, "hh", "k"), "there is no 'hh'\n  did you mean h?"),
    "a function's name read late": (lambda d: rename(d, "h", "tanh"), "cannot rename h to tanh: `tanh` is a function"),
    "two sizes become one": (
        lambda d: rename(set_value(d, ("parameters", "n"), 3).after, "n", "words"),
        "there is no 'n'",
    ),
    "two axes become one": (lambda d: rename(d, "axes.time", "none"), "'none' is an axis already"),
    "a shipped block": (lambda d: rename(d, "blocks.cell", "lstm"), "there is a block lstm already"),
    "a section": (lambda d: rename(d, "nodes", "n"), "nodes is nothing that is renamed"),
    "an unknown key": (
        lambda d: set_value(d, ("nodes", "U", "unit"), 3),
        "cannot set unit of U: U, a linear, has no key",
    ),
    "a wrong value": (lambda d: set_value(d, ("nodes", "U", "units"), "many"), "units must be a whole number"),
    "no key of an expression": (lambda d: set_value(d, ("nodes", "h", "units"), 3), "h is an expression, of which no"),
    "no such entry": (lambda d: set_value(d, ("nodes", "k", "units"), 3), "there is no nodes.k"),
    "a value that would be lost": (
        lambda d: set_value(
            set_value(d, ("nodes", "U", "init"), "zeros").after, ("nodes", "U", "init", "bias"), "ones"
        ),
        "nodes.U.init is no mapping, in which bias could stand\n  unset nodes.U.init first",
    ),
    "nothing to unset": (lambda d: unset_value(d, ("nodes", "U", "bias")), "there is no nodes.U.bias to unset"),
    "an input that is read": (lambda d: unset_value(d, ("inputs", "x")), "x cannot be removed: it is read by U"),
    "an input that is predicted": (
        lambda d: unset_value(d, ("inputs", "y")),
        "y cannot be removed: it is read by scored",
    ),
    "a block that is used": (lambda d: unset_value(d, ("blocks", "cell")), "cannot remove cell: unknown block 'cell'"),
    "a node that is read": (lambda d: remove_nodes(d, ["h"]), "h cannot be removed: it is read by W, c, V"),
    "a node whose weights are shared": (lambda d: remove_nodes(d, ["U"], bypass=True), "its weights are shared"),
    "an expression is no step": (lambda d: remove_nodes(d, ["h"], bypass=True), "h is an expression"),
    "what is no value": (lambda d: write(d, "h", "tanh(U"), "cannot write h: this parenthesis is not closed"),
    "what reads nothing": (lambda d: write(d, "h", "U + nothing"), "cannot write h: unknown name 'nothing'"),
    "no such port": (
        lambda d: connect(d, "U", "inputs", "x"),
        "U, a linear, has no port 'inputs'\n  did you mean input?",
    ),
    "an expression has no ports": (lambda d: connect(d, "h", "input", "x"), "h is an expression: it has no ports"),
    "no such value": (lambda d: connect(d, "U", "input", {"a": 1}), "input of U reads no such value"),
    "what is not read": (lambda d: disconnect(d, "V", "input", "U"), "V does not read U at input"),
    "an unknown block": (
        lambda d: add(d, "k", {"block": "lstn"}),
        "cannot add k: unknown block 'lstn'\n  did you mean lstm?",
    ),
    "what would break out of its line": (
        lambda d: add(d, "k", "tanh(h)\noutputs: {}"),
        "an expression stands on one line",
    ),
    "no block to expand": (lambda d: expand_node(d, "U"), "U cannot be expanded: a linear has nothing inside"),
    "an input is not grouped": (lambda d: group_nodes(d, ["x"], "b", "n"), "x is an input, which no block holds"),
    "half of what shares": (lambda d: group_nodes(d, ["V"], "b", "n"), "V shares weights of U"),
    "what others read": (
        lambda d: replace_block(write(d, "V", "c.h * 2").after, "c", "linear"),
        "cannot replace c by a linear: c has no port 'h'",
    ),
    "an expression uses no block": (lambda d: replace_block(d, "h", "gru"), "h is an expression: it uses no block"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_words(name: str) -> None:
    do, words = REFUSED[name]
    with pytest.raises(SpecError) as error:
        do(draft())
    assert words in str(error.value), str(error.value)


@pytest.mark.parametrize(
    "label", ["a: b", "# no", "x\ny", "\x07", "'", '"', "- ", "%", "", "  ", "é" * 3000, "{", "&a", "!b", "true"]
)
def test_no_text_means_more_than_itself(label: str) -> None:
    edited = set_value(draft(), ("nodes", "h", "label"), label)
    assert edited.after.graph["h"].label == label
    assert set_value(edited.after, ("nodes", "h", "label"), "h").after.graph["h"].label == "h"


def test_a_block_in_a_file_is_edited_there() -> None:
    with pytest.raises(SpecError, match="the block cell stands in a file of its own"):
        rename(draft("spec: 1\nblocks: {cell: cell.yaml}\nnodes: {h: x}"), "blocks.cell.nodes.h", "k")


def test_a_graph_in_json_is_not_edited() -> None:
    with pytest.raises(SpecError, match="a graph in JSON is not edited in its text"):
        draft('{"nodes": [], "edges": []}')
    with pytest.raises(SpecError, match="a graph in JSON is not edited in its text"):
        Draft.read('{"nodes": {"h": "x"}}', registry(), "a.json")


def test_faults_that_were_there_are_no_hindrance() -> None:
    text = TEXT.replace("block: cell, x: h, units: 4}", "block: cell, x: h, units: 4").replace("tanh(W)", "tanh(Q)")
    faulty = draft(text)
    assert len(faulty.problems) >= 2
    edited = rename(faulty, "U", "low")
    assert len(edited.after.problems) == len(faulty.problems)
    assert changed(write(edited.after, "c", "h"))[-1] == "+  c: h"
    assert len(write(edited.after, "c", "h").after.problems) < len(faulty.problems)


def test_what_cannot_be_read_is_not_lost() -> None:
    broken = draft(TEXT.replace("training: {rate: 2e-3}", "training: {rate: 2e-3"))
    with pytest.raises(SpecError, match="training cannot be read yet"):
        set_value(broken, ("training", "updates"), 5)
    half = draft("spec: 1\ninputs:\n  x: {features: 2}\nnodes: {h: tanh(x\noutputs:\n  y: x\n")
    with pytest.raises(SpecError, match="nodes cannot be read yet"):
        add(half, "k", "x * 2")


@pytest.mark.parametrize(
    ("said", "keys"),
    [
        ("data:\n- x: {file: a.txt}", ("data", "x", "file")),
        ("training: fast", ("training", "rate")),
        ("parameters: [n, {m: 3}]", ("parameters", "k")),
        ("outputs: [h, {y: h}]", ("outputs", "z", "label")),
        ("blocks: [cell]", ("blocks", "b")),
    ],
)
def test_what_holds_no_names_is_not_written_over(said: str, keys: tuple[str, ...]) -> None:
    spec = f"spec: 1\ninputs: {{x: {{features: 2}}}}\nnodes:\n  h: tanh(x)\n{said}\n"
    draft = Draft.read(spec, registry())
    with pytest.raises(SpecError):
        set_value(draft, keys, 3)
