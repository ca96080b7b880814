"""Phases: the parts of a model in their turn, and how each of them runs."""

from __future__ import annotations

from typing import Literal

from leporello.graphs.frozen import frozen

How = Literal["once", "all at once", "scanned", "fused"]
"""How a part of a model runs."""


@frozen
class Phase:
    """Parts of a model that run together: the paths of opened nodes, how they run, along which axis, and why so.

    `made` are paths of nodes of which a part runs here.
    """

    how: How
    nodes: tuple[str, ...]
    axis: str | None = None
    backward: bool = False
    why: str = ""
    made: tuple[str, ...] = ()

    @property
    def loop(self) -> bool:
        """Whether it is a loop."""
        return self.how in ("fused", "scanned")

    @property
    def said(self) -> str:
        """How it runs, in words.

        >>> Phase("fused", (), "time", backward=True).said
        'fused, backward along time'
        """
        if self.axis is None:
            return self.how
        return f"{self.how}, {'backward ' if self.backward else 'forward ' if self.loop else ''}along {self.axis}"
