"""Every published file of a run, against the digests in the log.

StageCompleted names the digest of a stage's manifest, the manifest those of its files, ArtifactPublished those of the
artifacts once more. The log is read before the files, so that this works beside a process that writes: files that are
there before their event are work in hand, not a problem.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pydantic_core
from sqlalchemy.exc import DatabaseError

from vm_webapp import artifacts
from vm_webapp.cli.checks.disk import Disk
from vm_webapp.cli.checks.logged import Logged, Published, is_known, is_recovered, list_unknown_copies, load_runs
from vm_webapp.cli.checks.report import Finding, Report
from vm_webapp.cli.opening import Records
from vm_webapp.errors import NotFound, VmError

_RUN_JSON: Final = "run.json"
_OF_ATTEMPT: Final = re.compile(
    r"(stages/([0-9]{2,4})-[a-z0-9_]{1,40})/attempts/([1-9][0-9]{0,8})/(?:input\.json|error\.json|raw\.txt)"
)
"""A file of a failed attempt: its stage's folder, the stage's position, the attempt's number."""
_LATER: Final = frozenset(
    {"breaches", "budget_usd", "changes", "edited", "erased", "feedback", "gate", "imported", "usage", "writer"}
)
"""What the run.json of a run of the first release does not say."""


def check_run(records: Records, run_id: str) -> Report:
    """Check one run; NotFound where the log does not know it."""
    return check_runs(records, [run_id])


def check_runs(records: Records, run_ids: Sequence[str]) -> Report:
    """Check several runs, as the log has them now; NotFound where it does not know one."""
    report = Report()
    with records.database.read() as connection:
        runs = load_runs(connection, run_ids)
    for logged in runs:
        if not logged.folders:
            raise NotFound(kind="run", id=logged.run_id)
    for logged in runs:
        _check_run(records, logged, report)
    return report


def check_runs_one_by_one(records: Records, run_ids: Sequence[str]) -> Report:
    """Check several of many runs: one that cannot be checked at all is a problem of its own, the others are checked."""
    try:
        return check_runs(records, run_ids)
    except (VmError, DatabaseError):
        report = Report()
    for run_id in run_ids:
        try:
            report.add(check_run(records, run_id))
        except (VmError, DatabaseError) as error:
            text = f"The run {run_id} cannot be checked: {error}"
            report.add(Report(runs=1, problems=[Finding(run_id=run_id, text=text)]))
    return report


def strangers(records: Records, known: set[str]) -> Report:
    """Folders of runs that the log does not know, asked again for those that came while this was reading.

    A recovery leaves out runs of which no stage holds: of one that published nothing that is a note.
    """
    folder, report = records.workspace.runs, Report()
    unknown = sorted(path for path in folder.iterdir() if path.name not in known) if folder.is_dir() else []
    with records.database.read() as connection:
        recovered = bool(unknown) and is_recovered(connection)
        for path in unknown:
            if path.is_dir() and is_known(connection, path.name):
                continue
            if recovered and _has_only_failed(path):
                report.note(f"{path} was left out when the log was recovered: its run had published nothing.")
            else:
                report.problems.append(Finding(text=f"{path} belongs to no run in the log."))
        for run_id in list_unknown_copies(connection):
            text = f"There are durable copies of files of a run {run_id} that is not in the log."
            report.problems.append(Finding(text=text))
    return report


def _has_only_failed(folder: Path) -> bool:
    """Whether it is a folder with nothing but run.json and files of failed attempts."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    return all(path == _RUN_JSON or _OF_ATTEMPT.fullmatch(path) for path in Disk(folder, Report()).strange)


def _check_run(records: Records, logged: Logged, report: Report) -> None:
    report.runs += 1
    if logged.erased:
        report.problems += _check_gone(records.workspace.run_dir(logged.run_id), logged.run_id)
        return
    disk = Disk(records.workspace.run_dir(logged.run_id), report)
    stages = [(stage, _check_stage(logged, stage, disk)) for stage in logged.published.values()]
    if disk.strange - {_RUN_JSON}:
        for stage, faults in stages:
            faults.extend(_take_strange(disk, logged.folders[stage.stage_key]))
    problems = [
        Finding(run_id=logged.run_id, stage_key=stage.stage_key, text=text)
        for stage, faults in stages
        if faults and not _is_made_good(logged, stage, report)
        for text in faults
    ]
    rest = list(_check_kept(logged, disk))
    if logged.copies or logged.torn:
        rest += _check_copies(logged)
    if logged.settled:
        rest += _check_run_json(logged, disk)
    report.problems += [*problems, *(Finding(run_id=logged.run_id, text=text) for text in rest)]
    _look_around(logged, disk)


def _check_gone(folder: Path, run_id: str) -> Iterator[Finding]:
    """Of an erased run nothing may be left."""
    if folder.is_symlink() or folder.exists():
        yield Finding(
            run_id=run_id, text=f"{folder} is still there, and its run was erased; the next start removes it."
        )


def _check_stage(logged: Logged, stage: Published, disk: Disk) -> list[str]:
    """What does not hold of a published stage's files."""
    report, folder = disk.report, logged.folders[stage.stage_key]
    report.stages += 1
    manifest, problems = _read_manifest(disk, folder, stage.manifest_sha256)
    if manifest is None:
        listed, where = stage.artifacts, "log"
        disk.strange.difference_update(_strange(disk, folder))
    else:
        listed, where = list(artifacts.listed(manifest)), "manifest"
        problems += _compare(disk, folder, manifest, stage)
    report.files += len(listed) + 1
    for item in listed:
        if fault := disk.fault(f"{folder}/{item['path']}", item["sha256"], item.get("size"), where=where):
            problems.append(fault)
    return problems


