# ruff: noqa: S608 - it attacks with raw SQL of its own
"""Keys, seals and erasures are attacked, and `verify` names each; the command erases, and what is copied is minded."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from test_backup_whole import fill, settings_at
from test_cli_look import Shell
from test_engine import make_thread
from test_erasure_engine import NAME, asked, erase, places_of, say, verified
from verify_kit import copied_shell, fresh_filled, rows, sql
from vm_webapp.backups import make_backup, restore_backup
from vm_webapp.cli import Exit
from vm_webapp.host import open_host
from vm_webapp.proof.seals import BadSeal, new_key, open_seal, seal
from vm_webapp.sealing import PERSONAL, SEALED, sealed, unsealed
from vm_webapp.settings import Settings
from vm_webapp.workspace import Workspace

from fixed_writer import FixedWriter

filled = fresh_filled
shell = copied_shell
_ONE = "(SELECT event_id FROM event_keys ORDER BY event_id LIMIT 1)"
_OTHER = "(SELECT event_id FROM event_keys ORDER BY event_id DESC LIMIT 1)"
_SWAP = f"UPDATE event_keys SET key = (SELECT key FROM event_keys WHERE event_id = {_OTHER}) WHERE event_id = {_ONE}"


@pytest.mark.parametrize(
    ("attack", "named"),
    [
        (f"DELETE FROM event_keys WHERE event_id = {_ONE}", "their key is missing"),
        (f"UPDATE event_keys SET key = zeroblob(32) WHERE event_id = {_ONE}", "another key"),
        (f"UPDATE event_keys SET key = substr(key, 1, 16) WHERE event_id = {_ONE}", "another key"),
        (_SWAP, "another key"),
        ("INSERT INTO event_keys VALUES ('evt-of-nobody', randomblob(32))", "no text that it would open"),
    ],
    ids=["deleted", "changed", "cut", "swapped", "added"],
)
def test_every_attack_on_the_keys_is_named(shell: Shell, attack: str, named: str) -> None:
    """Taken away, changed, cut, put in another's place, added: the event is named, and everything still reads."""
    sql(shell.workspace, attack)
    said = shell("verify")
    assert said.code == Exit.FAILED
    assert named in said.out
    assert shell("runs").code == Exit.OK


def test_a_key_that_is_left_after_an_erasure_is_named(settings: Settings, writer: FixedWriter) -> None:
    """Whoever puts a key back, or a folder, is found; that nothing was erased without an event as well."""
    host = open_host(settings, llm=writer)

    thread_id = make_thread(host)[2]
    run_id = asked(host, thread_id, f"A letter to {NAME}")
    with host.database.read() as connection:
        (event_id, key) = connection.exec_driver_sql("SELECT event_id, key FROM event_keys LIMIT 1 OFFSET 1").one()
    erase(host, thread_id)
    host.close()
    with closing(sqlite3.connect(settings.database_path)) as connection:
        connection.execute("INSERT INTO event_keys VALUES (?, ?)", (event_id, key))
        connection.commit()
    folder = Workspace(settings.vm_workspace_root).run_dir(run_id)
    folder.mkdir()

    again = open_host(settings, llm=writer)
    found = " ".join(verified(again))
    again.close()
    assert "their key is still there" in found
    assert "is still there, and its run was erased" in found


def test_a_seal_opens_with_its_own_key_and_for_its_own_event_alone() -> None:
    """Another key, another event, another type, one changed byte: refused, and the reader is given placeholders."""
    key, fields = new_key(), {"text": "Dear João, ação! 🎉"}
    made = seal(fields, event_id="evt-1", event_type="CommentAdded", key=key)
    assert open_seal(made, event_id="evt-1", event_type="CommentAdded", key=key) == fields
    flipped = {**made, "data": made["data"][:-4] + "AAAA"}
    for what, event_id, event_type, with_key in (
        (made, "evt-1", "CommentAdded", new_key()),
        (made, "evt-2", "CommentAdded", key),
        (made, "evt-1", "TaskCreated", key),
        (flipped, "evt-1", "CommentAdded", key),
        ({}, "evt-1", "CommentAdded", key),
        (None, "evt-1", "CommentAdded", key),
        ({**made, "fields": ["text", "more"]}, "evt-1", "CommentAdded", key),
    ):
        with pytest.raises(BadSeal):
            open_seal(what, event_id=event_id, event_type=event_type, key=with_key)


