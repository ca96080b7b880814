"""`c`: a wire from one box to another: which port reads it, and when; a wire that is one step later, or earlier."""

from __future__ import annotations

from leporello.graphs.blocktypes import Port
from leporello.graphs.edits.splices.draft import Draft, Edited
from leporello.graphs.edits.splices.ports import connect, delay, disconnect, reread
from leporello.graphs.edits.splices.settings import set_value, unset_value
from leporello.graphs.edits.text.changes import at
from leporello.graphs.edits.text.spelled import flow_text
from leporello.graphs.problems import SpecError, refuse
from leporello.tui.assembly.acts import Act, Choice, Made, Row, Said, together
from leporello.tui.assembly.bench import OUTPUTS, Bench
from leporello.tui.assembly.wires import offers

TIMES = {
    "": "the same step", "(t-1)": "the step before", "(t-2)": "two steps before", "(t+1)": "the step after",
    "(last)": "its last step", "(first)": "its first step", "(all)": "all its steps, carried along",
}  # fmt: skip
BESIDE = ("in its place", "beside it")


class Connect(Act):
    """A wire; `reader` and `port` are those that are offered first."""

    done = "connect"

    def __init__(self, bench: Bench, source: str, reader: str = "", port: str = "") -> None:
        super().__init__(bench, source)
        self.source = source if source in bench.names else ""
        self.reader, self.port = reader, port

    def rows(self, said: Said) -> tuple[Row, ...]:
        """From where, to where, to which port, when, and whether beside what is read there."""
        bench = self.bench
        source = said.get("from", self.source or next(reversed(bench.names), ""))
        readers = self._readers(source)
        reader = said.get("to", self.reader or next(iter(readers), Choice("")).value)
        reads = tuple(Choice(one.read, str(one.value)) for one in reversed(bench.sources))
        rows = [
            Row("from", source, choices=reads, free=False, help="what is read"),
            Row("to", reader, choices=tuple(readers), free=False, help="what reads it"),
        ]
        if reader.startswith(OUTPUTS):
            return (*rows, self._time(said, source, reader, "from"))
        ports = self._ports(source, reader)
        port = said.get("port", self.port or next(iter(ports), Choice("")).value)
        note = next((one.note for one in ports if one.value == port), "")
        rows.append(Row("port", port, note, tuple(ports), False, "where it reads it"))
        rows.append(self._time(said, source, reader, port))
        if (reader, port) not in bench.open_ports and self._reads(reader, port):
            beside = said.get("beside", BESIDE[self._is_listed(reader, port)])
            now = f"reads {self._reads(reader, port)} now"
            rows.append(Row("beside", beside, now, tuple(map(Choice, BESIDE)), False, "or with it, side by side"))
        return tuple(rows)

    def _reads(self, reader: str, port: str) -> str:
        """What is written at a port."""
        found = at(self.bench.draft.tree, self.bench.keys("nodes", reader, port))
        return flow_text(found) if found is not None else ""

    def _is_listed(self, reader: str, port: str) -> bool:
        """Whether a port of features joins what it reads."""
        kind = self.bench.kind(reader)
        found = kind.port(port) if kind else None
        joins = found is not None and found.kind == "features" and found.reads == "t"
        return kind is not None and (kind.many or joins)

    def _readers(self, source: str) -> list[Choice]:
        """The nodes with ports that wait first, then others behind the source, then outputs."""
        bench, waiting = self.bench, [name for name, _ in self.bench.open_ports]
        behind = self._behind(source)
        reads = {name for name in bench.nodes if source in (wire.source for wire in bench.index[name].wires)}
        new = [name for name in behind if name not in reads]
        names = [*dict.fromkeys((*waiting, *new, *behind, *bench.nodes))]
        found = [Choice(name, kind.name) for name in names if (kind := bench.kind(name)) and name != source]
        found += [Choice(name, kind.name) for name in names if (kind := bench.kind(name)) and name == source]
        return [*found, *(Choice(OUTPUTS + output.name, "an output") for output in bench.outputs)]

    def _behind(self, source: str) -> tuple[str, ...]:
        nodes, name = self.bench.nodes, source.partition(".")[0]
        return nodes[nodes.index(name) + 1 :] if name in nodes else ()

    def _ports(self, source: str, reader: str) -> list[Choice]:
        """The ports of a reader: those that fit first, of these those that wait."""
        kind = self.bench.kind(reader)
        if kind is None:
            return []
        ports = (Port("input", "any"),) if kind.many else kind.ports
        axis, found = self.bench.axis(reader), []
        for port in ports:
            name = source.partition("(")[0]
            fit = next((one for one in offers(self.bench, port, axis, "") if one.value.partition("(")[0] == name), None)
            waits = (reader, port.name) in self.bench.open_ports
            fits, why = fit is None or fit.fits, fit.note if fit and not fit.fits else ""
            note = why or ("waits for something" if waits else port.help)
            found.append(((not fits, not waits), Choice(port.name, note, fits)))
        return [choice for _, choice in sorted(found, key=lambda one: one[0])]

    def _time(self, said: Said, source: str, reader: str, port: str) -> Row:
        choices = tuple(Choice(time, note) for time, note in TIMES.items())
        time = said.get("time")
        if time is None:
            time = self._usual(source, reader, port)
        return Row("time", time, TIMES.get(time, ""), choices, help="when it is read")

    def _usual(self, source: str, reader: str, port: str) -> str:
        """The same step, or one earlier where that goes round in a circle, or where the port wants it."""
        kind = self.bench.kind(reader)
        found = kind.port(port) if kind else None
        if found is not None and found.reads == "late":
            return "(t-1)"
        if found is not None and found.reads == "all":
            return ""
        one, other = self.bench.axis(source.partition(".")[0]), self.bench.axis(reader)
        if one not in (other, None) and other is not None:
            return "(last)"
        return "(t-1)" if self._is_behind(source.partition(".")[0], reader) else ""

    def _is_behind(self, name: str, other: str) -> bool:
        """Whether a node reads another one at the same step, by way of others or itself."""
        waiting, seen = [name], {name}
        while waiting:
            now = waiting.pop()
            if now == other:
                return True
            node = self.bench.index.get(now)
            read = [wire.source for wire in node.wires if not wire.time.shift and wire.time.kind == "t"] if node else []
            waiting += [one for one in read if one not in seen]
            seen.update(read)
        return False

    def _edit(self, draft: Draft, read: str, reader: str, port: str, also: bool) -> Edited:
        if reader.startswith(OUTPUTS):
            return set_value(draft, ("outputs", reader.removeprefix(OUTPUTS), "from"), read)
        if self.bench.kind(reader) is None:
            raise refuse(f"{reader} is an expression: it has no ports", "= writes it anew, with what it is to read")
        return connect(draft, reader, port, read, also=also, block=self.bench.block)

    def made(self, said: Said) -> Made:
        """The wire."""
        said = self.said(said)
        read, reader = said["from"] + said.get("time", ""), said["to"]
        if not said["from"] or not reader:
            raise refuse("there is nothing to connect", "add a block first: a")
        also = said.get("beside") == BESIDE[1]
        edited = self._edit(self.bench.draft, read, reader, said.get("port", ""), also)
        called = f"connect {read} to {reader.removeprefix(OUTPUTS)}"
        return Made(self.bench, together(self.bench.draft, called, lambda d: edited), reader)


