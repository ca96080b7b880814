"""The lessons without a screen: on by what stands in the model, back where that is gone, kept between sessions."""

from __future__ import annotations

from pathlib import Path

import pytest

from leporello.tui.assembly.bench import Bench
from leporello.tui.teaching.lessons import LESSONS, Seen
from leporello.tui.teaching.progress import keep, kept, place
from leporello.tui.teaching.tutor import Tutor
from tests.support.paths import EXAMPLES

WHOLE = (EXAMPLES / "char_lm.yaml").read_text(encoding="utf-8")
INPUT = "inputs:\n  text: {tokens: 5}\n"


def seen(text: str, **more: object) -> Seen:
    return Seen(Bench.of(text, "spec.yaml"), **more)  # type: ignore[arg-type]


def test_a_lesson_is_done_by_what_stands_in_the_model_and_comes_again_where_that_is_gone() -> None:
    tutor = Tutor()
    assert not tutor.look(seen("")) and tutor.at == 0
    assert tutor.look(seen(INPUT)) and tutor.at == 1
    assert not tutor.look(seen(INPUT))
    assert tutor.look(seen("")) and tutor.at == 0


def test_what_is_there_already_is_not_asked_for() -> None:
    tutor = Tutor()
    tutor.look(seen(WHOLE))
    assert tutor.lesson is not None and tutor.lesson.name == "Another size"  # its cell has 256 units


def test_an_output_that_passes_the_cell_by_is_not_yet_one() -> None:
    past = "nodes:\n  h: {block: lstm, input: text, units: 8}\n  y: {block: linear, input: text, units: 5}\n"
    wanted = next(lesson for lesson in LESSONS if lesson.name == "What comes out")
    outputs = "outputs:\n  next: {from: NODE, predicts: text}\n"
    assert not wanted.done(seen(INPUT + past + outputs.replace("NODE", "y")))
    assert wanted.done(seen(INPUT + past + outputs.replace("NODE", "h")))


def test_lessons_of_a_moment_are_not_asked_for_again() -> None:
    names = [lesson.name for lesson in LESSONS]
    tutor = Tutor(names.index("Unfolded"))
    assert tutor.look(seen(WHOLE, unfolded=True))
    assert tutor.look(seen(WHOLE))
    assert tutor.at == names.index("A file")
    tutor.look(seen(WHOLE, saved=True, learned=3, kept=True, written="a"))
    assert tutor.lesson is None
    assert tutor.look(seen("")) and tutor.at == 0


def test_it_is_taken_up_only_with_a_model_that_has_what_it_needs() -> None:
    later = Tutor(4)
    assert later.fits(seen(WHOLE)) and not later.fits(seen(INPUT)) and Tutor(0).fits(seen(""))


@pytest.mark.parametrize("text", ["{", "nodes: 5\n", "spec: 1\nnodes:\n  h: 5\n", "\x00", "a: [", "[1]", "5"])
def test_texts_that_are_no_specs_do_no_harm(text: str) -> None:
    tutor = Tutor()
    tutor.look(seen(text))
    assert tutor.at == 0


def test_how_far_one_has_come_is_kept(tmp_path: Path) -> None:
    assert kept() == (0, None)
    spec = tmp_path / "a.yaml"
    keep(LESSONS[3], spec)
    assert kept() == (3, None)  # the file is gone
    spec.write_text("")
    assert kept() == (3, spec)
    keep(None, spec)
    assert kept() == (0, None)


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"lesson": 5}', b'{"lesson": "x", "path": "a\\u0000"}', b"\xff"])
def test_a_damaged_file_means_the_beginning(data: bytes) -> None:
    place().parent.mkdir(parents=True, exist_ok=True)
    place().write_bytes(data)
    assert kept() == (0, None)
