import json
import threading
from collections.abc import Callable
from decimal import Decimal

import pytest

from vm_webapp.errors import StageError
from vm_webapp.writers.llm import LlmConfig, LlmWriter

from chat_server import (
    ChatServer,
    Reply,
    babbles,
    breaks_off,
    calls_a_tool,
    hangs_up,
    is_silent,
    rambles,
    refuses,
    says,
    serving,
    stalls,
)
from llm_works import brief, config_of
from recorded_attempt import RecordedAttempt

ONCE: list[tuple[str, Reply, str, bool]] = [
    ("401", refuses(401, code="invalid_api_key"), "llm_key_refused", False),
    ("403", refuses(403), "llm_key_refused", False),
    ("404", refuses(404, code="model_not_found"), "llm_unknown_model", False),
    ("400", refuses(400, message="no such parameter"), "llm_request_refused", False),
    ("context", refuses(400, code="context_length_exceeded"), "llm_context_too_long", False),
    ("too large", refuses(413), "llm_context_too_long", False),
    ("llama.cpp", refuses(400, code="exceed_context_size_error"), "llm_context_too_long", False),
    ("LM Studio", refuses(400, message="... greater than the context length."), "llm_context_too_long", False),
    ("filtered before", refuses(400, code="content_filter"), "llm_refused", False),
    ("405", refuses(405), "llm_request_refused", False),
    ("451", refuses(451), "llm_request_refused", False),
    ("409", refuses(409), "llm_unavailable", True),
    ("quota", refuses(429, code="insufficient_quota"), "llm_quota_exceeded", False),
    ("429", refuses(429), "llm_busy", True),
    ("500", refuses(500), "llm_unavailable", True),
    ("502", refuses(502), "llm_unavailable", True),
    ("503", refuses(503), "llm_unavailable", True),
    ("529", refuses(529), "llm_busy", True),
    ("hangs up", hangs_up(), "llm_unavailable", True),
    ("breaks off", breaks_off('{"title": "Half'), "llm_unavailable", True),
    ("a page", babbles("<html>Gateway</html>"), "llm_request_refused", False),
    ("broken stream", babbles("data: {not json}\n\n", "text/event-stream"), "llm_unavailable", True),
    ("an event of nothing", babbles("data: null\n\n", "text/event-stream"), "llm_unavailable", True),
    (
        "a list of tokens",
        babbles('data: {"choices": [], "usage": [1]}\n\n', "text/event-stream"),
        "llm_unavailable",
        True,
    ),
    ("length", says('{"title": "Half', finish="length"), "llm_answer_cut_off", False),
    (
        "no room for the answer",
        says('{"title": "Half', finish="model_context_window_exceeded"),
        "llm_context_too_long",
        False,
    ),
    ("filter", says("", finish="content_filter"), "llm_refused", False),
    ("filtered midway", says('{"title": "Half', finish="content_filter"), "llm_refused", False),
    ("endless", rambles(), "llm_answer_cut_off", False),
]


@pytest.mark.parametrize(("reply", "code", "retryable"), [case[1:] for case in ONCE], ids=[case[0] for case in ONCE])
def test_each_failure_of_a_server_has_its_code(reply: Reply, code: str, *, retryable: bool, chat: ChatServer) -> None:
    """One request, one error with a code, a sentence without technical words, and what had been sent."""
    chat.will(reply)
    error, attempt = failure(config_of(chat, max_output_tokens=300))
    assert (error.error_code, error.retryable) == (code, retryable)
    assert len(chat.requests) == 1
    assert str(error).endswith(".")
    assert not any(
        word in str(error) for word in ("Error", "HTTP", "JSON", "Traceback", "sk-secret", "invalid_api_key")
    )
    assert error.sent is not None
    assert [turn["role"] for turn in error.sent["messages"]] == ["system", "user"]
    assert len(attempt.reserved) == len(attempt.usages) == 1


def test_nobody_there(chat: ChatServer) -> None:
    """A server that is not there costs nothing and may be tried again."""
    config = config_of(chat, base_url="http://127.0.0.1:1/v1")
    error, attempt = failure(config)
    assert (error.error_code, error.retryable) == ("llm_unavailable", True)
    assert [(it.input_tokens, it.cost_usd) for it in attempt.usages] == [(0, Decimal(0))]


@pytest.mark.parametrize("status", [429, 503])
def test_the_servers_wish_to_be_left_alone_is_handed_on(status: int, chat: ChatServer) -> None:
    """Retry-After reaches the engine, which waits at least that long."""
    chat.will(refuses(status, headers={"Retry-After": "17"}))
    assert failure(config_of(chat))[0].retry_after_seconds == 17.0


