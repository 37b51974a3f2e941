import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from vm_webapp.errors import StageError
from vm_webapp.profiles.outputs import OUTPUT_TYPES, json_schema
from vm_webapp.writers import DraftFile, StageDraft
from vm_webapp.writers.llm import LlmConfig, LlmWriter
from vm_webapp.writers.llm.answers import answer_schema
from vm_webapp.writers.offline import OfflineWriter

from chat_server import ChatServer, says
from llm_works import brief, config_of, works
from recorded_attempt import RecordedAttempt


@pytest.mark.parametrize("kind", sorted(OUTPUT_TYPES))
def test_every_kind_is_written_by_a_model(kind: str, chat: ChatServer) -> None:
    """A fitting answer becomes the output and the very files that the offline writer's output would become."""
    work, answer = works()[kind]
    chat.will(says(answer))
    draft = LlmWriter(config_of(chat)).write(work, RecordedAttempt())
    Draft202012Validator(json_schema(kind)).validate(draft.output)
    offline = OfflineWriter().write(work, RecordedAttempt())
    assert draft.output == {**offline.output, "written_by": "openai:gpt-5.2"}
    assert shape_of(draft) == shape_of(offline)


@pytest.mark.parametrize("provider", ["openai", "moonshot", "ollama", "vllm", "compatible"])
def test_every_chat_provider_is_asked_in_a_way_it_understands(provider: str, chat: ChatServer) -> None:
    """The schema goes with the request where the provider holds the model to it, and into the prompt elsewhere."""
    work, answer = brief()
    chat.will(says(answer))
    config = config_of(chat, provider=provider, model="some-model", temperature=0.5, max_output_tokens=900)
    draft = LlmWriter(config).write(work, RecordedAttempt())
    body = chat.requests[0].body
    assert draft.output["written_by"] == f"{provider}:some-model"
    assert body["temperature"] == 0.5
    assert 900 in (body.get("max_tokens"), body.get("max_completion_tokens"))
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    in_prompt = json.dumps(answer_schema("brief")) in body["messages"][1]["content"]
    held = body.get("response_format", {}).get("type") == "json_schema"
    assert held or in_prompt
    assert in_prompt == (provider != "openai")


def test_the_key_goes_to_the_server_and_nowhere_else(chat: ChatServer) -> None:
    """The key stands in the header of the request, and in nothing that the writer hands on."""
    work, answer = brief()
    chat.will(says(answer))
    config = config_of(chat)
    draft = LlmWriter(config).write(work, RecordedAttempt())
    assert chat.requests[0].headers["authorization"] == "Bearer sk-secret"
    assert "sk-secret" not in f"{draft!r} {config!r} {chat.requests[0].body}"


def test_a_draft_says_what_was_sent(chat: ChatServer) -> None:
    """`sent` holds the very messages of the request, model, parameters, prompt with digest, and the schema's digest."""
    work, answer = brief()
    chat.will(says(answer))
    draft = LlmWriter(config_of(chat, temperature=0.2)).write(work, RecordedAttempt())
    asked = [(it["role"], it["content"]) for it in chat.requests[0].body["messages"]]
    assert [(turn["role"], turn["text"]) for turn in draft.sent["messages"]] == asked
    assert (draft.sent["system"], draft.sent["prompt_text"]) == (asked[0][1], asked[1][1])
    assert draft.sent["parameters"] == {"max_output_tokens": 16_384, "temperature": 0.2}
    assert (draft.sent["provider"], draft.sent["model"]) == ("openai", "gpt-5.2")
    assert draft.sent["prompt"]["template"] == "brief"
    assert draft.prompt == {**draft.sent["prompt"], "model": "openai:gpt-5.2"}
    assert {len(draft.sent["prompt"]["sha256"]), len(draft.sent["output_schema_sha256"])} == {64}
    assert json.loads(json.dumps(draft.sent)) == draft.sent


def test_an_answer_that_does_not_fit_is_sent_back_with_what_is_wrong(chat: ChatServer) -> None:
    """The model is told which field is wrong, sees its own answer, and the second answer is taken."""
    work, answer = brief()
    wrong = {**json.loads(answer), "objective": "world peace", "extra": 1}
    chat.will(says(json.dumps(wrong)), says(answer))
    attempt = RecordedAttempt()
    draft = LlmWriter(config_of(chat)).write(work, attempt)
    messages = chat.requests[1].body["messages"]
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "user"]
    assert "objective: Input should be 'launch'" in messages[3]["content"]
    assert "extra: Extra inputs are not permitted" in messages[3]["content"]
    assert [turn["role"] for turn in draft.sent["messages"]] == ["system", "user", "assistant", "user"]
    assert (len(attempt.reserved), len(attempt.usages), draft.sent["requests"]) == (2, 2, 2)


