"""What shows how a model does at a validation: a text that it writes, or lines that it translates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from torch import nn

from leporello.graphs.frozen import frozen
from leporello.training.data.columns import Data, sizes_from
from leporello.training.data.vocabulary import Vocabulary
from leporello.training.generating.characters import generate, writer_of, writes
from leporello.training.generating.lines import Lines
from leporello.training.generating.translating import translates
from leporello.training.settings import Settings
from leporello.training.tasks.scores import EXACT

SHOWN, MEASURED = 3, 200
"""So many lines are shown, and so many are measured at a validation."""


@frozen
class Tell:
    """What shows how a model does beside its loss, and what a person does with it next.

    `sample` gives what the event of a sample holds; `measure` scores a part by name, of at most so many rows, calling
    something now and then that may raise to stop; `scores` says what these are; `next` what the model is used for, and
    by which command.
    """

    sample: Callable[[], Mapping[str, Any]] | None = None
    measure: Callable[[int, int | None, Callable[[], None]], Mapping[str, float]] | None = None
    next: str = ""
    scores: tuple[Mapping[str, Any], ...] = ()


def teller(module: nn.Module, data: Data, settings: Settings) -> Tell:
    """What there is to be shown of a model."""
    encoders = {name: column.encoder for name, column in data.columns.items()}
    if translates(module, encoders):
        lines = Lines(module, data)
        sample = partial(_sample, lines) if settings.sample else None
        return Tell(sample, partial(_exact, lines), "translate: leporello translate", (EXACT.to_json(),))
    if len(data.columns) > 1 or not data.long or not isinstance(data.only.encoder, Vocabulary):
        return Tell()
    checked: Any = getattr(module, "checked", None)
    module = writer_of(module, sizes_from(checked.written, data)) if checked else module
    if not writes(module):
        return Tell()

    def write() -> Mapping[str, Any]:
        """A little text, always by the same random numbers."""
        vocabulary, length = data.only.vocabulary, settings.sample
        return {"text": "".join(generate(module, vocabulary, length=length, seed=settings.seed, stop_at_end=False))}

    return Tell(write if settings.sample else None, next="let it write: leporello generate")


def _sample(lines: Lines) -> Mapping[str, Any]:
    """A few lines, each with what it should have become where it did not."""
    sources, truths = lines.rows(1, SHOWN)
    told = []
    for source, truth, found in zip(sources, truths, lines.translated(sources), strict=True):
        told.append(f"{source} → {found}" + ("" if found == lines.plain(truth) else f"   (is {truth})"))
    return {"text": "\n".join(told)}


def _exact(lines: Lines, part: int, most: int | None, pause: Callable[[], None]) -> Mapping[str, float]:
    """The share of lines that become exactly what they should, each symbol the likeliest after those before."""
    sources, truths = lines.rows(part, most)
    return {"exact": lines.exact(lines.translated(sources, pause=pause), truths)} if sources else {}
