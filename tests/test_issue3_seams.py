"""The seams between writers, forks, gates and money, as somebody met them who tried every sentence of the issue."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from pydantic import SecretStr

from paid_writer import PaidWriter
from test_engine import make_thread, request, run_of, settle
from test_llm_runs import finished
from test_people_attacks import fails
from test_people_forks import perform
from test_people_gates import ANA, BEN, gated, stage_of, yes
from vm_webapp.cli import main
from vm_webapp.commands import OWNER, Actor
from vm_webapp.domain.run_commands import RejectApproval, RequestCancel
from vm_webapp.errors import BudgetExhausted, Conflict, NotYours
from vm_webapp.host import Host, open_host
from vm_webapp.run_requests import Change, Choices
from vm_webapp.settings import Settings

from api_client import Api, fresh_api
from chat_server import ChatServer, refuses, stalls
from invariants import violations

REASON = "No superlatives."

api = fresh_api


@pytest.fixture
def paid() -> PaidWriter:
    """A writer that costs money and remembers what it was given."""
    return PaidWriter()


@pytest.fixture
def host(settings: Settings, paid: PaidWriter) -> Iterator[Host]:
    """A running host whose usual writer is that one."""
    opened = open_host(settings, llm=paid)
    yield opened
    opened.close()


def rejected(host: Host, gate: str = "") -> str:
    """A run whose brief was rejected; its id."""
    run_id, _ = gated(host, gate)
    digest = stage_of(host, run_id)["manifest_sha256"]
    no = RejectApproval(run_id=run_id, stage_key="brief", manifest_sha256=digest, role="approver", reason=REASON)
    host.commands.handle(no, by=ANA)
    settle(host)
    return run_id


def failed_revision(host: Host, paid: PaidWriter) -> str:
    """A revision that a refused key ended before anything was written; its id."""
    source = rejected(host)
    paid.on("brief", fails("llm_key_refused", "The key was refused."))
    revision = perform(host, host.requests.revise(source, stage_key=None, feedback=None, by=ANA), ANA)
    assert revision["status"] == "failed"
    return str(revision["run_id"])


def test_another_model_gets_the_reason_as_well(host: Host, paid: PaidWriter) -> None:
    """A revision failed with one model; the fork that names another one still says what was to be changed."""
    revision = failed_revision(host, paid)
    fork = host.requests.fork(revision, stage_key="brief", change=Change(writer="offline"), by=ANA)
    assert (fork.writer, fork.feedback) == ("offline", {"brief": REASON})


def test_a_failed_revision_can_be_asked_for_again(host: Host, paid: PaidWriter) -> None:
    """Nobody has to say the reason a second time; what was rejected is shown to the writer again."""
    revision = failed_revision(host, paid)
    again = host.requests.revise(revision, stage_key=None, feedback=None, by=ANA)
    run = perform(host, again, ANA)
    assert run["feedback"] == {"brief": REASON}
    assert (paid.works[-1].feedback, bool(paid.works[-1].previous)) == ((REASON,), True)


def test_the_retry_of_a_rejected_run_heeds_the_reason(host: Host, paid: PaidWriter) -> None:
    """What was rejected is not paid for a second time in ignorance."""
    run = perform(host, host.requests.retry(rejected(host), by=ANA), ANA)
    assert (run["feedback"], paid.works[-1].feedback) == ({"brief": REASON}, (REASON,))


def test_a_rejected_text_is_not_offered_again_by_a_retry(host: Host, paid: PaidWriter) -> None:
    """A person's own text was rejected: the retry has it written anew, with the reason and with that text before it."""
    run_id, _ = gated(host)
    edit = perform(host, host.requests.edit(run_id, "brief", edit={"text": "# The best ever"}, by=BEN), BEN)
    digest = edit["stages"]["brief"]["manifest_sha256"]
    no = RejectApproval(
        run_id=edit["run_id"], stage_key="brief", manifest_sha256=digest, role="approver", reason=REASON
    )
    host.commands.handle(no, by=ANA)
    settle(host)
    run = perform(host, host.requests.retry(edit["run_id"], by=ANA), ANA)
    assert (run["edited"], run["stages"]["brief"]["writer"], run["feedback"]) == ([], "fake:paid", {"brief": REASON})
    assert paid.works[-1].previous is not None
    assert paid.works[-1].previous["edited_text"] == "# The best ever"


