"""The process that draws, within this one: a newer text ends what is drawn, and nothing else does."""

from __future__ import annotations

import io
import pickle
import signal
from collections.abc import Iterator

import pytest

from leporello.graphs.drawing.column.effort import Cancelled
from leporello.tui.pictures.wanted import About, Reply, Request, Wanted
from leporello.tui.pictures.worker import Worker


@pytest.fixture
def worker() -> Iterator[Worker]:
    said: list[Reply] = []
    made = Worker(said.append)
    before = signal.signal(signal.SIGINT, made.interrupt)
    yield made
    signal.signal(signal.SIGINT, before)


def heard(worker: Worker, *requests: Request, rest: bytes = b"") -> None:
    """What comes through the pipe, until it ends."""
    worker.listen(io.BytesIO(b"".join(map(pickle.dumps, requests)) + rest))


def test_a_newer_text_ends_a_picture_at_any_point(worker: Worker) -> None:
    with pytest.raises(Cancelled), worker.interruptible():
        heard(worker, Wanted(1, "", "a.yaml"))
        while True:
            pass
    assert not worker.drawing


@pytest.mark.parametrize("rest", [b"", b"no pickle"])
def test_so_does_the_end_of_whoever_asks(worker: Worker, rest: bytes) -> None:
    with pytest.raises(Cancelled), worker.interruptible():
        heard(worker, rest=rest)
        while True:
            pass
    worker.run()
    assert worker.ended


def test_what_is_not_drawn_goes_on(worker: Worker) -> None:
    heard(worker, Wanted(1, "", "a.yaml"))
    worker.interrupt()
    worker.take(worker.requests.get())
    assert worker.next is not None and not worker.renewed


def test_a_key_that_interrupts_and_a_question_end_nothing(worker: Worker) -> None:
    with worker.interruptible():
        signal.raise_signal(signal.SIGINT)
        worker.requests.put(About("h"))
        worker.watch("")
        assert worker.drawing
    assert not worker.drawing
