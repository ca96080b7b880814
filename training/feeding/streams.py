"""A long sequence as streams side by side, read in chunks, each of which goes on where the one before ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

import torch
from torch import Tensor

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import refuse
from leporello.training.data.columns import Column, Data
from leporello.training.data.reading import PARTS
from leporello.training.feeding.batch import Batch, rest_of, without_gaps
from leporello.training.feeding.encoded import NAMES, numbers, written
from leporello.training.feeding.written import Strands, Written, filled_in
from leporello.training.resumable import Resumable
from leporello.training.settings import Settings

SHORTEST = 1000
CHUNK = 250


@frozen
class Chunks(Sequence[Batch]):
    """Streams [batch, length, ...] by input, as batches of `steps` steps; the last may be shorter.

    Row b + 1 goes on where row b ends. `counted` [batch, length] says what is scored, where not all is.
    """

    streams: Mapping[str, Tensor | Strands]
    steps: int
    carried: bool = True
    counted: Tensor | None = None
    axis: str = "time"
    known: Mapping[str, Tensor | Strands] = field(default_factory=dict)

    def __len__(self) -> int:
        length = next(iter(self.streams.values())).shape[1]
        return -(-length // self.steps)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return [self[one] for one in range(len(self))[place]]
        if not 0 <= place < len(self):
            raise IndexError(place)
        part = slice(place * self.steps, (place + 1) * self.steps)
        inputs = {name: stream[:, part] for name, stream in self.streams.items()}
        counted = None if self.counted is None else self.counted[:, part]
        steps = {self.axis: next(iter(inputs.values())).shape[1]}
        known = {name: stream[:, part] for name, stream in self.known.items()}
        return Batch(inputs, steps, fresh=not place or not self.carried, counted=counted, known=known)


@frozen
class Streams:
    """Data of one long sequence. Without `carried` every chunk begins with a fresh state."""

    data: Data
    batch: int
    steps: int
    carried: bool = True
    kept: dict[tuple[str, int], Tensor | Written] = field(default_factory=dict, compare=False, repr=False)

    parts: Mapping[str, Resumable] = field(default_factory=dict, compare=False, repr=False)

    def rest(self, epoch: int, position: int) -> Iterator[Batch]:
        """The chunks of one pass from a position on."""
        return rest_of(self.epoch(epoch), position)

    def passing(self) -> int:
        """The chunks of a pass."""
        return len(self.epoch(0))

    @property
    def axis(self) -> str:
        """The one axis of the data."""
        return str(self.data.only.entry.axis)

    def epoch(self, number: int) -> Chunks:
        """The chunks of one pass, in the order of the text in every pass.

        The last steps, fewer than the batch, are left out so that all streams are equally long.
        """
        length = self.counts()["train"] // self.batch
        streams = {name: _beside(self._numbers(column, 0), self.batch, length) for name, column in self._columns}
        known = {name: _beside(self._gaps(name, 0), self.batch, length) for name in self._gapped}
        return Chunks(streams, self.steps, self.carried, axis=self.axis, known=known)

    @property
    def _columns(self) -> Iterable[tuple[str, Column]]:
        return self.data.columns.items()

    @property
    def _gapped(self) -> list[str]:
        return [name for name, column in self.data.columns.items() if column.entry["gaps"]]

    def _gaps(self, name: str, part: int) -> Tensor | Written:
        """Which steps of an input have no gap, [steps]."""
        self._numbers(self.data.columns[name], part)
        return self.kept[f"{name} known", part]

    def part(self, place: int) -> Chunks:
        """The whole of a part to be scored, cut into at most `batch` streams of 1000 steps or more.

        Each begins without a past, which makes the score a little worse than that of one long stream, and many times
        quicker to find. Behind the end of the last stream stand steps that do not count.
        """
        steps = self.counts()[("train", "valid", "test")[place]]
        streams = max(1, min(self.batch, steps // SHORTEST))
        length = -(-steps // streams)

        found = {name: _beside(self._numbers(column, place), streams, length) for name, column in self._columns}
        known = {name: _beside(self._gaps(name, place), streams, length) for name in self._gapped}
        counted = (torch.arange(streams * length) < steps).view(streams, length)
        return Chunks(found, CHUNK if self.carried else self.steps, self.carried, counted, self.axis, known)

    def _numbers(self, column: Column, part: int) -> Tensor | Written:
        """A part of a column as numbers, encoded when it is first asked for."""
        if (column.name, part) not in self.kept:
            values: Tensor | Written = written(column, part) if column.stored(part) else numbers(column, part)
            if column.entry["gaps"]:
                hold = column.entry["gaps"] == "hold"
                filled = without_gaps(values, hold) if isinstance(values, Tensor) else filled_in(values, hold)
                values, self.kept[f"{column.name} known", part] = filled
            self.kept[column.name, part] = values
        return self.kept[column.name, part]

    def _steps(self, column: Column, part: int) -> int:
        found = self._numbers(column, part)
        return found.steps(0) if isinstance(found, Written) else len(found)

    def counts(self) -> Mapping[str, int]:
        """Steps of each part."""
        column = self.data.only
        return {name: self._steps(column, part) if column.parts[part] else 0 for part, name in enumerate(PARTS)}

    def check(self) -> None:
        """Raise SpecError for what cannot be encoded, and for inputs of different length."""
        for part in range(len(PARTS)):
            lengths = {name: self._steps(c, part) for name, c in self.data.columns.items() if c.parts[part]}
            for name, steps in lengths.items():
                if steps != lengths[self.data.only.name]:
                    what = f"{self.data.only.name} has {lengths[self.data.only.name]} steps and {name} {steps}"
                    hint = "they are read side by side: give both equally many steps"
                    raise refuse(f"in the {NAMES[part]} part {what}", hint, self.data.columns[name].entry.mark())


def _beside(values: Tensor | Written, count: int, length: int) -> Tensor | Strands:
    """One sequence as so many streams of one length, with zeros where it is too short, without what is too much."""
    if isinstance(values, Written):
        return Strands(values, count, length)
    if len(values) < count * length:
        room = torch.zeros(count * length, *values.shape[1:], dtype=values.dtype)
        room[: len(values)] = values
        values = room
    return values[: count * length].view(count, length, *values.shape[1:])


def streams_of(data: Data, settings: Settings, carried: bool = True) -> Streams:
    """The streams of a run. Raises SpecError for a text too short for one whole chunk."""
    streams = Streams(data, settings.batch, settings.steps, carried)
    streams.check()
    needed, found = settings.batch * settings.steps, streams.counts()["train"]
    if found < needed:
        noun = kind if (kind := data.only.encoder.kind) in ("characters", "words", "pieces") else "steps"
        what = f"{data.only.source} has {found} {noun} to train on, fewer than batch * steps = {needed}"
        fitting = max(1, found // settings.steps)
        raise refuse(what, f"give a longer text, or set a smaller training.batch (such as {fitting}) or training.steps")
    return streams
