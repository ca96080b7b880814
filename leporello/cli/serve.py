"""`leporello serve`: the terminal UI in a browser of this machine."""

from __future__ import annotations

import secrets
from pathlib import Path

import click

from leporello.cli.failing import need
from leporello.cli.tui import NAMED, THEMES


@click.command(short_help="The terminal UI in a browser of this machine.")
@click.argument("spec", required=False)
@click.option("--port", type=int, default=0, metavar="N", help="The port to listen to; by default a free one.")
@click.option("--theme", type=click.Choice(THEMES[:2]), default="dark", help="Dark or light.")
def command(spec: str | None, port: int, theme: str) -> None:
    """Show the terminal UI in a browser, with the model in the file SPEC, until ctrl+c.

    It listens to this machine alone. The address that is printed holds a secret, made anew each time: whoever has it
    can read and write files as you can. From another machine: `ssh -L PORT:127.0.0.1:PORT`, with --port.

    \b
    leporello serve elman.yaml
    leporello serve --port 8765
    """
    need("textual", "textual_serve")
    from leporello.tui.serving.guard import Guard, check_port
    from leporello.tui.serving.server import command_of, listening, serve
    from leporello.tui.session.document import opened

    if spec:
        opened(Path(spec))
    with listening(check_port(port)) as found:
        guard = Guard(found.getsockname()[1], secrets.token_urlsafe(24))
        click.echo(f"Leporello is at {guard.address}\nctrl+c ends it")
        serve(command_of(spec, NAMED[theme]), guard, [found])
