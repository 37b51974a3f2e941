"""The events of a recovered log: in the shape that everything reads, by the actor `recovery`.

Times are those that the evidence gives, so that lists keep their order; RunRecovered bears the time of the recovery.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from vm_webapp import artifacts
from vm_webapp.backups.evidence import RunProof, StageProof
from vm_webapp.domain.imports import decide_import
from vm_webapp.domain.plans import RunPlan, StagePlan, plan_to_json
from vm_webapp.domain.recoveries import APPROVALS
from vm_webapp.domain.run_commands import ImportRun
from vm_webapp.domain.run_events import (
    ArtifactPublished,
    StageCompleted,
    StageStarted,
    WorkflowRunCanceled,
    WorkflowRunCompleted,
    WorkflowRunFailed,
    WorkflowRunQueued,
    WorkflowRunStarted,
)
from vm_webapp.events import CATALOGUE, EventEnvelope, derive_id

ACTOR: Final = "recovery"
_LONGEST: Final = 200


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a run belongs."""

    brand_id: str
    project_id: str
    thread_id: str


def places_of(proofs: Sequence[RunProof]) -> dict[str, Place]:
    """Each run's place: as its run.json says, else as that of another run of its thread, else one that is made.

    An imported run's is the one that its run.json says, which nothing proves, else the one that it had in its own log.
    """
    said = {proof.run_id: _claimed(proof) for proof in proofs}
    own = {proof.run_id for proof in proofs if proof.imported is None}
    of_thread = {place.thread_id: place for run_id, place in said.items() if place and run_id not in own}
    of_thread |= {place.thread_id: place for run_id, place in said.items() if place and run_id in own}
    found = {}
    for proof in proofs:
        if proof.imported is not None:
            place = said[proof.run_id] or _place(dataclasses.asdict(proof.imported))
            found[proof.run_id] = of_thread.get(place.thread_id) or place
            continue
        thread_id = _text(proof.stages[0].manifest.get("thread_id")) or derive_id("t", "recovered", proof.run_id)
        found[proof.run_id] = said[proof.run_id] or of_thread.get(thread_id) or _made(proof, thread_id)
    return found


def catalog_events(proofs: Sequence[RunProof], places: Mapping[str, Place]) -> list[EventEnvelope]:
    """Brands, projects and threads, once each, named as the newest run was given them; their brands first.

    What an imported run was given elsewhere counts only where no other run says more.
    """
    newest: dict[str, EventEnvelope] = {}
    for proof in sorted(proofs, key=lambda one: one.imported is None):
        for one in _catalog_of(proof, places[proof.run_id]):
            newest[one.stream_id] = dataclasses.replace(
                one, occurred_at=newest[one.stream_id].occurred_at if one.stream_id in newest else one.occurred_at
            )
    order = ("brand", "project", "thread")
    return sorted(newest.values(), key=lambda one: order.index(one.aggregate_type))


def run_events(proof: RunProof, place: Place, *, now: datetime) -> list[EventEnvelope]:
    """The run's stream: queued, recovered, its stages, and how it was settled; or its import, and recovered."""
    if proof.imported is not None:
        return _import_events(proof, proof.imported, place, now=now)
    ended = _ending(proof)
    began, end = _time(proof.began_at), _time(_text(proof.claims.get("settled_at")) or _last(proof))

    def made(event: Any, at: datetime, event_id: str | None = None) -> EventEnvelope:  # noqa: ANN401 - any event
        return _of_run(proof.run_id, place, type(event).__name__, dataclasses.asdict(event), at=at, event_id=event_id)

    events = [made(_queued(proof, place), began)]
    events.append(_of_run(proof.run_id, place, "RunRecovered", _rests_on(proof), at=now))
    events.append(made(WorkflowRunStarted(run_id=proof.run_id), began))
    for stage in proof.stages:
        for event in _stage_events(proof.run_id, stage):
            at = _time(_text(stage.manifest.get("finished_at")))
            own = event.attempt_id if isinstance(event, StageStarted) else None
            events.append(made(event, at, own))
    return [*events, made(ended, end)]


