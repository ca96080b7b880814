"""Random edits of specs in random layouts: the intended graph, nothing else touched, undone by the inverse edit."""

from __future__ import annotations

import difflib
import os
import random
import re
from collections import Counter
from collections.abc import Iterator

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, examine
from leporello.graphs.analysis.matching import renaming
from leporello.graphs.composing.compose import compose
from leporello.graphs.composing.tree import Table, Tree, plain
from leporello.graphs.edits.splices.draft import Draft, Edited, agree
from leporello.graphs.edits.text.changes import alike
from leporello.graphs.edits.text.lines import Lines
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import try_read
from tests.support.strategies import Sample, samples
from tests.support.written.layouts import laid_out
from tests.support.written.random_edits import Try, random_edit
from tests.support.written.spec_files import ALL

DATA = {name: plain(compose(text)) for name, text in ALL.items()}
EACH = 8
"""So many edits are tried of each text, one after another."""
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
SAMPLES = 1600 if LONG else 25
"""In the campaign over 10,000 edits are done."""
SAME_MODEL = ("rename", "rename output", "rename size", "rename block", "rename axis", "rename port", "group", "expand")
done: Counter[str] = Counter()


def comments(text: str) -> Counter[str]:
    """The numbers of the comments of a random layout."""
    return Counter(re.findall(r"# (\d+) ", text))


@given(st.sampled_from(sorted(DATA)), st.randoms(use_true_random=False))
@settings(max_examples=SAMPLES, suppress_health_check=list(HealthCheck))
def test_written_specs(name: str, draw: random.Random) -> None:
    edit_all(laid_out(DATA[name], draw), draw)


@given(samples(), st.randoms(use_true_random=False))
@settings(max_examples=SAMPLES // 4, suppress_health_check=list(HealthCheck))
def test_random_specs(sample: Sample, draw: random.Random) -> None:
    edit_all(laid_out(plain(compose(sample.text)), draw), draw)


@given(st.sampled_from(sorted(DATA)), st.randoms(use_true_random=False))
@settings(max_examples=SAMPLES // 4, suppress_health_check=list(HealthCheck))
def test_specs_that_are_faulty_already(name: str, draw: random.Random) -> None:
    text = laid_out(DATA[name], draw)
    at = draw.randrange(len(text))
    typed = draw.choice((" ", "{", "]", "'", ":", "x", "&", "\n", "h(", "- "))
    edit_all(text[:at] + typed + text[at + draw.choice((0, 1)) :], draw)


def edit_all(text: str, draw: random.Random) -> None:
    """Edit after edit, each of the text that the one before made."""
    draft = Draft.read(text, registry())
    for _ in range(EACH):
        tried = random_edit(draft, draw)
        if tried is None:
            continue
        try:
            edited = tried.do(draft)
        except SpecError as error:
            assert error.problems
            event(f"{tried.kind}: refused")
            continue
        event(f"{tried.kind}: done")
        done[tried.kind] += 1
        check(draft, tried, edited)
        draft = edited.after


def check(draft: Draft, tried: Try, edited: Edited) -> None:
    after = edited.after
    graph, problems = try_read(after.text, registry())
    assert agree(graph, after.graph) and problems == after.problems
    if not draft.problems and tried.expected is not None and not after.problems:
        assert after.graph == tried.expected(draft.graph), tried.kind
    before, now = comments(draft.text), comments(after.text)
    assert now <= before and (now == before or not tried.keeps), (tried.kind, draft.text, after.text)
    line_ends(draft.text, after.text)
    if not draft.problems:
        untouched(draft.text, after.text, draft.source.tree, after.source.tree)
    if not draft.problems:
        same_model(draft, tried, edited)
        undone(draft, tried, after)


def untouched(before: str, after: str, old: Tree | None, new: Tree | None) -> None:
    """Lines in which nothing says anything else afterwards are the same, in the same order."""
    lines = Lines(before)
    touched = {line for span in differing(old, new) for line in lines_of(lines, *span)}
    rest = iter(after.splitlines())
    for number, line in enumerate(before.splitlines()):
        if number not in touched and line.strip() and not line.lstrip().startswith("#"):
            assert line in rest, (line, before, after)


def lines_of(lines: Lines, start: int, end: int) -> range:
    """The numbers of the lines from one offset to another."""
    numbers = [
        len(lines.text[:offset].splitlines()) - (offset > 0 and lines.text[offset - 1] != "\n")
        for offset in (start, end)
    ]
    return range(numbers[0], numbers[1] + 1)


def differing(old: Tree | None, new: Tree | None) -> Iterator[tuple[int, int]]:
    """Where in the old text something stands that is said otherwise in the new one."""
    if isinstance(old, Table) and isinstance(new, Table):
        if old.flow and old.keys() != new.keys():
            yield old.mark.start, old.mark.end
        for key, item in old.entries:
            now = new.get(key.text)
            if type(item) is not type(now) or getattr(item, "flow", now) != getattr(now, "flow", now):
                yield key.mark.start, item.mark.end
            else:
                yield from differing(item, now)
    elif old is not None and not alike(old, new):
        yield old.mark.start, old.mark.end


def line_ends(before: str, after: str) -> None:
    """Line ends stay what they were, the last one and the byte order mark too."""
    if "\r\n" in before and not re.search(r"(?<!\r)\n", before):
        assert not re.search(r"(?<!\r)\n", after)
    assert after.startswith("\ufeff") == before.startswith("\ufeff")
    assert after.endswith("\n") or not before.endswith("\n")


def same_model(draft: Draft, tried: Try, edited: Edited) -> None:
    """What only says a model otherwise opens to the same one, and no weight is lost."""
    if tried.kind not in SAME_MODEL:
        return
    before, wrong = examine(draft.graph, registry())
    if wrong:
        return
    after, wrong = examine(edited.after.graph, registry())
    assert not wrong, tried.kind
    assert not edited.weights.gone and not edited.weights.new, (tried.kind, draft.text, edited.text)
    # Axes and sizes are told by their names, and symmetric nodes by those of inputs and outputs.
    if tried.kind not in ("rename axis", "rename size") and ends(before) == ends(after):
        assert renaming(before, before) is None or renaming(before, after) is not None, tried.kind


def ends(checked: Checked) -> list[str]:
    """The names of inputs and outputs."""
    return [node.path for node in checked.graph.inputs] + [output.name for output in checked.graph.outputs]


def undone(draft: Draft, tried: Try, after: Draft) -> None:
    """The inverse edit gives the graph that there was."""
    if tried.undo is None:
        return
    try:
        back = tried.undo(after)
    except SpecError as error:
        raise AssertionError(f"{tried.kind} is not undone: {error}\n{draft.text}\n{after.text}") from error
    assert back.after.graph == draft.graph, (tried.kind, draft.text, after.text, back.text)
    if tried.kind.startswith("rename"):
        lines = [text.splitlines() for text in (draft.text, back.text)]
        changed = [
            line for line in difflib.unified_diff(*lines, n=0, lineterm="") if line[:2] not in ("--", "++", "@@")
        ]
        assert not changed or "outputs" in draft.text, (tried.kind, changed)
