"""The ends of a spec: its inputs and its outputs."""

from __future__ import annotations

from typing import Any

from leporello.graphs.blocktypes import Parameter
from leporello.graphs.composing.compose import Scalar, Table, Tree
from leporello.graphs.expressions.nodes import UNKNOWN, Scope, value_wire
from leporello.graphs.graph import Node, Output, freeze
from leporello.graphs.names import check_axis, check_name
from leporello.graphs.problems import Problem, refuse, suggest
from leporello.graphs.reading.parameters import parameter_value, text_of

INPUT_KEYS = ("features", "tokens", "axis", "kind", "label")
OUTPUT_KEYS = ("from", "predicts", "loss", "leak")
LOSSES = ("cross_entropy", "bernoulli", "squared")


def read_inputs(tree: Tree | None, scope: Scope) -> None:
    """Every input as a node of block `input`."""
    for key, item in tree.entries if isinstance(tree, Table) else ():
        made = len(scope.nodes)
        with scope.attempt():
            _input(key, item, scope)
        if len(scope.nodes) == made:
            scope.add(Node(key.text, UNKNOWN, mark=key.mark))


def _input(key: Scalar, item: Tree, scope: Scope) -> None:
    check_name(key.text, key.mark, "input")
    if not isinstance(item, Table):
        raise refuse(f"input {key.text} must say what it holds", "{features: 8} or {tokens: $words}", item.mark)
    for name, _ in item.entries:
        if name.text not in INPUT_KEYS:
            hint = suggest(name.text, INPUT_KEYS, "keys")
            scope.problems.append(Problem(f"input {key.text} has no key {name.text!r}", hint, name.mark))
    kinds = [kind for kind in ("features", "tokens") if kind in item]
    if len(kinds) != 1:
        raise refuse(f"input {key.text} says features: or tokens:, one of them", "{features: 8}", item.mark)
    tree = item.get(kinds[0])
    assert tree is not None
    parameters: dict[str, Any] = {kinds[0]: parameter_value(Parameter(kinds[0]), tree, scope)}
    kind = _choice(item, "kind", ("binary", "real"))
    if kind and kinds == ["tokens"]:
        raise refuse("kind: is for features", "tokens are tokens: take it away", item.key("kind").mark)
    if kind:
        parameters["kind"] = kind
    axis, label = item.get("axis"), item.get("label")
    name_of_axis = "time" if axis is None else text_of(axis, "axis")
    check_axis(name_of_axis, axis.mark if axis else key.mark)
    written = text_of(label, "label") if label else ""
    scope.add(Node(key.text, "input", parameters=freeze(parameters), axis=name_of_axis, label=written, mark=key.mark))


def read_outputs(tree: Tree | None, scope: Scope) -> list[Output]:
    """Every output; `{from: node, predicts: input}` is scored against that input."""
    found: list[Output] = []
    for key, item in tree.entries if isinstance(tree, Table) else ():
        with scope.attempt():
            found.append(_output(key, item, scope))
    return found


def _output(key: Scalar, item: Tree, scope: Scope) -> Output:
    check_name(key.text, key.mark, "output")
    if not isinstance(item, Table):
        return Output(key.text, value_wire(item, f"{key.text}/output", scope), mark=key.mark)
    for name, _ in item.entries:
        if name.text not in OUTPUT_KEYS:
            hint = suggest(name.text, OUTPUT_KEYS, "keys")
            raise refuse(f"output {key.text} has no key {name.text!r}", hint, name.mark)
    source = item.get("from")
    if source is None:
        raise refuse(f"output {key.text} does not say what it gives", "{from: node, predicts: input}", item.mark)
    predicts = item.get("predicts")
    target = text_of(predicts, "predicts") if predicts else ""
    inputs = {node.path for node in scope.nodes if node.block in ("input", UNKNOWN)}
    if predicts and target not in inputs:
        raise refuse(f"predicts: {target!r} is no input", suggest(target, inputs, "inputs"), predicts.mark)
    for unscored in ("loss", "leak"):
        if not predicts and unscored in item:
            hint = "say predicts: and an input, or take it away"
            raise refuse(f"output {key.text} has {unscored}: but predicts nothing", hint, item.key(unscored).mark)
    wire = value_wire(source, f"{key.text}/output", scope)
    leak = _choice(item, "leak", ("allowed",)) == "allowed"
    return Output(key.text, wire, target, _choice(item, "loss", LOSSES), leak, key.mark)


def _choice(table: Table, key: str, choices: tuple[str, ...]) -> str:
    """What the table says at `key`, one of `choices`; nothing when it says nothing."""
    tree = table.get(key)
    if tree is None:
        return ""
    text = text_of(tree, key)
    if text not in choices:
        raise refuse(f"{key}: {text!r} is not known", suggest(text, choices, "allowed"), tree.mark)
    return text
