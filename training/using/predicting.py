"""What a trained model says of data of its own kind: labels, tags, numbers, notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from leporello.graphs.graph import Output
from leporello.graphs.problems import refuse
from leporello.training.data.encoders import Encoder, Labels, Notes
from leporello.training.data.entries import Entry
from leporello.training.data.numbers import Numbers
from leporello.training.data.vocabulary import Vocabulary
from leporello.training.feeding.batch import Batch, padded, tensor_of, without_gaps
from leporello.training.feeding.forward import forward
from leporello.training.roles import inputs_read
from leporello.training.tasks.aligning import best_path
from leporello.training.using.trained import Trained


@dataclass(frozen=True)
class Prediction:
    """What was said of one sequence: for each output a value, or one for each step; `sure` how probable each is."""

    values: Mapping[str, Any]
    sure: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Values and probabilities by output."""
        return {"values": dict(self.values), "probabilities": dict(self.sure)}


def read_input(trained: Trained) -> Entry:
    """The input that a model predicts from. Raises SpecError where there are none, or several."""
    trained.check_read()
    graph = trained.graph
    found = inputs_read(graph)
    if len(found) != 1:
        names = ", ".join(node.path for node in found) or "none"
        raise refuse(f"predictions are made from one input, and {graph.name} reads {names}", "use it from Python")
    return Entry(found[0], (graph.data or {}).get(found[0].path, {}), graph.source)


@torch.no_grad()
def predict(trained: Trained, rows: Sequence[Any]) -> list[Prediction]:
    """What the model says of each row: texts, lists of labels, of numbers or of notes, as its data have them.

    Raises SpecError for rows that cannot be encoded, with their number.
    """
    entry, encoder = (found := read_input(trained)), trained.encoders[found.name]
    width = 0 if entry.tokens else encoder.size
    values = []
    for number, row in enumerate(rows, 1):
        try:
            values.append(tensor_of(encoder.encode([row] if entry.axis is None else row), width))
        except (TypeError, ValueError) as error:
            raise refuse(f"row {number}: {error}", f"{entry.name} is read as {encoder.kind}") from error
        if entry["gaps"]:
            values[-1], _ = without_gaps(values[-1], entry["gaps"] == "hold")
        if not len(values[-1]):
            raise refuse(f"row {number} has nothing in it", f"{entry.name} needs a step at least")
    axis = entry.axis
    lengths = {axis: torch.tensor([len(value) for value in values])} if axis else {}
    inputs = {entry.name: padded(values) if axis else torch.cat(values)}
    outputs, _ = forward(trained.module, Batch(inputs, lengths=lengths), None, carried=False)
    return [Prediction(*_said(trained, outputs, place, len(values[place]))) for place in range(len(rows))]


def _said(
    trained: Trained, outputs: Mapping[str, Tensor], place: int, steps: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    values: dict[str, Any] = {}
    sure: dict[str, Any] = {}
    for output in trained.graph.outputs:
        if not output.predicts:
            continue
        value = outputs[output.name][place]
        value = value[:steps] if value.dim() > 1 else value
        if output.loss == "ctc":
            values[output.name], sure[output.name] = _aligned(trained, output, value), None
            continue
        values[output.name], sure[output.name] = _decoded(trained, output, value)
    return values, sure


def _aligned(trained: Trained, output: Output, value: Tensor) -> Any:
    """The labels that are said over all steps [steps, labels + 1]."""
    [found] = best_path(value[None], torch.tensor([len(value)]))
    encoder: Any = trained.encoders[output.predicts]
    if isinstance(encoder, Labels):
        return [encoder.name(one) for one in found]
    return (
        encoder.decode(found) if encoder.kind in ("characters", "pieces") else [encoder.character(one) for one in found]
    )


def _decoded(trained: Trained, output: Output, value: Tensor) -> tuple[Any, Any]:
    """An output [steps, features] or [features] in the words of what it predicts, and how sure each is."""
    encoder = trained.encoders[output.predicts]
    steps = value if value.dim() > 1 else value[None]
    found = [_step(encoder, step, output) for step in steps]
    if value.dim() == 1:
        return found[0]
    return [one for one, _ in found], [how for _, how in found]


def _step(encoder: Encoder, step: Tensor, output: Output) -> tuple[Any, Any]:
    match encoder:
        case Labels() | Vocabulary():
            token = int(step.argmax())
            name = encoder.name(token) if isinstance(encoder, Labels) else encoder.character(token)
            return name, round(float(step.softmax(-1)[token]), 6)
        case Notes():
            chances = step.sigmoid().tolist()
            lowest = 21
            return [lowest + key for key, chance in enumerate(chances) if chance > 0.5], None
        case Numbers():
            numbers, size = step[: _shown(output, step, encoder)].tolist(), encoder.size
            return [one for at in range(0, len(numbers), size) for one in encoder.back(numbers[at : at + size])], None
    raise refuse(f"{output.name} predicts {encoder.kind}, which cannot be shown", "")


def _shown(output: Output, step: Tensor, encoder: Numbers) -> int:
    """How much of what an output gives is in the units of its data: of a likelihood the means, else all."""
    return encoder.size if output.loss in ("gaussian", "student") else len(step)


def together(rows: Iterator[Any], most: int) -> Iterator[list[Any]]:
    """Rows in groups of at most so many."""
    group: list[Any] = []
    for row in rows:
        group.append(row)
        if len(group) == most:
            yield group
            group = []
    if group:
        yield group
