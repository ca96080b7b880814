"""What a model said of the lines that it was given: the last answer in full, those before it below."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from leporello.graphs.problems import visible
from leporello.tui.runs.comparison import COLOURS
from leporello.tui.runs.plotting import LABEL, Curve, plot
from leporello.tui.widgets.heat_map import heat_map

LONG = 2_000
UNKNOWN = "�"
"""What a text is given back with where something in it was not known."""
SHORT, HIGH = 4, 10
"""Of so many steps there is a curve, so many lines high."""
Answered = tuple[str, Mapping[str, Any]]


def said(answer: Mapping[str, Any]) -> str:
    """An answer as one text: a translation, or the values of all outputs."""
    if "text" in answer:
        return str(answer["text"])
    values = answer.get("values", {})
    return "   ".join(
        f"{name}  {' '.join(map(str, value)) if isinstance(value, list) else value}" for name, value in values.items()
    )


def answers(given: Sequence[Answered], columns: int, ink: str, ascii_only: bool) -> Text:
    """All answers, the last one first; a translation with its score, and with where the model looked."""
    line, answer = given[-1]
    page = Text.assemble((visible(line, LONG), "dim"), "\n", (visible(said(answer), LONG), "bold"))
    if "score" in answer:
        page.append(f"   score {answer['score']:.3f}, the nearer to 0 the surer", "dim")
    if (unknown := answer.get("source", ()).count(UNKNOWN)) > 0:
        read, what = " ".join(answer["source"]), "is not" if unknown == 1 else "are not"
        page.append(f"\nit read {visible(read, LONG)}: {UNKNOWN} {what} among what it has learned", "dim")
    probabilities = answer.get("probabilities", {})
    for name, sure in probabilities.items():
        least = min(sure) if isinstance(sure, list) and sure else sure
        if isinstance(least, float):
            whose = f"{visible(name)}: " if len(probabilities) > 1 else ""
            page.append(f"   {whose}probability {least:.2f}{' of the least sure' * isinstance(sure, list)}", "dim")
    if answer.get("attention"):
        page.append("\n\nwhere it looked: what it wrote down, what it read across\n\n", "dim")
        page.append_text(heat_map(answer["symbols"], answer["source"], answer["attention"], columns, ink, ascii_only))
    for line, answer in reversed(given[:-1]):
        page.append(f"\n\n{visible(line, LONG)}\n" if answer is given[-2][1] else f"\n{visible(line, LONG)}\n", "dim")
        page.append(visible(said(answer), LONG))
    return page


def in_columns(written: str, names: Sequence[str] = ()) -> Text:
    """The lines of a command that says numbers, one below the other under the names of their columns, by steps."""
    page, lines = Text(), written.splitlines()[:LONG]
    values = [line.split(",") for line in lines]
    heads = list(names) if values and len(names) == len(values[0]) else []
    widths = [max(map(cell_len, column)) for column in zip(*([heads] if heads else []), *values, strict=False)]
    first = len(str(len(lines)))
    if heads:
        page.append(" " * (first + 2) + visible(_beside(heads, widths), LONG) + "\n", "dim")
    for number, line in enumerate(values, 1):
        page.append(f"{number:>{first}}  ", "dim")
        page.append(visible(_beside(line, widths), LONG) + "\n")
    return page


def _beside(words: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(" " * (wide - cell_len(word)) + word for word, wide in zip(words, widths, strict=False))


def as_curves(written: str, columns: int, ink: Callable[[str], Style], names: Sequence[str] = ()) -> Text:
    """The same as curves, one for each column, with their names; nothing of what are no numbers, or few steps."""
    try:
        values = [[float(one) for one in line.split(",")] for line in written.splitlines()]
    except ValueError:
        return Text()
    if len(values) < SHORT:
        return Text()
    series = list(enumerate(zip(*values, strict=False)))[:COLOURS]
    known = [*names, *("" for _ in series)]
    curves = [Curve(known[number], list(enumerate(column, 1)), f"run.{number}") for number, column in series]
    field = plot(curves, columns, HIGH)
    page = Text("\n").join(Text.assemble(*((cell.glyph, ink(cell.role)) for cell in line)) for line in field)
    for one in curves if names else ():
        start = "\n" + " " * (LABEL + 1) if one is curves[0] else "   "
        page.append(start).append("─ ", ink(one.role)).append(visible(one.name, 30), "dim")
    return page
