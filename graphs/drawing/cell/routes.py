"""The wires of a cell on the grid: rails first, straight; then what stands in one column; then everything else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from leporello.graphs.drawing.cell.gates import gate_note
from leporello.graphs.drawing.cell.levels import Levels
from leporello.graphs.drawing.cell.names import label_at
from leporello.graphs.drawing.cell.parts import Cell, CellValue
from leporello.graphs.drawing.cell.places import Places
from leporello.graphs.drawing.cell.ports import ways_in, ways_out
from leporello.graphs.drawing.cell.rails import Rail
from leporello.graphs.drawing.column.requests import DOWN, LEFT, RIGHT, GridPoint, Port, Request
from leporello.graphs.drawing.column.routing import Router
from leporello.graphs.drawing.letters.lettering import label
from leporello.graphs.drawing.scene.scene import Note
from leporello.graphs.frozen import frozen


@frozen
class Way:
    """A wire on the grid: its net, its corners, the operations at its ends (empty for the borders)."""

    net: str
    corners: tuple[GridPoint, ...]
    value: CellValue
    source: str = ""
    target: str = ""
    carried: bool = False
    arrow: bool = True


@dataclass
class Wiring:
    """The wires of a cell; `missing` is what found no way. Where it is `closed` no wire runs along the frame."""

    cell: Cell
    carried: tuple[Rail, ...]
    levels: Levels
    places: Places
    closed: bool = True
    ways: list[Way] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    done: set[tuple[CellValue, str]] = field(default_factory=set)
    gates: list[Note] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.router = Router(self.places.column, most=60_000, budget=3_000_000)
        self.late = self._late_states()
        if self.closed:
            self._close_frame()

    def _close_frame(self) -> None:
        """Wires pass the frame only where values come in or go out, and none runs along it."""
        places = self.places
        left, top, right, bottom = places.frame
        lines = {*places.rails.values(), *places.lows.values(), *places.exits.values()}
        for y in set(range(top, bottom + 1)) - lines:
            self.router.block(left, y, left, y)
            self.router.block(right, y, right, y)
        for x in range(left, right + 1):
            self.router.block(x, bottom, x, bottom)
            if x not in places.tops.values():
                self.router.block(x, top, x, top)

    def _late_states(self) -> set[CellValue]:
        return {value for values in self.cell.states.values() for value in values}

    def wire(self) -> None:
        """All wires."""
        for rail in self.carried:
            self._rail(rail)
        self._columns()
        for value in sorted(self.places.lows, key=self._line):
            self._low(value)
        self._rest()
        for state in self.cell.states:
            if state not in self.places.rails:
                y = self.places.exits[state]
                right = self.places.right
                self._leave(state, (right, y, LEFT, 0), (self._right, y), right)
                self._lengthen(state, y, self.places.right, self._right)
        for path, x in self.places.tops.items():
            self._leave(path, (x, self.places.frame[1], DOWN, 0), (x, 0), self._right)

    def name_gates(self) -> int:
        """Puts the names of gates beside the wires that leave them; gives how many have no room."""
        lacking = 0
        for path, operation in self.cell.operations.items():
            first = {way.value.port: way for way in reversed(self.ways) if way.source == path}
            for port, way in first.items():
                if operation.name or port:
                    text = label(port, "t") if port else label_at(self.cell, path, "t")
                    note = gate_note(text, way.corners, self.router)
                    self.gates += [note] if note else []
                    lacking += note is None
        return lacking

    @property
    def _right(self) -> int:
        return self.places.column.width - 1

    def net(self, value: CellValue) -> str:
        """The net of a value: those that lie side by side share one."""
        return "side by side" if value in self.places.bundle else value.net

    def _rail(self, rail: Rail) -> None:
        y, spots = self.places.rails[rail.state], self.places.column.spots
        start: Port = (0, y, RIGHT, 0)
        value, source = rail.entry, ""
        for path in rail.path:
            goal: Port = (spots[path].left, y, LEFT, 0)
            self._add(value, (start,), (goal,), source, path, carried=True)
            self.done.add((value, path))
            value, source, start = CellValue(path), path, (spots[path].right, y, RIGHT, 0)
        self._add(value, (start,), ((self._right, y, LEFT, 0),), source, "", carried=True)

    def _columns(self) -> None:
        """Wires between neighbours in one column."""
        columns, rows = self.levels.columns, self.levels.rows
        for path, operation in self.cell.operations.items():
            for value in operation.reads:
                own = self.cell.own(value) and value.path in rows
                if own and columns[value.path] == columns[path] and (value, path) not in self.done:
                    self._read(value, path)

    def _line(self, value: CellValue) -> tuple[int, bool]:
        return self.places.lows[value], value in self.cell.inputs

    def _low(self, value: CellValue) -> None:
        """A line below the layers, to the farthest reader first; the others branch from it."""
        y = self.places.lows[value]
        shared = [other for other in self.places.bundle if other in self.late]
        if value in self.places.bundle and value not in shared:
            self._join(value, y)
            return
        lead: tuple[GridPoint, ...] = ()
        if value in self.places.feet:
            x = self.places.feet[value]
            lead = ((x, self._foot), (x, y))
        elif value in self.places.drops:
            x = self.places.drops[value]
            lead = ((x, next(self.places.rails[rail.state] for rail in self.carried if rail.entry == value)), (x, y))
        self._occupy(self.net(value), lead)
        start = (*(lead[-1] if lead else (0, y)), RIGHT, 0)
        spots = self.places.column.spots
        readers = [path for path in self.cell.readers(value) if (value, path) not in self.done]
        for path in sorted(readers, key=lambda path: (-spots[path].x, -spots[path].y)):
            self._add(value, (start,), ways_in(self.cell, path, value, self.places, self.levels), "", path, lead)
            self.done.update(
                (other, path) for other in (self.places.bundle if shared and value in shared else (value,))
            )
            lead = ()

    @property
    def _foot(self) -> int:
        return self.places.column.height - 4

    def _join(self, value: CellValue, y: int) -> None:
        """A value that comes from below to the line on which it lies beside others."""
        x = self.places.feet[value]
        self._occupy(self.net(value), ((x, self._foot), (x, y + 1)))
        corners = ((x, self._foot), (x, y), (x + 2, y))
        self.ways.append(Way(self.net(value), corners, value, arrow=False))

    def _occupy(self, net: str, lead: tuple[GridPoint, ...]) -> None:
        if not lead:
            return
        (x, one), (_, other) = lead
        self.router.occupy(net, ((x, one), (x, other - 1 if one < other else other + 1)))

    def _lengthen(self, net: str, y: int, first: int, last: int) -> None:
        """A level piece that is part of the grid, from which others may branch."""
        self.router.occupy(net, ((first, y), (last - 1, y)))

    def _rest(self) -> None:
        spots = self.places.column.spots
        wanted = [
            (value, path)
            for path, operation in self.cell.operations.items()
            for value in dict.fromkeys(operation.reads)
            if (value, path) not in self.done
        ]
        for value, path in sorted(wanted, key=lambda pair: self._far(pair[0], spots[pair[1]].x, spots[pair[1]].y)):
            self._read(value, path)

    def _far(self, value: CellValue, x: int, y: int) -> tuple[bool, int]:
        spot = self.places.column.spots.get(value.path)
        own = spot is not None and self.cell.own(value)
        return not own, abs(spot.x - x) + abs(spot.y - y) if spot and own else x

    def _read(self, value: CellValue, path: str) -> None:
        goals = ways_in(self.cell, path, value, self.places, self.levels)
        if self.cell.own(value):
            self._add(value, ways_out(self.cell, value, self.places, self.levels), goals, value.path, path)
        else:
            self._add(value, (), goals, "", path)
        self.done.add((value, path))

    def _leave(self, path: str, goal: Port, end: GridPoint, most: int) -> None:
        """The way of a value to a place on the frame, and straight on to the `end` beyond it."""
        count = len(self.ways)
        self._add(
            CellValue(path),
            ways_out(self.cell, CellValue(path), self.places, self.levels),
            (goal,),
            path,
            "",
            most=most,
        )
        self.ways[count:] = [replace(way, corners=(*way.corners[:-1], end)) for way in self.ways[count:]]

    def _add(
        self,
        value: CellValue,
        starts: tuple[Port, ...],
        goals: Iterable[Port],
        source: str,
        target: str,
        lead: tuple[GridPoint, ...] = (),
        carried: bool = False,
        most: int = 0,
    ) -> None:
        net = self.net(value)
        bounds = (0, most or self.places.column.width)
        found = self.router.route(Request(net, starts, tuple(goals), bounds=bounds, shared=not lead))
        if found is None:
            self.missing.append(f"{net} to {target or 'the border'}")
            return
        corners = (*lead[:-1], *found) if lead and found[0] == lead[-1] else found
        self.ways.append(Way(net, corners, value, source, target, carried))
