"""Erasing over HTTP: who may, what is answered, what nobody is given any more."""

from pathlib import Path
from typing import Any

import pytest

from access_client import Office, fresh_office
from test_erasure_engine import NAME, places_of
from vm_webapp.events import ERASED

from api_client import Api, fresh_api

api = fresh_api
office = fresh_office
_PLACE = "/api/v2/threads/{}/erasures"


def workspace_of(api: Api) -> Path:
    """The folder of the workspace behind the app."""
    root: Path = api.app.state.host.workspace.root
    return root


@pytest.fixture
def letter(api: Api) -> tuple[Api, str, str]:
    """A settled run about a person, with a comment on it: the client, the thread, the run."""
    thread_id = api.thread()
    run_id = api.run(thread_id, f"A letter to {NAME}")["run_id"]
    api.make(f"/api/v2/threads/{thread_id}/comments", {"text": f"Is {NAME} right?", "run_id": run_id})
    return api, thread_id, run_id


def test_an_erasure_answers_with_what_is_gone(letter: tuple[Api, str, str]) -> None:
    """The answer comes when files and copies are gone as well; not even the stored answers have the name."""
    api, thread_id, run_id = letter
    answer = api.make(_PLACE.format(thread_id), {"run_id": run_id, "reason": "Asked to be forgotten"})
    assert (answer["scope"], answer["runs"], answer["swept"], answer["texts"]) == ("run", [run_id], True, 3)
    assert places_of(workspace_of(api)) == []
    assert api.read(_PLACE.format(thread_id))["erasures"] == [answer]


def test_every_way_to_an_erased_run_says_so(letter: tuple[Api, str, str]) -> None:
    """Its row stays, without a text; its files, bundle and disclosure are gone: 410, with who and when."""
    api, thread_id, run_id = letter
    api.make(_PLACE.format(thread_id), {"run_id": run_id, "reason": "Asked"})
    for path in ("artifacts", "artifacts/plan/plan.md", "download", "bundle", "disclosure"):
        response = api.get(f"/api/v2/workflow-runs/{run_id}/{path}")
        assert (response.status_code, response.json()["code"]) == (410, "erased"), path
    run = api.read(f"/api/v2/workflow-runs/{run_id}")
    assert (run["request_text"], run["erased"]["reason"], run["status"]) == (ERASED, "Asked", "completed")
    fork = api.post(f"/api/v2/workflow-runs/{run_id}/fork", {"stage_key": "calendar"})
    assert (fork.status_code, fork.json()["code"]) == (409, "run_erased")
    (comment,) = api.read(f"/api/v2/threads/{thread_id}/comments")["comments"]
    assert (comment["text"], comment["erased_at"] is None) == (ERASED, False)
    items = api.read(f"/api/v2/threads/{thread_id}/timeline")["items"]
    assert {item["event_type"] for item in items if item["erased"]} == {
        "WorkflowRunRequested",
        "WorkflowRunQueued",
        "CommentAdded",
    }


def test_the_same_erasure_again_is_answered_as_before(letter: tuple[Api, str, str]) -> None:
    """One key, one erasure, one answer; without the key there is nothing left to erase."""
    api, thread_id, run_id = letter
    body = {"run_id": run_id, "reason": "Asked"}
    first = api.post(_PLACE.format(thread_id), body, key="once")
    again = api.post(_PLACE.format(thread_id), body, key="once")
    assert (first.status_code, again.content) == (200, first.content)
    other = api.post(_PLACE.format(thread_id), body)
    assert (other.status_code, other.json()["code"]) == (409, "nothing_to_erase")


def test_a_request_that_was_answered_with_erased_words_is_not_done_again(api: Api) -> None:
    """Its key keeps its one effect; what it was answered is gone: 410."""
    thread_id = api.thread()
    path = f"/api/v2/threads/{thread_id}/workflow-runs"
    body = {"request_text": f"A letter to {NAME}"}
    run_id = api.post(path, body, key="letter").json()["run_id"]
    api.make(_PLACE.format(thread_id), {"run_id": run_id, "reason": "Asked"})
    again = api.post(path, body, key="letter")
    assert (again.status_code, again.json()["code"]) == (410, "erased")
    assert again.headers["content-type"] == "application/problem+json"
    assert len(api.read(path)["runs"]) == 1


def test_a_preview_changes_nothing(letter: tuple[Api, str, str]) -> None:
    """It names what would go, and what would be left elsewhere."""
    api, thread_id, run_id = letter
    fork = api.make(f"/api/v2/workflow-runs/{run_id}/fork", {"stage_key": "calendar"})["run_id"]
    seen = api.read(f"{_PLACE.format(thread_id)}/preview?run_id={run_id}")
    assert (seen["runs"], seen["texts"], seen["unsettled"]) == ([run_id], 3, [])
    assert seen["elsewhere"] == [{"kind": "run", "id": fork, "why": "forked_from_it"}]
    whole = api.read(f"{_PLACE.format(thread_id)}/preview")
    assert (sorted(whole["runs"]), whole["elsewhere"]) == (sorted([run_id, fork]), [])
    assert api.read(f"/api/v2/workflow-runs/{run_id}")["erased"] is None


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"reason": ""}, 422, None),
        ({"run_id": "r-none", "reason": "x"}, 404, "not_found"),
        ({"comment_id": "cmt-none", "reason": "x"}, 404, "not_found"),
        ({"run_id": "r-1", "comment_id": "cmt-1", "reason": "x"}, 422, "invalid"),
        ({"run_id": "../x", "reason": "x"}, 422, None),
    ],
)
def test_a_bad_request_erases_nothing(api: Api, body: dict[str, Any], status: int, code: str | None) -> None:
    """It is refused with the place, and nothing is recorded."""
    thread_id = api.thread()
    response = api.post(_PLACE.format(thread_id), body)
    assert response.status_code == status
    assert code in (None, response.json()["code"])
    assert api.read(_PLACE.format(thread_id))["erasures"] == []


def test_only_admins_erase(office: Office) -> None:
    """An approver may look at what was erased or would be, and erase nothing."""
    thread_id = office.as_("admin").thread()
    approver = office.as_("approver")
    assert approver.post(_PLACE.format(thread_id), {"reason": "x"}).status_code == 403
    assert approver.read(f"{_PLACE.format(thread_id)}/preview")["scope"] == "thread"
    assert approver.read(_PLACE.format(thread_id)) == {"erasures": []}
    assert office.as_("admin").make(_PLACE.format(thread_id), {"reason": "x"})["scope"] == "thread"


def test_a_live_event_tells_of_the_erasure(letter: tuple[Api, str, str]) -> None:
    """The exported log has the erasure, and placeholders for what it took."""
    api, thread_id, run_id = letter
    api.make(_PLACE.format(thread_id), {"run_id": run_id, "reason": "Asked"})
    lines = api.get(f"/api/v2/events/export?format=jsonl&thread_id={thread_id}").text.splitlines()
    assert NAME not in "".join(lines)
    assert [line for line in lines if "ContentErased" in line]
