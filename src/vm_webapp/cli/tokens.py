"""The commands token create, token list and token revoke."""

from datetime import UTC, datetime
from typing import Any, Final

import click

from vm_webapp import repo
from vm_webapp.access.tokens import fault_of
from vm_webapp.cli import choose
from vm_webapp.cli.catalog import ALL
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import nothing_yet, reading
from vm_webapp.cli.screen import ago, cell, console, say_aside, show_json, show_table
from vm_webapp.cli.work.reach import desk
from vm_webapp.records import Record, token_record

_PATIENCE_SECONDS: Final = 2.0
_SAYS: Final = {None: "valid", "expired_token": "expired", "revoked_token": "revoked"}


def create(
    call: Invocation, *, name: str, role: str, brand: str | None, expires_days: int | None, as_json: bool
) -> int:
    """Make a token; what is told goes to standard error, the secret alone to standard output."""
    with desk(call, patience=_PATIENCE_SECONDS) as at:
        brand_id = None
        if brand is not None:
            brand_id = choose.choose_named("brand", brand, at.list_brands(), name="name")["brand_id"]
        made = at.create_token(name, role=role, brand_id=brand_id, expires_days=expires_days)
    if as_json:
        show_json(made)
        return Exit.OK
    until = f"until {made['expires_at'][:10]}" if made["expires_at"] else "for ever"
    screen = console(call, stderr=True)
    screen.print(cell(f"{made['name']} is let in as {role} {until} with the token {made['token_id']}."), soft_wrap=True)
    screen.print(cell("This is its secret; it is shown this once:"), soft_wrap=True)
    click.echo(made["secret"])
    return Exit.OK


def list_tokens(call: Invocation, *, as_json: bool) -> int:
    """List tokens, with whether they still let somebody in."""
    with reading(call) as records:
        found: list[Record] = []
        if records:
            with records.database.read() as connection:
                found = [token_record(row) for row in repo.list_tokens(connection, limit=ALL)]
    if as_json:
        show_json({"tokens": found})
    elif found:
        _print_table(call, found)
    elif records is None:
        nothing_yet(call)
    else:
        say_aside(call, "There is no token yet; `token create` makes one.")
    return Exit.OK


def revoke(call: Invocation, *, token_id: str, as_json: bool) -> int:
    """Revoke a token."""
    with desk(call, patience=_PATIENCE_SECONDS) as at:
        ids = [token["token_id"] for token in at.list_tokens()]
        revoked = at.revoke_token(choose.choose_id("token", token_id, ids))
    if as_json:
        show_json(revoked)
    else:
        click.echo(f"{revoked['token_id']} ({cell(revoked['name'])}) lets nobody in any more.")
    return Exit.OK


def _print_table(call: Invocation, found: list[Record]) -> None:
    short = choose.abbreviated(token["token_id"] for token in found)
    rows = [
        [
            cell(short[token["token_id"]]),
            cell(ago(token["created_at"])),
            cell(token["role"]),
            cell(_state(token)),
            cell(token["brand_id"] or "all brands"),
            cell(token["name"]),
        ]
        for token in found
    ]
    show_table(console(call), ("token", "since", "role", "state", "brand", "name"), rows)


def _state(token: Record) -> str:
    def at(name: str) -> Any:  # noqa: ANN401 - a time or None
        return datetime.fromisoformat(token[name]) if token[name] else None

    fault = fault_of(expires_at=at("expires_at"), revoked_at=at("revoked_at"), now=datetime.now(UTC))
    return _SAYS[fault]