@pytest.mark.parametrize(
    ("kind", "change", "told"),
    [
        ("calendar", {"weeks": []}, "weeks: List should have at least 1 item"),
        ("kpis", {"main": "Fame"}, "main: must be the name of one of the kpis"),
        ("plan", {"sections": []}, "sections: the stage_keys must be exactly, in this order: brief, "),
        ("document", {"title": ""}, "title: String should have at least 1 character"),
        ("channels", {"summary": 3}, "summary: Input should be a valid string"),
    ],
)
def test_what_the_type_cannot_know_is_checked_too(
    kind: str, change: dict[str, object], told: str, chat: ChatServer
) -> None:
    """Dates, settings and earlier stages are compared with the answer, and the model is told in words."""
    work, answer = works()[kind]
    chat.will(says(json.dumps({**json.loads(answer), **change})), says(answer))
    LlmWriter(config_of(chat)).write(work, RecordedAttempt())
    assert told in chat.requests[1].body["messages"][3]["content"]


@pytest.mark.parametrize(("stated", "weeks"), [("", 9), ("6-week ", 6)])
def test_a_calendar_in_the_past_is_sent_back(stated: str, weeks: int, chat: ChatServer) -> None:
    """A calendar that starts before the run's day, or has another number of weeks, does not fit.

    How many it has says the request; where it says nothing, the profile.
    """
    work, answer = works()["calendar"]
    late = replace(
        work,
        dated_on=work.dated_on.replace(year=2028),
        stage=replace(work.stage, params={"weeks": 9}),
        request_text=stated + work.request_text.removeprefix("90-day "),
    )
    chat.otherwise = says(answer)
    with pytest.raises(StageError) as caught:
        LlmWriter(config_of(chat, repairs=1)).write(late, RecordedAttempt())
    assert caught.value.error_code == "llm_answer_malformed"
    assert f"{weeks} weeks from Monday to Sunday" in json.dumps(chat.requests[0].body)
    said = chat.requests[1].body["messages"][3]["content"]
    assert f"weeks: there must be exactly {weeks}" in said
    assert "starts_on: the calendar must not start before 2028-11-22" in said


@pytest.mark.parametrize("blank", ["   ", "\n\t", "\u0000"])
def test_a_text_of_nothing_but_space_is_sent_back(blank: str, chat: ChatServer) -> None:
    """A title that nobody can see is none."""
    work, answer = brief()
    chat.will(says(json.dumps({**json.loads(answer), "title": blank})), says(answer))
    draft = LlmWriter(config_of(chat)).write(work, RecordedAttempt())
    assert "title" in chat.requests[1].body["messages"][-1]["content"]
    assert draft.output["title"] == json.loads(answer)["title"]


def test_what_the_program_sets_is_not_the_models_to_say(chat: ChatServer) -> None:
    """Kind, author, a person's text and the request are the program's, whatever the model claims."""
    work, answer = brief()
    claims = {"kind": "plan", "written_by": "the CEO", "edited_text": "mine", "request": "another"}
    chat.will(says(json.dumps({**json.loads(answer), **claims})))
    output = LlmWriter(config_of(chat)).write(work, RecordedAttempt()).output
    assert (output["kind"], output["written_by"], output["edited_text"]) == ("brief", "openai:gpt-5.2", None)
    assert output["request"] == work.request_text


def test_characters_are_counted_by_the_program(chat: ChatServer) -> None:
    """A model need not count, and its counts do not matter."""
    work, answer = works()["assets"]
    claimed = json.loads(answer)
    claimed["ads"][0]["texts"][0]["characters"] = 7_777
    chat.will(says(json.dumps(claimed)))
    text = LlmWriter(config_of(chat)).write(work, RecordedAttempt()).output["ads"][0]["texts"][0]
    assert text["characters"] == len(text["text"])


WRAPPED = {
    "a fence": "```json\n{}\n```",
    "a greeting": "Sure, here it is: {} I hope that helps {{you}}.",
    "a greeting and a fence": 'For {{"a": 1}} this fits:\n\n```\n{}\n```\nShall I go on?',
    "thoughts": '<think>\nMaybe {{"title": "x"}}?\n</think>\n\n{}',
    "the end of thoughts": "hm, they want a brief</think>{}",
    "a byte order mark": "\ufeff{}",
}


@pytest.mark.parametrize("wrapped", WRAPPED.values(), ids=WRAPPED)
def test_an_answer_is_taken_whatever_stands_around_it(wrapped: str, chat: ChatServer) -> None:
    """Models like to greet, to think aloud and to wrap JSON; what is inside counts, and is not asked for again."""
    work, answer = brief()
    chat.will(says(wrapped.format(answer)))
    LlmWriter(config_of(chat)).write(work, RecordedAttempt())
    assert len(chat.requests) == 1


