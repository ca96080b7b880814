"""Settings and overrides: what a spec may say of its training, and what is set beside it."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from leporello.graphs.fields import named
from leporello.graphs.problems import SpecError
from leporello.training.overrides import apply_overrides
from leporello.training.settings import FIELDS, GROUPS, Settings, read_settings
from tests.support.models.language_model import as_if, language_model, with_text


def test_settings_have_defaults_and_help() -> None:
    assert read_settings(replace(language_model(), training=None)) == Settings()
    given = read_settings(language_model(training={"rate": 1, "optimizer": "sgd"}))
    assert (given.rate, given.optimizer) == (1.0, "sgd")
    assert all(f"default {getattr(Settings(), field.name)}" in field.said for field in FIELDS)
    assert [field.name for field in FIELDS] == [field.name for field in fields(Settings)]


def test_every_setting_is_about_something_and_those_that_others_decide_on_are_choices_of_theirs() -> None:
    assert all(field.group for field in FIELDS) and set(GROUPS) <= {field.name for field in FIELDS}
    for field in FIELDS:
        for name, allowed in field.under:
            other = named(FIELDS, name)
            assert other is not None and set(allowed) <= set(other.choices)


@pytest.mark.parametrize(
    ("training", "message"),
    [
        ({"batchs": 3}, "did you mean batch?"),
        ({"batch": 0}, "from 1 to"),
        ({"batch": True}, "training.batch is true"),
        ({"steps": 2.5}, "a whole number"),
        ({"rate": 0}, "above 0"),
        ({"rate": "1e-3"}, "a number"),
        ({"optimizer": "adm"}, "one of adam, adamw, sgd, rmsprop"),
        ({"updates": 10**12}, "from 1 to"),
        ({"seed": -1}, "from 0"),
        (3, "must be a mapping"),
    ],
)
def test_bad_settings_are_refused(training: Any, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_settings(as_if(language_model("spec.yaml", training=training), "training: " + json.dumps(training)))
    assert message in str(caught.value)
    column = 11 if training == 3 else 11 + json.dumps(training).index(": ") + 2
    assert str(caught.value).startswith(f"spec.yaml:1:{column}: error: ")


@pytest.mark.parametrize("rate", [math.nan, math.inf])
def test_numbers_that_are_not_finite_are_no_rates(rate: float) -> None:
    with pytest.raises(SpecError, match=r"training\.rate is"):
        read_settings(language_model(training={"rate": rate}))


def test_what_is_set_beside_a_spec_is_refused_there(tmp_path: Path) -> None:
    graph = as_if(with_text(tmp_path), "training: {rate: 1e-3}")
    with pytest.raises(SpecError, match=r"--set training\.rate:1:1: error: training\.rate is 100"):
        read_settings(apply_overrides(graph, ["training.rate=100"]))


def test_all_bad_settings_are_told_at_once() -> None:
    with pytest.raises(SpecError) as caught:
        read_settings(language_model(training={"batch": 0, "stepz": 1, "rate": -1}))
    assert len(caught.value.problems) == 3


def test_the_rate_falls_as_its_decay_says() -> None:
    cosine = Settings(rate=2.0, decay="cosine", updates=100)
    assert [cosine.rate_at(u) for u in (0, 50, 100, 200)] == pytest.approx([2.0, 1.0, 0.0, 0.0])
    assert Settings(rate=2.0).rate_at(10**6) == 2.0


def test_overrides_change_settings_data_and_parameters(tmp_path: Path) -> None:
    graph = replace(with_text(tmp_path), parameters={"units": 8})
    sets = ["training.updates=7", "training.rate=1e-3", "data.text.builtin=python_topics", "parameters.units=010"]
    changed = apply_overrides(graph, [*sets, "data.text.split=[0.5, 0.25, 0.25]"])
    settings = read_settings(changed)
    assert (settings.updates, settings.rate, settings.batch) == (7, 0.001, 4)
    assert dict(changed.data["text"]) == {"builtin": "python_topics", "split": (0.5, 0.25, 0.25)}
    assert changed.parameters["units"] == 10
    assert graph.training["updates"] == 24


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("updates=3", "cannot be set"),
        ("training.update=3", "did you mean updates?"),
        ("training.updates", "not an override"),
        ("training.updates=", "gives no value"),
        ("trainin.updates=3", "did you mean training?"),
        ("nodes.h.units=3", "cannot be set"),
        ("training.a.b=3", "cannot be set"),
        ("training.rate=.nan", "finite"),
        ("training.rate=[1", "--set training.rate"),
        ("training.rate=!!python/object:os.system x", "--set training.rate"),
        ("data.text=3", "cannot be set"),
        ("data.txt.file=x", "did you mean text?"),
        ("data.text.fil=x", "did you mean file?"),
        ("parameters.units=3", "there is no 'units'"),
    ],
)
def test_bad_overrides_are_refused(override: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        apply_overrides(language_model(), [override])
    assert message in str(caught.value)


def test_data_settings_and_run_folders_need_no_torch() -> None:
    modules = "data.columns settings overrides resuming tasks.scores "
    modules += "runs.run runs.writer runs.storage runs.signals runs.following runs.listing runs.detached runs.plotting"
    statements = [f"import leporello.training.{name}" for name in modules.split()]
    code = "; ".join([*statements, "import sys; print('torch' in sys.modules)"])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
