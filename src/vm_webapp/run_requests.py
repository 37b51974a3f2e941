"""Requests for runs, ready to be handled: a new one, and the ways to go on from an old one.

Going on is always a fork: a new run that takes over, by digest, every finished stage that the change does not touch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from vm_webapp.commands import Actor, Commands, new_id
from vm_webapp.domain.budgets import check_budget
from vm_webapp.domain.forks import carried_stages, changes_of, is_kept
from vm_webapp.domain.plans import RunPlan
from vm_webapp.domain.runs import EXPIRED_REJECTION, REJECTED, Run, Stage
from vm_webapp.domain.states import RunStatus, StageStatus
from vm_webapp.domain.texts import check_text
from vm_webapp.domain.thread_messages import OnBusy, RequestRun
from vm_webapp.errors import Conflict, Invalid, NotFound, UnknownMode
from vm_webapp.profiles import ProfileLibrary
from vm_webapp.writers.edited import check_output
from vm_webapp.writers.library import WriterLibrary

_LONGEST_EDIT = 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a request may choose besides its text: who writes, what it may cost, what happens while a run is at work."""

    writer: str = ""
    budget_usd: str | None = None
    on_busy: OnBusy = "enqueue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a fork changes; None leaves a thing as it was. `mode` takes the profile as it is now."""

    request_text: str | None = None
    mode: str | None = None
    writer: str | None = None
    budget_usd: str | None = None
    feedback: str | None = None
    edit: Mapping[str, Any] | None = None
    on_busy: OnBusy = "enqueue"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequests:
    """Makes requests from what the workspace offers."""

    commands: Commands
    profiles: ProfileLibrary
    writers: WriterLibrary

    def new(
        self, *, thread_id: str, request_text: str, mode: str, by: Actor, choices: Choices | None = None
    ) -> RequestRun:
        """A request for a new run, dated on today's local day.

        Raises UnknownMode, InvalidProfile, UnknownWriter, and InvalidText for a budget that is none.
        """
        chosen = choices or Choices()
        return RequestRun(
            run_id=new_id("r"),
            thread_id=thread_id,
            request_text=request_text,
            mode=mode,
            plan=self.profiles.resolve(mode),
            requested_by=by.id,
            dated_on=self._today(),
            on_busy=chosen.on_busy,
            writer=self.writers.get(chosen.writer).name,
            budget_usd=check_budget(chosen.budget_usd, field="budget_usd"),
        )

    def retry(self, run_id: str, *, by: Actor, on_busy: OnBusy = "enqueue") -> RequestRun:
        """A request for a run that goes on where a failed or canceled one stopped, with the same text, plan and date.

        What people had to say of stages that are not finished, feedback and texts of their own, is said again; what was
        rejected is written anew, with the reason. Raises NotFound, and Conflict for a run that is open, has completed,
        or was canceled when all was finished.
        """
        run = self._load(run_id)
        if run.status not in (RunStatus.FAILED, RunStatus.CANCELED):
            detail = f"The run {run_id!r} is {run.status.value}; only a failed or canceled run can be retried."
            raise Conflict(detail, reason="not_failed")
        plan = self._plan(run)
        unfinished = tuple(stage.key for stage in plan.stages if not _is_done(run, stage.key))
        if not unfinished:
            detail = f"Every stage of the run {run_id!r} is finished; fork it to have one of them made again."
            raise Conflict(detail, reason="all_finished")
        failed = tuple(key for key in run.keys(StageStatus.FAILED) if key in unfinished)
        to_do = tuple(key for key in unfinished if key not in run.stages or not is_kept(run, key))
        stage_key = (failed or to_do or unfinished)[0]
        reason = _reason(run, stage_key) or None
        command = self._fork(run, stage_key, Change(on_busy=on_busy, feedback=reason), by=by, plan=plan)
        left = set(run.stages) - set(command.carried) - ({stage_key} if reason else set())
        return replace(
            command,
            edits={key: {"by": run.requested_by, **edit} for key, edit in run.edits.items() if key in left},
        )

    def fork(self, run_id: str, *, stage_key: str | None, change: Change, by: Actor) -> RequestRun:
        """A request for a run that begins again at a stage of another one; at its first stage where none is named.

        Raises NotFound, UnknownMode, InvalidProfile, UnknownWriter, and Invalid for a stage that the plan has not.
        """
        run = self._load(run_id)
        plan = self._plan(run) if change.mode is None else self.profiles.resolve(change.mode)
        key = stage_key or plan.stages[0].key
        if key not in {stage.key for stage in plan.stages}:
            known = ", ".join(stage.key for stage in plan.stages)
            raise Invalid(f"The profile {plan.profile!r} has no stage {key!r}; it has {known}.", pointer="/stage_key")
        return self._fork(run, key, change, by=by, plan=plan)

    def revise(self, run_id: str, *, stage_key: str | None, feedback: str | None, by: Actor) -> RequestRun:
        """A request for the revision of a stage: of the rejected one with its reason, where nothing else is said.

        What was said of a stage that was not finished since counts as said. Raises NotFound, and Conflict where no
        stage was rejected and none is named, or nothing says what to change.
        """
        run = self._load(run_id)
        rejected = [key for key, stage in run.stages.items() if stage.error_code == REJECTED]
        unheeded = [key for key in _unfinished(run) if key in run.feedback]
        key = stage_key or next(iter(rejected or unheeded), None)
        if key is None:
            raise Conflict(
                f"No stage of the run {run_id!r} was rejected; name the stage to revise, and what to change.",
                reason="nothing_rejected",
            )
        if key not in run.stages:
            raise NotFound(kind="stage of this run", id=key)
        wish = feedback or _reason(run, key) or (run.feedback.get(key, "") if key in _unfinished(run) else "")
        if not wish:
            detail = f"Nothing says what to change in the stage {key!r}; send it as feedback."
            raise Conflict(detail, reason="nothing_said")
        return self._fork(run, key, Change(feedback=wish), by=by, plan=self._plan(run, key))

    def edit(self, run_id: str, stage_key: str, *, edit: Mapping[str, Any], by: Actor) -> RequestRun:
        """A request for a run in which a person's own text or output stands in for the stage's.

        Raises NotFound, and Invalid for an output that is not of the stage's type.
        """
        run = self._load(run_id)
        if stage_key not in run.stages:
            raise NotFound(kind="stage of this run", id=stage_key)
        plan = self._plan(run, stage_key)
        checked = {name: edit[name] for name in ("text", "output") if name in edit}
        if "text" in checked:
            checked["text"] = check_text(checked["text"], "text", limit=_LONGEST_EDIT)
        else:
            check_output(plan.stage(stage_key).kind, checked["output"], by=by.id)
        return self._fork(run, stage_key, Change(edit=checked), by=by, plan=plan)

    def _fork(self, run: Run, key: str, change: Change, *, by: Actor, plan: RunPlan) -> RequestRun:
        carried = carried_stages(run, plan, key)
        wanted = {
            "request_text": run.request_text if change.request_text is None else change.request_text,
            "writer": run.writer if change.writer is None else self.writers.get(change.writer).name,
            "budget_usd": run.budget_usd if change.budget_usd is None else change.budget_usd,
        }
        return RequestRun(
            run_id=new_id("r"),
            thread_id=run.thread_id,
            request_text=wanted["request_text"] or "",
            mode=plan.profile,
            plan=plan,
            requested_by=by.id,
            dated_on=run.dated_on if carried else self._today(),
            on_busy=change.on_busy,
            writer=wanted["writer"] or "",
            budget_usd=check_budget(wanted["budget_usd"], field="budget_usd"),
            forked_from={"run_id": run.run_id, "stage_key": key},
            carried=carried,
            changes=changes_of(run, plan, wanted),
            feedback=_feedback(run, key, change, plan=plan),
            edits=_edits(run, key, change, carried=carried, plan=plan),
        )

    def _plan(self, run: Run, stage_key: str | None = None) -> RunPlan:
        """The plan to go on with: the run's own, or today's profile where nothing tells the gates that the run had.

        Without that, what a person had to approve would be published unasked. Raises Conflict where there is no such
        profile any more, or it has no stage of that key.
        """
        if run.gates_known:
            return run.resolved
        gist = f"The run {run.run_id!r} was recovered, and which of its stages a person had to approve is not known"
        try:
            plan = self.profiles.resolve(run.mode)
        except UnknownMode as error:
            remedy = "Fork it with a mode that there is, or bring that profile back."
            raise Conflict(f"{gist}; no profile {run.mode!r} tells it. {remedy}", reason="recovered") from error
        if stage_key and stage_key not in {stage.key for stage in plan.stages}:
            known = ", ".join(stage.key for stage in plan.stages)
            raise Conflict(
                f"{gist}; the profile {run.mode!r}, which tells it now, has no stage {stage_key!r}: {known}.",
                reason="recovered",
            )
        return plan

    def _load(self, run_id: str) -> Run:
        def load(connection: Connection) -> Run:
            found: Run = self.commands.load(connection, f"run:{run_id}")[1]
            return found

        run = self.commands.database.write(load)
        if not run.exists:
            raise NotFound(kind="run", id=run_id)
        return run

    def _today(self) -> str:
        now: datetime = self.commands.clock()
        return now.astimezone().date().isoformat()


