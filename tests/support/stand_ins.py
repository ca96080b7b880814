"""Small files in place of the data that an example names and that do not ship."""

from __future__ import annotations

import atexit
import json
import random
import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path


def _chorales(folder: Path) -> dict[str, str]:
    chance = random.Random(1)
    pieces = [[sorted(chance.sample(range(48, 84), 4)) for _ in range(chance.randint(6, 12))] for _ in range(20)]
    parts = {"train": pieces[:12], "valid": pieces[12:16], "test": pieces[16:]}
    (folder / "chorales.json").write_text(json.dumps(parts))
    return {"notes": str(folder / "chorales.json")}


def _parallel(folder: Path) -> dict[str, str]:
    chance = random.Random(1)
    words = {"source": ("eins", "zwei", "drei", "."), "target": ("one", "two", "three", ".")}
    parts = [[chance.choices(range(4), k=chance.randint(1, 7)) for _ in range(many)] for many in (40, 8, 8)]
    found = {}
    for side, names in words.items():
        files = [folder / f"{part}.{side}" for part in ("train", "valid", "test")]
        for file, rows in zip(files, parts, strict=True):
            file.write_text("".join(" ".join(names[one] for one in row) + "\n" for row in rows))
        found[side] = ",".join(map(str, files))
    return found


PARALLEL = ("translate", "translate_fixed", "gnmt", "gnmt_v2")
MADE: dict[str, Callable[[Path], dict[str, str]]] = {"music": _chorales, **dict.fromkeys(PARALLEL, _parallel)}


@cache
def sources_for(example: str) -> Mapping[str, str]:
    """What `--data` would say for an example: files of the same format by input, made once."""
    if example not in MADE:
        return {}
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return MADE[example](folder)
