"""The colours that a person chose last, kept between sessions in the user's folder for such things."""

from __future__ import annotations

import json
from collections.abc import Container

from leporello.graphs.problems import SpecError
from leporello.tui.session.recent import place as recent_place
from leporello.writing import write_file

LONGEST = 1_000


def chosen_theme(known: Container[str], otherwise: str) -> str:
    """The name of the theme that was chosen, where there still is one of that name."""
    try:
        with recent_place().with_name("theme.json").open("rb") as file:
            found = json.loads(file.read(LONGEST))
    except (OSError, ValueError, RecursionError):
        return otherwise
    return found if isinstance(found, str) and found in known else otherwise


def choose_theme(name: str) -> None:
    """Remember a theme; where that cannot be written nothing is said."""
    path = recent_place().with_name("theme.json")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(json.dumps(name), path)
    except (OSError, SpecError):
        return
