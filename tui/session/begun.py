"""A whole working model from the answers to few questions: an example with a person's own sizes and files in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from leporello.blocks.registry import registry
from leporello.examples import examples, renamed, safe_name
from leporello.graphs.edits.splices.draft import Draft
from leporello.graphs.edits.splices.settings import set_value, unset_value
from leporello.tui.session.questions import Answers, kind_of

EMPTY = "spec: 1\nname: model\n\ninputs:\n  x: {features: 8}\n\nnodes:\n  h: tanh(x + h(t-1))\n\noutputs:\n  y: h\n"
"""The least that is a model."""
OWN_EPOCHS = 30
"""So many passes over a person's own file."""
_USES = {
    "language model": 'leporello generate runs/{name}-1 --prompt "The "',
    "classifier": 'echo "a line" | leporello predict runs/{name}-1',
    "tagger": 'echo "a line" | leporello predict runs/{name}-1',
    "streaming tagger": 'echo "a line" | leporello predict runs/{name}-1',
    "translator": 'echo "a line" | leporello translate runs/{name}-1',
    "forecaster": "leporello predict runs/{name}-1 series.csv",
}
_SAYS = {
    "language model": "A language model: at every step it reads what was before and predicts what comes next.",
    "classifier": "A classifier: it reads a text in both directions, and says one label for all of it.",
    "tagger": "A tagger: it reads a text in both directions, and says a label for each step.",
    "streaming tagger": "A tagger for streams: it says a label for each step while it reads, and never looks ahead.",
    "translator": "A translator: an encoder reads all, a decoder with attention writes as long as it needs.",
    "forecaster": "A forecaster: it says what a series of numbers is at the next step.",
}


def model_of(answers: Answers) -> str:
    """The text of the spec that was asked for.

    Raises:
        SpecError: for a name that no model may have.
    """
    kind, name = kind_of(answers), safe_name(answers["name"])
    text = renamed(_own_head(_MADE[kind](answers), kind, name), name)
    _draft(text)
    return text


def _draft(text: str) -> Draft:
    return Draft.read(text, registry(), "new.yaml")


def _set(text: str, **values: Any) -> str:
    """The text with other values, by keys with dots for `__`."""
    for keys, value in values.items():
        text = set_value(_draft(text), tuple(keys.split("__")), value).text
    return text


def _unset(text: str, *keys: str) -> str:
    for one in keys:
        text = unset_value(_draft(text), tuple(one.split("__"))).text
    return text


def _called(text: str, names: Mapping[str, str]) -> str:
    """An example in words of its new subject."""
    for old, new in names.items():
        text = re.sub(rf"(?<![\w.]){re.escape(old)}\b", new, text)
    return text


def _own_head(text: str, kind: str, name: str) -> str:
    """A spec with its own comment above it."""
    body = text[text.index("spec: 1") :]
    use = _USES[kind].format(name=name)
    return f"# {_SAYS[kind]}\n#   leporello train {name}.yaml\n#   {use}\n{body}"


def _fed(text: str, name: str, answers: Answers, column: str = "", **more: Any) -> str:
    """The text with an input that is fed by the person's file; nothing of the example's own data is kept."""
    said = {"file": answers["file"]} | ({"column": answers[column]} if column in answers else {}) | more
    return set_value(_draft(text), ("data", name), said).text


def _as(answers: Answers) -> dict[str, str]:
    return {"as": "words"} if answers["in"] == "words" else {}


def _language_model(answers: Answers) -> str:
    units = int(answers["units"])
    if answers["in"] == "words":
        text = _set(examples()["word_lm"], nodes__e__units=units, nodes__h__units=units)
    else:
        text = _set(examples()["char_lm"], nodes__h__units=units)
    return _fed(text, "text", answers, "read", **_as(answers)) if answers["file"] else text


def _classifier(answers: Answers) -> str:
    text = _called(examples()["modules"], {"$packages": "$labels", "packages": "labels", "package": "label"})
    text = _set(text, nodes__h__units=int(answers["units"]))
    if answers["file"]:
        text = _fed(text, "text", answers, "read", **_as(answers))
        return _fed(text, "label", answers, "wanted")
    if answers["in"] == "characters":
        text = _unset(_set(text, data__text__as="characters"), "data__text__lower", "data__text__least")
    return text.replace("column: label", "column: package")


def _tagger(answers: Answers) -> str:
    text = _set(examples()["tagger"], nodes__h__units=int(answers["units"]))
    if answers["clock"] == "while":
        text = _unset(text, "nodes__h__direction")
    if answers["file"]:
        text = _fed(text, "words", answers, "read", **_as(answers))
        text = _fed(text, "tags", answers, "wanted", **{"as": "labels"})
        # A file of one's own may be small: many passes over it, as long as they help.
        text = _set(text, training__epochs=OWN_EPOCHS, training__patience=5)
        return _unset(text, "parameters__words", "parameters__tags")
    return text


def _translator(answers: Answers) -> str:
    names = {"words": "original", "iso": "translation", "date": "translated"}
    names |= {"$letters": "$symbols", "$figures": "$written"}
    text = _called(examples()["dates"], names)
    text = _set(text, nodes__s__units=int(answers["units"]))
    if answers["file"]:
        text = _fed(text, "original", answers, "read", **_as(answers))
        return _fed(text, "translation", answers, "wanted", **_as(answers))
    text = text.replace("column: original", "column: words").replace("column: translation", "column: iso")
    return _set(text, data__original__as="words", data__translation__as="characters") if _as(answers) else text


def _forecaster(answers: Answers) -> str:
    text = _set(examples()["forecast"], nodes__h__units=int(answers["units"]))
    if answers["file"]:
        columns = [one.strip() for one in answers["columns"].split(",")]
        text = _set(text, inputs__value__features=len(columns), nodes__y__units=len(columns))
        text = set_value(_draft(text), ("data", "value"), {"file": answers["file"], "columns": columns}).text
    return text


_MADE: Mapping[str, Callable[[Answers], str]] = {
    "language model": _language_model,
    "classifier": _classifier,
    "tagger": _tagger,
    "streaming tagger": _tagger,
    "translator": _translator,
    "forecaster": _forecaster,
}
