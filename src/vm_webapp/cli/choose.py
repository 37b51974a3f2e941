"""Which one is meant: an id, the beginning or the end of one, a name, or `latest` (`last` is the same)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any, Final

from vm_webapp.domain.texts import looks_like_id
from vm_webapp.errors import Invalid, NotFound

LATEST: Final = ("latest", "last")
_NEAR: Final = 3
_ABBREVIATED: Final = 14

Record = Mapping[str, Any]


class NoSuch(NotFound):
    """There is no {kind} {id!r}."""

    @property
    def hint(self) -> str:
        """The ids that are near, or the newest ones."""
        near = self.facts["near"]
        return f"{self.facts['because']}: {', '.join(near)}." if near else ""


class Ambiguous(Invalid):
    """{count} {kind}s are called {id!r} or have an id like it: {some}."""

    code = "ambiguous"
    remedy = "Type more of the id."


def choose_id(kind: str, wanted: str, ids: Sequence[str]) -> str:
    """The id that is meant; `ids` are newest first. Raises NoSuch, with ids that are near, and Ambiguous."""
    if wanted in LATEST and ids:
        return ids[0]
    if wanted in ids:
        return wanted
    like = [one for one in ids if _is_like(one, wanted)]
    if len(like) == 1:
        return like[0]
    if like:
        raise _ambiguous(kind, wanted, like)
    raise no_such(kind, wanted, ids)


def find_named(kind: str, wanted: str, records: Sequence[Record], *, name: str, alone: bool = False) -> Record | None:
    """The record of that name or id: exactly, then where case does not count, then by part of its id.

    Of several with one name it is the newest (`records` are newest first). Raises Ambiguous for a part of several ids,
    and with `alone` for several with one name.
    """
    key = f"{kind}_id"
    for matches in (
        lambda record: record[key] == wanted,
        lambda record: record[name] == wanted,
        lambda record: record[name].casefold() == wanted.casefold(),
    ):
        if found := list(filter(matches, records)):
            if alone and len(found) > 1:
                raise _ambiguous(kind, wanted, [record[key] for record in found])
            return found[0]
    like = [record for record in records if looks_like_id(kind, wanted) and _is_like(record[key], wanted)]
    if len(like) > 1:
        raise _ambiguous(kind, wanted, [record[key] for record in like])
    return like[0] if like else None


def choose_named(kind: str, wanted: str, records: Sequence[Record], *, name: str, alone: bool = False) -> Record:
    """The same, or NoSuch with names that are near."""
    found = find_named(kind, wanted, records, name=name, alone=alone)
    if found is None:
        if looks_like_id(kind, wanted):
            raise no_such(kind, wanted, [record[f"{kind}_id"] for record in records])
        raise _no_such_name(kind, wanted, records, name=name)
    return found


def _no_such_name(kind: str, wanted: str, records: Sequence[Record], *, name: str) -> NoSuch:
    """The error, with each name that is near once; one that several bear stands with their ids."""
    ids: dict[str, list[str]] = {}
    for record in records:
        ids.setdefault(record[name], []).append(record[f"{kind}_id"])
    error = no_such(kind, wanted, list(ids))
    shown = [f"{one} ({', '.join(ids[one][:_NEAR])})" if len(ids[one]) > 1 else one for one in error.facts["near"]]
    return NoSuch(**{**error.facts, "near": shown})


def no_such(kind: str, wanted: str, known: Sequence[str]) -> NoSuch:
    """The error for what is not there, with what is near."""
    near = get_close_matches(wanted, known, n=_NEAR, cutoff=0.7)
    because = "Near it" if near else "The newest"
    return NoSuch(kind=kind, id=wanted, near=near or list(known[:_NEAR]), because=because)


@contextmanager
def also_meant(kinds: str) -> Iterator[None]:
    """Have it said that nothing of all these kinds is there, where the last of them was looked for in vain."""
    try:
        yield
    except NoSuch as error:
        raise NoSuch(**{**error.facts, "kind": kinds}) from error


def abbreviated(ids: Iterable[str]) -> dict[str, str]:
    """For each id the beginning that tells it from the others; ids of version 7 begin with their time."""
    known = list(ids)
    width = _ABBREVIATED
    while len({one[:width] for one in known}) < len(set(known)):
        width += 1
    return {one: one[:width] for one in known}


def _is_like(one: str, wanted: str) -> bool:
    prefix, _, rest = one.partition("-")
    part = wanted.removeprefix(f"{prefix}-")
    return bool(part) and (rest.startswith(part) or (part == wanted and rest.endswith(part)))


def _ambiguous(kind: str, wanted: str, like: Sequence[str]) -> Ambiguous:
    return Ambiguous(kind=kind, id=wanted, count=len(like), some=", ".join(like[:_NEAR]))