def _read_manifest(disk: Disk, folder: str, sha256: str) -> tuple[Mapping[str, Any] | None, list[str]]:
    path = f"{folder}/{artifacts.MANIFEST}"
    content = disk.read(path)
    if isinstance(content, str):
        return None, [disk.say(path, content)]
    disk.report.bytes += len(content)
    if artifacts.digest(content) != sha256:
        return None, [disk.say(path, "its digest is not the one in the log")]
    manifest: Mapping[str, Any] = pydantic_core.from_json(content)
    return manifest, []


def _compare(disk: Disk, folder: str, manifest: Mapping[str, Any], stage: Published) -> Iterator[str]:
    """Where the manifest and the log's ArtifactPublished say different things."""
    said = {item["path"]: item["sha256"] for item in manifest["artifacts"]}
    logged = {item["path"]: item["sha256"] for item in stage.artifacts}
    if said == logged:
        return
    for path in sorted(said.keys() | logged.keys()):
        if said.get(path) != logged.get(path):
            yield disk.say(f"{folder}/{path}", "manifest and log name different digests")


def _strange(disk: Disk, folder: str) -> list[str]:
    """Files in a stage's folder that nobody asked for, but for those of attempts that failed."""
    return sorted(path for path in disk.strange if path.startswith(f"{folder}/") and not _is_attempt(path))


def _take_strange(disk: Disk, folder: str) -> Iterator[str]:
    """Files in a stage's folder that its manifest does not list."""
    for path in _strange(disk, folder):
        disk.strange.discard(path)
        yield f"{Path(disk.root, path)} is in no manifest."


def _is_made_good(logged: Logged, stage: Published, report: Report) -> bool:
    """Whether what does not hold of the stage's files is no problem: all of its durable copies are in the database."""
    if _is_kept(logged, stage):
        text = "Files are not on the disk as published, but their durable copies are: the next start writes them again."
        report.notes.append(Finding(run_id=logged.run_id, stage_key=stage.stage_key, text=text))
        return True
    return False


def _is_kept(logged: Logged, stage: Published) -> bool:
    """Whether the stage's durable copies are in the database, whole."""
    folder = logged.folders[stage.stage_key]
    content = logged.copies.get(f"{folder}/{artifacts.MANIFEST}", b"")
    if artifacts.digest(content) != stage.manifest_sha256:
        return False
    items = artifacts.listed(pydantic_core.from_json(content))
    return all(artifacts.digest(logged.copies.get(f"{folder}/{item['path']}", b"")) == item["sha256"] for item in items)


def _check_kept(logged: Logged, disk: Disk) -> Iterator[str]:
    """Files beside the stages whose digests the log names: those of failed attempts, and the bundle of an import."""
    for path, sha256 in sorted(logged.kept.items()):
        fault = disk.fault(path, sha256, None, where="log")
        if fault and artifacts.digest(logged.copies.get(path, b"")) != sha256:
            yield fault


def _check_copies(logged: Logged) -> Iterator[str]:
    """Durable copies that are not what was published: the next start would write them over what is right."""
    for pending_id in logged.torn:
        yield f"The durable copies {pending_id} of the run {logged.run_id} cannot be read."
    wanted = {**logged.kept, **_digests_of_copies(logged)}
    for path, content in logged.copies.items():
        if path == _RUN_JSON:
            if logged.settled and not _says_the_same(content, logged):
                yield f"The durable copy of {path} of the run {logged.run_id} says something else than the log."
        elif path in wanted:
            if artifacts.digest(content) != wanted[path]:
                yield f"The durable copy of {path} of the run {logged.run_id} is not what was published."
        elif path.rpartition("/")[0] not in logged.unlisted:
            yield f"The durable copy of {path} of the run {logged.run_id} is of nothing that was published."


