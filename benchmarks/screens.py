"""The terminal UI from outside, as bytes in a pseudo-terminal: first paint, from a key to its repaint, memory.

Beside that what its process that checks computes until problems are told.
"""

from __future__ import annotations

import gc
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from leporello.examples import examples
from leporello.tui.pictures.findings import findings, read
from leporello.tui.pictures.worker import UNCOLLECTED
from tests.support.terminal import Terminal


def command(spec: str) -> list[str]:
    """The terminal UI with a spec."""
    return [sys.executable, "-m", "leporello", "tui", spec]


def first_paint(folder: Path, spec: str, times: int = 7) -> tuple[float, float, float]:
    """Seconds to the first screen, those that were computed until then, and seconds to the picture, in the median."""
    paints, computed, pictures = [], [], []
    for _ in range(times):
        terminal = Terminal(command(spec), folder)
        terminal.until(b"Model")
        paints.append(time.perf_counter() - terminal.begun)
        computed.append(terminal.processor)
        terminal.until("━".encode())
        pictures.append(time.perf_counter() - terminal.begun)
        terminal.close()
    return statistics.median(paints), statistics.median(computed), statistics.median(pictures)


def keys(terminal: Terminal, data: Sequence[bytes], times: int = 60) -> str:
    """From a key to its repaint: the median, and the 95th percentile, of time and of what was computed in it."""
    took, computed = [], []
    for number in range(times):
        before = terminal.processor
        took.append(terminal.key(data[number % len(data)]))
        computed.append(terminal.processor - before)
        terminal.still()
    return f"{_told(took)} ({_told(computed)} computed)"


def _told(seconds: Sequence[float]) -> str:
    ordered = sorted(seconds)
    high = ordered[int(0.95 * len(ordered))]
    return f"{1e3 * statistics.median(ordered):.0f} ms, 95th percentile {1e3 * high:.0f} ms"


def chain(count: int) -> str:
    """A spec of so many nodes."""
    lines = ["spec: 1", "name: chain", "inputs:", "  x: {features: 8}", "nodes:"]
    lines += [f"  n{i}: tanh({f'n{i - 1}' if i else 'x'} + n{i}(t-1))" for i in range(count)]
    return "\n".join([*lines, "outputs:", f"  y: n{count - 1}"]) + "\n"


def problems(nodes: int, times: int = 9) -> float:
    """Milliseconds of the processor from a text of so many nodes to what is wrong with it, in the median."""
    gc.set_threshold(UNCOLLECTED, 20, 50)  # as in the process that checks
    took = []
    for number in range(times):
        text, since = chain(nodes) + "#" * number, time.process_time()
        findings(number, read(text, "chain.yaml", {}))
        took.append(time.process_time() - since)
    return 1e3 * statistics.median(took)


def main() -> None:
    """Print all figures."""
    folder = Path(tempfile.mkdtemp())
    try:
        for name in ("char_lm", "luong"):
            (folder / f"{name}.yaml").write_text(examples()[name])
            paint, computed, picture = first_paint(folder, f"{name}.yaml")
            print(f"{name}: first paint {paint:.2f} s ({computed:.2f} s computed), picture {picture:.2f} s")
        print(f"problems: 200 nodes {problems(200):.0f} ms computed, 2,000 nodes {problems(2000):.0f} ms computed")
        (folder / "chain.yaml").write_text(chain(200))
        terminal = Terminal(command("chain.yaml"), folder)
        terminal.until("━".encode())
        terminal.still()
        said = keys(terminal, [b"j", b"k", b"\x1b[1;2B", b"\x1b[1;2A"])
        print(f"200 nodes, folded: a key {said}")
        terminal.write(b"u" + b"+" * 18)
        terminal.still()
        time.sleep(5)
        terminal.still()
        said = keys(terminal, [b"l", b"\x1b[1;2C", b"j", b"]"])
        print(f"200 nodes over 10,000 steps: a key {said}")
        print(f"memory {terminal.memory:.0f} MB")
        terminal.close()
        (folder / "long.yaml").write_text(chain(1990))
        terminal = Terminal(command("long.yaml"), folder)
        terminal.until(b"Model")
        terminal.still()
        terminal.write(b"e")
        terminal.still()
        said = keys(terminal, [b"#", b"x", b"\x7f", b"\x7f"])
        print(f"typing at 2,000 lines: a key {said}")
        terminal.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
