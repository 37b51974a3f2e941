"""The library's model, wrapped: every request is paid for, recorded or replayed, and read along while it is answered.

Before a request the money is reserved, after it what it cost is recorded, whatever happened in between. A request that
the server answered with an error status has cost nothing, nor has one to an address where no model is; one that was cut
off has cost its prompt and what had been heard of its answer, thoughts included, as estimates.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, cast

import structlog
from pydantic_ai.exceptions import (
    ContentFilterError,
    ModelAPIError,
    ModelConnectionError,
    ModelContextWindowExceededError,
    ModelHTTPError,
    UnexpectedModelBehavior,
)
from pydantic_ai.messages import (
    FinishReason,
    ModelMessage,
    ModelResponse,
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
    ToolCallPart,
    ToolCallPartDelta,
)
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from vm_webapp.writers import Attempt, CallEstimate, CallUsage, StageWork
from vm_webapp.writers.llm.cassette import Cassette, Recording, request_key
from vm_webapp.writers.llm.configuration import LlmConfig
from vm_webapp.writers.llm.hearing import NoAnswerError, no_answer_in
from vm_webapp.writers.llm.pricing import estimate, estimate_tokens, usage
from vm_webapp.writers.llm.telling import Teller
from vm_webapp.writers.llm.transcript import Talk, Turn, answer_of, turns_of, whole_text
from vm_webapp.writers.llm.unwrapping import unwrapped

log = structlog.get_logger(__name__)

_CHARACTERS_PER_TOKEN = 16
"""More than any token has: an answer that is longer is not what was asked for."""

_MOST_PER_ESTIMATED = 6
"""No tokenizer makes more than two tokens of a byte, and a token is estimated for three bytes."""

_MOST_UNSEEN = 100_000
"""More than providers put before a prompt, or let a model think beyond what was allowed."""


_UNREADABLE = (UnexpectedModelBehavior, AssertionError, AttributeError, LookupError, TypeError, ValueError)
"""What the library stops with where a server answers 200, and then with something that is no answer."""


class NotRecordedError(Exception):
    """The cassette has no answer to this request."""


class AnswerTooLongError(Exception):
    """The answer went on beyond any length that was allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What the requests of one attempt have in common."""

    config: LlmConfig
    work: StageWork
    attempt: Attempt
    schema_text: str
    schema_sha256: str
    cassette: Cassette | None


class MeteredModel(WrapperModel):
    """Asks the wrapped model, one request at a time, for one attempt at one stage."""

    def __init__(self, wrapped: Model, call: Call, talk: Talk) -> None:
        super().__init__(wrapped)
        self._call = call
        self._talk = talk

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """The model's answer; StageError where the budget forbids the request."""
        turns = self._talk.turns = turns_of(messages)
        self._talk.pieces, self._talk.asides = [], []
        key = request_key(
            model=self._call.config.name,
            messages=turns,
            schema_sha256=self._call.schema_sha256,
            parameters=self._call.config.parameters,
        )
        cassette = self._call.cassette
        recorded = cassette.find(key) if cassette else None
        if recorded is not None:
            return _with_texts(self._replayed(recorded), unwrapped)
        if cassette is not None and not cassette.records:
            raise NotRecordedError
        response = await self._asked(
            turns, self.wrapped.request_stream(messages, model_settings, model_request_parameters)
        )
        response = _with_texts(response, self._talk.discreet)
        if cassette is not None:
            _record(cassette, self._recording(key, turns, response))
        if (response.provider_details or {}).get("finish_reason") == "model_context_window_exceeded":
            raise ModelContextWindowExceededError(self._call.config.model, "there was no room left for the answer")
        if response.finish_reason == "content_filter":
            raise ContentFilterError("the answer was stopped by the provider's filter")
        return _with_texts(response, unwrapped)

    async def _asked(self, turns: list[Turn], opening: Any) -> ModelResponse:  # noqa: ANN401 - the library's context manager
        call, talk = self._call, self._talk
        call.attempt.check()
        expected = estimate(call.config, whole_text(turns) + call.schema_text)
        call.attempt.reserve(expected)
        talk.requests += 1
        try:
            async with opening as stream:
                await self._listen(stream)
                response: ModelResponse = stream.get()
                _check_ended(response)
        except BaseException as error:
            unheard = no_answer_in(error)
            call.attempt.spent(_cut_off(call.config, expected, heard=talk.heard, error=unheard or error))
            if unheard is not None:
                raise unheard from error
            if isinstance(error, _UNREADABLE):
                raise ModelAPIError(call.config.model, "no answer") from error
            raise
        reported = response.usage
        if not _can_be(reported, expected, call.config, heard=talk.heard):
            response = replace(response, usage=_heard_tokens(expected, talk.heard))
        call.attempt.spent(usage(call.config, response.usage, estimated=response.usage is not reported))
        return response

    async def _listen(self, stream: StreamedResponse) -> None:
        """Take the answer in as it comes and show it to readers."""
        longest = self._call.config.max_output_tokens * _CHARACTERS_PER_TOKEN
        teller = Teller(self._call.attempt.tell)
        length = unread = 0
        async with _closing(stream):
            async for event in stream:
                piece = _text_of(event)
                aside = _aside_of(event)
                self._talk.pieces += [piece] if piece else []
                self._talk.asides += [aside] if aside else []
                length += len(piece)
                unread += len(aside)
                if length + unread > longest:
                    raise AnswerTooLongError
                if teller.is_due(length):
                    teller.show(self._talk.raw or "")
        teller.show(self._talk.raw or "")

    def _replayed(self, recorded: Recording) -> ModelResponse:
        """The recorded answer; its tokens are recorded again, its cost is nothing."""
        call, talk = self._call, self._talk
        tokens = RequestUsage(input_tokens=recorded.input_tokens, output_tokens=recorded.output_tokens)
        free = CallUsage(
            model=call.config.name,
            input_tokens=tokens.input_tokens,
            output_tokens=tokens.output_tokens,
            cost_usd=Decimal(0),
        )
        call.attempt.check()
        call.attempt.reserve(_as_estimate(free))
        call.attempt.spent(free)
        talk.requests += 1
        talk.replayed += 1
        talk.pieces = [recorded.answer]
        Teller(call.attempt.tell).show(recorded.answer)
        return ModelResponse(
            parts=[TextPart(recorded.answer)],
            usage=tokens,
            model_name=call.config.model,
            finish_reason=cast("FinishReason | None", recorded.finish_reason),
        )

    def _recording(self, key: str, turns: list[Turn], response: ModelResponse) -> Recording:
        call = self._call
        return Recording(
            key=key,
            dated_on=call.work.dated_on,
            model=call.config.name,
            parameters=call.config.parameters,
            schema_sha256=call.schema_sha256,
            messages=turns,
            answer=answer_of(response),
            finish_reason=response.finish_reason,
            input_tokens=response.usage.input_tokens,
            output_tokens=response.usage.output_tokens,
        )


