"""What is known of the box that is selected: where it runs, its sizes, ports, parameters and equations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.text import Text
from textual.containers import VerticalScroll
from textual.widgets import Static

from leporello.graphs.names import abbreviated
from leporello.graphs.problems import visible
from leporello.tui.pictures.lowered import lowered, raised
from leporello.tui.pictures.wanted import Facts, Findings, Row
from leporello.tui.widgets.titles import entitle
from leporello.tui.words import loop_words

COLUMN = 12


class Inspector(VerticalScroll, can_focus=True):
    """The facts of a selection; of the whole model where nothing is selected."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(Static(id="facts"), id=id)

    def show(self, facts: Facts | None, findings: Findings, code: Sequence[str] = ()) -> None:
        """Tell of a box or a wire, with its lines of the source where they are known, or of the model."""
        entitle(self, visible(_title(facts) if facts else findings.name or "model", 40))
        lines = [*_box(facts), *_code(code)] if facts else _model(findings)
        self.query_one("#facts", Static).update(Text("\n").join(lines))


def _title(facts: Facts) -> str:
    names = [path.rpartition("/")[2] for path in (facts.path, facts.reader) if path]
    return " → ".join(names)


def _code(lines: Sequence[str]) -> Iterator[Text]:
    if lines:
        yield Text("")
        yield Text("as PyTorch", "bold")
    for line in lines:
        said = visible(line, 200)
        yield Text(said, "dim", no_wrap=True) if line.startswith("in ") else Text(said, no_wrap=True)


def _box(facts: Facts) -> Iterator[Text]:
    if facts.help:
        yield Text(visible(facts.help), "italic")
        yield Text("")
    yield from _rows(facts.rows)
    for heading, rows in (("ports", facts.ports), ("parameters", facts.parameters)):
        if rows:
            yield Text("")
            yield Text(heading, "bold")
            yield from _rows(rows)
    if facts.equations:
        yield Text("")
        yield Text("at each step", "bold")
        yield from (equation(line) for line in facts.equations)
    if facts.runs:
        yield Text("")
        yield Text("how it runs", "bold")
        yield from (Text(visible(line)) for line in facts.runs)
    if facts.paper:
        yield Text("")
        yield Text(visible(facts.paper), "dim")
    if facts.line:
        yield Text("")
        yield Text(f"line {facts.line} of the text", "dim")


def _model(findings: Findings) -> Iterator[Text]:
    rows = [Row("model", findings.name)]
    rows += [Row("runs on", ", ".join(findings.axes))] if findings.axes else []
    rows += [Row("weights", findings.weights)] if findings.weights else []
    yield from _rows(rows)
    for loop in findings.loops or ():
        yield Text("")
        yield Text(visible(abbreviated(loop.nodes)), "bold")
        yield Text(visible(f"{loop_words(loop)}"))
        if loop.kind == "scanned":
            yield Text(visible(loop.why), "dim")


def _rows(rows: Iterable[Row]) -> Iterator[Text]:
    for row in rows:
        line = Text(f"{visible(row.name, 40):<{COLUMN}}  ", "dim")
        line.append(visible(row.said), "not dim")
        if row.more:
            line.append(f"   {visible(row.more)}", "dim")
        yield line


def equation(runs: Iterable[tuple[str, int]]) -> Text:
    """An equation as a terminal shows it, with small letters where there are such.

    >>> equation([("h", 0), ("t−1", -1), (" = 0", 0)]).plain
    'hₜ₋₁ = 0'
    >>> equation([("W", 0), ("score", -1)]).plain
    'W_score'
    >>> equation([("W", 0), ("f", -1), (",", -1), ("t", -1)]).plain
    'W_fₜ'
    """
    text = Text()
    for level, found in groupby(runs, key=lambda run: run[1]):
        said = visible("".join(letters for letters, _ in found)).replace("\N{MINUS SIGN}", "-")
        text.append((said, raised(said), lowered(said))[level], "italic" if level else "")
    return text
