"""What goes into a stage and what comes out of it: the writer's work, the published files, a failed attempt's files."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from vm_webapp import artifacts
from vm_webapp.domain.plans import StagePlan
from vm_webapp.domain.runs import Run
from vm_webapp.errors import IntegrityError, StageError
from vm_webapp.workspace import Workspace, stage_folder
from vm_webapp.writers import BrandFacts, DraftFile, ProjectFacts, StageDraft, StageWork, Writer

Outputs = Mapping[str, Mapping[str, Any]]


def stage_work(run: Run, key: str, outputs: Outputs) -> StageWork:
    """What the writer of a stage gets; `outputs` are those of all finished stages."""
    plan = run.resolved
    facts = run.facts
    project = facts["project"]
    needed = _needed(plan.stage(key), {stage.key: stage for stage in plan.stages})
    return StageWork(
        run_id=run.run_id,
        thread_id=run.thread_id,
        stage=plan.stage(key),
        stage_position=plan.position(key),
        attempt=run.stages[key].attempt,
        mode=run.mode,
        profile_title=plan.title,
        request_text=run.request_text,
        thread_title=facts["thread"]["title"],
        dated_on=date.fromisoformat(run.dated_on),
        brand=BrandFacts(**facts["brand"]),
        project=ProjectFacts(
            name=project["name"],
            objective=project["objective"],
            channels=tuple(project["channels"]),
            due_on=date.fromisoformat(project["due_on"]) if project["due_on"] else None,
        ),
        outputs={stage.key: outputs[stage.key] for stage in plan.stages if stage.key in needed},
    )


def input_payload(work: StageWork, writer: Writer) -> dict[str, Any]:
    """input.json: exactly what the writer was given; the outputs it read stand in the stages named."""
    return {
        "writer": writer.name,
        "mode": work.mode,
        "stage": {"key": work.stage.key, "kind": work.stage.kind, "params": dict(work.stage.params)},
        "request_text": work.request_text,
        "dated_on": work.dated_on.isoformat(),
        "thread_title": work.thread_title,
        "brand": {name: getattr(work.brand, name) for name in ("name", "description", "voice", "audience")},
        "project": {
            "name": work.project.name,
            "objective": work.project.objective,
            "channels": list(work.project.channels),
            "due_on": work.project.due_on.isoformat() if work.project.due_on else None,
        },
        "reads": list(work.outputs),
    }


def render_draft(
    run: Run, key: str, draft: StageDraft, *, given: Mapping[str, Any], started_at: str, finished_at: str
) -> artifacts.StageFiles:
    """The files of a finished stage; InvalidName or InvalidText when the draft cannot be published."""
    return artifacts.render_stage(
        facts={
            "run_id": run.run_id,
            "thread_id": run.thread_id,
            "stage_key": key,
            "stage_position": run.resolved.position(key),
            "attempt": run.stages[key].attempt,
            "status": "completed",
            "writer": given["writer"],
            "event_id": run.stages[key].attempt_id,
            "started_at": started_at,
            "finished_at": finished_at,
        },
        input_payload=given,
        output_payload=draft.output,
        artifacts=[_file(file) for file in draft.files],
    )


def failure_files(run: Run, key: str, given: Mapping[str, Any], error: StageError) -> dict[str, bytes]:
    """What is kept of a failed attempt, by path relative to the run's folder."""
    folder = f"{stage_folder(run.resolved.position(key), key)}/attempts/{run.stages[key].attempt}"
    report = {"error_code": error.error_code, "error_message": str(error), "retryable": error.retryable}
    files = {"input.json": artifacts.to_json(given), "error.json": artifacts.to_json(report)}
    if error.raw is not None:
        files["raw.txt"] = error.raw.encode("utf-8", "backslashreplace")
    return {f"{folder}/{name}": content for name, content in files.items()}


def carried_draft(workspace: Workspace, run: Run, key: str, manifest_sha256: str) -> tuple[StageDraft, dict[str, Any]]:
    """The draft and the input of a stage that is taken over from the run this one was forked from."""
    source = _source(run)
    folder = workspace.stage_dir(source, run.resolved.position(key), key)
    manifest = artifacts.read_manifest(folder, sha256=manifest_sha256)
    files = tuple(
        DraftFile(
            name=item["path"].removeprefix(f"{artifacts.ARTIFACTS}/"),
            kind=item["kind"],
            media_type=item["media_type"],
            text=artifacts.read_listed(folder, item).decode(),
        )
        for item in manifest["artifacts"]
    )
    draft = StageDraft(output=artifacts.read_json(folder, manifest["output"]), files=files)
    return draft, artifacts.read_json(folder, manifest["input"])


def adoptable(workspace: Workspace, run: Run, key: str) -> artifacts.StageFiles | None:
    """The whole files of an attempt that was written before a crash and never recorded; None where they do not hold."""
    folder = workspace.stage_dir(run.run_id, run.resolved.position(key), key)
    try:
        manifest = artifacts.read_manifest(folder)
        content = (folder / artifacts.MANIFEST).read_bytes()
        if manifest.get("event_id") != run.stages[key].attempt_id:
            return None
        files = {str(item["path"]): artifacts.read_listed(folder, item) for item in artifacts.listed(manifest)}
    except (IntegrityError, OSError, KeyError, TypeError):
        return None
    return artifacts.StageFiles(manifest, {**files, artifacts.MANIFEST: content})


def _source(run: Run) -> str:
    if run.forked_from is None:
        msg = f"the run {run.run_id} was not forked"
        raise LookupError(msg)
    return run.forked_from["run_id"]


def _needed(stage: StagePlan, stages: Mapping[str, StagePlan]) -> set[str]:
    """The stages that this one needs, directly or through others."""
    found: set[str] = set()
    waiting = list(stage.needs)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += stages[key].needs
    return found


def _file(file: DraftFile) -> artifacts.ArtifactFile:
    content = artifacts.encode(file.text, file.name)
    return artifacts.ArtifactFile(name=file.name, kind=file.kind, media_type=file.media_type, content=content)
