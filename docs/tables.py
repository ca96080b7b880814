"""Writes the tables of docs/language.md anew, from what the program itself knows of its fields."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from leporello.graphs.fields import REQUIRED, Field, shown
from leporello.graphs.losses import LOSSES
from leporello.graphs.reading.fields import COMMON, INPUTS, OUTPUTS, PARAMETERS, PORTS
from leporello.graphs.schemes import SCHEMES
from leporello.training.data.entries import DATA
from leporello.training.settings import FIELDS

PAGE = Path(__file__).resolve().parent / "language.md"
TABLES: dict[str, Iterable[Field]] = {
    "inputs": INPUTS,
    "outputs": OUTPUTS,
    "any block": COMMON,
    "ports": PORTS,
    "parameters": PARAMETERS,
    "data": DATA,
    "training": FIELDS,
}


def table(fields: Iterable[Field]) -> str:
    """Fields as a table: what each is, what is allowed, what it is where nothing is said."""
    lines = ["| key | what it says | allowed | where it is not said |", "| --- | --- | --- | --- |"]
    for field in fields:
        missing = "it must be said" if field.default is REQUIRED else _default(field)
        lines.append(f"| `{field.name}` | {field.help} | {field.allowed} | {missing} |")
    return "\n".join(lines)


def _default(field: Field) -> str:
    if field.default in (None, ""):
        return ""
    text = shown(field.default).strip("'")
    return f"`{text}`" + (f" {field.unit}" if field.unit else "")


def schemes() -> str:
    """What `init:` knows, as a table."""
    rows = [f"| `{scheme.written}` | {scheme.help} |" for scheme in SCHEMES.values()]
    return "\n".join(["| written | first values |", "| --- | --- |", *rows])


def losses() -> str:
    """What an output gives for each loss."""
    rows = [
        f"| `{name}` | {kind.of} | {kind.help} | {', '.join(f'`{score}`' for score in kind.scores)} |"
        for name, kind in LOSSES.items()
    ]
    return "\n".join(["| loss | of | the output gives | scores |", "| --- | --- | --- | --- |", *rows])


def written(page: str) -> str:
    """The page with every table between its marks as it is now."""
    for name, rows in {
        **{name: table(fields) for name, fields in TABLES.items()},
        "schemes": schemes(),
        "losses": losses(),
    }.items():
        begin, end = f"<!-- table: {name} -->\n", "<!-- end of table -->"
        made = re.sub(rf"{re.escape(begin)}.*?{end}", lambda _: f"{begin}{rows}\n{end}", page, flags=re.DOTALL)  # noqa: B023
        if begin not in page:
            raise SystemExit(f"{PAGE.name} has no place for the table {name!r}")
        page = made
    return page


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
