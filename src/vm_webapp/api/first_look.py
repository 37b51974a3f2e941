"""The page's first look: what it would ask for one after the other to show a thread, in one answer.

Each part is answered by the API itself, by the same route, for the same caller; so nothing is said here that would not
be said there. It stands under the path that would have been asked. What is refused is left out: the page then asks for
it, and is told why.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Annotated, Any, Final
from urllib.parse import quote, unquote, urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import Message, Scope

from vm_webapp.api import problems
from vm_webapp.api.http import encode
from vm_webapp.api.shapes import FirstLookShape

router = APIRouter(prefix="/api/v2/first-look", tags=["page"])

FIRST_EVENTS: Final = 16
FIRST_RUNS: Final = 12
"""How much of a thread the page begins with."""

_API: Final = "/api/v2"
_LISTED: Final = 200
_LARGEST_TEXT: Final = 96 * 1024
_TEXT_TYPES: Final = frozenset({"text/markdown", "text/csv", "text/plain", "application/json"})
_SLASH: Final = quote("/", safe="")
_SENT_ON: Final = frozenset({b"host", b"cookie", b"authorization"})
_OF_A_ROUTE: Final = frozenset(
    {"endpoint", "route", "router", "path_params", "fastapi", "fastapi_inner_astack", "fastapi_function_astack"}
)

_Id = Annotated[str | None, Query(max_length=200)]


@router.get(
    "",
    operation_id="getFirstLook",
    summary="Read at once what the page begins with",
    response_model=FirstLookShape,
    responses=problems.responses(422),
)
async def get_first_look(request: Request, thread_id: _Id = None, run_id: _Id = None) -> Response:
    """Answers with what stands at the paths that lead to a run or a thread; to the newest run where none is named."""
    look = _Look(request)
    await look.begin()
    await look.find(thread_id, run_id)
    return Response(look.told(), 200, {"Cache-Control": "no-store"}, "application/json")


class _Look:
    """The answers so far, by path, each as JSON."""

    def __init__(self, request: Request) -> None:
        self._answers: dict[str, bytes] = {}
        self._scope = request.scope
        self._app = request.app.router

    def told(self) -> bytes:
        """All of them as one answer: what is JSON already is put together, and not written again."""
        return b'{"answers":{%s}}' % b",".join(b"%s:%s" % (encode(path), said) for path, said in self._answers.items())

    async def begin(self) -> None:
        """What every view of the page needs."""
        for path in ("/session", "/profiles", "/writers", f"/brands?limit={_LISTED}"):
            await self._add(path)

    async def find(self, thread_id: str | None, run_id: str | None) -> None:
        """The thread and the run in it; its events first, for what happens meanwhile is followed from there."""
        known = None
        if run_id is not None:
            known = await self._ask(f"/workflow-runs/{quote(run_id, safe='')}")
            thread_id = known and known["thread_id"]
        elif thread_id is None:
            newest = (await self._ask("/workflow-runs?limit=1") or {"runs": []})["runs"]
            thread_id = newest[0]["thread_id"] if newest else None
        if thread_id is None:
            return
        at = f"/threads/{quote(thread_id, safe='')}"
        await self._add(f"{at}/timeline?limit={FIRST_EVENTS}")
        runs = (await self._ask(f"{at}/workflow-runs?limit={FIRST_RUNS}") or {"runs": []})["runs"]
        if known is None and runs:
            known = await self._ask(f"/workflow-runs/{quote(runs[0]['run_id'], safe='')}")
        thread = await self._ask(at)
        for path in (f"{at}/comments?limit=50", f"{at}/tasks?limit={_LISTED}", "/inbox?limit=100"):
            await self._add(path)
        if thread:
            await self._add(f"/projects?{urlencode({'brand_id': thread['brand_id'], 'limit': _LISTED})}")
            await self._add(f"/threads?{urlencode({'project_id': thread['project_id'], 'limit': _LISTED})}")
        if known:
            await self._read_deliverable(known)

    async def _read_deliverable(self, run: Mapping[str, Any]) -> None:
        """The text that the page opens by itself: the first file of the last stage that has any."""
        stage = next((stage for stage in reversed(run["stages"]) if stage["artifacts"]), None)
        if stage is None:
            return
        item = stage["artifacts"][0]
        if item["media_type"] not in _TEXT_TYPES or item["size"] > _LARGEST_TEXT:
            return
        parts = (run["run_id"], "artifacts", stage["stage_key"], PurePosixPath(item["path"]).name)
        path = f"/workflow-runs/{'/'.join(quote(part, safe='') for part in parts)}?view=inline"
        if body := await self._body(path):
            self._answers[_API + path] = encode(body.decode())

    async def _ask(self, path: str) -> Any:  # noqa: ANN401 - JSON
        body = await self._add(path)
        return body and json.loads(body)

    async def _add(self, path: str) -> bytes | None:
        body = await self._body(path)
        if body is not None:
            self._answers[_API + path] = body
        return body

    async def _body(self, path: str) -> bytes | None:
        """What the API answers to whoever asked for the first look; None for a refusal."""
        sent: list[Message] = []
        if _SLASH in path.partition("?")[0]:  # an id with a slash in it would be the path of something else
            return None

        async def send(message: Message) -> None:
            sent.append(message)

        try:
            await self._app(_scope_of(self._scope, _API + path), _nothing_more, send)
        except HTTPException:  # no route has such a path
            return None
        if not sent or sent[0].get("status") != HTTPStatus.OK:
            return None
        return b"".join(message.get("body", b"") for message in sent[1:])


def _scope_of(scope: Scope, path: str) -> Scope:
    """A request for the path, by whoever made this one."""
    plain, _, query = path.partition("?")
    raw = str(scope.get("root_path", "")) + plain
    kept = {name: value for name, value in scope.items() if name not in _OF_A_ROUTE}
    return {
        **kept,
        "path": unquote(raw),
        "raw_path": raw.encode(),
        "query_string": query.encode(),
        "headers": [(name, value) for name, value in scope["headers"] if name in _SENT_ON],
    }


async def _nothing_more() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}
