"""KPIs: what to measure, how to compute it and how to read it."""

from typing import Literal

from pydantic import Field

from vm_webapp.profiles.outputs.base import Deliverable, Part, Text


class Kpi(Part):
    """One number, fully defined."""

    name: Text = Field(description="The KPI's name.")
    answers: Text = Field(description="The question it answers.")
    formula: Text = Field(description="How it is computed, numerator and denominator spelled out.")
    unit: Text = Field(description="Its unit, such as %, people, days or a currency.")
    source: Text = Field(description="Where the data comes from.")
    rhythm: Text = Field(description="How often it is read.")
    baseline: Text = Field(description="The value today with its date, or that it is still to be measured.")
    target: Text = Field(description="How the target is set; a number only where the request states one.")
    how_to_read: Text = Field(description="What a rise, a fall and a stable value mean, and what deceives.")
    act_when: Text = Field(description="The rule that turns the number into a decision.")


class Tracking(Part):
    """How links of one channel are marked."""

    channel: Text = Field(description="The channel's name.")
    utm_source: Text = Field(description="Lower case, no spaces.")
    utm_medium: Text = Field(description="Lower case, no spaces.")
    utm_campaign: Text = Field(description="Lower case, no spaces; the same on every channel.")


class Kpis(Deliverable):
    """What to measure, from the result back to its causes."""

    kind: Literal["kpis"] = "kpis"
    main: Text = Field(description="The name of the one KPI that decides whether the work succeeded.")
    kpis: list[Kpi] = Field(min_length=1, description="Four to eight KPIs, the main one first.")
    stated_targets: list[Text] = Field(
        description="Targets that the request states, verbatim; empty where it states none."
    )
    tracking: list[Tracking] = Field(description="How links are marked, one line per channel.")
    before_start: list[Text] = Field(
        min_length=1, description="What must be measured or set up before the first publication."
    )
    rhythm: list[Text] = Field(min_length=1, description="Who looks at what, when, and what they may decide.")
