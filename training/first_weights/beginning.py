"""What a new run begins with: the weights of another, and what edits of its spec have called them since; no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path

from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import EMPTY
from leporello.graphs.problems import refuse
from leporello.training.runs.run import Run
from leporello.training.runs.storage import DamagedError, read_json


@frozen
class Beginning:
    """A run whose weights are begun with; `moved` has the new path of each weight that edits gave another one."""

    run: Run
    moved: Mapping[str, str] = field(default_factory=lambda: EMPTY)


def moves(files: Sequence[str]) -> Mapping[str, str]:
    """Where weights are after several edits, from what `leporello edit --json` said of each, in their order.

    Raises SpecError for a file that does not say it.
    """
    found: dict[str, str] = {}
    for file in files:
        found = chained(found, _moved(file))
    return found


def chained(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """The moves of one edit after another.

    >>> chained({"h/W": "k/W"}, {"k/W": "k/V", "o/W": "p/W"})
    {'h/W': 'k/V', 'o/W': 'p/W'}
    """
    went = {old: after.get(new, new) for old, new in before.items()}
    stood = set(before.values())
    return went | {old: new for old, new in after.items() if old not in stood}


def _moved(file: str) -> Mapping[str, str]:
    hint = "give what `leporello edit SPEC ... --json` printed"
    try:
        said = read_json(Path(file))
    except DamagedError as error:
        raise refuse(f"{file} cannot be read: {error}", hint) from error
    found = said.get("moved") if isinstance(said, dict) else None
    if not isinstance(found, dict) or not all(isinstance(new, str) for new in found.values()):
        raise refuse(f"{file} does not say where weights were moved", hint)
    return found
