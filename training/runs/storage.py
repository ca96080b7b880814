"""Files that are whole or absent: atomic writes, and directories committed by rename with a manifest of hashes."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
FORMAT = 1


class DamagedError(Exception):
    """A directory or file that is not what was written: cut, changed or incomplete."""


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file so that after a crash it holds the old bytes or the new ones, never a part."""
    partial = path.with_name(f".{path.name}.partial")
    _write_synced(partial, data)
    os.replace(partial, path)
    sync_directory(path.parent)


def write_json(path: Path, value: Any) -> None:
    """`write_atomic` for a value as readable JSON."""
    write_atomic(path, encode_json(value))


def encode_json(value: Any) -> bytes:
    """JSON in UTF-8; floats come back to the bit."""
    return (json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def read_json(path: Path) -> Any:
    """The value in a JSON file; raises DamagedError when there is none."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedError(f"{path.name} cannot be read: {error}") from error


def sync_directory(path: Path) -> None:
    """Bring a directory's entries to the disk, so that a rename in it survives a loss of power."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def commit_directory(path: Path, files: Mapping[str, bytes], facts: Mapping[str, Any]) -> None:
    """Write `files` and a manifest (`facts`, sizes, SHA-256) as the directory `path`, all of it or nothing.

    They are written to a hidden neighbour and synced before it is renamed. A damaged directory that already
    stands at `path` is set aside; a good one stays as it is. Raises OSError (disk full, read-only).
    """
    if path.exists():
        with contextlib.suppress(DamagedError):
            read_directory(path)
            return
    partial = path.with_name(f".{path.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        _fill(partial, files, facts)
        if path.exists():
            _set_aside(path)
        os.rename(partial, path)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    sync_directory(path.parent)


def read_directory(path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The manifest and the files of a committed directory, every byte verified; raises DamagedError."""
    manifest = read_json(path / MANIFEST)
    files = manifest.get("files") if isinstance(manifest, dict) else None
    if not isinstance(files, dict) or manifest.get("format") != FORMAT:
        raise DamagedError(f"{path.name}/{MANIFEST} is not a manifest of format {FORMAT}")
    return manifest, {name: _verified(path, str(name), facts) for name, facts in files.items()}


def remove_partial(folder: Path) -> None:
    """Remove what interrupted commits left behind."""
    for left in folder.glob(".*.partial"):
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def _fill(partial: Path, files: Mapping[str, bytes], facts: Mapping[str, Any]) -> None:
    partial.mkdir()
    hashes = {name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()}
    for name, data in files.items():
        _write_synced(partial / name, data)
    _write_synced(partial / MANIFEST, encode_json({"format": FORMAT, **facts, "files": hashes}))
    sync_directory(partial)


def _set_aside(path: Path) -> None:
    place = path.with_name(f"damaged-{path.name}")
    if place.exists():
        shutil.rmtree(place)
    os.rename(path, place)


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _verified(folder: Path, name: str, facts: Any) -> bytes:
    shown = f"{folder.name}/{name}"
    if name != Path(name).name or not isinstance(facts, dict):
        raise DamagedError(f"{folder.name}/{MANIFEST} names {name!r}")
    path = folder / name
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_size != facts.get("bytes"):
            raise DamagedError(f"{shown} has {found.st_size} bytes, not {facts.get('bytes')}")
        data = path.read_bytes()
    except OSError as error:
        raise DamagedError(f"{shown} cannot be read: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != facts.get("sha256"):
        raise DamagedError(f"{shown} has been changed: its SHA-256 is not the one in the manifest")
    return data
