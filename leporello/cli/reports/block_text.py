"""Blocks as text for a reader: the list, and one block in full."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from leporello.cli.reports.tables import described, table
from leporello.graphs.blocktypes import BlockType, Parameter, Port, Registry
from leporello.graphs.fields import REQUIRED
from leporello.graphs.functions import FUNCTIONS
from leporello.graphs.opening.first_values import weights_within
from leporello.graphs.problems import refuse, visible
from leporello.graphs.reading.fields import COMMON

READS = {"t": "the same step", "late": "earlier steps only", "all": "a whole axis"}


def writable(kinds: Iterable[BlockType]) -> list[BlockType]:
    """The blocks that a spec may name, composites first, those of packs last."""
    named = [kind for kind in kinds if not kind.operator]
    return sorted(named, key=lambda kind: ("/" in kind.name, not kind.is_composite))


def found(kinds: Iterable[BlockType], words: str) -> list[BlockType]:
    """The blocks whose name, help or paper has all of the words."""
    wanted = words.lower().split()
    told = [(kind, f"{kind.name} {FUNCTIONS.get(kind.name, '')} {kind.help} {kind.paper}".lower()) for kind in kinds]
    return [kind for kind, text in told if all(word in text for word in wanted)]


def block_list(kinds: Sequence[BlockType]) -> str:
    """One line for each block, under what it is; SpecError where there is none."""
    if not kinds:
        raise refuse("no block is told in these words", "`leporello blocks` lists all")
    own = [kind for kind in kinds if "/" not in kind.name]
    functions = [kind for kind in own if kind.name in FUNCTIONS and not kind.parameters]
    groups = {
        "composites, which open into a graph": [kind for kind in own if kind.is_composite],
        "primitives, one operation each": [k for k in own if not k.is_composite and k not in functions],
        "functions, element by element; written in expressions, as tanh(U + W)": functions,
    }
    for kind in kinds:
        if "/" in kind.name:
            groups.setdefault(f"of the pack {kind.name.partition('/')[0]}", []).append(kind)
    lines = [line for heading, listed in groups.items() if listed for line in (heading, *_lines(listed), "")]
    lines += [
        "what may be said of any of them",
        *("  " + line for line in described(COMMON)),
        "",
        "`leporello blocks NAME` shows one in full",
    ]
    return "\n".join(lines)


def _lines(kinds: list[BlockType]) -> list[str]:
    rows = [(kind.name, visible(FUNCTIONS.get(kind.name, kind.help))) for kind in kinds]
    return ["  " + line for line in table(rows)] if rows else []


def block_text(kind: BlockType, known: Registry, spec: str = "") -> str:
    """All that is known of a block out of `known`; `spec` is the text of the spec that defines it."""
    parts = [f"{kind.name}: {visible(kind.help)}" if kind.help else kind.name]
    if kind.paper:
        parts.append(visible(kind.paper))
    listed = {
        "ports": _ports(kind),
        "parameters": _parameters(kind),
        "outputs": _outputs(kind),
        "weights, as init: names them": _weights(kind, known),
    }
    for heading, rows in listed.items():
        lines = table(list(rows))
        if lines:
            parts += ["", heading, *("  " + line for line in lines)]
    if kind.is_composite:
        parts += ["", "body", *("  " + visible(line) for line in body_text(kind, spec).splitlines())]
    return "\n".join(parts)


def block_value(kind: BlockType, known: Registry, spec: str = "") -> dict[str, Any]:
    """All that is known of a block, as JSON holds it."""
    return {
        "name": kind.name,
        "composite": kind.is_composite,
        "help": kind.help,
        "paper": kind.paper,
        "ports": [
            {"name": port.name, "kind": port.kind, "optional": port.optional, "reads": port.reads, "help": port.help}
            for port in kind.ports
        ],
        "parameters": [_parameter_value(parameter) for parameter in kind.parameters],
        "outputs": [] if kind.parameter("into") else list(kind.outputs),
        "weights": {name: list(shapes) for name, shapes in weights_within(kind, {}, known).items()},
        "body": body_text(kind, spec) or None,
    }


def body_text(kind: BlockType, spec: str = "") -> str:
    """The YAML of a composite; of a spec's own block the lines below its name."""
    if kind.text or kind.mark is None or not spec:
        return kind.text.rstrip()
    lines = spec.splitlines()[kind.mark.line - 1 :]
    indent = kind.mark.column - 1
    kept = lines[:1]
    for line in lines[1:]:
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        kept.append(line)
    return "\n".join(line[indent:] for line in kept).rstrip()


def _outputs(kind: BlockType) -> Iterator[tuple[str, ...]]:
    if kind.parameter("into"):
        yield ("one for each name of into:",)
        return
    for place, name in enumerate(kind.outputs):
        yield (name, "" if place else "what the bare name of a node means")


def _weights(kind: BlockType, known: Registry) -> Iterator[tuple[str, ...]]:
    """Of a primitive with their shapes, of a composite with the blocks inside that have them."""
    for name, shapes in weights_within(kind, {}, known).items():
        own = " x ".join(map(str, shapes.get(kind.name, ())))
        yield (name, own or f"of {', '.join(shapes)} inside")


def _ports(kind: BlockType) -> Iterator[tuple[str, ...]]:
    if kind.many:
        yield ("input", "features", "a list", "what is joined")
    for port in kind.ports:
        yield (port.name, port.kind, _reads(port), visible(port.help))


def _reads(port: Port) -> str:
    return ("optional, " if port.optional else "") + f"reads {READS[port.reads]}"


def _parameters(kind: BlockType) -> Iterator[tuple[str, ...]]:
    for parameter in kind.parameters:
        default = "needed" if parameter.default is REQUIRED else f"default {_shown(parameter.default)}"
        yield (parameter.name, visible(parameter.allowed), visible(default), visible(parameter.help))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _parameter_value(parameter: Parameter) -> dict[str, Any]:
    needed = parameter.default is REQUIRED
    return {
        "name": parameter.name,
        "type": parameter.type,
        "needed": needed,
        "default": None if needed else parameter.default,
        "low": parameter.low,
        "high": parameter.high,
        "choices": list(parameter.choices),
        "allowed": parameter.allowed,
        "help": parameter.help,
    }