def _record(cassette: Cassette, recording: Recording) -> None:
    """Keep the answer on file; it is paid for, and a disk that does not take the recording is no reason to lose it."""
    try:
        cassette.record(recording)
    except OSError:
        log.exception("cassette.not_recorded", cassette=cassette.path.name)


@asynccontextmanager
async def _closing(stream: StreamedResponse) -> AsyncIterator[None]:
    """Close the connection when the answer is not heard to its end, so that the server stops writing it."""
    try:
        yield
    except BaseException:
        await stream.cancel()
        raise


def _text_of(event: ModelResponseStreamEvent) -> str:
    if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
        return event.part.content
    if isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
        return event.delta.content_delta
    return ""


def _aside_of(event: ModelResponseStreamEvent) -> str:
    """What is paid for besides the text: thoughts, and calls of tools that nobody offered."""
    said = (
        event.part if isinstance(event, PartStartEvent) else event.delta if isinstance(event, PartDeltaEvent) else None
    )
    if isinstance(said, ThinkingPart):
        return said.content
    if isinstance(said, ThinkingPartDelta):
        return said.content_delta or ""
    if isinstance(said, ToolCallPart):
        return said.args_as_json_str()
    return str(said.args_delta or "") if isinstance(said, ToolCallPartDelta) else ""


def _with_texts(response: ModelResponse, made: Callable[[str], str]) -> ModelResponse:
    """The answer with what is made of each of its texts."""
    parts = [
        replace(part, content=made(part.content)) if isinstance(part, TextPart) else part for part in response.parts
    ]
    return replace(response, parts=parts)


def _check_ended(response: ModelResponse) -> None:
    """Raise where the answer has no reason to have ended: then it broke off, however much of it there is."""
    if response.finish_reason is None and "finish_reason" not in (response.provider_details or {}):
        msg = "the answer broke off"
        raise UnexpectedModelBehavior(msg)


def _as_estimate(known: CallUsage) -> CallEstimate:
    return CallEstimate(
        model=known.model,
        input_tokens=known.input_tokens,
        output_tokens=known.output_tokens,
        cost_usd=known.cost_usd,
    )


def _cut_off(config: LlmConfig, expected: CallEstimate, *, heard: str, error: BaseException) -> CallUsage:
    refused = isinstance(error, ModelHTTPError) and not error.in_stream
    unsent = isinstance(error, ModelConnectionError) and error.phase in {"pool", "connect"}
    absent = isinstance(error, NoAnswerError) and not error.by_model
    if refused or unsent or absent:
        return usage(config, RequestUsage())
    return usage(config, _heard_tokens(expected, heard), estimated=True)


def _can_be(reported: RequestUsage, expected: CallEstimate, config: LlmConfig, *, heard: str) -> bool:
    """Whether a provider has counted, and not what nobody can have used: then a known price would become unknown."""
    counts = (reported.input_tokens, reported.output_tokens)
    if not reported.input_tokens or (heard and not reported.output_tokens):
        return False
    most = (expected.input_tokens * _MOST_PER_ESTIMATED + _MOST_UNSEEN, expected.output_tokens + _MOST_UNSEEN)
    if not all(0 <= count <= limit and not count % 1 for count, limit in zip(counts, most, strict=True)):
        return False
    return expected.cost_usd is None or usage(config, reported).cost_usd is not None


def _heard_tokens(expected: CallEstimate, heard: str) -> RequestUsage:
    """The tokens of a request that nobody counted: the whole prompt, and what was heard of the answer."""
    heard_tokens = min(estimate_tokens(heard), expected.output_tokens)
    return RequestUsage(input_tokens=expected.input_tokens, output_tokens=heard_tokens)
