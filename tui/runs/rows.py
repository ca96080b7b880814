"""A run in a row of a table: what is said of it by column, and which columns there is room for."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from leporello.training.runs.listing import Listed

COLUMNS = ("run", "model", "file", "begun", "state", "update", "best", "test")
LESS = ("model", "test", "file", "begun")
"""What is left out where there is no room, one after the other."""
PADDING, LONGEST = 2, 30
DAY = 86_400.0


def fitting(rows: Sequence[Mapping[str, str]], room: int) -> tuple[str, ...]:
    """The columns that rows have room for.

    >>> fitting([{"run": "dates-1", "file": "dates.yaml", "state": "finished"}], 90), fitting([], 30)
    (('run', 'model', 'file', 'begun', 'state', 'update', 'best', 'test'), ('run', 'state', 'update', 'best'))
    """
    wide = {name: max([len(name), *(len(row.get(name, "")) for row in rows)]) + PADDING for name in COLUMNS}
    shown = list(COLUMNS)
    for name in LESS:
        if sum(wide[one] for one in shown) > room:
            shown.remove(name)
    return tuple(shown)


def when(created: float | None, now: float) -> str:
    """When something was begun: by the clock today and yesterday, else by the date.

    >>> when(None, 0.0)
    ''
    """
    try:
        then = time.localtime(created) if created is not None else None
        if then is None:
            return ""
        for word, day in (("today", now), ("yesterday", now - DAY)):
            if then[:3] == time.localtime(day)[:3]:
                return f"{word} {time.strftime('%H:%M', then)}"
        return time.strftime("%Y-%m-%d", then)
    except (OSError, ValueError, OverflowError):  # a year that no calendar has
        return ""


def where(file: str, here: Path) -> str:
    """A spec's file from here; of a longer path the end.

    >>> where("/home/me/models/dates.yaml", Path("/home/me")), where("/" + "a" * 90 + "/b.yaml", Path("/home"))[-9:]
    ('models/dates.yaml', 'aa/b.yaml')
    """
    path = Path(file)
    said = str(path.relative_to(here)) if file and path.is_relative_to(here) else file
    return said if len(said) <= LONGEST else f"…{said[1 - LONGEST :]}"


def said_of(one: Listed, state: str, now: float, here: Path) -> dict[str, str]:
    """What stands in each column but the first."""
    best = "" if one.best is None else f"{one.best:.3f} {one.score}".rstrip()
    return {
        "model": one.name,
        "file": where(one.file, here),
        "begun": when(one.created, now),
        "state": state,
        "update": f"{one.update:,} of {one.updates:,}" if one.updates else "",
        "best": best,
        "test": "" if one.test is None else f"{one.test:.3f}",
    }
