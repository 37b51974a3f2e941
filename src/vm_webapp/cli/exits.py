"""How the program ends: its exit codes, a sentence each; docs/cli.md has the same table."""

from enum import IntEnum

from vm_webapp.errors import Invalid, NotFound, VmError, WorkspaceError


class Exit(IntEnum):
    """What the exit code says."""

    OK = 0
    """What was asked for is done; a run is completed."""
    FAILED = 1
    """It did not come out well: a run failed or was canceled, a file does not hold, something was refused."""
    USAGE = 2
    """What was typed cannot be meant: an unknown option, mode or id."""
    WORKSPACE = 3
    """The workspace or its database cannot be used, or another process has it."""
    WAITING = 4
    """The run waits for a person's approval."""
    GOING_ON = 5
    """The run was left before it was settled: the time of --timeout passed, or Ctrl+C came twice."""
    INTERNAL = 70
    """An unforeseen error; it is a fault of the program."""
    INTERRUPTED = 130
    """Ctrl+C, outside of a run."""


_EXITS: tuple[tuple[type[VmError], Exit], ...] = (
    (Invalid, Exit.USAGE),
    (NotFound, Exit.USAGE),
    (WorkspaceError, Exit.WORKSPACE),
    (VmError, Exit.FAILED),
)


def exit_of(error: VmError) -> Exit:
    """The exit code that an error leads to."""
    return next(code for kind, code in _EXITS if isinstance(error, kind))
