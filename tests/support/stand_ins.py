"""Small files in place of the data that an example names and that do not ship."""

from __future__ import annotations

import atexit
import io
import json
import math
import random
import shutil
import tarfile
import tempfile
import wave
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path


def _chorales(folder: Path) -> dict[str, str]:
    chance = random.Random(1)
    pieces = [[sorted(chance.sample(range(48, 84), 4)) for _ in range(chance.randint(6, 12))] for _ in range(20)]
    parts = {"train": pieces[:12], "valid": pieces[12:16], "test": pieces[16:]}
    (folder / "chorales.json").write_text(json.dumps(parts))
    return {"notes": str(folder / "chorales.json")}


def waves(samples: Iterable[int], rate: int = 8000, channels: int = 1, width: int = 2) -> bytes:
    """The bytes of a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(channels)
        written.setsampwidth(width)
        written.setframerate(rate)
        written.writeframes(b"".join(one.to_bytes(width, "little", signed=width > 1) for one in samples))
    return file.getvalue()


def tone(pitch: float, seconds: float, rate: int = 8000) -> list[int]:
    """A sine of so many hertz."""
    return [round(9000 * math.sin(2 * math.pi * pitch * place / rate)) for place in range(int(seconds * rate))]


def packed(path: Path, files: Mapping[str, bytes]) -> None:
    """A tar of files."""
    with tarfile.open(path, "w") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


def _digits(folder: Path) -> dict[str, str]:
    """Tones in place of words: the digit is the pitch."""
    chance = random.Random(2)
    paths = []
    for part, numbers in (("train", range(10, 16)), ("valid", range(5, 7)), ("test", range(2))):
        files = {
            f"{digit}_someone_{number}.wav": waves(tone(300 + 300 * digit, chance.uniform(0.1, 0.2)))
            for digit in range(10)
            for number in numbers
        }
        packed(folder / f"{part}.tar", files)
        paths.append(str(folder / f"{part}.tar"))
    return dict.fromkeys(("sound", "digit", "word"), ",".join(paths))


def _inputs(found: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: found[name] for name in names}


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
MADE: dict[str, Callable[[Path], dict[str, str]]] = {
    "music": _chorales,
    "spoken_digits": lambda folder: _inputs(_digits(folder), "sound", "digit"),
    "keyword": lambda folder: _inputs(_digits(folder), "sound", "word"),
    **dict.fromkeys(PARALLEL, _parallel),
}


@cache
def sources_for(example: str) -> Mapping[str, str]:
    """What `--data` would say for an example: files of the same format by input, made once."""
    if example not in MADE:
        return {}
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return MADE[example](folder)
