"""Names: whatever a spec may be called compiles and runs; nothing else gets into the source."""

from __future__ import annotations

import ast
import keyword
from pathlib import Path

import pytest
import torch
from torch import nn

from leporello.builder.compiling import compile
from leporello.builder.interpret import interpret
from leporello.builder.names import GLOBALS, MODULE_ATTRIBUTES, OWN_ATTRIBUTES
from leporello.builder.snippets import SNIPPETS
from leporello.graphs.problems import SpecError
from tests.support.comparing import differences
from tests.support.numerics import randoms, spread, stepwise, tokens

COMMON = """
class def lambda is yield None match case type half forward train apply modules parameters type_ class_
batch steps length mask valid value name part axis index zip range reversed list dict int float bool len
isinstance str ValueError TypeError super
annotations x_t h_before h_t h_steps h_late1 weight bias initial h_state W cells
kernel_before
"""
WORDS = sorted({*COMMON.split(), *OWN_ATTRIBUTES, *GLOBALS, *SNIPPETS} - {"last"})


def test_the_attributes_of_modules_are_those_of_torch() -> None:
    module = nn.Module()
    known = {name for name in dir(module) if not name.startswith("_")}
    assert known == MODULE_ATTRIBUTES
    compiled = compile(
        "{spec: 1, inputs: {x: {features: 1}}, nodes: {h: {block: linear, input: x, units: 1}}, outputs: {y: h}}"
    )
    own = {name for name in dir(compiled) if not name.startswith("_")} - known - {"h"}
    assert own | {"reset_parameters", "constants"} == OWN_ATTRIBUTES


@pytest.fixture(scope="module")
def plain() -> nn.Module:
    """The model of `named`, all its names plain."""
    return spread(compile(named("plain")).double())


def test_every_attribute_of_modules_and_keyword_is_a_name_for_weights() -> None:
    words = sorted(MODULE_ATTRIBUTES | OWN_ATTRIBUTES | set(keyword.kwlist) | {"half_", "class_", "to_", "to__"})
    nodes = "".join(f'  "{word}": {{block: linear, input: x, units: 1, bias: false}}\n' for word in words)
    outputs = "".join(f'  "{word}": "{word}"\n' for word in words)
    text = f"spec: 1\ninputs: {{x: {{features: 2}}}}\nnodes:\n{nodes}outputs:\n{outputs}"
    module = spread(compile(text).double())
    weights = dict(module.named_parameters())
    assert len(weights) == len(words)
    x = randoms(1, 2, 3, 2)
    found = module(x)
    assert list(found) == words
    assert not differences(found, interpret(module.checked, {"x": x}, weights))  # type: ignore[arg-type]
    assert sum(value.abs().sum() > 0 for value in found.values()) == len(words)


def named(word: str) -> str:
    """A model in which everything that can be is called `word`: fused, scanned, late, ahead, mapped over time."""
    return f"""
spec: 1
name: {word}
inputs: {{x: {{features: 3}}, s0: {{features: 3, axis: none}}}}
blocks:
  {word}_block:
    inputs: [{word}_port]
    nodes:
      {word}: {{value: tanh({word}(t-1) + {word}_port), initial: learned}}
    outputs: [{word}]
nodes:
  {word}: {{block: linear, input: x, units: 3}}
  inner: {{block: {word}_block, {word}_port: {word}}}
  kernel: {{block: gru, input: inner, units: 3, initial: s0}}
  around: {word}(t-1) * {word}(t+1) + inner(t-2) + {word}(last) / (1 + square({word}(first))) + mean({word}(all))
outputs: {{{word}: around, other: kernel, third: {word}}}
"""


@pytest.mark.parametrize("word", WORDS)
def test_any_name_compiles_and_runs(word: str, plain: nn.Module) -> None:
    if word in ("state", "final"):
        with pytest.raises(SpecError, match="cannot be called"):
            compile(named(word))
        return
    module = spread(compile(named(word)).double())
    x, s0 = randoms(1, 2, 4, 3), randoms(2, 2, 3)
    lengths = {"time": torch.tensor([4, 2])}
    found, expected = module(x, s0, lengths=lengths), plain(x, s0, lengths=lengths)
    assert list(found) == [word, "other", "third"]
    assert not differences({"a": found[word], "b": found["other"]}, {"a": expected["plain"], "b": expected["other"]})


