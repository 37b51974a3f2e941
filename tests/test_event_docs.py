"""docs/events.md cannot fall behind the program."""

import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vm_webapp import domain
from vm_webapp.events import CATALOGUE
from vm_webapp.sealing import PERSONAL

DOCS = (Path(__file__).resolve().parent.parent / "docs" / "events.md").read_text(encoding="utf-8")
ROWS = {row[0].strip(): row[1:] for row in (line.strip("|").split("|") for line in DOCS.splitlines()) if len(row) == 5}
WRITTEN_ELSEWHERE = {"WorkspaceRecovered"}
"""What no decider makes: the log that it stands in begins with it."""


def events() -> Iterator[tuple[str, Any]]:
    """Every event of the domain, by its type."""
    for module in pkgutil.iter_modules(domain.__path__):
        for name, value in vars(importlib.import_module(f"{domain.__name__}.{module.name}")).items():
            if name in CATALOGUE and dataclasses.is_dataclass(value):
                yield name, value


def test_every_type_is_told_with_its_version() -> None:
    """The table is the catalogue, in its order."""
    told = {name: int(row[0]) for name, row in ROWS.items() if row[0].strip().isdigit()}
    assert list(told.items()) == list(CATALOGUE.items())


def test_every_payload_is_told_field_by_field() -> None:
    """Each row has the event's stream and the payload's fields, in their order."""
    made = {name: (event.aggregate, [field.name for field in dataclasses.fields(event)]) for name, event in events()}
    told = {name: (ROWS[name][1].strip(), re.findall(r"`(\w+)`", ROWS[name][2])) for name in made}
    assert told == made
    assert set(CATALOGUE) - set(made) == WRITTEN_ELSEWHERE


def test_what_an_erasure_takes_bears_a_star() -> None:
    """The fields whose texts are sealed, those of an imported run's past among them."""
    stars = {name: set(re.findall(r"`(\w+)`\*", row[2])) for name, row in ROWS.items()}
    sealed = {name: set(fields) for name, fields in PERSONAL.items()} | {"WorkflowRunImported": {"past"}}
    assert {name: fields for name, fields in stars.items() if fields} == sealed
