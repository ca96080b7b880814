"""Models from few questions: every way through them ends in a spec that checks, compiles and trains on made data."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import leporello
from leporello.graphs.problems import SpecError
from leporello.tui.session.begun import EMPTY, model_of
from leporello.tui.session.questions import KINDS, Answers, Question, accept, columns_in, kind_of, next_question
from tests.support.command_line import done

FREE = {"units": "6", "read": "said", "wanted": "meant", "columns": "a, b", "name": "mine"}


def ways(answers: Answers, free: Mapping[str, str]) -> Iterator[Answers]:
    """All answers to all questions, free ones answered alike."""
    question = next_question(answers)
    if question is None:
        yield answers
        return
    for said in question.choices or [free[question.key]]:
        yield from ways({**answers, question.key: said}, free)


def named(answers: Answers) -> str:
    return f"{answers['in']}-{kind_of(answers)}"


OWN = list(ways({}, FREE | {"file": "data.csv"}))
SHIPPED = list(ways({}, FREE | {"file": ""}))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made data: sayings with a meaning for each, for each step and as another text, and two series."""
    found, chance = tmp_path_factory.mktemp("made"), random.Random(1)
    sayings = [chance.choice(("ab ba", "ba ab")) for _ in range(120)]
    for name, meaning in (("label", "up"), ("letters", "u d u d u"), ("words", "u d")):
        (found / f"{name}.csv").write_text("\n".join(["said,meant", *(f"{one},{meaning}" for one in sayings)]) + "\n")
    (found / "numbers.csv").write_text("a,b\n" + "".join(f"{n % 7},{n % 5}\n" for n in range(900)))
    return found


def file_of(answers: Answers) -> str:
    if answers["in"] == "numbers":
        return "numbers.csv"
    if answers.get("out") == "labels":
        return "letters.csv" if answers["in"] == "characters" else "words.csv"
    return "label.csv"


def test_every_kind_is_reached() -> None:
    assert {kind_of(answers) for answers in OWN} == set(KINDS.values())


@pytest.mark.slow
@pytest.mark.parametrize("answers", OWN, ids=named)
def test_each_trains_on_data_of_ones_own(answers: Answers, folder: Path) -> None:
    spec = folder / f"{named(answers)}.yaml".replace(" ", "_")
    spec.write_text(model_of({**answers, "file": file_of(answers)}))
    told = done("check", spec)
    assert "$" not in told.partition("\n")[0]
    set_one = ["--set", "training.updates=1", "--set", "training.batch=4", "--set", "training.validate_every=1"]
    short = ["--set", "training.steps=9"] if answers.get("out", "next") in ("more", "next") else []
    done("train", spec, "--run", folder / f"run-{spec.stem}", *set_one, *short)


@pytest.mark.slow
@pytest.mark.parametrize("answers", SHIPPED, ids=named)
def test_each_compiles_with_the_data_of_an_example(answers: Answers, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(model_of(answers))
    module = leporello.compile(str(tmp_path / "mine.yaml"))
    assert sum(weight.numel() for weight in module.parameters()) > 100
    assert "6" in model_of(answers)


def test_a_stream_is_answered_while_it_is_read() -> None:
    while_read = next(one for one in SHIPPED if one.get("clock") == "while")
    assert "direction" not in model_of(while_read)
    assert "direction: both" in model_of({**while_read, "clock": "after"})


def test_it_says_what_it_is_and_how_it_is_used() -> None:
    text = model_of(OWN[0])
    assert text.startswith("# A language model") and "leporello train mine.yaml" in text
    assert leporello.check(EMPTY).parameters == 0


CHOICE = Question("in", "?", {"words": "w", "numbers": "n"}, "words")


def test_an_answer_is_a_word_its_number_or_nothing() -> None:
    assert [accept(CHOICE, said, Path()) for said in ("numbers", " 2 ", "")] == ["numbers", "numbers", "words"]


@pytest.mark.parametrize(
    ("question", "said", "wrong"),
    [
        (CHOICE, "3", "no answer"),
        (CHOICE, "word", "did you mean words"),
        (Question("units", "?"), "0", "no number of units"),
        (Question("units", "?"), "²", "no number of units"),
        (Question("file", "?"), "nowhere.csv", "no file"),
        (Question("file", "?"), "\x00", "no file"),
        (Question("file", "?"), "../beside.csv", "beside this folder"),
        (Question("read", "?"), "a\x1b", "no column"),
        (Question("read", "?", {"stars": "stars   5"}), "star", "did you mean stars"),
        (Question("name", "?"), "my tagger!", "name"),
        (Question("columns", "?"), "a,,b", "no column"),
    ],
)
def test_what_is_no_answer_is_refused(question: Question, said: str, wrong: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "beside.csv").write_text("a\n")
    with pytest.raises(SpecError, match=wrong):
        accept(question, said, tmp_path / "in")


@pytest.mark.parametrize("name", ["a b", "con", "9", ""])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(SpecError):
        model_of({**SHIPPED[0], "name": name})


@pytest.mark.parametrize(
    ("name", "content", "columns"),
    [
        ("t.csv", 'review,stars\n"a, b",5\n', {"review": "a, b", "stars": "5"}),
        ("t.tsv", "english\tgerman\nhouse\tHaus\n", {"english": "house", "german": "Haus"}),
        ("t.jsonl", '{"text": "so", "tags": ["A"]}\n{"text": "no"}\n', {"text": "so", "tags": "['A']"}),
        ("t.json", '[\n {"text": "so"},\n {"text": "no"}]', {"text": "so"}),
        ("t.csv", "a\x1b,b\n1,2\n", {"b": "2"}),
        ("t.csv", "", {}),
        ("t.csv", "a,b\n", {}),
        ("t.jsonl", "[1, 2]\n", {}),
        ("t.jsonl", '{"a": ', {}),
        ("t.json", "[" * 70_000, {}),
        ("t.txt", "a,b\n1,2\n", {}),
    ],
)
def test_the_columns_of_a_file_are_those_that_it_has(name: str, content: str, columns: object, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    assert columns_in(tmp_path / name) == columns
    assert columns_in(tmp_path / "nowhere.csv") == {}


def test_a_column_is_chosen_from_those_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "reviews.csv").write_text("review,stars\nso good,5\n")
    answers: Answers = {"in": "words", "out": "label", "units": "8", "file": "reviews.csv"}
    read = next_question(answers, tmp_path)
    assert read is not None and (read.choices, read.default) == (
        {"review": "review   so good", "stars": "stars   5"},
        "review",
    )
    wanted = next_question({**answers, "read": "review"}, tmp_path)
    assert wanted is not None and (list(wanted.choices or {}), wanted.default) == (["stars"], "stars")


def test_the_columns_of_a_series_are_those_with_numbers(tmp_path: Path) -> None:
    (tmp_path / "weather.csv").write_text("day,temperature,wind\nMonday,21.5,3\n")
    asked = next_question({"in": "numbers", "units": "8", "file": "weather.csv"}, tmp_path)
    assert asked is not None and asked.default == "temperature,wind"
