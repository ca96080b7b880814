"""`leporello translate`, `predict`, `evaluate`: what trained models make of lines and tables, and what is refused."""

from __future__ import annotations

import json
import os
import random
import sys
from pathlib import Path
from typing import Any

import pytest
import sacrebleu
from click.testing import CliRunner

from leporello.cli.main import cli
from leporello.training.runs.following import Follower
from leporello.training.runs.run import Run
from tests.support.command_line import CHARACTERS, done, refused, run
from tests.support.models.reverse import REVERSE, reverse_spec

MOODS = """\
spec: 1
name: moods
inputs:
  text: {tokens: $words}
  mood: {tokens: $moods, axis: none}
  next: {features: 2, axis: none}
nodes:
  e: {block: embedding, input: text, units: 8}
  h: {block: gru, input: e, units: 12}
  logits: {block: linear, input: h(last), units: $moods}
  numbers: {block: linear, input: h(last), units: 2}
outputs:
  mood_: {from: logits, predicts: mood}
  numbers_: {from: numbers, predicts: next}
data:
  text: {file: moods.csv, column: text, as: words}
  mood: {file: moods.csv, column: mood}
  next: {file: moods.csv, columns: [length, good]}
training: {batch: 10, rate: 2e-2, epochs: 5, validate_every: 20}
"""


@pytest.fixture(scope="module")
def reverse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that has learned to write strings of three or four letters backwards."""
    folder = tmp_path_factory.mktemp("reverse")
    said = done("train", reverse_spec(folder), "--run", folder / "run")
    assert "share of lines without a fault" in said
    assert f"leporello translate {folder / 'run'}" in said
    return folder / "run"


@pytest.fixture(scope="module")
def moods(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that labels lines, and says two numbers of each."""
    folder = tmp_path_factory.mktemp("moods")
    chance = random.Random(2)
    rows = ["text,mood,length,good"]
    for _ in range(200):
        mood = chance.choice(("glad", "sad"))
        words = [chance.choice(("the", "day", "is")) for _ in range(chance.randint(1, 4))]
        words.insert(chance.randrange(len(words) + 1), {"glad": "sunny", "sad": "grey"}[mood])
        rows.append(f"{' '.join(words)},{mood},{len(words)},{int(mood == 'glad') * 10}")
    (folder / "moods.csv").write_text("\n".join(rows) + "\n")
    (folder / "moods.yaml").write_text(MOODS)
    done("train", folder / "moods.yaml", "--run", folder / "run")
    return folder / "run"


def piped(text: str | bytes, *arguments: Any) -> str:
    result = CliRunner().invoke(cli, list(map(str, arguments)), input=text, prog_name="leporello")
    assert result.exit_code == 0, result.output
    return result.stdout


def test_lines_become_lines(reverse: Path) -> None:
    found = piped("abcd\n\nbca\n", "translate", reverse).split("\n")
    assert found == ["dcba", "", "acb", ""]
    assert piped("abcd\nbca\n", "translate", reverse, "--beam", "4").split() == ["dcba", "acb"]


def test_a_run_shows_its_lines_as_they_improve(reverse: Path) -> None:
    follower = Follower(Run(reverse))
    follower.read()
    update, text = follower.record.samples[-1]
    assert update == 160
    assert text.count("→") == 3
    assert follower.record.score == "bits"
    assert follower.record.curves["exact"].last is not None
    assert follower.record.curves["exact"].last > 0.8


def test_the_best_and_their_scores_are_told(reverse: Path, tmp_path: Path) -> None:
    said = piped("abcd\n", "translate", reverse, "--n-best", "3", "--scores", "--attention", tmp_path / "a.jsonl")
    scores, lines = zip(*(line.split("\t") for line in said.splitlines()), strict=True)
    assert lines[0] == "dcba"
    assert len(set(lines)) == 3
    assert sorted(map(float, scores), reverse=True) == list(map(float, scores))
    best = json.loads((tmp_path / "a.jsonl").read_text().splitlines()[0])
    assert best["source"] == list("abcd")
    assert best["symbols"] == list("dcba")
    assert len(best["attention"]) == 5
    assert all(sum(row) == pytest.approx(1, abs=1e-3) for row in best["attention"])


