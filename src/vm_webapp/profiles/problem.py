"""What is wrong with a profile, where, and the error that says so in plain words."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

from vm_webapp.errors import InvalidProfile

Path = tuple[str | int, ...]
_SHOWN = 60


class Mark(NamedTuple):
    """A place in a text; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to repair: its place, the key it concerns (empty for the file) and what to do, in a sentence."""

    mark: Mark
    path: Path
    text: str

    def error(self, *, mode: str, file: str) -> InvalidProfile:
        """The error people read; facts: mode, file, line, column, key, pointer, place, problem."""
        key = spelled(self.path)
        place = f"{file}:{self.mark.line}:{self.mark.column}"
        return InvalidProfile(
            ": ".join(part for part in (place, key, self.text) if part),
            mode=mode,
            file=file,
            line=self.mark.line,
            column=self.mark.column,
            key=key,
            pointer="".join(f"/{_pointer(part)}" for part in self.path),
            place=place,
            problem=self.text,
        )


def renamed(error: InvalidProfile, file: str) -> InvalidProfile:
    """The same error, its file called as whoever asked calls it."""
    facts = {**error.facts, "file": file, "place": f"{file}:{error.facts['line']}:{error.facts['column']}"}
    parts = (facts["place"], facts["key"], facts["problem"])
    return InvalidProfile(": ".join(str(part) for part in parts if part), **facts)


class Unreadable(Exception):
    """The file cannot be read far enough to look for more problems."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text)
        self.problem = problem


def spelled(path: Path) -> str:
    """The path as people write it, such as `stages[2].needs`; list places count from 0."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{shown(part)}"
    return text.removeprefix(".")


def shown(word: object) -> str:
    """A word from a file, short enough and plain enough for one line of a message."""
    text = "".join(char if char.isprintable() else " " for char in str(word))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def suggestion(word: str, known: Iterable[str]) -> str:
    """`; did you mean "x"?`, or the list of what is known where nothing is near."""
    names = sorted(known)
    near = get_close_matches(word[:_SHOWN], names, n=1)
    if near:
        return f'; did you mean "{near[0]}"?'
    return f"; known are: {', '.join(names)}" if names else ""


def _pointer(part: str | int) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
