"""Rules of a brand: what breaks them, what does not, how a check is read, and that no text makes them slow."""

# ruff: noqa: RUF001 - look-alikes are what is tested

import hashlib
import time
from typing import Any

import pytest

from vm_webapp.domain.reading import as_shown, as_written
from vm_webapp.domain.rule_checks import check_kinds, read_check
from vm_webapp.domain.rules import (
    MOST_EVIDENCE,
    Breach,
    Evidence,
    Rule,
    breach_facts,
    check_rules,
    rule_digest,
    rule_facts,
    rules_of,
)
from vm_webapp.errors import InvalidText

MEGABYTE = 1_000_000
QUARTER = MEGABYTE // 4


def rule(**check: Any) -> Rule:  # noqa: ANN401 - JSON
    """A rule of that check."""
    return Rule(rule_id="rule-1", text="Mind it.", check=read_check(check))


def broken(sample: str, /, **check: Any) -> Breach | None:  # noqa: ANN401 - JSON
    """What the sample breaks of the check."""
    found = check_rules([rule(**check)], kind="brief", texts={"brief.md": sample})
    return found[0] if found else None


def says(text: str, *words: str) -> bool:
    """Whether one of the words is found."""
    return broken(text, kind="forbidden_words", words=list(words)) is not None


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("guaranteed", "It is GUARANTEED."),
        ("Código", "o CODIGO aberto"),
        ("codigo", "o código aberto"),
        ("strasse", "Straße"),
        ("guaranteed", "**guaran**teed"),
        ("guaranteed", "_guaranteed_"),
        ("guaranteed", "guar&shy;anteed"),
        ("guaranteed", "guar\u200banteed"),
        ("guaranteed", "ｇｕａｒａｎｔｅｅｄ"),
        ("guaranteed", "a guaran-\nteed one"),
        ("guaranteed", "> a guaran-\n> teed one"),
        ("guaranteed", "<b>guar</b>anteed"),
        ("guaranteed", '<a title="guaranteed">x</a>'),
        ("guaranteed", "[price](https://a.test/guaranteed)"),
        ("world-class", "world\\-class"),
        ("world-class", "world class"),
        ("world-class", "a world-\nclass team"),
        ("world class", "world–class"),
        ("best coffee", "the best\ncoffee"),
        ("best coffee", "> the best\n> coffee"),
        ("best coffee", "the “best” coffee"),
        ("best coffee", "the [best](x) coffee"),
        ("best_ever", "best\\_ever"),
        ("5*", "a 5\\* hotel"),
        ("5*", "a 5* hotel"),
        ("100%", "100 % natural"),
        ("!!!", "Buy now!!!!"),
        ("🚀", "go 🚀 now"),
        ("最高", "これは最高です"),
        ("offre", "l’offre du jour"),
        ("é", "caf e\u0301 x"),
        ("R&D", "our R&amp;D"),
        ("Acme™", "ACME™"),
        ("wait…", "wait..."),
    ],
)
def test_an_expression_is_found_however_it_is_written(word: str, text: str) -> None:
    """Case, accents, emphasis, escapes, entities, hyphens and line ends do not hide it."""
    assert says(text, word)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("free", "freedom, carefree"),
        ("best coffee", "best\n\ncoffee"),
        ("best coffee", "the best. Coffee"),
        ("best coffee", "coffee best"),
        ("ação", "acaso"),
        ("!!!", "Buy now!!"),
        ("a", ""),
        ("5*", "a 5 hotel"),
        ("best", "\\"),
    ],
)
def test_another_word_is_none(word: str, text: str) -> None:
    """Parts of words, and words of two sentences or paragraphs, are not the expression."""
    assert not says(text, word)


def test_a_breach_names_the_rule_the_words_and_the_places() -> None:
    """A sentence, and lines from 1 with what stands around each."""
    text = "# Plan\n\nIt is *guaranteed*.\n\nBest ever, guaranteed!\n"
    breach = broken(text, kind="forbidden_words", words=["guaranteed", "best ever", "cheap"])
    assert breach == Breach(
        rule_id="rule-1",
        rule_text="Mind it.",
        problem="What must not be said is said: “guaranteed”, “best ever”.",
        evidence=(
            Evidence("brief.md", 3, "# Plan It is *guaranteed*. Best ever, guaranteed!"),
            Evidence("brief.md", 5, "# Plan It is *guaranteed*. Best ever, guaranteed!"),
            Evidence("brief.md", 5, "# Plan It is *guaranteed*. Best ever, guaranteed!"),
        ),
    )
    assert breach_facts(breach)["evidence"][0] == {
        "path": "brief.md",
        "line": 3,
        "excerpt": "# Plan It is *guaranteed*. Best ever, guaranteed!",
    }


