"""What a canvas can do beside boxes: wires, the source of a node, a small map, two pictures beside each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events
from textual.events import Key

from leporello.graphs.drawing.column.canvas import Owner
from leporello.tui.pictures.wanted import Find, Matches, Request
from leporello.tui.screens.sheet import Sheet
from leporello.tui.session import keymap
from leporello.tui.session.document import Document
from tests.support.paths import EXAMPLES
from tests.support.screens import Screens, assert_golden, screens, session


def chosen(seen: Screens) -> Owner | None:
    return seen.app.model.canvas.selection


async def select(seen: Screens, letters: str) -> None:
    """Select a node by its name."""
    await seen.press("slash")
    await seen.type(letters)
    await seen.until(lambda: chosen(seen), "the box")
    await seen.press("enter")


@session
async def test_an_edit_leaves_the_others_in_their_order_until_all_is_drawn_afresh(tmp_path: Path) -> None:
    lines = [
        "spec: 1",
        "inputs: {x: {features: 8}}",
        "nodes:",
        "  left: x + x",
        "  right: x * x",
        "outputs: {a: left, b: right}",
    ]
    path = tmp_path / "sides.yaml"
    path.write_text("\n".join(lines) + "\n")

    def places(seen: Screens) -> list[int]:
        picture = seen.app.model.canvas.picture
        assert picture is not None
        return [place.left for name in ("left", "right") if (place := picture.place(Owner("box", name)))]

    async with screens(path) as seen:
        await seen.drawn()
        assert places(seen) == sorted(places(seen))
        lines[3:5] = lines[4], lines[3]
        seen.app.session.document.rewrite("\n".join(lines) + "\n", "turn")
        seen.app.session.refresh()
        await seen.drawn()
        assert places(seen) == sorted(places(seen))
        await seen.press("D")
        await seen.drawn()
        assert places(seen) == sorted(places(seen), reverse=True)


@pytest.mark.parametrize("unfolded", [False, True], ids=["folded", "unfolded"])
@session
async def test_wires_are_gone_through_and_followed(unfolded: bool) -> None:
    async with screens(EXAMPLES / "elman.yaml") as seen:
        await seen.drawn()
        if unfolded:
            await seen.press("u")
            await seen.drawn()
        await select(seen, "h")
        box = chosen(seen)
        assert box is not None and box.path == "h"
        await seen.press("i")
        first = chosen(seen)
        assert first is not None and (first.what, first.reader) == ("wire", "h")
        await seen.until(lambda: seen.app.session.facts.reader == "h", "what is known of the wire")
        assert f"{first.path} → h" in seen.text
        assert unfolded or "c: source, time   + -: steps   d: disconnect" in seen.lines[1]
        await seen.press("right")
        second = chosen(seen)
        assert second is not None and {first.path, second.path} == {"U", "W"}
        await seen.press("left")
        assert chosen(seen) == first
        await seen.press("escape")
        assert chosen(seen) == box
        await seen.press("i", "enter")
        assert chosen(seen) == box._replace(path=first.path)
        await seen.press("o")
        out = chosen(seen)
        assert out is not None and (out.what, out.path, out.reader) == ("wire", first.path, "h")
        await seen.press("u")
        await seen.drawn()
        assert chosen(seen).what == "box"


@session
async def test_a_box_without_wires_says_so_and_keys_without_a_box_too() -> None:
    async with screens(EXAMPLES / "elman.yaml") as seen:
        await seen.drawn()
        await seen.press("i")
        await seen.until(lambda: seen.told("select a box first"))
        await select(seen, "x")
        await seen.press("i")
        await seen.until(lambda: seen.told("no wire comes in"))
        assert chosen(seen) == Owner("box", "x")


@session
async def test_the_source_of_a_box_is_told() -> None:
    async with screens(EXAMPLES / "elman.yaml") as seen:
        await seen.drawn()
        await select(seen, "h")
        await seen.until(lambda: seen.app.session.code("h"), "the source")
        assert "as PyTorch" in seen.text
        assert any("torch.tanh" in line for line in seen.app.session.code("h"))


@session
async def test_a_model_with_problems_has_no_source_and_is_asked_once() -> None:
    text = (EXAMPLES / "elman.yaml").read_text().replace("input: h,", "input: hh,")
    async with screens(Document(text=text)) as seen:
        await seen.checked()
        await select(seen, "W")
        await seen.until(lambda: seen.app.session.lines, "the answer")
        assert seen.app.session.code("W") == ()
        assert "as PyTorch" not in seen.text


@session
async def test_two_pictures_stand_beside_each_other_where_there_is_room() -> None:
    async with screens(EXAMPLES / "elman.yaml", (200, 50)) as seen:
        await seen.drawn()
        await seen.press("u")
        await seen.drawn()
        await seen.until(lambda: seen.app.session.beside, "the folded picture")
        assert "─ folded" in seen.lines[1] and "─ unfolded" in seen.lines[1]
        await select(seen, "h")
        assert seen.app.model.beside.selection == Owner("box", "h")
        assert chosen(seen) == Owner("box", "h", 1)
        await seen.pilot.resize_terminal(120, 40)
        await seen.until(lambda: "─ folded" not in seen.lines[1], "one picture")


@session
async def test_a_small_map_shows_where_the_window_is() -> None:
    async with screens(EXAMPLES / "luong.yaml", (80, 24)) as seen:
        await seen.drawn()
        before = seen.text
        assert not any(0x2800 < ord(letter) < 0x2900 for letter in before)
        await seen.press("M")
        assert any(0x2800 < ord(letter) < 0x2900 for letter in seen.text)
        await seen.press("M")
        assert seen.text == before


@session
async def test_what_is_pasted_into_a_line_is_no_command_to_the_terminal() -> None:
    async with screens(EXAMPLES / "elman.yaml") as seen:
        await seen.drawn()
        for key in ("slash", "ctrl+p"):
            await seen.press(key)
            seen.app.post_message(events.Paste("a\x1b[2J\x00b"))
            await seen.until(lambda: "a[2Jb" in seen.text, "the paste")
            assert not any(letter < " " for line in seen.lines for letter in line)
            await seen.press("escape")


@session
async def test_a_cell_is_seen_with_its_gates_in_place_of_the_picture() -> None:
    async with screens(EXAMPLES / "lstm_from_equations.yaml", (130, 44)) as seen:
        await seen.drawn()
        await seen.press("v")
        assert seen.told("select a box of a loop first")
        seen.app.model.reveal("c")
        await seen.press("v")
        await seen.drawn()
        await seen.until(lambda: "━▶" in seen.text and "learned layer" in seen.text, "the cell")
        assert "cell   c" in seen.lines[1]
        assert_golden("lstm.cell", seen)
        await seen.press("right", "0", "0", "less_than_sign", "greater_than_sign", "v")
        await seen.drawn()
        assert seen.app.model.canvas.selection == Owner("box", "c") and "folded" in seen.lines[1]
        await seen.press("v", "escape")
        await seen.drawn()
        assert "folded" in seen.lines[1]
        seen.app.model.reveal("y")
        await seen.press("v")
        await seen.until(lambda: seen.told("is no cell"), "the refusal")
        await seen.drawn()
        assert seen.app.session.shown.cell == "" and "folded" in seen.lines[1]


@session
async def test_keys_of_ones_own_are_taken_and_clashes_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    keymap.place().parent.mkdir()
    keymap.place().write_text('{"model.unfold": "f2", "model.schedule": "m"}')
    async with screens(EXAMPLES / "elman.yaml") as seen:
        await seen.drawn()
        await seen.press("u")
        assert seen.app.session.shown.steps is None
        await seen.press("f2")
        assert seen.app.session.shown.steps is not None
        await seen.until(lambda: seen.told("is the key of two actions"), "the clash")


async def sought(seen: Screens, monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """Of two boxes the first is selected, the second is looked for, and the search is left before its answer comes."""
    await seen.drawn()
    await select(seen, "attention")
    late: list[Request] = []
    ask = seen.app.painter.ask
    monkeypatch.setattr(seen.app.painter, "ask", lambda one: late.append(one) if isinstance(one, Find) else ask(one))
    await seen.press("slash")
    await seen.type("dec")  # letters wait for no answer
    for key in (Key("enter", "\r"), Key("r", "r")):
        seen.app.post_message(key)
    while not seen.app.stopped:
        await seen.pilot.pause()
    assert [key.key for key in seen.app.held] == ["r"]
    assert chosen(seen) == Owner("box", "attention")
    monkeypatch.setattr(seen.app.painter, "ask", ask)
    return late


@session
async def test_a_key_behind_a_search_is_about_what_was_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async with screens(EXAMPLES / "luong.yaml") as seen:
        for one in await sought(seen, monkeypatch):
            seen.app.painter.ask(one)
        await seen.until(lambda: isinstance(seen.app.screen, Sheet) and seen.app.screen.is_mounted, "the sheet")
        assert chosen(seen) == Owner("box", "decoder")
        assert "rename decoder" in seen.text


@session
async def test_escape_waits_for_no_search_and_one_that_fails_holds_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    async with screens(EXAMPLES / "luong.yaml") as seen:
        await sought(seen, monkeypatch)
        seen.app.post_message(Key("escape", "\x1b"))
        await seen.until(lambda: not seen.app.held, "the key")
        assert chosen(seen) is None  # escape leaves the selection, and the key before it is forgotten
        seen.app.receive(Matches("dec", ("decoder",)))
        await seen.taken()
        assert chosen(seen) is None
        await sought(seen, monkeypatch)
        process = seen.app.painter.process
        assert process is not None
        process.kill()
        await seen.until(lambda: isinstance(seen.app.screen, Sheet) and seen.app.screen.is_mounted, "the sheet")
        assert "rename attention" in seen.text


@session
async def test_the_picture_has_the_whole_screen_as_long_as_it_is_looked_at() -> None:
    async with screens(EXAMPLES / "lstm_from_equations.yaml") as seen:
        await seen.drawn()
        canvas, text = seen.app.model.canvas, seen.app.model.text
        before = canvas.size
        assert "o  sigmoid(W_o)" not in seen.text, "it is wider than its part of the screen"
        await seen.press("F")
        await seen.until(lambda: canvas.size.width > before.width and "o  sigmoid(W_o)" in seen.text, "all of it")
        await seen.press("u")
        await seen.until(lambda: seen.app.session.shown.steps is not None and not text.display, "unfolded too")
        await seen.press("e")
        assert text.display and text.has_focus
        await seen.press("escape")
        assert not text.display
        await seen.press("F", "u")
        await seen.until(lambda: canvas.size == before and text.display, "as it was")


@session
async def test_a_bar_that_comes_back_stands_where_the_picture_is() -> None:
    async with screens(EXAMPLES / "lstm_from_equations.yaml") as seen:
        await seen.drawn()
        canvas = seen.app.model.canvas
        canvas.scroll_to(x=5, animate=False, immediate=True)
        assert canvas.horizontal_scrollbar.position == 5
        await seen.press("F")  # all of it has room: there is no bar
        await seen.until(lambda: not canvas.show_horizontal_scrollbar, "the end of the bar")
        assert canvas.scroll_x == 0
        await seen.press("F")
        await seen.until(lambda: canvas.show_horizontal_scrollbar, "the bar")
        assert canvas.horizontal_scrollbar.position == canvas.scroll_x
