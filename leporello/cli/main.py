"""The command `leporello`: its sub-commands, each loaded when it is asked for."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from leporello.cli.failing import reported

UNCOLLECTED = 100_000
"""So many new objects before Python looks for garbage: what a command loads stays, and looking took 5 % of `check`."""
COMMANDS: Mapping[str, str] = {
    "tui": "tui",
    "serve": "serve",
    "check": "check",
    "draw": "draw",
    "compare": "compare",
    "code": "code",
    "blocks": "blocks",
    "new": "new",
    "edit": "edit",
    "data": "data",
    "train": "running.train",
    "watch": "running.watch",
    "pause": "running.pause",
    "resume": "running.resume",
    "stop": "running.stop",
    "runs": "running.runs",
    "generate": "running.generate",
    "translate": "running.translate",
    "predict": "running.predict",
    "observe": "running.observe",
    "evaluate": "running.evaluate",
}
"""The commands, in the order in which they are used, and the module beside this one in which each is."""


class Commands(click.Group):
    """A group whose commands are modules, and whose errors are told without a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order in which they are used."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command in the module of its name."""
        if cmd_name not in COMMANDS:
            return None
        found = import_module(f"leporello.cli.{COMMANDS[cmd_name]}").command
        assert isinstance(found, click.Command)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is asked for; an unknown one is answered with the nearest."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from leporello.graphs.problems import suggest, visible

            ctx.fail(visible(f"there is no command {args[0]!r}; {suggest(args[0], COMMANDS, 'commands')}"))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; bad input ends it with exit code 2, a failure with 1. `NO_COLOR` is heeded."""
        if os.environ.get("NO_COLOR"):
            ctx.color = False
        with reported():
            return super().invoke(ctx)


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 failure, 2 bad input. `leporello COMMAND --help` shows examples. For completion by "
    'the shell: eval "$(_LEPORELLO_COMPLETE=bash_source leporello)", or zsh_source, fish_source.',
)
@click.version_option(package_name="leporello", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Recurrent sequence models as YAML graphs with delays: check, draw, compile and train them.

    \b
    leporello new my_model                    begin from an example
    leporello check my_model.yaml             sizes, loops, what is wrong
    leporello draw my_model.yaml --unfold 4   look at it, unfolded in time
    leporello train my_model.yaml             train it, and let it write with `generate`
    leporello tui my_model.yaml               all of this on the screen; also `leporello` alone
    """
    if ctx.invoked_subcommand is None:
        _bare(ctx)


def _bare(ctx: click.Context) -> None:
    """`leporello` alone: the terminal UI where there is a terminal for it, else help."""
    from importlib.util import find_spec

    from leporello.graphs.extras import installing

    able = sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "unknown", "")
    if able and find_spec("textual"):
        ctx.invoke(ctx.command.get_command(ctx, "tui"))  # type: ignore[attr-defined]
        return
    click.echo(ctx.get_help())
    if able:
        click.echo(f"\nFor the terminal UI: {installing('tui')}")


def main() -> None:
    """Run the command line; the entry point of the `leporello` script."""
    gc.set_threshold(UNCOLLECTED)
    for stream in (sys.stdout, sys.stderr):
        # What a terminal's character set lacks is shown by its number instead of ending the command.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    cli(prog_name="leporello")
