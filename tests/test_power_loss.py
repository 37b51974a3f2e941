"""A power cut at any moment loses nothing that was answered; docs/crash-tests.md explains the method."""

import os
import random
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from lost_power import TRACE, Call, Disk, read_calls
from nursery import Nurseries, Nursery, folder, last_words

import crash_child

_SEED: Final = int(os.environ.get("VM_TEST_SEED", "20261122"))
_WITNESSES: Final = ("calls", "acknowledged")
_PEOPLE: Final = ("approved", "forked", "budgeted")
_MUTANTS: Final = ("no sync of commits", "no copies", "told too early")
_SLOW_MUTANTS: Final = ("no sync of files", "no sync of folders")
"""Found out after many cuts only."""


def _can_trace() -> bool:
    if shutil.which("strace") is None:
        return False
    return (
        subprocess.run(["strace", "-qq", "-e", "trace=none", "true"], check=False, capture_output=True).returncode == 0
    )


pytestmark = pytest.mark.skipif(not _can_trace(), reason="needs strace, and leave to trace")


@dataclass(frozen=True, slots=True)
class Life:
    """A recorded life: its folder, the files that were there before, the work it did, its calls."""

    base: Path
    known: Mapping[str, bytes]
    work: str
    calls: Sequence[Call]


@pytest.fixture(scope="module")
def nurseries() -> Iterator[Nurseries]:
    """Where the next starts happen."""
    made = Nurseries()
    yield made
    made.close()


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Life]:
    """The lives of all tests, recorded in one go."""
    place = tmp_path_factory.mktemp("lives")
    jobs = {
        "whole": {"work": "one"},
        "first start": {"work": "catalogue"},
        **{work: {"work": work} for work in _PEOPLE},
        **{mutant: {"work": "one", "mutant": mutant} for mutant in (*_MUTANTS, *_SLOW_MUTANTS)},
    }
    known: dict[str, dict[str, bytes]] = {}
    nursery = Nursery(under=[*TRACE, "-o", str(place / "trace")])
    for name, job in jobs.items():
        base = place / name.replace(" ", "-")
        base.mkdir()
        if job["work"] != "catalogue":
            crash_child.prepare(base / "workspace")
        known[name] = {path.relative_to(base).as_posix(): path.read_bytes() for path in base.rglob("*.yaml")}
        assert nursery.run({"root": str(base / "workspace"), **job})["code"] == 0
    nursery.close()
    calls = list(read_calls(place / "trace"))
    return {
        name: Life(
            place / name.replace(" ", "-"),
            known[name],
            job["work"],
            [call for call in calls if f"{call.path}/".startswith(f"{place}/{name.replace(' ', '-')}/")],
        )
        for name, job in jobs.items()
    }


def test_a_power_cut_loses_nothing_that_was_answered(lives: dict[str, Life], nurseries: Nurseries) -> None:
    """After 30 seeded cuts in the life of a run, the next start makes everything good."""
    assert _cut(lives["whole"], nurseries, states=30, seed=_SEED) == []


def test_a_power_cut_at_the_first_start_loses_nothing(lives: dict[str, Life], nurseries: Nurseries) -> None:
    """The workspace's own folder is made durable before anything in it is answered for."""
    assert _cut(lives["first start"], nurseries, states=15, seed=_SEED) == []


@pytest.mark.parametrize("work", _PEOPLE)
def test_a_power_cut_while_people_decide_loses_nothing(lives: dict[str, Life], nurseries: Nurseries, work: str) -> None:
    """Gates, forks, edits and money: after 12 seeded cuts of each, the next start and the same people finish it."""
    assert _cut(lives[work], nurseries, states=12, seed=_SEED) == []


@pytest.mark.parametrize(
    "mutant", [*_MUTANTS, *(pytest.param(slow, marks=pytest.mark.campaign) for slow in _SLOW_MUTANTS)]
)
def test_the_method_catches(mutant: str, lives: dict[str, Life], nurseries: Nurseries) -> None:
    """A life that leaves out one of the precautions is found out."""
    assert _cut(lives[mutant], nurseries, states=120, seed=_SEED, enough=1) != []


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_a_power_cut_anywhere_loses_nothing(lives: dict[str, Life], nurseries: Nurseries) -> None:
    """The same with 1,500 and 500 states, and 300 of each life with people."""
    found = _cut(lives["whole"], nurseries, states=1500, seed=_SEED)
    found += _cut(lives["first start"], nurseries, states=500, seed=_SEED)
    for work in _PEOPLE:
        found += _cut(lives[work], nurseries, states=300, seed=_SEED)
    assert found == []


def _cut(life: Life, nurseries: Nurseries, *, states: int, seed: int, enough: int = 1_000_000) -> list[str]:
    """What did not hold after power cuts at random moments; stops when enough is found."""
    chance = random.Random(seed)  # noqa: S311 - reproducible on purpose
    moments = sorted(chance.randrange(1, len(life.calls) + 1) for _ in range(states))
    found: list[str] = []

    def restart(at: int, disk: dict[str, bytes | None], witnesses: Mapping[str, bytes]) -> None:
        if len(found) >= enough:
            return
        with folder() as place:
            (place / "workspace").mkdir(exist_ok=True)
            _materialise(disk, witnesses, place)
            words = last_words(nurseries.run({"root": str(place / "workspace"), "work": life.work, "check": True}))
        if words:
            found.append(f"seed {seed}, cut after call {at} of {len(life.calls)}: {'; '.join(words)}")

    with ThreadPoolExecutor(2) as threads:
        done = [threads.submit(restart, at, *state) for at, state in _states(life, moments, chance)]
    for outcome in done:
        outcome.result()
    return found


def _states(
    life: Life, moments: Sequence[int], chance: random.Random
) -> Iterator[tuple[int, tuple[dict[str, bytes | None], dict[str, bytes]]]]:
    """A state of the disk for each moment, with what the witnesses had written down by then."""
    disk = Disk(life.base, life.known)
    witnesses = dict.fromkeys(_WITNESSES, b"")
    waiting = list(moments)
    for at, call in enumerate(life.calls, start=1):
        name = call.path.removeprefix(f"{life.base}/")
        if name in _WITNESSES:
            witnesses[name] += call.content
        elif not name.endswith((".lock", "-shm")):
            disk.apply(call)
        while waiting and waiting[0] == at:
            waiting.pop(0)
            yield at, (disk.survivors(chance), dict(witnesses))


def _materialise(disk: Mapping[str, bytes | None], witnesses: Mapping[str, bytes], place: Path) -> None:
    for path, content in disk.items():
        target = place / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            target.mkdir(exist_ok=True)
        else:
            target.write_bytes(content)
    for name, content in witnesses.items():
        (place / name).write_bytes(content)
    if not (place / "workspace" / "profiles").exists():
        shutil.copytree(_profiles(place), place / "workspace" / "profiles")


def _profiles(place: Path) -> Path:
    """The folder of profiles, which a person makes and nobody answers for."""
    crash_child.prepare(place / "spare")
    return place / "spare" / "profiles"