def _digests_of_copies(logged: Logged) -> dict[str, str]:
    """What copies of published files must be: as the log says, and as the manifests among the copies say."""
    wanted: dict[str, str] = {}
    for stage in logged.published.values():
        folder = logged.folders[stage.stage_key]
        wanted |= {f"{folder}/{item['path']}": item["sha256"] for item in stage.artifacts}
        path = f"{folder}/{artifacts.MANIFEST}"
        wanted[path] = stage.manifest_sha256
        content = logged.copies.get(path, b"")
        if artifacts.digest(content) == stage.manifest_sha256:
            items = artifacts.listed(pydantic_core.from_json(content))
            wanted |= {f"{folder}/{item['path']}": item["sha256"] for item in items}
    return wanted


def _check_run_json(logged: Logged, disk: Disk) -> Iterator[str]:
    """run.json is derived: it says what the log says, but for what runs of the first release did not say."""
    content = disk.read(_RUN_JSON)
    if logged.record is not None and content == artifacts.to_json(logged.record):
        return
    path = Path(disk.root, _RUN_JSON)
    if isinstance(content, str):
        if _RUN_JSON not in logged.copies:
            yield f"{path} cannot be read: {content}."
        return
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        yield f"{path} is not JSON."
        return
    if not _says_the_same(content, logged):
        yield f"{path} says something else than the log."


def _says_the_same(content: bytes, logged: Logged) -> bool:
    """Whether it says what the lists say of the run; nothing can be said against it where they are of another release.

    Of a recovered run an older build said that no stage needed approval, where that is not known.
    """
    if logged.record is None:
        return True
    try:
        said = json.loads(content, object_pairs_hook=_once)
        return _is_part_of(said, logged.record) or (logged.unasked and _is_part_of(said, _unasked(logged.record)))
    except (ValueError, RecursionError):
        return False


def _unasked(record: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**record, "stages": [{**stage, "approval": "none"} for stage in record["stages"]]}


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """An object of these names; ValueError where one is there twice, for readers differ in which of them they take."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def _is_part_of(said: object, whole: object) -> bool:
    if isinstance(said, dict) and isinstance(whole, Mapping):
        known = all(name in whole and _is_part_of(value, whole[name]) for name, value in said.items())
        return known and _LATER.issuperset(whole.keys() - said.keys())
    if isinstance(said, list) and isinstance(whole, list):
        return len(said) == len(whole) and all(map(_is_part_of, said, whole))
    return said == whole


def _look_around(logged: Logged, disk: Disk) -> None:
    """What lies in the run's folder outside of its published stages."""
    stages = set(logged.folders.values())
    unproven = {path for path in disk.strange if logged.recovered and _may_have_failed(logged, path)}
    if unproven:
        text = f"The run was recovered: its failed attempts are not known, nothing proves {len(unproven)} files."
        disk.report.notes.append(Finding(run_id=logged.run_id, text=text))
    for path in sorted(disk.strange - unproven - {_RUN_JSON}):
        parts = path.split("/")
        stage, inside = "/".join(parts[:2]), parts[2:]
        attempt = inside[:1] == ["attempts"] and stage in stages
        if attempt and path.rpartition("/")[0] in logged.unlisted:
            continue
        if attempt:
            text = f"{Path(disk.root, path)} belongs to no failed attempt in the log."
            found = disk.report.problems if logged.settled else disk.report.notes
        elif stage not in stages or not inside:
            text, found = f"{Path(disk.root, path)} is in no manifest.", disk.report.problems
        else:
            text, found = f"{Path(disk.root, path)} was left unfinished and is part of nothing.", disk.report.notes
        if logged.settled or found is disk.report.problems:
            found.append(Finding(run_id=logged.run_id, text=text))


def _may_have_failed(logged: Logged, path: str) -> bool:
    """Whether it can be of a failed attempt of a recovered run: one before what was published, or of what was not."""
    found = _OF_ATTEMPT.fullmatch(path)
    if found is None:
        return False
    folder, position, attempt = found.groups()
    published = {logged.folders[key]: stage.attempt for key, stage in logged.published.items()}
    if folder in published:
        return int(attempt) < published[folder]
    return folder in logged.folders.values() or (
        logged.shortened and not any(known.startswith(f"stages/{position}-") for known in published)
    )


def _is_attempt(path: str) -> bool:
    """Whether the file, by its path in the run's folder, was left by an attempt that failed."""
    return path.split("/")[2:3] == ["attempts"]
