"""The quick way through a log: the database's own JSON is the canonical form, and a sound log needs no other way."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from test_cli_look import Shell
from verify_kit import AT, copied_shell, fresh_filled, problems, sql
from vm_webapp.cli.checks import events
from vm_webapp.db import build_engine, database_of
from vm_webapp.proof.events import FIELDS, NUMBERS, canonical_event

filled = fresh_filled
shell = copied_shell

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
ODD = '\x00\x01\x07\b\t\n\x0b\f\r\x1e\x1f\x7f\x80\u2028\ufeff\U0001f600"\\/\\u001f'
ROWS = st.fixed_dictionaries(
    {
        name: st.integers(-(2**53) + 1, 2**53 - 1)
        if name in NUMBERS
        else st.one_of(st.none(), TEXTS, st.just(ODD), st.just('{"a": "\\n"}'))
        for name in FIELDS
    }
)
WRITTEN = f"SELECT {events._WRITTEN} FROM (SELECT {', '.join(f'? AS {name}' for name in FIELDS)})"  # noqa: S608 - constants


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A connection of the kind that `verify` reads through."""
    opened = database_of(build_engine(tmp_path_factory.mktemp("empty") / "empty.sqlite3"))
    with opened.read() as connection:
        yield connection
    opened.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(row=ROWS)
def test_the_database_writes_the_canonical_form(database: Connection, row: dict[str, Any]) -> None:
    """Whatever a text holds, byte for byte."""
    found = database.exec_driver_sql(WRITTEN, tuple(row[name] for name in FIELDS)).scalar_one()
    assert found == canonical_event(row)


def test_a_sound_log_is_walked_quickly_and_one_bad_event_costs_two_looks(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slow way is taken for the event that does not hold and the one that follows on it, and for nothing else."""
    looked: list[int | None] = []
    slowly = events._walk_slowly

    def look(*about: Any, until: int | None = None, **more: Any) -> list[events.Walked]:  # noqa: ANN401 - passed on
        looked.append(until)
        return slowly(*about, until=until, **more)

    monkeypatch.setattr(events, "_walk_slowly", look)
    assert shell.json("verify")["problems"] == []
    assert looked == []
    sql(shell.workspace, f"UPDATE events SET actor_id = actor_id || 'x' WHERE global_position = {AT}")  # noqa: S608 - ours
    assert f"position {AT}" in problems(shell)
    assert looked == [AT, AT + 1]
