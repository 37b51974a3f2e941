"""The commands checkpoint and proof: what was signed of the log, and that something is in it, to be kept elsewhere."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from vm_webapp.cli import choose, text, witness_file
from vm_webapp.cli.checks.logged import list_run_ids
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.failures import warn
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import Records, nothing_yet, reading
from vm_webapp.cli.screen import show_json
from vm_webapp.errors import NotFound
from vm_webapp.log_tree import proofs
from vm_webapp.log_tree.keys import verifier_keys
from vm_webapp.proof.notes import VerifierKey, read_checkpoint


def checkpoint(call: Invocation, *, save: Path | None, key: bool, as_json: bool) -> int:
    """Show, or keep, the newest signed checkpoint; or the key that verifies it."""
    with reading(call) as records:
        if records is None:
            nothing_yet(call)
            return Exit.WORKSPACE
        keys = verifier_keys(records.workspace)
        with records.database.read() as connection:
            signed = proofs.get_signed(connection)
            behind = int(connection.exec_driver_sql("SELECT count(*) FROM events").scalar_one()) - signed.size
            if save and not key:
                witness_file.check_place(save, witness_file.note_alone, connection=connection, signed=signed, keys=keys)
    found = read_checkpoint(signed.note)
    if behind:
        warn(f"{text.counted(behind, 'event')} behind it: the checkpoint follows within a second of a start.", call)
    own = proofs.key_of(keys, signed.note)
    content = f"{own}\n" if key else signed.note
    if save and key:
        witness_file.check_same(save, content)
    if save:
        witness_file.write(save, content)
    if as_json:
        facts = {"origin": found.origin, "size": found.size, "root": found.root.hex(), "signed_at": signed.signed_at}
        show_json({**facts, "note": signed.note, "key": own, "behind": behind})
    elif save:
        what = "the key that verifies it" if key else f"the checkpoint of {text.counted(found.size, 'event')}"
        click.echo(text.line(f"{save} holds {what}."))
    else:
        click.echo(content, nl=False)
    return Exit.OK


def proof(call: Invocation, *, subject: str, save: Path | None, as_json: bool) -> int:
    """Prove that an event, or every event of a run, is in the log."""
    with reading(call) as records:
        if records is None:
            nothing_yet(call)
            return Exit.WORKSPACE
        keys = verifier_keys(records.workspace)
        document = _prove(records, subject, keys, save)
    content = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    if save:
        witness_file.write(save, content)
    if as_json:
        show_json(document)
    elif save:
        click.echo(text.line(f"{save} holds the proof of {text.counted(len(document['events']), 'event')}."))
    else:
        click.echo(content, nl=False)
    return Exit.OK


def _prove(records: Records, subject: str, keys: Sequence[VerifierKey], save: Path | None) -> dict[str, Any]:
    with records.database.read() as connection:
        rows, signed = _rows(connection, subject), proofs.get_signed(connection)
        if save:
            witness_file.check_place(save, witness_file.note_of_proof, connection=connection, signed=signed, keys=keys)
        return proofs.inclusion(connection, rows, signed=signed, keys=keys)


def _rows(connection: Connection, subject: str) -> list[dict[str, Any]]:
    """The event of that id, else the events of the run that is meant."""
    try:
        return [proofs.find_event(connection, subject)]
    except NotFound:
        with choose.also_meant("event or run"):
            run_id = choose.choose_id("run", subject, list_run_ids(connection)[::-1])
        return proofs.list_run_events(connection, run_id)
