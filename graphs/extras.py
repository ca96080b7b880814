"""Extras: packages that the plain install lacks, and how each is installed."""

from __future__ import annotations

from leporello.graphs.problems import Problem, visible


class LackingError(ImportError):
    """A package of an extra is not installed; `problem` says which, and how to install it."""

    def __init__(self, package: str, extra: str, who: str) -> None:
        self.problem = Problem(f"{who} needs {visible(package)}, which is not installed", installing(extra))
        super().__init__(str(self.problem), name=package)


def installing(extra: str) -> str:
    """How an extra is installed, from an index and in a clone.

    >>> installing("pictures")
    'pip install "leporello[pictures]", or in a clone of Leporello: pip install -e ".[pictures]"'
    """
    return f'pip install "leporello[{extra}]", or in a clone of Leporello: pip install -e ".[{extra}]"'
