"""Requests to models: reserved before they are sent, settled when their cost is known."""

from decimal import Decimal

from vm_webapp.domain.run_commands import ReserveCall, SettleCall
from vm_webapp.domain.run_events import ModelCallReserved, ModelCallSettled
from vm_webapp.domain.runs import Run, Stage
from vm_webapp.domain.spending import Limit, check_limits, usd_of, usd_text
from vm_webapp.domain.states import StageStatus
from vm_webapp.errors import Conflict


def reserve(command: ReserveCall, run: Run) -> tuple[ModelCallReserved, ...]:
    """Reserve the cost; raises BudgetExhausted, PriceUnknown, and Conflict for an attempt that is over."""
    if (stage := _at_work(command, run)) is None:
        raise Conflict(f"The attempt {command.attempt} at the stage {command.stage_key!r} is over.")
    own = Limit(scope="run", limit_usd=usd_of(run.budget_usd), spent_usd=run.spent_usd) if run.budget_usd else None
    check_limits((*((own,) if own else ()), *command.limits), command.cost_usd, model=command.model)
    return (
        ModelCallReserved(
            run_id=run.run_id,
            stage_key=command.stage_key,
            attempt=command.attempt,
            call=stage.calls + 1,
            model=command.model,
            input_tokens=command.input_tokens,
            output_tokens=command.output_tokens,
            cost_usd=_text(command.cost_usd),
        ),
    )


def settle(command: SettleCall, run: Run) -> tuple[ModelCallSettled, ...]:
    """Settle the open reservation; with none open it changes nothing, and what was reserved stays spent."""
    stage = _at_work(command, run)
    if stage is None or stage.reserved is None:
        return ()
    return (
        ModelCallSettled(
            run_id=run.run_id,
            stage_key=command.stage_key,
            attempt=command.attempt,
            call=stage.reserved.call,
            model=command.model,
            input_tokens=command.input_tokens,
            output_tokens=command.output_tokens,
            cost_usd=_text(command.cost_usd),
            reserved_usd=stage.reserved.cost_usd,
            estimated=command.estimated,
        ),
    )


def _at_work(command: ReserveCall | SettleCall, run: Run) -> Stage | None:
    stage = run.stages.get(command.stage_key)
    if stage is None or stage.status is not StageStatus.RUNNING or stage.attempt != command.attempt:
        return None
    return stage


def _text(cost: Decimal | None) -> str | None:
    return None if cost is None else usd_text(cost)
