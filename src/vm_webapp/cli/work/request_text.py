"""The text of a request: from the arguments, from standard input, or from a file."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from vm_webapp.cli.invocation import Invocation
from vm_webapp.domain.texts import TEXT_LIMIT
from vm_webapp.errors import Invalid, NotReadable

_FROM_STDIN = ("-",)
_LARGEST = 1_000_000
_LARGEST_TEXT = 4_000_000
LONGEST_EDIT = 500_000
"""How many characters a text of one's own may have."""


def read_request(call: Invocation, words: Sequence[str], file: Path | None) -> str:
    """The request; a usage error that shows how where there is none, or two."""
    if file is not None:
        if words:
            raise click.UsageError("Give the request in words or in a file, not both.")
        return _decoded(_read(file), str(file))
    if tuple(words) == _FROM_STDIN:
        if sys.stdin.isatty():
            click.echo("Type the request; end it with Ctrl+D on a line of its own.", err=True)
        return _decoded(sys.stdin.buffer.read(_LARGEST + 1), "standard input")
    text = " ".join(words).strip()
    if not text:
        raise click.UsageError(
            "What is to be made? Put the request behind the command, such as:\n\n"
            f"  {call.spelled('run', 'Launch our cold brew in Lisbon in May')}\n\n"
            "A line or a page both do; `-` reads it from standard input, --file from a file."
        )
    return text


def read_text(place: str) -> str:
    """The text of a file, or of standard input for `-`; Invalid for what is not UTF-8, NotReadable for no file."""
    if (place,) == _FROM_STDIN:
        return _decoded(sys.stdin.buffer.read(_LARGEST_TEXT + 1), "standard input", what="text")
    return _decoded(_read(Path(place), most=_LARGEST_TEXT), place, what="text")


def _read(file: Path, *, most: int = _LARGEST) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(most + 1)
    except OSError as error:
        raise NotReadable(path=file, problem=error.strerror or str(error)) from error


def _decoded(content: bytes, place: str, *, what: str = "request") -> str:
    most, characters = (_LARGEST, TEXT_LIMIT) if what == "request" else (_LARGEST_TEXT, LONGEST_EDIT)
    if len(content) > most:
        raise Invalid(f"The {what} in {place} is longer than {most:,} bytes; {characters:,} characters are the most.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(f"The {what} in {place} is not UTF-8 text, from byte {error.start} on.") from error