def test_models_decide_together(reverse: Path) -> None:
    alone = json.loads(piped("abcd\n", "translate", reverse, "--json"))
    twice = json.loads(piped("abcd\n", "translate", reverse, "--with", reverse, "--json"))
    assert twice["text"] == alone["text"]
    assert twice["log_probability"] == pytest.approx(alone["log_probability"], abs=1e-5)


def test_a_part_is_scored_as_training_scored_it(reverse: Path, moods: Path) -> None:
    for folder in (reverse, moods):
        tested = next(event for event in Run(folder).events() if event["event"] == "test")
        scores = json.loads(done("evaluate", folder, "--json"))
        assert ("bleu" in scores) == ("chrf" in scores) == ("signatures" in scores) == (folder == reverse)
        more = ("run", "update", "part", "bleu", "chrf", "signatures")
        assert {name: scores[name] for name in scores if name not in more} == pytest.approx(
            {name: value for name, value in tested.items() if name not in ("event", "time", "update", "weights")}
        )


def test_translations_are_scored_as_sacrebleu_scores_them(reverse: Path, tmp_path: Path) -> None:
    (tmp_path / "new.tsv").write_text("".join(f"{one}\t{one[::-1].upper()}\n" for one in ("abc", "ddea", "ec")))
    data = [f"--data={name}={tmp_path / 'new.tsv'}" for name in ("there", "back")]
    said = json.loads(done("evaluate", reverse, *data, "--beam", "3", "--json"))
    made = piped("abc\nddea\nec\n", "translate", reverse, "--beam", "3").splitlines()
    for name, metric in (("bleu", sacrebleu.BLEU()), ("chrf", sacrebleu.CHRF())):
        assert said[name] == pytest.approx(metric.corpus_score(made, [["CBA", "AEDD", "CE"]]).score)
        assert said["signatures"][name] == str(metric.get_signature())
        assert f"{said['signatures'][name]}\n" in done("evaluate", reverse, *data, "--beam", "3")


def test_without_sacrebleu_there_is_no_bleu(reverse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sacrebleu.metrics.bleu", None)
    said = json.loads(done("evaluate", reverse, "--json"))
    assert "exact" in said and "bleu" not in said and "signatures" not in said


def test_other_data_are_scored_with_the_words_of_training(reverse: Path, moods: Path, tmp_path: Path) -> None:
    (tmp_path / "new.tsv").write_text("abc\tcba\ndde\tedd\n")
    data = [f"--data={name}={tmp_path / 'new.tsv'}" for name in ("there", "back")]
    assert json.loads(done("evaluate", reverse, *data, "--json"))["exact"] in (0.5, 1.0)
    (tmp_path / "new.csv").write_text("text,mood,length,good\nthe zebra is grey,sad,4,0\n")
    data = [f"--data={name}={tmp_path / 'new.csv'}" for name in ("text", "mood", "next")]
    assert json.loads(done("evaluate", moods, *data, "--json"))["mood_.accuracy"] == 1.0
    (tmp_path / "new.csv").write_text("text,mood,length,good\nthe day,angry,2,0\n")
    assert "'angry' does not occur in the training part" in refused("evaluate", moods, *data)


def test_lines_are_labelled(moods: Path, tmp_path: Path) -> None:
    found = piped("the grey day\nsunny\n", "predict", moods).splitlines()
    assert (found[0], found[2]) == ("sad", "glad")
    said = json.loads(piped("the grey day\n", "predict", moods, "--json"))
    assert said["values"]["mood_"] == "sad"
    assert said["probabilities"]["mood_"] > 0.5
    assert said["values"]["numbers_"][1] < 5
    table = moods.parent / "moods.csv"
    assert len(done("predict", moods, table).splitlines()) == 2 * 200
    assert "row 1 has nothing in it" in CliRunner().invoke(cli, ["predict", str(moods)], input="\n").stderr


def test_what_a_run_cannot_do_is_refused_and_said_what_it_can(reverse: Path, moods: Path) -> None:
    assert f"it translates: leporello translate {reverse}" in refused("generate", reverse)
    assert "generation needs one feedback node" in refused("translate", moods)
    assert "other words" in refused("translate", reverse, "--with", moods)
    assert "not the folder of a run" in refused("translate", "nowhere")
    assert "not the folder of a run" in refused("evaluate", "nowhere")
    assert "not the folder of a run" in refused("predict", "nowhere")
    assert f"it translates: leporello translate {reverse}" in refused("predict", reverse)
    assert "a beam is for translations" in refused("evaluate", moods, "--beam", "2")


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["missing.txt"], "there is no file missing.txt"),
        (["--beam", "0"], "1<=x<=1000"),
        (["--length-penalty", "-1"], "length penalty"),
        (["--checkpoint", "7"], "no whole checkpoint"),
        (["--attention", "/nowhere/a.jsonl"], "cannot be written"),
    ],
)
def test_bad_options_are_refused(reverse: Path, arguments: list[str], hint: str) -> None:
    assert hint in refused("translate", reverse, *arguments)


