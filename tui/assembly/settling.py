"""Enter at a setting of Train: what training or data say of it, with what may be said."""

from __future__ import annotations

from leporello.graphs.edits.splices.draft import Draft, Edited
from leporello.graphs.problems import refuse
from leporello.tui.assembly.acts import Act, Made, Row, Said
from leporello.tui.assembly.bench import Bench
from leporello.tui.assembly.blocks import setting_row
from leporello.tui.session.settings import Setting, set_setting, unset_setting


class Settle(Act):
    """One setting of `training:` or `data:`, as a row."""

    done = "change"

    def __init__(self, bench: Bench, one: Setting) -> None:
        super().__init__(bench, "")
        self.one = one

    @property
    def title(self) -> str:
        """What it is a setting of."""
        return self.one.section

    def rows(self, said: Said) -> tuple[Row, ...]:
        """What it is now, and what it may be."""
        field = self.one.field
        return (setting_row(field, said.get(field.name, self.one.value), self.bench),)

    def made(self, said: Said) -> Made:
        """The edit; with nothing written it has its default again."""
        one, draft = self.one, self.bench.draft
        value = said.get(one.field.name, one.value).strip()
        if value == one.value:
            raise refuse("nothing was changed", "type another value, or esc")
        text, file = draft.text, draft.source.file
        text = set_setting(text, file, one, value) if value else unset_setting(text, file, one)
        after = Draft.read(text, draft.registry, file, draft.checks)
        return Made(self.bench, Edited(draft, after, f"{'set' if value else 'unset'} {'.'.join(one.keys)}"))
