"""Labels on an axis of their own, of which nobody says at which step they are: connectionist temporal classification.

Graves et al. 2006: at each step a label or none is said; what is said twice in a row is one label, unless none is
between. The score of none is the last.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from leporello.graphs.problems import refuse


def ctc(given: Tensor, truth: Tensor, steps: Tensor, lengths: Tensor, rows: Sequence[int] = ()) -> Tensor:
    """The sum over sequences of -log p(labels), for scores [batch, steps, labels + 1] and labels [batch, length].

    Raises SpecError for a sequence that has more labels than there are steps to say them in.
    """
    _check_room(truth, steps, lengths, rows)
    given = torch.where((torch.arange(given.shape[1], device=given.device) < steps[:, None])[..., None], given, 0)
    scores = given.log_softmax(-1).transpose(0, 1)  # [steps, batch, labels + 1]
    return functional.ctc_loss(scores, truth, steps, lengths, blank=given.shape[-1] - 1, reduction="sum")


def _check_room(truth: Tensor, steps: Tensor, lengths: Tensor, rows: Sequence[int]) -> None:
    """Equal labels beside each other need a step more between them."""
    inside = torch.arange(1, truth.shape[1], device=truth.device) < lengths[:, None]
    needed = lengths + ((truth[:, 1:] == truth[:, :-1]) & inside).sum(1)
    lacking = (needed > steps).nonzero().flatten().tolist()
    if lacking:
        place = lacking[0]
        where = f"example {rows[place] + 1}" if rows else f"sequence {place + 1} of the batch"
        what = (
            f"{where} has {int(lengths[place])} labels, which need {int(needed[place])} steps, and {int(steps[place])}"
        )
        raise refuse(what, "give the model more steps for each label, or leave such examples out")


def best_path(given: Tensor, steps: Tensor) -> list[list[int]]:
    """For scores [batch, steps, labels + 1] the labels said by the likeliest of each step.

    >>> scores = torch.tensor([[[9.0, 0, 0], [9, 0, 0], [0, 0, 9], [9, 0, 0], [0, 9, 0]]])
    >>> best_path(scores, torch.tensor([5]))
    [[0, 0, 1]]
    """
    none = given.shape[-1] - 1
    found = []
    for row, count in zip(given.argmax(-1).tolist(), steps.tolist(), strict=True):
        said = row[:count]
        found.append([one for place, one in enumerate(said) if one != none and (not place or said[place - 1] != one)])
    return found


def edits(one: Sequence[int], other: Sequence[int]) -> int:
    """The fewest insertions, deletions and changes that make one sequence the other (Levenshtein 1966).

    >>> edits([1, 2, 3], [1, 3]), edits([], [4, 5]), edits([1, 2], [2, 1])
    (1, 2, 2)
    """
    row = list(range(len(other) + 1))
    for count, a in enumerate(one, 1):
        diagonal, row[0] = row[0], count
        for place, b in enumerate(other, 1):
            diagonal, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, diagonal + (a != b))
    return row[-1]
