"""Strongly connected components of a graph of names, and the order of its names.

networkx has both too, but takes longer to import than a small spec takes to be checked.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import Any, Generic, TypeVar

from leporello.graphs.nodes import Node

Name = TypeVar("Name", bound=Hashable)


def reached(starts: Iterable[Name], onward: Callable[[Name], Iterable[Name]]) -> dict[Name, None]:
    """All names that a way leads to from `starts`, these included, as a set that keeps the order in which it grew.

    >>> list(reached(["a"], {"a": ["b", "c"], "b": ["a"], "c": [], "d": ["a"]}.__getitem__))
    ['a', 'b', 'c']
    """
    found = dict.fromkeys(starts)
    waiting = list(found)
    for name in waiting:
        for other in onward(name):
            if other not in found:
                found[other] = None
                waiting.append(other)
    return found


def ordered(sources: Mapping[Name, Collection[Name]], rank: Mapping[Name, Any]) -> list[Name]:
    """The names of a graph without cycles, each after its `sources`; of those that may come next, the lowest `rank`.

    >>> ordered({"a": ["c"], "b": [], "c": []}, {"a": 0, "b": 1, "c": 2})
    ['b', 'c', 'a']
    """
    readers: dict[Name, list[Name]] = {name: [] for name in sources}
    waiting = {name: len(set(read)) for name, read in sources.items()}
    for name, read in sources.items():
        for source in set(read):
            readers[source].append(name)
    names = sorted(sources, key=rank.__getitem__)
    place = {name: index for index, name in enumerate(names)}
    ready = [place[name] for name in names if not waiting[name]]
    heapify(ready)
    found: list[Name] = []
    while ready:
        found.append(names[heappop(ready)])
        for reader in readers[found[-1]]:
            waiting[reader] -= 1
            if not waiting[reader]:
                heappush(ready, place[reader])
    return found


def strong_components(sources: Mapping[Name, Collection[Name]]) -> list[tuple[Name, ...]]:
    """The components of the graph in which every name reads its `sources`; what is read comes before its readers.

    Tarjan's algorithm (1972, doi:10.1137/0201010).

    >>> strong_components({"a": ["b"], "b": ["c", "a"], "c": []})
    [('c',), ('a', 'b')]
    """
    search = _Search(sources)
    for name in sources:
        if name not in search.found_at:
            search.walk(name)
    return search.components


def components(nodes: Sequence[Node]) -> list[tuple[str, ...]]:
    """The strongly connected components, what is read before what reads it."""
    known = {node.path for node in nodes}
    return strong_components(
        {node.path: [wire.source for wire in node.wires + node.initial_wires if wire.source in known] for node in nodes}
    )


class _Search(Generic[Name]):
    """One depth-first search without recursion: a chain of ten thousand nodes is allowed."""

    def __init__(self, sources: Mapping[Name, Collection[Name]]) -> None:
        self.sources = sources
        self.found_at: dict[Name, int] = {}
        self.lowest: dict[Name, int] = {}
        self.open: list[Name] = []
        self.closed: set[Name] = set()
        self.components: list[tuple[Name, ...]] = []

    def walk(self, start: Name) -> None:
        way: list[tuple[Name, Iterator[Name]]] = [self.enter(start)]
        while way:
            name, waiting = way[-1]
            following = next(waiting, None)
            if following is None:
                way.pop()
                if way:
                    reader = way[-1][0]
                    self.lowest[reader] = min(self.lowest[reader], self.lowest[name])
                self.leave(name)
            elif following not in self.found_at:
                way.append(self.enter(following))
            elif following not in self.closed:
                self.lowest[name] = min(self.lowest[name], self.found_at[following])

    def enter(self, name: Name) -> tuple[Name, Iterator[Name]]:
        self.found_at[name] = self.lowest[name] = len(self.found_at)
        self.open.append(name)
        return name, iter(self.sources[name])

    def leave(self, name: Name) -> None:
        """Close the component that `name` is the first found of, if it is one's."""
        if self.lowest[name] < self.found_at[name]:
            return
        place = bisect_left(self.open, self.found_at[name], key=self.found_at.__getitem__)
        members = self.open[place:]
        del self.open[place:]
        self.closed.update(members)
        self.components.append(tuple(members))
