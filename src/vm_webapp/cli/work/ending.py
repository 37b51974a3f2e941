"""What is said when a run is no longer followed, and the exit code that it leads to."""

from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from vm_webapp.cli import text
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.run_words import stages_waiting, waiting_words
from vm_webapp.cli.screen import between, duration
from vm_webapp.cli.work.desk import Record
from vm_webapp.cli.work.follow import Ending
from vm_webapp.workspace import Workspace, stage_folder

USUAL_URL: Final = "http://127.0.0.1:8766"
_EXITS: Final = {Ending.WAITING: Exit.WAITING, Ending.TIMED_OUT: Exit.GOING_ON, Ending.LEFT: Exit.GOING_ON}


def exit_of(ending: Ending, run: Record) -> Exit:
    """The exit code; 0 for a completed run alone."""
    if ending in _EXITS:
        return _EXITS[ending]
    return Exit.OK if run["status"] == "completed" else Exit.FAILED


def page_of(run: Record, page_url: str | None) -> str:
    """The address of the run in the page, at the usual place where none is served."""
    return f"{page_url or USUAL_URL}/#/runs/{run['run_id']}"


def record_of(run: Record, workspace: Workspace, page_url: str | None) -> dict[str, Any]:
    """The run, the folder of its files, and its page where one is served."""
    return {**run, "folder": str(workspace.run_dir(run["run_id"])), "page": page_url and page_of(run, page_url)}


def next_commands(run: Record) -> list[tuple[str, ...]]:
    """What can be done next with the run: words that introduce a command, and the command's words."""
    run_id = run["run_id"]
    keys = [stage["stage_key"] for stage in stages_waiting(run)]
    if keys:
        asked: list[tuple[str, ...]] = [("Approve it:", "approve", run_id, key) for key in keys]
        return [*asked, ("Or not:", "reject", run_id, keys[0], "--reason", "...")]
    if run["status"] == "failed" and run["error"]["code"] == "rejected":
        return [("Have it revised:", "revise", run_id)]
    if run["status"] == "failed" and run["error"]["code"] == "budget_exhausted" and run["budget_usd"] is not None:
        more = ("fork", run_id, "--stage", run["error"]["stage_key"], "--budget", "...")
        return [("With a larger budget:", *more), ("With the same:", "retry", run_id)]
    return [("Go on with it:", "retry", run_id)] if run["status"] in ("failed", "canceled") else []


class Teller:
    """Tells the end of a run."""

    def __init__(self, call: Invocation, screen: Console, *, page_url: str | None) -> None:
        self._call = call
        self._screen = screen
        self._page_url = page_url

    def tell(self, ending: Ending, run: Record, workspace: Workspace) -> None:
        """How it ended, the files that there are, where to read them, and what can be done next."""
        sentence, style = self._left(run) if ending in (Ending.LEFT, Ending.TIMED_OUT) else _ended(run)
        self._screen.print()
        self._screen.print(Text(sentence, style=style))
        self._list_files(run, workspace.run_dir(run["run_id"]))
        self._screen.print()
        self._point("Read it in the page:", page_of(run, self._page_url))
        if self._page_url is None:
            self._point("Start the page with:", self._call.spelled("serve"))
        for to, *words in next_commands(run):
            self._point(to, self._call.spelled(*words))

    def _left(self, run: Record) -> tuple[str, str]:
        now = run["status"].replace("_", " ")
        what = "It is canceled" if run["cancel_requested"] else "It goes on"
        where = "by the server" if self._page_url else f"at the next start, such as `{self._call.spelled('serve')}`"
        return f"The run is left as it is ({now}). {what} {where}.", "yellow"

    def _list_files(self, run: Record, run_dir: Path) -> None:
        published = [(stage, item) for stage in run["stages"] for item in stage["artifacts"]]
        if not published:
            return
        self._screen.print()
        self._say(f"{text.line(run_dir)}/")
        paths = [f"{stage_folder(stage['position'], stage['stage_key'])}/{item['path']}" for stage, item in published]
        width = max(map(len, paths))
        for path, (_, item) in zip(paths, published, strict=True):
            self._say(f"  {text.line(path):<{width}}  {text.size(item['size']):>8}")

    def _point(self, to: str, what: str) -> None:
        """Something to copy; on a line of its own where both do not fit one."""
        gap = " " if len(to) + len(what) < self._screen.width else "\n  "
        self._say(f"{to}{gap}{what}")

    def _say(self, line: str) -> None:
        """A line that is not broken, so that it can be copied."""
        self._screen.print(Text(line), soft_wrap=True)


def _ended(run: Record) -> tuple[str, str]:
    """How the run ended, and in which style."""
    if run["status"] == "waiting_approval":
        asked = [f"{stage['title']} ({waiting_words(stage['gate'])})" for stage in stages_waiting(run)]
        return f"Waiting for approval of: {text.line(', '.join(asked))}.", "yellow"
    if run["status"] == "failed":
        return f"Failed: {text.line(run['error']['message'])} ({text.line(run['error']['code'])})", "red"
    if run["status"] == "canceled":
        return "Canceled; what was finished before stays.", "magenta"
    spent = duration(between(run["started_at"], run["settled_at"]))
    files = [item for stage in run["stages"] for item in stage["artifacts"]]
    total = text.size(sum(item["size"] for item in files))
    return f"Version {run['number']} completed in {spent}: {text.counted(len(files), 'file')}, {total}.", "green"
