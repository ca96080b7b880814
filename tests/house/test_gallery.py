"""The gallery holds what its command makes of the examples today, and its pages show all of it."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.strategies import thinned

GALLERY = ROOT / "docs" / "gallery"
sys.path.insert(0, str(ROOT / "docs"))

import gallery  # noqa: E402

NAMES = sorted(path.stem for path in (ROOT / "examples").glob("*.yaml"))


@pytest.mark.thinned
@pytest.mark.parametrize("example", NAMES)
def test_what_is_in_the_gallery_is_what_its_command_draws(example: str, tmp_path: Path) -> None:
    pictures = list(gallery.pictures(example))
    assert sorted(picture.file for picture in pictures) == sorted(path.name for path in GALLERY.glob(f"{example}.*"))
    some = thinned(pictures, start=NAMES.index(example) % 3, every=3)
    for picture in some:
        gallery.draw(picture, tmp_path)
    drawn = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert sorted(drawn) == sorted(picture.file for picture in some)
    for name, found in drawn.items():
        assert found == (GALLERY / name).read_bytes(), f"{name}: run make gallery"


def test_the_pages_are_those_of_the_examples() -> None:
    found = gallery.everything()
    assert (GALLERY / "README.md").read_text() == gallery.markdown(found, GALLERY)
    assert (GALLERY / "index.html").read_text() == gallery.html(found, GALLERY)


def test_every_file_is_shown_and_every_link_leads_to_one() -> None:
    class Links(HTMLParser):
        """Collects what a page leads to."""

        def __init__(self) -> None:
            super().__init__()
            self.found: set[str] = set()

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            """Note where a tag leads."""
            self.found |= {value for name, value in attrs if name in ("href", "src") and value}

    links = Links()
    links.feed((GALLERY / "index.html").read_text())
    shown = {link for link in links.found if not link.startswith("#")}
    told = set(re.findall(r"\]\(([^)]+)\)", (GALLERY / "README.md").read_text()))
    files = {path.name for path in GALLERY.iterdir()}
    for page in (shown, told):
        assert {link for link in page if not link.startswith("..")} <= files
    text = {path.name for path in GALLERY.glob("*.txt")}
    assert shown | text == files - {"README.md", "index.html"}
    assert (told | text) - {"index.html"} >= shown
    assert all((GALLERY / link).exists() for link in told)


def test_the_readme_shows_pictures_that_are_there() -> None:
    images = re.findall(r"!\[[^]]+\]\(([^)]+)\)", (ROOT / "README.md").read_text())
    assert len(images) == 4
    assert all((ROOT / image).is_file() for image in images)
