"""The examples in docstrings run and print what they say."""

from __future__ import annotations

import doctest
import importlib

import pytest

from tests.support.paths import ROOT

FOLDERS = ["leporello", "graphs", "blocks", "builder", "training", "tui"]


def modules_with_examples() -> list[str]:
    """The names of the package's modules whose text holds an example."""
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    places = [path.relative_to(ROOT) for path in files if ">>> " in path.read_text(encoding="utf-8")]
    parts = [place.with_suffix("").parts for place in places]
    named = [".".join(part if part[0] == "leporello" else ("leporello", *part)) for part in parts]
    return [name.removesuffix(".__init__") for name in named]


def failures(module: object) -> list[str]:
    """What the examples of a module print where it differs from what they say."""
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    tests = doctest.DocTestFinder(exclude_empty=True).find(module)
    assert any(test.examples for test in tests)
    for test in tests:
        runner.run(test, out=report.append)
    return report


@pytest.mark.parametrize("name", modules_with_examples())
def test_examples_hold(name: str) -> None:
    report = failures(importlib.import_module(name))
    assert not report, "".join(report)


def test_a_wrong_example_is_reported() -> None:
    class Wrong:
        """
        >>> 1 + 1
        3
        """

    assert "Expected:\n    3\nGot:\n    2\n" in "".join(failures(Wrong))
