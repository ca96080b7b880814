"""Where nodes stand in a model's source: for a reader the lines of some, for programs the whole map."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from leporello.builder.lowering.source_map import SourceMap, Span


def lines_of(found: SourceMap, names: Sequence[str]) -> str:
    """The lines of the nodes that `names` stand for, numbered, under the methods in which they stand.

    Raises SpecError for a name that stands for none.
    """
    shown: list[str] = []
    for name in names:
        if len(names) > 1:
            shown.append(f"{name}:" if not shown else f"\n{name}:")
        spans = found.spans(name)
        shown.extend(_numbered(spans, found.text.splitlines()))
        idle = dict.fromkeys(found.idle[path] for path in found.paths(name) if path in found.idle)
        if not any(span.method == "run" for span in spans):
            shown.extend(f"not computed: {why}" for why in idle)
    return "\n".join(shown)


def _numbered(spans: Sequence[Span], lines: Sequence[str]) -> Iterator[str]:
    method = ""
    for i, span in enumerate(spans):
        if span.method != method:
            yield f"in {span.method}:"
        elif i:
            yield "      ..."
        method = span.method
        yield from (f"{number:5}  {lines[number - 1]}".rstrip() for number in range(span.first, span.last + 1))


def map_json(found: SourceMap, blocks: Sequence[str]) -> str:
    """The map as JSON: the source, and by name the lines of each node, also of the `blocks` as the spec names them."""
    nodes = {name: _entry(found, name) for name in dict.fromkeys([*blocks, *found.nodes])}
    return json.dumps({"source": found.text, "nodes": nodes}, indent=1)


def _entry(found: SourceMap, name: str) -> dict[str, Any]:
    lines = [{"first": span.first, "last": span.last, "method": span.method} for span in found.spans(name)]
    return {"lines": lines, **({"idle": found.idle[name]} if name in found.idle else {})}
