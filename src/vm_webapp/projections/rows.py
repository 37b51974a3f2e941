"""View rows on their way into the database: loaded once, changed in memory, written once."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection

from vm_webapp.events import RecordedEvent
from vm_webapp.models import VIEWS, Base, utc_text

Row: TypeAlias = dict[str, Any]


class Rows:
    """The rows that a batch of events touches; columns named `*_json` hold JSON values here, text in the database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: dict[str, dict[str, Row]] = {}

    def find(self, view: type[Base], key: str) -> Row | None:
        """The row of that key, to be changed in place and handed to `put`; None where there is none."""
        cached = self._rows.setdefault(view.__tablename__, {})
        if key not in cached:
            table = _TABLES[view.__tablename__]
            found = self._connection.exec_driver_sql(table.select, (key,)).first()
            if found is None:
                return None
            cached[key] = {name: _decode(name, value) for name, value in zip(table.columns, found, strict=True)}
        return cached[key]

    def put(self, view: type[Base], key: str, row: Row) -> None:
        """Keep a new row."""
        self._rows.setdefault(view.__tablename__, {})[key] = row

    def flush(self) -> None:
        """Write every touched row; what stops being active first, so that no two are active at any moment."""
        for name, rows in self._rows.items():
            if rows:
                table = _TABLES[name]
                ordered = sorted(rows.values(), key=_is_active)
                encoded = [tuple(_encode(column, row[column]) for column in table.columns) for row in ordered]
                self._connection.exec_driver_sql(table.upsert, encoded)
        self._rows.clear()


Apply: TypeAlias = Callable[[Rows, RecordedEvent], None]


@dataclass(frozen=True, slots=True)
class _Table:
    """A view's columns and the two statements that it needs, in the driver's own words: this is the hot path."""

    columns: tuple[str, ...]
    select: str
    upsert: str


def _decode(name: str, value: Any) -> Any:  # noqa: ANN401 - a column's value
    return json.loads(value) if name.endswith("_json") and value is not None else value


def _encode(name: str, value: Any) -> Any:  # noqa: ANN401 - a column's value
    if name.endswith("_json"):
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return utc_text(value) if isinstance(value, datetime) else value


def _is_active(row: Row) -> bool:
    return row.get("status") == "running"


def _table(view: type[Base]) -> _Table:
    name = view.__tablename__
    columns = tuple(column.name for column in view.__table__.columns)
    key = next(iter(view.__table__.primary_key.columns)).name
    changes = ", ".join(f"{column} = excluded.{column}" for column in columns if column != key)
    return _Table(
        columns=columns,
        select=f"SELECT {', '.join(columns)} FROM {name} WHERE {key} = ?",  # noqa: S608 - the model's own names
        upsert=f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - likewise
        f" ON CONFLICT ({key}) DO UPDATE SET {changes}",
    )


_TABLES = {view.__tablename__: _table(view) for view in VIEWS}
