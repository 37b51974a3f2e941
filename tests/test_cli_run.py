"""`run` and its kin as a user meets them: the work, its display, its interruption, its end."""

import json
import os
import pty
import select
import signal
from pathlib import Path
from typing import Any

import pytest

from test_cli_child import Child, read_until
from vm_webapp.cli import Exit
from vm_webapp.cli.screen import duration

LENGTHS = {0.02: "<0.1 s", 0.44: "0.4 s", 12.9: "12 s", 125: "2:05 min", 5_999: "99:59 min", 86_399: "23:59 h"}


@pytest.fixture
def child(tmp_path: Path) -> Child:
    """The program in an empty folder."""
    return Child(tmp_path)


@pytest.mark.parametrize(("seconds", "told"), LENGTHS.items())
def test_lengths_of_time_are_told_as_people_tell_them(seconds: float, told: str) -> None:
    """In seconds, minutes or hours, such as those that a model's server asks to wait."""
    assert duration(seconds) == told


def record(child: Child, *arguments: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - those of Child.run
    """What a command prints as JSON."""
    found: dict[str, Any] = json.loads(child.run(*arguments, "--json", **more).stdout)
    return found


def test_a_run_ends_with_its_files(child: Child) -> None:
    """Without a server the request is executed, its files are listed with sizes, and the page's address is said."""
    done = child.run("run", "Launch", "the", "cold", "brew")
    assert "My brand / My project / Launch the cold brew" in done.stdout
    assert "Brief: completed" in done.stdout
    assert "Version 1 completed" in done.stdout
    assert "stages/01-brief/artifacts/brief.md" in done.stdout
    assert "http://127.0.0.1:8766/#/runs/r-" in done.stdout
    assert "serve" in done.stdout
    assert done.stderr == ""


def test_the_offline_writer_serves_without_any_setting(child: Child) -> None:
    """The program as it is shipped completes a plan."""
    done = child.run("run", "Launch our cold brew in Lisbon", "--json", as_shipped=True)
    assert json.loads(done.stdout)["status"] == "completed"


def test_the_request_may_come_from_a_pipe_or_a_file(child: Child) -> None:
    """`-` reads standard input, --file a file; both as UTF-8."""
    (child.folder / "brief.txt").write_text("Aus der Datei: Frühstück", encoding="utf-8")
    piped = record(child, "run", "-", given="Durch die Röhre".encode())
    filed = record(child, "run", "--file", "brief.txt")
    assert [piped["request_text"], filed["request_text"]] == ["Durch die Röhre", "Aus der Datei: Frühstück"]


def test_a_request_that_is_no_text_is_refused(child: Child) -> None:
    """Bytes that are not UTF-8 get a sentence."""
    assert "not UTF-8 text" in child.run("run", "-", given=b"\xff\xfe", code=Exit.USAGE).stderr


def test_a_run_that_takes_too_long_is_left(child: Child) -> None:
    """--timeout leaves it with exit code 5; the next start goes on with it."""
    hold = child.hold
    left = record(child, "run", "Go", "--timeout", "0.2", env={"HOLD": f"brief:{hold}"}, code=Exit.GOING_ON)
    hold.unlink()
    record(child, "run", "Go")
    assert record(child, "show", left["run_id"])["status"] == "completed"


def test_ctrl_c_cancels_the_run(child: Child) -> None:
    """One SIGINT in the middle of a stage: canceled, exit code 1, no trace."""
    with child.start("run", "Go", env={"HOLD": f"brief:{child.hold}"}) as process:
        read_until(process.stdout, "Brief: running")
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert "Canceled; what was finished before stays." in output
    assert (process.returncode, errors) == (Exit.FAILED, "")
    assert record(child, "show", "latest")["status"] == "canceled"


def test_a_signal_to_end_leaves_the_run(child: Child) -> None:
    """SIGTERM (as Ctrl+C twice) leaves the run open, says that it goes on, and `cancel` stops it later."""
    hold = child.hold
    with child.start("run", "Go", env={"HOLD": f"brief:{hold}"}) as process:
        read_until(process.stdout, "Brief: running")
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=60)
    assert "It goes on at the next start" in output
    assert (process.returncode, errors) == (Exit.GOING_ON, "")
    assert record(child, "show", "latest")["status"] == "running"
    canceled = child.run("cancel", "latest", env={"HOLD": f"brief:{hold}"})
    assert canceled.stdout.endswith(": canceled\n")


