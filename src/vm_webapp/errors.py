"""One tree of errors; the docstring of each is its message, the facts are its attributes.

VmError
├── Invalid                what was sent cannot be accepted as it is
│   ├── InvalidText        empty, oversized or unprintable text
│   ├── InvalidName        a name that cannot become a file or an id
│   ├── InvalidProfile     a profile that does not read
│   ├── UnknownMode        no profile of that name
│   ├── UnknownWriter      no writer of that name
│   └── BadSetting         an environment variable that cannot be meant
├── NotFound               no such brand, project, thread, run ...
├── Erased                 it was there, and was erased for good
├── Conflict               the state of things speaks against it
│   ├── VersionConflict    somebody was faster
│   ├── AlreadyExists      the id is taken
│   ├── TooMany            there is a limit to how many
│   ├── ThreadIsClosed     closed threads take no requests
│   ├── RunSettled         a settled run is final
│   ├── ThreadBusy         another run of the thread is open, and the request does not wait
│   ├── NotYours           the policy asks for somebody else's word
│   ├── BudgetExhausted    a budget would be overrun
│   ├── PriceUnknown       there is a budget and no price
│   ├── KeyReused          one idempotency key, two requests
│   └── KeyInFlight        the first request with this key has no answer yet
├── AccessError            who asks may not
│   ├── Unauthorized       nobody is known by this token, or there is none
│   ├── Forbidden          the role, or the brand, does not allow it
│   └── TooManyRequests    too often, or too many bad tokens
├── WorkspaceError         this directory or database cannot serve
│   ├── WorkspaceInUse     another process owns it
│   ├── DatabaseTooNew     written by a newer VM
│   └── NotReadable        missing, not a database, no permission
├── IntegrityError         bytes on disk are not the bytes that were published
└── StageError             a stage's attempt failed; carries error_code and retryable
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal


class VmError(Exception):
    """The operation failed."""

    code: ClassVar[str] = "error"
    remedy: ClassVar[str] = ""

    def __init__(self, detail: str | None = None, **facts: Any) -> None:  # noqa: ANN401 - facts are JSON values of any kind
        self.facts = facts
        self.detail = detail or (type(self).__doc__ or "").splitlines()[0].format(**facts)
        super().__init__(self.detail)

    @property
    def hint(self) -> str:
        """What to do next; empty where nothing can be advised."""
        return self.remedy.format(**self.facts) if self.facts else self.remedy

    @property
    def reason(self) -> str:
        """A stable word that says more exactly than the code what is wrong; empty where the code says it all."""
        return str(self.facts.get("reason", ""))


class Invalid(VmError):
    """The value is not valid; `pointer` is the RFC 6901 JSON pointer of the place."""

    code = "invalid"

    @property
    def pointer(self) -> str:
        """The JSON pointer of the offending value, empty for the whole document."""
        return str(self.facts.get("pointer", ""))

    @property
    def most(self) -> int | None:
        """The limit that was passed, as a number; None where it is none that speaks against the value."""
        most = self.facts.get("most")
        return most if isinstance(most, int) else None


class InvalidText(Invalid):
    """{field} {problem}."""

    code = "invalid_text"


class InvalidName(Invalid):
    """The name {name!r} cannot be used: {problem}."""

    code = "invalid_name"


class InvalidProfile(Invalid):
    """{place}: {problem}."""

    code = "invalid_profile"


class UnknownMode(Invalid):
    """There is no profile {mode!r}; known are: {known}."""

    code = "unknown_mode"
    remedy = "Use one of the modes listed, or put a profile of that name into the workspace's profiles folder."


class UnknownWriter(Invalid):
    """There is no writer {name!r}; possible are: {possible}."""

    code = "unknown_writer"
    remedy = "Use offline, or provider:model as docs/language-models.md has it."


class BadSetting(Invalid):
    """{variable} {problem}."""

    code = "bad_setting"
    remedy = "{advice}"


class NotFound(VmError):
    """There is no {kind} {id!r}."""

    code = "not_found"
    remedy = "Check the id; lists show what there is."


class Erased(VmError):
    """The {kind} {id!r} was erased at {at}, by {by}."""

    code = "erased"
    remedy = "What it said cannot be had back. The log still proves that it was there, and when."


class Conflict(VmError):
    """The state of things does not allow this now."""

    code = "conflict"


class VersionConflict(Conflict):
    """{stream_id} stands at version {actual}, not {expected}: somebody was faster."""

    code = "version_conflict"
    remedy = "Read it again and decide on what is there now."


class AlreadyExists(Conflict):
    """The {kind} {id!r} exists already."""

    code = "already_exists"
    remedy = "Leave the id out and one is made, or choose another."


class TooMany(Conflict):
    """The {owner} has {most} {things}; that is the most there may be."""

    code = "too_many"
    remedy = "{way}"


class ThreadIsClosed(Conflict):
    """The thread {thread_id!r} is closed."""

    code = "thread_closed"
    remedy = "Reopen the thread first."


class RunSettled(Conflict):
    """The run {run_id!r} is already {status}; a settled run is final."""

    code = "run_settled"
    remedy = "Send a new request, or retry it as a new run."


class ThreadBusy(Conflict):
    """The thread {thread_id!r} is at work on {run_id!r}, and the request asked not to wait."""

    code = "thread_busy"
    remedy = "Send it with on_busy enqueue to wait in line, or interrupt to cancel the run at work."


class NotYours(Conflict):
    """{problem}."""

    @property
    def reason(self) -> Literal["role", "policy"]:
        """What speaks against it: the person's role, or another line of the policy."""
        return "role" if self.facts.get("reason") == "role" else "policy"

    code = "not_yours"
    remedy = "Ask somebody whom the profile's approval policy allows."


