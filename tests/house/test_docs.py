"""The documents say what the program knows: their tables are those that it makes of its fields."""

from __future__ import annotations

import sys

import pytest

from leporello.graphs.reading.fields import COMMON
from leporello.training.settings import FIELDS
from tests.support.command_line import done
from tests.support.paths import ROOT

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
