"""Cells in characters: rails, gates and what comes in and goes out, with the equations below."""

from __future__ import annotations

import pytest
from hypothesis import assume, given

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, check, examine
from leporello.graphs.drawing.cell.cell_scene import wired
from leporello.graphs.drawing.cell.members import cell_paths
from leporello.graphs.drawing.cell.picture import cell_at
from leporello.graphs.drawing.cell.places import text_of
from leporello.graphs.drawing.draw import draw
from leporello.graphs.drawing.letters.typed import as_typed
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.terminal.cell_text import cell_text
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_spec
from tests.support.command_line import CHARACTERS, done, refused
from tests.support.strategies import Sample, samples, some

LSTM = """LSTM cell h at step t

                                                                 ▲ h_t
          ╭──────────────────────────────────────────────────────│─────╮
          │        ╭───╮             ╭───╮                       │     │
  c_{t-1} │        │   │             │   │                       │     │ c_t
 ━━━━━━━━━│━━━━━━━━▶ × ├━━━━━━━━━━━━━▶ + ├━━━━━━━━━━━━━━━━┬━━━━━━│━━━━━│━━━━━━▶
          │        ╰─▲─╯             ╰─▲─╯                │      │     │
          │          │                 │              ╭───▼───╮  │     │
          │          │                 │              │ tanh  │  │     │
          │          │                 │              ╰───┬───╯  │     │
          │          │               ╭─┴─╮              ╭─▼─╮    │     │
          │          │        ╭──────▶ × │       ╭──────▶ × │    │     │
          │          │        │      ╰─▲─╯       │      ╰─┬─╯    │     │
          │        f │       i│      g │       o │        │      │     │
          │      ┌───┴───┐  ┌─┴─┐  ┌───┴───┐  ┌──┴─┐      │      │     │
          │      │   σ   │  │ σ │  │ tanh  │  │ σ  │      │      │     │
          │      └───▲───┘  └─▲─┘  └───▲───┘  └──▲─┘      │      │     │
  h_{t-1} │          │        │        │         │        │      │     │ h_t
 ─────────│─┬────────┴────────┴────────┴─────────╯        ╰──────┴─────│──────▶
          ╰─│──────────────────────────────────────────────────────────╯
            │
           x_t

 i_t = σ(W_i [x_t, h_{t-1}] + b_i)
 f_t = σ(W_f [x_t, h_{t-1}] + b_f)
 g_t = tanh(W_g [x_t, h_{t-1}] + b_g)
 o_t = σ(W_o [x_t, h_{t-1}] + b_o)
 c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
 h_t = o_t ⊙ tanh(c_t)

 ┌─┐ learned layer   ╭─╮ function, operation   ━━▶ state that is carried on, element by element
"""


def model(nodes: str) -> Checked:
    """A model of an input x and an output h."""
    text = f"spec: 1\ninputs: {{x: {{features: 8}}}}\nnodes:\n{nodes}outputs: {{y: h}}\n"
    return check(read_spec(text, registry()), registry())


def text_at(checked: Checked, path: str = "h", ascii_only: bool = False) -> str:
    """A cell in characters."""
    return draw(checked.graph, checked.axes, Options(cell=path), "txt", ascii_only)


def test_an_lstm_is_the_picture_of_the_textbook() -> None:
    assert text_at(model("  h: {block: lstm, input: x, units: 8}\n")) == LSTM


def test_in_ascii_every_sign_has_a_name() -> None:
    text = text_at(model("  h: {value: h(t-1) / (1 + sigmoid(x) * 1e-8) - x, label: alpha}\n"), ascii_only=True)
    assert text.isascii()
    assert "alpha_t = alpha_{t-1} / (1 + sigmoid(x_t) * 10^{-8}) - x_t" in text


@pytest.mark.parametrize(("formula", "sign"), [("x - h(t-1)", "−"), ("x / h(t-1)", "÷")])
def test_what_is_taken_away_is_marked(formula: str, sign: str) -> None:
    drawn = text_at(model(f"  h: tanh({formula})\n")).partition("\n\n h_t")[0]
    assert drawn.count(sign) == (2 if sign == "−" else 1), "the operator itself, and at its second operand"


@given(samples(broken=False))
@some(40)
def test_everything_in_a_cell_of_a_random_model_is_written(sample: Sample) -> None:
    checked, problems = examine(read_spec(sample.text, registry()), registry())
    assume(not problems)
    for path in cell_paths(checked.graph):
        try:
            cell, equations = cell_at(checked.graph, checked.axes, path)
            wiring = wired(cell)
        except SpecError as error:
            assert "operations at a step" in str(error)
            continue
        text = cell_text(cell, wiring, equations)
        drawn = text[: text.rindex("\n\n ")]
        for operation in cell.operations.values():
            assert operation.role == "sign" or as_typed(text_of(operation)) in drawn
        arrows = sum(way.arrow for way in wiring.ways)
        assert sum(drawn.count(arrow) for arrow in "▲▼◀▶") <= arrows
        assert all(as_typed(line) in text for line in equations if line.serif)


def test_the_command_line_writes_it() -> None:
    assert "LSTM cell h at step t" in done("draw", CHARACTERS, "--cell", "h")
    assert "--cell is for .json, .pdf, .png, .svg and .txt only" in refused(
        "draw", CHARACTERS, "--cell", "h", "--format", "dot"
    )


@pytest.mark.parametrize("label", ["漢字", "\\e[31m", "<script>", "a" * 100])
def test_no_label_breaks_it(label: str) -> None:
    text = text_at(model(f'  h: {{value: h(t-1) + x, label: "{label}"}}\n'))
    assert all(character.isprintable() or character == "\n" for character in text)
