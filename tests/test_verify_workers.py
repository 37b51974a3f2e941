"""Processes that help `verify`: they say what this process would, and never outlive it."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from test_cli_look import make_workspace
from vm_webapp.cli.checks import crew

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux alone")

CHILD = """
import os, sys
from pathlib import Path
from vm_webapp.cli import main
from vm_webapp.cli.checks import worker

worker._MANY = int(sys.argv[2])
os.sched_getaffinity = lambda _: {0, 1, 2}
forked = []
fork = os.fork

def counted():
    child = fork()
    if child:
        forked.append(child)
        print(child, file=sys.stderr, flush=True)
    elif sys.argv[3] == "die":
        os._exit(1)
    return child

os.fork = counted
code = main(["--workspace", sys.argv[1], "verify", "--json"])
assert not any(Path(f"/proc/{child}").exists() for child in forked)
sys.exit(code)
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with three runs, of which one file is not what was published."""
    workspace = tmp_path_factory.mktemp("helped") / "vm"
    make_workspace(workspace)
    path = min(workspace.glob("runs/*/stages/01-brief/artifacts/brief.md"))
    path.write_bytes(path.read_bytes() + b"!")
    return workspace


def verified(workspace: Path, many: int, how: str = "") -> tuple[str, int]:
    """What a process of its own says, and how many others it made."""
    command = [sys.executable, "-c", CHILD, str(workspace), str(many), how]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1, done.stderr
    return done.stdout, len(done.stderr.split())


def test_helpers_say_what_one_process_says(filled: Path) -> None:
    """The same report, problem by problem; they are gone when it is there."""
    alone, helped = verified(filled, 1_000), verified(filled, 2)
    assert (alone[1], helped[1]) == (0, 2)
    assert json.loads(alone[0]) == json.loads(helped[0])
    assert "brief.md" in json.loads(helped[0])["problems"][0]["text"]


def test_what_a_helper_does_not_answer_is_checked_here(filled: Path) -> None:
    """Both die at once: nothing is left out."""
    assert json.loads(verified(filled, 2, "die")[0]) == json.loads(verified(filled, 1_000)[0])


ASKING = """
import sys, threading
from pathlib import Path
from vm_webapp.cli.checks.worker import Worker

made = Worker(Path(sys.argv[1]), Path(sys.argv[1]) / "workspace.sqlite3")
print(made._process_id, flush=True)
threading.Event().wait()
"""


def test_a_helper_never_outlives_who_asked(filled: Path) -> None:
    """SIGKILL for the one that asked: its helper ends by itself."""
    asking = subprocess.Popen([sys.executable, "-c", ASKING, str(filled)], stdout=subprocess.PIPE, text=True)
    assert asking.stdout is not None
    helper = int(asking.stdout.readline())
    watched = os.pidfd_open(helper)
    asking.send_signal(signal.SIGKILL)
    asking.wait()
    asking.stdout.close()

    assert select.select([watched], [], [], 30)[0] == [watched]
    os.close(watched)


ASKED_BY_MANY = """
import os, signal, sys, threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from vm_webapp.cli.checks.worker import NoAnswer, Worker

root, damaged = Path(sys.argv[1]), sys.argv[2]
made = Worker(root, root / "workspace.sqlite3")
run_ids = sorted(path.name for path in (root / "runs").iterdir())

def ask(at):
    run_id = run_ids[at % len(run_ids)]
    try:
        report = made.check([run_id])
    except NoAnswer:
        return "none"
    named = {problem.run_id for problem in report.problems}
    return "right" if report.runs == 1 and named == ({damaged} & {run_id}) else "wrong"

with ThreadPoolExecutor(4) as pool:
    print(*set(pool.map(ask, range(60))))
    os.kill(made._process_id, signal.SIGKILL)
    print(*set(pool.map(ask, range(60, 80))))
made.close()
"""


def test_threads_that_ask_one_helper_hear_each_its_own_answer(filled: Path) -> None:
    """Also when it dies: then nobody waits for an answer."""
    damaged = min(filled.glob("runs/*/stages/01-brief/artifacts/brief.md")).parents[3].name
    command = [sys.executable, "-c", ASKED_BY_MANY, str(filled), damaged]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    assert done.stdout.split() == ["right", "none"], done.stderr


@pytest.mark.parametrize("workers", [0, 1, 7])
@pytest.mark.parametrize("runs", [0, 1, 63, 1_000])
def test_runs_are_handed_out_in_their_order_and_none_is_left_out(workers: int, runs: int) -> None:
    """Whoever is done first waits for few: towards the end less is handed out at a time."""
    run_ids = [f"r-{number}" for number in range(runs)]
    sizes = [len(some) for some in crew.cut(run_ids, workers)]

    assert [run_id for some in crew.cut(run_ids, workers) for run_id in some] == run_ids
    if workers:
        assert sizes[:-1] == sorted(sizes[:-1], reverse=True)
        assert all(size <= 8 for size in sizes[-2:])
