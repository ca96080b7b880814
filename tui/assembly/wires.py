"""The wires that are offered for a port: everything that can be read there, the likeliest first, and why others not."""

from __future__ import annotations

from leporello.graphs.blocktypes import Port
from leporello.tui.assembly.acts import Choice
from leporello.tui.assembly.bench import Bench, Source

LATE = "(t-1)"


def offers(bench: Bench, port: Port, axis: str | None, first: str, apart: frozenset[str] = frozenset()) -> list[Choice]:
    """What a port of a node on this axis may read, by how likely that is: `first` is what is selected.

    At the same step it reads its own axis; `late` with a delay; `all` another axis, as a memory is.
    """
    found = []
    for place, source in enumerate(bench.sources):
        if source.name in apart:
            continue
        read, note, why = _read(source, port, axis)
        rank = (
            bool(why),
            port.reads == "all" and source.axis == axis,
            source.axis not in (axis, None) and port.reads != "all" and port.kind != "tokens",
            bool(source.port),
            source.name != first,
            source.name in bench.inputs and port.kind == "features",
            source.name in bench.read,
            -place,
        )
        found.append((rank, Choice(read, why or note, not why)))
    return [choice for _, choice in sorted(found, key=lambda one: one[0])]


def _read(source: Source, port: Port, axis: str | None) -> tuple[str, str, str]:
    """How a port reads a source, what that is, and why it does not fit."""
    value = source.value
    note = str(value) if value.size is not None else ""
    if port.kind == "features" and value.kind == "tokens":
        return source.read, note, "tokens: an embedding makes features of them"
    if port.kind == "tokens" and value.kind == "features":
        return source.read, note, "features, where tokens are read"
    if port.reads == "all":
        why = "it has no time axis to look along" if source.axis is None and value.kind != "any" else ""
        return source.read, _on(source, note), why
    if port.reads == "late":
        return source.read + LATE, _on(source, note), ""
    if source.axis in (axis, None) or axis is None:
        return source.read, note, ""
    if value.kind == "tokens":
        return source.read, _on(source, note), ""
    return f"{source.read}(last)", f"{note}, the end of {source.axis}", ""


def _on(source: Source, note: str) -> str:
    return f"{note} on {source.axis}" if source.axis else note
