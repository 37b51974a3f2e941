"""The log as something that can be proved: how far it is signed, and proofs of what is in it (docs/proof.md)."""

from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from vm_webapp.access.belonging import brand_of
from vm_webapp.api import problems
from vm_webapp.api.http import HostOf, show
from vm_webapp.api.identity import Caller, CallerOf
from vm_webapp.api.paging import LAST_POSITION
from vm_webapp.api.stream import ACCESS_AGGREGATES
from vm_webapp.errors import Invalid, NotFound
from vm_webapp.host import Host
from vm_webapp.log_tree import proofs, store
from vm_webapp.log_tree.keys import verifier_keys

router = APIRouter(prefix="/api/v2/log", tags=["proof"])

T = TypeVar("T")

_PATIENCE_SECONDS: Final = 3.0
_PLAIN: Final = "text/plain; charset=utf-8"
_LONGEST_ID: Final = 200

SizeOf = Annotated[int | None, Query(ge=1, le=LAST_POSITION, description="Under the checkpoint of this many events.")]


class LogShape(BaseModel):
    """How far the log is signed."""

    origin: str | None = Field(description="The log's name, as its checkpoints bear it; null without a key.")
    size: int = Field(description="How many events the tree has.")
    root: str = Field(description="Its root (RFC 9162, SHA-256), in hexadecimal.")
    position: int = Field(description="The global position up to which there is a tree.")
    log_position: int = Field(description="The newest event's global position.")
    checkpoint_size: int | None = Field(description="How many events the newest checkpoint covers.")
    checkpoint_at: str | None = Field(description="When it was signed.")
    problem: str | None = Field(description="What keeps the log from being signed.")


class ProvenEventShape(BaseModel):
    """An event and the way from it to the root."""

    index: int = Field(description="Its rank in the log, from 0.")
    sha256: str
    canonical: str = Field(description="The canonical form (RFC 8785) that the digest and the leaf are made of.")
    path: list[str] = Field(description="RFC 9162, 2.1.3, in hexadecimal, the leaf's neighbour first.")


class ProofSubjectShape(BaseModel):
    """What a proof is about: one event, or a stream from its beginning."""

    event_id: str | None = Field(None, description="The one event.")
    stream_id: str | None = Field(None, description="The stream, `run:<id>` for a run.")
    events: int | None = Field(None, description="How many events of the stream, from its first on.")


class InclusionShape(BaseModel):
    """A proof that can be kept as a file: `vm verify FILE` checks it without a server."""

    format: str
    key: str = Field(description="The verifier key that this server names.")
    checkpoint: str = Field(description="The signed note.")
    subject: ProofSubjectShape | None = Field(None, description="What it proves, where that is one event or stream.")
    events: list[ProvenEventShape]


class ConsistencyShape(BaseModel):
    """A proof that the log at `to` begins with the log at `from`."""

    from_size: int = Field(alias="from")
    to: int
    from_root: str
    to_root: str
    path: list[str] = Field(description="RFC 9162, 2.1.4, in hexadecimal.")
    checkpoint: str | None = Field(description="The signed note of `to`; null where no checkpoint has that size.")


@router.get(
    "",
    operation_id="getLog",
    summary="Tell how far the log is signed",
    response_model=LogShape,
    responses=problems.responses(),
)
def get_log(host: HostOf) -> Response:
    """Answers with the tree as it stands; it follows the log within a second."""
    state = host.log_tree.state()
    key = host.log_tree.key
    return show(
        {
            "origin": key.verifier.name if key else None,
            "size": state.size,
            "root": state.root.hex(),
            "position": state.position,
            "log_position": state.log_position,
            "checkpoint_size": state.checkpoint_size,
            "checkpoint_at": state.checkpoint_at,
            "problem": state.problem or None,
        }
    )


@router.get(
    "/checkpoint",
    operation_id="getLogCheckpoint",
    summary="Get the newest signed checkpoint",
    response_class=PlainTextResponse,
    responses=problems.responses(404, 422),
)
def get_log_checkpoint(host: HostOf, size: SizeOf = None) -> Response:
    """Answers with the note (C2SP tlog-checkpoint); keep it elsewhere, and no rewriting of what it covers is hidden."""
    if size is None:
        host.log_tree.wait(_PATIENCE_SECONDS)
    with host.database.read() as connection:
        return Response(proofs.get_signed(connection, size).note, 200, {"Cache-Control": "no-cache"}, _PLAIN)


