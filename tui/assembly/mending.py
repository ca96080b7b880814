"""`b`: what is wrong, mended: a bridge where states misfit, a layer where sizes do, an embedding for tokens.

A mend is an edit after which something that was wrong is so no more, and nothing is wrong that was not.
"""

from __future__ import annotations

from collections.abc import Iterator

from leporello.graphs.edits.splices.draft import Draft, Edited
from leporello.graphs.edits.splices.inserting import insert
from leporello.graphs.edits.splices.settings import set_value
from leporello.graphs.edits.text.changes import at
from leporello.graphs.problems import Problem, SpecError, refuse
from leporello.tui.assembly.acts import Act, Choice, Made, Row, Said, Splice
from leporello.tui.assembly.bench import OUTPUTS, Bench

MOST = 24
"""So many edits are tried."""


class Mend(Act):
    """Every mend that is found for what is wrong with what is selected, or with all."""

    done = "mend"

    def __init__(self, bench: Bench, selected: str) -> None:
        super().__init__(bench, selected)
        problems = [problem for problem in bench.examined[1] if not problem.warning]
        here = [problem for problem in problems if selected and about(bench, problem) == selected.removeprefix(OUTPUTS)]
        self.mends = list(self._found(here or problems))
        self.wrong = (here or problems)[0].what if problems else ""

    def _found(self, problems: list[Problem]) -> Iterator[Made]:
        tried = 0
        for problem in problems:
            for splice, selects in candidates(self.bench, about(self.bench, problem)):
                if tried == MOST:
                    return
                tried += 1
                made = self._tried(splice, selects)
                if made is not None:
                    yield made

    def _tried(self, splice: Splice, selects: str) -> Made | None:
        try:
            made = Made(self.bench, splice(self.bench.draft), selects)
        except SpecError:
            return None
        better = Bench(made.edited.after).wrong < self.bench.wrong
        return made if better else None

    def rows(self, said: Said) -> tuple[Row, ...]:
        """What would mend it."""
        if not self.mends:
            return ()
        choices = tuple(Choice(one.edited.called) for one in self.mends)
        return (Row("mend", said.get("mend", choices[0].value), self.wrong, choices, False),)

    def made(self, said: Said) -> Made:
        """The mend that is chosen."""
        if not self.mends:
            hint = "e goes to the text" if self.wrong else "b mends misfits of sizes and states"
            raise refuse(self.wrong or "nothing misfits here", hint)
        wanted = self.said(said)["mend"]
        return next(one for one in self.mends if one.edited.called == wanted)


def candidates(bench: Bench, name: str) -> Iterator[tuple[Splice, str]]:
    """The edits that might mend what is wrong with a node or an output, and what is selected after them."""
    node = bench.graph.index.get(name)
    if node is not None and at(bench.draft.tree, ("nodes", name, "initial")) is not None:
        for bridge in ("dense", "copy"):
            yield lambda d, b=bridge: set_value(d, ("nodes", name, "bridge"), b), name  # type: ignore[misc]
    output = next((one for one in bench.graph.outputs if one.name == name), None)
    if output is not None and output.predicts:
        size, source = bench.value(output.predicts).size, output.wire.source
        if size is not None:
            yield _layer(bench, source, f"outputs.{name}", "linear", str(size)), OUTPUTS + name
    if node is None:
        return
    inner = [one for one in bench.graph.nodes if one.path == name or one.path.startswith(f"{name}/")]
    read = [wire for one in inner for wire in one.wires if wire.source in bench.names]
    sizes = {str(value.size) for wire in read if (value := bench.value(wire.source, wire.port)).size is not None}
    for wire in reversed(read):
        source = f"{wire.source}.{wire.port}" if wire.port else wire.source
        if bench.value(wire.source, wire.port).kind == "tokens":
            yield _layer(bench, source, name, "embedding", "64"), name
            continue
        own = str(bench.value(wire.source, wire.port).size)
        for other in sorted(sizes - {own}):
            yield _layer(bench, source, name, "linear", other), name


def _layer(bench: Bench, source: str, reader: str, block: str, size: str) -> Splice:
    """A layer between two, of a size."""
    head = source.partition(".")[0]
    wanted = f"e_{head}" if block == "embedding" else "logits" if reader.startswith("outputs.") else f"W_{head}"
    units = int(size) if size.isdecimal() else size
    name = bench.free(wanted)

    def splice(draft: Draft) -> Edited:
        return insert(draft, source, reader, name, {"block": block, "units": units})

    return splice


def about(bench: Bench, problem: Problem) -> str:
    """The node or the output that a problem is about, by what it says or by where it stands."""
    if problem.node or problem.mark is None:
        return problem.node.partition("/")[0]
    ends = [(node.mark.start, node.path) for node in bench.graph.nodes if node.mark and "/" not in node.path]
    ends += [(output.mark.start, output.name) for output in bench.graph.outputs if output.mark]
    before = [one for one in ends if one[0] <= problem.mark.start]
    return max(before)[1] if before else ""
