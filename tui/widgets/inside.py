"""What goes on inside a model at one step: what it reads and writes, where it looks, its states and gates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from leporello.graphs.problems import visible
from leporello.tui.runs.inside import Inside
from leporello.tui.widgets.heat_map import heat_map

COLUMN, LONGEST = 18, 20
"""Columns of a name at most, and of a word."""
BARS, PLAIN = " ▁▂▃▄▅▆▇█", " .:-=+*#@"
Inks = tuple[str, str]


def bar(values: Sequence[float], inks: Inks, ascii_only: bool = False) -> Text:
    """Values between -1 and 1, a character each: how large, and in the second ink if they are below 0.

    >>> bar([0.0, 0.5, -1.0], ("green", "blue")).plain
    ' ▄█'
    """
    glyphs, found = PLAIN if ascii_only else BARS, Text(no_wrap=True)
    for value in values:
        found.append(glyphs[min(round(abs(value) * 8), 8)], inks[value < 0])
    return found


def at_step(seen: Inside, axis: str, step: int, columns: int, inks: Inks, ascii_only: bool = False) -> Text:
    """Everything on an axis at a step, counted from 1."""
    wide = min(COLUMN, columns // 3)
    lines = [*_words(seen, axis, step, wide, columns - wide), *_looks(seen, axis, step, columns, inks[0], ascii_only)]
    lines += _gates(seen, axis, step, wide, columns - wide, inks, ascii_only)
    return Text("\n", no_wrap=True, overflow="ellipsis").join(lines)


def _words(seen: Inside, axis: str, step: int, wide: int, room: int) -> Iterator[Text]:
    """What stands at the step, and around it as far as there is room."""
    for name in seen.on(axis, seen.words):
        said, at = [visible(word, LONGEST) for word in seen.words[name]], step - 1
        first = last = at
        while (first > 0 or last < len(said) - 1) and _length(said[max(first - 1, 0) : last + 2]) < room - 4:
            first, last = max(first - 1, 0), min(last + 1, len(said) - 1)
        line = _name(name, wide).append("… " if first else "", "dim")
        for number, word in enumerate(said[first : last + 1], first):
            line.append(word, "bold reverse" if number == at else "dim").append(" ")
        yield line.append("…" if last < len(said) - 1 else "", "dim")


def _length(words: Sequence[str]) -> int:
    return sum(cell_len(word) + 1 for word in words)


def _looks(seen: Inside, axis: str, step: int, columns: int, ink: str, ascii_only: bool) -> Iterator[Text]:
    told = []
    for name in seen.on(axis, seen.attention):
        rows = seen.attention[name]
        look = (seen.read_by(name), rows[step - 1 : step])
        if step <= len(rows) and look not in told:  # a box and the one in it that looks are one
            told.append(look)
            yield Text()
            yield Text(f"{visible(name)} looks at", "dim")
            yield heat_map([""], seen.read_by(name), rows[step - 1 : step], columns, ink, ascii_only)


def _gates(seen: Inside, axis: str, step: int, wide: int, room: int, inks: Inks, ascii_only: bool) -> Iterator[Text]:
    names = seen.on(axis, seen.gates)
    if names:
        yield Text()
        yield Text("states and gates, 0 to 1; in the other colour 0 to -1", "dim")
    for name in names:
        values = [row[step - 1] for row in seen.gates[name] if step <= len(row)]
        line = _name(name, wide).append_text(bar(values[: room - 2], inks, ascii_only))
        yield line.append(("..." if ascii_only else "…") if len(values) > room - 2 else "", "dim")


def _name(name: str, wide: int) -> Text:
    """A name in a column of its own; of a long path the end."""
    said = visible(name)
    said = said if cell_len(said) < wide else "…" + said[-wide + 2 :]
    return Text(f"{said:<{wide}}", "dim", no_wrap=True)
