"""A cassette: a model's answers on file, so that a profile can be tested without network and cost.

Format: JSON lines in UTF-8, one answer each: `key`, `dated_on`, `model`, `parameters`, `schema_sha256`, `messages`,
`answer`, `finish_reason`, `input_tokens`, `output_tokens`. The key is the SHA-256 of model, messages, schema and
parameters; of two lines with one key the later counts. No key of a provider and no header is ever in it. A line is
appended with one write; a torn last line is skipped, and cut off before the next one is written; anything else that
does not read is an error.

Prompts name the day. A cassette therefore has one day, that of its first line: stages written with it are dated so,
recorded or replayed, and the same bytes come out on any day.
"""

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass

from vm_webapp.errors import BadSetting
from vm_webapp.writers.llm.configuration import LlmConfig


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Recording:
    """One answer with the request that it answers."""

    key: str
    dated_on: date
    model: str
    parameters: dict[str, float | int]
    schema_sha256: str
    messages: list[dict[str, str]]
    answer: str
    finish_reason: str | None
    input_tokens: int
    output_tokens: int


_RECORDING: TypeAdapter[Recording] = TypeAdapter(Recording)


def request_key(
    *, model: str, messages: Sequence[Mapping[str, str]], schema_sha256: str, parameters: Mapping[str, Any]
) -> str:
    """The name of a request: equal requests have equal keys."""
    whole = {"model": model, "messages": list(messages), "schema": schema_sha256, "parameters": dict(parameters)}
    return hashlib.sha256(json.dumps(whole, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


class Cassette:
    """The recordings of one file; safe to use from several threads."""

    def __init__(self, path: Path, *, replays: bool, records: bool) -> None:
        self.path = path
        self.records = records
        self._replays = replays
        self._lock = threading.Lock()
        self._found: dict[str, Recording] = {}
        self._dated_on: date | None = None
        if records:
            _drop_torn_line(path)
        for recording in _read(path, must_exist=not records):
            self._keep(recording)
        if records:
            _check_can_be_written(path)

    def dated_on(self, day: date) -> date:
        """The cassette's day; the given one becomes it where nothing is recorded yet."""
        with self._lock:
            self._dated_on = self._dated_on or day
            return self._dated_on

    def find(self, key: str) -> Recording | None:
        """The answer to the request of that key; None where there is none, or where the model is to be asked anyway."""
        with self._lock:
            return self._found.get(key) if self._replays else None

    def record(self, recording: Recording) -> None:
        """Append the answer; does nothing where the cassette is only read. OSError where the disk does not take it."""
        if not self.records:
            return
        with self._lock:
            dated = replace(recording, dated_on=self._dated_on or recording.dated_on)
            line = json.dumps({**asdict(dated), "dated_on": dated.dated_on.isoformat()}, ensure_ascii=True)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _append(self.path, f"{line}\n".encode())
            self._keep(dated)

    def _keep(self, recording: Recording) -> None:
        self._dated_on = self._dated_on or recording.dated_on
        self._found[recording.key] = recording


def open_cassette(config: LlmConfig) -> Cassette | None:
    """The cassette of the settings, None where there is none; BadSetting where it cannot be read."""
    if config.cassette is None:
        return None
    mode = config.cassette_mode
    return Cassette(config.cassette, replays=mode != "record", records=mode != "replay")


def _append(path: Path, line: bytes) -> None:
    """Write the line, all of it or nothing: the next one must not continue a part of it."""
    with path.open("ab", buffering=0) as file:
        end = file.tell()
        try:
            written = file.write(line)
            while written < len(line):  # a disk that is filling up takes a part, and only then says so
                written += file.write(line[written:])
        except OSError:
            file.truncate(end)
            raise


def _drop_torn_line(path: Path) -> None:
    """Cut off what a crash left of a last line, so that the next one does not continue it."""
    try:
        with path.open("r+b") as file:
            content = file.read()
            file.truncate(content.rfind(b"\n") + 1)
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unusable(path, "cannot be read") from error


def _check_can_be_written(path: Path) -> None:
    """Raise BadSetting where no answer could be recorded, before one is paid for."""
    was_there = path.exists()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("ab").close()
        if not was_there:
            path.resolve().unlink()
    except OSError as error:
        raise _unusable(path, "cannot be written") from error


def _read(path: Path, *, must_exist: bool) -> list[Recording]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    except FileNotFoundError:
        if must_exist:
            raise _unusable(path, "is not there") from None
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(path, "cannot be read") from error
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(_RECORDING.validate_json(line))
        except ValidationError:
            if number == len(lines) and not line.endswith("\n"):
                continue
            raise _unusable(path, f"has no recording in line {number}") from None
    return found


def _unusable(path: Path, problem: str) -> BadSetting:
    return BadSetting(
        variable="VM_LLM_CASSETTE",
        problem=f"names {path.name}, which {problem}",
        advice="Name a file that was recorded with VM_LLM_CASSETTE_MODE=record, or record one.",
    )
