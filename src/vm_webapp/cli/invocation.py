"""One call of the program: what holds for every command."""

import os
import re
import shlex
import sys
from dataclasses import dataclass, field
from pathlib import Path

from vm_webapp.writers import Writer

_AS_MODULE = "python -m vm_webapp"
_PLAIN_WORDS = re.compile(r"[\w.,/:-]+( [\w.,/:-]+)+")


@dataclass(slots=True, kw_only=True)
class Invocation:
    """The global options; None where nothing was said.

    `program` is how the program was called; the process is there for this call `alone`, or belongs to somebody else.
    """

    program: str = "vm"
    workspace: Path | None = None
    database: Path | None = None
    token: str | None = field(default=None, repr=False)
    verbose: bool = False
    no_color: bool = False
    writer: Writer | None = None
    alone: bool = False

    def spelled(self, *words: str) -> str:
        """A command to type next, with the global options of this call."""
        options: list[str] = []
        if self.workspace is not None:
            options += ["--workspace", str(self.workspace)]
        if self.database is not None:
            options += ["--database", str(self.database)]
        return " ".join([self.program, *map(_quoted, (*options, *words))])


def begin(*, writer: Writer | None = None, alone: bool = False) -> Invocation:
    """A call about which nothing is said yet, but for NO_COLOR (https://no-color.org)."""
    return Invocation(program=_program(), no_color=bool(os.environ.get("NO_COLOR")), writer=writer, alone=alone)


def _quoted(word: str) -> str:
    """The word as every shell takes it: in double quotes where nothing in it means something to one."""
    return f'"{word}"' if _PLAIN_WORDS.fullmatch(word) else shlex.quote(word)


def _program() -> str:
    """How to call this program again: `vm`, the `./vm` of a checkout, or the module."""
    called = Path(sys.argv[0])
    if called.name != "__main__.py":
        return "vm"
    script = Path(sys.prefix).parent / "vm"
    if not script.is_file():
        return _AS_MODULE
    return "./vm" if script.parent == Path.cwd() else shlex.quote(str(script))
