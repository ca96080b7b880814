"""`leporello tui`: the terminal UI."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import click

from leporello.cli.failing import need

THEMES = ("dark", "light", "terminal", "terminal-light")
NAMED = dict(zip(THEMES, ("leporello-dark", "leporello-light", "ansi-dark", "ansi-light"), strict=True))
FEW_UNCOLLECTED = (1_000, 20, 50)
"""After so many new objects those are looked at for garbage, a millisecond at a time; seldom those that have stayed."""


@click.command(short_help="Look at models, edit, train and use them, in the terminal.")
@click.argument("spec", required=False)
@click.option(
    "--theme", type=click.Choice(THEMES), help="Our colours, or those of the terminal; by default those chosen last."
)
@click.option("--keys", is_flag=True, help="List the names of all actions, and their keys.")
def command(spec: str | None, theme: str | None, keys: bool) -> None:
    """Open the terminal UI, with the model in the file SPEC. `?` shows all keys.

    \b
    leporello tui
    leporello tui luong.yaml --theme light
    leporello tui --keys
    """
    need("textual")
    if keys:
        _list_keys()
        return
    from leporello.graphs.problems import refuse

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise refuse("the terminal UI needs a terminal", "without one: leporello check, draw, train, generate")
    if os.environ.get("TERM", "dumb") in ("dumb", "unknown", ""):
        named = os.environ.get("TERM", "")
        raise refuse(f"the terminal {named!r} can show no screens", "set TERM, or use leporello check, draw, train")
    if "utf" not in (sys.stdout.encoding or "").lower():
        raise refuse("the terminal UI draws in UTF-8", "set PYTHONUTF8=1, or LANG to a language that ends in .UTF-8")
    from leporello.tui.session.document import Document, opened

    document = opened(Path(spec)) if spec else Document()
    gc.disable()
    from leporello.tui.app import LeporelloApp
    from leporello.tui.input_bytes import tolerate

    tolerate()
    LeporelloApp(document, NAMED[theme] if theme else "", _collect).run()


def _collect() -> None:
    """Look for garbage from now on.

    What is there by now stays until the end: to look through it again and again costs a key its frame. Screens make
    some with every key: looked for seldom, it takes several frames at once.
    """
    gc.freeze()
    gc.set_threshold(*FEW_UNCOLLECTED)
    gc.enable()


def _list_keys() -> None:
    from leporello.tui.app import LeporelloApp
    from leporello.tui.bindings import bindings
    from leporello.tui.session.keymap import own_keys

    found = list(bindings(LeporelloApp))
    own, wrong = own_keys(str(one.id) for one in found)
    for one in found:
        click.echo(f"{one.id:<24} {own.get(str(one.id), one.key):<28} {one.description}".rstrip())
    for problem in wrong:
        click.echo(str(problem), err=True)
