"""From a spec as a mapping to its text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def to_yaml(spec: Mapping[str, Any]) -> str:
    """A spec's text: the first two levels in lines, the rest in braces."""
    lines = []
    for key, value in spec.items():
        if key == "blocks":
            lines.append("blocks:")
            for name, block in value.items():
                lines.append(f"  {name}:")
                for part, inside in block.items():
                    lines += _section(part, inside, "    ")
        else:
            lines += _section(key, value, "")
    return "\n".join(lines) + "\n"


def _section(key: str, value: Any, indent: str) -> list[str]:
    if not isinstance(value, Mapping) or key == "parameters":
        return [f"{indent}{key}: {_flow(value)}"]
    return [f"{indent}{key}:", *(f"{indent}  {name}: {_flow(item)}" for name, item in value.items())]


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
