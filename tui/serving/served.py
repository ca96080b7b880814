"""The app behind a page: `python -m leporello.tui.serving.served THEME [SPEC]`, begun by the server, which draws it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from leporello.tui.app import LeporelloApp
from leporello.tui.session.document import Document, opened


def main(theme: str, spec: str = "") -> None:
    """Run the app over the pipes of the server."""
    os.environ.setdefault("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    LeporelloApp(opened(Path(spec)) if spec else Document(), theme).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
