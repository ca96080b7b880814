"""Hypothesis strategies for random models: small specs, most of them valid, some broken on purpose."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.support.random_specs.bodies import Writer
from tests.support.random_specs.values import Promise, Value
from tests.support.random_specs.yaml import to_yaml

_Case = TypeVar("_Case")


def some(count: int) -> settings:
    """Samples of whole models and pictures: half of `count`, in a long campaign eight times it, and 300 at least."""
    many = max(300, 8 * count) if os.environ.get("HYPOTHESIS_PROFILE") == "long" else (count + 1) // 2
    return settings(max_examples=many, deadline=None, suppress_health_check=list(HealthCheck))


def thinned(cases: Iterable[_Case], start: int = 0, every: int = 2) -> list[_Case]:
    """Some of many cases that show the same thing, every second; all of them in a long campaign.

    What is tested on them is marked `thinned`.
    """
    return [*cases] if os.environ.get("HYPOTHESIS_PROFILE") == "long" else [*cases][start::every]


@dataclass(frozen=True)
class Sample:
    """A spec's text and the sequences that it is run on: `lengths` by axis, one for each sequence."""

    text: str
    lengths: Mapping[str, tuple[int, ...]]
    seed: int
    broken: str = ""

    @property
    def batch(self) -> int:
        """How many sequences there are."""
        return len(next(iter(self.lengths.values())))


def _inputs(draw: Any, tokens: bool) -> tuple[dict[str, Any], list[Value]]:
    """A few inputs: features or tokens, on one axis or two, or one per sequence."""
    inputs: dict[str, Any] = {"x": {"features": draw(st.integers(1, 4))}}
    values = [Value("x", "features", inputs["x"]["features"], "time")]
    if tokens and draw(st.integers(0, 2)):
        inputs["y"] = {"tokens": draw(st.integers(3, 5))}
        values.append(Value("y", "tokens", inputs["y"]["tokens"], "time"))
    if draw(st.integers(0, 4)) == 4:
        inputs["s"] = {"features": draw(st.integers(1, 4)), "axis": "source"}
        values.append(Value("s", "features", inputs["s"]["features"], "source"))
    if draw(st.integers(0, 4)) == 4:
        inputs["g"] = {"features": draw(st.integers(1, 4)), "axis": "none"}
        values.append(Value("g", "features", inputs["g"]["features"], None))
    return inputs, values


def _feedback(writer: Writer) -> Promise | None:
    """A model's own choice fed back in place of the truth."""
    truths = [value for value in writer.values if value.own == "time" and value.name in ("x", "y")]
    truth = writer.pick(truths)
    promise = writer.promise("time", -1, truth.kind, truth.size)
    name = writer.fresh("f")
    written = {"block": "feedback", "truth": f"{truth.name}(t-1)", "own": f"{promise.name}(t-1)"}
    writer.values = [value for value in writer.values if value.name != promise.name]
    writer.add(name, written, replace(promise.value, name=name))
    return promise


def _choose(writer: Writer, promise: Promise) -> None:
    """Define what is fed back: a choice among scores, or features."""
    limits: dict[str, Any] = {"open_": frozenset({promise.mark}), "carried": None}
    scores = writer.linear("time", promise.value.size, **limits)
    if promise.value.kind == "tokens":
        written: Any = {"block": "argmax", "input": scores.name}
    else:
        written = {"value": f"tanh({scores.name})"}
    value = replace(scores, kind=promise.value.kind, own="time", open=scores.open - {promise.mark}, bound=1.0)
    writer.finish(promise, written, value)


def _outputs(writer: Writer) -> dict[str, Any]:
    """The last node always, a few others, some of them late or joined."""
    names = [value for value in writer.values if not value.pending]
    chosen = [names[-1], *(writer.pick(names) for _ in range(writer.pick((1, 2, 3))))]
    outputs: dict[str, Any] = {}
    for i, value in enumerate(chosen, 1):
        late = writer.pick(("", "", "", "(t-1)", "(t+1)", "(last)")) if value.own and not value.carried else ""
        outputs[f"o{i}"] = value.name + late
    return outputs


