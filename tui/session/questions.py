"""Which model a person wants, in few questions: what goes in, what comes out, on which clock; how large, from where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import refuse, suggest

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
    "text": "another text, such as a translation",
}
NEXT = {"next": "what comes next: a forecast"}
CLOCKS = {
    "labels": {
        "after": "one clock, after all is read: each label may depend on what follows",
        "while": "one clock, while it reads: a stream is answered at once",
    },
    "text": {"two": "two clocks: it reads all, then writes as long as it needs"},
}
KINDS = {
    ("more", ""): "language model",
    ("label", ""): "classifier",
    ("labels", "after"): "tagger",
    ("labels", "while"): "streaming tagger",
    ("text", "two"): "translator",
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


def kind_of(answers: Answers) -> str:
    """What is wanted, in a word or two."""
    return KINDS[answers["out"], answers.get("clock", "")]


def next_question(answers: Answers) -> Question | None:
    """What is to be asked next; None when all is known."""
    return next((one for one in _questions(answers) if one.key not in answers), None)


def _questions(answers: Answers) -> Iterator[Question]:
    """All questions, as far as the answers lead."""
    yield Question("in", "What goes in?", GOES_IN, "characters")
    if "in" in answers:
        numbers = answers["in"] == "numbers"
        yield Question("out", "What comes out?", NEXT if numbers else COMES_OUT, "next" if numbers else "more")
    if "out" not in answers:
        return
    if answers["out"] in CLOCKS:
        clocks = CLOCKS[answers["out"]]
        yield Question("clock", "On which clock?", clocks, next(iter(clocks)))
        if "clock" not in answers:
            return
    kind = kind_of(answers)
    yield Question(
        "units", "How many units has its state?", None, str(UNITS.get(kind, 32)), "a whole number, such as 64"
    )
    file = "a file in this folder or below; nothing for the data of an example"
    yield Question("file", "Which file does it learn from?", None, "", file)
    yield from _columns(kind, answers.get("file", ""))
    yield Question("name", "What is it called?", None, kind.split()[-1], "a name of letters, figures and underlines")


def _columns(kind: str, file: str) -> Iterator[Question]:
    if not file:
        return
    if kind == "forecaster":
        yield Question("columns", "Which columns hold the numbers?", None, "value", "names with commas between them")
    elif kind in COLUMNS:
        read, wanted = COLUMNS[kind]
        yield Question("read", "Which column is read?", None, read, "its name in the first line")
        yield Question("wanted", "Which column is what it is to say?", None, wanted, "its name in the first line")
    elif Path(file).suffix.lower() in TABLES:
        yield Question("read", "Which column is the text?", None, "text", "its name in the first line")


def accept(question: Question, said: str, folder: Path) -> str:
    """The answer that is meant: by its word or its number, or nothing for the default.

    Raises:
        SpecError: for what is no answer, and for files that are not there.
    """
    said = said.strip() or question.default
    if question.choices is not None:
        known = list(question.choices)
        if said.isdecimal() and 1 <= int(said) <= len(known):
            return known[int(said) - 1]
        if said not in known:
            raise refuse(f"{said!r} is no answer", suggest(said, known, "answers"))
    if question.key == "units" and not (said.isascii() and said.isdecimal() and 0 < int(said) <= 100_000):
        raise refuse(f"{said!r} is no number of units", "a whole number from 1 to 100000 is allowed")
    if question.key == "file" and said:
        _check_file(said, folder)
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