def test_what_is_no_text_is_refused_with_its_line(reverse: Path) -> None:
    result = CliRunner().invoke(cli, ["translate", str(reverse)], input=b"abc\n\xff\n", prog_name="leporello")
    assert result.exit_code == 2
    assert "<standard input>:2:1" in result.stderr
    assert "Traceback" not in result.output
    assert result.stdout == "cba\n"  # what came before is not lost


def test_lines_that_no_one_writes_are_answered_or_refused(reverse: Path) -> None:
    found = piped("\n \0\r\n\u202e\x1b[2J\n", "translate", reverse)
    assert found.count("\n") == 3
    assert not any(sign in found for sign in "\0\x1b\u202e")
    long = CliRunner().invoke(cli, ["translate", str(reverse)], input="abc\n" + "ab" * 2501, prog_name="leporello")
    assert long.exit_code == 2
    assert "'ababababababababababababababab' has 5,002 characters" in long.stderr


def test_where_a_model_looked_is_a_moving_picture_of_each_line(reverse: Path, tmp_path: Path) -> None:
    said = CliRunner().invoke(
        cli,
        ["translate", str(reverse), "--beam", "3", "--attention", str(tmp_path / "a.svg")],
        input="abcd\n\nbca\n",
        prog_name="leporello",
    )
    assert said.stdout == "dcba\n\nacb\n"
    assert "no picture of a line" in said.stderr
    assert sorted(os.listdir(tmp_path)) == ["a-2.svg", "a.svg"]
    for name, letters in (("a.svg", "abcd"), ("a-2.svg", "abc")):
        drawn = (tmp_path / name).read_text()
        assert "@keyframes" in drawn
        assert all(f">{letter}<" in drawn for letter in letters)
    assert "no folder" in refused("translate", reverse, "--attention", tmp_path / "b" / "a.svg")


def test_a_scored_part_shows_where_the_model_looked(reverse: Path, moods: Path, tmp_path: Path) -> None:
    (tmp_path / "new.tsv").write_text("abc\tcba\nddea\taedd\n")
    data = [f"--data={name}={tmp_path / 'new.tsv'}" for name in ("there", "back")]
    done("evaluate", reverse, *data, "--attention", tmp_path / "a.jsonl")
    looked = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert [one["source"] for one in looked] == [list("abc"), list("ddea")]
    assert len(looked[0]["attention"][0]) == 3
    done("evaluate", reverse, *data, "--attention", tmp_path / "a.svg")
    assert (tmp_path / "a-2.svg").is_file()
    assert "no attention" in refused("evaluate", moods, "--attention", tmp_path / "b.svg")