def _unfinished(run: Run) -> tuple[str, ...]:
    return tuple(key for key in run.stages if not _is_done(run, key))


def _is_done(run: Run, key: str) -> bool:
    return key in run.stages and run.stages[key].status is StageStatus.COMPLETED


def _reason(run: Run, key: str) -> str:
    """Why a person rejected the stage; empty where nobody did, also where an approval expired."""
    stage = run.stages.get(key, Stage())
    by_a_person = stage.error_code == REJECTED and stage.error_message != EXPIRED_REJECTION
    return stage.error_message if by_a_person else ""


def _feedback(run: Run, key: str, change: Change, *, plan: RunPlan) -> dict[str, str]:
    """What the fork's writers are told: what was said of stages that were not finished since, and the change's own."""
    kept = {name: said for name in _unfinished(run) if (said := _reason(run, name) or run.feedback.get(name))}
    if change.edit:
        kept.pop(key, None)
    if change.feedback:
        kept[key] = change.feedback
    return {stage.key: kept[stage.key] for stage in plan.stages if stage.key in kept}


def _edits(
    run: Run, key: str, change: Change, *, carried: tuple[str, ...], plan: RunPlan
) -> dict[str, Mapping[str, Any]]:
    """People's own texts: of stages that were not finished since, unless somebody rejected them, and the change's."""
    kinds = {stage.key: stage.kind for stage in plan.stages if stage.key not in (key, *carried)}
    kept: dict[str, Mapping[str, Any]] = {
        name: {"by": run.requested_by, **run.edits[name]}
        for name in _unfinished(run)
        if name in run.edits and not _reason(run, name) and kinds.get(name) == run.resolved.stage(name).kind
    }
    return {**kept, key: change.edit} if change.edit else kept