class Rewire(Act):
    """A wire that reads something else, or at another time."""

    done = "change"

    def __init__(self, bench: Bench, source: str, reader: str) -> None:
        super().__init__(bench, reader)
        self.source, self.reader = source, reader

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        return f"{self.source} → {self.reader.removeprefix(OUTPUTS)}"

    def rows(self, said: Said) -> tuple[Row, ...]:
        """What is read, and when."""
        bench = self.bench
        reads = tuple(Choice(one.read, str(one.value)) for one in reversed(bench.sources))
        node = bench.index.get(self.reader)
        now = next((wire for wire in node.wires if wire.source == self.source), None) if node else None
        port = f".{now.port}" if now and now.port else ""
        times = tuple(Choice(time, note) for time, note in TIMES.items())
        time = said.get("time", str(now.time) if now else "")
        return (
            Row("from", said.get("from", self.source + port), choices=reads, help="what is read"),
            Row("time", time, TIMES.get(time, ""), times, help="when it is read"),
        )

    def made(self, said: Said) -> Made:
        """The wire."""
        said = self.said(said)
        read, reader = said["from"] + said["time"], self.reader
        if reader.startswith(OUTPUTS):
            edited = set_value(self.bench.draft, ("outputs", reader.removeprefix(OUTPUTS), "from"), read)
        else:
            edited = reread(self.bench.draft, reader, self.source, read, block=self.bench.block)
        return Made(self.bench, edited, reader)


def disconnected(bench: Bench, source: str, reader: str) -> Made:
    """Without the wires from one box to another.

    Raises:
        SpecError: where one of them is needed, or stands in an expression.
    """
    if reader.startswith(OUTPUTS):
        raise refuse("an output gives something", "d at the output takes it away, c lets it give something else")
    if bench.kind(reader) is None:
        raise refuse(f"{reader} is an expression", "= writes it anew, without what it should not read")
    node = bench.index[reader]
    if source in (wire.source for wire in node.initial_wires) and source not in (wire.source for wire in node.wires):
        return Made(bench, unset_value(bench.draft, bench.keys("nodes", reader, "initial")), reader)
    names = {wire.source.split("/")[0]: port for port, wire in node.inputs}
    ports = dict.fromkeys(port for port, wire in node.inputs if wire.source == source)
    kind = bench.kind(reader)
    tried = list(ports) or ["input" if kind is not None and kind.many else port for port in names.values()]
    for port in dict.fromkeys(tried):
        try:
            whole = [name for name, wire in node.inputs if name == port and wire.source == source]
            edited = disconnect(bench.draft, reader, port, "" if whole else source, block=bench.block)
        except SpecError:
            continue
        return Made(bench, edited, reader)
    raise refuse(f"{reader} does not read {source} at a port of its own", "e goes to its text")


def delayed(bench: Bench, source: str, reader: str, by: int) -> Made:
    """The wires from one box to another, so many steps later.

    Raises:
        SpecError: where nothing there is read by steps.
    """
    return Made(bench, delay(bench.draft, reader, source, by, block=bench.block), reader)
