"""View rows on their way into the database: loaded once, changed in memory, written once."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeAlias, cast

from sqlalchemy import Connection, Table

from vm_webapp.db import execute
from vm_webapp.events import RecordedEvent
from vm_webapp.models import VIEWS, Base, utc_text

Row: TypeAlias = dict[str, Any]


class Rows:
    """The rows that a batch of events touches; columns named `*_json` hold JSON values here, text in the database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: dict[str, dict[str, Row]] = {}
        self._stored: dict[tuple[str, str], tuple[Any, ...]] = {}

    def find(self, view: type[Base], key: str) -> Row | None:
        """The row of that key, to be changed in place and handed to `put`; None where there is none."""
        cached = self._rows.setdefault(view.__tablename__, {})
        if key not in cached:
            table = _TABLES[view.__tablename__]
            found = execute(self._connection, table.select, (key,)).fetchone()
            if found is None:
                return None
            cached[key] = {name: _decode(name, value) for name, value in zip(table.columns, found, strict=True)}
            self._stored[table.name, key] = found
        return cached[key]

    def put(self, view: type[Base], key: str, row: Row) -> None:
        """Keep a new row."""
        self._rows.setdefault(view.__tablename__, {})[key] = row

    def flush(self) -> None:
        """Write every touched row; what stops being active first, so that no two are active at any moment."""
        for name, rows in self._rows.items():
            if rows:
                table = _TABLES[name]
                for key, row in sorted(rows.items(), key=_is_active):
                    self._write(table, key, tuple(_encode(column, row[column]) for column in table.columns))
        self._rows.clear()
        self._stored.clear()

    def _write(self, table: "_Table", key: str, row: tuple[Any, ...]) -> None:
        """Insert a new row; of a stored one write the columns that changed, so that other indexes stay untouched."""
        stored = self._stored.get((table.name, key))
        if stored is None:
            execute(self._connection, table.upsert, row)
            return
        changed = tuple(at for at, value in enumerate(row) if value != stored[at])
        if changed:
            execute(self._connection, _update(table, changed), (*(row[at] for at in changed), key))


Apply: TypeAlias = Callable[[Rows, RecordedEvent], None]


@dataclass(frozen=True, slots=True)
class _Table:
    """A view's columns and the two statements that it needs, in the driver's own words: this is the hot path."""

    name: str
    key: str
    columns: tuple[str, ...]
    select: str
    upsert: str


def _decode(name: str, value: Any) -> Any:  # noqa: ANN401 - a column's value
    return json.loads(value) if name.endswith("_json") and value is not None else value


def _encode(name: str, value: Any) -> Any:  # noqa: ANN401 - a column's value
    if name.endswith("_json"):
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return utc_text(value) if isinstance(value, datetime) else value


def _is_active(item: tuple[str, Row]) -> bool:
    return item[1].get("status") == "running"


@cache
def _update(table: "_Table", changed: tuple[int, ...]) -> str:
    changes = ", ".join(f"{table.columns[at]} = ?" for at in changed)
    return f"UPDATE {table.name} SET {changes} WHERE {table.key} = ?"  # noqa: S608 - the model's own names


def _table(view: type[Base]) -> _Table:
    name = view.__tablename__
    table = cast("Table", view.__table__)
    columns = tuple(column.name for column in table.columns)
    key = next(iter(table.primary_key.columns)).name
    changes = ", ".join(f"{column} = excluded.{column}" for column in columns if column != key)
    return _Table(
        name=name,
        key=key,
        columns=columns,
        select=f"SELECT {', '.join(columns)} FROM {name} WHERE {key} = ?",  # noqa: S608 - the model's own names
        upsert=f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - likewise
        f" ON CONFLICT ({key}) DO UPDATE SET {changes}",
    )


_TABLES = {view.__tablename__: _table(view) for view in VIEWS}