@router.get(
    "/key",
    operation_id="getLogKey",
    summary="Get the key that verifies checkpoints",
    response_class=PlainTextResponse,
    responses=problems.responses(404),
)
def get_log_key(host: HostOf) -> Response:
    """Answers with the verifier key; compare it with what you were told on another way."""
    key = host.log_tree.key
    if key is None:
        raise NotFound(kind="key", id="of the log")
    return Response(f"{key.verifier}\n", 200, {"Cache-Control": "no-cache"}, _PLAIN)


@router.get(
    "/inclusion",
    operation_id="getLogInclusion",
    summary="Prove that an event, or every event of a run, is in the log",
    response_model=InclusionShape,
    responses=problems.responses(404, 409, 422),
)
def get_log_inclusion(
    host: HostOf,
    caller: CallerOf,
    event_id: Annotated[str | None, Query(max_length=_LONGEST_ID)] = None,
    run_id: Annotated[str | None, Query(max_length=_LONGEST_ID)] = None,
    size: SizeOf = None,
) -> Response:
    """Answers with a document that is checked without this server; a token of one brand asks for its own events."""
    if (event_id is None) == (run_id is None):
        raise Invalid("Name an event_id or a run_id, one of the two.")

    def prove(connection: Connection) -> dict[str, Any]:
        if event_id is not None:
            rows = [_own_event(connection, caller, event_id)]
        else:
            rows = _own_run(connection, caller, str(run_id))
        signed = proofs.get_signed(connection, size)
        return proofs.inclusion(connection, rows, signed=signed, keys=verifier_keys(host.workspace))

    if size is None:
        host.log_tree.wait(_PATIENCE_SECONDS)
    return show(_proving(host, prove))


@router.get(
    "/consistency",
    operation_id="getLogConsistency",
    summary="Prove that a log begins with an older one",
    response_model=ConsistencyShape,
    responses=problems.responses(404, 409, 422),
)
def get_log_consistency(
    host: HostOf,
    old: Annotated[int, Query(alias="from", ge=0, le=LAST_POSITION, description="The older log's size.")],
    new: Annotated[int | None, Query(alias="to", ge=0, le=LAST_POSITION, description="The newer; the newest.")] = None,
) -> Response:
    """Answers with the hashes that lead from the older root to the newer one."""

    def prove(connection: Connection) -> dict[str, Any]:
        to = proofs.get_signed(connection).size if new is None else new
        if old > to:
            raise Invalid(f"A log of {old} events is not the beginning of one of {to}.")
        old_root, new_root, path = proofs.consistency(connection, old=old, new=to)
        signed = store.find_signed(connection, size=to)
        return {
            "from": old,
            "to": to,
            "from_root": old_root.hex(),
            "to_root": new_root.hex(),
            "path": [step.hex() for step in path],
            "checkpoint": signed.note if signed else None,
        }

    return show(_proving(host, prove))


def _proving(host: Host, prove: Callable[[Connection], T]) -> T:
    """What `prove` makes of one state of the database; a stored tree that does not hold is looked at again."""
    try:
        with host.database.read() as connection:
            return prove(connection)
    except proofs.BrokenTree:
        host.log_tree.distrust()
        raise


def _own_event(connection: Connection, caller: Caller, event_id: str) -> dict[str, Any]:
    """The event; NotFound for one that the caller may not see. Who is let in is for admins of all brands."""
    row = proofs.find_event(connection, event_id)
    is_admin = caller.brand_id is None and caller.role == "admin"
    secret = row["aggregate_type"] in ACCESS_AGGREGATES and not is_admin
    if secret or (caller.brand_id is not None and row["brand_id"] != caller.brand_id):
        raise NotFound(kind="event", id=event_id)
    return row


def _own_run(connection: Connection, caller: Caller, run_id: str) -> list[dict[str, Any]]:
    """The run's events; NotFound for one of another brand."""
    if caller.brand_id is not None and brand_of(connection, "run_id", run_id) != caller.brand_id:
        raise NotFound(kind="run", id=run_id)
    return proofs.list_run_events(connection, run_id)
