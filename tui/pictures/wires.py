"""What is known of the wires between two boxes: which ports read what, and how large it is."""

from __future__ import annotations

from collections.abc import Iterator

from leporello.graphs.analysis.checks import Checked
from leporello.graphs.drawing.views.closing import output_path
from leporello.tui.pictures.findings import ports_of
from leporello.tui.pictures.wanted import Facts, Row


def about_wire(checked: Checked, source: str, reader: str) -> Facts:
    """Everything about the wires from one box to another; few rows where one of them is no more."""
    rows = [Row("from", source)] if source else []
    ports = tuple(dict.fromkeys(_ports(checked, source, reader)))
    written = checked.written.index.get(reader.partition("/")[0])
    output = next((out for out in checked.written.outputs if output_path(out.name) == reader), None)
    mark = output.mark if output else written.mark if written else None
    line = mark.line if mark else 0
    return Facts(source, (*rows, Row("to", output.name if output else reader)), ports, line=line, reader=reader)


def _ports(checked: Checked, source: str, reader: str) -> Iterator[Row]:
    """The ports of a box, or of what is inside it, that read from another box or from its inside."""
    for graph in (checked.written, checked.graph):
        inside = (node for node in graph.nodes if node.path == reader or node.path.startswith(reader + "/"))
        found = [
            row
            for node in inside
            for row, (_, wire) in zip(ports_of(checked, node), node.inputs, strict=True)
            if not source or wire.source == source or wire.source.startswith(source + "/")
        ]
        if found:
            yield from found
            return
    for out in checked.written.outputs:
        if output_path(out.name) == reader:
            yield Row("output", str(out.wire))
