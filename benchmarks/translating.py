"""`python -m benchmarks.translating`: training a translator beside the loops that people write for it, on one thread.

Both sides take updates of Adam in turns, on the same batches or each on its own, and the target tokens that they get
through in a second of the processor are compared. Without files the sentences are made up: as many words, and as long,
as those of Multi30k.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812, its usual name

from benchmarks.runner import collected, on_card, quartiles
from benchmarks.translators import Hoisted, Usual, with_weights
from leporello.blocks.registry import registry
from leporello.builder.compiling import compile
from leporello.graphs.specs import read_spec
from leporello.training.allocating import memory_kept
from leporello.training.data.files import read_text
from leporello.training.data.vocabulary import Vocabulary
from leporello.training.feeding.batch import Batch, padded
from leporello.training.feeding.examples import plan
from leporello.training.optimizers import optimizer_for
from leporello.training.places import Place, products_in
from leporello.training.settings import Settings
from leporello.training.tasks.scores import PERPLEXITY
from leporello.training.tasks.task import Target, Task

SPEC = """\
spec: 1
name: translator
inputs:
  source: {tokens: $source_words, axis: source}
  target: {tokens: $target_words, axis: target}
nodes:
  encoder: {block: encoder, input: source, embedding: $embedding, cell: gru, units: $half, direction: both}
  decoder:
    {block: decoder, target: target, memory: encoder, initial: encoder.state, bridge: dense, wiring: luong,
    words: $target_words, embedding: $embedding, cell: gru, units: 2 * $half}
outputs:
  words: {from: decoder, predicts: target}
