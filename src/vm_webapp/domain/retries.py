"""When a failed attempt is repeated.

Exponential backoff with equal jitter: half of the delay is fixed, half is random (M. Brooker, "Exponential Backoff and
Jitter", AWS Architecture Blog, 2015).
"""

from datetime import datetime, timedelta

from vm_webapp.domain.plans import RetryPolicy


def backoff_seconds(policy: RetryPolicy, failures: int, jitter: float) -> float:
    """Seconds to wait after the `failures`-th failure (from 1); `jitter` in [0, 1)."""
    exponent = min(failures - 1, 64)
    delay = min(policy.max_seconds, policy.initial_seconds * policy.factor**exponent)
    return delay / 2 + delay / 2 * jitter


def decide_retry(
    policy: RetryPolicy, *, failures: int, retryable: bool, now: datetime, jitter: float
) -> datetime | None:
    """When the next attempt is due, None when this failure is final; `failures` includes the present one."""
    if not retryable or failures >= policy.attempts:
        return None
    return now + timedelta(seconds=backoff_seconds(policy, failures, jitter))
