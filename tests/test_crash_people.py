"""A process that dies while people decide and money is spent asks nobody twice, pays nothing twice, and goes on.

docs/crash-tests.md explains the method; tests/crash_people.py has the lives. VM_TEST_SEED sets what is random.
"""

import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest

from nursery import Job, Nurseries, copy_of, each_life, folder, last_words, points_of

import crash_child
import crash_people

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
_SEED: Final = int(os.environ.get("VM_TEST_SEED", "20261122"))
_WORKS: Final = tuple(crash_people.WORK)
_DANGEROUS: Final = ("commit #", "manifest.json #")
"""Where what is true changes: commits, and files that have just become whole."""


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


@pytest.mark.parametrize("work", _WORKS)
def test_a_life_that_nothing_kills_holds(nurseries: Nurseries, fresh: Path, work: str) -> None:
    """Gates, revisions, forks, edits, retries, budgets, interruptions and breaches keep every invariant."""
    with copy_of(fresh) as place:
        assert last_words(nurseries.run({"root": str(place / "workspace"), "work": work, "check": True})) == []


@pytest.mark.parametrize("work", _WORKS)
def test_a_crash_is_made_good(nurseries: Nurseries, fresh: Path, work: str) -> None:
    """Killed at commits, around manifests and at some other points, the next start and the same people finish it."""
    names = points_of(nurseries, fresh, {"work": work})
    dangerous = [name for name in names if any(word in name for word in _DANGEROUS)]
    chance = random.Random(_SEED)  # noqa: S311 - reproducible on purpose
    assert _trouble(nurseries, fresh, work, [*_some(dangerous, 6, chance), *_some(names, 2, chance)]) == []


@pytest.mark.campaign
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("work", _WORKS)
def test_a_crash_anywhere_is_made_good(nurseries: Nurseries, fresh: Path, work: str) -> None:
    """The same at every point there is."""
    assert _trouble(nurseries, fresh, work, points_of(nurseries, fresh, {"work": work})) == []


@pytest.mark.campaign
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("work", _WORKS)
def test_two_crashes_are_made_good(nurseries: Nurseries, fresh: Path, work: str) -> None:
    """Killed, and killed again in the recovery from it: sixty pairs of seeded points for each life."""
    chance = random.Random(_SEED)  # noqa: S311 - reproducible on purpose
    lives: list[tuple[Path, list[Job]]] = []
    for first in _some(points_of(nurseries, fresh, {"work": work}), 10, chance):
        with copy_of(fresh) as place:
            job = {"root": str(place / "workspace"), "work": work}
            nurseries.run({**job, "kill": first})
            again = nurseries.run({**job, "list": True})["points"]
        kills = [{"work": work, "kill": first}]
        lives += [(fresh, [*kills, {"work": work, "kill": second}]) for second in _some(again, 6, chance)]
    assert _broken(each_life(nurseries, lives, then={"work": work})) == [], f"seed {_SEED}"


@pytest.mark.parametrize(("work", "stage"), [("boasted", "01-boast"), ("forked", "03-three")])
def test_the_method_catches_an_adoption_that_forgets_the_gate(
    nurseries: Nurseries, fresh: Path, work: str, stage: str
) -> None:
    """Written or edited, whole on the disk and not in the log: were its breach forgotten, that would be found out."""
    run_id = {"boasted": "r-boast", "forked": "r-edited"}[work]
    kill = f"after replace runs/{run_id}/stages/{stage}/manifest.json #1"
    lives: list[tuple[Path, list[Job]]] = [(fresh, [{"work": work, "kill": kill}])]
    assert each_life(nurseries, lives, then={"work": work}) == ["killed"]
    (found,) = each_life(nurseries, lives, then={"work": work, "mutant": "adopts without breaches"})
    assert "its gate None" in found


def _trouble(nurseries: Nurseries, fresh: Path, work: str, names: Sequence[str]) -> list[str]:
    """What did not hold after a crash at these points; nearly all of them have to be reached."""
    lives: list[tuple[Path, list[Job]]] = [(fresh, [{"work": work, "kill": name}]) for name in names]
    outcomes = each_life(nurseries, lives, then={"work": work})
    if outcomes.count("killed") < 0.8 * len(names):
        return [f"only {outcomes.count('killed')} of {len(names)} points were reached", *_broken(outcomes)]
    return _broken(outcomes)


def _broken(outcomes: Sequence[str]) -> list[str]:
    return [outcome for outcome in outcomes if outcome not in {"killed", "not reached"}]


def _some(names: Sequence[str], count: int, chance: random.Random) -> list[str]:
    return chance.sample(list(names), min(count, len(names)))
