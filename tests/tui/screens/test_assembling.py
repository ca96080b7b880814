"""Models assembled by keys and by mouse: what the text is then, how many keys that took, what is refused and why."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from leporello.blocks.registry import registry
from leporello.cli.reports.compare_report import compared
from leporello.graphs.analysis.checks import check
from leporello.graphs.drawing.column.canvas import Owner
from leporello.graphs.specs import read_spec
from leporello.tui.screens.sheet import Sheet
from leporello.tui.session.document import Document
from leporello.tui.widgets.block_picture import BlockPicture
from leporello.tui.widgets.prompt import Prompt
from tests.support.paths import EXAMPLES
from tests.support.screens import Screens, assert_golden, screens, session

CHARACTERS, TRANSLATOR = 60, 150
BY_HAND = """spec: 1
inputs:
  source: {tokens: $source_words, axis: source}
  target: {tokens: $target_words, axis: target}
nodes:
  encoder: {block: encoder, input: source, embedding: 64, cell: gru, units: 64, direction: both, dropout: 0.2}
  decoder:
    block: decoder
    target: target
    memory: encoder
    initial: encoder.state
    bridge: dense
    wiring: bahdanau
    words: $target_words
    embedding: 64
    cell: gru
    units: 128
    dropout: 0.2
outputs:
  words: {from: decoder, predicts: target}
data:
  source: {builtin: dates, column: words}
  target: {builtin: dates, column: iso}
