"""The lines of the generated source that are those of one box."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from leporello.graphs.problems import SpecError

if TYPE_CHECKING:
    from leporello.builder.lowering.source_map import SourceMap, Span

MOST = 80
"""So many lines are shown of one box at most."""


def lines_of_code(found: SourceMap, path: str) -> tuple[str, ...]:
    """The lines where a box is made and computed, by method, each with its number; nothing for what has none."""
    try:
        spans = found.spans(path)
        paths = found.paths(path)
    except SpecError:
        return ()
    lines = list(_numbered(spans, found.text.splitlines()))
    more = [f"and {len(lines) - MOST} lines more: leporello code --node {path}"] if len(lines) > MOST else []
    idle = dict.fromkeys(found.idle[one] for one in paths if one in found.idle)
    unused = [] if any(span.method == "run" for span in spans) else [f"not computed: {why}" for why in idle]
    return (*lines[:MOST], *more, *unused)


def _numbered(spans: Sequence[Span], lines: Sequence[str]) -> Iterator[str]:
    method = ""
    for span in spans:
        if span.method != method:
            yield f"in {span.method}:"
        method = span.method
        shown = lines[span.first - 1 : span.last]
        indent = min((len(line) - len(line.lstrip()) for line in shown if line.strip()), default=0)
        yield from (f"{span.first + number:>4}  {line[indent:]}".rstrip() for number, line in enumerate(shown))
