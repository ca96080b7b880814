"""The process that draws: real ones, asked over real pipes, killed and begun again."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from leporello.tui.pictures.painter import Painter
from leporello.tui.pictures.wanted import About, Drawn, Export, Exported, Facts, Failed, Findings, Reply, Shown, Wanted
from tests.support.paths import EXAMPLES

ELMAN = (EXAMPLES / "elman.yaml").read_text(encoding="utf-8")
PATIENCE = 60.0


class Asked:
    """A painter, and what it has said."""

    def __init__(self) -> None:
        self.said: queue.Queue[Reply] = queue.Queue()
        self.painter = Painter(self.said.put)

    def until(self, kind: type, serial: int | None = None) -> Reply:
        """The first reply of a kind."""
        end = time.monotonic() + PATIENCE
        while True:
            reply = self.said.get(timeout=max(end - time.monotonic(), 0.01))
            if isinstance(reply, kind) and (serial is None or getattr(reply, "serial", None) == serial):
                return reply


@pytest.fixture
def asked() -> Iterator[Asked]:
    made = Asked()
    yield made
    made.painter.close()


def test_findings_come_first_then_a_picture_then_the_best(asked: Asked) -> None:
    asked.painter.ask(Wanted(1, ELMAN, "elman.yaml"))
    found = asked.until(Findings)
    assert isinstance(found, Findings)
    assert (found.serial, found.name, found.problems) == (1, "elman", ())
    first, best = asked.until(Drawn), asked.until(Drawn)
    assert isinstance(first, Drawn) and isinstance(best, Drawn)
    assert (first.best, best.best) == (False, True)
    asked.painter.ask(About("h"))
    facts = asked.until(Facts)
    assert isinstance(facts, Facts)
    assert facts.line == ELMAN.splitlines().index("  h: tanh(U + W)") + 1


SIDES = """\
spec: 1
inputs: {x: {features: 8}}
nodes:
  left: x + x
  right: x * x
outputs: {a: left, b: right}
"""


def test_what_an_edit_leaves_keeps_its_place_among_the_others_until_it_is_drawn_afresh(asked: Asked) -> None:
    def order(serial: int, text: str, afresh: bool = False) -> list[str]:
        asked.painter.ask(Wanted(serial, text, "sides.yaml", afresh=afresh))
        drawn = asked.until(Drawn, serial)
        assert isinstance(drawn, Drawn)
        asked.until(Drawn, serial)
        near = drawn.picture.near
        return sorted(("left", "right"), key=lambda path: near[path])

    lines = SIDES.splitlines(keepends=True)
    turned = "".join([*lines[:3], lines[4], lines[3], *lines[5:]])
    assert order(1, SIDES) == ["left", "right"]
    assert order(2, turned) == ["left", "right"]
    assert order(3, turned, afresh=True) == ["right", "left"]
    assert order(4, SIDES) == ["right", "left"]


def test_of_many_texts_the_last_one_is_drawn(asked: Asked) -> None:
    for serial in range(1, 41):
        asked.painter.ask(Wanted(serial, ELMAN + "#" * serial, "elman.yaml", Shown(3)))
    drawn = asked.until(Drawn, 40)
    assert isinstance(drawn, Drawn)
    assert drawn.shown.steps == 3


def test_one_that_is_killed_is_begun_again_with_the_same_text(asked: Asked) -> None:
    asked.painter.ask(Wanted(1, ELMAN, "elman.yaml"))
    asked.until(Drawn)
    process = asked.painter.process
    assert process is not None
    process.kill()
    failed = asked.until(Failed)
    assert isinstance(failed, Failed)
    assert "begun again" in failed.what
    assert asked.until(Drawn, 1)
    asked.painter.ask(Wanted(2, ELMAN + "# more", "elman.yaml"))
    assert asked.until(Drawn, 2)


def test_a_closed_one_leaves_no_process(asked: Asked) -> None:
    asked.painter.ask(Wanted(1, ELMAN, "elman.yaml"))
    asked.until(Findings)
    process = asked.painter.process
    assert process is not None
    asked.painter.close()
    assert process.poll() is not None
    asked.painter.ask(Wanted(2, ELMAN, "elman.yaml"))
    assert asked.painter.process is None


def test_what_is_seen_is_written_to_a_file(asked: Asked, tmp_path: Path) -> None:
    asked.painter.ask(Wanted(1, ELMAN, "elman.yaml"))
    asked.until(Drawn)
    target = tmp_path / "elman.svg"
    asked.painter.ask(Export(str(target), Shown(3), dark=True))
    assert asked.until(Exported) == Exported(str(target))
    assert target.read_text().startswith("<svg")
    for wrong in ("elman.gif", "nowhere/elman.svg", ""):
        asked.painter.ask(Export(str(tmp_path / wrong), Shown()))
        assert asked.until(Failed)
    asked.painter.ask(Wanted(2, "nodes:", "elman.yaml"))
    asked.until(Findings, 2)
    asked.painter.ask(Export(str(target), Shown()))
    failed = asked.until(Failed)
    assert isinstance(failed, Failed)
    assert "mend it first" in failed.what
