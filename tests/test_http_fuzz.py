"""Generated requests over the API's own description, and a table of bad ones: no 5xx, no undeclared answer."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis import GenerationMode, checks
from schemathesis.config import SchemathesisConfig

from vm_webapp.api.routes import add_routes
from vm_webapp.app import create_app
from vm_webapp.settings import Settings

from api_client import GATED, Api, add_profile, fresh_api, running
from fixed_writer import FixedWriter

api = fresh_api
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
"""Hypothesis says so whenever another thread, one of the app's, asks for a random number meanwhile."""
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
    checks.negative_data_rejection,
    checks.unsupported_method,
    checks.missing_required_header,
    checks.allow_header_conformance,
]
FUZZ = hypothesis_settings(
    max_examples=6,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
"""Few examples for each of many operations, so that all of it ends within a minute."""

_ELSEWHERE = ("/events", "/imports")
"""Streams, which do not end, and the upload of an archive, whose hostile forms test_bundle_hostile has."""


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Any]]:
    """An app whose workspace has one of everything, and the ids by the names of the paths' parameters."""
    root: Path = tmp_path_factory.mktemp("fuzz") / "vm"
    settings = Settings(vm_workspace_root=root, vm_wait_seconds=0, vm_log_level="ERROR")
    add_profile(settings, "gated", GATED)
    with ExitStack() as stack:
        api = stack.enter_context(running(create_app(settings, llm=FixedWriter())))
        thread_id = api.thread()
        run_id = api.begin(thread_id, mode="gated")
        api.settle()
        thread = api.read(f"/api/v2/threads/{thread_id}")
        task = api.make(f"/api/v2/threads/{thread_id}/tasks", {"title": "x"})
        yield {
            "app": api.app,
            "brand_id": thread["brand_id"],
            "project_id": thread["project_id"],
            "thread_id": thread_id,
            "run_id": run_id,
            "task_id": task["task_id"],
            "stage_key": "brief",
            "name": "brief.md",
            "mode": "plan_90d",
            "kind": "brief",
        }


@pytest.fixture(scope="module")
def described(known: Mapping[str, Any]) -> schemathesis.BaseSchema:
    """The description, as a client reads it."""
    refusals = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429, "5xx"]  # the usual ones, and too large
    config = SchemathesisConfig.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": refusals}}})
    return schemathesis.openapi.from_asgi("/api/v2/openapi.json", known["app"], config=config)


def aims() -> list[tuple[str, str, str]]:
    """Every operation that ends, by path and method, and what its requests are aimed at."""
    app = FastAPI()
    add_routes(app)
    return [
        (path, method, aim)
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
        for aim in ("anywhere", "at what is there", "under one key", "spoiled")
        if not path.endswith(_ELSEWHERE) and (aim != "spoiled" or _can_be_spoiled(operation))
    ]


def _can_be_spoiled(operation: Mapping[str, Any]) -> bool:
    """Any text is a path; queries, headers and bodies can be wrong."""
    return any(parameter["in"] != "path" for parameter in operation.get("parameters", ()))


@pytest.mark.parametrize(("path", "method", "aim"), aims())
def test_generated_requests_are_answered_as_described(
    described: schemathesis.BaseSchema, known: Mapping[str, Any], *, path: str, method: str, aim: str
) -> None:
    """Declared statuses, types and shapes: to ids made up, to ids that exist, under one key, and against the schema."""
    mode = GenerationMode.NEGATIVE if aim == "spoiled" else GenerationMode.POSITIVE

    @FUZZ
    @given(described[path][method].as_strategy(generation_mode=mode))
    def send(case: schemathesis.Case[Any]) -> None:
        if aim != "anywhere":
            _aim(case, known, body=aim != "spoiled")
        if aim == "under one key":
            case.headers["Idempotency-Key"] = "the-same-for-all"
        case.call_and_validate(checks=CHECKS)

    send()


