"""The process that checks and draws for the screens: the newest text first, what is no longer wanted is dropped.

Run by `painter.py` as `python -m leporello.tui.pictures.worker`; requests come and replies go as pickles on its own
two pipes.
"""

from __future__ import annotations

import _thread
import gc
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from queue import Empty, SimpleQueue
from typing import BinaryIO

from leporello.blocks.registry import registry
from leporello.graphs.blocktypes import BlockType
from leporello.graphs.drawing.column.effort import BEST, FIRST, Cancelled, Effort
from leporello.graphs.drawing.terminal.cell_picture import CellPicture
from leporello.graphs.drawing.views.view import Near
from leporello.graphs.nodes import EMPTY
from leporello.graphs.problems import SpecError
from leporello.tui.pictures.drawing import cells, export
from leporello.tui.pictures.findings import Model, about, findings, loops, matches, read
from leporello.tui.pictures.lines_of_code import lines_of_code
from leporello.tui.pictures.specimen import specimen
from leporello.tui.pictures.wanted import (
    About,
    Block,
    BlockDrawn,
    Code,
    Drawn,
    Export,
    Exported,
    Failed,
    Find,
    Lines,
    Loops,
    Matches,
    Reply,
    Request,
    Wanted,
)
from leporello.tui.pictures.wires import about_wire

UNCOLLECTED = 100_000
"""So many new objects before Python looks for garbage: a model is made of many, and none of them refers to itself."""


