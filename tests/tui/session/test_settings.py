"""Settings of training and data as rows, and as edits of the text."""

from __future__ import annotations

import pytest

from leporello.graphs.problems import SpecError
from leporello.training.data.entries import DATA
from leporello.tui.session.settings import Setting, set_setting, settings_changed, settings_of, unset_setting

TEXT = """\
spec: 1
inputs:
  text: {tokens: 9}
  more: {tokens: 9}
nodes:
  e: {block: embedding, input: text, units: 2}
outputs:
  y: e
data:
  text: {builtin: python_topics, split: [0.8, 0.1, 0.1]}  # what it reads
"""


def named(text: str, *keys: str) -> Setting:
    return next(one for one in settings_of(text, "a.yaml") if one.keys == keys)


def changed(text: str, value: str, *keys: str) -> str:
    return set_setting(text, "a.yaml", named(text, *keys), value)


def test_every_setting_of_training_and_data_has_a_row() -> None:
    rows = settings_of(TEXT, "a.yaml")
    assert [one.keys[2] for one in rows if one.section == "data.text"] == [field.name for field in DATA]
    assert [one.keys[2] for one in rows if one.section == "data.more"] == ["file", "files", "builtin"]
    split = named(TEXT, "data", "text", "split")
    assert (split.value, split.said) == ("[0.8, 0.1, 0.1]", True)
    assert (named(TEXT, "data", "text", "lower").value, named(TEXT, "training", "batch").said) == ("false", False)


def test_data_come_from_one_place() -> None:
    text = changed(TEXT, "a.txt", "data", "text", "file")
    assert "text: {split: [0.8, 0.1, 0.1], file: a.txt}  # what it reads" in text
    assert "builtin" in changed(text, "python_topics", "data", "text", "builtin")
    assert "more: {file: b.txt}" in changed(TEXT, "b.txt", "data", "more", "file")


def test_what_is_no_longer_said_has_its_default() -> None:
    text = unset_setting(TEXT, "a.yaml", named(TEXT, "data", "text", "split"))
    assert "split" not in text and "# what it reads" in text
    assert named(text, "data", "text", "split").value == "[0.9, 0.05, 0.05]"
    assert "data" not in unset_setting(text, "a.yaml", named(text, "data", "text", "builtin")), "nothing is left to say"
    with pytest.raises(SpecError, match="names no data"):
        unset_setting(TEXT, "a.yaml", named(TEXT, "data", "text", "builtin"))


@pytest.mark.parametrize(
    ("keys", "value", "wrong"),
    [
        (("data", "text", "split"), "[1, 1]", "fractions"),
        (("data", "text", "split"), "half", "fractions"),
        (("data", "text", "least"), "0", "at least 1"),
        (("data", "text", "as"), "numbers", "made of tokens"),
        (("data", "text", "builtin"), "shakespeare", "one of"),
        (("data", "text", "columns"), "[a", "<value>"),
        (("training", "rate"), "fast", "rate must be"),
    ],
)
def test_bad_values_are_refused(keys: tuple[str, ...], value: str, wrong: str) -> None:
    with pytest.raises(SpecError, match=wrong):
        changed(TEXT, value, *keys)


def test_data_that_did_not_fit_are_mended_bit_by_bit() -> None:
    text = TEXT.replace("split", "column: a, columns: [b], split")
    assert "columns" not in unset_setting(text, "a.yaml", named(text, "data", "text", "columns"))
    assert "lower: true" in changed(text, "true", "data", "text", "lower")


def names(text: str) -> list[str]:
    return [one.keys[-1] for one in settings_of(text, "a.yaml") if one.section == "training"]


def test_a_setting_is_shown_where_it_matters_or_is_said() -> None:
    idle = {"truth", "k", "slope", "floor", "coin", "factor", "decay_every"}
    assert not idle & set(names(TEXT)) and {"feedback", "decay"} <= set(names(TEXT))
    taught = changed(TEXT, "curriculum", "training", "feedback")
    assert idle & set(names(taught)) == {"truth", "k", "coin"}
    assert idle & set(names(changed(taught, "linear", "training", "truth"))) == {"truth", "k", "coin", "slope", "floor"}
    assert idle & set(names(changed(TEXT, "step", "training", "decay"))) == {"factor", "decay_every"}
    assert "slope" in names(TEXT + "training: {slope: 0.1}\n"), "what is said can be taken away"


@pytest.mark.parametrize("said", ["5", "{feedback: [1]}", "{feedback: {a: 1}, decay: }", "{decay: 7}"])
def test_what_is_wrong_in_the_text_hides_nothing_that_is_said(said: str) -> None:
    assert len(names(f"{TEXT}training: {said}\n")) > 20


def test_settings_stand_in_groups_each_in_one_place() -> None:
    groups = [one.about for one in settings_of(TEXT, "a.yaml")]
    runs = [group for place, group in enumerate(groups) if groups[place - 1 : place] != [group]]
    assert len(runs) == len(set(runs)) == 9 and runs[:3] == ["how much at a time", "how long", "how fast"]
    assert runs[-2:] == ["data.text", "data.more"]


def test_settings_that_differ_are_told_where_nothing_else_does() -> None:
    more = changed(changed(TEXT, "12000", "training", "updates"), "cosine", "training", "decay")
    assert settings_changed(TEXT, f"# mine\n{more}", "a.yaml") == ("training.updates=12000", "training.decay=cosine")
    assert settings_changed(more, TEXT, "a.yaml") == ("training.updates=2000", "training.decay=none")
    assert settings_changed(TEXT, f"{TEXT}# mine\n", "a.yaml") == ()
    assert settings_changed(TEXT, more, "a.yaml", {"updates": 12000}) == ("training.decay=cosine",)
    for other in (
        more.replace("units: 2", "units: 3"),
        more.replace("0.8", "0.9").replace("0.1, ", "0.0, "),
        "",
        "[",
        "training: 5",
    ):
        assert settings_changed(TEXT, other, "a.yaml") == ()
