"""What a request to a model costs: tokens estimated, prices from genai-prices' table, which comes with the package.

A price that the table does not have is unknown (None); nothing is guessed. Loaded with the first stage only.
"""

from decimal import Decimal

from genai_prices import calc_price
from pydantic_ai.usage import RequestUsage

from vm_webapp.writers import CallEstimate, CallUsage
from vm_webapp.writers.llm.configuration import LlmConfig

_BYTES_PER_TOKEN = 3
_PER_REQUEST = 64


def estimate_tokens(text: str) -> int:
    """About how many tokens the text is, rather too many than too few.

    One token for three bytes of UTF-8: English has about four bytes to a token, Portuguese three and a half, Chinese
    and Japanese about three. Exact counts differ by model, and their tables would have to be fetched.
    """
    return -(-len(text.encode("utf-8", "surrogatepass")) // _BYTES_PER_TOKEN)


def estimate(config: LlmConfig, prompt: str) -> CallEstimate:
    """What a request with that prompt costs at the most: the whole prompt, and the longest answer."""
    tokens = estimate_tokens(prompt) + _PER_REQUEST
    cost = price(config, RequestUsage(input_tokens=tokens, output_tokens=config.max_output_tokens))
    return CallEstimate(model=config.name, input_tokens=tokens, output_tokens=config.max_output_tokens, cost_usd=cost)


def usage(config: LlmConfig, reported: RequestUsage, *, estimated: bool = False) -> CallUsage:
    """What a request has cost, from its tokens; those that the provider had cached are cheaper where it says so."""
    return CallUsage(
        model=config.name,
        input_tokens=reported.input_tokens,
        output_tokens=reported.output_tokens,
        cost_usd=price(config, reported),
        estimated=estimated,
    )


def price(config: LlmConfig, tokens: RequestUsage) -> Decimal | None:
    """The price of the tokens in US dollars; None where it is unknown. Nothing used costs nothing."""
    if not tokens.input_tokens and not tokens.output_tokens:
        return Decimal(0)
    found = _listed_price(config, tokens)
    return Decimal(0) if found is None and config.unpriced_is_free else found


def _listed_price(config: LlmConfig, tokens: RequestUsage) -> Decimal | None:
    if not config.facts.prices:
        return None
    try:
        return calc_price(tokens, config.model, provider_id=config.facts.prices).total_price
    except (LookupError, ValueError):
        return None
