"""The curves of runs as a picture: how the loss and each score went, of one run or of several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leporello.graphs.drawing.writers.svg_curves import Panel, Series, svg_curves
from leporello.graphs.problems import refuse
from leporello.training.runs.following import Follower, Record
from leporello.training.runs.run import Run

ACROSS = "updates"


def plotted(runs: Sequence[Run]) -> str:
    """An SVG with a panel for each score of the runs and one for their losses.

    Strong curves are of unseen data, pale ones of training. Raises SpecError for what is no run, and without runs.
    """
    if not runs:
        raise refuse("there are no runs to draw", "begin one: leporello train SPEC")
    records = [(run.folder.name, _record(run)) for run in runs]
    title = "curves of " + ", ".join(name for name, _ in records[:5]) + (", ..." if len(records) > 5 else "")
    return svg_curves(title, list(panels(records)))


def _record(run: Run) -> Record:
    run.facts()
    follower = Follower(run)
    while follower.read():
        pass
    return follower.record


def panels(records: Sequence[tuple[str, Record]]) -> Iterator[Panel]:
    """For each score the curves of the runs that have it; then the losses in training, where no score tells them."""
    scores: dict[str, str] = {}
    for _, record in records:
        scores |= {str(one["name"]): str(one["words"]) for one in record.scores if str(one["name"]) not in scores}
    for score, words in scores.items():
        curves = [curve for ink, one in enumerate(records) for curve in _of_score(*one, score, ink)]
        yield Panel(words, ACROSS, tuple(curves))
    losses = [
        Series(name, tuple(record.curves["loss"].points), ink)
        for ink, (name, record) in enumerate(records)
        if "loss" in record.curves and record.score not in record.curves
    ]
    yield Panel("loss in training", ACROSS, tuple(losses))


def _of_score(name: str, record: Record, score: str, ink: int) -> Iterator[Series]:
    """The curve of a score on unseen data, and that of the same in training where there is one."""
    if score not in [one["name"] for one in record.scores]:
        return
    main = score == record.score
    seen, unseen = record.curves.get(score if main else ""), record.curves.get("valid" if main else score)
    if seen is not None:
        yield Series(f"{name}, training", tuple(seen.points), ink, pale=unseen is not None)
    if unseen is not None:
        yield Series(name, tuple(unseen.points), ink)
