"""Graphviz in this process, by the libraries that pygraphviz brings: no program need be installed."""

from __future__ import annotations

import pygraphviz


def drawn(dot: str, format: str, program: str = "dot", arguments: str = "") -> bytes:
    """What Graphviz makes of a text in DOT."""
    found: bytes = pygraphviz.AGraph(string=dot).draw(format=format, prog=program, args=arguments)
    return found
