"""The one door: `./vm` sets up what is missing, once, and says in a sentence what keeps it from doing so."""

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from script_kit import LOCKS, ROOT, Script, loaded


@pytest.fixture
def vm() -> Script:
    """The script."""
    return loaded("vm")


@pytest.fixture
def checkout(vm: Script, tmp_path: Path) -> Script:
    """A checkout with everything set up, for development too; its only package is `click`."""
    for name in ("pyproject.toml", *LOCKS):
        (tmp_path / name).write_text(f"# {name}\n")
    found = vm.Checkout(tmp_path)
    found.python.parent.mkdir(parents=True)
    found.python.symlink_to(sys.executable)
    packages = found.venv / "packages"
    (packages / "click-8.5.dist-info").mkdir(parents=True)
    vm.probe = lambda _command: vm.Python((3, 12), sys.executable, str(packages), {"pip", "venv", "ensurepip"})
    vm.write_stamp(found, "dev")
    return found


def printing(text: str, code: int = 1) -> list[str]:
    """A command that prints and ends, as an installer would."""
    return [sys.executable, "-c", f"print({text!r}); raise SystemExit({code})"]


# --- the stamp ---


def test_nothing_happens_when_everything_is_there(
    vm: Script, checkout: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second start neither says anything nor touches `.venv`."""
    before = sorted(checkout.venv.iterdir())
    vm.make_ready(checkout, "core")
    assert (sorted(checkout.venv.iterdir()), capsys.readouterr()) == (before, ("", ""))


@pytest.mark.parametrize("kind", ["core", "dev"])
def test_the_development_set_up_serves_the_program_too(vm: Script, checkout: Script, kind: str) -> None:
    """The lock for development holds the other's pins, so its stamp is good for both."""
    assert vm.is_ready(checkout, kind)


def test_the_program_s_set_up_does_not_serve_development(vm: Script, checkout: Script) -> None:
    """`./vm test` installs its tools even where the program runs already."""
    vm.write_stamp(checkout, "core")
    assert (vm.is_ready(checkout, "core"), vm.is_ready(checkout, "dev")) == (True, False)


SPOILERS: dict[str, Callable[[Script], object]] = {
    "the lock changed": lambda c: (c.root / "requirements.lock").write_text("other"),
    "pyproject.toml changed": lambda c: (c.root / "pyproject.toml").write_text("other"),
    "a package is gone or another version": lambda c: (c.venv / "packages" / "click-8.5.dist-info").rmdir(),
    "the Python is gone": lambda c: c.python.unlink(),
    "the Python is another": lambda c: (c.python.unlink(), c.python.symlink_to("/bin/sh")),
    "the stamp is gone": lambda c: c.stamp.unlink(),
    "the stamp is garbled": lambda c: c.stamp.write_bytes(c.stamp.read_bytes()[:40]),
    "the stamp is of another folder": lambda c: c.stamp.write_text(
        json.dumps({**json.loads(c.stamp.read_text()), "root": "/elsewhere"})
    ),
}


@pytest.mark.parametrize("spoil", SPOILERS.values(), ids=SPOILERS.keys())
def test_whatever_changed_is_noticed(vm: Script, checkout: Script, spoil: Callable[[Script], object]) -> None:
    """A stamp that is no longer true counts as none."""
    spoil(checkout)
    assert not vm.is_ready(checkout, "core")


# --- setting up ---


def test_a_set_up_writes_the_stamp_last(vm: Script, checkout: Script) -> None:
    """While an installer works there is no stamp, but a sign that it does; afterwards it is the reverse."""
    checkout.stamp.unlink()
    look = f"import os; assert sorted(os.listdir({str(checkout.venv)!r}))[:2] == ['.vm-lock', '.vm-unfinished']"
    vm.ways = lambda *_, **__: [vm.Way("fake", [], [sys.executable, "-c", look])]
    vm.make_ready(checkout, "dev")
    assert (vm.is_ready(checkout, "dev"), checkout.unfinished.exists()) == (True, False)


@pytest.mark.parametrize(("interrupted", "kept"), [(False, True), (True, False)])
def test_a_set_up_that_was_killed_is_built_afresh(
    vm: Script, checkout: Script, *, interrupted: bool, kept: bool
) -> None:
    """A change keeps what is there; after a kill nothing is trusted."""
    checkout.stamp.unlink()
    if interrupted:
        checkout.unfinished.touch()
    asked: list[bool] = []

    def ways(_checkout: Script, _base: Script, *, there: bool) -> list[Script]:
        asked.append(there)
        return [vm.Way("fake", [], printing("", 0))]

    vm.ways = ways
    vm.make_ready(checkout, "core")
    assert asked == [kept]


def test_making_it_afresh_leaves_nothing_of_the_old(vm: Script, checkout: Script) -> None:
    """Only what says that a set-up is under way outlives it."""
    checkout.lock.touch()
    checkout.unfinished.touch()
    vm.clear(checkout)
    assert {path.name for path in checkout.venv.iterdir()} == {".vm-lock", ".vm-unfinished"}


def test_the_next_way_is_tried_when_one_fails(vm: Script, checkout: Script) -> None:
    """A uv that cannot reach its index does not keep pip from reaching its own."""
    broken, good = vm.Way("uv", [], printing("dns error")), vm.Way("pip", [], printing("", 0))
    vm.ways = lambda *_, **__: [broken, good]
    checkout.stamp.unlink()
    vm.make_ready(checkout, "core")
    assert vm.is_ready(checkout, "core")


def test_without_a_network_what_was_there_stays_usable(vm: Script, checkout: Script) -> None:
    """`./vm test` that cannot fetch its tools does not take the program away."""
    vm.write_stamp(checkout, "core")
    vm.ways = lambda *_, **__: [vm.Way("pip", [], printing("NewConnectionError"))]
    with pytest.raises(vm.Trouble, match="could not be reached"):
        vm.make_ready(checkout, "dev")
    assert (vm.is_ready(checkout, "core"), checkout.unfinished.exists()) == (True, False)


def test_only_one_sets_up_at_a_time(vm: Script, tmp_path: Path) -> None:
    """Who comes second waits, also for an installer that outlived the one who started it."""
    path = tmp_path / "lock"
    with vm.held(path) as first, path.open("a") as second:
        outliving = subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=[first])
        assert not vm.taken(second.fileno())
    with path.open("a") as third:
        assert not vm.taken(third.fileno())
        outliving.communicate()
        assert vm.taken(third.fileno())


