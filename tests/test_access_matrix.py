"""The role matrix, whole: every role at every operation, and an app that has a route beside the matrix is not built."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.responses import PlainTextResponse
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from access_client import Office, fresh_office, guarded
from vm_webapp.api.admission import RECORDED_IN_ALL_PER_MINUTE, RECORDED_PER_MINUTE
from vm_webapp.api.permission import Unlisted, check_routes
from vm_webapp.api.routes import add_routes
from vm_webapp.app import create_app
from vm_webapp.domain.access import MATRIX, NAMES_ITS_BRAND, OF_ALL_BRANDS, OWN_IDS, PUBLIC
from vm_webapp.domain.access_refusals import Reason
from vm_webapp.domain.roles import ROLES, role_at_least
from vm_webapp.settings import Settings

from fixed_writer import FixedWriter

office = fresh_office
DOCS = Path(__file__).parents[1] / "docs" / "access.md"
PARAMETERS = re.compile(r"\{[^}]+\}")


@cache
def routed() -> Mapping[str, tuple[str, str]]:
    """Method and path of every operation that has a route."""
    app = FastAPI()
    add_routes(app)
    found: dict[str, tuple[str, str]] = {}
    for route in iter_route_contexts(app.routes):
        operation = getattr(route.original_route, "operation_id", None)
        if operation is not None:
            method = next(iter(sorted(set(route.methods or ()) - {"HEAD"})), "HEAD")
            if method != "HEAD":
                found[operation] = (method, str(route.path))
    return found


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, TestClient]]:
    """One client of each role, of one app for all cases: what they ask for is not there, so nothing changes."""
    settings = guarded(Settings(vm_workspace_root=tmp_path_factory.mktemp("matrix") / "vm", vm_log_level="ERROR"))
    app = create_app(settings, llm=FixedWriter())
    with TestClient(app):
        here = Office(app)
        yield {role: here.client(here.token(role)[1]) for role in ROLES}


def ask(client: TestClient, operation: str) -> int:
    """The status of a request for the operation, aimed at nothing and without what a write needs."""
    method, path = routed()[operation]
    url = PARAMETERS.sub("nothing", path)
    if path.endswith("/events"):
        url += "?after=x"  # refused for its position, so that the stream does not go on for ever
    return int(client.request(method, url, json=None if method == "GET" else {}).status_code)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("operation", sorted(MATRIX))
def test_each_role_may_what_the_matrix_says(clients: Mapping[str, TestClient], role: str, operation: str) -> None:
    """403 below the least role; from it on the request reaches its handler, which finds nothing or wants a key."""
    status = ask(clients[role], operation)
    allowed = role_at_least(role, MATRIX[operation])
    assert (status != 403) == allowed
    assert status != 401


def test_every_operation_asks_for_a_token(office: Office) -> None:
    """401 for whoever shows none, with the scheme to use; what is public answers."""
    client = office.client()
    for operation in MATRIX:
        method, path = routed()[operation]
        answer = client.request(method, PARAMETERS.sub("nothing", path), json=None if method == "GET" else {})
        assert (operation, answer.status_code, answer.json()["code"]) == (operation, 401, "unauthorized")
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="vm"'
    assert client.get("/api/v2/openapi.json").status_code == 401
    assert client.get("/api/v2/nowhere").status_code == 401
    assert client.get("/api/v1/health").status_code == 200
    assert client.get("/").status_code == 200


def test_the_matrix_has_every_operation_and_no_other() -> None:
    """What is routed is in the matrix or public, and nothing in either is without a route."""
    assert set(routed()) == {*MATRIX, *PUBLIC}
    assert not PUBLIC & set(MATRIX)
    assert set(MATRIX.values()) <= set(ROLES)
    assert {*OF_ALL_BRANDS, *OWN_IDS, *NAMES_ITS_BRAND} <= set(MATRIX)


def leak() -> PlainTextResponse:
    """What must not be served."""
    return PlainTextResponse("leak")


def test_an_operation_beside_the_matrix_is_not_served() -> None:
    """The app refuses to be built, naming the route."""
    router = APIRouter()
    router.add_api_route("/api/v2/leak", leak, operation_id="leak")
    app = FastAPI()
    app.include_router(router)
    with pytest.raises(Unlisted, match=r"/api/v2/leak: the operation 'leak'"):
        check_routes(app.routes)


def test_a_route_without_an_operation_is_not_served() -> None:
    """A plain route under /api would be asked by nobody for its role."""
    app = FastAPI(openapi_url=None)
    app.add_route("/api/v2/leak", lambda _request: PlainTextResponse("leak"))
    with pytest.raises(Unlisted, match="/api/v2/leak"):
        check_routes(app.routes)


def test_an_id_that_nobody_can_place_is_not_served() -> None:
    """A path with an id whose brand cannot be looked up would be open to tokens of all brands."""
    router = APIRouter()
    router.add_api_route("/api/v2/things/{thing_id}", leak, operation_id="getRun")
    app = FastAPI()
    app.include_router(router)
    with pytest.raises(Unlisted, match="thing_id"):
        check_routes(app.routes)


def test_a_mount_at_the_root_is_not_served() -> None:
    """It would stand beside the matrix."""
    app = FastAPI(openapi_url=None)
    app.mount("/", PlainTextResponse("leak"))
    with pytest.raises(Unlisted, match="root"):
        check_routes(app.routes)


def test_the_docs_print_the_settings_and_the_bounds() -> None:
    """Each setting of access with its default, and how much the log takes."""
    text = DOCS.read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(VM_\w+)` \| (\w+) \|", text, re.MULTILINE))
    names = ("vm_auth", "vm_requests_per_second", "vm_request_burst", "vm_bad_tokens_per_minute")
    defaults = {name.upper(): Settings.model_fields[name].default for name in names}
    assert rows == {name: value if isinstance(value, str) else f"{value:g}" for name, value in defaults.items()}
    assert f"at most {RECORDED_PER_MINUTE} a minute of one token or address" in text
    assert f"and {RECORDED_IN_ALL_PER_MINUTE} a minute in all" in text
    assert all(reason in text for reason in get_args(Reason))


def test_the_docs_print_the_matrix() -> None:
    """docs/access.md has each operation with its role, in the matrix's order, and what is public."""
    text = DOCS.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+) \| (public|yes|-) \| (yes|-) \| (yes|-) \| (yes|-) \|$", text, re.MULTILINE)
    wanted = [
        (operation, *("yes" if role_at_least(role, least) else "-" for role in ROLES))
        for operation, least in MATRIX.items()
    ]
    table = "\n".join(f"| {' | '.join(row)} |" for row in wanted)
    assert rows == wanted, f"docs/access.md needs this table:\n{table}"
    assert all(f"`{operation}`" in text for operation in PUBLIC)
