"""The command rules list: what a brand demands, newest first."""

from vm_webapp import repo
from vm_webapp.cli import choose
from vm_webapp.cli.catalog import ALL
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import nothing_yet, reading
from vm_webapp.cli.screen import ago, cell, console, say_aside, show_json, show_table
from vm_webapp.records import Record, rule_record


def list_rules(call: Invocation, *, brand: str, status: str | None, as_json: bool) -> int:
    """List a brand's rules."""
    found: list[Record] = []
    with reading(call) as records:
        if records is None and not as_json:
            nothing_yet(call)
        if records is not None:
            with records.database.read() as connection:
                chosen = choose.choose_named("brand", brand, repo.list_brands(connection, limit=ALL), name="name")
                rows = repo.list_rules(connection, chosen["brand_id"], status=status, limit=ALL)
                found = [rule_record(row) for row in rows]
    if as_json:
        show_json({"rules": found})
    elif found:
        _print_table(call, found)
    elif records is not None:
        say_aside(call, "No rule is like that; `rules add` makes one.")
    return Exit.OK


def _print_table(call: Invocation, found: list[Record]) -> None:
    short = choose.abbreviated(rule["rule_id"] for rule in found)
    rows = [
        list(map(cell, (short[rule["rule_id"]], ago(rule["created_at"]), rule["status"], _checked(rule), rule["text"])))
        for rule in found
    ]
    show_table(console(call), ("id", "since", "status", "checks", "text"), rows)


def _checked(rule: Record) -> str:
    return str(rule["check"]["kind"]).replace("_", " ") if rule["check"] else "by people"
