"""`python -m benchmarks.pictures`: how the wires of pictures lie beside those of `dot`, and how long pictures take."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

from benchmarks.drawn import DENSE, EXAMPLES, MODELS, OPENED, THOUSAND, TRANSLATION, example
from benchmarks.processes import runs
from benchmarks.wires import Quality, Way, by_dot, drawn, quality
from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import check
from leporello.graphs.drawing.column.effort import FIRST
from leporello.graphs.drawing.column.figures import form
from leporello.graphs.drawing.column.known import forget
from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.draw import scene
from leporello.graphs.drawing.folded.textbook import textbook
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.terminal.folded_text import folded_text
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.opened import opened
from leporello.graphs.drawing.views.references import MARK
from leporello.graphs.drawing.views.unfolded_view import unfolded
from leporello.graphs.drawing.views.view import View
from leporello.graphs.drawing.writers.svg import svg_text
from leporello.graphs.specs import read_spec

STEPS = 4
HEAD = ("picture", "", "wires", "crossings", "bends", "length", "ms")
Row = tuple[str, ...]


def view_of(text: str, depth: int = 0) -> View:
    """The folded view of a spec with its composites open down to a depth."""
    checked = check(read_spec(text, registry()), registry(), {})
    return folded(checked.graph, checked.axes, opened(checked.graph, (), depth))


def ours(view: View, steps: int | None) -> list[Way]:
    """The wires of our picture."""
    return drawn(scene(view, Options(steps)))


def theirs(view: View, steps: int | None, splines: str) -> list[Way]:
    """The wires of the same boxes and edges, laid out by `dot`; of no columns, which would be harder for it."""
    shown = textbook(view)
    if steps is None:
        forms = {box.path: form(box, captions=True) for box in shown.boxes}
        edges = shown.edges
    else:
        picture = unfolded(shown, Options(steps).last(view))
        forms = {cell.path: form(cell.box, not cell.box.axis, str(steps)) for cell in picture.cells}
        edges = picture.edges
    sizes = {path: (one.width * GRID * 1.0, one.height * GRID * 1.0) for path, one in forms.items()}
    return by_dot([(edge.source, edge.target) for edge in edges], sizes, splines)


def compared(name: str, view: View, steps: int | None) -> Row:
    """The row of a picture: ours, `dot` with its curves, and `dot` with right angles."""
    sides: list[tuple[Quality, float]] = []
    for splines in ("", "true", "ortho") if shutil.which("dot") else ("",):
        start = time.perf_counter()
        ways = theirs(view, steps, splines) if splines else ours(view, steps)
        sides.append((quality(ways), 1000 * (time.perf_counter() - start)))
    columns = (
        [str(one.wires) for one, _ in sides],
        [str(one.crossings) for one, _ in sides],
        [f"{one.bends:.0f}" for one, _ in sides],
        [f"{one.length:.0f}" for one, _ in sides],
        [f"{taken:.0f}" for _, taken in sides],
    )
    return (name, "folded" if steps is None else f"{steps} steps", *(" / ".join(column) for column in columns))


def comparisons() -> Iterator[Row]:
    """All pictures that are compared."""
    for name, text in MODELS.items():
        for depth in (0, 1) if name in OPENED else (0,):
            for steps in (None, STEPS):
                yield compared(f"{name}, opened" if depth else name, view_of(text, depth), steps)


def timed(make: Callable[[], object], times: int) -> float:
    """Milliseconds of processor time, the median; once before to warm up. No way is known from the time before."""
    found = []
    for _ in range(times + 1):
        forget()
        start = time.process_time()
        make()
        found.append(1000 * (time.process_time() - start))
    return median(found[1:])


def waited(name: str, view: View, times: int) -> Row:
    """The row of a folded picture: the first one and the best, in pixels and in characters, and its references."""
    first, best = scene(view, first=True), scene(view)
    found = [
        timed(lambda: svg_text(scene(view, first=True)), times),
        timed(lambda: svg_text(scene(view)), times),
        timed(lambda: folded_text(view, effort=FIRST), times),
        timed(lambda: folded_text(view), times),
    ]
    named = " / ".join(str(sum(f.identity.startswith(MARK) for f in made.figures)) for made in (first, best))
    crossings = " / ".join(str(quality(drawn(made)).crossings) for made in (first, best))
    return (name, *(f"{milliseconds:.0f}" for milliseconds in found), named, crossings)


def waits(times: int) -> Iterator[Row]:
    """How long a folded picture takes, in a process that is warm: examples, closed and opened, and dense models."""
    for depth in (0, 2):
        for path in sorted(EXAMPLES.glob("*.yaml")):
            yield waited(f"{path.stem}{', opened' if depth else ''}", view_of(example(path.stem), depth), times)
    for name, text in DENSE.items():
        yield waited(name, view_of(text), times)


_COMMAND = """
import atexit, sys
from leporello.cli.main import main

