"""What was the last to be mended of the people and language-model work."""

from access_client import Office, fresh_office

from api_client import Api, fresh_api

office = fresh_office
api = fresh_api


def test_a_gates_refusal_is_in_the_log(office: Office) -> None:
    """A role that suffices for the operation and not for the gate is 403, and recorded like every refusal."""
    folder = office.host.workspace.profiles
    gate = "gate: {role: admin}"
    (folder / "strict.yaml").write_text(
        f"title: Strict\nstages:\n  - {{key: brief, title: Brief, kind: brief, approval: required, {gate}}}\n"
    )
    approver = office.as_("approver", name="Pia")
    run = approver.run(approver.thread(), mode="strict")
    digest = run["stages"][0]["manifest_sha256"]
    answer = approver.post(f"/api/v2/workflow-runs/{run['run_id']}/stages/brief/approval", {"manifest_sha256": digest})
    assert answer.status_code == 403
    assert [(it["reason"], it["operation"], it["name"]) for it in office.refusals()] == [
        ("role", "approveStage", "Pia")
    ]


def test_scores_tell_results_apart(api: Api) -> None:
    """Also where the words are in every document, and SQLite's bm25 is about 10^-6, no score is 0."""
    api.run(api.thread(), "Launch the cold brew")
    api.app.state.host.recall.catch_up()
    results = api.read("/api/v2/search?q=cold+brew")["results"]
    assert results
    assert min(result["score"] for result in results) > 0
