"""What models have cost."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from vm_webapp.db import first_value
from vm_webapp.models import SpendingView
from vm_webapp.repo.reading import Reader, all_rows


def spent_nano(connection: Connection, scope_id: str) -> int:
    """What is spent in a scope such as `brand:<id>`, in 10^-9 dollar, with what is reserved."""
    query = "SELECT cost_nano + reserved_nano FROM spending_view WHERE scope_id = ?"
    return int(first_value(connection, query, (scope_id,)) or 0)


def get_spending(reader: Reader, scope_id: str) -> Mapping[str, int]:
    """The sums of a scope such as `thread:<id>`; zeros where nothing was spent."""
    table: Any = SpendingView.__table__
    rows = all_rows(reader, select(table).where(table.c.scope_id == scope_id), {})
    names = ("calls", "input_tokens", "output_tokens", "cost_nano", "reserved_nano", "unpriced")
    return {name: int(getattr(rows[0], name)) if rows else 0 for name in names}
