"""Runs whose curves are looked at beside those of the run that is followed; each has a colour that it keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from leporello.training.runs.following import Follower, Record
from leporello.training.runs.run import Run
from leporello.tui.runs.plotting import Curve, smoothed

BESIDE = (
    ("loss", "loss"),
    ("truth", "probability of the truth"),
    ("norm", "norm of the gradients"),
    ("rate", "learning rate"),
)
"""What is drawn over the updates beside the scores, and how it is called."""
COLOURS = 6
"""So many runs have a colour of their own."""


@dataclass
class Comparison:
    """Those that were marked, in the order in which they were."""

    marked: dict[Path, Follower] = field(default_factory=dict)
    numbers: dict[Path, int] = field(default_factory=dict)

    def role(self, folder: Path) -> str:
        """The colour of a run, by the name of its role.

        >>> colours = Comparison()
        >>> colours.role(Path("a")), colours.role(Path("b")), colours.role(Path("a"))
        ('run.0', 'run.1', 'run.0')
        """
        return f"run.{self.numbers.setdefault(folder, len(self.numbers)) % COLOURS}"

    def toggle(self, run: Run) -> bool:
        """Mark a run, or not any more; whether it is marked now."""
        if self.marked.pop(run.folder, None) is not None:
            return False
        self.marked[run.folder] = Follower(run)
        self.poll()
        return True

    def forget(self, folder: Path) -> None:
        """A run that is no more."""
        self.marked.pop(folder, None)

    def poll(self) -> bool:
        """Read what has come; whether anything is new."""
        news = [follower.read() for follower in self.marked.values()]
        return any(news)

    def curves(self, record: Record, followed: Path | None, score: str, smooth: bool) -> list[Curve]:
        """The curves of one score: of the marked runs one each, then all of the run that is followed."""
        found: list[Curve] = []
        for folder, follower in self.marked.items():
            if folder != followed and (points := _points(follower.record, score)):
                found.append(
                    Curve(
                        f"{folder.name} {_whose(follower.record, score)}",
                        smoothed(points) if smooth else points,
                        self.role(folder),
                    )
                )
        return found + own_curves(record, score, smooth)


def scores_of(record: Record) -> list[tuple[str, str]]:
    """What is drawn of a run, by name, and how it is called: its scores first; what it does not have is left out."""
    beside = [(name, words) for name, words in BESIDE if name in record.curves or name == "loss"]
    return [(str(score["name"]), str(score["words"])) for score in record.scores] + beside


def own_curves(record: Record, score: str, smooth: bool) -> list[Curve]:
    """The curves of one run: what it was trained with, its means, its validations."""
    found = []
    if _whose(record, score) == "valid":
        return [Curve("valid", points, "valid")] if (points := _points(record, score)) else []
    if points := _points(record, score):
        found.append(Curve("train", points, "raw" if smooth else "train", not smooth))
        found += [Curve("train, smoothed", smoothed(points), "train")] if smooth else []
    if score == record.score and (points := _points(record, "valid")):
        found.append(Curve("valid", points, "valid"))
    return found


def _whose(record: Record, score: str) -> str:
    """Where a score of a run comes from: what it was trained with, or its validations, which alone have some."""
    only_validated = score not in record.latest and any(score == one["name"] for one in record.scores[1:])
    return "valid" if only_validated else "train"


def _points(record: Record, score: str) -> Sequence[tuple[int, float]]:
    return record.curves[score].points if score in record.curves else ()
