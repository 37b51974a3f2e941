"""The locks: they have what pyproject.toml asks for, each with its hash, and name no host."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from script_kit import LOCKS, ROOT, loaded


def pins(name: str) -> dict[str, tuple[str, str]]:
    """The version and the hashes of each package in a lock."""
    found = re.findall(r"^([\w.-]+)==(\S+)(.*(?:\n    .*)*)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    return {canonicalize_name(package): (version, rest) for package, version, rest in found}


def asked_for(name: str) -> list[Requirement]:
    """What pyproject.toml asks of a lock, the build backend included."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [*pyproject["project"]["dependencies"], *pyproject["build-system"]["requires"]]
    if name == "requirements-dev.lock":
        asked += pyproject["dependency-groups"]["dev"]
    return [Requirement(line) for line in asked]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_what_pyproject_asks_for(name: str) -> None:
    """A dependency that was added or raised without `scripts/lock` is named here."""
    locked = pins(name)
    versions = {package: version for package, (version, _) in locked.items()}
    missing = [
        str(wanted)
        for wanted in asked_for(name)
        if not wanted.specifier.contains(versions.get(canonicalize_name(wanted.name), "0"), prereleases=True)
        or canonicalize_name(wanted.name) not in versions
    ]
    assert missing == []


@pytest.mark.parametrize("name", LOCKS)
def test_each_pin_has_a_hash(name: str) -> None:
    """Nothing is installed that was not looked at when the lock was made."""
    assert [package for package, (_, rest) in pins(name).items() if "--hash=sha256:" not in rest] == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_host(name: str) -> None:
    """Where packages come from is the machine's affair: there are only pins, hashes and one comment."""
    text = (ROOT / name).read_text(encoding="utf-8")
    foreign = [
        line for line in text.splitlines()[1:] if not re.match(r"[\w.-]+==\S+|    --hash=sha256:[0-9a-f]{64}", line)
    ]
    assert (foreign, "://" in text, re.search(r"https?:|index-url|find-links", text)) == ([], False, None)


def test_both_locks_have_the_same_pins() -> None:
    """What is tested is what runs."""
    core, development = pins("requirements.lock"), pins("requirements-dev.lock")
    assert core == {package: pin for package, pin in development.items() if package in core}


def test_renewing_a_lock_drops_whatever_names_a_host() -> None:
    """Options, comments and what only a browser's Python needs are left out, with their hashes."""
    text = (
        "--index-url https://mirror.example/simple\n"
        "a==1 \\\n    --hash=sha256:aa\n    # via -r /home/someone/in.txt\n"
        "b==2 ; sys_platform == 'emscripten' \\\n    --hash=sha256:bb\n"
        "c @ https://mirror.example/c.whl \\\n    --hash=sha256:cc\n"
    )
    assert loaded("scripts/lock").without_hosts(text) == "a==1 \\\n    --hash=sha256:aa\n"
