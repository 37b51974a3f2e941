"""Brands, projects and threads over HTTP."""

from typing import Any

import pytest

from api_client import Api, fresh_api

api = fresh_api


def test_a_brand_is_created_read_and_changed(api: Api) -> None:
    """What was created is read back; a change leaves alone what it does not name."""
    made = api.make("/api/v2/brands", {"name": " Aurora ", "voice": "warm", "brand_id": "b-own"})
    assert (made["brand_id"], made["name"], made["version"]) == ("b-own", "Aurora", 1)
    assert api.read("/api/v2/brands/b-own") == made
    changed = api.write("PATCH", "/api/v2/brands/b-own", {"audience": "home brewers"}).json()
    assert (changed["voice"], changed["audience"], changed["version"]) == ("warm", "home brewers", 2)
    assert api.read("/api/v2/brands") == {"brands": [changed], "next": None}


def test_a_change_that_changes_nothing_records_nothing(api: Api) -> None:
    """The version stays where it is."""
    brand_id = api.brand()
    answer = api.write("PATCH", f"/api/v2/brands/{brand_id}", {"name": "Aurora"})
    assert (answer.status_code, answer.json()["version"]) == (200, 1)


def test_a_project_keeps_its_date_until_null_clears_it(api: Api) -> None:
    """`due_on` left out stays, null clears it; channels come back in their order."""
    values = {"brand_id": api.brand(), "name": "Spring", "channels": ["email", "blog"], "due_on": "2027-04-30"}
    made = api.make("/api/v2/projects", values)
    path = f"/api/v2/projects/{made['project_id']}"
    kept = api.write("PATCH", path, {"objective": "Sell more"}).json()
    cleared = api.write("PATCH", path, {"due_on": None, "channels": ["press"]}).json()
    assert (made["channels"], made["due_on"], kept["due_on"]) == (["email", "blog"], "2027-04-30", "2027-04-30")
    assert (cleared["due_on"], cleared["channels"], cleared["objective"]) == (None, ["press"], "Sell more")
    assert api.read(path) == cleared


def test_projects_and_threads_are_listed_by_what_they_belong_to(api: Api) -> None:
    """The filter names the parent; without it all are listed."""
    first, second = api.project(), api.project()
    here = api.read(f"/api/v2/projects?brand_id={first['brand_id']}")["projects"]
    assert [row["project_id"] for row in here] == [first["project_id"]]
    every = api.read("/api/v2/projects")["projects"]
    assert [row["project_id"] for row in every] == [second["project_id"], first["project_id"]]
    thread_id = api.thread()
    project_id = api.read(f"/api/v2/threads/{thread_id}")["project_id"]
    threads = api.read(f"/api/v2/threads?project_id={project_id}")["threads"]
    assert [row["thread_id"] for row in threads] == [thread_id]
    assert api.read("/api/v2/threads?project_id=p-none")["threads"] == []


def test_a_thread_is_renamed_closed_and_reopened(api: Api) -> None:
    """Each step answers with the thread; a closed thread takes no request."""
    thread_id = api.thread()
    path = f"/api/v2/threads/{thread_id}"
    assert api.write("PATCH", path, {"title": "Relaunch"}).json()["title"] == "Relaunch"
    assert api.make(f"{path}/closing", {})["status"] == "closed"
    refused = api.post(f"{path}/workflow-runs", {"request_text": "Go"})
    assert (refused.status_code, refused.json()["code"]) == (409, "thread_closed")
    assert api.make(f"{path}/reopening")["status"] == "open"


def test_modes_are_offered_and_taken_back(api: Api) -> None:
    """A mode has to exist to be offered, and to be offered to be taken back."""
    path = f"/api/v2/threads/{api.thread()}/modes"
    assert api.make(path, {"mode": "plan_90d"})["modes"] == ["plan_90d"]
    assert api.post(path, {"mode": "nonsense"}).json()["code"] == "unknown_mode"
    assert api.write("DELETE", f"{path}/plan_90d").json()["modes"] == []
    assert api.write("DELETE", f"{path}/plan_90d").status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/api/v2/brands", {}, "/name"),
        ("/api/v2/brands", {"name": ""}, "/name"),
        ("/api/v2/brands", {"name": "  "}, "/name"),
        ("/api/v2/brands", {"name": 7}, "/name"),
        ("/api/v2/brands", {"name": "two\nlines"}, "/name"),
        ("/api/v2/brands", {"name": "A", "colour": "red"}, "/colour"),
        ("/api/v2/brands", {"name": "A", "brand_id": "../b"}, "/brand_id"),
        ("/api/v2/projects", {"brand_id": "b-1", "name": "A", "due_on": "31.1.2027"}, "/due_on"),
        ("/api/v2/projects", {"brand_id": "b-1", "name": "A", "due_on": "2027-02-31"}, "/due_on"),
        ("/api/v2/projects", {"brand_id": "b-1", "name": "A", "channels": "email"}, "/channels"),
        ("/api/v2/projects", {"brand_id": "b-1", "name": "A", "channels": ["email", 3]}, "/channels/1"),
    ],
)
def test_a_refused_value_is_pointed_at(api: Api, path: str, body: dict[str, Any], pointer: str) -> None:
    """422, with a JSON pointer to the value."""
    api.make("/api/v2/brands", {"name": "First", "brand_id": "b-1"})
    answer = api.post(path, body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("name", ["name", "description", "voice", "audience"])
def test_null_is_no_value_of_a_text(api: Api, name: str) -> None:
    """A text cannot be changed to null."""
    answer = api.write("PATCH", f"/api/v2/brands/{api.brand()}", {name: None})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/{name}")


def test_what_is_not_there_is_404_and_what_is_taken_409(api: Api) -> None:
    """Unknown parents and ids are not found; an id of one's own can be used once."""
    api.make("/api/v2/brands", {"name": "A", "brand_id": "b-own"})
    taken = api.post("/api/v2/brands", {"name": "B", "brand_id": "b-own"})
    orphan = api.post("/api/v2/projects", {"brand_id": "b-none", "name": "A"})
    assert (taken.status_code, taken.json()["code"]) == (409, "already_exists")
    assert (orphan.status_code, orphan.json()["code"]) == (404, "not_found")
    for path in ("brands/b-no", "projects/p-no", "threads/t-no", "workflow-runs/r-no"):
        assert api.get(f"/api/v2/{path}").status_code == 404
    for method, path in (("PATCH", "brands/b-no"), ("PATCH", "projects/p-no"), ("PATCH", "threads/t-no")):
        body = {"title": "x"} if "threads" in path else {"name": "x"}
        assert api.write(method, f"/api/v2/{path}", body).status_code == 404


def test_a_project_of_another_brand_is_refused(api: Api) -> None:
    """A thread's project has to belong to its brand."""
    project = api.project()
    values = {"brand_id": api.brand("Other"), "project_id": project["project_id"], "title": "x"}
    answer = api.post("/api/v2/threads", values)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/project_id")
