"""The assembled plan: a page to decide with, and the sections in order."""

from collections.abc import Iterator
from datetime import timedelta

from vm_webapp.profiles.outputs.brief import Brief
from vm_webapp.profiles.outputs.calendar import Calendar
from vm_webapp.profiles.outputs.channels import Channels
from vm_webapp.profiles.outputs.kpis import Kpis
from vm_webapp.profiles.outputs.message import Message
from vm_webapp.profiles.outputs.pillars import Pillars
from vm_webapp.profiles.outputs.plan import Action, Plan, PlanSection
from vm_webapp.profiles.outputs.positioning import Positioning
from vm_webapp.writers.offline.builders.takeaways import takeaways_of
from vm_webapp.writers.offline.context import Context
from vm_webapp.writers.offline.phrases import table
from vm_webapp.writers.offline.request.text import one_line
from vm_webapp.writers.offline.wording import joined, spoken_date


def build_plan(context: Context) -> Plan:
    """The plan from the outputs of the stages before it."""
    start = context.reading.first_monday
    key = context.reading.key_date
    # What prepares a key date is done the day before it.
    latest = key - timedelta(days=1) if key and key > start else start + timedelta(days=14)
    actions = table("texts")["actions"][context.reading.language]
    return Plan(
        **context.head,
        summary=list(_summary(context)),
        decisions=list(_decisions(context)),
        first_actions=[
            Action(what=what, by=min(start + timedelta(days=days), latest), role=role) for what, days, role in actions
        ],
        sections=[
            PlanSection(
                stage_key=key,
                heading=one_line(str(output.get("title") or key)).split(":")[0],
                takeaways=takeaways_of(context, output),
            )
            for key, output in context.work.outputs.items()
        ],
    )


def _summary(context: Context) -> Iterator[str]:
    say, language = context.phrases.say, context.reading.language
    yield say("plan_first", a=context.objective["label"])
    positioning = context.earlier(Positioning)
    if positioning:
        best = next(option for option in positioning.options if option.name == positioning.recommendation.option)
        yield say("plan_position", a=best.name, b=best.promise)
    message, pillars = context.earlier(Message), context.earlier(Pillars)
    if message:
        yield say("plan_message", a=message.proposition)
    if pillars:
        yield say("plan_mission", a=pillars.mission)
    channels = context.earlier(Channels)
    if channels:
        names = [f"{channel.name} ({channel.budget_share} %)" for channel in channels.channels]
        yield say("plan_channels", a=joined(names, language))
    calendar = context.earlier(Calendar)
    if calendar:
        weeks = say("weeks_word", a=str(len(calendar.weeks)))
        yield say(
            "plan_calendar",
            a=spoken_date(calendar.starts_on, language),
            b=spoken_date(calendar.ends_on, language),
            c=weeks,
        )
    kpis = context.earlier(Kpis)
    if kpis:
        yield say("plan_main_kpi", a=kpis.main)
    brief = context.earlier(Brief)
    if brief and brief.open_questions:
        yield say("plan_open", a=str(len(brief.open_questions)), b=brief.open_questions[0].question)


def _decisions(context: Context) -> Iterator[str]:
    yield from context.phrases.list("decisions")
    positioning = context.earlier(Positioning)
    if positioning:
        yield context.phrases.say("decide_position", a=positioning.recommendation.option)
    if context.reading.key_date:
        yield context.phrases.say("decide_date", a=spoken_date(context.reading.key_date, context.reading.language))
