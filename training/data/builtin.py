"""Data that every machine has: Python's own help topics, and dates in words beside dates in figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leporello.graphs.problems import refuse
from leporello.training.data.dates import COLUMNS, dates

REPEATED = 80


@dataclass(frozen=True)
class Builtin:
    """A text, or a table whose rows hold a value of each of `columns`."""

    make: Callable[[], Any]
    columns: tuple[str, ...] = ()


def python_topics() -> str:
    """The help topics of Python itself, in order of their names, every long paragraph once.

    Topics quote each other; a text that repeats itself would let a model be tested on what it was trained on.
    """
    try:
        from pydoc_data.topics import topics
    except ImportError as error:
        hint = "install your system's full Python standard library, or name a file: data: {text: {file: input.txt}}"
        raise refuse("this Python comes without its help topics (pydoc_data)", hint) from error
    seen: set[str] = set()
    kept: list[str] = []
    for name in sorted(topics):
        for paragraph in topics[name].strip().split("\n\n"):
            if len(paragraph) < REPEATED or paragraph.strip() not in seen:
                kept.append(paragraph.rstrip())
                seen.add(paragraph.strip())
    return "\n\n".join(kept) + "\n"


def _dates() -> Sequence[Sequence[str]]:
    return dates()


BUILTIN: Mapping[str, Builtin] = {"python_topics": Builtin(python_topics), "dates": Builtin(_dates, COLUMNS)}
"""What may be named, and how it is made."""
