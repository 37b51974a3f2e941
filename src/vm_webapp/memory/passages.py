"""A document in passages: what stands under a heading, in pieces that fit beside other text."""

import re
from dataclasses import dataclass
from typing import Final

LENGTH: Final = 1_200
"""How many characters a passage has at the most."""

_HEADING: Final = re.compile(r" {0,3}#{1,6}\s+(.*?)\s*#*\s*$")


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document under its nearest heading, empty where there is none."""

    heading: str
    text: str


def split(text: str) -> list[Passage]:
    """The document's passages, in order; lines stay whole unless one alone is too long."""
    found: list[Passage] = []
    heading = ""
    lines: list[str] = []
    for line in text.splitlines():
        matched = _HEADING.match(line)
        if matched:
            _close(found, heading, lines)
            heading, lines = matched.group(1), []
        else:
            lines.append(line)
    _close(found, heading, lines)
    return found


def _close(found: list[Passage], heading: str, lines: list[str]) -> None:
    """Add what stands under a heading, in as few pieces as hold it."""
    pieces = [line[at : at + LENGTH] for line in lines for at in range(0, max(1, len(line)), LENGTH)]
    held = ""
    for piece in pieces:
        if len(held) + len(piece) >= LENGTH:
            _add(found, heading, held)
            held = ""
        held += f"{piece}\n"
    _add(found, heading, held)


def _add(found: list[Passage], heading: str, text: str) -> None:
    if text.strip():
        found.append(Passage(heading, text.strip()))
