"""The program whose streams are closed, full, or read by nobody any more."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from test_cli_child import Child, read_until
from vm_webapp.cli import Exit

FULL = Path("/dev/full")


@pytest.fixture
def child(tmp_path: Path) -> Child:
    """The program in an empty folder."""
    return Child(tmp_path)


def with_streams(child: Child, line: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run it with its streams as a shell makes them, such as `>/dev/full` or `<&-`."""
    return subprocess.run(
        ["/bin/sh", "-c", f'"$@" {line}', "sh", *child.command(*arguments)],
        cwd=child.folder,
        env=child.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
        text=True,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="the streams are made by a Unix shell")
class TestStreams:
    """What a shell can do with the three streams."""

    @pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
    @pytest.mark.parametrize("typed", [("--help",), ("runs", "--json"), ("show", "latest")])
    def test_an_output_without_room_is_no_fault_of_the_program(self, child: Child, typed: tuple[str, ...]) -> None:
        """A sentence with the reason, and exit code 1."""
        child.run("run", "Go")
        done = with_streams(child, ">/dev/full", *typed)
        assert "The output could not be written: No space left on device." in done.stderr
        assert (done.returncode, "unforeseen" in done.stderr) == (Exit.FAILED, False)

    @pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
    def test_a_run_is_made_though_its_output_has_no_room(self, child: Child) -> None:
        """The run is the work, not its display: it ends well, and that is told on standard error."""
        done = with_streams(child, ">/dev/full", "run", "Go")
        assert (done.returncode, "the run goes on, and its end is told here" in done.stderr) == (Exit.OK, True)
        assert [run["status"] for run in json.loads(child.run("runs", "--json").stdout)["runs"]] == ["completed"]

    @pytest.mark.parametrize("line", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
    def test_a_closed_stream_leads_nowhere(self, child: Child, line: str) -> None:
        """The work is done, and no file of the workspace takes the stream's place."""
        done = with_streams(child, line, "run", "Go", "--json")
        assert (done.returncode, done.stderr) == (Exit.OK, "")
        child.run("verify")

    @pytest.mark.parametrize(
        ("typed", "code"),
        [(("run", "-"), Exit.USAGE), (("edit", "latest", "brief"), Exit.USAGE), (("shwo",), Exit.USAGE)],
    )
    @pytest.mark.parametrize("line", ["<&-", "2>&-"])
    def test_what_is_refused_has_its_exit_code_also_without_streams(
        self, child: Child, typed: tuple[str, ...], code: Exit, line: str
    ) -> None:
        """Nobody to ask, nothing to read and no place for the sentence are no fault of the program."""
        child.run("run", "Go")
        done = with_streams(child, line, *typed)
        assert (done.returncode, "unforeseen" in done.stderr) == (code, False)


def unread(process: "subprocess.Popen[str]", then: Callable[[], object]) -> str:
    """Read its output no more once the first stage is at work, do `then`; what it says on standard error to its end."""
    read_until(process.stdout, "Brief: running")
    assert process.stdout is not None
    process.stdout.close()
    then()
    assert process.stderr is not None
    errors = process.stderr.read()
    process.wait(timeout=60)
    return errors


def test_ctrl_c_cancels_a_run_whose_output_went_away_with_it(child: Child) -> None:
    """In `vm run ... | tee log` Ctrl+C ends `tee` as well; the run is canceled all the same, and that is said."""
    with child.start("run", "Go", env={"HOLD": f"brief:{child.hold}"}) as process:
        errors = unread(process, lambda: process.send_signal(signal.SIGINT))
    assert "Canceling the run" in errors
    assert "Canceled; what was finished before stays." in errors
    assert process.returncode == Exit.FAILED
    assert '"status": "canceled"' in child.run("show", "latest", "--json").stdout


def test_a_run_goes_on_where_nobody_reads_how_it_goes(child: Child) -> None:
    """`vm run ... | head -1` makes the run, tells its end on standard error, and ends with its exit code."""
    hold = child.hold
    with child.start("run", "Go", env={"HOLD": f"brief:{hold}"}) as process:
        errors = unread(process, hold.unlink)
    assert "The output is read no more" in errors
    assert "Version 1 completed" in errors
    assert process.returncode == Exit.OK


def test_what_was_typed_makes_no_terminal_do_anything(child: Child) -> None:
    """Neither in a command that there is not nor in a word too many."""
    for typed in (("runs", "\x1b]0;title\x07"), ("ru\x1b[2Jn",), ("runs", "--\x1b[2J")):
        assert "\x1b" not in child.run(*typed, code=Exit.USAGE).stderr


INTERRUPTED = {
    "loading": """
class Press:
    def find_spec(self, name, *_):
        if name == "vm_webapp.cli.interface":
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Press())
""",
    "ending": "atexit.register(signal.raise_signal, signal.SIGINT)",
}


@pytest.mark.parametrize(("when", "code"), [("loading", Exit.INTERRUPTED), ("ending", Exit.OK)])
def test_ctrl_c_shows_no_trace_from_the_first_moment_to_the_last(when: str, code: Exit) -> None:
    """While modules are loaded it stops; once the exit code stands there is nothing left to stop."""
    heeded = "signal.signal(signal.SIGINT, signal.default_int_handler)"  # also where these tests run in the background
    program = "runpy.run_module('vm_webapp', run_name='__main__')"
    start = "\n".join(["import atexit, runpy, signal, sys", heeded, INTERRUPTED[when], program])
    command = [sys.executable, "-c", start, "--version"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (code, "")