def test_evidence_is_bounded() -> None:
    """Twenty places of two hundred printable characters, however often it is said; the sentence names five words."""
    text = "\x07".join(f"free word{number} {'x' * 500}\n" for number in range(100))
    words = ["free", *(f"word{number}" for number in range(50))]
    breach = broken(text, kind="tone", words=words)
    assert breach is not None
    assert len(breach.evidence) == MOST_EVIDENCE
    assert max(len(one.excerpt) for one in breach.evidence) <= 200
    assert all(one.excerpt.isprintable() for one in breach.evidence)
    assert breach.problem == "Off-tone: “free”, “word0”, “word1”, “word2”, “word3” and 46 more."


def test_a_required_text_has_to_stand_in_one_of_the_texts() -> None:
    """Line ends, case and Markdown do not matter; where it is missing every text is named."""
    disclaimer = rule(kind="required_text", text="Drink **responsibly**.\n\nNot for minors.")
    texts = {"a.md": "# Post\n", "b.md": "drink responsibly\\.\nNOT for\nminors.\n"}
    assert check_rules([disclaimer], kind="message", texts=texts) == ()
    (breach,) = check_rules([disclaimer], kind="message", texts={"a.md": "Drink.", "b.md": "Responsibly."})
    assert breach.problem == ("A text that has to be there is missing: “Drink **responsibly**. Not for minors.”.")
    assert breach.evidence == (Evidence("a.md", None, ""), Evidence("b.md", None, ""))
    (nowhere,) = check_rules([disclaimer], kind="message", texts={})
    assert nowhere.evidence == ()


def test_a_long_required_text_is_named_in_short() -> None:
    """The problem stays a sentence that can be read."""
    breach = broken("Nothing.", kind="required_text", text="word " * 300)
    assert breach is not None
    assert len(breach.problem) < 150


def test_a_text_may_have_so_many_characters() -> None:
    """White space around it does not count; the place is where it becomes too long."""
    assert broken(" 12345 \n", kind="max_length", characters=5) is None
    breach = broken("\n123\n456\n", kind="max_length", characters=5)
    assert breach is not None
    assert breach.problem == "brief.md has 7 characters; 5 is the most."
    assert breach.evidence == (Evidence("brief.md", 3, "123 456"),)
    texts = {"a.md": "12345678", "b.md": "123456789", "c.md": "1"}
    (two,) = check_rules([rule(kind="max_length", characters=5)], kind="x", texts=texts)
    assert two.problem == "b.md has 9 characters; 5 is the most, and 1 more are too long."
    assert [one.path for one in two.evidence] == ["a.md", "b.md"]


def test_a_rule_is_for_some_kinds_or_for_all() -> None:
    """Of another kind it is not asked; a rule without a check is never broken."""
    some = rule(kind="forbidden_words", words=["free"], kinds=["message"])
    plain = Rule(rule_id="rule-2", text="Be kind.")
    found = [check_rules([some, plain], kind=kind, texts={"a": "free"}) for kind in ("message", "brief")]
    assert [len(breaches) for breaches in found] == [1, 0]


def test_a_rule_has_a_digest_of_its_text_and_check() -> None:
    """The order of members does not matter; another text or check is another digest."""
    one = rule_digest("a", {"kind": "tone", "words": ["é"]})
    assert one == rule_digest("a", {"words": ["é"], "kind": "tone"})
    assert one == hashlib.sha256('{"check":{"kind":"tone","words":["é"]},"text":"a"}'.encode()).hexdigest()
    assert len({one, rule_digest("b", {"kind": "tone", "words": ["é"]}), rule_digest("a", None)}) == 3
    assert rule(kind="tone", words=["a"]).digest == rule_digest(
        "Mind it.", read_check({"kind": "tone", "words": ["a"]})
    )


def test_rules_are_read_back_from_the_facts_of_a_run() -> None:
    """What a run snapshots gives the same breaches; facts from before there were rules give none."""
    given = Rule(rule_id="rule-1", text="No.", check=read_check({"kind": "tone", "words": ["a"]}), sha256="0" * 64)
    assert rules_of({"brand": {"name": "A", "rules": rule_facts([given])}}) == (given,)
    assert rules_of({"brand": {"name": "A"}}) == ()
    assert rules_of({}) == ()


def test_a_check_is_kept_in_one_form() -> None:
    """`kinds` is always there; white space and repeats are not."""
    read = read_check({"kind": "forbidden_words", "words": [" a ", "b", "a"]})
    assert read == {"kind": "forbidden_words", "words": ["a", "b"], "kinds": None}
    assert read_check({"kind": "max_length", "characters": 9, "kinds": ["brief"]})["kinds"] == ["brief"]


