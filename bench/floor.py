"""The floor: what durability alone costs, with the standard library and nothing else.

Per run: its folders are made and synced. Per stage: every file by temporary name, fsync and rename; each folder that
got names synced once; then one row and one commit in SQLite (WAL, synchronous=FULL). No events are folded, no view is
kept, nothing is checked: nobody who syncs file by file can do less.
"""

import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from work_unit import DATA, MARKDOWN, OUTPUT, REQUEST, STAGES

_INPUT = {
    "writer": "fixed",
    "mode": "bench",
    "stage": {"kind": "document", "params": {"sections": [{"heading": "Findings"}]}},
    "request_text": REQUEST,
    "dated_on": "2026-01-01",
    "thread_title": "Launch",
    "brand": {"name": "Aurora", "description": "", "voice": "", "audience": ""},
    "project": {"name": "Spring", "objective": "", "channels": [], "due_on": None},
    "reads": [],
}


class Floor:
    """One folder and one database; the connection is shared behind a lock."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._count = 0
        root.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(root / "floor.sqlite3", check_same_thread=False, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute(
            "CREATE TABLE events (position INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT UNIQUE, type TEXT,"
            " stream_id TEXT, version INTEGER, at TEXT, payload TEXT, UNIQUE (stream_id, version))"
        )

    def run_to_the_end(self, runs: int, *, threads: int) -> None:
        """Do `runs` W in `threads` threads."""
        first = self._count
        self._count += runs
        names = [f"r-{number:032d}" for number in range(first, first + runs)]
        if threads == 1:
            for name in names:
                self.run(name)
            return
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(self.run, names))

    def run_once(self) -> None:
        """Do one W in the caller's thread."""
        self.run_to_the_end(1, threads=1)

    def run(self, run_id: str) -> None:
        """One W: four stages, each durable before the next begins."""
        stages = self._root / "runs" / run_id / "stages"
        folders = [stages / f"{at:02d}-{key}" for at, key in enumerate(STAGES, start=1)]
        for folder in folders:
            (folder / "artifacts").mkdir(parents=True)
        for folder in (stages, stages.parent, stages.parent.parent):
            _sync_folder(str(folder))
        for version, (key, folder) in enumerate(zip(STAGES, folders, strict=True), start=1):
            self._stage(run_id, key, str(folder), version)

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def _stage(self, run_id: str, key: str, folder: str, version: int) -> None:
        files = {
            "input.json": _to_json(_INPUT),
            "output.json": _to_json(OUTPUT),
            f"artifacts/{key}.md": MARKDOWN.encode(),
            f"artifacts/{key}.json": DATA.encode(),
        }
        manifest = _manifest(run_id, key, version, files)
        for path, content in (*files.items(), ("manifest.json", manifest)):
            _write(f"{folder}/{path}", content)
        _sync_folder(f"{folder}/artifacts")
        _sync_folder(folder)
        payload = json.dumps({"run_id": run_id, "stage_key": key, "manifest_sha256": _digest(manifest)})
        row = (f"evt-{run_id}-{version}", "StageCompleted", f"run:{run_id}", version, "2026-01-01T00:00:00Z", payload)
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute(
                "INSERT INTO events (event_id, type, stream_id, version, at, payload) VALUES (?, ?, ?, ?, ?, ?)", row
            )
            self._connection.execute("COMMIT")


def _manifest(run_id: str, key: str, position: int, files: Mapping[str, bytes]) -> bytes:
    facts = {"run_id": run_id, "thread_id": "t-" + "0" * 32, "stage_key": key, "stage_position": position}
    state = {"attempt": 1, "status": "completed", "started_at": "2026-01-01T00:00:00Z"}
    listed = [
        {"path": path, "kind": key, "media_type": "text/markdown", "sha256": _digest(content), "size": len(content)}
        for path, content in files.items()
    ]
    return _to_json({**facts, **state, "artifacts": listed})


def _write(path: str, content: bytes) -> None:
    descriptor = os.open(f"{path}.tmp", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.replace(f"{path}.tmp", path)  # noqa: PTH105 - the floor takes the shortest way


def _sync_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _to_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
