# ruff: noqa: S608 - it attacks with raw SQL of its own
"""`verify` names every event that was changed, taken away, swapped, re-ordered or added."""

import itertools
import sqlite3
from contextlib import closing

import pytest

from test_cli_look import Shell
from verify_kit import AT, COLUMNS, copied_shell, fresh_filled, problems, rows, sql
from vm_webapp.proof.events import NUMBERS

filled = fresh_filled
shell = copied_shell


def changed(name: str) -> str:
    """SQL that changes a column of the event, as little as it can be."""
    if name in NUMBERS or name == "global_position":
        return f"UPDATE events SET {name} = {name} + 1000 WHERE global_position = {AT}"
    one = f"CASE substr({name}, -1) WHEN 'x' THEN 'y' ELSE 'x' END"
    value = f"coalesce(substr({name}, 1, length({name}) - 1) || {one}, 'x')"
    return f"UPDATE events SET {name} = {value} WHERE global_position = {AT}"


@pytest.mark.parametrize("name", COLUMNS)
def test_a_change_of_any_column_of_an_event_is_named(shell: Shell, name: str) -> None:
    """By its position; the run alone finds it as well."""
    sql(shell.workspace, changed(name))
    told = problems(shell)
    place = AT + 1000 if name == "global_position" else AT
    assert f"position {place}" in told
    if name == "global_position":
        assert f"The event at position {AT} is missing from the log" in told


@pytest.mark.parametrize("name", [name for name in COLUMNS if name not in {*NUMBERS, "global_position"}])
def test_a_column_of_another_type_is_named(shell: Shell, name: str) -> None:
    """Bytes that are no text, and text that is no UTF-8: the check goes on to the end."""
    sql(shell.workspace, f"UPDATE events SET {name} = x'c3' WHERE global_position = {AT}")
    assert f"position {AT}" in problems(shell)
    sql(shell.workspace, f"UPDATE events SET {name} = CAST(x'c328' AS TEXT) WHERE global_position = {AT}")
    assert f"position {AT}" in problems(shell)


def test_an_event_that_is_taken_away_is_named(shell: Shell) -> None:
    """In the middle by its gap, in its stream and in the tree."""
    sql(shell.workspace, f"DELETE FROM events WHERE global_position = {AT}")
    assert f"The event at position {AT} is missing from the log." in problems(shell)


def test_a_log_that_was_cut_is_named(shell: Shell) -> None:
    """The tree goes on, and so do the counter and what was signed."""
    last = rows(shell.workspace, "SELECT max(global_position) AS n FROM events")[0]["n"]
    sql(shell.workspace, f"DELETE FROM events WHERE global_position > {last - 3}")
    told = problems(shell)
    assert f"The log ends at position {last - 3}, and its counter says {last}" in told
    assert "The tree has 3 leaves more than the log has events" in told
    assert f"covers {last} events, and the log has {last - 3}" in told


def swap(one: int, other: int) -> tuple[str, ...]:
    """SQL that swaps two positions."""
    return (
        f"UPDATE events SET global_position = -1 WHERE global_position = {one}",
        f"UPDATE events SET global_position = {one} WHERE global_position = {other}",
        f"UPDATE events SET global_position = {other} WHERE global_position = -1",
    )


def test_events_that_were_reordered_are_named(shell: Shell) -> None:
    """Of two streams, so that each stream by itself is whole."""
    found = rows(shell.workspace, "SELECT global_position, stream_id FROM events ORDER BY global_position")
    one, other = next(
        (a["global_position"], b["global_position"])
        for a, b in itertools.pairwise(found)
        if a["stream_id"] != b["stream_id"]
    )
    sql(shell.workspace, *swap(one, other))
    told = problems(shell)
    assert f"position {one} is not the one that was taken into the tree as leaf {one - 1}" in told
    assert f"position {other} is not the one that was taken into the tree as leaf {other - 1}" in told


def test_payloads_that_were_swapped_are_named(shell: Shell) -> None:
    """Both events."""
    one, other = (
        row["payload"]
        for row in rows(
            shell.workspace, "SELECT payload FROM events WHERE global_position IN (6, 7) ORDER BY global_position"
        )
    )
    with closing(sqlite3.connect(shell.workspace / "workspace.sqlite3")) as connection:
        connection.execute("DROP TRIGGER events_no_update")
        connection.execute("UPDATE events SET payload = ? WHERE global_position = 6", (other,))
        connection.execute("UPDATE events SET payload = ? WHERE global_position = 7", (one,))
        connection.commit()
    told = problems(shell)
    assert "position 6 is not what was recorded: its digest does not hold" in told
    assert "position 7 is not what was recorded: its digest does not hold" in told
    assert "The trigger events_no_update, which keeps rows from being changed, is missing." in told


def test_an_event_that_was_added_is_named(shell: Shell) -> None:
    """At the end without a digest, and with one that follows on nothing."""
    columns = ", ".join(name for name in COLUMNS if name not in {"global_position", "event_id", "stream_version"})
    source = f"SELECT 'evt-forged', 99, {columns} FROM events WHERE global_position = {AT}"
    copied = f"INSERT INTO events (event_id, stream_version, {columns}) {source}"
    last = rows(shell.workspace, "SELECT max(global_position) AS n FROM events")[0]["n"]
    sql(shell.workspace, copied)
    told = problems(shell)
    assert f"The event evt-forged at position {last + 1} is number 99 of its stream" in told


@pytest.mark.parametrize("value", ["'1x'", "''", "x'ff00'", "2.5", "-1"])
def test_a_number_in_the_stream_that_is_none_is_named(shell: Shell, value: str) -> None:
    """And the events behind it are checked all the same."""
    (row,) = rows(shell.workspace, f"SELECT stream_id FROM events WHERE global_position = {AT}")
    sql(shell.workspace, f"UPDATE events SET stream_version = {value} WHERE global_position = {AT}")
    sql(shell.workspace, f"UPDATE events SET actor_id = 'x' WHERE global_position = {AT + 9}")
    told = problems(shell)
    assert f"at position {AT} is " in told
    assert f"at position {AT + 9} is not what was recorded" in told
    assert f"at position {AT} is " in problems(shell, row["stream_id"].removeprefix("run:"))