BREAKS: Mapping[str, Mapping[str, Any]] = {
    "cycle": {"bad1": "x + bad3", "bad2": "tanh(bad1)", "bad3": "bad2 * 2"},
    "mixed": {"bad1": "x + bad2(t-1)", "bad2": "bad1(t+1) + bad1(t-2)"},
    "self": {"bad1": "x + bad1"},
    "size": {"bad0": {"block": "linear", "input": "x", "units": 5}, "bad2": ["bad0", "bad0"], "bad1": "bad0 + bad2"},
    "axis": {"bad1": {"value": "x + 1", "axis": "elsewhere"}},
    "name": {"bad1": "x + nowhere"},
    "static": {"bad0": "x(last)", "bad1": "bad0(t-1)"},
    "feedback": {"bad1": {"block": "feedback", "truth": "x", "own": "x(t-1)"}},
}
"""Nodes that make no model, by what is wrong with them."""


def _named_size(draw: Any, inputs: dict[str, Any], nodes: Mapping[str, Any]) -> dict[str, int]:
    """One size called `$n` wherever it stands, in one of four specs."""
    if draw(st.integers(0, 3)) < 3:
        return {}
    size = draw(st.integers(1, 4))
    for said, key in (*((item, "features") for item in inputs.values()), *((node, "units") for node in nodes.values())):
        if isinstance(said, dict) and said.get(key) == size:
            said[key] = "$n"
    return {"n": size}


@st.composite
def specs(draw: Any, broken: bool = True, fed: bool = True, tokens: bool = True) -> dict[str, Any]:
    """A spec as a mapping; `broken` lets about one of eight be spoilt, under the key `broken`."""
    inputs, values = _inputs(draw, tokens)
    writer = Writer(draw, values)
    writer.chooses = tokens
    promise = _feedback(writer) if fed and writer.chance(15) else None
    promises = len(writer.promises)
    clocks = [value.own for value in writer.values if value.own is not None]
    ways: dict[str, int] = {"time": -1} if promise else {}
    for _ in range(writer.pick((0, 1, 1, 2))):
        own = writer.pick(clocks)
        writer.promise(own, ways.setdefault(own, writer.pick((-1, 1, -1))))
    if any(value.kind == "tokens" for value in writer.values) and writer.chance(60):
        writer.tokens()
    for _ in range(writer.pick((2, 3, 4, 5))):
        writer.some()
    for open_ in writer.promises[promises:][:]:
        writer.keep(open_)
    if promise:
        _choose(writer, promise)
    if not writer.nodes:
        writer.linear("time", 2)
    outputs = _outputs(writer)
    spoilt = writer.pick(list(BREAKS)) if broken and writer.chance(12) else ""
    if spoilt:
        writer.nodes.update(BREAKS[spoilt])
        outputs["bad"] = "bad1"
    spec: dict[str, Any] = {"spec": 1, "name": "random", "inputs": inputs}
    sizes = _named_size(draw, inputs, writer.nodes)
    if sizes:
        spec["parameters"] = sizes
    if writer.blocks:
        spec["blocks"] = writer.blocks
    return {**spec, "nodes": writer.nodes, "outputs": outputs, "broken": spoilt}


@st.composite
def samples(draw: Any, broken: bool = False, fed: bool = True, tokens: bool = True) -> Sample:
    """A spec and the lengths of one to three sequences, of one to five steps."""
    spec = dict(draw(specs(broken=broken, fed=fed, tokens=tokens)))
    spoilt = spec.pop("broken")
    batch = draw(st.sampled_from((1, 2, 3, 2)))
    axes = sorted({"time", *(item.get("axis", "time") for item in spec["inputs"].values())} - {"none"})
    lengths = {axis: tuple(draw(st.integers(1, 5)) for _ in range(batch)) for axis in axes}
    return Sample(to_yaml(spec), lengths, draw(st.integers(0, 99)), spoilt)