"""
Pair = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Sizes:
    """How large the model and its vocabularies are, how many sentences make a batch, and where it is trained."""

    words: tuple[int, int] = (7856, 5976)
    embedding: int = 256
    half: int = 256
    batch: int = 64
    sentences: int = 29000
    device: str = "cpu"


TINY = Sizes((13, 11), 3, 2, 4, 40)


def made_up(sizes: Sizes) -> list[Pair]:
    """Pairs of sentences: lengths around 12 as in Multi30k, few words often and many seldom."""
    chance = random.Random(1)
    pairs = []
    for _ in range(sizes.sentences):
        length = min(max(round(chance.lognormvariate(math.log(11.6), 0.34)), 3), 40)
        lengths = length, min(max(length + chance.randint(-2, 3), 2), 40)
        pairs.append([_words(chance, many, steps) for many, steps in zip(sizes.words, lengths, strict=True)])
    return [(source, torch.cat([target, torch.ones(1, dtype=torch.int64)])) for source, target in pairs]


def _words(chance: random.Random, many: int, steps: int) -> Tensor:
    return torch.tensor([3 + int((many - 3) ** chance.random()) % (many - 3) for _ in range(steps)])


def read(files: Sequence[str]) -> tuple[list[Pair], tuple[int, int]]:
    """Pairs of the lines of two files, by the vocabularies of `examples/translate.yaml`."""
    texts = [read_text(Path(file), file).removesuffix("\n").split("\n") for file in files]
    known = [Vocabulary.of(lines, "words", lower=True, least=2) for lines in texts]
    source, target = ([one.encode(line) for line in lines] for one, lines in zip(known, texts, strict=True))
    pairs = [(torch.tensor(a), torch.tensor([*b, 1])) for a, b in zip(source, target, strict=True)]
    return pairs, (len(known[0]), len(known[1]))


@dataclass
class Side:
    """One way of training: a module, its optimiser, and the batches that it reads, as rows of the pairs."""

    module: nn.Module
    pairs: list[Pair]
    rows: Iterator[list[int]]
    place: Place = field(default_factory=Place)
    optimizer: torch.optim.Optimizer = field(init=False)

    def __post_init__(self) -> None:
        self.module.to(self.place.device)
        self.optimizer = torch.optim.Adam(self.module.parameters(), lr=1e-3)

    def update(self) -> tuple[float, int]:
        """One update; gives the loss and how many target tokens it was of."""
        some = [self.pairs[row] for row in next(self.rows)]
        source, target = (padded(side) for side in zip(*some, strict=True))
        lengths = [torch.tensor([len(one) for one in side]) for side in zip(*some, strict=True)]
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(*(one.to(self.place.device) for one in (source, target, *lengths)))
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self.module.parameters(), 1.0)
        self.optimizer.step()
        return loss.item(), int(lengths[1].sum())

    def loss(self, source: Tensor, target: Tensor, reads: Tensor, writes: Tensor) -> Tensor:
        """The mean over the tokens that are no padding, whose number here is 0."""
        logits = self.module(source, reads, target)
        return F.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=0)


class Ours(Side):
    """A compiled module, with the optimiser and the loss of a run."""

    task = Task((Target("words", "target", "target", "cross_entropy", PERPLEXITY),))

    def __post_init__(self) -> None:
        self.module.to(self.place.device)
        self.optimizer = optimizer_for(self.module, Settings(rate=1e-3))

    def loss(self, source: Tensor, target: Tensor, reads: Tensor, writes: Tensor) -> Tensor:
        batch = Batch({"source": source, "target": target}, lengths={"source": reads, "target": writes})
        outputs, _ = self.place.run(self.module, batch, None, carried=False)
        return self.task.loss(outputs, batch, self.task.counts([batch]))


def shuffled(pairs: list[Pair], batch: int) -> Iterator[list[int]]:
    """Rows in random order, for ever."""
    chance = random.Random(3)
    while True:
        order = chance.sample(range(len(pairs)), len(pairs))
        yield from (order[start : start + batch] for start in range(0, len(order) - batch + 1, batch))


def bucketed(pairs: list[Pair], batch: int) -> Iterator[list[int]]:
    """Rows as a run reads them: like lengths together."""
    lengths = [max(len(source), len(target)) for source, target in pairs]
    epoch = 0
    while True:
        yield from plan(lengths, Settings(batch=batch), epoch)
        epoch += 1


@dataclass(frozen=True)
class Found:
    """Target tokens a second of each side, their ratio in groups of updates with its quartiles, the last losses."""

    ours: float
    theirs: float
    quartiles: tuple[float, float, float]
    losses: tuple[float, float]


def race(ours: Side, theirs: Side, groups: int, together: int) -> Found:
    """Both sides in turns, `groups` times so many updates; what comes first changes."""
    clock = time.process_time if ours.place.device == "cpu" else on_card
    ours.update(), theirs.update()
    speeds, last = [], (0.0, 0.0)
    with collected():
        for number in range(groups):
            found = {}
            for side in (ours, theirs) if number % 2 else (theirs, ours):
                start = clock()
                results = [side.update() for _ in range(together)]
                tokens = sum(count for _, count in results)
                found[side is ours] = tokens / (clock() - start), results[-1][0]
            speeds.append((found[True][0], found[False][0]))
            last = found[True][1], found[False][1]
    mine, other = (statistics.median(side) for side in zip(*speeds, strict=True))
    return Found(mine, other, quartiles([a / b for a, b in speeds]), last)


CASES = {
    "the same batches": (Usual, shuffled, shuffled),
    "like lengths together": (Usual, bucketed, shuffled),
    "hoisted and bucketed by hand": (Hoisted, bucketed, bucketed),
}
"""By name the baseline, and how ours and theirs batch."""
PRECISIONS = ("bf16_products", "bf16")
"""What is set beside float32."""


def measure(pairs: list[Pair], sizes: Sizes, groups: int, together: int, only: str = "") -> Iterator[tuple[str, Found]]:
    """Every case by name as it is measured, each from the same first weights."""
    for name, (kind, mine, other) in CASES.items():
        if only in name:
            ours, place = model(sizes), Place(sizes.device)
            theirs = with_weights(kind, ours)
            sides = (
                Ours(ours, pairs, mine(pairs, sizes.batch), place),
                Side(theirs, pairs, other(pairs, sizes.batch), place),
            )
            yield name, race(*sides, groups, together)
    for precision in PRECISIONS:
        if only in (name := f"{precision} beside our own float32"):
            yield name, less_precise(precision, pairs, sizes, groups, together)


def less_precise(precision: str, pairs: list[Pair], sizes: Sizes, groups: int, together: int) -> Found:
    """The compiled module beside itself, its products, or all that may, in bfloat16."""

    class AsSaid(Ours):
        def update(self) -> tuple[float, int]:
            with products_in(self.place.precision):
                return super().update()

    fast, plain = (
        AsSaid(model(sizes), pairs, bucketed(pairs, sizes.batch), Place(sizes.device, said))
        for said in (precision, "float32")
    )
    plain.module.load_state_dict(fast.module.state_dict())
    return race(fast, plain, groups, together)


def model(sizes: Sizes) -> Any:
    """The compiled translator, always with the same first weights."""
    torch.manual_seed(1)
    words = dict(zip(("source_words", "target_words"), sizes.words, strict=True))
    return compile(read_spec(SPEC, registry()), embedding=sizes.embedding, half=sizes.half, **words)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.translating", description=__doc__.splitlines()[0])
    parser.add_argument(
        "files", nargs="*", help="two files whose lines belong together, such as train.de.gz train.en.gz"
    )
    parser.add_argument("--groups", type=int, default=12, help="so often each side is timed")
    parser.add_argument("--together", type=int, default=3, help="updates that are timed together")
    parser.add_argument("--only", default="", help="a part of the name of a case")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--small", action="store_true", help="a tiny model: does it run?")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    sizes = replace(TINY if given.small else Sizes(), device=given.device)
    pairs, words = read(given.files) if given.files else (made_up(sizes), sizes.words)
    sizes = replace(sizes, words=words)
    with memory_kept():  # as in a run, for both sides
        for name, one in measure(pairs, sizes, given.groups, given.together, given.only):
            low, middle, high = one.quartiles
            told = f"{middle:.2f} ({low:.2f} to {high:.2f})  losses {one.losses[0]:.4f} {one.losses[1]:.4f}"
            print(f"{name:36} {one.ours:7.0f} {one.theirs:7.0f} tokens/s  {told}", flush=True)


if __name__ == "__main__":
    main()
