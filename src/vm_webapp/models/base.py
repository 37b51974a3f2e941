"""What every table is made of: the root, and times as text."""

from datetime import UTC, datetime

from sqlalchemy import (
    Dialect,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase


class UtcText(TypeDecorator[datetime]):
    """A UTC time as RFC 3339 text with microseconds, so that it sorts as text; SQLite would hand back a naive one."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the port's
        """To text; a naive time is refused."""
        return None if value is None else utc_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the port's
        """From text."""
        return None if value is None else datetime.fromisoformat(value)


def utc_text(value: datetime) -> str:
    """RFC 3339, UTC, always with microseconds and `Z`."""
    if value.tzinfo is None:
        msg = "a time without a zone cannot be recorded"
        raise ValueError(msg)
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Base(DeclarativeBase):
    """The tables' root."""

    type_annotation_map = {datetime: UtcText, str: Text}  # noqa: RUF012 - the name and form that SQLAlchemy asks for
