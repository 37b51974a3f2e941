"""How long, from when and by when: periods and starts that a request states."""

from datetime import date
from typing import Any

import pytest

from test_offline_writer import PLANS, TODAY, Unhurried, check_everything, run, work_on
from vm_webapp.writers.offline import OfflineWriter
from vm_webapp.writers.offline.request import read_work


def calendar(request: str) -> dict[str, Any]:
    draft = OfflineWriter().write(work_on(PLANS["plan_90d"].stage("calendar"), request), Unhurried())
    check_everything({"calendar": draft})
    return dict(draft.output)


@pytest.mark.parametrize(
    ("request_text", "weeks"),
    [
        ("6-week campaign for our running shoes", 6),
        ("A 30-day plan to sell our candles", 4),
        ("Plan for two months to promote our café", 9),
        ("Reduce churn of our meal kit in three months", 13),
        ("Plano de 30 dias para vender brigadeiros", 4),
        ("Campanha de seis semanas para divulgar nossa clínica", 6),
        ("Divulgar nossa clínica durante 8 semanas", 8),
        ("90-day plan to launch our ice cream", 13),
        ("Launch our app with a free trial for 14 days", 13),
        ("Launch our app", 13),
    ],
)
def test_the_calendar_is_as_long_as_was_asked(request_text: str, weeks: int) -> None:
    """A stated length is kept; without one the profile's holds."""
    assert len(calendar(request_text)["weeks"]) == weeks


@pytest.mark.parametrize(
    ("request_text", "monday"),
    [
        ("Promote our swimwear shop, start on 2026-12-01", "2026-11-30"),
        ("Promote our swimwear shop, starting 5 December 2026", "2026-12-07"),
        ("Divulgar nossa clínica, começando em 8 de dezembro", "2026-12-07"),
        ("Divulgar nossa clínica a partir de 7 de dezembro", "2026-12-07"),
    ],
)
def test_the_calendar_starts_when_the_request_says(request_text: str, monday: str) -> None:
    """The stated start is no key date, and nothing is published before it."""
    reading = read_work(work_on(PLANS["plan_90d"].stage("brief"), request_text))
    assert (reading.key_date, reading.period.starts_on is not None) == (None, True)
    found = calendar(request_text)
    days = [date.fromisoformat(entry["on"]) for week in found["weeks"] for entry in week["entries"]]
    assert found["starts_on"] == monday
    assert reading.period.starts_on is not None
    assert min(days) >= reading.period.starts_on


@pytest.mark.parametrize("request_text", ["Launch our bar in six weeks", "Lançar nossa barra em seis semanas"])
def test_a_launch_in_six_weeks_has_a_day(request_text: str) -> None:
    """The day is counted from the date of the run, and the plan leads up to it."""
    reading = read_work(work_on(PLANS["plan_90d"].stage("brief"), request_text))
    assert reading.key_date == date(2027, 1, 3)
    assert (reading.key_date - TODAY).days == 42


def test_a_shorter_plan_is_not_called_a_plan_of_90_days() -> None:
    """The heading says how long the plan is."""
    plans = [run(PLANS["plan_90d"], text)["plan"].output["title"] for text in ("6-week campaign for our shoes", "help")]
    assert [title.split(":")[0] for title in plans] == ["6-week plan", "90-day plan"]


def test_the_name_of_a_day_is_no_audience() -> None:
    """`Dia das Mães` says when, not for whom."""
    request = "Campanha de Dia das Mães para nossa floricultura"
    assert read_work(work_on(PLANS["plan_90d"].stage("brief"), request)).audience == ""
