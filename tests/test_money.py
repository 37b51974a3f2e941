"""Money: reserved before it is spent, settled afterwards, counted from attempt to brand, and stopped by budgets."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from paid_writer import PaidWriter, paid_host
from test_engine import make_thread, request, run_of, settle
from vm_webapp import projections, repo
from vm_webapp.commands import OWNER, new_id
from vm_webapp.domain.brands import SetBrandBudget
from vm_webapp.domain.projects import SetProjectBudget
from vm_webapp.domain.run_commands import RequestCancel
from vm_webapp.domain.spending import usd_text
from vm_webapp.domain.thread_messages import CreateThread
from vm_webapp.errors import StageError
from vm_webapp.host import Host, open_host
from vm_webapp.run_requests import Choices
from vm_webapp.settings import Settings
from vm_webapp.writers import Cancellation, StageWork

from api_client import Gate
from invariants import read_views, violations

CHEAP = """\
title: Three stages
version: 1
stages:
  - {key: one, title: One, kind: brief}
  - {key: two, title: Two, kind: audience, needs: [one]}
  - {key: three, title: Three, kind: risks, needs: [two], retry: {attempts: 2, initial_seconds: 0}}
"""


@pytest.fixture
def paid(settings: Settings) -> Iterator[tuple[Host, PaidWriter]]:
    """A host whose writer costs money, with a profile of three stages."""
    with paid_host(settings, CHEAP) as opened:
        yield opened


def spent(host: Host, scope_id: str) -> Decimal:
    """What a scope has cost, reservations included."""
    with host.database.read() as connection:
        return Decimal(repo.spent_nano(connection, scope_id)) / 10**9


def begin(host: Host, thread_id: str, budget: str | None) -> str:
    """A run with that budget; its id."""
    choices = Choices(budget_usd=budget)
    command = host.requests.new(thread_id=thread_id, request_text="Go", mode="three", by=OWNER, choices=choices)
    host.commands.handle(command, by=OWNER)
    return command.run_id


def test_what_was_spent_is_counted_from_the_attempt_to_the_brand(paid: tuple[Host, PaidWriter]) -> None:
    """Three requests at 15 cents: the same sum in run, thread, project and brand, and nothing left reserved."""
    host, _ = paid
    brand_id, project_id, thread_id = make_thread(host)
    run_id = request(host, thread_id, "three")
    settle(host)
    run = run_of(host, run_id)
    assert (run["usage"]["calls"], run["usage"]["cost_nano"], run["usage"]["reserved_nano"]) == (3, 450_000_000, 0)
    assert run["stages"]["one"]["attempts"][0]["usage"]["output_tokens"] == 210
    scopes = (f"thread:{thread_id}", f"project:{project_id}", f"brand:{brand_id}")
    assert [spent(host, scope) for scope in scopes] == [Decimal("0.45")] * 3
    assert violations(host) == []


@pytest.mark.parametrize("scope", ["run", "project", "brand"])
def test_a_budget_stops_before_it_is_overrun(paid: tuple[Host, PaidWriter], scope: str) -> None:
    """40 cents allow the first stage and the second; the third would go beyond: finished stages stay, it never runs."""
    host, writer = paid
    brand_id, project_id, thread_id = make_thread(host)
    if scope == "project":
        host.commands.handle(SetProjectBudget(project_id=project_id, limit_usd="0.40"), by=OWNER)
    if scope == "brand":
        host.commands.handle(SetBrandBudget(brand_id=brand_id, limit_usd="0.40"), by=OWNER)
    run_id = begin(host, thread_id, "0.40" if scope == "run" else None)
    settle(host)
    run = run_of(host, run_id)
    assert (run["status"], run["error"]["code"], run["error"]["stage_key"]) == ("failed", "budget_exhausted", "three")
    assert [stage["status"] for stage in run["stages"].values()] == ["completed", "completed", "failed"]
    assert len(writer.calls) == 2
    assert spent(host, f"brand:{brand_id}") == Decimal("0.3")
    assert scope in run["error"]["message"]
    assert violations(host) == []


def test_more_budget_and_a_retry_go_on_where_it_stopped(paid: tuple[Host, PaidWriter]) -> None:
    """A brand's budget is raised: the retry writes the missing stage alone."""
    host, writer = paid
    brand_id, _, thread_id = make_thread(host)
    host.commands.handle(SetBrandBudget(brand_id=brand_id, limit_usd="0.40"), by=OWNER)
    run_id = begin(host, thread_id, None)
    settle(host)
    host.commands.handle(SetBrandBudget(brand_id=brand_id, limit_usd="0.60"), by=OWNER)
    retry = host.requests.retry(run_id, by=OWNER)
    host.commands.handle(retry, by=OWNER)
    settle(host)
    assert run_of(host, retry.run_id)["status"] == "completed"
    assert [call[1] for call in writer.calls] == ["one", "two", "three"]


