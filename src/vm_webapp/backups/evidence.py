"""What run folders prove: stages whose manifests hold, and imported runs by their bundles.

What they merely say (run.json) is kept apart from that.

A manifest names the digests of its files, so a stage that holds is whole and was not changed by accident. That nobody
has made it up cannot be seen here: that is what the log and its witnesses are for.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from vm_webapp import artifacts
from vm_webapp.bundles import LONGEST_ZIP, Proven, read_import
from vm_webapp.domain.run_commands import ImportRun
from vm_webapp.domain.texts import check_id
from vm_webapp.errors import IntegrityError, VmError
from vm_webapp.workspace import Workspace

_STAGE: Final = re.compile(r"([0-9]{2,4})-([a-z0-9_]{1,40})")
_LARGEST_CLAIM: Final = 1 << 20
_BUNDLE: Final = "bundle.zip"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageProof:
    """A stage that holds."""

    key: str
    position: int
    sha256: str
    manifest: Mapping[str, Any]
    input: Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class RunProof:
    """A run's folder: the stages that hold, what run.json says, and what does not hold.

    `imported` is the import that a bundle beside the run proves, at the place that the run had in its own log.
    """

    run_id: str
    stages: list[StageProof] = field(default_factory=list)
    claims: Mapping[str, Any] = field(default_factory=dict)
    claims_sha256: str | None = None
    imported: ImportRun | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def own_input(self) -> Mapping[str, Any]:
        """What the run was given: the input of the stage that it began last; of an imported run, of its request.

        Stages that a fork took over were begun before its own, and bear what the other run was given.
        """
        if self.imported is not None:
            facts = self.imported.past[0]["payload"]["facts"]
            return {**facts, "thread_title": facts["thread"]["title"]}
        last = max(self.stages, key=lambda stage: (str(stage.manifest.get("started_at")), stage.position), default=None)
        return last.input if last else {}

    @property
    def made_nothing(self) -> bool:
        """Whether run.json says of every stage that holds that it was taken over from another run."""
        said = [one for one in self.claims.get("stages", []) if isinstance(one, Mapping) and one.get("carried_from")]
        return bool(self.stages) and {stage.key for stage in self.stages} <= {one.get("stage_key") for one in said}

    @property
    def began_at(self) -> str:
        """When it began, as far as anything says so; sorts as text."""
        said = [self.claims.get("created_at"), *(stage.manifest.get("started_at") for stage in self.stages)]
        return next((at for at in said if isinstance(at, str)), "")


def read_evidence(workspace: Workspace) -> Iterator[RunProof]:
    """Every folder of a run, in the order of their names."""
    folder = workspace.runs
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        try:
            run_id = check_id(path.name, "run_id")
        except VmError:
            yield RunProof(run_id="", problems=[f"{path} is no folder of a run."])
            continue
        if path.is_dir() and not path.is_symlink():
            yield _read_run(path, run_id)


def read_bundle(run_dir: Path) -> Proven | None:
    """The run as the bundle beside it proves it, None where there is none; BadBundle where it does not hold."""
    path = run_dir / _BUNDLE
    if not path.is_file() or path.is_symlink():
        return None
    with path.open("rb") as file:
        return read_import(file.read(LONGEST_ZIP + 1), run_id=run_dir.name)


def _read_run(run_dir: Path, run_id: str) -> RunProof:
    found = RunProof(run_id=run_id)
    _read_claims(run_dir / "run.json", found)
    _read_import(run_dir, found)
    stages = run_dir / "stages"
    for path in sorted(stages.iterdir()) if stages.is_dir() else []:
        match = _STAGE.fullmatch(path.name)
        if match and path.is_dir() and (path / artifacts.MANIFEST).exists():
            stage = _read_stage(path, found, position=int(match[1]), key=match[2])
            if stage:
                found.stages.append(stage)
    found.stages.sort(key=lambda stage: stage.position)
    if found.imported is None:
        _compare(found)
    return found


def _read_import(run_dir: Path, run: RunProof) -> None:
    try:
        proven = read_bundle(run_dir)
    except (VmError, OSError, LookupError, TypeError, ValueError) as error:
        run.problems.append(f"{run_dir / _BUNDLE} does not hold: {error}")
        return
    run.imported = proven.command if proven else None


def _read_stage(folder: Path, run: RunProof, *, position: int, key: str) -> StageProof | None:
    """The stage, if all of it holds; what does not is noted."""
    try:
        content = (folder / artifacts.MANIFEST).read_bytes()
        manifest = artifacts.read_manifest(folder, sha256=artifacts.digest(content))
        problems = artifacts.verify_stage(folder)
        said = {name: manifest[name] for name in ("run_id", "stage_key", "stage_position")}
        if said != {"run_id": run.run_id, "stage_key": key, "stage_position": position}:
            problems.append(f"{folder / artifacts.MANIFEST} speaks of another stage.")
        given = artifacts.read_json(folder, manifest["input"]) if not problems else {}
    except (OSError, IntegrityError, ValueError, KeyError, TypeError, RecursionError) as error:
        run.problems.append(f"{folder} does not hold: {error}")
        return None
    run.problems += problems
    if problems or not isinstance(given, dict):
        return None
    return StageProof(key=key, position=position, sha256=artifacts.digest(content), manifest=manifest, input=given)


def _read_claims(path: Path, run: RunProof) -> None:
    try:
        content = path.read_bytes()
    except OSError:
        return
    run.claims_sha256 = artifacts.digest(content)
    try:
        said = json.loads(content[:_LARGEST_CLAIM])
        if said["run_id"] != run.run_id or not isinstance(said["stages"], list):
            raise ValueError  # noqa: TRY301 - one answer to all that is wrong with it
    except (ValueError, KeyError, TypeError, RecursionError):
        run.problems.append(f"{path} says nothing that can be used.")
        return
    run.claims = said


def _compare(run: RunProof) -> None:
    """Where run.json names another manifest than the one that is there."""
    stages = [one for one in run.claims.get("stages", []) if isinstance(one, dict)]
    said = {str(one.get("stage_key")): one.get("manifest_sha256") for one in stages}
    for stage in run.stages:
        if said.get(stage.key, stage.sha256) != stage.sha256:
            run.problems.append(f"The manifest of {run.run_id}/{stage.key} is not the one that run.json names.")
    held = {stage.key for stage in run.stages}
    lost = [key for key, sha256 in said.items() if sha256 and key not in held]
    run.problems += [f"The stage {run.run_id}/{key} was published, and does not hold or is missing." for key in lost]