class Worker:
    """Takes requests in turn. While it draws, small questions are answered, and a newer text ends the picture."""

    def __init__(self, send: Callable[[Reply], None]) -> None:
        self.send = send
        self.requests: SimpleQueue[Request | None] = SimpleQueue()
        self.next: Wanted | None = None
        self.code: Code | None = None
        self.exports: list[Export] = []
        self.ended = False
        self.drawing = self.renewed = False
        self.model: Model | None = None
        self.serial, self.file = 0, ""
        self.near: dict[tuple[str, bool], Near] = {}
        self.blocks: dict[str, tuple[BlockType, CellPicture | None]] = {}
        self.sizes: dict[tuple[object, ...], dict[str, int]] = {}

    def run(self) -> None:
        """Answer until nobody asks any more."""
        while not self.ended:
            if self.next is None and self.exports:
                request = self.exports.pop(0)
                self.guarded(self.serial, lambda request=request: self.export(request))  # type: ignore[misc]
                continue
            if self.next is None and self.code is not None:
                path, self.code = self.code.path, None
                self.guarded(self.serial, lambda path=path: self.tell_code(path))  # type: ignore[misc]
                continue
            if self.next is None:
                self.take(self.requests.get())
                continue
            wanted, self.next = self.next, None
            self.guarded(wanted.serial, lambda wanted=wanted: self.show(wanted))  # type: ignore[misc]

    def guarded(self, serial: int, do: Callable[[], None]) -> None:
        """Whatever goes wrong with one text is told, and the next one is taken."""
        try:
            do()
        except Cancelled:
            return
        except SpecError as error:
            self.send(Failed(serial, str(error.problems[0])))
        except (Exception, RecursionError) as error:  # a picture that fails must not end those after it
            self.send(Failed(serial, f"{type(error).__name__}: {error}"))

    def take(self, request: Request | None) -> None:
        """One request; a text waits for its turn, of several the newest is kept."""
        match request:
            case None:
                self.ended = True
            case Wanted():
                self.next, self.renewed = request, False
            case About(path, reader):
                if self.model is not None:
                    model = self.model
                    told = partial(about_wire, model.checked, path, reader) if reader else partial(about, model, path)
                    self.guarded(self.serial, lambda: self.send(told()))
            case Block(name):
                self.guarded(self.serial, lambda: self.send(BlockDrawn(name, self.specimen(name))))
            case Find(letters):
                found = matches(self.model, letters) if self.model is not None else ()
                self.send(Matches(letters, found))  # keys wait for it, whatever there is to be found
            case Code():
                self.code = request  # the newest text comes first
            case Export():
                self.exports.append(request)

    def watch(self, said: str) -> None:
        """Called many times a second while a picture is sought."""
        drawing, self.drawing = self.drawing, False  # an answer that was begun is sent
        try:
            while True:
                self.take(self.requests.get_nowait())
        except Empty:
            if self.next is not None or self.ended:
                raise Cancelled from None
        self.drawing = drawing

    def listen(self, source: BinaryIO) -> None:
        """Take in what is asked, in a thread of its own, and tell the other one of a newer text."""
        while not self.ended:
            try:
                request: Request | None = pickle.load(source)
            except (EOFError, pickle.UnpicklingError, OSError):
                request = None
            newer = not isinstance(request, About | Block | Find | Code | Export)
            self.renewed = self.renewed or newer
            self.requests.put(request)
            if newer:
                _thread.interrupt_main()
            if request is None:
                return

    def interrupt(self, *_: object) -> None:
        """End the picture that is drawn, whatever is worked out for it, if there is a newer text."""
        if self.drawing and self.renewed:
            self.drawing = False
            raise Cancelled

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """What is worked out in here may end at any point, so that the problems of a newer text are told at once."""
        try:
            self.drawing = True
            yield
        finally:
            self.drawing = False

    def show(self, wanted: Wanted) -> None:
        """Check a text and draw it: at once, then better; in between it is found out how its loops run."""
        self.serial, self.file = wanted.serial, wanted.file
        self.model = model = read(wanted.text, wanted.file, self.sizes)
        self.send(findings(wanted.serial, model))
        self.watch("")
        self.draw(wanted, model, FIRST)
        if model.valid:
            with self.interruptible():
                found = tuple(loops(model))
            self.send(Loops(wanted.serial, found))
        self.draw(wanted, model, BEST)

    def draw(self, wanted: Wanted, model: Model, effort: Effort) -> None:
        """Draw what is looked at of a model, if anything is there."""
        for shown in wanted.shown.all if model.checked.graph.nodes else ():
            # What an edit has not changed keeps its place among the others.
            kind = wanted.file, shown.steps is None
            near = EMPTY if wanted.afresh and effort is FIRST else self.near.get(kind, EMPTY)
            with self.interruptible():
                picture = cells(model.checked, shown, model.valid, replace(effort, watch=self.watch), near)
            if not shown.cell:
                self.near[kind] = picture.near
            self.send(Drawn(wanted.serial, picture, shown, effort is BEST))

    def specimen(self, name: str) -> CellPicture | None:
        """The picture of a block, drawn once as long as it is the same."""
        known = self.model.checked.registry if self.model is not None else registry()
        kind = known.get(name)
        if kind is None:
            return None
        written = known.types.get(name, kind)  # as it is before it knows the others: the same from text to text
        if name not in self.blocks or self.blocks[name][0] != written:
            picture = None
            with suppress(SpecError):
                picture = specimen(kind, known)
            self.blocks[name] = written, picture
        return self.blocks[name][1]

    def tell_code(self, path: str) -> None:
        """Tell the lines of the source that are those of a box; of a model with problems, or free sizes, none."""
        with self.interruptible():
            source = self.model.source if self.model is not None else None
            lines = lines_of_code(source, path) if source else ()
        self.send(Lines(self.serial, path, lines))

    def export(self, request: Export) -> None:
        """Write what is seen."""
        if self.model is None or not self.model.valid:
            self.send(Failed(self.serial, "a model with problems is not exported: mend it first"))
            return
        near = self.near.get((self.file, request.shown.steps is None), EMPTY)
        export(self.model.checked, request.shown, request.output, request.dark, near)
        self.send(Exported(request.output))


def main() -> None:
    """Serve the process that began this one, until it ends."""
    source, target = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    gc.freeze()  # what was imported stays
    gc.set_threshold(UNCOLLECTED, 20, 50)
    os.dup2(2, 1)  # whatever prints must not get between the pickles

    def send(reply: Reply) -> None:
        pickle.dump(reply, target)
        target.flush()

    worker = Worker(send)
    signal.signal(signal.SIGINT, worker.interrupt)  # our own: ctrl+c is for the screens
    threading.Thread(target=worker.listen, args=(source,), daemon=True).start()
    try:
        worker.run()
    except BrokenPipeError:
        os._exit(0)


if __name__ == "__main__":
    main()
