"""Draws every example in every view that it has, and the pages that show them: docs/gallery."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from leporello.blocks.registry import registry
from leporello.cli.main import cli
from leporello.graphs.analysis.checks import Checked, examine
from leporello.graphs.specs import read_file

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES, GALLERY = ROOT / "examples", ROOT / "docs" / "gallery"
WORDS = 8000
CELLS = {
    "attention": ["decoder"],
    "char_lm": ["h"],
    "context": ["inside"],
    "dates": ["s"],
    "elman": ["h"],
    "lstm_from_equations": ["h"],
    "luong": ["decoder/1"],
    "own_cell": ["h"],
    "tagger": ["h/1/forward"],
}
"""The cells that are worth a picture of their own; `--cell` names the others when it is asked for one that is none."""


@dataclass(frozen=True)
class Picture:
    """One picture: the end of its file's name, what it is called, and the words of the command that draws it."""

    example: str
    name: str
    title: str
    words: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """Its name in the gallery."""
        return f"{self.example}.{self.name}"

    @property
    def command(self) -> str:
        """What draws it, as a person types it among the examples."""
        return " ".join(["leporello", "draw", f"{self.example}.yaml", *self.words, "-o", self.file])


def pictures(example: str) -> Iterator[Picture]:
    """Every view that a model has, the plain ones first."""
    checked, _ = examine(read_file(EXAMPLES / f"{example}.yaml", registry()), registry())
    axes = sorted({axes.own for axes in checked.axes.values() if axes.own})
    several = len(axes) > 1
    steps = ",".join(f"{axis}={6 - index}" for index, axis in enumerate(axes)) if several else "4"
    middle = f"{axes[-1]}=4" if several else "3"
    values = EXAMPLES / f"{example}.values.json"
    told = ("--values", values.name) if values.is_file() else ()
    views: dict[str, tuple[str, tuple[str, ...]]] = {
        "folded.svg": ("Folded", ()),
        "unfolded.svg": ("Unfolded", ("--unfold", steps)),
        "both.svg": ("Folded and unfolded", ("--unfold", "3", "--both")),
        "long.svg": ("A hundred steps", ("--unfold", "100")),
        "focus.svg": ("A step in focus", ("--unfold", steps, "--focus", middle, *told)),
        **_opened(checked),
        **{
            f"cell_{path.replace('/', '_')}.svg": (f"The cell {path}", ("--cell", path))
            for path in CELLS.get(example, [])
        },
        "boxes.svg": ("Weights as boxes", ("--weights", "boxes")),
        "paper.svg": ("For print, with a key", ("--unfold", "3", "--style", "paper", "--key")),
        "textbook.svg": ("Loops as arcs", ("--style", "textbook")),
        "motion.svg": ("In motion", ("--unfold", steps, "--motion")),
        "schedule.svg": ("How it runs", ("--schedule", *_sizes(checked))),
        **_modes(checked),
        "folded.txt": ("In the terminal, folded", ()),
        "unfolded.txt": ("In the terminal, unfolded", ("--unfold", "4")),
        "folded.dot": ("For Graphviz, which places it", ()),
        "placed.dot": ("For Graphviz, at our places", ("--positions",)),
    }
    for name, (title, words) in views.items():
        yield Picture(example, name, title, words)


def _sizes(checked: Checked) -> tuple[str, ...]:
    """The sizes that data would bind that do not come with the example."""
    elsewhere = any("files" in said or "file" in said for said in (checked.written.data or {}).values())
    return tuple(word for name in checked.unbound if elsewhere for word in ("--size", f"{name}={WORDS}"))


def _opened(checked: Checked) -> dict[str, tuple[str, tuple[str, ...]]]:
    deepest = max((composite.path.count("/") + 1 for composite in checked.graph.composites), default=0)
    return {f"open{depth}.svg": (f"Open, {depth} deep", ("--depth", str(depth))) for depth in range(1, deepest + 1)}


def _modes(checked: Checked) -> dict[str, tuple[str, tuple[str, ...]]]:
    if not any(node.block == "feedback" for node in checked.graph.nodes):
        return {}
    return {
        "teacher.svg": ("Teacher forcing", ("--feedback", "teacher")),
        "free.svg": ("Running free", ("--unfold", "3", "--feedback", "free")),
        "curriculum.svg": ("A curriculum", ("--feedback", "curriculum=0.75")),
    }


