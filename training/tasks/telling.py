"""What shows how a model does at a validation: a text that it writes, or lines that it translates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from torch import nn

from leporello.training.data.columns import Data, sizes_from
from leporello.training.data.vocabulary import Vocabulary
from leporello.training.generating.characters import generate, writer_of, writes
from leporello.training.generating.translating import Translator, translates
from leporello.training.settings import Settings
from leporello.training.tasks.scores import EXACT

SHOWN, MEASURED, TOGETHER = 3, 200, 100
"""So many lines are shown, so many are measured at a validation, and so many are translated at once."""


@dataclass(frozen=True)
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
        lines = _Lines(module, data)
        sample = lines.sample if settings.sample else None
        return Tell(sample, lines.exact, "translate: leporello translate", (EXACT.to_json(),))
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


@dataclass(frozen=True)
class _Lines:
    """Lines of a part, translated with the weights as they are."""

    module: nn.Module
    data: Data

    @cached_property
    def translator(self) -> Translator:
        """It shares the weights of the model."""
        return Translator([self.module], {name: column.encoder for name, column in self.data.columns.items()})

    def rows(self, part: int, most: int | None) -> tuple[list[str], list[str]]:
        """The first sources of a part, and the truth for each."""
        roles = self.translator.roles
        source, target = (self.data.columns[name].parts[part][:most] for name in (roles.source, roles.target))
        return list(source), list(target)

    def sample(self) -> Mapping[str, Any]:
        """A few lines, each with what it should have become where it did not."""
        sources, truths = self.rows(1, SHOWN)
        told = []
        for source, truth, found in zip(sources, truths, self._translated(sources), strict=True):
            told.append(f"{source} → {found}" + ("" if found == self._plain(truth) else f"   (is {truth})"))
        return {"text": "\n".join(told)}

    def exact(self, part: int, most: int | None, pause: Callable[[], None]) -> Mapping[str, float]:
        """The share of lines that become exactly what they should, each symbol the likeliest after those before."""
        sources, truths = self.rows(part, most)
        found = self._translated(sources, pause)
        right = sum(made == self._plain(truth) for made, truth in zip(found, truths, strict=True))
        return {"exact": right / len(sources)} if sources else {}

    def _plain(self, text: str) -> str:
        """A text as one that has been cut and joined again."""
        vocabulary = self.translator.target
        return vocabulary.decode(vocabulary.encode(text))

    def _translated(self, lines: list[str], pause: Callable[[], None] = lambda: None) -> list[str]:
        made: list[str] = []
        for start in range(0, len(lines), TOGETHER):
            made += [best[0].text for best in self.translator.translate(lines[start : start + TOGETHER])]
            pause()
        return made
