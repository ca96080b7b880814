"""How a graph shows itself: ways that the layers above know, kept here so that a graph need not know them.

`leporello/__init__.py` fills the table; it is loaded before any module below it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

WAYS: dict[str, Callable[..., Any]] = {}
"""By name: `text`, `svg`, `to_networkx`, `from_networkx`."""


def shown_in_notebooks(shown: Any, text: str) -> dict[str, str]:
    """A text, and a picture where there is one: what is no model yet has none."""
    picture = WAYS["svg"](shown)
    return {"text/plain": text} | ({"image/svg+xml": picture} if picture else {})
