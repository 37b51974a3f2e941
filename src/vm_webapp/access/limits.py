"""Limits on how often somebody may ask: token buckets (a level that each request lowers and that time fills again).

They live in memory and begin full at each start. The least recently used are forgotten beyond a number of keys, so that
many addresses cost no more memory than few.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

_MOST_KEYS: Final = 10_000
_HOME: Final = 64


class Buckets:
    """One bucket a key: `burst` requests at once, `rate` a second in the long run."""

    def __init__(self, *, rate: float, burst: float, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str) -> float:
        """Take one from the key's bucket: 0, or the seconds until there is one again."""
        now = self._clock()
        with self._lock:
            level, since = self._levels.get(key, (self._burst, now))
            level = min(self._burst, level + (now - since) * self._rate)
            enough = level >= 1
            self._levels[key] = (level - 1 if enough else level, now)
            self._levels.move_to_end(key)
            if len(self._levels) > _MOST_KEYS:
                self._levels.popitem(last=False)
        return 0.0 if enough else (1 - level) / self._rate


def neighbourhood(address: str) -> str:
    """What counts as one address: of IPv6 the first 64 bits, which one household or machine has to itself."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, _HOME), strict=False))
    return str(parsed)
