"""How much a picture may cost, counted in work and not in time: the same picture comes out on every machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from leporello.graphs.frozen import frozen

Watch = Callable[[str], None]
"""Is told now and then, many times a second, what is being done. What it raises ends the search."""


class Cancelled(Exception):  # noqa: N818 - nothing is wrong
    """For a watch to raise where a picture is no longer wanted."""


@frozen
class Effort:
    """How much is looked at for the wires of a column: to lay them (`most`), to make room, and for `better` ways then.

    To lay many there is so much for `each`. A unit is about ten microseconds on a machine of today. What finds no way
    becomes a reference.
    """

    most: int = 100_000
    each: int = 0
    mending: int = 20_000
    better: int = 10_000
    watch: Watch | None = None

    def on(self, wires: int) -> Effort:
        """The effort for so many wires."""
        return replace(self, most=max(self.most, self.each * wires))

    @property
    def less(self) -> Effort:
        """The effort for wires that have taken all of it, when fewer are tried once more."""
        return replace(self, each=self.each // 4)


BEST = Effort()
FIRST = Effort(most=4_000, each=130, mending=1_000, better=0)
"""For a picture that is shown while someone types, until the best one is there."""
