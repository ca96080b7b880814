"""What a label counts while a model learns: as its spec says, or so that all labels together count the same."""

from __future__ import annotations

from collections import Counter

from leporello.graphs.nodes import Output
from leporello.graphs.problems import refuse, suggest
from leporello.training.data.columns import Column
from leporello.training.data.encoders import Labels

Costs = tuple[tuple[int, float], ...]
"""Pairs of a label's number and what it is multiplied by; others by 1."""


def label_costs(output: Output, column: Column) -> Costs:
    """The `class_weights` of an output that predicts a column. Raises SpecError for labels that the data lack."""
    said = output.scoring.get("class_weights")
    if said is None:
        return ()
    labels, mark = column.encoder, output.at("class_weights")
    if not isinstance(labels, Labels):
        what = f"{output.name} has class_weights, but {column.name} is read as {labels.kind}"
        raise refuse(what, "they are for labels: as: labels", mark)
    if said == "balanced":
        return balanced(Counter(number for value in column.values(0) for number in labels.encode(value)))
    for name in said:
        if str(name) not in labels.numbers:
            raise refuse(f"{column.name} has no label {name!r}", suggest(str(name), labels.names, "labels"), mark)
    return tuple((labels.numbers[str(name)], float(cost)) for name, cost in said.items())


def balanced(counts: Counter[int]) -> Costs:
    """Costs by which each label counts as much as any other, the mean over all that there are being 1.

    >>> balanced(Counter({0: 3, 1: 1}))
    ((0, 0.6666666666666666), (1, 2.0))
    """
    total = sum(counts.values())
    return tuple((label, total / (len(counts) * count)) for label, count in sorted(counts.items()))
