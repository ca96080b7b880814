"""What goes on inside a model at one step: what it reads and writes, where it looks, its states and gates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from leporello.graphs.problems import visible
from leporello.tui.runs.inside import Inside
from leporello.tui.widgets.heat_map import heat_map

COLUMN = 18
BARS, PLAIN = " ▁▂▃▄▅▆▇█", " .:-=+*#@"
AROUND = 12
"""So many words are shown before and after that of the step."""


def bar(values: Sequence[float], inks: tuple[str, str], ascii_only: bool = False) -> Text:
    """Values between -1 and 1, a character each: how large, and in the second ink if they are below 0.

    >>> bar([0.0, 0.5, -1.0], ("green", "blue")).plain
    ' ▄█'
    """
    glyphs, found = PLAIN if ascii_only else BARS, Text(no_wrap=True)
    for value in values:
        found.append(glyphs[min(round(abs(value) * 8), 8)], inks[value < 0])
    return found


def at_step(seen: Inside, axis: str, step: int, columns: int, inks: tuple[str, str], ascii_only: bool = False) -> Text:
    """Everything on an axis at a step, counted from 1."""
    lines = [*_words(seen, axis, step), *_attention(seen, axis, step, columns, inks[0], ascii_only)]
    return Text("\n").join([*lines, *_gates(seen, axis, step, columns, inks, ascii_only)])


def _words(seen: Inside, axis: str, step: int) -> Iterator[Text]:
    for name in seen.on(axis, seen.words):
        said, at = seen.words[name], step - 1
        first = max(at - AROUND, 0)
        line = _name(name).append("… " if first else "", "dim")
        for number, word in enumerate(said[first : at + AROUND + 1], first):
            line.append(visible(word, 20), "bold reverse" if number == at else "dim").append(" ")
        yield line.append("…" if len(said) > at + AROUND + 1 else "", "dim")


def _attention(seen: Inside, axis: str, step: int, columns: int, ink: str, ascii_only: bool) -> Iterator[Text]:
    for name in seen.on(axis, seen.attention):
        rows = seen.attention[name]
        if step <= len(rows):
            yield Text()
            yield _name(name).append("looks at", "dim")
            yield heat_map([""], seen.read_by(name), rows[step - 1 : step], columns, ink, ascii_only)


def _gates(seen: Inside, axis: str, step: int, columns: int, inks: tuple[str, str], ascii_only: bool) -> Iterator[Text]:
    names = seen.on(axis, seen.gates)
    if names:
        yield Text()
        yield Text("states and gates, a feature a column; high: near 1, in the other colour: below 0", "dim")
    for name in names:
        values = [row[step - 1] for row in seen.gates[name] if step <= len(row)]
        room = max(columns - COLUMN - 1, 8)
        line = _name(name).append_text(bar(values[:room], inks, ascii_only))
        yield line.append("…" if len(values) > room else "", "dim")


def _name(name: str) -> Text:
    """A name in a column of its own; of a long path the end."""
    said = visible(name)
    said = said if cell_len(said) < COLUMN else "…" + said[-COLUMN + 2 :]
    return Text(f"{said:<{COLUMN}}", "dim", no_wrap=True)
