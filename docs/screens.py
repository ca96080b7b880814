"""Screens of the terminal UI as SVG, in docs/screens: the app itself is used by keys, and what it shows is written."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from docs.recording import Frame, line_of, moving  # noqa: E402
from leporello.tui.screens.sheet import Sheet  # noqa: E402
from leporello.tui.session.document import Document  # noqa: E402
from leporello.tui.widgets.block_picture import BlockPicture  # noqa: E402
from tests.support.screens import Screens, screens  # noqa: E402

LIGHT, DARK = ("#ffffff", "#22272e"), ("#14171c", "#e8ebef")
UPDATES = 400
TYPED = """spec: 1
name: by_hand
inputs:
  x: {features: 8}
outputs:
  y: h
nodes:
"""
CELL = """W_i: {block: linear, input: [x, h(t-1)], units: 16}
W_f: {block: linear, input: [x, h(t-1)], units: 16}
W_g: {block: linear, input: [x, h(t-1)], units: 16}
W_o: {block: linear, input: [x, h(t-1)], units: 16}
i: sigmoid(W_i)
f: sigmoid(W_f)
g: tanh(W_g)
o: sigmoid(W_o)
c: f * c(t-1) + i * g
h: o * tanh(c)"""
"""What is typed in the recording."""
SMALLER = (122, 33)
LETTERS = 30
"""So many letters are typed from one frame to the next."""


def frame(seen: Screens, seconds: float = 1.0) -> Frame:
    """What the screen shows."""
    strips = seen.app.screen._compositor.render_strips(seen.app.size)
    return Frame(tuple(map(line_of, strips)), seconds)


def svg(seen: Screens, frames: Sequence[Frame]) -> str:
    """What it has shown."""
    return moving(frames, seen.app.size.width, DARK if seen.app.current_theme.dark else LIGHT)


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


async def typed(seen: Screens) -> list[Frame]:
    """An LSTM is typed, recognises itself, is unfolded, loses its output gate and has it again."""
    frames = [frame(seen, 1.0)]
    await seen.press("e", "ctrl+end")
    lines = CELL.splitlines()
    for number, line in enumerate(lines, 1):
        await seen.press("home", "shift+end", "delete")
        await seen.type("  ")
        for at in range(0, len(line), LETTERS):
            await seen.type(line[at : at + LETTERS])
            frames.append(frame(seen, 0.14))
        await seen.drawn()
        frames.append(frame(seen, 0.45))
        if number < len(lines):
            await seen.press("enter")
    frames[-1] = frame(seen, 2.5)
    await seen.press("escape", "u")
    await seen.drawn()
    await seen.from_the_top()
    frames.append(frame(seen, 2.5))
    await seen.press("u", "e", "ctrl+end", "home", *["right"] * 3)
    await seen.drawn()
    frames.append(frame(seen, 1.0))
    for _ in "o * ":
        await seen.press("delete")
        frames.append(frame(seen, 0.3))
    await seen.checked()
    await seen.drawn()
    await seen.press("escape", "escape")
    await seen.from_the_top()
    frames.append(frame(seen, 4.0))
    await seen.press("z")
    await seen.drawn()
    frames.append(frame(seen, 3.0))
    return frames


ADDED = ("", "fee", "emb 32", "lstm 256", "out", "sam")
"""What is typed after each `a` until a character model can be trained."""


async def assembled(seen: Screens) -> list[Frame]:
    """A character model from nothing, by 35 keys; then its LSTM is replaced, and that is taken back."""
    seen.app.open_text("")
    await seen.until(lambda: "add what goes in" in seen.text)
    frames = [frame(seen, 1.5)]
    for line in ADDED:
        await seen.press("a")
        await seen.until(lambda: isinstance(seen.app.screen, Sheet))
        frames.append(frame(seen, 0.5))
        for letter in line:
            await seen.type(letter)
            frames.append(frame(seen, 0.12))
        await seen.pilot.pause(0.3)
        await pictured(seen)
        frames.append(frame(seen, 1.6))
        await seen.press("enter")
        await seen.drawn()
        frames.append(frame(seen, 1.2))
    frames[-1] = frame(seen, 3.0)
    seen.app.model.reveal("h")
    await seen.press("R")
    await seen.type("gru")
    await seen.pilot.pause(0.3)
    await pictured(seen)
    frames.append(frame(seen, 2.0))
    await seen.press("enter")
    await seen.drawn()
    frames.append(frame(seen, 2.5))
    await seen.press("z")
    await seen.drawn()
    frames.append(frame(seen, 3.0))
    return frames


async def adding(seen: Screens) -> None:
    """Attention added behind a decoder."""
    await decoder_selected(seen)
    await seen.press("a")
    await seen.type("atten")
    await seen.pilot.pause(0.5)


async def taught(seen: Screens) -> None:
    """The tutorial at the cell, whose letters are being typed."""
    await seen.until(lambda: "begin with" in seen.text, "the choices")
    await seen.press("t")
    await seen.type("a\nafee\naemb 32\nalstm 64")
    await seen.until(lambda: "4/14" in seen.text, "the lesson")


async def renaming(seen: Screens) -> None:
    """A state that gets another name."""
    seen.app.model.reveal("h")
    await seen.type("rmemory")


async def replacing(seen: Screens) -> None:
    """Another cell in place of an LSTM."""
    seen.app.model.reveal("h")
    await seen.type("Rgru")


async def mending(seen: Screens) -> None:
    """Sizes that do not fit, and what makes them fit."""
    seen.app.model.reveal("U")
    await seen.type("p32\n")
    await seen.drawn()
    await seen.press("b")


async def deleting(seen: Screens) -> None:
    """What read a box that goes reads what it read."""
    seen.app.model.reveal("o")
    await seen.press("d")


async def decoder_selected(seen: Screens) -> None:
    """The decoder of a translator."""
    seen.app.model.reveal("decoder")
    await seen.until(lambda: seen.app.session.facts)


async def changing(seen: Screens) -> None:
    """All that is said of a decoder, one row each, with units that misfit."""
    await decoder_selected(seen)
    await seen.press("p", "down")
    await seen.until(lambda: "then:" in seen.text)


async def grouping(seen: Screens) -> None:
    """A cell of one's own from its equations."""
    for name in ("U", "W", "h"):
        seen.app.model.reveal(name)
        await seen.press("space")
    await seen.press("g")
    await seen.pilot.pause(0.5)


