"""Every refusal is a problem: RFC 9457, with a code for programs and a hint for people."""

import inspect
import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy.exc import OperationalError

from vm_webapp import errors, logs, repo
from vm_webapp.api.problems import STATUS, status_of
from vm_webapp.errors import (
    AlreadyExists,
    IntegrityError,
    InvalidText,
    KeyInFlight,
    KeyReused,
    NotFound,
    VersionConflict,
    VmError,
    WorkspaceInUse,
)

from api_client import Api, fresh_api

api = fresh_api
MEMBERS = {"type", "title", "status", "detail", "code", "reason", "hint", "errors"}


def _check(kind: str, **member: object) -> dict[str, Any]:
    return {"text": "A rule", "check": {"kind": kind, **member}}


def _words(*words: str) -> dict[str, Any]:
    return _check("forbidden_words", words=list(words))


def check_problem(answer: Response, status: int, code: str) -> dict[str, Any]:
    """The answer is a whole problem of that status and code."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert set(problem) == MEMBERS
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["type"] == f"urn:vm-webapp:problem:{code}"
    assert problem["detail"]
    return problem


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidText(field="x", problem="is empty"), 422),
        (KeyReused(), 422),
        (NotFound(kind="run", id="r"), 404),
        (AlreadyExists(kind="brand", id="b"), 409),
        (VersionConflict(stream_id="s", actual=2, expected=1), 409),
        (KeyInFlight(), 409),
        (WorkspaceInUse(path="x", pid=1, where=""), 503),
        (IntegrityError(path="x", problem="y"), 500),
        (VmError(), 500),
    ],
)
def test_the_table_gives_every_error_a_status(error: VmError, status: int) -> None:
    """The nearest ancestor in the table counts."""
    assert status_of(error) == status


def test_every_class_of_the_tree_stands_under_an_entry_of_its_own() -> None:
    """Each direct child of the root is in the table, so that a new branch cannot become a 500 unseen."""
    branches = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if kind.__base__ is VmError}
    assert branches <= set(STATUS)


@pytest.mark.parametrize(
    ("ask", "status", "code"),
    [
        (lambda c: c.get("/nope"), 404, "not_found"),
        (lambda c: c.get("/api/v2/brands/"), 404, "not_found"),
        (lambda c: c.get("/web/nope.js"), 404, "not_found"),
        (lambda c: c.put("/api/v2/brands"), 405, "method_not_allowed"),
        (lambda c: c.delete("/web/app.js"), 405, "method_not_allowed"),
        (lambda c: c.get("/api/v2/brands?limit=0"), 422, "invalid"),
        (lambda c: c.get("/api/v2/brands?limit=many"), 422, "invalid"),
        (lambda c: _send(c, b"{"), 400, "malformed_json"),
        (lambda c: _send(c, b'{"name": "A"'), 400, "malformed_json"),
        (lambda c: _send(c, b"\xff\xfe\xfd"), 400, "bad_request"),
        (lambda c: _send(c, b'{"name": ' + b"9" * 5_000 + b"}"), 400, "bad_request"),
        (lambda c: _send(c, b"[" * 100_000), 400, "bad_request"),
        (lambda c: _send(c, b'{"a":' * 50_000 + b"1" + b"}" * 50_000), 400, "bad_request"),
        (lambda c: _send(c, b'{"name": "A"}', "text/plain"), 415, "unsupported_media_type"),
        (lambda c: _send(c, b'{"name": "A"}', ""), 415, "unsupported_media_type"),
        (lambda c: _send(c, b"name=A", "application/x-www-form-urlencoded"), 415, "unsupported_media_type"),
        (lambda c: _send(c, b""), 422, "invalid"),
        (lambda c: _send(c, b"null"), 422, "invalid"),
        (lambda c: _send(c, b"[]"), 422, "invalid"),
        (lambda c: _send(c, b'{"name": NaN}'), 422, "invalid"),
        (lambda c: _send(c, b'{"name": "\\ud800"}'), 422, "invalid"),
        (lambda c: _send(c, b'{"\\ud800": 1}'), 422, "invalid"),
        (lambda c: _send(c, b'{"name": "a\\u0000b"}'), 422, "invalid_text"),
        (lambda c: _send(c, b'{"name": "' + b"a" * 10_000_000 + b'"}'), 413, "content_too_large"),
        (lambda c: _send(c, (b"x" * 65_536 for _ in range(20))), 413, "content_too_large"),
    ],
)
def test_refusals_are_problems(api: Api, ask: Callable[[TestClient], Response], status: int, code: str) -> None:
    """Routing, validation, malformed bodies and large ones: a problem, and never a 5xx."""
    check_problem(ask(api.client), status, code)


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("brands", {}, ("/name", "empty", None)),
        ("brands", {"name": ""}, ("/name", "empty", None)),
        ("brands", {"name": "  "}, ("/name", "empty", None)),
        ("brands", {"name": "a" * 201}, ("/name", "too_long", 200)),
        ("brands", {"name": "two\nlines"}, ("/name", "many_lines", None)),
        ("brands", {"name": "a\u0000b"}, ("/name", "no_text", None)),
        ("brands", {"name": "A", "do": ["a"] * 51}, ("/do", "too_many", 50)),
        ("brands", {"name": "A", "do": ["a", "b" * 201]}, ("/do/1", "too_long", 200)),
        ("brands", {"name": "A", "colour": "red"}, ("/colour", "", None)),
        ("projects", {"brand_id": "b-1", "name": "A", "due_on": "31.1.2027"}, ("/due_on", "no_date", None)),
        ("projects", {"brand_id": "b-1", "name": "A", "due_on": "2027-02-31"}, ("/due_on", "no_date", None)),
        ("brands/b-1/budget", {"limit_usd": "25 US"}, ("/limit_usd", "no_amount", None)),
        ("brands/b-1/budget", {"limit_usd": "9" * 12}, ("/limit_usd", "too_large", 999_999_999)),
        ("brands/b-1/rules", _words("a", "---"), ("/check/words/1", "nothing_to_find", None)),
        ("brands/b-1/rules", _words(), ("/check/words", "empty", None)),
        ("brands/b-1/rules", _words("a" * 101), ("/check/words/0", "too_long", 100)),
        ("brands/b-1/rules", _check("max_length", characters=None), ("/check/characters", "no_number", None)),
    ],
)
def test_a_refused_value_says_its_reason_in_a_stable_word(
    api: Api, path: str, body: dict[str, Any], told: tuple[str, str, int | None]
) -> None:
    """Whoever refuses it, the shape or the domain; with the limit where one was passed."""
    api.make("/api/v2/brands", {"name": "First", "brand_id": "b-1"})
    (error,) = api.post(f"/api/v2/{path}", body).json()["errors"]
    assert (error["pointer"], error["reason"], error["most"]) == told


def test_a_405_lists_every_method_of_the_path(api: Api) -> None:
    """Allow names the methods of all operations on the path."""
    assert api.client.put("/api/v2/brands").headers["Allow"] == "GET, POST"
    assert api.client.post("/api/v2/brands/b-1").headers["Allow"] == "GET, PATCH"


def test_an_unforeseen_error_says_nothing_of_itself(
    api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """500 with a request id; what went wrong stands in the log alone, under that id."""

    def fail(*_args: object, **_kwargs: object) -> None:
        msg = "secret-of-the-machine"
        raise RuntimeError(msg)

    monkeypatch.setattr(repo, "list_brands", fail)
    logs.configure("INFO")  # to the stream that is captured
    answer = api.get("/api/v2/brands", x_request_id="my-request")
    problem = check_problem(answer, 500, "internal_error")
    assert "secret" not in answer.text
    assert "my-request" in problem["hint"]
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    (failure,) = [line for line in lines if line["event"] == "http.failed"]
    assert failure["request_id"] == "my-request"
    assert failure["exception"][0]["exc_value"] == "secret-of-the-machine"


def test_a_database_in_trouble_is_503(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk says so, and when to come again."""

    def fail(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("SELECT secret", {}, Exception("database or disk is full"))

    monkeypatch.setattr(repo, "list_brands", fail)
    answer = api.get("/api/v2/brands")
    problem = check_problem(answer, 503, "database_unavailable")
    assert answer.headers["Retry-After"] == "5"
    assert "disk is full" in problem["detail"]
    assert "SELECT" not in answer.text


def test_hints_say_what_to_do_next(api: Api) -> None:
    """A refusal that can be acted on has a hint."""
    answer = api.post(f"/api/v2/threads/{api.thread()}/modes", {"mode": "nope"})
    problem = check_problem(answer, 422, "unknown_mode")
    assert "plan_90d" in problem["detail"]
    assert problem["hint"].startswith("Use one of the modes")


def _send(client: TestClient, content: Any, content_type: str = "application/json") -> Response:  # noqa: ANN401 - bytes
    headers = {"Idempotency-Key": "k", **({"Content-Type": content_type} if content_type else {})}
    return client.post("/api/v2/brands", content=content, headers=headers)
