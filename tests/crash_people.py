"""Lives in which people decide and money is spent, for crash_child.py: each can be begun again after any crash.

A person looks before acting, as people do: who has said yes is not asked again, and a revision, an edit, a fork or a
retry is asked for with the key of the first time.
"""

import contextlib
import threading
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from vm_webapp import repo
from vm_webapp.commands import OWNER, Actor
from vm_webapp.domain.brands import AddBrandRule, SetBrandBudget
from vm_webapp.domain.erasures import NothingToErase
from vm_webapp.domain.run_commands import GrantApproval, RejectApproval
from vm_webapp.domain.thread_messages import AddComment, RequestRun
from vm_webapp.erasures import requests as erasures
from vm_webapp.errors import StageError
from vm_webapp.host import Host
from vm_webapp.run_requests import Change, Choices
from vm_webapp.writers import Attempt, CallEstimate, CallUsage, DraftFile, StageDraft, StageWork

from crash_desk import acknowledge, catalogue_of, note, request_run
from invariants import Witness

Work = Callable[[Host, Mapping[str, Any]], list[str]]
ANA, BEN = Actor("human", "ana"), Actor("human", "ben")
_SOON: Final = "retry: {initial_seconds: 0, max_seconds: 0}"
PROFILES: Final = {
    "gated": f"""\
title: Gated
version: 1
stages:
  - {{key: aside, title: Aside, kind: brief, {_SOON}}}
  - key: brief
    title: Brief
    kind: brief
    approval: required
    gate: {{quorum: 2}}
    {_SOON}
  - {{key: message, title: Message, kind: message, needs: [brief], {_SOON}}}
""",
    "row": f"""\
title: In a row
version: 1
stages:
  - {{key: one, title: One, kind: brief, {_SOON}}}
  - {{key: two, title: Two, kind: audience, needs: [one], {_SOON}}}
  - {{key: three, title: Three, kind: risks, needs: [two], {_SOON}}}
  - {{key: four, title: Four, kind: risks, needs: [three], {_SOON}}}
""",
    "boast": f"""\
title: Boast
version: 1
stages:
  - {{key: boast, title: Boast, kind: brief, {_SOON}}}
  - {{key: after, title: After, kind: message, needs: [boast], {_SOON}}}
""",
}
BUDGET: Final = "0.50"
"""Enough for three finished stages of a row, not for the reservation of a fourth."""


class PaidWitness:
    """Fixed text that costs 15 cents of 20 reserved; every draft is noted outside the workspace before it is answered.

    `boast` breaks the brand's rule in every draft, `three` fails for good in the run r-frail, and `two` goes on in the
    run r-slow until it is told to stop.
    """

    name = "witnessed:paid"
    cooperative = True
    recalls = False

    def __init__(self, witness: Witness) -> None:
        self._witness = witness
        self.busy = threading.Event()

    def write(self, work: StageWork, attempt: Attempt) -> StageDraft:
        """The stage's fixed text, paid for."""
        key = work.stage.key
        attempt.reserve(CallEstimate(model="paid", input_tokens=100, output_tokens=400, cost_usd=Decimal("0.20")))
        note(self._witness.calls, [work.run_id, key, work.attempt, "again" if work.previous else "first"])
        if (work.run_id, key) == ("r-frail", "three"):
            raise StageError("llm_key_refused", "The key was refused.", retryable=False)
        if (work.run_id, key) == ("r-slow", "two"):
            self._until_stopped(attempt)
        attempt.spent(CallUsage(model="paid", input_tokens=90, output_tokens=210, cost_usd=Decimal("0.15")))
        said = "We are the cheapest." if key == "boast" else work.request_text
        text = f"# {work.stage.title}\n\n{said}\n{work.feedback}\n"
        return StageDraft(
            output={"title": work.stage.title, "attempt": work.attempt},
            files=(
                DraftFile(name=f"{key}.md", kind=key, media_type="text/markdown", text=text),
                DraftFile(name=f"{key}-{work.attempt}.csv", kind="table", media_type="text/csv", text="a,b\n1,2\n"),
            ),
        )

    def _until_stopped(self, attempt: Attempt) -> None:
        stopped = threading.Event()
        attempt.on_stop(stopped.set)
        self.busy.set()
        stopped.wait(50)
        attempt.check()


