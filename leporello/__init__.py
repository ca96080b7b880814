"""Leporello: recurrent models as graphs with delays, drawn, compiled to PyTorch and trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from leporello.graphs.presenting import WAYS

if TYPE_CHECKING:
    from leporello.blocks.registry import registry
    from leporello.builder.compiling import compile
    from leporello.graphs.graph import Graph
    from leporello.graphs.problems import SpecError

__version__ = "0.1.0"
__all__ = ["Graph", "SpecError", "__version__", "check", "compile", "draw", "read", "registry"]

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
    from leporello.graphs.specs import read_file

    return read_file(path, registry())


def check(spec: Any, **sizes: int) -> Any:
    """Everything that can be known of a model before it runs (`leporello.graphs.analysis.checks.Checked`).

    Args:
        spec: a path, the text of a spec, or a graph.
        sizes: values for the spec's `$names`.
    """
    from leporello.builder.specs import check_spec

    return check_spec(spec, sizes)


def draw(
    spec: Any,
    format: str = "svg",
    *,
    sizes: Mapping[str, int] | None = None,
    **wanted: Any,
) -> Any:
    """A picture of a model: text as svg, txt, dot or json, bytes as png or pdf (those need `leporello[pictures]`).

    >>> import leporello
    >>> spec = "spec: 1\\ninputs: {x: {features: 3}}\\nnodes: {h: tanh(x + h(t-1))}\\noutputs: {y: h}"
    >>> leporello.draw(spec, steps=3, both=True)[:4]
    '<svg'

    Args:
        spec: a path, the text of a spec, or a graph.
        format: one of svg, png, pdf, dot, txt, json.
        sizes: values for the spec's `$names`.
        wanted: what `leporello draw --help` offers, by the same names: `steps=4` or `steps={"source": 6}` (on the
            command line `--unfold`), `both=True`, `weights="boxes"`, `open=["decoder"]`, `depth=2`,
            `style="paper"`, `key=True`, `focus=2` or `focus={"target": 4}`, `values="file.json"` or as a dictionary,
            `motion=True`, `cell="h"`, `feedback="curriculum=0.75"`, `schedule=True`, `dark=True`, `scale=2`,
            `positions=True`.

    Raises:
        SpecError: for a spec that is no model, and for an option or a format that does not exist.
    """
    from leporello.builder.specs import check_spec
    from leporello.graphs.drawing.draw import draw
    from leporello.pictures import options_for

    checked = check_spec(spec, sizes or {})
    return draw(checked.graph, checked.axes, options_for(checked, **wanted), format)


def _text(graph: Graph) -> str:
    from leporello.graphs.writing.printing import print_graph

    return print_graph(graph)


def _to_networkx(graph: Graph) -> Any:
    from leporello.graphs.interchange.node_link import to_networkx

    return to_networkx(graph)


def _from_networkx(graph: Any, registry: Any) -> Graph:
    from leporello.graphs.interchange.node_link import from_networkx

    return from_networkx(graph, registry)


WAYS |= {"text": _text, "to_networkx": _to_networkx, "from_networkx": _from_networkx}


def _found(name: str) -> Any:
    """What is public under a name, loaded when it is asked for; LackingError where the plain install has it not."""
    from importlib import import_module

    try:
        return getattr(import_module(_HOMES[name]), name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("torch", "numpy"):
            raise
        from leporello.graphs.extras import LackingError

        raise LackingError(str(error.name), "torch", f"leporello.{name}") from None


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return _found(name)
    raise AttributeError(f"module 'leporello' has no attribute {name!r}")
