"""Installed packs: which distributions bring one, and the folder of each, found without importing anything of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from leporello.graphs.frozen import frozen
from leporello.graphs.names import LONGEST, NAME
from leporello.graphs.problems import Mark, refuse, suggest

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

BLOCKS = "leporello.blocks"
"""The group of entry points of packs of blocks; packs of other things have groups of their own."""
CHOSEN = "LEPORELLO_PACKS"
"""The environment variable that names the packs to be used, with commas between them; empty for none."""


@frozen
class Pack:
    """A pack: a name under which a distribution offers a folder of a package of its own.

    `module` and `attribute` are where its Python registrations stand, if it has some. `fault` says why it is set aside,
    `hint` how to mend that; then there may be no folder.
    """

    name: str
    origin: str
    module: str = ""
    attribute: str = ""
    folder: Path | None = None
    fault: str = ""
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.origin})"


def installed(group: str = BLOCKS) -> Mapping[str, Pack]:
    """The packs by name, those that are set aside too, as `LEPORELLO_PACKS` chooses."""
    return _installed(group, os.environ.get(CHOSEN), tuple(sys.path))


def named(name: str, mark: Mark | None = None) -> Pack:
    """The installed pack of that name; SpecError if there is none."""
    known = installed()
    if name not in known:
        chosen = os.environ.get(CHOSEN)
        more = "" if chosen is None else f" ({CHOSEN} is {chosen!r})"
        hint = "blocks of a pack are named pack/block; " + suggest(name, known, "installed packs") + more
        raise refuse(f"no pack {name!r} is installed", hint, mark)
    return known[name]


@cache
def _installed(group: str, chosen: str | None, path: tuple[str, ...]) -> Mapping[str, Pack]:
    if chosen is not None and not chosen.strip():
        return {}
    from importlib.metadata import entry_points  # takes longer than a small spec takes to be checked

    wanted = None if chosen is None else {name.strip() for name in chosen.split(",")}
    found: dict[str, list[EntryPoint]] = {}
    for entry in entry_points(group=group):
        if wanted is None or entry.name in wanted:
            found.setdefault(entry.name, []).append(entry)
    return {name: _pack(found[name]) for name in sorted(found)}


def _pack(entries: list[EntryPoint]) -> Pack:
    """The pack of one entry point; several of one name are no pack, since nothing says which is meant."""
    entry, origins = entries[0], sorted({_origin(entry) for entry in entries})
    if not entry.pattern.match(entry.value):
        hint = "it names a package, or MODULE:ATTRIBUTE"
        return Pack(entry.name, origins[0], fault=f"its entry point {entry.value[:80]!r} is none", hint=hint)
    if len(entries) > 1:
        brought = " and ".join(origins)
        hint = "uninstall one of them" if len(origins) > 1 else "one distribution has one pack of a name"
        return Pack(entry.name, brought, fault=f"it is brought by {brought}", hint=hint)
    plain = Pack(entry.name, origins[0], entry.module, entry.attr)
    if not NAME.match(entry.name) or len(entry.name) > LONGEST:
        hint = "a pack's name is a letter of a to z, then letters, digits, _"
        return Pack(entry.name, origins[0], fault=f"{entry.name[:80]!r} is no pack's name", hint=hint)
    folder = _folder(entry)
    if folder is None:
        what = f"its package {entry.module} is no folder that can be read without importing it"
        hint = "a pack is a package of its own, installed as files (not in an archive, not made by an import hook)"
        return Pack(entry.name, origins[0], entry.module, entry.attr, None, what, hint)
    return Pack(plain.name, plain.origin, plain.module, plain.attribute, folder)


def _origin(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist is not None else "an unknown distribution"


def _folder(entry: EntryPoint) -> Path | None:
    """The folder of the package that an entry point names, or in which the module that it names stands.

    A wheel lies beside what is known of it. Of an editable installation only the finders of imports know where it lies:
    those are asked for the outermost package, which imports nothing.
    """
    first, *rest = entry.module.split(".")
    if not all(part.isidentifier() for part in (first, *rest)):
        return None
    beside = str(entry.dist.locate_file(first)) if entry.dist is not None else ""
    for top in filter(None, (beside, *_found_by_import(first))):
        place = Path(top, *rest)
        if place.is_dir():
            return place
        if rest and place.with_suffix(".py").is_file():
            return place.parent
    return None


def _found_by_import(package: str) -> list[str]:
    from importlib.util import find_spec

    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        return []
    return list(spec.submodule_search_locations or ()) if spec is not None else []
