"""Model: opened, looked at folded and unfolded, edited as text, saved; what is typed is recognised as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.style import Style
from textual import events

from leporello.graphs.drawing.column.canvas import Owner
from leporello.tui.session import journal
from leporello.tui.session.document import Document
from leporello.tui.widgets.inspector import Inspector
from tests.graphs.drawing.test_pictures import contrast
from tests.support.paths import EXAMPLES
from tests.support.screens import Screens, assert_golden, screens, session

ELMAN = EXAMPLES / "elman.yaml"
LSTM = EXAMPLES / "lstm_from_equations.yaml"


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12), (200, 50)], ids=lambda size: f"{size[0]}x{size[1]}")
@session
async def test_a_model_is_looked_at_folded_and_unfolded(size: tuple[int, int]) -> None:
    name = f"luong.{size[0]}x{size[1]}"
    async with screens(EXAMPLES / "luong.yaml", size) as seen:
        await seen.drawn()
        assert_golden(f"{name}.folded", seen)
        await seen.press("u")
        await seen.drawn()
        await seen.press("right_square_bracket", "right_square_bracket")
        assert_golden(f"{name}.unfolded", seen)
        await seen.press("u")
        await seen.drawn()
        assert seen.app.session.shown.steps is None


@session
async def test_boxes_are_selected_opened_and_closed() -> None:
    async with screens(EXAMPLES / "luong.yaml") as seen:
        await seen.drawn()
        await seen.press("slash")
        await seen.type("dec")
        await seen.press("enter")
        await seen.until(lambda: seen.app.model.canvas.selection == Owner("box", "decoder"), "the box")
        await seen.until(lambda: seen.app.session.facts and seen.app.session.facts.path == "decoder")
        assert_golden("luong.decoder", seen)
        await seen.press("enter")
        await seen.drawn()
        assert seen.app.session.shown.opened == ("decoder",)
        assert "› decoder" in seen.lines[1]
        await seen.press("escape")
        await seen.drawn()
        assert seen.app.session.shown.opened == ()
        await seen.press("up")
        assert seen.app.model.canvas.selection == Owner("box", "attention")
        await seen.press("escape")
        assert seen.app.model.canvas.selection is None


def facts_overflow(seen: Screens) -> bool:
    """Whether the inspector has a scroll bar: it has one as long as problems leave it too little room."""
    return seen.app.model.query_one(Inspector).show_vertical_scrollbar


@session
async def test_an_lstm_that_is_typed_recognises_itself(tmp_path: Path) -> None:
    text = LSTM.read_text(encoding="utf-8")
    before, equations = text.split("  i: sigmoid")
    path = tmp_path / "lstm.yaml"
    path.write_text(before)
    async with screens(path) as seen:
        await seen.checked()
        assert seen.app.session.findings.errors
        await seen.press("e", "ctrl+end")
        for line in (f"  i: sigmoid{equations}").splitlines():
            await seen.press("home", *["shift+home"] * 2, "delete") if line else None
            await seen.type(line.partition("#")[0].rstrip() + "\n")
        await seen.drawn()
        assert "this loop is an lstm: runs fused" in seen.lines[0]
        seen.app.model.action_afresh()  # else boxes stay near where some text between had them
        await seen.drawn()
        await seen.from_the_top()
        assert "h  o * tanh(c)" in seen.text
        await seen.until(lambda: not facts_overflow(seen), "room for all facts")
        assert_golden("lstm.typed", seen)
        now = seen.app.session.document.text
        seen.app.model.text.go_to(now[: now.index("o *")].count("\n") + 1, 6)
        await seen.press("delete", "delete", "delete", "delete")
        await seen.checked()
        await seen.drawn()
        assert "scanned, not an lstm: the output gate is missing" in seen.lines[0]
        await seen.press("ctrl+z")
        await seen.drawn()
        assert "this loop is an lstm: runs fused" in seen.lines[0]
        await seen.press("escape", "u")
        await seen.drawn()
        await seen.from_the_top()
        assert "h₁" in seen.text and "c₂" in seen.text
        await seen.until(lambda: not facts_overflow(seen), "room for all facts")
        assert_golden("lstm.unfolded", seen)


@session
async def test_problems_are_told_where_they_are_and_mended() -> None:
    text = LSTM.read_text(encoding="utf-8").replace("o * tanh(c)", "o * tanh(cc)")
    async with screens(Document(text=text)) as seen:
        await seen.checked()
        assert "● 1 problem" in seen.lines[0]
        assert "unknown name 'cc'" in seen.text and "did you mean c?" in seen.text
        await seen.drawn()
        await seen.press("n")
        row, column = seen.app.model.text.cursor_location
        assert text.splitlines()[row][column:].startswith("cc")
        assert seen.app.model.canvas.selection == Owner("box", "h")
        await seen.press("enter", "delete")
        await seen.drawn()
        assert "no problems" in seen.lines[0]
        await seen.press("escape", "n")
        assert seen.app.session.document.text == text.replace("cc", "c")


@session
async def test_edits_are_undone_kept_in_a_journal_and_saved(tmp_path: Path) -> None:
    path = tmp_path / "elman.yaml"
    path.write_bytes((EXAMPLES / "elman.yaml").read_bytes().replace(b"\n", b"\r\n"))
    before = path.read_bytes()
    async with screens(path) as seen:
        await seen.press("e", "ctrl+home")
        await seen.type("# mine")
        assert "*" in seen.lines[0]
        await seen.until(journal.journal_of(path).exists, "the journal")
        await seen.press("escape", "z")
        assert not seen.app.session.document.modified
        await seen.press("Z", "w")
        assert path.read_bytes() == b"# mine" + before
        await seen.until(lambda: not journal.journal_of(path).exists(), "the end of the journal")


@session
async def test_what_was_not_saved_is_offered_again(tmp_path: Path) -> None:
    path = tmp_path / "elman.yaml"
    path.write_text((EXAMPLES / "elman.yaml").read_text())
    async with screens(path) as seen:
        await seen.press("e", "ctrl+home")
        await seen.type("# mine")
        await seen.until(lambda: found(path), "the journal")
    async with screens(path) as seen:
        await seen.until(lambda: "never saved" in seen.text and seen.app.focused, "the question")
        await seen.press("enter")
        await seen.until(lambda: seen.app.session.document.text.startswith("# mine"), "the edits")
        await seen.press("escape", "z")
        assert not seen.app.session.document.modified


@session
async def test_a_file_that_was_changed_meanwhile_is_never_written_over_unasked(tmp_path: Path) -> None:
    path = tmp_path / "elman.yaml"
    path.write_text((EXAMPLES / "elman.yaml").read_text())
    async with screens(path) as seen:
        await seen.press("e", "ctrl+home")
        await seen.type("# mine")
        path.write_text("# theirs\n" + path.read_text())
        await seen.until(lambda: "changed by something else" in seen.text, "the question")
        await seen.press("enter")
        assert path.read_text().startswith("# theirs")
        await seen.press("escape", "w")
        assert path.read_text().startswith("# theirs")
        await seen.until(lambda: "changed by something else" in seen.text and seen.app.focused, "the question")
        await seen.press("down", "enter")
        assert seen.app.session.document.text.startswith("# theirs")
        await seen.press("escape", "z")
        assert seen.app.session.document.text.startswith("# mine")


@session
async def test_a_file_that_was_changed_while_its_picture_was_edited_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "elman.yaml"
    path.write_text(ELMAN.read_text(encoding="utf-8"))
    async with screens(path) as seen:
        await seen.drawn()
        seen.app.model.reveal("h")
        await seen.press("r")
        other = ELMAN.read_text(encoding="utf-8") + "# theirs\n"
        path.write_text(other)
        seen.app.watch_file()  # as it is done every second: not while something is asked already
        await seen.type("memory\n")
        mine = seen.app.session.document.text
        assert "memory: tanh" in mine and path.read_text() == other
        await seen.press("w")
        await seen.until(lambda: "was changed by something else" in seen.text, "the question")
        for line in ("- this text   + the file", "-   memory: tanh(U + W)", "+   h: tanh(U + W)", "+ # theirs"):
            assert line in seen.text, seen.text
        await seen.press("enter")
        assert (path.read_text(), seen.app.session.document.text) == (other, mine)
        await seen.press("w")
        await seen.until(lambda: "was changed by something else" in seen.text, "the question")
        await seen.press("down", "enter")
        assert seen.app.session.document.text == other
        await seen.press("z")
        assert seen.app.session.document.text == mine and path.read_text() == other


@pytest.mark.parametrize(("size", "beside"), [((120, 40), True), ((80, 24), True), ((40, 12), False)])
@session
async def test_both_versions_are_seen_where_there_is_room_and_the_answers_always(
    tmp_path: Path, size: tuple[int, int], beside: bool
) -> None:
    path = tmp_path / "elman.yaml"
    path.write_text(ELMAN.read_text(encoding="utf-8"))
    async with screens(path, size=size) as seen:
        await seen.drawn()
        path.write_text("".join(f"# line {number} of theirs {'x' * 90}\n" for number in range(40)))
        seen.app.watch_file()
        await seen.until(lambda: "was changed by" in seen.text, "the question")
        for said in ("- this text   + the file", "lines more"):
            assert (said in seen.text) is beside, seen.text
        for said in ("stay", "load what the file holds", "save this text over it"):
            assert said in seen.text, seen.text


@session
async def test_leaving_asks_only_where_something_would_be_lost(tmp_path: Path) -> None:
    path = tmp_path / "elman.yaml"
    path.write_text((EXAMPLES / "elman.yaml").read_text())
    async with screens(path) as seen:
        await seen.press("e", "x", "ctrl+q")
        assert "not saved" in seen.text
        await seen.press("escape")
        assert seen.app.session.document.modified
        await seen.press("ctrl+q", "enter")
        await seen.until(lambda: not seen.app.is_running, "the end")
    assert path.read_text().startswith("x") or "x" in path.read_text()[:40]


def found(path: Path | None) -> bool:
    """Whether all that was typed is in the journal."""
    kept = journal.journal_of(path)
    return kept.exists() and "# mine" in kept.read_text(encoding="utf-8")


HOSTILE = "name: \x1b[2J\nlabel: '[/] [@click=app.quit]x[/] \u202e'\n"


@pytest.mark.parametrize("text", [HOSTILE, "\x00", "[/]", "a: [link=x]", "\u202e" * 500, "x" * 100_000, "\n" * 3000])
@session
async def test_hostile_texts_are_shown_as_they_are(text: str) -> None:
    async with screens(Document(text=text)) as seen:
        await seen.checked()
        assert seen.app.is_running
        assert not any(character < " " for line in seen.lines for character in line)
        await seen.press("e", "end", "space", "escape", "n")
        assert seen.app.is_running


@session
async def test_a_large_paste_and_a_storm_of_sizes() -> None:
    async with screens(Document(text=(EXAMPLES / "elman.yaml").read_text())) as seen:
        await seen.drawn()
        await seen.press("e", "ctrl+end")
        for size in [(1, 1), (20, 5), (40, 12), (200, 60), (80, 24), (2, 50), (120, 40)]:
            await seen.pilot.resize_terminal(*size)
        seen.app.post_message(events.Paste("# line\r\n" * 3_000))
        await seen.until(lambda: seen.app.session.document.text.count("# line") == 3_000, "the paste")
        assert "\r" not in seen.app.session.document.text
        await seen.drawn()
        await seen.press("ctrl+z")
        assert "# line" not in seen.app.session.document.text


@session
async def test_the_mouse_selects_opens_and_moves() -> None:
    async with screens(EXAMPLES / "char_lm.yaml") as seen:
        await seen.drawn()
        canvas = seen.app.model.canvas
        assert canvas.picture is not None
        place = canvas.picture.place(Owner("box", "h"))
        assert place is not None
        across, down = canvas._shift()
        at = (place.middle[0] + across + 1, place.middle[1] + down + 1)
        await seen.pilot.click(canvas, offset=at)
        assert canvas.selection == Owner("box", "h")
        await seen.pilot.click(canvas, offset=at, times=2)
        await seen.until(lambda: seen.app.session.shown.opened == ("h",), "the inside of h")
        await seen.drawn()


@session
async def test_every_key_is_told() -> None:
    async with screens(EXAMPLES / "elman.yaml") as seen:
        await seen.drawn()
        await seen.press("question_mark")
        await seen.until(lambda: "unfold" in seen.text and "whole picture" in seen.text, "the keys")
        keys = "\n".join(seen.lines[:-1])
        for name in ("the model is assembled", "group what is marked   as a block", "the picture", "everywhere"):
            assert name in keys
        await seen.press("escape")
        assert isinstance(seen.app.screen, type(seen.app.model))
        await seen.press("question_mark")
        await seen.pilot.click(offset=(60, 20))
        await seen.until(lambda: isinstance(seen.app.screen, type(seen.app.model)), "the end of the list")


@session
async def test_what_is_said_again_stands_once() -> None:
    async with screens(EXAMPLES / "elman.yaml") as seen:
        await seen.drawn()
        await seen.press("r", "r", "r", "Z")
        assert [one.message for one in seen.app._notifications] == [
            "select a box first, with the arrows",
            "nothing to do again",
        ]


@session
async def test_the_palette_offers_what_the_foot_tells_first_and_nothing_twice() -> None:
    async with screens(EXAMPLES / "elman.yaml") as seen:
        await seen.drawn()
        await seen.press("ctrl+p")
        await seen.until(lambda: "schedule" in seen.text, "the actions")
        lines = [line.strip().lower() for line in seen.lines]
        assert lines.index("add") < lines.index("open")
        assert not {"maximize", "screenshot"} & set(lines) and "what runs fused" in seen.text


@pytest.mark.parametrize("theme", ["leporello-dark", "leporello-light", "ansi-dark", "ansi-light", "nord"])
@session
async def test_every_theme_shows_the_model(theme: str) -> None:
    async with screens(EXAMPLES / "elman.yaml", theme=theme) as seen:
        await seen.drawn()
        assert "tanh(U + W)" in seen.text
        assert not faint(seen)
        for place in ("2", "4", "1"):
            await seen.press(place)
            assert not faint(seen)
        await seen.press("ctrl+o")
        await seen.until(lambda: "begin with" in seen.text)
        assert not faint(seen)


@pytest.mark.parametrize("theme", ["leporello-dark", "ansi-dark", "ansi-light"])
@session
async def test_what_lies_behind_a_sheet_stays_in_sight(theme: str) -> None:
    async with screens(EXAMPLES / "elman.yaml", theme=theme) as seen:
        await seen.drawn()
        await seen.press("a")
        await seen.until(lambda: "add" in seen.text and "units" in seen.text, "the sheet")
        assert "╭─ folded" in seen.text and "Model  Train" in seen.lines[0]


def faint(seen: Screens) -> list[str]:
    """Words that cannot be told from their ground; in a theme of the terminal's own colours, those that have others."""
    own = seen.app.current_theme.ansi
    styled = [
        (part.text, part.style)
        for strip in seen.strips
        for part in strip
        if any(map(str.isalnum, part.text)) and part.style
    ]
    if own:
        return [text for text, style in styled for one in (style.color, style.bgcolor) if one and one.triplet]
    return [text for text, style in styled if style.bgcolor and style.color and not told_apart(style)]


