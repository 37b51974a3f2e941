"""What a request is about, read from its words."""

from datetime import date

import pytest

from vm_webapp.writers.offline.request.amounts import find_amounts
from vm_webapp.writers.offline.request.dates import find_days, key_day
from vm_webapp.writers.offline.request.language import Language, detect
from vm_webapp.writers.offline.request.subject import find_subject


@pytest.mark.parametrize(
    ("text", "phrase", "source"),
    [
        ("Launch our cold brew subscription in Lisbon", "cold brew subscription", "request"),
        ("The same launch for cyclists and runners, with a smaller budget", "Cold brew", "project"),
    ],
)
def test_the_subject_is_what_is_marketed_not_for_whom(text: str, phrase: str, source: str) -> None:
    """A phrase behind `for` names an audience: then the project's name is the subject."""
    subject = find_subject(text, language="en", project="Cold brew", brand="Aurora")
    assert (subject.phrase, subject.source) == (phrase, source)


@pytest.mark.parametrize(
    ("text", "language", "phrase"),
    [
        ("The same launch without TikTok, and nothing on weekends", "en", "Cold brew"),
        ("O mesmo lançamento, sem TikTok", "pt", "Cold brew"),
        ("Plan the summer sale of our swimwear shop", "en", "swimwear shop"),
        ("We want 120 visitors at our open studio on 14 February", "en", "open studio"),
        ("Get 120 visitors to the open day of our dance school", "en", "open day of our dance school"),
    ],
)
def test_what_is_ruled_out_is_no_subject(text: str, language: Language, phrase: str) -> None:
    """Neither `without TikTok` nor the `day` of an open day is what is marketed."""
    assert find_subject(text, language=language, project="Cold brew", brand="Aurora").phrase == phrase


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("We want 120 visitors at our open studio", ("120 visitors",)),
        ("Festival em 12 e 13 de junho de 2027, 800 ingressos", ("800 ingressos",)),
        ("Grow our newsletter to 2,000 subscribers", ("Grow our newsletter to 2,000 subscribers",)),
    ],
)
def test_a_target_is_its_own_number(text: str, targets: tuple[str, ...]) -> None:
    """The year before it is no part of it, and what is counted is."""
    assert find_amounts(text).targets == targets


def test_what_is_due_by_a_day_wins_over_the_name_of_a_feast() -> None:
    """Hampers for Christmas that must be sold by the 18th lead up to the 18th."""
    text = "Vender cestas de Natal para empresas, 150 pedidos até 18 de dezembro"
    today = date(2026, 11, 22)
    assert key_day(text, find_days(text, today=today, language="pt"), today=today) == date(2026, 12, 18)


@pytest.mark.parametrize("address", ["www.aurora.com", "hello@aurora.com.br", "https://aurora.com/em/da-loja"])
def test_addresses_tell_no_language(address: str) -> None:
    """What has an address in it is no Portuguese for how the address ends."""
    texts = (f"Cold brew, see {address}", f"Cold brew at work ({address})", f"Divulgar a padaria do bairro: {address}")

    assert [detect(text) for text in texts] == ["en", "en", "pt"]
