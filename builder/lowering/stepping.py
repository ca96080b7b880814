"""Stepping along an axis, the state in the caller's hands: what of a model is in a step, and the method `start`."""

from __future__ import annotations

from dataclasses import dataclass, field

from leporello.builder.lowering.delay_lines import Port, initial_value, key_of
from leporello.builder.lowering.lines import Line
from leporello.builder.lowering.running import Run
from leporello.builder.lowering.source_text import listed, quoted, tidy
from leporello.builder.lowering.terms import BATCH, HYPOTHESES, Dimension, Term
from leporello.builder.plan.schedule import Schedule
from leporello.graphs.analysis.loops import Loop
from leporello.graphs.nodes import Output, Wire

NOTHING = "batch"
"""The key of a state that holds nothing but how many sequences there are."""


@dataclass
class Stepping:
    """Prints `start` and `step` along `axis` for a schedule in which every feedback is an input.

    With `hypotheses` there are several values of every sequence at each step, side by side, as there are of all steps
    where they are computed at once. What `start` works out is one for all of them.
    """

    schedule: Schedule
    axis: str
    hypotheses: bool = False
    context: dict[str, Term] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.model = self.schedule.model
        self.here = self._ordered()
        inside = frozenset(self.here)
        others = frozenset(node.path for node in self.model.graph.nodes if node.path not in inside)
        self.begin = Run(self.schedule, only=others)

    def _ordered(self) -> list[str]:
        order = [path for part in self.model.parts for path in (part.nodes if isinstance(part, Loop) else part)]
        return [path for path in order if self.model.axes[path].own == self.axis]

    @property
    def lead(self) -> tuple[Dimension, ...]:
        """The dimensions that every value of a step has first."""
        return (BATCH, HYPOTHESES) if self.hypotheses else (BATCH,)

    @property
    def constants(self) -> list[str]:
        """The keys of the state that `step` hands on as they are."""
        keys = [*self.context, *(f"mask/{axis}" for axis in self.carried_axes())]
        return keys if keys or self.keys else [NOTHING]

    @property
    def ragged(self) -> list[str]:
        """The argument by which `start` is told the lengths of other axes, if there are any."""
        return ["lengths"] if any(axis != self.axis for axis in self.begin.axes) else []

    @property
    def keys(self) -> list[str]:
        """The keys of the delay lines in the state."""
        return [key_of(port) for port in self.lines()]

    @property
    def others(self) -> list[str]:
        """The inputs that `start` takes."""
        return [node.path for node in self.begin.inputs]

    def start_body(self) -> list[Line]:
        """What is computed once, and the delay lines before the first step."""
        begin = self.begin
        begin.steps.pop(self.axis, None)
        begin.axes = tuple(axis for axis in begin.axes if axis != self.axis)
        say = begin.function.say
        say(f"if axis not in (None, {quoted(self.axis)}):")
        say(f'raise ValueError(f"the model steps along {self.axis}, not along {{axis}}")', 3)
        self._prologue()
        begin.stages()
        handed = self._contexts()
        starts = [(port, self._starts(port)) for port in self.lines()]
        entries = [f"{quoted(key)}: {term.text}" for key, term in handed]
        entries += [f"{quoted(key_of(port))}: {self._stacked(terms)}" for port, terms in starts]
        nodes = [path for _, term in handed for path in term.nodes]
        nodes += [path for port, terms in starts for path in (port[0], *(p for term in terms for p in term.nodes))]
        if not entries:  # nothing else would tell `step` how many sequences there are
            entries = [f'"{NOTHING}": {begin.function.around.like}.new_zeros({begin.batch})']
        say(f"state = {{{', '.join(entries)}}}", nodes=nodes)
        for axis in self.carried_axes():
            say(f"if {begin.masks[axis]} is not None:")
            say(f'state["mask/{axis}"] = {begin.masks[axis]}', 3)
        say("return state")
        return tidy(begin.function.lines)

    def _prologue(self) -> None:
        begin = self.begin
        if not begin.inputs:
            begin.function.say(f"{begin.batch} = 1 if batch is None else batch")
            begin.function.say(f"check_axes(lengths, {listed(begin.axes)})")
        else:
            begin.prologue()

    def lines(self) -> list[Port]:
        """The delay lines on the axis."""
        return [port for port in self.begin.function.delays.late if self.model.axes[port[0]].own == self.axis]

    def _starts(self, port: Port) -> list[Term]:
        """What a delay line holds before the first step, in the order of time."""
        function = self.begin.function
        places = function.delays.late[port]
        node = self.model.graph[port[0]]
        return [
            initial_value(node, port, place, False, function.around, function.read) for place in range(places, 0, -1)
        ]

    def reads(self) -> list[Wire]:
        """The wires by which nodes on the axis read what is not on it."""
        inside = set(self.here)
        wires = [wire for path in self.here for wire in self.model.graph[path].wires]
        wires += [output.wire for output in self.outputs()]
        return list(dict.fromkeys(wire for wire in wires if wire.source not in inside))

    def outputs(self) -> list[Output]:
        """The outputs of a step."""
        return [output for output in self.model.graph.outputs if self.model.axes[output.wire.source].own == self.axis]

    def _contexts(self) -> list[tuple[str, Term]]:
        """What `start` hands to every step, by key."""
        function, found = self.begin.function, []
        for wire in self.reads():
            term = function.read(wire)
            if BATCH in term.dims:
                self.context[str(wire)] = term
                found.append((str(wire), term))
        return found

    def carried_axes(self) -> list[str]:
        """The axes of which a step reads all steps."""
        axes = [dim[0] for path in self.here for dim in self.model.axes[path].carried]
        axes += [over[0] for path in self.here if (over := self.model.axes[path].over)]
        return [axis for axis in dict.fromkeys(axes) if axis in self.begin.masks]

    def _stacked(self, terms: list[Term]) -> str:
        """A delay line out of its places, for one hypothesis."""
        one = len(terms) == 1
        text = terms[0].text if one else f"torch.stack([{', '.join(term.text for term in terms)}], 1)"
        if not self.hypotheses:
            return text
        return f"{terms[0].atom if one else text}.unsqueeze(1)"
