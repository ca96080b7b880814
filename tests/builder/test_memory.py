"""A model with more parameters than memory is refused with an estimate, before anything is allocated."""

from __future__ import annotations

import pytest

from leporello.blocks.registry import registry
from leporello.builder.compiling import compile
from leporello.builder.memory import check_memory, memory
from leporello.graphs.analysis.checks import check
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_spec

SPEC = """spec: 1
inputs:
  x: {features: $n}
nodes:
  small: {block: linear, input: x, units: 2}
  large: {block: linear, input: small, units: 1000}
outputs:
  y: large
"""


def test_more_parameters_than_memory() -> None:
    with pytest.raises(SpecError, match=r":5:3: error: .* parameters need .* GiB in float32") as caught:
        compile(SPEC.replace("$n", "1000000000").replace("units: 2}", "units: 100}"))
    assert "small alone has 100,000,000,100" in str(caught.value)


def test_the_estimate_is_of_all_parameters() -> None:
    checked = check(read_spec(SPEC, registry()), registry(), {"n": 3})
    assert checked.parameters == 3 * 2 + 2 + 2 * 1000 + 1000
    check_memory(checked, 4 * checked.parameters)
    with pytest.raises(SpecError, match="3,008 parameters"):
        check_memory(checked, 4 * checked.parameters - 1)


def test_the_memory_of_this_machine_is_known() -> None:
    assert memory() > 2**28
