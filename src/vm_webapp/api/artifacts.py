"""What a run published: its manifests, its files, and all of it in one archive; nothing is served unless it verifies.

A file never executes in the page's origin: it is an attachment, or plain text, and sandboxed either way.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.responses import Response, StreamingResponse

from vm_webapp import artifacts, repo
from vm_webapp.api import problems
from vm_webapp.api.archive import stream_archive
from vm_webapp.api.disposition import disposition, file_name
from vm_webapp.api.fields import RunId, StageKey
from vm_webapp.api.http import HostOf, show
from vm_webapp.api.published import Published
from vm_webapp.api.representation import Representation
from vm_webapp.api.run_shapes import ArtifactsShape
from vm_webapp.errors import Invalid, NotFound
from vm_webapp.host import Host
from vm_webapp.records import run_record

router = APIRouter(prefix="/api/v2/workflow-runs/{run_id}", tags=["artifacts"])

_SANDBOX: Final = "sandbox; default-src 'none'"
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*", re.IGNORECASE)
_ANY: Final[dict[str, Any]] = {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The file; ETag and Repr-Digest carry its SHA-256.", **_ANY},
    206: {"description": "The part that was asked for.", **_ANY},
    304: {"description": "It is what you have."},
}


class FileResponse(Response):
    """A file, of whatever type."""


class ZipStream(StreamingResponse):
    """An archive that is made while it is sent."""

    media_type = "application/zip"


@router.get(
    "/artifacts",
    operation_id="listArtifacts",
    summary="Read the manifests of a run's published stages",
    response_model=ArtifactsShape,
    responses=problems.responses(404, 410),
)
def list_artifacts(run_id: RunId, host: HostOf) -> Response:
    """Answers with the manifests in plan order, each checked against the digest in the log."""
    published = Published(host, run_id)
    return show({"run_id": run_id, "stages": [published.manifest(stage) for stage in published.stages]})


@router.head("/artifacts/{stage_key}/{name}", operation_id="getArtifact", include_in_schema=False)
@router.get(
    "/artifacts/{stage_key}/{name}",
    operation_id="getArtifact",
    summary="Read a published file",
    response_class=FileResponse,
    responses={**problems.responses(404, 410, 412, 416, 422), **_FILE},
)
def get_artifact(  # noqa: PLR0917 - parameters are passed by name
    run_id: RunId,
    stage_key: StageKey,
    name: Annotated[str, Path(examples=["brief.md"])],
    host: HostOf,
    request: Request,
    view: Annotated[
        Literal["inline"] | None, Query(description="`inline` gives text as text/plain, to be shown.")
    ] = None,
    as_: Annotated[
        Literal["docx"] | None, Query(alias="as", description="`docx` gives Markdown as a Word document.")
    ] = None,
    range_: Annotated[str | None, Header(alias="Range", description="One range of bytes.")] = None,  # noqa: ARG001 - read below
    if_none_match: Annotated[str | None, Header()] = None,  # noqa: ARG001 - read below
) -> Response:
    """Answers with the bytes whose digest the log names, or not at all."""
    published = Published(host, run_id)
    stage, item = published.find(stage_key, name)
    if as_ == "docx":
        return _as_word(host, published, stage, item).answer(request.headers)
    media_type = item["media_type"] if _MEDIA_TYPE.fullmatch(item["media_type"]) else "application/octet-stream"
    inline = view == "inline" and _is_text(media_type)
    representation = Representation(
        content=published.content(stage, item),
        sha256=item["sha256"],
        media_type="text/plain; charset=utf-8" if inline else _with_charset(media_type),
        headers={
            "Content-Disposition": disposition(name, "inline" if inline else "attachment"),
            "Content-Security-Policy": _SANDBOX,
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        },
    )
    return representation.answer(request.headers)


def _as_word(host: Host, published: Published, stage: Mapping[str, Any], item: Mapping[str, Any]) -> Representation:
    """The file as a Word document whose footer says what it was made from."""
    # Loaded with the first document: the library behind it is heavy.
    from vm_webapp.word import MEDIA_TYPE, to_word  # noqa: PLC0415

    name = PurePosixPath(item["path"]).name
    if item["media_type"] != "text/markdown":
        raise Invalid(f"Only Markdown can be had as a Word document; {name!r} is {item['media_type']}.")
    run = published.run
    title = f"{_title(host, published)}: {stage['title']}"
    footer = f"{title} · version {run['number']} · {name} · SHA-256 {item['sha256']}"
    markdown = published.content(stage, item).decode()
    content = to_word(markdown, title=title, footer=footer, made_at=run["created_at"])
    return Representation(
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        media_type=MEDIA_TYPE,
        headers={
            "Content-Disposition": disposition(f"{name.removesuffix('.md')}.docx"),
            "Content-Security-Policy": _SANDBOX,
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        },
    )


@router.get(
    "/download",
    operation_id="downloadRun",
    summary="Read everything that a run published, as one .zip",
    response_class=ZipStream,
    responses={
        **problems.responses(404, 410, 422),
        200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}},
    },
)
def download_run(
    run_id: RunId,
    host: HostOf,
    stage_key: Annotated[str | None, Query(max_length=40, description="Only this stage's.")] = None,
) -> Response:
    """Answers with an archive in the layout on disk; every file is verified before the first byte is sent."""
    published = Published(host, run_id, stage_key=stage_key)
    for _ in published.files():
        pass
    part = f" {stage_key}" if stage_key else ""
    name = f"{_title(host, published)} v{published.run['number']}{part}.zip"
    headers = {"Content-Disposition": disposition(name), "Cache-Control": "no-store"}
    return ZipStream(stream_archive(_all_files(published), at=published.run["created_at"]), headers=headers)


def _all_files(published: Published) -> Iterator[tuple[str, bytes]]:
    yield "run.json", artifacts.to_json(run_record(published.run))
    yield from published.files()


def _title(host: Host, published: Published) -> str:
    try:
        with host.database.read() as connection:
            return file_name(repo.get_thread(connection, published.run["thread_id"])["title"])
    except NotFound:
        return file_name(published.run["thread_id"])


def _is_text(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type == "application/json" or media_type.endswith("+json")


def _with_charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
