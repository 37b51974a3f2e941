"""Given what happened in a catalog or a thread, when something is asked, then these events follow."""

from typing import Any

import pytest

from vm_webapp.domain.brands import Brand, CreateBrand, UpdateBrand, decide_brand, evolve_brand
from vm_webapp.domain.plans import RunPlan, StagePlan
from vm_webapp.domain.projects import CreateProject, Project, UpdateProject, decide_project, evolve_project
from vm_webapp.domain.run_events import WorkflowRunQueued
from vm_webapp.domain.thread_messages import (
    AddComment,
    AddThreadMode,
    CloseThread,
    CompleteTask,
    CreateTask,
    CreateThread,
    RemoveThreadMode,
    RenameThread,
    ReopenThread,
    RequestRun,
    ThreadCommand,
)
from vm_webapp.domain.threads import Thread, decide_thread, evolve_thread
from vm_webapp.errors import AlreadyExists, Invalid, InvalidName, InvalidText, NotFound, ThreadIsClosed

BRAND = Brand(exists=True, brand_id="b", name="Aurora")
PROJECT = Project(exists=True, project_id="p", brand_id="b", name="Spring")
OPEN = Thread(exists=True, thread_id="t", brand_id="b", project_id="p", title="Launch")
PLAN = RunPlan(profile="m", version=1, title="M", digest="0", stages=(StagePlan(key="a", title="A", kind="document"),))


def when(command: ThreadCommand, thread: Thread = OPEN) -> tuple[list[str], Thread]:
    """The names of the events, and the thread after them."""
    events = decide_thread(command, thread, BRAND, PROJECT)
    for event in events:
        if not isinstance(event, WorkflowRunQueued):
            thread = evolve_thread(thread, event)
    return [type(event).__name__ for event in events], thread


def request(text: str = "Go") -> RequestRun:
    """A request for a run."""
    return RequestRun(
        run_id="r",
        thread_id="t",
        request_text=text,
        mode="m",
        plan=PLAN,
        requested_by="me",
        dated_on="2026-11-22",
    )


def test_a_thread_belongs_to_a_project_of_its_brand() -> None:
    """Unknown brands and projects are named; a project of another brand is refused."""
    create = CreateThread(thread_id="t", brand_id="b", project_id="p", title=" Launch ")
    names, thread = when(create, Thread())
    assert (names, thread) == (["ThreadCreated"], OPEN)
    with pytest.raises(NotFound, match="brand"):
        decide_thread(create, Thread(), Brand(), PROJECT)
    with pytest.raises(NotFound, match="project"):
        decide_thread(create, Thread(), BRAND, Project())
    with pytest.raises(Invalid, match="another brand"):
        decide_thread(create, Thread(), BRAND, Project(exists=True, project_id="p", brand_id="x"))
    with pytest.raises(AlreadyExists):
        when(create)


def test_what_changes_nothing_is_no_event() -> None:
    """Renaming to the same title, closing a closed thread and the like leave the log as it is."""
    assert when(RenameThread(thread_id="t", title="Launch"))[0] == []
    assert when(ReopenThread(thread_id="t"))[0] == []
    _, closed = when(CloseThread(thread_id="t"))
    assert when(CloseThread(thread_id="t"), closed)[0] == []
    _, moded = when(AddThreadMode(thread_id="t", mode="m"))
    assert when(AddThreadMode(thread_id="t", mode="m"), moded)[0] == []


def test_a_closed_thread_takes_no_requests_until_it_is_reopened() -> None:
    """Close, refuse, reopen, accept."""
    _, closed = when(CloseThread(thread_id="t"))
    with pytest.raises(ThreadIsClosed):
        when(request(), closed)
    _, reopened = when(ReopenThread(thread_id="t"), closed)
    assert when(request(), reopened)[0] == ["WorkflowRunRequested", "WorkflowRunQueued"]


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 20_001, "a\x00b", "half \ud800"])
def test_a_request_is_a_text(text: str) -> None:
    """Empty, oversized and unprintable requests are refused, and the place is named."""
    with pytest.raises(InvalidText) as caught:
        when(request(text))
    assert caught.value.pointer == "/request_text"


def test_tasks_are_completed_once_and_by_id() -> None:
    """An unknown task is named; completing twice is completing once."""
    _, thread = when(CreateTask(task_id="k", thread_id="t", title="Check the price"))
    names, done = when(CompleteTask(task_id="k", thread_id="t"), thread)
    assert names == ["TaskCompleted"]
    assert when(CompleteTask(task_id="k", thread_id="t"), done)[0] == []
    with pytest.raises(NotFound, match="zzz"):
        when(CompleteTask(task_id="zzz", thread_id="t"))


def test_comments_and_modes() -> None:
    """A comment is kept as it was said; a mode that is not there cannot be removed."""
    assert when(AddComment(comment_id="c", thread_id="t", text="Good"))[0] == ["CommentAdded"]
    _, thread = when(AddThreadMode(thread_id="t", mode="m"))
    assert when(RemoveThreadMode(thread_id="t", mode="m"), thread)[1].modes == ()
    with pytest.raises(NotFound):
        when(RemoveThreadMode(thread_id="t", mode="m"))


def test_a_missing_thread_is_not_found() -> None:
    """Every command but the first needs a thread."""
    with pytest.raises(NotFound, match="thread"):
        when(request(), Thread())


def test_brands_are_created_once_and_updated_field_by_field() -> None:
    """None leaves a field as it is; an update that changes nothing is no event."""
    (created,) = decide_brand(CreateBrand(brand_id="b", name="Aurora", voice="warm"), Brand())
    brand = evolve_brand(Brand(), created)
    (updated,) = decide_brand(UpdateBrand(brand_id="b", voice=""), brand)
    assert evolve_brand(brand, updated).voice == ""
    assert decide_brand(UpdateBrand(brand_id="b", name="Aurora"), brand) == ()
    with pytest.raises(AlreadyExists):
        decide_brand(CreateBrand(brand_id="b", name="Aurora"), brand)
    with pytest.raises(NotFound):
        decide_brand(UpdateBrand(brand_id="b"), Brand())


def test_projects_have_real_dates_and_channels_without_repeats() -> None:
    """A date that is none is refused; an empty one clears it."""
    values: dict[str, Any] = {"project_id": "p", "brand_id": "b", "name": "Spring"}
    command = CreateProject(**values, channels=("Blog", "Blog", "E-mail"), due_on="2027-03-01")
    (created,) = decide_project(command, Project(), BRAND)
    project = evolve_project(Project(), created)
    assert (project.channels, project.due_on) == (("Blog", "E-mail"), "2027-03-01")
    (cleared,) = decide_project(UpdateProject(project_id="p", due_on=""), project, Brand())
    assert evolve_project(project, cleared).due_on is None
    with pytest.raises(InvalidText, match="2027-02-30"):
        decide_project(CreateProject(**values, due_on="2027-02-30"), Project(), BRAND)
    with pytest.raises(NotFound):
        decide_project(CreateProject(**values), Project(), Brand())


@pytest.mark.parametrize("value", ["../x", "a/b", "", "x" * 81, "-a", "a b", "é"])
def test_ids_that_could_become_paths_are_refused(value: str) -> None:
    """Ids are letters, digits, - and _ only."""
    with pytest.raises(InvalidName):
        decide_brand(CreateBrand(brand_id=value, name="Aurora"), Brand())
