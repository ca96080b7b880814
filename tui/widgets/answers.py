"""What a model said of the lines that it was given: the last answer in full, those before it below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from leporello.graphs.problems import visible
from leporello.tui.widgets.heat_map import heat_map

LONG = 2_000
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
        page.append(f"   score {answer['score']:.3f}", "dim")
    for name, sure in answer.get("probabilities", {}).items():
        least = min(sure) if isinstance(sure, list) and sure else sure
        if isinstance(least, float):
            page.append(f"   {visible(name)}: probability {least:.2f}", "dim")
    if answer.get("attention"):
        page.append("\n\nwhere it looked: what it wrote down, what it read across\n\n", "dim")
        page.append_text(heat_map(answer["symbols"], answer["source"], answer["attention"], columns, ink, ascii_only))
    for line, answer in reversed(given[:-1]):
        page.append(f"\n\n{visible(line, LONG)}\n" if answer is given[-2][1] else f"\n{visible(line, LONG)}\n", "dim")
        page.append(visible(said(answer), LONG))
    return page
