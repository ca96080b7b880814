"""Small specs with files of data beside them, read as `train` reads them."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
import torch

from leporello.blocks.registry import registry
from leporello.graphs.graph import Graph
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_spec
from leporello.training.data.columns import Data, load_data
from leporello.training.feeding.batch import Batch

SERIES = "x: {features: $n}"
LABELLED = "text: {tokens: $characters}\n  label: {tokens: $labels, axis: none}"
PARALLEL = "source: {tokens: $a, axis: source}\n  target: {tokens: $b, axis: target}"
TAGGED = "words: {tokens: $words}\n  tags: {tokens: $tags}"


def spec_of(
    folder: Path, inputs: str, data: str, files: Mapping[str, str | bytes] | None = None, rest: str = ""
) -> Graph:
    """A spec of inputs alone, as YAML, with its `data:` and the files that it names."""
    for name, content in (files or {}).items():
        raw = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    nodes = rest or "nodes:\n  one: 1\noutputs:\n  y: one\n"
    text = f"spec: 1\nname: small\ninputs:\n  {inputs}\n{nodes}data:\n  {data}\n"
    return read_spec(text, registry(), str(folder / "small.yaml"))


def loaded(
    folder: Path, inputs: str, data: str, files: Mapping[str, str | bytes] | None = None, rest: str = ""
) -> Data:
    """The data of such a spec."""
    return load_data(spec_of(folder, inputs, data, files, rest))


def refusal(folder: Path, inputs: str, data: str, files: Mapping[str, str | bytes] | None = None) -> str:
    """What is said of data that are refused."""
    with pytest.raises(SpecError) as caught:
        loaded(folder, inputs, data, files)
    return str(caught.value)


def assert_same_batches(one: Iterable[Batch], other: Iterable[Batch]) -> None:
    """They hold the same, to the bit and in the same order."""
    for here, there in zip(one, other, strict=True):
        assert (here.steps, here.fresh, list(here.rows)) == (there.steps, there.fresh, list(there.rows))
        for of in ("inputs", "lengths", "known"):
            mine, theirs = getattr(here, of), getattr(there, of)
            assert list(mine) == list(theirs)
            for name in mine:
                assert mine[name].dtype == theirs[name].dtype
                assert torch.equal(mine[name], theirs[name]), name
        assert (here.counted is None) == (there.counted is None)
        assert here.counted is None or torch.equal(here.counted, there.counted)
