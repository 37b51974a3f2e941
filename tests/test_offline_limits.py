"""What a request rules out is not planned: channels, days, and what a revision takes back."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from test_offline_writer import MODES, PLANS, Unhurried, check_everything, run, work_on
from vm_webapp.writers import BrandFacts, Comment, ProjectFacts, StageDraft
from vm_webapp.writers.offline import OfflineWriter
from vm_webapp.writers.offline.phrases import table
from vm_webapp.writers.offline.request.language import Language
from vm_webapp.writers.offline.request.limits import Limits, find_limits

WEEKEND = {5, 6}
# As a request may call them; shown names are in the channel's table.
SAME = {
    "tiktok": "TikTok",
    "instagram": "Instagram",
    "email": "e-mail",
    "whatsapp": "WhatsApp",
    "linkedin": "LinkedIn",
    "blog": "blog",
    "search_ads": "Google Ads",
}
NAMES = {
    "en": {**SAME, "social_ads": "paid social", "creators": "influencers", "events": "events", "press": "press"},
    "pt": {**SAME, "social_ads": "Meta Ads", "creators": "influenciadores", "events": "eventos", "press": "imprensa"},
}


def planned(drafts: dict[str, StageDraft]) -> set[str]:
    """Every channel that any deliverable plans with, as it is shown."""
    found: set[str] = set()
    for draft in drafts.values():
        output = draft.output
        found |= {channel["name"] for channel in output.get("channels", []) if "name" in channel}
        found |= {channel["channel"] for channel in output.get("channels", []) if "channel" in channel}
        found |= {entry["channel_name"] for week in output.get("weeks", []) for entry in week["entries"]}
        found |= {link["channel"] for link in output.get("tracking", [])}
        found |= {place for segment in output.get("segments", []) for place in segment["meet_them"]}
        found |= {topic["channel"] for topic in output.get("topics", [])}
        found |= {posts["channel"] for posts in output.get("social", [])}
        found |= {shape.split(":")[0] for pillar in output.get("pillars", []) for shape in pillar["formats"]}
        found |= {"E-mail"} if output.get("emails") else set()
        found |= {ad["network"].split(" (")[0] for ad in output.get("ads", [])}
        found |= {place for hook in output.get("hooks", []) for place in hook["fits"].split(", ")}
    return found


def shown(key: str, language: str) -> set[str]:
    names = {str(table(f"channels/{key}")["name"][language])}
    networks = {"search_ads": {"Search", "Busca"}, "social_ads": {"Social", "Redes sociais"}}
    return names | networks.get(key, set())


def weekdays_of(drafts: dict[str, StageDraft]) -> set[int]:
    """The weekdays on which anything is published."""
    weeks = [week for draft in drafts.values() for week in draft.output.get("weeks", [])]
    return {date.fromisoformat(entry["on"]).weekday() for week in weeks for entry in week["entries"]}


def stage(
    key: str, request: str, *, feedback: tuple[str, ...] = (), outputs: Mapping[str, Any] | None = None
) -> StageDraft:
    """A stage of the plan for 90 days, revised where there is feedback."""
    work = work_on(PLANS["plan_90d"].stage(key), request, feedback=feedback, outputs=outputs or {})
    return OfflineWriter().write(work, Unhurried())


@pytest.mark.parametrize(
    ("text", "language", "excluded", "only", "closed"),
    [
        ("Launch our cold brew without TikTok", "en", {"tiktok"}, set(), set()),
        ("Launch our cold brew, no TikTok please", "en", {"tiktok"}, set(), set()),
        ("the same without TikTok, and nothing on weekends", "en", {"tiktok"}, set(), WEEKEND),
        ("leave TikTok out", "en", {"tiktok"}, set(), set()),
        ("don't use TikTok or Instagram", "en", {"tiktok", "instagram"}, set(), set()),
        ("Instagram instead of TikTok", "en", {"tiktok"}, set(), set()),
        ("Sell candles, Instagram and e-mail only, no weekend posts", "en", set(), {"instagram", "email"}, WEEKEND),
        ("Only e-mail and Instagram for the spring sale", "en", set(), {"instagram", "email"}, set()),
        ("not only e-mail but also Instagram", "en", set(), set(), set()),
        ("no paid ads", "en", {"search_ads", "social_ads"}, set(), set()),
        ("we have no e-mail list yet", "en", set(), set(), set()),
        ("no newsletter on weekends", "en", set(), set(), WEEKEND),
        ("post on Instagram only on weekdays", "en", set(), set(), WEEKEND),
        ("publish only on Saturdays and Sundays", "en", set(), set(), {0, 1, 2, 3, 4}),
        ("nothing on Monday 7 December", "en", set(), set(), set()),
        ("Lançar o café em Lisboa sem TikTok", "pt", {"tiktok"}, set(), set()),
        ("SEM TIKTOK", "pt", {"tiktok"}, set(), set()),
        ("o mesmo, sem TikTok nem Facebook, e nada nos fins de semana", "pt", {"tiktok", "facebook"}, set(), WEEKEND),
        ("deixe o TikTok de fora", "pt", {"tiktok"}, set(), set()),
        ("TikTok não.", "pt", {"tiktok"}, set(), set()),
        ("tudo menos TikTok", "pt", {"tiktok"}, set(), set()),
        ("tire a newsletter", "pt", {"email"}, set(), set()),
        ("só e-mail e Instagram", "pt", set(), {"instagram", "email"}, set()),
        ("não só e-mail, também Instagram", "pt", set(), set(), set()),
        ("Vender velas no Instagram e no TikTok", "pt", set(), set(), set()),
        ("apenas em dias úteis", "pt", set(), set(), WEEKEND),
        ("não publicar aos sábados e domingos", "pt", set(), set(), WEEKEND),
        ("nada às segundas-feiras", "pt", set(), set(), {0}),
    ],
)
def test_limits_are_read_from_the_words(
    text: str, language: Language, excluded: set[str], only: set[str], closed: set[int]
) -> None:
    """What is ruled out, what alone may be, and on which days nothing is to appear."""
    found = find_limits(text, language)
    assert (set(found.excluded), set(found.only), set(found.closed)) == (excluded, only, closed)


@pytest.mark.parametrize("text", ["", "only", "sem", "no, no, no", "TikTok", "e-mail, e-mail"])
def test_where_nothing_is_ruled_out_nothing_is_limited(text: str) -> None:
    """Half a sentence limits nothing."""
    found = find_limits(text, "en")
    assert found == Limits(named=found.named)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    excluded=st.sets(st.sampled_from(sorted(NAMES["en"])), min_size=1),
    language=st.sampled_from(["en", "pt"]),
    mode=st.sampled_from(MODES),
)
def test_no_file_plans_with_a_channel_that_was_ruled_out(excluded: set[str], language: str, mode: str) -> None:
    """Whatever channels are excluded: no deliverable plans with them, and shares sum to a hundred."""
    names = [NAMES[language][key] for key in sorted(excluded)]
    opening = {
        "en": "Launch our cold brew for cyclists, without {}",
        "pt": "Lançar nosso café gelado para ciclistas, sem {}",
    }
    drafts = run(PLANS[mode], opening[language].format({"en": " or ", "pt": " nem "}[language].join(names)))
    check_everything(drafts)
    assert planned(drafts) & {name for key in excluded for name in shown(key, language)} == set()
    for draft in drafts.values():
        if draft.output["kind"] == "channels":
            assert sum(channel["budget_share"] for channel in draft.output["channels"]) == 100


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "request_text",
    ["Launch our cold brew with only e-mail and Instagram", "Lançar nosso café gelado só por e-mail e Instagram"],
)
def test_only_means_only(mode: str, request_text: str) -> None:
    """Nothing is suggested beside the channels that alone may be used."""
    drafts = run(PLANS[mode], request_text)
    check_everything(drafts)
    plans_with = {name for name in planned(drafts) if name in ALL_NAMES}
    assert plans_with == {"E-mail", "Instagram"}


ALL_NAMES = {name for key in table("channels") for language in ("en", "pt") for name in shown(key, language)}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "request_text",
    [
        "Launch our cold brew on TikTok and events by 12 December 2026, nothing on weekends",
        "Lançar nosso café gelado no TikTok e em eventos até 12 de dezembro de 2026, nada nos fins de semana",
    ],
)
def test_nothing_appears_on_days_that_are_closed(mode: str, request_text: str) -> None:
    """Not even on a key date that is a Saturday; its piece comes the day before, and cadences name open days."""
    drafts = run(PLANS[mode], request_text)
    check_everything(drafts)
    assert weekdays_of(drafts) & WEEKEND == set()
    assert not [draft for draft in drafts.values() if " and Sat" in str(draft.output.get("channels"))]
    entries = [
        entry for draft in drafts.values() for week in draft.output.get("weeks", []) for entry in week["entries"]
    ]
    assert "2026-12-11" in [entry["on"] for entry in entries]


@pytest.mark.parametrize(
    ("request_text", "wish"),
    [
        ("Launch our cold brew with TikTok, Instagram and e-mail", "Without TikTok, please"),
        ("Lançar nosso café gelado no TikTok, no Instagram e por e-mail", "sem TikTok"),
    ],
)
def test_a_revision_takes_a_channel_back(request_text: str, wish: str) -> None:
    """What the feedback rules out is gone, though the request named it."""
    output = stage("channels", request_text, feedback=(wish,)).output
    keys = [channel["key"] for channel in output["channels"] if channel["source"] == "request"]
    assert sorted(keys) == ["email", "instagram"]
    assert "tiktok" not in {channel["key"] for channel in output["channels"]}


def test_a_revision_of_the_calendar_heeds_channels_and_days() -> None:
    """A revised calendar leaves out what its feedback says, also where the channels before it were decided."""
    request = "Launch our cold brew with TikTok, Instagram and e-mail"
    channels = stage("channels", request).output
    wish = ("Leave out the newsletter, add WhatsApp, and nothing on weekends",)
    calendar = stage("calendar", request, outputs={"channels": channels}, feedback=wish).output
    used = {entry["channel"] for week in calendar["weeks"] for entry in week["entries"]}
    assert used == {"tiktok", "instagram", "whatsapp"}


@pytest.mark.parametrize(
    "changes",
    [
        {"brand": BrandFacts(name="Acme", dont=("TikTok", "Posting on weekends"))},
        {"brand": BrandFacts(name="Acme", rules=("Never use TikTok.", "Nothing is posted on weekends."))},
        {"comments": (Comment(by="Ana", text="No TikTok, and nothing on weekends", said_at="2026-11-20T10:00:00Z"),)},
    ],
)
def test_brand_and_thread_rule_out_too(changes: dict[str, Any]) -> None:
    """What the brand does not do, and what was said in the thread, holds like the request's own words."""
    project = ProjectFacts(name="Spring", channels=("TikTok", "Instagram"))
    drafts = run(PLANS["plan_90d"], "Launch our cold brew for cyclists", project=project, **changes)
    assert "TikTok" not in planned(drafts)
    assert weekdays_of(drafts) & WEEKEND == set()


def test_the_brief_says_what_was_ruled_out() -> None:
    """A reader can see that the exclusion was understood."""
    facts = stage("brief", "Launch our cold brew, without TikTok, nothing on weekends").output["facts"]
    found = {fact["label"]: fact["statement"] for fact in facts}
    assert (found["Not to be used"], found["Nothing is published on"]) == ("TikTok", "Sat and Sun")
    assert "Channels" not in found
