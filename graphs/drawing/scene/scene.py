"""A picture as a value: figures, lines and notes at their places in pixels, before any format."""

from __future__ import annotations

from typing import Literal

from leporello.graphs.drawing.letters.lettering import Label
from leporello.graphs.drawing.views.view import Badge, Kind, Style
from leporello.graphs.frozen import frozen
from leporello.graphs.phases import How

Point = tuple[float, float]
Shape = Literal["circle", "box", "pill", "sign", "bare"]


@frozen
class Rectangle:
    """A place: its middle and its size."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: Rectangle) -> bool:
        """Whether two rectangles share more than a border."""
        wide = abs(self.x - other.x) * 2 < self.width + other.width - 1e-6
        return wide and abs(self.y - other.y) * 2 < self.height + other.height - 1e-6


@frozen
class Figure:
    """A box of the picture; `identity` is its path (with `@step`), `title` its hover text, `value` what flows there.

    `opacity` is less than 1 for a ghost, `strong` stands out, `moment` is when its value is there in motion.
    """

    identity: str
    kind: Kind
    shape: Shape
    place: Rectangle
    label: Label
    caption: str = ""
    title: str = ""
    size: float = 17
    value: str = ""
    opacity: float = 1.0
    strong: bool = False
    moment: float | None = None
    badge: Badge | None = None


@frozen
class Line:
    """A wire: its corners from source to reader. Lines of one `net` carry the same value and may touch.

    A `curved` line is no wire along corners but a smooth arc: its points are a start, two controls and an end.
    `ends` names the boxes that it joins, as their figures do; what lies outside of the steps is `h@before` or
    `h@after`, and a name is empty where the wire ends at another wire.
    """

    net: str
    points: tuple[Point, ...]
    style: Style
    arrow: bool = True
    title: str = ""
    weight: float = 1.0
    opacity: float = 1.0
    curved: bool = False
    moment: float | None = None
    ends: tuple[str, str] = ("", "")


@frozen
class Note:
    """Words beside a line or under a column; `boxed` for the sign of a delay, which stands on its line."""

    place: Rectangle
    label: Label
    size: float
    style: Style | Literal["muted", "ink"] = "muted"
    boxed: bool = False
    bold: bool = False
    title: str = ""
    anchor: Literal["start", "middle", "end"] = "middle"
    opacity: float = 1.0


@frozen
class Panel:
    """A pale ground below figures that belong together; around a `cell` it has a border of its own."""

    place: Rectangle
    focus: bool = False
    cell: bool = False
    opacity: float = 1.0


@frozen
class Ground:
    """A tinted ground below boxes and along wires: what runs together."""

    how: How
    places: tuple[Rectangle, ...]
    ways: tuple[tuple[Point, ...], ...]
    title: str = ""


@frozen
class Bar:
    """What gathers all steps of a box: no wire of its own for each pair of steps."""

    net: str
    place: Rectangle
    label: Label
    title: str = ""
    moment: float | None = None


@frozen
class Grid:
    """A heat map: squares of a `size` from `left`, `top` on, a row of values from -1 to 1 each; `looked` is a row.

    `signed` values have a colour for each sign, others one colour and their number where there is room.
    """

    left: float
    top: float
    size: float
    rows: tuple[tuple[float, ...], ...]
    columns: tuple[str, ...]
    looked: int | None = None
    signed: bool = False
    title: str = ""


@frozen
class TimeArrow:
    """The arrow of an axis with the places of its ticks."""

    start: Point
    end: float
    ticks: tuple[float, ...]


@frozen
class Scene:
    """The whole picture; `lost` is the number of wires that found no way in it."""

    width: float
    height: float
    name: str
    description: str
    figures: tuple[Figure, ...] = ()
    lines: tuple[Line, ...] = ()
    notes: tuple[Note, ...] = ()
    panels: tuple[Panel, ...] = ()
    bars: tuple[Bar, ...] = ()
    arrows: tuple[TimeArrow, ...] = ()
    grounds: tuple[Ground, ...] = ()
    grids: tuple[Grid, ...] = ()
    lost: int = 0
