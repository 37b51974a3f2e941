"""How a run goes, one row per stage: redrawn in place on a terminal, else a line for each change, or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from vm_webapp.cli import text
from vm_webapp.cli.screen import between, cell, duration, status
from vm_webapp.cli.work.desk import Record
from vm_webapp.cli.work.follow import Display

_FRAMES_PER_SECOND: Final = 10
_MARKS: Final = {
    "completed": "✓",
    "failed": "✗",
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
                self._console.print(_line(stage))
            self._seen[stage["stage_key"]] = now

    def say(self, text: str) -> None:
        """A sentence in between."""
        self._console.print(Text(text))


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

    def __rich__(self) -> RenderableType:
        """The rows."""
        if self._run is None:
            return Text("")
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(width=1)
        grid.add_column(no_wrap=True, overflow="ellipsis", max_width=32)
        grid.add_column(no_wrap=True)
        grid.add_column(no_wrap=True, justify="right", min_width=6)
        grid.add_column(no_wrap=True, overflow="ellipsis")
        for stage in self._run["stages"]:
            grid.add_row(self._mark(stage), cell(stage["title"]), status(stage["status"]), _spent(stage), _more(stage))
        parts: list[RenderableType] = [grid]
        if self._run["status"] == "queued":
            parts.append(Text("In line: another run of this thread is at work.", style="cyan"))
        return Group(*parts, *(Text(said, style="yellow") for said in self._said))

    def _mark(self, stage: Record) -> RenderableType:
        if stage["status"] == "running":
            return self._spinner
        return Text(_MARKS.get(stage["status"], " "), style=status(stage["status"]).style)


@contextmanager
def display_on(console: Console, *, quiet: bool) -> Iterator[Display]:
    """The display that suits the console; the last state stays on the screen."""
    if quiet:
        yield Silent()
    elif not console.is_terminal or console.is_dumb_terminal:
        yield Lines(console)
    else:
        rows = Rows()
        with Live(rows, console=console, refresh_per_second=_FRAMES_PER_SECOND, redirect_stderr=False):
            yield rows


def _line(stage: Record) -> Text:
    more = _more(stage).plain
    spent = _spent(stage)
    words = [text.line(stage["title"]), ": ", stage["status"].replace("_", " ")]
    if stage["finished_at"]:
        words += [f" after {spent}"]
    return Text("".join(words) + (f" ({more})" if more else ""))


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
    if stage["attempts"] and stage["attempts"][-1]["error_message"]:
        words.append(text.line(stage["attempts"][-1]["error_message"]))
    if stage["artifacts"]:
        words.append(text.counted(len(stage["artifacts"]), "file"))
    return Text(", ".join(words), style="dim")
