"""When a failed attempt is repeated.

Exponential backoff with equal jitter: half of the delay is fixed, half is random (M. Brooker, "Exponential Backoff and
Jitter", AWS Architecture Blog, 2015).
"""

from datetime import datetime, timedelta

from vm_webapp.domain.plans import RetryPolicy

_LONGEST_SECONDS = 86_400.0


def backoff_seconds(policy: RetryPolicy, failures: int, jitter: float) -> float:
    """Seconds to wait after the `failures`-th failure (from 1); `jitter` in [0, 1)."""
    exponent = min(failures - 1, 64)
    delay = min(policy.max_seconds, policy.initial_seconds * policy.factor**exponent)
    return delay / 2 + delay / 2 * jitter


def decide_retry(
    policy: RetryPolicy, *, failures: int, retryable: bool, now: datetime, jitter: float, at_least: float = 0.0
) -> datetime | None:
    """When the next attempt is due, None when this failure is final; `failures` includes the present one.

    `at_least` is what a server asked to wait, in seconds; a day at the most is heeded.
    """
    if not retryable or failures >= policy.attempts:
        return None
    return now + timedelta(seconds=max(backoff_seconds(policy, failures, jitter), min(at_least, _LONGEST_SECONDS)))
