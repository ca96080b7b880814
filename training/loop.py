"""Training of a language model: truncated back-propagation through time, with everything that a run records.

The text is read as streams side by side; the state is carried from chunk to chunk, gradients are not
(Williams and Peng 1990; Sutskever 2013).
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from leporello.training.checkpoints import Progress, State, encode, load_weights
from leporello.training.generation import generate, writes
from leporello.training.run_writer import Writer
from leporello.training.runs import TrainingError
from leporello.training.scoring import bits, cross_entropy, score
from leporello.training.settings import Settings
from leporello.training.signals import Signals
from leporello.training.storage import DamagedError
from leporello.training.streams import Streams
from leporello.training.text import Text


@dataclass
class Training:
    """A run in memory: the model, its optimiser, where it stands, and where it is recorded."""

    module: nn.Module
    output: str
    text: Text
    streams: Streams
    settings: Settings
    optimizer: Optimizer
    writer: Writer
    signals: Signals
    progress: Progress = field(default_factory=Progress)
    state: State | None = None
    saved: int = -1
    clock: float = field(default_factory=time.monotonic)

    def run(self) -> float | None:
        """Train to the last update, then test; gives the test part's bits per character (None without one).

        Raises StoppedError between two updates after a signal, TrainingError at the first bad loss or gradient.
        """
        while True:
            self._validate_if_due()
            self._save_if_due()
            self.signals.check()
            if self.progress.update >= self.settings.updates:
                return self._test()
            self._update()

    def save(self) -> None:
        """Write a checkpoint, if there is none of this update yet, and remove old ones."""
        update = self.progress.update
        if self.saved == update:
            return
        files = encode(self.module, self.optimizer, self.state or {}, self.progress)
        self.writer.commit(update, files)
        self.saved = update
        self.writer.event("checkpoint", update=update, folder=self.writer.run.at(update).name)
        self.writer.status("running", update)
        self.writer.prune(self.settings.keep, self.progress.best_update)

    def _update(self) -> None:
        """One chunk: forward, back, clip, step."""
        update = self.progress.update
        self.module.train()
        state = None if self.streams.begins(update) else self.state
        tokens = self.streams.chunk(update)  # [batch, steps]
        run: Any = self.module.run
        outputs, state = run(**{self.text.name: tokens}, state=state)
        loss = cross_entropy(outputs[self.output], tokens)
        self._require_finite(loss, "loss")
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.module.parameters(), self.settings.clip or math.inf)
        self._require_finite(norm, "norm of the gradients")
        rate = self.settings.rate_at(update)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        self.state = {name: value.detach() for name, value in state.items()}
        self._count(loss.item(), norm.item(), rate)

    def _count(self, loss: float, norm: float, rate: float) -> None:
        progress = self.progress
        progress.update += 1
        progress.loss_sum += loss
        progress.loss_count += 1
        if progress.update % self.settings.report_every and progress.update != self.settings.updates:
            return
        mean, now = progress.loss_sum / progress.loss_count, time.monotonic()
        speed = progress.loss_count * self.settings.batch * self.settings.steps / max(now - self.clock, 1e-9)
        self.clock, progress.loss_sum, progress.loss_count = now, 0.0, 0
        values = {"loss": mean, "bits": bits(mean), "rate": rate, "norm": norm, "speed": round(speed)}
        self.writer.event("update", update=progress.update, **values)

    def _validate_if_due(self) -> None:
        progress = self.progress
        due = progress.update % self.settings.validate_every == 0 or progress.update == self.settings.updates
        if not due or not progress.update or progress.validated == progress.update or not self.text.valid:
            return
        found = self._score(self.text.valid)
        progress.validated = progress.update
        best = progress.best_bits is None or found < progress.best_bits
        if best:
            progress.best_bits, progress.best_update = found, progress.update
        self.writer.event("validation", update=progress.update, bits=found, loss=found * math.log(2), best=best)
        self._sample()
        self.clock = time.monotonic()

    def _sample(self) -> None:
        """Let the model write a little, always by the same random numbers; one that cannot go by steps does not."""
        if not self.settings.sample or not writes(self.module):
            return
        length, seed = self.settings.sample, self.settings.seed
        text = generate(self.module, self.text.vocabulary, length=length, seed=seed, stop_at_end=False)
        self.writer.event("sample", update=self.progress.update, text="".join(text))

    def _save_if_due(self) -> None:
        progress = self.progress
        last = progress.update == self.settings.updates
        if progress.update and (
            last or progress.update % self.settings.checkpoint_every == 0 or progress.best_update == progress.update
        ):
            self.save()

    def _test(self) -> float | None:
        """Test the weights that validated best, or the last where nothing was validated."""
        if not self.text.test:
            return None
        best = self.progress.best_update or self.progress.update
        if best != self.progress.update:
            best = self._load(best)
        found = self._score(self.text.test)
        self.writer.event("test", update=self.progress.update, weights=best, bits=found, loss=found * math.log(2))
        return found

    def _load(self, update: int) -> int:
        try:
            load_weights(self.writer.run.read(update), self.module)
        except DamagedError:
            return self.progress.update
        return update

    def _score(self, text: str) -> float:
        names, vocabulary = (self.text.name, self.output), self.text.vocabulary
        loss = score(self.module, names, text, vocabulary, self.settings.batch, self.signals.check)
        if not math.isfinite(loss):
            raise self._failed(f"the loss on unseen text is {loss}")
        return bits(loss)

    def _require_finite(self, value: Tensor, what: str) -> None:
        if not bool(torch.isfinite(value)):
            raise self._failed(f"the {what} is {value.item()}", self.progress.update + 1)

    def _failed(self, what: str, update: int | None = None) -> TrainingError:
        good = self.writer.run.steps()
        stays = f"the checkpoint {self.writer.run.at(good[0]).name} stays" if good else "there is no checkpoint yet"
        rate, clip = self.settings.rate, self.settings.clip
        hint = f"{stays}; try a smaller training.rate ({rate:g}) or training.clip ({clip:g})"
        return TrainingError(f"update {self.progress.update if update is None else update}: {what}", hint)


def optimizer_for(module: nn.Module, settings: Settings) -> Optimizer:
    """The optimiser over all weights that are not frozen."""
    weights = [weight for weight in module.parameters() if weight.requires_grad]
    rate, decay = settings.rate, settings.weight_decay
    match settings.optimizer:
        case "adam":
            return torch.optim.Adam(weights, lr=rate, weight_decay=decay)
        case "adamw":
            return torch.optim.AdamW(weights, lr=rate, weight_decay=decay)
        case "rmsprop":
            return torch.optim.RMSprop(weights, lr=rate, weight_decay=decay)
        case _:
            return torch.optim.SGD(weights, lr=rate, weight_decay=decay)
