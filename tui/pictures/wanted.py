"""What passes between the screens and the process that checks and draws: frozen values, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from leporello.graphs.problems import Problem

if TYPE_CHECKING:  # the screens are there before the first picture
    from leporello.graphs.drawing.terminal.cell_picture import CellPicture


class Shown(NamedTuple):
    """Which picture of a model is looked at; `steps` is none for the folded one, which may stand `beside` another.

    `lengths` says the steps of axes that have others. A `cell` is drawn in its place, with rails and gates.
    """

    steps: int | None = None
    opened: tuple[str, ...] = ()
    feedback: str = ""
    schedule: bool = False
    ascii_only: bool = False
    beside: bool = False
    sizes: bool = False
    cell: str = ""
    lengths: tuple[tuple[str, int], ...] = ()

    @property
    def all(self) -> tuple[Shown, ...]:
        """The pictures to be drawn."""
        return (self, self._replace(steps=None)) if self.beside and self.steps is not None else (self,)


class Wanted(NamedTuple):
    """A text to be checked and drawn. What comes in answer has the same `serial`.

    Boxes keep their order from the picture of the text before, unless it is drawn `afresh`.
    """

    serial: int
    text: str
    file: str
    shown: Shown = Shown()
    afresh: bool = False


class About(NamedTuple):
    """Everything about the box at a path of the text that was checked last, or about the wires to a `reader`."""

    path: str
    reader: str = ""


class Code(NamedTuple):
    """The lines of the generated source that are those of a box."""

    path: str


class Block(NamedTuple):
    """The picture of a block by itself: one that ships, or that the text which was checked last defines."""

    name: str


class Find(NamedTuple):
    """The boxes, however deep, whose names have these letters."""

    letters: str


class Export(NamedTuple):
    """The picture that is looked at, in the format of a file's name, written there."""

    output: str
    shown: Shown
    dark: bool = False


Equation = tuple[tuple[str, int], ...]
"""Letters and their level: -1 for a subscript, 1 for an exponent."""


class Row(NamedTuple):
    """A name, what is said of it, and what is known beside that."""

    name: str
    said: str
    more: str = ""


class Loop(NamedTuple):
    """A loop in the words of the top bar and of the inspector: `kind` fused or scanned, the `cell` that it is."""

    kind: str
    nodes: tuple[str, ...]
    cell: str = ""
    why: str = ""


class Findings(NamedTuple):
    """What is known of a text as far as it goes; how its loops run comes a moment later, in `Loops`.

    `untrained` says why nothing can be learned from it, though it may be a model.
    """

    serial: int
    name: str = ""
    problems: tuple[Problem, ...] = ()
    weights: str = ""
    axes: tuple[str, ...] = ()
    composites: tuple[str, ...] = ()
    has_feedback: bool = False
    lines: tuple[tuple[str, int], ...] = ()
    untrained: Problem | None = None
    loops: tuple[Loop, ...] | None = None

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep the model from being one."""
        return tuple(problem for problem in self.problems if not problem.warning)


class Loops(NamedTuple):
    """How the loops of a text run that is a model."""

    serial: int
    loops: tuple[Loop, ...]


class Drawn(NamedTuple):
    """A picture: the first one at once, then the best."""

    serial: int
    picture: CellPicture
    shown: Shown
    best: bool


class BlockDrawn(NamedTuple):
    """The picture of a block; none of what is no block, or cannot be drawn."""

    name: str
    picture: CellPicture | None


class Facts(NamedTuple):
    """What the inspector tells of a box, or of the wires to a `reader`."""

    path: str
    rows: tuple[Row, ...] = ()
    ports: tuple[Row, ...] = ()
    parameters: tuple[Row, ...] = ()
    equations: tuple[Equation, ...] = ()
    runs: tuple[str, ...] = ()
    help: str = ""
    paper: str = ""
    line: int = 0
    composite: bool = False
    reader: str = ""


class Lines(NamedTuple):
    """The lines of the generated source that are those of a box, of the text with this serial number."""

    serial: int
    path: str
    lines: tuple[str, ...]


class Matches(NamedTuple):
    """Paths that have these letters, the likeliest first."""

    letters: str
    paths: tuple[str, ...]


class Failed(NamedTuple):
    """What could not be done, in words; the picture before it stays."""

    serial: int
    what: str


class Exported(NamedTuple):
    """A file that was written."""

    output: str


Request = Wanted | About | Code | Block | Find | Export
Reply = Findings | Loops | Drawn | BlockDrawn | Facts | Lines | Matches | Failed | Exported
