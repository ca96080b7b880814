"""The conformance test of a pack: its index, and each of its blocks used, compiled, compared, drawn and written."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

from leporello.blocks.packs.index import INDEX, Index
from leporello.blocks.packs.installed import Pack, named
from leporello.blocks.packs.writing import written_index
from leporello.blocks.registry import packs, registry
from leporello.builder.conformance.trial import Trial, trial, ways
from leporello.builder.conformance.tried import TRIED
from leporello.graphs.blocktypes import BlockType
from leporello.graphs.composing.texts import read_text
from leporello.graphs.frozen import frozen
from leporello.graphs.problems import SpecError

_IMPORTED = """
import importlib, sys
sys.path[:] = sys.argv[2:]
importlib.import_module(sys.argv[1])
sys.exit(3 if "torch" in sys.modules else 0)
"""


@frozen
class Finding:
    """What was tried of a pack or of one of its blocks, and what is wrong with it, if anything is."""

    name: str
    tried: str
    fault: str = ""


def conform(name: str) -> Iterator[Finding]:
    """All that is tried of the installed pack `name`, one after another.

    >>> [finding for finding in conform("cells") if finding.fault]  # doctest: +SKIP
    []

    Raises:
        SpecError: if there is no such pack.
    """
    pack = named(name)
    index = packs().index(pack)
    if not isinstance(index, Index):
        yield Finding(name, "its index is read", _told(index))
        return
    yield Finding(name, "its index is read")
    yield _tried(name, "its index is what --index writes", lambda: _index_fault(pack))
    if pack.attribute:
        yield _tried(name, "importing it loads no torch", lambda: _import_fault(pack))
    for block, error in index.faults.items():
        yield Finding(f"{name}/{block}", "its entry is read", _told(error))
    for block in index.entries:
        yield from _block(f"{name}/{block}")


def _block(name: str) -> Iterator[Finding]:
    kinds: list[BlockType] = []
    yield _tried(name, "it is found", lambda: kinds.append(registry().find(name)))
    for kind in kinds:
        for whole in ways(kind):
            yield from _use(kind, whole)


def _use(kind: BlockType, whole: bool) -> Iterator[Finding]:
    name = f"{kind.name} over a whole axis" if whole else kind.name
    trials: list[Trial] = []
    yield _tried(name, "a plain use of it checks", lambda: trials.append(trial(kind, whole)))
    for one in trials:
        for words, fault in TRIED.items():
            yield _tried(name, words, lambda one=one, fault=fault: fault(one))  # type: ignore[misc]


def _tried(name: str, words: str, fault: Callable[[], str | None]) -> Finding:
    """What `fault` finds; a test of code by others reports whatever ends it."""
    try:
        return Finding(name, words, fault() or "")
    except SpecError as error:
        return Finding(name, words, _told(error))
    except Exception as error:
        return Finding(name, words, f"{type(error).__name__}: {error}"[:500])


def _told(error: SpecError) -> str:
    return error.problems[0].what if error.problems else "it is broken"


def _index_fault(pack: Pack) -> str:
    assert pack.folder is not None
    same = read_text(pack.folder / INDEX) == written_index(pack)
    return "" if same else f"it is of another state: leporello blocks --index {pack.name}"


def _import_fault(pack: Pack) -> str:
    command = [sys.executable, "-c", _IMPORTED, pack.module, *sys.path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode == 3:
        return "torch is to be imported by what `evaluate` names, not before"
    return done.stderr.strip().rpartition("\n")[2] if done.returncode else ""
