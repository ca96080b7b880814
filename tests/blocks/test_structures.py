"""Blocks that a function makes: what stands in their files, what their modifiers make of them, and what they refuse."""

from __future__ import annotations

import pytest

from leporello.blocks.registry import BODIES, registry
from leporello.blocks.structures.structures import STRUCTURES
from leporello.builder.lowering.source_map import source_map
from leporello.builder.plan.schedule import schedule
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.composing.compose import compose
from leporello.graphs.fields import REQUIRED
from leporello.graphs.opening.stacking import STACKING
from leporello.graphs.reading.blocks import read_body
from tests.support.asking import model, refused
from tests.support.models.decoders import BY_HAND, HEAD, translator


@pytest.mark.parametrize("name", STRUCTURES)
def test_the_file_of_a_structure_shows_what_it_is_where_nothing_is_said(name: str) -> None:
    kind, tree = registry()[name], compose((BODIES / f"{name}.yaml").read_text(), name)
    assert kind.body is not None
    said = {p.name: p.default for p in kind.parameters if p.default is not REQUIRED}
    assert kind.body(said) == read_body(kind, tree, registry())  # type: ignore[arg-type]
    assert set(STRUCTURES[name][1]) <= set(STACKING)


def looped(source: str) -> set[int]:
    """The lines of `run` that stand in a loop over steps, counted from 1."""
    found: set[int] = set()
    method, inside = "", False
    for number, line in enumerate(source.splitlines(), 1):
        indent = len(line) - len(line.lstrip())
        if indent == 4 and line.startswith("    def "):
            method = line.strip().partition("(")[0]
        inside = line.startswith("        for ") if indent == 8 and line.strip() != "):" else inside and indent > 4
        if inside and method == "def run":
            found.add(number)
    return found


def in_loops(checked: Checked, path: str) -> bool:
    """Whether a node is computed within a loop over steps of the generated source."""
    mapped = source_map(checked, "teacher")
    lines = looped(mapped.text)
    spans = [span for span in mapped.spans(path) if span.method == "run"]
    assert spans
    return any(number in lines for span in spans for number in range(span.first, span.last + 1))


def looping(checked: Checked) -> set[str]:
    """The nodes of loops, learning from the truth, by the names that the spec gives them."""
    plan = schedule(checked, "teacher")
    return {path for stage in plan.loops for path in plan.written_in(stage)}


def test_with_gnmt_v2_no_attention_lies_in_a_loop() -> None:
    checked = model(translator("memory: encoder, wiring: gnmt_v2, layers: 3, residual: 3, score: normalised"))
    attention = {path for path in checked.graph.index if path.startswith("decoder/attention")}
    assert attention
    assert not looping(checked) & attention
    assert looped(source_map(checked).text) == set()
    assert all(stage.kind == "fused" for stage in schedule(checked, "teacher").loops)
    assert {path for path in attention if in_loops(checked, path)} == set()


def test_with_bahdanau_keys_words_and_readout_lie_outside_of_the_loop() -> None:
    checked = model(translator("memory: encoder, layers: 2, residual: 2"))
    loops, mapped = looping(checked), source_map(checked)
    for path in ("attention/energy", "attention/score", "attention/weights", "cells/1/forward/h", "attention/Q"):
        assert f"decoder/{path}" in loops and in_loops(checked, f"decoder/{path}")
    for path in ("attention/K", "embedded", "logits", "choice"):
        assert f"decoder/{path}" not in loops
    for path in ("attention/K", "embedded", "logits"):
        assert not in_loops(checked, f"decoder/{path}")
    rows = mapped.text.splitlines()
    inside = " ".join(rows[number - 1].partition("#")[0] for number in looped(mapped.text))
    assert "energy" in inside and "embedded" not in inside and "logits" not in inside
    # The words' share of the gates is a product over all steps: of the columns of weights that are for words.
    shares = [number for number, row in enumerate(rows, 1) if ".weight[:, :3]" in row]
    assert shares and shares[0] < min(looped(mapped.text))
    assert not set(shares) & looped(mapped.text)


@pytest.mark.parametrize("said", BY_HAND)
def test_a_decoder_without_blocks_inside_is_made_of_primitives(said: str) -> None:
    checked = model(translator(said))
    assert all(not registry()[node.block].is_composite for node in checked.graph)
    assert {c.path for c in checked.graph.composites} >= {"encoder", "encoder/cells", "decoder"}


