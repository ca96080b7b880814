"""`python -m benchmarks.beams`: beam search of a batch beside loops that step fewer hypotheses at once.

Both sides find the same strings. `hypothesis by hypothesis` is the plain loop: a source after the other, each
hypothesis a step of its own. `source by source` steps the hypotheses of one source together.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from benchmarks.cases import LUONG, SMALL, Sizes, made, ragged_lengths, tokens
from benchmarks.runner import CLOCKS, Comparison, alternate
from leporello.training.generating.beams import beam_search
from leporello.training.generating.ensembles import Ensemble
from leporello.training.generating.hypotheses import Limits

END, NEVER = 1, (0, 2)


@dataclass(frozen=True)
class Search:
    """One model, some sources, and how each of them is searched."""

    module: Any
    source: Tensor
    lengths: Tensor
    beam: int = 5

    def limits(self, rows: Sequence[int]) -> Limits:
        """As many tokens as the source has: a model that was never taught does not end."""
        return Limits(END, maximum=[int(self.lengths[row]) for row in rows], never=NEVER)

    def together(self, ensemble: Ensemble) -> list[tuple[int, ...]]:
        """The best of every source, all sources at once."""
        rows = range(len(self.source))
        given = {"source": self.source}
        found = beam_search(ensemble, given, self.limits(rows), {"source": self.lengths}, beam=self.beam)
        return [hypotheses[0].tokens for hypotheses in found]

    def one_by_one(self, ensemble: Ensemble) -> list[tuple[int, ...]]:
        """The same, a source after the other."""
        found = []
        for row, length in enumerate(self.lengths.tolist()):
            given = {"source": self.source[row : row + 1, :length]}
            found += beam_search(ensemble, given, self.limits([row]), beam=self.beam)
        return [hypotheses[0].tokens for hypotheses in found]

    @torch.no_grad()
    def plain(self) -> list[tuple[int, ...]]:
        """The loop that a person writes first: sources, steps and hypotheses one after the other."""
        return [self._plain(self.source[row : row + 1, :length]) for row, length in enumerate(self.lengths.tolist())]

    def _plain(self, source: Tensor) -> tuple[int, ...]:
        going = [(0.0, (), 0, self.module.start(source=source))]
        ended: list[tuple[float, tuple[int, ...]]] = []
        for step in range(source.shape[1] + 1):
            candidates = []
            for score, words, last, state in going:
                outputs, after = self.module.step({"previous": torch.tensor([last])}, state)
                logs = outputs["words"][0].log_softmax(-1)
                logs[list(NEVER)] = -torch.inf
                if step == source.shape[1]:
                    ended.append((score + float(logs[END]), words))
                    continue
                best, places = logs.topk(min(2 * self.beam, len(logs)))
                for gain, word in zip(best.tolist(), places.tolist(), strict=True):
                    candidates.append((score + gain, words, word, after))
            candidates.sort(key=lambda candidate: -candidate[0])
            ended += [(score, words) for score, words, word, _ in candidates[: self.beam] if word == END]
            going = [(s, (*words, word), word, state) for s, words, word, state in candidates if word != END][
                : self.beam
            ]  # type: ignore[misc]
            if len(ended) >= self.beam:
                break
        return max(ended)[1]


FED = (
    LUONG.replace("input: target(t-1)", "input: previous")
    .replace("  d: ", "  previous: {{block: feedback, truth: target(t-1), own: choice(t-1)}}\n  d: ")
    .replace("outputs:", "  choice: {{block: argmax, input: logits}}\noutputs:")
)
SIZES = Sizes(batch=32, steps=20, units=256, words=4000)


def model(sizes: Sizes) -> Any:
    """A model that was never taught, its logits as far apart as if it had been: all but equal ones find no order."""
    module = made(FED, sizes).eval()
    with torch.no_grad():
        module.logits.weight *= 20
    return module


def measure(sizes: Sizes, pairs: int, clock: str) -> dict[str, Comparison]:
    """All sources at once beside each loop."""
    module = model(sizes)
    search, ensemble = Search(module, tokens(sizes, 5), ragged_lengths(sizes)), Ensemble([module])
    loops: dict[str, Callable[[], list[tuple[int, ...]]]] = {
        "hypothesis by hypothesis": search.plain,
        "source by source": lambda: search.one_by_one(ensemble),
    }
    wanted = search.together(ensemble)
    for name, loop in loops.items():
        if loop() != wanted:
            raise AssertionError(f"{name} finds other strings")
    return {n: alternate(lambda: search.together(ensemble), loop, pairs, CLOCKS[clock]) for n, loop in loops.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.beams", description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=3, help="so often each loop is timed")
    parser.add_argument("--clock", choices=CLOCKS, default="processor")
    parser.add_argument("--small", action="store_true", help="a tiny model: does it run?")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    for name, found in measure(SMALL if given.small else SIZES, given.pairs, given.clock).items():
        times = f"{found.ours:8.0f} ms all at once, {found.theirs:8.0f} ms {name}"
        print(f"{times}: {1 / found.ratio:.1f} times as fast ({1 / found.upper:.1f} to {1 / found.lower:.1f})")


if __name__ == "__main__":
    main()
