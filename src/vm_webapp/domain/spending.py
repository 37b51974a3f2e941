"""What may be spent on models: limits, and the refusal to go beyond one."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final

from vm_webapp.errors import BudgetExhausted, PriceUnknown

_FINEST: Final = Decimal(1).scaleb(-9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A budget in US dollars and what is spent of it, reservations included; `scope` is run, project or brand."""

    scope: str
    limit_usd: Decimal
    spent_usd: Decimal


def check_limits(limits: Iterable[Limit], cost_usd: Decimal | None, *, model: str) -> None:
    """Refuse a request that would go beyond a limit, or whose price nobody knows while there is one.

    Raises BudgetExhausted and PriceUnknown.
    """
    for limit in limits:
        if cost_usd is None:
            raise PriceUnknown(model=model, scope=limit.scope, limit=usd_text(limit.limit_usd))
        if limit.spent_usd + cost_usd > limit.limit_usd:
            raise BudgetExhausted(
                scope=limit.scope,
                limit=usd_text(limit.limit_usd),
                spent=usd_text(limit.spent_usd),
                cost=usd_text(cost_usd),
            )


def usd_text(amount: Decimal) -> str:
    """The amount in plain decimals, to 10^-9 dollar, what is finer rounded up, without trailing zeros."""
    text = f"{amount.quantize(_FINEST, ROUND_CEILING):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def usd_of(text: str | None) -> Decimal:
    """The amount that an event names; nothing where it is unknown."""
    return Decimal(text) if text else Decimal(0)
