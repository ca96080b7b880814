"""A block put into a model: what it reads, its sizes and settings, with defaults by what stands there already."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from leporello.graphs.blocktypes import BlockType, Port, Value
from leporello.graphs.edits.splices.draft import Draft, Edited
from leporello.graphs.edits.splices.nodes import add_node
from leporello.graphs.edits.splices.ports import connect
from leporello.graphs.edits.splices.settings import node_order
from leporello.graphs.fields import REQUIRED, Field, named, shown
from leporello.graphs.opening.stacking import is_recurrent
from leporello.graphs.problems import SpecError, refuse, suggest
from leporello.graphs.reading.fields import COMMON
from leporello.tui.assembly.acts import Choice, Made, Row, Said, Splice, holds, together, values, yaml
from leporello.tui.assembly.bench import Bench
from leporello.tui.assembly.wires import LATE, offers

NAMES = {
    "embedding": "e", "lstm": "h", "gru": "h", "rnn": "h", "minimal_gru": "h", "feedback": "previous",
    "argmax": "choice", "sample": "choice", "linear": "W", "weight": "v", "layer_norm": "n", "softmax": "p",
}  # fmt: skip
"""What a use of a block is called where nobody says otherwise."""
FEEDS = "feeds"


class NewBlock:
    """A block that is added behind `selected`."""

    def __init__(self, bench: Bench, kind: BlockType, selected: str) -> None:
        self.bench, self.kind, self.selected = bench, kind, selected

    def rows(self, said: Said) -> tuple[Row, ...]:
        """Name and ports, sizes, what it feeds, and everything else that may be said of it."""
        ports = self._ports(said)
        settings = list(self._settings(said, values(ports)))
        main = [row for field, row in settings if field.default is REQUIRED or row.value]
        rest = [row for field, row in settings if field.default is not REQUIRED and not row.value]
        name = said.get("name", self.bench.free(self._name(values(main))))
        rows = [Row("name", name, help="what it is called"), *ports, *main]
        feeds = self._feeds({**values(rows), **{k: v for k, v in said.items() if k != FEEDS}}, said.get(FEEDS))
        return (*rows, *feeds, *rest, *self._modifiers(said, values(ports)))

    def _name(self, said: Said) -> str:
        if self.kind.name == "linear" and said.get("units", "").startswith("$"):
            return "logits"
        return NAMES.get(self.kind.name, self.kind.short)

    # What it reads.

    def _ports(self, said: Said) -> list[Row]:
        axis, found = self.bench.axis(self.selected) if self.selected else None, []
        for port in self.kind.ports if not self.kind.many else (Port("input", "any"),):
            choices = tuple(offers(self.bench, port, axis, self.selected))
            value = said.get(port.name)
            if value is None:
                value = next((one.value for one in choices if one.fits), "") if self._wanted(port, axis) else ""
            found.append(Row(port.name, value, _note(value, choices), choices, help=port.help))
            if value and port.reads == "t":
                axis = self.bench.axis(value.partition("(")[0].partition(".")[0]) or axis
        return found

    def _wanted(self, port: Port, axis: str | None) -> bool:
        """Whether something is offered at once: not for what comes later, nor for what may be left out."""
        if self.kind.name == "feedback" and port.name == "own":
            return False
        others = any(one.axis not in (axis, None) for one in self.bench.sources)
        return others if port.reads == "all" else not port.optional

    def _reads(self, said: Said, kind: str) -> Value:
        """What the first port reads."""
        first = next((port.name for port in self.kind.ports if port.kind in (kind, "any")), "")
        name = said.get(first, "").partition("(")[0]
        found = next((one for one in self.bench.sources if one.read == name), None)
        return found.value if found else Value()

    # What is set.

    def _settings(self, said: Said, ports: Said) -> Iterator[tuple[Field, Row]]:
        for field in self.kind.parameters:
            value = said.get(field.name)
            if value is None:
                value = self._default(field, ports)
            yield field, setting_row(field, value, self.bench)

    def _default(self, field: Field, ports: Said) -> str:
        tokens = self._reads(ports, "tokens")
        if field.name == "words" and tokens.size is not None and tokens.kind == "tokens":
            return str(tokens.size)
        if field.name == "embedding" and field.default is None and tokens.kind == "tokens":
            return "64"
        if field.default is not REQUIRED:
            return shown(field.default) if field.name == "units" else ""
        if field.name != "units":
            return ""
        if self.kind.name == "linear":
            predicted = self.bench.unpredicted
            sizes = [v for name in predicted if (v := self.bench.value(name)).kind == "tokens" and name in self._near]
            return self.bench.written((sizes or [self._reads(ports, "features")])[0].size or 64)
        return "$units" if "units" in self.bench.sizes and self.bench.block else "64"

    @property
    def _near(self) -> set[str]:
        """The inputs on the axis of the selection."""
        axis = self.bench.axis(self.selected) if self.selected else None
        return {name for name in self.bench.inputs if self.bench.axis(name) == axis}

    def _modifiers(self, said: Said, ports: Said) -> Iterator[Row]:
        for field in COMMON:
            value = said.get(field.name, "")
            if field.name == "initial" and "initial" not in said:
                value = self._states(ports)
            yield setting_row(field, value, self.bench)

    def _states(self, ports: Said) -> str:
        """The states of an encoder that nothing has begun from yet, on another axis than this."""
        first = next(iter(ports.values()), "").partition("(")[0].partition(".")[0]
        axis = self.bench.axis(first) if first else None
        if axis is None or not self._recurrent(self.kind):
            return ""
        begun = {wire.source for node in self.bench.index.values() for wire in node.initial_wires}
        for name in reversed(self.bench.nodes):
            kind = self.bench.kind(name)
            if kind and self._recurrent(kind) and self.bench.axis(name) not in (axis, None) and name not in begun:
                return f"{name}.state"
        return ""

    def _recurrent(self, kind: BlockType) -> bool:
        said = {field.name: field.default for field in kind.parameters}
        try:
            return kind.is_composite and (bool(kind.takes) or is_recurrent(kind, said, self.bench.blocks))
        except SpecError:
            return False

    # What reads it.

    def _feeds(self, said: Said, wanted: str | None) -> list[Row]:
        """The ports that wait for something to read; the first that fits is taken."""
        open_ports = self.bench.open_ports
        if not open_ports:
            return []
        choices = [Choice(""), *(Choice(f"{name}.{port}") for name, port in open_ports)]
        if wanted is None:
            wanted = next((one.value for one in choices[1:] if self._holds(said, one.value)), "")
        note = "waits for something to read" if wanted else ""
        return [Row(FEEDS, wanted, note, tuple(choices), help="what reads it")]

    def _holds(self, said: Said, feeds: str) -> bool:
        return holds(self.bench, lambda draft: self._edit(draft, said, feeds))

    def _edit(self, draft: Draft, said: Said, feeds: str) -> Edited:
        name = said["name"]
        after = self.selected if self.selected in self.bench.nodes else ""
        block = self.bench.block
        splices: list[Splice] = [lambda d: add_node(d, name, self.value(said), after=after, block=block)]
        if feeds:
            reader, _, port = feeds.partition(".")
            kind = self.bench.kind(reader)
            late = kind is not None and (found := kind.port(port)) is not None and found.reads == "late"
            splices.append(lambda d: connect(d, reader, port, name + (LATE if late else ""), block=block))
        return together(draft, f"add {name}", *splices)

    def value(self, said: Said) -> dict[str, object]:
        """What is written at the node."""
        found: dict[str, object] = {"block": self.kind.name}
        rest = {key: text for key, text in said.items() if text and key not in ("name", "what", FEEDS)}
        for key in sorted(rest, key=_order(self.kind)):
            field = named((*self.kind.parameters, *COMMON), key)
            if field is not None or key == "input" or self.kind.port(key) is not None:
                found[key] = set_to(field, rest[key])
            else:
                known = [one.name for one in self.kind.ports]
                known += [one.name for one in (*self.kind.parameters, *COMMON)]
                raise refuse(f"{self.kind.name} has no {key!r}", suggest(key, known, "what may be set"))
        if self.kind.many and not isinstance(found.get("input", []), list):
            found["input"] = [found["input"]]
        return found

    def made(self, said: Said) -> Made:
        """The edit; states that misfit are bridged."""
        said = {**values(self.rows(said)), **said}
        plain = Made(self.bench, self._edit(self.bench.draft, said, said.get(FEEDS, "")), said["name"])
        if said.get("initial") and not said.get("bridge") and plain.brought:
            bridged = {**said, "bridge": "dense"}
            other = Made(self.bench, self._edit(self.bench.draft, bridged, said.get(FEEDS, "")), said["name"])
            return plain if other.brought else other
        return plain


def _order(kind: BlockType) -> Callable[[str], int]:
    order = node_order(kind)
    return lambda key: order.index(key) if key in order else len(order)


def _note(value: str, choices: tuple[Choice, ...]) -> str:
    return next((one.note for one in choices if one.value == value), "")


def set_to(field: Field | None, text: str) -> object:
    """A value as it is written, if it may stand there.

    Raises:
        SpecError: for what is not allowed.
    """
    value = yaml(text)
    if field is None or (isinstance(value, str) and (field.type in ("value", "weights", "init") or "$" in value)):
        return value
    try:
        field.accept(tuple(value) if isinstance(value, list) else value)
    except ValueError as error:
        raise refuse(str(error), field.said) from None
    return value


def setting_row(field: Field, value: str, bench: Bench) -> Row:
    """A row for what is set, with what may be chosen."""
    default = field.default if field.default is not REQUIRED else None
    told = "" if default in (None, "") else shown(default).strip("'")
    choices: list[Choice] = []
    if field.type == "choice":
        choices = [Choice(one, "the default" if one == told else "") for one in field.choices]
    elif field.type == "boolean":
        choices = [Choice("true"), Choice("false")]
    elif field.name in ("units", "embedding", "features", "tokens", "words", "attention_units"):
        known = {one.value.size for one in bench.sources if isinstance(one.value.size, int) and one.value.size > 1}
        choices = [Choice(str(size)) for size in sorted(known | {32, 64, 128, 256, 512})]
        choices += [Choice(f"${name}") for name in bench.sizes]
    elif field.name == "cell":
        choices = [Choice(kind.name, kind.help) for kind in bench.blocks.values() if _is_cell(kind)]
    elif field.name == "initial":
        choices = [Choice("zeros"), Choice("learned")]
        choices += [Choice(f"{name}.state") for name in bench.nodes if (kind := bench.kind(name)) and kind.is_composite]
    elif field.name == "share":
        choices = [Choice(name) for name in bench.nodes if bench.kind(name)]
    choices = list({one.value: one for one in choices}.values())
    note = (told or field.help) if not value else ""
    return Row(field.name, value, note, tuple(choices), field.type not in ("choice", "boolean"), field.said)


def _is_cell(kind: BlockType) -> bool:
    return kind.is_composite and not kind.takes and len(kind.ports) == 1 and kind.parameter("units") is not None