def held():
    status = dict(line.split(":", 1) for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print("held", int(status["VmHWM"].split()[0]) / 1024, file=sys.stderr)

if sys.platform == "linux":
    atexit.register(held)
main()
"""


def process(text: str, *options: str, times: int = 5) -> tuple[float, float, float]:
    """Milliseconds and megabytes of `leporello draw` as a whole process (the medians), and the kilobytes written."""
    with tempfile.TemporaryDirectory() as folder:
        spec, picture = Path(folder) / "spec.yaml", Path(folder) / "picture.svg"
        spec.write_text(text, encoding="utf-8")
        command = [sys.executable, "-c", _COMMAND, "draw", str(spec), "-o", str(picture), *options]
        found = list(runs(command, times))
        held = (float(said.rpartition("held")[2] or "nan") for _, said in found)
        return 1000 * median(seconds for seconds, _ in found), median(held), picture.stat().st_size / 1000


def speeds(times: int) -> Iterator[Row]:
    """Whole processes: many steps, and many nodes."""
    for name, text in {"luong": example("luong"), "translation": TRANSLATION}.items():
        for steps in (4, 200, 1000):
            yield _speed(name, text, (f"--unfold=source={steps},target={steps}",), times)
    for name, text in THOUSAND.items():
        yield _speed(f"{name}, 1,000 nodes", text, (), times)


def _speed(name: str, text: str, options: Sequence[str], times: int) -> Row:
    taken, held, size = process(text, *options, times=times)
    return name, " ".join(options) or "folded", f"{taken:.0f}", f"{held:.0f}", f"{size:.0f}"


def table(head: Row, rows: Sequence[Row]) -> str:
    """Rows in columns, for people; a table of Markdown as well."""
    widths = [max(len(line[column]) for line in (head, *rows)) for column in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(wide) for cell, wide in zip(line, widths, strict=True)) + " |"
        for line in (head, *rows)
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (wide + 2) for wide in widths) + "|", *lines[1:]])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the tables."""
    command = argparse.ArgumentParser("python -m benchmarks.pictures", description=__doc__)
    command.add_argument("--times", type=int, default=5, help="runs of each process (5)")
    said = command.parse_args(arguments)
    if said.times < 1:
        command.error(f"--times {said.times}: at least 1")
    if not shutil.which("dot"):
        print("the program `dot` of Graphviz is not installed: ours are counted alone", file=sys.stderr)
    print("Ours / dot with curves / dot with right angles:\n")
    print(table(HEAD, list(comparisons())))
    head = ("picture", "SVG first", "best", "text first", "best", "references", "crossings")
    print("\nFolded pictures, milliseconds in a warm process, first and best:\n")
    print(table(head, list(waits(said.times))))
    print("\nWhole processes:\n")
    print(table(("picture", "", "ms", "MB", "kB of SVG"), list(speeds(said.times))))


if __name__ == "__main__":
    main()