def told_apart(style: Style) -> bool:
    """Whether the contrast of letters and their ground is that of a line which can be seen."""
    assert style.color is not None and style.bgcolor is not None
    letters, ground = (one.get_truecolor().hex for one in (style.color, style.bgcolor))
    return contrast(letters, ground) >= 1.5


@pytest.mark.parametrize("said", ["5", "[a]", "{batch: many}", "text"])
@session
async def test_training_that_is_no_mapping_is_told(said: str) -> None:
    text = (EXAMPLES / "elman.yaml").read_text() + f"training: {said}\n"
    async with screens(Document(text=text)) as seen:
        await seen.checked()
        assert seen.app.session.findings.errors
        await seen.press("t", "space", "escape")
        assert seen.app.is_running


@session
async def test_what_is_not_answered_yet_is_offered_again(tmp_path: Path) -> None:
    path = tmp_path / "elman.yaml"
    path.write_text((EXAMPLES / "elman.yaml").read_text())
    journal.journal_of(path).write_text('{"digest": "", "text": "# mine"}')
    for _ in range(2):
        async with screens(path) as seen:
            await seen.until(lambda: "never saved" in seen.text, "the question")
            await seen.drawn()
            seen.app.keep()
        assert journal.journal_of(path).exists()


@session
async def test_a_text_without_a_file_is_offered_again(tmp_path: Path) -> None:
    async with screens() as seen:
        await seen.until(lambda: "begin with" in seen.text, "the choices")
        await seen.press("n")
        await seen.drawn()
        await seen.press("e", "ctrl+home")
        await seen.type("# mine")
        await seen.until(lambda: found(None), "the journal")
    async with screens() as seen:
        await seen.until(lambda: "never saved" in seen.text and seen.app.focused, "the question")
        await seen.press("enter")
        await seen.drawn()
        assert seen.app.session.document.text.startswith("# mine")
        assert seen.app.session.document.modified
        await seen.press("ctrl+q", "down", "enter")
        await seen.until(lambda: not seen.app.is_running, "the end")
    assert not journal.journal_of(None).exists()


