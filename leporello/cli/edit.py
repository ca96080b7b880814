"""`leporello edit`: one edit of a spec's text, what is not edited left as it is."""

from __future__ import annotations

from importlib import import_module

import click

WORDS = ("rename", "set", "unset", "write", "connect", "disconnect")
PARTS = ("add", "copy", "remove", "group", "expand", "replace")
VERBS = (*WORDS, *PARTS)


class Verbs(click.Group):
    """A group that lists its commands in the order of use, and answers an unknown one with the nearest."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, what is used most first."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb in the module that has it."""
        if cmd_name not in VERBS:
            return None
        module = "words" if cmd_name in WORDS else "parts"
        found = getattr(import_module(f"leporello.cli.edits.{module}"), "set_" if cmd_name == "set" else cmd_name)
        assert isinstance(found, click.Command)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that is asked for."""
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            from leporello.graphs.problems import suggest, visible

            ctx.fail(visible(f"there is no edit {args[0]!r}; {suggest(args[0], VERBS, 'edits')}"))
        return super().resolve_command(ctx, args)


@click.group(cls=Verbs, short_help="One edit of a spec's text, such as rename or connect.")
@click.argument("spec")
@click.pass_context
def command(ctx: click.Context, spec: str) -> None:
    """Edit the text of the spec in the file SPEC: comments, order, layout and quotes stay as they are.

    What is edited is named as in the text: a node or an input by its name, what is said of it behind a dot (h.units),
    and anything by its keys (outputs.y.loss, training.rate, blocks.cell.nodes.W). An edit that would make anything
    wrong that was not, or change anything else, is refused, and nothing is written.

    \b
    leporello edit elman.yaml rename h state
    leporello edit elman.yaml set U.units 32
    leporello edit elman.yaml connect U.input "[x, h(t-2)]"
    leporello edit elman.yaml add k "tanh(h)" --after h
    leporello edit elman.yaml group U W h --block cell --as h --diff
    """
    ctx.obj = spec
