"""A loop that is a known cell: one call of torch's kernel for all steps."""

from __future__ import annotations

from leporello.builder.cells import Cell, weight_owner
from leporello.builder.function import Function
from leporello.builder.layout import listed
from leporello.builder.lines import Port, initial_value, key_of
from leporello.builder.operations import expanded, part, reference
from leporello.builder.schedule import Stage
from leporello.builder.terms import Dimension, Term
from leporello.graphs.graph import Time, Wire


class Fused:
    """Prints one fused cell into a function."""

    def __init__(self, stage: Stage, function: Function) -> None:
        assert stage.cell is not None
        self.cell: Cell = stage.cell
        self.function, self.axis = function, str(stage.axis)
        self.h = (f"{self.cell.path}/h", "")
        self.c = (f"{self.cell.path}/c", "")
        self.final: dict[Port, str] = {}
        self._parts = ""

    def emit(self) -> None:
        """The call, the hidden state at all steps, and the cell state where the loop ends."""
        function, cell = self.function, self.cell
        dims: tuple[Dimension, ...] = ("batch", self.axis)
        x = expanded(function.read(cell.input), dims, function.around).text
        length = function.lengths[self.axis]
        if cell.backward:
            x = f"reverse({x}, {length})"
        start = self._start(self.h)
        value = Term(self._call(x, start), dims)
        if cell.kind == "lstm":
            c_end = function.names.new(f"{function.names.of(self.c[0])}_end")
            name = function.names.of(self.h[0])
            function.say(f"{name}, {c_end} = {value.text}{function.shape(self.h[0], '', value)}")
            function.values[self.h] = Term(name, dims)
            self.final[self.c] = c_end
            self._keep_end(c_end)
        else:
            function.assign(self.h[0], value)
        if cell.backward:
            name = function.values[self.h].text
            function.say(f"{name} = reverse({name}, {length})")

    def _keep_end(self, name: str) -> None:
        """What reads c where the loop ends finds it as a value of its own."""
        time = Time("first" if self.cell.backward else "last")
        self.function.finals[Wire(self.c[0], "", time)] = Term(name, ("batch",))

    def ends(self) -> dict[Port, str]:
        """The states after the last valid step, `[batch, units]`."""
        function = self.function
        h = f"last({function.values[self.h].text}, {function.lengths[self.axis]})"
        return {} if self.cell.backward else {self.h: h, **self.final}

    def _start(self, port: Port) -> str:
        function = self.function
        node = function.model.graph[port[0]]
        start = initial_value(node, port, 1, self.cell.backward, function.around, function.read).text
        if port in function.streamed:
            places = function.delays.late[port]
            start = f'{start} if state is None else state["{key_of(port)}"]' + ("[:, -1]" if places > 1 else "")
        name = function.names.new(f"{function.names.of(port[0])}_before")
        function.say(f"{name} = {start}")
        return name

    def _call(self, x: str, start: str) -> str:
        cell = self.cell
        if cell.kind == "rnn":
            weights, biases = self._weights("W")
            return f"fused_rnn({x}, {start}, {weights[1:-1]}, {biases[1:-1] or None}, {cell.variant == 'relu'})"
        if cell.kind == "gru":
            gates, _ = self._weights("W_r", "W_z")
            candidate, _ = self._weights("W_n", "U_n")
            _, biases = self._weights("W_r", "W_z", "W_n", "U_n")
            return f"fused_gru({x}, {start}, {gates}, {candidate}, {biases})"
        weights, biases = self._weights("W_i", "W_f", "W_g", "W_o")
        c = self._start(self.c)
        mask = self.function.around.masks[self.axis]
        projection = ""
        if cell.projected:
            projection = ", " + reference(weight_owner(self.function.model.graph[self.h[0]], "weight"))
        return f"fused_lstm({x}, {start}, {c}, {weights}, {biases}, {mask}{projection})"

    def _weights(self, *names: str) -> tuple[str, str]:
        """Lists of the weights and of the biases of the gates called `names`."""
        graph, path = self.function.model.graph, self.cell.path
        nodes = [graph[f"{path}/{name}"] for name in names]
        biased = all(node.parameters["bias"] for node in nodes)
        owned = all(weight_owner(node, "weight") == f"{node.path}/weight" for node in nodes)
        if owned and len(names) > 1:
            gates = listed(names)
            weights = f"[{self._cell()}[name].weight for name in {gates}]"
            return weights, f"[{self._cell()}[name].bias for name in {gates}]" if biased else "[]"
        weights = ", ".join(reference(weight_owner(node, "weight")) for node in nodes)
        biases = ", ".join(reference(weight_owner(node, "bias")) for node in nodes if biased)
        return f"[{weights}]", f"[{biases}]"

    def _cell(self) -> str:
        """The variable of the cell's parts."""
        if not self._parts:
            self._parts = self.function.names.new("cell", f"{self.function.names.of(self.h[0])}_cell")
            self.function.say(f"{self._parts} = {part(self.cell.path)}")
        return self._parts
