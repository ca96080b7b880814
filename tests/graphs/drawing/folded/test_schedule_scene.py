"""How a model runs, in pictures: the phases in their turn, the sign on every box, the grounds below loops."""

from __future__ import annotations

import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import assume, given

from leporello.blocks.registry import registry
from leporello.builder.plan.phases import phases
from leporello.builder.plan.schedule import schedule
from leporello.graphs.analysis.checks import Checked, check, examine
from leporello.graphs.drawing.draw import draw, scene
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.scene.palette import DARK, GROUNDS, INK, LINES, MUTED
from leporello.graphs.drawing.scene.scene import Scene
from leporello.graphs.drawing.views.badges import badged, key_lines, names
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.opened import opened
from leporello.graphs.drawing.views.view import View
from leporello.graphs.drawing.writers.allowed import forbidden
from leporello.graphs.drawing.writers.svg import svg_text
from leporello.graphs.edits.feedback import Mode, resolve
from leporello.graphs.edits.pruning import needed
from leporello.graphs.phases import Phase
from leporello.graphs.specs import read_file, read_spec
from leporello.training.models import Given, check_model, read_model
from tests.graphs.drawing.test_pictures import contrast
from tests.support.command_line import CHARACTERS, ELMAN, EXAMPLES, LUONG, done, refused
from tests.support.drawn.pictures import faults, touches
from tests.support.paths import PICTURES as GOLDEN
from tests.support.stand_ins import sources_for
from tests.support.strategies import Sample, samples, some, thinned

SPECS = sorted(EXAMPLES.glob("*.yaml"))
MODES: tuple[Mode, ...] = ("teacher", "free", "curriculum")


def model(name: str) -> Checked:
    """An example, its sizes bound by its data."""
    return check_model(read_model(EXAMPLES / f"{name}.yaml"), Given(sources=sources_for(name)))


def told(name: str, mode: Mode = "teacher") -> list[tuple[str, list[str]]]:
    """How each phase of an example runs, and what runs in it."""
    plan = phases(model(name), mode)
    return [(phase.said, names(phase, plan)) for phase in plan]


def shown(checked: Checked, plan: tuple[Phase, ...]) -> tuple[View, Options]:
    """The view with the signs of its plan, and the options that draw it."""
    return badged(folded(checked.graph, checked.axes), plan), Options(plan=plan)


def picture(checked: Checked) -> Scene:
    """The picture of how a model runs."""
    return scene(*shown(checked, phases(checked)))


def test_a_spelled_out_lstm_is_one_loop_and_what_is_above_it_runs_at_once() -> None:
    assert told("lstm_from_equations") == [
        ("fused, forward along time", ["W_i", "W_f", "W_g", "W_o", "i", "f", "g", "o", "c", "h"]),
        ("all at once, along time", ["y"]),
    ]


def test_the_phases_of_an_attention_decoder() -> None:
    assert told("luong") == [
        ("all at once, along source", ["e"]),
        ("fused, forward along source", ["encoder/1/forward"]),
        ("fused, forward along source", ["encoder/2/forward"]),
        ("all at once, along target", ["previous", "d", "decoder/1/forward (in part)"]),
        ("all at once, along source", ["attention/K"]),
        ("scanned, forward along target", ["decoder", "attention", "W_c", "attentional"]),
        ("all at once, along target", ["logits"]),
    ]


def test_the_mode_decides_what_is_a_loop() -> None:
    assert told("char_lm")[1] == ("fused, forward along time", ["h"])
    for mode in ("free", "curriculum"):
        assert told("char_lm", mode) == [
            ("scanned, forward along time", ["previous", "e", "h", "logits", "choice"])
        ]  # one loop through the choice


def test_layers_and_directions_of_one_block_are_phases_of_their_own() -> None:
    assert [names for how, names in told("tagger") if how.startswith("fused")] == [
        ["h/1/forward"],
        ["h/1/backward"],
        ["h/2/forward"],
        ["h/2/backward"],
    ]
    box = next(box for box in shown(model("tagger"), phases(model("tagger")))[0].boxes if box.path == "h")
    assert box.badge is not None
    assert box.badge.text == "fused 2, 3, 5, 6"


def runs_of(checked: Checked) -> set[str]:
    """The nodes of a model that run."""
    return {node.path for node in checked.graph.nodes if node.block not in ("input", "number")}


def consistent(checked: Checked, mode: Mode) -> None:
    """Every node runs once; what really runs comes after all that it reads; every loop is a phase with its reason."""
    plan, written, lowered = phases(checked, mode), needed(resolve(checked, mode)), schedule(checked, mode)
    turn = {path: number for number, phase in enumerate(plan) for path in phase.nodes}
    assert sum(len(phase.nodes) for phase in plan) == len(turn)
    for number, phase in enumerate(plan):
        assert set(phase.made) <= runs_of(checked), "only what the spec has is named"
        assert all(turn[path] >= number for path in phase.made), "a part runs before what needs it"
    runs = {node.path for node in written.graph.nodes if node.block not in ("input", "number")}
    assert {path for phase in plan for path in phase.nodes} == runs & set(checked.graph.index)
    assert [(stage.kind, stage.reason) for stage in lowered.loops] == [(p.how, p.why) for p in plan if p.loop]
    for node in lowered.model.graph.nodes:
        for wire in (*node.wires, *node.initial_wires):
            if node.path in turn and wire.source in turn:
                assert turn[wire.source] <= turn[node.path], (node.path, wire.source)


