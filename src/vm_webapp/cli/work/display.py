"""How a run goes, one row per stage: redrawn in place on a terminal, else a line for each change, or nothing."""

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from types import FrameType
from typing import Final

import click
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from vm_webapp.cli import text
from vm_webapp.cli.screen import between, cell, duration, status
from vm_webapp.cli.work.desk import Record
from vm_webapp.cli.work.follow import Display

_FRAMES_PER_SECOND: Final = 10
_ECHO_WIDTH: Final = len("^C^C") + 1
"""Left free at the end of a row: a terminal's echo of Ctrl+C must not break the line, or redrawing goes wrong."""
_TITLE_WIDTH: Final = 32
_STATUS_WIDTH: Final = len("waiting approval")
_TIME_WIDTH: Final = len("10:00 min")
_MARKS: Final = {
    "completed": "✓",
    "failed": "✗",
    "canceled": "✗",
    "waiting_approval": "?",
    "skipped": "-",
    "pending": "·",
}


class Silent:
    """Shows nothing."""

    def show(self, run: Record) -> None:
        """Nothing."""

    def say(self, text: str) -> None:
        """Nothing."""


class Lines:
    """A line for each change, for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._seen: dict[str, tuple[str, int]] = {}

    def show(self, run: Record) -> None:
        """What changed since the last time."""
        for stage in run["stages"]:
            now = stage["status"], stage["attempt"]
            if now != self._seen.get(stage["stage_key"], ("pending", 0)):
                self._print(_line(stage))
            self._seen[stage["stage_key"]] = now

    def say(self, sentence: str) -> None:
        """A sentence in between; on standard error where the output takes no more."""
        self._print(Text(sentence))
        if self._console.quiet:
            _say_aside(sentence)

    def _print(self, line: Text) -> None:
        """Print it; where the output takes no more, say so once and go on: the run is the work, not its display."""
        try:
            self._console.print(line)
        except OSError as error:
            self._console.quiet = True
            text.go_unheard()
            _say_aside(f"The output is read no more ({error.strerror}); the run goes on, and its end is told here.")


class Rows:
    """A row per stage, redrawn while time passes."""

    def __init__(self) -> None:
        self._run: Record | None = None
        self._said: list[str] = []
        self._spinner = Spinner("dots", style="cyan")

    def show(self, run: Record) -> None:
        """The run as it is now."""
        self._run = run

    def say(self, text: str) -> None:
        """A sentence below the rows."""
        self._said.append(text)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The rows, and what was said."""
        if self._run is None:
            return
        yield self._grid(self._run["stages"], options.max_width - _ECHO_WIDTH)
        if self._run["status"] == "queued":
            yield Text("In line: another run of this thread is at work.", style="cyan")
        yield from (Text(said, style="yellow") for said in self._said)

    def _grid(self, stages: Sequence[Record], width: int) -> Table:
        grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
        grid.width = width
        grid.add_column(width=1)
        grid.add_column(no_wrap=True, overflow="ellipsis", width=_widest(stages))
        grid.add_column(no_wrap=True, width=_STATUS_WIDTH)
        grid.add_column(no_wrap=True, justify="right", width=_TIME_WIDTH)
        grid.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        for stage in stages:
            grid.add_row(self._mark(stage), cell(stage["title"]), status(_state(stage)), _spent(stage), _more(stage))
        return grid

    def _mark(self, stage: Record) -> RenderableType:
        if stage["status"] == "running":
            return self._spinner
        state = _state(stage)
        return Text(_MARKS[state], style=status(state).style)


@contextmanager
def display_on(console: Console, *, quiet: bool) -> Iterator[Display]:
    """The display that suits the console; the last state stays on the screen."""
    if quiet:
        yield Silent()
    elif not console.is_terminal or console.is_dumb_terminal:
        yield Lines(console)
    else:
        with _redrawn(Rows(), console) as rows:
            yield rows


@contextmanager
def _redrawn(rows: Rows, console: Console) -> Iterator[Rows]:
    """Draw the rows until the end; Ctrl+Z gives the terminal back, with its cursor, and `fg` draws them afresh."""
    live = _begin(rows, console)

    def stopped(_number: int, _frame: FrameType | None) -> None:
        nonlocal live
        live.stop()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        signal.raise_signal(signal.SIGTSTP)  # the program stands still in here
        signal.signal(signal.SIGTSTP, stopped)
        live = _begin(rows, console)

    heeded = sys.platform != "win32" and signal.getsignal(signal.SIGTSTP) == signal.SIG_DFL
    try:
        if heeded:
            signal.signal(signal.SIGTSTP, stopped)
        yield rows
    finally:
        if heeded:
            signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        live.stop()


def _begin(rows: Rows, console: Console) -> Live:
    live = Live(rows, console=console, refresh_per_second=_FRAMES_PER_SECOND, redirect_stderr=False)
    live.start(refresh=True)
    return live


def _say_aside(sentence: str) -> None:
    with suppress(OSError):
        click.echo(sentence, err=True)


def _line(stage: Record) -> Text:
    more = _more(stage).plain
    spent = _spent(stage)
    words = [text.line(stage["title"]), ": ", _state(stage).replace("_", " ")]
    if stage["finished_at"]:
        words += [f" after {spent}"]
    return Text("".join(words) + (f" ({more})" if more else ""))


def _widest(stages: Sequence[Record]) -> int:
    return min(_TITLE_WIDTH, max(len(text.line(stage["title"])) for stage in stages))


def _state(stage: Record) -> str:
    """The stage's status; one that failed because its run was canceled is called canceled."""
    canceled = stage["status"] == "failed" and stage["attempts"] and stage["attempts"][-1]["error_code"] == "canceled"
    return "canceled" if canceled else str(stage["status"])


def _spent(stage: Record) -> str:
    """The time of the newest attempt."""
    if not stage["attempts"]:
        return ""
    attempt = stage["attempts"][-1]
    return duration(between(attempt["started_at"], attempt["finished_at"]))


def _more(stage: Record) -> Text:
    """The attempt where it is not the first, why the last one failed, how many files there are."""
    words: list[str] = []
    if stage["attempt"] > 1:
        words.append(f"attempt {stage['attempt']}")
    if stage["carried_from"]:
        words.append("carried over")
    if stage["status"] == "pending" and stage["retry_at"]:
        left = (datetime.fromisoformat(stage["retry_at"]) - datetime.now().astimezone()).total_seconds()
        words.append(f"again in {duration(max(0.0, left))}")
    if stage["attempts"] and stage["attempts"][-1]["error_message"] and _state(stage) != "canceled":
        words.append(text.line(stage["attempts"][-1]["error_message"]))
    if stage["artifacts"]:
        words.append(text.counted(len(stage["artifacts"]), "file"))
    return Text(", ".join(words), style="dim")
