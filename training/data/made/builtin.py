"""Data that every machine has: what comes with Python itself, and what is generated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import refuse
from leporello.training.data.made import dates, frames, reversing, sorting, spelling
from leporello.training.data.made.series import mackey_glass

REPEATED = 80


@frozen
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


BUILTIN: Mapping[str, Builtin] = {
    "python_topics": Builtin(python_topics),
    "docstrings": Builtin(lambda: _library().docstrings(), ("text", "package")),
    "python_lines": Builtin(lambda: _library().python_lines(), ("words", "tags")),
    "mackey_glass": Builtin(mackey_glass, ("value",)),
    "dates": Builtin(dates.dates, dates.COLUMNS),
    "sorting": Builtin(sorting.sorting, sorting.COLUMNS),
    "frames": Builtin(frames.frames, frames.COLUMNS),
    "reversing": Builtin(reversing.reversing, reversing.COLUMNS),
    "spelling": Builtin(spelling.spelling, spelling.COLUMNS),
}
"""What may be named, and how it is made."""


def _library() -> Any:
    from leporello.training.data.made import library  # late: it reads Python with Python, which few commands need

    return library
