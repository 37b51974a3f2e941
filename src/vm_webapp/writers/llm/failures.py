"""What went wrong with a model, as the stage's error: a code, a sentence a marketer understands, and whether to retry.

No text of a server's error reaches the message: servers repeat keys and prompts in theirs.
"""

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
from vm_webapp.writers.llm.metered import AnswerTooLongError, NotRecordedError

_CUT_OFF = (OutputTokenLimitExceeded, AnswerTooLongError)


def as_stage_error(error: Exception, config: LlmConfig, *, raw: str | None) -> StageError | None:
    """The failure as the stage's error, None for what is no failure of a model; `raw` is the answer as it came."""
    if isinstance(error, NotRecordedError):
        return _error(
            "llm_not_recorded",
            "The cassette has no answer to this request, so the prompt, the model or a setting has changed. Record it "
            "with VM_LLM_CASSETTE_MODE=record (or auto), then replay.",
        )
    if isinstance(error, ModelAPIError):
        return _refusal(error, config, raw)
    if isinstance(error, ContentFilterError):
        return _error(
            "llm_refused",
            f"{config.name} declined to write this. Say the request in other words, or use another model.",
            raw=raw,
        )
    if isinstance(error, _CUT_OFF):
        return _error(
            "llm_answer_cut_off",
            f"The answer of {config.name} was longer than allowed and was cut off. Raise VM_LLM_MAX_OUTPUT_TOKENS (now "
            f"{config.max_output_tokens}), or ask for less, such as fewer weeks.",
            raw=raw,
        )
    return _unusable(error, config, raw)


def _unusable(error: Exception, config: LlmConfig, raw: str | None) -> StageError | None:
    if isinstance(error, UsageLimitExceeded):
        return _error(
            "llm_limit_exceeded",
            f"{config.name} used more tokens than one stage may use. Ask for less, or raise VM_LLM_MAX_OUTPUT_TOKENS.",
            raw=raw,
        )
    if isinstance(error, AgentRunError):
        times = "once" if config.repairs == 1 else f"{config.repairs} times"
        return _error(
            "llm_answer_malformed",
            f"{config.name} did not give an answer of the form that is needed, although it was told what is wrong "
            f"{times}. The last answer is kept with the attempt. Retry, or use a more capable model.",
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
    if isinstance(error, ModelContextWindowExceededError):
        return _error(
            "llm_context_too_long",
            f"The request is too long for {config.model}. Shorten the request or the comments, let the stage need "
            "fewer stages, or use a model that reads more.",
        )
    if isinstance(error, ModelQuotaExceededError):
        return _error(
            "llm_quota_exceeded",
            f"The account at {config.provider} has no credit left. Top it up or raise its limit, then retry.",
        )
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
    if isinstance(error, ModelRequestRejectedError):
        return _error(
            "llm_request_refused",
            f"{config.provider} refused the request{status}. {config.model} may not take one of the settings, such as "
            "VM_LLM_TEMPERATURE or VM_LLM_MAX_OUTPUT_TOKENS.",
        )
    return _error(
        "llm_unavailable",
        f"{config.provider} could not be reached, or broke off{status}. If it lasts, check address and network.",
        raw=raw,
        retry_after_seconds=error.retry_after,
    )


def _error(code: str, message: str, *, raw: str | None = None, retry_after_seconds: float | None = None) -> StageError:
    retryable = code in {"llm_busy", "llm_unavailable"}
    return StageError(code, message, retryable=retryable, raw=raw, retry_after_seconds=retry_after_seconds)
