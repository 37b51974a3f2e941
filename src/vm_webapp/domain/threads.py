"""A thread: its state, what it allows, how it changes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from vm_webapp.domain.brands import Brand
from vm_webapp.domain.erasures import RunErased, decide_erasure
from vm_webapp.domain.projects import Project
from vm_webapp.domain.rules import rule_facts
from vm_webapp.domain.run_commands import QueueRun
from vm_webapp.domain.run_events import WorkflowRunQueued
from vm_webapp.domain.runs import queued
from vm_webapp.domain.texts import NAME_LIMIT, check_id, check_name, check_text
from vm_webapp.domain.thread_messages import (
    AddComment,
    AddThreadMode,
    BestVersionMarked,
    CloseThread,
    CommentAdded,
    CompleteTask,
    ContentErased,
    CreateTask,
    CreateThread,
    EraseContent,
    MarkBestVersion,
    RemoveThreadMode,
    RenameThread,
    ReopenThread,
    RequestRun,
    TaskCompleted,
    TaskCreated,
    ThreadClosed,
    ThreadCommand,
    ThreadCreated,
    ThreadEvent,
    ThreadModeAdded,
    ThreadModeRemoved,
    ThreadRenamed,
    ThreadReopened,
    WorkflowRunRequested,
)
from vm_webapp.errors import AlreadyExists, Invalid, NotFound, ThreadIsClosed


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A thread's state; `exists` is False before its first event, `tasks` says of each task id if it is completed.

    `best` is the run that was marked as the best one, and why; `erased` are the runs that were erased.
    """

    exists: bool = False
    thread_id: str = ""
    brand_id: str = ""
    project_id: str = ""
    title: str = ""
    status: Literal["open", "closed"] = "open"
    modes: tuple[str, ...] = ()
    tasks: Mapping[str, bool] = field(default_factory=dict)
    best: tuple[str | None, str] = (None, "")
    erased: frozenset[str] = frozenset()


Decided = tuple[ThreadEvent | WorkflowRunQueued, ...]


def decide_thread(command: ThreadCommand, thread: Thread, brand: Brand, project: Project) -> Decided:
    """The events that the command leads to; `brand` and `project` are those of the thread, or that a new one names."""
    if isinstance(command, CreateThread):
        return _create(command, thread, brand, project)
    if not thread.exists:
        raise NotFound(kind="thread", id=command.thread_id)
    if isinstance(command, RequestRun):
        return _request(command, thread, brand, project)
    decide: Callable[[Any, Thread], Decided] = _DECIDE[type(command)]
    return decide(command, thread)


def evolve_thread(thread: Thread, event: ThreadEvent) -> Thread:
    """The thread after the event."""
    if isinstance(event, ThreadCreated):
        return Thread(
            exists=True,
            thread_id=event.thread_id,
            brand_id=event.brand_id,
            project_id=event.project_id,
            title=event.title,
        )
    evolve: Callable[[Thread, Any], Thread] | None = _EVOLVE.get(type(event))
    return evolve(thread, event) if evolve else thread


def facts_of(
    thread: Thread, brand: Brand, project: Project, comments: Sequence[Mapping[str, str]] = ()
) -> dict[str, Any]:
    """What the three say of themselves now, as a run snapshots it; with the thread's newest comments."""
    return {
        "brand": {
            "name": brand.name,
            "description": brand.description,
            "voice": brand.voice,
            "audience": brand.audience,
            "do": list(brand.do),
            "dont": list(brand.dont),
            "rules": rule_facts(brand.rules.values()),
        },
        "project": {
            "name": project.name,
            "objective": project.objective,
            "channels": list(project.channels),
            "due_on": project.due_on,
            "kpis": list(project.kpis),
        },
        "thread": {"title": thread.title, "modes": list(thread.modes), "comments": [dict(each) for each in comments]},
    }


def _create(command: CreateThread, thread: Thread, brand: Brand, project: Project) -> Decided:
    if thread.exists:
        raise AlreadyExists(kind="thread", id=command.thread_id)
    if not brand.exists:
        raise NotFound(kind="brand", id=command.brand_id)
    if not project.exists:
        raise NotFound(kind="project", id=command.project_id)
    if project.brand_id != command.brand_id:
        detail = f"The project {command.project_id!r} belongs to another brand than {command.brand_id!r}."
        raise Invalid(detail, pointer="/project_id")
    return (
        ThreadCreated(
            thread_id=check_id(command.thread_id, "thread_id"),
            brand_id=command.brand_id,
            project_id=command.project_id,
            title=check_name(command.title, "title"),
        ),
    )


