"""Names and labels: what a spec calls things is data wherever it is shown, and never acts."""

from __future__ import annotations

import keyword
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.graphs.analysis.checks import Checked
from leporello.graphs.drawing.draw import draw
from leporello.graphs.drawing.options import Options
from leporello.graphs.problems import SpecError
from tests.support.asking import model, problems, spec
from tests.support.faults.trusting import leporello

ACTING = {
    "escape": "\x1b[2J\x1b[31mred",
    "clipboard": "\x1b]52;c;cm0gLXJmIC8=\x07",
    "csi": "\x9b31mred",
    "c1": "\x85\x90\x9d0;title\x9c",
    "nul": "a\0b",
    "bell": "\a\b\r\v\f\x7f",
    "bidi": "\u202eevil\u2066\u2069\u200f",
    "zero width": "a\u200bb\u200d\u2060c",
    "tags": "\U000e0041\U000e0042",
    "emoji": "🎻👩\u200d🔬🇫🇮",
    "right to left": "שלום مرحبا",
    "combining": "e" + "\u0301" * 200,
    "long": "x" * 100_000,
    "wide": "宽" * 10_000,
    "lines": "first\nsecond\r\nthird\u2028fourth\u2029fifth",
    "surrogate": "\ud800",
    "markup": "[/] [@click=app.quit]x[/] [link=file:///etc]",
    "dot": 'a"]; evil [label="\\N <b>x</b> {a|b} \\" &amp;',
    "html": "<script>alert(1)</script>&lt;]]>",
    "shell": "$(ls) `ls` ; ls | ls > /dev/null %s {0}",
}


