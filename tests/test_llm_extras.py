"""Anthropic and Google speak protocols of their own; these tests run where their extras are installed."""

import json
from importlib.util import find_spec
from typing import Any

import pytest

from vm_webapp.errors import StageError
from vm_webapp.writers.llm import LlmConfig, LlmWriter

from chat_server import ChatServer, Exchange, Reply, refuses, stalls
from llm_works import brief, config_of
from recorded_attempt import RecordedAttempt


def anthropic(text: str, *, whole: bool = True) -> Reply:
    """A streamed answer as Anthropic's messages protocol has it; it breaks off where it is not `whole`."""

    def reply(exchange: Exchange) -> None:
        exchange.begin(200, "text/event-stream")
        usage = {"input_tokens": 1000, "output_tokens": 1}
        message = {"id": "m", "type": "message", "role": "assistant", "content": [], "model": "m", "usage": usage}
        events: tuple[dict[str, Any], ...] = (
            {"type": "message_start", "message": {**message, "stop_reason": None, "stop_sequence": None}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            *(
                {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text[at : at + 50]}}
                for at in range(0, len(text), 50)
            ),
            {"type": "content_block_stop", "index": 0},
            {
                "type": "message_delta",
                "delta": {"stop_reason": "end_turn", "stop_sequence": None},
                "usage": {"input_tokens": 1000, "output_tokens": 200},
            },
            {"type": "message_stop"},
        )
        for event in events if whole else events[:-3]:
            exchange.send(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n")

    return reply


def google(text: str, *, whole: bool = True) -> Reply:
    """A streamed answer as Gemini's protocol has it; it breaks off where it is not `whole`."""

    def reply(exchange: Exchange) -> None:
        exchange.begin(200, "text/event-stream")
        for at in range(0, len(text), 50):
            parts = [{"text": text[at : at + 50]}]
            exchange.send(f"data: {json.dumps({'candidates': [{'content': {'parts': parts, 'role': 'model'}}]})}\n\n")
        last = {
            "candidates": [{"content": {"parts": [{"text": ""}], "role": "model"}, "finishReason": "STOP"}],
            "usageMetadata": {"promptTokenCount": 1000, "candidatesTokenCount": 200, "totalTokenCount": 1200},
            "modelVersion": "m",
        }
        if whole:
            exchange.send(f"data: {json.dumps(last)}\n\n")

    return reply


def installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False


PROVIDERS = [
    pytest.param(
        "anthropic:claude-fable-5-1",
        marks=pytest.mark.skipif(not installed("anthropic"), reason="the extra anthropic is not installed"),
    ),
    pytest.param(
        "google:gemini-2.5-pro",
        marks=pytest.mark.skipif(not installed("google.genai"), reason="the extra google is not installed"),
    ),
]
SPEAKS = {"anthropic": anthropic, "google": google}


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_stage_is_written(name: str, chat: ChatServer) -> None:
    """The answer is streamed, checked, sent back once, priced and told."""
    work, answer = brief()
    speak = SPEAKS[name.partition(":")[0]]
    chat.will(speak('{"title": "x"}'), speak(answer))
    attempt = RecordedAttempt()
    draft = LlmWriter(config(name, chat)).write(work, attempt)
    assert draft.output["written_by"] == name
    assert [(usage.input_tokens, usage.output_tokens) for usage in attempt.usages] == [(1000, 200)] * 2
    assert all(usage.cost_usd for usage in attempt.usages)
    assert len(attempt.texts) > 10


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize(("status", "code"), [(401, "llm_key_refused"), (429, "llm_busy"), (500, "llm_unavailable")])
def test_failures_have_their_codes(name: str, status: int, code: str, chat: ChatServer) -> None:
    """Statuses mean the same, and nothing is tried twice below the engine."""
    chat.otherwise = refuses(status, headers={"Retry-After": "3"})
    with pytest.raises(StageError) as caught:
        LlmWriter(config(name, chat)).write(brief()[0], RecordedAttempt())
    assert (caught.value.error_code, len(chat.requests)) == (code, 1)


@pytest.mark.parametrize("name", PROVIDERS)
def test_an_answer_that_breaks_off_is_no_malformed_one(name: str, chat: ChatServer) -> None:
    """Without a reason to have ended it is not sent back to be mended, may be tried again, and is estimated."""
    chat.otherwise = SPEAKS[name.partition(":")[0]]('{"title": "Half', whole=False)
    attempt = RecordedAttempt()
    with pytest.raises(StageError) as caught:
        LlmWriter(config(name, chat)).write(brief()[0], attempt)
    error = caught.value
    assert (error.error_code, error.retryable, error.raw) == ("llm_unavailable", True, '{"title": "Half')
    assert [usage.estimated for usage in attempt.usages] == [True]


@pytest.mark.parametrize("name", PROVIDERS)
def test_the_deadline_closes_the_connection(name: str, chat: ChatServer) -> None:
    """A server that says nothing is left at the deadline."""
    chat.will(stalls())
    with pytest.raises(StageError) as caught:
        LlmWriter(config(name, chat)).write(brief()[0], RecordedAttempt(1.5))
    assert caught.value.error_code == "stage_timeout"
    assert chat.left.wait(10)


def config(name: str, chat: ChatServer) -> LlmConfig:
    provider, _, model = name.partition(":")
    return config_of(chat, provider=provider, model=model, base_url=chat.url.removesuffix("/v1"))
