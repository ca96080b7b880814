"""The benchmarks compare like with like, their statistics are right, and the command runs; nothing here is timed."""

from __future__ import annotations

import gc
import json
import os
import random
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from tests.support.command_line import done
from tests.support.models.reverse import reverse_spec
from tests.support.paths import ROOT
from tests.support.stand_ins import sources_for

sys.path.insert(0, str(ROOT))

from benchmarks import beams, by_hand, chorales, loop, memory, report, runner, shakespeare, startup, translating
from benchmarks.beside import in_turns
from benchmarks.cases import CASES, SMALL, Case, Training, Update, features, ragged_lengths
from benchmarks.runner import Comparison
from leporello.training.overrides import apply_overrides

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_sides_compute_the_same(case: Case, device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    contest = case.make(replace(SMALL, device=device))
    assert contest.theirs
    for rival in contest.theirs.values():
        ours = contest.ours().clone(), gradient(contest.ours)
        theirs = rival().clone(), gradient(rival)
        for mine, other in zip(ours, theirs, strict=True):
            assert mine.shape == other.shape
            assert other.abs().max() > 0
            assert torch.allclose(mine, other, rtol=1e-4, atol=1e-5)


def test_every_beam_search_finds_the_same() -> None:
    assert set(beams.measure(SMALL, 1, "processor")) == {"hypothesis by hypothesis", "source by source"}


def test_a_run_translates_a_file_by_both_searches_and_differences_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    done("train", reverse_spec(tmp_path), "--run", run, "--set", "training.updates=20")
    (tmp_path / "lines.txt").write_text("abcd\nedc\n\nabc\n")
    beams.main([str(run), str(tmp_path / "lines.txt")])
    assert "times as fast" in (printed := capsys.readouterr().out)
    assert "0 translations differ, 0 of them by more than rounding" in printed
    [search] = beams.taught(run, tmp_path / "lines.txt", beam=2)
    assert [len(found) for found in (search.together(), search.plain(), search.one_by_one())] == [3] * 3
    one, other = [(-1.0, (3,)), (-2.0, (4,))], [(-1.0, (3,)), (-2.1, (5,))]
    assert beams.differing(one, one) == (0, 0)
    assert beams.differing(one, other) == (1, 1)
    assert beams.differing(one, [(-1.0, (4,)), (-2.0, (4,))]) == (1, 0)


def test_a_run_without_lines_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        beams.main([str(tmp_path)])
    assert ended.value.code == 2
    assert "a run needs a file of lines" in capsys.readouterr().err


def test_the_loop_is_measured_beside_one_by_hand() -> None:
    found = loop.measure(units=4, steps=5, updates=8)
    assert min(found.ours, found.theirs, found.ratio) > 0


def test_a_plain_script_of_a_character_model_has_the_same_losses_and_the_same_score(tmp_path: Path) -> None:
    text, chance = tmp_path / "input.txt", random.Random(1)
    text.write_text("".join(chance.choices("abcde \n", k=2600)) + "A new letter")
    graph = shakespeare.spec(200, batch=7, steps=9)
    graph = apply_overrides(graph, ["parameters.units=12"])
    read = text.read_text()
    found = in_turns(
        graph, lambda module: shakespeare.script(module, read, one_bias=True, batch=7, steps=9), {"text": str(text)}
    )
    assert len(found.ours) == 200 and found.apart() < 1e-4
    assert found.ours[-1] < found.ours[0]
    assert found.script.score() == pytest.approx(found.validation["bits"], rel=1e-4)


@pytest.mark.parametrize("cell", chorales.CELLS)
def test_a_plain_script_of_chords_has_the_same_losses_from_the_same_masks(cell: str) -> None:
    file = sources_for("music")["notes"]
    graph = chorales.spec(cell, ["training.epochs=25", "training.report_every=1", "training.batch=5"])
    found = in_turns(graph, lambda module: chorales.script(module, graph, file), {"notes": file})
    assert len(found.ours) == 75 and found.apart() < 1e-4
    assert found.ours[-1] < found.ours[0]
    valid = found.script.score(chorales.pieces(file)[1])
    assert valid == pytest.approx(found.validation["nll"], rel=1e-4)


def test_the_means_of_both_sides_are_compared_in_their_standard_error() -> None:
    told = chorales.beside("rnn", [1, 2], sources_for("music")["notes"], [100.0, 102.0])
    assert re.fullmatch(r"by a plain script [\d.]+, [\d.]+ to [\d.]+; \+[\d.]+ apart, [\d.]+ standard errors", told)


def test_a_plain_script_is_told_apart_where_its_layer_has_two_biases(tmp_path: Path) -> None:
    text = tmp_path / "input.txt"
    text.write_text("to be or not to be\n" * 40)
    graph, read = shakespeare.spec(20, batch=5, steps=9), text.read_text()
    found = in_turns(graph, lambda module: shakespeare.script(module, read, batch=5, steps=9), {"text": str(text)})
    assert found.apart() > 1e-4


def test_every_way_of_training_a_translator_learns_the_same_from_the_same_batches() -> None:
    pairs = translating.made_up(translating.TINY)
    found = dict(translating.measure(pairs, translating.TINY, groups=4, together=3))
    assert list(found) == [*translating.CASES, *(f"{said} beside our own float32" for said in translating.PRECISIONS)]
    for name in ("the same batches", "hoisted and bucketed by hand"):
        ours, theirs = found[name].losses
        assert ours == pytest.approx(theirs, rel=1e-4)
    ours, theirs = found["like lengths together"].losses
    assert ours != pytest.approx(theirs, rel=1e-4)


def test_sentences_are_made_up_as_wanted_or_read(tmp_path: Path) -> None:
    pairs = translating.made_up(translating.TINY)
    assert len(pairs) == translating.TINY.sentences
    for source, target in pairs:
        assert int(source.min()) >= 3 and int(source.max()) < translating.TINY.words[0]
        assert int(target[-1]) == 1 and int(target.max()) < translating.TINY.words[1]
    files = [str(tmp_path / name) for name in ("a.txt", "b.txt")]
    for file in files:
        Path(file).write_text("A dog.\nA cat.\nThe dog\n")
    read, words = translating.read(files)
    assert words == (6, 6)
    assert [target.tolist() for _, target in read][2] == [2, 4, 1]


def gradient(step: Training | Update) -> torch.Tensor:
    """What the last pass left on the tensor by which both sides are compared."""
    assert step.watched.grad is not None
    return step.watched.grad.clone()


def test_a_pass_adds_nothing_to_the_one_before() -> None:
    step = CASES[1].make(SMALL).ours
    step()
    first = gradient(step)
    step()
    assert torch.equal(gradient(step), first)


def test_packed_and_padded_are_the_layer_on_each_sequence_alone() -> None:
    layer, x, lengths = nn.GRU(SMALL.units, 3, batch_first=True), features(SMALL), ragged_lengths(SMALL)
    assert int(lengths.min()) < int(lengths.max()) == SMALL.steps
    for form in (by_hand.packed, by_hand.padded):
        h = form(layer, x, lengths)
        for row, length in enumerate(lengths):
            alone = layer(x[row : row + 1, :length])[0][0]
            assert torch.allclose(h[row, :length], alone, atol=1e-6)
            assert not h[row, length:].any()


def test_the_names_are_different_and_every_wanted_figure_is_there() -> None:
    wanted = {case.name: case.wanted for case in CASES}
    assert len(wanted) == len(CASES)
    assert [wanted[name] for name in ("lstm", "gru", "rnn", "lstm_from_equations")] == [1.03] * 4
    assert [wanted[name] for name in ("ragged_lstm", "ragged_gru")] == [1.05] * 2
    assert (wanted["peephole_lstm"], wanted["reset_before_gru"]) == (0.90, 0.82)


def test_statistics_of_known_pairs() -> None:
    pairs = [(0.001, 0.002), (0.004, 0.002), (0.003, 0.002), (0.002, 0.002), (0.010, 0.002)]
    assert runner.compare(pairs) == Comparison(ours=3.0, theirs=2.0, ratio=1.5, lower=1.0, upper=2.0)
    assert runner.compare([(0.25, 0.5)]) == Comparison(250.0, 500.0, 0.5, 0.5, 0.5)
    assert runner.quartiles([1, 2, 3, 4]) == (1.75, 2.5, 3.25)


def test_the_ratio_is_of_pairs_and_not_of_medians() -> None:
    found = runner.compare([(1.0, 1.0), (2.0, 4.0), (9.0, 3.0)])
    assert (found.ours, found.theirs, found.ratio) == (2000.0, 3000.0, 1.0)


def test_pairs_alternate_swap_their_order_and_leave_garbage_alone() -> None:
    called: list[str] = []
    ticks = iter(range(100))

    def side(name: str) -> None:
        called.append(name)
        assert len(called) <= 2 * runner.WARM_UP or not gc.isenabled()

    found = runner.alternate(lambda: side("a"), lambda: side("b"), 4, lambda: float(next(ticks)))
    assert "".join(called) == "ab" * runner.WARM_UP + "abbaabba"
    assert found == Comparison(1000.0, 1000.0, 1.0, 1.0, 1.0)
    assert gc.isenabled()


def test_garbage_is_collected_again_after_a_failure() -> None:
    with pytest.raises(ZeroDivisionError), runner.collected():
        assert not gc.isenabled()
        _ = 1 / 0
    assert gc.isenabled()


def test_memory_is_what_a_step_holds_at_once() -> None:
    def step() -> None:
        first = torch.empty(memory.MEGABYTE, dtype=torch.uint8)
        second = torch.empty(2 * memory.MEGABYTE, dtype=torch.uint8)
        del first
        third = torch.empty(memory.MEGABYTE // 2, dtype=torch.uint8)
        del second, third

    assert memory.peak(step) == pytest.approx(3.0, abs=0.01)


@pytest.mark.parametrize("nodes", [4, 11, 40])
def test_a_spec_of_many_nodes_has_so_many(nodes: int) -> None:
    checked = startup.checked(startup.many_nodes(nodes))
    assert sum(node.block != "input" for node in checked.written.nodes) == nodes
    assert len(checked.loops) == nodes // 4
    assert not checked.warnings


def row(ratio: float | None, wanted: float | None = None, ours: float = 1.0) -> report.Row:
    """A row of the report."""
    return report.Row("a", "ms", ours, None if ratio is None else 2.0, "torch", ratio, ratio, ratio, wanted)


def test_what_is_over_and_what_is_noisy() -> None:
    assert row(1.04, 1.03).over and not row(1.03, 1.03).over and not row(9.0).over
    assert row(None, 400, 401).over and not row(None, 400, 399).over
    assert report.noisy(row(1.03)) and report.noisy(row(0.97))
    assert not report.noisy(row(1.01)) and not report.noisy(row(0.99))


def test_the_table_holds_every_figure() -> None:
    lines = report.table([row(1.04, 1.03), row(None, 400, 399.96)]).splitlines()
    assert [cell.strip() for cell in lines[2].split("|")[1:-1]] == [
        *("a", "ms", "1.0", "2.0 (torch)", "1.040", "1.040 to 1.040", "at most 1.03", "over")
    ]
    assert [cell.strip() for cell in lines[3].split("|")[1:-1]] == ["a", "ms", "400.0", "", "", "", "at most 400", ""]
    assert len({len(line) for line in lines}) == 1


def command(*arguments: str, threads: str = "1") -> subprocess.CompletedProcess[str]:
    """`python -m benchmarks` as a process of its own."""
    line = [sys.executable, "-m", "benchmarks", *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": threads}
    return subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_command_measures_one_case_and_its_control() -> None:
    done = command("--small", "--pairs", "1", "--only", "rnn", "--only", "memory_rnn", "--json")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert [line["name"] for line in found["rows"]] == ["control", "rnn", "memory_rnn"]
    assert all(line["ours"] > 0 and line["theirs"] > 0 and line["ratio"] > 0 for line in found["rows"])
    assert (found["threads"], found["pairs"], found["clock"]) == (1, 1, "wall")
    assert isinstance(found["noisy"], bool)


def test_the_command_prints_a_table_and_says_when_threads_are_more() -> None:
    done = command("--small", "--pairs", "1", "--only", "gru", "--clock", "processor", threads="2")
    assert done.returncode == 0, done.stderr
    assert "OMP_NUM_THREADS is not 1" in done.stderr
    lines = done.stdout.splitlines()
    assert "threads 1" in lines[0] and "clock processor" in lines[0]
    assert [line.split("|")[1].strip() for line in lines[3:5]] == ["control", "gru"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--only", "lsmt"), "did you mean lstm"),
        (("--pairs", "0"), "at least 1"),
        (("--pairs", "x"), "--pairs"),
        (("--clock", "sun"), "--clock"),
    ],
)
def test_bad_input_is_refused(arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    from benchmarks.__main__ import main

    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert told in printed.err
    assert printed.out == ""


def test_the_readme_names_every_case(capsys: pytest.CaptureFixture[str]) -> None:
    from benchmarks.__main__ import main

    main(["--list"])
    names = capsys.readouterr().out.split()
    assert {case.name for case in CASES} < set(names)
    text = (ROOT / "benchmarks" / "README.md").read_text()
    assert [name for name in names if f"`{name}`" not in text] == []
