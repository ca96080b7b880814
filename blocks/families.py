"""Blocks with several bodies: which one stands for which parameters. Variants are files named `block-variant`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from leporello.graphs.problems import refuse


def rnn(parameters: Mapping[str, Any]) -> str:
    """By activation."""
    return "rnn-relu" if parameters["activation"] == "relu" else "rnn"


def lstm(parameters: Mapping[str, Any]) -> str:
    """By gates; a projection is for separate gates only."""
    gates, projection = parameters["gates"], parameters["projection"]
    if projection is not None and gates != "separate":
        raise refuse(f"an lstm with {gates} gates has no projection", "take projection: or gates: away")
    if projection is not None:
        return "lstm-projection"
    return "lstm" if gates == "separate" else f"lstm-{gates}"


def gru(parameters: Mapping[str, Any]) -> str:
    """By where the reset gate stands."""
    return "gru" if parameters["reset"] == "after" else "gru-before"


def attention(parameters: Mapping[str, Any]) -> str:
    """By score."""
    score = parameters["score"]
    return "attention" if score == "additive" else f"attention-{score}"


FAMILIES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "rnn": rnn,
    "lstm": lstm,
    "gru": gru,
    "attention": attention,
}
"""For each block with several bodies, the name of the file for its parameters."""
