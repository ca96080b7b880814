"""What a validation shows: a text that a language model writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from leporello.training.data.columns import Data, sizes_from
from leporello.training.data.vocabulary import Vocabulary
from leporello.training.generation import generate, predicting, writes
from leporello.training.resuming import compiler
from leporello.training.settings import Settings


@dataclass(frozen=True)
class Tell:
    """What shows how a model does: `sample` gives what an event holds; `next` is the command that uses the model."""

    sample: Callable[[], Mapping[str, Any]] | None = None
    next: str = ""


def teller(module: nn.Module, data: Data, settings: Settings) -> Tell:
    """What there is to be shown after each validation."""
    if len(data.columns) > 1 or not data.long or not isinstance(data.only.encoder, Vocabulary):
        return Tell()
    module = _writer(module, data)
    if not writes(module):
        return Tell()

    def write() -> Mapping[str, Any]:
        """A little text, always by the same random numbers."""
        vocabulary, length = data.only.vocabulary, settings.sample
        return {"text": "".join(generate(module, vocabulary, length=length, seed=settings.seed, stop_at_end=False))}

    return Tell(write if settings.sample else None, "let it write: leporello generate")


def _writer(module: nn.Module, data: Data) -> nn.Module:
    """The module that writes: the same weights, without outputs that predict nothing."""
    checked = getattr(module, "checked", None)
    if checked is None or all(output.predicts for output in checked.written.outputs):
        return module
    found: nn.Module = compiler()(predicting(checked.written), **sizes_from(checked.written, data))
    found.load_state_dict(module.state_dict(keep_vars=True), assign=True)
    return found
