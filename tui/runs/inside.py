"""What goes on inside a trained model while it reads a line, as the process that watches it tells in JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import refuse


@frozen
class Inside:
    """By name: the words at each step, where attention looks `[steps, steps of what is read]`, the values of states
    and gates `[features, steps]`, and on which axis each is; `steps` by axis, in the order of the graph.
    """

    steps: Mapping[str, int] = field(default_factory=dict)
    axes: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    attention: Mapping[str, Sequence[Sequence[float]]] = field(default_factory=dict)
    gates: Mapping[str, Sequence[Sequence[float]]] = field(default_factory=dict)

    def on(self, axis: str, kind: Mapping[str, Any]) -> list[str]:
        """The names of one kind that are on an axis.

        >>> Inside(axes={"x": "time", "y": "target"}).on("time", {"x": ["a"], "y": ["b"]})
        ['x']
        """
        return [name for name in kind if self.axes.get(name) == axis]

    def read_by(self, name: str) -> Sequence[str]:
        """The words that an attention looks at: those of another axis that are as many."""
        wide = len(self.attention[name][0]) if self.attention[name] else 0
        others = [one for one in self.words if self.axes.get(one) != self.axes.get(name)]
        return next((self.words[one] for one in others if len(self.words[one]) == wide), [""] * wide)


def inside_of(said: Mapping[str, Any]) -> Inside:
    """What was told. Raises SpecError for anything else."""
    try:
        found = Inside(**{kind: said[kind] for kind in Inside.__dataclass_fields__})
    except KeyError as error:
        raise refuse(f"the process that watches says nothing of {error}", "try it again") from None
    if not found.steps:
        raise refuse("the model has no axis to unfold", "one that reads a text step by step has")
    return found
