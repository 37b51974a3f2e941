"""Amounts of money that people set: US dollars, exact, to 10^-9 of one."""

import re
from decimal import Decimal
from typing import Final

from vm_webapp.domain.spending import usd_text
from vm_webapp.errors import InvalidText

NANO: Final = 10**9
_USD: Final = re.compile(r"([0-9]{1,40})(?:\.([0-9]{1,40}))?")
_MOST_DIGITS: Final = 9
"""Before the point and behind it, so that every amount in nano-dollars fits an integer of 64 bits."""


def check_budget(limit_usd: str | None, *, field: str = "limit_usd") -> str | None:
    """The limit in its canonical spelling; None is no limit, "0" lets nothing be spent."""
    return None if limit_usd is None else usd_text(parse_usd(limit_usd, field=field))


def parse_usd(text: str, *, field: str = "limit_usd") -> Decimal:
    """The amount that the text names, such as "25" or "0.50"; InvalidText for anything else."""
    found = _USD.fullmatch(text.strip())
    if found is None:
        problem = f"is no amount in US dollars: {text[:40]!r}; write it as 25 or 25.00, without a sign or a currency"
        raise InvalidText(field=field, problem=problem, pointer=f"/{field}", reason="no_amount")
    whole, fraction = found[1].lstrip("0"), (found[2] or "").rstrip("0")
    if len(whole) > _MOST_DIGITS:
        problem = "is more than 999,999,999 dollars"
        raise InvalidText(field=field, problem=problem, pointer=f"/{field}", reason="too_large", most=999_999_999)
    if len(fraction) > _MOST_DIGITS:
        problem = f"has {len(fraction)} decimals; {_MOST_DIGITS} are the most"
        raise InvalidText(field=field, problem=problem, pointer=f"/{field}", reason="no_amount")
    return Decimal(f"{whole or '0'}.{fraction or '0'}")


def to_nano(amount: Decimal) -> int:
    """The amount in 10^-9 dollar; what is finer is rounded up, so that a sum never says less than was spent."""
    numerator, denominator = amount.as_integer_ratio()
    return -(-numerator * NANO // denominator)


def from_nano(nano: int) -> Decimal:
    """The amount in dollars, exactly."""
    return Decimal(nano).scaleb(-9)
