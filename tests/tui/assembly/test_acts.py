"""What acts offer: wires by axis and kind, defaults by what stands there, mends, and what is said of trained runs."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from leporello.graphs.problems import SpecError
from leporello.training.runs.run import FACTS, SPEC, STATUS
from leporello.tui.assembly.adding import Add
from leporello.tui.assembly.bench import Bench
from leporello.tui.assembly.changing import Change
from leporello.tui.assembly.connecting import Connect, Rewire, delayed, disconnected
from leporello.tui.assembly.mending import Mend
from leporello.tui.assembly.restructuring import Delete, Duplicate, Group, Rename, Replace
from leporello.tui.assembly.searching import search
from leporello.tui.assembly.trained import told
from leporello.tui.assembly.wires import offers
from tests.support.paths import EXAMPLES


def bench(name: str, *changes: tuple[str, str]) -> Bench:
    """An example, with changes of its text."""
    text = (EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8") if name else ""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return Bench.of(text, "untitled.yaml")


def port(of: Bench, block: str, name: str, first: str) -> list[tuple[str, bool]]:
    kind = of.blocks[block].port(name)
    assert kind is not None
    return [(one.value, one.fits) for one in offers(of, kind, of.axis(first), first)]


def test_the_likeliest_wire_comes_first_and_others_say_why_not() -> None:
    luong = bench("luong")
    assert port(luong, "attention", "query", "decoder")[0] == ("decoder", True)
    assert port(luong, "attention", "memory", "decoder")[0] == ("encoder", True)
    assert port(luong, "embedding", "input", "source")[0] == ("source", True)
    assert dict(port(luong, "lstm", "input", "d"))["source"] is False
    assert dict(port(luong, "embedding", "input", "source"))["d"] is False
    assert ("encoder(last)", True) in port(luong, "linear", "input", "decoder")
    assert port(luong, "feedback", "own", "choice")[0] == ("choice(t-1)", True)


@pytest.mark.parametrize(
    ("letters", "first"),
    [("ls", "lstm"), ("bahdanau", "attention"), ("emb", "embedding"), ("look back", "attention"), ("mha", None)],
)
def test_blocks_are_found_by_name_help_and_paper(letters: str, first: str | None) -> None:
    found = [one.value for one in search(letters, Add(bench("luong"), "decoder").choices)]
    assert found[:1] == ([first] if first else found[:1])
    assert first is None or first in found


def test_what_reads_the_selection_comes_first() -> None:
    assert Add(bench("luong"), "source").choices[0].value == "embedding"
    assert [one.value for one in Add(bench("elman"), "x").choices[:3]] == ["lstm", "gru", "linear"]


def test_the_spec_s_own_blocks_are_offered_first() -> None:
    assert Add(bench("own_cell"), "e").choices[0].value == "my_gru"


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("lin", "W_2: {block: linear, input: h, units: 16}"),
        ("lin $n", "logits: {block: linear, input: h, units: $n}"),
        ("q = lstm 4 layers=2", "q: {block: lstm, input: h, units: 4, layers: 2}"),
        ("concat", "concatenate: {block: concatenate, input: [h]}"),
        ("dropout 0.3", "dropout: {block: dropout, input: h, rate: 0.3}"),
        ("drop .25", "dropout: {block: dropout, input: h, rate: 0.25}"),
    ],
)
def test_a_line_says_name_size_and_settings(line: str, written: str) -> None:
    made = Add(bench("elman"), "h").made({"line": line})
    assert f"  {written}\n" in made.edited.text
    assert made.selects == written.partition(":")[0]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("lin units=many", "must be a whole number"),
        ("lin unitz=3", "has no 'unitz'"),
        ("lin -5", "must be a whole number of at least 1"),
        ("dropout 2", "must be a number from 0 to 1"),
        ("all = lin", "reserved"),
        ("h = lin", "is the name of a node already"),
        ("zzzz", "nothing is called 'zzzz'\n  what there is: "),
        ("lstmm 64", r"nothing is called 'lstmm'\n  did you mean lstm\?"),
        ("outptu", r"did you mean output\?"),
        ("lin input=q", "unknown name 'q'"),
    ],
)
def test_what_cannot_be_added_says_why(line: str, why: str) -> None:
    with pytest.raises(SpecError, match=why):
        Add(bench("elman"), "h").made({"line": line})


def test_states_that_misfit_are_bridged() -> None:
    both = bench("dates", ("  previous: {block: feedback, truth: iso(t-1), own: choice(t-1)}\n", ""))
    text = "\n".join(line for line in both.draft.text.splitlines() if not line.startswith(("  d:", "  s:", "  att")))
    text = text[: text.index("  logits:")] + "outputs:\n  y: encoder\n"
    made = Add(Bench.of(text, "untitled.yaml"), "encoder").made({"line": "dec 128 cell=gru"})
    assert "initial: encoder.state" in made.edited.text and "bridge: dense" in made.edited.text
    assert not made.brought


def test_sizes_that_misfit_are_mended_by_a_layer() -> None:
    wrong = bench("elman", ("input: x, units: 16", "input: x, units: 8"))
    made = Mend(wrong, "h").made({})
    assert not made.brought and not Bench(made.edited.after).wrong
    assert made.edited.called.startswith("insert ")
    with pytest.raises(SpecError, match="nothing misfits"):
        Mend(bench("elman"), "").made({})


def test_tokens_are_mended_by_an_embedding_and_states_by_a_bridge() -> None:
    wrong = bench("luong", ("input: e,", "input: source,"), ("units: 128, layers: 2, initial", "units: 64, initial"))
    names = [one.edited.called for one in Mend(wrong, "").mends]
    assert names == ["insert e_source between source and encoder", "set bridge of decoder"]


def test_wires_are_made_late_where_they_would_go_round() -> None:
    elman = bench("elman")
    made = Connect(elman, "o", "U").made({})
    assert "U: {block: linear, input: [x, o(t-1)], units: 16}" in made.edited.text
    assert made.edited.called == "connect o(t-1) to U"
    made = Connect(elman, "x", "o").made({"beside": "in its place"})
    assert "o: {block: linear, input: x, units: 4}" in made.edited.text
    with pytest.raises(SpecError, match="is an expression"):
        Connect(elman, "x", "h").made({})


def test_wires_are_delayed_changed_and_taken_away() -> None:
    elman, luong = bench("elman"), bench("luong")
    assert "h: tanh(U + W(t-1))" in delayed(elman, "W", "h", 1).edited.text
    assert "input: h, units: 16" in delayed(elman, "h", "W", -1).edited.text
    assert "h: tanh(x + W)" in Rewire(elman, "U", "h").made({"from": "x", "time": ""}).edited.text
    assert "initial: encoder.state" not in disconnected(luong, "encoder", "decoder").edited.text
    assert "input: [attention.context]" not in disconnected(luong, "decoder", "W_c").edited.text
    for reader in ("h", "outputs/y"):
        with pytest.raises(SpecError):
            disconnected(elman, "U", reader)


def test_what_read_a_node_reads_what_it_read() -> None:
    elman = bench("elman")
    assert [row.value for row in Delete(elman, ["o"]).rows({})] == ["yes"]
    assert "  y: h\n" in Delete(elman, ["o"]).made({}).edited.text
    with pytest.raises(SpecError, match="is read by"):
        Delete(elman, ["o"]).made({"bridge the gap": "no"})
    made = Delete(bench("char_lm"), ["outputs/next"]).made({})
    assert "next:" not in made.edited.text


def test_one_row_for_all_that_is_said() -> None:
    rows = {row.name: row.value for row in Change(bench("luong"), "decoder").rows({})}
    assert rows["input"] == "[d, attentional(t-1)]" and rows["layers"] == "2" and rows["initial"] == "encoder.state"
    made = Change(bench("luong"), "decoder").made({"layers": "", "gates": "peephole"})
    assert "gates: peephole, initial: encoder.state}" in made.edited.text
    with pytest.raises(SpecError, match="must be one of"):
        Change(bench("luong"), "decoder").made({"gates": "x"})
    with pytest.raises(SpecError, match="nothing was changed"):
        Change(bench("luong"), "decoder").made({"layers": "2"})


def test_ports_of_a_block_are_named_when_it_is_made() -> None:
    group = Group(bench("elman"), ["h", "U", "W"])
    assert [row.name for row in group.rows({})] == ["block", "name", "port x"]
    made = group.made({"block": "mine", "port x": "seen"})
    assert "h: {block: mine, seen: x}" in made.edited.text
    assert Replace(bench("char_lm"), "h").rows({})[0].choices[0].value in ("gru", "rnn", "minimal_gru")
    assert "share: U" in Duplicate(bench("elman"), "U").made({"share": "yes"}).edited.text


def test_a_run_that_was_trained_is_told_of(tmp_path: Path) -> None:
    made = Rename(bench("elman"), "U").made({"name": "V"})
    assert told(made.edited, tmp_path) == ""
    folder = tmp_path / "elman-1"
    folder.mkdir()
    (folder / SPEC).write_text(bench("elman").draft.text)
    (folder / FACTS).write_text(json.dumps({"name": "elman", "file": str(tmp_path / "another.yaml")}))
    assert told(made.edited, tmp_path) == "", "a model of the same name is another one"
    (folder / FACTS).write_text(json.dumps({"name": "elman", "file": os.path.abspath("untitled.yaml")}))
    (folder / STATUS).write_text(json.dumps({"state": "finished", "update": 3}))
    assert "2 of its weights move" in told(made.edited, tmp_path)
    assert told(Change(bench("elman"), "h").made({"label": "s"}).edited, tmp_path) == ""
    (folder / FACTS).write_text("{")
    assert told(made.edited, tmp_path) == ""


NESTED = """spec: 1
inputs: {x: {features: 3}}
blocks:
  inner:
    inputs: [a]
    parameters: {units: 4}
    nodes:
      W: {block: linear, input: [a, s(t-1)], units: $units}
      s: tanh(W)
    outputs: [s]
  outer:
    inputs: [b]
    nodes:
      low: {block: inner, a: b, units: 5}
      high: {block: inner, a: low, layers: 2, direction: both}
    outputs: [high]
