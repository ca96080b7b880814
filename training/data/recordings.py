"""Recordings in a folder or a tar: which files there are, in the order of their names, and what their names say.

Nothing is unpacked onto the disk: names are never followed, links and whatever else is no file are refused.
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
import wave
from array import array
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from sys import byteorder
from typing import Any

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import Mark, refuse
from leporello.training.data.entries import Entry
from leporello.training.data.files import LARGEST, suffix_of

PACKED = (".tar", ".tgz")
WAVE = ".wav"
MOST = 1_000_000
"""So many files of a folder or a tar are read."""


@frozen
class Recording:
    """A recording: so many samples in a second, whole numbers of which `peak` is the loudest."""

    rate: int
    samples: array[int]
    peak: int


def is_recordings(path: Path, name: str, entry: Entry) -> bool:
    """Whether a file is read as recordings: a tar, a WAV, and for sounds and their labels a folder."""
    return suffix_of(name) in (*PACKED, WAVE) or (entry.kind in ("sound", "labels") and path.is_dir())


def read_recordings(path: Path, name: str, entry: Entry, mark: Mark | None) -> tuple[str, list[Any]]:
    """The digest of all recordings, and a row for each: the sound, or what its name says where that is wanted.

    The parts of a name stand between `/` and `_`: `column: 1` of `7_jackson_32.wav` is `7`. Raises SpecError.
    """
    digest, rows = hashlib.sha256(), []
    for inner, data in sorted(_files(path, name, mark)):
        digest.update(inner.encode() + b"\0" + data)
        rows.append(_decoded(data, f"{name}: {inner}", mark) if entry.kind == "sound" else _said(inner, entry))
    if not rows:
        raise refuse(f"{name} has no file that ends in .wav", "recordings are WAV files in a folder or a tar", mark)
    return digest.hexdigest(), rows


def _files(path: Path, name: str, mark: Mark | None) -> Iterator[tuple[str, bytes]]:
    """The names and bytes of all WAV files."""
    total = 0
    found = _in_folder(path) if path.is_dir() else _alone(path) if suffix_of(name) == WAVE else _in_tar(path)
    try:
        for count, (inner, data) in enumerate(found):
            total += len(data)
            if total > LARGEST or count >= MOST:
                what = f"{name} has more than {LARGEST // 2**20} MiB of recordings"
                raise refuse(what, "give fewer, or at a lower rate", mark)
            yield inner, data
    except FileNotFoundError as error:
        raise refuse(f"there is no file {name}", f"looked for {path}", mark) from error
    except (OSError, EOFError, tarfile.TarError, ValueError) as error:
        raise refuse(f"{name} cannot be read: {error}", "a folder or a tar of WAV files", mark) from error


def _alone(path: Path) -> Iterator[tuple[str, bytes]]:
    _check_regular(path)
    yield path.name, _limited(path)


def _check_regular(path: Path) -> None:
    """Devices and pipes could be read for ever."""
    if path.exists() and not path.is_file():
        raise ValueError("it is not a regular file")


def _in_folder(path: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted(path.rglob("*")):
        if file.suffix.lower() != WAVE:
            continue
        if file.is_symlink() or not file.is_file():
            raise ValueError(f"{file.name} is a link or no file")
        yield file.relative_to(path).as_posix(), _limited(file)


def _limited(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def _in_tar(path: Path) -> Iterator[tuple[str, bytes]]:
    _check_regular(path)
    left = LARGEST
    with tarfile.open(path, "r:*") as packed:
        for member in packed:
            parts = PurePosixPath(member.name).parts
            if ".." in parts or member.name.startswith("/"):
                raise ValueError(f"{member.name[:80]!r} leads out of it")
            if not member.isfile():
                if not member.isdir():
                    raise ValueError(f"{member.name[:80]!r} is a link or a device")
                continue
            if PurePosixPath(member.name).suffix.lower() != WAVE:
                continue
            file = packed.extractfile(member)
            assert file is not None
            data = file.read(left + 1)
            left = max(left - len(data), 0)
            yield member.name, data


def _said(inner: str, entry: Entry) -> str:
    """A part of a name. Raises SpecError where it is not said which, or there are fewer."""
    parts = [part for part in re.split("[/_]", inner[: -len(WAVE)]) if part not in ("", ".")]
    column = entry["column"]
    if not isinstance(column, int) or not 1 <= column <= len(parts):
        what = f"data.{entry.name} does not say which part of a name such as {inner[:80]!r} is meant"
        numbered = ", ".join(f"{number} {part}" for number, part in enumerate(parts, 1))
        raise refuse(what, f"add column: with one of {numbered}", entry.mark("column"))
    return parts[column - 1]


def _decoded(data: bytes, name: str, mark: Mark | None) -> Recording:
    """The recording in a WAV file: 8, 16, 24 or 32 bits without compression; several channels become their mean."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            frames = file.readframes(file.getnframes())
    except (wave.Error, EOFError, ValueError) as error:
        hint = "WAV without compression is read (PCM of 8 to 32 bits)"
        raise refuse(f"{name} is no WAV file: {error or 'it is cut'}", hint, mark) from error
    numbers = _whole(frames[: len(frames) // (width * channels) * width * channels], width)
    if not numbers:
        raise refuse(f"{name} has no samples", "leave it out", mark)
    if channels > 1:
        numbers = array("i", (sum(numbers[at : at + channels]) // channels for at in range(0, len(numbers), channels)))
    return Recording(rate, numbers, 1 << (8 * width - 1))


def _whole(frames: bytes, width: int) -> array[int]:
    """Samples as whole numbers with a sign."""
    if width == 1:  # the one width without a sign
        return array("i", (byte - 128 for byte in frames))
    if width == 3:
        parts = (frames[at : at + 3] for at in range(0, len(frames), 3))
        return array("i", (int.from_bytes(part, "little", signed=True) for part in parts))
    found: array[int] = array("h" if width == 2 else "i", frames)
    if byteorder == "big":
        found.byteswap()
    return found
