"""What goes into a stage and what comes out of it: the writer's work, the published files, a failed attempt's files."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from vm_webapp import artifacts
from vm_webapp.domain.runs import Run
from vm_webapp.domain.texts import printable
from vm_webapp.errors import IntegrityError, StageError
from vm_webapp.workspace import Workspace, stage_folder
from vm_webapp.writers import BrandFacts, Comment, DraftFile, ProjectFacts, StageDraft, StageWork

Outputs = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A stage of the run that this one was forked from: its draft, its input.json, and where that stands."""

    draft: StageDraft
    input: Mapping[str, Any]
    place: Mapping[str, Any]


def stage_work(run: Run, key: str, outputs: Outputs, *, previous: Mapping[str, Any] | None = None) -> StageWork:
    """What the writer of a stage gets; `outputs` are those of all finished stages.

    `previous` is the output that the run's feedback on this stage speaks of.
    """
    plan = run.resolved
    facts = run.facts
    brand, project, thread = facts["brand"], facts["project"], facts["thread"]
    return StageWork(
        run_id=run.run_id,
        thread_id=run.thread_id,
        stage=plan.stage(key),
        stage_position=plan.position(key),
        attempt=run.stages[key].attempt,
        mode=run.mode,
        profile_title=plan.title,
        request_text=run.request_text,
        thread_title=thread["title"],
        dated_on=date.fromisoformat(run.dated_on),
        brand=BrandFacts(
            **{name: brand[name] for name in ("name", "description", "voice", "audience")},
            do=tuple(brand.get("do", ())),
            dont=tuple(brand.get("dont", ())),
            rules=tuple(rule["text"] for rule in brand.get("rules", ())),
        ),
        project=ProjectFacts(
            name=project["name"],
            objective=project["objective"],
            channels=tuple(project["channels"]),
            due_on=date.fromisoformat(project["due_on"]) if project["due_on"] else None,
            kpis=tuple(project.get("kpis", ())),
        ),
        outputs={name: outputs[name] for name in plan.needed(key)},
        modes=tuple(thread.get("modes", ())),
        comments=tuple(Comment(**comment) for comment in thread.get("comments", ())),
        feedback=(run.feedback[key],) if key in run.feedback else (),
        previous=previous,
    )


def input_payload(work: StageWork, *, writer: str) -> dict[str, Any]:
    """input.json: exactly what the writer was given; the outputs it read stand in the stages named."""
    return {
        "writer": writer,
        "mode": work.mode,
        "stage": {"key": work.stage.key, "kind": work.stage.kind, "params": dict(work.stage.params)},
        "request_text": work.request_text,
        "dated_on": work.dated_on.isoformat(),
        "thread_title": work.thread_title,
        "modes": list(work.modes),
        "comments": [asdict(comment) for comment in work.comments],
        "feedback": list(work.feedback),
        "brand": asdict(work.brand),
        "project": {
            "name": work.project.name,
            "objective": work.project.objective,
            "channels": list(work.project.channels),
            "due_on": work.project.due_on.isoformat() if work.project.due_on else None,
            "kpis": list(work.project.kpis),
        },
        "reads": list(work.outputs),
    }


def recalled_facts(work: StageWork) -> list[dict[str, Any]]:
    """The recalled documents by name and digest."""
    names = ("run_id", "stage_key", "path", "sha256", "title")
    return [{name: getattr(document, name) for name in names} for document in work.recalled]


def render_draft(
    run: Run,
    key: str,
    draft: StageDraft,
    *,
    given: Mapping[str, Any],
    facts: Mapping[str, Any],
    started_at: str,
    finished_at: str,
) -> artifacts.StageFiles:
    """The files of a finished stage, its manifest with `facts`; InvalidName or InvalidText for a draft that is none."""
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
            **facts,
        },
        input_payload=given,
        output_payload=draft.output,
        artifacts=[_file(file) for file in draft.files],
    )


def failure_files(run: Run, key: str, given: Mapping[str, Any], error: StageError) -> dict[str, bytes]:
    """What is kept of a failed attempt, by path relative to the run's folder."""
    folder = f"{stage_folder(run.resolved.position(key), key)}/attempts/{run.stages[key].attempt}"
    message = printable(str(error))
    report = {"error_code": error.error_code, "error_message": message, "retryable": error.retryable}
    files = {"input.json": artifacts.to_json(given), "error.json": artifacts.to_json(report)}
    if error.raw is not None:
        files["raw.txt"] = error.raw.encode("utf-8", "backslashreplace")
    return {f"{folder}/{name}": content for name, content in files.items()}


def read_source(workspace: Workspace, source: Mapping[str, Any], key: str) -> Source | None:
    """A stage of the run `source` (its view row), verified; None where it has published nothing.

    IntegrityError where its files are not what was published.
    """
    stage = source["stages"].get(key)
    if stage is None or stage["manifest_sha256"] is None:
        return None
    folder = workspace.stage_dir(source["run_id"], stage["position"], key)
    manifest = artifacts.read_manifest(folder, sha256=stage["manifest_sha256"])
    files = tuple(
        DraftFile(
            name=item["path"].removeprefix(f"{artifacts.ARTIFACTS}/"),
            kind=item["kind"],
            media_type=item["media_type"],
            text=artifacts.read_listed(folder, item).decode(),
        )
        for item in manifest["artifacts"]
    )
    return Source(
        draft=StageDraft(output=artifacts.read_json(folder, manifest["output"]), files=files),
        input=artifacts.read_json(folder, manifest["input"]),
        place={"run_id": source["run_id"], "stage_key": key, "manifest_sha256": stage["manifest_sha256"]},
    )


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


def _file(file: DraftFile) -> artifacts.ArtifactFile:
    content = artifacts.encode(file.text, file.name)
    return artifacts.ArtifactFile(name=file.name, kind=file.kind, media_type=file.media_type, content=content)
