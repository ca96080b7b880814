"""The line at the foot: actions stand in one order, whichever keys they have, and words name the keys of today."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.paths import EXAMPLES
from tests.support.screens import screens, session

ELMAN = EXAMPLES / "elman.yaml"
OWN = {"model.unfold": "f5", "assemble.add": "f6,A", "model.edit": "Q", "model.alone": "f7", "model.cell": "V"}


@pytest.fixture
def own_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = tmp_path / "leporello" / "keys.json"
    path.parent.mkdir()
    path.write_text(json.dumps(OWN))


@session
async def test_an_action_stays_where_it_stood_when_it_is_given_another_key(own_keys: None) -> None:
    async with screens(ELMAN, (170, 40)) as seen:
        await seen.drawn()
        said = ("f6 add", "c connect", "p change", "f5 unfold", "⏎ open", "Q edit", "w save", "f7 picture")
        places = [seen.lines[-1].index(one) for one in said]
        assert places == sorted(places)
        await seen.press("question_mark")
        shown = "\n".join(seen.lines[:-1])
        places = [shown.index(one) for one in ("f5   unfold", "Q   edit", "w, ^s   save", "f7   picture alone")]
        assert places == sorted(places)


@session
async def test_the_picture_alone_is_told_at_the_picture_by_the_key_that_it_has(own_keys: None) -> None:
    async with screens(ELMAN) as seen:
        await seen.drawn()
        assert "f7: alone" in seen.text
        await seen.press("F")
        assert "f7: alone" in seen.text, "no key of today"
        await seen.press("f7")
        assert "f7: with the text" in seen.text and "elman.yaml ─" not in seen.text
        await seen.press("f7")
        assert "f7: alone" in seen.text and "elman.yaml ─" in seen.text
        seen.app.model.reveal("h")
        await seen.press("V")
        await seen.drawn()
        assert "V: the whole again" in seen.text
