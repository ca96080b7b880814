"""A second distribution, built and installed once, and what finds it in this process."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.packs import indexed, installed, written


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source tree of a pack, its index written by the command."""
    return indexed(written(tmp_path_factory.mktemp("pack") / "source"))


@pytest.fixture(scope="session")
def site(source: Path) -> Path:
    """A folder in which the wheel of that pack is installed."""
    return installed(source, source.parent / "site")


@pytest.fixture
def using(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Makes what is installed in a folder known to this process, for one test."""

    def forget() -> None:
        for name in [name for name in sys.modules if name.partition(".")[0].endswith("_pack")]:
            del sys.modules[name]
        importlib.invalidate_caches()

    def use(site: Path) -> None:
        monkeypatch.syspath_prepend(site)
        forget()

    forget()
    yield use
    forget()