@session
async def test_a_tab_in_the_text_is_typed_and_completes_what_was_begun() -> None:
    async with screens(Document(text="spec: 1\n")) as seen:
        await seen.checked()
        await seen.press("e", "ctrl+end", *"a:", "enter", "tab", "x", "tab", "y")
        assert seen.app.session.document.text == "spec: 1\na:\n    x y"
        assert seen.app.focused is seen.app.model.text
        await seen.press("enter", *["shift+home", "delete"], *"nod")
        await seen.until(lambda: seen.app.model.text.suggestion == "es", "the suggestion")
        assert "nodes" in seen.text
        await seen.press("tab")
        assert seen.app.session.document.text.endswith("\nnodes")
        await seen.press("shift+tab")
        assert seen.app.focused is not seen.app.model.text


@session
async def test_boxes_within_boxes_are_found() -> None:
    async with screens(EXAMPLES / "luong.yaml") as seen:
        await seen.drawn()
        await seen.press("slash")
        await seen.type("w_i")
        await seen.until(lambda: (owner := seen.app.model.canvas.selection) and owner.path.endswith("W_i"), "the box")
        await seen.press("enter")
        await seen.drawn()
        owner = seen.app.model.canvas.selection
        assert owner is not None and owner.path.count("/") > 1 and owner.path.endswith("W_i")
        assert seen.app.model.canvas.picture.place(owner) is not None
        await seen.press("slash")
        await seen.type("nothing like it")
        await seen.until(lambda: "no node has these letters" in seen.lines[0], "the refusal")


