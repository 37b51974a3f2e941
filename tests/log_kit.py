"""What the tests of the log's tree share: events, signed, and SQL that no program of ours would say.

A test module takes the fixtures over with `reopened = fresh_reopened` and `grown = fresh_grown`.
"""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from vm_webapp.commands import OWNER
from vm_webapp.domain.brands import CreateBrand
from vm_webapp.host import Host, open_host
from vm_webapp.settings import Settings

from fixed_writer import FixedWriter

SECONDS = 30.0


def brands(host: Host, *names: str) -> None:
    """New brands, an event each."""
    for name in names:
        host.commands.handle(CreateBrand(brand_id=f"b-{name}", name=name), by=OWNER)


def signed(host: Host) -> Host:
    """The host, once all of its log is signed."""
    assert host.log_tree.wait(SECONDS)
    return host


def sql(settings: Settings, *statements: str) -> None:
    """Do to the database of a closed host what no program of ours does; the triggers that forbid it are put back."""
    with closing(sqlite3.connect(settings.database_path)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in (*statements, *(text for _, text in triggers)):
            connection.execute(statement)
        connection.commit()


Reopen = Callable[[], tuple[Host, list[str]]]


@pytest.fixture
def fresh_reopened(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Reopen:
    """Opens the host again and looks at its tree; what it warned of."""

    def reopen() -> tuple[Host, list[str]]:
        capsys.readouterr()
        host = open_host(settings, llm=FixedWriter())
        host.log_tree.catch_up()
        logs = [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()]
        return host, [event for event in logs if event.startswith("log_tree")]

    return reopen


@pytest.fixture
def fresh_grown(settings: Settings) -> Settings:
    """A workspace with seven events, all signed; nobody has it open."""
    host = open_host(settings, llm=FixedWriter())
    brands(host, *"abcdefg")
    signed(host).close()
    return settings