def test_an_expired_approval_gives_the_writer_no_reason(settings: Settings, paid: PaidWriter) -> None:
    """Nobody said anything: that the time has passed is nothing to tell a writer, so a revision asks what to change."""
    with time_machine.travel(datetime(2026, 11, 22, 9, tzinfo=UTC), tick=True) as clock:
        host = open_host(settings, llm=paid)
        run_id, _ = gated(host, "gate: {expires_after_hours: 48, on_expiry: reject}")
        host.close()
        clock.shift(timedelta(hours=49))
        host = open_host(settings, llm=paid)
        settle(host)
        assert run_of(host, run_id)["error"]["code"] == "rejected"
        with pytest.raises(Conflict, match="Nothing says what to change"):
            host.requests.revise(run_id, stage_key=None, feedback=None, by=ANA)
        assert host.requests.retry(run_id, by=ANA).feedback == {}
        host.close()


def test_a_canceled_forks_retry_pays_for_nothing_twice(host: Host, paid: PaidWriter) -> None:
    """Canceled in line, before it took anything over: its retry carries what it would have carried, from its origin."""
    source = request(host, make_thread(host)[2])
    settle(host)
    fork = host.requests.fork(source, stage_key="plan", change=Change(), by=OWNER)
    with_cancel = (fork, RequestCancel(run_id=fork.run_id))
    host.database.write(lambda connection: [host.commands.handle_in(connection, it, OWNER) for it in with_cancel])
    settle(host)
    assert run_of(host, fork.run_id)["status"] == "canceled"
    paid.calls.clear()
    run = perform(host, host.requests.retry(fork.run_id, by=OWNER))
    assert (run["status"], [call[1] for call in paid.calls]) == ("completed", ["plan"])
    assert run["stages"]["brief"]["carried_from"] == {"run_id": source, "stage_key": "brief"}
    assert violations(host) == []


def test_four_eyes_are_not_those_of_the_author(host: Host) -> None:
    """Ana's own text, in a run that Ben asked for: Ana may not approve it either."""
    run_id, _ = gated(host, "gate: {four_eyes: true}")
    edit = perform(host, host.requests.edit(run_id, "brief", edit={"text": "# Ours"}, by=ANA), ANA)
    host.commands.handle(RequestCancel(run_id=edit["run_id"]), by=ANA)
    settle(host)
    retry = perform(host, host.requests.retry(edit["run_id"], by=BEN), BEN)
    for who in (ANA, BEN):
        with pytest.raises(NotYours, match="another pair of eyes"):
            host.commands.handle(yes(host, retry["run_id"], who), by=who)
    cleo = Actor("human", "cleo")
    host.commands.handle(yes(host, retry["run_id"], cleo), by=cleo)


def test_a_no_is_answered_with_a_settled_run(api: Api) -> None:
    """Who rejects over HTTP is told that the run is over, and need not ask again."""
    run = api.run(api.thread(), mode="gated")
    digest = run["stages"][0]["manifest_sha256"]
    path = f"/api/v2/workflow-runs/{run['run_id']}/stages/brief/rejection"
    answer = api.make(path, {"manifest_sha256": digest, "reason": REASON})
    assert (answer["status"], answer["error"]["code"], answer["error"]["message"]) == ("failed", "rejected", REASON)


@pytest.mark.parametrize(("scope", "advice"), [("run", "Fork the run"), ("brand", "Raise the budget")])
def test_a_budget_says_what_helps(scope: str, advice: str) -> None:
    """A run's own limit stays with its retries, so only a fork raises it; a brand's limit is raised as such."""
    error = BudgetExhausted(scope=scope, limit="1", spent="0.9", cost="0.2")
    assert error.hint.startswith(advice)


