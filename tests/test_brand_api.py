"""Rules and budgets over HTTP: added, learnt from a rejection, tried, listed, retired; set and taken off."""

from typing import Any

import pytest

from vm_webapp.api import shapes
from vm_webapp.domain.rule_checks import read_check
from vm_webapp.domain.rules import rule_digest

from api_client import Api, fresh_api

api = fresh_api
FORBID = {"kind": "forbidden_words", "words": ["cheap", "best ever"]}


def rejected(api: Api, reason: str = "It promises too much.") -> dict[str, Any]:
    """A run whose first stage was rejected for that reason."""
    run = api.run(api.thread(), mode="gated")
    manifest = run["stages"][0]["manifest_sha256"]
    path = f"/api/v2/workflow-runs/{run['run_id']}/stages/brief/rejection"
    return api.make(path, {"manifest_sha256": manifest, "reason": reason})


def test_lists_are_created_changed_and_cleared(api: Api) -> None:
    """`do`, `dont` and `kpis` come back in their order; what is left out stays, an empty list clears."""
    brand = api.make("/api/v2/brands", {"name": "A", "do": ["Say it.", "Be warm."], "dont": ["Shout."]})
    assert (brand["do"], brand["dont"], brand["budget_usd"]) == (["Say it.", "Be warm."], ["Shout."], None)
    path = f"/api/v2/brands/{brand['brand_id']}"
    changed = api.write("PATCH", path, {"dont": []}).json()
    assert (changed["do"], changed["dont"]) == (["Say it.", "Be warm."], [])
    project = api.make("/api/v2/projects", {"brand_id": brand["brand_id"], "name": "P", "kpis": ["500 orders"]})
    assert project["kpis"] == ["500 orders"]
    again = api.write("PATCH", f"/api/v2/projects/{project['project_id']}", {"kpis": ["9", "8"]}).json()
    assert again["kpis"] == ["9", "8"]


def test_a_rule_is_added_listed_and_retired(api: Api) -> None:
    """Answers have the shapes that are described; the list can be narrowed by status."""
    brand_id = api.brand()
    path = f"/api/v2/brands/{brand_id}/rules"
    made = api.make(path, {"text": " Promise nothing. ", "check": FORBID})
    check = read_check(FORBID)
    assert made["check"] == check
    assert made["sha256"] == rule_digest("Promise nothing.", check)
    assert (made["status"], made["created_by"], made["from_rejection"]) == ("active", "workspace-owner", None)
    plain = api.make(path, {"text": "Be kind."})
    listed = api.read(path)
    assert shapes.RulesShape.model_validate(listed).model_dump(mode="json") == listed
    assert listed == {"rules": [plain, made], "next": None}
    retired = api.make(f"{path}/{made['rule_id']}/retirement")
    assert (retired["status"], retired["retired_by"]) == ("retired", "workspace-owner")
    assert api.make(f"{path}/{made['rule_id']}/retirement", {}) == retired
    assert api.read(f"{path}?status=active")["rules"] == [plain]
    assert api.read(f"{path}?status=retired")["rules"] == [retired]
    assert api.read(f"/api/v2/brands/{brand_id}")["version"] == 4


def test_a_rule_is_learnt_from_a_rejection(api: Api) -> None:
    """It says what was given as the reason, unless it has a text of its own, and names the stage."""
    run = rejected(api)
    path = f"/api/v2/brands/{run['brand_id']}/rules"
    learnt_from = {"run_id": run["run_id"], "stage_key": "brief"}
    learnt = api.make(path, {"from_rejection": learnt_from})
    assert (learnt["text"], learnt["from_rejection"]) == ("It promises too much.", learnt_from)
    own = api.make(path, {"text": "Promise less.", "from_rejection": learnt_from})
    assert own["text"] == "Promise less."


def test_a_rejection_has_to_be_one_of_the_brand(api: Api) -> None:
    """Another brand's run, a stage that nobody rejected and a run that is not there are refused."""
    run = rejected(api)
    path = f"/api/v2/brands/{run['brand_id']}/rules"
    foreign = api.post(
        f"/api/v2/brands/{api.brand('Other')}/rules",
        {"from_rejection": {"run_id": run["run_id"], "stage_key": "brief"}},
    )
    assert (foreign.status_code, foreign.json()["errors"][0]["pointer"]) == (422, "/from_rejection/run_id")
    never = api.post(path, {"from_rejection": {"run_id": run["run_id"], "stage_key": "plan"}})
    assert (never.status_code, never.json()["errors"][0]["pointer"]) == (422, "/from_rejection/stage_key")
    gone = api.post(path, {"from_rejection": {"run_id": "r-none", "stage_key": "brief"}})
    assert gone.status_code == 404


