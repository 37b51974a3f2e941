import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from test_engine import event_types, make_thread, request, run_of, settle
from vm_webapp.commands import OWNER
from vm_webapp.domain.run_commands import RequestCancel
from vm_webapp.host import Host, open_host
from vm_webapp.profiles import ProfileLibrary
from vm_webapp.settings import Settings
from vm_webapp.writers.offline import OfflineWriter

from chat_server import ChatServer, Exchange, Reply, refuses, says, stalls
from llm_works import as_answer, work_on
from recorded_attempt import RecordedAttempt

KEY = "sk-very-secret"
STAGES = ["brief", "audience", "positioning", "channels", "calendar", "kpis", "risks", "plan"]


@pytest.fixture
def modelled(settings: Settings, chat: ChatServer) -> Settings:
    """Settings of a workspace in which the chat server's model writes."""
    values = {"vm_llm": "openai:gpt-5.2", "vm_llm_base_url": chat.url, "vm_llm_api_key": SecretStr(KEY)}
    return settings.model_copy(update={**values, "vm_llm_repairs": 1})


def test_a_whole_run_is_written_by_a_model(modelled: Settings, chat: ChatServer) -> None:
    """All stages are written over HTTP; files, manifests and the log say by whom, from what and at what cost."""
    chat.otherwise = answers_whatever_is_asked
    host = open_host(modelled)
    try:
        thread_id = make_thread(host)[2]
        run = finished(host, request(host, thread_id))
        events = event_types(host, thread_id)
    finally:
        host.close()
    assert (run["status"], len(chat.requests)) == ("completed", len(STAGES))
    folder = modelled.vm_workspace_root / "runs" / run["run_id"]
    for position, key in enumerate(STAGES, start=1):
        stage = folder / "stages" / f"{position:02}-{key}"
        given, manifest = read(stage / "input.json"), read(stage / "manifest.json")
        assert given["sent"]["prompt"]["sha256"] == manifest["prompt"]["sha256"]
        assert manifest["writer"] == manifest["prompt"]["model"] == "openai:gpt-5.2"
        assert given["sent"]["messages"][1]["text"] in [it.body["messages"][1]["content"] for it in chat.requests]
    assert events.count("ModelCallReserved") == events.count("ModelCallSettled") == len(STAGES)


def test_the_key_is_nowhere_in_the_workspace(modelled: Settings, chat: ChatServer) -> None:
    """Neither files nor the database hold the key, also when the server repeats it in an answer or in its refusal."""
    chat.will(says(f"Authorization: Bearer {KEY}", size=7), refuses(401, message=f"wrong key {KEY}"))
    host = open_host(modelled)
    try:
        run = finished(host, request(host, make_thread(host)[2]))
    finally:
        host.close()
    assert run["error"]["code"] == "llm_key_refused"
    assert "[key]" in chat.requests[-1].body["messages"][2]["content"]
    everything = [path for path in modelled.vm_workspace_root.rglob("*") if path.is_file()]
    assert len(everything) > 3
    assert [path for path in everything if KEY.encode() in path.read_bytes()] == []


def test_a_failed_stage_keeps_the_answer_and_what_was_sent(modelled: Settings, chat: ChatServer) -> None:
    """The attempt's folder has the raw answer, the whole talk, and a sentence for people."""
    chat.otherwise = says("I would rather write a poem.")
    host = open_host(modelled)
    try:
        run = finished(host, request(host, make_thread(host)[2]))
    finally:
        host.close()
    attempt = modelled.vm_workspace_root / "runs" / run["run_id"] / "stages" / "01-brief" / "attempts" / "1"
    assert (attempt / "raw.txt").read_text() == "I would rather write a poem."
    assert [turn["role"] for turn in read(attempt / "input.json")["sent"]["messages"]] == [
        *("system", "user", "assistant", "user")
    ]
    assert read(attempt / "error.json")["error_code"] == run["error"]["code"] == "llm_answer_malformed"
    assert len(chat.requests) == 2


def test_a_busy_server_is_asked_again(modelled: Settings, chat: ChatServer) -> None:
    """A 429 and a 500 end attempts, not the run."""
    chat.will(refuses(429, headers={"Retry-After": "0.1"}), refuses(500))
    chat.otherwise = answers_whatever_is_asked
    host = open_host(modelled)
    try:
        run = finished(host, request(host, make_thread(host)[2]))
    finally:
        host.close()
    assert run["status"] == "completed"
    assert run["stages"]["brief"]["attempt"] == 3


def test_a_canceled_run_stops_its_request(modelled: Settings, chat: ChatServer) -> None:
    """Canceling closes the connection, settles the run, and records what was spent as an estimate."""
    chat.otherwise = stalls('{"title": "A brief that is never finished, however long one waits for it')
    host = open_host(modelled)
    try:
        thread_id = make_thread(host)[2]
        run_id = request(host, thread_id)
        host.orchestrator.catch_up()
        assert chat.asked.wait(30)
        host.commands.handle(RequestCancel(run_id=run_id), by=OWNER)
        host.orchestrator.catch_up()
        assert chat.left.wait(30)
        run = finished(host, run_id)
        events = event_types(host, thread_id)
    finally:
        host.close()
    assert run["status"] == "canceled"
    assert events.count("ModelCallSettled") == 1


def answers_whatever_is_asked(exchange: Exchange) -> None:
    """A fitting answer to any stage of the 90-day plan."""
    kind = exchange.body["response_format"]["json_schema"]["name"]
    reply: Reply = says(answers()[kind])
    reply(exchange)


@cache
def answers() -> dict[str, str]:
    """Kind -> what the offline writer makes of that stage today."""
    outputs: dict[str, Any] = {}
    for stage in ProfileLibrary(None).resolve("plan_90d").stages:
        work = work_on(stage, outputs=dict(outputs), dated_on=datetime.now(UTC).date())
        outputs[stage.key] = OfflineWriter().write(work, RecordedAttempt()).output
    return {output["kind"]: as_answer(output) for output in outputs.values()}


def finished(host: Host, run_id: str) -> dict[str, Any]:
    settle(host)
    return dict(run_of(host, run_id))


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
