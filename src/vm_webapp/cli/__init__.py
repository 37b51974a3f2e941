"""The command line: one program, `vm`; docs/cli.md lists its commands.

What can be typed is declared in `interface`, which imports next to nothing, so that help comes at once; what a command
does stands in a module of its own, imported when it is called.
"""

from collections.abc import Sequence
from typing import Final

from vm_webapp.cli.exits import Exit
from vm_webapp.cli.failures import carry_out
from vm_webapp.cli.interface import program
from vm_webapp.cli.invocation import begin
from vm_webapp.cli.loading import begin_process
from vm_webapp.cli.text import prepare_streams
from vm_webapp.writers import Writer

__all__ = ["Exit", "main"]

_COMPLETE: Final = "_VM_COMPLETE"
"""What a shell asks for completions by, however the program is called."""


def main(arguments: Sequence[str] | None = None, *, writer: Writer | None = None) -> int:
    """Do what the arguments (those of the process where None) say and return the exit code.

    `writer` takes the place of the one that the settings name.
    """
    prepare_streams()
    call = begin(writer=writer, alone=arguments is None)
    if call.alone:
        begin_process()

    def act() -> object:
        return program.main(
            args=None if arguments is None else list(arguments),
            prog_name=call.program,
            complete_var=_COMPLETE,
            standalone_mode=False,
            obj=call,
        )

    return carry_out(act, call)