def test_a_server_that_names_no_time_leaves_it_to_the_engine(chat: ChatServer) -> None:
    """Without Retry-After there is none."""
    chat.will(refuses(429))
    assert failure(config_of(chat))[0].retry_after_seconds is None


@pytest.mark.parametrize(
    "text", ["I am sorry, I cannot do that.", "{", '{"title": 1}', "[]", '{"a": "\\ud800"}', "", "{" * 5000]
)
def test_an_answer_that_never_fits_is_kept(text: str, chat: ChatServer) -> None:
    """After the repairs the stage fails, and the last answer is kept as it came."""
    chat.otherwise = says(text)
    error, attempt = failure(config_of(chat, repairs=1))
    assert (error.error_code, error.retryable) == ("llm_answer_malformed", False)
    assert (error.raw or "") == text
    assert (len(chat.requests), len(attempt.usages)) == (2, 2)


def test_who_was_told_nothing_is_not_said_to_have_been_told(chat: ChatServer) -> None:
    """Without repairs the error speaks of none."""
    chat.will(says("no"))
    error, _ = failure(config_of(chat, repairs=0))
    assert "was told" not in str(error)
    assert "0 times" not in str(error)


def test_a_tool_that_nobody_offered_is_no_answer(chat: ChatServer) -> None:
    """Who calls tools until the repairs are used up gave no answer that fits; that is no matter of tokens."""
    chat.otherwise = calls_a_tool()
    error, _ = failure(config_of(chat, repairs=0))
    assert (error.error_code, len(chat.requests)) == ("llm_answer_malformed", 1)


@pytest.mark.parametrize("repairs", [0, 3])
def test_an_answer_is_sent_back_as_often_as_is_set(repairs: int, chat: ChatServer) -> None:
    """VM_LLM_REPAIRS counts the rounds after the first."""
    chat.otherwise = says("no")
    failure(config_of(chat, repairs=repairs))
    assert len(chat.requests) == 1 + repairs


def test_a_repair_that_fails_shows_the_whole_talk(chat: ChatServer) -> None:
    """What was sent holds the first answer and what was said about it, also when the second request fails."""
    chat.will(says('{"title": "x"}'), refuses(500))
    error, _ = failure(config_of(chat))
    assert error.sent is not None
    assert [turn["role"] for turn in error.sent["messages"]] == ["system", "user", "assistant", "user"]
    assert error.sent["messages"][2]["text"] == '{"title": "x"}'


def test_a_broken_off_answer_is_kept_and_counted(chat: ChatServer) -> None:
    """Half an answer is raw material for whoever looks, and its tokens are estimated."""
    chat.will(breaks_off('{"title": "Half'))
    error, attempt = failure(config_of(chat))
    assert error.raw == '{"title": "Half'
    usage = attempt.usages[0]
    assert usage.estimated
    assert (usage.input_tokens, usage.output_tokens) == (attempt.reserved[0].input_tokens, 5)


def test_a_refused_request_costs_nothing(chat: ChatServer) -> None:
    """Who answers with an error status has written nothing."""
    chat.will(refuses(500))
    _, attempt = failure(config_of(chat))
    assert [(it.input_tokens, it.output_tokens, it.cost_usd) for it in attempt.usages] == [(0, 0, Decimal(0))]


def test_a_budget_that_says_no_keeps_the_request_from_being_sent(chat: ChatServer) -> None:
    """The engine's refusal is the stage's error; nothing is sent, nothing is recorded as spent."""
    refusal = StageError("budget_exhausted", "The budget is used up.", retryable=False)
    attempt = RecordedAttempt(refusal=refusal)
    with pytest.raises(StageError) as caught:
        LlmWriter(config_of(chat)).write(brief()[0], attempt)
    assert caught.value is refusal
    assert (chat.requests, attempt.usages) == ([], [])
    assert refusal.sent is not None


def test_more_tokens_than_allowed_end_the_stage(chat: ChatServer) -> None:
    """A server that counts beyond every limit is not asked again."""
    chat.will(says("no", tokens=(10, 60_000)))
    error, _ = failure(config_of(chat))
    assert (error.error_code, error.retryable) == ("llm_limit_exceeded", False)


