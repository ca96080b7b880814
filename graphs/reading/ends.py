"""The ends of a spec: its inputs and its outputs."""

from __future__ import annotations

from dataclasses import replace

from leporello.graphs.composing.tree import Scalar, Table, Tree
from leporello.graphs.names import check_axis, check_name
from leporello.graphs.nodes import UNKNOWN, Node, Output, freeze
from leporello.graphs.problems import Problem, refuse, suggest
from leporello.graphs.reading.fields import INPUTS, OUTPUTS, names
from leporello.graphs.reading.nodes import NodeReader
from leporello.graphs.reading.parameters import given, text_of

SCORED = tuple(name for name in names(OUTPUTS) if name not in ("from", "predicts"))
"""What may be said of an output that predicts an input."""


def read_inputs(tree: Tree | None, reader: NodeReader) -> None:
    """Every input as a node of block `input`."""
    for key, item in tree.entries if isinstance(tree, Table) else ():
        read_input(key, item, reader)


def read_input(key: Scalar, item: Tree, reader: NodeReader) -> None:
    """One input; one that cannot be read stands as a node of unknown value."""
    scope = reader.scope
    made = len(scope.nodes)
    with scope.attempt():
        _input(key, item, reader)
    if len(scope.nodes) == made:
        scope.add(Node(key.text, UNKNOWN, mark=key.mark))


def _input(key: Scalar, item: Tree, reader: NodeReader) -> None:
    check_name(key.text, key.mark, "input")
    if not isinstance(item, Table):
        raise refuse(f"input {key.text} must say what it holds", "{features: 8} or {tokens: $words}", item.mark)
    for name, _ in item.entries:
        if name.text not in names(INPUTS):
            hint = suggest(name.text, names(INPUTS), "keys")
            reader.scope.problems.append(Problem(f"input {key.text} has no key {name.text!r}", hint, name.mark))
    kinds = [kind for kind in ("features", "tokens") if kind in item]
    if len(kinds) != 1:
        raise refuse(f"input {key.text} says features: or tokens:, one of them", "{features: 8}", item.mark)
    if "kind" in item and kinds == ["tokens"]:
        raise refuse("kind: is for features", "tokens are tokens: take it away", item.key("kind").mark)
    said = (field for field in INPUTS if field.name in (*kinds, "kind"))
    parameters = {field.name: reader.value(field, tree) for field, tree in given(item, said)}
    axis, label = item.get("axis"), item.get("label")
    name_of_axis = "time" if axis is None else text_of(axis, "axis")
    check_axis(name_of_axis, axis.mark if axis else key.mark)
    written = text_of(label, "label") if label else ""
    node = Node(key.text, "input", parameters=freeze(parameters), axis=name_of_axis, label=written, mark=key.mark)
    reader.scope.add(replace(node, marks=item.marks))


def read_outputs(tree: Tree | None, reader: NodeReader) -> list[Output]:
    """Every output; `{from: node, predicts: input}` is scored against that input."""
    found: list[Output] = []
    for key, item in tree.entries if isinstance(tree, Table) else ():
        with reader.scope.attempt():
            found.append(_output(key, item, reader))
    return found


def _output(key: Scalar, item: Tree, reader: NodeReader) -> Output:
    check_name(key.text, key.mark, "output")
    if not isinstance(item, Table):
        wire = reader.wire(item, f"{key.text}/output")
        return Output(key.text, wire, mark=key.mark, marks={"from": item.mark})
    for name, _ in item.entries:
        if name.text not in names(OUTPUTS):
            hint = suggest(name.text, names(OUTPUTS), "keys")
            raise refuse(f"output {key.text} has no key {name.text!r}", hint, name.mark)
    source = item.get("from")
    if source is None:
        raise refuse(f"output {key.text} does not say what it gives", "{from: node, predicts: input}", item.mark)
    predicts = item.get("predicts")
    target = text_of(predicts, "predicts") if predicts else ""
    inputs = {node.path for node in reader.scope.nodes if node.block in ("input", UNKNOWN)}
    if predicts and target not in inputs:
        raise refuse(f"predicts: {target!r} is no input", suggest(target, inputs, "inputs"), predicts.mark)
    for unscored in SCORED:
        if not predicts and unscored in item:
            hint = "say predicts: and an input, or take it away"
            raise refuse(f"output {key.text} has {unscored}: but predicts nothing", hint, item.key(unscored).mark)
    scored = (field for field in OUTPUTS if field.name in SCORED)
    said = {field.name: reader.value(field, tree) for field, tree in given(item, scored)}
    if not isinstance(said.get("weight", 1.0), int | float):
        raise refuse("weight: must be a number", "such as weight: 0.5", item.key("weight").mark)
    wire = reader.wire(source, f"{key.text}/output")
    more = freeze({name: value for name, value in said.items() if name not in ("loss", "leak")})
    return Output(key.text, wire, target, said.get("loss", ""), "leak" in said, more, key.mark, item.marks)