def test_two_runs_cannot_overrun_one_budget_together(paid: tuple[Host, PaidWriter]) -> None:
    """Both are at work at once, each with 20 cents reserved of 30: the second one is refused."""
    host, writer = paid
    gate = Gate()
    writer.on("one", gate)
    brand_id, project_id, first_thread = make_thread(host)
    host.commands.handle(SetBrandBudget(brand_id=brand_id, limit_usd="0.30"), by=OWNER)
    first = begin(host, first_thread, None)
    assert gate.reached.wait(30)
    second_thread = _thread(host, brand_id, project_id)
    second = begin(host, second_thread, None)
    gate_closed = run_settles(host, second)
    assert gate_closed["error"]["code"] == "budget_exhausted"
    assert spent(host, f"brand:{brand_id}") == Decimal("0.2")
    gate.opened.set()
    settle(host)
    assert run_of(host, first)["stages"]["one"]["status"] == "completed"


def test_an_unknown_price_says_unknown_and_is_refused_under_a_budget(settings: Settings) -> None:
    """Without a budget the request is counted as unpriced; with one it is refused, for the limit cannot be checked."""
    host = open_host(settings, llm=PaidWriter(estimate=None, cost=None))
    thread_id = make_thread(host)[2]
    free = request(host, thread_id)
    settle(host)
    assert run_of(host, free)["usage"]["unpriced"] == 8
    command = host.requests.new(
        thread_id=thread_id, request_text="Go", mode="plan_90d", by=OWNER, choices=Choices(budget_usd="5")
    )
    host.commands.handle(command, by=OWNER)
    settle(host)
    assert run_of(host, command.run_id)["error"]["code"] == "price_unknown"
    host.close()


def test_what_a_crash_left_unsettled_stays_spent(settings: Settings) -> None:
    """A request was reserved, then the program ended: its estimate counts, and the stage is begun again."""
    writer = PaidWriter()
    host = open_host(settings, llm=writer)
    gate = Gate()
    writer.on("brief", gate)
    run_id = request(host, make_thread(host)[2])
    assert gate.reached.wait(30)
    host.close()
    host = open_host(settings, llm=writer)
    settle(host)
    run = run_of(host, run_id)
    assert run["status"] == "completed"
    assert (run["usage"]["calls"], run["usage"]["reserved_nano"]) == (9, 200_000_000)
    assert violations(host) == []
    host.close()


def test_cancel_stops_spending(paid: tuple[Host, PaidWriter]) -> None:
    """The stage at work is the last that costs anything."""
    host, writer = paid
    gate = Gate()
    writer.on("two", gate)
    brand_id, _, thread_id = make_thread(host)
    run_id = request(host, thread_id, "three")
    assert gate.reached.wait(30)
    host.commands.handle(RequestCancel(run_id=run_id), by=OWNER)
    settle(host)
    assert run_of(host, run_id)["status"] == "canceled"
    assert spent(host, f"brand:{brand_id}") == Decimal("0.35")  # one settled, one reserved and cut off
    assert len(writer.calls) == 2


def test_failed_attempts_cost_as_well(paid: tuple[Host, PaidWriter]) -> None:
    """An attempt that fails after its request keeps what it reserved; the next one is paid on top."""
    host, writer = paid

    def fail(_work: StageWork, _attempt: Cancellation) -> None:
        raise StageError("llm_unavailable", "Try again.", retryable=True)

    writer.on("three", fail)
    run_id = request(host, make_thread(host)[2], "three")
    settle(host)
    attempts = run_of(host, run_id)["stages"]["three"]["attempts"]
    assert [attempt["usage"]["calls"] for attempt in attempts] == [1, 1]
    assert [attempt["usage"]["reserved_nano"] for attempt in attempts] == [200_000_000, 0]


def test_sums_come_out_equal_when_views_are_rebuilt(paid: tuple[Host, PaidWriter]) -> None:
    """Every view is the same after a rebuild from the log."""
    host, _ = paid
    request(host, make_thread(host)[2], "three")
    settle(host)
    with host.database.read() as connection:
        before = read_views(connection)
    host.database.write(projections.rebuild)
    with host.database.read() as connection:
        assert read_views(connection) == before


@pytest.mark.parametrize(
    ("amount", "text"), [("0", "0"), ("1.50", "1.5"), ("0.0000000001", "0.000000001"), ("12", "12")]
)
def test_amounts_are_plain_decimals_rounded_up(amount: str, text: str) -> None:
    """No exponent, no trailing zeros, nothing lost below a nano-dollar."""
    assert usd_text(Decimal(amount)) == text


def run_settles(host: Host, run_id: str) -> dict[str, Any]:
    """The run once it is settled, while others are still at work."""
    while True:
        seen = host.database.committed.count
        run = dict(run_of(host, run_id))
        if run["settled_at"]:
            return run
        assert host.database.committed.wait(seen, 30)


def _thread(host: Host, brand_id: str, project_id: str) -> str:
    thread_id = new_id("t")
    host.commands.handle(
        CreateThread(thread_id=thread_id, brand_id=brand_id, project_id=project_id, title="Another"), by=OWNER
    )
    return thread_id
