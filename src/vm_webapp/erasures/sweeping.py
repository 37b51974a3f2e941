"""What one erasure leaves to do: the files of its runs, and what of it stands in the database beside the log."""

import json
import shutil
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from vm_webapp import artifacts, pending_files, receipts
from vm_webapp.db import execute, execute_many
from vm_webapp.errors import Erased, NotReadable
from vm_webapp.events import ERASED, RecordedEvent
from vm_webapp.receipts import Answer
from vm_webapp.workspace import Workspace

_GONE: Final = 410
_DEAD: Final = "UPDATE dead_letters SET reason = ? WHERE event_id = ?"
_TOLD: Final = (
    "UPDATE webhook_attempts SET detail = ? WHERE detail <> ''"
    " AND global_position IN (SELECT global_position FROM events WHERE thread_id = ?)"
)
"""What was answered to messages about the thread: any of it may repeat what was erased there."""

_ANSWER: Final = Answer(
    _GONE,
    json.dumps(
        {
            "type": f"urn:vm-webapp:problem:{Erased.code}",
            "title": "Gone",
            "status": _GONE,
            "code": Erased.code,
            "detail": "The request was answered once; what the answer said was erased since.",
            "hint": "It is not done again. Ask anew, under another key.",
            "errors": [],
        }
    ).encode(),
)
"""What a request is answered with whose answer spoke of what was erased: a problem (RFC 9457)."""


def sweep_database(connection: Connection, event: RecordedEvent) -> None:
    """Take out durable copies, stored answers, reasons of dead letters and what receivers of webhooks answered.

    All of it in the caller's transaction.
    """
    payload = event.payload
    pending_files.forget_copies(connection, payload["runs"])
    receipts.blank_receipts(connection, about=_named(event), answer=_ANSWER)
    execute_many(connection, _DEAD, [(ERASED, event_id) for event_id in (*payload["events"], *payload["in_clear"])])
    execute(connection, _TOLD, (ERASED, payload["thread_id"]))


def sweep_files(workspace: Workspace, event: RecordedEvent) -> None:
    """Remove the folders of the runs; NotReadable where the disk refuses, to be tried again."""
    for run_id in event.payload["runs"]:
        remove_folder(workspace.run_dir(run_id))


def remove_folder(folder: Path) -> None:
    """Remove a run's folder, and what it holds; a link in its place goes, what it points at stays."""
    try:
        if folder.is_symlink():
            folder.unlink()
        elif folder.exists():
            shutil.rmtree(folder)
        artifacts.sync_folders([str(folder.parent)])
    except FileNotFoundError:
        return
    except OSError as error:
        raise NotReadable(path=folder, problem=error.strerror or str(error)) from error


def _named(event: RecordedEvent) -> list[str]:
    """Every id under which stored answers speak of what was erased."""
    payload = event.payload
    whole = [payload["thread_id"]] if payload["scope"] == "thread" else []
    return [*whole, *payload["runs"], *payload["comments"], *payload["tasks"]]
