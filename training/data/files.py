"""Reading a text file, packed by gzip or plain, and refusing whatever is not UTF-8 in a regular file."""

from __future__ import annotations

import gzip
import io
import os
import stat
import zlib
from pathlib import Path, PurePath

from leporello.graphs.problems import Mark, SpecError, refuse

LARGEST = 256 * 1024 * 1024
"""So much is read at once at most."""
HELD = 64 * 1024 * 1024
"""A larger file stays on the disk, where it is read as it is needed, if its kind can be read in parts."""
JSON_LINES = "one JSON value has to be read whole; write a value a line (.jsonl), of which any number is read"
UNPACKED = "what is packed is read from its beginning only; unpack it by {}: plain files of any size are read"


def suffix_of(name: str) -> str:
    """What says how a file is read, packed or not.

    >>> suffix_of("a/Pairs.TSV.gz"), suffix_of("notes")
    ('.tsv', '')
    """
    return PurePath(name.lower().removesuffix(".gz")).suffix


def is_large(path: Path, name: str) -> bool:
    """Whether a file is read as it is needed: one that is large, and of which any part can be read alone."""
    try:
        facts = os.stat(path)
    except (OSError, ValueError):
        return False  # whoever reads it says what is wrong
    apart = not name.lower().endswith(".gz") and suffix_of(name) != ".json"
    return apart and stat.S_ISREG(facts.st_mode) and facts.st_size > HELD


def read_text(path: Path, name: str, mark: Mark | None = None) -> str:
    """The text of a regular UTF-8 file, without byte order mark and with line ends as `\\n`.

    One whose name ends in .gz is unpacked. Raises SpecError for what is missing, no regular file, empty, over 256 MiB
    (unpacked too), or not UTF-8 (with the line).
    """
    data = _read_regular(path, name, mark)
    if name.lower().endswith(".gz"):
        data = _unpacked(data, name, mark)
    text = decoded(data, name)
    if not text:
        raise refuse(f"{name} is empty", "give a file with some text in it", mark)
    return text


def _unpacked(data: bytes, name: str, mark: Mark | None) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            found = file.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise refuse(f"{name} is not a whole gzip file: {error}", "see it by: gzip -t", mark) from error
    if len(found) > LARGEST:
        hint = f"at most {LARGEST // 2**20} MiB are unpacked: {UNPACKED.format('gunzip')}"
        raise refuse(f"{name} is too large unpacked", hint, mark)
    return found


def decoded(data: bytes, name: str, lines: int = 0, begins: bool = True) -> str:
    """The text of a file, or of a part of it behind so many lines, with line ends as `\\n`. Raises SpecError."""
    if begins and data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _bad_encoding(name, 1, "it begins as UTF-16 does")
    try:
        text = (data.removeprefix(b"\xef\xbb\xbf") if begins else data).decode("utf-8")
    except UnicodeDecodeError as error:
        line = lines + error.object.count(b"\n", 0, error.start) + 1
        raise _bad_encoding(name, line, f"byte 0x{error.object[error.start]:02x}: {error.reason}") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _bad_encoding(name: str, line: int, why: str) -> SpecError:
    hint = f"{why}; save the file as UTF-8, for example with: iconv -f latin1 -t utf-8"
    return refuse(f"{name} is not UTF-8", hint, Mark(name, line, 1))


def _read_regular(path: Path, name: str, mark: Mark | None) -> bytes:
    descriptor, facts = open_regular(path, name, mark)
    try:
        if facts.st_size > LARGEST:
            hint = f"at most {LARGEST // 2**20} MiB are read at once: {_other_way(name)}"
            raise refuse(f"{name} is {facts.st_size / 2**20:,.0f} MiB large", hint, mark)
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(LARGEST)
    except OSError as error:
        raise _unreadable(name, error, mark) from error
    finally:
        os.close(descriptor)


def _other_way(name: str) -> str:
    if name.lower().endswith(".gz"):
        return UNPACKED.format("gunzip")
    return JSON_LINES if suffix_of(name) == ".json" else "cut the file"


def open_regular(path: Path, name: str, mark: Mark | None) -> tuple[int, os.stat_result]:
    """A regular file opened to be read, and what the system says of it. Raises SpecError for whatever else it is."""
    # Opened without blocking and judged by its descriptor, so that a FIFO neither hangs nor slips in between.
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError as error:
        raise refuse(f"there is no file {name}", f"looked for {path}", mark) from error
    except (OSError, ValueError) as error:
        raise _unreadable(name, error, mark) from error
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        os.close(descriptor)
        raise refuse(f"{name} is {_kind(facts.st_mode)}, not a regular file", "give a plain text file", mark)
    return descriptor, facts


def _unreadable(name: str, error: Exception, mark: Mark | None) -> SpecError:
    return refuse(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}", "", mark)


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFDIR: "a directory",
        stat.S_IFIFO: "a FIFO",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFSOCK: "a socket",
    }
    return kinds.get(stat.S_IFMT(mode), "something else")
