"""What is told of a run that is followed: all its scores, and samples as they were written."""

from __future__ import annotations

import pytest
from rich.console import Console, RenderableType

from leporello.training.runs.following import Follower, Record
from leporello.training.runs.run import EVENTS, Run
from leporello.tui.inks import THEMES
from leporello.tui.runs.comparison import own_curves, scores_of
from leporello.tui.runs.trainer import Trainer
from leporello.tui.widgets.progress import progress, samples

BEGUN = """\
{"event": "start", "name": "m", "weights": 3, \
"scores": [{"name": "bits", "words": "bits per character", "better": "lower"}, \
{"name": "exact", "words": "share of lines without a fault", "better": "higher"}], "training": {"updates": 9}}
{"event": "update", "update": 1, "bits": 3.0, "loss": 2.0, "truth": 0.75}
{"event": "validation", "update": 1, "bits": 2.5, "loss": 1.5, "exact": 0.25}
"""


@pytest.fixture
def trainer(tmp_path: object) -> Trainer:
    run = Run(tmp_path)  # type: ignore[arg-type]
    (run.folder / EVENTS).write_text(BEGUN)
    follower = Follower(run)
    follower.read()
    return Trainer(follower)


def lines_of(shown: RenderableType, width: int) -> str:
    """What it looks like in so many columns."""
    strips = Console(width=width).render_lines(shown, pad=False)
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (30, ["exact      0.250   share of", "           lines without a", "           fault"]),
        (
            23,
            ["exact      0.250", "           share of", "           lines", "           without a", "           fault"],
        ),
        (22, ["exact      0.250", "share of lines without", "a fault"]),
        (80, ["exact      0.250   share of lines without a fault"]),
    ],
)
def test_what_is_longer_than_a_line_goes_on_below_where_it_began(
    trainer: Trainer, width: int, lines: list[str]
) -> None:
    assert "\n".join(["", *lines, ""]) in lines_of(progress(trainer, THEMES[0]), width)


def test_every_score_is_told_and_how_much_truth_is_fed_back(trainer: Trainer) -> None:
    said = lines_of(progress(trainer, THEMES[0]), 80)
    assert "exact      0.250   share of lines without a fault" in said
    assert "truth      75%" in said
    assert "valid      2.500" in said


def test_a_score_that_only_validations_have_is_a_curve_of_validations(trainer: Trainer) -> None:
    assert ("exact", "share of lines without a fault") in scores_of(trainer.record)
    assert [(curve.name, curve.role) for curve in own_curves(trainer.record, "exact", True)] == [("valid", "valid")]
    assert [curve.name for curve in own_curves(trainer.record, "truth", False)] == ["train"]


def test_lines_of_a_translator_stay_lines_and_a_text_is_one() -> None:
    lines = Record(samples=[(5, "a → b\nc → d   (is e)")])
    assert samples(lines)[0].plain == "5  \na → b\nc → d   (is e)"
    text = Record(samples=[(5, "one\ntwo\x1b[2J")])
    assert samples(text)[0].plain == "5  one ⏎ two\\x1b[2J"
