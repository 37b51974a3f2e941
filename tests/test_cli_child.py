"""The program as a process: its streams, its exit codes, its start.

As a script this file is the program itself with a writer of fixed text, which waits where HOLD says (`stage:file`, as
long as the file is there) and fails where FAIL names a stage. Where DEAF is set it heeds no wish to stop while it is
waiting: it presses Ctrl+C when there is one, and waits on.
"""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

import pytest

from vm_webapp.cli import Exit, main
from vm_webapp.errors import StageError
from vm_webapp.writers import Attempt, StageDraft, StageWork

import loaded_program
from fixed_writer import FixedWriter

TESTS = Path(__file__).resolve().parent
IDLE_SECONDS = 0.01


class HeldWriter(FixedWriter):
    """A writer of fixed text that waits and fails where the environment says."""

    def write(self, work: StageWork, attempt: Attempt) -> StageDraft:
        """The stage's fixed text, when its time has come."""
        stage, _, file = os.environ.get("HOLD", "").partition(":")
        while work.stage.key == stage and Path(file).exists():
            try:
                attempt.check()
            except BaseException:
                if not os.environ.pop("DEAF", ""):
                    raise
                os.kill(os.getpid(), signal.SIGINT)
                while Path(file).exists():
                    time.sleep(IDLE_SECONDS)
            time.sleep(IDLE_SECONDS)
        if work.stage.key == os.environ.get("FAIL"):
            raise StageError("refused", "The writer refused.", retryable=False)
        return super().write(work, attempt)


@cache
def compiled() -> str:
    """A folder for compiled modules, so that many short processes start fast."""
    folder = tempfile.mkdtemp(prefix="vm-test-pycache-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@dataclass(frozen=True)
class Child:
    """Starts the program in a folder of its own; `anew` as a user does, else forked from what is loaded already."""

    folder: Path
    anew: bool = False

    def run(
        self,
        *arguments: str,
        given: bytes = b"",
        env: Mapping[str, str] | None = None,
        code: int | None = 0,
        as_shipped: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        """Run it to its end, `as_shipped` without the fixed writer; the exit code is asserted unless it is None."""
        if self.anew or as_shipped or not loaded_program.CAN_FORK:
            module = [sys.executable, "-m", "vm_webapp", *arguments]
            done = subprocess.run(
                module if as_shipped else self.command(*arguments),
                cwd=self.folder,
                env=self.environment(env),
                input=given,
                capture_output=True,
                timeout=60,
                check=False,
            )
            said = subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())
        else:
            words = self.command(*arguments)[1:]
            said = loaded_program.run(
                words, folder=self.folder, environment=self.environment(env), given=given, held=True
            )
        assert code in (None, said.returncode), said.stdout + said.stderr
        return said

    @contextmanager
    def start(self, *arguments: str, env: Mapping[str, str] | None = None) -> Iterator["subprocess.Popen[str]"]:
        """Start it; it is ended with the block, if it has not ended by then."""
        with subprocess.Popen(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def command(self, *arguments: str) -> list[str]:
        """How it is called."""
        return [sys.executable, str(TESTS / "test_cli_child.py"), *arguments]

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """Nothing of VM from outside, but for what is given."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("VM_", "PYTHON", "NO_COLOR"))}
        paths = os.pathsep.join((str(TESTS.parent / "src"), str(TESTS)))
        return {**kept, "PYTHONPATH": paths, "PYTHONPYCACHEPREFIX": compiled(), "TERM": "xterm", **(more or {})}

    @property
    def hold(self) -> Path:
        """A file that a held stage waits for to go; made here."""
        file = self.folder / "hold"
        file.touch()
        return file


def read_until(stream: IO[str] | None, text: str) -> str:
    """The lines up to the one that has the text."""
    assert stream is not None
    lines = []
    for line in stream:
        lines.append(line)
        if text in line:
            return "".join(lines)
    raise AssertionError(f"{text!r} never came:\n{''.join(lines)}")


@pytest.fixture
def child(tmp_path: Path) -> Child:
    """The program in an empty folder, started as a user starts it."""
    return Child(tmp_path, anew=True)


def test_help_needs_no_heavy_module(child: Child) -> None:
    """Help comes without the database, the web framework or Rich being imported."""
    code = (
        "import sys; from vm_webapp.cli import main; main(['--help']); main(['run', '--help']);"
        "print(sorted({'sqlalchemy', 'fastapi', 'uvicorn', 'alembic', 'rich', 'pydantic'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=child.environment(), capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_lists_need_no_web_framework(child: Child) -> None:
    """`runs` starts without FastAPI, uvicorn or Alembic."""
    code = (
        "import sys; from vm_webapp.cli import main; main(['runs']);"
        "print(sorted({'fastapi', 'uvicorn', 'alembic', 'rich.progress'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=child.folder,
        env=child.environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_module_is_the_program(child: Child) -> None:
    """`python -m vm_webapp` says its version."""
    done = subprocess.run(
        [sys.executable, "-m", "vm_webapp", "--version"],
        env=child.environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.startswith("vm ")


@pytest.mark.parametrize("plain", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}])
def test_output_is_utf_8_whatever_the_locale(child: Child, plain: dict[str, str]) -> None:
    """With a locale that knows ASCII alone names keep their letters."""
    child.run("run", "Lançar o café", "--brand", "Café Ação", env=plain)
    assert "Café Ação" in child.run("brands", env=plain).stdout


def test_a_reader_who_leaves_is_no_error(child: Child) -> None:
    """Output into a closed pipe ends quietly, without a trace."""
    with child.start("profiles", "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(60) in (Exit.FAILED, Exit.OK)


@pytest.mark.parametrize("how", ["anew", "forked"])
def test_nobody_has_to_read_what_is_given(tmp_path: Path, how: str) -> None:
    """A command that does not read its standard input ends as ever, however much is given to it."""
    Child(tmp_path, anew=how == "anew").run("profiles", given=b"x" * 1_000_000)


def test_an_unforeseen_error_is_kept_aside(child: Child) -> None:
    """The user gets a sentence and a file; the file has the trace."""
    env = {"TMPDIR": str(child.folder)}
    broken = child.folder / "runtime" / "vm" / "profiles"
    broken.mkdir(parents=True)
    code = (
        "import sys, vm_webapp.profiles as p\n"
        "from vm_webapp.cli import main\n"
        "p.ProfileLibrary.list_profiles = lambda self: 1 // 0\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    done, traced = (
        subprocess.run(
            [sys.executable, "-c", code, "profiles", *more],
            cwd=child.folder,
            env=child.environment(env),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        for more in ([], ["--verbose"])
    )
    (kept,) = child.folder.glob("vm-error-*.txt")
    assert (done.returncode, traced.returncode) == (Exit.INTERNAL, Exit.INTERNAL)
    assert "Traceback" not in done.stderr
    assert str(kept) in done.stderr
    assert "ZeroDivisionError" in kept.read_text()
    assert "Traceback" in traced.stderr


def test_a_workspace_that_cannot_be_used_is_told(child: Child) -> None:
    """A file where the workspace should be gives exit code 3 and a sentence."""
    (child.folder / "runtime").write_text("in the way")
    done = child.run("run", "go", code=Exit.WORKSPACE)
    assert "cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


if __name__ == "__main__":
    sys.exit(main(writer=HeldWriter()))
