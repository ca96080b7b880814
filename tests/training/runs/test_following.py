"""A run as those see it who watch: curves, what is done again, half-written lines, and what is no event."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from leporello.training.runs.following import MOST_POINTS, Curve, Follower, Record
from leporello.training.runs.run import EVENTS, Run
from tests.support.strategies import some

START = {"event": "start", "update": 0, "name": "m", "weights": 7, "training": {"updates": 100, "batch": 2, "steps": 5}}


def update(number: int, **values: Any) -> dict[str, Any]:
    return {"event": "update", "update": number, "loss": 1.0 / number, "seconds": 0.5, **values}


def recorded(*events: dict[str, Any]) -> Record:
    record = Record()
    for event in events:
        record.add(event)
    return record


def test_a_record_says_how_far_how_good_and_how_long() -> None:
    best = {"event": "validation", "update": 10, "bits": 2.5, "best": True}
    worse = {"event": "validation", "update": 20, "bits": 2.6, "best": False}
    record = recorded(START, update(10), best, update(20), worse)
    assert (record.name, record.weights, record.update, record.done) == ("m", 7, 20, 0.2)
    assert record.best == (10, 2.5)
    assert record.curves["loss"].points == [(10, 0.1), (20, 0.05)]
    assert record.curves["valid"].points == [(10, 2.5), (20, 2.6)]
    assert record.left() == 80 * 0.5


def test_what_is_done_again_is_not_seen_twice() -> None:
    sample = {"event": "sample", "update": 20, "text": "abc"}
    record = recorded(START, update(10), update(20), sample, {"event": "resume", "update": 10}, update(20, loss=7.0))
    assert record.curves["loss"].points == [(10, 0.1), (20, 7.0)]
    assert record.samples == []


def test_what_is_no_event_of_ours_is_passed_over() -> None:
    bad: list[dict[str, Any]] = [
        {},
        {"event": "start"},
        {"event": "start", "update": 0, "name": "m", "weights": "many", "training": {}},
        {"event": "update", "update": "soon", "loss": 1},
        {"event": "update", "update": 3, "loss": [1]},
        {"event": "validation", "update": 3, "bits": None},
        {"event": "update", "update": float("inf"), "loss": 1},
    ]
    record = recorded(START, *bad, update(10))
    assert record.curves["loss"].points == [(10, 0.1)]
    assert recorded(update(1, loss=float("nan"))).curves["loss"].points == []


@some(50)
@given(st.integers(1, 40_000), st.integers(0, 5))
def test_a_curve_stays_small_and_keeps_its_mean(length: int, start: int) -> None:
    curve = Curve()
    for number in range(start, start + length):
        curve.add(number, float(number))
    updates = [update for update, _ in curve.points]
    assert len(updates) <= MOST_POINTS
    assert updates == sorted(set(updates))
    assert curve.last is not None
    assert abs(curve.last - (start + length - 1)) <= curve.together


def test_events_are_read_as_they_come_and_never_by_halves(tmp_path: Path) -> None:
    follower, file = Follower(Run(tmp_path)), tmp_path / EVENTS
    assert follower.read() == []
    whole = (json.dumps(START) + "\n" + json.dumps(update(10)) + "\n").encode()
    for end in range(len(whole) + 1):
        file.write_bytes(whole[:end])
        follower.read()
    assert follower.record.curves["loss"].points == [(10, 0.1)]
    with file.open("ab") as events:
        events.write(b"\xff{broken\n[1, 2]\n" + json.dumps(update(20)).encode() + b"\n")
    assert [event["update"] for event in follower.read()] == [20]


def test_another_run_in_its_place_is_read_from_its_beginning(tmp_path: Path) -> None:
    follower, file = Follower(Run(tmp_path)), tmp_path / EVENTS
    file.write_text("".join(json.dumps(update(number)) + "\n" for number in (10, 20, 30)))
    follower.read()
    file.write_text(json.dumps(update(1)) + "\n")
    follower.read()
    assert follower.record.curves["loss"].points == [(1, 1.0)]