ENCODER = HEAD + "nodes:\n  e: {block: encoder, %s}\noutputs: {y: e, z: target}\n"
DECODER = HEAD + "nodes:\n  m: {block: embedding, input: source, units: 4}\n  d: {block: decoder, target: target, %s}\n"
DECODER += "outputs: {y: d}\n"


@pytest.mark.parametrize(
    ("text", "told", "hint"),
    [
        (ENCODER % "input: source, units: 4", "tokens cannot be joined to features", "embed them first"),
        (ENCODER % "input: source, embedding: 3, layers: 2, two_way: 3", "two_way: 3 of 2 layers", "at most as many"),
        (
            ENCODER % "input: source, embedding: 3, two_way: 1, direction: both",
            "direction: both beside two_way: 1",
            "keep one",
        ),
        (
            ENCODER % "input: source, embedding: 3, layers: 4, two_way: 2, residual: 2",
            "residual: 2 with two_way: 2",
            "residual: 3",
        ),
        (ENCODER % "input: source, embedding: 3, cell: lstn", "unknown block 'lstn'", "did you mean lstm"),
        (ENCODER % "input: source, embedding: 3, cell: linear", "a linear cannot be the cell", "such as lstm, gru"),
        (ENCODER % "input: source, embedding: 3, cell: attention", "an attention cannot be the cell", "reads one port"),
        (ENCODER % "input: source, embedding: 3, layers: $n", "not $n", "give $n a value"),
        (ENCODER % "input: source, embedding: 3, dropout: $n", "not $n", "give $n a value"),
        (ENCODER % "input: source, embedding: 3, two_way: 0", "two_way must be", ""),
        (DECODER % "memory: m", "d, a decoder, needs words", "words: a whole number"),
        (DECODER % "memory: m, words: 6, wiring: bahdenau", "not 'bahdenau'", "did you mean bahdanau"),
        (DECODER % "memory: m, words: 6, attention: gru", "a gru cannot be the attention", "query and memory"),
        (
            DECODER % "memory: m, words: 6, score: dot, attention: coverage_attention",
            "coverage_attention has no score: dot",
            "take score: away",
        ),
        (DECODER % "memory: m, words: 6, wiring: gnmt, layers: 3, residual: 1", "residual: 1 with", "residual: 2"),
        (DECODER % "memory: m, words: 6, direction: both", "d, a decoder, has no direction", "layers, residual"),
        (DECODER % "words: 6, wiring: luong", "d reads its port memory, which is not wired", "memory: ..."),
        (DECODER % "memory: m, words: 6, wiring: fixed", "d reads its port summary, which is not wired", "summary"),
        (DECODER % "memory: m(last), words: 6", "looks at all steps of its memory, but m(last) has no time axis", ""),
        (DECODER % "memory: m, words: 5", "truth has 6, own has 5", "truth's size"),
        (DECODER % "memory: m, words: 6, initial: {k: zeros}", "d has no state 'k'", "cells/1/forward/h"),
        (
            (DECODER % "words: 6, wiring: none").replace("{y: d}", "{y: d, w: d.weights, m: m}"),
            "d has no output weights as it is set up",
            "it has logits, hidden, choice",
        ),
        (
            HEAD.replace("tokens: 7", "features: 7")
            + "nodes: {m: {block: multi_head_attention, query: @target, memory: source}}\noutputs: {y: m}\n",
            "reads tokens from target at its port query",
            "embed",
        ),
    ],
)
def test_what_is_refused(text: str, told: str, hint: str) -> None:
    problem = refused(text)
    assert told in problem.what and hint in problem.hint


def test_heads_divide_their_units() -> None:
    text = HEAD + (
        "nodes:\n  a: {block: embedding, input: source, units: 4}\n  b: {block: embedding, input: target, units: 4}\n"
        "  m: {block: multi_head_attention, query: b, memory: a, units: %s, heads: %s}\noutputs: {y: m}\n"
    )
    assert refused(text % (7, 2), "").hint.startswith("units: 6")
    checked = model(text % (6, 3))
    assert checked.graph["m/Q_3"].parameters["units"] == 2
    assert checked.value(checked.graph.outputs[0].wire).size == 6
    assert str(model(text % ("$n", 2)).graph["m/Q_1"].parameters["units"]) == "1/2 * $n"


def test_a_fixed_vector_enters_a_kernel_as_words_do() -> None:
    for cell in ("lstm", "gru", "rnn"):
        checked = model(translator(f"summary: encoder.final, wiring: fixed, cell: {cell}", "units: 3, direction: both"))
        assert [stage.kind for stage in schedule(checked, "teacher").loops] == ["fused"] * 3
