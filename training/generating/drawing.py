"""Sequences made token by token: the likeliest each time (greedy), or drawn by chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from leporello.graphs.problems import refuse
from leporello.training.generating.characters import check_sampling, distribution
from leporello.training.generating.ensembles import Ensemble
from leporello.training.generating.hypotheses import Hypothesis, Limits

Sources = Mapping[str, Tensor]
Lengths = Mapping[str, Tensor]


def greedy(ensemble: Ensemble, sources: Sources, limits: Limits, lengths: Lengths | None = None) -> list[Hypothesis]:
    """For every source the sequence of the likeliest tokens, each after those before it."""
    found = _made(ensemble, sources, limits, lengths, 1, lambda allowed: allowed.argmax(-1))
    return [hypotheses[0] for hypotheses in found]


def sample(
    ensemble: Ensemble,
    sources: Sources,
    limits: Limits,
    lengths: Lengths | None = None,
    *,
    samples: int = 1,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    generator: torch.Generator | None = None,
) -> list[list[Hypothesis]]:
    """For every source `samples` sequences drawn by chance; the same state of `generator` (on the CPU) draws the same.

    `temperature`, `top_k` and `top_p` say what each token is drawn from (`distribution`). Log probabilities are those
    of the model all the same.
    """
    check_sampling(temperature, top_k, top_p)
    if samples < 1:
        raise refuse(f"{samples} samples are asked for", "one at least")

    def draw(allowed: Tensor) -> Tensor:
        chances = distribution(allowed, temperature, top_k, top_p, ()).flatten(0, 1).cpu()
        return torch.multinomial(chances, 1, generator=generator).view(allowed.shape[:2]).to(allowed.device)

    return _made(ensemble, sources, limits, lengths, samples, draw)


def _made(
    ensemble: Ensemble,
    sources: Sources,
    limits: Limits,
    lengths: Lengths | None,
    side_by_side: int,
    choose: Callable[[Tensor], Tensor],
) -> list[list[Hypothesis]]:
    """Hypotheses that go on from themselves until all have ended."""
    stepped = ensemble.begin(ensemble.start(sources, lengths), limits.begin)
    batch = len(stepped.log_probabilities)
    most = limits.most(batch).to(stepped.log_probabilities.device)
    stepped = stepped.repeated(side_by_side)
    ended = torch.zeros(batch, side_by_side, dtype=torch.bool, device=most.device)
    total = stepped.log_probabilities.new_zeros(batch, side_by_side)
    tokens: list[Tensor] = []
    looked: list[Tensor] = []
    while True:
        chosen = choose(limits.allowed(stepped.log_probabilities, len(tokens), most)).masked_fill(ended, limits.end)
        gained = stepped.log_probabilities.gather(-1, chosen[..., None]).squeeze(-1)
        total = torch.where(ended, total, total + gained)
        ended = ended | (chosen == limits.end)
        tokens.append(chosen)
        looked += [] if stepped.attention is None else [stepped.attention]
        if bool(ended.all()):
            break
        stepped = ensemble.step(chosen, stepped.going)
    return _listed(torch.stack(tokens, -1), total, looked, limits.end, ensemble.seen(lengths, stepped))


def _listed(
    tokens: Tensor, total: Tensor, looked: list[Tensor], end: int, seen: Tensor | None
) -> list[list[Hypothesis]]:
    """The hypotheses of every source, out of `[batch, hypotheses, steps]`."""
    attention = torch.stack(looked, 2).cpu() if looked else None
    counts = (tokens != end).sum(-1).tolist()
    found = []
    for row, (chosen, scores) in enumerate(zip(tokens.tolist(), total.tolist(), strict=True)):
        hypotheses = []
        for place, (sequence, score) in enumerate(zip(chosen, scores, strict=True)):
            count = counts[row][place]
            weights = None
            if attention is not None and seen is not None:
                weights = attention[row, place, : count + 1, : int(seen[row])].clone()
            hypotheses.append(Hypothesis(tuple(sequence[:count]), score, score, weights))
        found.append(hypotheses)
    return found