def quoted(text: str) -> str:
    """The text as a scalar of YAML, in quotes and with every character but plain ones escaped."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text)
    return f'"{plain}"'


def labelled(text: str) -> str:
    """A spec with `text` as every label and description that it may have."""
    said = quoted(text)
    return (
        f"spec: 1\nlabel: {said}\ninputs:\n  x: {{features: 3, label: {said}}}\n"
        f"blocks:\n  mine:\n    help: {said}\n    inputs: {{x: {{help: {said}}}}}\n"
        f"    nodes: {{y: tanh(x)}}\n    outputs: [y]\n"
        f"nodes:\n  k: {{block: mine, x: x, label: {said}}}\n  h: {{value: k + h(t-1), label: {said}}}\n"
        "outputs:\n  y: h\n"
    )


def inert(shown: str) -> bool:
    """Whether a terminal prints this as it stands: no control, direction or other invisible character."""
    return all(c == "\n" or (c.isprintable() and unicodedata.category(c) not in ("Cc", "Cf", "Cs")) for c in shown)


def pictures(checked: Checked) -> list[str]:
    return [
        draw(checked.graph, checked.axes, Options(unfold), "txt", ascii_only)
        for unfold in (None, 3)
        for ascii_only in (True, False)
    ]


@pytest.mark.parametrize("name", ACTING)
def test_labels_are_shown_and_never_act(name: str) -> None:
    try:
        checked = model(labelled(ACTING[name]))
    except SpecError as error:
        assert inert(str(error)) and len(str(error)) < 10_000
        return
    for picture in pictures(checked):
        assert inert(picture)
        assert max(map(len, picture.splitlines())) < 1_000
        assert len(picture) < 50_000
    assert inert(str(checked.graph))
    dot = draw(checked.graph, checked.axes, None, "dot")
    assert len(dot) < 100_000
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069]", dot)


@given(st.text(max_size=30))
def test_any_label_is_shown_or_refused(text: str) -> None:
    try:
        checked = model(labelled(text))
    except SpecError as error:
        assert inert(str(error))
        return
    assert all(inert(picture) for picture in pictures(checked))


@pytest.mark.parametrize("name", ACTING)
@pytest.mark.parametrize(
    "place",
    [
        "  {}: x\n  h: x",
        "  h: {{block: {}}}",
        "  h: {{block: linear, {}: x}}",
        "  h: {{block: linear, input: x, units: {}}}",
        "  h: {}",
    ],
)
def test_names_in_errors_are_shown_and_never_act(name: str, place: str) -> None:
    nodes = place.format(quoted(ACTING[name]))
    found = problems(f"spec: 1\ninputs: {{x: {{features: 3}}}}\nnodes:\n{nodes}\noutputs: {{y: h}}\n")
    said = "\n".join(map(str, found))
    assert inert(said) and len(said) < 10_000
    assert all(problem.mark is not None for problem in found)


def dot_tokens(text: str) -> list[str]:
    """The tokens of a DOT text; it fails where something is left over."""
    quoted = r'"(?:[^"\\]|\\[\s\S])*"'
    token = re.compile(rf"\s*({quoted}|->|[\w.#-]+|[\[\]{{}}=;,:]|<)")
    found, place = [], 0
    while text[place:].strip():
        match = token.match(text, place)
        assert match, text[place : place + 80]
        place = match.end()
        if match[1] == "<":
            depth = 1
            while depth:
                depth += {"<": 1, ">": -1}.get(text[place], 0)
                place += 1
        found.append(match[1])
    return found


@pytest.mark.parametrize("name", [name for name in ACTING if name not in ("nul", "surrogate")])
def test_dot_of_any_label_has_the_statements_of_a_plain_one(name: str) -> None:
    def shape(label: str) -> list[str]:
        checked = model(labelled(label))
        tokens = dot_tokens(draw(checked.graph, checked.axes, None, "dot"))
        kept = [t for t in tokens if t in ("->", "[", "]", "{", "}", "subgraph", "digraph", "node", "edge", "graph")]
        assert "evil" not in tokens
        return kept

    assert shape(ACTING[name]) == shape("plain")


WORDS = [
    *keyword.kwlist,
    *keyword.softkwlist,
    "forward",
    "train",
    "half",
    "type",
    "self",
    "super",
    "torch",
    "F",
    "nn",
    "print",
    "eval",
]


@pytest.mark.parametrize("word", [word for word in WORDS if word not in ("_", "True", "False")])
def test_words_of_python_are_names_like_others(word: str) -> None:
    nodes = f"{word}: {{block: linear, input: x, units: 4}}\nh: {{block: mine, {word}: {word}}}\nk: h.{word}(t-1)"
    block = f"mine:\n  inputs: [{word}]\n  nodes: {{y: tanh({word})}}\n  outputs: {{{word}: y}}"
    assert model(spec(nodes, outputs=f"{word}: h\nz: k", blocks=block)).graph[word].block == "linear"


@pytest.mark.parametrize(
    "name", ["a'b", 'a"b', "a\nb", "a\\b", "a;b", "a b", "a.b", "a/b", "é", "__init__", "a\u200bb", "", "1a", "a-b"]
)
def test_what_is_no_identifier_is_refused_everywhere(name: str) -> None:
    said = quoted(name)
    for text in (
        spec(f"{said}: x\nh: x"),
        spec("h: 1", inputs=f"{said}: {{features: 1}}"),
        spec("h: x", outputs=f"{said}: h"),
        spec("h: x", inputs=f"x: {{features: 1, axis: {said}}}"),
        spec("h: x", more=f"parameters: {{{said}: 3}}\n"),
        spec("h: x", more=f"name: {said}\n"),
        spec(f"h: {{block: split, input: x, into: [{said}, b]}}", outputs="y: h.b"),
        spec("h: x", blocks=f"{said}:\n  inputs: [x]\n  nodes: {{y: x}}\n  outputs: [y]"),
        spec("h: x", blocks=f"mine:\n  inputs: [{said}]\n  nodes: {{y: 1}}\n  outputs: [y]"),
        spec("h: x", blocks=f"mine:\n  inputs: [x]\n  parameters: {{{said}: 3}}\n  nodes: {{y: x}}\n  outputs: [y]"),
        spec("h: x", blocks=f"mine:\n  inputs: [x]\n  nodes: {{{said}: x}}\n  outputs: [{said}]"),
    ):
        found = problems(text)
        assert found[0].mark is not None and inert(str(found[0]))


def test_what_a_process_prints_of_a_hostile_spec_is_inert(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    text = labelled("\u202e" + ACTING["emoji"] + "\x1b[2J" + "y" * 50_000 + '<script>\\N"')
    path.write_text(text, encoding="utf-8")
    for arguments in (("check", path), ("draw", path), ("draw", path, "--unfold", "3")):
        ended = leporello(*arguments, folder=tmp_path)
        assert ended.code == 0, ended.err
        assert inert(ended.out) and inert(ended.err)
        assert "Traceback" not in ended.err and len(ended.out) < 100_000
    path.write_text(text.replace("block: mine", 'block: "mi\\e]52;c;aGk=\\a"'), encoding="utf-8")
    ended = leporello("check", path, folder=tmp_path)
    assert ended.code == 2 and inert(ended.err) and "unknown block" in ended.err


def test_a_file_s_name_is_shown_and_never_acts(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[2J\u202e\n.yaml"
    path.write_text("spec: 2\n", encoding="utf-8")
    ended = leporello("check", path, folder=tmp_path)
    assert ended.code == 2 and inert(ended.err) and "\\x1b[2J\\u202e\\x0a.yaml:1:" in ended.err
