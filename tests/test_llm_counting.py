import pytest

from vm_webapp.errors import StageError
from vm_webapp.writers.llm import LlmWriter

from chat_server import ChatServer, counts_along, says, thinks
from llm_works import brief, config_of
from recorded_attempt import RecordedAttempt

THOUGHTS = "I wonder who drinks this. " * 300


@pytest.mark.parametrize("provider", ["openai", "compatible"])
def test_who_counts_in_every_event_is_counted_once(provider: str, chat: ChatServer) -> None:
    """Tokens that are told again and again, each time from the beginning, are those of the last time."""
    work, answer = brief()
    chat.will(counts_along(answer, 20, 120, 200))
    attempt = RecordedAttempt()
    LlmWriter(config_of(chat, provider=provider)).write(work, attempt)
    assert [(it.input_tokens, it.output_tokens, it.estimated) for it in attempt.usages] == [(1000, 200, False)]
    assert chat.requests[0].body["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize("tokens", [(1000, 0), (0, 200)])
def test_a_count_that_leaves_out_a_side_is_estimated(tokens: tuple[int, int], chat: ChatServer) -> None:
    """No answer has been written of no tokens, and none to a prompt of none."""
    work, answer = brief()
    chat.will(says(answer, tokens=tokens))
    attempt = RecordedAttempt()
    LlmWriter(config_of(chat)).write(work, attempt)
    (usage,) = attempt.usages
    assert (usage.estimated, usage.input_tokens, usage.output_tokens > 500) == (
        *(True, attempt.reserved[0].input_tokens, True),
    )


@pytest.mark.parametrize("tokens", [(999_000_000, 200), (1000, 999_000_000)])
def test_more_tokens_than_there_were_letters_are_not_believed(tokens: tuple[int, int], chat: ChatServer) -> None:
    """A count that no prompt or answer of that size can come to would end every budget; it is estimated."""
    work, answer = brief()
    chat.will(says(answer, tokens=tokens))
    attempt = RecordedAttempt()
    LlmWriter(config_of(chat)).write(work, attempt)
    (usage,) = attempt.usages
    assert (usage.estimated, usage.input_tokens) == (True, attempt.reserved[0].input_tokens)


def test_a_prompt_of_the_providers_own_is_believed(chat: ChatServer) -> None:
    """What a provider puts before the prompt, and tokens of single bytes, are within what a count may come to."""
    work, answer = brief()
    chat.will(says(answer, tokens=(60_000, 200), cached=50_000))
    attempt = RecordedAttempt()
    LlmWriter(config_of(chat)).write(work, attempt)
    assert [(it.input_tokens, it.estimated) for it in attempt.usages] == [(60_000, False)]


def test_thoughts_are_paid_for(chat: ChatServer) -> None:
    """What a model thinks aloud is in the estimate, and in no text."""
    work, answer = brief()
    chat.will(thinks(THOUGHTS, answer), says(answer, tokens=None))
    thoughtful, plain = RecordedAttempt(), RecordedAttempt()
    draft = LlmWriter(config_of(chat)).write(work, thoughtful)
    LlmWriter(config_of(chat)).write(work, plain)
    more = thoughtful.usages[0].output_tokens - plain.usages[0].output_tokens
    assert abs(more - len(THOUGHTS) // 3) <= 1
    assert "wonder" not in str(draft.output) + str(draft.sent) + "".join(thoughtful.texts)


def test_who_breaks_off_in_thought_has_cost_the_thoughts(chat: ChatServer) -> None:
    """A request that is cut off before its first word has cost what was thought until then."""
    chat.will(thinks(THOUGHTS, ends=False))
    attempt = RecordedAttempt()
    with pytest.raises(StageError):
        LlmWriter(config_of(chat)).write(brief()[0], attempt)
    assert (attempt.usages[0].estimated, attempt.usages[0].output_tokens) == (True, len(THOUGHTS) // 3)


def test_an_estimate_is_never_above_what_was_reserved(chat: ChatServer) -> None:
    """No provider writes more than it was allowed to, however many letters that is."""
    chat.will(thinks(THOUGHTS, ends=False))
    attempt = RecordedAttempt()
    with pytest.raises(StageError):
        LlmWriter(config_of(chat, max_output_tokens=1000)).write(brief()[0], attempt)
    assert attempt.usages[0].output_tokens == attempt.reserved[0].output_tokens == 1000


def test_thoughts_without_an_end_are_cut_off(chat: ChatServer) -> None:
    """A model that thinks on beyond every length that is allowed is not listened to any longer."""
    chat.will(thinks("hm " * 5000))
    with pytest.raises(StageError) as caught:
        LlmWriter(config_of(chat, max_output_tokens=300)).write(brief()[0], RecordedAttempt())
    assert caught.value.error_code == "llm_answer_cut_off"
