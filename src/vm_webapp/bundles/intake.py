"""A bundle brought into a workspace: verified whole, then one commit with the event, the files' copies and the views.

The run keeps its id, since its manifests name it; its stream here is one event (domain/imports). The files are written
as published ones are: their bytes stand in the commit (ADR 2), so a crash leaves all or nothing. A run that is here
already is never touched: the same one again changes nothing, another one of that id is refused.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, Final

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from vm_webapp import artifacts, pending_files, repo
from vm_webapp.bundles.bundle import ORIGIN, BadBundle
from vm_webapp.bundles.chain import RUN_CLASSES
from vm_webapp.bundles.check import Checked, verify_bundle
from vm_webapp.commands import Actor, Commands, new_id
from vm_webapp.domain.brands import CreateBrand
from vm_webapp.domain.projects import CreateProject
from vm_webapp.domain.run_commands import ImportRun
from vm_webapp.domain.runs import Run
from vm_webapp.domain.texts import NAME_LIMIT, looks_like_id, printable
from vm_webapp.domain.thread_messages import CreateThread
from vm_webapp.errors import Conflict, Invalid, NotFound, ThreadIsClosed, VmError
from vm_webapp.proof.notes import VerifierKey
from vm_webapp.records import run_record
from vm_webapp.workspace import Workspace

log = structlog.get_logger(__name__)

_ALL: Final = 100_000
_TOLD: Final = 3
_HOSTILE: Final = (KeyError, TypeError, ValueError, AttributeError, LookupError, ArithmeticError, SQLAlchemyError)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a run is to go: brand, project and thread by id or name; None for what the bundle says.

    What is not there by that name is made, unless the name can only be meant as an id.
    """

    brand: str | None = None
    project: str | None = None
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of it; `fresh` is False where the run had been brought in before."""

    run: dict[str, Any]
    checked: Checked
    fresh: bool


@dataclass(frozen=True, slots=True)
class Proven:
    """A run as a bundle proves it: its import, at the place that it had in its own log, and its files by path."""

    command: ImportRun
    files: Mapping[str, bytes]


def import_bundle(
    commands: Commands,
    workspace: Workspace,
    content: bytes,
    *,
    place: Place,
    by: Actor,
    keys: Sequence[VerifierKey] = (),
) -> Brought:
    """Bring the run of a bundle in; with `keys`, one of them has to have signed it.

    Raises BadBundle for one that does not hold, AlreadyExists for another run of that id, Erased for one that was
    erased here, ThreadIsClosed, NotFound and Invalid for a place that cannot be, Conflict where files of such a run lie
    about that no event knows; nothing is written then.
    """
    checked = verify_bundle(content, keys)
    _refuse_problems(checked)
    files = _files(checked, content)
    write = partial(_write, commands, workspace, checked=checked, files=files, place=place, by=by)
    try:
        run, fresh = commands.database.write(write)
    except VmError:
        raise
    except _HOSTILE as error:
        raise BadBundle(problem=f"its events cannot be told as a run ({type(error).__name__})") from error
    if fresh:
        _put(workspace, checked.run_id, {**files, "run.json": artifacts.to_json(run)})
    return Brought(run, checked, fresh)


def read_import(content: bytes, *, run_id: str) -> Proven:
    """The run of that id as the bundle proves it, under the key that it brings along; BadBundle where it does not."""
    checked = verify_bundle(content)
    _refuse_problems(checked)
    if checked.run_id != run_id:
        raise BadBundle(problem=f"it is that of the run {checked.run_id}")
    return Proven(_command(checked, content, checked.events[0]["facts"]), _files(checked, content))


def _refuse_problems(checked: Checked) -> None:
    if checked.problems:
        more = len(checked.problems) - _TOLD
        said = " ".join(checked.problems[:_TOLD]) + (f" And {more} more." if more > 0 else "")
        raise BadBundle(problem=f"it does not hold. {said}".rstrip("."))


def _files(checked: Checked, content: bytes) -> dict[str, bytes]:
    """The run's files by path within its folder, each stage's manifest behind what it lists, the bundle last."""
    found: dict[str, bytes] = {}
    for folder, manifest in checked.stages.items():
        paths = [str(item["path"]) for item in artifacts.listed(manifest)]
        for path in [*paths, artifacts.MANIFEST]:
            found[f"{folder}/{path}"] = checked.payload[f"run/{folder}/{path}"]
    return {**found, ORIGIN: content}


def _write(
    commands: Commands,
    workspace: Workspace,
    connection: Connection,
    *,
    checked: Checked,
    files: Mapping[str, bytes],
    place: Place,
    by: Actor,
) -> tuple[dict[str, Any], bool]:
    run: Run = commands.load(connection, f"run:{checked.run_id}")[1]
    if not run.exists and workspace.run_dir(checked.run_id).exists():
        raise Conflict(f"There are files of a run {checked.run_id!r} in the workspace that its log knows nothing of.")
    if run.exists:
        repo.get_kept_run(connection, checked.run_id)
    thread = _known_place(run) if run.exists else _Finder(commands, connection, by).thread(place, _facts(checked))
    outcome = commands.handle_in(connection, _command(checked, files[ORIGIN], thread), by)
    record = run_record(repo.get_run(connection, checked.run_id))
    if not outcome.events:
        return record, False
    pending_files.keep(connection, checked.run_id, {**files, "run.json": artifacts.to_json(record)})
    return record, True


def _known_place(run: Run) -> Row:
    return {"thread_id": run.thread_id, "brand_id": run.brand_id, "project_id": run.project_id}


def _command(checked: Checked, content: bytes, thread: Row) -> ImportRun:
    return ImportRun(
        run_id=checked.run_id,
        thread_id=thread["thread_id"],
        brand_id=thread["brand_id"],
        project_id=thread["project_id"],
        bundle_sha256=artifacts.digest(content),
        origin=checked.origin,
        key=checked.key,
        fingerprint=checked.fingerprint,
        checkpoint=checked.checkpoint,
        head_sha256=checked.events[-1]["sha256"],
        past=tuple(_past(row) for row in checked.events),
    )


def _past(row: Row) -> dict[str, Any]:
    names = ("event_id", "event_type", "payload_version", "actor_type", "actor_id", "occurred_at")
    said = {name: row[name] for name in names}
    # Shapes of today: the bundle beside the run has them as they were.
    facts = {field.name: row["facts"][field.name] for field in fields(RUN_CLASSES[row["event_type"]])}
    return {**said, "payload_version": row["known_version"], "payload": facts}


def _facts(checked: Checked) -> Mapping[str, Any]:
    return dict(checked.events[0]["facts"]["facts"])


class _Finder:
    """Finds brand, project and thread by id or name, and makes what is not there, in one transaction."""

    def __init__(self, commands: Commands, connection: Connection, by: Actor) -> None:
        self._commands = commands
        self._connection = connection
        self._by = by

    def thread(self, place: Place, facts: Mapping[str, Any]) -> Row:
        """The thread; ThreadIsClosed where the one that is meant takes nothing in."""
        found = self._by_id(place)
        if found is None:
            brand = self._brand(place.brand, _name(facts, "brand", "name"))
            project = self._project(brand["brand_id"], place.project, _name(facts, "project", "name"))
            found = self._thread(project, place.thread, _name(facts, "thread", "title"))
        if found["status"] == "closed":
            raise ThreadIsClosed(thread_id=found["thread_id"])
        return found

    def _by_id(self, place: Place) -> Row | None:
        """The thread that is named by its id, which has to be where the place says; None where a title is meant."""
        try:
            thread = repo.get_thread(self._connection, place.thread) if place.thread else None
        except NotFound:
            return None
        for kind, asked, get in (("brand", place.brand, repo.get_brand), ("project", place.project, repo.get_project)):
            if thread and asked not in (None, thread[f"{kind}_id"]):
                name = get(self._connection, thread[f"{kind}_id"])["name"]
                if name.casefold() != str(asked).casefold():
                    raise Invalid(f"The thread {place.thread} belongs to the {kind} {name!r}, not to {asked!r}.")
        return thread

    def _brand(self, asked: str | None, said: str) -> Row:
        wanted = asked or said
        rows = repo.list_brands(self._connection, limit=_ALL)
        return _find(rows, "brand_id", "name", wanted) or self._made(
            "brand", asked, lambda brand_id: CreateBrand(brand_id=brand_id, name=wanted), repo.get_brand
        )

    def _project(self, brand_id: str, asked: str | None, said: str) -> Row:
        wanted = asked or said
        rows = repo.list_projects(self._connection, brand_id=brand_id, limit=_ALL)
        return _find(rows, "project_id", "name", wanted) or self._made(
            "project",
            asked,
            lambda project_id: CreateProject(project_id=project_id, brand_id=brand_id, name=wanted),
            repo.get_project,
        )

    def _thread(self, project: Row, asked: str | None, said: str) -> Row:
        wanted = asked or said
        rows = repo.list_threads(self._connection, project_id=project["project_id"], limit=_ALL)
        place = {name: project[name] for name in ("brand_id", "project_id")}
        return _find(rows, "thread_id", "title", wanted) or self._made(
            "thread", asked, lambda thread_id: CreateThread(thread_id=thread_id, title=wanted, **place), repo.get_thread
        )

    def _made(
        self, kind: str, asked: str | None, command: Callable[[str], Any], get: Callable[[Connection, str], Row]
    ) -> Row:
        if asked and looks_like_id(kind, asked):
            raise NotFound(kind=kind, id=asked)
        made_id = new_id(kind[0])
        self._commands.handle_in(self._connection, command(made_id), self._by)
        return get(self._connection, made_id)


def _find(rows: Sequence[Row], key: str, name: str, wanted: str) -> Row | None:
    """The newest row of that id or name, an open one before a closed one."""
    found = [row for row in rows if wanted == row[key] or wanted.casefold() == row[name].casefold()]
    return next((row for row in found if row.get("status") != "closed"), found[0] if found else None)


def _name(facts: Mapping[str, Any], kind: str, name: str) -> str:
    """What the bundle calls it, in one line; `Imported` where it says nothing that can be a name."""
    said = facts.get(kind)
    text = said.get(name) if isinstance(said, Mapping) else None
    return " ".join(printable(str(text or "")).split())[:NAME_LIMIT].strip() or "Imported"


def _put(workspace: Workspace, run_id: str, files: Mapping[str, bytes]) -> None:
    try:
        artifacts.write_files(workspace.run_dir(run_id), files, sync=False)
    except OSError as error:
        log.warning("import.not_written", error=str(error))  # the copies in the commit are written later