@session
async def test_a_picture_is_not_written_over_unasked(tmp_path: Path) -> None:
    target = tmp_path / "elman.svg"
    target.write_text("theirs")
    async with screens(Document(tmp_path / "elman.yaml", (EXAMPLES / "elman.yaml").read_text())) as seen:
        await seen.drawn()
        await seen.press("E")
        await seen.press("enter")
        await seen.until(lambda: "is there already" in seen.text and seen.app.focused, "the question")
        await seen.press("enter")
        assert target.read_text() == "theirs"
        await seen.press("E")
        await seen.press("enter")
        await seen.until(lambda: "is there already" in seen.text and seen.app.focused, "the question")
        await seen.press("down", "enter")
        await seen.until(lambda: target.read_text().startswith("<svg"), "the picture")


@session
async def test_playing_ends_where_time_is_folded() -> None:
    async with screens(EXAMPLES / "elman.yaml") as seen:
        await seen.drawn()
        await seen.press("u")
        await seen.drawn()
        await seen.press("m")
        await seen.until(lambda: seen.app.model.canvas.step == 2, "the second step")
        await seen.press("u")
        assert seen.app.model.beat is None
        await seen.press("0")
        assert any(0x2800 < ord(character) < 0x2900 for character in seen.text)


@session
async def test_the_palette_finds_actions_by_their_names() -> None:
    async with screens(EXAMPLES / "elman.yaml") as seen:
        await seen.drawn()
        await seen.press("ctrl+p")
        await seen.type("unfold")
        await seen.until(lambda: "unfold" in seen.text)
        await seen.pilot.pause(0.5)
        await seen.press("enter", "enter")
        await seen.until(lambda: seen.app.session.shown.steps is not None, "the steps")


