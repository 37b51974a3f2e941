from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from vm_webapp.writers import offline
from vm_webapp.writers.offline.phrases import table

DATA = Path(offline.__file__).parent / "data"
TABLES = sorted(file.relative_to(DATA).with_suffix("").as_posix() for file in DATA.rglob("*.yaml"))


def faults(value: object, where: str) -> Iterator[str]:
    """Texts in one language only, and words that YAML took for something else (a comma, or `no`, without quotes)."""
    if isinstance(value, dict):
        if value.keys() & {"en", "pt"} and value.keys() != {"en", "pt"}:
            yield where
        for key, item in value.items():
            yield from faults(item, f"{where}/{key}")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from faults(item, f"{where}/{place}")
    elif value is None or isinstance(value, bool):
        yield where


@pytest.mark.parametrize("name", TABLES)
def test_every_text_stands_in_both_languages(name: str) -> None:
    """No table has a text in one language alone, or a word that YAML read as nothing or as true or false."""
    assert list(faults(yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8")), name)) == []


def test_objectives_refer_to_what_there_is() -> None:
    """Every KPI, risk, angle and channel that an objective names has its table."""
    kpis = {key for name in ("acquire", "keep", "occasion") for key in table(f"kpis/{name}")}
    known: dict[str, set[str]] = {"kpis": kpis, "risks": set(table("risks")), "angles": set(table("angles"))}
    channels = set(table("channels"))
    for name in (name for name in TABLES if name.startswith("objectives/")):
        objective: dict[str, Any] = table(name)
        assert {key: set(objective[key]) - names for key, names in known.items()} == {key: set() for key in known}
        assert {*objective["suggest"]["b2b"], *objective["suggest"]["b2c"]} <= channels
        assert sum("peak" in phase for phase in objective["phases"]) == 1
    assert channels == {file.stem for file in (DATA / "channels").iterdir()} - {"other"}
