"""Past deliverables are found: in two languages, whatever is typed, each brand's by itself, page by page."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_webapp.errors import Invalid
from vm_webapp.host import open_host
from vm_webapp.memory import Filters
from vm_webapp.memory.queries import parse
from vm_webapp.memory.snippets import snippet
from vm_webapp.settings import Settings

from dictated import Desk, DictatedWriter, add_profiles


@pytest.fixture
def dictated() -> DictatedWriter:
    """The writer."""
    return DictatedWriter()


@pytest.fixture
def desk(settings: Settings, dictated: DictatedWriter) -> Iterator[Desk]:
    """A desk on an empty workspace."""
    add_profiles(settings)
    host = open_host(settings, llm=dictated)
    yield Desk(host)
    host.close()


@pytest.mark.parametrize("typed", ["promoção", "promoções", "PROMOCOES", "promocao", "promover", "promovendo"])
@pytest.mark.parametrize("language", ["pt-BR", ""])
def test_portuguese_forms_find_each_other(desk: Desk, dictated: DictatedWriter, typed: str, language: str) -> None:
    """Singular, plural and verb, with accents and without, find a text with any of them; another text stays away."""
    dictated.language = language
    desk.publish("Verão\n\nAs promoções de sorvete começam em dezembro.")
    desk.publish("Inverno\n\nPromovemos chá quente na loja.")
    desk.publish("Outono\n\nNada disso aqui.")
    assert desk.titles(typed) == ["Inverno", "Verão"]


@pytest.mark.parametrize("typed", ["campaign", "campaigns", "campaigned", "Campaigning"])
def test_english_forms_find_each_other(desk: Desk, dictated: DictatedWriter, typed: str) -> None:
    """All forms of a word find a text with one of them."""
    dictated.language = "en"
    desk.publish("Spring\n\nTwo campaigns run beside each other.")
    desk.publish("Autumn\n\nNothing of that kind.")
    assert desk.titles(typed) == ["Spring"]


def test_all_words_have_to_be_there_and_the_last_may_be_a_beginning(desk: Desk) -> None:
    """Words are joined by and; the last one finds words that begin with it; small words do not count."""
    desk.publish("One\n\nCold brew for Lisbon.")
    desk.publish("Two\n\nCold soup for Porto.")
    assert desk.titles("cold lis") == ["One"]
    assert desk.titles("the cold") == ["One", "Two"]
    assert desk.titles("lis cold") == []


def test_a_phrase_is_found_word_for_word(desk: Desk) -> None:
    """What stands in quotes stands in a row; an e-mail is one as well."""
    desk.publish("One\n\nBrew it cold, then send an e-mail.")
    desk.publish("Two\n\nCold brew; mail it to E.")
    assert desk.titles('"cold brew"') == ["Two"]
    assert desk.titles("e-mail") == ["One"]


def test_a_title_counts_more_than_a_mention(desk: Desk) -> None:
    """The deliverable that is called so stands before the one that speaks of it."""
    desk.publish("Summer\n\nMatcha, among " + "other drinks " * 20)
    desk.publish("Matcha\n\nA green drink, among " + "other drinks " * 20)
    assert [hit.facts["title"] for hit in desk.search("matcha").hits] == ["Matcha", "Summer"]


def test_a_result_says_where_it_stands_and_shows_what_was_found(desk: Desk) -> None:
    """Run, stage, path, digests, and a snippet of plain pieces in which the found words are marked."""
    run_id = desk.publish("Matcha\n\n<b>Green</b> | drinks: matchá and more.")
    (hit,) = desk.search("matcha").hits
    stage = desk.stage(run_id)
    assert (
        hit.facts
        | {
            "run_id": run_id,
            "stage_key": "note",
            "path": "artifacts/note.md",
            "sha256": stage["artifacts"][0]["sha256"],
            "manifest_sha256": stage["manifest_sha256"],
        }
        == hit.facts
    )
    assert [piece["text"] for piece in hit.snippet if piece["match"]] == ["Matcha", "matchá"]
    assert "<b>Green</b> drinks" in "".join(str(piece["text"]) for piece in hit.snippet)


def test_texts_of_every_kind_are_found(desk: Desk, dictated: DictatedWriter) -> None:
    """Tables, plain text and the texts in JSON; what is not text is left out."""
    dictated.files = {
        "table.csv": ("text/csv", "day,what\nMon,zebra\n"),
        "data.json": ("application/json", '{"secretkey": ["giraffe", 7]}'),
        "broken.json": ("application/json", '{"okapi'),
        "days.ics": ("text/calendar", "SUMMARY:rhino"),
    }
    desk.publish("Animals")
    found = {word: [hit.facts["path"] for hit in desk.search(word).hits] for word in ("zebra", "giraffe", "okapi")}
    assert found == {
        "zebra": ["artifacts/table.csv"],
        "giraffe": ["artifacts/data.json"],
        "okapi": ["artifacts/broken.json"],
    }
    assert desk.titles("secretkey") == desk.titles("rhino") == []


def test_a_brand_finds_its_own_alone(desk: Desk) -> None:
    """A search within one brand never shows another's, whatever is asked, nor through another's cursor."""
    for number in range(3):
        desk.publish(f"Ours {number}\n\nmatcha", brand_id="b-1")
        desk.publish(f"Theirs {number}\n\nmatcha", brand_id="b-2")
    assert desk.titles("matcha", brand_id="b-1") == ["Ours 0", "Ours 1", "Ours 2"]
    assert desk.titles("theirs", brand_id="b-1") == []
    assert desk.titles("matcha", brand_id="") == []
    page = desk.host.memory.search("matcha", limit=1)
    other = desk.host.memory.search("matcha", filters=_of("b-1"), limit=100, after=page.next)
    assert {hit.facts["brand_id"] for hit in other.hits} == {"b-1"}


def test_pages_stay_as_they_were_while_more_is_published(desk: Desk) -> None:
    """All pages of a search hold what was there at its first, each once and in order, whatever comes between."""
    for number in range(7):
        desk.publish(f"Note {number}\n\nmatcha " + "tea " * number)
    whole = [hit.facts["title"] for hit in desk.search("matcha").hits]
    page = desk.host.memory.search("matcha", limit=3)
    seen = [hit.facts["title"] for hit in page.hits]
    while page.next:
        desk.publish(f"Late {len(seen)}\n\nmatcha matcha matcha")
        page = desk.host.memory.search("matcha", limit=3, after=page.next)
        seen += [hit.facts["title"] for hit in page.hits]
    assert seen == whole


@pytest.mark.parametrize("cursor", ["x", "~~", "a~off~1_1", "~off~", "x" * 100, "\x00"])
def test_a_cursor_of_no_search_is_refused(desk: Desk, cursor: str) -> None:
    """It is said how to begin again."""
    desk.publish("Note")
    with pytest.raises(Invalid, match="begin without it"):
        desk.host.memory.search("note", after=cursor)


@pytest.mark.parametrize("tail", ["zz", "-1_1", "1_" + "f" * 40, "f" * 40 + "_1", "1", "1_1_1"])
def test_a_cursor_that_was_changed_is_refused(desk: Desk, tail: str) -> None:
    """Numbers that no index gives are none."""
    for number in range(2):
        desk.publish(f"Note {number}")
    cursor = desk.host.memory.search("note", limit=1).next or ""
    with pytest.raises(Invalid):
        desk.host.memory.search("note", after=cursor.rpartition("~")[0] + "~" + tail)


def test_the_same_bytes_are_shown_once(desk: Desk) -> None:
    """Of deliverables with the same bytes at one place the newest is shown."""
    desk.publish("Note\n\nmatcha")
    newest = desk.publish("Note\n\nmatcha")
    assert [hit.facts["run_id"] for hit in desk.search("matcha").hits] == [newest]


def test_mode_and_approval_are_filters(desk: Desk) -> None:
    """Approved is what a person granted, or whose run is completed."""
    desk.publish("Done\n\nmatcha")
    waiting = desk.publish("Waiting\n\nmatcha", mode="gated")
    assert desk.titles("matcha", approved=True) == ["Done"]
    assert desk.titles("matcha", approved=False) == ["Waiting"]
    assert desk.titles("matcha", mode="gated") == ["Waiting"]
    desk.grant(waiting)
    assert desk.titles("matcha", approved=True) == ["Done", "Waiting"]
    granted = {hit.facts["title"]: hit.facts["granted"] for hit in desk.search("matcha").hits}
    assert granted == {"Done": 0, "Waiting": 1}


HOSTILE = (
    "",
    "\x00",
    "a\x00b",
    "OR AND NOT",
    '"',
    '""""',
    "(((",
    "^matcha",
    "title:matcha",
    "{title body} : x",
    "NEAR(a b)",
    "-matcha",
    "*",
    "matcha*",
    "🍵",
    "ma🍵tcha",
    "' OR 1=1 --",
    "x" * 1_000,
    "a " * 500,
    "\ud800",
    "½ ﬁ ª ″x",
)


@pytest.mark.parametrize("typed", HOSTILE)
def test_no_query_is_an_error(desk: Desk, typed: str) -> None:
    """Operators, halves of quotes, control characters and walls of text are words or nothing."""
    desk.publish("Matcha\n\nmatcha e-mail")
    assert desk.search(typed).meaning == "off"


@given(st.text(), st.text())
def test_any_text_can_be_marked_in_any_text(typed: str, body: str) -> None:
    """A snippet is made of the text's own characters, whatever was typed."""
    pieces = snippet(parse(typed), body)
    assert all(piece["text"] for piece in pieces)


def test_nothing_is_found_where_nothing_was_published(desk: Desk) -> None:
    """An empty index gives an empty page."""
    assert desk.search("matcha").hits == []


def _of(brand_id: str) -> Filters:
    return Filters(brand_id=brand_id)


def test_a_query_that_is_too_long_is_refused(desk: Desk) -> None:
    """For whoever asks, also where nothing is indexed yet; the limit is said."""
    with pytest.raises(Invalid, match="may have 1,000 characters; this one has 1,001"):
        desk.search("x" * 1_001)
