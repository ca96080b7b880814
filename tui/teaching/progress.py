"""How far somebody has come in the lessons, kept between sessions, with the file of the model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from leporello.graphs.problems import SpecError
from leporello.tui.session.recent import place as recent_place
from leporello.tui.teaching.lessons import LESSONS, Lesson
from leporello.writing import write_file


def place() -> Path:
    """The file that holds it."""
    return recent_place().with_name("tutorial.json")


def kept(lessons: Sequence[Lesson] = LESSONS) -> tuple[int, Path | None]:
    """The number of the lesson that is next, by its name, and the file of the model, if that is there still."""
    try:
        found = json.loads(place().read_text(encoding="utf-8"))
        name, path = str(found["lesson"]), found["path"]
    except (OSError, ValueError, RecursionError, KeyError, TypeError):
        return 0, None
    at = next((number for number, lesson in enumerate(lessons) if lesson.name == name), 0)
    file = Path(path) if isinstance(path, str) and "\0" not in path else None
    return at, file if file is not None and file.is_file() else None


def keep(lesson: Lesson | None, path: Path | None) -> None:
    """Remember a lesson; at the end nothing. Where that cannot be written nothing is said."""
    try:
        if lesson is None:
            place().unlink(missing_ok=True)
            return
        place().parent.mkdir(parents=True, exist_ok=True)
        said = {"lesson": lesson.name, "path": str(path.resolve()) if path else None}
        write_file(json.dumps(said, indent=1), place())
    except (OSError, SpecError):
        return
