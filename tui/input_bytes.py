"""Bytes that a terminal sends and that are no UTF-8 (mice of old protocols, a broken line) are passed over."""

from __future__ import annotations

import codecs
import os
from functools import partial


def tolerate() -> None:
    """Let textual's reader of a terminal's bytes replace what it cannot decode; left alone, one such byte ends it."""
    if os.name != "posix":
        return
    from textual.drivers import linux_driver

    def decoder(encoding: str) -> partial[codecs.IncrementalDecoder]:
        return partial(codecs.getincrementaldecoder(encoding), errors="replace")

    linux_driver.getincrementaldecoder = decoder  # type: ignore[attr-defined, assignment]