def everything() -> dict[str, list[Picture]]:
    """The pictures of each example."""
    names = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))
    return {name: list(pictures(name)) for name in names}


def draw(picture: Picture, folder: Path) -> None:
    """Draw one picture by the command that the page shows, run among the examples."""
    words = [str(EXAMPLES / word) if word.endswith(".json") else word for word in picture.words]
    spec, file = EXAMPLES / f"{picture.example}.yaml", folder / picture.file
    cli(["draw", str(spec), *words, "-o", str(file)], standalone_mode=False)


def markdown(found: dict[str, list[Picture]], folder: Path) -> str:
    """The page that a forge shows."""
    parts = ["# Gallery\n\nEvery example in every view. `make gallery` draws all of it and writes this page.\n"]
    parts.append("On a screen, [index.html](index.html) shows the same, light or dark.\n")
    for example, shown in found.items():
        parts.append(f"\n## {example}\n\n[The spec](../../examples/{example}.yaml)\n")
        for picture in shown:
            parts.append(f"\n### {picture.title}\n\n    {picture.command}\n\n{_inline(picture, folder)}\n")
    return "".join(parts)


def _inline(picture: Picture, folder: Path) -> str:
    """A picture within the text of a page, or what leads to it."""
    if picture.file.endswith(".svg"):
        return f"![{picture.title}]({picture.file})"
    if picture.file.endswith(".txt"):
        return f"```text\n{(folder / picture.file).read_text(encoding='utf-8')}```"
    return f"[{picture.file}]({picture.file})"


STYLE = """
:root { color-scheme: light dark; font-family: system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 110rem; padding: 0 1.5rem; }
nav a { margin-right: 1rem; }
section { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: flex-start; }
h2 { margin-top: 3rem; }
figure { margin: 0; padding: 1rem; border: 1px solid #8884; border-radius: .5rem; }
figure { max-width: 100%; box-sizing: border-box; }
figure img { max-width: 100%; max-height: 40rem; }
figcaption { margin-bottom: .75rem; font-weight: 600; }
pre { margin: 0; overflow: auto; font-size: .7rem; line-height: 1.2; }
code { display: block; font-weight: 400; font-size: .8rem; opacity: .75; margin-top: .25rem; }
"""


def html(found: dict[str, list[Picture]], folder: Path) -> str:
    """The page for a browser; pictures and page follow its light or dark colours."""
    links = "".join(f'<a href="#{name}">{name}</a>' for name in found)
    sections = []
    for example, shown in found.items():
        figures = "\n".join(_figure(picture, folder) for picture in shown)
        sections.append(f'<h2 id="{example}">{example}</h2>\n<section>\n{figures}\n</section>\n')
    head = '<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Leporello: gallery</title>\n'
    body = f"<h1>Every example in every view</h1>\n<nav>{links}</nav>\n"
    return f"{head}<style>{STYLE}</style>\n{body}{''.join(sections)}</html>\n"


def _figure(picture: Picture, folder: Path) -> str:
    file, title = escape(picture.file), escape(picture.title)
    caption = f"<figcaption>{title}<code>{escape(picture.command)}</code></figcaption>"
    if picture.file.endswith(".txt"):
        return f"<figure>{caption}<pre>{escape((folder / picture.file).read_text(encoding='utf-8'))}</pre></figure>"
    if not picture.file.endswith(".svg"):
        return f'<figure>{caption}<a href="{file}">{file}</a></figure>'
    shown = f'<img loading="lazy" src="{file}" alt="{escape(picture.example)}: {title}">'
    return f'<figure>{caption}<a href="{file}">{shown}</a></figure>'


def make(folder: Path) -> None:
    """Draw all of it into a folder that is empty, or is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    found = everything()
    for shown in found.values():
        for picture in shown:
            draw(picture, folder)
    (folder / "README.md").write_text(markdown(found, folder), encoding="utf-8")
    (folder / "index.html").write_text(html(found, folder), encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=GALLERY.parent) as made:
        make(Path(made))
        shutil.rmtree(GALLERY, ignore_errors=True)
        shutil.copytree(made, GALLERY)
    sys.stdout.write(f"{sum(1 for _ in GALLERY.iterdir())} files in {GALLERY.relative_to(ROOT)}\n")
