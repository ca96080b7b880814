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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from sys import byteorder
from typing import Any

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import Mark, refuse
from leporello.training.data.entries import Entry
from leporello.training.data.files import HELD, LARGEST, UNPACKED, suffix_of
from leporello.training.data.stored import Stored

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


def read_recordings(path: Path, name: str, entry: Entry, mark: Mark | None) -> tuple[str, Sequence[Any]]:
    """The digest of all recordings, and a row for each: the sound, or what its name says where that is wanted.

    Many stay in their files: each is read once to be checked, and again whenever it is asked for. The parts of a name
    stand between `/` and `_`: `column: 1` of `7_jackson_32.wav` is `7`. Raises SpecError.
    """
    digest, rows = hashlib.sha256(), []
    with _said_so(path, name, mark):
        members = sorted(_members(path, name))
        large = sum(member.size for member in members if not member.data) > HELD
        for member in members:
            data = member.read()
            digest.update(member.name.encode() + b"\0" + data)
            sound = _decoded(data, f"{name}: {member.name}", mark) if entry.kind == "sound" else None
            if not large:
                rows.append(sound or _said(member.name, entry))
    if not members:
        raise refuse(f"{name} has no file that ends in .wav", "recordings are WAV files in a folder or a tar", mark)
    if large:
        whole = Recordings(members, name, mark)
        return digest.hexdigest(), whole if entry.kind == "sound" else [_said(one.name, entry) for one in members]
    return digest.hexdigest(), rows


@dataclass(frozen=True, order=True)
class Member:
    """A WAV file: in a folder, or so many bytes from a place of a tar on; `data` are those of one that is packed."""

    name: str
    data: bytes
    file: Path
    start: int
    size: int

    def read(self) -> bytes:
        """All of it. Raises OSError."""
        if self.data:
            return self.data
        with self.file.open("rb") as file:
            file.seek(self.start)
            data = file.read(self.size)
        if len(data) < self.size:
            raise EOFError("it is cut")
        return data


@frozen
class Recordings(Stored):
    """Recordings that stay in their files."""

    members: Sequence[Member]
    source: str
    mark: Mark | None

    def __len__(self) -> int:
        return len(self.members)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return Recordings(self.members[place], self.source, self.mark)
        member = self.members[place]
        with _said_so(member.file, self.source, self.mark):
            return _decoded(member.read(), f"{self.source}: {member.name}", self.mark)


@contextmanager
def _said_so(path: Path, name: str, mark: Mark | None) -> Iterator[None]:
    """Errors of files and archives as what is refused."""
    try:
        yield
    except FileNotFoundError as error:
        raise refuse(f"there is no file {name}", f"looked for {path}", mark) from error
    except (OSError, EOFError, tarfile.TarError, ValueError) as error:
        raise refuse(f"{name} cannot be read: {error}", "a folder or a tar of WAV files", mark) from error


def _members(path: Path, name: str) -> Iterator[Member]:
    """All WAV files. Raises ValueError for what is none or is too large."""
    found = _in_folder(path) if path.is_dir() else _alone(path) if suffix_of(name) == WAVE else _in_tar(path)
    for count, member in enumerate(found):
        if count >= MOST:
            raise ValueError(f"it has more than {MOST:,} recordings")
        if member.size > LARGEST:
            raise ValueError(f"{member.name[:80]!r} has more than {LARGEST // 2**20} MiB")
        yield member


def _alone(path: Path) -> Iterator[Member]:
    _check_regular(path)
    yield Member(path.name, b"", path, 0, path.stat().st_size)


def _check_regular(path: Path) -> None:
    """Devices and pipes could be read for ever."""
    if path.exists() and not path.is_file():
        raise ValueError("it is not a regular file")


def _in_folder(path: Path) -> Iterator[Member]:
    for file in sorted(path.rglob("*")):
        if file.suffix.lower() != WAVE:
            continue
        if file.is_symlink() or not file.is_file():
            raise ValueError(f"{file.name} is a link or no file")
        yield Member(file.relative_to(path).as_posix(), b"", file, 0, file.stat().st_size)


def _in_tar(path: Path) -> Iterator[Member]:
    _check_regular(path)
    left, packed = LARGEST, _is_packed(path)
    with tarfile.open(path, "r:*") as tar:
        for member in tar:
            parts = PurePosixPath(member.name).parts
            if ".." in parts or member.name.startswith("/"):
                raise ValueError(f"{member.name[:80]!r} leads out of it")
            if not member.isfile() or member.issparse():
                if not member.isdir():
                    raise ValueError(f"{member.name[:80]!r} is a link or a device")
                continue
            if PurePosixPath(member.name).suffix.lower() == WAVE:
                data = _unpacked(tar, member, left) if packed else b""
                left -= len(data)
                yield Member(member.name, data, path, member.offset_data, member.size)


def _is_packed(path: Path) -> bool:
    """Whether a tar has to be unpacked from its beginning to find anything in it."""
    try:
        with tarfile.open(path, "r:"):
            return False
    except tarfile.ReadError:
        return True


def _unpacked(tar: tarfile.TarFile, member: tarfile.TarInfo, left: int) -> bytes:
    """What is in a packed member. Raises ValueError where it is more than may be held."""
    file = tar.extractfile(member)
    assert file is not None
    data = file.read(left + 1)
    if len(data) > left:
        way = UNPACKED.format("gunzip")
        raise ValueError(f"it has more than {LARGEST // 2**20} MiB of recordings: {way}")
    return data


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
