"""Erasing what people wrote in a thread, and what was made of it: what it allows, and what it leaves to do."""

from vm_webapp.domain.texts import NAME_LIMIT, check_text
from vm_webapp.domain.thread_messages import ContentErased, EraseContent
from vm_webapp.errors import Conflict

_REASON_LIMIT = NAME_LIMIT * 5


class RunsAtWork(Conflict):
    """{count} of the runs to erase are not settled, {run_id!r} first; what is still being made cannot be erased."""

    code = "runs_at_work"
    remedy = "Wait until they are settled, or cancel them; then erase again."


class NothingToErase(Conflict):
    """Of this {scope} nothing is left to erase."""

    code = "nothing_to_erase"
    remedy = "The timeline says what was erased, when and by whom."


class RunErased(Conflict):
    """The run {run_id!r} was erased; nothing can be made from it any more."""

    code = "run_erased"
    remedy = "Ask for a new run in its thread."


def decide_erasure(command: EraseContent, *, erased: frozenset[str]) -> tuple[ContentErased, ...]:
    """The event that erases what was found; `erased` are the runs that were before.

    Raises RunsAtWork, NothingToErase, and InvalidText for a reason that is missing or too long.
    """
    reason = check_text(command.reason, "reason", limit=_REASON_LIMIT)
    found = command.found
    if found.unsettled:
        raise RunsAtWork(count=len(found.unsettled), run_id=found.unsettled[0])
    if not (found.events or found.in_clear or found.comments or found.tasks or set(found.runs) - erased):
        raise NothingToErase(scope=command.scope)
    event = ContentErased(
        thread_id=command.thread_id,
        erasure_id=command.erasure_id,
        scope=command.scope,
        subject_id=command.subject_id,
        reason=reason,
        events=list(found.events),
        runs=[run_id for run_id in found.runs if run_id not in erased],
        comments=list(found.comments),
        tasks=list(found.tasks),
        in_clear=list(found.in_clear),
    )
    return (event,)
