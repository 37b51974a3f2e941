"""Brands and projects: lists of what is right, rules, budgets; and streams that an earlier version wrote."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_webapp import event_store, projections, repo
from vm_webapp.commands import OWNER, Actor, Commands
from vm_webapp.db import Database, build_engine, database_of, init_db
from vm_webapp.domain.brands import (
    RULE_LIMIT,
    AddBrandRule,
    Brand,
    BrandCommand,
    CreateBrand,
    RetireBrandRule,
    SetBrandBudget,
    UpdateBrand,
    decide_brand,
    evolve_brand,
)
from vm_webapp.domain.budgets import check_budget, from_nano, parse_usd, to_nano
from vm_webapp.domain.projects import (
    CreateProject,
    Project,
    ProjectCommand,
    SetProjectBudget,
    UpdateProject,
    decide_project,
    evolve_project,
)
from vm_webapp.domain.rules import rule_digest
from vm_webapp.domain.spending import usd_text
from vm_webapp.domain.threads import Thread, facts_of
from vm_webapp.errors import AlreadyExists, InvalidText, NotFound, TooMany
from vm_webapp.events import EventEnvelope

BRAND = Brand(exists=True, brand_id="b", name="Aurora")
PROJECT = Project(exists=True, project_id="p", brand_id="b", name="Spring")
FORBID = {"kind": "forbidden_words", "words": ["cheap"], "kinds": None}


def of_brand(command: BrandCommand, brand: Brand = BRAND) -> Brand:
    """The brand after what the command leads to."""
    for event in decide_brand(command, brand):
        brand = evolve_brand(brand, event)
    return brand


def of_project(command: ProjectCommand, project: Project = PROJECT) -> Project:
    """The project after what the command leads to."""
    for event in decide_project(command, project, BRAND):
        project = evolve_project(project, event)
    return project


def add(rule_id: str = "rule-1", **values: Any) -> AddBrandRule:  # noqa: ANN401 - any field
    """A rule to add."""
    return AddBrandRule(**{"brand_id": "b", "rule_id": rule_id, "text": "Be plain.", **values})


def test_a_brand_says_what_to_do_and_what_not_to_do() -> None:
    """Short lines, in their order and once each; what is not named stays."""
    made = of_brand(CreateBrand(brand_id="b", name="A", do=(" Say it. ", "Say it."), dont=("Shout",)), Brand())
    assert (made.do, made.dont) == (("Say it.",), ("Shout",))
    changed = of_brand(UpdateBrand(brand_id="b", dont=()), made)
    assert (changed.do, changed.dont) == (("Say it.",), ())
    assert decide_brand(UpdateBrand(brand_id="b", do=("Say it.",)), changed) == ()


def test_a_project_says_what_it_is_measured_by() -> None:
    """Likewise."""
    made = of_project(CreateProject(project_id="p", brand_id="b", name="A", kpis=("500 orders",)), Project())
    assert made.kpis == ("500 orders",)
    assert of_project(UpdateProject(project_id="p", name="B"), made) == replace(made, name="B")
    assert of_project(UpdateProject(project_id="p", kpis=()), made).kpis == ()


@pytest.mark.parametrize("name", ["do", "dont"])
@pytest.mark.parametrize("lines", [("",), ("two\nlines",), ("x" * 201,), tuple(str(number) for number in range(51))])
def test_a_line_is_one_short_line(name: str, lines: tuple[str, ...]) -> None:
    """Empty, long and broken lines are refused, and so are more than fifty."""
    with pytest.raises(InvalidText) as caught:
        of_brand(UpdateBrand(brand_id="b", do=lines) if name == "do" else UpdateBrand(brand_id="b", dont=lines))
    assert caught.value.pointer.startswith(f"/{name}")


def test_a_rule_is_added_and_retired() -> None:
    """It holds its digest; a retired one is no longer demanded, and retiring it again changes nothing."""
    learnt = {"run_id": "r", "stage_key": "brief"}
    brand = of_brand(add(check={"kind": "forbidden_words", "words": ["cheap"]}, from_rejection=learnt))
    rule = brand.rules["rule-1"]
    assert (rule.text, rule.check, rule.from_rejection) == ("Be plain.", FORBID, learnt)
    assert rule.sha256 == rule.digest == rule_digest("Be plain.", FORBID)
    retire = RetireBrandRule(brand_id="b", rule_id="rule-1")
    retired = of_brand(retire, brand)
    assert retired.rules == {}
    assert decide_brand(retire, retired) == ()


def test_a_rule_keeps_its_id() -> None:
    """An id is taken for good; one that nobody gave is not found."""
    brand = of_brand(add())
    retired = of_brand(RetireBrandRule(brand_id="b", rule_id="rule-1"), brand)
    for taken in (brand, retired):
        with pytest.raises(AlreadyExists, match="rule-1"):
            of_brand(add(), taken)
    with pytest.raises(NotFound, match="rule-9"):
        of_brand(RetireBrandRule(brand_id="b", rule_id="rule-9"), brand)


def test_a_brand_has_two_hundred_active_rules_at_the_most() -> None:
    """The refusal says what to do; a retired rule makes room."""
    brand = BRAND
    for number in range(RULE_LIMIT):
        brand = of_brand(add(f"rule-{number}"), brand)
    with pytest.raises(TooMany, match="200 active rules") as caught:
        of_brand(add("rule-new"), brand)
    assert caught.value.hint == "Retire one that is no longer needed."
    room = of_brand(RetireBrandRule(brand_id="b", rule_id="rule-0"), brand)
    assert "rule-new" in of_brand(add("rule-new"), room).rules


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"text": " "}, "/text"),
        ({"text": "x" * 2_001}, "/text"),
        ({"check": {"kind": "nothing"}}, "/check/kind"),
    ],
)
def test_a_rule_that_says_nothing_is_refused(values: Mapping[str, Any], pointer: str) -> None:
    """Its text and its check are looked at before it is added."""
    with pytest.raises(InvalidText) as caught:
        of_brand(add(**values))
    assert caught.value.pointer == pointer


def test_of_a_brand_that_is_not_there_nothing_can_be_asked() -> None:
    """Rules and budgets need a brand, a budget of a project needs the project."""
    for command in (add(), RetireBrandRule(brand_id="b", rule_id="r"), SetBrandBudget(brand_id="b", limit_usd="1")):
        with pytest.raises(NotFound, match="brand"):
            of_brand(command, Brand())
    with pytest.raises(NotFound, match="project"):
        of_project(SetProjectBudget(project_id="p", limit_usd="1"), Project())


def test_a_budget_is_set_changed_and_taken_off() -> None:
    """The same amount in another spelling is no change."""
    brand = of_brand(SetBrandBudget(brand_id="b", limit_usd="25.00"))
    assert brand.budget_usd == "25"
    assert decide_brand(SetBrandBudget(brand_id="b", limit_usd="025.0"), brand) == ()
    assert of_brand(SetBrandBudget(brand_id="b", limit_usd=None), brand).budget_usd is None
    project = of_project(SetProjectBudget(project_id="p", limit_usd="0"))
    assert project.budget_usd == "0"
    assert of_project(UpdateProject(project_id="p", name="B"), project).budget_usd == "0"
    assert of_project(SetProjectBudget(project_id="p", limit_usd=None), project).budget_usd is None


@pytest.mark.parametrize(
    ("text", "amount"),
    [("25", "25"), (" 0.50 ", "0.5"), ("000.000000001", "0.000000001"), ("999999999.999999999", "999999999.999999999")],
)
def test_an_amount_is_exact(text: str, amount: str) -> None:
    """Dollars to their billionth part, in one spelling."""
    assert parse_usd(text) == Decimal(amount)
    assert check_budget(text) == amount


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no amount in US dollars"),
        ("-1", "no amount"),
        ("+1", "no amount"),
        ("1e3", "no amount"),
        ("NaN", "no amount"),
        ("Infinity", "no amount"),
        ("1,50", "no amount"),
        ("1.", "no amount"),
        (".5", "no amount"),
        ("$5", "no amount"),
        ("٣", "no amount"),
        ("1_000", "no amount"),
        ("1000000000", "more than 999,999,999 dollars"),
        ("0.0000000001", "has 10 decimals; 9 are the most"),
        ("9" * 5_000, "no amount"),
    ],
)
def test_what_is_no_amount_is_refused(text: str, problem: str) -> None:
    """The sentence says how to write one, and is short whatever was typed."""
    with pytest.raises(InvalidText, match=problem) as caught:
        parse_usd(text)
    assert caught.value.pointer == "/limit_usd"
    assert len(str(caught.value)) < 200


@given(st.integers(0, 10**18 - 1))
def test_nano_dollars_are_the_same_amount(nano: int) -> None:
    """There and back through the text of an event, exactly, within 64 bits."""
    assert to_nano(parse_usd(usd_text(from_nano(nano)))) == nano < 2**63


def test_what_is_finer_than_a_nano_dollar_counts_as_a_whole_one() -> None:
    """A sum of parts never says less than was spent."""
    assert [to_nano(Decimal(text)) for text in ("0", "0.0000000010", "0.0000000011", "1e-40")] == [0, 1, 2, 1]


def test_a_run_snapshots_what_brand_and_project_say() -> None:
    """Lists, and the active rules with their digests."""
    brand = replace(of_brand(add(check=FORBID)), do=("Say it.",), dont=("Shout",))
    facts = facts_of(Thread(title="Launch"), brand, replace(PROJECT, kpis=("500 orders",)))
    assert (facts["brand"]["do"], facts["brand"]["dont"]) == (["Say it."], ["Shout"])
    assert facts["brand"]["rules"] == [
        {"rule_id": "rule-1", "text": "Be plain.", "check": FORBID, "sha256": brand.rules["rule-1"].sha256}
    ]
    assert facts["project"]["kpis"] == ["500 orders"]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database of one's own."""
    engine = build_engine(tmp_path / "workspace.sqlite3")
    init_db(engine)
    yield database_of(engine)
    database_of(engine).close()


