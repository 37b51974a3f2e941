"""Erasures of a thread: what people wrote, and what was made of it, gone for good."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from vm_webapp.api import problems, writes
from vm_webapp.api.fields import Name, SomeRun, ThreadId
from vm_webapp.api.http import HostOf, check_thread, encode, show
from vm_webapp.api.shapes import Time
from vm_webapp.api.writes import Body, WriteOf
from vm_webapp.domain.thread_messages import ErasureScope
from vm_webapp.erasures import requests
from vm_webapp.errors import Invalid
from vm_webapp.receipts import Answer

router = APIRouter(prefix="/api/v2/threads/{thread_id}/erasures", tags=["proof"])

_WAIT_SECONDS: Final = 60.0
_COMMENT: Any = Field(description="A comment of this thread.", pattern="^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$")


class NewErasure(Body):
    """What to erase: a run with all that was said of it, a comment, or, where neither is named, the whole thread."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"run_id": "r-019a", "reason": "Asked to be forgotten"}]})

    run_id: SomeRun = None
    comment_id: Annotated[str | None, _COMMENT] = None
    reason: Name = Field(description="Why; it stays in the log, so it names nobody.")


class Erased(BaseModel):
    """What an erasure speaks of: numbers of texts, ids of the rest."""

    thread_id: str
    scope: ErasureScope
    subject_id: str
    texts: int = Field(description="How many events lost their texts.")
    runs: list[str]
    comments: list[str]
    tasks: list[str]
    in_clear: list[str] = Field(description="Events of before texts could be erased: what they say stays in the log.")


class ErasureShape(Erased):
    """An erasure; `swept` where also the files, copies and free pages are gone, which follows within moments."""

    erasure_id: str
    reason: str
    by: str
    at: Time
    swept: bool


class ErasuresShape(BaseModel):
    """The erasures of a thread, newest first."""

    erasures: list[ErasureShape]


class PlaceShape(BaseModel):
    """Where something is left of what was copied: a run or a rule."""

    kind: str
    id: str
    why: str = Field(description="forked_from_it, reminded_of_it, asked_for_after_it or made_of_its_rejection")


class PreviewShape(Erased):
    """What an erasure would take; `unsettled` runs keep it from being made, `elsewhere` is not reached by it."""

    unsettled: list[str]
    elsewhere: list[PlaceShape]


@router.post(
    "",
    operation_id="eraseContent",
    summary="Erase a run, a comment or a whole thread for good",
    response_model=ErasureShape,
    responses=writes.responses(404),
)
def erase(thread_id: ThreadId, body: NewErasure, write: WriteOf) -> Response:
    """Answers with the erasure, once nothing of it is left to do: `swept` says whether that was within a minute.

    The keys of the texts are destroyed in the commit that records it: that cannot be undone.
    """
    found = write.found
    if found is None:
        subject = _subject(thread_id, body.run_id, body.comment_id)
        command = requests.erase_request(subject, reason=body.reason)
        found = write.begin(command, command.erasure_id)
    if found.answer is None and found.subject_id is not None:
        write.host.erasures.wait(_WAIT_SECONDS)
        with write.host.database.read() as connection:
            record = requests.get_erasure(connection, thread_id, found.subject_id)
        found = write.complete(found, Answer(200, encode(record)))
    return writes.send(found)


@router.get(
    "",
    operation_id="listErasures",
    summary="List a thread's erasures, newest first",
    response_model=ErasuresShape,
    responses=problems.responses(404, 422),
)
def list_erasures(thread_id: ThreadId, host: HostOf) -> Response:
    """Answers with all of them."""
    with host.database.read() as connection:
        check_thread(connection, thread_id)
        return show({"erasures": requests.list_erasures(connection, thread_id)})


@router.get(
    "/preview",
    operation_id="previewErasure",
    summary="See what an erasure would take, and what it would not reach",
    response_model=PreviewShape,
    responses=problems.responses(404, 422),
)
def preview_erasure(
    thread_id: ThreadId,
    host: HostOf,
    run_id: Annotated[str | None, Query(description="A run of this thread.")] = None,
    comment_id: Annotated[str | None, Query(description="A comment of this thread.")] = None,
) -> Response:
    """Answers with numbers and ids; nothing is changed."""
    with host.database.read() as connection:
        check_thread(connection, thread_id)
        return show(requests.preview(connection, host.memory, _subject(thread_id, run_id, comment_id)))


def _subject(thread_id: str, run_id: str | None, comment_id: str | None) -> requests.Subject:
    if run_id is not None and comment_id is not None:
        raise Invalid("A run and a comment are named; erase one of them at a time.", pointer="/comment_id")
    return requests.subject_of(thread_id, run_id=run_id, comment_id=comment_id)
