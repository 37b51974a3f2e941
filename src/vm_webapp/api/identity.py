"""Who asks: found out before anything else is done, from a bearer token or the page's cookie and from nothing else.

Without authentication it is the workspace's owner. With it, what stands under /api asks for a token, but for what is
public: health, and the login itself.
"""

from dataclasses import dataclass
from typing import Annotated, Final, cast

from fastapi import Depends, Request
from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from vm_webapp.access.tokens import KnownToken
from vm_webapp.api import problems
from vm_webapp.api.admission import Admission
from vm_webapp.api.http import host_of
from vm_webapp.commands import OWNER, Actor
from vm_webapp.errors import Unauthorized, VmError

COOKIE: Final = "vm_session"
LOGIN: Final = ("POST", "/api/v2/session")
_BEFORE_LOGIN: Final = frozenset({("GET", "/api/v2/session"), ("GET", "/api/v2/first-look")})
_PUBLIC_PATHS: Final = ("/api/v1/health",)
_PAGE_FILES: Final = "/web/"
_CALLER: Final = "vm.caller"
_NOWHERE: Final = ""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the actor of what is done, the role, the one brand or None for all; no token without authentication."""

    actor: Actor
    role: str
    brand_id: str | None = None
    token: KnownToken | None = None

    def narrowed(self, brand_id: str | None) -> str | None:
        """The brand that a list is to be narrowed to, where `brand_id` was asked for; another's id names nothing."""
        if self.brand_id is None:
            return brand_id
        return self.brand_id if brand_id in (None, self.brand_id) else _NOWHERE


THE_OWNER: Final = Caller(OWNER, "admin")
"""Who asks where nobody is asked for a token."""


class Identity:
    """Finds out who asks and notes it in the scope; refuses whoever has to show a token and has none that is valid."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 401 or 429; 503 where the database cannot say who it is."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            scope[_CALLER] = await _identify(request)
        except (VmError, OperationalError) as error:
            explain = problems.from_error if isinstance(error, VmError) else problems.from_database
            await (await explain(request, error))(scope, receive, send)
            return
        await self._app(scope, receive, send)


def find_caller(request: Request) -> Caller | None:
    """Who asks; None for somebody unknown who asks for what is public."""
    return cast("Caller | None", request.scope.get(_CALLER))


async def _caller_of(request: Request) -> Caller:
    caller = find_caller(request)
    if caller is None:
        raise Unauthorized
    return caller


CallerOf = Annotated[Caller, Depends(_caller_of)]


def admission_of(request: Request) -> Admission:
    """Who decides on who is let in."""
    return cast("Admission", request.app.state.admission)


def address_of(request: Request) -> str:
    """Where the connection comes from."""
    return request.client.host if request.client else "unknown"


def credentials(request: Request) -> tuple[str | None, str | None]:
    """The bearer token and the session's secret that were sent; a header that is no bearer token is an empty one."""
    header = request.headers.get("authorization")
    if header is None:
        return None, request.cookies.get(COOKIE)
    scheme, _, value = header.strip().partition(" ")
    return (value.strip() if scheme.lower() == "bearer" else ""), None


async def _identify(request: Request) -> Caller | None:
    admission = admission_of(request)
    if not admission.on:
        return THE_OWNER
    asked = (request.method, _path(request))
    host = await host_of(request)
    address = address_of(request)
    bearer, session = credentials(request)
    if asked[1].startswith(_PAGE_FILES):
        return None  # the page's own files are the same for everybody, and many
    if not asked[1].startswith("/api/") or asked[1] in _PUBLIC_PATHS or asked == LOGIN:
        await run_in_threadpool(admission.visit, host, None if asked == LOGIN else session, address)
        return None
    if bearer is not None:
        return _caller(await run_in_threadpool(admission.by_token, host, bearer, address))
    if session is not None:
        return _caller(await run_in_threadpool(admission.by_session, host, session, address))
    await run_in_threadpool(admission.without_token, host, address)
    if asked not in _BEFORE_LOGIN:  # the page asks that before it shows its login: no attempt at anything
        await run_in_threadpool(lambda: admission.record(host, "no_token", address=address))
    raise Unauthorized


def _caller(token: KnownToken) -> Caller:
    return Caller(Actor("human", token.name), token.role, token.brand_id, token)


def _path(request: Request) -> str:
    """The path within this app, wherever it is mounted."""
    root = str(request.scope.get("root_path", "")).rstrip("/")
    path = str(request.scope["path"])
    return path.removeprefix(root) if path.startswith(f"{root}/") else path