@session
async def test_lines_are_seen_from_their_beginning_unless_the_cursor_is_far_to_the_right() -> None:
    async with screens(Document(text="spec: 1\n")) as seen:
        await seen.checked()
        text = seen.app.model.text
        await seen.press("e", "ctrl+end")
        await seen.type("#" * 200)
        await seen.until(lambda: text.scroll_x > 0, "the end of the line")
        await seen.press("enter")
        await seen.until(lambda: text.scroll_x == 0, "the beginning of the lines")
        await seen.press("up", "end")
        await seen.until(lambda: text.scroll_x > 0, "the end of the line")
        await seen.press("escape")
        await seen.until(lambda: text.scroll_x == 0, "the beginning of the lines")
        seen.app.rewrite(text.text + "\n" + "b" * 200, "more")
        await seen.press("u")
        assert text.scroll_x == 0


@session
async def test_a_file_is_given_a_name_that_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("model.yaml").write_text("spec: 1\n")
    async with screens(Document(text=ELMAN.read_text().replace("name: elman", "name: model"))) as seen:
        await seen.drawn()
        await seen.press("w")
        await seen.until(lambda: "save as model-2.yaml" in seen.text, "the question")
        assert "⏎ take it" in seen.lines[-1] and "unfold" not in seen.lines[-1] and "^s" not in seen.lines[-1]
        await seen.type("model.yaml\n")  # in place of what stands there
        await seen.until(lambda: seen.told("is there already"), "the refusal")
        await seen.until(lambda: "save as model.yaml" in seen.text, "the question again")
        await seen.type("mine.yaml\n")
        assert Path("mine.yaml").exists()
        assert Path("model.yaml").read_text() == "spec: 1\n"
