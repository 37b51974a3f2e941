"""The brief from what was read."""

from datetime import date

from vm_webapp.profiles.outputs.brief import Assumption, Brief, Fact, Goal, KeyDate, OpenQuestion
from vm_webapp.writers.offline.builders.facts import facts_of
from vm_webapp.writers.offline.context import Context
from vm_webapp.writers.offline.request.dates import NamedDay
from vm_webapp.writers.offline.wording import joined, quoted, spoken_date

_QUOTED = 6000


def build_brief(context: Context) -> Brief:
    """The request as understood, with what is assumed and what must be asked."""
    reading = context.reading
    request = reading.text if len(reading.text) <= _QUOTED else reading.text[:_QUOTED].rstrip() + " […]"
    return Brief(
        **context.head,
        request=request or "-",
        summary=_summary(context),
        subject=reading.subject.phrase,
        objective=reading.objective,
        objective_words=list(reading.objective_words),
        goals=_goals(context),
        facts=[Fact(label=label, statement=text, source=source) for label, text, source in facts_of(context)],
        key_dates=_key_dates(context),
        assumptions=_assumptions(context),
        open_questions=_questions(context),
        done_when=context.phrases.list("done_when"),
    )


def _summary(context: Context) -> str:
    reading, say = context.reading, context.phrases.say
    where = (
        say("in_places" if reading.audience else "place_named", a=joined(reading.places, reading.language))
        if reading.places
        else ""
    )
    parts = [say("summary_asked", a=context.objective["label"])]
    if reading.objective_words:
        parts.append(say("objective_words", a=quoted(reading.objective_words)))
    parts.append(say("summary_to" if reading.audience else "summary_to_unknown", b=where))
    if reading.key_date:
        parts.append(say("summary_until", a=spoken_date(reading.key_date, reading.language)))
    else:
        start = reading.period.starts_on
        parts.append(say("summary_start", a=spoken_date(start, reading.language)) if start else say("summary_no_date"))
    return " ".join(parts)


def _goals(context: Context) -> list[Goal]:
    say = context.phrases.say
    stated = [
        Goal(statement=say("target_statement", a=f'"{target}"'), measure=say("target_measure"))
        for target in context.reading.amounts.targets[:2]
    ]
    return [*stated, *(Goal(**goal) for goal in context.objective["goals"])][:4]


def _key_dates(context: Context) -> list[KeyDate]:
    reading, say = context.reading, context.phrases.say
    found = [KeyDate(label=_date_label(context, day), on=day.on, words=day.words) for day in reading.days]
    due = reading.project.due_on
    if due:
        found.append(KeyDate(label=say("due_label"), on=due, words=due.isoformat()))
    return sorted(found, key=lambda day: day.on or date.max)


def _date_label(context: Context, day: NamedDay) -> str:
    if day.on is None:
        return context.phrases.say("named_season")
    if day.on < context.reading.today:
        return context.phrases.say("day_past")
    return context.phrases.say("day_unsure" if day.unsure else "named_day")


def _assumptions(context: Context) -> list[Assumption]:
    reading, say = context.reading, context.phrases.say
    words = reading.objective_words
    because = say("assume_objective_because", a=quoted(words)) if words else say("assume_objective_none")
    found = [
        Assumption(
            statement=say("assume_objective", a=context.objective["label"]),
            because=because,
            if_wrong=say("assume_objective_wrong"),
        ),
        Assumption(
            statement=say("assume_subject"), because=_subject_source(context), if_wrong=say("assume_subject_wrong")
        ),
    ]
    if reading.market != "unknown":
        statement = say(f"assume_market_{reading.market}")
        found.append(
            Assumption(statement=statement, because=say("assume_market_because"), if_wrong=say("assume_market_wrong"))
        )
    if reading.period.starts_on:
        return found
    start = say("assume_start", a=spoken_date(reading.first_monday, reading.language))
    found.append(Assumption(statement=start, because=say("assume_start_because"), if_wrong=say("assume_start_wrong")))
    return found


def _subject_source(context: Context) -> str:
    source = context.reading.subject.source
    if source == "request":
        return context.phrases.say("assume_subject_request")
    return context.phrases.say("assume_subject_fallback", a=context.phrases.say(f"name_of_{source}"))


def _questions(context: Context) -> list[OpenQuestion]:
    reading = context.reading
    season = next((day.words for day in reading.days if day.on is None), "")
    common = context.phrases.get("questions", a=season)
    missing = {
        "subject": reading.subject.source != "request",
        "audience": not reading.audience,
        "season": bool(season) and not reading.key_date,
        "date": not season and not reading.key_date,
        "budget": not reading.amounts.budget,
        "target": not reading.amounts.targets,
        "place": not reading.places and reading.market != "b2b" and context.objective["family"] != "keep",
        "proof": True,
    }
    asked = [common[key] for key, is_missing in missing.items() if is_missing]
    # What nobody said comes first, then what this kind of objective always needs.
    return [OpenQuestion(**question) for question in [*asked[:2], *context.objective["questions"], *asked[2:]]]
