"""What can be asked of a thread, and what can have happened in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeAlias

from vm_webapp.domain.plans import RunPlan

OnBusy = Literal["enqueue", "reject", "interrupt"]
ErasureScope = Literal["comment", "run", "thread"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateThread:
    """Begin a piece of work in a project."""

    thread_id: str
    brand_id: str
    project_id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameThread:
    """Give a thread another title."""

    thread_id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseThread:
    """End the work; a closed thread takes no requests."""

    thread_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenThread:
    """Take the work up again."""

    thread_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddThreadMode:
    """Offer a mode in the thread."""

    thread_id: str
    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveThreadMode:
    """Offer a mode no longer."""

    thread_id: str
    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddComment:
    """Say something in the thread, on a run or a stage of it where named."""

    comment_id: str
    thread_id: str
    text: str
    run_id: str | None = None
    stage_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTask:
    """Note something to be done by a person."""

    task_id: str
    thread_id: str
    title: str
    run_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteTask:
    """Tick a task off."""

    task_id: str
    thread_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkBestVersion:
    """Say which run of the thread is the best so far, and why; None takes the mark away."""

    thread_id: str
    run_id: str | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasable:
    """What there is to erase: events with a key, runs with files, comments and tasks with a text; ids of each.

    `in_clear` are events of before texts had keys; `unsettled` are runs that are still at work.
    """

    events: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    in_clear: tuple[str, ...] = ()
    unsettled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseContent:
    """Erase the texts and files of a comment, of a run with all that was said of it, or of the whole thread.

    `subject_id` names it; `found` is what there is of it, looked up in the transaction that decides.
    """

    thread_id: str
    erasure_id: str
    scope: ErasureScope
    subject_id: str
    reason: str
    found: Erasable = field(default_factory=Erasable)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRun:
    """Ask for a run; `plan` is what `mode` resolved to, `carried` the stages taken over from `forked_from`.

    `on_busy` says what happens while another run of the thread is at work; `comments` are the thread's newest ones. The
    other fields are those of QueueRun.
    """

    run_id: str
    thread_id: str
    request_text: str
    mode: str
    plan: RunPlan
    requested_by: str
    dated_on: str
    on_busy: OnBusy = "enqueue"
    writer: str = ""
    budget_usd: str | None = None
    forked_from: Mapping[str, str] | None = None
    carried: tuple[str, ...] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)
    feedback: Mapping[str, str] = field(default_factory=dict)
    edits: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    comments: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadCreated:
    """A thread was begun."""

    aggregate: ClassVar[str] = "thread"
    thread_id: str
    brand_id: str
    project_id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadRenamed:
    """A thread got another title."""

    aggregate: ClassVar[str] = "thread"
    thread_id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadClosed:
    """A thread was closed."""

    aggregate: ClassVar[str] = "thread"
    thread_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadReopened:
    """A thread was reopened."""

    aggregate: ClassVar[str] = "thread"
    thread_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadModeAdded:
    """A mode was added to a thread."""

    aggregate: ClassVar[str] = "thread"
    thread_id: str
    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadModeRemoved:
    """A mode was removed from a thread."""

    aggregate: ClassVar[str] = "thread"
    thread_id: str
    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentAdded:
    """Somebody commented."""

    aggregate: ClassVar[str] = "thread"
    thread_id: str
    comment_id: str
    text: str
    run_id: str | None
    stage_key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCreated:
    """A task was noted."""

    aggregate: ClassVar[str] = "thread"
    thread_id: str
    task_id: str
    title: str
    run_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCompleted:
    """A task was ticked off."""

    aggregate: ClassVar[str] = "thread"
    thread_id: str
    task_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BestVersionMarked:
    """Somebody said which run of the thread is the best so far; null took the mark away."""

    aggregate: ClassVar[str] = "thread"
    thread_id: str
    run_id: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentErased:
    """Texts and files were erased for good: this event destroys the keys of `events`, and `runs` lose their files.

    `in_clear` are events of before texts had keys; what they say stays in the log, and is shown nowhere else.
    """

    aggregate: ClassVar[str] = "thread"
    thread_id: str
    erasure_id: str
    scope: str
    subject_id: str
    reason: str
    events: list[str]
    runs: list[str]
    comments: list[str]
    tasks: list[str]
    in_clear: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRunRequested:
    """A run was asked for; version 2 of the payload."""

    aggregate: ClassVar[str] = "thread"
    thread_id: str
    brand_id: str
    project_id: str
    run_id: str
    request_text: str
    mode: str
    on_busy: str


ThreadCommand: TypeAlias = (
    CreateThread
    | RenameThread
    | CloseThread
    | ReopenThread
    | AddThreadMode
    | RemoveThreadMode
    | AddComment
    | CreateTask
    | CompleteTask
    | MarkBestVersion
    | EraseContent
    | RequestRun
)
ThreadEvent: TypeAlias = (
    ThreadCreated
    | ThreadRenamed
    | ThreadClosed
    | ThreadReopened
    | ThreadModeAdded
    | ThreadModeRemoved
    | CommentAdded
    | TaskCreated
    | TaskCompleted
    | BestVersionMarked
    | ContentErased
    | WorkflowRunRequested
)
THREAD_EVENTS = (
    ThreadCreated,
    ThreadRenamed,
    ThreadClosed,
    ThreadReopened,
    ThreadModeAdded,
    ThreadModeRemoved,
    CommentAdded,
    TaskCreated,
    TaskCompleted,
    BestVersionMarked,
    ContentErased,
    WorkflowRunRequested,
)