def test_a_check_is_tried_before_it_is_saved(api: Api) -> None:
    """What breaks it, with lines; nothing is saved and no key is needed."""
    brand_id = api.brand()
    path = f"/api/v2/brands/{brand_id}/rules/preview"
    body = {"text": "Promise nothing.", "check": FORBID, "sample": "# Plan\n\nThe **best ever** coffee.\n"}
    answer = api.client.post(path, json=body)
    assert answer.status_code == 200
    assert shapes.BreachesShape.model_validate(answer.json()).model_dump(mode="json") == answer.json()
    assert answer.json() == {
        "breaches": [
            {
                "rule_id": "preview",
                "rule_text": "Promise nothing.",
                "problem": "What must not be said is said: “best ever”.",
                "evidence": [{"path": "sample", "line": 3, "excerpt": "# Plan The **best ever** coffee."}],
            }
        ]
    }
    assert api.client.post(path, json={**body, "sample": "Good coffee."}).json() == {"breaches": []}
    limited = {**FORBID, "kinds": ["message"]}
    kinds = [{}, {"kind": "message"}, {"kind": "brief"}]
    tried = [api.client.post(path, json={**body, "check": limited, **kind}).json()["breaches"] for kind in kinds]
    assert [len(breaches) for breaches in tried] == [1, 1, 0]
    assert api.read(f"/api/v2/brands/{brand_id}")["version"] == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/text"),
        ({"text": ""}, "/text"),
        ({"text": "A", "check": {"kind": "regex"}}, "/check/kind"),
        ({"text": "A", "check": {"kind": "tone"}}, "/check/words"),
        ({"text": "A", "check": {"kind": "tone", "words": [""]}}, "/check/words/0"),
        ({"text": "A", "check": {"kind": "tone", "words": ["-"]}}, "/check/words/0"),
        ({"text": "A", "check": {"kind": "tone", "words": ["a"], "characters": 3}}, "/check/characters"),
        ({"text": "A", "check": {"kind": "tone", "words": ["a"], "kinds": ["post"]}}, "/check/kinds/0"),
        ({"text": "A", "from_rejection": {"run_id": "r-1"}}, "/from_rejection/stage_key"),
        ({"text": "A", "rule_id": "rule-own"}, "/rule_id"),
    ],
)
def test_a_refused_rule_is_pointed_at(api: Api, body: dict[str, Any], pointer: str) -> None:
    """422, with a JSON pointer to the value."""
    answer = api.post(f"/api/v2/brands/{api.brand()}/rules", body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_rules_of_what_is_not_there_are_not_found(api: Api) -> None:
    """An unknown brand, an unknown rule, and a rule of another brand."""
    mine, other = api.brand(), api.brand("Other")
    rule = api.make(f"/api/v2/brands/{mine}/rules", {"text": "A"})
    assert api.get("/api/v2/brands/b-none/rules").status_code == 404
    assert api.post("/api/v2/brands/b-none/rules", {"text": "A"}).status_code == 404
    preview = {"check": FORBID, "sample": ""}
    assert api.client.post("/api/v2/brands/b-none/rules/preview", json=preview).status_code == 404
    assert api.post(f"/api/v2/brands/{other}/rules/{rule['rule_id']}/retirement").status_code == 404
    assert api.post(f"/api/v2/brands/{mine}/rules/rule-none/retirement").status_code == 404


def test_a_budget_is_set_and_taken_off(api: Api) -> None:
    """In one spelling, by brand and by project; null is no limit."""
    project = api.project()
    for path in (f"/api/v2/brands/{project['brand_id']}", f"/api/v2/projects/{project['project_id']}"):
        assert api.make(f"{path}/budget", {"limit_usd": "25.00"})["budget_usd"] == "25"
        assert api.read(path)["budget_usd"] == "25"
        assert api.make(f"{path}/budget", {"limit_usd": None})["budget_usd"] is None
        assert api.read(path)["version"] == 3


@pytest.mark.parametrize("limit", ["", "-1", "1e9", "25,00", 25, "1000000000", "1.0000000001"])
def test_what_is_no_amount_is_pointed_at(api: Api, limit: object) -> None:
    """422 for both; an empty body names what is missing."""
    project = api.project()
    for path in (f"brands/{project['brand_id']}", f"projects/{project['project_id']}"):
        answer = api.post(f"/api/v2/{path}/budget", {"limit_usd": limit})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/limit_usd")
        assert api.post(f"/api/v2/{path}/budget", {}).json()["errors"][0]["pointer"] == "/limit_usd"
    assert api.post("/api/v2/brands/b-none/budget", {"limit_usd": "1"}).status_code == 404
    assert api.post("/api/v2/projects/p-none/budget", {"limit_usd": "1"}).status_code == 404


def test_the_same_request_adds_one_rule(api: Api) -> None:
    """A repeated key has one effect and one answer."""
    path = f"/api/v2/brands/{api.brand()}/rules"
    answers = [api.post(path, {"text": "Be kind."}, key="once").content for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(api.read(path)["rules"]) == 1
