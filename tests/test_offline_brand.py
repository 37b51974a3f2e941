"""What brand, project and request say of manner and measure is used, and a revision says what it heeds."""

import re

import pytest

from test_offline_writer import MODES, PLANS, Unhurried, files_of, run, work_on
from vm_webapp.writers import BrandFacts, ProjectFacts
from vm_webapp.writers.offline import OfflineWriter
from vm_webapp.writers.offline.request.manner import find_team, find_tone

BRAND = BrandFacts(
    name="Acme", do=("Say you",), dont=("Jokes about coffee", "Say cheap"), rules=("Never write cheap.",)
)


@pytest.mark.parametrize(
    ("text", "tone", "team"),
    [
        ("Sell our shoes, team of two, playful tone", "playful", "team of two"),
        ("Sell our shoes. Tone: warm and direct. A three-person team.", "warm and direct", "three-person team"),
        ("Somos uma equipe de 3 pessoas, tom descontraído", "descontraído", "equipe de 3 pessoas"),
        ("Vender velas, tom de voz: leve e direto", "leve e direto", ""),
        ("Sell our shoes in the tone of our brand", "", ""),
    ],
)
def test_tone_and_team_are_read(text: str, tone: str, team: str) -> None:
    """In the request's own words; nothing where it says nothing."""
    assert (find_tone(text), find_team(text)) == (tone, team)


def test_what_the_brand_does_and_does_not_stands_in_message_and_guide() -> None:
    """Except for what a rule forbids, whose words may not stand anywhere."""
    message = run(PLANS["single_campaign"], "Sell our coffee, playful tone", brand=BRAND)["message"].output
    guide = run(PLANS["editorial_plan"], "Sell our coffee, playful tone", brand=BRAND)["guide"].output
    assert message["say"][:2] == ["In the tone that was asked for: playful.", "As the brand does: Say you"]
    assert message["avoid"][0] == "What the brand does not do: Jokes about coffee"
    assert guide["checklist"][:2] == ["As the brand does: Say you", "What the brand does not do: Jokes about coffee"]
    assert not [text for text in [*message["avoid"], *guide["checklist"]] if "cheap" in text]


def test_the_kpis_of_the_project_are_named() -> None:
    """They stand before the KPIs that the writer proposes."""
    project = ProjectFacts(name="Spring", kpis=("Orders per week",))
    found = run(PLANS["plan_90d"], "Sell our coffee", project=project)["kpis"].output
    assert found["stated_targets"][0].startswith("KPI of the project: Orders per week.")


@pytest.mark.parametrize(("request_text", "words"), [("Sell our coffee", "Revised"), ("Vender nosso café", "Revisão")])
def test_a_revision_says_what_templates_heed(request_text: str, words: str) -> None:
    """Templates cannot make a text shorter, and say so instead of passing as revised."""
    stage = PLANS["plan_90d"].stage("brief")
    plain = OfflineWriter().write(work_on(stage, request_text), Unhurried()).files[0].text
    revised = OfflineWriter().write(work_on(stage, request_text, feedback=("shorter",)), Unhurried()).files[0].text
    assert (f" {words}" in plain, f" {words}" in revised) == (False, True)


@pytest.mark.parametrize("mode", MODES)
def test_a_plural_subject_has_no_singular_verb(mode: str) -> None:
    """Sentences read right whatever the number of the subject is."""
    for file in files_of(run(PLANS[mode], "Vender nossas cestas de Natal para empresas")).values():
        assert not re.findall(r"cestas de Natal (?:é|não é|nasce|resolve|remove)\b|[Vv]eio as cestas", file.text)


def test_what_has_an_article_in_the_request_has_one_in_the_plan() -> None:
    """`our cold brew` is the cold brew, also in the themes of the weeks."""
    weeks = run(PLANS["plan_90d"], "Launch our cold brew for cyclists")["calendar"].output["weeks"]
    assert weeks[0]["theme"] == "The problem behind the cold brew: what cyclists put up with today"
