"""The source map: every node that is computed is found at the lines that compute it, and at no others."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given

from leporello.builder.lowering.function import variables
from leporello.builder.lowering.generate import source
from leporello.builder.lowering.source_map import SourceMap, source_map
from leporello.builder.names import GLOBALS
from leporello.builder.plan.passes.origins import origins_of
from leporello.builder.plan.schedule import schedule
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.edits.feedback import Mode, resolve
from leporello.graphs.edits.pruning import needed
from leporello.graphs.graph import Graph
from leporello.graphs.problems import SpecError
from tests.support.command_line import CHARACTERS, ELMAN, done, refused
from tests.support.comparing import checked_spec
from tests.support.sources import CLASSES, EXAMPLES, NAMES, model_of
from tests.support.strategies import Sample, samples, some, thinned
from tests.support.written.spellings import SPELLINGS


@dataclass(frozen=True)
class Assignment:
    """A statement of `run` that gives variables a value: its lines, and the variables."""

    first: int
    last: int
    names: tuple[str, ...]


def modes(checked: Checked) -> tuple[Mode, ...]:
    """The ways in which a model is compiled."""
    fed = any(node.block == "feedback" for node in checked.graph)
    return ("teacher", "free", "curriculum") if fed else ("teacher",)


def assignments(text: str) -> Iterator[Assignment]:
    """The assignments of `run`, read off the source by Python's own parser."""
    (made,) = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef) and node.name not in CLASSES]
    (run,) = [node for node in made.body if isinstance(node, ast.FunctionDef) and node.name == "run"]
    for statement in ast.walk(run):
        if isinstance(statement, ast.Assign):
            names = tuple(node.id for node in ast.walk(statement.targets[0]) if isinstance(node, ast.Name))
            yield Assignment(statement.lineno, statement.end_lineno or statement.lineno, names)


def nodes_by_line(found: SourceMap) -> dict[int, set[str]]:
    """The nodes of each line."""
    by_line: dict[int, set[str]] = {}
    for path, spans in found.nodes.items():
        for span in spans:
            for number in range(span.first, span.last + 1):
                by_line.setdefault(number, set()).add(path)
    return by_line


def computed_from(graph: Graph) -> set[str]:
    """The nodes on which outputs depend, first values only of what is read at another step."""
    queue = [output.wire for output in graph.outputs]
    late = {wire.source for node in graph for wire in (*node.wires, *node.initial_wires) if wire.time.offset}
    late |= {output.wire.source for output in graph.outputs if output.wire.time.offset}
    found: set[str] = set()
    for wire in queue:
        if wire.source not in found:
            found.add(wire.source)
            node = graph[wire.source]
            queue += [*node.wires, *(node.initial_wires if node.path in late else ())]
    return found


def assert_found(checked: Checked, mode: Mode) -> None:
    """Every needed node is in a line of `run`; one that has a variable where that gets its value, and only itself."""
    found = source_map(checked, mode)
    assert found.text == source(checked, mode)
    used = needed(resolve(checked, mode)).graph
    lost = {path for path in used.index if not any(span.method == "run" for span in found.nodes[path])}
    # Told by what differs: pytest takes half a minute to explain how two large mappings do.
    assert not lost & computed_from(used)
    assert not found.idle.keys() ^ (lost | (checked.graph.index.keys() - used.index.keys()))
    plan = schedule(checked, mode)
    model = plan.model
    named = {name: path for path, name in variables(model).items() if name not in GLOBALS}
    owners = {name: path if path in model.graph else path.rpartition("/")[0] for name, path in named.items()}
    by_line = nodes_by_line(found)
    own: dict[str, set[str]] = {}
    for statement in assignments(found.text):
        for name in statement.names:
            path = owners.get(name) or owners.get(name.removesuffix("_t"))
            if path is not None and model.graph[path].block != "input":
                origins = set(origins_of(model, path))
                for number in range(statement.first, statement.last + 1):
                    assert origins <= by_line[number], (name, found.text.splitlines()[number - 1])
                    own.setdefault(path, set()).update(by_line[number])
    computed = {origin for path in own for origin in origins_of(model, path)}
    fused = {inner for stage in plan.stages if stage.cell for inner in stage.cell.nodes}
    fused |= {node.path for node in model.graph if node.block == "concatenate" and fused.issuperset(node.sources)}
    for path, attributed in own.items():
        strangers = (attributed & computed) - set(origins_of(model, path))
        assert path in fused or all(used[stranger].block == "identity" for stranger in strangers), (path, strangers)


@pytest.mark.thinned
@pytest.mark.parametrize("name", NAMES)
def test_each_node_of_an_example_is_found_where_it_is_computed(name: str) -> None:
    checked = model_of(name)
    ways = modes(checked)
    for mode in thinned(ways, start=NAMES.index(name) % len(ways), every=3):
        assert_found(checked, mode)


@pytest.mark.parametrize("name", list(SPELLINGS)[::6])
def test_each_node_of_a_fused_cell_is_found_at_its_call(name: str) -> None:
    checked = SPELLINGS[name].checked
    found = source_map(checked)
    lines = found.text.splitlines()
    for stage in schedule(checked).loops:
        assert stage.cell is not None
        for path in stage.cell.nodes:
            spans = [span for span in found.nodes[path] if span.method == "run"]
            said = "\n".join(line for span in spans for line in lines[span.first - 1 : span.last])
            assert f"fused_{stage.cell.kind}(" in said
    assert_found(checked, "teacher")


