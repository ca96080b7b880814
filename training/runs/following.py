"""What those who watch a run know of it: its events as they come, curves, scores, samples and how long it will take."""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from leporello.training.runs.run import EVENTS, Event, Run

MOST_POINTS = 4096
MOST_BYTES = 1 << 22
"""So much of the events is read at once: what writes without end must not keep a watcher from its keys."""
NO_CURVES = ("event", "time", "update", "seconds")
BITS = {"name": "bits", "words": "bits per character", "better": "lower"}
KEPT_LINES = 500


@dataclass
class Curve:
    """Values over updates. Neighbours are averaged where there would be too many, so that it stays small.

    >>> curve = Curve()
    >>> for update in range(3):
    ...     curve.add(update, float(update))
    >>> curve.points
    [(0, 0.0), (1, 1.0), (2, 2.0)]
    """

    points: list[tuple[int, float]] = field(default_factory=list)
    together: int = 1
    _open: list[tuple[int, float]] = field(default_factory=list)

    def add(self, update: int, value: float) -> None:
        """One more value; what is no number has no place in a curve."""
        if not math.isfinite(value):
            return
        self._open.append((update, value))
        if len(self._open) < self.together:
            return
        self.points.append(_mean(self._open))
        self._open.clear()
        if len(self.points) > MOST_POINTS:
            self.points = [_mean(self.points[at : at + 2]) for at in range(0, len(self.points), 2)]
            self.together *= 2

    def cut(self, update: int) -> None:
        """Forget what came after an update."""
        self.points = [point for point in self.points if point[0] <= update]
        self._open.clear()

    @property
    def last(self) -> float | None:
        """The newest value."""
        newest = self._open or self.points
        return newest[-1][1] if newest else None


def _mean(points: list[tuple[int, float]]) -> tuple[int, float]:
    return points[-1][0], sum(value for _, value in points) / len(points)


@dataclass
class Record:
    """All that the events of a run say so far."""

    name: str = ""
    weights: int = 0
    updates: int = 0
    update: int = 0
    training: Event = field(default_factory=dict)
    scores: tuple[Event, ...] = (BITS,)
    curves: dict[str, Curve] = field(default_factory=dict)
    latest: Event = field(default_factory=dict)
    best: tuple[int, float] | None = None
    test: float | None = None
    checkpoint: tuple[int, float] | None = None
    samples: list[tuple[int, str]] = field(default_factory=list)
    log: deque[Event] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    logged: int = 0

    def add(self, event: Event) -> None:
        """Take one event in; one that is not as ours are is passed over."""
        try:
            self._add(event)
        except (KeyError, TypeError, ValueError, OverflowError):
            return

    def _add(self, event: Event) -> None:
        update = int(event.get("update", self.update))
        match event["event"]:
            case "start":
                self.name, self.weights = str(event["name"]), int(event["weights"])
                self.training = dict(event["training"])
                self.updates = int(self.training["updates"])
                self.scores = tuple(map(_score, event.get("scores", ()))) or (BITS,)
            case "resume":
                self._go_back(update)
            case "update":
                for name in event:
                    if name not in NO_CURVES:
                        self.curves.setdefault(name, Curve()).add(update, float(event[name]))
                self.latest = event
            case "validation":
                found = float(event[self.score])
                self.curves.setdefault("valid", Curve()).add(update, found)
                for score in self.scores[1:]:
                    if score["name"] in event:
                        self.curves.setdefault(str(score["name"]), Curve()).add(update, float(event[score["name"]]))
                if event.get("best"):
                    self.best = update, found
            case "sample":
                self.samples.append((update, str(event["text"])))
            case "checkpoint":
                self.checkpoint = update, float(event["time"])
            case "test":
                self.test = float(event[self.score])
        self.update = update
        if event["event"] != "update":
            self.log.append(event)
            self.logged += 1

    def _go_back(self, update: int) -> None:
        """What was done after the checkpoint that a run goes on from is done again."""
        for curve in self.curves.values():
            curve.cut(update)
        self.samples = [sample for sample in self.samples if sample[0] <= update]

    @property
    def score(self) -> str:
        """The name of the score by which the run is judged."""
        return str(self.scores[0]["name"])

    @property
    def words(self) -> str:
        """What a person calls that score."""
        return str(self.scores[0]["words"])

    @property
    def done(self) -> float:
        """How much of the updates is done, from 0 to 1."""
        return min(self.update / self.updates, 1.0) if self.updates else 0.0

    def left(self) -> float | None:
        """Seconds until the last update at the speed of now, validations not counted; None before the first report."""
        try:
            return max(self.updates - self.update, 0) * float(self.latest["seconds"])
        except (KeyError, TypeError, ValueError):
            return None


def _score(said: Event) -> Event:
    return {"name": str(said["name"]), "words": str(said["words"]), "better": str(said["better"])}


@dataclass
class Follower:
    """Reads the events of a run as they are appended, and never a half-written one."""

    run: Run
    record: Record = field(default_factory=Record)
    offset: int = 0
    rest: bytes = b""

    def read(self) -> list[dict[str, Any]]:
        """The events that have come since, at most a few megabytes of them; also put into `record`."""
        try:
            with (self.run.folder / EVENTS).open("rb") as file:
                if file.seek(0, 2) < self.offset:  # another run has been put in its place
                    self.offset, self.rest, self.record = 0, b"", Record()
                file.seek(self.offset)
                data = file.read(MOST_BYTES)
        except OSError:
            return []
        self.offset += len(data)
        *lines, self.rest = (self.rest + data).split(b"\n")
        found = list(_events(lines))
        for event in found:
            self.record.add(event)
        return found


def _events(lines: Iterable[bytes]) -> Iterable[dict[str, Any]]:
    for line in lines:
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict):
            yield event
