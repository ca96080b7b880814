"""Which nodes of a model read, write and are written back, and so what a trained model is used for; without torch."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Literal

from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Node, Output
from leporello.graphs.problems import SpecError, refuse
from leporello.training.models import check_bound, read_kept
from leporello.training.resuming import trained_graph
from leporello.training.runs.run import Run

Use = Literal["generate", "translate", "predict", "forecast", "label"]
"""What a model is let do: a `forecast` goes on with a table of numbers, a `label` is said of what stands in one."""


@frozen
class Roles:
    """Which input of a model is read whole, the source, and which it writes, the target."""

    source: str
    target: str


def use_of(run: Run) -> Use:
    """What the model of a run can be used for. Raises SpecError for a folder that is no run, and for a damaged spec."""
    sizes = run.facts().get("sizes", {})
    graph = check_bound(trained_graph(run, read_kept), sizes).graph
    read = inputs_read(graph)
    lines: Use = "predict" if all("tokens" in node.parameters for node in read) else "label"
    try:
        feedback, _ = feedback_of(graph), output_of(graph)
    except SpecError:
        return lines
    if lines == "label":
        return "forecast" if [node.path for node in read] == [dict(graph[feedback].inputs)["truth"].source] else lines
    texts = [node for node in graph.inputs if "tokens" in node.parameters]
    try:
        roles_of(graph)
    except SpecError:
        return "generate" if len(texts) == len(graph.inputs) == 1 else lines
    return "translate"


def columns_of(run: Run) -> tuple[str, ...]:
    """The names of the columns that a model of numbers reads. Raises SpecError as `use_of` does."""
    graph = trained_graph(run, read_kept)
    entries = [(graph.data or {}).get(node.path) for node in inputs_read(graph)]
    said = [entry.get("columns", [entry.get("column")]) for entry in entries if isinstance(entry, Mapping)]
    return tuple(
        str(name) for columns in said if isinstance(columns, list | tuple) for name in columns if name is not None
    )


def inputs_read(graph: Graph) -> list[Node]:
    """The inputs that some node reads; others are only predicted."""
    read = {source for node in graph.nodes for source in node.sources}
    return [node for node in graph.inputs if node.path in read]


def predicting(graph: Graph) -> list[Output]:
    """The outputs that predict an input. Raises SpecError where none does: nothing can be trained."""
    found = [output for output in graph.outputs if output.predicts]
    if not found:
        one = next(((out.name, str(out.wire)) for out in graph.outputs), ("next", "logits"))
        read = next((node.path for node in graph.inputs), "text")
        hint = f"say of an output which input it predicts, such as {one[0]}: {{from: {one[1]}, predicts: {read}}}"
        raise refuse("nothing can be trained: no output predicts an input", hint)
    return found


def check_fed(graph: Graph, named: Container[str]) -> None:
    """Whether every input is among those that data are named for. Raises SpecError for the first that is not."""
    for node in graph.inputs:
        if node.path not in named:
            file = "input.txt" if "tokens" in node.parameters else "input.csv"
            hint = f"add data: {{{node.path}: {{file: {file}}}}}"
            raise refuse(f"there is no data for the input {node.path!r}", hint, node.mark)


def roles_of(graph: Graph) -> Roles:
    """The source and the target of a model. Raises SpecError for one that does not translate text."""
    feedback = feedback_of(graph)
    truth = dict(graph[feedback].inputs)["truth"].source
    others = [node for node in graph.inputs if node.path != truth]
    if len(others) != 1 or others[0].axis in ("none", graph[truth].axis) or "tokens" not in others[0].parameters:
        names = ", ".join(node.path for node in others) or "none"
        what = f"{graph.name} does not translate: inputs beside what it writes: {names}"
        raise refuse(what, "translation needs one input of tokens on an axis of its own, such as axis: source")
    return Roles(others[0].path, truth)


def feedback_of(graph: Graph) -> str:
    """The path of a language model's one feedback node. Raises SpecError if there is none, or several."""
    found = [node.path for node in graph.nodes if node.block == "feedback"]
    if len(found) != 1:
        what = f"generation needs one feedback node, and {graph.name} has {len(found) or 'none'}"
        raise refuse(what, "such as previous: {block: feedback, truth: text(t-1), own: choice(t-1)}")
    return found[0]


def output_of(graph: Graph) -> str:
    """The name of the output that predicts the text."""
    found = [output.name for output in graph.outputs if output.predicts]
    if len(found) != 1:
        raise refuse(f"generation needs one output that predicts, and {graph.name} has {len(found) or 'none'}")
    return found[0]
