"""The terminal UI in a real browser: `leporello serve` seen, with keys and mouse, by headless Chromium.

`make browser` needs Chromium and Playwright (`pip install playwright`); pictures go into the folder that is named.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from leporello.examples import examples

BY_KEYS, BY_MOUSE = "# by keys", "# by mouse"
TEXT = (0.75, 0.65)
"""Where the spec's text stands, in parts of the page, above the notice that it was saved."""
PATIENCE = 30_000
"""Milliseconds until something must have happened."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of the character model."""
    (folder / "char_lm.yaml").write_text(examples()["char_lm"], encoding="utf-8")
    words = [sys.executable, "-m", "leporello", "serve", "char_lm.yaml"]
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield re.findall(r"http\S+", server.stdout.readline())[0]
        finally:
            server.terminate()


def saved(page: Any, spec: Path, line: str) -> bool:
    """Whether the spec begins with a line, soon after `w`."""
    page.keyboard.press("Escape")
    page.wait_for_timeout(500)  # a key right behind it would be alt and that key
    page.keyboard.press("w")
    for _ in range(100):
        if spec.read_text(encoding="utf-8").startswith(line):
            return True
        page.wait_for_timeout(100)
    return False


def visit(page: Any, spec: Path, seen: Path) -> Iterator[tuple[str, bool]]:
    """What is done on the page, and whether it had its effect."""
    page.wait_for_selector("body.-first-byte", timeout=PATIENCE)
    page.wait_for_timeout(5_000)
    page.keyboard.press("e")
    page.keyboard.type(f"{BY_KEYS}\n")
    yield "text is typed and saved", saved(page, spec, BY_KEYS)
    page.mouse.click(*(part * size for part, size in zip(TEXT, page.viewport_size.values(), strict=True)))
    page.keyboard.press("Control+Home")
    page.keyboard.type(f"{BY_MOUSE}\n")
    yield "a click goes into the text", saved(page, spec, BY_MOUSE)
    folded = page.screenshot(path=seen / "folded.png")
    page.keyboard.press("u")
    page.wait_for_timeout(3_000)
    yield "u unfolds the picture", page.screenshot(path=seen / "unfolded.png") != folded


def main() -> int:
    """Print a line for each thing that is tried; 1 where one had no effect."""
    program = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        program = None
    if program is None:
        print("this needs chromium and playwright: nothing is looked at")
        return 0
    seen = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
    seen.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(address)
        had = []
        for told, effect in visit(page, Path(folder) / "char_lm.yaml", seen):
            print(f"{told}: {'yes' if effect else 'NO'}", flush=True)
            had.append(effect)
        browser.close()
    print(f"screens are in {seen}")
    return 0 if all(had) else 1


if __name__ == "__main__":
    sys.exit(main())
