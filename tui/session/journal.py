"""Edits that are not saved yet, in a file beside the spec: what a crash would lose is found again."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from leporello.graphs.composing.texts import SIZE_LIMIT
from leporello.graphs.problems import SpecError
from leporello.tui.session.document import Document
from leporello.writing import write_file

ENDING = ".unsaved"


@dataclass(frozen=True)
class Found:
    """A text that was never saved, and whether the file is still the one that it was made from."""

    text: str
    fits: bool


def journal_of(path: Path) -> Path:
    """The journal of a spec's file.

    >>> journal_of(Path("models/elman.yaml")).name
    '.elman.yaml.unsaved'
    """
    return path.with_name(f".{path.name}{ENDING}")


def keep(document: Document) -> bool:
    """Write what is not saved beside the file, or take the journal away where all is; whether that could be done."""
    if document.path is None:
        return False
    if not document.modified:
        return drop(document.path)
    value = {"digest": document.stamp.digest, "process": os.getpid(), "text": document.text}
    try:
        write_file(json.dumps(value, ensure_ascii=False), journal_of(document.path))
    except SpecError:
        return False
    return True


def drop(path: Path) -> bool:
    """Take the journal of a file away."""
    with suppress(OSError):
        journal_of(path).unlink(missing_ok=True)
        return True
    return False


def found(document: Document) -> Found | None:
    """What a session before this one left unsaved of a document; None where nothing differs from the file."""
    if document.path is None:
        return None
    try:
        with journal_of(document.path).open("rb") as file:
            value = json.loads(file.read(2 * SIZE_LIMIT))
        text, digest = value["text"], value["digest"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(text, str) or text == document.text:
        return None
    return Found(text, digest == document.stamp.digest)
