"""A process that dies at any instant loses nothing that it had answered and does nothing twice.

docs/crash-tests.md explains the method. The seed of what is random is printed by every failure; VM_TEST_SEED sets it.
"""

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

from nursery import KILLED, Job, Nurseries, copy_of, each_life, folder, last_words, points_of

import crash_child

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
_SEED: Final = int(os.environ.get("VM_TEST_SEED", "20261122"))


@pytest.fixture(scope="module")
def nurseries() -> Iterator[Nurseries]:
    """Where the lives begin and end."""
    made = Nurseries()
    yield made
    made.close()


@pytest.fixture(scope="module")
def fresh(nurseries: Nurseries) -> Iterator[Path]:
    """A folder with a workspace whose schema is made, to be copied for every life."""
    with folder() as place:
        crash_child.prepare(place / "workspace")
        assert nurseries.run({"root": str(place / "workspace"), "work": "nothing"})["code"] == 0
        yield place


def test_a_crash_in_a_run_is_made_good(nurseries: Nurseries, fresh: Path) -> None:
    """Killed around half of the commits and manifests and a tenth of all other points, the next start goes on."""
    names = points_of(nurseries, fresh, {})
    dangerous = [name for name in names if "commit #" in name or "manifest.json" in name]
    rest = sorted(set(names) - set(dangerous))
    chance = random.Random(_SEED)  # noqa: S311 - reproducible on purpose
    chosen = [*_some(dangerous, len(dangerous) // 2, chance), *_some(rest, len(rest) // 10, chance)]
    assert _killed_at(nurseries, fresh, chosen) == []
    assert len(names) > 400


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_a_crash_at_every_point_of_a_run_is_made_good(nurseries: Nurseries, fresh: Path) -> None:
    """Killed before, in the middle of and after every file operation and commit, the next start finishes the run."""
    assert _killed_at(nurseries, fresh, points_of(nurseries, fresh, {})) == []


def _killed_at(nurseries: Nurseries, fresh: Path, names: Sequence[str]) -> list[str]:
    """What did not hold after a crash at these points; nearly all of them have to be reached."""
    outcomes = each_life(nurseries, [(fresh, [{"kill": name}]) for name in names])
    found = [outcome for outcome in outcomes if outcome not in {"killed", "not reached"}]
    if outcomes.count("killed") <= 0.9 * len(names):  # on a busy machine commits come together in other groups
        found.append(f"only {outcomes.count('killed')} of {len(names)} points were reached")
    return found


def test_a_crash_in_the_first_start_is_made_good(nurseries: Nurseries) -> None:
    """Killed at a third of all points while the workspace and the schema are made, the next start makes them."""
    chance = random.Random(_SEED)  # noqa: S311 - reproducible on purpose
    outcomes = _killed_in_the_first_start(nurseries, lambda names: _some(names, len(names) // 3, chance))
    assert set(outcomes) == {"killed"}


@pytest.mark.campaign
def test_a_crash_at_every_point_of_the_first_start_is_made_good(nurseries: Nurseries) -> None:
    """The same at all of them."""
    assert set(_killed_in_the_first_start(nurseries, lambda names: names)) == {"killed"}


def _killed_in_the_first_start(nurseries: Nurseries, choose: Callable[[Sequence[str]], Sequence[str]]) -> Sequence[str]:
    with folder() as place:
        crash_child.prepare(place / "workspace")
        names = choose(points_of(nurseries, place, {"work": "nothing"}))
        return each_life(nurseries, [(place, [{"kill": name, "work": "nothing"}]) for name in names])


def test_a_crash_while_a_crash_is_made_good_is_made_good(nurseries: Nurseries, fresh: Path) -> None:
    """Killed in a run, killed again during the recovery from it: both at seeded random points."""
    chance = random.Random(_SEED)  # noqa: S311 - reproducible on purpose
    outcomes = each_life(nurseries, _pairs(nurseries, fresh, chance, firsts=6, seconds=5))
    assert [outcome for outcome in outcomes if outcome not in {"killed", "not reached"}] == [], f"seed {_SEED}"


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_two_crashes_anywhere_are_made_good(nurseries: Nurseries, fresh: Path) -> None:
    """The same with 1,200 pairs."""
    chance = random.Random(_SEED)  # noqa: S311 - reproducible on purpose
    outcomes = each_life(nurseries, _pairs(nurseries, fresh, chance, firsts=60, seconds=20))
    assert [outcome for outcome in outcomes if outcome not in {"killed", "not reached"}] == [], f"seed {_SEED}"


def test_random_kills_of_a_busy_process_lose_nothing(nurseries: Nurseries, fresh: Path) -> None:
    """Killed at 120 random moments while it works on runs in three threads, what was answered is there and once."""
    assert _kill_at_random(nurseries, fresh, seeds=[_SEED, _SEED + 1], kills=60) == []


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_two_thousand_random_kills_lose_nothing(nurseries: Nurseries, fresh: Path) -> None:
    """The same with 200 kills for each of ten seeds."""
    assert _kill_at_random(nurseries, fresh, seeds=[_SEED + at for at in range(10)], kills=200) == []


def _kill_at_random(nurseries: Nurseries, fresh: Path, *, seeds: Sequence[int], kills: int) -> list[str]:
    """What did not hold; a life that ended neither done nor killed, and too few that were killed, are part of it."""

    def live(seed: int) -> tuple[list[str], Counter[int]]:
        chance = random.Random(seed)  # noqa: S311 - reproducible on purpose
        ends: Counter[int] = Counter()
        with copy_of(fresh) as place:
            for cycle in range(kills):
                job = {"root": str(place / "workspace"), "work": "many", "cycle": cycle}
                reply = nurseries.run({**job, "kill_after": chance.uniform(0.01, 0.22)})
                ends[reply["code"]] += 1
                if cycle % 10 == 9:
                    found = last_words(nurseries.run({**job, "check": True}))
                    if found:
                        return [f"seed {seed}, cycle {cycle}", *found], ends
        return [], ends

    with ThreadPoolExecutor(2) as threads:
        results = list(threads.map(live, seeds))
    odd = [f"it ended so: {dict(ends)}" for _, ends in results if not set(ends) <= {0, KILLED}]
    idle = [f"only {ends[KILLED]} of {kills} were killed" for _, ends in results if ends[KILLED] <= kills // 3]
    return [*(sentence for found, _ in results for sentence in found), *odd, *idle]


def _pairs(
    nurseries: Nurseries, fresh: Path, chance: random.Random, *, firsts: int, seconds: int
) -> list[tuple[Path, list[Job]]]:
    lives: list[tuple[Path, list[Job]]] = []
    names = points_of(nurseries, fresh, {})
    for first in chance.sample(names, firsts):
        with copy_of(fresh) as place:
            nurseries.run({"root": str(place / "workspace"), "work": "one", "kill": first})
            again = nurseries.run({"root": str(place / "workspace"), "work": "one", "list": True})
        lives += [(fresh, [{"kill": first}, {"kill": second}]) for second in _some(again["points"], seconds, chance)]
    return lives


def _some(names: Sequence[str], count: int, chance: random.Random) -> list[str]:
    return chance.sample(list(names), min(count, len(names)))