def envelope(
    event_type: str,
    aggregate: tuple[str, str],
    payload: Mapping[str, Any],
    *,
    at: datetime,
    place: Place | None = None,
    run_id: str | None = None,
    event_id: str | None = None,
) -> EventEnvelope:
    """An event by the actor `recovery`; its id follows from what it says, so that recovering twice says the same."""
    kind, aggregate_id = aggregate
    made_id = event_id or derive_id("evt", "recovered", event_type, aggregate_id, artifacts.to_json(payload).decode())
    scope = dataclasses.asdict(place) if place else {}
    if kind == "brand":
        scope = {"brand_id": aggregate_id}
    elif kind == "project":
        scope.pop("thread_id", None)
    return EventEnvelope(
        event_id=made_id,
        event_type=event_type,
        aggregate_type=kind,
        aggregate_id=aggregate_id,
        stream_id=f"{kind}:{aggregate_id}",
        actor_type="system",
        actor_id=ACTOR,
        payload=payload,
        payload_version=CATALOGUE[event_type],
        run_id=run_id,
        correlation_id=run_id,
        occurred_at=at,
        **scope,
    )


def _of_run(
    run_id: str, place: Place, event_type: str, payload: Mapping[str, Any], *, at: datetime, event_id: str | None = None
) -> EventEnvelope:
    return envelope(event_type, ("run", run_id), payload, at=at, place=place, run_id=run_id, event_id=event_id)


def _import_events(proof: RunProof, command: ImportRun, place: Place, *, now: datetime) -> list[EventEnvelope]:
    moved = dataclasses.replace(command, **dataclasses.asdict(place))
    (event,) = decide_import(moved, None, exists=False)
    payload = dataclasses.asdict(event)
    brought = _of_run(proof.run_id, place, type(event).__name__, payload, at=now)
    return [brought, _of_run(proof.run_id, place, "RunRecovered", _rests_on(proof), at=now)]


def _catalog_of(proof: RunProof, place: Place) -> Iterator[EventEnvelope]:
    given = proof.own_input
    brand, project, at = _mapping(given.get("brand")), _mapping(given.get("project")), _time(proof.began_at)
    said = {name: _text(brand.get(name)) for name in ("description", "voice", "audience")}
    lines = {name: _lines(brand.get(name)) for name in ("do", "dont")}
    named = {"brand_id": place.brand_id, "name": _text(brand.get("name")) or "Recovered brand"}
    yield envelope("BrandCreated", ("brand", place.brand_id), {**named, **said, **lines}, at=at)
    facts = {
        "project_id": place.project_id,
        "brand_id": place.brand_id,
        "name": _text(project.get("name")) or "Recovered project",
        "objective": _text(project.get("objective")),
        "channels": _lines(project.get("channels")),
        "due_on": _text(project.get("due_on")) or None,
        "kpis": _lines(project.get("kpis")),
    }
    yield envelope("ProjectCreated", ("project", place.project_id), facts, at=at, place=place)
    title = (_text(given.get("thread_title")) or "Recovered thread")[:_LONGEST]
    thread = {**dataclasses.asdict(place), "title": title}
    yield envelope("ThreadCreated", ("thread", place.thread_id), thread, at=at, place=place)


def _queued(proof: RunProof, place: Place) -> WorkflowRunQueued:
    claims, given = proof.claims, proof.own_input
    mode = _text(claims.get("mode")) or _text(given.get("mode")) or "recovered"
    plan = _plan(proof, mode)
    return WorkflowRunQueued(
        run_id=proof.run_id,
        thread_id=place.thread_id,
        brand_id=place.brand_id,
        project_id=place.project_id,
        request_text=_request(proof),
        requested_mode=_text(claims.get("requested_mode")) or mode,
        effective_mode=mode,
        plan=plan_to_json(plan),
        requested_by=_text(claims.get("requested_by")) or ACTOR,
        dated_on=_text(given.get("dated_on")) or proof.began_at[:10],
        facts=_facts(given),
        writer=_text(given.get("writer")) or _text(claims.get("writer")),
        budget_usd=None,
        forked_from=_source(claims.get("forked_from")),
        carried=[],
        changes={},
        feedback={},
        edits={},
    )


