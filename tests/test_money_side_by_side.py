"""Stages of one run written side by side, and a budget without room for all of their highest costs at once."""

import threading
from collections.abc import Iterator
from decimal import Decimal

import pytest

from paid_writer import PaidWriter, paid_host
from test_engine import make_thread, run_of, settle
from test_money import begin, run_settles, spent
from vm_webapp.commands import OWNER
from vm_webapp.domain.brands import SetBrandBudget
from vm_webapp.domain.run_commands import RequestCancel
from vm_webapp.errors import BudgetExhausted, StageError
from vm_webapp.host import Host
from vm_webapp.settings import Settings
from vm_webapp.workflow_runtime_v2.attempt import AttemptCancellation, HaltedError
from vm_webapp.workflow_runtime_v2.holds import Holds
from vm_webapp.writers import Cancellation, StageWork

from api_client import Gate
from invariants import violations

BESIDE = """\
title: Stages side by side
version: 1
stages:
  - {key: one, title: One, kind: brief}
  - {key: two, title: Two, kind: audience, needs: [one]}
  - {key: three, title: Three, kind: risks, needs: [one]}
  - {key: four, title: Four, kind: risks, needs: [one]}
"""


class Ledger:
    """A budget of a dollar as the log sees it; `refused` is set when a reservation was."""

    def __init__(self, spent: str) -> None:
        self.spent = Decimal(spent)
        self.refused = threading.Event()

    def reserve(self) -> None:
        """Reserve sixty cents."""
        if self.spent + Decimal("0.6") > 1:
            self.refused.set()
            raise BudgetExhausted(scope="run", limit="1", spent=str(self.spent), cost="0.6")
        self.spent += Decimal("0.6")


@pytest.fixture
def beside(settings: Settings) -> Iterator[tuple[Host, PaidWriter]]:
    """A host whose writer costs money, with a profile of three stages that are written side by side."""
    with paid_host(settings, BESIDE) as opened:
        yield opened


def test_a_request_waits_for_what_its_own_run_holds() -> None:
    """With sixty cents held of a dollar the next sixty wait, and are reserved when the first came out cheaper."""
    holds, ledger = Holds(), Ledger("0")
    holds.take("one", Decimal("0.6"), ledger.reserve, end=AttemptCancellation(60))
    waiting = threading.Thread(
        target=holds.take, args=("two", Decimal("0.6"), ledger.reserve), kwargs={"end": AttemptCancellation(60)}
    )
    waiting.start()
    assert ledger.refused.wait(30)
    ledger.spent = Decimal("0.4")
    holds.release("one")
    waiting.join(30)
    assert ledger.spent == Decimal("1.0")


def test_what_others_hold_is_not_waited_for() -> None:
    """Where the budget would not reach without the run's own requests either, it is refused at once."""
    holds, ledger = Holds(), Ledger("0.3")
    holds.take("one", Decimal("0.6"), ledger.reserve, end=AttemptCancellation(60))
    ledger.spent += Decimal("0.2")
    with pytest.raises(BudgetExhausted):
        holds.take("two", Decimal("0.6"), ledger.reserve, end=AttemptCancellation(60))


@pytest.mark.parametrize("ending", ["cancel", "halt", "deadline"])
def test_waiting_ends_with_the_attempt(ending: str) -> None:
    """A cancel, the program's end and the stage's deadline let go of who waits for money."""
    holds, ledger = Holds(), Ledger("0")
    holds.take("one", Decimal("0.6"), ledger.reserve, end=AttemptCancellation(60))
    end = AttemptCancellation(0.01 if ending == "deadline" else 60)
    found: list[Exception] = []

    def take() -> None:
        try:
            holds.take("two", Decimal("0.6"), ledger.reserve, end=end)
        except (StageError, HaltedError) as error:
            found.append(error)

    waiting = threading.Thread(target=take)
    waiting.start()
    assert ledger.refused.wait(30)
    if ending != "deadline":
        getattr(end, ending)()
    waiting.join(30)
    assert [getattr(error, "error_code", "halted") for error in found] == [
        {"cancel": "canceled", "halt": "halted", "deadline": "stage_timeout"}[ending]
    ]


@pytest.mark.parametrize("scope", ["run", "brand"])
def test_a_budget_that_suffices_in_the_end_suffices(beside: tuple[Host, PaidWriter], scope: str) -> None:
    """Four stages at 15 cents, 20 held for each, fit into 65: those that find no room are written after the others."""
    host, writer = beside

    def overlap(_work: StageWork, cancellation: Cancellation) -> None:
        while len(writer.works) < 4:
            cancellation.check()
            pause.wait(0.01)

    pause = threading.Event()
    for key in ("two", "three", "four"):
        writer.on(key, overlap)
    brand_id, _, thread_id = make_thread(host)
    if scope == "brand":
        host.commands.handle(SetBrandBudget(brand_id=brand_id, limit_usd="0.65"), by=OWNER)
    run_id = begin(host, thread_id, "0.65" if scope == "run" else None)
    settle(host)
    assert run_of(host, run_id)["status"] == "completed"
    assert spent(host, f"brand:{brand_id}") == Decimal("0.6")
    assert violations(host) == []


def test_a_budget_that_does_not_suffice_is_not_overrun(beside: tuple[Host, PaidWriter]) -> None:
    """With 50 cents two of the three are written, one after the other; the last is refused."""
    host, writer = beside
    brand_id, _, thread_id = make_thread(host)
    run_id = begin(host, thread_id, "0.50")
    settle(host)
    run = run_of(host, run_id)
    assert (run["status"], run["error"]["code"], len(writer.calls)) == ("failed", "budget_exhausted", 3)
    assert spent(host, f"brand:{brand_id}") == Decimal("0.45")
    assert violations(host) == []


def test_a_writer_that_fails_without_settling_lets_the_others_go(beside: tuple[Host, PaidWriter]) -> None:
    """What its attempt held stays spent; who waited for it is refused instead of waiting on."""
    host, writer = beside

    def fail(_work: StageWork, _attempt: Cancellation) -> None:
        raise StageError("llm_refused", "No.", retryable=False)

    for key in ("two", "three", "four"):
        writer.on(key, fail)
    brand_id, _, thread_id = make_thread(host)
    run_id = begin(host, thread_id, "0.50")
    settle(host)
    assert run_of(host, run_id)["status"] == "failed"
    assert spent(host, f"brand:{brand_id}") == Decimal("0.35")


def test_a_canceled_run_waits_for_no_money(beside: tuple[Host, PaidWriter]) -> None:
    """Stages that wait for room end with the run."""
    host, writer = beside
    gate = Gate()
    for key in ("two", "three", "four"):
        writer.on(key, gate)
    run_id = begin(host, make_thread(host)[2], "0.50")
    assert gate.reached.wait(30)
    host.commands.handle(RequestCancel(run_id=run_id), by=OWNER)
    assert run_settles(host, run_id)["status"] == "canceled"
