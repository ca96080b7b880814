"""One model that is looked at and edited: its document, what is known of it, and the picture that is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from leporello.graphs.problems import Problem
from leporello.tui.pictures.painter import Painter
from leporello.tui.pictures.wanted import (
    About,
    Block,
    Code,
    Drawn,
    Export,
    Facts,
    Failed,
    Find,
    Findings,
    Lines,
    Loops,
    Matches,
    Reply,
    Shown,
    Wanted,
)
from leporello.tui.session import journal
from leporello.tui.session.document import Document

STEPS, MOST_STEPS = 4, 10_000
FEW = 12


@dataclass
class Session:
    """Everything that outlives a screen. Replies come by `receive`, in whatever order; those of older texts are told
    apart by their number. `sought` are the letters that are looked for, until they are answered.
    """

    document: Document
    painter: Painter
    shown: Shown = field(default_factory=Shown)
    serial: int = 0
    findings: Findings = field(default_factory=lambda: Findings(0))
    drawn: Drawn | None = None
    beside: Drawn | None = None
    facts: Facts | None = None
    lines: Lines | None = None
    steps: int = STEPS
    kept: tuple[str, bool] = ("", False)
    keeps: bool = False
    sought: str = ""

    def put(self, document: Document) -> None:
        """Look at another document; what was known of the one before is forgotten."""
        self.document, self.shown, self.kept = document, Shown(ascii_only=self.shown.ascii_only), ("", False)
        self.keeps = False
        self.findings, self.drawn, self.facts = Findings(0), None, None
        self.refresh()

    def refresh(self, afresh: bool = False) -> None:
        """Ask for a check and a picture of the text as it is, `afresh` without heed of where the boxes were."""
        self.serial = next(self.painter.serials)
        file = str(self.document.path or "untitled.yaml")
        self.painter.ask(Wanted(self.serial, self.document.text, file, self.shown, afresh))

    def show(self, **changes: Any) -> None:
        """Look at another picture of the same text; where none was asked for yet, the first one is this."""
        self.shown = self.shown._replace(**changes)
        if self.serial:
            self.refresh()

    def about(self, path: str, reader: str = "") -> None:
        """Ask for everything about a box, or about the wires to a reader."""
        self.painter.ask(About(path, reader))

    def ask_code(self, path: str) -> None:
        """Ask for the lines of the generated source that are those of a box, where they are not known."""
        if self.lines is None or (self.lines.serial, self.lines.path) != (self.serial, path):
            self.painter.ask(Code(path))

    def ask_block(self, name: str) -> None:
        """Ask for the picture of a block by itself."""
        self.painter.ask(Block(name))

    def code(self, path: str) -> tuple[str, ...]:
        """Those lines, if they are known of the text as it is."""
        known = self.lines
        return known.lines if known is not None and (known.serial, known.path) == (self.serial, path) else ()

    def find(self, letters: str) -> None:
        """Ask for the boxes whose names have these letters."""
        self.sought = letters
        if letters:
            self.painter.ask(Find(letters))

    def answered(self, reply: Reply) -> None:
        """Look for nothing any more, if this is the answer or there will be none."""
        if isinstance(reply, Failed) or (isinstance(reply, Matches) and reply.letters == self.sought):
            self.sought = ""

    def export(self, output: str, dark: bool) -> None:
        """Ask for what is seen, in a file."""
        self.painter.ask(Export(output, self.shown, dark))

    def receive(self, reply: Reply) -> bool:
        """Take in a reply; whether it is news."""
        match reply:
            case Findings():
                if reply.serial != self.serial:
                    return False
                # How the loops run is known a moment later: until then what was said of the text before stands there.
                self.findings = reply if reply.errors else reply._replace(loops=self.findings.loops)
            case Loops():
                if reply.serial != self.serial:
                    return False
                self.findings = self.findings._replace(loops=reply.loops)
            case Drawn():
                if reply.serial != self.serial:
                    return False
                if reply.shown.steps is None and self.shown.steps is not None:
                    self.beside = reply
                else:
                    self.drawn = reply
            case Facts():
                self.facts = reply
            case Lines():
                self.lines = reply
            case Matches():
                return reply.letters == self.sought
        return True

    @property
    def outdated(self) -> bool:
        """Whether the picture is of an older text than the one that stands there."""
        return self.drawn is not None and self.drawn.serial < self.serial

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong, the worst first."""
        return (*self.findings.errors, *(p for p in self.findings.problems if p.warning))

    def node_at(self, line: int) -> str:
        """The node in whose lines a line of the text is; nothing above the first."""
        before = [(first, path) for path, first in self.findings.lines if first <= line]
        return max(before)[1] if before else ""

    def unfold(self) -> None:
        """Fold, or unfold over as many steps as before."""
        self.show(steps=None if self.shown.steps is not None else self.steps, cell="")

    def lengthen(self, longer: bool) -> None:
        """More steps or fewer: one by one while they are few."""
        few = self.steps < FEW + (not longer)
        wanted = self.steps + (1 if longer else -1) if few else self.steps * 2 if longer else self.steps // 2
        self.steps = min(max(wanted, 1), MOST_STEPS)
        if self.shown.steps is not None:
            self.show(steps=self.steps)

    def open(self, path: str) -> bool:
        """Open a composite; whether it is one."""
        if path not in self.findings.composites or path in self.shown.opened:
            return False
        self.show(opened=(*self.shown.opened, path))
        return True

    def open_to(self, path: str) -> None:
        """Open all composites that a box lies in."""
        parts = path.split("/")
        above = ("/".join(parts[:count]) for count in range(1, len(parts)))
        new = [one for one in above if one in self.findings.composites and one not in self.shown.opened]
        if new:
            self.show(opened=(*self.shown.opened, *new))

    def close(self) -> str:
        """Close what was opened last, and give its path; nothing where all is closed."""
        if not self.shown.opened:
            return ""
        *rest, last = self.shown.opened
        self.show(opened=tuple(rest))
        return last

    def keep(self) -> bool:
        """Write the journal, where the text has changed since it was written; whether nothing can be lost.

        Not before it is known what to do with one that was there already (`keeps`).
        """
        now = self.document.text, self.document.modified
        if now == self.kept or not self.keeps:
            return True
        self.kept = now
        return journal.keep(self.document)

    def end(self) -> None:
        """Leave the model; its journal goes."""
        journal.drop(self.document.path)