@pytest.mark.parametrize("event_type", sorted(PERSONAL))
def test_a_payload_comes_back_as_it_was_or_with_placeholders(event_type: str) -> None:
    """With the key: equal. Without: the same fields, of the same kinds, and not one word of what they said."""
    texts = {name: {"x": NAME} if default == {} else NAME for name, default in PERSONAL[event_type].items()}
    payload = {**texts, "run_id": "r-1", "stage_key": "brief"}
    stored, key = sealed(event_type, "evt-1", payload)
    assert NAME not in json.dumps(stored)
    assert unsealed(event_type, "evt-1", stored, key) == (payload, False)
    placeholders, erased = unsealed(event_type, "evt-1", stored, None)
    assert erased
    assert placeholders.keys() == payload.keys()
    assert placeholders == {**payload, **PERSONAL[event_type]}


def test_an_imported_run_is_sealed_text_by_text() -> None:
    """What an import carries is sealed within; digests and plans of it stay readable for checks and backups."""
    queued = {"request_text": NAME, "facts": {"a": NAME}, "changes": {}, "feedback": {}, "edits": {}, "plan": {"p": 1}}
    past = [
        {"event_type": "WorkflowRunQueued", "event_id": "e1", "payload": queued},
        {"event_type": "StageCompleted", "event_id": "e2", "payload": {"manifest_sha256": "ab"}},
    ]
    payload = {"run_id": "r-1", "past": past}
    stored, key = sealed("WorkflowRunImported", "evt-1", payload)
    assert NAME not in json.dumps(stored)
    assert stored["past"][1] == past[1]
    assert stored["past"][0]["payload"]["plan"] == {"p": 1}
    assert unsealed("WorkflowRunImported", "evt-1", stored, key) == (payload, False)
    erased = unsealed("WorkflowRunImported", "evt-1", stored, None).payload["past"][0]["payload"]
    assert erased == {**queued, **PERSONAL["WorkflowRunQueued"]}


def test_a_text_said_in_the_clear_beside_its_seal_is_not_believed() -> None:
    """Only a forger writes both."""
    stored, key = sealed("CommentAdded", "evt-1", {"comment_id": "c", "text": "Yes"})
    assert SEALED in stored
    assert unsealed("CommentAdded", "evt-1", {**stored, "text": "No"}, key).erased


def test_the_command_shows_asks_and_erases(shell: Shell) -> None:
    """A dry run changes nothing; without a person to ask it wants --yes; then it says what is gone."""
    (thread_id, run_id, text) = rows(shell.workspace, "SELECT thread_id, run_id, request_text FROM runs_view")[0]
    seen = shell("erase", run_id, "--dry-run")
    assert (seen.code, "Nothing was changed" in seen.out) == (Exit.OK, True)
    asked_for = shell("erase", run_id, "--reason", "Asked")
    assert asked_for.code == Exit.USAGE
    assert "--yes" in asked_for.err
    assert text in shell("show", run_id).out
    done = shell("erase", run_id, "--reason", "Asked", "--yes")
    assert done.code == Exit.OK, done.err
    assert "1 run with its files" in done.out
    assert shell("verify").code == Exit.OK
    shown = shell("show", run_id).out
    assert "[erased]" in shown
    assert "workspace-owner: Asked" in shown
    gone = shell("show", run_id, "--file", "plan.md")
    assert (gone.code, "was erased at" in gone.err) == (Exit.FAILED, True)
    told = shell("timeline", thread_id)
    assert "content erased" in told.out
    again = shell("erase", run_id, "--reason", "Asked", "--yes")
    assert (again.code, "nothing is left" in again.err) == (Exit.FAILED, True)


def test_the_next_backup_into_the_folder_has_nothing_of_what_was_erased(tmp_path: Path) -> None:
    """Neither the old copy of the database, with its keys, nor the files; a restored one is whole without them."""
    host = open_host(settings_at(tmp_path / "vm"), llm=FixedWriter())
    fill(host)
    run_id = asked(host, "t-1", f"A letter to {NAME}")
    say(host, "t-1", f"{NAME} called", run_id)
    backup = tmp_path / "backup"
    make_backup(host.database, host.workspace, backup)
    assert places_of(backup)
    erase(host, "t-1", run_id=run_id)
    make_backup(host.database, host.workspace, backup)
    host.close()
    assert places_of(backup) == []
    restore_backup(backup, tmp_path / "again")

    again = open_host(settings_at(tmp_path / "again"), llm=FixedWriter())
    problems = verified(again)
    again.close()
    assert problems == []
