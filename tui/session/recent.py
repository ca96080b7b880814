"""The specs that were opened last, kept between sessions in the user's folder for such things."""

from __future__ import annotations

import json
import os
from pathlib import Path

from leporello.graphs.problems import SpecError
from leporello.writing import write_file

MOST = 20


def place() -> Path:
    """The file that holds them: under XDG_STATE_HOME, or ~/.local/state."""
    home = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(home).expanduser() / "leporello" / "recent.json"


def recent() -> list[Path]:
    """The specs that are still there, the last one first."""
    try:
        found = json.loads(place().read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return []
    paths = [Path(one) for one in found if isinstance(one, str)] if isinstance(found, list) else []
    return [path for path in paths[:MOST] if path.is_file()]


def remember(path: Path) -> None:
    """Put a spec first; where that cannot be written nothing is said."""
    path = path.resolve()
    kept = [str(path), *(str(other) for other in recent() if other != path)][:MOST]
    try:
        place().parent.mkdir(parents=True, exist_ok=True)
        write_file(json.dumps(kept, indent=1), place())
    except (OSError, SpecError):
        return
