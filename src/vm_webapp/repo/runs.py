"""Runs: in lists, by lineage, and whose turn it is."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from vm_webapp.db import execute, first_value
from vm_webapp.errors import Erased
from vm_webapp.models import RunView
from vm_webapp.repo.reading import DEFAULT_LIMIT, Reader, all_rows, get_row, of_brand, read_mapping, read_row, rows_of

_RUN_ROW_COLUMNS = [
    column for column in RunView.__table__.columns if column.name not in {"profile_json", "stages_json"}
]
_RUN_COLUMNS = [column.name for column in RunView.__table__.columns]
_PARENTS = 200
_OPEN = ("queued", "running", "waiting_approval")
# The planner takes the partial index of open runs only where its condition stands word for word, and not of itself.
_OPEN_IN_THREAD = (
    "FROM runs_view INDEXED BY ix_runs_open WHERE thread_id = ? AND status IN ('queued', 'running', 'waiting_approval')"
)
_IN_LINE = f"SELECT run_id, status {_OPEN_IN_THREAD} ORDER BY requested_position"
_OTHER_IN_LINE = (
    f"SELECT 1 {_OPEN_IN_THREAD} AND run_id <> ? AND (status = 'running' OR (status = 'queued'"  # noqa: S608 - ours
    " AND requested_position < (SELECT requested_position FROM runs_view WHERE run_id = ?))) LIMIT 1"
)


def get_run(reader: Reader, run_id: str) -> Mapping[str, Any]:
    """The run with its stages; NotFound where there is none."""
    return get_row(reader, RunView, "run", run_id)


def get_kept_run(reader: Reader, run_id: str) -> Mapping[str, Any]:
    """The run, for whoever wants its texts or files; NotFound where there is none, Erased where it was erased."""
    row = get_run(reader, run_id)
    if row["erased"]:
        raise Erased(kind="run", id=run_id, at=row["erased"]["at"], by=row["erased"]["by"])
    return row


def list_runs_by_id(connection: Connection, run_ids: Sequence[str]) -> list[Mapping[str, Any]]:
    """Those of the runs that there are, each with its stages; times are the text that they are kept as."""
    marks = ", ".join("?" * len(run_ids))
    query = f"SELECT {', '.join(_RUN_COLUMNS)} FROM runs_view WHERE run_id IN ({marks})"  # noqa: S608 - names are ours
    rows = execute(connection, query, tuple(run_ids)).fetchall()
    return [read_mapping(zip(_RUN_COLUMNS, row, strict=True)) for row in rows]


def list_runs_by_thread(
    reader: Reader, thread_id: str, *, limit: int = DEFAULT_LIMIT, before: int | None = None
) -> list[Any]:
    """The thread's runs, newest first, without their stages; rows have the columns as attributes."""
    query = select(*_RUN_ROW_COLUMNS).where(RunView.thread_id == thread_id)
    return rows_of(reader, query, RunView.requested_position, limit=limit, before=before)


def list_requesters(reader: Reader, thread_id: str) -> list[str]:
    """Everybody who asked for a run of the thread, once each, whoever asked last first."""
    query = select(RunView.requested_by).where(RunView.thread_id == thread_id)
    newest_first = query.order_by(RunView.requested_position.desc())
    return list(dict.fromkeys(row.requested_by for row in all_rows(reader, newest_first, {})))


def list_runs(
    reader: Reader,
    *,
    status: str | None = None,
    brand_id: str | None = None,
    limit: int = DEFAULT_LIMIT,
    before: int | None = None,
) -> list[Any]:
    """Runs of all threads or of one brand, newest first, without their stages; rows have the columns as attributes."""
    query = of_brand(select(*_RUN_ROW_COLUMNS), RunView.brand_id, brand_id)
    if status is not None:
        query = query.where(RunView.status == status)
    return rows_of(reader, query, RunView.requested_position, limit=limit, before=before)


def list_open_runs(reader: Reader) -> list[Any]:
    """Every run that is not settled, oldest first: run_id, thread_id, status."""
    query = (
        select(RunView.run_id, RunView.thread_id, RunView.status)
        .where(RunView.status.in_(_OPEN))
        .order_by(RunView.requested_position)
    )
    return list(all_rows(reader, query, {}))


def list_ready_runs(connection: Connection, thread_id: str) -> list[str]:
    """The thread's runs that may go on: those that waited for a person, then the oldest in line if none is running."""
    rows = execute(connection, _IN_LINE, (thread_id,)).fetchall()
    waiting = [run_id for run_id, status in rows if status == "waiting_approval"]
    if any(status == "running" for _, status in rows):
        return waiting
    return [*waiting, *[run_id for run_id, status in rows if status == "queued"][:1]]


def list_newest_stages(connection: Connection, mode: str, *, limit: int) -> list[Mapping[str, Any]]:
    """The stages of the newest completed runs of a profile, newest first; of the newest few hundred runs of all."""
    newest = (
        "SELECT mode, stages_json FROM runs_view WHERE status = 'completed' ORDER BY requested_position DESC LIMIT 300"
    )
    query = f"SELECT stages_json FROM ({newest}) WHERE mode = ? LIMIT ?"  # noqa: S608 - ours
    return [json.loads(stages) for (stages,) in execute(connection, query, (mode, limit)).fetchall()]


def list_busy_runs(connection: Connection, thread_id: str) -> list[tuple[str, str]]:
    """The thread's runs that are at work or in line, oldest first: run_id and status."""
    rows = execute(connection, _IN_LINE, (thread_id,)).fetchall()
    return [(run_id, status) for run_id, status in rows if status != "waiting_approval"]


def list_ancestors(reader: Reader, run_id: str) -> list[Mapping[str, Any]]:
    """The runs that this one was forked from, the nearest first."""
    found: list[Mapping[str, Any]] = []
    run = all_rows(reader, select(*_RUN_ROW_COLUMNS).where(RunView.run_id == run_id), {})
    while run and run[0].forked_from_run_id:
        run = all_rows(reader, select(*_RUN_ROW_COLUMNS).where(RunView.run_id == run[0].forked_from_run_id), {})
        found += [read_row(row) for row in run]
    return found


def list_descendants(reader: Reader, run_id: str) -> list[Mapping[str, Any]]:
    """The runs that were forked from this one, directly or through others, the nearest first."""
    found: list[Mapping[str, Any]] = []
    waiting, seen = [run_id], {run_id}
    while waiting:
        query = select(*_RUN_ROW_COLUMNS).where(RunView.forked_from_run_id.in_(waiting[:_PARENTS]))
        rows = [read_row(row) for row in all_rows(reader, query.order_by(RunView.requested_position), {})]
        fresh = [row for row in rows if row["run_id"] not in seen]
        found += fresh
        seen |= {row["run_id"] for row in fresh}
        waiting = waiting[_PARENTS:] + [row["run_id"] for row in fresh]
    return found


def turn_is_free(connection: Connection, *, thread_id: str, run_id: str) -> bool:
    """Whether no other run of the thread is running, and none that was asked for earlier is in line."""
    return first_value(connection, _OTHER_IN_LINE, (thread_id, run_id, run_id)) is None