def test_ctrl_c_while_the_program_ends_hides_nothing(child: Child) -> None:
    """Where a writer is slow to stop, Ctrl+C hastens the end; how the run was left is told with its exit code."""
    with child.start("run", "Go", env={"HOLD": f"brief:{child.hold}", "DEAF": "1"}) as process:
        read_until(process.stdout, "Brief: running")
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=60)
    assert "It goes on at the next start" in output
    assert (process.returncode, errors) == (Exit.GOING_ON, "")


def test_a_second_run_waits_for_the_first(child: Child) -> None:
    """Two `run` on one workspace: the second says that it waits, then works; a `cancel` meanwhile is refused."""
    hold = child.hold
    with child.start("run", "One", env={"HOLD": f"brief:{hold}"}) as first:
        read_until(first.stdout, "Brief: running")
        with child.start("run", "Two") as second:
            said = read_until(second.stderr, "waiting for it")
            refused = child.run("cancel", "latest", code=Exit.WORKSPACE)
            hold.unlink()
            output, _ = second.communicate(timeout=60)
        first.communicate(timeout=60)
    assert f"Process {first.pid} is at work" in said
    assert "is at work in the workspace" in refused.stderr
    assert (first.returncode, second.returncode) == (0, 0)
    assert "Version 1 completed" in output


def test_a_terminal_gets_rows_that_are_redrawn(child: Child) -> None:
    """On a terminal of 80 columns every stage has a row, nothing is wider, and the cursor comes back."""
    hold = child.hold
    screen = on_terminal(
        child, ["run", "Go"], env={"HOLD": f"brief:{hold}", "COLUMNS": "80"}, until="running", then=hold
    )
    assert "\x1b[?25l" in screen
    assert screen.rindex("\x1b[?25h") > screen.rindex("\x1b[?25l")
    assert "Assembled plan" in screen
    assert "Version 1 completed" in screen


def test_ctrl_z_gives_the_terminal_back(child: Child) -> None:
    """The cursor is shown before it stops; when it goes on the rows are drawn afresh and the run is completed."""
    hold = child.hold
    process_id, terminal = begin_on_terminal(child, ["run", "Go"], env={"HOLD": f"brief:{hold}"})
    shown = b""
    while b"running" not in shown:
        shown += os.read(terminal, 4096)
    os.kill(process_id, signal.SIGTSTP)  # no shell waits for it here, so that it goes on at once
    hold.unlink()
    before, shows, after = rest_of(process_id, terminal).partition("\x1b[?25h")
    assert "Version 1 completed" not in before + shows
    assert "\x1b[?25l" in after
    assert "Version 1 completed" in after


def test_no_color_is_heard(child: Child) -> None:
    """With NO_COLOR a terminal gets no colours."""
    screen = on_terminal(child, ["profiles"], env={"NO_COLOR": "1"})
    coloured = on_terminal(child, ["profiles", "--check", "nowhere.yaml"], env={})
    assert "\x1b[3" not in screen
    assert "\x1b[31m" in coloured


def on_terminal(
    child: Child, arguments: list[str], *, env: dict[str, str], until: str = "", then: Path | None = None
) -> str:
    """What a terminal gets; when `until` was shown, the file `then` is removed."""
    return rest_of(*begin_on_terminal(child, arguments, env=env), until=until, then=then)


def begin_on_terminal(child: Child, arguments: list[str], *, env: dict[str, str]) -> tuple[int, int]:
    """Start it on a terminal of its own; the process and the terminal's other side."""
    process_id, terminal = pty.fork()
    if process_id == 0:
        os.chdir(child.folder)
        command = child.command(*arguments)
        os.execve(command[0], command, child.environment(env))  # noqa: S606 - the program itself
    return process_id, terminal


def rest_of(process_id: int, terminal: int, *, until: str = "", then: Path | None = None) -> str:
    """What the terminal gets up to the program's end; when `until` was shown, the file `then` is removed."""
    screen = b""
    while select.select([terminal], [], [], 60)[0]:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # Linux's way to say that the other side is closed
            break
        if not part:
            break
        screen += part
        if then and until.encode() in screen:
            then.unlink(missing_ok=True)
    os.close(terminal)
    os.waitpid(process_id, 0)
    return screen.decode()
