"""Writes that are safe to repeat: the receipt of a request is looked up first and kept with what the request did.

The scope of a receipt is actor, method with path, and key. Its fingerprint is SHA-256 over method, path, query and the
body, where JSON that means the same counts as the same. Errors leave no receipt: a request that was refused may be sent
again under its key.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from vm_webapp import receipts
from vm_webapp.api import problems
from vm_webapp.api.http import HostOf, Record, encode
from vm_webapp.api.identity import Caller, CallerOf
from vm_webapp.commands import Command
from vm_webapp.errors import KeyInFlight
from vm_webapp.host import Host
from vm_webapp.receipts import Answer, Found, ReceiptKey

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern="^[!-~]+$",
        description="The same request under the same key has one effect and one answer.",
        examples=["3f1c9c1e-6c0e-4a53-9a3b-2f6d1d1c1b7e"],
    ),
]
_RUNS: Final = "/api/v2/workflow-runs"
_REFUSED: Final = 400


class Answered(Exception):
    """The request was answered before."""

    def __init__(self, found: Found) -> None:
        super().__init__()
        self.found = found


class Body(BaseModel):
    """The body of a request: strict, and an unknown name is a mistake."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Nothing(Body):
    """No values: `{}`, or no body at all."""


@dataclass(frozen=True, slots=True)
class Write:
    """A write that was not answered yet; `found` is its receipt where its answer is still being made."""

    host: Host
    caller: Caller
    receipt: ReceiptKey
    found: Found | None

    def perform(
        self, command: Command, render: Callable[[Connection], Record], *, shown_once: Record | None = None
    ) -> Response:
        """Handle the command and answer with what `render` reads in the same transaction.

        `shown_once` stands in the answer to the request that had the effect, and is kept nowhere.
        """
        shown: list[Record] = []

        def answer(connection: Connection) -> Answer:
            record = render(connection)
            shown[:] = [{**record, **(shown_once or {})}]
            return Answer(200, encode(record))

        found = self.host.commands.answer(command, by=self.caller.actor, receipt=self.receipt, render=answer)
        if found.answer is None:
            raise KeyInFlight
        if shown and shown_once:
            found = Found(found.subject_id, Answer(200, encode(shown[0])))
        return send(found)

    def begin(self, command: Command, subject_id: str) -> Found:
        """Handle the command and keep the receipt open until `complete`."""
        return self.host.commands.answer(
            command, by=self.caller.actor, receipt=self.receipt, subject_id=subject_id, render=None
        )

    def complete(self, found: Found, answer: Answer) -> Found:
        """Give the open receipt its answer; the first one given stays."""
        return Found(found.subject_id, self.host.commands.complete(self.receipt, answer))


async def _write_of(request: Request, host: HostOf, caller: CallerOf, key: IdempotencyKey) -> Write:
    body = await request.body()
    if body and not _is_json(request.headers.get("content-type", "")):
        raise HTTPException(415, "The body has to be JSON; say so with Content-Type: application/json")
    receipt = ReceiptKey(
        actor_id=caller.actor.id,
        route=f"{request.method} {request.url.path}",
        key=key,
        fingerprint=fingerprint(request.method, request.url.path, request.url.query, body),
    )
    found = await run_in_threadpool(_find, host, receipt)
    if found and found.answer:
        raise Answered(found)
    return Write(host, caller, receipt, found)


WriteOf = Annotated[Write, Depends(_write_of)]


async def replay(_request: Request, error: Exception) -> Response:
    """The stored answer, byte for byte."""
    assert isinstance(error, Answered)  # noqa: S101 - registered for this class
    return send(error.found, headers={"Idempotency-Replayed": "true"})


def send(found: Found, *, headers: Mapping[str, str] | None = None) -> Response:
    """A stored answer; one of 202 says where to look, one whose words were erased is a problem (410)."""
    answer = found.answer or Answer(200, b"")
    place = {"Location": f"{_RUNS}/{found.subject_id}"} if answer.status == 202 else {}  # noqa: PLR2004 - Accepted
    every = {"Cache-Control": "no-store", **place, **(headers or {})}
    kind = "application/json" if answer.status < _REFUSED else "application/problem+json"
    return Response(answer.body, answer.status, every, kind)


def fingerprint(method: str, path: str, query: str, body: bytes) -> str:
    """A digest of all that makes a request the same."""
    parts = (method.encode(), path.encode("utf-8", "surrogatepass"), query.encode(), _canonical(body))
    return hashlib.sha256(b"\x00".join(parts)).hexdigest()


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a write's description says of its refusals."""
    return problems.responses(400, 403, 409, 410, 413, 415, 422, *statuses)


def _find(host: Host, receipt: ReceiptKey) -> Found | None:
    with host.database.read() as connection:
        return receipts.find_receipt(connection, receipt)


def _is_json(content_type: str) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    kind, _, subtype = media_type.partition("/")
    return kind == "application" and (subtype == "json" or subtype.endswith("+json"))


def _canonical(body: bytes) -> bytes:
    """The body without what JSON does not care for; nothing at all is the same as `{}`."""
    try:
        return json.dumps(json.loads(body or b"{}"), sort_keys=True, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        return body
