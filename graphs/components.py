"""Strongly connected components of a graph of names, by Tarjan's algorithm (1972, doi:10.1137/0201010).

networkx has it too, but takes longer to import than a small spec takes to be checked.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence


def strong_components(sources: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """The components of the graph in which every name reads its `sources`; what is read comes before its readers.

    >>> strong_components({"a": ["b"], "b": ["c", "a"], "c": []})
    [('c',), ('a', 'b')]
    """
    search = _Search(sources)
    for name in sources:
        if name not in search.found_at:
            search.walk(name)
    return search.components


class _Search:
    """One depth-first search without recursion: a chain of ten thousand nodes is allowed."""

    def __init__(self, sources: Mapping[str, Sequence[str]]) -> None:
        self.sources = sources
        self.found_at: dict[str, int] = {}
        self.lowest: dict[str, int] = {}
        self.open: list[str] = []
        self.closed: set[str] = set()
        self.components: list[tuple[str, ...]] = []

    def walk(self, start: str) -> None:
        way: list[tuple[str, Iterator[str]]] = [self.enter(start)]
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

    def enter(self, name: str) -> tuple[str, Iterator[str]]:
        self.found_at[name] = self.lowest[name] = len(self.found_at)
        self.open.append(name)
        return name, iter(self.sources[name])

    def leave(self, name: str) -> None:
        """Close the component that `name` is the first found of, if it is one's."""
        if self.lowest[name] < self.found_at[name]:
            return
        place = bisect_left(self.open, self.found_at[name], key=self.found_at.__getitem__)
        members = self.open[place:]
        del self.open[place:]
        self.closed.update(members)
        self.components.append(tuple(members))
