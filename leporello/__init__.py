"""Leporello: recurrent models as graphs with delays, drawn, compiled to PyTorch and trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leporello.blocks.registry import registry
    from leporello.builder.compiling import compile
    from leporello.graphs.graph import Graph
    from leporello.graphs.problems import SpecError

__version__ = "0.1.0"
__all__ = ["Graph", "SpecError", "__version__", "check", "compile", "read", "registry"]

_HOMES = {
    "compile": "leporello.builder.compiling",
    "Graph": "leporello.graphs.graph",
    "SpecError": "leporello.graphs.problems",
    "registry": "leporello.blocks.registry",
}


def read(path: str) -> Graph:
    """The graph in a spec file (YAML, or node-link JSON).

    Raises:
        SpecError: with every problem found in it, each with its place.
    """
    from leporello.blocks.registry import registry
    from leporello.graphs.reading import read_file

    return read_file(path, registry())


def check(spec: Any, **sizes: int) -> Any:
    """Everything that can be known of a model before it runs (`leporello.graphs.checks.Checked`).

    Args:
        spec: a path, the text of a spec, or a graph.
        sizes: values for the spec's `$names`.
    """
    from leporello.builder.specs import check_spec

    return check_spec(spec, sizes)


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'leporello' has no attribute {name!r}")
