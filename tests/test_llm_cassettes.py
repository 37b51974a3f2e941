import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from vm_webapp.errors import BadSetting, StageError
from vm_webapp.writers import StageDraft, StageWork
from vm_webapp.writers.llm import LlmConfig, LlmWriter

from chat_server import ChatServer, refuses, says
from llm_works import brief, config_of, works
from recorded_attempt import RecordedAttempt


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    """Where a cassette may be."""
    return tmp_path / "tapes" / "brief.jsonl"


def test_what_was_recorded_is_replayed_without_network_key_and_cost(chat: ChatServer, tape: Path) -> None:
    """The replay gives the same draft, asks nobody, needs no key, and counts the tokens at a cost of nothing."""
    work, answer = brief()
    chat.will(says(answer, tokens=(1200, 340)))
    first = LlmWriter(recording(chat, tape)).write(work, RecordedAttempt())
    attempt = RecordedAttempt()
    second = LlmWriter(replaying(tape)).write(work, attempt)
    assert (second.output, second.files, second.prompt) == (first.output, first.files, first.prompt)
    assert (first.sent["replayed"], second.sent["replayed"]) == (0, 1)
    assert len(chat.requests) == 1
    usage = attempt.usages[0]
    assert (usage.input_tokens, usage.output_tokens, usage.cost_usd) == (1200, 340, Decimal(0))
    assert attempt.reserved[0].cost_usd == Decimal(0)
    assert attempt.texts


def test_a_cassette_that_cannot_be_written_is_named_before_anything_is_paid_for(
    chat: ChatServer, tmp_path: Path
) -> None:
    """An answer that cannot be recorded would be lost, and asked for again at each attempt."""
    dangling = tmp_path / "tape.jsonl"
    dangling.symlink_to(tmp_path / "nowhere" / "tape.jsonl")
    with pytest.raises(BadSetting, match="cannot be written"):
        LlmWriter(recording(chat, dangling))
    assert chat.requests == []


def test_a_cassette_is_not_there_before_something_is_recorded(chat: ChatServer, tape: Path) -> None:
    """Looking whether it can be written leaves no empty file behind."""
    LlmWriter(recording(chat, tape))
    assert not tape.exists()


def test_repairs_are_recorded_too(chat: ChatServer, tape: Path) -> None:
    """A talk of several rounds is replayed round by round."""
    work, answer = brief()
    chat.will(says('{"title": "x"}'), says(answer))
    first = LlmWriter(recording(chat, tape)).write(work, RecordedAttempt())
    second = LlmWriter(replaying(tape)).write(work, RecordedAttempt())
    assert second.output == first.output
    assert second.sent["replayed"] == 2
    assert len(tape.read_text().splitlines()) == 2


def test_a_cassette_has_one_day(chat: ChatServer, tape: Path) -> None:
    """A replay on a later day is dated as the recording was, and gives the same bytes."""
    work, answer = brief()
    chat.will(says(answer))
    first = LlmWriter(recording(chat, tape)).write(work, RecordedAttempt())
    second = LlmWriter(replaying(tape)).write(replace(work, dated_on=date(2031, 5, 5)), RecordedAttempt())
    assert second.files == first.files


def test_one_cassette_holds_whole_runs(chat: ChatServer, tape: Path) -> None:
    """Every kind of stage can be recorded to one file and replayed from it."""
    writer = LlmWriter(recording(chat, tape))
    drafts: dict[str, StageDraft] = {}
    for kind, (work, answer) in works().items():
        chat.will(says(answer))
        drafts[kind] = writer.write(work, RecordedAttempt())
    again = LlmWriter(replaying(tape))
    for kind, (work, _) in works().items():
        assert again.write(work, RecordedAttempt()).output == drafts[kind].output


@pytest.mark.parametrize(
    "change",
    [
        {"request_text": "Something else"},
        {"thread_title": "Another thread"},
        {"feedback": ("Shorter.",)},
    ],
)
def test_a_request_that_was_not_recorded_is_not_answered(
    change: dict[str, object], chat: ChatServer, tape: Path
) -> None:
    """Another prompt fails with how to record it, and costs nothing."""
    record(chat, tape)
    work = replace(brief()[0], **change)  # type: ignore[arg-type] # a test's changes
    attempt = RecordedAttempt()
    error = failure(replaying(tape), work, attempt)
    assert (error.error_code, error.retryable) == ("llm_not_recorded", False)
    assert "VM_LLM_CASSETTE_MODE=record" in str(error)
    assert attempt.reserved == []
    assert error.sent is not None


def test_other_parameters_are_another_request(chat: ChatServer, tape: Path) -> None:
    """Model and parameters belong to the key."""
    record(chat, tape)
    assert failure(replace(replaying(tape), temperature=0.9)).error_code == "llm_not_recorded"
    assert failure(replace(replaying(tape), model="other")).error_code == "llm_not_recorded"


