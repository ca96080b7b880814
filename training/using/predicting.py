"""What a trained model says of data of its own kind: labels, tags, numbers, notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from leporello.graphs.analysis.checks import Checked
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import Output
from leporello.graphs.problems import SpecError, refuse, suggest
from leporello.training.data.columns import alone
from leporello.training.data.encoders import Encoder, Labels, Notes
from leporello.training.data.entries import Entry
from leporello.training.data.numbers import Numbers
from leporello.training.data.vocabulary import Vocabulary
from leporello.training.feeding.batch import Batch, padded, tensor_of, without_gaps
from leporello.training.feeding.forward import forward
from leporello.training.roles import inputs_read
from leporello.training.tasks.aligning import best_path
from leporello.training.using.trained import Trained


@frozen
class Prediction:
    """What was said of one sequence: for each output a value, or one for each step; `sure` how probable each is."""

    values: Mapping[str, Any]
    sure: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Values and probabilities by output."""
        return {"values": dict(self.values), "probabilities": dict(self.sure)}


def read_inputs(trained: Trained) -> list[Entry]:
    """The inputs that a model predicts from, with how each is read. Raises SpecError where there are none."""
    trained.check_read()
    graph = trained.graph
    found = inputs_read(graph)
    if not found:
        raise refuse(f"predictions are made from inputs, and {graph.name} reads none", "let a node read one")
    return [Entry(node, (graph.data or {}).get(node.path, {}), graph.source) for node in found]


@torch.no_grad()
def predict(trained: Trained, rows: Sequence[Mapping[str, Any]]) -> list[Prediction]:
    """What the model says of each row: by input a text, labels, numbers or notes, as its data have them.

    Raises SpecError for rows that cannot be encoded, with their number, and for inputs of one axis that have different
    lengths.
    """
    values: dict[str, list[Tensor]] = {}
    lengths: dict[str, list[int]] = {}
    inputs: dict[str, Tensor] = {}
    for entry in read_inputs(trained):
        found = values[entry.name] = [encoded(trained, entry, row, number) for number, row in enumerate(rows, 1)]
        inputs[entry.name] = padded(found) if entry.axis else torch.cat(found)
        if entry.axis:
            _check_steps(entry, lengths.setdefault(entry.axis, [*map(len, found)]), found)
    ends = {axis: torch.tensor(steps) for axis, steps in lengths.items()}
    outputs, _ = forward(trained.module, Batch(inputs, lengths=ends), None, carried=False)
    places = range(len(rows))
    return [_said(trained, outputs, place, {axis: steps[place] for axis, steps in lengths.items()}) for place in places]


def encoded(trained: Trained, entry: Entry, row: Mapping[str, Any], number: int) -> Tensor:
    """What a row has for an input as numbers: tokens [steps], or features [steps, width]."""
    encoder = trained.encoders[entry.name]
    if entry.name not in row:
        raise refuse(f"row {number} has nothing for {entry.name}", suggest(entry.name, row, "it has"))
    try:
        value = encoder.encode(alone(entry, row[entry.name]))
    except (TypeError, ValueError) as error:
        raise refuse(f"row {number}: {error}", f"{entry.name} is read as {encoder.kind}") from error
    if not value:
        raise refuse(f"row {number} has nothing in it", f"{entry.name} needs a step at least")
    found = tensor_of(value, 0 if entry.tokens else encoder.size)
    return without_gaps(found, entry["gaps"] == "hold")[0] if entry["gaps"] else found


def _check_steps(entry: Entry, steps: Sequence[int], found: Sequence[Tensor]) -> None:
    for number, (wanted, value) in enumerate(zip(steps, found, strict=True), 1):
        if len(value) != wanted:
            what = f"row {number}: {entry.name} has {len(value)} steps, and another input of its axis {wanted}"
            raise refuse(what, f"inputs that run on the axis {entry.axis} go step by step together")


def _said(trained: Trained, outputs: Mapping[str, Tensor], place: int, steps: Mapping[str, int]) -> Prediction:
    checked: Checked = trained.module.checked  # type: ignore[assignment]
    values: dict[str, Any] = {}
    sure: dict[str, Any] = {}
    for output in trained.graph.outputs:
        if not output.predicts:
            continue
        value = outputs[output.name][place]
        axis = checked.axes[output.wire.source].own
        value = value[: steps.get(axis or "")] if value.dim() > 1 else value
        if output.loss == "ctc":
            values[output.name], sure[output.name] = _aligned(trained, output, value), None
        else:
            values[output.name], sure[output.name] = decoded(trained, output, value)
    return Prediction(values, sure)


def _aligned(trained: Trained, output: Output, value: Tensor) -> Any:
    """The labels that are said over all steps [steps, labels + 1]."""
    [found] = best_path(value[None], torch.tensor([len(value)]))
    encoder: Any = trained.encoders[output.predicts]
    if isinstance(encoder, Labels):
        return [encoder.name(one) for one in found]
    return (
        encoder.decode(found) if encoder.kind in ("characters", "pieces") else [encoder.character(one) for one in found]
    )


def decoded(trained: Trained, output: Output, value: Tensor) -> tuple[Any, Any]:
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
    """Rows in groups of at most so many; where one cannot be read, those before it come first."""
    group: list[Any] = []
    try:
        for row in rows:
            group.append(row)
            if len(group) == most:
                yield group
                group = []
    except SpecError:
        if group:
            yield group
        raise
    if group:
        yield group
