"""All resources in one list, what is refused for all of them, and the description for readers of OpenAPI."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from fastapi import APIRouter, Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.types import ExceptionHandler

from vm_webapp.api import (
    approvals,
    artifacts,
    brands,
    budgets,
    bundles,
    comments,
    costs,
    erasures,
    export,
    first_look,
    forks,
    health,
    inbox,
    log,
    page,
    problems,
    profiles,
    projects,
    rules,
    runs,
    search,
    session,
    stream,
    tasks,
    threads,
    timeline,
    tokens,
    webhooks,
    writers,
)
from vm_webapp.api.permission import check_routes, permit
from vm_webapp.api.writes import Answered, replay

OPENAPI_URL: Final = "/api/v2/openapi.json"
_ROUTERS: Final[tuple[APIRouter, ...]] = (
    health.router,
    brands.router,
    rules.router,
    projects.router,
    budgets.router,
    threads.router,
    comments.router,
    tasks.router,
    timeline.router,
    erasures.router,
    runs.router,
    forks.router,
    inbox.router,
    costs.router,
    approvals.router,
    artifacts.router,
    bundles.router,
    profiles.router,
    writers.router,
    search.router,
    log.router,
    export.router,
    stream.router,
    session.router,
    first_look.router,
    tokens.router,
    webhooks.router,
    page.router,
)
_FOREIGN: Final = "HTTPValidationError"
_SUMMARY: Final = "A workspace in which a marketing request becomes finished, versioned, provable deliverables."


def add_routes(app: FastAPI) -> None:
    """Every resource, the page, and the API's description; each route asks first whether it is permitted."""
    app.router.routes.extend(_routes())
    check_routes(app.routes)
    setattr(app, "openapi", lambda: _describe(app))  # noqa: B010 - the way FastAPI documents; a method to mypy


@cache
def _routes() -> Sequence[BaseRoute]:
    """Made once for all apps of a process: no route knows its app, and making them takes longer than opening a host."""
    router = APIRouter()
    for part in _ROUTERS:
        router.include_router(part, dependencies=[Depends(permit)])
    return (*router.routes, Mount("/web", page.files, name="web"))


async def refuse(request: Request, error: Exception) -> Response:
    """A refusal of the framework; one of a method lists every method that the path has."""
    if isinstance(error, HTTPException) and error.status_code == 405:  # noqa: PLR2004 - Method Not Allowed
        error = HTTPException(405, headers={"Allow": ", ".join(_methods(request))})
    return await problems.from_http(request, error)


HANDLERS: Final[Mapping[Any, ExceptionHandler]] = {**problems.HANDLERS, HTTPException: refuse, Answered: replay}


def _methods(request: Request) -> list[str]:
    path = request.url.path
    found = {"GET", "HEAD"} if path.startswith("/web/") else set()
    for route in iter_route_contexts(request.app.routes):
        regex = getattr(route, "path_regex", None)
        if regex is not None and route.methods and regex.fullmatch(path):
            found |= route.methods
    return sorted(found)


def _describe(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, summary=_SUMMARY, routes=app.routes)
        problem = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        components = schema["components"]["schemas"]
        components |= {**problem.pop("$defs"), "Problem": problem}
        _drop_foreign_refusals(schema)
        app.openapi_schema = schema
    return app.openapi_schema


def _drop_foreign_refusals(schema: dict[str, Any]) -> None:
    """Take out the 422 that FastAPI adds to every path with a parameter: a path's text is never refused."""
    for methods in schema["paths"].values():
        for operation in methods.values():
            if _FOREIGN in str(operation["responses"].get("422")):
                del operation["responses"]["422"]
    for name in (_FOREIGN, "ValidationError"):
        schema["components"]["schemas"].pop(name, None)
