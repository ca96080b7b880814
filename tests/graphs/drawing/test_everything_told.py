"""Nothing of a random model is hidden: it is found again in the SVG, in characters and in the description."""

from __future__ import annotations

import re
from collections import Counter
from xml.etree import ElementTree

from hypothesis import assume, given

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, examine
from leporello.graphs.drawing.draw import draw
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.views.closing import folded, output_path
from leporello.graphs.drawing.views.opened import inlined, opened
from leporello.graphs.drawing.views.view import View
from leporello.graphs.expressions.spelling import SIGNS
from leporello.graphs.functions import FUNCTIONS
from leporello.graphs.nodes import Node
from leporello.graphs.specs import read_spec
from tests.support.strategies import Sample, samples, some

STRUCTURE = ("input", "concatenate", "identity")
"""What is drawn as wires."""


def opened_whole(checked: Checked) -> tuple[View, Options]:
    """The folded view with all composites open."""
    grouping = opened(checked.graph, (), depth=9)
    return folded(checked.graph, checked.axes, grouping), Options(grouping=grouping, weights="boxes")


def said_of(node: Node) -> str:
    """What must be written of a node somewhere: an operator, a function, a number, the name of a block."""
    if node.block == "number":
        value = node.parameters["value"]
        return repr(int(value) if float(value).is_integer() else value).removeprefix("-")
    return SIGNS.get(node.block, "-" if node.block == "negative" else node.block)


def svg_of(checked: Checked, options: Options) -> tuple[dict[str, str], str, str]:
    """What is written in each box of the SVG, by its name, what is written elsewhere, and the description."""
    root = ElementTree.fromstring(draw(checked.graph, checked.axes, options, "svg"))
    boxes, elsewhere = {}, []
    for group in root:
        written = [" ".join("".join(text.itertext()).split()) for text in group.iter() if text.tag.endswith("}text")]
        signs = [path for path in group.iter() if path.tag.endswith("}path")]
        if group.get("id") and group.get("class"):
            boxes[str(group.get("id"))] = " ".join(written) + " SIGN" * len(signs)
        elsewhere += written
    elsewhere += [" ".join("".join(text.itertext()).split()) for text in root if text.tag.endswith("}text")]
    return boxes, "\n".join(elsewhere), root[1].text or ""


@given(samples(broken=False))
@some(25)
def test_every_operation_function_and_number_is_told(sample: Sample) -> None:
    checked, problems = examine(read_spec(sample.text, registry()), registry())
    assume(not problems)
    view, options = opened_whole(checked)
    assume(len(view.boxes) <= 30)
    boxes, _, description = svg_of(checked, options)
    text = " ".join(draw(checked.graph, checked.axes, options).split())
    grouping = inlined(checked.graph, options.grouping)
    inside: dict[str, Counter[str]] = {}
    for node in checked.graph.nodes:
        if node.block not in STRUCTURE and grouping(node.path) in boxes:
            inside.setdefault(grouping(node.path), Counter())[said_of(node)] += 1
    shown = {box.path: box for box in view.boxes}
    for path, said in inside.items():
        box = shown.get(path)
        assert box is not None, path
        if "SIGN" in boxes[path]:
            assert sum(said.values()) == 1, (path, said)
            continue
        for one, count in said.items():
            for where in (boxes[path], text, description):
                if one in FUNCTIONS or one[:1].isdigit() or one in SIGNS.values():
                    assert one in where, (path, one, where)
                    assert box.block.count(one) >= count, (path, one, box.block)
                else:
                    assert one.replace("_", " ") in where.replace("_", " ").lower(), (path, one, where)


@given(samples(broken=False))
@some(25)
def test_every_output_that_is_read_and_every_delay_is_told(sample: Sample) -> None:
    checked, problems = examine(read_spec(sample.text, registry()), registry())
    assume(not problems)
    view, options = opened_whole(checked)
    assume(len(view.boxes) <= 30)
    _, written, description = svg_of(checked, options)
    text = draw(checked.graph, checked.axes, options)
    grouping = inlined(checked.graph, options.grouping)
    reads = [(grouping(node.path), wire) for node in checked.graph.nodes for wire in node.wires]
    reads += [(output_path(output.name), output.wire) for output in checked.graph.outputs]
    edges = {(edge.source, edge.target, edge.port, str(edge.time)) for edge in view.edges}
    for target, wire in reads:
        source = grouping(wire.source)
        if source != target:
            times = {edge[3] for edge in edges if edge[:3] == (source, target, wire.port)}
            assert times, (source, target, wire.port)
            if wire.port:
                assert all(wire.port in where for where in (written, text, description))
        if wire.time.shift and checked.axes[wire.source].own is not None:
            assert (source, target, wire.port, f"(t{wire.time.offset:+d})") in edges
            assert f"(t{wire.time.offset:+d})" in text
            assert f"z{wire.time.offset:+d}".replace("-", "\N{MINUS SIGN}") in written.replace(" ", "")
            assert re.search(r"steps? (before|after)", description)
