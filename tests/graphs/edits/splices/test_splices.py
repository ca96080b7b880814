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
+  h: {block: loop, U: U}
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


@pytest.mark.parametrize(
    ("said", "block", "kept"),
    [
        ("{weight: xavier, bias: {constant: 1}}", "gru", "{weight: xavier, bias: {constant: 1}}"),
        ("{weight: zeros, bias: ones}", "embedding", "{weight: zeros}"),
        ("orthogonal", "layer_norm", ""),
        ("{weight: zeros}", "softmax", ""),
    ],
)
def test_first_values_go_along_where_there_are_such_weights(said: str, block: str, kept: str) -> None:
    edited = replace_block(draft(TEXT.replace("x: h, units: 4", f"x: h, units: 4, init: {said}")), "c", block)
    assert (f"init: {kept}" in edited.text) if kept else ("init:" not in edited.text)
    assert bool(kept) != ("init: is left out" in str(edited.notes))


def test_states_have_the_names_of_nodes() -> None:
    text = TEXT.replace(
        "x: h, units: 4}", "x: h, units: 4, layers: 2, initial: {1/forward/h: 0.5, 2/forward/h: learned}}"
    )
    edited = rename(draft(text), "blocks.cell.nodes.h", "state")
    assert "initial: {1/forward/state: 0.5, 2/forward/state: learned}}" in edited.text
    assert edited.weights.moved == {"c/2/forward/h/initial": "c/2/forward/state/initial"}


def test_weights_shared_by_path_go_along() -> None:
    text = TEXT.replace("share: {bias: U.bias}", "share: {bias: c/1/forward/W.bias}")
    assert "share: {bias: c/1/forward/V.bias}" in rename(draft(text), "blocks.cell.nodes.W", "V").text
    assert "share: {bias: k/1/forward/W.bias}" in rename(draft(text), "c", "k").text
    assert "share: {bias: c_W.bias}" in expand_node(draft(text), "c").text


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
