"""The share of one of several processes: of each batch of all of them its own rows, one behind the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from leporello.graphs.frozen import frozen
from leporello.training.feeding.batch import Batch, Feed, Passing
from leporello.training.ranks import Rank


@frozen
class Shared(Passing[Feed]):
    """A feed of batches for all processes, as one of them sees it; a share without a row is left out by the loop.

    A stream stays with its process.
    """

    feed: Feed
    rank: Rank

    def rest(self, epoch: int, position: int) -> Iterator[Batch]:
        """Its shares of the batches of a pass."""
        return (share(batch, self.rank) for batch in self.feed.rest(epoch, position))

    def part(self, place: int) -> Iterable[Batch]:
        """Its shares of a part to be scored."""
        return (share(batch, self.rank) for batch in self.feed.part(place))


def share(batch: Batch, rank: Rank) -> Batch:
    """The rows of a batch that are one process's: as many as each other's, one more for some."""
    mine = slice(rank.number * batch.size // rank.count, (rank.number + 1) * batch.size // rank.count)
    return replace(
        batch,
        inputs={name: value[mine] for name, value in batch.inputs.items()},
        lengths={axis: value[mine] for axis, value in batch.lengths.items()},
        counted=None if batch.counted is None else batch.counted[mine],
        rows=batch.rows[mine],
        known={name: value[mine] for name, value in batch.known.items()},
    )


def shared(feed: Feed, rank: Rank) -> Feed:
    """A feed as one process sees it; alone it sees all of it."""
    return feed if rank.alone else Shared(feed, rank)
