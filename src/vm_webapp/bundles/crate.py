"""ro-crate-metadata.json: RO-Crate 1.1 after the profile Provenance Run Crate 0.5 (Workflow Run RO-Crate).

https://www.researchobject.org/workflow-run-crate/profiles/0.5/provenance_run_crate/

The run is a CreateAction whose instrument is the workflow, which is the profile as it stood; each stage is a HowToStep,
its execution a CreateAction whose instrument is the writer; a ControlAction ties the two, an OrganizeAction all of
them. Who asked for, wrote or approved something is a Person.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from vm_webapp import __version__
from vm_webapp.artifacts import media_type_of, to_json
from vm_webapp.bundles.bundle import METADATA, PROFILE, README, STATEMENT
from vm_webapp.bundles.sources import PublishedStage, Sources

Entity = dict[str, Any]

_CRATE: Final = "https://w3id.org/ro/crate/1.1"
_WORKFLOW_CRATE: Final = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
_PROFILES: Final = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/provenance/0.5": ("Provenance Run Crate", "0.5"),
    _WORKFLOW_CRATE: ("Workflow RO-Crate", "1.0"),
}
_CONTEXT: Final = (f"{_CRATE}/context", "https://w3id.org/ro/terms/workflow-run/context")
_COMPLETED: Final = "http://schema.org/CompletedActionStatus"
_FAILED: Final = "http://schema.org/FailedActionStatus"
_LANGUAGE: Final = "#profile-language"
_ENGINE: Final = "urn:vm-webapp:program"
_LICENSE: Final = "#license"
_BIOSCHEMAS: Final = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
_WORKFLOW_TYPES: Final = ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"]


def crate_metadata(sources: Sources, payload: Mapping[str, bytes]) -> bytes:
    """The metadata of a crate with these files, by path."""
    graph = [
        _descriptor(),
        _root(sources, payload),
        *_profiles(),
        _workflow(sources),
        *_steps(sources),
        *_software(sources),
        *_people(sources),
        *_actions(sources),
        *(_file(path, payload[path]) for path in sorted(payload) if path != PROFILE),
    ]
    return to_json({"@context": list(_CONTEXT), "@graph": graph})


def _descriptor() -> Entity:
    return {
        "@id": METADATA,
        "@type": "CreativeWork",
        "about": _ref("./"),
        "conformsTo": [_ref(_CRATE), _ref(_WORKFLOW_CRATE)],
    }


def _root(sources: Sources, payload: Mapping[str, bytes]) -> Entity:
    run = sources.run
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{sources.thread_title}, version {run['number']}",
        "description": f"What the request led to: {run['request_text']}",
        "identifier": run["run_id"],
        "datePublished": sources.settled_at,
        "license": _ref(_LICENSE),
        "conformsTo": [_ref(uri) for uri in _PROFILES],
        "hasPart": [_ref(_id(path)) for path in sorted(payload)],
        "mainEntity": _ref(PROFILE),
        "author": _ref(_person(run["requested_by"])),
        "mentions": [
            _ref("#run"),
            _ref("#organize"),
            *(_ref(f"#stage-{stage.key}") for stage in sources.published),
            *(_ref(one["@id"]) for one in _approvals(sources)),
        ],
    }


def _profiles() -> Iterator[Entity]:
    for uri, (name, version) in _PROFILES.items():
        yield {"@id": uri, "@type": "CreativeWork", "name": name, "version": version}
    name = "Rights reserved"
    text = "The bundle grants no licence; the rights in the deliverables are those of the brand's owner."
    yield {"@id": _LICENSE, "@type": "CreativeWork", "name": name, "description": text}


def _workflow(sources: Sources) -> Entity:
    plan = sources.plan
    return {
        "@id": PROFILE,
        "@type": _WORKFLOW_TYPES,
        "name": plan["title"] or plan["profile"],
        "version": str(plan["version"]),
        "encodingFormat": "application/json",
        "identifier": f"urn:sha256:{plan['digest']}",
        "conformsTo": _ref(_BIOSCHEMAS),
        "programmingLanguage": _ref(_LANGUAGE),
        "step": _one_or_all([f"#step-{stage.key}" for stage in sources.published]) if sources.published else [],
        "hasPart": _one_or_all(list(_tools(sources))) if sources.published else [],
    }


def _steps(sources: Sources) -> Iterator[Entity]:
    for stage in sources.published:
        yield {
            "@id": f"#step-{stage.key}",
            "@type": "HowToStep",
            "name": stage.title,
            "position": str(stage.position),
            "workExample": _ref(_tool(stage)),
        }


def _software(sources: Sources) -> Iterator[Entity]:
    yield {"@id": _LANGUAGE, "@type": "ComputerLanguage", "name": "VM profile, resolved", "version": "1"}
    yield {"@id": _ENGINE, "@type": "SoftwareApplication", "name": "VM", "softwareVersion": __version__}
    for tool, stage in _tools(sources).items():
        yield {"@id": tool, "@type": "SoftwareApplication", **_named(stage)}


def _named(stage: PublishedStage) -> Entity:
    provider, _, model = stage.made_by.partition(":")
    if stage.kind == "person":
        return {"name": "VM's editor", "description": "Puts a person's own text in.", "softwareVersion": __version__}
    if stage.kind == "program":
        return {"name": "VM's offline writer", "description": "No language model.", "softwareVersion": __version__}
    return {"name": stage.made_by, "description": f"Language model of {provider}", "softwareVersion": model or provider}


def _tools(sources: Sources) -> dict[str, PublishedStage]:
    """What made the stages, each once."""
    return {_tool(stage): stage for stage in reversed(sources.published)}


def _tool(stage: PublishedStage) -> str:
    name = "editor" if stage.kind == "person" else f"writer:{quote(stage.made_by, safe='')}"
    return f"urn:vm-webapp:{name}"


def _people(sources: Sources) -> Iterator[Entity]:
    editors = {stage.made_by for stage in sources.published if stage.kind == "person"}
    approvers = {grant["actor_id"] for stage in sources.published for grant in stage.approvals}
    for name in sorted({sources.run["requested_by"], *editors, *approvers}):
        yield {"@id": _person(name), "@type": "Person", "name": name}


def _actions(sources: Sources) -> Iterator[Entity]:
    yield _run_action(sources)
    yield {
        "@id": "#organize",
        "@type": "OrganizeAction",
        "name": "Execution of the profile",
        "agent": _ref(_person(sources.run["requested_by"])),
        "instrument": _ref(_ENGINE),
        "object": [_ref(f"#control-{stage.key}") for stage in sources.published],
        "result": _ref("#run"),
        **_times(sources.run["started_at"], sources.settled_at),
    }
    for stage in sources.published:
        yield {
            "@id": f"#control-{stage.key}",
            "@type": "ControlAction",
            "name": f"Stage {stage.position}: {stage.title}",
            "instrument": _ref(f"#step-{stage.key}"),
            "object": _ref(f"#stage-{stage.key}"),
        }
        yield from _stage_action(sources, stage)
    yield from _approvals(sources)


def _run_action(sources: Sources) -> Entity:
    run = sources.run
    failed = run["status"] != "completed"
    said = (run["error"] or {}).get("message") or f"The run is {run['status']}."
    return {
        "@id": "#run",
        "@type": "CreateAction",
        "name": f"Run {run['run_id']}",
        "description": run["request_text"],
        "agent": _ref(_person(run["requested_by"])),
        "instrument": _ref(PROFILE),
        "object": [_ref(f"{_id(stage.place)}/input.json") for stage in sources.published],
        "result": [_ref(path) for stage in sources.published for path in _results(stage)],
        "actionStatus": _FAILED if failed else _COMPLETED,
        **({"error": said} if failed else {}),
        **_times(run["started_at"] or run["created_at"], sources.settled_at),
    }


def _stage_action(sources: Sources, stage: PublishedStage) -> Iterator[Entity]:
    read = [f"{_id(one.place)}/output.json" for one in sources.published if one.key in stage.needs]
    prompt = _prompt(stage)
    yield {
        "@id": f"#stage-{stage.key}",
        "@type": "CreateAction",
        "name": stage.title,
        "description": f"Stage {stage.position} of the run, made by {stage.made_by}",
        "agent": _ref(_person(stage.made_by if stage.kind == "person" else sources.run["requested_by"])),
        "instrument": _ref(_tool(stage)),
        "object": _one_or_all([f"{_id(stage.place)}/input.json", *read, *(one["@id"] for one in prompt)]),
        "result": _one_or_all([*_results(stage), f"{_id(stage.place)}/output.json"]),
        "actionStatus": _COMPLETED,
        **_times(stage.manifest["started_at"], stage.manifest["finished_at"]),
    }
    yield from prompt


def _prompt(stage: PublishedStage) -> list[Entity]:
    """What the prompt's template is called, its version and digest, each as a value."""
    said = stage.manifest.get("prompt") or {}
    return [
        {
            "@id": f"#prompt-{stage.key}-{quote(str(name), safe='')}",
            "@type": "PropertyValue",
            "name": f"prompt {name}",
            "value": str(value),
        }
        for name, value in sorted(said.items())
    ]


