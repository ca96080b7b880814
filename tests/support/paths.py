"""Where things are in the repository."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = ROOT / "examples"
PICTURES = ROOT / "tests" / "golden" / "drawing"
"""Specs and their golden pictures."""
SOURCES = ROOT / "tests" / "golden" / "source"
"""Golden sources."""
