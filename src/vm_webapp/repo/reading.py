"""How rows are read: one by its key, lists by keyset, JSON columns as values."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from pydantic_core import from_json
from sqlalchemy import Connection, Executable, Row, Select, bindparam, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from vm_webapp.errors import NotFound
from vm_webapp.models import Base

Reader: TypeAlias = Session | Connection
DEFAULT_LIMIT = 50


def as_mapping(row: Row[Any]) -> Mapping[str, Any]:
    """A row of a list of runs as a dict, its `*_json` columns as JSON values under their plain names."""
    return read_row(row)


def of_brand(query: Select[Any], column: InstrumentedAttribute[Any], brand_id: str | None) -> Select[Any]:
    """The query, narrowed to one brand where named."""
    return query if brand_id is None else query.where(column == brand_id)


def get_row(reader: Reader, view: type[Base], kind: str, key: str) -> Mapping[str, Any]:
    """The row with this primary key; NotFound, which names the kind, where there is none."""
    table: Any = view.__table__
    (column,) = table.primary_key.columns
    rows = all_rows(reader, select(table).where(column == bindparam("key")), {"key": key})
    if not rows:
        raise NotFound(kind=kind, id=key)
    return read_row(rows[0])


def page(
    reader: Reader,
    query: Select[Any],
    order: InstrumentedAttribute[int],
    *,
    limit: int,
    before: int | None,
) -> list[Mapping[str, Any]]:
    """One page of a list, newest first, each row as `read_row` gives it."""
    return [read_row(row) for row in rows_of(reader, query, order, limit=limit, before=before)]


def rows_of(
    reader: Reader,
    query: Select[Any],
    order: InstrumentedAttribute[int],
    *,
    limit: int,
    before: int | None,
) -> list[Row[Any]]:
    """One page of a list, newest first, from before a row of the order column on."""
    if before is not None:
        query = query.where(order < before)
    return list(all_rows(reader, query.order_by(order.desc()).limit(limit), {}))


def all_rows(reader: Reader, query: Executable, values: Mapping[str, Any]) -> Sequence[Row[Any]]:
    """Every row that the query finds."""
    return reader.execute(query, values).all()


def read_row(row: Row[Any]) -> Mapping[str, Any]:
    """The row as a dict, its `*_json` columns as JSON values under their plain names."""
    return read_mapping(row._mapping.items())  # noqa: SLF001 - a row's public mapping


def read_mapping(columns: Iterable[tuple[Any, Any]]) -> Mapping[str, Any]:
    """Names and values of a row's columns, read likewise."""
    return {
        name.removesuffix("_json"): from_json(value) if name.endswith("_json") and value is not None else value
        for name, value in columns
    }
