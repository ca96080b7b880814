"""Beam search: at each step the most probable of all continuations go on, for all sources of a batch at once."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import refuse
from leporello.training.generating.ensembles import Ensemble, Going
from leporello.training.generating.hypotheses import Hypothesis, Limits
from leporello.training.generating.penalties import Penalties

NARROWED = 0.25
"""The share of sources that are done at which a batch is made smaller; each time costs a copy of what is left."""


def beam_search(
    ensemble: Ensemble,
    sources: Mapping[str, Tensor],
    limits: Limits,
    lengths: Mapping[str, Tensor] | None = None,
    *,
    beam: int = 5,
    best: int = 1,
    penalties: Penalties | None = None,
) -> list[list[Hypothesis]]:
    """For every source its `best` hypotheses, that of the highest score first.

    At each step the `beam` most probable continuations that do not end go on; those that end, and are among the `beam`
    most probable of all, are kept. A source is done when `beam` of them are. What goes on is compared by log
    probability, what has ended by its score (Wu et al. 2016, arXiv:1609.08144, equation 14). A beam of 1 is greedy. A
    source has fewer than `best` only where so many cannot be made.

    Args:
        ensemble: the models.
        sources: by name, what the models are given, `[batch, source]` or `[batch, source, features]`.
        limits: the token that ends a sequence, how long sequences are, and what is never chosen.
        lengths: by axis, how many steps of each source are valid, `[batch]`.
        beam: how many hypotheses go on.
        best: how many are wanted.
        penalties: for length and coverage.

    Raises:
        SpecError: for settings that do not fit, and a coverage penalty without attention.

    >>> from leporello.builder.compiling import compile
    >>> module = compile('''
    ... spec: 1
    ... inputs: {text: {tokens: 5}}
    ... nodes:
    ...   previous: {block: feedback, truth: text(t-1), own: choice(t-1)}
    ...   logits: {block: embedding, input: previous, units: 5}
    ...   choice: {block: argmax, input: logits}
    ... outputs: {next: {from: logits, predicts: text}}
    ... ''')
    >>> (found,) = beam_search(Ensemble([module]), {}, Limits(end=1, maximum=1), beam=3, best=3)
    >>> sorted(hypothesis.tokens for hypothesis in found)
    [(), (3,), (4,)]
    """
    penalties = penalties or Penalties()
    if not 1 <= best <= beam:
        raise refuse(f"the {best} best of a beam of {beam} are asked for", "1 up to the beam")
    if penalties.coverage and not ensemble.attention:
        hint = "name it: Ensemble(modules, attention='attention.weights')"
        raise refuse("the coverage penalty needs attention weights", hint)
    stepped = ensemble.begin(ensemble.start(sources, lengths), limits.begin)
    like = stepped.log_probabilities
    search = _Search(limits, penalties, beam, limits.most(len(like)).to(like.device), ensemble.seen(lengths, stepped))
    alive = search.first(like)
    while True:
        alive, going = search.advance(alive, stepped.log_probabilities, stepped.attention, stepped.going)
        if not len(alive.rows):
            break
        stepped = ensemble.step(alive.tokens[..., -1], going)
    return [sorted(found, key=lambda hypothesis: -hypothesis.score)[:best] for found in search.found]


@frozen
class _Alive:
    """What goes on: of each source that is not done (`rows`), hypotheses with their log probabilities so far.

    `tokens` are `[rows, hypotheses, steps]`, `attention` `[rows, hypotheses, steps, source]`. A log probability of -inf
    is a place without a hypothesis.
    """

    rows: Tensor
    total: Tensor
    tokens: Tensor
    attention: Tensor | None

    def grown(self, parents: Tensor, chosen: Tensor, total: Tensor, attention: Tensor | None) -> _Alive:
        """Hypotheses that go on from those at `parents` with the tokens `chosen`, `[rows, hypotheses]`."""
        line = torch.arange(len(parents), device=parents.device)[:, None]
        tokens = torch.cat([self.tokens[line, parents], chosen[..., None]], -1)
        if attention is None or self.attention is None:
            return _Alive(self.rows, total, tokens, None)
        return _Alive(self.rows, total, tokens, joined(self.attention[line, parents], attention[line, parents]))


class _Search:
    """The search of one batch, and what it has found for each source."""

    def __init__(self, limits: Limits, penalties: Penalties, beam: int, most: Tensor, seen: Tensor | None) -> None:
        self.limits, self.penalties, self.beam = limits, penalties, beam
        self.most, self.seen = most, seen
        self.found: list[list[Hypothesis]] = [[] for _ in most]

    def first(self, like: Tensor) -> _Alive:
        """One empty hypothesis of every source, of the type of log probabilities `like` those of the first step."""
        batch = len(like)
        tokens = torch.empty(batch, 1, 0, dtype=torch.long, device=like.device)
        attention = None if self.seen is None else like.new_empty(batch, 1, 0, 0)
        return _Alive(torch.arange(batch, device=like.device), like.new_zeros(batch, 1), tokens, attention)

    def advance(
        self, alive: _Alive, log_probabilities: Tensor, attention: Tensor | None, going: Going
    ) -> tuple[_Alive, Going]:
        """From what the models say of the next token to what goes on; what ends is kept in `found`."""
        steps, (_, hypotheses, size) = alive.tokens.shape[-1], log_probabilities.shape
        allowed = self.limits.allowed(log_probabilities, steps, self.most[alive.rows])
        sums = (alive.total[..., None] + allowed).flatten(1)  # [rows, hypotheses * vocabulary]
        total, places = sums.topk(min(2 * self.beam, hypotheses * size), dim=-1)
        parents, chosen = places // size, places % size
        ends = chosen == self.limits.end
        first = torch.arange(ends.shape[1], device=ends.device) < self.beam
        self._keep(alive, parents, total, attention, ends & first & total.isfinite())
        # The most probable that do not end: a stable sort leaves their order as it is.
        order = ends.to(torch.int8).argsort(dim=-1, stable=True)[:, : self.beam]
        parents, total = parents.gather(1, order), total.masked_fill(ends, -torch.inf).gather(1, order)
        return self._left(alive.grown(parents, chosen.gather(1, order), total, attention), going.moved(parents))

    def _keep(self, alive: _Alive, parents: Tensor, total: Tensor, attention: Tensor | None, ended: Tensor) -> None:
        """Take down those of the candidates, `[rows, candidates]`, that have `ended`."""
        row, place = ended.nonzero(as_tuple=True)
        if not len(row):
            return
        source, parent, total = alive.rows[row], parents[row, place], total[row, place]
        looked = valid = None
        if attention is not None and alive.attention is not None and self.seen is not None:
            looked = joined(alive.attention[row, parent], attention[row, parent])
            valid = torch.arange(looked.shape[-1], device=row.device) < self.seen[source][:, None]
        scores = self.penalties.score(total, alive.tokens.shape[-1] + 1, looked, valid).tolist()
        strings = alive.tokens[row, parent].tolist()
        for i, (number, probability) in enumerate(zip(source.tolist(), total.tolist(), strict=True)):
            weights = None if looked is None or self.seen is None else looked[i, :, : int(self.seen[number])].cpu()
            self.found[number].append(Hypothesis(tuple(strings[i]), scores[i], probability, weights))

    def _left(self, alive: _Alive, going: Going) -> tuple[_Alive, Going]:
        """What is not done: without `beam` that have ended, and with something that goes on."""
        full = [len(self.found[row]) >= self.beam for row in alive.rows.tolist()]
        done = torch.tensor(full, device=alive.rows.device) | alive.total.isinf().all(-1)
        count = int(done.sum())
        if count < len(done) and count < NARROWED * len(done):
            total = alive.total.masked_fill(done[:, None], -torch.inf)
            return _Alive(alive.rows, total, alive.tokens, alive.attention), going
        (left,) = (~done).nonzero(as_tuple=True)
        attention = None if alive.attention is None else alive.attention[left]
        return _Alive(alive.rows[left], alive.total[left], alive.tokens[left], attention), going.narrowed(left)


def joined(before: Tensor, now: Tensor) -> Tensor:
    """Attention of all steps before, `[..., steps, source]`, and of one more, `[..., source]`."""
    return torch.cat([before, now[..., None, :]], -2) if before.shape[-2] else now[..., None, :]
