"""`python -m benchmarks.beams`: beam search of a batch beside loops that step fewer hypotheses at once.

Both sides find the same strings. `hypothesis by hypothesis` is the plain loop: a source after the other, each
hypothesis a step of its own. `source by source` steps the hypotheses of one source together. With the folder of a run
and a file of lines, the run's model translates the lines.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks.cases import LUONG, SMALL, Sizes, made, ragged_lengths, tokens
from benchmarks.runner import CLOCKS, Comparison, alternate, compare, timed
from leporello import load
from leporello.training.data.files import read_text
from leporello.training.feeding.batch import padded, tensor_of
from leporello.training.generating.beams import beam_search
from leporello.training.generating.ensembles import Ensemble
from leporello.training.generating.hypotheses import Limits
from leporello.training.generating.lines import TOGETHER
from leporello.training.generating.penalties import USUAL, Penalties
from leporello.training.generating.translating import LONGER, SHORTEST, Translator
from leporello.training.roles import feedback_of, output_of, roles_of

END, NEVER = 1, (0, 2)
Found = list[tuple[float, tuple[int, ...]]]
"""Of each source the score of the best string, and its tokens."""
NEAR = 1e-3
"""Scores that are nearer than this are a tie in 32 bits: which of both wins depends on the order of additions."""


@dataclass(frozen=True)
class Search:
    """One model, some sources with the most tokens of each result, and how they are searched."""

    module: Any
    ensemble: Ensemble
    source: Tensor
    lengths: Tensor
    most: Sequence[int]
    beam: int = 5
    penalties: Penalties = field(default_factory=Penalties)

    @cached_property
    def names(self) -> tuple[str, str, str, str]:
        """What the source and its axis, the feedback and the output are called."""
        graph = self.module.checked.graph
        source = roles_of(graph).source
        return source, str(graph[source].axis), feedback_of(graph), output_of(graph)

    def together(self) -> Found:
        """The best of every source, all sources at once."""
        source, axis, *_ = self.names
        return self._found({source: self.source}, self.most, {axis: self.lengths})

    def one_by_one(self) -> Found:
        """The same, a source after the other."""
        found = []
        for row, length in enumerate(self.lengths.tolist()):
            found += self._found({self.names[0]: self.source[row : row + 1, :length]}, [self.most[row]])
        return found

    def _found(self, given: dict[str, Tensor], most: Sequence[int], lengths: dict[str, Tensor] | None = None) -> Found:
        limits = Limits(END, most, never=NEVER)
        found = beam_search(self.ensemble, given, limits, lengths, beam=self.beam, penalties=self.penalties)
        return [(hypotheses[0].score, hypotheses[0].tokens) for hypotheses in found]

    @torch.no_grad()
    def plain(self) -> Found:
        """The loop that a person writes first: sources, steps and hypotheses one after the other."""
        lengths = self.lengths.tolist()
        return [self._plain(self.source[row : row + 1, :length], self.most[row]) for row, length in enumerate(lengths)]

    def _plain(self, tokens: Tensor, most: int) -> tuple[float, tuple[int, ...]]:
        source, _, feedback, output = self.names
        going: list[Any] = [(0.0, (), 0, self.module.start(**{source: tokens}))]
        ended: Found = []
        for step in range(most + 1):
            candidates = []
            for total, words, last, state in going:
                outputs, after = self.module.step({feedback: torch.tensor([last])}, state)
                logs = outputs[output][0].log_softmax(-1)
                logs[list(NEVER)] = -torch.inf
                if step == most:
                    ended.append((self._score(total + float(logs[END]), step), words))
                    continue
                best, places = logs.topk(min(2 * self.beam, len(logs)))
                for gain, word in zip(best.tolist(), places.tolist(), strict=True):
                    candidates.append((total + gain, words, word, after))
            candidates.sort(key=lambda candidate: -candidate[0])
            ended += [(self._score(s, step), words) for s, words, word, _ in candidates[: self.beam] if word == END]
            going = [(s, (*words, word), word, state) for s, words, word, state in candidates if word != END]
            del going[self.beam :]
            if len(ended) >= self.beam:
                break
        return max(ended)

    def _score(self, total: float, words: int) -> float:
        return float(self.penalties.score(torch.tensor(total), words + 1))


FED = (
    LUONG.replace("input: target(t-1)", "input: previous")
    .replace("  d: ", "  previous: {{block: feedback, truth: target(t-1), own: choice(t-1)}}\n  d: ")
    .replace("outputs:", "  choice: {{block: argmax, input: logits}}\noutputs:")
)
SIZES = Sizes(batch=32, steps=20, units=256, words=4000)


def untaught(sizes: Sizes) -> Search:
    """A model that was never taught, its logits as far apart as if it had been: all but equal ones find no order.

    Its results are as long as the sources, since it does not know how to end.
    """
    module = made(FED, sizes).eval()
    with torch.no_grad():
        module.logits.weight *= 20
    lengths = ragged_lengths(sizes)
    return Search(module, Ensemble([module]), tokens(sizes, 5), lengths, lengths.tolist())


def taught(run: Path, file: Path, beam: int = 5) -> list[Search]:
    """The model of a run on the lines of a file, as `leporello translate` takes them: so many at once."""
    trained = load(run)
    translator = Translator([trained.module], trained.encoders)
    lines = [tensor_of(translator.source.encode(line), 0) for line in read_text(file, str(file)).splitlines()]
    searches = []
    for start in range(0, len(lines), TOGETHER):
        some = [line for line in lines[start : start + TOGETHER] if len(line)]
        lengths = torch.tensor([len(line) for line in some])
        most = [SHORTEST + LONGER * len(line) for line in some]
        searches.append(Search(trained.module, translator.ensemble, padded(some), lengths, most, beam, USUAL))
    return searches


def differing(ours: Found, theirs: Found) -> tuple[int, int]:
    """How many strings differ, and of how many the scores differ too by more than rounding does."""
    pairs = [(a, b) for (a, one), (b, other) in zip(ours, theirs, strict=True) if one != other]
    return len(pairs), sum(abs(a - b) > NEAR for a, b in pairs)


def measure(sizes: Sizes, pairs: int, clock: str) -> dict[str, Comparison]:
    """All sources at once beside each loop."""
    search = untaught(sizes)
    loops: dict[str, Callable[[], Found]] = {
        "hypothesis by hypothesis": search.plain,
        "source by source": search.one_by_one,
    }
    wanted = search.together()
    for name, loop in loops.items():
        if differing(wanted, loop())[0]:
            raise AssertionError(f"{name} finds other strings")
    return {name: alternate(search.together, loop, pairs, CLOCKS[clock]) for name, loop in loops.items()}


def translated(searches: Sequence[Search], clock: str) -> tuple[Comparison, tuple[int, int]]:
    """The lines of a file once by each side, in turns part by part; and how many translations differ."""
    times, ours, theirs = [], [], []
    for number, search in enumerate(searches):
        sides = {
            "ours": lambda s=search: ours.extend(s.together()),
            "theirs": lambda s=search: theirs.extend(s.plain()),
        }
        took = {name: timed(sides[name], CLOCKS[clock]) for name in sorted(sides, reverse=bool(number % 2))}
        times.append((took["ours"], took["theirs"]))
    return compare(times), differing(ours, theirs)


def told(found: Comparison, name: str) -> str:
    """A line of what was measured."""
    times = f"{found.ours:8.0f} ms all at once, {found.theirs:8.0f} ms {name}"
    return f"{times}: {1 / found.ratio:.1f} times as fast ({1 / found.upper:.1f} to {1 / found.lower:.1f})"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.beams", description=__doc__.splitlines()[0])
    parser.add_argument("run", nargs="?", type=Path, help="the folder of a run that translates")
    parser.add_argument("file", nargs="?", type=Path, help="a file of lines to translate; gzip too")
    parser.add_argument("--pairs", type=int, default=3, help="so often each loop is timed, without a run")
    parser.add_argument("--clock", choices=CLOCKS, default="processor")
    parser.add_argument("--small", action="store_true", help="a tiny model: does it run?")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    if given.run:
        if not given.file:
            parser.error("a run needs a file of lines to translate")
        found, (differ, far) = translated(taught(given.run, given.file), given.clock)
        print(told(found, "hypothesis by hypothesis, of each hundred lines"))
        print(f"{differ} translations differ, {far} of them by more than rounding")
        return
    for name, found in measure(SMALL if given.small else SIZES, given.pairs, given.clock).items():
        print(told(found, name))


if __name__ == "__main__":
    main()
