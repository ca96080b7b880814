"""What a validation shows: a text that a language model writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from leporello.training.data.columns import Data
from leporello.training.generation import generate, writes
from leporello.training.settings import Settings


@dataclass(frozen=True)
class Tell:
    """What shows how a model does: `sample` gives what an event holds; `next` is the command that uses the model."""

    sample: Callable[[], Mapping[str, Any]] | None = None
    next: str = ""


def teller(module: nn.Module, data: Data, settings: Settings) -> Tell:
    """What there is to be shown after each validation."""
    if len(data.columns) > 1 or not data.long or not writes(module):
        return Tell()

    def write() -> Mapping[str, Any]:
        """A little text, always by the same random numbers."""
        vocabulary, length = data.only.vocabulary, settings.sample
        return {"text": "".join(generate(module, vocabulary, length=length, seed=settings.seed, stop_at_end=False))}

    return Tell(write if settings.sample else None, "let it write: leporello generate")
