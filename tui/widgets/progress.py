"""How far a run is, what it has written and how it is set, in lines."""

from __future__ import annotations

import time

from rich.console import Group
from rich.text import Text
from textual.theme import Theme

from leporello.graphs.problems import visible
from leporello.training.runs.following import Record
from leporello.tui.inks import colour
from leporello.tui.runs.trainer import Trainer
from leporello.tui.session.settings import Setting
from leporello.tui.widgets.hanging import Hanging

COLUMN = 11


def progress(trainer: Trainer, theme: Theme) -> Group:
    """How far a run is, how fast and how good."""
    record = trainer.record
    rows: list[tuple[str, str, str]] = []
    if trainer.run is not None:
        rows.append(("run", str(trainer.run.folder), ""))
    if record.updates:
        rows.append(("update", f"{record.update:,} of {record.updates:,}", ""))
        filled = round(record.done * 14)
        rows.append(("", "█" * filled + "·" * (14 - filled) + f"  {record.done:.0%}", "primary"))
    left = record.left()
    if left is not None and trainer.alive:
        rows.append(("left", _clock(left), ""))
    if "speed" in record.latest:
        rows.append(("speed", f"{float(record.latest['speed']):,.0f} steps/s", ""))
    if "rate" in record.latest:
        decay = str(record.training.get("decay", "none"))
        rows.append(("rate", f"{float(record.latest['rate']):.1e}" + f"   {decay}" * (decay != "none"), ""))
    rows.append(("", "", ""))
    for name, key in (("train", record.score), ("valid", "valid")):
        curve = record.curves.get(key)
        if curve is not None and curve.last is not None:
            best = f"   best at {record.best[0]:,}" if name == "valid" and record.best else ""
            rows.append((name, f"{curve.last:.3f}{_trend(curve.points)}{best}", "success" if best else ""))
    for score in record.scores:
        key, curve = str(score["name"]), record.curves.get(str(score["name"]))
        if key not in (record.score, "loss") and curve is not None and curve.last is not None:
            rows.append((key[:10], f"{curve.last:.3f}{_trend(curve.points)}   {score['words']}", ""))
    truth = record.curves.get("truth")
    if truth is not None and truth.last is not None:
        rows.append(("truth", f"{truth.last:.0%}{_trend(truth.points)}   fed back", ""))
    if record.test is not None:
        rows.append(("test", f"{record.test:.3f}", "success"))
    if record.checkpoint is not None:
        ago = f"   {_clock(max(time.time() - record.checkpoint[1], 0))} ago" if trainer.alive else ""
        rows.append(("checkpoint", f"{record.checkpoint[0]:,}{ago}", ""))
    lines: list[Hanging | Text] = [_row(theme, *row) for row in rows]
    if trainer.failure:
        lines += [
            Text(""),
            Text(visible(trainer.failure), "bold"),
            Text(f"space tries again{' from there' * (record.checkpoint is not None)}", "dim"),
        ]
    return Group(*lines)


def _row(theme: Theme, name: str, said: str, role: str) -> Hanging:
    line = Text(f"{name:<{COLUMN}}", "dim")
    line.append(visible(said), f"not dim {colour(theme, role)}" if role else "not dim")
    return Hanging(line, COLUMN)


def samples(record: Record) -> list[Text]:
    """What the model has written, the newest first."""
    found = []
    for update, written in reversed(record.samples[-8:]):
        lines = written.split("\n") if " → " in written else [written.replace("\n", " ⏎ ")]
        text = Text(f"{update:,}  ", "dim")
        text.append(("\n" if len(lines) > 1 else "") + "\n".join(map(visible, lines)), "not dim")
        found.append(text)
    return found or [Text("what the model writes at each validation", "dim")]


def setting_line(one: Setting, section: str = "") -> Text:
    """A setting and its value, below what it is about where it is the first of that."""
    line = Text(f"{visible(section)}\n" if section else "", "bold", no_wrap=True, overflow="ellipsis")
    line.append(f"{one.field.name:<17}", "dim not bold")
    line.append(f"{visible(one.value, 30):<9}", "bold not dim" if one.said else "not dim not bold")
    return line.append("" if one.said else "  default" if one.value else "  not said", "dim not bold")


def _trend(points: list[tuple[int, float]]) -> str:
    if len(points) < 2:
        return ""
    return "  ↓" if points[-1][1] < points[-2][1] else "  ↑"


def _clock(seconds: float) -> str:
    """Seconds as hours, minutes and seconds.

    >>> _clock(41), _clock(3700)
    ('0:41', '1:01:40')
    """
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
