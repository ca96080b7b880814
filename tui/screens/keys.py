"""All keys that work here, now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static


class Keys(ModalScreen[None]):
    """A list of keys and what they do, those of the foot first."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,enter", "dismiss", "back", id="keys.back")]

    def __init__(self, active: Iterable[ActiveBinding], shown: dict[str, str]) -> None:
        super().__init__()
        found: dict[str, list[str]] = {}
        for one in sorted(active, key=lambda one: not one.binding.show):
            binding = one.binding
            if binding.description and binding.id:
                found.setdefault(binding.description, []).append(shown.get(binding.key, binding.key))
        self.lines = [(", ".join(dict.fromkeys(keys)), said) for said, keys in found.items()]

    def compose(self) -> ComposeResult:
        """The list."""
        wide = max((len(keys) for keys, _ in self.lines), default=0)
        text = Text("\n").join(Text.assemble((keys.rjust(wide), "bold"), "   ", said) for keys, said in self.lines)
        with VerticalScroll() as box:
            box.border_title = "keys"
            yield Static(text)
