"""What a command shows: tables and lines through Rich, JSON for programs."""

import errno
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from vm_webapp.cli import text
from vm_webapp.cli.invocation import Invocation

_UNBOUNDED = 100_000
_GAP = 2
_LEAST_ROOM = 12
_MOST_MINUTES = 100
"""From so many on a time is told in hours."""
STYLES = {
    "queued": "cyan",
    "running": "cyan",
    "waiting_approval": "yellow",
    "completed": "green",
    "failed": "red",
    "canceled": "magenta",
    "pending": "dim",
    "skipped": "dim",
}


class _Screen(Console):
    """A console whose reader may go away: that is an error like any other, and ends nothing by itself."""

    def on_broken_pipe(self) -> None:
        """Raise BrokenPipeError, where Rich would end the program."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def console(call: Invocation, *, stderr: bool = False) -> Console:
    """A console that takes text as it is; where no terminal reads, lines are as long as they need to be."""
    made = _Screen(markup=False, emoji=False, highlight=False, stderr=stderr, no_color=True if call.no_color else None)
    if not made.is_terminal:
        made.width = _UNBOUNDED
    return made


def show_table(screen: Console, header: Sequence[str], rows: Sequence[Sequence[Text]]) -> None:
    """Print a table without lines; on a terminal the last column is cut where there is not enough room for it."""
    lines = [[Text(title, style="dim") for title in header], *rows]
    widths = [max(line[at].cell_len for line in lines) for at in range(len(header) - 1)]
    room = max(_LEAST_ROOM, screen.width - sum(widths) - _GAP * len(widths))
    for line in lines:
        shown = Text()
        for value, width in zip(line[:-1], widths, strict=True):
            shown.append_text(value).append(" " * (width - value.cell_len + _GAP))
        last = line[-1].copy()
        last.truncate(room, overflow="ellipsis")
        shown.append_text(last).rstrip()
        screen.print(shown, soft_wrap=True)


def say_aside(call: Invocation, sentence: str) -> None:
    """Say on standard error what a list does not say itself: that it is empty, or goes on."""
    console(call, stderr=True).print(Text(sentence), soft_wrap=True)


def cell(value: object, style: str = "") -> Text:
    """A value from outside, safe and in one line."""
    return Text(text.line(value), style=style)


def status(value: str) -> Text:
    """A status in its colour; the word says it, too."""
    return Text(value.replace("_", " "), style=STYLES.get(value, ""))


def show_json(value: Any) -> None:  # noqa: ANN401 - JSON of any kind
    """Print JSON."""
    click.echo(text.to_json(value))


def clock(at: datetime) -> str:
    """The time as a clock here shows it, such as `2026-05-04 09:30:00`."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def ago(at: str | datetime | None, *, now: datetime | None = None) -> str:
    """How long ago that was, in one unit; empty for None."""
    if at is None:
        return ""
    then = datetime.fromisoformat(at) if isinstance(at, str) else at
    seconds = max(0, int(((now or datetime.now(UTC)) - then).total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit} ago"
    return f"{seconds} s ago"


def duration(seconds: float) -> str:
    """A length of time, such as `0.4 s`, `12 s`, `2:05 min` or `23:59 h`."""
    if seconds < 0.1:  # noqa: PLR2004 - a tenth is the smallest part that is told
        return "<0.1 s"
    if seconds < 10:  # noqa: PLR2004 - tenths matter below
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes >= _MOST_MINUTES:
        return f"{minutes // 60}:{minutes % 60:02d} h"
    return f"{minutes}:{rest:02d} min" if minutes else f"{rest} s"


def between(begin: str | None, end: str | None, *, now: datetime | None = None) -> float:
    """The seconds from one time to another (RFC 3339), until now where there is no end; 0 without a beginning."""
    if begin is None:
        return 0.0
    until = datetime.fromisoformat(end) if end else now or datetime.now(UTC)
    return max(0.0, (until - datetime.fromisoformat(begin)).total_seconds())
