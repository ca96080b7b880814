"""What a structural block is asked for: blocks named by its user, and modifiers that it is made by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leporello.graphs.blocktypes import BlockType, Registry
from leporello.graphs.fields import REQUIRED
from leporello.graphs.problems import an, refuse
from leporello.graphs.size import Size

Said = Mapping[str, Any]


def written(block: str, **said: Any) -> str:
    """A use of a block as it stands in a spec; what is None is not said.

    >>> written("linear", input="x", units="$units", bias=False)
    '{block: linear, input: x, units: $units, bias: false}'
    """
    entries = {"block": block, **{key: value for key, value in said.items() if value is not None}}
    return "{" + ", ".join(f"{key}: {_plain(value)}" for key, value in entries.items()) + "}"


def body_text(nodes: Mapping[str, str], outputs: Mapping[str, str]) -> str:
    """The text of a body: its nodes, each with what is written at its name, and what its outputs are."""
    lines = ["nodes:", *(f"  {name}: {text}" for name, text in nodes.items())]
    return "\n".join([*lines, "outputs:", *(f"  {name}: {read}" for name, read in outputs.items())]) + "\n"


def joined(*reads: str) -> str:
    """Reads side by side."""
    return reads[0] if len(reads) == 1 else f"[{', '.join(reads)}]"


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value}"


def count(said: Said, name: str, other: int = 1) -> int:
    """A modifier or parameter that is a whole number; the other where it is not said.

    An expression that opening will work out, in the body of another block, counts as the other: whoever looks into a
    block before it is opened wants to know of what kinds its nodes are.
    """
    value = said.get(name)
    if isinstance(value, Size):
        raise refuse(f"{name}: must be a whole number of at least 1, not {value}", f"give {value} a value")
    return value if isinstance(value, int) else other


def rate(said: Said) -> float | None:
    """The share that is dropped, None where nothing is."""
    value = said.get("dropout")
    if isinstance(value, Size):
        raise refuse(f"dropout: must be a number from 0 to 1, not {value}", f"give {value} a value under parameters:")
    return float(value) if isinstance(value, int | float) and value else None


def dropped(read: str, said: Said, nodes: dict[str, str]) -> str:
    """What is read there, some of it dropped while training where that is said, by a node of its own."""
    if rate(said) is None:
        return read
    nodes[f"{read}_dropped"] = written("dropout", input=read, rate=rate(said))
    return f"{read}_dropped"


def cell(said: Said, registry: Registry) -> BlockType:
    """The recurrent block that `cell:` names.

    Raises:
        SpecError: if there is none, or if more would have to be said of it than what it reads and its units.
    """
    kind = registry.find(str(said["cell"]))
    return _usable(kind, "cell", ("units",), [kind.ports[0].name] if kind.ports else [], kind.outputs[:1])


def attention(said: Said, registry: Registry) -> BlockType:
    """The block that `attention:` names, which has to read a query and a memory, and to give context and weights."""
    kind = registry.find(str(said["attention"]))
    return _usable(kind, "attention", (), ["query", "memory"], ("context", "weights"))


def _usable(
    kind: BlockType, role: str, needed: tuple[str, ...], ports: list[str], outputs: tuple[str, ...]
) -> BlockType:
    wanted = [port.name for port in kind.ports if not port.optional]
    own = [parameter.name for parameter in kind.parameters]
    asks = [p.name for p in kind.parameters if p.default is REQUIRED and p.name != "units"]
    lacks = [name for name in needed if name not in own]
    odd = [name for name in outputs if name not in kind.outputs]
    if kind.is_composite and wanted == ports and not (asks or lacks or odd):
        return kind
    has = (
        f"ports {', '.join(wanted) or 'none'}, parameters {', '.join(own) or 'none'}, outputs {', '.join(kind.outputs)}"
    )
    hint = {
        "cell": "a cell is a block that reads one port and has the parameter units, such as lstm, gru or one of yours",
        "attention": "attention is a block with the ports query and memory and the outputs context and weights",
    }[role]
    raise refuse(f"{an(kind.name)} cannot be the {role}: it has {has}", hint)
