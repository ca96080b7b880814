"""`import leporello`: sizes come by the data, pictures take the command line's words, notebooks show graphs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import leporello
from leporello.graphs.problems import SpecError
from tests.support.paths import EXAMPLES

ELMAN = EXAMPLES / "elman.yaml"


def test_sizes_come_by_the_data_of_the_spec() -> None:
    module = leporello.compile(EXAMPLES / "char_lm.yaml")
    assert module.checked.unbound == ()
    assert leporello.check(EXAMPLES / "char_lm.yaml").unbound == ()
    assert leporello.compile(EXAMPLES / "char_lm.yaml", characters=9).checked.values["text", ""].size == 9


def test_data_are_opened_only_where_sizes_are_left_to_them(tmp_path: Path) -> None:
    spec = tmp_path / "model.yaml"
    spec.write_text((EXAMPLES / "char_lm.yaml").read_text().replace("builtin: python_topics", "file: none.txt"))
    assert leporello.compile(spec, characters=9)
    with pytest.raises(SpecError, match=r"model\.yaml:[0-9]+:[0-9]+: error: there is no file 'none\.txt'"):
        leporello.compile(spec)


def test_a_picture_takes_the_words_of_the_command_line(tmp_path: Path) -> None:
    text = leporello.draw(ELMAN, unfold=3, output=str(tmp_path / "a.txt"))
    assert text == (tmp_path / "a.txt").read_text() == leporello.draw(ELMAN, "txt", steps=3)
    assert leporello.draw(ELMAN, "svg", unfold={"time": 3}) == leporello.draw(ELMAN, unfold=3)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"unfodl": 3}, "did you mean unfold?"),
        ({"outptu": "a.svg"}, "did you mean output?"),
        ({"colour": True}, "options: unfold, output, format, sizes, steps, both, weights"),
        ({"output": "a.gif"}, "'gif'"),
        ({"output": "none/a.svg"}, "there is no folder"),
    ],
)
def test_what_a_picture_does_not_know_is_told(wanted: dict[str, object], words: str) -> None:
    with pytest.raises(SpecError) as caught:
        leporello.draw(ELMAN, **wanted)  # type: ignore[arg-type]
    assert words in str(caught.value)


def test_nothing_is_drawn_onto_what_is_read(tmp_path: Path) -> None:
    graph = tmp_path / "m.json"
    from leporello.graphs.interchange.node_link import to_json

    text = to_json(leporello.read(str(ELMAN)))
    graph.write_text(text)
    (tmp_path / "link.json").symlink_to(graph)
    for output in (graph, tmp_path / "link.json"):
        with pytest.raises(SpecError, match="is what is read"):
            leporello.draw(graph, output=str(output))
    values = tmp_path / "v.json"
    values.write_text(json.dumps({"words": {"x": ["a", "b"]}}))
    with pytest.raises(SpecError, match="is what is read"):
        leporello.draw(ELMAN, unfold=2, values=str(values), output=str(values))
    assert graph.read_text() == text


def test_notebooks_show_a_picture_and_a_line() -> None:
    graph = leporello.read(str(ELMAN))
    assert repr(graph) == "<Graph elman: 1 inputs, 5 nodes>".replace("5 nodes", f"{len(graph) - 1} nodes")
    shown = graph._repr_mimebundle_()
    assert shown["image/svg+xml"].startswith("<svg") and shown["text/plain"] == str(graph)
    checked = leporello.check(ELMAN)
    assert "1 loop," in repr(checked) and "\n" not in repr(checked)
    assert checked._repr_mimebundle_()["image/svg+xml"] == shown["image/svg+xml"]


def test_a_graph_that_is_no_model_shows_its_text() -> None:
    graph = leporello.read(str(ELMAN))
    broken = graph.with_nodes(node for node in graph.nodes if node.path != "U")
    assert list(broken._repr_mimebundle_()) == ["text/plain"]
