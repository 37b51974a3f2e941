"""Profiles that can be run, and the schemas of what their stages produce."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response
from sqlalchemy import Connection

from vm_webapp.api import problems
from vm_webapp.api.http import HostOf, Record, encode, show
from vm_webapp.api.shapes import ProfilesShape, SchemasShape
from vm_webapp.errors import NotFound
from vm_webapp.pace import expected_seconds
from vm_webapp.profiles import Profile
from vm_webapp.profiles.outputs import OUTPUT_TYPES, json_schema
from vm_webapp.records import profile_record

router = APIRouter(prefix="/api/v2", tags=["profiles"])

_SCHEMA_TYPE = "application/schema+json"


class SchemaResponse(Response):
    """A JSON Schema."""

    media_type = _SCHEMA_TYPE


@router.get(
    "/profiles",
    operation_id="listProfiles",
    summary="List the profiles that can be run",
    response_model=ProfilesShape,
    responses=problems.responses(),
)
def list_profiles(host: HostOf) -> Response:
    """Answers with the profiles, the default first; a file of the workspace counts as soon as it is there."""
    known = host.profiles.list_profiles()
    with host.database.read() as connection:
        profiles = [_with_pace(connection, profile) for profile in known]
    return show({"profiles": profiles, "problems": [problem.detail for problem in host.profiles.problems()]})


@router.get(
    "/schemas",
    operation_id="listSchemas",
    summary="List the kinds of stages whose output has a schema",
    response_model=SchemasShape,
    responses=problems.responses(),
)
def list_schemas() -> Response:
    """Answers with the kinds, by name."""
    rows = [
        {"kind": kind, "title": output.__name__, "href": f"{router.prefix}/schemas/{kind}"}
        for kind, output in OUTPUT_TYPES.items()
    ]
    return show({"schemas": rows})


@router.get(
    "/schemas/{kind}",
    operation_id="getSchema",
    summary="Read the JSON Schema (2020-12) of a stage kind's output.json",
    response_class=SchemaResponse,
    responses={
        **problems.responses(404),
        200: {"content": {_SCHEMA_TYPE: {"schema": {"type": "object"}}}},
    },
)
def get_schema(kind: Annotated[str, Path(examples=["brief"])]) -> Response:
    """Answers with the schema."""
    if kind not in OUTPUT_TYPES:
        raise NotFound(kind="kind of stage", id=kind)
    return SchemaResponse(encode(json_schema(kind)), headers={"Cache-Control": "no-cache"})


def _with_pace(connection: Connection, profile: Profile) -> Record:
    pace = expected_seconds(connection, profile.mode)
    record = profile_record(profile)
    return {**record, "stages": [{**stage, "expected_seconds": pace.get(stage["key"])} for stage in record["stages"]]}
