"""What the spec says under `training:` and `data:`, a line for each setting; Enter changes one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from leporello.graphs.problems import SpecError
from leporello.tui.session.document import Document
from leporello.tui.session.settings import Setting, settings_of
from leporello.tui.widgets.choices import Choices
from leporello.tui.widgets.progress import setting_line
from leporello.tui.widgets.titles import entitle


class SettingsList(Choices):
    """Follows the text of a document."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "change", id="settings.change"),
        Binding("d,delete", "unset", "its default", id="settings.unset"),
    ]

    @dataclass
    class Wanted(Message):
        """A setting is to have another value."""

        setting: Setting

    @dataclass
    class Unwanted(Message):
        """Nothing is to be said of a setting."""

        setting: Setting

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.settings: tuple[Setting, ...] = ()
        self.read_from = ""
        self.at: tuple[str, ...] = ()

    def on_mount(self) -> None:
        """What it is."""
        self.border_title = "settings"

    def show(self, document: Document) -> None:
        """Read the text again where it has changed; one that cannot be read leaves what stood there."""
        if document.text == self.read_from and self.settings:
            return
        self.read_from = document.text
        chosen = self.highlighted
        try:
            self.settings = settings_of(document.text, str(document.path or "untitled.yaml"))
        except SpecError:
            return
        self.clear_options()
        groups = [one.about for one in self.settings]
        firsts = {groups.index(group) for group in groups}
        self.add_options(
            [
                Option(setting_line(one, one.about if number in firsts else ""))
                for number, one in enumerate(self.settings)
            ]
        )
        keys = [one.keys for one in self.settings]
        self.highlighted = keys.index(self.at) if self.at in keys else min(chosen or 0, len(keys) - 1)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Ask for another value."""
        event.stop()
        self.post_message(self.Wanted(self.settings[event.option_index]))

    def action_unset(self) -> None:
        """Take a setting back to what it is where nothing is said."""
        if self.highlighted is not None and self.settings[self.highlighted].said:
            self.post_message(self.Unwanted(self.settings[self.highlighted]))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say what a setting is."""
        event.stop()
        self.at = self.settings[event.option_index].keys
        entitle(self, subtitle=self.settings[event.option_index].field.help)