def test_ways_are_those_that_the_machine_has(vm: Script, checkout: Script) -> None:
    """Debian without python3-venv has no ensurepip: then the system's pip fills an environment made without it."""
    vm.find_uv = lambda: None
    bare = vm.Python((3, 11), "/usr/bin/python3", "", {"venv", "pip"})
    found = vm.ways(checkout, bare, there=False)
    assert [(way.name, "--without-pip" in way.create, "--python" in way.install) for way in found] == [
        ("venv and the system's pip", True, True)
    ]


def test_a_machine_without_any_way_gets_the_remedy(vm: Script, checkout: Script) -> None:
    """The sentence names the package to install."""
    vm.find_uv = lambda: None
    with pytest.raises(vm.Trouble, match="sudo apt-get install python3-venv"):
        vm.ways(checkout, vm.Python((3, 11), "/usr/bin/python3", "", {"venv"}), there=False)


def test_installers_get_the_user_s_settings_but_no_other_target(vm: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    """Index and certificates reach the installer; what would send packages elsewhere does not."""
    for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "SSL_CERT_FILE", "PIP_TARGET", "PYTHONPATH", "PIP_USER"):
        monkeypatch.setenv(name, "kept")
    monkeypatch.setenv("HOME", "")
    given = vm.environment_for_installers()
    assert {name for name, value in given.items() if value == "kept"} >= {
        "PIP_INDEX_URL",
        "UV_DEFAULT_INDEX",
        "SSL_CERT_FILE",
    }
    assert (given.keys() & {"HOME", "PIP_TARGET", "PYTHONPATH"}, given["PIP_USER"]) == (set(), "0")