def approved(host: Host, _job: Mapping[str, Any]) -> list[str]:
    """Two people approve a stage, and the run goes on."""
    catalogue_of(host, ["t-one"])
    run_id = _begin(host, "gated", "r-gated")
    _approve(host, run_id, "brief")
    return [run_id]


def rejected(host: Host, _job: Mapping[str, Any]) -> list[str]:
    """A stage is approved by one and rejected by another; its revision is approved."""
    catalogue_of(host, ["t-one"])
    run_id = _begin(host, "gated", "r-gated")
    if _waits(host, run_id, "brief"):
        _grant(host, run_id, "brief", by=ANA)
        no = RejectApproval(
            run_id=run_id, stage_key="brief", manifest_sha256=_digest(host, run_id), role="admin", reason="Too long."
        )
        acknowledge(host, no, by=BEN)
        _settle(host)
    revision = _ask(host, host.requests.revise(run_id, stage_key=None, feedback=None, by=BEN), "r-revised", by=BEN)
    _approve(host, revision, "brief")
    return [run_id, revision]


def forked(host: Host, _job: Mapping[str, Any]) -> list[str]:
    """A finished run is forked; in the fork a person's own text breaks a rule, which another person waives."""
    catalogue_of(host, ["t-one"])
    _rule(host)
    source = _begin(host, "row", "r-source")
    change = Change(request_text="Launch the hot brew")
    fork = _ask(host, host.requests.fork(source, stage_key="two", change=change, by=OWNER), "r-fork")
    edit = host.requests.edit(fork, "three", edit={"text": "# Ours\n\nThe cheapest of all."}, by=ANA)
    edited = _ask(host, edit, "r-edited", by=ANA)
    _approve(host, edited, "three", comment="It is a quotation.")
    return [source, fork, edited]


def retried(host: Host, _job: Mapping[str, Any]) -> list[str]:
    """A run fails for good and leaves a task; its retry takes over what is finished and closes the task."""
    catalogue_of(host, ["t-one"])
    frail = _begin(host, "row", "r-frail")
    return [frail, _ask(host, host.requests.retry(frail, by=OWNER), "r-retried")]


def budgeted(host: Host, _job: Mapping[str, Any]) -> list[str]:
    """A run reaches its own budget, and the next one what is left of the brand's."""
    catalogue_of(host, ["t-one"])
    acknowledge(host, SetBrandBudget(brand_id="b-one", limit_usd="0.85"))
    run_id = _begin(host, "row", "r-budget", Choices(budget_usd=BUDGET))
    return [run_id, _begin(host, "row", "r-brand")]


def interrupted(host: Host, _job: Mapping[str, Any]) -> list[str]:
    """A request that does not want to wait cancels the run at work, whose files stay."""
    catalogue_of(host, ["t-one"])
    slow = request_run(host, _new(host, "row"), "r-slow")
    host.orchestrator.catch_up()
    _until_busy(host, slow)
    return [slow, _ask(host, _new(host, "row", Choices(on_busy="interrupt")), "r-urgent")]


def boasted(host: Host, _job: Mapping[str, Any]) -> list[str]:
    """A text breaks the brand's rule twice and waits for a person, though its profile asks for no approval."""
    catalogue_of(host, ["t-one"])
    _rule(host)
    run_id = _begin(host, "boast", "r-boast")
    _approve(host, run_id, "boast", comment="It is a quotation.")
    return [run_id]


