"""`cost` and the words on money: tokens, dollars, what nobody knows, what budgets leave, and what they stop."""

from pathlib import Path

import pytest

from paid_writer import PaidWriter
from test_cli_fork import write_pair
from test_cli_look import Shell
from vm_webapp.cli import Exit, main
from vm_webapp.cli.run_words import usd_words
from vm_webapp.errors import StageError
from vm_webapp.writers import Attempt, StageWork


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """The program with a writer that costs 0.15 USD a stage."""
    (tmp_path / "vm" / "profiles").mkdir(parents=True)
    write_pair(tmp_path / "vm")
    return Shell(capsys, tmp_path / "vm", PaidWriter())


def paid(shell: Shell, *more: str) -> str:
    """A run of two stages that was paid for; its id."""
    return str(shell.json("run", "Launch it", "--mode", "pair", "--brand", "Aurora", *more)["run_id"])


def test_names_that_are_near_stand_once(shell: Shell) -> None:
    """What several are called stands with their ids, which tell them apart."""
    paid(shell)
    paid(shell, "--project", "Spring")
    shell("run", "Launch it", "--mode", "pair", "--brand", "Boreal")
    ids = [one["project_id"] for one in shell.json("projects")["projects"] if one["name"] == "My project"]
    assert f"The newest: My project ({', '.join(ids)}), Spring." in shell("cost", "--project", "none").err


def test_a_run_is_told_by_stage_and_attempt(shell: Shell) -> None:
    """The sums, what the budget leaves, a row for each attempt; JSON as over HTTP; a line in `show`."""
    run_id = paid(shell, "--budget", "1.00")
    out = shell("cost", "last").out
    data = shell.json("cost", run_id)
    rows = [line.split() for line in out.splitlines()[-2:]]
    assert rows == [[key, "1", "1", "90", "210", "0.15", "USD"] for key in ("brief", "plan")]
    assert (data["usage"]["cost_usd"], data["budget_usd"], data["left_usd"]) == ("0.3", "1", "0.7")
    assert [stage["attempts"][0]["usage"]["calls"] for stage in data["stages"]] == [1, 1]
    assert "0.7 USD" in out
    assert "0.3 USD for 2 requests, 180 tokens in, 420 out, of a budget of 1 USD" in shell("show", "last").out


@pytest.mark.parametrize(
    ("option", "name"), [("--thread", "Launch it"), ("--project", "My project"), ("--brand", "Aurora")]
)
def test_sums_are_told_for_thread_project_and_brand(shell: Shell, option: str, name: str) -> None:
    """Over two runs each."""
    paid(shell)
    paid(shell)
    data = shell.json("cost", option, name)
    out = shell("cost", option, name).out
    assert (data["usage"]["cost_usd"], data["usage"]["calls"], data["left_usd"]) == ("0.6", 4, None)
    assert "0.6 USD" in out
    assert "none" in out


def test_without_a_name_every_brand_has_a_line(shell: Shell) -> None:
    """With its budget and what is left of it."""
    paid(shell)
    shell("brands", "budget", "Aurora", "2")
    assert shell("cost").out.splitlines()[1].split() == [
        "Aurora",
        "2",
        "USD",
        "1.7",
        "USD",
        "2",
        "180",
        "420",
        "0.3",
        "USD",
    ]
    assert [(one["name"], one["left_usd"]) for one in shell.json("cost")["brands"]] == [("Aurora", "1.7")]


def test_what_nobody_knows_is_said_to_be_unknown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A model without a price costs no zero."""
    (tmp_path / "vm" / "profiles").mkdir(parents=True)
    write_pair(tmp_path / "vm")
    shell = Shell(capsys, tmp_path / "vm", PaidWriter(estimate=None, cost=None))
    paid(shell)
    assert shell("cost", "last").out.splitlines()[1].split(maxsplit=1)[1] == "an unknown price for 2 requests"
    assert "0 USD" not in shell("cost").out


def test_money_in_words() -> None:
    """Known, unknown and unseen are kept apart."""
    usage = {"calls": 3, "cost_usd": "0.1", "reserved_usd": "0.2", "unpriced": 1}
    assert usd_words(usage) == (
        "0.1 USD and up to 0.2 USD of requests whose end nobody saw and an unknown price for 1 request"
    )
    assert usd_words(None) == "0 USD"


def test_a_budget_stops_the_run_and_the_next_step_is_told(shell: Shell) -> None:
    """The second stage would overrun: failed with `budget_exhausted`; a fork with more money carries the first over."""
    said = shell("run", "Launch it", "--mode", "pair", "--budget", "0.30")
    fork = shell.json("fork", "last", "--stage", "plan", "--budget", "1")
    assert (said.code, "(budget_exhausted)" in said.out) == (Exit.FAILED, True)
    assert (fork["status"], bool(fork["stages"][0]["carried_from"])) == ("completed", True)
    assert shell.json("cost", "last")["usage"]["cost_usd"] == "0.15"


def test_a_budget_of_the_run_is_raised_by_a_fork(shell: Shell) -> None:
    """Whoever gave a run too little is told the command that gives it more, from the stage on that found no room."""
    out = shell("run", "Launch it", "--mode", "pair", "--brand", "Aurora", "--budget", "0.30").out
    (more,) = (line for line in out.splitlines() if line.startswith("With a larger budget:"))
    assert more.endswith("--stage plan --budget ...")
    assert "With the same:" in out


def test_a_failed_attempt_is_paid_for_too(shell: Shell) -> None:
    """What it reserved and never settled is told as spent at the most."""
    shell.writer.on("plan", refuse)
    paid(shell)
    assert "0.15 USD and up to 0.2 USD of requests whose end nobody saw" in shell("cost", "last").out


def refuse(_work: StageWork, _attempt: Attempt) -> None:
    """A behaviour of the writer: it fails for good, in the middle of a request."""
    raise StageError("refused", "The writer refused.", retryable=False)


def test_what_cannot_be_meant_is_a_usage_error(shell: Shell) -> None:
    """Two scopes at once, names that are not there; nothing at all is a hint."""
    assert shell("cost", "last").code == Exit.USAGE
    assert (shell("cost").code, "Begin with" in shell("cost").err) == (Exit.OK, True)
    paid(shell)
    wrong = (("last", "--brand", "Aurora"), ("--brand", "nobody"), ("--project", "x"), ("--thread", "x"), ("r-ffff",))
    assert [shell("cost", *words).code for words in wrong] == [Exit.USAGE] * len(wrong)


def test_a_run_that_asked_no_model_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the offline writer."""
    main(["--workspace", str(tmp_path / "vm"), "run", "Launch it", "--json", "--writer", "offline"])
    capsys.readouterr()
    shell = Shell(capsys, tmp_path / "vm")
    assert "no model was asked" in shell("show", "last").out
    assert shell.json("cost", "last")["stages"] == []