async def trained(seen: Screens) -> None:
    """A character model that is trained."""
    await seen.press("2", "space")
    record = seen.app.trainer
    await seen.until(lambda: record.record.update > 0.8 * UPDATES, patience=600)


async def celled(seen: Screens) -> None:
    """The cell of an LSTM that is spelled out."""
    seen.app.model.reveal("c")
    await seen.press("v")
    await seen.until(lambda: "learned layer" in seen.text)


async def translated(seen: Screens) -> None:
    """A model that reads dates, and where it looked."""
    await seen.press("2", "space")
    await seen.until(lambda: seen.app.trainer.state == "finished", patience=600)
    await seen.press("3")
    for line in ("Sunday, 5 May 1940", "3rd of march, 99"):
        before = seen.text
        await seen.press("enter")
        await seen.type(f"{line}\n")
        await seen.until(lambda line=line: line in seen.text and "finished" in seen.lines[0])
        await seen.until(lambda before=before: seen.text != before and "score" in seen.text)


async def start(seen: Screens) -> None:
    """What to begin with."""
    await seen.until(lambda: "elman" in seen.text)
    await seen.press("down", "down", "down")
    await seen.pilot.pause(1)


async def pictured(seen: Screens) -> None:
    """Wait for the picture of the block that is chosen."""
    sheet = seen.app.screen
    if isinstance(sheet, Sheet) and sheet.block:
        await seen.until(lambda: sheet.query_one(BlockPicture).picture, "the block")
        await seen.pilot.pause(0.5)


Use = Callable[[Screens], Awaitable[None]]
PICTURES: dict[str, tuple[str, str, Use]] = {
    "model": ("luong", "leporello-dark", folded),
    "unfolded": ("elman", "leporello-dark", unfolded),
    "light": ("luong", "leporello-light", folded),
    "cell": ("lstm_from_equations", "leporello-dark", celled),
    "lacking": ("lstm_from_equations", "leporello-dark", lacking),  # the last one of this model, which it edits
    "train": ("char_lm", "leporello-dark", trained),
    "use": ("dates", "leporello-light", translated),
    "start": ("", "leporello-dark", start),
    "add": ("luong", "leporello-dark", adding),
    "tutorial": ("", "leporello-dark", taught),
    "rename": ("elman", "leporello-light", renaming),
    "replace": ("char_lm", "leporello-dark", replacing),
    "delete": ("elman", "leporello-dark", deleting),
    "change": ("luong", "leporello-light", changing),
    "group": ("elman", "leporello-dark", grouping),
    "mend": ("elman", "leporello-light", mending),  # the last one of this model, which it edits
}


async def take(name: str) -> None:
    """Use the app and write what it shows."""
    spec, theme, use = PICTURES[name]
    async with screens(Path(f"{spec}.yaml") if spec else None, theme=theme) as seen:
        if spec:
            await seen.drawn()
        await use(seen)
        await seen.pilot.pause(0.5)
        await pictured(seen)
        write(name, svg(seen, [frame(seen)]))
        if seen.app.trainer.alive:
            seen.app.trainer.stop()
            await seen.until(lambda: not seen.app.trainer.alive)


RECORDS: dict[str, tuple[str, Callable[[Screens], Awaitable[list[Frame]]]]] = {
    "lstm": (TYPED, typed),
    "assembled": ("", assembled),
}
"""The text to begin with, and what is done."""


async def record(name: str) -> None:
    """Use the app and write what it has shown from the first key to the last."""
    text, use = RECORDS[name]
    async with screens(Document(text=text, saved=text), SMALLER) as seen:
        if text:
            await seen.checked()
        write(name, svg(seen, await use(seen)))


def write(name: str, picture: str) -> None:
    """Put a picture where the others are."""
    (ROOT / "docs" / "screens" / f"{name}.svg").write_text(picture, encoding="utf-8")


def main() -> None:
    """Take all pictures, or those that are named."""
    (ROOT / "docs" / "screens").mkdir(exist_ok=True)
    names = sys.argv[1:] or [*PICTURES, *RECORDS]
    folder = tempfile.mkdtemp()
    for path in (ROOT / "examples").glob("*.yaml"):
        shutil.copy(path, folder)
    for name, updates in (("char_lm", "updates: 1200"), ("dates", "updates: 1000")):
        spec = Path(folder, f"{name}.yaml")
        spec.write_text(spec.read_text().replace(updates, f"updates: {UPDATES}"))
    os.environ["XDG_STATE_HOME"] = folder
    os.chdir(folder)
    for name in names:
        asyncio.run(record(name) if name in RECORDS else take(name))
        print(f"docs/screens/{name}.svg")
    os.chdir(ROOT)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