IDS = [
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "..%2f..%2fworkspace.sqlite3",
    "%2e%2e%2f",
    "a%00b",
    "%ed%a0%80",
    "%ff%fe",
    "a" * 5_000,
    "%0d%0aSet-Cookie:%20a=b",
    "'%20OR%201=1--",
    "%F0%9F%92%A5",
    "-1",
    "null",
]
VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    10**400,
    1.5,
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\udfff\ud800",
    "/etc/passwd",
    "../../x",
    "a" * 300_000,
    "\u202e",
    [],
    {},
    [[[]]],
    {"a": {"b": "\ud800"}},
]
BODIES = {
    "/api/v2/brands": ("name", "brand_id", "description", "voice"),
    "/api/v2/projects": ("brand_id", "name", "project_id", "channels", "due_on"),
    "/api/v2/threads": ("brand_id", "project_id", "title", "thread_id"),
    "/api/v2/tokens": ("name", "role", "brand_id", "expires_days"),
    "/api/v2/threads/{thread_id}/comments": ("text", "run_id", "stage_key"),
    "/api/v2/threads/{thread_id}/tasks": ("title", "run_id"),
    "/api/v2/threads/{thread_id}/modes": ("mode",),
    "/api/v2/threads/{thread_id}/workflow-runs": ("request_text", "mode"),
    "/api/v2/workflow-runs/{run_id}/stages/brief/approval": ("manifest_sha256", "comment"),
    "/api/v2/workflow-runs/{run_id}/stages/brief/rejection": ("manifest_sha256", "reason"),
}
GOOD: Mapping[str, Any] = {
    "name": "A",
    "title": "A",
    "text": "A",
    "request_text": "A",
    "mode": "plan_90d",
    "manifest_sha256": "0" * 64,
    "reason": "A",
    "role": "viewer",
}


@pytest.mark.parametrize("odd", IDS)
def test_odd_ids_are_not_found(api: Api, odd: str) -> None:
    """In every place of every path: 404, 422 or 405, never worse, and nothing of the machine in the answer."""
    paths = [path.format(thread_id=odd, run_id=odd) for path in BODIES]
    paths += [
        f"/api/v2/brands/{odd}",
        f"/api/v2/workflow-runs/{odd}/artifacts/{odd}/{odd}",
        f"/api/v2/workflow-runs/{odd}/download",
        f"/api/v2/tasks/{odd}/completion",
        f"/api/v2/schemas/{odd}",
        f"/web/{odd}",
        f"/api/v2/threads/{odd}/events",
    ]
    for path in paths:
        for method in ("GET", "POST", "PATCH", "DELETE"):
            answer = api.write(method, path, dict(GOOD))
            listed = method == "GET" and path in BODIES
            assert listed or 400 <= answer.status_code < 500, (method, path, answer.text)
            assert "passwd:" not in answer.text
            assert "root:" not in answer.text
            assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", list(BODIES))
def test_odd_values_are_refused(api: Api, path: str) -> None:
    """Each value in each field of each body: accepted or refused with 4xx, never worse."""
    thread_id = api.thread()
    thread = api.read(f"/api/v2/threads/{thread_id}")
    run_id = api.begin(thread_id, mode="gated")
    whole = {**GOOD, "brand_id": thread["brand_id"], "project_id": thread["project_id"]}
    place = path.format(thread_id=thread_id, run_id=run_id)
    for field in BODIES[path]:
        for value in VALUES:
            body = {name: whole[name] for name in BODIES[path] if name in whole} | {field: value}
            key = {"Idempotency-Key": f"{field}-{VALUES.index(value)}", "Prefer": "respond-async"}
            headers = {**key, "Content-Type": "application/json"}
            answer = api.client.post(place, content=json.dumps(body), headers=headers)
            assert answer.status_code < 500, (path, field, answer.text)
            assert answer.status_code < 300 or answer.headers["Content-Type"] == "application/problem+json"
            answer.content.decode()


def _aim(case: schemathesis.Case[Any], known: Mapping[str, Any], *, body: bool) -> None:
    """Put ids that exist into the path, and into the body where it is not to stay as it was generated."""
    for name in case.path_parameters:
        case.path_parameters[name] = known.get(name, "x")
    if body and isinstance(case.body, dict):
        for name in ("brand_id", "project_id", "run_id"):
            if isinstance(case.body.get(name), str) and case.operation.method != "patch":
                case.body[name] = known[name]
