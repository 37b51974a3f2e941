"""Every event of the log: its digest, its predecessor in the stream, and that none is missing or too many.

Rows are read as they are stored, by columns that are looked up first: a log of before the chain has none for it, and is
read all the same. Text that is no UTF-8 is read with what stands in for it, and then has no canonical form.

A whole log is walked in two gaits. The database itself writes each event's canonical form (its `json_object` escapes
as RFC 8785 does); where the digest of that is the recorded one, and the event is the one that is due, it holds. Every
other event, and every batch that the database cannot write so, is looked at slowly, by its columns, and named.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import Connection

from vm_webapp.cli.checks.report import Report
from vm_webapp.db import execute
from vm_webapp.errors import Invalid, NotReadable
from vm_webapp.migrations import SCHEMA
from vm_webapp.proof.events import FIELDS, canonical_event, canonical_values

_BATCH: Final = 2_000
_NAMES: Final = ("global_position", "sha256", *FIELDS)
_FORM: Final = len(_NAMES) - len(FIELDS)
_NEW: Final = ("sha256", "previous_sha256")
_WRITTEN: Final = "CAST(json_object(" + ", ".join(f"'{name}', {name}" for name in FIELDS) + ") AS BLOB)"
_QUICK: Final = f"SELECT global_position, sha256, stream_id, stream_version, previous_sha256, event_id, {_WRITTEN} FROM events WHERE global_position > ? ORDER BY global_position LIMIT ?"  # noqa: E501, S608 - constants
_NEW_STREAM: Final = (0, "")
_TRIGGER: Final = re.compile(r"CREATE TRIGGER (\w+) .*")

Row = Mapping[str, Any]
Rows = list[tuple[Any, ...]]


class Damaged(NotReadable):
    """{path} cannot be read: {problem}."""

    code = "damaged"


class Walked(NamedTuple):
    """An event of the log: its position, its canonical form (None where it has none), and its id."""

    position: int
    content: bytes | None
    event_id: object

    @property
    def name(self) -> str:
        """How a message names it."""
        return f"The event {self.event_id} at position {self.position}"


@dataclass(slots=True)
class Chain:
    """What a walk knows when it stands behind `position`.

    `heads` has the version and the digest (None where it cannot be told) of each stream that was met; `begun` is
    whether digests have begun, for events of before the chain have none and all later ones have.
    """

    position: int = 0
    begun: bool = False
    heads: dict[str, tuple[int, str | None]] = field(default_factory=dict)


def walk(connection: Connection, chain: Chain, report: Report) -> Iterator[list[Walked]]:
    """Every event behind the chain's position, checked, in the log's order and in batches."""
    select = _select(connection)
    resumed = chain.position > 0
    while True:
        quick = _read_quickly(connection, chain.position)
        batch = _walk_slowly(connection, select, chain, report, resumed=resumed) if quick is None else []
        for position, sha256, stream_id, version, previous, event_id, content in quick or ():
            known, head = chain.heads.get(stream_id, _NEW_STREAM)
            digest = hashlib.sha256(content).hexdigest()
            due = position == chain.position + 1 and version == known + 1 and head is not None
            if due and sha256 == digest and previous == (head or None):
                chain.position, chain.begun, report.events = position, True, report.events + 1
                chain.heads[stream_id] = (version, digest)
                batch.append(Walked(position, content, event_id))
            else:
                batch += _walk_slowly(connection, select, chain, report, resumed=resumed, until=position)
        if not batch:
            return
        yield batch


def _read_quickly(connection: Connection, position: int) -> Rows | None:
    """A batch behind the position, each with its canonical form; None where the database cannot write one of them."""
    try:
        return cast("Rows", execute(connection, _QUICK, (position, _BATCH)).fetchall())
    except Exception:  # noqa: BLE001 - whatever it is: it is looked at slowly, and named
        return None


def _walk_slowly(
    connection: Connection, select: str, chain: Chain, report: Report, *, resumed: bool, until: int | None = None
) -> list[Walked]:
    """A batch behind the chain's position, or the event at `until`, by its columns."""
    where, wanted = ("global_position > ?", chain.position) if until is None else ("global_position = ?", until)
    batch = []
    for values in fetch(connection, f"{select} WHERE {where} ORDER BY global_position LIMIT {_BATCH}", (wanted,)):
        row = dict(zip(_NAMES, values, strict=True))
        position = values[0]
        if position != chain.position + 1:
            report.problem(_gap(chain.position + 1, position - 1), position=position)
        chain.position = position
        if resumed and row["stream_id"] not in chain.heads and _version(row, 1) != 1:
            _take_up(connection, chain, row)
        batch.append(_checked(chain, row, values, report))
    return batch


def walk_streams(connection: Connection, where: str, values: tuple[Any, ...], report: Report) -> Iterator[Walked]:
    """The events that fit a condition, checked with their streams, in the log's order."""
    chain = Chain()
    query = f"{_select(connection)} WHERE {where} ORDER BY global_position"
    for found in fetch(connection, query, values):
        yield _checked(chain, dict(zip(_NAMES, found, strict=True)), found, report)