def old(event_type: str, kind: str, version: int, payload: Mapping[str, Any]) -> EventEnvelope:
    """An event as the previous version of the program wrote it."""
    aggregate_id = payload[f"{kind}_id"]
    return EventEnvelope(
        event_id=f"evt-{kind}-{version}",
        event_type=event_type,
        aggregate_type=kind,
        aggregate_id=aggregate_id,
        stream_id=f"{kind}:{aggregate_id}",
        expected_version=version - 1,
        actor_type="human",
        actor_id="me",
        payload=payload,
        brand_id="b-old",
    )


def test_streams_of_the_previous_version_are_read(database: Database) -> None:
    """Payloads of version 1 become state and rows with empty lists, and take new commands."""
    said = {"brand_id": "b-old", "description": "", "voice": "warm", "audience": ""}
    asked = {"project_id": "p-old", "brand_id": "b-old", "objective": "Sell", "channels": ["email"], "due_on": None}
    brand_stream = [
        old("BrandCreated", "brand", 1, {**said, "name": "Aurora"}),
        old("BrandUpdated", "brand", 2, {**said, "name": "Aurora Coffee"}),
    ]
    project_stream = [
        old("ProjectCreated", "project", 1, {**asked, "name": "Spring"}),
        old("ProjectUpdated", "project", 2, {**asked, "name": "Summer"}),
    ]
    for stream in (brand_stream, project_stream):
        database.write(partial(event_store.append, envelopes=stream))
    database.write(projections.catch_up)
    commands = Commands(database)
    commands.handle(AddBrandRule(brand_id="b-old", rule_id="rule-1", text="Be plain."), by=OWNER)
    commands.handle(SetProjectBudget(project_id="p-old", limit_usd="1.50"), by=OWNER)
    with database.read() as connection:
        brand, project = repo.get_brand(connection, "b-old"), repo.get_project(connection, "p-old")
        _, state = commands.load(connection, "brand:b-old")
    assert (brand["name"], brand["voice"], brand["do"], brand["dont"]) == ("Aurora Coffee", "warm", [], [])
    assert (brand["budget_usd"], brand["version"]) == (None, 3)
    assert (project["name"], project["kpis"], project["budget_usd"], project["version"]) == ("Summer", [], "1.5", 3)
    assert (state.do, list(state.rules)) == ((), ["rule-1"])


