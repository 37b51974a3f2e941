"""Requests for rules of a brand, checked against what there is: the kinds of stages, and the rejection learnt from."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from vm_webapp import event_store, repo
from vm_webapp.commands import new_id
from vm_webapp.domain.brands import AddBrandRule
from vm_webapp.domain.rule_checks import check_kinds
from vm_webapp.errors import Invalid
from vm_webapp.profiles.outputs import OUTPUT_TYPES


def new_rule(
    connection: Connection,
    *,
    brand_id: str,
    text: str | None,
    check: Mapping[str, Any] | None,
    from_rejection: Mapping[str, str] | None,
) -> AddBrandRule:
    """The command for a new rule; without a text of its own it says what the rejection gave as its reason.

    Raises Invalid for an unknown kind of stage, and for a rejection that is none of the brand's.
    """
    check_kinds(check, OUTPUT_TYPES)
    reason = "" if from_rejection is None else _reason(connection, brand_id, from_rejection)
    return AddBrandRule(
        brand_id=brand_id,
        rule_id=new_id("rule"),
        text=reason if text is None else text,
        check=check,
        from_rejection=from_rejection,
    )


def _reason(connection: Connection, brand_id: str, rejection: Mapping[str, str]) -> str:
    """Why the stage was rejected; the newest word counts."""
    run_id, stage_key = rejection["run_id"], rejection["stage_key"]
    if repo.get_run(connection, run_id)["brand_id"] != brand_id:
        raise Invalid(f"The run {run_id!r} belongs to another brand.", pointer="/from_rejection/run_id")
    reasons = [
        str(event.payload["reason"])
        for event in event_store.load_stream(connection, f"run:{run_id}")
        if event.event_type == "ApprovalRejected" and event.payload["stage_key"] == stage_key
    ]
    if not reasons:
        detail = f"The stage {stage_key!r} of the run {run_id!r} was not rejected by anybody."
        raise Invalid(detail, pointer="/from_rejection/stage_key")
    return reasons[-1]
