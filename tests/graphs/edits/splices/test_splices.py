"""Every kind of edit by example: which lines go and which come, and what is refused in which words."""

from __future__ import annotations

import difflib
from collections.abc import Callable

import pytest

from leporello.blocks.registry import registry
from leporello.graphs.edits.splices.addresses import add, rename
from leporello.graphs.edits.splices.draft import Draft, Edited
from leporello.graphs.edits.splices.expanded import expand_node
from leporello.graphs.edits.splices.grouped import group_nodes
from leporello.graphs.edits.splices.nodes import add_node, copy_node, remove_nodes
from leporello.graphs.edits.splices.ports import connect, disconnect
from leporello.graphs.edits.splices.replacing import replace_block
from leporello.graphs.edits.splices.settings import add_entry, set_value, unset_value, write
from leporello.graphs.problems import SpecError

TEXT = """\
# A model with a bit of everything.
spec: 1
name: bit  # short
parameters:
  words: 20
inputs:
  x: {features: 8}  # what is read
  y: {tokens: $words}
blocks:
  cell:
    # a cell
    inputs: [x]
    parameters: {units: 16}
    nodes:
      W: {block: linear, input: [x, h(t-1)], units: $units}
      h: tanh(W)
    outputs: [h]
nodes:
  # the first layer
  U: {block: linear, input: x, units: 16}  # weights
  h: tanh(U  +  W)
  W:
    block: linear
    input: h(t-1)  # one step late
    units: 16
  c: {block: cell, x: h, units: 4}
  V: {block: linear, input: [c, "h(t-2)"], units: $words, share: {bias: U.bias}}
outputs:
  out: c
  scored: {from: V, predicts: y}
data:
  y: {file: words.txt}
training: {rate: 2e-3}
"""


def draft(text: str = TEXT) -> Draft:
    return Draft.read(text, registry())


def changed(edited: Edited) -> list[str]:
    """The lines that go (-) and come (+)."""
    before, after = edited.before.text.splitlines(), edited.text.splitlines()
    return [
        line for line in difflib.unified_diff(before, after, n=0, lineterm="") if line[:2] not in ("--", "++", "@@")
    ]


