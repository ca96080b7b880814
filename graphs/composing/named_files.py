"""Files that a spec names: regular files under its own folder, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

from leporello.graphs.problems import Mark, refuse


def inside(folder: Path, name: str, mark: Mark | None = None, folders: bool = False, origin: str = "") -> Path:
    """The regular file `name` under `folder`; with `folders` it may be a folder, too.

    `origin` is said of a file that is not there. What lies outside is refused in the same words, there or not.

    Raises:
        SpecError: for absolute paths, `..`, links that leave the folder, devices, pipes, folders and URLs.
    """
    hint = "a spec names files in its own folder, or below it"
    if "\0" in name or "://" in name or name.startswith(("~", "\\")) or "\\" in name:
        raise refuse(f"{name!r} is not a file under the spec's folder", hint, mark)
    path = Path(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise refuse(f"{name!r} leaves the spec's folder", hint, mark)
    full = folder / path
    try:
        real, root = full.resolve(), folder.resolve()
    except (OSError, RuntimeError) as error:
        raise refuse(f"{name!r} cannot be followed: {error}", hint, mark) from None
    if not real.is_relative_to(root):
        raise refuse(f"{name!r} is a link that leaves the spec's folder", hint, mark)
    if not os.path.exists(real):
        raise refuse(f"there is no file {name!r} in the spec's folder", origin or f"looked in {root.name}", mark)
    if not real.is_file() and not (folders and real.is_dir()):
        raise refuse(f"{name!r} is not a regular file", hint, mark)
    return full
