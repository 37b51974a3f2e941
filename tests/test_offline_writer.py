import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar as ICalendar
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for
from markdown_it import MarkdownIt

from vm_webapp.domain.plans import RunPlan, StagePlan
from vm_webapp.errors import StageError
from vm_webapp.profiles import ProfileLibrary
from vm_webapp.profiles.outputs import OUTPUT_TYPES, json_schema
from vm_webapp.writers import BrandFacts, DraftFile, ProjectFacts, StageDraft, StageWork
from vm_webapp.writers.offline import OfflineWriter

MODES = ["plan_90d", "single_campaign", "editorial_plan"]
PLANS = {mode: ProfileLibrary(None).resolve(mode) for mode in MODES}
SCHEMAS = {kind: json_schema(kind) for kind in OUTPUT_TYPES}
TODAY = date(2026, 11, 22)
REQUESTS = {
    "launch": "90-day plan to launch our oat-milk ice cream in Lisbon for parents with lactose-intolerant kids; "
    "budget €8,000; Instagram, TikTok and events before 15 February 2027.",
    "leads": "Get 200 qualified leads for our payroll software for small restaurants in Q1 through LinkedIn and e-mail",
    "recruiting": "Hire 10 nurses for our clinic in Porto by 1 February",
    "event": "Inscrições para o Congresso Brasileiro de Agroecologia em Recife, 12 a 14 de maio de 2027, 500 inscritos",
    "retention": "Precisamos reduzir o churn da nossa academia de 8% para 5% até junho, falando com alunos inativos",
    "sales": "Campanha de Natal para velas artesanais: e-mail e Instagram. Meta: 300 pedidos",
    "community": "Build a community around our trail running shoes for women over 40",
    "awareness": "Make GreenFleet known among fleet managers in Germany",
    "content": "Plano editorial para o blog de um escritório de contabilidade que atende clínicas odontológicas",
    "unstated": "help",
}
HOSTILE = [
    "# Title\n\n| a | b |\n|---|---|\n<script>alert(1)</script> [x](javascript:alert(1)) ![i](http://x/y.png) `code`",
    "launch our =cmd|' /C calc'!A0 +1+1 @SUM(1) -2 for parents in Lisbon by 15 March 2027",
    "launch our {{ config }} {% for x in y %} {subject} {0} ${x} for {audience}",
    (
        "مرحبا launch our \u202eevil\u202c product \U0001f468\u200d\U0001f469\u200d\U0001f467 "
        "for \U0001f1e7\U0001f1f7 fans\x00\x1b[31m\u2028next"
    ),
    "BEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR launch our thing",
    "\ud800 lone surrogate launch our \udfff thing",
    "a" * 20_000,
    ("launch our " * 2000)[:20_000],
    "(" * 5000 + "&amp;&#x41;" * 500,
    "   \n\t ",
    (
        "launch our [a]: http://x.y 'z'\n[a]\n[b](c)\n[^1]\n- [x] done"
        "\n***\n> q\n1. one\n    code\n~~~\nfence\n| t |\n_e_ __s__"
    ),
    "99999999999999999999/99/9999 31/02/2027 2027-13-45 0/0 1e999 000000000000000000000000000€",
]


