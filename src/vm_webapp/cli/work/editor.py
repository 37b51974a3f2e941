"""The editor of whoever sits at the terminal, and what was written in it, which is not to be lost."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from vm_webapp.cli.failures import keep_aside, warn
from vm_webapp.cli.invocation import Invocation
from vm_webapp.errors import Invalid, VmError


class NoEditor(VmError):
    """The editor that VISUAL or EDITOR names did not work: {problem}."""

    code = "no_editor"
    remedy = "Set EDITOR to one that does, such as nano, or give the text with --file."


def written(present: str | None) -> str | None:
    """What a person made of the text in an editor; None where it was not saved. Raises NoEditor."""
    if present is None:
        raise Invalid("The stage has no text to begin with; give yours with --file.")
    if not sys.stdin.isatty():
        raise click.UsageError("No terminal is here for an editor: give the text with --file, or `--file -`.")
    try:
        return click.edit(present, extension=".md")
    except (click.ClickException, ValueError) as error:  # ValueError: quotation marks without an end
        raise NoEditor(problem=str(error)) from error


@contextmanager
def kept(call: Invocation, text: str, *again: str) -> Iterator[Callable[[], None]]:
    """Where something goes wrong before the yielded function is called, keep the text and say how to go on with it.

    `again` is the command that takes the text, up to the name of its file. An empty text is not kept.
    """
    taken = False

    def take() -> None:
        nonlocal taken
        taken = True

    try:
        yield take
    except BaseException:
        place = None if taken or not text else keep_aside(text, prefix="vm-edit-", suffix=".md")
        if place:
            warn(f"Your text is kept in {place}. Go on with it: {call.spelled(*again, str(place))}", call)
        raise
