"""Comments, tasks and the timeline over HTTP."""

from api_client import Api, fresh_api

api = fresh_api


def test_comments_are_listed_newest_first(api: Api) -> None:
    """A comment may name a run of the thread and a stage of the run."""
    thread_id = api.thread()
    run_id = api.run(thread_id)["run_id"]
    path = f"/api/v2/threads/{thread_id}/comments"
    first = api.make(path, {"text": "Good"})
    second = api.make(path, {"text": "Shorter", "run_id": run_id, "stage_key": "brief"})
    assert api.read(path) == {"comments": [second, first], "next": None}
    assert (second["run_id"], second["stage_key"], second["actor_id"]) == (run_id, "brief", "workspace-owner")


def test_a_comment_speaks_of_a_run_of_its_own_thread(api: Api) -> None:
    """Another thread's run, an unknown stage and a stage without a run are refused."""
    here, there = api.thread(), api.thread()
    run_id = api.run(there)["run_id"]
    path = f"/api/v2/threads/{here}/comments"
    elsewhere = api.post(path, {"text": "x", "run_id": run_id})
    unknown = api.post(f"/api/v2/threads/{there}/comments", {"text": "x", "run_id": run_id, "stage_key": "nope"})
    alone = api.post(path, {"text": "x", "stage_key": "brief"})
    missing = api.post(path, {"text": "x", "run_id": "r-none"})
    assert [answer.status_code for answer in (elsewhere, unknown, alone, missing)] == [422, 422, 422, 404]


def test_a_task_is_ticked_off_once(api: Api) -> None:
    """Completing twice changes nothing; the filter shows open or completed ones."""
    thread_id = api.thread()
    path = f"/api/v2/threads/{thread_id}/tasks"
    task = api.make(path, {"title": "Call the agency"})
    other = api.make(path, {"title": "Book the photographer"})
    done = api.make(f"/api/v2/tasks/{task['task_id']}/completion")
    again = api.make(f"/api/v2/tasks/{task['task_id']}/completion", {})
    assert done == again
    assert (task["status"], done["status"]) == ("open", "completed")
    assert api.read(f"{path}?status=open")["tasks"] == [other]
    assert api.read(f"{path}?status=completed")["tasks"] == [done]
    assert api.get(f"{path}?status=late").status_code == 422
    assert api.post("/api/v2/tasks/tsk-none/completion").status_code == 404


def test_the_timeline_is_the_log_newest_first(api: Api) -> None:
    """Every event of the thread is there, with its position falling."""
    thread_id = api.thread()
    api.run(thread_id)
    items = api.read(f"/api/v2/threads/{thread_id}/timeline?limit=200")["items"]
    positions = [item["global_position"] for item in items]
    assert positions == sorted(positions, reverse=True)
    assert (items[0]["event_type"], items[-1]["event_type"]) == ("WorkflowRunCompleted", "ThreadCreated")
    assert {item["thread_id"] for item in items} == {thread_id}


def test_lists_of_a_thread_that_is_not_there_are_404(api: Api) -> None:
    """An unknown thread has no lists, which is something else than empty ones."""
    for name in ("timeline", "comments", "tasks", "workflow-runs", "events"):
        assert api.get(f"/api/v2/threads/t-none/{name}").status_code == 404
