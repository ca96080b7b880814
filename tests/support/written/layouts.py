"""Specs as persons lay them out: comments anywhere, lines or brackets, any indentation, quotes, line ends."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leporello.graphs.writing import yaml_text


def laid_out(data: Mapping[str, Any], draw: random.Random) -> str:
    """The text of plain values in a random layout; composing it gives the same values."""
    return _Layout(draw).text(data)


@dataclass
class _Layout:
    """One way of laying a text out, with chances of its own."""

    draw: random.Random
    count: int = 0
    newline: str = field(init=False)

    def __post_init__(self) -> None:
        draw = self.draw
        self.newline = draw.choice(("\n", "\n", "\r\n"))
        self.step = draw.choice((2, 2, 4, 1, 3))
        self.dash = draw.choice((0, 2))
        self.comments, self.blanks, self.flows, self.quotes, self.long = (
            draw.choice((0.0, 0.1, 0.5)),
            draw.choice((0.0, 0.1, 0.3)),
            draw.choice((0.3, 0.9, 0.9)),
            draw.choice((0.0, 0.0, 0.2)),
            draw.choice((0.0, 0.3)),
        )

    def chance(self, of: float) -> bool:
        return self.draw.random() < of

    def text(self, data: Mapping[str, Any]) -> str:
        lines: list[str] = []
        if self.chance(0.3):
            lines += [f"# {self.remark()}", ""] if self.chance(0.3) else [f"# {self.remark()}"]
        lines += self.table(data, 0, True)
        if self.chance(0.2):
            lines.append(f"# {self.remark()}")
        made = self.newline.join(lines) + (self.newline if self.chance(0.85) else "")
        return ("\ufeff" if self.chance(0.1) else "") + made

    def remark(self) -> str:
        """A comment unlike all others, with what would mislead a careless reader."""
        self.count += 1
        said = self.draw.choice(("gate", "h: tanh(U)", "{a: b}", "it's", "- x", 'a "b', "units: 3 # more", "ü → x"))
        return f"{self.count} {said}"

    def ending(self) -> str:
        return f"{' ' * self.draw.choice((1, 2, 5))}# {self.remark()}" if self.chance(self.comments / 2) else ""

    def between(self, indent: int, first: bool) -> list[str]:
        """What stands above an entry."""
        found = []
        if not first and self.chance(self.blanks):
            found += [self.draw.choice(("", "", "  "))] * self.draw.choice((1, 1, 2))
        while self.chance(self.comments / 2):
            depth = indent if self.chance(0.8) else self.draw.choice((0, indent + 2))
            found.append(f"{' ' * depth}# {self.remark()}")
        return found

    def table(self, table: Mapping[str, Any], indent: int, top: bool = False) -> list[str]:
        lines: list[str] = []
        for key, value in table.items():
            lines += self.between(indent, not lines)
            lines += self.entry(f"{' ' * indent}{self.scalar(key)}:", value, indent, top)
        if not top and self.chance(self.comments / 4):
            lines.append(f"{' ' * (indent + self.draw.choice((0, 0, 1)))}# {self.remark()}")
        return lines

    def entry(self, head: str, value: Any, indent: int, top: bool) -> list[str]:
        if isinstance(value, Mapping) and value and not self.chance(self.flows * (0.2 if top else 1)):
            return [head + self.ending(), *self.table(value, indent + self.step)]
        if isinstance(value, list) and value and not self.chance(self.flows):
            depth = indent + (self.dash or self.step if top or self.dash else 0)
            return [head + self.ending(), *self.items(value, depth)]
        if isinstance(value, Mapping | list) and value and self.chance(self.long):
            return self.brackets(head, value, indent + self.step)
        gap = " " * self.draw.choice((1, 1, 1, 2))
        return [f"{head}{gap}{self.flow(value)}{self.ending()}"]

    def items(self, items: list[Any], indent: int) -> list[str]:
        lines: list[str] = []
        for item in items:
            lines += self.between(indent, not lines)
            head = f"{' ' * indent}-"
            if isinstance(item, Mapping) and item and self.chance(0.3):
                inner = self.table(item, indent + 2)
                plain = [line for line in inner if not line.lstrip().startswith("#") and line.strip()]
                if plain[0] is inner[0]:
                    lines += [f"{head} {inner[0].lstrip()}", *inner[1:]]
                    continue
            lines.append(f"{head} {self.flow(item)}{self.ending()}")
        return lines

    def brackets(self, head: str, value: Any, indent: int) -> list[str]:
        """A collection in brackets over several lines."""
        pairs = list(value.items()) if isinstance(value, Mapping) else [(None, item) for item in value]
        opening, closing = ("{", "}") if isinstance(value, Mapping) else ("[", "]")
        lines, comma_last = [f"{head} {opening}{self.ending()}"], self.chance(0.3)
        for place, (key, item) in enumerate(pairs):
            lines += self.between(indent, not place)
            said = f"{self.scalar(key)}: " if key is not None else ""
            comma = "," if place + 1 < len(pairs) or comma_last else ""
            lines.append(f"{' ' * indent}{said}{self.flow(item)}{comma}{self.ending()}")
        lines.append(f"{' ' * max(indent - self.step, 1)}{closing}{self.ending()}")
        return lines

    def flow(self, value: Any) -> str:
        wide = " " if self.chance(0.1) else ""
        if isinstance(value, Mapping):
            inner = ", ".join(f"{self.scalar(key)}: {self.flow(item)}" for key, item in value.items())
            return f"{{{wide}{inner}{wide}}}" if value else "{}"
        if isinstance(value, list | tuple):
            inner = (",  " if self.chance(0.1) else ", ").join(map(self.flow, value))
            return f"[{wide}{inner}{wide}]" if value else "[]"
        return self.scalar(value)

    def scalar(self, value: Any) -> str:
        if not isinstance(value, str):
            return yaml_text.scalar(value)
        if self.chance(self.quotes) and value.isprintable():
            return json.dumps(value, ensure_ascii=False) if self.chance(0.5) else "'" + value.replace("'", "''") + "'"
        return yaml_text.scalar(value)
