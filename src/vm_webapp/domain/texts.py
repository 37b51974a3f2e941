"""What a text from outside must be before it may enter an event."""

import re
from collections.abc import Sequence

from vm_webapp.errors import InvalidName, InvalidText

NAME_LIMIT = 200
TEXT_LIMIT = 20_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_FEWEST_DIGITS = 4
"""What has fewer behind its prefix may be a name, such as `t-cab`."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")


def check_text(value: str, field: str, *, limit: int = TEXT_LIMIT, optional: bool = False) -> str:
    """The text without white space around it; InvalidText when empty, too long or holding control characters."""
    pointer = f"/{field}"
    text = value.strip()
    if not text and not optional:
        raise InvalidText(field=field, problem="is empty", pointer=pointer, reason="empty")
    if len(text) > limit:
        problem = f"has {len(text):,} characters; {limit:,} is the most"
        raise InvalidText(field=field, problem=problem, pointer=pointer, reason="too_long", most=limit)
    if found := _CONTROL.search(text):
        problem = f"holds the character U+{ord(found.group()):04X} at {found.start()}, which is not text"
        raise InvalidText(field=field, problem=problem, pointer=pointer, reason="no_text")
    return text


def printable(text: str) -> str:
    """What a program says, as `check_text` would take it: control characters become blanks, too long is cut off."""
    return _CONTROL.sub(" ", text).strip()[:TEXT_LIMIT]


def changed_text(new: str | None, old: str, field: str) -> str:
    """The new text, checked, or the old one where there is none."""
    return old if new is None else check_text(new, field, optional=True)


def check_name(value: str, field: str, *, optional: bool = False) -> str:
    """A text of one line, up to 200 characters."""
    text = check_text(value, field, limit=NAME_LIMIT, optional=optional)
    if "\n" in text or "\r" in text:
        raise InvalidText(field=field, problem="must be one line", pointer=f"/{field}", reason="many_lines")
    return text


def check_names(values: Sequence[str], field: str, *, most: int = 50, each: str | None = None) -> list[str]:
    """A list of short texts without repeats, in the order given; one that is refused is called `each`, or its place."""
    if len(values) > most:
        problem = f"has {len(values)} entries; {most} is the most"
        raise InvalidText(field=field, problem=problem, pointer=f"/{field}", reason="too_many", most=most)
    return list(dict.fromkeys(check_name(value, each or f"{field}/{at}") for at, value in enumerate(values)))


def check_id(value: str, field: str) -> str:
    """An id made of letters, digits, `-` and `_`, up to 80 characters, so that it can stand in a path or a URL."""
    if not _ID.fullmatch(value):
        problem = "ids are 1 to 80 letters, digits, - and _, and begin with a letter or digit"
        raise InvalidName(name=value[:80], problem=problem, pointer=f"/{field}")
    return value


def looks_like_id(kind: str, text: str) -> bool:
    """Whether the text can only be meant as an id of that kind (`t-01a2`): nothing is to be made by that name."""
    prefix, _, rest = text.partition("-")
    return prefix == kind[0] and len(rest) >= _FEWEST_DIGITS and all(one in "0123456789abcdef" for one in rest)