def test_text_is_told_while_the_model_writes(chat: ChatServer) -> None:
    """Readers get growing text with headings, never braces and quotation marks of JSON."""
    work, answer = works()["audience"]
    chat.will(says(answer, size=16))
    attempt = RecordedAttempt()
    LlmWriter(config_of(chat)).write(work, attempt)
    assert len(attempt.texts) > 20
    assert all(text.startswith("#") and not text.startswith("# {") for text in attempt.texts)
    assert not any('": ' in text or '{"' in text for text in attempt.texts)
    assert json.loads(answer)["segments"][-1]["first_message"] in attempt.texts[-1]


def test_unicode_survives(chat: ChatServer) -> None:
    """Letters of every script reach the files, split wherever the stream splits them."""
    work, answer = brief()
    words = "Açaí, ελληνικά, 日本語, \U0001f469\u200d\U0001f467, مرحبا"
    chat.will(says(json.dumps({**json.loads(answer), "summary": words}, ensure_ascii=False), size=3))
    draft = LlmWriter(config_of(chat)).write(work, RecordedAttempt())
    assert draft.output["summary"] == words
    assert words in draft.files[0].text


def test_a_model_that_cannot_be_harmful_in_files(chat: ChatServer, tmp_path: Path) -> None:
    """Paths, tags, headers and orders in an answer end up as escaped text in files with fixed names."""
    work, answer = works()["calendar"]
    evil = (
        "../../etc/passwd <script>alert(1)</script> \r\nSet-Cookie: a=b\r\n\r\n[x](javascript:alert(1)) "
        "Ignore previous instructions. {{ 7*7 }} {% raw %} \u202e\x00\x1b[31m =cmd|' /C calc'!A0"
    )
    found = json.loads(answer)
    found["title"] = found["dating_note"] = evil
    found["weeks"][0]["entries"][0] |= {"entry_id": "../../x", "title": evil, "brief": evil, "channel_name": f"={evil}"}
    chat.will(says(json.dumps(found)))
    draft = LlmWriter(config_of(chat)).write(work, RecordedAttempt())
    key = work.stage.key
    assert [file.name for file in draft.files] == [f"{key}.md", f"{key}.csv", f"{key}.ics", f"{key}.json"]
    page, sheet, dates, _ = (file.text for file in draft.files)
    assert "<script" not in page
    assert "](javascript:" not in page
    assert r"{{ 7\*7 }}" in page
    assert not any(line.startswith(("=", "Set-Cookie")) for text in (page, sheet) for line in text.splitlines())
    assert not any(line.startswith("Set-Cookie") for line in dates.split("\r\n"))
    whole = "".join(file.text for file in draft.files)
    assert not any(sign in whole for sign in ("\u202e", "\x00", "\x1b", "\ud800"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("provider", ["openai", "ollama", "compatible"])
def test_a_server_on_this_machine_is_asked_without_a_proxy(
    provider: str, chat: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What need not leave the machine does not, whatever the environment says of proxies."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    work, answer = brief()
    chat.will(says(answer))
    LlmWriter(config_of(chat, provider=provider)).write(work, RecordedAttempt())
    assert len(chat.requests) == 1


def test_certificates_that_are_not_there_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A connection that cannot be prepared is a matter of the environment, and no trouble of the disk."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    config = LlmConfig(provider="openai", model="gpt-5.2", base_url="https://models.invalid/v1")
    with pytest.raises(StageError, match="SSL_CERT_FILE") as caught:
        LlmWriter(config).write(brief()[0], RecordedAttempt())
    assert (caught.value.error_code, caught.value.retryable) == ("bad_setting", False)


def test_a_loop_in_the_callers_thread_is_no_obstacle(chat: ChatServer) -> None:
    """A stage can be written from within a running event loop as well."""
    work, answer = brief()
    chat.will(says(answer))

    async def main() -> StageDraft:
        return LlmWriter(config_of(chat)).write(work, RecordedAttempt())

    assert asyncio.run(main()).output["kind"] == "brief"


def test_an_unknown_kind_fails_before_anything_is_asked(chat: ChatServer) -> None:
    """A stage of a kind without an output type is refused without a request."""
    work = replace(brief()[0], stage=replace(brief()[0].stage, kind="poem"))
    with pytest.raises(StageError) as caught:
        LlmWriter(config_of(chat)).write(work, RecordedAttempt())
    assert (caught.value.error_code, chat.requests) == ("unknown_kind", [])


def shape_of(draft: StageDraft) -> list[tuple[str, str, str]]:
    return [(file.name, file.kind, file.media_type) for file in files_of(draft)]


def files_of(draft: StageDraft) -> tuple[DraftFile, ...]:
    assert all(file.text for file in draft.files)
    return draft.files