@pytest.mark.thinned
@pytest.mark.parametrize(
    ("mode", "path"),
    thinned([pytest.param(mode, path, id=f"{mode}-{path.stem}") for path in SPECS for mode in MODES]),
)
def test_everything_runs_once_and_in_its_turn(path: Path, mode: Mode) -> None:
    consistent(check_model(read_model(path), Given(sources=sources_for(path.stem))), mode)


@given(samples(broken=False))
@some(25)
def test_everything_runs_once_and_in_its_turn_in_random_models(sample: Sample) -> None:
    checked, problems = examine(read_spec(sample.text, registry()), registry())
    assume(not problems)
    for mode in MODES:
        consistent(checked, mode)
    drawn = picture(checked)
    assert not faults(drawn)
    assert not list(forbidden(ElementTree.fromstring(svg_text(drawn))))


@pytest.mark.parametrize("path", [*SPECS, GOLDEN / "mixed.yaml", GOLDEN / "bridge.yaml"], ids=lambda path: path.stem)
def test_nothing_lies_on_anything_else(path: Path) -> None:
    assert not faults(picture(check(read_file(path, registry()), registry())))


def test_opened_composites_show_which_of_their_parts_run_how() -> None:
    checked = model("luong")
    grouping = opened(checked.graph, ["attention"])
    plan = phases(checked)
    view = badged(folded(checked.graph, checked.axes, grouping), plan, grouping)
    signs = {box.path: box.badge.text for box in view.boxes if box.badge}
    assert signs["attention/K"] == "at once 5"
    assert signs["attention/Q"] == "scanned 6"
    assert not faults(scene(view, Options(plan=plan, grouping=grouping)))


def test_a_ground_lies_below_the_boxes_and_wires_of_its_loop_alone() -> None:
    drawn = picture(model("luong"))
    places = {figure.identity: figure.place for figure in drawn.figures}
    scanned = next(ground for ground in drawn.grounds if ground.how == "scanned")
    assert set(scanned.places) == {places[path] for path in ("decoder", "attention", "W_c", "attentional")}
    for way in scanned.ways:
        assert any(touches(way[-1], place) for place in scanned.places)
    assert len(scanned.ways) == len([line for line in drawn.lines if line.points in scanned.ways])
    assert {"encoder", "e", "logits"}.isdisjoint(name for name, place in places.items() if place in scanned.places)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_what_stands_on_a_ground_can_be_read(dark: bool) -> None:
    for tint, ink in GROUNDS.values():
        ground = DARK[tint] if dark else tint
        shade = {colour: DARK[colour] if dark else colour for colour in (INK, MUTED, ink, *LINES.values())}
        assert contrast(shade[INK], ground) >= 7
        assert contrast(shade[MUTED], ground) >= 4.5
        assert contrast(shade[ink], ground) >= 4.5


def test_reasons_fit_into_their_width() -> None:
    plan = (Phase("scanned", ("h",), "time", why="a loop " * 40), Phase("once", ("s",)))
    lines = key_lines(plan, 60)
    assert max(map(len, lines)) <= 60
    assert lines[0].startswith("1  scanned, forward along time: h")
    assert "once: one value for the whole sequence" in lines


@pytest.mark.parametrize("ending", ["svg", "txt", "dot"])
def test_the_picture_is_the_golden_one(ending: str) -> None:
    checked, path = model("luong"), GOLDEN / f"luong.schedule.{ending}"
    drawn = draw(checked.graph, checked.axes, Options(plan=phases(checked)), ending)  # type: ignore[arg-type]
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(drawn, encoding="utf-8")
    assert drawn == path.read_text(encoding="utf-8"), "UPDATE_GOLDEN=1 writes the new picture; look at the difference"


def test_every_format_says_the_same() -> None:
    for form in ("svg", "dot", "txt"):
        said = re.sub(r"<[^>]*>", "", done("draw", LUONG, "--schedule", "--format", form))
        for words in ("scanned 6", "fused 2, 3", "nearest to an lstm in", "attention/K"):
            assert words in said
        assert "teacher forcing" in said


def test_the_mode_of_the_command_line_is_drawn() -> None:
    assert "choice, scanned" not in done("draw", CHARACTERS, "--schedule")
    assert "scanned, forward along time: previous, e, h, logits, choice" in done(
        "draw", CHARACTERS, "--schedule", "--feedback", "free"
    )


def test_ascii_has_nothing_else() -> None:
    assert done("draw", LUONG, "--schedule", "--ascii").isascii()


def test_a_schedule_is_folded() -> None:
    assert "leave --unfold out" in refused("draw", ELMAN, "--schedule", "--unfold", "3")
    assert "leave --both out" in refused("draw", ELMAN, "--schedule", "--both", "--format", "svg")


def test_a_schedule_needs_the_sizes_that_the_data_give(tmp_path: Path) -> None:
    spec = tmp_path / "model.yaml"
    spec.write_text(Path(CHARACTERS).read_text().replace("builtin: python_topics", "file: missing.txt"))
    assert "missing.txt" in refused("draw", spec, "--schedule")
    assert "fused" in done("draw", spec, "--schedule", "--size", "characters=40")
