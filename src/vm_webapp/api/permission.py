"""Whether who asks may do what is asked: for every route, by the operation's id, before its handler is reached.

Of another brand everything is answered exactly like what does not exist: the same error, found by the same look-up.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from fastapi import Request
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute, Mount

from vm_webapp.access.belonging import BRAND_OF, WITHOUT_BRAND, brand_of
from vm_webapp.api.http import host_of
from vm_webapp.api.identity import Caller, address_of, admission_of, find_caller
from vm_webapp.domain.access import MATRIX, NAMES_ITS_BRAND, OF_ALL_BRANDS, OWN_IDS, PUBLIC, allows
from vm_webapp.domain.access_refusals import Reason
from vm_webapp.errors import Forbidden, NotFound, Unauthorized
from vm_webapp.host import Host

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_DESCRIPTION: Final = "/openapi.json"


class Unlisted(RuntimeError):
    """A route that the role matrix does not know; it must not be served."""


async def permit(request: Request) -> None:
    """Let the request through to its handler; Unauthorized, Forbidden, or NotFound for what is another brand's."""
    operation = str(request.scope["route"].operation_id)
    if operation in PUBLIC:
        return
    caller = find_caller(request)
    if caller is None:
        raise Unauthorized
    if not allows(caller.role, operation):
        await _record(request, caller, "role", operation)
        raise Forbidden(needed=MATRIX[operation], role=caller.role)
    if caller.brand_id is not None:
        await _keep_to_brand(request, caller, caller.brand_id, operation)


def check_routes(routes: Sequence[BaseRoute]) -> None:
    """Raise Unlisted unless every route is in the matrix and every id in a path is one whose brand can be looked up."""
    for found in iter_route_contexts(routes):
        route, path = found.original_route, str(found.path)
        if isinstance(route, APIRoute):
            _check_route(route, path)
        elif path.startswith("/api") and not path.endswith(_DESCRIPTION):
            raise Unlisted(f"{path} is no operation of the API; routes under /api are")
        elif isinstance(route, Mount) and path in {"", "/"}:
            raise Unlisted("what is mounted at the root would stand beside the role matrix")


def _check_route(route: APIRoute, path: str) -> None:
    if route.operation_id not in {*MATRIX, *PUBLIC}:
        raise Unlisted(f"{path}: the operation {route.operation_id!r} is not in domain/access.MATRIX")
    if unknown := set(route.param_convertors) - set(BRAND_OF) - WITHOUT_BRAND:
        raise Unlisted(f"{path}: nobody can tell whose {', '.join(sorted(unknown))} is; see access/belonging")


async def _keep_to_brand(request: Request, caller: Caller, brand_id: str, operation: str) -> None:
    body = {} if request.method in _READS else _parsed(await request.body())
    if operation in OF_ALL_BRANDS or (operation in NAMES_ITS_BRAND and body.get("brand_id") is None):
        await _record(request, caller, "brand", operation)
        raise Forbidden("A token of one brand cannot do this for others.")
    if body.get(OWN_IDS.get(operation, "")) is not None:
        raise Forbidden(f"A token of one brand cannot choose ids; leave {OWN_IDS[operation]} out.")
    named = [*request.path_params.items(), *_references(body)]
    host = await host_of(request)
    if foreign := await run_in_threadpool(_find_foreign, host, brand_id, named):
        await _record(request, caller, "brand", operation)
        name, value = foreign
        raise NotFound(kind=name.removesuffix("_id"), id=value)


def _find_foreign(host: Host, brand_id: str, named: list[tuple[str, Any]]) -> tuple[str, str] | None:
    """The first id that names nothing of the brand."""
    with host.database.read() as connection:
        for name, value in named:
            if name in BRAND_OF and isinstance(value, str):
                known = value.isprintable() and brand_of(connection, name, value) == brand_id
                if not known:
                    return name, value
    return None


def _parsed(body: bytes) -> Mapping[str, Any]:
    """The body's JSON; nothing where it is none: whoever reads it then refuses it."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _references(value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - JSON of any kind
    """Every named value of the body, however deep."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield from found.items()
            waiting += found.values()
        elif isinstance(found, list):
            waiting += found


async def _record(request: Request, caller: Caller, reason: Reason, operation: str) -> None:
    admission, host = admission_of(request), await host_of(request)

    def record() -> None:
        admission.record(host, reason, address=address_of(request), token=caller.token, operation=operation)

    await run_in_threadpool(record)
