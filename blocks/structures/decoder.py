"""The decoder: what it wrote last, layers of any cell, attention by a wiring, and a score for each word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from leporello.blocks.structures.asked import Said, attention, body_text, cell, count, dropped, joined, rate, written
from leporello.graphs.blocktypes import BlockType, Registry
from leporello.graphs.problems import refuse

Nodes = dict[str, str]


def decoder(said: Said, registry: Registry) -> str:
    """The body of a decoder."""
    made = _Decoder(said, cell(said, registry), attention(said, registry))
    nodes = {
        "previous": "{block: feedback, truth: target(t-1), own: choice(t-1)}",
        "embedded": "{block: embedding, input: previous, units: $embedding}",
    }
    made.nodes.update(nodes)
    hidden, *read = WIRINGS[str(said["wiring"])](made, dropped("embedded", said, made.nodes))
    made.readout(*read)
    outputs = {"logits": "logits", "hidden": hidden, "choice": "choice"}
    if made.attends:
        outputs |= {"context": "attention.context", "weights": "attention.weights"}
    return body_text(made.nodes, outputs)


@dataclass
class _Decoder:
    """The nodes of a decoder as they are written, each wiring its own."""

    said: Said
    cell: BlockType
    looks: BlockType
    nodes: Nodes = field(default_factory=dict)
    attends: bool = False

    def attend(self, query: str) -> str:
        """The context that a query finds."""
        space = "$units" if self.said.get("attention_units") is None else "$attention_units"
        own = {"units": space, "score": self.said["score"]}
        known = {name: value for name, value in own.items() if self.looks.parameter(name)}
        if self.said["score"] != "additive" and "score" not in known:
            raise refuse(f"{self.looks.name} has no score: {self.said['score']}", "take score: away")
        self.nodes["attention"] = written(self.looks.name, query=query, memory="memory", **known)
        self.attends = True
        return "attention.context"

    def layer(self, name: str, *read: str, **said: object) -> None:
        """A use of the cell."""
        self.nodes[name] = written(
            self.cell.name, **{self.cell.ports[0].name: joined(*read), "units": "$units", **said}
        )

    def cells(self, *read: str) -> str:
        """All layers, the lowest of which reads what is said."""
        more = {name: self.said.get(name) for name in ("layers", "residual")}
        self.layer(
            "cells",
            *read,
            **{name: count(more, name) for name in more if more[name] is not None},
            dropout=rate(self.said),
        )
        return "cells"

    def seen_by_all(self, lowest: str, context: str) -> str:
        """The layers above the lowest, of which each reads the context too, with residuals from the layer asked for."""
        layers, residual = count(self.said, "layers"), count(self.said, "residual", 0)
        if residual == 1:
            what = f"residual: 1 with wiring: {self.said['wiring']}, whose lowest layer asks"
            raise refuse(what, "residual: 2 or more")
        below = lowest
        for number in range(2, layers + 1):
            name = f"layer_{number}"
            self.layer(name, dropped(below, self.said, self.nodes), context)
            if residual and number >= residual:
                self.nodes[f"sum_{number}"] = f"{name} + {below}"
                name = f"sum_{number}"
            below = name
        return below

    def readout(self, *read: str) -> None:
        """A score for each word, by the vectors of the words themselves where these are tied."""
        read = (dropped(read[0], self.said, self.nodes), *read[1:])
        if self.said["tied"]:
            self.nodes["readout"] = written("linear", input=joined(*read), units="$embedding", bias=False)
            shared = "{weight: embedded.weight}"
            self.nodes["logits"] = written("linear", input="readout", units="$words", share=shared)
        else:
            self.nodes["logits"] = written("linear", input=joined(*read), units="$words")
        self.nodes["choice"] = "{block: argmax, input: logits}"


Wiring = Callable[[_Decoder, str], tuple[str, ...]]


def bahdanau(made: _Decoder, word: str) -> tuple[str, ...]:
    """The state before asks, and the context enters the cell."""
    context = made.attend("cells(t-1)")
    return made.cells(word, context), "cells", context, word


def luong(made: _Decoder, word: str) -> tuple[str, ...]:
    """The state asks, its answer is joined to it, and what comes of both is fed to the next step."""
    hidden = made.cells(word, "attentional(t-1)")
    context = made.attend(hidden)
    made.nodes["combined"] = written("linear", input=joined(context, hidden), units="$units", bias=False)
    made.nodes["attentional"] = "tanh(combined)"
    return hidden, "attentional"


def gnmt(made: _Decoder, word: str) -> tuple[str, ...]:
    """The lowest layer's state before asks, and the context enters every layer."""
    context = made.attend("layer_1(t-1)")
    made.layer("layer_1", word, context)
    top = made.seen_by_all("layer_1", context)
    return top, top


def gnmt_v2(made: _Decoder, word: str) -> tuple[str, ...]:
    """The lowest layer asks, which sees words alone, and the context enters every layer above it."""
    made.layer("layer_1", word)
    context = made.attend("layer_1")
    top = made.seen_by_all("layer_1", context)
    return top, top


def fixed(made: _Decoder, word: str) -> tuple[str, ...]:
    """One vector of the whole source, at every step."""
    return made.cells(word, "summary"), "cells", "summary", word


def none(made: _Decoder, word: str) -> tuple[str, ...]:
    """Nothing of the source but what the first state tells."""
    return made.cells(word), "cells"


WIRINGS: Mapping[str, Wiring] = {
    "bahdanau": bahdanau,
    "luong": luong,
    "gnmt": gnmt,
    "gnmt_v2": gnmt_v2,
    "fixed": fixed,
    "none": none,
}
"""Each writes its nodes, for where a word's vector is read, and gives the hidden state and what is read out of."""
