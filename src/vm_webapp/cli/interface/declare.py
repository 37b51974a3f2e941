"""How a command is declared: its text and options here, its work in a module that is imported when it is called."""

import functools
import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.loading import loading

LISTED = click.IntRange(1, 1_000_000)
"""How many a list may be asked for."""
POSITION = click.IntRange(0, 2**53)
"""A place in the log."""
_METAVAR = "[VERB] ..."


class Described(click.Command):
    """A command with examples, which also takes the global options behind its name."""

    def __init__(self, *, examples: Sequence[str], **values: Any) -> None:  # noqa: ANN401 - those of click.Command
        super().__init__(**values)
        self.examples = examples
        self.params += shared_options(hidden=True)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples, as they would be typed."""
        program = ctx.find_root().command_path
        with formatter.section("Examples"):
            formatter.width, width = 1000, formatter.width  # a line to copy is not to be broken
            formatter.write_text("\b\n" + "\n".join(f"{program} {example}" for example in self.examples))
            formatter.width = width
        formatter.write("\n")


class Verbs(Described, click.Group):
    """A noun with verbs behind it, in the order of use; called alone it does what `does` says, or lists the verbs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the port's
        """The verbs as they were added."""
        return list(self.commands)


def verbs(
    program: click.Group, name: str, *, does: str | None = None, examples: Sequence[str]
) -> Callable[[Callable[[], None]], Verbs]:
    """Add a noun to the program, to which verbs are added with `command`; `does` is what it does without a verb."""

    def add(described: Callable[[], None]) -> Verbs:
        callback = functools.update_wrapper(_without_verb(does) if does else lambda **_: None, described)
        alone = {"invoke_without_command": True} if does else {"no_args_is_help": True}
        made = click.command(name, cls=Verbs, examples=examples, subcommand_metavar=_METAVAR, **alone)(callback)
        program.add_command(made)
        return made

    return add


def command(
    group: click.Group, name: str, *, does: str, examples: Sequence[str]
) -> Callable[[Callable[[], None]], None]:
    """Add a command to the group: the decorated function has its text and options, `module:function` does the work.

    The work is called with the Invocation and the options by name, and returns the exit code.
    """

    def add(described: Callable[[], None]) -> None:
        callback = functools.update_wrapper(_deferred(does), described)
        made = click.command(name, cls=Described, examples=examples)(callback)
        group.add_command(made)

    return add


def shared_options(*, hidden: bool) -> list[click.Parameter]:
    """The options that every command takes, before its name or behind it."""
    path = click.Path(path_type=Path)
    return [
        _shared("--workspace", hidden=hidden, metavar="DIR", type=path, help="The workspace's folder [runtime/vm]."),
        _shared(
            "--database",
            hidden=hidden,
            metavar="FILE",
            type=path,
            help="The database [workspace.sqlite3 in the workspace].",
        ),
        _shared("--token", hidden=hidden, metavar="TOKEN", help="What to show to a server [VM_TOKEN, which is safer]."),
        _shared("--verbose", hidden=hidden, is_flag=True, help="Show logs, and the trace of unforeseen errors."),
        _shared("--no-color", hidden=hidden, is_flag=True, help="No colours; NO_COLOR does the same."),
    ]


def as_json() -> Callable[[Callable[[], None]], Callable[[], None]]:
    """The option --json, which every command but `serve` and `events export` has."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def _shared(flag: str, **values: Any) -> click.Option:  # noqa: ANN401 - those of click.Option
    return click.Option([flag], expose_value=False, callback=_remember, **values)


def _remember(context: click.Context, parameter: click.Parameter, value: object) -> None:
    if value and parameter.name:
        setattr(context.ensure_object(Invocation), parameter.name, value)


def _without_verb(place: str) -> Callable[..., object]:
    work = _deferred(place)

    def alone(**options: object) -> object:
        verb = click.get_current_context().invoked_subcommand
        return work(**options) if verb is None else None

    return alone


def _deferred(place: str) -> Callable[..., object]:
    module, _, function = place.partition(":")

    def work(**options: object) -> object:
        call = click.get_current_context().ensure_object(Invocation)
        with loading(call):
            does = getattr(importlib.import_module(module), function)
        return does(call, **options)

    return work
