"""What happens to every request: a request id and a line in the log, safe headers, a limit on bodies, compression.

Pure ASGI: streams pass through untouched.
"""

import re
import time
from collections.abc import Mapping
from typing import Final

import structlog
import uuid_utils.compat
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vm_webapp.api.problems import problem, unforeseen
from vm_webapp.bundles import LONGEST_ZIP

log = structlog.get_logger(__name__)

LONGEST_BODY: Final = 1024 * 1024
_MIB: Final = 1024 * 1024
_LONGER_BODIES: Final[Mapping[tuple[str, str], int]] = {("POST", "/api/v2/imports"): LONGEST_ZIP}
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
_QUIET: Final = ("/api/v1/health", "/web/", "/favicon.ico")
_LONGEST_PATH: Final = 300
_PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_DATA_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
_SAFE: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class SafeHeaders:
    """Puts the headers that keep a browser from doing more than it should on every answer that has not its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                is_page = headers.get("content-type", "").startswith("text/html")
                headers.setdefault("Content-Security-Policy", _PAGE_POLICY if is_page else _DATA_POLICY)
                for name, value in _SAFE.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_safely if scope["type"] == "http" else send)


class RequestLog:
    """Gives every request an id, a line in the log, and an answer even where the program failed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; what it raises is logged and becomes a 500 that says nothing of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        began = time.perf_counter()
        path = scope["path"][:_LONGEST_PATH]
        with structlog.contextvars.bound_contextvars(request_id=request_id, method=scope["method"], path=path):
            try:
                await self._app(scope, receive, send_with_id)
            except ClientDisconnect:
                status = status or 499
            except Exception:
                log.exception("http.failed")
                if status:
                    raise  # the answer has begun: the server has to cut it off
                await unforeseen(request_id)(scope, receive, send_with_id)
            finally:
                say = log.debug if path.startswith(_QUIET) else log.info
                say("http.answered", status=status, ms=round((time.perf_counter() - began) * 1000, 1))


class BodyLimit:
    """Refuses bodies beyond the limit, before they are read where their length is told."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting what is read."""
        length = Headers(scope=scope).get("content-length", "") if scope["type"] == "http" else ""
        longest = _LONGER_BODIES.get((scope.get("method", ""), scope.get("path", "")), LONGEST_BODY)
        if length.isdecimal() and int(length[:20]) > longest:
            said = f"The body is larger than {longest // _MIB} MiB."
            await problem(413, "content_too_large", said, hint="Send less.")(scope, receive, send)
            return
        count = 0

        async def receive_counted() -> Message:
            nonlocal count
            message = await receive()
            count += len(message.get("body", b""))
            if count > longest:
                raise HTTPException(413)
            return message

        await self._app(scope, receive_counted if scope["type"] == "http" else receive, send)


class Compression:
    """Compresses JSON; files keep the bytes that their ETag and digest name, and streams flow as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._compressed = GZipMiddleware(app, minimum_size=2048, compresslevel=5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        path = scope.get("path", "")
        is_data = path.startswith("/api/") and "/artifacts/" not in path
        await (self._compressed if is_data else self._app)(scope, receive, send)


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid_utils.compat.uuid7().hex