def _request(command: RequestRun, thread: Thread, brand: Brand, project: Project) -> Decided:
    if thread.status == "closed":
        raise ThreadIsClosed(thread_id=thread.thread_id)
    if command.forked_from and command.forked_from["run_id"] in thread.erased:
        raise RunErased(run_id=command.forked_from["run_id"])
    request_text = check_text(command.request_text, "request_text")
    requested = WorkflowRunRequested(
        thread_id=thread.thread_id,
        brand_id=thread.brand_id,
        project_id=thread.project_id,
        run_id=check_id(command.run_id, "run_id"),
        request_text=request_text,
        mode=command.mode,
        on_busy=command.on_busy,
    )
    put_in_line = QueueRun(
        run_id=command.run_id,
        thread_id=thread.thread_id,
        brand_id=thread.brand_id,
        project_id=thread.project_id,
        request_text=request_text,
        mode=command.mode,
        plan=command.plan,
        requested_by=command.requested_by,
        dated_on=command.dated_on,
        facts=facts_of(thread, brand, project, command.comments),
        writer=command.writer,
        budget_usd=command.budget_usd,
        forked_from=command.forked_from,
        carried=command.carried,
        changes=command.changes,
        feedback=command.feedback,
        edits=command.edits,
    )
    return (requested, queued(put_in_line))


def _rename(command: RenameThread, thread: Thread) -> Decided:
    title = check_name(command.title, "title")
    return () if title == thread.title else (ThreadRenamed(thread_id=thread.thread_id, title=title),)


def _close(_command: CloseThread, thread: Thread) -> Decided:
    return () if thread.status == "closed" else (ThreadClosed(thread_id=thread.thread_id),)


def _reopen(_command: ReopenThread, thread: Thread) -> Decided:
    return () if thread.status == "open" else (ThreadReopened(thread_id=thread.thread_id),)


def _add_mode(command: AddThreadMode, thread: Thread) -> Decided:
    return () if command.mode in thread.modes else (ThreadModeAdded(thread_id=thread.thread_id, mode=command.mode),)


def _remove_mode(command: RemoveThreadMode, thread: Thread) -> Decided:
    if command.mode not in thread.modes:
        raise NotFound(kind="mode of this thread", id=command.mode)
    return (ThreadModeRemoved(thread_id=thread.thread_id, mode=command.mode),)


def _comment(command: AddComment, thread: Thread) -> Decided:
    return (
        CommentAdded(
            thread_id=thread.thread_id,
            comment_id=command.comment_id,
            text=check_text(command.text, "text"),
            run_id=command.run_id,
            stage_key=command.stage_key,
        ),
    )


def _create_task(command: CreateTask, thread: Thread) -> Decided:
    if command.task_id in thread.tasks:
        return ()
    title = check_name(command.title, "title")
    task = TaskCreated(thread_id=thread.thread_id, task_id=command.task_id, title=title, run_id=command.run_id)
    return (task,)


def _complete_task(command: CompleteTask, thread: Thread) -> Decided:
    if command.task_id not in thread.tasks:
        raise NotFound(kind="task", id=command.task_id)
    if thread.tasks[command.task_id]:
        return ()
    return (TaskCompleted(thread_id=thread.thread_id, task_id=command.task_id),)


def _mark_best(command: MarkBestVersion, thread: Thread) -> Decided:
    reason = check_text(command.reason, "reason", limit=NAME_LIMIT * 5, optional=command.run_id is None)
    if thread.best == (command.run_id, reason):
        return ()
    return (BestVersionMarked(thread_id=thread.thread_id, run_id=command.run_id, reason=reason),)


def _erase(command: EraseContent, thread: Thread) -> Decided:
    """Nobody is asked any more for what a task of erased content wanted."""
    erased = decide_erasure(command, erased=thread.erased)
    waiting = [task_id for task_id in command.found.tasks if thread.tasks.get(task_id) is False]
    return (*(TaskCompleted(thread_id=thread.thread_id, task_id=task_id) for task_id in waiting), *erased)


_DECIDE: Mapping[type, Callable[[Any, Thread], Decided]] = {
    RenameThread: _rename,
    CloseThread: _close,
    ReopenThread: _reopen,
    AddThreadMode: _add_mode,
    RemoveThreadMode: _remove_mode,
    AddComment: _comment,
    CreateTask: _create_task,
    CompleteTask: _complete_task,
    MarkBestVersion: _mark_best,
    EraseContent: _erase,
}

_EVOLVE: Mapping[type, Callable[[Thread, Any], Thread]] = {
    ThreadRenamed: lambda thread, event: replace(thread, title=event.title),
    ThreadClosed: lambda thread, _: replace(thread, status="closed"),
    ThreadReopened: lambda thread, _: replace(thread, status="open"),
    ThreadModeAdded: lambda thread, event: replace(thread, modes=(*thread.modes, event.mode)),
    ThreadModeRemoved: lambda thread, event: replace(thread, modes=tuple(m for m in thread.modes if m != event.mode)),
    BestVersionMarked: lambda thread, event: replace(thread, best=(event.run_id, event.reason)),
    ContentErased: lambda thread, event: replace(thread, erased=thread.erased | set(event.runs)),
    TaskCreated: lambda thread, event: replace(thread, tasks={**thread.tasks, event.task_id: False}),
    TaskCompleted: lambda thread, event: replace(thread, tasks={**thread.tasks, event.task_id: True}),
}