class Unhurried:
    """A cancellation that never asks to stop, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def check(self) -> None:
        """Count the question."""
        self.asked += 1

    @property
    def deadline(self) -> datetime:
        """No time at all matters here."""
        return datetime.max.replace(tzinfo=UTC)


def run(plan: RunPlan, request: str, **changes: Any) -> dict[str, StageDraft]:  # noqa: ANN401 - fields of StageWork
    """Write all stages of a plan, each with the outputs of those it needs, directly or through others."""
    drafts: dict[str, StageDraft] = {}
    for position, stage in enumerate(plan.stages, start=1):
        needed = set(ancestors(plan, stage.key))
        outputs = {key: draft.output for key, draft in drafts.items() if key in needed}
        work = work_on(stage, request, stage_position=position, mode=plan.profile, outputs=outputs, **changes)
        drafts[stage.key] = OfflineWriter().write(work, Unhurried())
    return drafts


def work_on(stage: StagePlan, request: str, **changes: Any) -> StageWork:  # noqa: ANN401 - fields of StageWork
    facts: dict[str, Any] = {
        "run_id": "r-1",
        "thread_id": "t-1",
        "stage": stage,
        "stage_position": 1,
        "attempt": 1,
        "mode": "plan_90d",
        "profile_title": "Plan",
        "request_text": request,
        "thread_title": "Thread",
        "dated_on": TODAY,
        "brand": BrandFacts(name="Acme"),
        "project": ProjectFacts(name="Spring"),
    }
    return StageWork(**{**facts, **changes})


def ancestors(plan: RunPlan, key: str) -> Iterator[str]:
    for need in plan.stage(key).needs:
        yield need
        yield from ancestors(plan, need)


def files_of(drafts: Mapping[str, StageDraft]) -> dict[str, DraftFile]:
    return {file.name: file for draft in drafts.values() for file in draft.files}


def check_everything(drafts: Mapping[str, StageDraft]) -> None:
    """What must hold of any run's deliverables."""
    for draft in drafts.values():
        schema = SCHEMAS[draft.output["kind"]]
        validator_for(schema)(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(draft.output)
        json.dumps(draft.output, allow_nan=False)
    for file in files_of(drafts).values():
        file.text.encode("utf-8")
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069]", file.text)
    for file in files_of(drafts).values():
        if file.media_type == "text/csv":
            check_csv(file.text)
        if file.media_type == "text/calendar":
            ICalendar.from_ical(file.text)