def _approvals(sources: Sources) -> list[Entity]:
    return [
        {
            "@id": f"#approval-{stage.key}-{number}",
            "@type": "AuthorizeAction",
            "name": f"Approval of {stage.title}",
            "agent": _ref(_person(grant["actor_id"])),
            "object": _ref(f"{_id(stage.place)}/manifest.json"),
            "endTime": grant["at"],
        }
        for stage in sources.published
        for number, grant in enumerate(stage.approvals, start=1)
    ]


def _file(path: str, content: bytes) -> Entity:
    """A file; the statement is made last, over this description too, so that its size is not told."""
    about = {"about": _ref("./")} if path == README else {}
    size = {} if path == STATEMENT else {"contentSize": str(len(content))}
    return {
        "@id": _id(path),
        "@type": "File",
        "name": path.rpartition("/")[2],
        "encodingFormat": media_type_of(path),
        **size,
        **about,
    }


def _results(stage: PublishedStage) -> Sequence[str]:
    return [_id(f"{stage.place}/{item['path']}") for item in stage.manifest["artifacts"]]


def _one_or_all(entities: Sequence[str]) -> Entity | list[Entity]:
    """References as RO-Crate writes them: one stands for itself."""
    return _ref(entities[0]) if len(entities) == 1 else [_ref(one) for one in entities]


def _times(start: str | None, end: str | None) -> Entity:
    """Times in the one spelling of ISO 8601 that the profile's validator takes: milliseconds, and an offset."""
    return {
        name: datetime.fromisoformat(at).isoformat(timespec="milliseconds")
        for name, at in (("startTime", start), ("endTime", end))
        if at
    }


def _person(name: str) -> str:
    return f"#person-{quote(name, safe='')}"


def _id(path: str) -> str:
    return quote(path, safe="/")


def _ref(entity: str) -> Entity:
    return {"@id": entity}
