"""Errors as RFC 9457 problems: every answer of 400 or more is one, whoever refused the request."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from vm_webapp.api.fields import DAY_PATTERN
from vm_webapp.errors import (
    AccessError,
    Conflict,
    Erased,
    Forbidden,
    IntegrityError,
    Invalid,
    KeyInFlight,
    NotFound,
    NotYours,
    StageError,
    TooManyRequests,
    Unauthorized,
    VmError,
    WorkspaceError,
)

MEDIA_TYPE: Final = "application/problem+json"
STATUS: Final[Mapping[type[VmError], int]] = {
    Invalid: 422,
    NotFound: 404,
    Erased: 410,
    Conflict: 409,
    NotYours: 403,
    Unauthorized: 401,
    Forbidden: 403,
    TooManyRequests: 429,
    AccessError: 403,
    WorkspaceError: 503,
    IntegrityError: 500,
    StageError: 500,
    VmError: 500,
}
"""Which class of error gets which status; the nearest ancestor counts."""

PHRASES: Final = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    410: "Gone",
    412: "Precondition failed",
    413: "Content too large",
    415: "Unsupported media type",
    416: "Range not satisfiable",
    421: "Misdirected request",
    422: "Unprocessable content",
    429: "Too many requests",
    500: "Internal server error",
    503: "Service unavailable",
}
"""The names of statuses as RFC 9110 has them; the standard library's change with the version of Python."""

_EVERYWHERE: Final = frozenset({401, 403, 421, 429, 500, 503})
_LONGEST_DETAIL: Final = 1_000
_MOST_ERRORS: Final = 50
_KEY_HEADER: Final = ("header", "Idempotency-Key")
_DETAILS: Final = {
    404: "There is nothing at {path}.",
    405: "{method} is not possible here.",
    413: "The body is larger than 1 MiB.",
}
_HINTS: Final = {
    400: "Send one JSON document as docs/http.md has it.",
    404: "The paths that exist are listed in /api/v2/openapi.json.",
    405: "The header Allow lists what is possible.",
    413: "Send less.",
}
_REASONS: Final = {
    "missing": "empty",
    "string_too_short": "empty",
    "too_short": "empty",
    "string_too_long": "too_long",
    "too_long": "too_many",
    **dict.fromkeys(
        ("int_parsing", "int_type", "int_from_float", "greater_than_equal", "less_than_equal"), "no_number"
    ),
    DAY_PATTERN: "no_date",
}
"""What a value of the wrong shape is called, as the domain calls it; by the validator's name for it, or its pattern."""

_LIMITS: Final = ("max_length", "le")
Errors = Sequence[Mapping[str, str | int | None]]


class ProblemError(BaseModel):
    """A value that was refused."""

    pointer: str = Field(description="RFC 6901 pointer into the body; empty for what is not in the body.")
    detail: str
    reason: str = Field(description="Stable, for programs: one of those in docs/http.md; may be empty.")
    most: int | None = Field(description="The limit that was passed, where it is one.")


class Problem(BaseModel):
    """What went wrong and what to do next (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:vm-webapp:problem:not_found",
                    "title": "Not found",
                    "status": 404,
                    "detail": "There is no thread 't-1'.",
                    "code": "not_found",
                    "reason": "",
                    "hint": "Check the id; lists show what there is.",
                    "errors": [],
                }
            ]
        }
    )

    type: str = Field(description="A URN that ends in the code.")
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable, for programs.")
    reason: str = Field(description="Stable, for programs: says more exactly than the code; may be empty.")
    hint: str = Field(description="What to do next; may be empty.")
    errors: list[ProblemError]


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    reason: str = "",
    hint: str = "",
    errors: Errors = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An answer that says what went wrong."""
    document = {
        "type": f"urn:vm-webapp:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": _text(detail),
        "code": code,
        "reason": reason,
        "hint": hint,
        "errors": [{**error, "detail": _text(str(error["detail"]))} for error in errors[:_MOST_ERRORS]],
    }
    body = json.dumps(document, ensure_ascii=False).encode()
    return Response(body, status, {"Cache-Control": "no-store", **(headers or {})}, MEDIA_TYPE)


