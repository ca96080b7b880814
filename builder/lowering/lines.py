"""Lines of generated source, each with the nodes that it computes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from leporello.graphs.frozen import frozen

INDENT = "    "


@frozen
class Line:
    """A line, or several that are one statement still, and the paths of the nodes as written that it computes."""

    text: str
    nodes: tuple[str, ...] = ()


def plain(texts: Iterable[str]) -> list[Line]:
    """Lines that compute no node."""
    return [Line(text) for text in texts]


def indented(lines: Iterable[Line], depth: int) -> list[Line]:
    """The lines further in."""
    return [Line(INDENT * depth + line.text, line.nodes) for line in lines]


def texts(lines: Sequence[Line]) -> list[str]:
    """The texts of lines."""
    return [line.text for line in lines]


def together(*groups: Iterable[str]) -> tuple[str, ...]:
    """All paths of some groups, each once."""
    return tuple(dict.fromkeys(path for group in groups for path in group))
