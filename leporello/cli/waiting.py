"""What a terminal says while a picture takes its time: nothing for a second, then what is being done."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from leporello.graphs.drawing.column.effort import Watch

PATIENCE = 1.0
"""So many seconds nothing is said."""


@contextmanager
def waiting(patience: float = PATIENCE) -> Iterator[Watch | None]:
    """Who is to be told what is being done for a picture; none where standard error is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    with ExitStack() as shown:
        start, status = time.monotonic(), None

        def tell(said: str) -> None:
            nonlocal status
            if status is None and time.monotonic() - start > patience:
                from rich.console import Console

                status = shown.enter_context(Console(stderr=True).status(""))
            if status is not None:
                from rich.text import Text

                status.update(Text(said))

        yield tell
