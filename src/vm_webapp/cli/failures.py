"""How the program ends when something goes wrong: a sentence, a hint and an exit code; a trace only where asked for."""

import contextlib
import errno
import io
import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from vm_webapp.cli import text
from vm_webapp.cli.exits import Exit, exit_of
from vm_webapp.cli.invocation import Invocation
from vm_webapp.errors import NotReadable, VmError

_UNHEARD: Final = (errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)
"""How writing fails where standard output leads to a pipe, a file or a terminal that takes no more."""
_LOOK: Final = "Look where it was to go (a full disk?); what was asked for may be done: `runs` lists what there is."


def carry_out(act: Callable[[], object], call: Invocation) -> int:
    """What `act` returns as an exit code, or the one that its error leads to, told on standard error."""
    try:
        code = act()
        sys.stdout.flush()
    except SystemExit as error:  # Click and Rich end so when nobody reads the output any more
        return error.code if isinstance(error.code, int) else Exit.FAILED
    except (click.Abort, KeyboardInterrupt):
        return _said(Exit.INTERRUPTED, "Stopped.", "", call)
    except Exception as error:  # noqa: BLE001 - the last place where it can be told
        return _told(error, call)
    return int(code) if isinstance(code, int) else Exit.OK


def warn(message: str, call: Invocation) -> None:
    """Say on standard error what does not keep the program from going on."""
    click.echo(click.style(text.block(message), fg="yellow"), err=True, color=False if call.no_color else None)


def keep_aside(details: str, *, prefix: str = "vm-error-", suffix: str = ".txt") -> Path | None:
    """The file, readable for this user only, that the details were written to; None where that failed."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=prefix, suffix=suffix)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(details)
    except OSError:
        return None
    return Path(name)


def _told(error: Exception, call: Invocation) -> int:
    if isinstance(error, click.ClickException):
        shown = io.StringIO()
        error.show(shown)  # Click's own text shows the usage and points at the help
        with contextlib.suppress(OSError):
            click.echo(text.block(shown.getvalue()), nl=False, err=True)
        return error.exit_code
    if isinstance(error, VmError):
        return _said(exit_of(error), str(error), error.hint, call)
    if isinstance(error, OSError) and error.errno in _UNHEARD and error.filename is None:
        return _not_written(error, call)
    if trouble := _of_the_database(error, call):
        return _told(trouble, call)
    return _unforeseen(error, call)


def _of_the_database(error: Exception, call: Invocation) -> NotReadable | None:
    """What a database in trouble (full, locked, not to be written) says, with its path; None for any other error."""
    if "sqlalchemy" not in sys.modules:  # help does without it
        return None
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415 - it is loaded

    from vm_webapp.cli.opening import settings_of  # noqa: PLC0415 - likewise, by whoever has a database

    if not isinstance(error, OperationalError):
        return None
    return NotReadable(path=settings_of(call).database_path, problem=str(error.orig))


def _said(code: Exit, message: str, hint: str, call: Invocation) -> int:
    with contextlib.suppress(OSError):  # there is no other place to say it
        click.echo(click.style(text.block(message), fg="red"), err=True, color=False if call.no_color else None)
        if hint:
            click.echo(text.block(hint), err=True)
    return code


def _unforeseen(error: Exception, call: Invocation) -> int:
    trace = "".join(traceback.format_exception(error))
    if call.verbose:
        click.echo(text.block(trace), err=True)
        return _said(Exit.INTERNAL, _sentence(error), "", call)
    place = keep_aside(trace)
    hint = f"The details are in {place}." if place else "--verbose shows the details."
    return _said(Exit.INTERNAL, _sentence(error), hint, call)


def _sentence(error: Exception) -> str:
    return f"An unforeseen error ({type(error).__name__}); this is a fault of the program, not yours."


def _not_written(error: OSError, call: Invocation) -> int:
    """Standard output takes no more: end quietly where nobody reads it, else say why."""
    text.go_unheard()
    if error.errno == errno.EPIPE:
        return Exit.FAILED
    return _said(Exit.FAILED, f"The output could not be written: {error.strerror}.", _LOOK, call)