def markup(text: str) -> tuple[list[str], list[str]]:
    """Links out, pictures and HTML that a Markdown reader sees, and the levels of the headings."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    inline = [child for token in tokens for child in token.children or []]
    links = [str(token.attrs.get("href", "")) for token in inline if token.type == "link_open"]
    html = [token.content for token in [*tokens, *inline] if token.type.startswith("html")]
    other = [token.type for token in inline if token.type in {"image", "s_open"}]
    active = [link for link in links if not link.startswith("#")] + [tag for tag in html if tag != "<br>"] + other
    return active, [token.tag for token in tokens if token.type == "heading_open"]


def check_csv(text: str) -> None:
    rows = list(csv.reader(io.StringIO(text)))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("objective", REQUESTS)
def test_every_profile_serves_every_kind_of_request(mode: str, objective: str) -> None:
    """Each output fits its schema, each file can be read by the programs it is for, in both languages."""
    check_everything(run(PLANS[mode], REQUESTS[objective]))


@pytest.mark.parametrize("objective", REQUESTS)
def test_the_objective_is_read_from_the_words_of_the_request(objective: str) -> None:
    """The brief names the objective and the words that led to it."""
    brief = run(PLANS["plan_90d"], REQUESTS[objective])["brief"].output
    assert brief["objective"] == objective
    assert all(word.lower() in REQUESTS[objective].lower() for word in brief["objective_words"])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("request_text", HOSTILE)
def test_hostile_text_breaks_nothing(mode: str, request_text: str) -> None:
    """Markup, formulas, control characters and sheer length pass through as text."""
    drafts = run(PLANS[mode], request_text, brand=BrandFacts(name=request_text[:300], voice=request_text))
    check_everything(drafts)
    for file in files_of(drafts).values():
        if file.media_type == "text/markdown":
            active, headings = markup(file.text)
            assert active == []
            assert headings.count("h1") == 1


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    request=st.text(max_size=400),
    name=st.text(max_size=40),
    due=st.none() | st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    today=st.dates(date(2025, 1, 1), date(2030, 12, 31)),
    mode=st.sampled_from(MODES),
)
def test_the_same_work_gives_the_same_bytes(request: str, name: str, due: date | None, today: date, mode: str) -> None:
    """Whatever is asked on whatever day: deliverables are valid, and writing them again changes no byte."""
    project = ProjectFacts(name=name, due_on=due, channels=(name, "Instagram"))
    first = run(PLANS[mode], request, dated_on=today, project=project)
    check_everything(first)
    assert run(PLANS[mode], request, dated_on=today, project=project) == first


@settings(max_examples=60)
@given(
    today=st.dates(date(2024, 1, 1), date(2032, 12, 31)),
    ahead=st.none() | st.integers(-30, 200),
    objective=st.sampled_from(sorted(REQUESTS)),
)
def test_thirteen_weeks_from_the_next_monday(today: date, ahead: int | None, objective: str) -> None:
    """Weeks start on consecutive Mondays, with two to four pieces each, and the due date is honoured."""
    due = today + timedelta(days=ahead) if ahead is not None else None
    request = re.sub(r"\d+", "", REQUESTS[objective])
    stage = PLANS["plan_90d"].stage("calendar")
    work = work_on(stage, request, dated_on=today, project=ProjectFacts(name="Spring", due_on=due))
    found = OfflineWriter().write(work, Unhurried()).output
    mondays = [date.fromisoformat(week["starts_on"]) for week in found["weeks"]]
    assert len(mondays) == 13
    assert today <= mondays[0] < today + timedelta(days=7)
    assert [monday.weekday() for monday in mondays] == [0] * 13
    assert [later - earlier for earlier, later in pairwise(mondays)] == [timedelta(days=7)] * 12
    assert {len(week["entries"]) for week in found["weeks"]} <= {2, 3, 4}
    if due:
        assert due.isoformat() in [milestone["on"] for milestone in found["milestones"]]
    if due and mondays[0] <= due < mondays[0] + timedelta(weeks=13):
        assert due.isoformat() in [entry["on"] for week in found["weeks"] for entry in week["entries"]]


@pytest.mark.parametrize("objective", REQUESTS)
def test_budget_shares_sum_to_a_hundred(objective: str) -> None:
    """The shares of three to six channels sum to 100, and named channels are among them."""
    found = run(PLANS["plan_90d"], REQUESTS[objective])["channels"].output
    assert sum(channel["budget_share"] for channel in found["channels"]) == 100
    assert 3 <= len(found["channels"]) <= 6


def test_a_request_decides_what_its_plan_says() -> None:
    """Subject, audience, place, budget, channels and date of the request stand in the brief."""
    brief = run(PLANS["plan_90d"], REQUESTS["launch"])["brief"].output
    assert brief["subject"] == "oat-milk ice cream"
    stated = {fact["label"]: fact["statement"] for fact in brief["facts"]}
    assert stated == {
        "Audience": "parents with lactose-intolerant kids",
        "Place": "Lisbon",
        "Channels": "Instagram, TikTok, events",
        "How long": "90-day plan",
        "Budget": "€8,000",
    }
    assert [day["on"] for day in brief["key_dates"]] == ["2027-02-15"]


def test_a_portuguese_request_gets_portuguese_deliverables() -> None:
    """Language is a field of every output, and headings, dates and notices follow it."""
    drafts = run(PLANS["plan_90d"], REQUESTS["retention"])
    assert {draft.output["language"] for draft in drafts.values()} == {"pt-BR"}
    text = files_of(drafts)["brief.md"].text
    assert text.startswith("# Briefing: Academia")
    assert "## Perguntas em aberto" in text
    assert "nenhum modelo de linguagem escreveu este texto" in text


@pytest.mark.parametrize("mode", MODES)
def test_every_file_says_that_no_model_wrote_it(mode: str) -> None:
    """Markdown, csv, ics and json each carry the notice in a place of their format."""
    files = files_of(run(PLANS[mode], REQUESTS["launch"]))
    for file in files.values():
        assert "no language model wrote this" in re.sub(r"\r?\n ", "", file.text)


def test_a_calendar_is_the_same_in_all_its_formats() -> None:
    """csv, ics and json list the entries of the output; events are all-day, with stable ids and the run's date."""
    drafts = run(PLANS["plan_90d"], REQUESTS["launch"])
    output, files = drafts["calendar"].output, files_of(drafts)
    entries = [entry for week in output["weeks"] for entry in week["entries"]]
    rows = list(csv.DictReader(io.StringIO(files["calendar.csv"].text)))
    assert [(row["date"], row["title"]) for row in rows] == [(entry["on"], entry["title"]) for entry in entries]
    # icalendar gives a union of all property types; here every value is a date.
    events: list[Any] = list(ICalendar.from_ical(files["calendar.ics"].text).walk("VEVENT"))
    assert len(events) == len(entries) + len(output["milestones"])
    assert len({str(event["UID"]) for event in events}) == len(events)
    assert {event["DTSTAMP"].dt.date() for event in events} == {TODAY}
    assert {event["DTEND"].dt - event["DTSTART"].dt for event in events} == {timedelta(days=1)}
    published = json.loads(files["calendar.json"].text)
    assert {key: value for key, value in published.items() if key != "notice"} == output
    assert published["written_by"] == "offline"


