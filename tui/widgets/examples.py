"""The first examples of the data of a model, in lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from leporello.graphs.problems import visible

LONGEST = 160


def examples_of(told: Sequence[Mapping[str, Any]]) -> Text:
    """What is told of each input: how much there is of it, and the first examples."""
    return Text("\n").join(line for one in told for line in _input(one))


def _input(one: Mapping[str, Any]) -> Iterator[Text]:
    size = f"{one.get('size', 0):,} " + ("features" if one.get("as") in ("numbers", "notes") else "symbols")
    yield Text.assemble((visible(str(one.get("input", ""))), "bold"), f"   {visible(str(one.get('as', '')))}, {size}")
    for what in ("sequences", "steps"):
        if isinstance(counts := one.get(what), Mapping):
            yield Text(f"{what}: " + ", ".join(f"{part} {count:,}" for part, count in counts.items()), "dim")
    for example in one.get("examples", ()):
        yield Text("  " + visible(str(example.get("text", "")).replace("\n", "⏎"), LONGEST))
