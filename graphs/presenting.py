"""How a graph shows itself: ways that the layers above know, kept here so that a graph need not know them.

`leporello/__init__.py` fills the table; it is loaded before any module below it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

WAYS: dict[str, Callable[..., Any]] = {}
"""By name: `text`, `to_networkx`, `from_networkx`."""
