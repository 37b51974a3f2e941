"""The commands webhooks list, add, on, off, rotate, test, log, redeliver and remove."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import click

from vm_webapp import repo
from vm_webapp.cli import choose, text
from vm_webapp.cli.catalog import ALL
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import nothing_yet, reading
from vm_webapp.cli.screen import ago, cell, clock, console, say_aside, show_json, show_table
from vm_webapp.cli.work.reach import desk
from vm_webapp.errors import NotFound
from vm_webapp.models import utc_text
from vm_webapp.records import Record
from vm_webapp.webhooks.requests import attempt_record, listed_record

_PATIENCE_SECONDS: Final = 2.0


def list_webhooks(call: Invocation, *, as_json: bool) -> int:
    """List webhooks, with what waits for each."""
    with reading(call) as records:
        found: list[Record] = []
        if records:
            with records.database.read() as connection:
                found = [listed_record(connection, row) for row in repo.list_webhooks(connection, limit=ALL)]
    if as_json:
        show_json({"webhooks": found})
    elif found:
        _print_table(call, found)
    elif records is None:
        nothing_yet(call)
    else:
        say_aside(call, "There is no webhook yet; `webhooks add` makes one.")
    return Exit.OK


def add(
    call: Invocation, *, url: str, event_types: tuple[str, ...], brand: str | None, description: str, as_json: bool
) -> int:
    """Make a webhook; what is told goes to standard error, the secret alone to standard output."""
    with desk(call, patience=_PATIENCE_SECONDS) as at:
        brand_id = None
        if brand is not None:
            brand_id = choose.choose_named("brand", brand, at.list_brands(), name="name")["brand_id"]
        facts = {"url": url, "event_types": list(event_types), "brand_id": brand_id, "description": description}
        made = at.create_webhook(facts)
    if as_json:
        show_json(made)
        return Exit.OK
    screen = console(call, stderr=True)
    screen.print(cell(f"{made['url']} is told what happens from now on ({made['webhook_id']})."), soft_wrap=True)
    screen.print(cell("This is the secret that signs the messages; it is shown this once:"), soft_wrap=True)
    click.echo(made["secret"])
    return Exit.OK


def rotate(call: Invocation, *, webhook_id: str, as_json: bool) -> int:
    """Sign with a new secret; what is told goes to standard error, the secret alone to standard output."""
    with desk(call, patience=_PATIENCE_SECONDS) as at:
        rotated = at.rotate_webhook_secret(_chosen(call, webhook_id))
    if as_json:
        show_json(rotated)
        return Exit.OK
    screen = console(call, stderr=True)
    until = clock(datetime.fromisoformat(rotated["old_secret_until"]))
    said = f"{rotated['webhook_id']} signs with a new secret; the old one signs along until {until}."
    screen.print(cell(said), soft_wrap=True)
    screen.print(cell("This is the new secret; it is shown this once:"), soft_wrap=True)
    click.echo(rotated["secret"])
    return Exit.OK


def turn_on(call: Invocation, *, webhook_id: str, as_json: bool) -> int:
    """Turn it on."""
    return _turn(call, webhook_id, enabled=True, as_json=as_json)


def turn_off(call: Invocation, *, webhook_id: str, as_json: bool) -> int:
    """Turn it off."""
    return _turn(call, webhook_id, enabled=False, as_json=as_json)


def test(call: Invocation, *, webhook_id: str, as_json: bool) -> int:
    """Send a test message; exit code 1 where it was not accepted."""
    with desk(call, patience=_PATIENCE_SECONDS) as at:
        tried = at.test_webhook(_chosen(call, webhook_id))
    if as_json:
        show_json(tried)
    else:
        click.echo(text.line(f"{_result(tried)} ({tried['duration_ms']} ms)"))
    return Exit.OK if tried["outcome"] == "delivered" else Exit.FAILED


def log(call: Invocation, *, webhook_id: str, limit: int, as_json: bool) -> int:
    """List tries, newest first."""
    with reading(call) as records:
        if records is None:
            nothing_yet(call)
            raise NotFound(kind="webhook", id=webhook_id)
        chosen = _chosen(call, webhook_id)
        with records.database.read() as connection:
            rows = repo.list_webhook_attempts(connection, chosen, limit=limit)
    found = [attempt_record(row) for row in rows]
    if as_json:
        show_json({"attempts": found})
    elif found:
        lines = [
            [
                cell(ago(one["started_at"])),
                cell(str(one["global_position"] or "test")),
                cell(str(one["number"])),
                cell(f"{one['duration_ms']} ms"),
                cell(one["event_type"].removeprefix("com.vm.")),
                cell(_result(one)),
            ]
            for one in found
        ]
        show_table(console(call), ("when", "position", "try", "took", "event", "result"), lines)
    return Exit.OK


def redeliver(call: Invocation, *, webhook_id: str, position: int | None, after: int | None, as_json: bool) -> int:
    """Have messages sent again."""
    with desk(call, patience=_PATIENCE_SECONDS) as at:
        done = at.redeliver_webhook(_chosen(call, webhook_id), {"position": position, "after": after})
    if as_json:
        show_json(done)
    else:
        click.echo(f"{done['queued']} to be sent again.")
    return Exit.OK


def remove(call: Invocation, *, webhook_id: str, as_json: bool) -> int:
    """Remove a webhook."""
    with desk(call, patience=_PATIENCE_SECONDS) as at:
        gone = at.delete_webhook(_chosen(call, webhook_id))
    if as_json:
        show_json(gone)
    else:
        click.echo(f"{gone['webhook_id']} is told nothing more.")
    return Exit.OK


def _turn(call: Invocation, webhook_id: str, *, enabled: bool, as_json: bool) -> int:
    with desk(call, patience=_PATIENCE_SECONDS) as at:
        changed = at.update_webhook(_chosen(call, webhook_id), {"enabled": enabled})
    if as_json:
        show_json(changed)
    else:
        click.echo(f"{changed['webhook_id']} is {changed['status']}; {changed['waiting']} wait.")
    return Exit.OK


def _chosen(call: Invocation, said: str) -> str:
    """The id that is meant, of those that the database has."""
    ids: list[Any] = []
    with reading(call) as records:
        if records:
            with records.database.read() as connection:
                ids = [row["webhook_id"] for row in repo.list_webhooks(connection, limit=ALL)]
    return choose.choose_id("webhook", said, ids)


def _result(tried: Mapping[str, Any]) -> str:
    status = f"{tried['status_code']} " if tried["status_code"] else ""
    return f"{tried['outcome']}: {status}{tried['detail']}".strip().removesuffix(":")


def _rotating(webhook: Mapping[str, Any]) -> str:
    until = webhook["old_secret_until"]
    return (
        f"old secret signs along until {clock(datetime.fromisoformat(until))}"
        if until and until > utc_text(datetime.now(UTC))
        else ""
    )


def _print_table(call: Invocation, found: list[Record]) -> None:
    short = choose.abbreviated(one["webhook_id"] for one in found)
    rows = [
        [
            cell(short[one["webhook_id"]]),
            cell(one["status"]),
            cell(str(one["waiting"])),
            cell(one["brand_id"] or "all brands"),
            cell(", ".join(one["event_types"]) or "everything"),
            cell("  ".join(said for said in (one["url"], one["reason"] or one["description"], _rotating(one)) if said)),
        ]
        for one in found
    ]
    show_table(console(call), ("webhook", "state", "waiting", "brand", "events", "address"), rows)
