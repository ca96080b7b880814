"""The folded picture as a value: boxes, edges and time axes, without places or colours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from leporello.graphs.blocktypes import Equation
from leporello.graphs.frozen import frozen
from leporello.graphs.names import BLOCK
from leporello.graphs.nodes import EMPTY, NOW, Time
from leporello.graphs.phases import How

Kind = Literal[
    "input", "output", "state", "layer", "function", "composite", "attention", "feedback", "initial", "every", "gap"
]
Style = Literal["now", "delay", "backward", "all", "ends", "fed_back", "initial", "predicts", "state"]


Near = Mapping[str, tuple[float, float]]
"""Where the middle of a box stood in the picture before, by its path: from the left, and from the top."""
SHARED = "weights of "
"""What stands before the names of those whose weights a box uses."""


@frozen
class Badge:
    """A small sign on a box: how it runs, and in which turn."""

    how: How
    text: str


@frozen
class Box:
    """One thing in the picture.

    `block` is its block's name or its formula, `title` the hover text, `initial` its initial value in words
    (empty: zeros, for tokens begin and end). A `faint` box is drawn pale: the picture's mode does without it.
    `equation` is how its block is written in equations and `activation` its sign on the layer that it reads (as of a
    `BlockType`). `bias` is whether a layer adds one, `reads` what it is multiplied with, side by side, as formulas; of
    other blocks `reads` is what they read, at `ports` of their own or side by side at one, and `parts` what one that
    splits it gives. `shares` names the boxes whose weights it uses, `carried` other axes for each step of which it has
    a value. The name of one that is `upright` is written as it is typed: as maths it would be another's.
    """

    path: str
    kind: Kind
    label: str
    axis: str | None = None
    block: str = ""
    title: str = ""
    initial: str = ""
    faint: bool = False
    badge: Badge | None = None
    bias: bool = False
    reads: tuple[str, ...] = ()
    ports: int = 1
    parts: tuple[str, ...] = ()
    equation: Equation = "none"
    activation: str = ""
    shares: str = ""
    carried: tuple[str, ...] = ()
    upright: bool = False

    @property
    def spelled(self) -> bool:
        """Whether it shows a formula, not the name of a block."""
        return not (self.block.isidentifier() or BLOCK.match(self.block))

    @property
    def more(self) -> tuple[str, ...]:
        """What is said of it beside its block, a line each."""
        grid = f"for each step of {' and '.join(self.carried)}" if self.carried else ""
        return tuple(filter(None, (grid, self.shares)))

    @property
    def nameless(self) -> bool:
        """Whether it is an expression that is written at a port: its formula is all that it is called."""
        return self.label == self.block and self.spelled


@frozen
class Edge:
    """A wire between two boxes; `label` is the port where that matters (`truth`, `own`), or the weights on it.

    `title` is the hover text of those weights, `within` the path of the body that they are of; `faint` as of a box;
    `port` is the output that is read, where it is not the first.
    """

    source: str
    target: str
    time: Time = NOW
    style: Style = "now"
    label: str = ""
    title: str = ""
    faint: bool = False
    port: str = ""
    within: str = ""

    def weighs(self, composite: str) -> bool:
        """Whether its weights are of what stands in a composite.

        >>> Edge("x", "h/1/forward/c", label="U", within="h/1/forward").weighs("h"), Edge("x", "h/1/c").weighs("h")
        (True, False)
        """
        return f"{self.within}/".startswith(f"{composite}/")

    @property
    def said(self) -> str:
        """What stands beside it, its time aside.

        >>> Edge("f", "g", label="own", port="c").said, Edge("f", "g", port="c").said
        ('own: c', 'c')
        """
        return ": ".join(filter(None, (self.label, self.port)))


@frozen
class View:
    """The folded picture: boxes in the order written (outputs last), edges, and the time axes.

    What stood `near` in the picture before keeps its place among the others as far as it can.
    """

    name: str
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    axes: tuple[str, ...]
    near: Near = field(default_factory=lambda: EMPTY)


def style_of(time: Time) -> Style:
    """How a wire that reads at `time` is drawn.

    >>> style_of(Time(offset=-2))
    'delay'
    """
    if time.kind != "t":
        return "all" if time.kind == "all" else "ends"
    return "delay" if time.offset < 0 else "backward" if time.offset > 0 else "now"
