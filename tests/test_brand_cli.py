"""The commands rules and budget, and the desks that take their requests."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vm_webapp.app import create_app
from vm_webapp.cli import Exit, main
from vm_webapp.cli.work.desk import Desk
from vm_webapp.cli.work.own_desk import OwnDesk
from vm_webapp.cli.work.served_desk import ServedDesk
from vm_webapp.errors import Invalid, NotFound
from vm_webapp.settings import Settings

from api_client import GATED, add_profile, running
from fixed_writer import FixedWriter


class Shell:
    """Calls the program on a workspace of its own."""

    def __init__(self, capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
        self._capsys = capsys
        self._workspace = workspace

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, output and messages."""
        code = main(["--workspace", str(self._workspace), *arguments], writer=FixedWriter())
        return (code, *self._capsys.readouterr())

    def json(self, *arguments: str) -> Any:  # noqa: ANN401 - JSON of any kind
        """What a call prints as JSON."""
        code, out, err = self(*arguments, "--json")
        assert code == Exit.OK, err
        return json.loads(out)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with the brand Aurora, its project Spring, and a run whose first stage waits for a person."""
    found = Settings(vm_workspace_root=tmp_path / "vm")
    add_profile(found, "gated", GATED)
    with running(create_app(found, llm=FixedWriter())) as api:
        assert api.run(api.thread(), mode="gated")["status"] == "waiting_approval"
    return found.vm_workspace_root


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], workspace: Path) -> Shell:
    """Calls on that workspace, which nobody else has."""
    capsys.readouterr()
    return Shell(capsys, workspace)


@pytest.fixture(params=["own", "served"])
def desk(request: pytest.FixtureRequest, workspace: Path) -> Iterator[Desk]:
    """A desk of that workspace: its own, or a server's."""
    app = create_app(Settings(vm_workspace_root=workspace), llm=FixedWriter())
    with running(app) as api:
        yield OwnDesk(app.state.host) if request.param == "own" else ServedDesk(api.client)


def test_both_desks_take_the_same_requests(desk: Desk) -> None:
    """Budgets and rules come back in one shape, mistakes as the same errors."""
    brand_id, project_id = desk.list_brands()[0]["brand_id"], desk.list_projects()[0]["project_id"]
    assert desk.set_brand_budget(brand_id, "25.00")["budget_usd"] == "25"
    assert desk.set_brand_budget(brand_id, None)["budget_usd"] is None
    assert desk.set_project_budget(project_id, "0.5")["budget_usd"] == "0.5"
    check = {"kind": "tone", "words": ["!!!"], "kinds": ["brief"]}
    rule = desk.add_rule(brand_id, {"text": "Stay calm.", "check": check})
    assert (rule["text"], rule["check"], rule["status"]) == ("Stay calm.", check, "active")
    assert desk.list_rules(brand_id) == [rule]
    assert desk.retire_rule(brand_id, rule["rule_id"])["status"] == "retired"
    with pytest.raises(Invalid, match="no kind of stage"):
        desk.add_rule(brand_id, {"text": "A", "check": {**check, "kinds": ["post"]}})
    with pytest.raises(NotFound, match="rule-none"):
        desk.retire_rule(brand_id, "rule-none")


def test_rules_are_added_listed_and_retired(shell: Shell) -> None:
    """By the brand's name and a part of the rule's id."""
    rule = shell.json(
        "rules", "add", "--brand", "aurora", "No promises.", "--forbid", "cheap", "--forbid", "best", "--kind", "brief"
    )
    assert rule["check"] == {"kind": "forbidden_words", "words": ["cheap", "best"], "kinds": ["brief"]}
    code, out, _ = shell("rules", "list", "--brand", "Aurora")
    assert code == Exit.OK
    assert "forbidden words  No promises." in out
    assert shell.json("rules", "list", "--brand", "Aurora", "--status", "retired") == {"rules": []}
    code, out, _ = shell("rules", "retire", rule["rule_id"][-12:], "--brand", "Aurora")
    assert (code, out) == (Exit.OK, f"{rule['rule_id']}: retired\n")
    (retired,) = shell.json("rules", "list", "--brand", "Aurora", "--status", "retired")["rules"]
    assert retired["rule_id"] == rule["rule_id"]


