"""Whatever a spec calls things, pictures hold it as data: SVG, JSON, DOT, PNG and PDF, light and dark."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

import leporello
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.drawing.draw import draw
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.writers.allowed import forbidden
from leporello.graphs.problems import SpecError
from tests.graphs.drawing.test_pictures import hostile
from tests.support.asking import model
from tests.support.drawn.graphviz import drawn
from tests.support.strategies import some, thinned
from tests.trust.test_names import ACTING, dot_tokens, inert, quoted

VIEWS: dict[str, dict[str, Any]] = {
    "folded": {},
    "unfolded": {"steps": 2},
    "long": {"steps": 100},
    "both": {"steps": 2, "both": True},
    "opened": {"depth": 2},
    "boxes": {"weights": "boxes"},
    "dark": {"steps": 2, "both": True, "dark": True},
    "cell": {"cell": "h"},
    "focus": {"steps": 4, "focus": 2},
    "paper": {"steps": 2, "style": "paper", "key": True},
    "textbook": {"steps": 2, "style": "textbook"},
    "motion": {"steps": 3, "motion": True},
}
LARGEST = 60_000
"""Characters of the picture of a small model, however long its texts are."""


def everywhere(text: str) -> str:
    """A spec with `text` wherever a spec has room for one: labels, helps, choices, comments, lines with a node."""
    said, comment = quoted(text), re.sub(r"[^ -~\u00a1-\u1fff\U00010000-\U0001ffff]", "?", text)[:5000]
    way = quoted(text.replace("$", "?"))  # of a parameter, $ is the name of a size
    return f"""spec: 1
name: small
label: {said}
inputs:
  x: {{features: 3, label: {said}}}  # {comment}
blocks:
  mine:
    help: {said}
    paper: {said}
    inputs: {{x: {{help: {said}}}}}
    parameters: {{way: {{type: text, default: {way}, choices: [{way}], help: {said}}}}}
    nodes:
      inner: {{value: tanh(x), label: {said}}}  # {comment}
    outputs: {{y: inner}}
nodes:
  k: {{block: mine, x: x, way: {way}, label: {said}}}  # {comment}
  h: {{value: k + h(t-1), label: {said}}}  # {comment}
  W: {{block: linear, input: h, units: 2, label: {said}}}
outputs:
  y: W  # {comment}
"""


def texts(value: Any) -> Iterator[str]:
    """Every text in a value of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def check_svg(svg: str) -> None:
    """It is XML that holds shapes and inert words only, each identity once."""
    root = ElementTree.fromstring(svg)
    assert not list(forbidden(root))
    assert len(svg) < LARGEST
    identities = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(set(identities)) == len(identities)
    for element in root.iter():
        assert inert((element.text or "") + (element.tail or "") + "".join(element.attrib.values()))


def check_json(text: str) -> None:
    """It is JSON in ASCII, all of whose texts are inert when they are read."""
    assert text.isascii()
    assert len(text) < LARGEST
    assert all(inert(told) for told in texts(json.loads(text)))


def check_dot(text: str) -> None:
    """It is DOT in which no text is a statement."""
    assert len(text) < LARGEST
    assert inert(text.replace("\t", " "))
    assert "evil" not in dot_tokens(text)


@pytest.fixture(params=[name for name in ACTING if name not in ("nul", "surrogate")])
def acting(request: pytest.FixtureRequest) -> Checked:
    """A small model with a text that would act, wherever there is room for it."""
    return model(everywhere(ACTING[request.param][:5_000]))


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_acts_in_any_view(acting: Checked, view: str) -> None:
    check_svg(leporello.draw(acting, **VIEWS[view]))
    if view in ("both", "opened", "cell", "focus"):  # positions are written of a scene, however it came about
        check_json(leporello.draw(acting, "json", **VIEWS[view]))
    if view in ("folded", "unfolded", "opened", "focus"):
        check_dot(leporello.draw(acting, "dot", **VIEWS[view]))


