"""The process that draws, within this one: a newer text ends what is drawn, and nothing else does."""

from __future__ import annotations

import io
import pickle
import signal
from collections.abc import Iterator

import pytest

from leporello.graphs.drawing.column.effort import Cancelled
from leporello.graphs.problems import Problem
from leporello.tui.pictures.painter import Painter
from leporello.tui.pictures.wanted import About, Drawn, Findings, Loop, Loops, Reply, Request, Wanted
from leporello.tui.pictures.worker import Worker
from leporello.tui.session.document import Document
from leporello.tui.session.session import Session
from tests.support.paths import EXAMPLES


@pytest.fixture
def said() -> list[Reply]:
    return []


@pytest.fixture
def worker(said: list[Reply]) -> Iterator[Worker]:
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


def test_problems_come_first_and_how_loops_run_behind_the_first_picture(worker: Worker, said: list[Reply]) -> None:
    text = (EXAMPLES / "elman.yaml").read_text(encoding="utf-8")
    worker.show(Wanted(1, text, "elman.yaml"))
    assert [type(reply) for reply in said] == [Findings, Drawn, Loops, Drawn]
    assert [reply.best for reply in said if isinstance(reply, Drawn)] == [False, True]
    session = Session(Document(None, text), Painter(), serial=1)
    seen = [(session.receive(reply), session.findings.loops) for reply in said[::2]]
    assert [loops and loops[0].kind for _, loops in seen] == [None, "fused"]
    worker.show(Wanted(2, text.replace("h:", "h: [", 1), "elman.yaml"))
    assert [type(reply) for reply in said[4:]][:1] == [Findings]
    assert not any(isinstance(reply, Loops) for reply in said[4:])


def test_of_the_text_before_it_is_told_until_it_is_known_of_this_one() -> None:
    session, loop = Session(Document(None, ""), Painter(), serial=1), Loop("fused", ("h",), "lstm")
    assert session.receive(Findings(1)) and session.receive(Loops(1, (loop,)))
    session.serial = 2
    assert not session.receive(Loops(1, ()))
    assert session.receive(Findings(2)) and session.findings.loops == (loop,)
    assert session.receive(Loops(2, ())) and session.findings.loops == ()
    assert session.receive(Findings(2, problems=(Problem("wrong"),))) and session.findings.loops is None
