"""Translation: lines of text in, lines of text out, by a model of two time axes and the way its data were encoded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import SpecError, refuse
from leporello.training.data.encoders import Encoder
from leporello.training.data.vocabulary import BEGIN, END, UNKNOWN, Vocabulary
from leporello.training.feeding.batch import padded, tensor_of
from leporello.training.generating.beams import beam_search
from leporello.training.generating.drawing import greedy
from leporello.training.generating.ensembles import Ensemble, attentions
from leporello.training.generating.hypotheses import Hypothesis, Limits
from leporello.training.generating.penalties import Penalties
from leporello.training.roles import roles_of

LONGEST = 5000
"""No source has more symbols: what is worked out for a source is held for all of it at once."""
SHORTEST, LONGER = 20, 3
"""A translation has at most so many times the symbols of its source, and so many beside."""


@frozen
class Translation:
    """What a model made of a line. `looked` [symbols + 1, source symbols] is where it looked, if it has attention."""

    text: str
    score: float
    log_probability: float
    source: tuple[str, ...]
    symbols: tuple[str, ...]
    looked: Tensor | None = None

    def to_json(self) -> dict[str, Any]:
        """All of it, in lists."""
        looked = None if self.looked is None else [[round(float(w), 4) for w in row] for row in self.looked]
        return {
            "text": self.text,
            "score": self.score,
            "log_probability": self.log_probability,
            "source": list(self.source),
            "symbols": list(self.symbols),
            "attention": looked,
        }


class Translator:
    """One model or several that translate together, with what makes texts tokens and tokens texts.

    Raises SpecError for models that do not translate text.
    """

    def __init__(self, modules: Sequence[nn.Module], encoders: Mapping[str, Encoder]) -> None:
        checked: Any = modules[0].checked
        self.roles = roles_of(checked.graph)
        self.source, self.target = (_text(encoders, name) for name in (self.roles.source, self.roles.target))
        self.axis = str(checked.graph[self.roles.source].axis)
        self.attention = next(iter(attentions(checked)), None)
        self.ensemble = Ensemble(modules, self.attention)

    def translate(
        self,
        lines: Sequence[str],
        *,
        beam: int = 1,
        best: int = 1,
        penalties: Penalties | None = None,
        longest: int | None = None,
    ) -> list[list[Translation]]:
        """Of each line its `best` translations, the best first; a line without a symbol has the empty one.

        A beam of 1 takes the likeliest symbol each time. `longest` is the most symbols of a translation; without it
        three times those of the source and twenty more. Raises SpecError for settings that do not fit.
        """
        encoded = [tensor_of(self.source.encode(line), 0) for line in lines]
        long = next((place for place, tokens in enumerate(encoded) if len(tokens) > LONGEST), None)
        if long is not None:
            what = f"the line that begins {lines[long][:30]!r} has {len(encoded[long]):,} {self.source.kind}"
            raise refuse(what, f"at most {LONGEST:,} are translated: cut it in sentences")
        kept = [number for number, tokens in enumerate(encoded) if len(tokens)]
        found = [[Translation("", 0.0, 0.0, (), ())] for _ in lines]
        if not kept:
            return found
        tokens = [encoded[number] for number in kept]
        most = [longest or SHORTEST + LONGER * len(one) for one in tokens]
        limits = Limits(END, most, never=(BEGIN, UNKNOWN))
        lengths = {self.axis: torch.tensor([len(one) for one in tokens])}
        sources = {self.roles.source: padded(tokens)}
        if beam == best == 1:
            hypotheses = [[one] for one in greedy(self.ensemble, sources, limits, lengths)]
        else:
            hypotheses = beam_search(self.ensemble, sources, limits, lengths, beam=beam, best=best, penalties=penalties)
        for number, several in zip(kept, hypotheses, strict=True):
            found[number] = [self._told(lines[number], hypothesis) for hypothesis in several]
        return found

    def _told(self, line: str, hypothesis: Hypothesis) -> Translation:
        symbols = tuple(self.target.character(token) for token in hypothesis.tokens)
        text = self.target.decode(hypothesis.tokens)
        source = tuple(self.source.cut(line))
        return Translation(text, hypothesis.score, hypothesis.log_probability, source, symbols, hypothesis.attention)


def _text(encoders: Mapping[str, Encoder], name: str) -> Vocabulary:
    encoder = encoders.get(name)
    if not isinstance(encoder, Vocabulary):
        kind = encoder.kind if encoder else "nothing"
        raise refuse(f"{name} is read as {kind}, not as text", "translation is of characters or words")
    return encoder


def translates(module: Any, encoders: Mapping[str, Encoder]) -> bool:
    """Whether a model translates text."""
    try:
        roles = roles_of(module.checked.graph)
        _text(encoders, roles.source), _text(encoders, roles.target)
    except (AttributeError, SpecError):
        return False
    return True
