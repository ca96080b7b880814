"""Rules that are said as sizes: what they give, and what they refuse."""

from __future__ import annotations

import pytest

from leporello.blocks.declared import Gives, Shapes
from leporello.blocks.packs.index import check_declared
from leporello.graphs.blocktypes import BlockType, MisfitError, Parameter, Port, Value
from leporello.graphs.computation import Computation
from leporello.graphs.problems import SpecError
from leporello.graphs.size import Size

N = Size.named("n")


@pytest.mark.parametrize(
    ("said", "read", "given"),
    [
        ("$units", 3, Value("features", 4)),
        ("2 * $units + $input", 3, Value("features", 11)),
        ("$input / 2", 6, Value("features", 3)),
        ("$input", N, Value("features", N)),
        ("$input / 2", 2 * N, Value("features", N)),
        ("$input", None, Value("features", None)),
        ("$units", None, Value("features", 4)),
        ("1", 3, Value("features", 1)),
        ({"tokens": "$input"}, 7, Value("tokens", 7)),
    ],
)
def test_what_is_given(said: str, read: object, given: Value) -> None:
    found = Gives({"y": said})({"input": Value("features", read)}, {"units": 4})  # type: ignore[arg-type]
    assert found == {"y": given}


@pytest.mark.parametrize(
    ("said", "read", "words"),
    [
        ("$input / 2", 5, "not a whole number"),
        ("$input - 4", 4, "comes out as 0"),
        ("$input * $input", N, None),
        ("0.5 * $input", 4, "comes out as 2.0"),
        ("$units / $input", N, "cannot be worked out"),
    ],
)
def test_what_is_no_size(said: str, read: object, words: str | None) -> None:
    rule, values = Gives({"y": said}), {"input": Value("features", read)}  # type: ignore[arg-type]
    if words is None:
        assert rule(values, {"units": 4})["y"].size == N * N
        return
    with pytest.raises(MisfitError, match=words):
        rule(values, {"units": 4})


def test_sizes_that_have_to_be_equal() -> None:
    rule = Gives({"y": "$left"}, equal=("$left", "$right"))
    four, five, unknown = (Value("features", size) for size in (4, 5, None))
    assert rule({"left": four, "right": four}, {}) == {"y": four}
    assert rule({"left": four, "right": unknown}, {}) == {"y": four}
    with pytest.raises(MisfitError, match=r"\$left is 4 and \$right is 5"):
        rule({"left": four, "right": five}, {})


def test_an_optional_port_that_reads_nothing_is_of_unknown_size() -> None:
    rule = Shapes({"w": ("$units", "$input"), "v": ("$units", "$more")})
    assert rule({"input": Value("features", 3)}, {"units": 4}) == {"w": (4, 3), "v": (4, None)}


def test_what_a_rule_speaks_of_has_to_be_there() -> None:
    ports, parameters = (Port("input"),), (Parameter("units"),)
    good = BlockType("b", ports=ports, parameters=parameters, infer=Gives({"y": "$units"}), work=("$input * $y", ""))
    check_declared(good)
    for bad in (
        BlockType("b", ports=ports, infer=Gives({"y": "$units"})),
        BlockType("b", ports=ports, infer=Gives({"y": "$input"}, equal=("$input", "$inptu"))),
        BlockType("b", ports=ports, infer=Gives({"y": "$input"}), weights=Shapes({"w": ("$units",)})),
        BlockType("b", ports=ports, infer=Gives({"y": "$input"}), work=("", "$z")),
    ):
        with pytest.raises(SpecError, match=r"b speaks of \$"):
            check_declared(bad)


@pytest.mark.parametrize(
    ("expression", "names", "is_call"),
    [
        ("torch.tanh({input})", ("input",), True),
        ("{weight}", ("weight",), True),
        ("F.linear({input}, {weight}, {bias})", ("input", "weight", "bias"), True),
        ("{input} * {gain}", ("input", "gain"), False),
        ("-{input}", ("input",), False),
        ("torch.log({input}) - torch.log(1 - {input})", ("input",), False),
        ("torch.eye(3).sum({dimension})", ("dimension",), True),
        ("", (), None),
    ],
)
def test_what_an_expression_is(expression: str, names: tuple[str, ...], is_call: bool | None) -> None:
    computation = Computation(expression)
    assert computation.names == names and computation() is computation
    if is_call is not None:
        assert computation.is_call == is_call
