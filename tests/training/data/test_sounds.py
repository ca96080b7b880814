"""Recordings: what is read of folders, tars and WAV files, their features against sums by hand, and what is refused."""

from __future__ import annotations

import cmath
import gzip
import io
import json
import math
import os
import tarfile
from array import array
from pathlib import Path
from typing import Any

import pytest

from leporello.blocks.registry import registry
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_spec
from leporello.training.data.columns import Data, load_data
from leporello.training.data.encoders import encoder_of
from leporello.training.data.recordings import Recording
from leporello.training.data.sounds import FAINT, Sounds
from tests.support.command_line import done
from tests.support.paths import EXAMPLES
from tests.support.stand_ins import packed, sources_for, tone, waves

SPEC = """
spec: 1
inputs: {sound: {features: 12}, word: {tokens: $words, axis: none}}
nodes:
  h: {block: gru, input: sound, units: 4}
  o: {block: linear, input: h(last), units: $words}
outputs: {said: {from: o, predicts: word}}
data:
  sound: {file: PLACE, as: sound, split: [0.5, 0.25, 0.25]}
  word: {file: PLACE, column: 1, split: [0.5, 0.25, 0.25]}
"""


def loaded(folder: Path, place: str, spec: str = SPEC) -> Data:
    return load_data(read_spec(spec.replace("PLACE", place), registry(), str(folder / "spec.yaml")))


def files(count: int = 8) -> dict[str, bytes]:
    return {f"{'yes' if n % 2 else 'no'}/somebody_{n}.wav": waves(tone(200 + 50 * n, 0.05)) for n in range(count)}


def in_folder(folder: Path, given: dict[str, bytes]) -> None:
    for name, data in given.items():
        (folder / "words" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "words" / name).write_bytes(data)


def test_a_folder_and_a_tar_are_the_same(tmp_path: Path) -> None:
    in_folder(tmp_path, files())
    (tmp_path / "words" / "README.txt").write_text("no recording")
    packed(tmp_path / "words.tar", {"licence": b"x", **files()})
    with tarfile.open(tmp_path / "words.tgz", "w:gz") as tar:
        tar.add(tmp_path / "words", "")
    found = [loaded(tmp_path, place) for place in ("words", "words.tar", "words.tgz")]
    assert len({str(one.columns["word"].parts) for one in found}) == 1
    assert len({one.columns["sound"].digest for one in found}) == 1
    assert [len(part) for part in found[0].columns["sound"].parts] == [4, 2, 2]
    assert set(found[0].columns["word"].parts[0]) <= {"yes", "no"}