def test_nothing_acts_in_png_and_pdf(acting: Checked) -> None:
    from pypdf import PdfReader

    assert leporello.draw(acting, "png", steps=2).startswith(b"\x89PNG")
    pdf = PdfReader(io.BytesIO(leporello.draw(acting, "pdf", steps=2)))
    objects = [pdf.get_object(number) for number in range(1, pdf.trailer["/Size"])]
    kinds = {key for item in objects if isinstance(item, dict) for key in item}
    assert "/Type" in kinds
    assert not kinds & {"/JS", "/JavaScript", "/AA", "/OpenAction", "/Launch", "/URI", "/EmbeddedFiles", "/AcroForm"}
    (page,) = pdf.pages
    told = re.sub(r"[\s\x00-\x02]", " ", page.extract_text())  # 0 to 2 stand for signs that the font does not have
    assert inert(told)


def test_what_graphviz_draws_does_not_act_either(acting: Checked) -> None:
    dot = leporello.draw(acting, "dot", steps=2)
    root = ElementTree.fromstring(drawn(dot, "svg"))
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {
        "svg",
        "g",
        "title",
        "polygon",
        "ellipse",
        "path",
        "text",
        "a",
        "polyline",
        "defs",
        "linearGradient",
    }
    for element in root.iter():
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert not (name.endswith("href") and value), "a tooltip is an <a> without an address"


@given(st.text(max_size=40))
@some(15)
def test_any_text_is_shown_or_refused(text: str) -> None:
    try:
        checked = model(everywhere(text))
    except SpecError as error:
        assert inert(str(error))
        return
    for view in ("folded", "both", "opened"):
        check_svg(leporello.draw(checked, **VIEWS[view]))
        check_json(leporello.draw(checked, "json", **VIEWS[view]))


# Every second: each name folded or unfolded.
TURNS = [(steps, name) for turn, name in enumerate(ACTING) for steps in ((None, 2), (2, None))[turn % 2]]


@pytest.mark.thinned
@pytest.mark.parametrize(("steps", "name"), thinned(TURNS))
def test_names_of_graphs_made_in_python_are_data_too(name: str, steps: int | None) -> None:
    graph, axes = hostile(ACTING[name])
    check_svg(draw(graph, axes, Options(steps), "svg"))
    check_svg(draw(graph, axes, Options(steps, dark=True), "svg"))
    check_json(draw(graph, axes, Options(steps), "json"))
    assert draw(graph, axes, Options(steps), "png").startswith(b"\x89PNG")
    assert draw(graph, axes, Options(steps), "pdf").startswith(b"%PDF-")


def test_what_is_clipped_to_the_same_name_keeps_its_own_identity() -> None:
    from leporello.graphs.drawing.letters.lettering import label
    from leporello.graphs.drawing.scene.scene import Figure, Rectangle
    from leporello.graphs.drawing.writers.svg_figures import identities

    names = ["x" * 400 + "1", "x" * 400 + "2", "a", "a/2", "a", "a", "h@1", "h@1", "\x1b", "\\x1b", ""]
    figures = tuple(Figure(name, "function", "box", Rectangle(0, 0, 1, 1), label("a")) for name in names)
    found = identities(figures)
    assert len(set(found)) == len(found) == len(names)
    assert all(inert(name) for name in found)
    assert max(map(len, found)) < 400


def test_a_dark_picture_recolours_no_words() -> None:
    said = 'fill="#22272e" stroke="white"'
    drawn = leporello.draw(model(everywhere(said)), dark=True)
    shown = {element.text for element in ElementTree.fromstring(drawn).iter() if element.text}
    assert any('fill="#22272e"' in text for text in shown)


def test_typst_reads_no_word_of_a_spec_as_its_markup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    monkeypatch.chdir(tmp_path)
    from pypdf import PdfReader

    said = '#read("secret.txt") ") #read("secret.txt") *b* #import "@preview/x:1.0.0"'
    pdf = PdfReader(io.BytesIO(leporello.draw(model(everywhere(said)), "pdf")))
    assert "#read(" in pdf.pages[0].extract_text()
    assert "secret " not in pdf.pages[0].extract_text()
