"""Plain values as YAML text that the composer reads back as the same values, quoted only where it must be."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from leporello.graphs.composing.scalars import read_scalar
from leporello.graphs.problems import Mark

_PLAIN = re.compile(r"-*[A-Za-z0-9_$(.](?:[A-Za-z0-9_$().+*/ -]*[A-Za-z0-9_$().])?")
_ESCAPED = re.compile("[^\x20-\x7e\xa0-\u2027\u202f-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_NOWHERE = Mark("", 1, 1)
IF_DEEP: Mapping[str, Any] = {"*": None}
"""In place of levels: spread out only where an entry is a mapping itself."""


def block(table: Mapping[str, Any], levels: Mapping[str, Any], indent: str = "") -> str:
    """A mapping with an entry on each line; `levels` names the entries that are spread out likewise (`*`: all).

    >>> print(block({"spec": 1, "nodes": {"h": "tanh(U + W)"}}, {"nodes": {}}), end="")
    spec: 1
    nodes:
      h: tanh(U + W)
    """
    lines = []
    for key, value in table.items():
        inner = levels.get(key, levels.get("*"))
        if inner is not None and isinstance(value, Mapping) and (inner is not IF_DEEP or _deep(value)) and value:
            lines.append(f"{indent}{scalar(key)}:\n{block(value, inner, indent + '  ')}")
        else:
            lines.append(f"{indent}{scalar(key)}: {flow(value)}\n")
    return "".join(lines)


def _deep(value: Mapping[str, Any]) -> bool:
    return any(isinstance(item, Mapping) for item in value.values())


def flow(value: Any) -> str:
    """A value on one line.

    >>> flow({"block": "linear", "input": ["x", "h(t-1)"], "bias": False})
    '{block: linear, input: [x, h(t-1)], bias: false}'
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return scalar(value)


def scalar(value: str | int | float | bool | None) -> str:
    """A single value; a text that YAML would take for something else stands in quotes.

    >>> scalar("h(t-1)"), scalar("true"), scalar("010"), scalar("a: b"), scalar(None)
    ('h(t-1)', '"true"', '"010"', '"a: b"', 'null')
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return value if _stays(value) else quoted(value)


def quoted(text: str) -> str:
    """A text in double quotes, with escapes for what no line of YAML holds."""
    return _ESCAPED.sub(_escape, json.dumps(text, ensure_ascii=False))


def _stays(text: str) -> bool:
    """Whether a text without quotes is read as itself."""
    if not _PLAIN.fullmatch(text) or text.startswith(("---", "...")) or _numeric(text):
        return False
    return isinstance(read_scalar(text, _NOWHERE), str)


def _numeric(text: str) -> bool:
    """Whether a text begins as a number does and might be too large to be read as one."""
    return len(text) > 300 and text.lstrip("-+.")[:1].isdigit()


def _escape(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