def _request(proof: RunProof) -> str:
    """The request as the run's own stages were given it; where it has none, as run.json says."""
    proven, said = _text(proof.own_input.get("request_text")), _text(proof.claims.get("request_text"))
    return (said or proven) if proof.made_nothing else (proven or said)


def _plan(proof: RunProof, mode: str) -> RunPlan:
    """The plan as run.json has its stages, else those that hold. Gates cannot be proven: there are none."""
    profile = _mapping(proof.claims.get("profile"))
    claimed = [_mapping(one) for one in proof.claims.get("stages", [])]
    held = {stage.key: stage for stage in proof.stages}
    if claimed and _fits(claimed, held):
        stages = tuple(_stage_plan(_text(one.get("stage_key")), one, held) for one in claimed)
    else:
        stages = tuple(_padded(proof.stages))
    version = profile.get("version")
    return RunPlan(
        profile=mode,
        version=version if isinstance(version, int) else 0,
        title=_text(profile.get("title")) or mode,
        digest=_text(profile.get("digest")),
        stages=stages,
    )


def _fits(claimed: Sequence[Mapping[str, Any]], held: Mapping[str, StageProof]) -> bool:
    """Whether run.json has all stages that hold, at their places."""
    places = {_text(one.get("stage_key")): at for at, one in enumerate(claimed, start=1)}
    return len(places) == len(claimed) and all(places.get(key) == stage.position for key, stage in held.items())


def _padded(stages: Sequence[StageProof]) -> Iterator[StagePlan]:
    """The stages that hold, at their places; where one is missing, a name stands for it."""
    held = {stage.position: stage for stage in stages}
    by_key = {stage.key: stage for stage in stages}
    for position in range(1, max(held) + 1):
        if position in held:
            yield _stage_plan(held[position].key, {}, by_key)
        else:
            yield StagePlan(key=f"missing_{position}", title=f"Missing stage {position}", kind="document")


def _stage_plan(key: str, said: Mapping[str, Any], held: Mapping[str, StageProof]) -> StagePlan:
    given = held[key].input if key in held else {}
    stage = _mapping(given.get("stage"))
    return StagePlan(
        key=key,
        title=_text(said.get("title")) or key,
        kind=_text(said.get("kind")) or _text(stage.get("kind")) or "document",
        needs=tuple(_lines(said.get("needs"))) or tuple(_read(key, _lines(given.get("reads")), held)),
        params=_mapping(stage.get("params")),
    )


def _read(key: str, names: Sequence[str], held: Mapping[str, StageProof]) -> Iterator[str]:
    """Of the stages that this one was given, directly or through others, those before it that hold."""
    yield from (name for name in names if name in held and held[name].position < held[key].position)


def _stage_events(run_id: str, stage: StageProof) -> Iterator[Any]:
    manifest = stage.manifest
    attempt = manifest["attempt"] if isinstance(manifest.get("attempt"), int) else 1
    attempt_id = derive_id("evt", "recovered", run_id, stage.key, stage.sha256)
    yield StageStarted(
        run_id=run_id, stage_key=stage.key, stage_position=stage.position, attempt=attempt, attempt_id=attempt_id
    )
    yield StageCompleted(
        run_id=run_id,
        stage_key=stage.key,
        attempt=attempt,
        writer=_text(manifest.get("writer")),
        manifest_sha256=stage.sha256,
        started_at=_text(manifest.get("started_at")),
        finished_at=_text(manifest.get("finished_at")),
        adopted=True,
        carried_from=None,
        breaches=[],
    )
    for item in manifest["artifacts"]:
        facts = {name: item[name] for name in ("path", "kind", "media_type", "sha256", "size")}
        yield ArtifactPublished(run_id=run_id, stage_key=stage.key, manifest_sha256=stage.sha256, **facts)