def check_end(connection: Connection, last: int, report: Report) -> None:
    """That the log ends where its counter says, and that the database still forbids to change it."""
    counted = value(connection, "SELECT seq FROM sqlite_sequence WHERE name = 'events'") or 0
    if counted != last:
        report.problem(f"The log ends at position {last}, and its counter says {counted}.", position=last)
    tables = {name for (name,) in fetch(connection, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    there = {
        str(name): _plain(str(said))
        for name, said in fetch(connection, "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    }
    due = {found[1]: _plain(found[0]) for found in _TRIGGER.finditer(SCHEMA.read_text(encoding="utf-8"))}
    for name, said in due.items():
        if name.partition("_no_")[0] in tables and there.get(name) != said:
            what = "is another" if name in there else "is missing"
            report.problem(f"The trigger {name}, which keeps rows from being changed, {what}.")
    for name in sorted(there.keys() - due.keys()):
        report.problem(f"The database has a trigger {name}, which is none of the program's.")


def _plain(statement: str) -> str:
    """A statement without what its spelling may differ in."""
    return " ".join(statement.split()).rstrip("; ")


def fetch(connection: Connection, query: str, values: tuple[Any, ...] = ()) -> Rows:
    """The rows; bytes that are no UTF-8 are read as half characters, which no text of ours holds.

    Damaged where the database cannot be read there.
    """
    try:
        return cast("Rows", execute(connection, query, values).fetchall())
    except Exception:  # noqa: BLE001 - the driver's own error; one of another kind comes again below
        driver = cast("Any", connection.connection.driver_connection)
        driver.text_factory = lambda content: content.decode("utf-8", "surrogateescape")
    try:
        return cast("Rows", execute(connection, query, values).fetchall())
    except Exception as error:
        reason = str(getattr(error, "orig", error))
        raise Damaged(path="the database", problem=reason) from error
    finally:
        driver.text_factory = str


def value(connection: Connection, query: str, values: tuple[Any, ...] = ()) -> Any:  # noqa: ANN401 - a column's
    """The first column of the first row, None where there is no row; Damaged likewise."""
    rows = fetch(connection, query, values)
    return rows[0][0] if rows else None


def has_table(connection: Connection, name: str) -> bool:
    """Whether the database has the table; those of older releases lack the newer ones."""
    return bool(value(connection, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?", (name,)))


def _select(connection: Connection) -> str:
    there = {name for _, name, *_ in fetch(connection, "PRAGMA table_info(events)")}
    names = (name if name in there or name not in _NEW else f"NULL AS {name}" for name in _NAMES)
    return f"SELECT {', '.join(names)} FROM events"  # noqa: S608 - the names are constants


def _gap(first: int, last: int) -> str:
    which = f"The event at position {first} is" if first == last else f"The events at positions {first} to {last} are"
    return f"{which} missing from the log."


def _take_up(connection: Connection, chain: Chain, row: Row) -> None:
    """Where a walk goes on: the head of a stream that was checked before it was cut off."""
    query = f"{_select(connection)} WHERE stream_id = ? AND stream_version = ?"
    for found in fetch(connection, query, (row["stream_id"], _version(row, 1) - 1)):
        before = dict(zip(_NAMES, found, strict=True))
        chain.heads[row["stream_id"]] = (_version(before, 0), hashlib.sha256(canonical_event(before)).hexdigest())


def _name_of(row: Row) -> str:
    return Walked(row["global_position"], None, row["event_id"]).name


def _checked(chain: Chain, row: Row, values: Sequence[Any], report: Report) -> Walked:
    report.events += 1
    position, due = row["global_position"], chain.heads.get(row["stream_id"], _NEW_STREAM)[0] + 1
    try:
        content = canonical_values(values[_FORM:])
    except Invalid as error:
        report.problem(f"{_name_of(row)} is not as it was written: {error}", position=position)
        chain.heads[row["stream_id"]] = (_version(row, due), None)
        return Walked(position, None, row["event_id"])
    digest = hashlib.sha256(content).hexdigest()
    if problem := _wrong(chain, row, digest):
        report.problem(f"{_name_of(row)} {problem}.", position=position)
    chain.begun = chain.begun or row["sha256"] is not None
    chain.heads[row["stream_id"]] = (_version(row, due), digest)
    return Walked(position, content, row["event_id"])


def _version(row: Row, due: int) -> int:
    """The event's number in its stream; the one that is due where the row has none."""
    version = row["stream_version"]
    return version if type(version) is int else due


def _wrong(chain: Chain, row: Row, digest: str) -> str:
    """What does not hold of an event, as the rest of a sentence; empty where it holds."""
    version, head = chain.heads.get(row["stream_id"], (0, ""))
    if row["stream_version"] != version + 1:
        return f"is number {row['stream_version']!r} of its stream {row['stream_id']}, where {version + 1} is due"
    if row["sha256"] is None and row["previous_sha256"] is None:
        return "has lost its digest" if chain.begun else ""
    if row["sha256"] != digest:
        return "is not what was recorded: its digest does not hold"
    if head is not None and (row["previous_sha256"] or "") != head:
        return "does not follow on the one before it in its stream: the chain is broken there"
    return ""
