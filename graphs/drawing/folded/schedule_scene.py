"""A folded scene that shows how the model runs: grounds below its loops, and beside it the phases in their turn."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.letters.lettering import words
from leporello.graphs.drawing.scene.scene import Ground, Note, Rectangle, Scene
from leporello.graphs.drawing.views.badges import key
from leporello.graphs.drawing.views.opened import Grouping
from leporello.graphs.drawing.views.view import Style
from leporello.graphs.phases import Phase

GAP, WIDE, MARGIN = 40.0, 46, 24.0
SIZE, LINE, INDENT = 13.0, 19.0, 34.0
_STYLES: dict[str, Style] = {"fused": "all", "scanned": "delay"}


def scheduled(scene: Scene, plan: Sequence[Phase], grouping: Grouping) -> Scene:
    """The scene with its loops on tinted grounds and the phases of its `plan` to its right, as words."""
    listed, meanings = key(plan)
    written = _Key(scene.width + GAP, 52.0)
    for number, (phase, said) in enumerate(listed, 1):
        written.phase(number, phase, said)
    written.meanings(meanings)
    return replace(
        scene,
        width=max(note.place.x + note.place.width / 2 for note in written.notes) + MARGIN,
        height=max(scene.height, written.y + 8),
        name=scene.name.replace(", folded", ", how it runs"),
        description="; ".join(f"{number}. {phase.said}: {said}" for number, (phase, said) in enumerate(listed, 1)),
        grounds=tuple(_grounds(scene, plan, grouping)),
        notes=(*scene.notes, *written.notes),
    )


def _grounds(scene: Scene, plan: Sequence[Phase], grouping: Grouping) -> Iterator[Ground]:
    found: dict[frozenset[str], Ground] = {}
    for number, phase in enumerate(plan, 1):
        inside = frozenset(map(grouping, phase.nodes)) if phase.loop else frozenset[str]()
        if inside:
            places = tuple(figure.place for figure in scene.figures if figure.identity in inside)
            ways = tuple(line.points for line in scene.lines if set(line.ends) <= inside and not line.opacity < 1)
            found[inside] = Ground(phase.how, places, ways, f"{number} {phase.said}: {phase.why}")
    yield from sorted(found.values(), key=lambda ground: -len(ground.places))


@dataclass
class _Key:
    """Writes the phases under each other, from (x, y) on."""

    x: float
    y: float
    notes: list[Note] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._line("How it runs", 15, "ink", bold=True)
        self.y += 8

    def phase(self, number: int, phase: Phase, said: str) -> None:
        """One phase: its number, how it runs, what it runs, and why so."""
        style = _STYLES.get(phase.how, "now")
        self.notes.append(Note(Rectangle(self.x + 12, self.y, 24, 18), words(str(number)), 12, style, boxed=True))
        self._line(phase.said, SIZE, "ink", indent=INDENT, bold=True)
        self._wrapped(said, "ink")
        if phase.loop:
            self._wrapped(phase.why, "muted")
        self.y += 9

    def meanings(self, lines: Iterable[str]) -> None:
        """What the ways of running mean."""
        self.y += 6
        for line in lines:
            self._wrapped(line, "muted", indent=0)

    def _wrapped(self, text: str, style: str, indent: float = INDENT) -> None:
        for line in textwrap.wrap(plain(text, 400), WIDE):
            self._line(line, SIZE - 1, style, indent)

    def _line(self, text: str, size: float, style: str, indent: float = 0, bold: bool = False) -> None:
        label = words(text, 80)
        wide = label.width(size)
        place = Rectangle(self.x + indent + wide / 2, self.y, wide, size * 1.2)
        self.notes.append(Note(place, label, size, style, bold=bold, anchor="start"))  # type: ignore[arg-type]
        self.y += LINE if not bold or size < 15 else 26
