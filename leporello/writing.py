"""Files and folders that are written: whole or not at all, never onto what was read, never through what is no file."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from leporello.graphs.problems import refuse


def write_file(
    data: str | bytes, output: str | Path, reads: Iterable[str | Path] = (), keep_mode: bool = False
) -> None:
    """Write a file in place of what it held, with its permissions if `keep_mode`; a watcher never sees half of it.

    Raises SpecError where no file can be written (no such folder, a folder or a device of that name, no leave), and
    where it is one of those that were read.
    """
    path = Path(output)
    refuse_reads(path, reads)
    try:
        _refuse_other_than_file(path)
        _replace(path, data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data, keep_mode)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refuse(f"{output} cannot be written: {reason}", "name a file in a folder that can be written") from None


def write_folder(files: Mapping[str, bytes], output: str | Path) -> None:
    """Write a new folder with these files, all of it or nothing.

    Raises SpecError where it is there already, or cannot be written (no such place, no leave, a full disk).
    """
    target = Path(output)
    if target.exists() or target.is_symlink():
        raise refuse(f"{output} is there already", "name a folder that is new")
    if not target.parent.is_dir():
        raise refuse(f"there is no folder {target.parent}", "make it first, or name a folder in one that is there")
    partial = target.parent / f".leporello.{os.getpid()}.partial"
    try:
        partial.mkdir()
        for name, data in files.items():
            (partial / name).write_bytes(data)
        os.rename(partial, target)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refuse(f"{output} cannot be written: {reason}", "name a folder where there is leave and room") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def refuse_reads(output: Path, reads: Iterable[str | Path]) -> None:
    """Refuse to write onto a file that is read, by whatever name."""
    for read in reads:
        try:
            same = os.path.samefile(output, read)
        except (OSError, ValueError):
            continue
        if same:
            raise refuse(f"{output} is what is read", "nothing is written onto what is read: name another file")


def _refuse_other_than_file(path: Path) -> None:
    if not path.parent.is_dir():
        raise refuse(f"there is no folder {path.parent}", "make it first, or name a file in a folder that is there")
    if path.exists() and not stat.S_ISREG(path.stat().st_mode):
        kind = "a folder" if path.is_dir() else "not a regular file"
        raise refuse(f"{path} is {kind}", "name a file")


def _replace(path: Path, data: bytes, keep_mode: bool) -> None:
    # A neighbour that takes the file's place: who watches the picture never sees half of one. Its name is short,
    # so that any name that the file may have will do.
    target = path.resolve()
    partial = target.with_name(f".leporello.{os.getpid()}.partial")
    try:
        partial.write_bytes(data)
        if keep_mode and target.exists():
            partial.chmod(stat.S_IMODE(target.stat().st_mode))
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
