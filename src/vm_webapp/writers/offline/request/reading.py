"""All that is read from a stage's work before anything is written."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from vm_webapp.profiles.outputs.brief import ObjectiveType
from vm_webapp.profiles.params import CalendarParams
from vm_webapp.writers import BrandFacts, ProjectFacts, StageWork
from vm_webapp.writers.offline.request.amounts import Amounts, find_amounts
from vm_webapp.writers.offline.request.channels import NamedChannel, Wishes, find_wishes
from vm_webapp.writers.offline.request.dates import NamedDay, find_days, key_day
from vm_webapp.writers.offline.request.language import Language, detect
from vm_webapp.writers.offline.request.manner import find_team, find_tone
from vm_webapp.writers.offline.request.objective import Market, find_delicate, find_market, find_objective
from vm_webapp.writers.offline.request.people import find_audience, find_places
from vm_webapp.writers.offline.request.periods import Period, find_period
from vm_webapp.writers.offline.request.subject import Subject, find_subject, label_value, openings_for
from vm_webapp.writers.offline.request.text import clean, one_line, shorten
from vm_webapp.writers.offline.timing import first_monday

Source = Literal["request", "project", "brand"]
# Patterns look at this much of a request; the whole of it is still quoted in the brief.
_READ = 20_000
_THURSDAY = 3
_DATED = {"launch", "event", "sales"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a request says, as far as its words tell; empty where they do not."""

    language: Language
    text: str
    brand: BrandFacts
    project: ProjectFacts
    today: date
    subject: Subject
    objective: ObjectiveType
    objective_words: tuple[str, ...]
    market: Market
    audience: str
    audience_source: Literal["request", "brand", ""]
    wishes: Wishes
    days: tuple[NamedDay, ...]
    period: Period
    key_date: date | None
    key_date_source: Literal["project", "request", ""]
    amounts: Amounts
    places: tuple[str, ...]
    delicate: tuple[str, ...]
    tone: str
    team: str

    @property
    def first_monday(self) -> date:
        """The Monday of week 1: of the week of a stated start, unless little is left of it; else the next one."""
        start = self.period.starts_on
        if start and start.weekday() <= _THURSDAY:
            return start - timedelta(days=start.weekday())
        return first_monday(start or self.today)

    @property
    def channels(self) -> tuple[NamedChannel, ...]:
        """The channels that were named and may be used."""
        return self.wishes.named


def weeks_of(work: StageWork, reading: Reading | None = None) -> int:
    """How many weeks the work's calendar covers, whoever writes it: as many as its request states, else its profile.

    `reading` is that of the work, where somebody has it already.
    """
    stated = (reading or read_work(work)).period.weeks
    return stated or CalendarParams.model_validate(dict(work.stage.params)).weeks


def read_work(work: StageWork) -> Reading:
    """Read the request together with what brand and project say; deterministic, and `dated_on` is today."""
    brand, project = _clean_brand(work.brand), _clean_project(work.project)
    text = clean(work.request_text)[:_READ]
    language = detect(text, project.objective, project.name, brand.description)
    subject = find_subject(text, language=language, project=project.name, brand=brand.name)
    objective = find_objective(label_value(text, "objective") or text)
    if objective.kind == "unstated":
        objective = find_objective(f"{text} {project.objective} {project.name}")
    audience = find_audience(text, language=language, subject=subject.phrase)
    if objective.kind == "recruiting":
        audience = audience or (subject.phrase if subject.source == "request" else "")
        subject = openings_for(subject, language)
    period = find_period(
        text,
        find_days(text, today=work.dated_on, language=language),
        today=work.dated_on,
        is_dated=objective.kind in _DATED,
    )
    days = period.days
    key_date = project.due_on or key_day(text, days, today=work.dated_on)
    return Reading(
        language=language,
        text=text,
        brand=brand,
        project=project,
        today=work.dated_on,
        subject=subject,
        objective=objective.kind,
        objective_words=objective.words,
        market=find_market(audience, text, f"{brand.description} {brand.audience}"),
        audience=audience or shorten(brand.audience, 80),
        audience_source="request" if audience else ("brand" if brand.audience else ""),
        wishes=find_wishes(work, text, project=project, language=language),
        days=days,
        period=period,
        key_date=key_date,
        key_date_source="project" if project.due_on else ("request" if key_date else ""),
        amounts=find_amounts(text),
        places=find_places(text, language),
        tone=find_tone(text),
        team=find_team(text),
        delicate=find_delicate(f"{text} {brand.description} {project.objective}"),
    )


def _clean_brand(brand: BrandFacts) -> BrandFacts:
    return BrandFacts(
        name=shorten(one_line(brand.name), 80),
        description=shorten(one_line(brand.description), 600),
        voice=shorten(one_line(brand.voice), 600),
        audience=shorten(one_line(brand.audience), 600),
        do=_lines(brand.do),
        dont=_lines(brand.dont),
        rules=_lines(brand.rules),
    )


def _clean_project(project: ProjectFacts) -> ProjectFacts:
    channels = tuple(one_line(name) for name in project.channels)
    return replace(
        project,
        name=shorten(one_line(project.name), 80),
        objective=shorten(one_line(project.objective), 600),
        channels=tuple(name for name in channels if name)[:12],
        kpis=_lines(project.kpis),
    )


def _lines(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts as single lines, none empty, a dozen at the most."""
    lines = (shorten(one_line(text), 200) for text in texts)
    return tuple(line for line in lines if line)[:12]
