"""The on-disk contract of a stage: written all or nothing, verified on every read.

    <stage>/input.json       what the writer was given
    <stage>/output.json      what it made, as data
    <stage>/artifacts/*      what people read and hand on
    <stage>/manifest.json    SHA-256 of every file above, written last

A stage is complete if and only if its manifest is there and every digest in it holds. Crash argument: every file is
written under a temporary name in its own folder and renamed, so a name either has a whole file or none, as long as the
operating system lives; the manifest is renamed last. A power cut may lose or tear files whose sync was not waited for:
then a digest does not hold, and the stage is not complete; with `sync` every file and folder is on the disk before the
manifest is, so a manifest that survives is a whole stage. Which of the two a caller needs is told in
docs/adr/0002-durability.md.
"""

import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pydantic_core

from vm_webapp.errors import IntegrityError, InvalidName, InvalidText

MANIFEST: Final = "manifest.json"
ARTIFACTS: Final = "artifacts"
_NAME_BYTES: Final = 120
_REFUSED: Final = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]')
_RESERVED: Final = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?")
_MEDIA_TYPES: Final = {
    ".md": "text/markdown",
    ".json": "application/json",
    ".csv": "text/csv",
    ".ics": "text/calendar",
    ".txt": "text/plain",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactFile:
    """A file to publish."""

    name: str
    kind: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class StageFiles:
    """A stage's files by path relative to its folder, in the order of writing; the manifest is the last."""

    manifest: dict[str, Any]
    files: Mapping[str, bytes]

    @property
    def manifest_sha256(self) -> str:
        """The digest by which events and approvals name this stage."""
        return digest(self.files[MANIFEST])


def write_stage_outputs(
    *,
    stage_dir: Path,
    run_id: str,
    thread_id: str,
    stage_key: str,
    stage_position: int,
    attempt: int,
    input_payload: Mapping[str, Any],
    output_payload: Mapping[str, Any],
    artifacts: Mapping[str, str],
    event_id: str,
    status: str,
    started_at: str | None = None,
    finished_at: str | None = None,
    sync: bool = True,
) -> dict[str, Any]:
    """Write a stage and return its manifest; media types and kinds follow from the names.

    Raises InvalidName for a name that is refused, InvalidText for text that is no Unicode, before anything is written;
    OSError when the disk fails, and then no manifest is there.
    """
    published = [
        ArtifactFile(name=name, kind=Path(name).stem, media_type=media_type_of(name), content=encode(text, name))
        for name, text in artifacts.items()
    ]
    stage = render_stage(
        facts={
            "run_id": run_id,
            "thread_id": thread_id,
            "stage_key": stage_key,
            "stage_position": stage_position,
            "attempt": attempt,
            "status": status,
            "event_id": event_id,
            "started_at": started_at,
            "finished_at": finished_at,
        },
        input_payload=input_payload,
        output_payload=output_payload,
        artifacts=published,
    )
    write_files(stage_dir, stage.files, sync=sync)
    return stage.manifest


def render_stage(
    *,
    facts: Mapping[str, Any],
    input_payload: Mapping[str, Any],
    output_payload: Mapping[str, Any],
    artifacts: Sequence[ArtifactFile],
) -> StageFiles:
    """The stage's files and manifest as bytes, before anything is written; `facts` open the manifest."""
    check_names(artifact.name for artifact in artifacts)
    payloads = {"input.json": to_json(input_payload), "output.json": to_json(output_payload)}
    manifest = {
        **facts,
        "artifacts": [
            {
                "path": f"{ARTIFACTS}/{artifact.name}",
                "kind": artifact.kind,
                "media_type": artifact.media_type,
                "sha256": digest(artifact.content),
                "size": len(artifact.content),
            }
            for artifact in artifacts
        ],
        **{
            name.removesuffix(".json"): {"path": name, "sha256": digest(content), "size": len(content)}
            for name, content in payloads.items()
        },
    }
    files = {f"{ARTIFACTS}/{artifact.name}": artifact.content for artifact in artifacts}
    return StageFiles(manifest, {**payloads, **files, MANIFEST: to_json(manifest)})


def write_files(folder: Path, files: Mapping[str, bytes], *, sync: bool) -> None:
    """Write files below `folder` in their order, each by temporary name and rename; `sync` waits for the disk.

    With `sync`, all but the last file are on the disk, and so are their folders, before the last one is written.
    """
    root = str(folder)
    parents = {f"{root}/{path}".rpartition("/")[0] for path in files}
    for parent in sorted({root, *parents}):
        _make_folder(parent)
    *first, last = files
    for path in first:
        _write(f"{root}/{path}", files[path], sync=sync)
    if sync:
        sync_folders({*parents, root})
    _write(f"{root}/{last}", files[last], sync=sync)
    if sync:
        sync_folders({f"{root}/{last}".rpartition("/")[0], str(folder.parent), str(folder.parent.parent)})


def sync_folders(folders: Iterable[str]) -> None:
    """Put the folders' entries on the disk; where folders cannot be synced (Windows) the file system sees to it."""
    if os.name == "nt":
        return
    for folder in sorted(folders, reverse=True):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it where they are missing, and put their entries on the disk."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    sync_folders(str(path.parent) for path in missing)


def write_whole(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file of its own, whole or not at all, and have it on the disk with its name; OSError where that fails."""
    temporary = path.with_name(f"{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            sync_descriptor(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folders([str(path.parent)])


def sync_file(path: Path) -> None:
    """Put a file's content on the disk."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        sync_descriptor(descriptor)
    finally:
        os.close(descriptor)


def sync_descriptor(descriptor: int) -> None:
    """Put an open file's content on the disk."""
    os.fsync(descriptor)


def read_manifest(stage_dir: Path, *, sha256: str | None = None) -> dict[str, Any]:
    """The stage's manifest; IntegrityError where it is missing, not JSON, or not the one of that digest."""
    path = stage_dir / MANIFEST
    content = _read(path)
    if sha256 is not None and digest(content) != sha256:
        raise IntegrityError(path=path, problem="its digest is not the one in the log")
    try:
        manifest = json.loads(content)
    except ValueError as error:
        raise IntegrityError(path=path, problem="it is not JSON") from error
    if not isinstance(manifest, dict):
        raise IntegrityError(path=path, problem="it is not a JSON object")
    return manifest


def read_listed(stage_dir: Path, item: Mapping[str, Any]) -> bytes:
    """The bytes of a file that the manifest lists; IntegrityError unless its digest holds."""
    path = stage_dir / str(item["path"])
    content = _read(path)
    if digest(content) != item["sha256"]:
        raise IntegrityError(path=path, problem="its digest is not the one in the manifest")
    return content


def read_json(stage_dir: Path, item: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON object in a file that the manifest lists; IntegrityError unless its digest holds."""
    value: dict[str, Any] = json.loads(read_listed(stage_dir, item))
    return value


def listed(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every file that the manifest lists: path, sha256, size."""
    yield from (item for name in ("input", "output") if (item := manifest.get(name)))
    yield from manifest.get("artifacts", ())


def verify_stage(stage_dir: Path, *, sha256: str | None = None) -> list[str]:
    """What does not hold in a stage's folder, a sentence each; empty when the stage is complete.

    A file that no manifest lists is named as well; attempts that failed stand beside the stage and are not part of it.
    """
    try:
        manifest = read_manifest(stage_dir, sha256=sha256)
    except IntegrityError as error:
        return [str(error)]
    problems: list[str] = []
    for item in listed(manifest):
        try:
            read_listed(stage_dir, item)
        except IntegrityError as error:
            problems.append(str(error))
    known = {MANIFEST, *(str(item["path"]) for item in listed(manifest))}
    for path in sorted(stage_dir.rglob("*")):
        relative = path.relative_to(stage_dir).as_posix()
        if path.is_file() and relative not in known and not relative.startswith("attempts/"):
            problems.append(f"{path} is in no manifest.")
    return problems


def discard(stage_dir: Path, *, attempt: int) -> None:
    """Remove what an attempt that was not recorded left in a stage's folder, the manifest first.

    Files of another attempt may bear other names: left here, they would be in no manifest. Earlier attempts stay.
    """
    (stage_dir / MANIFEST).unlink(missing_ok=True)
    for path in sorted(stage_dir.rglob("*")):
        folder, *rest = path.relative_to(stage_dir).parts
        if path.is_file() and (folder != "attempts" or rest[0] == str(attempt)):
            path.unlink(missing_ok=True)


def check_names(names: Iterable[str]) -> None:
    """Refuse names that are not plain relative file names everywhere, or that differ by case alone."""
    seen: dict[str, str] = {}
    for name in names:
        if problem := _problem_of(name):
            raise InvalidName(name=name[:80], problem=problem)
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in seen:
            raise InvalidName(name=name, problem=f"it is the same as {seen[folded]!r} where case does not count")
        seen[folded] = name


def media_type_of(name: str) -> str:
    """The media type that the name's ending stands for."""
    return _MEDIA_TYPES.get(Path(name).suffix.lower(), "application/octet-stream")


def encode(text: str, name: str) -> bytes:
    """The text as UTF-8; InvalidText for what is no Unicode."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise InvalidText(field=name, problem=f"holds half a character at {error.start}") from error


def digest(content: bytes) -> str:
    """SHA-256 (FIPS 180-4) in lower-case hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def to_json(value: object) -> bytes:
    """JSON for people and diffs: UTF-8, two spaces, one newline at the end; NaN and half characters are refused."""
    try:
        content = pydantic_core.to_json(value, indent=2)
        if b"NaN" in content or b"Infinity" in content:  # in a text, or as a number that JSON does not have
            json.dumps(value, allow_nan=False)
    except (pydantic_core.PydanticSerializationError, ValueError) as error:
        raise InvalidText(field="JSON", problem=f"cannot be written: {error}") from error
    return content + b"\n"


def _problem_of(name: str) -> str | None:
    if not name or name != name.strip() or name.startswith(".") or name.endswith("."):
        return "a file name begins and ends with a visible character and not with a dot"
    if found := _REFUSED.search(name):
        return f"it holds the character U+{ord(found.group()):04X}"
    if _RESERVED.fullmatch(name) or name.endswith(".tmp"):
        return "it is a reserved name"
    if len(name.encode()) > _NAME_BYTES:
        return f"it is longer than {_NAME_BYTES} bytes"
    return None


def _make_folder(path: str) -> None:
    """Make the folder, and those above it only where they are missing too."""
    try:
        os.mkdir(path)  # noqa: PTH102 - strings: this is the hot path
    except FileExistsError:
        return
    except FileNotFoundError:
        os.makedirs(path, exist_ok=True)  # noqa: PTH103 - likewise


def _write(path: str, content: bytes, *, sync: bool) -> None:
    temporary = f"{path}.tmp"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o644)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        if sync:
            os.fsync(descriptor)
    except BaseException:
        os.close(descriptor)
        Path(temporary).unlink(missing_ok=True)
        raise
    os.close(descriptor)
    try:
        os.replace(temporary, path)  # noqa: PTH105 - likewise
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise IntegrityError(path=path, problem=error.strerror or "it cannot be read") from error
