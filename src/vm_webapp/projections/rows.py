"""View rows on their way into the database: loaded once, changed in memory, written once."""

import json
from collections.abc import Callable
from typing import Any, TypeAlias

from sqlalchemy import Connection, Table, bindparam, select
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.dialects.sqlite import insert as upsert

from vm_webapp.events import RecordedEvent
from vm_webapp.models import VIEWS, Base

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
            found = self._connection.execute(_SELECT[view.__tablename__], {"key": key}).mappings().first()
            if found is None:
                return None
            cached[key] = {name: _decode(name, value) for name, value in found.items()}
        return cached[key]

    def put(self, view: type[Base], key: str, row: Row) -> None:
        """Keep a new row."""
        self._rows.setdefault(view.__tablename__, {})[key] = row

    def flush(self) -> None:
        """Write every touched row; what stops being active first, so that no two are active at any moment."""
        for table, rows in self._rows.items():
            if rows:
                encoded = [{name: _encode(name, value) for name, value in row.items()} for row in rows.values()]
                encoded.sort(key=lambda row: row.get("status") == "running")
                self._connection.execute(_UPSERT[table], encoded)
        self._rows.clear()


Apply: TypeAlias = Callable[[Rows, RecordedEvent], None]


def _decode(name: str, value: Any) -> Any:  # noqa: ANN401 - a column's value
    return json.loads(value) if name.endswith("_json") and value is not None else value


def _encode(name: str, value: Any) -> Any:  # noqa: ANN401 - a column's value
    if name.endswith("_json") and value is not None:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value


def _upsert(table: Table) -> Insert:
    statement = upsert(table)
    (key,) = table.primary_key.columns
    others = {column.name: statement.excluded[column.name] for column in table.columns if column is not key}
    return statement.on_conflict_do_update(index_elements=[key], set_=others)


_TABLES = {view.__tablename__: view.__table__ for view in VIEWS}
_UPSERT = {name: _upsert(table) for name, table in _TABLES.items()}
_SELECT = {
    name: select(table).where(next(iter(table.primary_key.columns)) == bindparam("key"))
    for name, table in _TABLES.items()
}
