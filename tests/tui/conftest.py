"""What all tests of the terminal UI share: nothing of it is written into the user's own folders, nor left running."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leporello.tui.runs.trainer import LEFT


@pytest.fixture(autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for what is remembered between sessions."""
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def no_process_left() -> Iterator[None]:
    """Runs go on when the screens close: a test ends those that it began, whichever way it looked at them last."""
    yield
    try:
        for begun in LEFT:
            begun.process.wait(30)
    finally:
        for begun in LEFT:
            begun.process.kill()
            begun.process.wait()
        LEFT.clear()
