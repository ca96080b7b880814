"""Where things are in the repository."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = ROOT / "examples"
PICTURES = ROOT / "tests" / "golden" / "drawing"
"""Specs and their golden pictures."""
LARGE = ("gnmt", "gnmt_v2", "pointer", "reverse", "spell", "translate", "translate_fixed")
"""Examples that take seconds when they are opened to the bottom, as `dates` is: at one depth of each will do."""
SOURCES = ROOT / "tests" / "golden" / "source"
"""Golden sources."""
