"""The rows of the report: what was measured beside what is wanted, as a plain table or as JSON."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch

from benchmarks.runner import Comparison

NOISE = 0.02
"""torch against itself may differ by so much; beyond that the machine is too noisy for the other figures."""

HEAD = ("case", "unit", "ours", "theirs", "ratio", "quartiles", "wanted", "")


@dataclass(frozen=True)
class Row:
    """One measurement.

    `ours` and `theirs` are in `unit` (`theirs` is absent where nothing is compared), `rival` says what theirs is.
    `wanted` is the most that is wanted: of the ratio, or of ours where there is no ratio.
    """

    name: str
    unit: str
    ours: float
    theirs: float | None = None
    rival: str = ""
    ratio: float | None = None
    lower: float | None = None
    upper: float | None = None
    wanted: float | None = None

    @property
    def over(self) -> bool:
        """Whether more was measured than is wanted."""
        found = self.ours if self.ratio is None else self.ratio
        return self.wanted is not None and found > self.wanted


def compared(name: str, found: Comparison, rival: str, wanted: float | None) -> Row:
    """The row of two sides timed in pairs."""
    return Row(name, "ms", found.ours, found.theirs, rival, found.ratio, found.lower, found.upper, wanted)


def noisy(control: Row) -> bool:
    """Whether torch against itself differs by more than it may."""
    return control.ratio is None or abs(control.ratio - 1) > NOISE


def table(rows: Sequence[Row]) -> str:
    """The rows in columns, for people; a table of Markdown as well."""
    cells = [HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(c, widths, strict=True)) + " |" for c in cells]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def _cells(row: Row) -> tuple[str, ...]:
    theirs = "" if row.theirs is None else f"{row.theirs:.1f} ({row.rival})"
    ratio = "" if row.ratio is None else f"{row.ratio:.3f}"
    spread = "" if row.lower is None else f"{row.lower:.3f} to {row.upper:.3f}"
    wanted = "" if row.wanted is None else f"at most {row.wanted:g}"
    return row.name, row.unit, f"{row.ours:.1f}", theirs, ratio, spread, wanted, "over" if row.over else ""


def as_json(rows: Sequence[Row], conditions: dict[str, Any], control: Row | None) -> dict[str, Any]:
    """The same for programs."""
    listed = [{**asdict(row), "over": row.over} for row in rows]
    return {**conditions, "noisy": None if control is None else noisy(control), "rows": listed}


def conditions(pairs: int, clock: str) -> dict[str, Any]:
    """Where and how it was measured."""
    return {
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "pairs": pairs,
        "clock": clock,
        **({"card": torch.cuda.get_device_name()} if clock == "card" else {}),
    }
