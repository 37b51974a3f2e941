"""How a rule can be checked: the shapes that a check may have, as data, and how one is read.

    {"kind": "forbidden_words", "words": [text, ...], "kinds": [output kind, ...] | null}
    {"kind": "tone",            "words": [text, ...], "kinds": ...}     expressions that are off-tone
    {"kind": "required_text",   "text": text,         "kinds": ...}     has to stand in one of the texts
    {"kind": "max_length",      "characters": n,      "kinds": ...}     of each text

`kinds` are the kinds of stages whose output is checked; null is all of them. Nothing in a check is a pattern of a
regular expression: words are words, so that no rule can make a check slow.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from vm_webapp.domain.reading import as_written
from vm_webapp.domain.texts import check_name, check_text
from vm_webapp.errors import InvalidText

MOST_WORDS: Final = 100
WORD_LIMIT: Final = 100
REQUIRED_LIMIT: Final = 2_000
MOST_CHARACTERS: Final = 10_000_000
MOST_KINDS: Final = 50
_KIND: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MEMBERS: Final[Mapping[str, str]] = {
    "forbidden_words": "words",
    "tone": "words",
    "required_text": "text",
    "max_length": "characters",
}
CHECK_KINDS: Final = tuple(_MEMBERS)


def read_check(check: Mapping[str, Any]) -> dict[str, Any]:
    """The check in its canonical form, with `kinds`; InvalidText where it is none."""
    kind = check.get("kind")
    if not isinstance(kind, str) or kind not in _MEMBERS:
        raise _bad("/check/kind", f"is one of {', '.join(CHECK_KINDS)}")
    member = _MEMBERS[kind]
    if unknown := sorted(set(check) - {"kind", "kinds", member}):
        raise _bad(f"/check/{unknown[0]}", f"is nothing that the check {kind} has")
    return {"kind": kind, member: _READ[member](check.get(member)), "kinds": _kinds(check.get("kinds"))}


def check_kinds(check: Mapping[str, Any] | None, known: Collection[str]) -> None:
    """Refuse a check of a kind of stage that there is not: it would never be asked."""
    for at, kind in enumerate((check or {}).get("kinds") or ()):
        if kind not in known:
            raise _bad(f"/check/kinds/{at}", f"is no kind of stage; there are {', '.join(sorted(known))}")


def _words(value: object) -> list[str]:
    words = _texts(value, "words", most=MOST_WORDS)
    for at, word in enumerate(words):
        if len(word) > WORD_LIMIT:
            problem = f"has {len(word)} characters; {WORD_LIMIT} is the most"
            raise _bad(f"/check/words/{at}", problem, reason="too_long", most=WORD_LIMIT)
        if as_written(word).is_empty:
            raise _bad(f"/check/words/{at}", "has no letter, digit or sign to look for", reason="nothing_to_find")
    return words


def _required(value: object) -> str:
    if not isinstance(value, str):
        raise _bad("/check/text", "is the text that has to be there")
    text = check_text(value, "check/text", limit=REQUIRED_LIMIT)
    if as_written(text).is_empty:
        raise _bad("/check/text", "has no letter, digit or sign to look for", reason="nothing_to_find")
    return text


def _characters(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_CHARACTERS:
        problem = f"is a whole number from 1 to {MOST_CHARACTERS:,}"
        raise _bad("/check/characters", problem, reason="no_number", most=MOST_CHARACTERS)
    return value


def _kinds(value: object) -> list[str] | None:
    if value is None:
        return None
    kinds = _texts(value, "kinds", most=MOST_KINDS)
    for at, kind in enumerate(kinds):
        if not _KIND.fullmatch(kind):
            raise _bad(f"/check/kinds/{at}", "is the name of a kind of stage, such as brief")
    return kinds


def _texts(value: object, member: str, *, most: int) -> list[str]:
    """A list of one-line texts without repeats, at least one."""
    if not isinstance(value, Sequence) or isinstance(value, str) or not value or len(value) > most:
        reason = "too_many" if value else "empty"
        raise _bad(f"/check/{member}", f"is a list of 1 to {most} texts", reason=reason, most=most if value else None)
    for at, one in enumerate(value):
        if not isinstance(one, str):
            raise _bad(f"/check/{member}/{at}", "is no text")
    return list(dict.fromkeys(check_name(one, f"check/{member}/{at}") for at, one in enumerate(value)))


def _bad(pointer: str, problem: str, *, reason: str = "", most: int | None = None) -> InvalidText:
    return InvalidText(field=pointer.removeprefix("/"), problem=problem, pointer=pointer, reason=reason, most=most)


_READ: Final[Mapping[str, Any]] = {"words": _words, "text": _required, "characters": _characters}
