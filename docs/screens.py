"""Screens of the terminal UI as SVG, in docs/screens: the app itself is used by keys, and what it shows is written."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from xml.sax.saxutils import escape

from rich.color import Color
from rich.style import Style

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.screens import Screens, screens  # noqa: E402

WIDE, HIGH = 8.4, 18
LIGHT, DARK = ("#ffffff", "#22272e"), ("#14171c", "#e8ebef")
UPDATES = 400


def svg(seen: Screens) -> str:
    """What the screen shows."""
    ground, ink = DARK if seen.app.current_theme.dark else LIGHT
    columns, lines = seen.app.size
    width, height = columns * WIDE, lines * HIGH
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" width="{width:g}">',
        f'<rect width="100%" height="100%" fill="{ground}"/>',
        '<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" xml:space="preserve">',
    ]
    for y, strip in enumerate(seen.app.screen._compositor.render_strips(seen.app.size)):
        x = 0
        for segment in strip:
            parts += piece(segment.text, segment.style or Style(), x, y, (ground, ink))
            x += segment.cell_length
    return "\n".join([*parts, "</g>", "</svg>"]) + "\n"


def piece(text: str, style: Style, x: int, y: int, colours: tuple[str, str]) -> list[str]:
    """Letters of one style, on their ground."""
    ground, ink = colours
    front, back = said(style.color, ink), said(style.bgcolor, ground)
    if style.reverse:
        front, back = back, front
    wide = len(text) * WIDE
    made = []
    if back != ground and text:
        made.append(f'<rect x="{x * WIDE:g}" y="{y * HIGH}" width="{wide:g}" height="{HIGH}" fill="{back}"/>')
    if text.strip():
        shape = ' font-weight="bold"' if style.bold else ""
        shape += ' font-style="italic"' if style.italic else ""
        shape += ' opacity="0.65"' if style.dim else ""
        place = f'x="{x * WIDE:g}" y="{y * HIGH + 13.5:g}" textLength="{wide:g}"'
        made.append(f'<text {place} fill="{front}"{shape}>{escape(text)}</text>')
    return made


def said(colour: Color | None, default: str) -> str:
    """A colour as SVG writes it."""
    return default if colour is None or colour.is_default else colour.get_truecolor().hex


async def folded(seen: Screens) -> None:
    """A translator, its decoder selected."""
    await seen.press("slash")
    await seen.type("decoder")
    await seen.press("enter")
    await seen.until(lambda: seen.app.session.facts)


async def unfolded(seen: Screens) -> None:
    """The plain recurrent network over five steps, the third looked at."""
    await seen.press("u", "plus")
    await seen.drawn()
    await seen.press(*["right_square_bracket"] * 3)


async def lacking(seen: Screens) -> None:
    """An LSTM without its output gate."""
    text = seen.app.session.document.text
    seen.app.rewrite(text.replace("o * tanh(c)", "tanh(c)"), "no output gate")
    await seen.drawn()
    await seen.until(lambda: seen.app.session.findings.loops[0].kind == "scanned")


async def trained(seen: Screens) -> None:
    """A character model that is trained."""
    await seen.press("2", "space")
    record = seen.app.trainer
    await seen.until(lambda: record.record.update > 0.8 * UPDATES, patience=600)


async def start(seen: Screens) -> None:
    """What to begin with."""
    await seen.until(lambda: "luong" in seen.text)
    await seen.press("down", "down", "down")
    await seen.pilot.pause(1)


Use = Callable[[Screens], Awaitable[None]]
PICTURES: dict[str, tuple[str, str, Use]] = {
    "model": ("luong", "leporello-dark", folded),
    "unfolded": ("elman", "leporello-dark", unfolded),
    "light": ("luong", "leporello-light", folded),
    "lacking": ("lstm_from_equations", "leporello-dark", lacking),
    "train": ("char_lm", "leporello-dark", trained),
    "start": ("", "leporello-dark", start),
}


async def take(name: str) -> None:
    """Use the app and write what it shows."""
    spec, theme, use = PICTURES[name]
    async with screens(Path(f"{spec}.yaml") if spec else None, theme=theme) as seen:
        if spec:
            await seen.drawn()
        await use(seen)
        await seen.pilot.pause(0.5)
        (ROOT / "docs" / "screens" / f"{name}.svg").write_text(svg(seen), encoding="utf-8")
        if seen.app.trainer.alive:
            seen.app.trainer.stop()
            await seen.until(lambda: not seen.app.trainer.alive)


def main() -> None:
    """Take all pictures, or those that are named."""
    (ROOT / "docs" / "screens").mkdir(exist_ok=True)
    names = sys.argv[1:] or list(PICTURES)
    folder = tempfile.mkdtemp()
    for path in (ROOT / "examples").glob("*.yaml"):
        shutil.copy(path, folder)
    spec = Path(folder, "char_lm.yaml")
    spec.write_text(spec.read_text().replace("updates: 1200", f"updates: {UPDATES}"))
    os.environ["XDG_STATE_HOME"] = folder
    os.chdir(folder)
    for name in names:
        asyncio.run(take(name))
        print(f"docs/screens/{name}.svg")
    os.chdir(ROOT)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
