"""Which way the weights of a run went while its text was edited, undone, typed in."""

from __future__ import annotations

from pathlib import Path

import pytest

from leporello.training.runs.run import SPEC, Run
from leporello.tui.assembly.restructuring import Rename
from leporello.tui.assembly.workbench import Workbench
from leporello.tui.runs.going_on import edited_since, moves_since
from leporello.tui.session.document import Document
from tests.support.paths import EXAMPLES

TEXT = (EXAMPLES / "elman.yaml").read_text(encoding="utf-8")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    (tmp_path / SPEC).write_text(TEXT)
    return Run(tmp_path)


def rename(document: Document, old: str, new: str) -> None:
    work = Workbench(document)
    work.apply(Rename(work.bench, old).made({"name": new}))


def test_moves_of_edits_are_followed_one_after_the_other(run: Run) -> None:
    document = Document(text=TEXT, saved=TEXT)
    assert not edited_since(run, document) and moves_since(run, document) == {}
    rename(document, "U", "V")
    document.rewrite(document.text + "# mine\n", "typing")
    rename(document, "V", "seen")
    assert edited_since(run, document)
    assert moves_since(run, document) == {"U/weight": "seen/weight", "U/bias": "seen/bias"}
    document.undo()
    assert moves_since(run, document) == {"U/weight": "V/weight", "U/bias": "V/bias"}
    document.redo()
    assert moves_since(run, document)["U/bias"] == "seen/bias"
    for _ in range(3):
        document.undo()
    assert not edited_since(run, document) and moves_since(run, document) == {}


def test_where_the_way_is_not_known_nothing_is_said(run: Run, tmp_path: Path) -> None:
    document = Document(text=TEXT.replace("elman", "other"))
    rename(document, "U", "V")
    assert edited_since(run, document) and moves_since(run, document) == {}
    (tmp_path / SPEC).write_bytes(b"\xff\xfe")
    assert not edited_since(run, document) and moves_since(run, document) == {}
    (tmp_path / SPEC).unlink()
    assert not edited_since(run, document) and moves_since(run, document) == {}
