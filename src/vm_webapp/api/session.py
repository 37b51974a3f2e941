"""The page's login: a cookie for a token; the token itself is nowhere kept."""

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ConfigDict, Field

from vm_webapp.access import keys, sessions
from vm_webapp.api import problems, writes
from vm_webapp.api.http import HostOf, Record, encode, show
from vm_webapp.api.identity import COOKIE, CallerOf, address_of, admission_of
from vm_webapp.api.shapes import EndedShape, SessionShape
from vm_webapp.api.writes import Body
from vm_webapp.errors import Conflict

router = APIRouter(prefix="/api/v2/session", tags=["access"])

_NO_STORE: Final = {"Cache-Control": "no-store"}


class Login(Body):
    """The token to be let in with."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"token": "vm_..."}]}, hide_input_in_errors=True)

    token: str = Field(min_length=1, max_length=200)


@router.post(
    "",
    operation_id="startSession",
    summary="Get the page's cookie for a token",
    response_model=SessionShape,
    responses=writes.responses(),
)
def start_session(body: Login, request: Request, host: HostOf) -> Response:
    """Answers with who that is, and sets the cookie; 401 for a token that is not valid."""
    admission = admission_of(request)
    if not admission.on:
        raise Conflict("Nobody has to log in here: authentication is off.")
    token = admission.by_token(host, body.token, address_of(request))
    secret, now = keys.new_secret(), host.commands.clock()
    host.database.write(lambda connection: sessions.start_session(connection, token, secret=secret, now=now))
    response = Response(encode(_record(token.name, token.role, token.brand_id, on=True)), 200, _NO_STORE)
    response.headers["Content-Type"] = "application/json"
    seconds = int((sessions.end_of(token, now) - now).total_seconds())
    response.set_cookie(COOKIE, secret, max_age=seconds, **_cookie(request))
    return response


@router.get(
    "",
    operation_id="getSession",
    summary="Who I am",
    response_model=SessionShape,
    responses=problems.responses(),
)
def get_session(request: Request, caller: CallerOf) -> Response:
    """Answers with the actor, its role and its brand, null for all; 401 where somebody has to log in first."""
    record = _record(caller.actor.id, caller.role, caller.brand_id, on=admission_of(request).on)
    return show(record, headers=_NO_STORE)


@router.delete(
    "",
    operation_id="endSession",
    summary="Log out",
    response_model=EndedShape,
    responses=writes.responses(),
)
def end_session(request: Request, host: HostOf, caller: CallerOf) -> Response:  # noqa: ARG001 - has to be somebody
    """Ends the session of the cookie that was sent, and takes the cookie away."""
    secret = request.cookies.get(COOKIE, "")
    ended = host.database.write(lambda connection: sessions.end_session(connection, secret))
    response = show({"ended": ended}, headers=_NO_STORE)
    response.delete_cookie(COOKIE, **_cookie(request))
    return response


def _record(actor_id: str, role: str, brand_id: str | None, *, on: bool) -> Record:
    return {"actor_id": actor_id, "role": role, "brand_id": brand_id, "auth": "on" if on else "off"}


def _cookie(request: Request) -> dict[str, Any]:
    """No script reads it, no other site sends it; over https it goes over https alone, behind a proxy too."""
    secure = request.url.scheme == "https" or request.headers.get("origin", "").lower().startswith("https://")
    return {"path": "/", "httponly": True, "samesite": "strict", "secure": secure}
