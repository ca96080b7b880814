"""What is learned in five minutes, from nothing to an LSTM that writes: lessons, and when each is done."""

from __future__ import annotations

from collections.abc import Callable

from leporello.graphs.frozen import frozen
from leporello.tui.assembly.bench import Bench

CELLS = ("lstm", "gru", "rnn", "minimal_gru")
FIRST, MORE = 64, 128
"""The units of the cell as it is added, and as it is changed."""


@frozen
class Seen:
    """How everything stands; a lesson is done when this says so, by whatever keys it came to it.

    `learned` counts the updates of the run that is followed, `kept` says whether it has ended with a checkpoint.
    """

    bench: Bench
    unfolded: bool = False
    saved: bool = False
    learned: int = 0
    kept: bool = False
    written: str = ""

    def node(self, *blocks: str) -> str:
        """The first node that uses one of these blocks, whether it lacks something still or not; nothing without."""
        bench = self.bench
        used = ((name, bench.kind(name)) for name in bench.nodes)
        return next((name for name, kind in used if kind is not None and kind.name in blocks), "")

    @property
    def used(self) -> bool:
        """Whether something reads the cell."""
        cell, graph = self.node(*CELLS), self.bench.graph
        return bool(graph.readers.get(cell)) or any(output.wire.source == cell for output in graph.outputs)

    @property
    def units(self) -> object:
        """The units of the cell."""
        cell = self.bench.graph.index.get(self.node(*CELLS))
        return cell.parameters.get("units") if cell else None


@frozen
class Lesson:
    """One thing to do. `keys` are names of actions, shown as the keys that they have here, Enter, or what is typed.

    What a `lasting` lesson has brought is needed by those after it: where it is gone, the lesson comes again.
    """

    name: str
    keys: tuple[str, ...]
    why: str
    done: Callable[[Seen], bool]
    lasting: bool = False


ADD, TAKE = "assemble.add", "sheet.take"
LESSONS = (
    Lesson(
        "What goes in",
        (ADD, TAKE),
        "An input: a text, character by character. What fits comes first, so that Enter is often all.",
        lambda seen: bool(seen.bench.inputs),
        lasting=True,
    ),
    Lesson(
        "Feedback",
        (ADD, "fee", TAKE),
        "The model reads the character before: the real one while it learns, its own choice when it writes.",
        lambda seen: bool(seen.node("feedback")),
        lasting=True,
    ),
    Lesson(
        "An embedding",
        (ADD, "emb 32", TAKE),
        "Each character becomes 32 numbers. A block is found by letters of its name; a size may follow.",
        lambda seen: bool(seen.node("embedding")),
        lasting=True,
    ),
    Lesson(
        "The cell",
        (ADD, f"lstm {FIRST}", TAKE),
        "What remembers: four gates and a loop. The text that comes of it is what you would have written.",
        lambda seen: bool(seen.node(*CELLS)),
        lasting=True,
    ),
    Lesson(
        "Another size",
        ("assemble.change", str(MORE), TAKE),
        "What is said of the cell is changed in rows, while it is selected; arrows select another box, and it again.",
        lambda seen: seen.units == MORE,
    ),
    Lesson(
        "Taken back",
        ("model.undo",),
        "Every edit can be taken back, and done again (Z): those of the picture and those typed in the text alike.",
        lambda seen: seen.units not in (None, MORE),
    ),
    Lesson(
        "What comes out",
        (ADD, "out", TAKE),
        "The cell is selected, an output predicts the text; as they differ in size, a layer comes between.",
        lambda seen: any(output.predicts for output in seen.bench.graph.outputs) and seen.used,
        lasting=True,
    ),
    Lesson(
        "The choice",
        (ADD, "sam", TAKE),
        "Of logits, which is selected, a character is drawn; the feedback, which waited, reads it. No problem is left.",
        lambda seen: not seen.bench.wrong and bool(seen.node("sample", "argmax")),
        lasting=True,
    ),
    Lesson(
        "Unfolded",
        ("model.unfold",),
        "The same model over steps of time: each state goes into the next step.",
        lambda seen: seen.unfolded,
    ),
    Lesson("Folded", ("model.unfold",), "And back: a loop is what repeats.", lambda seen: not seen.unfolded),
    Lesson(
        "A file",
        ("model.save", "\n"),
        "What is written is YAML, with what you did and nothing else. Another name may be typed.",
        lambda seen: seen.saved,
    ),
    Lesson(
        "It learns",
        ("model.train", "train.toggle"),
        "A run of its own, which goes on when this closes. The curve is how badly it predicts: it falls.",
        lambda seen: seen.learned > 0,
    ),
    Lesson(
        "Enough",
        ("train.toggle",),
        "As long as the curve falls, it writes better and better. It ends by itself; stop it whenever you like.",
        lambda seen: seen.kept,
    ),
    Lesson(
        "It writes",
        ("train.use", "use.write"),
        "Every press begins anew. Plus is bolder, minus safer.",
        lambda seen: bool(seen.written),
    ),
)