def erased(host: Host, _job: Mapping[str, Any]) -> list[str]:
    """A comment and then a run are erased; the fork that was made of the run keeps its own files."""
    catalogue_of(host, ["t-one"])
    if not _is_erased(host, "r-source"):  # what its request was answered is gone with it
        source = _begin(host, "row", "r-source")
        _comment(host, source)
        _ask(host, host.requests.fork(source, stage_key="two", change=Change(), by=OWNER), "r-fork")
        _erase(host, comment_id="cmt-one")
        _erase(host, run_id=source)
    assert host.erasures.wait(30)
    return ["r-source", "r-fork"]


WORK: Final[Mapping[str, Work]] = {
    "approved": approved,
    "rejected": rejected,
    "forked": forked,
    "retried": retried,
    "budgeted": budgeted,
    "interrupted": interrupted,
    "boasted": boasted,
    "erased": erased,
}


def _new(host: Host, mode: str, choices: Choices | None = None) -> RequestRun:
    return host.requests.new(
        thread_id="t-one", request_text="Launch the cold brew", mode=mode, by=OWNER, choices=choices
    )


def _begin(host: Host, mode: str, run_id: str, choices: Choices | None = None) -> str:
    return _ask(host, _new(host, mode, choices), run_id)


def _ask(host: Host, made: RequestRun, run_id: str, *, by: Actor = OWNER) -> str:
    """Request the run and let it go as far as it goes."""
    answered = request_run(host, made, run_id, by=by)
    _settle(host)
    return answered


def _settle(host: Host) -> None:
    host.orchestrator.catch_up()
    host.orchestrator.settle()


def _until_busy(host: Host, run_id: str) -> None:
    """The run's writer is in the middle of its work; at a later start it may have been stopped already."""
    writer: Any = host.writers.get("")
    while not writer.busy.is_set():
        seen = host.database.committed.count
        if _run(host, run_id)["settled_at"]:
            return
        host.database.committed.wait(seen, 0.05)


def _rule(host: Host) -> None:
    check = {"kind": "forbidden_words", "words": ["cheapest"]}
    acknowledge(host, AddBrandRule(brand_id="b-one", rule_id="rul-1", text="Never call us cheap.", check=check))


def _is_erased(host: Host, run_id: str) -> bool:
    with host.database.read() as connection:
        return any(row.run_id == run_id and row.erased_json for row in repo.list_runs_by_thread(connection, "t-one"))


def _comment(host: Host, run_id: str) -> None:
    """Say something once."""
    with host.database.read() as connection:
        said = {row["comment_id"] for row in repo.list_comments(connection, "t-one")}
    if "cmt-one" not in said:
        words = {"comment_id": "cmt-one", "thread_id": "t-one", "text": "Ask Zuleika.", "run_id": run_id}
        acknowledge(host, AddComment(**words))


def _erase(host: Host, **named: str) -> None:
    """Erase it, unless that was done before."""
    subject = erasures.subject_of("t-one", **named)
    with contextlib.suppress(NothingToErase):
        acknowledge(host, erasures.erase_request(subject, reason="Asked to be forgotten"))
    host.erasures.catch_up()


def _approve(host: Host, run_id: str, key: str, *, comment: str = "") -> None:
    """Ana and Ben approve, as far as they are asked and have not yet."""
    for person in (ANA, BEN):
        if _waits(host, run_id, key):
            _grant(host, run_id, key, by=person, comment=comment)
            _settle(host)


def _grant(host: Host, run_id: str, key: str, *, by: Actor, comment: str = "") -> None:
    yes = GrantApproval(
        run_id=run_id,
        stage_key=key,
        manifest_sha256=_digest(host, run_id, key),
        approver=by.id,
        role="approver",
        comment=comment,
    )
    acknowledge(host, yes, by=by)


def _waits(host: Host, run_id: str, key: str) -> bool:
    run = _run(host, run_id)
    return run["settled_at"] is None and run["stages"][key]["status"] == "waiting_approval"


def _digest(host: Host, run_id: str, key: str = "brief") -> str:
    return str(_run(host, run_id)["stages"][key]["manifest_sha256"])


def _run(host: Host, run_id: str) -> Mapping[str, Any]:
    with host.database.read() as connection:
        return repo.get_run(connection, run_id)