@pytest.mark.parametrize(("width", "channels"), [(1, 1), (2, 1), (3, 1), (4, 1), (2, 2)])
def test_every_width_is_read(tmp_path: Path, width: int, channels: int) -> None:
    most = 1 << (8 * width - 1)
    samples = [0, most // 2, -most // 2, most - 1]
    shifted = [one + (128 if width == 1 else 0) for one in samples for _ in range(channels)]
    in_folder(tmp_path, {f"yes/a_{n}.wav": waves(shifted, 8000, channels, width) for n in range(4)})
    recording = loaded(tmp_path, "words").columns["sound"].parts[0][0]
    assert list(recording.samples) == samples
    assert (recording.rate, recording.peak) == (8000, most)


def by_hand(samples: list[float], sounds: Sounds) -> list[list[float]]:
    """Log-mel features as sums: windows, a discrete Fourier transform, triangles."""
    size, points = sounds.window, sounds.points
    hann = [0.5 - 0.5 * math.cos(2 * math.pi * n / size) for n in range(size)]
    window = [0.0] * ((points - size) // 2) + hann + [0.0] * (points - size - (points - size) // 2)
    padded = [0.0] * (points // 2) + samples + [0.0] * (points // 2)
    rows = []
    for start in range(0, len(padded) - points + 1, sounds.hop):
        part = [a * b for a, b in zip(padded[start : start + points], window, strict=True)]
        energy = [
            abs(sum(x * cmath.exp(-2j * math.pi * k * n / points) for n, x in enumerate(part))) ** 2
            for k in range(points // 2 + 1)
        ]
        rows.append(
            [math.log(max(sum(w * e for w, e in zip(band, energy, strict=True)), FAINT)) for band in sounds.bands]
        )
    return rows


def test_features_are_the_sums_of_a_textbook() -> None:
    sounds, samples = Sounds(1000, 4), [round(8000 * math.sin(n / 3) * math.cos(n / 11)) for n in range(60)]
    expected = by_hand([one / 32768 for one in samples], sounds)
    flat = [one for row in expected for one in row]
    mean = sum(flat) / len(flat)
    deviation = math.sqrt(sum((one - mean) ** 2 for one in flat) / len(flat))
    found = sounds.encode(Recording(1000, array("h", samples), 32768))
    assert list(found) == pytest.approx([(one - mean) / deviation for one in flat], abs=1e-3)


def test_bands_cover_all_frequencies_and_louder_is_the_same() -> None:
    sounds = Sounds(8000, 10)
    middle = [sum(band[place] for band in sounds.bands) for place in range(20, 100)]
    assert middle == pytest.approx([1.0] * 80)
    soft, loud = (Recording(8000, array("h", [one // 9 * times for one in tone(440, 0.1)]), 32768) for times in (1, 8))
    assert list(sounds.encode(soft)) == pytest.approx(list(sounds.encode(loud)), abs=0.5)
    assert encoder_of(sounds.to_json(), "f") == sounds
    assert len(sounds.encode(Recording(8000, array("h", [5]), 32768))) % 10 == 0


def test_pitches_are_told_apart(tmp_path: Path) -> None:
    sounds = Sounds(8000, 20)
    loudest = []
    for pitch in (250, 700, 1500, 3000):
        row = list(sounds.encode(Recording(8000, array("h", tone(pitch, 0.1)), 32768)))[100:120]
        loudest.append(row.index(max(row)))
    assert loudest == sorted(set(loudest))


def hostile(folder: Path, kind: str) -> str:
    """A place of recordings with something wrong in it."""
    good = files()
    match kind:
        case "link":
            in_folder(folder, good)
            os.symlink(folder / "words" / "no" / "somebody_0.wav", folder / "words" / "x_1.wav")
            return "words"
        case "empty":
            (folder / "words").mkdir()
            return "words"
        case "out" | "absolute" | "linked":
            with tarfile.open(folder / "w.tar", "w") as tar:
                member = tarfile.TarInfo({"out": "a/../../b.wav", "absolute": "/etc/b.wav", "linked": "b.wav"}[kind])
                member.type = tarfile.SYMTYPE if kind == "linked" else tarfile.REGTYPE
                member.linkname = "/etc/passwd" if kind == "linked" else ""
                tar.addfile(member, io.BytesIO())
            return "w.tar"
        case "cut":
            packed(folder / "w.tar", good)
            (folder / "w.tar").write_bytes((folder / "w.tar").read_bytes()[:1500])
            return "w.tar"
        case "no wave":
            packed(folder / "w.tar", {**good, "no/b_1.wav": b"RIFF no"})
        case "silent":
            packed(folder / "w.tar", {**good, "no/b_1.wav": waves([])})
        case "text":
            (folder / "w.txt").write_text("words")
            return "w.txt"
        case "pipe":
            os.mkfifo(folder / "w.tar")
    return "w.tar"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("link", "is a link"),
        ("empty", "has no file that ends in .wav"),
        ("out", "leads out of it"),
        ("absolute", "leads out of it"),
        ("linked", "is a link or a device"),
        ("cut", "cannot be read"),
        ("no wave", "no/b_1.wav is no WAV file"),
        ("silent", "no/b_1.wav has no samples"),
        ("text", "is not read as sound"),
        ("missing", "there is no file"),
        ("pipe", "not a regular file"),
    ],
)
def test_what_is_wrong_with_recordings_is_said(tmp_path: Path, kind: str, words: str) -> None:
    with pytest.raises(SpecError, match=words):
        loaded(tmp_path, hostile(tmp_path, kind))


def test_an_archive_that_grows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leporello.training.data.recordings.LARGEST", 4000)
    packed(tmp_path / "w.tar", files())
    (tmp_path / "w.tgz").write_bytes(gzip.compress((tmp_path / "w.tar").read_bytes()))
    with pytest.raises(SpecError, match=r"of recordings[\s\S]*gunzip"):
        loaded(tmp_path, "w.tgz")
    assert loaded(tmp_path, "w.tar")  # its files are read one by one
    monkeypatch.setattr("leporello.training.data.recordings.LARGEST", 400)
    with pytest.raises(SpecError, match="has more than 0 MiB"):
        loaded(tmp_path, "w.tar")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("column: 1", "column: 9", "1 no, 2 somebody"),
        (", column: 1", "", "add column"),
        ("as: sound", "as: notes", "no recordings|note|not"),
        ("features: 12", "features: 12, axis: none", "one value per sequence"),
    ],
)
def test_what_a_spec_may_not_say_of_them(tmp_path: Path, old: str, new: str, words: str) -> None:
    packed(tmp_path / "w.tar", files())
    with pytest.raises(SpecError, match=words):
        loaded(tmp_path, "w.tar", SPEC.replace(old, new))


def test_another_rate_is_refused_with_its_row(tmp_path: Path) -> None:
    from leporello.training.feeding.encoded import encode

    packed(tmp_path / "w.tar", {**files(), **{f"no/b_{n}.wav": waves(tone(300, 0.1), 16000) for n in range(20)}})
    columns: Any = loaded(tmp_path, "w.tar").columns
    with pytest.raises(SpecError, match=r"row \d+ of the \w+ part: it has (16,000|8,000) samples a second"):
        for part in range(3):
            encode(columns, part)


def test_the_example_is_shown_trained_and_asked(tmp_path: Path) -> None:
    spec, given = EXAMPLES / "spoken_digits.yaml", sources_for("spoken_digits")
    data = [part for name, paths in given.items() for part in ("--data", f"{name}={paths}")]
    [sound, digit] = json.loads(done("data", spec, *data, "--json"))
    assert (sound["as"], sound["size"], digit["size"]) == ("sound", 40, 10)
    assert sound["examples"][0]["text"].endswith(" s")
    quick = ["training.epochs=12", "training.batch=10", "training.rate=0.02", "training.validate_every=36"]
    said = [part for one in quick for part in ("--set", one)]
    done("train", spec, "--run", tmp_path / "run", *data, *said)
    assert json.loads(done("evaluate", tmp_path / "run", "--json"))["accuracy"] > 0.8
    (tmp_path / "what.wav").write_bytes(waves(tone(300 + 300 * 4, 0.15)))
    assert done("predict", tmp_path / "run", tmp_path / "what.wav").strip() == "4"
    done("predict", tmp_path / "run", given["sound"].split(",")[2])