@some(60)
@given(samples())
def test_each_node_of_a_random_model_is_found_where_it_is_computed(sample: Sample) -> None:
    try:
        checked = checked_spec(sample.text)
    except SpecError:
        return
    for mode in modes(checked):
        assert_found(checked, mode)


def test_the_weights_of_each_node_are_made_in_its_line() -> None:
    checked = model_of("luong")
    found = source_map(checked)
    lines = found.text.splitlines()
    for path in checked.weights:
        (span,) = [span for span in found.nodes[path] if span.method == "__init__"]
        made = lines[span.first - 1].strip()
        assert span.first == span.last and path.rpartition("/")[2] in made and ("nn." in made or "Parts" in made)


REWRITTEN = """
spec: 1
inputs: {x: {features: 3}}
nodes:
  U: {block: linear, input: x, units: 3}
  V: {block: linear, input: x, units: 3}
  a: tanh(U) * 1
  b: 2 * 3 * sigmoid(V)
  c: sigmoid(V) + a
  W: {block: linear, input: [x, k(t-1)], units: 3}
  k: sin(W + b) * c
  idle: x + 1
outputs: {y: k, z: c}
"""


def test_nodes_that_became_others_are_found_where_these_are() -> None:
    checked = checked_spec(REWRITTEN)
    found = source_map(checked)
    lines = found.text.splitlines()

    def shown(name: str) -> list[str]:
        spans = [span for span in found.spans(name) if span.method == "run"]
        return [line.strip() for span in spans for line in lines[span.first - 1 : span.last]]

    assert shown("U")[-1].startswith("U, V = U_V.chunk(2, -1)")  # merged
    assert shown("U")[-2].startswith("U_V = F.linear(x, U_V_weight, U_V_bias)")
    assert shown("a") == ["a_1 = wide_tanh(U)  # [batch, time, 3]"]  # nothing is left of `* 1`
    assert any("6 * " in line for line in shown("b"))  # folded
    assert found.spans("b/1")
    assert {span.method for span in found.spans("W")} == {"__init__", "run", "step"}
    assert any(line.startswith("W_outside = ") for line in shown("W"))  # split
    assert any("torch.addmm(" in line for line in shown("W"))
    assert found.idle == {path: "no output depends on it" for path in checked.graph.index if path.startswith("idle")}
    assert found.spans("idle") == ()


def test_a_name_of_the_spec_stands_for_all_that_is_inside() -> None:
    checked = model_of("luong")
    found = source_map(checked)
    inside = {span for path in found.nodes if path.startswith("attention/") for span in found.nodes[path]}
    rows = {row for span in inside for row in range(span.first, span.last + 1)}
    spans = found.spans("attention")
    assert {row for span in spans for row in range(span.first, span.last + 1)} == rows
    assert list(spans) == sorted(spans) and all(a.last < b.first for a, b in pairwise(spans))
    assert found.spans("attention.weights") == found.spans("attention/weights")
    with pytest.raises(SpecError, match=r"there is no node 'atention'\n.*did you mean attention"):
        found.spans("atention")


def test_what_one_mode_of_feedback_cuts_off_says_so() -> None:
    checked = model_of("char_lm")
    assert source_map(checked, "teacher").idle == {"choice": "no output depends on it with feedback teacher"}
    free = source_map(checked, "free")
    assert free.idle == {"text": "no output depends on it with feedback free"} and any(
        span.method == "run" for span in free.spans("choice")
    )
    assert "previous_coin" in source_map(checked, "curriculum").nodes


def test_the_command_shows_the_lines_of_nodes() -> None:
    lines = done("code", ELMAN).splitlines()
    shown = done("code", ELMAN, "--node", "h").splitlines()
    assert shown[0] == "in run:" and "in step:" in shown
    for line in shown:
        number, _, text = line.strip().partition("  ")
        assert number in ("...", "in run:", "in start:", "in step:") or text.strip() == lines[int(number) - 1].strip()
    assert any("fused_rnn(" in line for line in shown)
    assert done("code", ELMAN, "--node", "h", "--node", "U").startswith("h:\nin run:\n")
    assert done("code", CHARACTERS, "--node", "choice") == (
        "not computed: no output depends on it with feedback teacher\n"
    )
    assert "in run:" in done("code", CHARACTERS, "--node", "choice", "--feedback", "free")


def test_the_command_gives_the_map_to_programs() -> None:
    found = json.loads(done("code", CHARACTERS, "--map"))
    assert found["source"] == done("code", CHARACTERS)
    checked = model_of("char_lm")
    assert set(found["nodes"]) == {*checked.graph.index, "h"}
    assert found["nodes"]["choice"] == {"lines": [], "idle": "no output depends on it with feedback teacher"}
    (first, *_) = found["nodes"]["h"]["lines"]
    assert first["method"] == "__init__" and "nn.Linear" in found["source"].splitlines()[first["first"]]


def test_the_command_refuses_what_it_cannot_show(tmp_path: Path) -> None:
    assert "did you mean h" in refused("code", ELMAN, "--node", "hh")
    assert "leave one of them out" in refused("code", ELMAN, "--node", "h", "--map")
    assert ".json" in refused("code", ELMAN, "--map", "-o", tmp_path / "elman.py")
    assert ".txt" in refused("code", ELMAN, "--node", "h", "-o", tmp_path / "elman.py")
    assert "name its spec" in refused("code", EXAMPLES["elman"].parent, "--map")
    assert "there is no node ''" in refused("code", ELMAN, "--node", "")