def test_views_of_rules_are_the_same_when_they_are_built_afresh(database: Database) -> None:
    """Who added and who retired, and when; the views know when they have lost the rules."""
    commands = Commands(database)
    commands.handle(CreateBrand(brand_id="b-1", name="Aurora", do=("Say it.",)), by=OWNER)
    for number in (1, 2):
        command = AddBrandRule(brand_id="b-1", rule_id=f"rule-{number}", text="No.", check=FORBID)
        commands.handle(command, by=Actor("human", "ana"))
    commands.handle(RetireBrandRule(brand_id="b-1", rule_id="rule-1"), by=Actor("human", "rui"))
    commands.handle(SetBrandBudget(brand_id="b-1", limit_usd="3"), by=OWNER)
    with database.read() as connection:
        live = repo.list_rules(connection, "b-1"), repo.get_brand(connection, "b-1")
        active = repo.list_rules(connection, "b-1", status="active")
    assert [(row["rule_id"], row["status"], row["created_by"], row["retired_by"]) for row in live[0]] == [
        ("rule-2", "active", "ana", None),
        ("rule-1", "retired", "ana", "rui"),
    ]
    assert [row["rule_id"] for row in active] == ["rule-2"]
    database.write(lambda connection: connection.exec_driver_sql("DELETE FROM rules_view"))
    with database.read() as connection:
        assert not projections.is_current(connection)
    database.write(projections.rebuild)
    with database.read() as connection:
        assert projections.is_current(connection)
        assert (repo.list_rules(connection, "b-1"), repo.get_brand(connection, "b-1")) == live
