"""Words: every word that generated source uses is tried as the name of everything that a spec may name.

`make test` takes one word of many, `make campaign` all of them.
"""

from __future__ import annotations

import keyword
import os
import re
from functools import cache

import pytest
import torch
from torch import nn

from leporello.builder.compiling import compile
from leporello.builder.names import GLOBALS, MODULE_ATTRIBUTES, OWN_ATTRIBUTES, argument
from leporello.builder.snippets import PARTS, SNIPPETS
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.names import NAME
from leporello.graphs.problems import SpecError
from tests.support.comparing import Tensors, checked_spec, differences
from tests.support.numerics import randoms, spread, stepwise, tokens
from tests.support.sources import SOURCES

PLAIN = "plain"
REFUSED = (
    r"cannot be called|reserved|already|not a name|ships with the program|is a function|stands here again"
    r"|is an input and a node"
)
THINNED = 120
"""Outside of a campaign one of so many words is tried in a role."""

MODEL = """
spec: 1
name: <model>
parameters: {<size>: 3}
inputs:
  <input>: {features: 3, axis: <axis>}
  <token>: {tokens: 4, axis: <axis>}
  <static>: {features: 3, axis: none}
blocks:
  <block>:
    inputs: [<port>]
    parameters: {<parameter>: 3}
    nodes:
      <linear>: {block: linear, input: [<port>, <inner>(t-1)], units: $<parameter>}
      <inner>: {value: sin(<linear>), initial: learned}
    outputs: [<inner>]
nodes:
  e: {block: embedding, input: <token>, units: $<size>}
  <node>: {block: linear, input: [<input>, e], units: $<size>}
  u: {block: <block>, <port>: <node>, <parameter>: $<size>}
  g: {block: gru, input: [u, <static>], units: $<size>, initial: <static>}
  p: {block: linear, input: <input>, units: 6}
  s: {block: split, input: p, into: [<part>, other]}
  <state>: tanh(<state>(t-2) + g) * s.<part> + s.other
outputs: {<output>: <state>, y: g(t-1) - u(first)}
"""
ROLES = list(dict.fromkeys(re.findall(r"<(\w+)>", MODEL)))


@cache
def words() -> list[str]:
    """All words of generated sources, and those that Python, torch and modules have for their own."""
    sources = "\n".join([*SOURCES.values(), *SNIPPETS.values(), PARTS])
    own = (*MODULE_ATTRIBUTES, *OWN_ATTRIBUTES, *GLOBALS, *keyword.kwlist)
    return sorted({*re.findall(r"[A-Za-z]\w*", sources), *(word for word in own if NAME.match(word))})


def text_of(role: str, word: str) -> str:
    """The model with one thing called by a word."""
    return re.sub(r"<(\w+)>", lambda found: word if found[1] == role else f"{PLAIN}_{found[1]}", MODEL)


def words_of(role: str) -> list[str]:
    """The words that are tried in a role; `initial: zeros` is a word of the language, and true or null is no text."""
    found = [word for word in words() if (role, word) != ("static", "zeros")]
    if os.environ.get("HYPOTHESIS_PROFILE") == "long":
        return found
    return found[ROLES.index(role) * 3 % THINNED :: THINNED]


def inputs_of(checked: Checked) -> Tensors:
    """Inputs by the names that they have in the spec."""
    named, token, static = (node.path for node in checked.graph.inputs)
    return {named: randoms(1, 2, 5, 3), token: tokens(2, 4, 2, 5), static: randoms(3, 2, 3)}


def results(module: nn.Module) -> list[Tensors]:
    """What a module gives for sequences of different lengths and step by step, by the order of its outputs."""
    checked: Checked = module.checked  # type: ignore[assignment]
    inputs = inputs_of(checked)
    given = {argument(name): value for name, value in inputs.items()}
    axis = str(checked.graph.inputs[0].axis)
    ragged = module(**given, lengths={axis: torch.tensor([5, 2])})
    *moving, static = inputs
    state = module.start(batch=2, **{argument(static): inputs[static]})  # type: ignore[operator]
    stepped, _ = stepwise(module, {name: inputs[name] for name in moving}, state)
    return [{str(i): value for i, value in enumerate(found.values())} for found in (ragged, stepped)]


@pytest.fixture(scope="module")
def expected() -> list[Tensors]:
    """What the model gives under plain names."""
    return results(spread(compile(text_of("node", PLAIN)).double()))


def assert_same_model(role: str, word: str, expected: list[Tensors]) -> None:
    """Under one other name the model gives the same, or a check refuses the name."""
    try:
        checked = checked_spec(text_of(role, word))
    except SpecError as error:
        assert re.search(REFUSED, str(error)), (
            role,
            word,
            str(error),
        )
        return
    module = spread(compile(checked).double())
    for found, wanted in zip(results(module), expected, strict=True):
        assert not differences(found, wanted), (role, word)


@pytest.mark.hypothesis
@pytest.mark.parametrize("role", ROLES)
def test_any_word_is_a_name_for_anything(role: str, expected: list[Tensors]) -> None:
    for word in words_of(role):
        assert_same_model(role, word, expected)


@pytest.mark.parametrize(
    ("role", "word"),
    [
        ("static", "axis"),
        ("input", "axis"),
        ("static", "batch"),
        ("axis", "batch"),
        ("axis", "axis"),
        ("axis", "steps"),
    ],
)
def test_names_that_once_broke_the_source(role: str, word: str, expected: list[Tensors]) -> None:
    checked_spec(text_of(role, word))
    assert_same_model(role, word, expected)


def test_the_words_are_those_of_the_source() -> None:
    assert len(words()) > 600 and {"batch", "axis", "hold", "mask", "torch", "lambda", "zip"} <= set(words())
    assert len(ROLES) == 15