def test_a_new_run_updates_the_calendar_instead_of_doubling_it() -> None:
    """Event ids depend on the thread and the place in the plan, not on the run: a calendar program replaces them."""
    stage = PLANS["plan_90d"].stage("calendar")
    ids = []
    for run_id in ("r-1", "r-2"):
        draft = OfflineWriter().write(work_on(stage, REQUESTS["launch"], run_id=run_id), Unhurried())
        ics = next(file.text for file in draft.files if file.name.endswith(".ics"))
        ids.append(re.findall(r"UID:(\S+)", ics))
    assert ids[0] == ids[1]


def test_an_editorial_calendar_publishes_the_backlog() -> None:
    """The pieces of the calendar are the topics of the backlog; each has its turn before one comes back."""
    drafts = run(PLANS["editorial_plan"], REQUESTS["content"])
    topics = {topic["title"] for topic in drafts["topics"].output["topics"]}
    weeks = drafts["calendar"].output["weeks"]
    titles = [entry["title"].removeprefix(f"{entry['format']}: ") for week in weeks for entry in week["entries"]]
    assert set(titles) == topics
    assert len(weeks) == 8


def test_the_plan_assembles_every_section() -> None:
    """plan.md has contents, and in it the sections of all stages before it, one level lower."""
    text = files_of(run(PLANS["plan_90d"], REQUESTS["launch"]))["plan.md"].text
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings[-7:] == ["Brief", "Audience", "Positioning", "Channels", "Calendar", "KPIs", "Risks"]
    assert "### Week 13: " not in headings
    assert "### Week 13: Mon 15 Feb 2027" in text


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("objective", REQUESTS)
def test_no_slot_and_no_template_mark_is_left(mode: str, objective: str) -> None:
    """Neither braces of the templates nor unfilled slots reach a reader."""
    for file in files_of(run(PLANS[mode], REQUESTS[objective])).values():
        if file.media_type != "application/json":
            assert not re.findall(r"\{\w*\}|\{\{|\{%", file.text)


def test_a_document_of_ones_own_is_filled_with_what_is_known() -> None:
    """The sections of a user's profile stand in order; facts that a heading asks for are set in with their source."""
    params = {"purpose": "Decide", "sections": [{"heading": "Intro"}, {"heading": "Budget", "guidance": "How much?"}]}
    stage = StagePlan(key="memo", title="Memo", kind="document", params=params)
    draft = OfflineWriter().write(work_on(stage, REQUESTS["launch"]), Unhurried())
    assert [section["heading"] for section in draft.output["sections"]] == ["Intro", "Budget"]
    assert draft.output["sections"][1]["known"] == ["Budget: €8,000 (from: request)"]
    assert draft.output["sections"][1]["to_write"][0] == "Answer this: How much?"
    assert [file.name for file in draft.files] == ["memo.md"]


@pytest.mark.parametrize("kind", sorted(OUTPUT_TYPES))
def test_every_kind_can_stand_alone(kind: str) -> None:
    """A user's profile may use any kind without the stages it usually follows."""
    params = {"sections": [{"heading": "One"}]} if kind == "document" else {}
    draft = OfflineWriter().write(work_on(StagePlan(key="x", title="X", kind=kind, params=params), "help"), Unhurried())
    check_everything({"x": draft})


def test_an_unknown_kind_fails_without_another_try() -> None:
    """A kind from a newer program's plan is refused with a code, and not retried."""
    with pytest.raises(StageError) as caught:
        OfflineWriter().write(work_on(StagePlan(key="x", title="X", kind="hologram"), "help"), Unhurried())
    assert (caught.value.error_code, caught.value.retryable) == ("unknown_kind", False)


def test_the_writer_asks_whether_to_go_on() -> None:
    """Cancellation is checked between pieces of work, and its error passes through."""

    class Stopped(Unhurried):
        def check(self) -> None:
            """Stop at once."""
            raise StageError("canceled", "stopped", retryable=False)

    unhurried = Unhurried()
    OfflineWriter().write(work_on(PLANS["plan_90d"].stages[0], "help"), unhurried)
    assert unhurried.asked >= 3
    with pytest.raises(StageError, match="stopped"):
        OfflineWriter().write(work_on(PLANS["plan_90d"].stages[0], "help"), Stopped())
