"""All keys that work here, now, by what they are for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.scrollbar import ScrollBar
from textual.widgets import Static

from leporello.tui.widgets.key_line import in_order

GROUPS = {"assemble": "the model is assembled", "canvas": "the picture", "app": "everywhere", "parts": "everywhere"}
"""What the actions of a name are for; those of a place are what it is for."""
MORE = {
    "assemble.express": "such as h = tanh(U + W)",
    "assemble.replace": "keeping what fits",
    "assemble.mark": "several boxes, for g or Y",
    "assemble.group": "as a block",
    "assemble.expand": "a block into its parts",
    "assemble.mend": "a bridge, a layer",
    "canvas.wires_in": "of the box, to be gone to",
    "canvas.overview": "as dots, if it is too large",
    "canvas.map": "of a large picture",
    "model.close": "the block that was opened last",
    "model.schedule": "what runs fused, what is scanned",
    "model.afresh": "boxes where they stand best",
    "model.alone": "on the whole screen, and back",
    "model.cell": "one loop as in textbooks",
    "model.feedback": "the truth, or its own choice",
    "model.farther": "then the whole as dots",
    "model.play": "step after step, unfolded",
    "model.export": "the picture as SVG, PNG or text",
}
"""What names of actions do not say, by their ids."""
WIDE, NARROW = 100, 60
"""From so many columns on there are two of keys; below so many there is no room for more than names."""
Line = tuple[str, str, str]
"""Keys, what they do, and more on that."""


class Keys(ModalScreen[None]):
    """A list of keys and what they do, those of the foot first in each group; a click closes it too."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,enter", "dismiss", "back", id="keys.back")]

    def __init__(self, active: Iterable[ActiveBinding], shown: dict[str, str]) -> None:
        super().__init__()
        found: dict[str, dict[str, tuple[list[str], str]]] = {"": {}}
        for one in sorted(in_order(active), key=lambda one: not one.binding.show):
            binding = one.binding
            if binding.description and binding.id:
                group = found.setdefault(GROUPS.get(binding.id.partition(".")[0], ""), {})
                keys, _ = group.setdefault(binding.description, ([], MORE.get(binding.id, "")))
                keys.append(shown.get(binding.key, binding.key))
        self.groups: dict[str, list[Line]] = {
            name: [(", ".join(dict.fromkeys(keys)), said, more) for said, (keys, more) in lines.items()]
            for name, lines in found.items()
        }

    def compose(self) -> ComposeResult:
        """The list."""
        with VerticalScroll() as box:
            box.border_title = "keys"
            with Horizontal():
                for number, column in enumerate(self._columns()):
                    wide = max(len(keys) for name in column for keys, _, _ in self.groups[name])
                    told = Text("\n\n").join(self._group(name, wide) for name in column)
                    yield Static(told, classes="-second" if number else "")

    def _columns(self) -> list[list[str]]:
        """The groups, in columns of about the same height where there is room for two."""
        names = [name for name in ("", *dict.fromkeys(GROUPS.values())) if self.groups.get(name)]
        if self.app.size.width < WIDE or len(names) < 2:
            return [names]
        heights = [len(self.groups[name]) + 2 for name in names]
        uneven = {place: abs(sum(heights[:place]) - sum(heights[place:])) for place in range(1, len(names))}
        split = min(uneven, key=lambda place: uneven[place])
        return [names[:split], names[split:]]

    def _group(self, name: str, wide: int) -> Text:
        text = Text(f"{' ' * (wide + 3)}{name}\n" if name else "", "dim")
        return text.append_text(
            Text("\n").join(_line(line, wide, self.app.size.width >= NARROW) for line in self.groups[name])
        )

    def on_click(self, event: events.Click) -> None:
        """Enough seen, unless it is moved."""
        if not isinstance(event.widget, ScrollBar):
            self.dismiss()


def _line(line: Line, wide: int, all_of_it: bool) -> Text:
    keys, said, more = line
    text = Text.assemble((keys.rjust(wide), "bold not dim"), ("   " + said, "not dim"))
    return text.append(f"   {more}", "dim") if more and all_of_it else text
