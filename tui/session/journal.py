"""Edits that are not saved yet, in a file beside the spec: what a crash would lose is found again.

Each session has a journal of its own: the first free one of `.name.yaml.unsaved`, `.name.yaml.unsaved-2` and so on.
Texts that have no file yet have theirs in the user's folder for such things.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from leporello.graphs.composing.texts import SIZE_LIMIT
from leporello.graphs.frozen import frozen
from leporello.graphs.problems import SpecError
from leporello.training.runs.processes import process_born
from leporello.tui.session.document import Document
from leporello.tui.session.recent import place
from leporello.writing import write_file

ENDING = ".unsaved"
MOST = 9
"""So many sessions have a journal of one file at most."""


@frozen
class Found:
    """A text that was never saved, in which journal, and whether the file is still the one that it was made from."""

    text: str
    fits: bool
    journal: Path


def journals_of(path: Path | None) -> Iterator[Path]:
    """The journals that a spec's file, or a text without one, can have.

    >>> [journal.name for journal in journals_of(Path("models/elman.yaml"))][:2]
    ['.elman.yaml.unsaved', '.elman.yaml.unsaved-2']
    """
    path = path or place().with_name("untitled.yaml")
    first = path.with_name(f".{path.name}{ENDING}")
    yield first
    yield from (first.with_name(f"{first.name}-{number}") for number in range(2, MOST + 1))


def journal_of(path: Path | None) -> Path:
    """The first journal of a spec's file."""
    return next(journals_of(path))


def keep(document: Document) -> bool:
    """Write what is not saved into our journal, or take that away where all is; whether that could be done."""
    if not document.modified:
        return drop(document.path)
    target = next((journal for journal in journals_of(document.path) if not _others(_read(journal))), None)
    if target is None:
        return False
    value: dict[str, Any] = {"digest": document.stamp.digest, "text": document.text}
    value |= {"process": os.getpid(), "born": process_born(os.getpid())}
    try:
        if document.path is None:
            target.parent.mkdir(parents=True, exist_ok=True)
        write_file(json.dumps(value, ensure_ascii=False), target)
    except (OSError, SpecError):
        return False
    return True


def drop(path: Path | None) -> bool:
    """Take our journals of a file away, and those that nobody writes any more."""
    with suppress(OSError):
        for journal in journals_of(path):
            if journal.exists() and not _others(_read(journal)):
                journal.unlink(missing_ok=True)
        return True
    return False


def found(document: Document, answered: Collection[Path] = ()) -> Found | None:
    """What a session before this one left unsaved of a document; None where nothing differs from the file.

    Those journals that another session still writes, and those `answered` for, are passed over.
    """
    for journal in journals_of(document.path):
        value = _read(journal)
        text, digest = value.get("text"), value.get("digest")
        if isinstance(text, str) and text != document.text and journal not in answered and not _others(value):
            return Found(text, digest == document.stamp.digest, journal)
    return None


def discard(left: Found) -> None:
    """Take a journal away that nobody wants."""
    with suppress(OSError):
        left.journal.unlink(missing_ok=True)


def others(document: Document) -> list[int]:
    """The processes of other sessions that have unsaved edits of a document's file."""
    kept = map(_read, journals_of(document.path)) if document.path else ()
    return [value["process"] for value in kept if _others(value)]


def _others(value: Mapping[str, Any]) -> bool:
    """Whether a journal is that of another session, which goes on."""
    process, born = value.get("process"), value.get("born")
    if not isinstance(process, int) or process == os.getpid():
        return False
    return bool(born) and process_born(process) == born


def _read(journal: Path) -> dict[str, Any]:
    """What a journal holds; nothing where it cannot be read."""
    try:
        with journal.open("rb") as file:
            value = json.loads(file.read(2 * SIZE_LIMIT))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
