"""The body of a generated method: values by node, statements in order, nodes printed for all steps at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from leporello.builder.lowering.comments import Equations
from leporello.builder.lowering.delay_lines import Lines, Port, find_lines, initial_value, key_of, line_text
from leporello.builder.lowering.lines import INDENT, Line, together
from leporello.builder.lowering.primitives import Surroundings, expanded, operate, tensor
from leporello.builder.lowering.source_text import quoted
from leporello.builder.lowering.terms import ATOM, BATCH, CALLED, Dimension, Term
from leporello.builder.names import Names, readable
from leporello.builder.plan.passes.origins import origins_of
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.nodes import NOW, Node, Wire

Values = dict[Port, Term]


@dataclass
class Function:
    """What is being printed: lines, variables, and the term for each value that is known."""

    model: Checked
    names: Names
    around: Surroundings
    equations: Equations
    values: dict[Port, Term] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    read_late: dict[tuple[str, str, str, int], Term] = field(default_factory=dict)
    befores: dict[tuple[Port, bool], str] = field(default_factory=dict)
    lengths: dict[str, str] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()
    firsts: dict[str, str] = field(default_factory=dict)
    streamed: frozenset[Port] = frozenset()
    scanned: frozenset[str] = frozenset()
    finals: dict[Wire, Term] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    told: dict[tuple[str, ...], str] = field(default_factory=dict)
    around_loop: list[Line] | None = None

    def __post_init__(self) -> None:
        self.delays: Lines = find_lines(self.model)
        self.uses = count_uses(self.model)

    def say(self, text: str, depth: int = 2, nodes: Iterable[str] = ()) -> None:
        """Add a line, which computes `nodes` of the model."""
        self.lines.append(self.line(text, depth, nodes))

    def line(self, text: str, depth: int, nodes: Iterable[str]) -> Line:
        """A line, which computes `nodes` of the model."""
        return Line(INDENT * depth + text, together(*(origins_of(self.model, path) for path in nodes)))

    def assign(
        self, path: str, term: Term, port: str = "", into: Values | None = None, end: str = "", block: str = ""
    ) -> Term:
        """Give the value of a node's port a variable, its name ending in `end`; a `block` has its equation beside."""
        base = self.names.of(f"{path}/{port}" if port else path)
        name = self.names.new(base + end) if end else base
        if term.text != name:
            code = f"{name} = {term.text}"
            told = self.equations.beside(path, code, block) if block else ""
            self.say(code + comment(self.shape(path, port, term), told), nodes=(path, *term.nodes))
        kept = replace(term.named(name), scalar=False)
        (self.values if into is None else into)[path, port] = kept
        return kept

    def once(self, text: str, path: str, node: str) -> str:
        """The variable of an expression over what no loop changes, worked out before any loop; short ones stay.

        A slice stays outside of loops only: inside, every step's gradient would fill the whole weight.
        """
        mask = text.startswith("F.dropout")
        sliced = self.around_loop is not None and text.endswith("]") and ":" in text
        if not (mask or sliced or text.startswith(("torch.cat", "keep(")) or text.endswith(".t()")):
            return text
        key = path if mask else text
        if key not in self.constants:
            owner, _, name = path.rpartition("/")
            self.constants[key] = self.names.new(f"{self.names.of(owner)}_{name}")
            self.outer.append(self.line(f"{self.constants[key]} = {text}", 2, [node]))
        return self.constants[key]

    @property
    def outer(self) -> list[Line]:
        """The lines outside of the loop that is being printed."""
        return self.lines if self.around_loop is None else self.around_loop

    def shape(self, path: str, port: str, term: Term) -> str:
        """A value's shape, nothing for one that is the same for all."""
        value = self.model.values[path, port]
        names = [CALLED.get(dim, dim) if isinstance(dim, str) else dim[0] for dim in term.dims]
        tail = [] if value.kind == "tokens" else [str(value.size)]
        return f"[{', '.join(names + tail)}]" if names else ""

    def emit(
        self, node: Node, read: Callable[[Wire], Term], around: Surroundings, into: Values | None = None, end: str = ""
    ) -> None:
        """Print a node, or keep its term where it is printed inside what reads it."""
        values = self.values if into is None else into
        terms = {port: read(wire) for port, wire in node.inputs}
        ports = around.model.registry[node.block].outputs_of(node.parameters)
        if node.block == "split":
            whole = tensor(terms["input"], around)
            self._assign_all(node, ports, replace(whole, text=f"{whole.atom}.chunk({len(ports)}, -1)"), values, end)
            return
        inside = together((node.path,), *(term.nodes for term in terms.values()))
        term = replace(operate(node, terms, around), nodes=inside)
        if len(ports) > 1:
            self._assign_all(node, ports, term, values, end)
            return
        term = replace(term, tokens=self.model.values[node.path, ""].kind == "tokens")
        alias = node.block == "identity" and term.text.isidentifier()
        if term.scalar or alias or self.inlined(node, values):
            values[node.path, ""] = term
        else:
            self.assign(node.path, term, "", values, end, node.block)

    def inlined(self, node: Node, values: Values) -> bool:
        """Whether a node is an unnamed piece of an expression that is read once, at the same step."""
        owner = node.path.rpartition("/")[0]
        if owner not in self.model.graph or self.uses.get(node.path, 0) != 1 or self._has_name(node):
            return False
        return values is not self.values or owner not in self.scanned

    def _has_name(self, node: Node) -> bool:
        """Whether a node is a variable always: a learned layer, and one of several outputs."""
        kind = self.model.registry[node.block]
        return kind.weights is not None or len(kind.outputs_of(node.parameters)) > 1

    def _assign_all(self, node: Node, ports: Sequence[str], term: Term, values: Values, end: str) -> None:
        """Give each output of a node a variable; the term is all of them."""
        bases = [self.names.of(f"{node.path}/{port}") for port in ports]
        names = [self.names.new(base + end) for base in bases] if end else bases
        told = self.equations.parts(node.parameters.get("of", ()))
        self.say(f"{', '.join(names)} = {term.text}" + comment(told), nodes=(node.path, *term.nodes))
        for port, name in zip(ports, names, strict=True):
            tokens = self.model.values[node.path, port].kind == "tokens"
            values[node.path, port] = replace(term.named(name), scalar=False, tokens=tokens)
        values[node.path, ""] = values[node.path, ports[0]]

    def read(self, wire: Wire) -> Term:
        """What a wire reads, where all steps are computed at once."""
        if wire in self.finals:
            return self.finals[wire]
        term = self.values[wire.source, wire.port]
        own = self.model.axes[wire.source].own
        if own is None or wire.time == NOW:
            return term
        time = wire.time
        if time.kind == "all":
            dims = self._full(wire.source)
            term = expanded(term, dims, self.around)
            carried: list[Dimension] = [(own, time.scope) if dim == own else dim for dim in dims]
            return replace(term, dims=tuple(carried))
        if time.offset:
            term = self._shifted(wire, own)
        if time.kind == "t" or own not in term.dims:
            return term
        dims = tuple(dim for dim in term.dims if dim != own)
        if time.kind == "first" and own in self.kept:
            return Term(self._remembered(wire, term), dims, tokens=term.tokens)
        if time.kind == "first":
            return replace(term, text=f"{term.atom}[:, 0]", dims=dims, strength=ATOM)
        return replace(term, text=f"last({term.text}, {self.lengths[own]})", dims=dims, strength=ATOM)

    def _remembered(self, wire: Wire, term: Term) -> str:
        """The variable of a first step, which the state hands on to later pieces."""
        key = str(wire)
        if key not in self.firsts:
            name = self.names.new(f"{self.names.of(wire.source)}_first")
            self.say(f"{name} = first_of({term.text}, state, {quoted(key)})", nodes=(wire.source, *term.nodes))
            self.firsts[key] = name
        return self.firsts[key]

    def _full(self, path: str) -> tuple[Dimension, ...]:
        axes = self.model.axes[path]
        return (BATCH, *([axes.own] if axes.own else []), *axes.carried)

    def _shifted(self, wire: Wire, own: str) -> Term:
        """A value some steps late or ahead, as a variable."""
        offset = wire.time.offset
        known = (wire.source, wire.port, own, offset)
        if known not in self.read_late:
            port = (wire.source, wire.port)
            term = expanded(self.values[port], self._full(wire.source), self.around)
            before = self.before(port, offset > 0)
            text = (
                f"late({term.text}, {-offset}, {before})"
                if offset < 0
                else f"ahead({term.text}, {offset}, {before}, {self.lengths[own]})"
            )
            base = self.names.of(f"{wire.source}/{wire.port}" if wire.port else wire.source)
            name = self.names.new(f"{base}_late{-offset}" if offset < 0 else f"{base}_ahead{offset}")
            self.say(f"{name} = {text}", nodes=(wire.source, *term.nodes))
            self.read_late[known] = term.named(name)
        return self.read_late[known]

    def before(self, port: Port, after: bool = False) -> str:
        """The variable of a delay line `[batch, places, ...]` before the first step (after the last)."""
        if (port, after) not in self.befores:
            places = (self.delays.ahead if after else self.delays.late)[port]
            order = range(1, places + 1) if after else range(places, 0, -1)
            node = self.model.graph[port[0]]
            starts = [initial_value(node, port, place, after, self.around, self.read) for place in order]
            text = line_text(starts)
            if not after and port in self.streamed:
                kept = f'state["{key_of(port)}"]' + (".unsqueeze(1)" if places == 1 else "")
                text = f"{text} if state is None else {kept}"
            base = self.names.of("/".join(filter(None, port)))
            name = self.names.new(f"{base}_{'after' if after else 'before'}")
            self.say(f"{name} = {text}", nodes=(port[0], *(path for start in starts for path in start.nodes)))
            self.befores[port, after] = name
        return self.befores[port, after]


def comment(*told: str) -> str:
    """A comment at the end of a line, of what there is to tell."""
    said = "; ".join(filter(None, told))
    return f"  # {said}" if said else ""


def variables(model: Checked) -> dict[str, str]:
    """Readable names for the values of a model; parts of what was merged or joined are called as they were."""
    paths = {node.path: node.path for node in model.graph.nodes}
    for node in model.graph.nodes:
        names = model.registry[node.block].outputs_of(node.parameters)
        if len(names) > 1 or "into" in node.parameters:
            ports = [f"{node.path}/{port}" for port in names]
            paths.update(zip(ports, node.parameters.get("of", ports), strict=True))
    found = readable(dict.fromkeys(paths.values()))
    return {path: found[told] for path, told in paths.items()}


def count_uses(model: Checked) -> Mapping[str, int]:
    """How often each node is read; a read at another step counts as many, since it needs a variable."""
    uses: dict[str, int] = {}
    reads: Sequence[Wire] = [w for node in model.graph.nodes for w in node.wires + node.initial_wires]
    for wire in [*reads, *(output.wire for output in model.graph.outputs)]:
        uses[wire.source] = uses.get(wire.source, 0) + (1 if wire.time == NOW else 2)
    return uses
