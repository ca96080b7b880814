"""The documents say what the program knows: their tables are those that it makes of its fields."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from leporello.graphs.reading.fields import COMMON
from leporello.training.data.columns import load_data
from leporello.training.settings import FIELDS
from tests.support.columns import spec_of
from tests.support.command_line import done
from tests.support.paths import ROOT
from tests.support.stand_ins import packed, tone, waves

sys.path.insert(0, str(ROOT / "docs"))

import tables


def test_the_tables_of_the_language_are_those_of_the_fields() -> None:
    page = tables.PAGE.read_text(encoding="utf-8")
    assert tables.written(page) == page, "run make tables"
    for fields in tables.TABLES.values():
        assert all(field.help for field in fields)


def test_a_page_without_a_place_for_a_table_is_refused() -> None:
    with pytest.raises(SystemExit, match="no place for the table"):
        tables.written("nothing")


def test_help_names_every_field() -> None:
    told, listed = done("train", "--help"), done("blocks")
    assert all(f"  {field.name} " in told and field.help[:20] in told for field in FIELDS)
    assert all(f"  {field.name} " in listed for field in COMMON)


ROWS = range(40)
FILES: dict[str, str | bytes] = {
    "input.txt": "a text of some length " * 20,
    "reviews.csv": "review,stars\n" + "".join(f"good,{n % 5}\n" for n in ROWS),
    "tagged.jsonl": "\n".join(json.dumps({"words": ["a", "dog"], "tags": ["D", "N"]}) for _ in ROWS),
    "weather.csv": "temperature,wind,hour,weekday\n" + "".join(f"{n},{n % 3},{n % 24},{n % 7}\n" for n in ROWS),
    "pairs.tsv": "ein Hund\ta dog\n" * 40,
    "chorales.json": json.dumps([[[60, 64], [67]]] * 40),
}
RECORDINGS = {f"{digit}_jackson_{digit}.wav": waves(tone(300, 0.05)) for digit in range(2)}
INPUTS = {
    "text": "{tokens: $characters}",
    "label": "{tokens: $labels, axis: none}",
    "words": "{tokens: $words}",
    "tags": "{tokens: $tags}",
    "x": "{features: 2}",
    "source": "{tokens: $a, axis: source}",
    "target": "{tokens: $b, axis: target}",
    "notes": "{features: 88, kind: binary}",
    "calendar": "{features: 2}",
    "sound": "{features: 40}",
    "word": "{tokens: $said, axis: none}",
}


def data_blocks() -> list[str]:
    """What stands under `data:` in the examples of the language's page, each without its first line."""
    section = tables.PAGE.read_text(encoding="utf-8").partition("## Data\n")[2].partition("\n## ")[0]
    return re.findall(r"^    data:.*\n((?:      .*\n)+)", section, re.MULTILINE)


@pytest.mark.parametrize("block", data_blocks())
def test_the_examples_of_data_are_read(block: str, tmp_path: Path) -> None:
    names = re.findall(r"^      (\w+):", block, re.MULTILINE)
    for part in ("train", "valid", "test") if ".tar" in block else ():
        packed(tmp_path / f"{part}.tar", RECORDINGS)
    inputs = "\n  ".join(f"{name}: {INPUTS[name]}" for name in names)
    data = load_data(spec_of(tmp_path, inputs, block.strip().replace("\n      ", "\n  "), FILES))
    assert list(data.columns) == names
    assert all(column.encoder.size > 1 for column in data.columns.values())


def test_there_are_examples_of_every_kind_of_data() -> None:
    assert len(data_blocks()) == 8
