"""What the JSON files of a run may say: what was written by hand, or damaged, is refused where it is read."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from leporello.graphs.problems import refuse
from leporello.training.settings import FIELDS

Test = Callable[[Any], bool]
MOST = 2**62


def checked(path: Path, found: Mapping[str, Any], tests: Mapping[str, Test]) -> None:
    """Raise SpecError for the first entry that cannot be what it is; entries that are not there are not missed."""
    for name, test in tests.items():
        if name in found and not test(found[name]):
            what = f"{path} is damaged: its {name} is {str(found[name])[:60]!r}"
            raise refuse(what, "restore the file, or train again")


def whole(value: Any) -> bool:
    """A whole number from 0."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST


def real(value: Any) -> bool:
    """A finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MOST and math.isfinite(value)


def text(value: Any) -> bool:
    """A text without a null character, which no path may have."""
    return isinstance(value, str) and "\0" not in value


def texts(value: Any) -> bool:
    """A list of texts."""
    return isinstance(value, list) and all(map(text, value))


def _sources(value: Any) -> bool:
    return isinstance(value, dict) and all(map(text, value.values()))


def _sizes(value: Any) -> bool:
    return isinstance(value, dict) and all(whole(size) and size > 0 for size in value.values())


def _training(value: Any) -> bool:
    return isinstance(value, dict) and all(
        _accepts(field, value[field.name]) for field in FIELDS if field.name in value
    )


def _accepts(field: Any, value: Any) -> bool:
    try:
        # The updates that many epochs come to are more than a person may ask for.
        (replace(field, high=None) if field.name == "updates" else field).accept(value)
    except ValueError:
        return False
    return True


def _data(value: Any) -> bool:
    inputs = value.get("inputs", {}) if isinstance(value, dict) else None
    return isinstance(inputs, dict) and all(isinstance(one, dict) for one in inputs.values())


def _beginning(value: Any) -> bool:
    return isinstance(value, dict) and text(value.get("run")) and whole(value.get("at"))


FACTS: Mapping[str, Test] = {
    "name": text,
    "file": text,
    "sources": _sources,
    "training": _training,
    "sizes": _sizes,
    "data": _data,
    "overrides": texts,
    "created": real,
    "from": _beginning,
}
STATUS: Mapping[str, Test] = {
    "state": lambda value: value in ("running", "finished", "failed", "interrupted"),
    "pid": whole,
    "started": real,
    "exit": lambda value: value is None or whole(value),
    "update": whole,
    "message": lambda value: isinstance(value, str),
    "host": lambda value: isinstance(value, str),
    "born": lambda value: isinstance(value, str),
    "paused": lambda value: isinstance(value, bool),
}