# --- choosing the Python ---


def choosing(vm: Script, *versions: tuple[int, int] | None) -> Script:
    """Let the script choose among Pythons of these versions; None is one that does not run."""
    fakes = {str(number): version for number, version in enumerate(versions)}
    vm.candidates = lambda: [[number] for number in fakes]
    vm.probe = lambda command: vm.Python(fakes[command[0]], command[0], "", set()) if fakes[command[0]] else None
    return vm.find_python()


@pytest.mark.parametrize(
    ("versions", "chosen"),
    [
        ([(3, 11), (3, 14)], (3, 11)),
        ([(3, 8), None, (3, 12)], (3, 12)),
        ([(3, 15), (3, 13)], (3, 13)),
        ([(3, 15), (3, 9)], (3, 15)),
    ],
    ids=["its own", "one on the PATH that runs", "one the locks are made for", "a newer one as a last resort"],
)
def test_a_suitable_python_is_chosen(
    vm: Script, versions: list[tuple[int, int] | None], chosen: tuple[int, int]
) -> None:
    """Its own if it will do, else the best that the machine has."""
    assert choosing(vm, *versions).version == chosen


def test_an_old_python_gets_a_sentence(vm: Script) -> None:
    """It names the version that is needed and how to get it."""
    with pytest.raises(vm.Trouble, match=r"needs Python 3\.11 or newer .* Install one"):
        choosing(vm, (3, 8), None)


def test_an_old_python_can_read_the_script() -> None:
    """A newer syntax would show a SyntaxError where the sentence should stand."""
    assert ast.parse((ROOT / "vm").read_text(encoding="utf-8"), feature_version=(3, 8)).body


def test_the_running_python_is_recognised(vm: Script) -> None:
    """The probe finds the version, the place of the packages and the modules of a real interpreter."""
    found = vm.probe([sys.executable])
    assert (found.version, "venv" in found.modules, Path(found.packages).is_dir()) == (sys.version_info[:2], True, True)


def test_what_does_not_run_is_no_python(vm: Script) -> None:
    """A version manager's shim for a Python that is not installed counts as none."""
    assert vm.probe(["false"]) is None


# --- arguments ---


@pytest.mark.parametrize(
    ("arguments", "kind", "command"),
    [
        ([], "core", ["-P", "-m", "vm_webapp"]),
        (["serve", "--port", "1"], "core", ["-P", "-m", "vm_webapp", "serve", "--port", "1"]),
        (["run", "test"], "core", ["-P", "-m", "vm_webapp", "run", "test"]),
        (["test"], "dev", [str(ROOT / "scripts" / "check")]),
        (["test", "-k", "x y"], "dev", [str(ROOT / "scripts" / "check"), "-k", "x y"]),
        (["setup"], "core", None),
        (["setup", "--dev"], "dev", None),
    ],
)
def test_arguments_reach_whom_they_are_for(
    vm: Script, arguments: list[str], kind: str, command: list[str] | None
) -> None:
    """`test` and `setup` are the script's own words; everything else is the program's."""
    made: list[str] = []
    handed: list[list[str]] = []
    vm.make_ready = lambda _checkout, wanted: made.append(wanted)

    def hand_over(given: list[str]) -> int:
        handed.append(given[1:])
        return 0

    vm.hand_over = hand_over
    assert (vm.main(arguments), made, handed) == (0, [kind], [command] if command else [])


def test_pytest_runs_alone_with_arguments_and_last_without() -> None:
    """Arguments are for pytest only; the whole check ends with its closing line."""
    check = loaded("scripts/check")
    alone, whole = check.checks(["tests/test_x.py", "-k", "y"]), check.checks([])
    assert [command[1:] for _, command in alone] == [["-m", "pytest", "tests/test_x.py", "-k", "y"]]
    assert [whole[-1], len(whole)] == [
        ("tests", [sys.executable, "-m", "pytest", "-n", str((os.cpu_count() or 1) + 1), "--dist", "worksteal"]),
        7,
    ]


