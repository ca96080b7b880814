"""A language model written by hand with the interface of a compiled one, and a text that only a learner predicts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from leporello.graphs.composing.compose import compose
from leporello.graphs.composing.tree import Source
from leporello.graphs.expressions.tree import SizeName
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Node, Output, Time, Wire, freeze

RHYME = "the quick brown fox jumps over the lazy dog; "
TEXT = RHYME * 60
SETTINGS = {
    "batch": 4,
    "steps": 9,
    "rate": 0.01,
    "updates": 24,
    "seed": 3,
    "report_every": 2,
    "validate_every": 8,
    "checkpoint_every": 6,
}


class TinyModel(nn.Module):
    """A GRU over characters that shifts its input by itself; with dropout, so that random numbers matter."""

    def __init__(self, graph: Graph, characters: int, units: int = 24) -> None:
        super().__init__()
        self.graph = graph
        self.embedding = nn.Embedding(characters, 12)
        self.gru = nn.GRU(12, units, batch_first=True)
        self.dropout = nn.Dropout(0.1)
        self.out = nn.Linear(units, characters)

    def run(
        self, text: Tensor, lengths: None = None, state: dict[str, Tensor] | None = None
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        state = state or self.start(len(text))
        previous = torch.cat([state["text"][:, None], text[:, :-1]], 1)
        logits, h = self._predict(previous, state["h"])
        return {"next": logits}, {"text": text[:, -1], "h": h}

    def start(self, batch: int) -> dict[str, Tensor]:
        text = torch.zeros(batch, dtype=torch.int64)
        return {"text": text, "h": torch.zeros(batch, self.gru.hidden_size)}

    def step(self, inputs: dict[str, Tensor], state: dict[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        logits, h = self._predict(inputs["previous"][:, None], state["h"])
        return {"next": logits[:, 0]}, {**state, "h": h}

    def _predict(self, previous: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        y, last = self.gru(self.dropout(self.embedding(previous)), h[None])
        return self.out(y), last[0]


def language_model(file: str = "", **more: Any) -> Graph:
    """A graph as it is read, with the texts and settings of a spec."""
    own = Wire("logits", time=Time(offset=-1))
    nodes = (
        Node("text", "input", parameters={"tokens": SizeName("characters")}),
        Node("previous", "feedback", (("truth", Wire("text", time=Time(offset=-1))), ("own", own))),
        Node("logits", "linear", (("input", Wire("previous")),)),
    )
    given = {"data": {"text": {"file": "input.txt", "split": [0.8, 0.1, 0.1]}}, "training": SETTINGS, **more}
    values = {name: freeze(value) for name, value in given.items()}
    source = Source("spec: 1", file)
    return Graph("tiny", nodes, (Output("next", Wire("logits"), predicts="text"),), source=source, **values)


def as_if(graph: Graph, text: str) -> Graph:
    """The graph as if it had been read from this text."""
    return replace(graph, source=Source(text, graph.file, compose(text, graph.file)))


def with_text(folder: Path, text: str | bytes = TEXT, **more: Any) -> Graph:
    """The same with its text beside it in `folder`."""
    data = text.encode() if isinstance(text, str) else text
    (folder / "input.txt").write_bytes(data)
    return language_model(str(folder / "spec.yaml"), **more)
