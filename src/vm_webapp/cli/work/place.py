"""Whom the work is for: the brand, project and thread of a request, found by name or made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from vm_webapp.cli.choose import find_named, no_such
from vm_webapp.cli.work.desk import Desk, Record
from vm_webapp.domain.budgets import check_budget
from vm_webapp.domain.projects import check_date
from vm_webapp.domain.texts import check_name, check_names, check_text, looks_like_id
from vm_webapp.errors import Invalid, ThreadIsClosed, UnknownMode
from vm_webapp.run_requests import Choices

DEFAULT_BRAND: Final = "My brand"
DEFAULT_PROJECT: Final = "My project"
_TITLE_LENGTH: Final = 50
_SHORT_WORD: Final = 3
_FEW_WORDS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was typed; None where nothing was. `facts` are those of the project: objective, channels, due_on."""

    request_text: str
    mode: str
    brand: str | None = None
    project: str | None = None
    thread: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    choices: Choices = field(default_factory=Choices)


@dataclass(frozen=True, slots=True)
class Place:
    """The records that a run is asked for in."""

    brand: Record
    project: Record
    thread: Record

    @property
    def names(self) -> tuple[str, str, str]:
        """Their names, from brand to thread."""
        return self.brand["name"], self.project["name"], self.thread["title"]


def find_or_make(desk: Desk, wish: Wish) -> Place:
    """The wish's place; what is wrong with the wish is refused before anything is made."""
    _check(desk, wish)
    if wish.thread is not None and (place := _by_thread_id(desk, wish)):
        return _with_facts(desk, place, wish)
    brand = _find(desk.list_brands(), "brand", wish.brand or DEFAULT_BRAND) or desk.create_brand(
        wish.brand or DEFAULT_BRAND
    )
    name = wish.project or DEFAULT_PROJECT
    project = _find(desk.list_projects(brand["brand_id"]), "project", name)
    if project is None:
        project, wish = desk.create_project(brand["brand_id"], name, wish.facts), _without_facts(wish)
    title = wish.thread or title_of(wish.request_text)
    thread = _find(_open_first(desk.list_threads(project["project_id"])), "thread", title, name="title")
    if thread is None:
        thread = desk.create_thread(brand["brand_id"], project["project_id"], title)
    return _with_facts(desk, Place(brand, project, thread), wish)


def title_of(request_text: str) -> str:
    """A thread's title: the request's first words, to the end of the first sentence or to the last long word."""
    words = request_text.split()
    taken: list[str] = []
    for word in words:
        if len(" ".join((*taken, word))) > _TITLE_LENGTH:
            while taken and len(taken[-1]) <= _SHORT_WORD:
                taken.pop()
            break
        taken.append(word)
        if word.endswith((".", "!", "?", ":")) and len(taken) >= _FEW_WORDS:
            break
    title = " ".join(taken) or words[0][:_TITLE_LENGTH]
    return title.rstrip(".,:;!?") or title


def _check(desk: Desk, wish: Wish) -> None:
    check_text(wish.request_text, "request")
    for name in ("brand", "project", "thread"):
        if (value := getattr(wish, name)) is not None:
            check_name(value, f"--{name}")
    check_text(wish.facts.get("objective", ""), "--objective", optional=True)
    check_names(wish.facts.get("channels", ()), "--channel", each="--channel")
    check_date(wish.facts.get("due_on") or None, "--due")
    check_budget(wish.choices.budget_usd, field="--budget")
    desk.check_writer(wish.choices.writer)
    modes = desk.list_modes()
    if wish.mode not in modes:
        raise UnknownMode(mode=wish.mode, known=", ".join(modes))


def _by_thread_id(desk: Desk, wish: Wish) -> Place | None:
    """The place of a thread that is named by its id, in whatever project it is; None where a title is meant."""
    wanted = wish.thread or ""
    threads = desk.list_threads()
    if not (looks_like_id("thread", wanted) or wanted in {thread["thread_id"] for thread in threads}):
        return None
    thread = find_named("thread", wanted, threads, name="title")
    if thread is None:
        raise no_such("thread", wanted, [one["thread_id"] for one in threads])
    place = Place(_of(desk.list_brands(), "brand", thread), _of(desk.list_projects(), "project", thread), thread)
    for kind, record in (("brand", place.brand), ("project", place.project)):
        asked = getattr(wish, kind)
        if asked is not None and find_named(kind, asked, [record], name="name") is None:
            raise Invalid(f"The thread {wanted} belongs to the {kind} {record['name']!r}, not to {asked!r}.")
    return place


def _of(records: Sequence[Record], kind: str, thread: Record) -> Record:
    """The thread's brand or project; its id stands in for one that no event made."""
    wanted = thread[f"{kind}_id"]
    found = (record for record in records if record[f"{kind}_id"] == wanted)
    return next(found, {f"{kind}_id": wanted, "name": wanted})


def _find(records: Sequence[Record], kind: str, wanted: str, *, name: str = "name") -> Record | None:
    found = find_named(kind, wanted, records, name=name)
    if found is None and looks_like_id(kind, wanted):
        raise no_such(kind, wanted, [record[f"{kind}_id"] for record in records])
    return found


def _open_first(threads: Sequence[Record]) -> list[Record]:
    """Of two threads with one title the open one is meant."""
    return sorted(threads, key=lambda thread: bool(thread["status"] == "closed"))


def _with_facts(desk: Desk, place: Place, wish: Wish) -> Place:
    """The place, its project changed to what the wish says of it."""
    if place.thread["status"] == "closed":
        raise ThreadIsClosed(thread_id=place.thread["title"])
    changed = {name: value for name, value in wish.facts.items() if place.project.get(name) != value}
    if not changed:
        return place
    project = desk.update_project(place.project["project_id"], changed)
    return Place(place.brand, project, place.thread)


def _without_facts(wish: Wish) -> Wish:
    return replace(wish, facts={})