def test_a_runs_own_budget_is_raised_by_a_fork(host: Host, paid: PaidWriter) -> None:
    """The advice of the error holds: the fork goes on where the money ended, and pays for nothing twice."""
    thread_id = make_thread(host)[2]
    new = host.requests.new(
        thread_id=thread_id,
        request_text="Launch",
        mode="plan_90d",
        by=OWNER,
        choices=Choices(budget_usd="0.30"),
    )
    run = perform(host, new)
    assert (run["error"]["code"], run["error"]["message"].count("Fork the run")) == ("budget_exhausted", 1)
    done = [key for key, stage in run["stages"].items() if stage["status"] == "completed"]
    paid.calls.clear()
    stage_key, change = run["error"]["stage_key"], Change(budget_usd="9")
    fork = perform(host, host.requests.fork(run["run_id"], stage_key=stage_key, change=change, by=OWNER))
    assert fork["status"] == "completed"
    assert done
    assert set(done).isdisjoint(call[1] for call in paid.calls)


def test_what_a_canceled_attempt_had_heard_is_kept(settings: Settings, chat: ChatServer) -> None:
    """It was paid for: the text so far stands in the attempt, as every other failed answer does."""
    chat.otherwise = stalls('{"title": "A brief that is never finished, however long one waits for it')
    values = {"vm_llm": "openai:gpt-5.2", "vm_llm_base_url": chat.url, "vm_llm_api_key": SecretStr("sk-1")}
    host = open_host(settings.model_copy(update=values))
    try:
        run_id = request(host, make_thread(host)[2])
        host.orchestrator.catch_up()
        seen = host.live.changed.count
        while not host.live.drafts(thread_id=None, brand_id=None):
            assert host.live.changed.wait(seen, 30)
            seen = host.live.changed.count
        host.commands.handle(RequestCancel(run_id=run_id), by=OWNER)
        host.orchestrator.catch_up()
        run = finished(host, run_id)
    finally:
        host.close()
    attempt = settings.vm_workspace_root / "runs" / run_id / "stages" / "01-brief" / "attempts" / "1"
    assert run["status"] == "canceled"
    assert (attempt / "raw.txt").read_text().startswith('{"title": "A brief that is never finished')


def test_a_settled_run_does_not_promise_to_try_again(settings: Settings, chat: ChatServer) -> None:
    """The last attempt's sentence is the run's, and its task's: it must be true of them as well."""
    chat.otherwise = refuses(503)
    values = {"vm_llm": "openai:gpt-5.2", "vm_llm_base_url": chat.url, "vm_llm_api_key": SecretStr("sk-1")}
    folder = settings.vm_workspace_root / "profiles"
    folder.mkdir(parents=True)
    once = "title: Once\nstages:\n  - {key: brief, title: Brief, kind: brief, retry: {attempts: 1}}\n"
    (folder / "once.yaml").write_text(once)
    host = open_host(settings.model_copy(update=values))
    try:
        thread_id = make_thread(host)[2]
        new = host.requests.new(thread_id=thread_id, request_text="Launch", mode="once", by=OWNER)
        run = perform(host, new)
    finally:
        host.close()
    assert run["error"]["code"] == "llm_unavailable"
    assert "again" not in run["error"]["message"]


def test_the_timeline_says_who(settings: Settings, paid: PaidWriter, capsys: pytest.CaptureFixture[str]) -> None:
    """On the command line as in the log: the person by name, not the sort of actor."""
    host = open_host(settings, llm=paid)
    run_id, thread_id = gated(host)
    host.commands.handle(yes(host, run_id, ANA, comment="Go."), by=ANA)
    settle(host)
    host.close()
    capsys.readouterr()
    main(["timeline", thread_id, "--workspace", str(settings.vm_workspace_root)])
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "approval granted" in line]
    assert ("ana" in line, "Go." in line) == (True, True)