def test_auto_asks_only_for_what_is_missing(chat: ChatServer, tape: Path) -> None:
    """The first time the model is asked, the second time the cassette."""
    chat.will(says(brief()[1]))
    config = config_of(chat, cassette=tape, cassette_mode="auto")
    first = LlmWriter(config)
    assert first.write(brief()[0], RecordedAttempt()).sent["replayed"] == 0
    assert first.write(brief()[0], RecordedAttempt()).sent["replayed"] == 1
    assert LlmWriter(config).write(brief()[0], RecordedAttempt()).sent["replayed"] == 1
    assert len(chat.requests) == 1


def test_record_asks_every_time_and_the_last_answer_counts(chat: ChatServer, tape: Path) -> None:
    """Recording anew replaces the answer."""
    record(chat, tape)
    newer = json.dumps({**json.loads(brief()[1]), "summary": "The newer one."})
    chat.will(says(newer))
    LlmWriter(recording(chat, tape)).write(brief()[0], RecordedAttempt())
    assert LlmWriter(replaying(tape)).write(brief()[0], RecordedAttempt()).output["summary"] == "The newer one."
    assert len(chat.requests) == 2


def test_failures_are_not_recorded(chat: ChatServer, tape: Path) -> None:
    """A request that failed leaves no recording behind."""
    chat.will(refuses(500))
    assert failure(recording(chat, tape)).error_code == "llm_unavailable"
    assert not tape.exists()


def test_no_key_and_no_header_is_in_a_cassette(chat: ChatServer, tape: Path) -> None:
    """The file holds the request and the answer alone."""
    record(chat, tape)
    text = tape.read_text()
    assert not any(word in text.lower() for word in ("sk-secret", "authorization", "bearer", "user-agent"))
    assert sorted(json.loads(text)) == [
        *("answer", "dated_on", "finish_reason", "input_tokens", "key", "messages"),
        *("model", "output_tokens", "parameters", "schema_sha256"),
    ]


def test_an_answer_that_cannot_be_recorded_is_kept_all_the_same(chat: ChatServer, tape: Path) -> None:
    """A full disk loses the recording, which the log tells, not the answer; what is recorded later can be read."""
    record(chat, tape)
    room = tape.stat().st_size
    chat.will(*[says(answer) for _, answer in works().values()])
    writer = LlmWriter(recording(chat, tape))
    kinds = iter(works().values())
    with no_file_larger_than(room + 100), capture_logs() as logs:
        work, answer = next(kinds)
        draft = writer.write(work, RecordedAttempt())
    assert draft.output["title"] == json.loads(answer)["title"]
    assert [entry["event"] for entry in logs] == ["cassette.not_recorded"]
    assert tape.stat().st_size == room
    writer.write(next(kinds)[0], RecordedAttempt())
    LlmWriter(replaying(tape))


def test_a_torn_last_line_is_skipped(chat: ChatServer, tape: Path) -> None:
    """A recording that a crash cut off is as if it were not there."""
    record(chat, tape)
    tape.write_text(tape.read_text() + '{"key": "half')
    assert LlmWriter(replaying(tape)).write(brief()[0], RecordedAttempt()).output["kind"] == "brief"


def test_recording_goes_on_behind_a_torn_line(chat: ChatServer, tape: Path) -> None:
    """What a crash left of a line is cut off before the next recording is appended."""
    record(chat, tape)
    tape.write_text(tape.read_text() + '{"key": "half')
    record(chat, tape)
    assert [len(json.loads(line)["key"]) for line in tape.read_text().splitlines()] == [64, 64]


@pytest.mark.parametrize("content", [b"not json\n", b'{"key": 1}\n', b"\xff\xfe\n", b"[]\nx\n"])
def test_a_file_that_is_no_cassette_is_refused_at_the_start(content: bytes, tape: Path) -> None:
    """What cannot be read is named before any run."""
    tape.parent.mkdir()
    tape.write_bytes(content)
    with pytest.raises(BadSetting, match=r"VM_LLM_CASSETTE names brief\.jsonl"):
        LlmWriter(replaying(tape))


def test_a_folder_is_no_cassette(tape: Path) -> None:
    """A path that is a folder is refused, in every mode."""
    tape.mkdir(parents=True)
    with pytest.raises(BadSetting, match="cannot be read"):
        LlmWriter(replace(replaying(tape), cassette_mode="record"))


def recording(chat: ChatServer, tape: Path) -> LlmConfig:
    return config_of(chat, cassette=tape, cassette_mode="record")


def replaying(tape: Path) -> LlmConfig:
    """A configuration that would reach nobody."""
    url = "http://127.0.0.1:1/v1"
    return LlmConfig(provider="openai", model="gpt-5.2", base_url=url, cassette=tape, cassette_mode="replay")


def record(chat: ChatServer, tape: Path) -> None:
    chat.will(says(brief()[1]))
    LlmWriter(recording(chat, tape)).write(brief()[0], RecordedAttempt())


def failure(config: LlmConfig, work: StageWork | None = None, attempt: RecordedAttempt | None = None) -> StageError:
    with pytest.raises(StageError) as caught:
        LlmWriter(config).write(work or brief()[0], attempt or RecordedAttempt())
    return caught.value


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """As on a full disk, what goes beyond that size is not written."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
