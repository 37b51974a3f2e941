r"""Text on its way to a terminal: UTF-8 whatever the locale, and no control sequences from names or files.

A terminal obeys what it reads (ECMA-48): text from outside must not move the cursor, set the title or turn the line
around. What could is shown as an escape, such as `\x1b`.
"""

import io
import json
import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

_LINE_BREAKS: Final = re.compile(r"\s*[\r\n\v\f\x85\u2028\u2029]\s*|\t")
_CONTROL: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def prepare_streams() -> None:
    """Read and write UTF-8 also where the locale says otherwise; what cannot be written is shown as an escape.

    A stream that is closed (`>&-`) leads nowhere, and no file that is opened later comes to stand in its place.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - it is there as long as the process
            setattr(sys, name, nowhere)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def go_unheard() -> None:
    """Let what is still to be written to standard output go nowhere, also at the exit."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def line(text: object) -> str:
    """The text in one line, safe for a terminal."""
    return block(_LINE_BREAKS.sub(" ", str(text)))


def block(text: str) -> str:
    """The text with its line breaks and tabs, safe for a terminal."""
    return _CONTROL.sub(_escaped, text.replace("\r\n", "\n"))


def to_json(value: object) -> str:
    """The value as JSON for people and programs; what a terminal would obey stands as an escape of JSON."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return _CONTROL.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def size(count: int) -> str:
    """A number of bytes as people read it, such as `4.1 kB` (a kB has 1000 bytes)."""
    if count < 1000:  # noqa: PLR2004 - what kilo means
        return f"{count} B"
    amount = count / 1000
    for unit in ("kB", "MB"):
        if amount < 1000:  # noqa: PLR2004 - likewise
            return f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def counted(count: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _escaped(found: "re.Match[str]") -> str:
    code = ord(found.group())
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"  # noqa: PLR2004 - as Python writes them