"""
"""Translation with attention as in examples/translate.yaml, of dates."""


def example(name: str) -> Document:
    """An example that has no file."""
    text = (EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8")
    return Document(text=text, saved=text)


class Keys:
    """Keys that are counted, characters included."""

    def __init__(self, seen: Screens) -> None:
        self.seen, self.count = seen, 0

    async def press(self, *keys: str) -> None:
        self.count += len(keys)
        await self.seen.press(*keys)

    async def type(self, text: str) -> None:
        await self.press(*(NAMES.get(letter, letter) for letter in text))

    async def add(self, line: str) -> None:
        await self.press("a")
        await self.type(line)
        await self.press("enter")


NAMES = {" ": "space", "=": "equals_sign", ".": "full_stop", "(": "left_parenthesis", ")": "right_parenthesis",
         "-": "minus", "+": "plus", "_": "underscore", "*": "asterisk", "$": "dollar_sign"}  # fmt: skip


async def nothing(seen: Screens) -> Keys:
    """An empty model, begun by a key."""
    await seen.until(lambda: "begin with" in seen.text, "the choices")
    await seen.press("e")
    await seen.until(lambda: "add what goes in" in seen.text, "the empty model")
    return Keys(seen)


def same_model(one: str, other: str) -> bool:
    """Whether `leporello compare` finds nothing that differs."""
    a, b = (check(read_spec(text, registry()), registry()) for text in (one, other))
    told = compared(a, b)
    return bool(told["equal"])


@session
async def test_a_character_model_takes_few_keys() -> None:
    async with screens() as seen:
        keys = await nothing(seen)
        for line in ("", "fee", "emb 32", "lstm 256", "out", "sam"):
            await keys.add(line)
        await seen.drawn()
        assert "no problems" in seen.lines[0] and "this loop is an lstm: runs fused" in seen.lines[0]
        assert seen.app.session.findings.untrained is None
        text = seen.app.session.document.text
        assert of_char_lm(text)
        assert keys.count <= CHARACTERS, keys.count
        for _ in range(6):
            await seen.press("z")
        assert seen.app.session.document.text == ""
        await seen.until(lambda: "add what goes in" in seen.text, "the empty model")
        for _ in range(6):
            await seen.press("Z")
        assert seen.app.session.document.text == text


@session
async def test_keys_that_come_in_one_piece_go_where_a_slow_typist_s_would() -> None:
    async with screens() as seen:
        await nothing(seen)
        await seen.type("a\nafee\naemb 32\nalstm 256\naout\nasam\nrtaken\nz/lo")
        assert of_char_lm(seen.app.session.document.text)
        assert seen.app.model.query_one(Prompt).query_one(Input).value == "lo"


def of_char_lm(text: str) -> bool:
    """Whether it is the example, but for its comments and settings."""
    by_hand = (EXAMPLES / "char_lm.yaml").read_text().splitlines()
    same = same_model(text, "\n".join(by_hand))
    return same and [line for line in text.splitlines() if line not in by_hand] == []


@session
async def test_a_translator_takes_few_keys() -> None:
    async with screens() as seen:
        keys = await nothing(seen)
        await keys.add("pair")
        await keys.add("enc 64 emb=64 cell=gru dir=both drop=.2")
        await keys.add("dec 128 emb=64 cell=gru drop=.2")
        await keys.add("words = out")
        await seen.drawn()
        assert "no problems" in seen.lines[0], seen.text
        assert seen.app.session.findings.untrained is None
        text = seen.app.session.document.text
        assert "bridge: dense" in text
        assert same_model(text, BY_HAND), text
        assert keys.count <= TRANSLATOR, keys.count


@session
async def test_what_was_said_is_seen_and_changed_row_by_row() -> None:
    async with screens(example("luong")) as seen:
        await seen.drawn()
        seen.app.model.reveal("decoder")
        await seen.press("a")
        await seen.type("atten")
        await seen.until(lambda: "query" in seen.text and "softmax" in seen.text, "the attention")
        assert "add after decoder" in seen.text
        sheet = seen.app.screen
        assert isinstance(sheet, Sheet)
        said = {row.name: row.value for row in sheet.rows}
        assert (said["query"], said["memory"], said["name"]) == ("decoder", "encoder", "attention_2")
        await seen.press("tab")
        await seen.type("look")
        await seen.press("tab", "tab", "down", "enter")
        assert "  look: {block: attention, query: decoder, memory: " in seen.app.session.document.text
        assert seen.app.model.work.selected == "look"
        await seen.drawn()
        assert seen.app.model.canvas.selection == Owner("box", "look")
        await seen.press("z")
        await seen.drawn()
        assert seen.app.session.document.text == (EXAMPLES / "luong.yaml").read_text()
        assert seen.app.model.canvas.selection == Owner("box", "decoder")
        assert seen.told("undone: add look")


@session
async def test_boxes_are_renamed_changed_connected_and_deleted() -> None:
    async with screens(example("elman")) as seen:
        await seen.drawn()
        text = seen.app.session.document
        seen.app.model.reveal("h")
        await seen.press("r")
        await seen.type("memory")
        await seen.press("enter")
        assert "memory: tanh(U + W)" in text.text and "input: memory(t-1)" in text.text
        seen.app.model.reveal("U")
        await seen.press("p")
        await seen.type("16.5")
        await seen.press("enter")
        assert isinstance(seen.app.screen, Sheet)
        assert "must be a whole number" in seen.text
        await seen.press("escape", "p", "down", "enter")
        assert "U: {block: linear, input: x, units: 16" not in text.text
        await seen.drawn()
        assert "do not go together" in seen.app.session.findings.errors[0].what
        await seen.press("b", "enter")
        await seen.drawn()
        assert "no problems" in seen.lines[0]
        await seen.press("z", "z")
        await seen.drawn()
        seen.app.model.reveal("memory")
        await seen.press("i", "minus")
        assert "memory: tanh(U + W(t-1))" in text.text or "memory: tanh(U(t-1) + W)" in text.text
        await seen.press("z")
        seen.app.model.reveal("o")
        await seen.press("d")
        await seen.until(lambda: "they read what it read" in seen.text, "the question")
        await seen.press("enter")
        assert "y: memory" in text.text
        await seen.press("equals_sign")
        await seen.type("z = memory * 0.5\n")
        assert "  z: memory * 0.5\n" in text.text


@session
async def test_a_cell_is_grouped_used_twice_and_expanded() -> None:
    async with screens(example("elman")) as seen:
        await seen.drawn()
        document = seen.app.session.document
        for name in ("U", "W", "h"):
            seen.app.model.reveal(name)
            await seen.press("space")
        await seen.press("g", "enter")
        await seen.drawn()
        assert "  h: {block: cell, x: x}" in document.text
        await seen.press("a")
        await seen.type("top = cell")
        await seen.press("enter")
        assert "  top: {block: cell, x: h}" in document.text, document.text
        await seen.press("x")
        await seen.drawn()
        assert "block: cell, x: h" not in document.text
        assert "no problems" in seen.lines[0] or "warning" in seen.lines[0]


@session
async def test_a_part_of_a_block_that_ships_is_edited_when_the_block_is_expanded() -> None:
    async with screens(example("char_lm")) as seen:
        await seen.drawn()
        before = seen.app.session.document.text
        seen.app.model.reveal("h")
        await seen.press("enter")
        await seen.drawn()
        seen.app.model.reveal("h/1/forward/W_i")
        await seen.press("d", "r", "p", "y", "R", "space")
        assert seen.told("a part of h (lstm)") and seen.told("expand h")
        assert seen.app.session.document.text == before and not isinstance(seen.app.screen, Sheet)
        await seen.press("x")
        assert seen.app.session.document.text != before


TWICE = ("  logits:", "  again: {block: my_gru, x: h, units: 32}\n  logits:")


@session
async def test_what_stands_in_a_block_of_one_s_own_is_edited_where_it_is_used() -> None:
    text = example("own_cell").text.replace(*TWICE).replace("input: h, units: $ch", "input: again, units: $ch")
    async with screens(Document(text=text, saved=text)) as seen:
        await seen.drawn()
        document, model = seen.app.session.document, seen.app.model
        model.reveal("again")
        await seen.press("enter")
        await seen.drawn()
        model.reveal("again/1/forward/W_n")
        await seen.press("a")
        await seen.until(lambda: "add after W_n in my_gru" in seen.text, "the sheet")
        await seen.type("D = linear\n")
        await seen.drawn()
        assert "      D: {block: linear, input: W_n, units: $units}\n" in document.text
        assert seen.told("h, again use my_gru: all are changed")
        assert model.canvas.selection == Owner("box", "again/1/forward/D")
        await seen.press("c")
        await seen.type("n")
        await seen.press("escape", "r")
        await seen.press(*["backspace"], *"drawn", "enter")
        assert "      drawn: {block: linear" in document.text
        model.reveal("again/1/forward/n")
        await seen.press("equals_sign", *["backspace"] * len("tanh(W_n + sigmoid(W_r) * U_n)"))
        await seen.type("tanh(drawn + sigmoid(W_r) * U_n)\n")
        await seen.drawn()
        assert "      n: tanh(drawn + sigmoid(W_r) * U_n)\n" in document.text and "no problems" in seen.lines[0]
        await seen.press("z", "z", "z")
        assert document.text == text


@session
async def test_wires_in_a_block_of_one_s_own_are_its_own() -> None:
    async with screens(example("own_cell")) as seen:
        await seen.drawn()
        document, canvas = seen.app.session.document, seen.app.model.canvas
        seen.app.model.reveal("h")
        await seen.press("enter")
        await seen.drawn()
        text = document.text
        canvas.selection = Owner("wire", "h/1/forward/h", reader="h/1/forward/W_r")
        await seen.press("minus")
        assert "      W_r: {block: linear, input: [x, h(t-2)], units: $units}\n" in document.text
        await seen.press("z")
        canvas.selection = Owner("wire", "e", reader="h/1/forward/W_r")  # what the port x reads here
        await seen.press("d")
        assert "      W_r: {block: linear, input: h(t-1), units: $units}\n" in document.text
        await seen.press("z")
        await seen.drawn()
        seen.app.model.reveal("h/1/forward/W_r")
        await seen.press("space", "g")
        assert seen.told("what stands in the block my_gru is not grouped") and document.text == text


@session
async def test_what_cannot_be_done_says_why() -> None:
    async with screens(example("elman")) as seen:
        await seen.drawn()
        before = seen.app.session.document.text
        await seen.press("d")
        assert seen.told("select a box first")
        seen.app.model.reveal("h")
        await seen.press("x")
        assert seen.told("h cannot be expanded") or seen.told("has nothing inside")
        await seen.press("a")
        await seen.type("zzzz")
        await seen.press("enter")
        assert "nothing is called 'zzzz'" in seen.text
        await seen.press("escape", "P")
        assert seen.told("nothing was copied")
        assert seen.app.session.document.text == before


@session
async def test_boxes_are_copied_into_another_model() -> None:
    async with screens(example("own_cell")) as seen:
        await seen.drawn()
        seen.app.model.reveal("h")
        await seen.press("Y")
        seen.app.open_text("spec: 1\ninputs:\n  x: {features: 4}\n# mine\n")
        await seen.checked()
        await seen.press("P")
        text = seen.app.session.document.text
        assert "my_gru:" in text and "  h: {block: my_gru, units: 128}" in text and "# mine" in text


@session
async def test_a_box_is_drawn_onto_another_one_by_mouse() -> None:
    async with screens(example("elman")) as seen:
        await seen.drawn()
        canvas = seen.app.model.canvas
        assert canvas.picture is not None

        def middle(name: str) -> tuple[int, int]:
            place = canvas.picture.place(Owner("box", name)) if canvas.picture else None
            assert place is not None
            across, down = canvas._shift()
            return place.middle[0] + across + 1, place.middle[1] + down + 1

        await seen.pilot.mouse_down(canvas, offset=middle("U"))
        await seen.pilot.mouse_up(canvas, offset=middle("o"))
        await seen.until(lambda: isinstance(seen.app.screen, Sheet), "the sheet")
        await seen.press("enter")
        assert "o: {block: linear, input: [h, U], units: 4}" in seen.app.session.document.text


@session
async def test_texts_that_are_no_specs_are_not_assembled() -> None:
    for text in ("{", "nodes: 5\n", "a: [", "spec: 1\nnodes:\n  h: 5\n", "\x00"):
        async with screens(Document(text=text)) as seen:
            await seen.checked()
            await seen.press("a", "x", "escape", "c", "escape", "d", "escape", "b", "escape", "p", "escape")
            assert seen.app.is_running and seen.app.session.document.text == text


@session
async def test_a_model_is_assembled_by_mouse_alone() -> None:
    async with screens() as seen:
        await nothing(seen)

        async def click(what: str, line: str, where: str = "") -> None:
            """Click at words that are seen in a widget."""
            widget = seen.app.screen.query_one(line)
            await seen.until(lambda: where in seen.text and widget.region.height, where)
            await seen.until(lambda: place(line, what) is not None, f"{what} in {line}")
            found = place(line, what)
            assert found is not None
            await seen.pilot.click(offset=found)

        def place(line: str, what: str) -> tuple[int, int] | None:
            region = seen.app.screen.query_one(line).region
            for y in range(region.y, region.bottom):
                x = seen.lines[y].find(what, region.x, region.right)
                if x >= 0:
                    return x + 1, y
            return None

        for block in ("text", "embedding", "lstm", "output"):
            await click("a add", "#keys")
            await seen.until(lambda: isinstance(seen.app.screen, Sheet), "the sheet")
            await click(block, "#offers")
            await click("⏎ add", "#sheet-keys")
            await seen.until(lambda: not isinstance(seen.app.screen, Sheet), "the edit")
            await seen.drawn()
        text = seen.app.session.document.text
        assert "h: {block: lstm, input: e, units: 128}" in text and "logits: {block: linear, input: h" in text
        assert "predicts: text}" in text


@pytest.mark.parametrize(
    ("name", "size", "theme", "block", "small"),
    [
        ("palette.lstm.120x40", (120, 40), "leporello-dark", "lstm", True),
        ("palette.rnn.120x40", (120, 40), "leporello-light", "rnn", False),
        ("palette.lstm.200x50", (200, 50), "leporello-dark", "lstm", False),
    ],
)
@session
async def test_the_block_that_is_chosen_is_seen(
    name: str, size: tuple[int, int], theme: str, block: str, small: bool
) -> None:
    async with screens(example("elman"), size, theme) as seen:
        await seen.drawn()
        await seen.press("a")
        await seen.type("linear")
        view = seen.app.screen.query_one(BlockPicture)
        await seen.until(lambda: view.picture and view.picture.place(Owner("box", "linear")), "the picture", 30)
        assert not view.small
        await seen.press(*["backspace"] * 6)
        await seen.type(block)
        await seen.until(
            lambda: view.picture and view.picture.place(Owner("box", f"{block}/1/forward/h")), "the picture", 30
        )
        await seen.until(lambda: "by name or words" in seen.text, "what is tried")
        assert view.small is small
        assert_golden(name, seen)
        await seen.press("escape")
        await seen.press("a")
        await seen.type("nothing like it")
        assert seen.app.screen.query_one(BlockPicture).picture is None


@session
async def test_where_there_is_no_room_its_equations_are_told_without_a_picture() -> None:
    async with screens(example("elman"), (80, 24)) as seen:
        await seen.drawn()
        await seen.press("a")
        await seen.type("lstm")
        await seen.until(lambda: "by name or words" in seen.text, "what is tried")
        assert not seen.app.screen.query_one(BlockPicture).display
        assert_golden("palette.lstm.80x24", seen)
        await seen.pilot.resize_terminal(120, 40)
        view = seen.app.screen.query_one(BlockPicture)
        await seen.until(lambda: view.display and view.picture and view.small, "the picture")
