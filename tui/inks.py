"""Colours: the themes of the screens, and the style of everything that a picture or a text is made of."""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style
from textual.theme import Theme

from leporello.graphs.drawing.scene.palette import COLOUR, DARK

GROUND, INK, MUTED, ACCENT = ("#14171c", "#e8ebef", "#b0b9c4", "#f0b44c")
LIGHT_GROUND, LIGHT_INK, LIGHT_MUTED, LIGHT_ACCENT = ("#ffffff", "#22272e", "#59626d", "#9a5b00")

_BARS = ("scrollbar", "scrollbar-hover", "scrollbar-active")
_BEHIND = (
    "scrollbar-background",
    "scrollbar-background-hover",
    "scrollbar-background-active",
    "scrollbar-corner-color",
)
SCROLLBARS = dict.fromkeys(_BARS, "#39414c") | dict.fromkeys(_BEHIND, GROUND)
LIGHT_SCROLLBARS = dict.fromkeys(_BARS, "#c3c9d1") | dict.fromkeys(_BEHIND, LIGHT_GROUND)

THEMES = (
    Theme(
        name="leporello-dark",
        primary=ACCENT,
        secondary="#6db8ec",
        accent=ACCENT,
        warning="#ff9a57",
        error="#ff7b72",
        success="#55d3a6",
        foreground=INK,
        background=GROUND,
        surface=GROUND,
        panel="#1b2027",
        dark=True,
        variables={
            "border": ACCENT,
            "border-blurred": "#39414c",
            **SCROLLBARS,
            "footer-key-foreground": ACCENT,
            "footer-background": "#1b2027",
            "footer-description-foreground": MUTED,
            "muted": MUTED,
            "line-lit": "#2a2412",
        },
    ),
    Theme(
        name="leporello-light",
        primary=LIGHT_ACCENT,
        secondary="#0067a3",
        accent=LIGHT_ACCENT,
        warning="#b64a00",
        error="#b3261e",
        success="#00734f",
        foreground=LIGHT_INK,
        background=LIGHT_GROUND,
        surface=LIGHT_GROUND,
        panel="#eef0f3",
        dark=False,
        variables={
            "border": LIGHT_ACCENT,
            "border-blurred": "#c3c9d1",
            **LIGHT_SCROLLBARS,
            "footer-key-foreground": LIGHT_ACCENT,
            "footer-background": "#eef0f3",
            "footer-description-foreground": LIGHT_MUTED,
            "muted": LIGHT_MUTED,
            "line-lit": "#fff7e2",
        },
    ),
)
DEFAULTS = {"muted": MUTED, "border-blurred": "#5b6470", "line-lit": "#3a3f47", "border": "#8a94a0"}
"""What themes that are not ours do not say."""
ANSI = {"muted": "ansi_default", "border-blurred": "ansi_default", "line-lit": "ansi_default"}
NAMES = ("leporello-dark", "leporello-light", "ansi-dark", "ansi-light")
"""The themes to choose from: ours, and the colours that the terminal has."""

_ANSI: Mapping[str, str] = {
    "input": "cyan",
    "output": "magenta",
    "state": "yellow",
    "initial": "yellow",
    "layer": "bright_yellow",
    "attention": "green",
    "every": "green",
    "delay": "red",
    "backward": "blue",
    "all": "green",
    "predicts": "magenta",
    "key": "default",
    "name": "cyan",
    "block": "yellow",
    "function": "blue",
    "time": "red",
    "size": "magenta",
    "number": "default",
    "string": "green",
    "comment": "bright_black",
    "sign": "bright_black",
}
_TEXT: Mapping[str, str] = {
    "key": MUTED,
    "name": "#6db8ec",
    "block": "#eadb6b",
    "function": "#ee9fce",
    "time": "#ff9a57",
    "size": "#55d3a6",
    "number": INK,
    "string": "#55d3a6",
    "comment": "#7d8793",
    "sign": "#7d8793",
}
_LIGHT_TEXT: Mapping[str, str] = {
    "key": LIGHT_MUTED,
    "name": "#0067a3",
    "block": "#7d6a00",
    "function": "#a23c78",
    "time": "#b64a00",
    "size": "#00734f",
    "number": LIGHT_INK,
    "string": "#00734f",
    "comment": "#6b737d",
    "sign": "#6b737d",
}


_RUNS = ("#55d3a6", "#ee9fce", "#eadb6b", "#ff9a57", "#b59bf0", "#8fd0d8")
_LIGHT_RUNS = ("#00734f", "#a23c78", "#7d6a00", "#b64a00", "#5d3fb5", "#1b6d78")
_ANSI_RUNS = ("green", "magenta", "yellow", "red", "bright_magenta", "cyan")


def colour(theme: Theme, name: str) -> str:
    """A colour of a theme by the name of its role, as rich calls it.

    >>> colour(THEMES[0], "success")
    '#55d3a6'
    """
    return str(getattr(theme, name) or "default").removeprefix("ansi_")


def curve_ink(theme: Theme, role: str) -> Style:
    """The style of a curve, by its role: those of the run that is followed, and those of other runs."""
    if role == "axis" or not role:
        return Style(dim=True)
    if role == "raw":
        return Style(color="#4a525c" if theme.dark and not theme.ansi else "bright_black")
    if role.startswith("run."):
        index = int(role.removeprefix("run."))
        return Style(color=_ANSI_RUNS[index] if theme.ansi else _RUNS[index] if theme.dark else _LIGHT_RUNS[index])
    return Style(color=colour(theme, "secondary" if role == "train" else "primary"))


def text_inks(dark: bool, ansi: bool) -> dict[str, Style]:
    """The style of each kind of piece of a spec's text."""
    if ansi:
        return {role: Style(color=_ANSI[role]) for role in _TEXT}
    colours = _TEXT if dark else _LIGHT_TEXT
    return {role: Style(color=colour, italic=role == "comment") for role, colour in colours.items()}


def picture_inks(dark: bool, ansi: bool) -> dict[str, Style]:
    """The style of each role of a picture's characters: those of the pictures in files."""
    if ansi:
        found = {f"frame.{kind}": Style(color=_ANSI.get(kind, "default")) for kind in COLOUR.fills}
        found |= {f"wire.{style}": Style(color=_ANSI.get(style, "default")) for style in COLOUR.lines}
        muted = Style(color="default", dim=True)
    else:
        found = {f"frame.{kind}": _of(stroke, dark) for kind, (_, stroke) in COLOUR.fills.items()}
        found |= {f"wire.{style}": _of(colour, dark) for style, colour in COLOUR.lines.items()}
        muted = _of(COLOUR.muted, dark)
    found |= {f"note.{name}": ink for name, ink in _notes(found, muted).items()}
    return found | {"name": Style(bold=True), "detail": muted, "axis": muted}


def _notes(found: Mapping[str, Style], muted: Style) -> dict[str, Style]:
    """Words at a wire have its colour."""
    wires = {role.removeprefix("wire."): ink for role, ink in found.items() if role.startswith("wire.")}
    return {"muted": muted, "ink": Style(bold=True)} | wires


def _of(colour: str, dark: bool) -> Style:
    if colour == "none":
        return Style()
    return Style(color=DARK.get(colour, colour) if dark else colour)
