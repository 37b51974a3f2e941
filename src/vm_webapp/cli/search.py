"""The command search: past deliverables by what they say, or by what they were made with."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from vm_webapp import repo
from vm_webapp.cli import choose, text
from vm_webapp.cli.catalog import ALL
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.failures import warn
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import Records, nothing_yet, reading, settings_of
from vm_webapp.cli.screen import ago, cell, console, show_json
from vm_webapp.errors import Invalid
from vm_webapp.memory import KINDS, Filters, Found, MemoryIndex, embeddings_of
from vm_webapp.memory.records import deliverable_records, result_records

Result = Mapping[str, Any]


def search(
    call: Invocation,
    *,
    words: tuple[str, ...],
    brand: str | None,
    mode: str | None,
    approved: bool,
    made_with: tuple[str, ...],
    limit: int,
    as_json: bool,
) -> int:
    """Find deliverables, with the words or made with what is named."""
    named = _named(made_with)
    if bool(words) == bool(named):
        raise Invalid("Say what to look for: words, or --made-with; one of the two.")
    with reading(call) as records:
        found, results = Found(hits=[]), list[Result]()
        if records is None:
            nothing_yet(call)
        else:
            filters = Filters(brand_id=_brand_id(records, brand), mode=mode, approved=approved or None)
            found, results = _find(call, records, " ".join(words), named, filters=filters, limit=limit)
    if as_json:
        show_json({"results": results, "indexed_to": found.indexed_to, "meaning": found.meaning})
    elif results:
        _print(call, results)
    elif records is not None:
        console(call, stderr=True).print("Nothing was found.")
    return Exit.OK


def _find(
    call: Invocation, records: Records, words: str, named: Mapping[str, str], *, filters: Filters, limit: int
) -> tuple[Found, list[Result]]:
    memory = MemoryIndex(records.workspace.root, embeddings=embeddings_of(settings_of(call)))
    try:
        if not memory.store.exists():
            warn(f"Nothing is indexed yet; `{call.spelled('rebuild')}` does it.", call)
        if named:
            found = memory.made_with(named, filters=filters, limit=limit)
        else:
            found = memory.search(words, filters=filters, limit=limit)
        if found.meaning == "unavailable":
            warn("The embedding model did not answer; these were found by their words alone.", call)
        with records.database.read() as connection:
            return found, [*(deliverable_records if named else result_records)(connection, found.hits)]
    finally:
        memory.store.close()


def _named(made_with: Sequence[str]) -> dict[str, str]:
    named: dict[str, str] = {}
    for one in made_with:
        kind, _, value = one.partition("=")
        if kind not in KINDS or not value:
            raise Invalid(f"--made-with takes NAME=VALUE, the name one of {', '.join(KINDS)}; not {one!r}.")
        named[kind] = value
    return named


def _brand_id(records: Records, brand: str | None) -> str | None:
    if brand is None:
        return None
    with records.database.read() as connection:
        brands = repo.list_brands(connection, limit=ALL)
    return str(choose.choose_named("brand", brand, brands, name="name")["brand_id"])


def _print(call: Invocation, results: Sequence[Result]) -> None:
    """Two lines for each: where it stands, and a piece of it."""
    screen = console(call)
    for result in results:
        name = result["path"].partition("/")[2]
        place = f"{result['run_id']} {result['stage_key']} {name}, {ago(result['created_at'])}"
        approved = ", approved" if result["approved"] else ", approval not known" if result["granted"] is None else ""
        screen.print(cell(result["title"], "bold"), soft_wrap=True)
        screen.print(cell(f"  {place}{approved}", "dim"), soft_wrap=True)
        pieces = result.get("snippet", ())
        if pieces:
            marked = [(text.line(piece["text"]), "bold" if piece["match"] else "") for piece in pieces]
            screen.print(Text.assemble("  ", *marked), soft_wrap=True)
