"""Beside a server: requests go through it, looking works, and what needs the workspace alone is refused."""

import json
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from test_cli_child import Child, read_until
from vm_webapp.cli import Exit
from vm_webapp.cli.work.served_desk import find_server, refusal
from vm_webapp.errors import Conflict, Invalid, NotFound, VmError, WorkspaceError


@contextmanager
def serving(child: Child, env: Mapping[str, str] | None = None) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A server on a free port, and its address."""
    with child.start("serve", "--port", "0", env={"VM_LOG_LEVEL": "ERROR", **(env or {})}) as process:
        yield process, read_until(process.stdout, "VM is at").split()[-1]


@pytest.fixture
def child(tmp_path: Path) -> Child:
    """The program in an empty folder."""
    return Child(tmp_path)


def test_a_run_goes_through_the_server(child: Child) -> None:
    """It is completed by the server, shown line by line, found in its list, and verified while it serves."""
    with serving(child) as (_, url):
        done = child.run("run", "Launch", "--objective", "Sell", "--channel", "email")
        again = json.loads(child.run("run", "Launch", "--objective", "More", "--json").stdout)
        listed = httpx2.get(f"{url}/api/v2/workflow-runs", trust_env=False).json()["runs"]
        verified = child.run("verify")
    assert "Version 1 completed" in done.stdout
    assert f"{url}/#/runs/{listed[1]['run_id']}" in done.stdout
    assert "serve" not in done.stdout
    assert (again["status"], again["number"], again["page"]) == ("completed", 2, f"{url}/#/runs/{again['run_id']}")
    assert ", 2 runs," in verified.stdout


def test_ctrl_c_cancels_the_run_in_the_server(child: Child) -> None:
    """The first Ctrl+C is handed on; the server settles the run. `verify` meanwhile finds no fault in work in hand."""
    env = {"HOLD": f"audience:{child.hold}"}
    with serving(child, env), child.start("run", "Go") as process:
        read_until(process.stdout, "Audience: running")
        verified = child.run("verify")
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    assert "Everything holds" in verified.stdout
    assert "Canceled" in output
    assert process.returncode == Exit.FAILED


def test_cancel_and_retry_go_through_the_server(child: Child) -> None:
    """A run that was left is canceled by its id's beginning, then goes on as a new run."""
    hold = child.hold
    with serving(child, {"HOLD": f"audience:{hold}"}):
        left = json.loads(child.run("run", "Go", "--timeout", "1", "--json", code=Exit.GOING_ON).stdout)
        canceled = child.run("cancel", left["run_id"][:-3])
        hold.unlink()
        retried = json.loads(child.run("retry", "latest", "--json").stdout)
        refused = child.run("retry", "latest", code=Exit.FAILED)
    assert canceled.stdout == f"{left['run_id']}: canceled\n"
    assert (retried["status"], retried["forked_from"]["run_id"]) == ("completed", left["run_id"])
    assert "only a failed or canceled run can be retried" in refused.stderr


def test_mistakes_are_told_by_the_server_s_words(child: Child) -> None:
    """An unknown mode and a name of two lines are usage errors here as there."""
    with serving(child):
        unknown = child.run("run", "--mode", "nothing", "Go", code=Exit.USAGE)
        refused = child.run("run", "--due", "soon", "Go", code=Exit.USAGE)
    assert "There is no profile 'nothing'" in unknown.stderr
    assert "--due is no date" in refused.stderr


def test_a_second_server_says_where_the_first_serves(child: Child) -> None:
    """So does `rebuild`; another workspace on the same port is told that the port is taken."""
    with serving(child) as (_, url):
        second = child.run("serve", code=Exit.WORKSPACE)
        rebuilt = child.run("rebuild", code=Exit.WORKSPACE)
        port = url.rpartition(":")[2]
        elsewhere = child.run("--workspace", "other", "serve", "--port", port, code=Exit.WORKSPACE)
    assert f"serves it at {url}" in second.stderr
    assert url in rebuilt.stderr
    assert "--port" in elsewhere.stderr or "another port" in elsewhere.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_stops_when_it_is_told(child: Child, number: signal.Signals) -> None:
    """Exit code 0, a word, no trace; and the workspace is free afterwards."""
    with serving(child) as (process, _):
        process.send_signal(number)
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, output.splitlines()[-1], errors) == (Exit.OK, "Stopped.", "")
    child.run("run", "Go")


def test_what_a_dead_server_left_is_not_believed(child: Child, tmp_path: Path) -> None:
    """The address of a process that is gone, of another machine, or of nobody at all leads to no desk."""
    with serving(child) as (process, url):
        alive = find_server({"url": url, "pid": process.pid})
        assert alive is not None
        alive.close()
        with subprocess.Popen(["true"], cwd=tmp_path) as gone:
            gone.wait(10)
        assert find_server({"url": url, "pid": gone.pid}) is None
        assert find_server({"url": "http://192.0.2.1:80", "pid": process.pid}) is None
        assert find_server({"url": "http://127.0.0.1:9", "pid": process.pid}) is None
        assert find_server({}) is None


@pytest.mark.parametrize(
    ("status", "kind"), [(404, NotFound), (409, Conflict), (422, Invalid), (503, WorkspaceError), (500, VmError)]
)
def test_a_problem_is_the_error_that_it_was(status: int, kind: type[VmError]) -> None:
    """The server's refusal has the same kind, sentence, code and hint here."""
    error = refusal(status, {"detail": "No.", "code": "no", "hint": "Ask again."})
    assert isinstance(error, kind)
    assert (str(error), error.code, error.hint) == ("No.", "no", "Ask again.")
