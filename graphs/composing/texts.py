"""Files as text within limits: what is no UTF-8 text of a spec's size is refused with its place."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from leporello.graphs.problems import Mark, SpecError, refuse, suggest

SIZE_LIMIT = 1_000_000
DEPTH_LIMIT = 64
NODE_LIMIT = 200_000
BYTE_ORDER_MARK = "\ufeff"

BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line, for YAML."""
# All but what YAML calls printable, and the byte order mark, which shifts YAML's marks; lone surrogates are in it.
# Compiled where Python finds a text not printable: that takes as long as a small spec.
_UNPRINTABLE = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
_BLANKS = dict.fromkeys(map(ord, "\t\n\r"))
_SPECS = (".yaml", ".yml", ".json")
_TOO_LARGE = f"a spec has at most {SIZE_LIMIT // 1_000_000} MB; data stands in files of its own"


def read_text(path: Path) -> str:
    """The text of a file, a byte order mark included.

    Raises SpecError where there is no such file, where it is no regular file or over 1 MB (before it
    is read), and where its bytes are not UTF-8 text.
    """
    place = Mark(str(path), 1, 1)
    try:
        kind = os.stat(path)
        if not stat.S_ISREG(kind.st_mode):
            what = "a folder" if stat.S_ISDIR(kind.st_mode) else "a pipe, a socket or a device"
            raise refuse(f"this is {what}, not a file", "name a file of text", place)
        if kind.st_size > SIZE_LIMIT:
            raise refuse(f"this file has {kind.st_size:,} bytes", _TOO_LARGE, place)
        with open(path, "rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        raise refuse("there is no such file", _beside(path), place) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise refuse(f"this file cannot be read: {reason}", "name a readable file of text", place) from None
    return decode(data, str(path))


def check_text(text: str, file: str) -> None:
    """Refuse a text over 1 MB, and characters that neither YAML nor JSON holds (NUL, control characters)."""
    if len(text) > SIZE_LIMIT or len(text.encode("utf-8", "surrogatepass")) > SIZE_LIMIT:
        raise refuse(f"this text has over {SIZE_LIMIT:,} bytes", _TOO_LARGE, Mark(file, 1, 1))
    text_proper = text.removeprefix(BYTE_ORDER_MARK)
    if text_proper.translate(_BLANKS).isprintable():
        return
    found = re.search(_UNPRINTABLE, text_proper)
    if found:
        code = ord(found.group())
        what = f"U+{code:04X}, which is no printable character" if code else "a NUL character: this is not text"
        raise refuse(what, "remove it", mark_at(text, len(text) - len(text_proper) + found.start(), 1, file))


def mark_at(text: str, start: int, length: int, file: str) -> Mark:
    """The place of `length` characters from offset `start`; a byte order mark has no column of its own.

    >>> str(mark_at("a: 1\\nb: 2", 8, 1, "spec.yaml"))
    'spec.yaml:2:4'
    """
    breaks = list(BREAK.finditer(text, 0, start))
    line_start = breaks[-1].end() if breaks else int(text.startswith(BYTE_ORDER_MARK))
    return Mark(file, len(breaks) + 1, max(start - line_start, 0) + 1, start, start + length)


def _beside(path: Path) -> str:
    """A hint that lists the specs in the folder where a file is missing."""
    try:
        names = [name for name in os.listdir(path.parent) if name.endswith(_SPECS)]
    except (OSError, ValueError):
        return f"there is no readable folder {path.parent} either"
    return suggest(path.name, names[:200], "specs in its folder")


def decode(data: bytes, file: str) -> str:
    """Bytes as a text that a spec may be; raises SpecError where they are none."""
    # UTF-16 and UTF-32 begin with a byte order mark, or give every ASCII character a zero byte.
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4]:
        raise refuse("this file is in UTF-16 or UTF-32, or is not text", "save it as UTF-8", Mark(file, 1, 1))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _invalid(data, error.start, file) from None
    check_text(text, file)
    return text


def _invalid(data: bytes, start: int, file: str) -> SpecError:
    before = data[:start].decode("utf-8")
    place = mark_at(before, len(before), 1, file)
    return refuse(f"byte 0x{data[start]:02x} is not UTF-8", "save the file as UTF-8", place)
