"""The command line as a process of its own, with what it used: for inputs that must do no harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import check
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_file
from tests.support.asking import spec

PATIENCE = 60
"""Seconds after which a process hangs, on whatever machine."""

MEMORY = 200_000_000
"""Bytes that a spec may take, however bad it is."""

MEASURED = """
import atexit, json, os, runpy, sys, time
target = sys.argv.pop(1)
before = set(sys.modules)
def tell():
    with open("/proc/self/status") as status:
        peak = [int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM")]
    with open(target, "w") as out:
        json.dump({"memory": peak[0], "time": time.process_time(), "modules": sorted(set(sys.modules) - before)}, out)
if os.path.exists("/proc/self/status"):
    atexit.register(tell)
sys.argv[0] = "leporello"
runpy.run_module("leporello", run_name="__main__", alter_sys=True)
"""


GOOD = spec("h: {block: rnn, input: x, units: 4}")


@dataclass(frozen=True)
class Ended:
    """How a process ended, what it said, and what it used (memory in bytes, CPU time in seconds, modules)."""

    code: int
    out: str
    err: str
    memory: int
    time: float
    modules: frozenset[str]


def leporello(*arguments: str | Path, folder: Path) -> Ended:
    """Run the command line in a process, measured; `folder` is where the measurement is written."""
    measured = folder / "measured.json"
    measured.unlink(missing_ok=True)
    command = [sys.executable, "-c", MEASURED, str(measured), *map(str, arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "100"}
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE, env=environment, check=False)
    told = measured.read_text() if measured.exists() else '{"memory": 0, "time": 0.0, "modules": []}'
    used = json.loads(told)
    out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    return Ended(done.returncode, out, err, used["memory"], used["time"], frozenset(used["modules"]))


def check_refused(path: Path, *words: str) -> Ended:
    """`leporello check` refuses a file: the place, no traceback, little memory, nothing that a terminal obeys."""
    ended = leporello("check", path, folder=path.parent)
    assert ended.code == 2, ended
    assert ended.out == "" and "Traceback" not in ended.err
    assert f"{path}:" in ended.err
    for word in words:
        assert word in ended.err, ended.err
    assert all(character == "\n" or character.isprintable() for character in ended.err)
    assert ended.memory < MEMORY
    return ended


def fault(path: Path, *words: str) -> str:
    """What is said of a file that holds no model; there is a place in every problem."""
    with pytest.raises(SpecError) as caught:
        check(read_file(path, registry()), registry())
    for problem in caught.value.problems:
        assert "more problems" in problem.what or (problem.mark is not None and problem.mark.file == str(path))
    said = str(caught.value)
    for word in words:
        assert word in said, said
    return said


def bytes_of(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path