def status_of(error: VmError) -> int:
    """The status of an error, by its nearest ancestor in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


async def from_error(request: Request, error: Exception) -> Response:
    """An error of ours."""
    assert isinstance(error, VmError)  # noqa: S101 - registered for this class
    detail = _without_root(error, request.app.state.workspace.root)
    return problem(
        status_of(error),
        error.code,
        detail,
        reason=error.reason,
        hint=error.hint,
        errors=_values(error),
        headers=_headers(error),
    )


def _values(error: VmError) -> Errors:
    """The value that was refused, where the error names one."""
    if not isinstance(error, Invalid) or not error.pointer:
        return []
    return [{"pointer": error.pointer, "detail": error.detail, "reason": error.reason, "most": error.most}]


def _headers(error: VmError) -> Mapping[str, str]:
    """What a client is told beside the document: when to ask again, and how to show who it is (RFC 6750)."""
    if isinstance(error, KeyInFlight | WorkspaceError):
        return {"Retry-After": "1"}
    if isinstance(error, TooManyRequests):
        return {"Retry-After": str(error.facts["seconds"])}
    if isinstance(error, Unauthorized):
        return {"WWW-Authenticate": 'Bearer realm="vm"' + ', error="invalid_token"' * bool(error.facts.get("invalid"))}
    return {}


async def from_http(request: Request, error: Exception) -> Response:
    """A refusal of the framework: no such path, no such method, too large a body."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    status = error.status_code
    detail = _DETAILS.get(status, f"{error.detail}.").format(path=request.url.path, method=request.method)
    code = PHRASES.get(status, "Refused").lower().replace(" ", "_")
    return problem(status, code, detail, hint=_HINTS.get(status, ""), headers=error.headers)


async def from_validation(_request: Request, error: Exception) -> Response:
    """A request that does not have the shape of its operation."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    found: Sequence[Any] = error.errors()
    if any(item["type"] == "json_invalid" for item in found):
        where = found[0]["loc"][-1]
        return problem(400, "malformed_json", f"The body is not JSON, from character {where} on.", hint=_HINTS[400])
    if any(item["loc"][:2] == _KEY_HEADER for item in found):
        hint = "Send a new key with each new request, and the same key when you repeat one."
        detail = "A write needs the header Idempotency-Key: 1 to 200 visible ASCII characters."
        return problem(400, "idempotency_key_required", detail, hint=hint)
    errors = [_error(item) for item in found]
    detail = "; ".join(f"{one['pointer'] or 'request'}: {one['detail']}" for one in errors[:3])
    return problem(422, "invalid", f"The request is not valid. {detail}.", errors=errors)


async def from_database(_request: Request, error: Exception) -> Response:
    """A disk that is full or a database that does not answer."""
    cause = getattr(error, "orig", None) if isinstance(error, OperationalError) else None
    detail = f"The database cannot do this now: {cause or type(error).__name__}."
    hint = "Look at the disk and at the server's log, then send the same request again."
    return problem(503, "database_unavailable", detail, hint=hint, headers={"Retry-After": "5"})


def unforeseen(request_id: str) -> Response:
    """An error of ours that nobody thought of; what it says stands in the log alone."""
    hint = f"The server's log has the reason under the request id {request_id}."
    return problem(500, "internal_error", "The server met an error that it does not know.", hint=hint)


HANDLERS: Final = {
    VmError: from_error,
    HTTPException: from_http,
    RequestValidationError: from_validation,
    OperationalError: from_database,
}


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What an operation's description says of its refusals; 401, 403, 421, 429, 500 and 503 can happen everywhere."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {"description": PHRASES[status], "content": {MEDIA_TYPE: schema}}
        for status in sorted({*statuses, *_EVERYWHERE})
    }


def _error(item: Mapping[str, Any]) -> dict[str, str | int | None]:
    """The error with a pointer into the body, or with the parameter's name where it is not in the body."""
    where, *path = item["loc"]
    limits = item.get("ctx", {})
    most = next((limits[name] for name in _LIMITS if name in limits), None)
    known: dict[str, str | int | None] = {"reason": _REASONS.get(limits.get("pattern", item["type"]), ""), "most": most}
    if where == "body":
        steps = (str(step).replace("~", "~0").replace("/", "~1") for step in path)
        return {"pointer": "".join(f"/{step}" for step in steps), "detail": item["msg"], **known}
    return {"pointer": "", "detail": f"{where} parameter {'.'.join(map(str, path))}: {item['msg']}", **known}


def _without_root(error: VmError, root: Path) -> str:
    """The error's sentence without the place of the workspace on this machine."""
    return error.detail.replace(f"{root.absolute()}/", "").replace(f"{root}/", "")


def _text(value: str) -> str:
    """Text that can be sent: no half characters, not endless."""
    clean = value.encode("utf-8", "backslashreplace").decode()
    return clean if len(clean) <= _LONGEST_DETAIL else f"{clean[:_LONGEST_DETAIL]}…"
