"""What went wrong with a model, as the stage's error: a code, a sentence a marketer understands, and whether to retry.

No text of a server's error reaches the message: servers repeat keys and prompts in theirs. It is only looked at where
the status alone does not say what happened, and the library does not know the server's words for it.
"""

from collections.abc import Iterator

from pydantic_ai.exceptions import (
    AgentRunError,
    ContentFilterError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelContextWindowExceededError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelOverloadedError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestRejectedError,
    OutputTokenLimitExceeded,
    UsageLimitExceeded,
)

from vm_webapp.errors import StageError
from vm_webapp.writers.llm.configuration import LlmConfig
from vm_webapp.writers.llm.hearing import NoAnswerError
from vm_webapp.writers.llm.metered import AnswerTooLongError, NotRecordedError

_CUT_OFF = (OutputTokenLimitExceeded, AnswerTooLongError)
_FILTERS = frozenset({"content_filter", "content_policy_violation", "data_inspection_failed"})
# llama.cpp and LM Studio, which have no code of OpenAI's for it.
_TOO_LONG = ("exceed_context_size", "available context size", "context length")
_TOO_LARGE = 413
_REFUSALS = frozenset(range(400, 500))
_MAY_PASS = frozenset({408, 409, 425, 429})


def as_stage_error(error: Exception, config: LlmConfig, *, raw: str | None) -> StageError | None:
    """The failure as the stage's error, None for what is no failure of a model; `raw` is the answer as it came."""
    if isinstance(error, NotRecordedError):
        return _error(
            "llm_not_recorded",
            "The cassette has no answer to this request, so the prompt, the model or a setting has changed. Record it "
            "with VM_LLM_CASSETTE_MODE=record (or auto), then replay.",
        )
    if isinstance(error, NoAnswerError):
        return _error(
            "llm_request_refused",
            f"Instead of an answer of {config.name} came {error}. Check the address in "
            "VM_LLM_BASE_URL if you set one, and whether a proxy or the sign-in of a network stands in between.",
            raw=raw,
        )
    if isinstance(error, ModelAPIError):
        return _refusal(error, config, raw)
    if isinstance(error, ContentFilterError):
        return _declined(config, raw)
    if isinstance(error, _CUT_OFF):
        return _error(
            "llm_answer_cut_off",
            f"The answer of {config.name} was longer than allowed and was cut off. Raise VM_LLM_MAX_OUTPUT_TOKENS (now "
            f"{config.max_output_tokens}), or ask for less, such as fewer weeks.",
            raw=raw,
        )
    return _unusable(error, config, raw)


def _unusable(error: Exception, config: LlmConfig, raw: str | None) -> StageError | None:
    # The library counts requests as well: one too many means that the repairs are used up.
    if isinstance(error, UsageLimitExceeded) and "request_limit" not in str(error):
        return _error(
            "llm_limit_exceeded",
            f"{config.name} used more tokens than one stage may use. Ask for less, or raise VM_LLM_MAX_OUTPUT_TOKENS.",
            raw=raw,
        )
    if isinstance(error, AgentRunError):
        times = "once" if config.repairs == 1 else f"{config.repairs} times"
        told = f", although it was told what is wrong {times}" if config.repairs else ""
        return _error(
            "llm_answer_malformed",
            f"{config.name} did not give an answer of the form that is needed{told}. The last answer is "
            "kept with the attempt. Retry, or use a more capable model.",
            raw=raw,
        )
    return None


def _refusal(error: ModelAPIError, config: LlmConfig, raw: str | None) -> StageError:
    """The server said no, or nothing."""
    if isinstance(error, ModelAuthenticationError):
        return _error(
            "llm_key_refused",
            f"{config.provider} did not accept the key. Check the key and whether it may use {config.model}.",
        )
    if isinstance(error, ModelNotFoundError):
        return _error(
            "llm_unknown_model",
            f"{config.provider} knows no model {config.model}. Check the spelling in VM_LLM, and the address in "
            "VM_LLM_BASE_URL if you set one; with Ollama, pull the model first.",
        )
    said = " ".join(_said(error))
    if isinstance(error, ModelContextWindowExceededError) or _is_too_long(error, said):
        return _error(
            "llm_context_too_long",
            f"The request is too long for {config.model}. Shorten the request or the comments, let the stage need "
            "fewer stages, or use a model that reads more.",
            raw=raw,
        )
    if isinstance(error, ModelQuotaExceededError):
        return _error(
            "llm_quota_exceeded",
            f"The account at {config.provider} has no credit left. Top it up or raise its limit, then retry.",
        )
    if not _FILTERS.isdisjoint(said.split()):
        return _declined(config, raw)
    return _trouble(error, config, raw)


def _trouble(error: ModelAPIError, config: LlmConfig, raw: str | None) -> StageError:
    """The server is busy, broken, or not there; or it refused for a reason of its own."""
    status = f" (status {error.status_code})" if isinstance(error, ModelHTTPError) else ""
    if isinstance(error, ModelRateLimitError | ModelOverloadedError):
        return _error(
            "llm_busy",
            f"{config.provider} is busy or limits how often it may be asked{status}. Usually that passes in a while.",
            retry_after_seconds=error.retry_after,
        )
    if isinstance(error, ModelRequestRejectedError) or _is_for_good(error):
        return _error(
            "llm_request_refused",
            f"{config.provider} refused the request{status}. {config.model} may not take one of the settings, such as "
            "VM_LLM_TEMPERATURE or VM_LLM_MAX_OUTPUT_TOKENS; check the address, too, if you set VM_LLM_BASE_URL.",
        )
    return _error(
        "llm_unavailable",
        f"{config.provider} could not be reached, or broke off{status}. If it lasts, check address and network.",
        raw=raw,
        retry_after_seconds=error.retry_after,
    )


def _declined(config: LlmConfig, raw: str | None) -> StageError:
    return _error(
        "llm_refused",
        f"{config.name} declined to write this. Say the request in other words, or use another model.",
        raw=raw,
    )


def _said(error: ModelAPIError) -> Iterator[str]:
    """Code, type and words of the server's error, as far as it has any, in lower case."""
    body = error.body if isinstance(error, ModelHTTPError) else None
    inner = body.get("error", body) if isinstance(body, dict) else body
    found = [inner.get(name) for name in ("code", "type", "message")] if isinstance(inner, dict) else [inner]
    yield from (item.lower() for item in found if isinstance(item, str))


def _is_too_long(error: ModelAPIError, said: str) -> bool:
    if not isinstance(error, ModelHTTPError):
        return False
    refused = isinstance(error, ModelRequestRejectedError) and any(words in said for words in _TOO_LONG)
    return refused or error.status_code == _TOO_LARGE


def _is_for_good(error: ModelAPIError) -> bool:
    """Whether the status says that the same request will not be taken later either, such as 405 or 451."""
    return isinstance(error, ModelHTTPError) and error.status_code in _REFUSALS - _MAY_PASS


def _error(code: str, message: str, *, raw: str | None = None, retry_after_seconds: float | None = None) -> StageError:
    retryable = code in {"llm_busy", "llm_unavailable"}
    return StageError(code, message, retryable=retryable, raw=raw, retry_after_seconds=retry_after_seconds)
