"""A file, a folder or a tar as rows: the one way in for training and for prediction."""

from __future__ import annotations

import hashlib
from pathlib import Path

from leporello.graphs.problems import Mark, refuse
from leporello.training.data.entries import Entry
from leporello.training.data.files import is_large, read_text
from leporello.training.data.reading import Rows, read_rows
from leporello.training.data.recordings import is_recordings, read_recordings
from leporello.training.data.saved import is_saved, read_saved
from leporello.training.data.stored import read_stored


def read_source(
    path: Path, name: str, entry: Entry, whole: bool, mark: Mark | None = None
) -> tuple[str, Rows | dict[str, Rows]]:
    """The SHA-256 of what lies at a path, and its rows, or those of three parts; `name` is its name in messages.

    Raises SpecError for what cannot be read so.
    """
    if is_saved(path, name):
        return read_saved(path, name, entry, mark)
    if is_recordings(path, name, entry):
        return read_recordings(path, name, entry, mark)
    if entry.kind == "sound":
        raise refuse(f"{name} is not read as sound", "name a WAV file, or a folder or a tar of them", mark)
    if is_large(path, name):
        return read_stored(path, name, entry, whole, mark)
    text = read_text(path, name, mark)
    return hashlib.sha256(text.encode()).hexdigest(), read_rows(text, name, entry, whole)