def test_no_chromium_is_said_in_a_word(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where browser tests will skip, the remedy is named."""
    check = loaded("scripts/check")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "apt-get install chromium" in check.browser_sentence("")
    (tmp_path / "chromium").write_text("#!/bin/sh\n")
    (tmp_path / "chromium").chmod(0o755)
    assert check.find_chromium() == str(tmp_path / "chromium")
    (tmp_path / "chromium-headless-shell").write_text("#!/bin/sh\n")
    (tmp_path / "chromium-headless-shell").chmod(0o755)
    assert check.find_chromium() == str(tmp_path / "chromium-headless-shell")
    assert check.find_chromium(windows=True) == str(tmp_path / "chromium")


# --- sentences ---


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "no space left"),
        ("error: failed to copy file: No space left on device (os error 28)", "no space left"),
        ("[Errno 13] Permission denied: '/opt/vm/.venv'", "may not write here"),
        ("[Errno 30] Read-only file system: '/opt/vm/.venv'", "may not write here"),
        (
            "NewConnectionError('<...>: Failed to establish a new connection: [Errno -3] Temporary failure')",
            "network once",
        ),
        ("ERROR: Could not find a version that satisfies the requirement x (from versions: none)", "network once"),
        ("error sending request for url\n  cause: client error (Connect)\n  cause: dns error", "network once"),
        ("error sending request\n  cause: invalid peer certificate: UnknownIssuer", "SSL_CERT_FILE"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] ...'))", "SSL_CERT_FILE"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "not the one in the lock"),
        ("error: Hash mismatch for `alembic==1.20.1`", "not the one in the lock"),
        ("error: command 'gcc' failed: No such file\nERROR: Failed building wheel for x", "C compiler"),
        ("something\n\nnobody thought of", "the last words were:\n  something\n  nobody thought of"),
    ],
)
def test_what_goes_wrong_is_said_with_its_remedy(vm: Script, output: str, sentence: str) -> None:
    """What pip, uv and the system say becomes one sentence that helps."""
    assert sentence in vm.sentence_for(output)


@pytest.mark.parametrize("output", ["[Errno 28] No space left on device", "NewConnectionError", "who knows"])
def test_a_failing_install_ends_with_a_sentence_and_1(
    vm: Script, checkout: Script, capsys: pytest.CaptureFixture[str], output: str
) -> None:
    """No traceback reaches the user."""
    checkout.stamp.unlink()
    vm.ways = lambda *_, **__: [vm.Way("pip", [], printing(output))]
    vm.Checkout = lambda _root: checkout
    code = vm.main(["serve"])
    said = capsys.readouterr()
    assert (code, said.out, f"vm: {vm.sentence_for(output)}" in said.err) == (1, "", True)


def test_a_folder_that_may_not_be_written_is_said_in_a_sentence(vm: Script, capsys: pytest.CaptureFixture[str]) -> None:
    """The system's own refusals are translated as well."""

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", ".venv")

    vm.make_ready = refuse
    assert (vm.main(["serve"]), "may not write here" in capsys.readouterr().err) == (1, True)


# --- for real ---


@pytest.mark.campaign
def test_a_copy_sets_itself_up_and_runs(tmp_path: Path) -> None:
    """From nothing to the program's answer and, killed on the way, again; needs a network and about a minute."""
    copy = tmp_path / "a copy [of] it"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "runtime", "__pycache__"))
    command = [sys.executable, str(copy / "vm"), "--help"]
    environment = {**os.environ, "HOME": str(tmp_path)}
    first = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    assert first.stderr is not None
    assert first.stderr.readline().startswith("Setting up")
    first.stderr.readline()  # an installer is at work
    first.kill()
    first.communicate()
    repaired = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    again = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert ("did not finish" in repaired.stderr, repaired.returncode) == (True, 0)
    assert (again.stdout, again.stderr, again.returncode) == (repaired.stdout, "", 0)
