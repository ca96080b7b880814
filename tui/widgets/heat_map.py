"""Where a model looked, as a heat map in characters: a row for each symbol that it wrote, a column for each it read."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from leporello.graphs.problems import visible

SHADES, PLAIN = " ░▒▓█", " .:+#"
LEVELS = (0.05, 0.25, 0.5, 0.75)
"""From which weight on a cell has the next shade: the shades alone tell, where there are no colours."""
WIDEST = 10
"""Columns of a word at most."""


def shade(weight: float, ascii_only: bool = False) -> str:
    """The character of a weight between 0 and 1.

    >>> [shade(weight) for weight in (0.01, 0.1, 0.3, 0.6, 0.9)]
    [' ', '░', '▒', '▓', '█']
    """
    return (PLAIN if ascii_only else SHADES)[sum(weight >= level for level in LEVELS)]


def heat_map(
    written: Sequence[str],
    read: Sequence[str],
    weights: Sequence[Sequence[float]],
    columns: int,
    ink: str = "",
    ascii_only: bool = False,
) -> Text:
    """The weights [written, read] in rows and columns; what is too wide for `columns` goes on in a strip below.

    There may be one row more than symbols: the end of the line, which is written too.
    """
    rows = [_word(word, ascii_only) for word in [*written, "$" if ascii_only else "■"][: len(weights)]]
    heads = [_word(word, ascii_only) for word in read]
    wide = max([2, *(cell_len(word) + 1 for word in heads)])
    margin = max([1, *(cell_len(word) for word in rows)]) + 1
    count = max((columns - margin) // wide, 1)
    found = Text(no_wrap=True, overflow="crop")
    for start in range(0, len(heads), count):
        found.append("\n\n" if start else "")
        found.append(" " * margin + "".join(set_cell_size(word, wide) for word in heads[start : start + count]), "bold")
        for row, line in zip(rows, weights, strict=False):
            found.append("\n" + set_cell_size(row, margin), "bold")
            found.append("".join(shade(weight, ascii_only) * wide for weight in line[start : start + count]), ink)
    return found


def _word(word: str, ascii_only: bool) -> str:
    """A symbol as it stands at its row or column: a space is seen, a long word is cut."""
    shown = visible(word.replace("\n", "⏎"), WIDEST).replace(" ", "_" if ascii_only else "␣")
    return set_cell_size(shown, WIDEST) if cell_len(shown) > WIDEST else shown
