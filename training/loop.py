"""The training loop: batches forward and back, and everything that a run records of it.

Where a sequence is long it is read in chunks: the state is carried from chunk to chunk, gradients are not (Williams
and Peng 1990; Sutskever 2013).
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial

from torch import nn
from torch.optim import Optimizer

from leporello.training.averaging import Average
from leporello.training.checkpoints import Carried, Progress, encode, load_weights
from leporello.training.feeding.batch import Batch, Feed
from leporello.training.places import Place
from leporello.training.resumable import Generator, Resumable
from leporello.training.runs.run import TrainingError
from leporello.training.runs.signals import Signals, StoppedError
from leporello.training.runs.storage import DamagedError
from leporello.training.runs.writer import Writer
from leporello.training.settings import Settings
from leporello.training.shortage import told
from leporello.training.tasks.task import Task, evaluate
from leporello.training.tasks.teaching import Teaching
from leporello.training.tasks.telling import MEASURED, Tell
from leporello.training.together import Together

VALID, TEST = 1, 2


@dataclass
class Training:
    """A run in memory: the model, what it is to do, where it stands, and where it is recorded.

    `scored` is the model, or one with its weights that reads as `judging` says while `module` is taught otherwise.
    `tell` shows at a validation how the model does, such as by a text that it writes. `saved` is the update of the last
    checkpoint; `timed` updates of `steps` steps have been done since `clock`.
    """

    module: nn.Module
    scored: nn.Module
    teaching: Teaching
    judging: Teaching
    task: Task
    feed: Feed
    settings: Settings
    optimizer: Optimizer
    writer: Writer
    signals: Signals
    tell: Tell = field(default_factory=Tell)
    average: Average | None = None
    place: Place = field(default_factory=Place)
    together: Together = field(default_factory=Together)
    progress: Progress = field(default_factory=Progress)
    carried: Carried = field(default_factory=Carried)
    saved: int = -1
    clock: float = field(default_factory=time.monotonic)
    steps: int = 0
    timed: int = 0
    batches: Iterator[Batch] | None = None

    @property
    def parts(self) -> dict[str, Resumable]:
        """What a checkpoint holds beside the weights, by name."""
        average: dict[str, Resumable] = {"trained": self.average} if self.average else {}
        return {
            "optimizer": self.optimizer,
            "state": self.together.part(self.carried),
            "generator": self.together.part(Generator(self.place.device)),
            "progress": self.progress,
            **self.feed.parts,
            **average,
        }

    @property
    def ended(self) -> bool:
        """Whether this was the last update, or one after too many that made nothing better."""
        progress, patience = self.progress, self.settings.patience
        return progress.update >= self.settings.updates or 0 < patience <= progress.waited

    def used(self) -> AbstractContextManager[None]:
        """The weights with which the model is used: averaged ones, where there are such."""
        return self.average.used() if self.average else nullcontext()

    def run(self) -> dict[str, float] | None:
        """Train to the last update, then test; gives the test part's scores (None without one).

        Raises StoppedError between two updates after a signal, TrainingError at the first bad loss or gradient.
        """
        while True:
            stop, pause = self.together.asked(self.signals.received, self.signals.paused)
            self._validate_if_due()
            self._save_if_due()
            if pause and not stop:
                self._wait()
            self._stop_if_asked()
            if stop:
                raise StoppedError(stop)
            if self.ended:
                return self._test()
            self._update()

    def save(self) -> None:
        """Write a checkpoint, if there is none of this update yet, and remove old ones."""
        update = self.progress.update
        if self.saved == update:
            return
        with self.used():
            files = encode(self.module, self.parts, update)
        self.writer.commit(update, files)
        self.saved = update
        self.writer.event("checkpoint", update=update, folder=self.writer.run.at(update).name)
        self.writer.status("running", update)
        self.writer.prune(self.settings.keep, self.progress.best_update)

    def _update(self) -> None:
        """Some batches forward and back, then one step of the optimiser."""
        self.module.train()
        batches = [batch for _ in range(self.settings.accumulate) if (batch := self._next()).size]
        counts = self.together.added(self.task.counts(batches))
        self.optimizer.zero_grad(set_to_none=True)
        with told(self.progress.update + 1, batches, self.settings):
            losses = [self._backward(batch, counts) for batch in batches]
        loss = self.together.gradients(self.module, math.fsum(losses))
        self._require_finite(loss, "loss")
        norm = nn.utils.clip_grad_norm_(self.module.parameters(), self.settings.clip or math.inf)
        self._require_finite(norm.item(), "norm of the gradients")
        rate = self.settings.rate_at(self.progress.update)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        if self.average:
            self.average.follow(self.progress.update)
        self.steps, self.timed = self.steps + sum(counts.values()), self.timed + 1
        self._count(loss, norm.item(), rate)

    def _next(self) -> Batch:
        """The batch that comes next; after the last of an epoch the first of another."""
        progress = self.progress
        if self.batches is None:
            self.batches = self.feed.rest(progress.epoch, progress.position)
        batch = next(self.batches, None)
        if batch is None:
            progress.epoch, progress.position = progress.epoch + 1, 0
            self.batches = self.feed.rest(progress.epoch, 0)
            batch = next(self.batches, None)
        if batch is None:
            hint = "give a list, a function of the epoch, or an iterable that begins anew each time"
            raise TrainingError(f"there is no batch in epoch {progress.epoch + 1}", hint)
        progress.position += 1
        return batch

    def _backward(self, batch: Batch, counts: Mapping[str, int]) -> float:
        """The gradients of one batch, added to those that are there; gives its share in the loss."""
        before = None if batch.fresh else self.carried.state
        more = self.teaching.given(batch, self.progress.update)
        batch = self.place.batch(batch)
        outputs, state = self.place.run(self.module, batch, before, self.feed.carried, more, self.task.unread)
        loss = self.task.loss(outputs, batch, counts)
        loss.backward()  # type: ignore[no-untyped-call]
        self.carried.state = {name: value.detach() for name, value in state.items()} if state else None
        return loss.item()

    def _count(self, loss: float, norm: float, rate: float) -> None:
        progress = self.progress
        progress.update += 1
        progress.loss_sum += loss
        progress.loss_count += 1
        if progress.update % self.settings.report_every and progress.update != self.settings.updates:
            return
        mean, seconds = progress.loss_sum / progress.loss_count, max(time.monotonic() - self.clock, 1e-9)
        pace = {"speed": round(self.steps / seconds), "seconds": round(seconds / max(self.timed, 1), 6)}
        self.clock, self.steps, self.timed = time.monotonic(), 0, 0
        progress.loss_sum, progress.loss_count = 0.0, 0
        scores = {**self._score_of(mean), **self.teaching.truth(progress.update - 1)}
        self.writer.event("update", update=progress.update, loss=mean, **scores, rate=rate, norm=norm, **pace)

    def _score_of(self, loss: float) -> dict[str, float]:
        """The score that a loss alone gives, where one does."""
        value = self.task.score_of(loss)
        return {self.task.main: value} if value is not None and math.isfinite(value) else {}

    def _validate_if_due(self) -> None:
        progress = self.progress
        due = progress.update % self.settings.validate_every == 0 or progress.update == self.settings.updates
        if not due or not progress.update or progress.validated == progress.update or not self.feed.counts()["valid"]:
            return
        with self.used():
            scores = self._scores(VALID)
            found = scores[self.task.main]
            best = progress.validate(found, scores["loss"], self.task.score.beats(found, progress.best))
            measured = self._measured(VALID, MEASURED)
            self.writer.event("validation", update=progress.update, **scores, **measured, best=best)
            if self.tell.sample and self.together.rank.first:
                with self.place.at_home(self.scored):
                    told = self.tell.sample()
                self.writer.event("sample", update=progress.update, **told)
        self.clock, self.steps, self.timed = time.monotonic(), 0, 0

    def _save_if_due(self) -> None:
        update = self.progress.update
        due = self.ended or update % self.settings.checkpoint_every == 0 or update == self.progress.best_update
        if update and due:
            self.save()

    def _wait(self) -> None:
        """Wait between two updates for as long as the run is paused; a checkpoint is written before."""
        update = self.progress.update
        self.save()
        self.writer.event("paused", update=update)
        self.writer.status("running", update, paused=True)
        if self.together.rank.first:  # others wait for it in what all do next
            self.signals.wait()
        self.writer.event("continued", update=update)
        self.writer.status("running", update)
        self.clock, self.steps, self.timed = time.monotonic(), 0, 0

    def _test(self) -> dict[str, float] | None:
        """Test the weights that validated best, or the last where nothing was validated."""
        if not self.feed.counts()["test"]:
            return None
        best = self.progress.best_update or self.progress.update
        if best != self.progress.update:
            best = self._load(best)
        with nullcontext() if best != self.progress.update else self.used():
            found = {**self._scores(TEST), **self._measured(TEST, None)}
        self.writer.event("test", update=self.progress.update, weights=best, **found)
        return found

    def _load(self, update: int) -> int:
        try:
            load_weights(self.writer.run.read(update), self.module)
        except DamagedError:
            return self.progress.update
        return update

    def _measured(self, part: int, most: int | None) -> dict[str, float]:
        """What is measured beside the loss, such as how many lines are translated without a fault."""
        if not self.tell.measure or not self.together.rank.first:
            return {}
        with self.place.at_home(self.scored):
            return dict(self.tell.measure(part, most, self._stop_if_asked))

    def _stop_if_asked(self) -> None:
        """Stop if a signal has come, amid an evaluation too; several processes stop between updates, when all know."""
        if self.together.rank.alone:
            self.signals.check()

    def _scores(self, part: int) -> dict[str, float]:
        found = evaluate(
            self.scored,
            self.task,
            self.feed.part(part),
            self.feed.carried,
            self._stop_if_asked,
            partial(self.judging.given, update=self.progress.update),
            self.place,
            self.together.gathered,
        )
        if not all(map(math.isfinite, found.values())):
            raise self._failed(f"the loss on unseen data is {found['loss']}")
        return found

    def _require_finite(self, value: float, what: str) -> None:
        if not math.isfinite(value):
            raise self._failed(f"the {what} is {value}", self.progress.update + 1)

    def _failed(self, what: str, update: int | None = None) -> TrainingError:
        good = self.writer.run.steps()
        stays = f"the checkpoint {self.writer.run.at(good[0]).name} stays" if good else "there is no checkpoint yet"
        rate, clip = self.settings.rate, self.settings.clip
        hint = f"{stays}; try a smaller training.rate ({rate:g}) or training.clip ({clip:g})"
        return TrainingError(f"update {self.progress.update if update is None else update}: {what}", hint)
