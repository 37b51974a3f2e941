"""Makes a log of what the run folders prove, where the database is lost or damaged (docs/adr/0011-recovery.md).

The streams are made anew in the shape that everything reads, by the actor `recovery`; each run bears a RunRecovered
that says what it rests on. The new database is put together under another name; only when it is whole is the damaged
one moved aside and the new one given its name.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from vm_webapp import artifacts, event_store, pending_files, projections, repo
from vm_webapp.backups.evidence import RunProof, read_bundle, read_evidence
from vm_webapp.backups.replica import Place, catalog_events, envelope, places_of, run_events
from vm_webapp.db import Database, build_engine, connect, database_of, driver_error, init_db
from vm_webapp.errors import Conflict, NotReadable, VmError
from vm_webapp.events import EventEnvelope, derive_id
from vm_webapp.log_tree.kept import kept_path
from vm_webapp.log_tree.keys import key_path, set_aside
from vm_webapp.records import run_record
from vm_webapp.workspace import Workspace

UNKNOWN: Final = (
    "Who asked for a run, approved, rejected or commented: run.json says it of settled runs, nothing proves it.",
    "Tasks, comments, rules, budgets and their limits, what models have cost, tokens and webhooks.",
    "Brands, projects and threads without a run; earlier names, and texts that no stage was given.",
    "In which order runs took their turns, and their numbers; runs are counted afresh by the time they give.",
    "Runs that were open, and what they would have done next: they are failed, with their finished stages kept.",
    "Attempts that failed; their files are where they were.",
    "That nothing was made up or removed: this log begins now. Witnesses of the old one speak of the old one alone.",
)
"""What run folders cannot prove."""


@dataclass(slots=True, kw_only=True)
class Recovery:
    """What was done; `moved_to` is where the damaged database is now, None where there was none."""

    runs: int = 0
    stages: int = 0
    files: int = 0
    moved_to: str | None = None
    problems: list[str] = field(default_factory=list)
    unknown: Sequence[str] = UNKNOWN


def recover(workspace: Workspace, path: Path) -> Recovery:
    """Recover the workspace's database; the caller owns the workspace.

    Raises Conflict where the database is sound, and where no run folder proves anything; nothing was changed then.
    """
    if is_sound(path):
        raise Conflict(f"{path} is sound; there is nothing to recover. `rebuild` builds its lists afresh.")
    done = Recovery()
    proofs = sorted(_proofs(workspace, done), key=lambda proof: (proof.began_at, proof.run_id))
    if not proofs:
        raise Conflict(f"No folder below {workspace.runs} proves anything. Nothing was changed.")
    made = path.with_name(f"{path.name}.recovering")
    try:
        _remove(made)
        _build(made, workspace, proofs, done)
        _retire_key(workspace)
        done.moved_to = _exchange(made, path)
    except OSError as error:
        raise NotReadable(path=path, problem=error.strerror or str(error)) from error
    _describe(workspace, path)
    return done


def is_sound(path: Path) -> bool:
    """Whether there is a database of ours that SQLite finds no fault with."""
    if not path.is_file() or path.stat().st_size == 0:
        return False
    try:
        with closing(connect(path, read_only=True)) as found:
            said = found.execute("PRAGMA integrity_check(1)").fetchone()
            found.execute("SELECT count(*) FROM events").fetchone()
    except driver_error():
        return False
    return bool(said == ("ok",))


def _proofs(workspace: Workspace, done: Recovery) -> Iterator[RunProof]:
    for proof in read_evidence(workspace):
        done.problems += proof.problems
        if proof.stages or proof.imported is not None:
            yield proof
        elif proof.run_id:
            done.problems.append(f"The run {proof.run_id} has no stage that holds; it is left out.")


def _build(path: Path, workspace: Workspace, proofs: Sequence[RunProof], done: Recovery) -> None:
    engine = build_engine(path)
    database = database_of(engine)
    try:
        init_db(engine)
        places = places_of(proofs)
        database.write(lambda line: _begin(line, proofs, places, done))
        for proof in proofs:
            _add_run(database, workspace, proof, places[proof.run_id], done)
        database.write(lambda line: event_store.save_checkpoint(line, "orchestrator", event_store.last_position(line)))
    finally:
        database.close()
    with closing(connect(path)) as folded:
        folded.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    artifacts.sync_file(path)


def _begin(line: Connection, proofs: Sequence[RunProof], places: Mapping[str, Place], done: Recovery) -> None:
    now = datetime.now(UTC)
    said = {"runs": len(proofs), "problems": done.problems[:1_000], "unknown": list(UNKNOWN)}
    _append(line, [envelope("WorkspaceRecovered", ("recovery", derive_id("rec", now.isoformat())), said, at=now)])
    for one in catalog_events(proofs, places):
        _append(line, [one])


def _add_run(database: Database, workspace: Workspace, proof: RunProof, place: Place, done: Recovery) -> None:
    files: dict[str, bytes] = {}

    def add(line: Connection) -> None:
        _append(line, run_events(proof, place, now=datetime.now(UTC)))
        record = artifacts.to_json(run_record(repo.get_run(line, proof.run_id)))
        pending_files.keep(line, proof.run_id, {**files, "run.json": record})

    try:
        files |= _brought(workspace, proof)
        database.write(add)
    except (VmError, LookupError, TypeError, ValueError) as error:  # its manifests hold and are none of ours
        done.problems.append(f"The run {proof.run_id} could not be made anew: {type(error).__name__}: {error}")
        return
    manifests = [path for path in files if path.endswith(f"/{artifacts.MANIFEST}")]
    done.runs += 1
    done.stages += len(manifests or proof.stages)
    done.files += len(files) or sum(len(list(artifacts.listed(stage.manifest))) + 1 for stage in proof.stages)


def _brought(workspace: Workspace, proof: RunProof) -> Mapping[str, bytes]:
    """The files of an imported run as its bundle has them; of any other run none, for they are where they were."""
    proven = read_bundle(workspace.run_dir(proof.run_id)) if proof.imported is not None else None
    return proven.files if proven else {}


def _append(line: Connection, envelopes: Sequence[EventEnvelope]) -> None:
    projections.project(line, event_store.append(line, envelopes))


def _exchange(made: Path, path: Path) -> str | None:
    """Give the new database its name; what stood there is kept, with what belongs to it."""
    moved_to = None
    aside = f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    for ending in ("", "-wal", "-shm"):
        old = path.with_name(f"{path.name}{ending}")
        if old.exists():
            old.rename(path.with_name(f"{aside}{ending}"))
            moved_to = moved_to or str(path.with_name(aside))
    made.rename(path)
    artifacts.sync_folders([str(path.parent)])
    return moved_to


def _retire_key(workspace: Workspace) -> None:
    """Another log needs another name, which follows from its key: the old one is moved aside, a new one is made."""
    for path in (key_path(workspace), kept_path(workspace)):
        set_aside(path)


def _describe(workspace: Workspace, path: Path) -> None:
    """Let each run.json say what the new log says; if that is cut off, the next start does it."""
    database = database_of(build_engine(path))
    try:
        pending_files.confirm(database, workspace)
    finally:
        database.close()


def _remove(made: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        made.with_name(f"{made.name}{ending}").unlink(missing_ok=True)