class BudgetExhausted(Conflict):
    """Of the {scope}'s budget of {limit} USD, {spent} are spent or held for requests; the next may cost {cost} USD."""

    code = "budget_exhausted"
    remedy = "Raise the budget, then retry the run: finished stages are kept."

    @property
    def hint(self) -> str:
        """What to do next; a run's own budget is raised by forking it."""
        if self.facts.get("scope") != "run":
            return super().hint
        return "Fork the run from this stage with a larger budget: finished stages are carried over."


class PriceUnknown(Conflict):
    """The {scope} has a budget of {limit} USD, and nobody knows what the model {model!r} costs."""

    code = "price_unknown"
    remedy = "Choose a model with a known price, or take the budget off."


class KeyReused(Invalid):
    """The Idempotency-Key was used for another request."""

    code = "idempotency_key_reused"
    remedy = "Use a new key for a new request."


class KeyInFlight(Conflict):
    """The first request with this Idempotency-Key has no answer yet."""

    code = "idempotency_key_in_flight"
    remedy = "Send the same request again in a moment."


class AccessError(VmError):
    """This is not for everybody."""

    code = "access"


class Unauthorized(AccessError):
    """This server asks for a token."""

    code = "unauthorized"
    remedy = "Send it as `Authorization: Bearer vm_...`; an admin makes one with `token create`."


class Forbidden(AccessError):
    """The operation needs the role {needed}; this token has the role {role}."""

    code = "forbidden"
    remedy = "Ask an admin for a token that may do this."


class TooManyRequests(AccessError):
    """Too many requests; there is room again in {seconds} s."""

    code = "too_many_requests"
    remedy = "Wait as long as Retry-After says, and send fewer."


class WorkspaceError(VmError):
    """The workspace cannot be used."""

    code = "workspace_error"


class WorkspaceInUse(WorkspaceError):
    """The workspace {path} is in use by process {pid}{where}."""

    code = "workspace_in_use"
    remedy = "Use that one, stop it, or choose another directory with VM_WORKSPACE_ROOT and VM_DB_PATH."


class DatabaseTooNew(WorkspaceError):
    """The database {path} was written by a newer VM (schema {found}, this program knows {known})."""

    code = "database_too_new"
    remedy = "Update VM; nothing was changed."


class NotReadable(WorkspaceError):
    """{path} cannot be used: {problem}."""

    code = "not_readable"


class IntegrityError(VmError):
    """{path} is not what was published: {problem}."""

    code = "integrity"
    remedy = "Run verify to see every file that does not hold; the log still names the published digest."


class StageError(VmError):
    """A stage's attempt failed.

    `raw` is a model's answer as it came, `sent` what had been sent to it, `retry_after_seconds` the time that a server
    asked to be left alone; each is None where there is none.
    """

    code = "stage_failed"

    def __init__(
        self,
        error_code: str,
        message: str,
        *,
        retryable: bool,
        raw: str | None = None,
        sent: Mapping[str, Any] | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message)
        self.error_code = error_code
        self.retryable = retryable
        self.raw = raw
        self.sent = sent
        self.retry_after_seconds = retry_after_seconds
