"""What a client prefers about waiting (RFC 7240): `respond-async`, `wait=N`."""

import re
from typing import Annotated, Final

from fastapi import Depends, Header

from vm_webapp.api.http import HostOf

_LONGEST_SECONDS: Final = 300.0
_WAIT: Final = re.compile(r"wait\s*=\s*\"?(\d{1,6})\"?")


def wait_seconds(prefer: str, usual: float) -> float:
    """How long to wait for a run; what is not understood is ignored, as the RFC wants it."""
    wishes = [wish.partition(";")[0].strip().lower() for wish in prefer.split(",")]
    for wish in wishes:
        if found := _WAIT.fullmatch(wish):
            return min(float(found[1]), _LONGEST_SECONDS)
    return 0.0 if "respond-async" in wishes else usual


async def _wait_of(
    host: HostOf,
    prefer: Annotated[
        str | None, Header(description="`respond-async` answers at once, `wait=N` waits up to N seconds.")
    ] = None,
) -> float:
    return wait_seconds(prefer or "", host.settings.vm_wait_seconds)


WaitOf = Annotated[float, Depends(_wait_of)]
"""How long the request is willing to wait, in seconds."""
