"""A model put to its training: built, on its device, with its optimiser, its folder held, and recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.problems import refuse
from leporello.training.allocating import memory_kept
from leporello.training.averaging import Average
from leporello.training.feeding.batch import Feed
from leporello.training.loop import Training
from leporello.training.optimizers import optimizer_for
from leporello.training.places import place_of, products_in
from leporello.training.ranks import Rank
from leporello.training.recording import Outcome, recorded
from leporello.training.resuming import block_files, compiler
from leporello.training.runs.run import SPEC, Listener, Run
from leporello.training.runs.signals import Signals
from leporello.training.runs.writer import Silent, Writer, create_run, resume_run
from leporello.training.settings import Settings
from leporello.training.shortage import check_room
from leporello.training.tasks.task import Task
from leporello.training.tasks.teaching import Teaching, judged, taught
from leporello.training.tasks.telling import Tell
from leporello.training.together import Together, joined

Build = Callable[..., nn.Module]
STRIDE = 1_000_003
"""The random numbers of processes after the first, which have masks of their own, begin so far apart."""


@frozen
class Learner:
    """A model in the mode in which it is taught, and one with its weights in the mode in which it is judged."""

    module: nn.Module
    teaching: Teaching
    scored: nn.Module
    judging: Teaching


def learner(
    build: Build | None, graph: Graph, settings: Settings, sizes: Mapping[str, int], together: Together
) -> Learner:
    """The model with its first weights, which the seed gives: the same in all processes."""
    torch.manual_seed(settings.seed)
    build = build or compiler()
    module, teaching = taught(build, graph, settings, **sizes)
    scored, judging = judged(build, module, teaching, settings)
    if not together.rank.first:
        torch.manual_seed((settings.seed + STRIDE * together.rank.number) % 2**63)
    return Learner(module, teaching, scored, judging)


def learned(module: nn.Module) -> int:
    """How many numbers are learned. Raises SpecError where there are none."""
    if not any(weight.requires_grad for weight in module.parameters()):
        raise refuse("this model has no weights to train", "use a block with weights, such as linear or lstm")
    return sum(weight.numel() for weight in module.parameters())


def of_all(settings: Settings, rank: Rank) -> Settings:
    """The settings that say the batches of all processes together."""
    return replace(settings, batch=settings.batch * rank.count, tokens=settings.tokens * rank.count)


def with_epochs(settings: Settings, feed: Feed) -> Settings:
    """The settings with the updates that their epochs come to. Raises SpecError where batches cannot be counted."""
    if not settings.epochs:
        return settings
    batches = feed.passing()
    if batches is None:
        raise refuse("the batches of an epoch cannot be counted", "say updates in place of epochs")
    return replace(settings, updates=-(-settings.epochs * batches // settings.accumulate))


@contextmanager
def processes() -> Iterator[Together]:
    """The processes that train together; torch's generator is left as it was."""
    generator = torch.get_rng_state()
    try:
        with joined() as together:
            yield together
    finally:
        torch.set_rng_state(generator)


def hold(
    graph: Graph, run: Run, resume: bool, facts: Mapping[str, Any], encoders: Any, listener: Listener | None
) -> Writer:
    """The run's folder, made or taken up again."""
    if resume:
        return resume_run(run.folder, facts, listener)
    return create_run(run.folder, {SPEC: graph.text, **block_files(graph)}, facts, encoders, listener)


def conduct(
    learner: Learner,
    task: Task,
    feed: Feed,
    settings: Settings,
    facts: Mapping[str, Any],
    run: Run,
    held: Callable[[], Writer],
    resume: bool,
    tell: Tell,
    together: Together,
) -> Outcome:
    """Train to the end, or until it is stopped; `held` takes hold of the run's folder."""
    place = place_of(settings, together.rank)
    check_room(learner.module, settings)
    learner.scored.to(place.device)
    optimizer = optimizer_for(learner.module.to(place.device), settings)
    training = Training(
        learner.module,
        learner.scored,
        learner.teaching,
        learner.judging,
        task,
        feed,
        settings,
        optimizer,
        together.first(held) or Silent(run, -1),
        Signals(),
        tell,
        Average(learner.module, settings.average) if settings.average else None,
        place,
        together,
    )
    with training.signals, products_in(settings.precision), memory_kept():
        outcome = recorded(training, facts, resume)
        together.gathered(None)  # whoever starts them ends all when one has ended: not before the first has written
        return outcome
