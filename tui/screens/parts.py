"""The parts of a place: where there is little room only some are seen, and tab goes through all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from leporello.tui.widgets.prompt import Prompt

TAB: list[BindingType] = [
    Binding("tab", "part(1)", "next part", show=False, priority=True, id="parts.next"),
    Binding("shift+tab", "part(-1)", "part before", show=False, priority=True, id="parts.last"),
]


class Parts(Screen[None]):
    """Has a widget for each of `PARTS`; the one that is looked at has the class `-at`, and `#body` says its name."""

    PARTS: ClassVar[tuple[str, ...]] = ()
    BINDINGS: ClassVar[list[BindingType]] = TAB

    def parts(self) -> Sequence[str]:
        """Those that can be gone to now."""
        return self.PARTS

    def action_part(self, by: int) -> None:
        """Go to the next part that there is."""
        if any(one.display for one in self.query(Prompt)):
            return
        there = self.parts()
        focused = self.focused.id if self.focused else None
        now = there.index(focused) if focused in there else -by
        self.focus_part(there[(now + by) % len(there)])

    def focus_part(self, name: str) -> None:
        """Go to a part; where there is little room it is the one that is shown."""
        body = self.query_one("#body")
        for part in self.PARTS:
            body.set_class(part == name, f"-at-{part}")
            self.query_one(f"#{part}").set_class(part == name, "-at")
        self.set_focus(self.query_one(f"#{name}"))
