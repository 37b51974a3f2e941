"""The commands rules add, rules retire, brands budget and projects budget."""

from collections.abc import Sequence
from typing import Any, Final

import click

from vm_webapp.cli.choose import choose_id, choose_named
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.screen import show_json
from vm_webapp.cli.text import line
from vm_webapp.cli.work.desk import Desk, Record
from vm_webapp.cli.work.reach import desk
from vm_webapp.domain.texts import check_text
from vm_webapp.errors import Invalid

_PATIENCE_SECONDS: Final = 2.0
_NO_LIMIT: Final = "none"


def add(
    call: Invocation,
    *,
    brand: str,
    text: str | None,
    forbid: Sequence[str],
    off_tone: Sequence[str],
    require: str | None,
    max_length: int | None,
    kinds: Sequence[str],
    from_run: str | None,
    from_stage: str | None,
    as_json: bool,
) -> int:
    """Add a rule."""
    made = _checks(forbid=forbid, off_tone=off_tone, require=require, max_length=max_length)
    check = _one(made, kinds)
    if (from_run is None) is not (from_stage is None):
        raise Invalid("A rejection is named by --from-run and --from-stage together.")
    if text is None and from_run is None:
        raise Invalid("Say the rule in a sentence, or name the rejection that it is learnt from.")
    with desk(call, patience=_PATIENCE_SECONDS) as at:
        chosen = _brand(at, brand)
        body: dict[str, Any] = {"check": check}
        if text is not None:
            body["text"] = text
        if from_run is not None:
            run_id = choose_id("run", from_run, at.list_run_ids())
            body["from_rejection"] = {"run_id": run_id, "stage_key": from_stage}
        rule = at.add_rule(chosen["brand_id"], body)
    return _tell(rule, f"{rule['rule_id']}: {line(rule['text'])}", as_json=as_json)


def retire(call: Invocation, *, rule_id: str, brand: str, as_json: bool) -> int:
    """Retire a rule."""
    with desk(call, patience=_PATIENCE_SECONDS) as at:
        brand_id = _brand(at, brand)["brand_id"]
        chosen = choose_id("rule", rule_id, [rule["rule_id"] for rule in at.list_rules(brand_id)])
        rule = at.retire_rule(brand_id, chosen)
    return _tell(rule, f"{chosen}: retired", as_json=as_json)


def brand_budget(call: Invocation, *, brand: str, limit: str, as_json: bool) -> int:
    """Limit what is spent for a brand."""
    with desk(call, patience=_PATIENCE_SECONDS) as at:
        changed = at.set_brand_budget(_brand(at, brand)["brand_id"], _limit(limit))
    return _tell_budget(changed, as_json=as_json)


def project_budget(call: Invocation, *, project: str, limit: str, as_json: bool) -> int:
    """Limit what is spent for a project."""
    with desk(call, patience=_PATIENCE_SECONDS) as at:
        chosen = choose_named("project", project, at.list_projects(), name="name", alone=True)
        changed = at.set_project_budget(chosen["project_id"], _limit(limit))
    return _tell_budget(changed, as_json=as_json)


def _limit(typed: str) -> str | None:
    return None if typed.lower() == _NO_LIMIT else typed


def _tell_budget(changed: Record, *, as_json: bool) -> int:
    now = "no limit" if changed["budget_usd"] is None else f"{changed['budget_usd']} USD"
    return _tell(changed, f"{line(changed['name'])}: {now}", as_json=as_json)


def _brand(at: Desk, wanted: str) -> Record:
    return choose_named("brand", wanted, at.list_brands(), name="name")


def _checks(
    *, forbid: Sequence[str], off_tone: Sequence[str], require: str | None, max_length: int | None
) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    if forbid:
        made.append({"kind": "forbidden_words", "words": [check_text(one, "--forbid") for one in forbid]})
    if off_tone:
        made.append({"kind": "tone", "words": [check_text(one, "--off-tone") for one in off_tone]})
    if require is not None:
        made.append({"kind": "required_text", "text": check_text(require, "--require")})
    if max_length is not None:
        made.append({"kind": "max_length", "characters": max_length})
    return made


def _one(made: Sequence[dict[str, Any]], kinds: Sequence[str]) -> dict[str, Any] | None:
    """The check; a rule has one at the most, so that a breach says what is wrong."""
    if len(made) > 1:
        raise Invalid("A rule has one check; add a rule for each of --forbid, --off-tone, --require and --max-length.")
    if kinds and not made:
        raise Invalid("--kind says where a rule is checked, and there is nothing to check.")
    return {**made[0], "kinds": list(kinds) or None} if made else None


def _tell(record: Record, said: str, *, as_json: bool) -> int:
    if as_json:
        show_json(record)
    else:
        click.echo(said)
    return Exit.OK