def _ending(proof: RunProof) -> WorkflowRunCompleted | WorkflowRunFailed | WorkflowRunCanceled:
    """As run.json says where the files bear it out; else failed, so that somebody looks and may retry it."""
    status = proof.claims.get("status")
    whole = len(proof.stages) == len(proof.claims.get("stages", [])) and not proof.problems
    if status == "completed" and whole:
        return WorkflowRunCompleted(run_id=proof.run_id)
    if status == "canceled":
        return WorkflowRunCanceled(run_id=proof.run_id)
    error = _mapping(proof.claims.get("error"))
    message = "The database was lost; this run's finished stages were recovered, and the rest of it was not."
    return WorkflowRunFailed(
        run_id=proof.run_id,
        stage_key=None,
        error_code=_text(error.get("code")) or "recovered",
        error_message=_text(error.get("message")) or message,
        retryable=True,
    )


def _rests_on(proof: RunProof) -> dict[str, Any]:
    """What the recovered run rests on: the manifests that hold, and what run.json said, which nothing proves.

    `unknown` is what can be said neither way: the bundle of an imported run tells who approved, no manifest does.
    """
    return {
        "run_id": proof.run_id,
        "stages": {stage.key: stage.sha256 for stage in proof.stages},
        "problems": proof.problems[:100],
        "said_sha256": proof.claims_sha256,
        "said": dict(proof.claims),
        "unknown": [] if proof.imported else [APPROVALS],
    }


def _claimed(proof: RunProof) -> Place | None:
    said = _place(proof.claims)
    if not all(dataclasses.astuple(said)):
        return None
    proven = proof.imported is not None or said.thread_id == _text(proof.stages[0].manifest.get("thread_id"))
    return said if proven else None


def _place(said: Mapping[str, Any]) -> Place:
    return Place(**{one.name: _text(said.get(one.name)) for one in dataclasses.fields(Place)})


def _made(proof: RunProof, thread_id: str) -> Place:
    given = proof.own_input
    brand = _text(_mapping(given.get("brand")).get("name"))
    project = _text(_mapping(given.get("project")).get("name"))
    return Place(
        brand_id=derive_id("b", "recovered", brand),
        project_id=derive_id("p", "recovered", brand, project),
        thread_id=thread_id,
    )


def _facts(given: Mapping[str, Any]) -> dict[str, Any]:
    brand, project = _mapping(given.get("brand")), _mapping(given.get("project"))
    texts = {name: _text(brand.get(name)) for name in ("name", "description", "voice", "audience")}
    return {
        "brand": {**texts, "do": _lines(brand.get("do")), "dont": _lines(brand.get("dont")), "rules": []},
        "project": {
            "name": _text(project.get("name")),
            "objective": _text(project.get("objective")),
            "channels": _lines(project.get("channels")),
            "due_on": _text(project.get("due_on")) or None,
            "kpis": _lines(project.get("kpis")),
        },
        "thread": {"title": _text(given.get("thread_title")), "modes": _lines(given.get("modes")), "comments": []},
    }


def _source(said: object) -> dict[str, str] | None:
    found = _mapping(said)
    names = ("run_id", "stage_key")
    return {name: _text(found.get(name)) for name in names} if all(_text(found.get(name)) for name in names) else None


def _last(proof: RunProof) -> str:
    return max((_text(stage.manifest.get("finished_at")) for stage in proof.stages), default="")


def _time(said: str) -> datetime:
    """The time; the beginning of 1970 where nothing says one."""
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        found = datetime.fromtimestamp(0, UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _lines(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
