"""Who may speak to this server: pages of its own origin, and programs on this machine.

Without authentication only this machine is answered, whatever address another server has put the app on. The browser's
rules hold either way: a page of another site may not write (Origin and Sec-Fetch-Site), and a name that an attacker has
pointed at this machine (DNS rebinding) is not answered to. Host has to be a loopback name or address, or the very
address the connection came in on, with the port of the server; or one of VM_ALLOWED_HOSTS, where a name without a port
counts with any. `testserver` is what test clients say; it is no name that anybody could register.
"""

from ipaddress import IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from vm_webapp.api.problems import problem

_LOOPBACK_NAMES: Final = frozenset({"localhost", "testserver"})
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES: Final = frozenset({"same-origin", "none"})
_USUAL_PORTS: Final = {"http": 80, "https": 443}


class Guard:
    """Refuses requests that were not meant for this server or do not come from its own page."""

    def __init__(self, app: ASGIApp, *, allowed_hosts: str = "", local_only: bool = True) -> None:
        self._app = app
        self._local_only = local_only
        self._allowed = frozenset(name.strip().lower() for name in allowed_hosts.split(",") if name.strip())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 421 or 403."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        app = self._app
        if self._local_only and not _is_from_here(scope):
            hint = "Set VM_AUTH=on and show a token, or ask from the machine itself."
            app = problem(403, "not_local", "Without authentication only the own machine is answered.", hint=hint)
        elif not self._is_ours(host, scope):
            hint = "Use the address that the server names at its start, or put this one into VM_ALLOWED_HOSTS."
            app = problem(421, "misdirected_request", f"This server does not answer to {host[:200]!r}.", hint=hint)
        elif scope["method"] not in _READS and not _is_own_page(headers, host):
            app = problem(403, "cross_origin", "A page of another origin may not write here.")
        await app(scope, receive, send)

    def _is_ours(self, host: str, scope: Scope) -> bool:
        try:
            parts = urlsplit(f"//{host}")
            name, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        if host in self._allowed or name in self._allowed:
            return True
        address, own_port = scope.get("server") or ("", None)
        if own_port is not None and (port or _USUAL_PORTS.get(scope["scheme"])) != own_port:
            return False
        return name in _LOOPBACK_NAMES or name == address or is_loopback(name)


def _is_from_here(scope: Scope) -> bool:
    """Whether the connection comes from this machine; what has no address (a socket file, a test client) does."""
    address = (scope.get("client") or ("",))[0]
    try:
        ip_address(address)
    except ValueError:
        return True
    return is_loopback(address)


def is_loopback(name: str) -> bool:
    """Whether the text is an address of this machine that no other reaches."""
    try:
        address = ip_address(name)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _is_own_page(headers: Headers, host: str) -> bool:
    """Programs send neither header; browsers send both, and a page cannot forge them."""
    origin = headers.get("origin")
    if origin is not None and origin.lower().partition("://")[2] != host:
        return False
    return headers.get("sec-fetch-site", "none") in _OWN_SITES
