"""The palette: every action that works here, found by its name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.types import IgnoreReturnCallbackType

from leporello.tui.screens.keys import MORE
from leporello.tui.widgets.key_line import in_order


class Actions(Provider):
    """The keys of the screen that was looked at, in words, those of the foot first."""

    def _all(self) -> Iterator[tuple[str, str, IgnoreReturnCallbackType]]:
        told = set[str]()
        for one in sorted(in_order(self.screen.active_bindings.values()), key=lambda one: not one.binding.show):
            binding = one.binding
            if binding.id and binding.description and one.enabled and binding.description not in told:
                told.add(binding.description)
                run = partial(self.app.run_action, binding.action, default_namespace=one.node)
                key, more = self.app.get_key_display(binding), MORE.get(binding.id, "")
                yield binding.description, f"{key}   {more}" if more else key, run

    async def discover(self) -> Hits:
        """All of them."""
        for said, key, run in self._all():
            yield DiscoveryHit(f"{said}", run, help=key)

    async def search(self, query: str) -> Hits:
        """Those that fit."""
        matcher = self.matcher(query)
        for said, key, run in self._all():
            if (score := matcher.match(said)) > 0:
                yield Hit(score, matcher.highlight(said), run, help=key)
