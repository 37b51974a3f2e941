"""Rules of a brand: what it demands of all that is written for it."""

from functools import partial
from typing import Annotated, Any, Literal, TypeAlias

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import ConfigDict, Field, JsonValue
from sqlalchemy import Connection

from vm_webapp import repo
from vm_webapp.api import problems, writes
from vm_webapp.api.fields import UNCHANGED, BrandId, SomeId
from vm_webapp.api.http import HostOf, show
from vm_webapp.api.paging import PageOf
from vm_webapp.api.shapes import BreachesShape, RuleShape, RulesShape
from vm_webapp.api.writes import Body, Nothing, WriteOf
from vm_webapp.domain.brands import RULE_TEXT_LIMIT, RetireBrandRule
from vm_webapp.domain.rule_checks import (
    MOST_CHARACTERS,
    MOST_KINDS,
    MOST_WORDS,
    REQUIRED_LIMIT,
    WORD_LIMIT,
    check_kinds,
    read_check,
)
from vm_webapp.domain.rules import Rule, breach_facts, check_rules
from vm_webapp.profiles.outputs import OUTPUT_TYPES
from vm_webapp.records import Record, rule_record
from vm_webapp.rule_requests import new_rule

router = APIRouter(prefix="/api/v2/brands/{brand_id}/rules", tags=["rules"])

SAMPLE_LIMIT = 200_000
RuleId: TypeAlias = Annotated[str, Path(examples=["rule-019a"])]
Word: TypeAlias = Annotated[str, Field(min_length=1, max_length=WORD_LIMIT, description="A word or an expression.")]
Kind: TypeAlias = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,39}$", examples=["brief"])]
_FORBIDDEN: dict[str, JsonValue] = {
    "kind": "forbidden_words",
    "words": ["guaranteed", "best in the world"],
    "kinds": None,
}


class Check(Body):
    """How a rule is checked; which of `words`, `text` and `characters` it needs follows from its kind."""

    model_config = ConfigDict(json_schema_extra={"examples": [_FORBIDDEN]})

    kind: Literal["forbidden_words", "tone", "required_text", "max_length"]
    words: Annotated[list[Word], Field(min_length=1, max_length=MOST_WORDS)] = UNCHANGED
    text: Annotated[str, Field(min_length=1, max_length=REQUIRED_LIMIT)] = UNCHANGED
    characters: Annotated[int, Field(ge=1, le=MOST_CHARACTERS)] = UNCHANGED
    kinds: Annotated[list[Kind], Field(min_length=1, max_length=MOST_KINDS)] | None = Field(
        default=None, description="The kinds of stages whose output is checked; null for all."
    )


class Rejection(Body):
    """A stage that a person rejected."""

    run_id: SomeId
    stage_key: SomeId


class NewRule(Body):
    """A rule to add; without a text it says what the rejection gave as its reason."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "Promise nothing.", "check": _FORBIDDEN}]})

    text: Annotated[str, Field(max_length=RULE_TEXT_LIMIT)] | None = None
    check: Check | None = Field(default=None, description="null for a rule that only people and writers can heed.")
    from_rejection: Rejection | None = None


class Trial(Body):
    """A check to try on a sample, before it is saved; `kind` is the kind of stage that the sample would be from."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"check": _FORBIDDEN, "sample": "The *guaranteed* best coffee."}]}
    )

    check: Check
    sample: Annotated[str, Field(max_length=SAMPLE_LIMIT)]
    text: Annotated[str, Field(max_length=RULE_TEXT_LIMIT)] = ""
    kind: Kind | None = None


@router.get(
    "",
    operation_id="listBrandRules",
    summary="List a brand's rules, newest first",
    response_model=RulesShape,
    responses=problems.responses(404, 422),
)
def list_rules(
    brand_id: BrandId,
    host: HostOf,
    page: PageOf,
    status: Annotated[Literal["active", "retired"] | None, Query(description="Only these.")] = None,
) -> Response:
    """Answers with a page of rules."""
    with host.database.read() as connection:
        repo.get_brand(connection, brand_id)
        rows = repo.list_rules(connection, brand_id, status=status, **page.bounds)
    return page.show("rules", rows, rule_record)


@router.post(
    "",
    operation_id="addBrandRule",
    summary="Demand something of all that is written for a brand",
    response_model=RuleShape,
    responses=writes.responses(404),
)
def add_rule(brand_id: BrandId, body: NewRule, write: WriteOf) -> Response:
    """Answers with the rule; runs that are asked for from now on heed it."""
    with write.host.database.read() as connection:
        repo.get_brand(connection, brand_id)
        command = new_rule(
            connection,
            brand_id=brand_id,
            text=body.text,
            check=None if body.check is None else _check(body.check),
            from_rejection=None if body.from_rejection is None else body.from_rejection.model_dump(),
        )
    return write.perform(command, partial(_read, rule_id=command.rule_id))


@router.post(
    "/preview",
    operation_id="previewBrandRule",
    summary="Try a check on a sample; nothing is saved, and no key is needed",
    response_model=BreachesShape,
    responses=writes.responses(404),
)
def preview_rule(brand_id: BrandId, body: Trial, host: HostOf) -> Response:
    """Answers with what breaks the rule, empty where nothing does."""
    with host.database.read() as connection:
        repo.get_brand(connection, brand_id)
    check = read_check(_check(body.check))
    check_kinds(check, OUTPUT_TYPES)
    rule = Rule(rule_id="preview", text=body.text, check=check if body.kind else {**check, "kinds": None})
    breaches = check_rules([rule], kind=body.kind or "", texts={"sample": body.sample})
    return show({"breaches": [breach_facts(breach) for breach in breaches]})


@router.post(
    "/{rule_id}/retirement",
    operation_id="retireBrandRule",
    summary="Demand it no longer",
    response_model=RuleShape,
    responses=writes.responses(404),
)
def retire_rule(brand_id: BrandId, rule_id: RuleId, write: WriteOf, body: Nothing | None = None) -> Response:  # noqa: ARG001 - checked
    """Answers with the rule; a retired one stays as it is."""
    return write.perform(RetireBrandRule(brand_id=brand_id, rule_id=rule_id), partial(_read, rule_id=rule_id))


def _check(check: Check) -> dict[str, Any]:
    return check.model_dump(exclude_unset=True)


def _read(connection: Connection, rule_id: str) -> Record:
    return rule_record(repo.get_rule(connection, rule_id))
