"""Which model a person wants, in few questions: what goes in, what comes out, on which clock; how large, from where."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from leporello.examples import safe_name
from leporello.graphs.frozen import frozen
from leporello.graphs.problems import refuse, suggest, visible
from leporello.training.data.numbers import finite

Answers = Mapping[str, str]
TABLES = (".csv", ".tsv", ".json", ".jsonl")


@frozen
class Question:
    """One question: with `choices`, each a word and what it means, or free with a `default`.

    Attributes:
        key: under which the answer is kept.
        text: what is asked.
        choices: the answers that there are, by the word that is kept.
        default: what no answer means.
        hint: what is allowed, for a free answer.
    """

    key: str
    text: str
    choices: Mapping[str, str] | None = None
    default: str = ""
    hint: str = ""


GOES_IN = {
    "characters": "text, letter by letter",
    "words": "text, word by word",
    "numbers": "numbers: a series, step by step",
}
COMES_OUT = {
    "more": "more of the same: it writes on",
    "label": "one label for all of it",
    "labels": "a label for each step",
    "text": "another text, such as a translation, on a clock of its own: it reads all, then writes as long as it needs",
}
CLOCKS = {
    "labels": {
        "after": "one clock, after all is read: each label may depend on what follows",
        "while": "one clock, while it reads: a stream is answered at once",
    },
}
KINDS = {
    ("more", ""): "language model",
    ("label", ""): "classifier",
    ("labels", "after"): "tagger",
    ("labels", "while"): "streaming tagger",
    ("text", ""): "translator",
    ("next", ""): "forecaster",
}
"""What a model is called that gives this on that clock."""
UNITS = {"language model": 256, "classifier": 64, "tagger": 100, "streaming tagger": 100, "translator": 128}
COLUMNS = {
    "classifier": ("text", "label"),
    "tagger": ("words", "tags"),
    "streaming tagger": ("words", "tags"),
    "translator": ("source", "target"),
}
"""How the columns of a table are called, where nothing else is said: what is read, what is wanted."""
_BEGINNING, _SAMPLE = 65_536, 32
"""So many bytes of a table are looked at for its columns, and so many letters of what stands in one are shown."""


def kind_of(answers: Answers) -> str:
    """What is wanted, in a word or two; of numbers that is always what comes next."""
    return KINDS[answers.get("out", "next"), answers.get("clock", "")]


def next_question(answers: Answers, folder: Path = Path()) -> Question | None:
    """What is to be asked next, of files in a folder; None when all is known."""
    return next((one for one in _questions(answers, folder) if one.key not in answers), None)


def _questions(answers: Answers, folder: Path) -> Iterator[Question]:
    """All questions, as far as the answers lead; none that has but one answer."""
    yield Question("in", "What goes in?", GOES_IN, "characters")
    if "in" not in answers:
        return
    if answers["in"] != "numbers":
        yield Question("out", "What comes out?", COMES_OUT, "more")
        if "out" not in answers:
            return
    if answers.get("out") in CLOCKS:
        clocks = CLOCKS[answers["out"]]
        yield Question("clock", "On which clock?", clocks, next(iter(clocks)))
        if "clock" not in answers:
            return
    kind = kind_of(answers)
    yield Question(
        "units", "How many units has its state?", None, str(UNITS.get(kind, 32)), "a whole number, such as 64"
    )
    file = "here or below; empty: the data of an example"
    yield Question("file", "Which file does it learn from?", None, "", file)
    yield from _columns(kind, answers, folder)
    yield Question("name", "What is it called?", None, kind.split()[-1], "a name of letters, figures and underlines")


def _columns(kind: str, answers: Answers, folder: Path) -> Iterator[Question]:
    file = answers.get("file", "")
    if not file:
        return
    known = columns_in(folder / file)
    if kind == "forecaster":
        numbers = [name for name, sample in known.items() if finite(sample) is not None]
        hint = "names with commas between them"
        yield Question("columns", "Which columns hold the numbers?", None, ",".join(numbers) or "value", hint)
    elif kind in COLUMNS:
        read, wanted = COLUMNS[kind]
        yield _column("read", "Which column is read?", known, read, 0)
        rest = {name: sample for name, sample in known.items() if name != answers.get("read")}
        yield _column("wanted", "Which column is what it is to say?", rest, wanted, -1)
    elif Path(file).suffix.lower() in TABLES:
        yield _column("read", "Which column is the text?", known, "text", 0)


def _column(key: str, text: str, known: Mapping[str, str], usual: str, place: int) -> Question:
    """A column is chosen from those that the file has, where they can be read."""
    if not known:
        return Question(key, text, None, usual, "its name")
    choices = {name: f"{name}   {sample}".rstrip() for name, sample in known.items()}
    return Question(key, text, choices, usual if usual in known else list(known)[place])


def columns_in(path: Path) -> dict[str, str]:
    """The columns of a table, each with the beginning of what stands first in it; none where that cannot be read."""
    try:
        with path.open("rb") as file:
            lines = file.read(_BEGINNING).decode(errors="replace").splitlines()
        if path.suffix.lower() in (".json", ".jsonl"):
            rows = json.JSONDecoder().raw_decode(" ".join(lines).lstrip("[ "))[0]
            found = {str(name): str(value) for name, value in rows.items()}
        else:
            names, *values = csv.reader(lines[:2], delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
            found = dict(zip(names, values[0], strict=False)) if path.suffix.lower() in (".csv", ".tsv") else {}
    except (OSError, ValueError, AttributeError, csv.Error, IndexError, RecursionError):
        return {}
    return {name: visible(value, _SAMPLE) for name, value in found.items() if _is_plain(name)}


def accept(question: Question, said: str, folder: Path) -> str:
    """The answer that is meant: by its word or its number, or nothing for the default.

    Raises:
        SpecError: for what is no answer, and for files that are not there.
    """
    said = said.strip() or question.default
    if question.choices is not None:
        known = list(question.choices)
        if said not in known and said.isdecimal() and 1 <= int(said) <= len(known):
            return known[int(said) - 1]
        if said not in known:
            raise refuse(f"{said!r} is no answer", suggest(said, known, "answers"))
        return said
    if question.key == "units" and not (said.isascii() and said.isdecimal() and 0 < int(said) <= 100_000):
        raise refuse(f"{said!r} is no number of units", "a whole number from 1 to 100000 is allowed")
    if question.key == "file" and said:
        _check_file(said, folder)
    if question.key == "name":
        safe_name(said)
    if question.key in ("read", "wanted", "columns") and not all(_is_plain(one) for one in said.split(",")):
        raise refuse(f"{said!r} names no column", question.hint)
    return said


def _is_plain(name: str) -> bool:
    """Whether a name of a column can stand in a line."""
    return bool(name.strip()) and name.isprintable()


def _check_file(said: str, folder: Path) -> None:
    path = folder / said
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
        there = path.is_file()
    except (OSError, ValueError):
        inside = there = False
    if not said.isprintable() or not there:
        raise refuse(f"there is no file {said!r} here", "name one in this folder or below it, or none")
    if not inside:
        raise refuse(f"{said!r} is beside this folder", "a spec reads files of its own folder and below: copy it there")
