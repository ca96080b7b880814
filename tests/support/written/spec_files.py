"""Specs that people wrote: the examples, published models, and specs of all kinds, as texts by name."""

from __future__ import annotations

from tests.support.paths import EXAMPLES, ROOT
from tests.support.written.spec_texts import SPECS

PUBLISHED = ROOT / "tests" / "specs" / "published"

WRITTEN = {
    path.stem: path.read_text(encoding="utf-8")
    for path in sorted([*EXAMPLES.glob("*.yaml"), *PUBLISHED.glob("*.yaml")])
}
"""The examples and fifteen published models."""
ALL = {**WRITTEN, **{f"kind {name}": text for name, text in SPECS.items()}}