@pytest.mark.parametrize(
    ("check", "pointer"),
    [
        ({}, "/check/kind"),
        ({"kind": "regex", "pattern": "a"}, "/check/kind"),
        ({"kind": ["tone"]}, "/check/kind"),
        ({"kind": "tone"}, "/check/words"),
        ({"kind": "tone", "words": []}, "/check/words"),
        ({"kind": "tone", "words": "a"}, "/check/words"),
        ({"kind": "tone", "words": ["a"] * 101}, "/check/words"),
        ({"kind": "tone", "words": ["a", 3]}, "/check/words/1"),
        ({"kind": "tone", "words": ["a", " "]}, "/check/words/1"),
        ({"kind": "tone", "words": ["a\nb"]}, "/check/words/0"),
        ({"kind": "tone", "words": ["a" * 101]}, "/check/words/0"),
        ({"kind": "tone", "words": ["-_-"]}, "/check/words/0"),
        ({"kind": "tone", "words": ["\u0301"]}, "/check/words/0"),
        ({"kind": "tone", "words": ["a\x00"]}, "/check/words/0"),
        ({"kind": "tone", "words": ["a"], "text": "b"}, "/check/text"),
        ({"kind": "tone", "words": ["a"], "kinds": []}, "/check/kinds"),
        ({"kind": "tone", "words": ["a"], "kinds": ["Brief!"]}, "/check/kinds/0"),
        ({"kind": "required_text"}, "/check/text"),
        ({"kind": "required_text", "text": "  "}, "/check/text"),
        ({"kind": "required_text", "text": "--"}, "/check/text"),
        ({"kind": "required_text", "text": "a" * 2_001}, "/check/text"),
        ({"kind": "max_length"}, "/check/characters"),
        ({"kind": "max_length", "characters": 0}, "/check/characters"),
        ({"kind": "max_length", "characters": True}, "/check/characters"),
        ({"kind": "max_length", "characters": 1.5}, "/check/characters"),
    ],
)
def test_what_is_no_check_is_refused_and_pointed_at(check: dict[str, Any], pointer: str) -> None:
    """Each member is checked by itself."""
    with pytest.raises(InvalidText) as caught:
        read_check(check)
    assert caught.value.pointer == pointer


def test_a_kind_of_stage_that_there_is_not_is_refused() -> None:
    """A rule for it would never be asked."""
    check_kinds(None, ["brief"])
    check_kinds({"kinds": None}, ["brief"])
    check_kinds({"kinds": ["brief"]}, ["brief"])
    with pytest.raises(InvalidText, match="no kind of stage; there are brief, plan") as caught:
        check_kinds({"kinds": ["brief", "post"]}, ["plan", "brief"])
    assert caught.value.pointer == "/check/kinds/1"


HOSTILE = {
    "words": "free gift " * (MEGABYTE // 10),
    "one word": "a" * MEGABYTE,
    "signs": "!" * MEGABYTE,
    "emoji": "🚀" * (QUARTER // 4),
    "backslashes": "\\" * QUARTER,
    "stars": "*" * QUARTER,
    "open tags": "<a" * (MEGABYTE // 2),
    "open links": "](" * (QUARTER // 2),
    "entities": "&a" * (QUARTER // 2),
    "quotations": "\n" + ">" * MEGABYTE,
    "lines": "\n " * (QUARTER // 2),
    "long blank lines": ("\n" + " " * 2_000) * (MEGABYTE // 2_000),
    "hyphens": "a-\n " * (QUARTER // 4),
    "accents": "a" + "\u0301" * (QUARTER // 2),
    "ideographs": "最" * (QUARTER // 3),
    "nothing to see": "\u200b" * (QUARTER // 3),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_makes_a_check_slow(name: str) -> None:
    """A megabyte (or a quarter) of anything is read within seconds; squared time would be hours."""
    words = ["free gift", "a a a a b", *(f"! ! ! {number}" for number in range(98))]
    rules = [
        rule(kind="forbidden_words", words=words),
        rule(kind="required_text", text="a " * 900 + "b"),
        rule(kind="max_length", characters=10),
    ]
    begun = time.perf_counter()
    breaches = check_rules(rules, kind="brief", texts={"a.md": HOSTILE[name]})
    assert time.perf_counter() - begun < 60
    assert all(len(breach.evidence) <= MOST_EVIDENCE for breach in breaches)


@pytest.mark.parametrize("text", ["", " \n", "*", "\u0301\u200b", "a\ud800b", "\x00", "&#0;&#1114112;&nosuch;"])
def test_any_text_can_be_read(text: str) -> None:
    """Control characters, halves of pairs and impossible entities are no reason to stop."""
    for reading in (as_shown(text), as_written(text)):
        assert len(reading.starts) == len(reading.places)
        assert all(reading.words[start] == " " for start in reading.starts)


def test_places_are_those_of_the_text() -> None:
    """Each word's place is where it begins."""
    text = "One  **two**\n\nthree-four ＦＩＶＥ"
    reading = as_shown(text)
    found = [next(reading.find(as_written(word))) for word in ("one", "two", "three", "four", "five")]
    assert found == [text.index(word) for word in ("One", "two", "three", "four", "ＦＩＶＥ")]