def test_a_spec_without_data_for_an_input_says_so(tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_text("ab\tba\n" * 40)
    spec = tmp_path / "spec.yaml"
    spec.write_text(REVERSE.replace("  back: {file: pairs.tsv, column: 2}\n", ""))
    assert "there is no data for the input 'back'" in refused("train", spec, "--run", tmp_path / "run")
    spec.write_text(REVERSE.replace("column: 2", "column: 3"))
    assert "pairs.tsv:1:1" in refused("train", spec, "--run", tmp_path / "run")
    assert not (tmp_path / "run").exists()
    assert run("translate", CHARACTERS).exit_code == 2


def test_a_line_of_ones_own_is_drawn_with_where_the_model_looks(reverse: Path, tmp_path: Path) -> None:
    line = ["draw", "--run", reverse, "--input", "abcd"]
    picture = json.loads(done(*line, "--show", "s", "--format", "json"))
    looked, values = picture["grids"]
    assert looked["columns"] == list("abcd")
    assert [sum(row) for row in looked["rows"]] == pytest.approx([1.0] * 5, abs=1e-3)
    assert len(values["rows"][0]) == 5
    done(*line, "--motion", "-o", tmp_path / "a.svg")
    drawn = (tmp_path / "a.svg").read_text()
    assert all(f">{letter}<" in drawn for letter in "dcba")
    assert "@keyframes" in drawn


def test_what_goes_on_inside_is_told_line_by_line(reverse: Path) -> None:
    answers = [json.loads(one) for one in piped("abcd\nba\n", "observe", reverse, "--inner").splitlines()]
    assert [one["line"] for one in answers] == ["abcd", "ba"]
    for one in answers:
        source, target = one["steps"].values()
        assert source == len(one["line"]) and set(one["steps"]) == set(one["axes"].values())
        assert all(len(words) == one["steps"][one["axes"][name]] for name, words in one["words"].items())
        (looked,) = one["attention"].values()
        assert [len(row) for row in looked] == [source] * target
        assert one["gates"] and all(-1 <= x <= 1 for rows in one["gates"].values() for row in rows for x in row)
    for text, options, hint in (("\n", (), "0 characters"), ("a\n", ("--show", "sx"), "did you mean s?")):
        result = CliRunner().invoke(cli, ["observe", str(reverse), *options], input=text, prog_name="leporello")
        assert (result.exit_code, hint in result.stderr) == (2, True)
    assert "not the folder of a run" in refused("observe", reverse.parent)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ([], "there is nothing to draw"),
        (["--input", "abc"], "--input stands alone"),
        (["--run", "RUN"], "--run stands alone"),
        (["--run", "RUN", "--input", ""], "the line has 0 characters"),
        (["--run", "RUN", "--input", "a" * 401], "1 to 400"),
        (["--run", "RUN", "--input", "abc"], "txt"),
        (["--run", "RUN", "--input", "abc", "--unfold", "3", "--format", "svg"], "--unfold beside --run"),
        (["--run", "RUN", "--input", "abc", "--show", "sx", "--format", "svg"], "did you mean s?"),
        (["--run", "RUN", "--input", "abc", "--show", "logits", "--format", "svg"], "logits has values up to"),
        (["--run", "nowhere", "--input", "abc", "--format", "svg"], "not the folder of a run"),
        ([CHARACTERS, "--show", "h"], "--show is for trained models"),
    ],
)
def test_what_cannot_be_drawn_of_a_run_is_refused(reverse: Path, arguments: list[str], hint: str) -> None:
    words = [str(reverse) if word == "RUN" else word for word in arguments]
    if hint == "txt":
        assert done("draw", *words)  # the text shows the unfolded model, without values
    else:
        assert hint in refused("draw", *words)


def test_a_run_is_loaded_in_python(reverse: Path) -> None:
    import torch

    import leporello

    trained = leporello.load(reverse)
    assert trained.update == 160
    tokens = torch.tensor([list(trained.encoders["there"].encode("abcd"))])
    assert trained.module(there=tokens, back=tokens)["line"].shape == (1, 4, len(trained.encoders["back"]))
    assert leporello.load(reverse, checkpoint=80).update == 80
    with pytest.raises(leporello.SpecError, match="not the folder of a run"):
        leporello.load("nowhere")