nodes:
  h: {block: outer, b: x}
outputs: {y: h}
"""


@pytest.mark.parametrize(
    ("path", "block", "name", "given"),
    [
        ("h", "", "h", ""),
        ("h/1/forward/low", "outer", "low", "3"),
        ("h/1/forward/low/1/forward/W", "inner", "W", "3"),
        ("h/1/forward/low/1/forward/W/input", "inner", "W", "3"),
        ("h/1/forward/high", "outer", "high", "3"),
        ("h/1/forward/high/2/backward/s", "inner", "s", "5"),
        ("x", "", "x", ""),
        ("outputs/y", "", "outputs/y", ""),
        ("h/1/forward/high/2/s", "inner", "s", "5"),
        ("h/1/forward", "", "h", ""),
        ("nowhere/at/all", "", "", ""),
    ],
)
def test_a_box_is_edited_in_the_body_that_it_stands_in(path: str, block: str, name: str, given: str) -> None:
    found = Bench.of(NESTED, "untitled.yaml").inside(path)
    assert (found.block, found.outer(path)) == (block, name)
    if block:
        assert path.startswith(found.path(name))
        assert [str(found.value(port)) for port in found.inputs] == [given]
        assert [found.axis(port) for port in found.inputs] == ["time"]


def test_what_is_added_in_a_body_is_said_by_its_ports_and_sizes() -> None:
    body = Bench.of(NESTED, "untitled.yaml").inside("h/1/forward/low/1/forward/W")
    assert "text" not in {one.value for one in Add(body, "W").choices}
    made = Add(body, "W").made({"line": "D = linear"})
    assert "      D: {block: linear, input: W, units: $units}\n" in made.edited.text
    assert made.bench.path(made.selects) == "h/1/forward/low/1/forward/D"
    assert body.users == ("low of outer", "high of outer")
    ports = {row.name: row for row in Change(body, "W").rows({})}["input"]
    assert {"a", "s"} <= {one.value for one in ports.choices}
    with pytest.raises(SpecError, match="not grouped"):
        Group(body, ["W", "s"])
    assert Add(body, "W").made({"line": "D = outer"}).brought == ("the block outer contains itself",)