def test_budgets_are_set_and_taken_off(shell: Shell) -> None:
    """Amounts in one spelling; `none` is no limit."""
    assert shell("brands", "budget", "Aurora", "25.00")[:2] == (Exit.OK, "Aurora: 25 USD\n")
    assert shell("projects", "budget", "Spring", "0.5")[:2] == (Exit.OK, "Spring: 0.5 USD\n")
    assert shell.json("brands")["brands"][0]["budget_usd"] == "25"
    assert shell.json("projects")["projects"][0]["budget_usd"] == "0.5"
    assert shell("brands", "budget", "Aurora", "none")[:2] == (Exit.OK, "Aurora: no limit\n")
    assert shell.json("projects", "budget", "Spring", "NONE")["budget_usd"] is None


def test_what_cannot_be_meant_is_said(shell: Shell) -> None:
    """Unknown names, two checks, kinds without a check, half a rejection, no amount: exit code 2 and a sentence."""
    mistakes = {
        ("rules", "add", "--brand", "Nobody", "A"): "There is no brand 'Nobody'",
        ("rules", "list", "--brand", "Nobody"): "There is no brand 'Nobody'",
        ("rules", "add", "--brand", "Aurora"): "Say the rule in a sentence",
        ("rules", "add", "--brand", "Aurora", "A", "--forbid", "a", "--max-length", "9"): "A rule has one check",
        ("rules", "add", "--brand", "Aurora", "A", "--kind", "brief"): "there is nothing to check",
        ("rules", "add", "--brand", "Aurora", "A", "--forbid", "a", "--kind", "post"): "no kind of stage",
        ("rules", "add", "--brand", "Aurora", "--from-run", "latest"): "--from-run and --from-stage together",
        ("rules", "add", "--brand", "Aurora", "--from-run", "latest", "--from-stage", "brief"): "was not rejected",
        ("rules", "retire", "rule-none", "--brand", "Aurora"): "There is no rule 'rule-none'",
        ("brands", "budget", "Aurora", "lots"): "no amount in US dollars",
        ("projects", "budget", "Autumn", "1"): "There is no project 'Autumn'",
    }
    for typed, said in mistakes.items():
        code, _, err = shell(*typed)
        assert (code, said in err) == (Exit.USAGE, True), (typed, err)


@pytest.mark.parametrize(
    ("options", "check"),
    [
        (("--off-tone", "!!!"), {"kind": "tone", "words": ["!!!"], "kinds": None}),
        (("--require", "Terms apply."), {"kind": "required_text", "text": "Terms apply.", "kinds": None}),
        (("--max-length", "50"), {"kind": "max_length", "characters": 50, "kinds": None}),
        ((), None),
    ],
)
def test_every_check_can_be_typed(shell: Shell, options: tuple[str, ...], check: object) -> None:
    """One option each; without one the rule is for people and writers alone."""
    assert shell.json("rules", "add", "--brand", "Aurora", "Mind it.", *options)["check"] == check


def test_a_rule_is_learnt_from_a_rejection(capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
    """It says the reason that was given, and names the run and the stage."""
    with running(create_app(Settings(vm_workspace_root=workspace), llm=FixedWriter())) as api:
        run = api.read(f"/api/v2/workflow-runs/{api.read('/api/v2/workflow-runs')['runs'][0]['run_id']}")
        path = f"/api/v2/workflow-runs/{run['run_id']}/stages/brief/rejection"
        api.make(path, {"manifest_sha256": run["stages"][0]["manifest_sha256"], "reason": "Too loud."})
    capsys.readouterr()
    shell = Shell(capsys, workspace)
    rule = shell.json("rules", "add", "--brand", "Aurora", "--from-run", "latest", "--from-stage", "brief")
    assert (rule["text"], rule["from_rejection"]) == ("Too loud.", {"run_id": run["run_id"], "stage_key": "brief"})


def test_where_nothing_is_there_are_no_rules(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """An empty list for programs, how to begin for people; and no file is made."""
    shell = Shell(capsys, tmp_path / "vm")
    assert shell.json("rules", "list", "--brand", "Aurora") == {"rules": []}
    assert "Nothing is here yet" in shell("rules", "list", "--brand", "Aurora")[2]
    assert not (tmp_path / "vm").exists()
