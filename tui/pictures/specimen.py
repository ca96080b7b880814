"""A block by itself: one use of it between what it reads and what it gives, opened."""

from __future__ import annotations

from collections.abc import Iterator

from leporello.graphs.blocktypes import BlockType, Port, Registry
from leporello.graphs.drawing.column.effort import BEST
from leporello.graphs.drawing.terminal.cell_picture import CellPicture
from leporello.graphs.fields import REQUIRED
from leporello.graphs.specs import try_check
from leporello.tui.pictures.drawing import cells
from leporello.tui.pictures.wanted import Shown

SIZE = 8
"""All sizes are the same, so that they go together."""
MANY = (Port("a"), Port("b"))
"""What a block reads that reads any number of things."""


def specimen(kind: BlockType, registry: Registry) -> CellPicture:
    """The picture of a block that the registry knows, folded; of one that is wrong inside, as far as it goes."""
    name = _free(kind.short, {port.name for port in kind.ports})
    checked, problems = try_check("\n".join(_lines(kind, name)), registry)
    return cells(checked, Shown(opened=(name,)), not problems, BEST)


def _lines(kind: BlockType, name: str) -> Iterator[str]:
    """The spec of a model of one node."""
    ports = MANY if kind.many else kind.ports
    given = (f"{port.name}: {{{_given(port)}, axis: {_axis(port)}}}" for port in ports)
    yield "spec: 1"
    yield f"inputs: {{{', '.join(given)}}}"
    reads = [f"{port.name}: {port.name}{'(t-1)' if port.reads == 'late' else ''}" for port in ports]
    said = ["input: [a, b]"] if kind.many else reads
    for field in kind.parameters:
        if field.default is REQUIRED or field.name == "units":
            said.append(f"{field.name}: {'[a, b]' if field.type == 'names' else SIZE}")
    yield f"nodes: {{{name}: {{{', '.join([f'block: {kind.name}', *said])}}}}}"
    out = kind.outputs_of({"into": ("a", "b")} if kind.parameter("into") else {})[0]
    yield f"outputs: {{{_free(out, {name, *(port.name for port in ports)})}: {name}{f'.{out}' if out == 'a' else ''}}}"


def _given(port: Port) -> str:
    return f"tokens: {SIZE}" if port.kind == "tokens" else f"features: {SIZE}"


def _axis(port: Port) -> str:
    """A port that reads a whole axis reads another one than the block runs on."""
    return "memory" if port.reads == "all" else "time"


def _free(name: str, taken: set[str]) -> str:
    return name if name not in taken else _free(f"{name}_", taken)
