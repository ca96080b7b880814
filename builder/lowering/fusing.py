"""A loop that is a known cell: one call of torch's kernel for all steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from leporello.builder.lowering.delay_lines import Port, initial_value, key_of
from leporello.builder.lowering.function import Function, comment
from leporello.builder.lowering.lines import together
from leporello.builder.lowering.primitives import expanded
from leporello.builder.lowering.terms import BATCH, Dimension, Term
from leporello.builder.names import STATE_WANTED, reference
from leporello.builder.plan.affine import Affine
from leporello.builder.plan.kernels import KernelMatch
from leporello.builder.plan.schedule import Stage
from leporello.builder.plan.slices import Slice, stacked
from leporello.graphs.nodes import Time, Wire

Columns = Slice | int
"""What meets neighbouring sources in a gate: columns of a weight, or so many of zeros."""


class Fused:
    """Prints one fused cell into a function."""

    def __init__(self, stage: Stage, function: Function) -> None:
        assert stage.cell is not None
        self.cell: KernelMatch = stage.cell
        self.function, self.axis = function, str(stage.axis)
        self.h, self.c = (self.cell.h, ""), (self.cell.c, "")
        self.nodes = self._nodes()
        self.final: dict[Port, str] = {}
        model = function.model
        self.units = int(model.values[self.c if self.cell.c else self.h].size)  # type: ignore[arg-type]
        self.hidden = int(model.values[self.h].size)  # type: ignore[arg-type]
        self.sizes = [int(model.value(wire).size) for wire in self.cell.sources]  # type: ignore[arg-type]

    def _nodes(self) -> tuple[str, ...]:
        """The nodes that the call computes, with the numbers that other cells read too."""
        graph, inside = self.function.model.graph, self.cell.nodes
        read = {wire.source for path in inside for wire in graph[path].wires if graph[wire.source].block == "number"}
        return tuple(sorted(inside | read))

    def emit(self) -> None:
        """The call, the hidden state at all steps, and the cell state where the loop ends."""
        function, cell = self.function, self.cell
        dims: tuple[Dimension, ...] = (BATCH, self.axis)
        x = self.input(dims)
        read = f"reverse({x.text}, {function.lengths[self.axis]})" if cell.backward else x.text
        name = function.names.of(cell.h)
        value = Term(f"fused_{cell.kind}({', '.join([read, *self.arguments()])})", dims)
        self.tell()
        if cell.c:
            end = self.end()
            told = comment(function.shape(cell.h, "", value))
            function.say(f"{name}, {end} = {value.text}{told}", nodes=(*self.nodes, *x.nodes))
            function.values[self.h] = Term(name, dims)
        else:
            function.assign(cell.h, replace(value, nodes=(*self.nodes, *x.nodes)))
        if cell.backward:
            function.say(f"{name} = reverse({name}, {function.lengths[self.axis]})", nodes=[cell.h])

    def end(self) -> str:
        """The variable of c where the loop ends, `_` where nobody reads it."""
        function, cell = self.function, self.cell
        end = function.names.new(f"{function.names.of(cell.c)}_end") if self._ends_read() else "_"
        self.final[self.c] = end
        time = Time("first" if cell.backward else "last")
        function.finals[Wire(cell.c, "", time)] = Term(end, (BATCH,))
        return end

    def tell(self) -> None:
        """The equations that the call stands for; those that an earlier call told are not told again."""
        function, cell = self.function, self.cell
        outside = function.model.graph.index.keys() - cell.nodes
        linears, equations = function.equations.cell([path for path in (cell.h, cell.c) if path], outside)
        body = function.model.graph[cell.h].body
        known = function.told.setdefault(tuple(equations), body)
        as_before = f" with the equations of {known}" if known and known != body else ""
        said = f"{cell.described}{as_before}, all steps in one call of torch's kernel:"
        function.say(f"# {body}: {said}" if body else f"# {said.capitalize()}", nodes=self.nodes)
        for line in [*linears, *([] if as_before else equations)]:
            function.say(f"#   {line}", nodes=self.nodes)

    def ends(self) -> dict[Port, str]:
        """The states after the last valid step, `[batch, units]`."""
        function = self.function
        h = f"last({function.values[self.h].text}, {function.lengths[self.axis]})"
        return {} if self.cell.backward else {self.h: h, **self.final}

    def input(self, dims: tuple[Dimension, ...]) -> Term:
        """What the cell reads at all steps, its sources side by side."""
        function = self.function
        whole_list = self._list()
        if whole_list is not None:
            return expanded(function.read(Wire(whole_list)), dims, function.around)
        terms = [expanded(function.read(wire), dims, function.around) for wire in self.cell.sources]
        whole = f"torch.cat([{', '.join(term.text for term in terms)}], -1)"
        return Term(terms[0].text if len(terms) == 1 else whole, dims, nodes=together(*(term.nodes for term in terms)))

    def _list(self) -> str | None:
        """The list of what the cell reads, where there is one already, which needs not be put together again."""
        graph, sources = self.function.model.graph, tuple(self.cell.sources)
        readers = {node.path for node, _ in graph.readers[sources[0].source] if node.block == "concatenate"}
        known = (
            path for path in sorted(readers) if graph[path].wires == sources and (path, "") in self.function.values
        )
        return next(known, None) if len(sources) > 1 else None

    def _start(self, port: Port) -> str:
        function = self.function
        node = function.model.graph[port[0]]
        value = initial_value(node, port, 1, self.cell.backward, function.around, function.read)
        start = value.text
        if port in function.streamed:
            places = function.delays.late[port]
            start = f'{start} if state is None else state["{key_of(port)}"]' + ("[:, -1]" if places > 1 else "")
        name = function.names.new(f"{function.names.of(port[0])}_before")
        function.say(f"{name} = {start}", nodes=(port[0], *value.nodes))
        return name

    def arguments(self) -> list[str]:
        """What the kernel's call is given beside its input: states before the first step, weights, what else it has."""
        cell = self.cell
        start = [self._start(self.h), *([self._start(self.c)] if cell.c else [])]
        forward, recurrent = self._weights()
        gates = cell.gates[:3] if cell.kind == "gru" else cell.gates
        biases = [self._bias(gate) for gate in gates]
        bias = "None"
        if any(biases) or (cell.kind == "gru" and cell.gates[3].biases):
            bias = self._stacked_bias(gates, biases)
        arguments = [*start, forward, recurrent, bias]
        if cell.kind == "rnn":
            arguments.append(str(cell.relu))
        if cell.kind == "gru":
            arguments.append(self._bias(cell.gates[3]) or "None")
        if cell.kind == "lstm":
            arguments.append(self._mask())
            if cell.projection is not None:
                arguments.append(cell.projection.text)
        return arguments

    def _mask(self) -> str:
        """The mask that holds c from each sequence's own end on, which costs time; none where nobody reads it there."""
        mask = self.function.around.masks[self.axis]
        if self._given_on():
            return mask
        return f"{mask} if {STATE_WANTED} else None" if self.c in self.function.streamed else "None"

    def _given_on(self) -> bool:
        """Whether something outside of the cell reads c."""
        graph = self.function.model.graph
        readers = {node.path for node, _ in graph.readers[self.cell.c]} - self.cell.nodes
        return bool(readers) or any(output.wire.source == self.cell.c for output in graph.outputs)

    def _ends_read(self) -> bool:
        """Whether c at the end is read, or handed to the next piece of a sequence."""
        return self._given_on() or self.c in self.function.streamed

    def _sides(self) -> list[tuple[Affine, Affine]]:
        """For each gate of the kernel, where its input weights and its state weights are."""
        gates = self.cell.gates
        if self.cell.kind == "gru":
            return [(gates[0], gates[0]), (gates[1], gates[1]), (gates[2], gates[3])]
        return [(gate, gate) for gate in gates]

    def _weights(self) -> tuple[str, str]:
        """The matrices of the input and of the state, `[gates * units, ...]`."""
        inputs = [self._input_slices(inner) for inner, _ in self._sides()]
        hidden = [state.hidden[0] if state.hidden else None for _, state in self._sides()]
        plain = self._plain(inputs, hidden)
        if plain:
            return plain
        like, rows = self.function.around.like, self.units
        forward = [self._row(pieces) for pieces in inputs]
        recurrent = [piece.text if piece else f"{like}.new_zeros({rows}, {self.hidden})" for piece in hidden]
        return stacked(_fused_rows(inputs, forward)), stacked(_fused_rows([[p] for p in hidden], recurrent))

    def _plain(self, inputs: list[list[Columns]], hidden: list[Slice | None]) -> tuple[str, str] | None:
        """Linears of their own over [x, h], each a gate: their weights on top of each other."""
        size = sum(self.sizes)
        paths = [pieces[0].path if len(pieces) == 1 and isinstance(pieces[0], Slice) else "" for pieces in inputs]
        for path, pieces, state in zip(paths, inputs, hidden, strict=True):
            whole = [Slice(path, None, (0, size)), Slice(path, None, (size, size + self.hidden))]
            if not path or [pieces[0], state] != whole:
                return None
        function = self.function
        base = function.names.of(self.cell.h)
        weight = function.names.new(f"{base}_weight")
        linears = [path for path in self.nodes if function.model.graph[path].block == "linear"]
        function.say(f"{weight} = {stacked([reference(path) for path in paths])}", nodes=linears)
        return f"{weight}[:, :{size}]", f"{weight}[:, {size}:]"

    def _input_slices(self, gate: Affine) -> list[Columns]:
        """A gate's weights for its sources, zeros for the others; columns that follow each other are one piece."""
        by_source = dict(gate.inputs)
        found: list[Columns] = []
        for wire, size in zip(self.cell.sources, self.sizes, strict=True):
            piece: Columns = by_source.get(wire, size)
            joined = _joined(found[-1], piece) if found else None
            if joined is None:
                found.append(piece)
            else:
                found[-1] = joined
        return found

    def _row(self, pieces: list[Columns]) -> str:
        like = self.function.around.like
        texts = [
            piece.text if isinstance(piece, Slice) else f"{like}.new_zeros({self.units}, {piece})" for piece in pieces
        ]
        return texts[0] if len(texts) == 1 else f"torch.cat([{', '.join(texts)}], 1)"

    def _bias(self, gate: Affine) -> str:
        """A gate's bias `[units]`, the sum of those that it has; nothing without one."""
        return " + ".join(piece.text for piece in gate.biases)

    def _stacked_bias(self, gates: Sequence[Affine], texts: Sequence[str]) -> str:
        single = [gate.biases[0] if len(gate.biases) == 1 else None for gate in gates]
        like = self.function.around.like
        filled = [text or f"{like}.new_zeros({self.units})" for text in texts]
        return stacked(_fused_rows([[piece] for piece in single], filled))


def _joined(first: Columns, second: Columns) -> Columns | None:
    """Two pieces side by side as one; None where they are not."""
    if isinstance(first, int) and isinstance(second, int):
        return first + second
    if isinstance(first, Slice) and isinstance(second, Slice) and _follows(first.columns, second.columns):
        whole = replace(first, columns=(first.columns[0], second.columns[1]))  # type: ignore[index]
        return whole if replace(whole, columns=second.columns) == second else None
    return None


def _fused_rows(pieces: Sequence[Sequence[Columns | None]], texts: Sequence[str]) -> list[str]:
    """The texts, but rows of one parameter that follow each other are named once."""
    found: list[str] = []
    last: Slice | None = None
    for row, text in zip(pieces, texts, strict=True):
        piece = row[0] if len(row) == 1 and isinstance(row[0], Slice) else None
        if piece and last and _follows(last.rows, piece.rows) and replace(last, rows=piece.rows) == piece:
            last = replace(last, rows=(last.rows[0], piece.rows[1]))  # type: ignore[index]
            found[-1] = last.text
        else:
            last = piece
            found.append(text)
    return found


def _follows(first: tuple[int, int] | None, second: tuple[int, int] | None) -> bool:
    return first is not None and second is not None and first[1] == second[0]
