"""Any edits in any order, of picture and text: text and graph stay equal, undone they give the same bytes."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable
from random import Random

from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from leporello.graphs.composing.compose import compose
from leporello.graphs.composing.tree import plain
from leporello.graphs.edits.splices.draft import agree
from leporello.graphs.problems import SpecError
from leporello.tui.assembly.acts import Act, Made, Row
from leporello.tui.assembly.adding import Add
from leporello.tui.assembly.bench import OUTPUTS, Bench
from leporello.tui.assembly.changing import Change as ChangeAct
from leporello.tui.assembly.connecting import Connect, Rewire, delayed, disconnected
from leporello.tui.assembly.expressing import Expression
from leporello.tui.assembly.mending import Mend
from leporello.tui.assembly.pasting import copied, pasted
from leporello.tui.assembly.restructuring import Delete, Duplicate, Expand, Group, Rename, Replace
from leporello.tui.assembly.workbench import Workbench
from leporello.tui.session.document import Document
from leporello.tui.session.history import Change
from tests.support.written.layouts import laid_out
from tests.support.written.spec_files import WRITTEN
from tests.support.written.spec_texts import SPECS

LINES = (
    "", "emb 32", "lstm 16", "e = lin 8", "h=gru", "att", "dec", "enc units=4", "out", "size 3", "fee", "sam", "text",
    "pair", "feat 4", "data", "softmax", "concat", "zzz", "lin units=x", "lstm layers=2 dir=both", "= 3", "x = ",
)  # fmt: skip
EXPRESSIONS = ("tanh(x)", "z = {a} + {b}", "{a} * 2", "q = ", "{a} = {b}(t-1)", "a b", "w = [x, h]", "a: b", "#")
NAMES = ("k", "state", "V_1", "true", "a b", "", "x" * 101, "h", "e", "é", "# c")
VALUES = (
    "16",
    "learned",
    "zeros",
    "true",
    "0.5",
    "[a, b]",
    "",
    "$n",
    "gru",
    "{",
    "x(t-1)",
    "both",
    "1e9",
    "- a",
    "# c",
)
FROM = {**{k: v for k, v in WRITTEN.items() if len(v) < 3_000}, **SPECS, "nothing": ""}


class Assembling(RuleBasedStateMachine):
    """A workbench that is used in every way, with what its history must give back."""

    @initialize(name=st.sampled_from(sorted(FROM)), seed=st.integers(0, 9_999), as_it_is=st.booleans())
    def begin(self, name: str, seed: int, as_it_is: bool) -> None:
        self.draw = Random(seed)
        text = FROM[name] if as_it_is or not FROM[name] else laid_out(plain(compose(FROM[name])), self.draw)
        self.work = Workbench(Document(text=text.replace("\r\n", "\n"), saved=text))
        self.past: list[str] = []
        self.future: list[str] = []

    def some(self, choices: tuple[str, ...]) -> str:
        return self.draw.choice(choices) if choices else ""

    @property
    def names(self) -> tuple[str, ...]:
        return named(self.work.bench)

    @rule()
    def select(self) -> None:
        whole = self.work.whole
        inner = tuple(node.path for node in whole.checked.graph.nodes if whole.inside(node.path).block)
        self.work.selected = self.some(inner if inner and self.draw.random() < 0.5 else named(whole))
        if self.work.bench.block:
            event("inside a block")

    @rule()
    def mark(self) -> None:
        self.select()
        assert self.work.mark() is (self.work.outer != "")

    @rule(line=st.sampled_from(LINES), more=st.booleans())
    def add(self, line: str, more: bool) -> None:
        act = Add(self.work.bench, self.work.outer)
        self.act("add", act, {"line": line}, more and "what")

    @rule()
    def connect(self) -> None:
        act = Connect(self.work.bench, self.some(self.names), self.some(self.names))
        self.act("connect", act, {}, "", loses=True)

    @rule(by=st.integers(-1, 2))
    def delay(self, by: int) -> None:
        source, reader = self.wire()
        self.edit("delay", lambda: delayed(self.work.bench, source, reader, by), True)

    @rule()
    def rewire(self) -> None:
        source, reader = self.wire()
        self.act("rewire", Rewire(self.work.bench, source, reader), {}, "any", loses=True)

    @rule()
    def disconnect(self) -> None:
        source, reader = self.wire()
        self.edit("disconnect", lambda: disconnected(self.work.bench, source, reader), True)

    def wire(self) -> tuple[str, str]:
        nodes = [node for node in self.work.bench.index.values() if node.wires]
        node = self.draw.choice(nodes) if nodes else None
        source = node.wires[0].source if node else self.some(self.names)
        return source.partition("/")[0], node.path.partition("/")[0] if node else self.some(self.names)

    @rule(name=st.sampled_from(NAMES))
    def rename(self, name: str) -> None:
        if self.work.outer:
            self.act("rename", Rename(self.work.bench, self.work.outer), {"name": name}, "")

    @rule()
    def change(self) -> None:
        if self.work.outer:
            self.act("change", ChangeAct(self.work.bench, self.work.outer), {}, "any")

    @rule()
    def delete(self) -> None:
        self.act("delete", Delete(self.work.bench, self.work.chosen), {}, "any", loses=True)

    @rule(which=st.sampled_from((Duplicate, Expand, Replace)))
    def whole(self, which: type[Duplicate] | type[Expand] | type[Replace]) -> None:
        if self.work.outer in self.work.bench.nodes:
            act = which(self.work.bench, self.work.outer)
            self.act(which.__name__.lower(), act, {}, "any", loses=which is not Duplicate)

    @rule()
    def group(self) -> None:
        if not self.work.bench.block:
            self.act("group", Group(self.work.bench, self.work.chosen), {}, "")

    @rule(text=st.sampled_from(EXPRESSIONS))
    def express(self, text: str) -> None:
        said = text.format(a=self.some(self.names) or "x", b=self.some(self.names) or "x")
        self.act("expression", Expression(self.work.bench, self.work.outer), {"node": said}, "", loses=True)

    @rule()
    def mend(self) -> None:
        if self.work.bench.wrong:
            before, whole = self.work.bench.wrong, self.work.whole
            if self.act("mend", Mend(whole, whole.outer(self.work.selected)), {}, ""):
                assert self.work.bench.wrong < before

    @rule()
    def copy(self) -> None:
        try:
            self.work.clip = copied(self.work.bench, self.work.chosen)
        except SpecError as error:
            assert error.problems[0].hint

    @rule()
    def paste(self) -> None:
        if self.work.clip:
            self.edit("paste", lambda: pasted(self.work.bench, self.work.clip, self.work.outer))

    @rule(typed=st.sampled_from((" ", "x", "\n", "#", ":", "{", "  k: tanh(x)\n")))
    def type(self, typed: str) -> None:
        text = self.work.document.text
        self.past.append(text)
        self.future.clear()
        self.work.document.history.pause()
        self.work.document.apply(Change(self.draw.randrange(len(text) + 1), "", typed))

    @rule()
    def undo(self) -> None:
        before = self.work.document.text
        change = self.work.document.undo()
        assert (change is None) is (not self.past)
        if change is not None:
            self.work.taken_back(change)
            assert self.work.document.text == self.past.pop()
            self.future.append(before)

    @rule()
    def redo(self) -> None:
        before = self.work.document.text
        change = self.work.document.redo()
        assert (change is None) is (not self.future)
        if change is not None:
            self.work.taken_back(change)
            assert self.work.document.text == self.future.pop()
            self.past.append(before)

    def act(self, kind: str, act: Act, said: dict[str, str], more: str | bool, loses: bool = False) -> bool:
        """Do something, as it is offered, or with one row said otherwise."""
        rows = act.rows(said)
        assert act.title is not None and act.done
        if more and rows:
            row = self.draw.choice(rows)
            said = {**said, row.name: self.value(row)}
        return self.edit(kind, lambda: act.made(said), loses or bool(more))

    def value(self, row: Row) -> str:
        fits = [one.value for one in row.choices]
        return self.draw.choice(fits) if fits and self.draw.random() < 0.7 else self.draw.choice(VALUES)

    def edit(self, kind: str, make: Callable[[], Made], loses: bool = False) -> bool:
        """An edit that is made or refused: then it says why, and nothing has changed."""
        text = self.work.document.text
        try:
            made = make()
        except SpecError as error:
            assert error.problems and error.problems[0].what
            assert self.work.document.text == text
            event(f"{kind}: refused")
            return False
        event(f"{kind}: done")
        change = self.work.apply(made)
        assert (change is None) is (self.work.document.text == text)
        if change is not None:
            self.past.append(text)
            self.future.clear()
            assert change.name == made.edited.called and change.name
        before, now = comments(text), comments(self.work.document.text)
        assert now <= before if loses else now == before, (kind, text, self.work.document.text)
        return True

    @invariant()
    def text_and_graph_are_equal(self) -> None:
        if not hasattr(self, "work"):
            return
        bench, found = self.work.bench, Bench.of(self.work.document.text, "untitled.yaml")
        assert agree(bench.graph, found.graph) and agree(found.graph, bench.graph)
        assert bench.draft.problems == found.draft.problems
        selected = self.work.selected
        assert not selected or self.work.outer in (*self.names, "")

    def teardown(self) -> None:
        """All of it undone gives the first text, done again the last."""
        if not hasattr(self, "work"):
            return
        last = self.work.document.text
        first = self.past[0] if self.past else last
        steps = 0
        while self.work.document.undo() is not None:
            steps += 1
        assert self.work.document.text == first
        for _ in range(steps):
            self.work.document.redo()
        assert self.work.document.text == last


def named(bench: Bench) -> tuple[str, ...]:
    """Everything that can be selected in a body."""
    return (*bench.names, *(OUTPUTS + output.name for output in bench.outputs))


def comments(text: str) -> Counter[str]:
    """The comments that stand in lines of their own, or behind something."""
    return Counter(re.findall(r"(?m)(?:^|\s)# (.*?)\s*$", text))


def test_any_edits_in_any_order() -> None:
    """In `make campaign` tens of thousands of edits."""
    long = os.environ.get("HYPOTHESIS_PROFILE") == "long"
    chosen = settings(
        max_examples=400 if long else 12,
        stateful_step_count=100 if long else 25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Assembling, settings=chosen)
