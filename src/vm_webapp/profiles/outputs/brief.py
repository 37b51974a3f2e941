"""The brief: the request as understood, before anything is planned on it."""

from datetime import date
from typing import Literal

from pydantic import Field

from vm_webapp.profiles.outputs.base import Deliverable, Part, Text

ObjectiveType = Literal[
    "launch", "leads", "sales", "awareness", "retention", "event", "recruiting", "community", "content", "unstated"
]


class Goal(Part):
    """One result to reach."""

    statement: Text = Field(description="The result in one sentence: what changes, for whom.")
    measure: Text = Field(
        description="What would show that it was reached; a number only where the request states one."
    )


class Fact(Part):
    """Something that was stated, with its source; never something inferred."""

    label: Text = Field(description="What the fact is about, in one to three words.")
    statement: Text = Field(description="The fact, in the words of the source where possible.")
    source: Literal["request", "brand", "project"] = Field(description="Where it was stated.")


class KeyDate(Part):
    """A date or a time that the plan must honour."""

    label: Text = Field(description="What happens then.")
    on: date | None = Field(description="The day; null where only a season or a month was named.")
    words: Text = Field(description="The words in which the source names it.")


class Assumption(Part):
    """Something the plan rests on that nobody has said."""

    statement: Text = Field(description="What is taken to be so.")
    because: Text = Field(description="What in the request led there.")
    if_wrong: Text = Field(description="What has to change in the plan if it is not so.")


class OpenQuestion(Part):
    """Something unknown that would change the plan."""

    question: Text = Field(description="The question as one would ask it in a meeting.")
    why: Text = Field(description="What the answer decides.")
    ask: Text = Field(description="Who is likely to know: a role, not a name.")


class Brief(Deliverable):
    """The request as understood: what is known, what is assumed, what must be asked."""

    kind: Literal["brief"] = "brief"
    request: Text = Field(description="The request verbatim, shortened only where it is very long.")
    summary: Text = Field(
        description="What is asked for and why, in two to four sentences a manager can confirm or correct."
    )
    subject: Text = Field(description="The product, service, event or cause that is marketed, as a short noun phrase.")
    objective: ObjectiveType = Field(description="The kind of objective that decides how the work is planned.")
    objective_words: list[Text] = Field(
        description="The words of the request that led to the objective; empty if none did."
    )
    goals: list[Goal] = Field(min_length=1, description="Two to four goals, the most important first.")
    facts: list[Fact] = Field(description="Everything that was stated and matters to the plan.")
    key_dates: list[KeyDate] = Field(description="Dates and seasons to honour, in order.")
    assumptions: list[Assumption] = Field(description="What the plan takes to be so until somebody says otherwise.")
    open_questions: list[OpenQuestion] = Field(description="What to ask first, the most consequential question on top.")
    done_when: list[Text] = Field(
        min_length=1, description="Checks by which the team can tell that the brief is settled."
    )
