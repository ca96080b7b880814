"""The examples that ship with the program, and copies of them under other names."""

from __future__ import annotations

import re
from importlib.resources import files

from leporello.graphs.names import check_name
from leporello.graphs.problems import refuse

# Names that are devices on some systems, whatever their ending.
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])\Z", re.IGNORECASE)


def examples() -> dict[str, str]:
    """The text of every example by its name."""
    found = {path.name: path for path in files("leporello.examples").iterdir() if path.name.endswith(".yaml")}
    return {name.removesuffix(".yaml"): found[name].read_text(encoding="utf-8") for name in sorted(found)}


def values_of(name: str) -> str | None:
    """The values that an example is drawn with, as JSON, where it has any."""
    found = files("leporello.examples") / f"{name}.values.json"
    return found.read_text(encoding="utf-8") if found.is_file() else None


def describe(text: str) -> str:
    """What an example shows: its first line, which is a comment.

    >>> describe("# a plain recurrent network\\nspec: 1\\n")
    'a plain recurrent network'
    """
    first = text.partition("\n")[0]
    return first.lstrip("# ").strip() if first.startswith("#") else ""


def safe_name(name: str) -> str:
    """`name` if a model and its file may be called so on any system; SpecError if not."""
    check_name(name, None, "model")
    if _DEVICES.match(name):
        raise refuse(f"{name!r} is the name of a device on some systems", "choose another name")
    return name


def renamed(text: str, name: str) -> str:
    """An example's text with another name for the model, and for its files where comments tell of them.

    >>> renamed("# leporello check elman.yaml\\nname: elman  # Jeffrey Elman\\n", "mine")
    '# leporello check mine.yaml\\nname: mine  # Jeffrey Elman\\n'
    """
    said = re.search(r"^name: (\S+)", text, re.MULTILINE)
    if said:
        text = re.sub(rf"\b{re.escape(said[1])}(?=\.(?:yaml|values\.json)\b)", name, text)
    return re.sub(r"^name: \S+", f"name: {name}", text, count=1, flags=re.MULTILINE)