@pytest.fixture(scope="module")
def loaded() -> None:
    """What the first request of a process loads is there: that takes some seconds, which are not the stage's."""
    with serving() as chat:
        chat.will(refuses(401))
        failure(config_of(chat))


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("reply", [stalls('{"title": "Slowly'), stalls(), is_silent()])
def test_the_end_of_the_time_closes_the_connection(reply: Reply, chat: ChatServer) -> None:
    """At the deadline the request is aborted, the server sees it, and what was used so far is estimated."""
    chat.will(reply)
    error, attempt = failure(config_of(chat), seconds=1.5)
    assert (error.error_code, error.retryable) == ("stage_timeout", True)
    assert chat.left.wait(10)
    assert [usage.estimated for usage in attempt.usages] == [True]
    assert error.sent is not None


@pytest.mark.parametrize("reply", [stalls('{"title": "Slowly and surely, a sentence of some length"'), is_silent()])
def test_a_canceled_attempt_stops_spending(reply: Reply, chat: ChatServer) -> None:
    """Canceling aborts the request in flight at once, from another thread; the server sees the connection close."""
    chat.will(reply)
    attempt = RecordedAttempt()
    found = in_a_thread(lambda: failure(config_of(chat), attempt=attempt)[0])
    assert chat.asked.wait(10)
    attempt.cancel()
    error = found()
    assert error.error_code == "canceled"
    assert chat.left.wait(10)
    assert [usage.estimated for usage in attempt.usages] == [True]
    assert attempt.usages[0].cost_usd


def test_an_attempt_that_was_stopped_before_asks_nothing(chat: ChatServer) -> None:
    """A stop between two steps is heeded before any money is reserved."""
    attempt = RecordedAttempt()
    attempt.cancel()
    error, _ = failure(config_of(chat), attempt=attempt)
    assert (error.error_code, chat.requests, attempt.reserved) == ("canceled", [], [])


def test_a_stop_while_the_answer_is_heard_is_heeded(chat: ChatServer) -> None:
    """A stop in the middle of a stream ends it, whatever the model still wants to say."""
    chat.will(rambles())
    attempt = RecordedAttempt()
    found = in_a_thread(lambda: failure(config_of(chat, max_output_tokens=1_000_000), attempt=attempt)[0])
    assert chat.asked.wait(10)
    attempt.cancel()
    assert found().error_code == "canceled"
    assert chat.left.wait(10)


def test_a_huge_answer_is_read_in_good_time(chat: ChatServer) -> None:
    """A long answer is neither slow to follow nor cut."""
    work, answer = brief()
    summary = "A sentence that says little. " * 20_000
    chat.will(says(json.dumps({**json.loads(answer), "summary": summary}), size=2_000))
    attempt = RecordedAttempt()
    draft = LlmWriter(config_of(chat, max_output_tokens=200_000)).write(work, attempt)
    assert draft.output["summary"] == summary
    assert len(attempt.texts) < 600


def test_a_server_that_counts_nothing_is_estimated(chat: ChatServer) -> None:
    """Tokens that nobody reports are estimated and marked so."""
    work, answer = brief()
    chat.will(says(answer, tokens=None))
    attempt = RecordedAttempt()
    LlmWriter(config_of(chat)).write(work, attempt)
    assert attempt.usages[0].estimated
    assert attempt.usages[0].output_tokens > 500


@pytest.mark.filterwarnings("ignore:Failed to extract usage", "ignore:Pydantic serializer warnings")
@pytest.mark.parametrize(("sent", "cached"), [(1000, 5000), (-(10**6), 0), (10**30, 0), (10**18, 0), (1000.5, 0)])
def test_tokens_that_cannot_be_are_estimated(chat: ChatServer, sent: float, cached: int) -> None:
    """A request whose price is known never costs nothing because a gateway counts in a way of its own."""
    work, answer = brief()
    chat.will(says(answer, tokens=(sent, 200), cached=cached))
    attempt = RecordedAttempt()
    LlmWriter(config_of(chat)).write(work, attempt)
    (usage,) = attempt.usages
    assert (usage.estimated, usage.output_tokens > 500) == (True, True)
    assert usage.cost_usd


def failure(
    config: LlmConfig, *, attempt: RecordedAttempt | None = None, seconds: float = 60.0
) -> tuple[StageError, RecordedAttempt]:
    tried = attempt or RecordedAttempt(seconds)
    with pytest.raises(StageError) as caught:
        LlmWriter(config).write(brief()[0], tried)
    return caught.value, tried


def in_a_thread(action: Callable[[], StageError]) -> Callable[[], StageError]:
    """Start the action; the result waits for its end and returns what it returned."""
    found: list[StageError] = []
    thread = threading.Thread(target=lambda: found.append(action()), daemon=True)
    thread.start()

    def result() -> StageError:
        thread.join(20)
        return found[0]

    return result
