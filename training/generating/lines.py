"""The lines of a part of the data, translated by a model, beside what each should have become."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from torch import nn

from leporello.graphs.frozen import frozen
from leporello.training.data.columns import Data
from leporello.training.generating.penalties import USUAL
from leporello.training.generating.translating import Translation, Translator

TOGETHER = 100
"""So many lines are translated at once."""


@frozen
class Lines:
    """Lines of a part, translated with the weights as they are. Raises SpecError where a model does not translate."""

    module: nn.Module
    data: Data

    @cached_property
    def translator(self) -> Translator:
        """It shares the weights of the model."""
        return Translator([self.module], {name: column.encoder for name, column in self.data.columns.items()})

    def rows(self, part: int, most: int | None = None) -> tuple[list[str], list[str]]:
        """The first sources of a part, and the truth for each."""
        roles = self.translator.roles
        source, target = (self.data.columns[name].parts[part][:most] for name in (roles.source, roles.target))
        return list(source), list(target)

    def translations(
        self, lines: list[str], beam: int = 1, pause: Callable[[], None] = lambda: None
    ) -> list[Translation]:
        """What becomes of each line, as `leporello translate` has it; `pause` is called now and then and may stop."""
        made: list[Translation] = []
        for start in range(0, len(lines), TOGETHER):
            some = lines[start : start + TOGETHER]
            made += [best[0] for best in self.translator.translate(some, beam=beam, penalties=USUAL)]
            pause()
        return made

    def translated(self, lines: list[str], pause: Callable[[], None] = lambda: None) -> list[str]:
        """The same as texts, each symbol the likeliest after those before."""
        return [one.text for one in self.translations(lines, pause=pause)]

    def plain(self, text: str) -> str:
        """A text as one that has been cut and joined again."""
        vocabulary = self.translator.target
        return vocabulary.decode(vocabulary.encode(text))

    def exact(self, made: list[str], truths: list[str]) -> float:
        """The share of lines that became exactly what they should."""
        right = sum(one == self.plain(truth) for one, truth in zip(made, truths, strict=True))
        return right / len(made)
