"""A block by itself: every one that can be chosen has a picture, one of the spec's own too, and one that is wrong."""

from __future__ import annotations

import pytest

from leporello.blocks.registry import registry
from leporello.graphs.drawing.column.canvas import Owner
from leporello.graphs.specs import try_check
from leporello.tui.pictures.specimen import specimen
from leporello.tui.pictures.wanted import Block, BlockDrawn, Reply, Wanted
from leporello.tui.pictures.worker import Worker

BLOCKS = registry()
OWN = """\
spec: 1
blocks:
  leaky:
    inputs: {x: {kind: features}}
    nodes:
      c: 0.9 * c(t-1) + x
    outputs: [c]
inputs: {x: {features: 3}}
nodes: {h: {block: leaky, x: x}}
outputs: {y: h}
"""


@pytest.mark.parametrize("name", sorted(kind.name for kind in BLOCKS.values() if not kind.operator))
def test_every_block_has_a_picture_with_its_ports(name: str) -> None:
    kind, picture = BLOCKS[name], specimen(BLOCKS[name], BLOCKS)
    lines = ["".join(piece.text for piece in row) for row in picture.rows(0, picture.height)]
    for port in kind.ports:
        assert any(port.name in line for line in lines)
        assert picture.place(Owner("box", port.name)) is not None
    assert any(f"( {kind.outputs[0]}" in line for line in lines) or name == "split"


def test_one_that_a_spec_defines_has_one_too_and_it_follows_the_text() -> None:
    said: list[Reply] = []
    worker = Worker(said.append)
    worker.take(Block("leaky"))
    worker.show(Wanted(1, OWN, "a.yaml"))
    worker.take(Block("leaky"))
    worker.take(Block("encoder"))
    worker.show(Wanted(2, OWN.replace("+ x", "+ tanh(x)"), "a.yaml"))
    worker.take(Block("leaky"))
    worker.take(Block("encoder"))
    none, first, shipped, second, again = (reply for reply in said if isinstance(reply, BlockDrawn))
    assert none.picture is None
    assert [reply.name for reply in (first, shipped, second)] == ["leaky", "encoder", "leaky"]
    for reply, formula in ((first, "0.9 * c(t-1) + x"), (second, "0.9 * c(t-1) + tanh(x)")):
        assert reply.picture is not None
        rows = reply.picture.rows(0, reply.picture.height)
        assert any(formula in "".join(piece.text for piece in row) for row in rows)
    assert shipped.picture is not None and shipped.picture is again.picture  # what ships is drawn once


@pytest.mark.parametrize("body", ["c: 0.9 * d(t-1) + x", "c: {block: lstn, input: x}", "c: 3 +", "c: c + x"])
def test_one_that_is_wrong_has_what_can_be_drawn_of_it_or_none(body: str) -> None:
    said: list[Reply] = []
    worker = Worker(said.append)
    text = OWN.replace("c: 0.9 * c(t-1) + x", body)
    assert try_check(text, BLOCKS)[1]
    worker.show(Wanted(1, text, "a.yaml"))
    worker.take(Block("leaky"))
    assert isinstance(said[-1], BlockDrawn)
