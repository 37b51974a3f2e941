"""Letting somebody in: by a token or a session, within limits; what is refused goes into the log, within limits too.

A valid token is never turned away for bad ones that came from the same address: whoever shares an address with an
attacker is not locked out, and 256 random bits are not guessed.
"""

import math
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.exc import DatabaseError

from vm_webapp.access.limits import Buckets, neighbourhood
from vm_webapp.access.sessions import find_session
from vm_webapp.access.tokens import KnownToken, find_token, find_token_by_id
from vm_webapp.commands import SYSTEM
from vm_webapp.domain.access_refusals import Reason, RecordRefusal
from vm_webapp.errors import TooManyRequests, Unauthorized, VmError
from vm_webapp.host import Host
from vm_webapp.settings import Settings

log = structlog.get_logger(__name__)

RECORDED_PER_MINUTE: Final = 10
"""How many refusals of one token or address the log takes in a minute; docs/access.md says so too."""
RECORDED_IN_ALL_PER_MINUTE: Final = 60
"""How many of all of them together."""
_MINUTE: Final = 60.0
_SAID: Final = {
    "unknown_token": "This token is not valid.",
    "expired_token": "This token has expired.",
    "revoked_token": "This token was revoked.",
    "ended_session": "The session has ended.",
}


class Admission:
    """Who is let in by this app; `on` says whether anybody is asked."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.on = settings.vm_auth == "on"
        bad = settings.vm_bad_tokens_per_minute
        self._requests = Buckets(rate=settings.vm_requests_per_second, burst=settings.vm_request_burst, clock=clock)
        self._bad = Buckets(rate=bad / _MINUTE, burst=bad, clock=clock)
        self._recorded = Buckets(rate=RECORDED_PER_MINUTE / _MINUTE, burst=RECORDED_PER_MINUTE, clock=clock)
        self._recorded_in_all = Buckets(
            rate=RECORDED_IN_ALL_PER_MINUTE / _MINUTE, burst=RECORDED_IN_ALL_PER_MINUTE, clock=clock
        )

    def by_token(self, host: Host, secret: str, address: str) -> KnownToken:
        """The token of the secret; Unauthorized unless it is valid, TooManyRequests beyond a limit."""
        with host.database.read() as connection:
            token = find_token(connection, secret)
        return self._admitted(host, token, address, otherwise="unknown_token")

    def by_session(self, host: Host, secret: str, address: str) -> KnownToken:
        """The token of the page's session; likewise."""
        with host.database.read() as connection:
            token = find_session(connection, secret, host.commands.clock())
        return self._admitted(host, token, address, otherwise="ended_session")

    def visit(self, host: Host, session: str | None, address: str) -> None:
        """Count a request for what is public: for the session's token where one is shown, else for the address.

        So the pages of many people behind one address do not use up each other's room.
        """
        if session is not None:
            with host.database.read() as connection:
                token = find_session(connection, session, host.commands.clock())
            if token is not None and token.fault(host.commands.clock()) is None:
                self._count(host, token, address)
                return
        self.without_token(host, address)

    def without_token(self, host: Host, address: str) -> None:
        """Count a request of somebody unknown; TooManyRequests beyond the limit."""
        if wait := self._requests.take(f"address {neighbourhood(address)}"):
            self.record(host, "too_many_requests", address=address)
            raise _too_many(wait)

    def record(
        self, host: Host, reason: Reason, *, address: str, token: KnownToken | None = None, operation: str = ""
    ) -> None:
        """Put a refusal into the log, unless there were many just now; a disk that is full changes no refusal."""
        who = f"token {token.token_id}" if token else f"address {neighbourhood(address)}"
        if self._recorded.take(who) or self._recorded_in_all.take("all"):
            log.warning("access.refused", reason=reason, address=address, recorded=False)
            return
        refusal = RecordRefusal(
            access_id=host.commands.clock().date().isoformat(),
            reason=reason,
            operation=operation,
            token_id=token.token_id if token else None,
            name=token.name if token else None,
            role=token.role if token else None,
            address=address,
        )
        try:
            host.commands.handle(refusal, by=SYSTEM)
        except (OSError, DatabaseError, VmError) as error:
            log.warning("access.refused", reason=reason, address=address, recorded=False, error=str(error))

    def _admitted(self, host: Host, token: KnownToken | None, address: str, *, otherwise: Reason) -> KnownToken:
        fault: Reason | None = token.fault(host.commands.clock()) if token else otherwise
        if token is None or fault is not None:
            raise self._refusal_of_bad(host, fault or otherwise, address, token)
        self._count(host, token, address)
        return token

    def _count(self, host: Host, token: KnownToken, address: str) -> None:
        if wait := self._requests.take(f"token {token.token_id}"):
            self.record(host, "too_many_requests", address=address, token=token)
            raise _too_many(wait)

    def _refusal_of_bad(self, host: Host, reason: Reason, address: str, token: KnownToken | None) -> VmError:
        if wait := self._bad.take(neighbourhood(address)):
            self.record(host, "too_many_bad_tokens", address=address)
            return _too_many(wait, "Too many tokens that are not valid came from this address; wait {seconds} s.")
        self.record(host, reason, address=address, token=token)
        return Unauthorized(_SAID[reason], invalid=True)


def still_admitted(host: Host, token_id: str, now: datetime) -> bool:
    """Whether the token lets somebody in now: asked again by whatever goes on for long."""
    with host.database.read() as connection:
        token = find_token_by_id(connection, token_id)
    return token is not None and token.fault(now) is None


def _too_many(wait: float, detail: str | None = None) -> TooManyRequests:
    seconds = max(1, math.ceil(wait))
    return TooManyRequests(detail.format(seconds=seconds) if detail else None, seconds=seconds)
