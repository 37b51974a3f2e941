"""The page's first look: what the API says at its paths, to the same caller, and nothing that it would not say."""

from typing import Any

from access_client import Office, fresh_office

from api_client import Api, fresh_api

api = fresh_api
office = fresh_office


def _answers(client: Api, query: str = "") -> dict[str, Any]:
    found: dict[str, Any] = client.read(f"/api/v2/first-look{query}")["answers"]
    return found


def _holds(client: Api, answers: dict[str, Any]) -> None:
    """Each answer is what stands at its path."""
    for path, answer in answers.items():
        there = client.get(path)
        assert there.status_code == 200
        assert answer == (there.text if isinstance(answer, str) else there.json())


def test_an_empty_workspace_has_what_every_view_needs(api: Api) -> None:
    """No run, no thread: who asks, profiles, writers, brands, and that there is no run."""
    answers = _answers(api)
    assert list(answers) == [
        "/api/v2/session",
        "/api/v2/profiles",
        "/api/v2/writers",
        "/api/v2/brands?limit=200",
        "/api/v2/workflow-runs?limit=1",
    ]
    _holds(api, answers)


def test_the_newest_run_a_thread_or_a_run_leads_to_all_that_is_shown(api: Api) -> None:
    """Each part is the API's own answer, the text of the deliverable included."""
    thread_id = api.thread()
    run = api.run(thread_id)
    other = api.thread("Another")
    stage = run["stages"][-1]
    name = stage["artifacts"][0]["path"].removeprefix("artifacts/")
    text = f"/api/v2/workflow-runs/{run['run_id']}/artifacts/{stage['stage_key']}/{name}?view=inline"
    for query in ("", f"?thread_id={thread_id}", f"?run_id={run['run_id']}"):
        answers = _answers(api, query)
        assert answers[text].startswith("# ")
        assert answers[f"/api/v2/threads/{thread_id}"]["thread_id"] == thread_id
        assert answers[f"/api/v2/threads/{thread_id}/timeline?limit=16"]["items"]
        _holds(api, answers)
    assert f"/api/v2/threads/{other}/timeline?limit=16" in _answers(api, f"?thread_id={other}")


def test_what_is_not_there_is_left_out(api: Api) -> None:
    """An id that names nothing, or is no id at all, leaves what every view needs."""
    api.thread()
    for query in ("?thread_id=t-none", "?run_id=r-none", "?run_id=%2e%2e%2fsession", "?thread_id=%00%3f%23"):
        answers = _answers(api, query)
        assert "/api/v2/brands?limit=200" in answers
        assert not [path for path in answers if "/threads/" in path or "/workflow-runs/" in path]


def test_an_id_with_a_slash_in_it_is_the_path_of_nothing_else(api: Api) -> None:
    """It reaches no other resource: not what has another shape, no archive, and no stream that would never end."""
    thread_id = api.thread()
    run_id = api.run(thread_id)["run_id"]
    odd = [f"?run_id={run_id}%2F{part}" for part in ("cost", "lineage", "artifacts", "download")]
    odd += [f"?thread_id={thread_id}%2F{part}" for part in ("comments", "events")]
    for query in odd:
        answers = _answers(api, query)
        assert "/api/v2/brands?limit=200" in answers
        assert not [path for path in answers if "/threads/" in path or "/workflow-runs/" in path]


def test_another_brands_work_is_not_in_it(office: Office) -> None:
    """A token of one brand gets of another's thread what it gets by itself: nothing."""
    admin = office.as_("admin")
    thread_id = admin.thread()
    run_id = admin.run(thread_id)["run_id"]
    insider = office.as_("viewer", admin.brand("Ours"))
    for query in (f"?thread_id={thread_id}", f"?run_id={run_id}", ""):
        answers = _answers(insider, query)
        assert thread_id not in str(answers)
        assert [brand["name"] for brand in answers["/api/v2/brands?limit=200"]["brands"]] == ["Ours"]
        _holds(insider, answers)


def test_whoever_has_to_log_in_first_is_told_so(office: Office) -> None:
    """Without a token it is 401 like all else, and no attempt at anything: the page asks before it shows its login."""
    assert office.client().get("/api/v2/first-look").status_code == 401
    assert office.refusals() == []