EDITS: dict[str, tuple[Callable[[Draft], Edited], str]] = {
    "rename a node": (
        lambda d: rename(d, "h", "state"),
        """\
-  h: tanh(U  +  W)
+  state: tanh(U  +  W)
-    input: h(t-1)  # one step late
+    input: state(t-1)  # one step late
-  c: {block: cell, x: h, units: 4}
-  V: {block: linear, input: [c, "h(t-2)"], units: $words, share: {bias: U.bias}}
+  c: {block: cell, x: state, units: 4}
+  V: {block: linear, input: [c, "state(t-2)"], units: $words, share: {bias: U.bias}}
""",
    ),
    "rename a node that weights are shared of": (
        lambda d: rename(d, "U", "lower"),
        """\
-  U: {block: linear, input: x, units: 16}  # weights
-  h: tanh(U  +  W)
+  lower: {block: linear, input: x, units: 16}  # weights
+  h: tanh(lower  +  W)
-  V: {block: linear, input: [c, "h(t-2)"], units: $words, share: {bias: U.bias}}
+  V: {block: linear, input: [c, "h(t-2)"], units: $words, share: {bias: lower.bias}}
""",
    ),
    "rename to what YAML takes for a truth value": (
        lambda d: rename(d, "c", "true"),
        """\
-  c: {block: cell, x: h, units: 4}
-  V: {block: linear, input: [c, "h(t-2)"], units: $words, share: {bias: U.bias}}
+  "true": {block: cell, x: h, units: 4}
+  V: {block: linear, input: ["true", "h(t-2)"], units: $words, share: {bias: U.bias}}
-  out: c
+  out: "true"
""",
    ),
    "rename an input": (
        lambda d: rename(d, "y", "next"),
        """\
-  y: {tokens: $words}
+  next: {tokens: $words}
-  scored: {from: V, predicts: y}
+  scored: {from: V, predicts: next}
-  y: {file: words.txt}
+  next: {file: words.txt}
""",
    ),
    "rename an output": (
        lambda d: rename(d, "outputs.out", "state"),
        """\
-  out: c
+  state: c
""",
    ),
    "rename a size": (
        lambda d: rename(d, "$words", "vocabulary"),
        """\
-  words: 20
+  vocabulary: 20
-  y: {tokens: $words}
+  y: {tokens: $vocabulary}
-  V: {block: linear, input: [c, "h(t-2)"], units: $words, share: {bias: U.bias}}
+  V: {block: linear, input: [c, "h(t-2)"], units: $vocabulary, share: {bias: U.bias}}
""",
    ),
    "rename a block": (
        lambda d: rename(d, "blocks.cell", "unit"),
        """\
-  cell:
+  unit:
-  c: {block: cell, x: h, units: 4}
+  c: {block: unit, x: h, units: 4}
""",
    ),
    "rename a port of a block": (
        lambda d: rename(d, "blocks.cell.inputs.x", "input"),
        """\
-    inputs: [x]
+    inputs: [input]
-      W: {block: linear, input: [x, h(t-1)], units: $units}
+      W: {block: linear, input: [input, h(t-1)], units: $units}
-  c: {block: cell, x: h, units: 4}
+  c: {block: cell, input: h, units: 4}
""",
    ),
    "rename a parameter of a block": (
        lambda d: rename(d, "blocks.cell.parameters.units", "size"),
        """\
-    parameters: {units: 16}
+    parameters: {size: 16}
-      W: {block: linear, input: [x, h(t-1)], units: $units}
+      W: {block: linear, input: [x, h(t-1)], units: $size}
-  c: {block: cell, x: h, units: 4}
+  c: {block: cell, x: h, size: 4}
""",
    ),
    "rename an output of a block": (
        lambda d: rename(d, "blocks.cell.outputs.h", "hidden"),
        """\
-    outputs: [h]
+    outputs: {hidden: h}
""",
    ),
    "rename a node of a block": (
        lambda d: rename(d, "blocks.cell.nodes.h", "state"),
        """\
-      W: {block: linear, input: [x, h(t-1)], units: $units}
-      h: tanh(W)
-    outputs: [h]
+      W: {block: linear, input: [x, state(t-1)], units: $units}
+      state: tanh(W)
+    outputs: {h: state}
""",
    ),
    "rename an axis that nothing says": (
        lambda d: rename(d, "axes.time", "step"),
        """\
-  x: {features: 8}  # what is read
-  y: {tokens: $words}
+  x: {features: 8, axis: step}  # what is read
+  y: {tokens: $words, axis: step}
""",
    ),
    "rename the model": (
        lambda d: rename(d, "name", "piece"),
        """\
-name: bit  # short
+name: piece  # short
""",
    ),
    "set a parameter": (
        lambda d: set_value(d, ("nodes", "U", "units"), 32),
        """\
-  U: {block: linear, input: x, units: 16}  # weights
+  U: {block: linear, input: x, units: 32}  # weights
""",
    ),
    "set a parameter in lines": (
        lambda d: set_value(d, ("nodes", "W", "units"), 32),
        """\
-    units: 16
+    units: 32
""",
    ),
    "set a parameter that was not said": (
        lambda d: set_value(d, ("nodes", "W", "bias"), False),
        """\
+    bias: false
""",
    ),
    "set a modifier": (
        lambda d: set_value(d, ("nodes", "c", "layers"), 2),
        """\
-  c: {block: cell, x: h, units: 4}
+  c: {block: cell, x: h, units: 4, layers: 2}
""",
    ),
    "set an initial value by state": (
        lambda d: set_value(d, ("nodes", "c", "initial", "h"), "learned"),
        """\
-  c: {block: cell, x: h, units: 4}
+  c: {block: cell, x: h, units: 4, initial: {h: learned}}
""",
    ),
    "set a label of an expression": (
        lambda d: set_value(d, ("nodes", "h", "label"), "h: the state"),
        """\
-  h: tanh(U  +  W)
+  h: {value: tanh(U  +  W), label: "h: the state"}
""",
    ),
    "set a loss": (
        lambda d: set_value(d, ("outputs", "scored", "leak"), "allowed"),
        """\
-  scored: {from: V, predicts: y}
+  scored: {from: V, predicts: y, leak: allowed}
""",
    ),
    "set what an output predicts": (
        lambda d: set_value(d, ("outputs", "out", "predicts"), "x"),
        """\
-  out: c
+  out: {from: c, predicts: x}
""",
    ),
    "set training": (
        lambda d: set_value(d, ("training", "updates"), 500),
        """\
-training: {rate: 2e-3}
+training: {rate: 2e-3, updates: 500}
""",
    ),
    "set data": (
        lambda d: set_value(d, ("data", "y", "file"), "it's: #1.txt"),
        """\
-  y: {file: words.txt}
+  y: {file: "it's: #1.txt"}
""",
    ),
    "set a size": (
        lambda d: set_value(d, ("parameters", "words"), 30),
        """\
-  words: 20
+  words: 30
""",
    ),
    "set help of a block": (
        lambda d: set_value(d, ("blocks", "cell", "help"), "a cell, small"),
        """\
+    help: "a cell, small"
""",
    ),
    "unset a parameter": (
        lambda d: unset_value(d, ("nodes", "W", "units")),
        """\
-    units: 16
""",
    ),
    "unset what weights are shared": (
        lambda d: unset_value(d, ("nodes", "V", "share")),
        """\
-  V: {block: linear, input: [c, "h(t-2)"], units: $words, share: {bias: U.bias}}
+  V: {block: linear, input: [c, "h(t-2)"], units: $words}
""",
    ),
    "unset the only entry of a section": (
        lambda d: unset_value(d, ("data", "y")),
        """\
-data:
-  y: {file: words.txt}
""",
    ),
    "write an expression": (
        lambda d: write(d, "h", "relu(U) * W"),
        """\
-  h: tanh(U  +  W)
+  h: relu(U) * W
""",
    ),
    "write a block for an expression": (
        lambda d: write(d, "h", {"block": "linear", "input": "U", "units": 16}),
        """\
-  h: tanh(U  +  W)
+  h: {block: linear, input: U, units: 16}
""",
    ),
    "connect": (
        lambda d: connect(d, "U", "input", "x(t-1)"),
        """\
-  U: {block: linear, input: x, units: 16}  # weights
+  U: {block: linear, input: x(t-1), units: 16}  # weights
""",
    ),
    "connect, where a comment stands": (
        lambda d: connect(d, "W", "input", ["h(t-1)", "x"]),
        """\
-    input: h(t-1)  # one step late
+    input: [h(t-1), x]  # one step late
""",
    ),
    "connect beside": (
        lambda d: connect(d, "W", "input", "x", also=True),
        """\
-    input: h(t-1)  # one step late
+    input: [h(t-1), x]  # one step late
""",
    ),
    "connect beside, in a list": (
        lambda d: connect(d, "V", "input", "x", also=True),
        """\
-  V: {block: linear, input: [c, "h(t-2)"], units: $words, share: {bias: U.bias}}
+  V: {block: linear, input: [c, "h(t-2)", x], units: $words, share: {bias: U.bias}}
""",
    ),
    "disconnect one of a list": (
        lambda d: disconnect(d, "V", "input", "h"),
        """\
-  V: {block: linear, input: [c, "h(t-2)"], units: $words, share: {bias: U.bias}}
+  V: {block: linear, input: c, units: $words, share: {bias: U.bias}}
""",
    ),
    "disconnect a port that is needed": (
        lambda d: disconnect(d, "c", "x"),
        """\
-  c: {block: cell, x: h, units: 4}
+  c: {block: cell, units: 4}
""",
    ),
    "add a node": (
        lambda d: add_node(d, "k", "tanh(h)"),
        """\
+  k: tanh(h)
""",
    ),
    "add a node behind one in lines": (
        lambda d: add(d, "k", {"block": "linear", "units": 3}, "W"),
        """\
+  k: {block: linear, units: 3}
""",
    ),
    "add a node in a block": (
        lambda d: add(d, "blocks.cell.nodes.k", "tanh(h)"),
        """\
+      k: tanh(h)
""",
    ),
    "add an input": (
        lambda d: add(d, "inputs.z", {"features": 3, "axis": "none"}),
        """\
+  z: {features: 3, axis: none}
""",
    ),
    "add an output": (
        lambda d: add(d, "outputs.state", "h"),
        """\
+  state: h
""",
    ),
    "add a port to a list": (
        lambda d: add(d, "blocks.cell.inputs.s", {}),
        """\
-    inputs: [x]
+    inputs: [x, s]
""",
    ),
    "add a port that a list cannot say": (
        lambda d: add(d, "blocks.cell.inputs.s", {"optional": True}),
        """\
-    inputs: [x]
+    inputs: {x: {}, s: {optional: true}}
""",
    ),
    "add a block": (
        lambda d: add_entry(d, ("blocks", "twice"), {"inputs": ["x"], "nodes": {"y": "x + x"}, "outputs": ["y"]}),
        """\
+  twice:
+    inputs: [x]
+    nodes:
+      y: x + x
+    outputs: [y]
""",
    ),
    "copy a node": (
        lambda d: copy_node(d, "W", "W2"),
        """\
+  W2:
+    block: linear
+    input: h(t-1)
+    units: 16
""",
    ),
    "copy a node in a block": (
        lambda d: copy_node(d, "h", "k", block="cell"),
        """\
+      k: tanh(W)
""",
    ),
    "copy a node with its weights": (
        lambda d: copy_node(d, "U", "U2", shared=True),
        """\
+  U2: {block: linear, input: x, units: 16, share: U}
""",
    ),
    "remove a node that reads a list": (
        lambda d: remove_nodes(d, ["V"], bypass=True),
        """\
-  V: {block: linear, input: [c, "h(t-2)"], units: $words, share: {bias: U.bias}}
-  scored: {from: V, predicts: y}
+  scored: {from: [c, h(t-2)], predicts: y}
""",
    ),
    "remove a node that others read past": (
        lambda d: remove_nodes(d, ["c"], bypass=True),
        """\
-  c: {block: cell, x: h, units: 4}
-  V: {block: linear, input: [c, "h(t-2)"], units: $words, share: {bias: U.bias}}
+  V: {block: linear, input: [h, "h(t-2)"], units: $words, share: {bias: U.bias}}
-  out: c
+  out: h
""",
    ),
    "remove a node, delays added": (
        lambda d: remove_nodes(d, ["W"], bypass=True),
        """\
-  h: tanh(U  +  W)
-  W:
-    block: linear
-    input: h(t-1)  # one step late
-    units: 16
+  h: tanh(U  +  h(t-1))
""",
    ),
    "group": (
        lambda d: group_nodes(d, ["h", "W"], "loop", "h"),
        """\
+  loop:
+    inputs: [U]
+    nodes:
+      h: tanh(U  +  W)
+      W:
+        block: linear
+        input: h(t-1)  # one step late
+        units: 16
+    outputs: [h]
-  h: tanh(U  +  W)
-  W:
-    block: linear
-    input: h(t-1)  # one step late
-    units: 16
-  c: {block: cell, x: h, units: 4}
-  V: {block: linear, input: [c, "h(t-2)"], units: $words, share: {bias: U.bias}}
+  h: {block: loop, U: U}
+  c: {block: cell, x: h.h, units: 4}
+  V: {block: linear, input: [c, "h.h(t-2)"], units: $words, share: {bias: U.bias}}
""",
    ),
    "expand": (
        lambda d: expand_node(d, "c"),
        """\
-  c: {block: cell, x: h, units: 4}
+  c_W: {block: linear, input: [h, c(t-1)], units: 4}
+  c: tanh(c_W)
""",
    ),
    "replace": (
        lambda d: replace_block(d, "c", "gru"),
        """\
-  c: {block: cell, x: h, units: 4}
+  c: {block: gru, input: h, units: 4}
""",
    ),
    "replace by what has no units": (
        lambda d: replace_block(d, "U", "layer_norm"),
        """\
-  U: {block: linear, input: x, units: 16}  # weights
+  U: {block: layer_norm, input: x}  # weights
""",
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_lines_that_go_and_come(name: str) -> None:
    do, lines = EDITS[name]
    edited = do(draft())
    assert "\n".join(changed(edited)) + "\n" == lines
    assert edited.before.text == TEXT
    assert edited.after.text == edited.text


CALLED = {
    "rename a node": "rename h to state",
    "rename a size": "rename $words to $vocabulary",
    "rename a block": "rename the block cell to unit",
    "rename a node of a block": "rename h of cell to state",
    "set a parameter": "set units of U",
    "set training": "set training.updates",
    "unset a parameter": "unset units of W",
    "write an expression": "write h",
    "connect": "connect x(t-1) to U",
    "disconnect one of a list": "disconnect h from V",
    "add a node in a block": "add k of cell",
    "copy a node": "copy W as W2",
    "remove a node, delays added": "remove W",
    "group": "group h, W as h",
    "expand": "expand c",
    "replace": "replace c by a gru",
}


@pytest.mark.parametrize("name", CALLED)
def test_edits_have_names(name: str) -> None:
    assert EDITS[name][0](draft()).called == CALLED[name]


def test_what_does_not_fit_is_told() -> None:
    edited = replace_block(draft(TEXT.replace("x: h, units: 4", "x: h, units: 4, layers: 2, share: W")), "c", "linear")
    assert edited.notes == ("share: is left out: a linear has no such thing",)
    assert "  c: {block: linear, input: h, units: 4, layers: 2}\n" in edited.text


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


def test_from_nothing() -> None:
    one = draft("# mine\n")
    for address, value in (
        ("inputs.x", {"features": 3}),
        ("h", {"block": "lstm", "input": "x", "units": 4}),
        ("outputs.y", "h"),
    ):
        one = add(one, address, value).after
    one = set_value(one, ("spec",), 1).after
    assert not one.problems
    assert (
        one.text
        == """\
# mine
spec: 1
inputs:
  x: {features: 3}
nodes:
  h: {block: lstm, input: x, units: 4}
outputs:
  y: h
"""
    )


def test_what_cannot_be_read_is_not_lost() -> None:
    broken = draft(TEXT.replace("training: {rate: 2e-3}", "training: {rate: 2e-3"))
    with pytest.raises(SpecError, match="training cannot be read yet"):
        set_value(broken, ("training", "updates"), 5)
    half = draft("spec: 1\ninputs:\n  x: {features: 2}\nnodes: {h: tanh(x\noutputs:\n  y: x\n")
    with pytest.raises(SpecError, match="nodes cannot be read yet"):
        add(half, "k", "x * 2")
