"""The line at the foot: the keys that work here, now, as many as there is room for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rich.text import Text
from textual import events
from textual.binding import ActiveBinding, Binding
from textual.dom import DOMNode
from textual.widget import Widget
from textual.widgets import Input, TextArea

from leporello.tui.inks import colour
from leporello.tui.widgets.prompt import Prompt

LAST = ("?", "keys", "app.keys"), ("^p", "all", "app.command_palette")
"""Where the others are found; these are told always."""


class KeyLine(Widget):
    """Keys and what they do; a click does it too."""

    def __init__(self, last: Sequence[tuple[str, str, str]] = LAST, id: str | None = None) -> None:
        super().__init__(id=id)
        self.last = tuple(last)
        self._spans: list[tuple[int, int, str, DOMNode]] = []

    def on_mount(self) -> None:
        """Other keys work when another part is looked at."""
        self.screen.bindings_updated_signal.subscribe(self, lambda screen: self.refresh())

    def render(self) -> Text:
        """The line."""
        accent = colour(self.app.current_theme, "primary")
        line, self._spans = Text(no_wrap=True, end=""), []
        width = self.size.width
        active = [one for one in in_order(self.screen.active_bindings.values()) if one.binding.show and one.enabled]
        asked = next((one for one in _chain(self.screen.focused) if isinstance(one, Prompt)), None)
        if asked is not None:  # the keys of the screen are letters there
            active = [one for one in active if asked in one.node.ancestors_with_self]
        nodes: dict[str, DOMNode] = {one.binding.action: one.node for one in active}
        shown = [one.binding for one in active]
        typing = isinstance(self.screen.focused, Input | TextArea)
        last = self.last[typing:]  # a question mark is a letter there
        known = {said for _, said, _ in self.last}
        pairs = [(self.app.get_key_display(one), one.description, one.action) for one in _once(shown)]
        room = width - sum(len(key) + len(said) + 3 for key, said, _ in last)
        for key, said, action in pairs:
            if said in known or line.cell_len + len(key) + len(said) + 3 > room:
                continue
            self._add(line, key, said, action, accent, nodes[action])
        for key, said, action in last:
            self._add(line, key, said, action, accent, self.app)
        return line

    def _add(self, line: Text, key: str, said: str, action: str, accent: str, node: DOMNode) -> None:
        start = line.cell_len
        line.append(f" {key}", f"bold {accent}")
        line.append(f" {said} ", "dim")
        self._spans.append((start, line.cell_len, action, node))

    async def on_click(self, event: events.Click) -> None:
        """Do what is clicked at."""
        for start, end, action, node in self._spans:
            if start <= event.x < end:
                await self.app.run_action(action, default_namespace=node)


def in_order(active: Iterable[ActiveBinding]) -> list[ActiveBinding]:
    """Keys in the order in which each part says its actions, whichever keys a user has given them."""
    active = list(active)
    nodes = list(dict.fromkeys(one.node for one in active))
    said = {node: _said(type(node)) for node in nodes}
    return sorted(active, key=lambda one: (nodes.index(one.node), said[one.node].get(one.binding.id, len(active))))


def _said(kind: type[DOMNode]) -> dict[str | None, int]:
    """The place of each action among those of a class, by its name."""
    declared = (one for base in reversed(kind.__mro__) for one in vars(base).get("BINDINGS", ()))
    names = dict.fromkeys(one.id for one in declared if isinstance(one, Binding) and one.id)
    return {name: place for place, name in enumerate(names)}


def key_of(node: DOMNode, action: str) -> str:
    """The first key of an action of a part, by its name, as it is shown; nothing where it has none."""
    own = node.app._keymap.get(action, "").partition(",")[0].strip()
    found = (one for several in node._bindings.key_to_bindings.values() for one in several if one.id == action)
    return next((node.app.get_key_display(replace(one, key=own or one.key)) for one in found), "")


def _chain(focused: Widget | None) -> list[DOMNode]:
    """What has the focus, and all that it lies in."""
    return focused.ancestors_with_self if focused else []


def _once(bindings: list[Binding]) -> list[Binding]:
    """Of several keys for one action the first."""
    return list({one.action: one for one in reversed(bindings) if one.description}.values())[::-1]