@pytest.mark.parametrize("word", WORDS)
def test_any_name_of_an_input_compiles_and_streams(word: str) -> None:
    text = f"""
spec: 1
inputs: {{{word}: {{features: 3}}, other: {{tokens: 4}}}}
nodes:
  e: {{block: embedding, input: other, units: 3}}
  h: {{block: gru, input: [{word}, e], units: 3}}
  tardy: {{block: linear, input: [{word}(t-1), h(t-2)], units: 3}}
  loop: tanh(loop(t-1) + {word})
outputs: {{y: h, {word}: tardy, z: loop}}
"""
    if word in ("lengths", "state", "self"):
        with pytest.raises(SpecError, match=r"reserved|input"):
            compile(text)
        return
    module = spread(compile(text).double())
    x, other = randoms(1, 2, 4, 3), tokens(2, 4, 2, 4)
    found = module(x, other)
    truth = interpret(module.checked, {word: x, "other": other}, dict(module.named_parameters()))  # type: ignore[arg-type]
    assert not differences(found, truth)
    stepped, _ = stepwise(module, {word: x, "other": other})
    assert not differences(found, stepped)


@pytest.mark.parametrize(
    "name",
    [
        "__import__('os')",
        "a b",
        "a-b",
        "a;b",
        "a\\nb",
        "1a",
        "_a",
        "ä",
        "a.b",
        'a"b',
        "a'b",
        "",
        "__class__",
        "a/b",
        "x" * 300 + "!",
    ],
)
def test_names_that_are_no_identifiers_never_reach_the_source(name: str) -> None:
    quoted = '"' + name.replace('"', '\\"') + '"'
    for text in (
        f"{{spec: 1, name: {quoted}, inputs: {{x: {{features: 1}}}}, nodes: {{h: x + 1}}, outputs: {{y: h}}}}",
        f"{{spec: 1, inputs: {{{quoted}: {{features: 1}}}}, nodes: {{h: 1}}, outputs: {{y: h}}}}",
        f"{{spec: 1, inputs: {{x: {{features: 1}}}}, nodes: {{{quoted}: x + 1, h: x}}, outputs: {{y: h}}}}",
        f"{{spec: 1, inputs: {{x: {{features: 1}}}}, nodes: {{h: x + 1}}, outputs: {{{quoted}: h}}}}",
        f"{{spec: 1, inputs: {{x: {{features: 1, axis: {quoted}}}}}, nodes: {{h: x + 1}}, outputs: {{y: h}}}}",
        f"{{spec: 1, inputs: {{x: {{features: 2}}}},"
        f" nodes: {{h: {{block: split, input: x, into: [{quoted}, b]}}}},"
        f" outputs: {{y: h}}}}",
    ):
        with pytest.raises(SpecError):
            compile(text)


def test_labels_comments_and_file_names_do_not_reach_the_source(tmp_path: Path) -> None:
    evil = r'"\"\"\"\nimport os # evil"'
    text = (
        f"{{spec: 1, inputs: {{x: {{features: 1}}}}, nodes: {{h: {{value: x + 1, label: {evil}}}}}, outputs: {{y: h}}}}"
    )
    assert "evil" not in compile(text).source
    folder = tmp_path / 'a"""b'
    folder.mkdir()
    file = folder / 'x"""\nimport os.yaml'
    file.write_text("{spec: 1, inputs: {x: {features: 1}}, nodes: {h: x + 1}, outputs: {y: h}}")
    tree = ast.parse(compile(file).source)
    assert {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names} == {"torch"}


def test_names_that_differ_in_case_or_by_an_underscore() -> None:
    text = """
spec: 1
inputs: {x: {features: 2}, X: {features: 2}, class: {features: 2}}
nodes:
  half: {block: linear, input: x, units: 2}
  Half: {block: linear, input: X, units: 2}
  class_: half + Half * class
  x_: x + X
  h_t: h_t(t-1) / 2 + class_ * x_
  half_: {block: linear, input: h_t, units: 2}
outputs: {a: half, b: Half, c: class_, d: h_t, e: half_}
"""
    module = compile(text)
    assert {"half_.weight", "Half.weight"} <= set(module.state_dict()) and len(module.state_dict()) == 6
    inputs = {name: randoms(i, 2, 3, 2) for i, name in enumerate(("x", "X", "class"))}
    spread(module.double())
    from inspect import signature

    names = [name for name in signature(module.forward).parameters if name != "lengths"]
    found = module(**dict(zip(names, inputs.values(), strict=True)))
    weights = dict(module.named_parameters())
    assert not differences(found, interpret(module.checked, inputs, weights))  # type: ignore[arg-type]
