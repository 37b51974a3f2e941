"""What comes from a model's address and is no answer, or one without an end: told as what it is, and paid rightly."""

import gzip
import json
from decimal import Decimal

import pytest

from vm_webapp.errors import StageError
from vm_webapp.writers.llm import LlmWriter

from chat_server import ChatServer, Exchange, Reply, babbles, refuses, says
from llm_works import brief, config_of
from recorded_attempt import RecordedAttempt

NO_MODEL: list[tuple[str, Reply]] = [
    ("moved", refuses(301, headers={"Location": "http://127.0.0.1:1/v1"})),
    ("found", refuses(302, headers={"Location": "/login"})),
    ("to be asked with another verb", refuses(303, headers={"Location": "/login"})),
    ("moved for good", refuses(308, headers={"Location": "/v1/elsewhere"})),
    ("not modified", refuses(304)),
    ("a page", babbles("\ufeff\n<!doctype html><title>Sign in</title>")),
    ("a word", babbles("OK", "text/plain")),
    ("another JSON", babbles('{"status": "up"}', "application/json")),
    ("no content", lambda exchange: exchange.begin(204, "text/plain")),
]


@pytest.mark.parametrize("reply", [case[1] for case in NO_MODEL], ids=[case[0] for case in NO_MODEL])
def test_an_address_without_a_model_is_told_and_costs_nothing(reply: Reply, chat: ChatServer) -> None:
    """A redirect, a page, a word: it is asked once, nothing is paid, and the address is named as what to look at."""
    chat.otherwise = reply
    error, attempt = failure(chat)
    assert (error.error_code, error.retryable, len(chat.requests)) == ("llm_request_refused", False, 1)
    assert "Instead of an answer of openai:gpt-5.2 came " in str(error)
    assert "VM_LLM_BASE_URL" in str(error)
    assert [(it.input_tokens, it.output_tokens, it.cost_usd) for it in attempt.usages] == [(0, 0, Decimal(0))]


def test_a_server_that_does_not_stream_is_understood(chat: ChatServer) -> None:
    """One JSON body instead of a stream is an answer like any other, with the tokens that it tells."""
    work, answer = brief()
    chat.will(whole(answer))
    attempt = RecordedAttempt()
    draft = LlmWriter(config_of(chat)).write(work, attempt)
    assert draft.output["title"] == json.loads(answer)["title"]
    assert [(it.input_tokens, it.output_tokens, it.estimated) for it in attempt.usages] == [(1000, 200, False)]


def test_events_without_data_are_passed_over(chat: ChatServer) -> None:
    """Ids, retry times and keep-alive events between the pieces of an answer are no part of it."""
    work, answer = brief()

    def reply(exchange: Exchange) -> None:
        exchange.begin(200, "text/event-stream")
        for noise in ("retry: 3000\n\n", "id: 7\r\n\r\n", "event: ping\n\n", ": still here\n\n"):
            exchange.send(noise)
        exchange.send("id: 8\nretry: 10\n")
        exchange.chunk(choices=[{"index": 0, "delta": {"content": answer}, "finish_reason": None}])
        exchange.send("id: 9\n\n")
        exchange.chunk(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}])
        exchange.send("data: [DONE]\n\nretry: 1\n\n")

    chat.will(reply)
    draft = LlmWriter(config_of(chat)).write(work, RecordedAttempt())
    assert draft.output["title"] == json.loads(answer)["title"]
    assert len(chat.requests) == 1


@pytest.mark.parametrize("text", ["data: " + "x" * 100_000, ": " + "x" * 100_000 + "\n\n", "{" + " " * 100_000])
def test_more_than_any_answer_has_is_not_taken_in(text: str, chat: ChatServer) -> None:
    """A line, a keep-alive or a body without an end is left where it is longer than any answer can be."""

    def floods(exchange: Exchange) -> None:
        exchange.begin(200, "text/event-stream")
        exchange.send(text)
        while not exchange.server.left.is_set():
            exchange.send("x" * 100_000 if not text.endswith("\n\n") else text)

    chat.otherwise = floods
    error, attempt = failure(chat)
    assert (error.error_code, error.retryable, attempt.usages[0].estimated) == ("llm_request_refused", False, True)
    assert chat.left.wait(30)


@pytest.mark.parametrize("status", [200, 401])
def test_what_comes_compressed_is_not_unpacked(status: int, chat: ChatServer) -> None:
    """A few bytes can be a gigabyte; no compression was asked for, and the status of an error is enough."""

    def packed(exchange: Exchange) -> None:
        exchange.begin(status, "text/event-stream", {"Content-Encoding": "gzip"})
        exchange.handler.wfile.write(gzip.compress(b"data: " + b" " * 50_000_000))

    chat.otherwise = packed
    error, _ = failure(chat)
    assert error.error_code == {200: "llm_request_refused", 401: "llm_key_refused"}[status]
    assert chat.requests[0].headers["accept-encoding"] == "identity"


def whole(text: str) -> Reply:
    """The whole answer as one JSON body, whatever the request says of streams."""

    def reply(exchange: Exchange) -> None:
        says(text)(Exchange({**exchange.body, "stream": False}, exchange.headers, exchange.handler, exchange.server))

    return reply


def failure(chat: ChatServer) -> tuple[StageError, RecordedAttempt]:
    """How writing a brief at that server fails, and what was paid."""
    attempt = RecordedAttempt()
    with pytest.raises(StageError) as caught:
        LlmWriter(config_of(chat, max_output_tokens=300)).write(brief()[0], attempt)
    return caught.value, attempt
