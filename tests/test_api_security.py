"""What a browser may not do to this server, and what the server tells the browser."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection

import httpx2
import pytest
from fastapi.testclient import TestClient

from vm_webapp.app import create_app
from vm_webapp.settings import Settings

from api_client import Api, fresh_api, running, serving
from fixed_writer import FixedWriter

api = fresh_api
BODY = {"name": "Aurora"}


@pytest.mark.parametrize(
    ("base_url", "host", "status"),
    [
        ("http://testserver", "testserver", 200),
        ("http://127.0.0.1:8766", "127.0.0.1:8766", 200),
        ("http://127.0.0.1:8766", "localhost:8766", 200),
        ("http://127.0.0.1:8766", "LOCALHOST:8766", 200),
        ("http://127.0.0.1:8766", "127.1.2.3:8766", 200),
        ("http://127.0.0.1:8766", "[::1]:8766", 200),
        ("http://192.0.2.7:8766", "192.0.2.7:8766", 200),
        ("http://127.0.0.1:8766", "192.0.2.7:8766", 421),
        ("http://127.0.0.1:8766", "localhost:8767", 421),
        ("http://127.0.0.1:8766", "localhost", 421),
        ("http://127.0.0.1:8766", "evil.example:8766", 421),
        ("http://127.0.0.1:8766", "localhost.evil.example:8766", 421),
        ("http://127.0.0.1:8766", "127.0.0.1.evil.example:8766", 421),
        ("http://127.0.0.1:8766", "0.0.0.0:8766", 421),
        ("http://127.0.0.1:8766", "localhost@evil.example:8766", 421),
        ("http://127.0.0.1:8766", "localhost:99999", 421),
        ("http://127.0.0.1:8766", "[::1", 421),
        ("http://127.0.0.1:8766", "", 421),
    ],
)
def test_host_has_to_name_this_server(api: Api, base_url: str, host: str, status: int) -> None:
    """Loopback, or the address the connection came in on, with the server's port; anything else is 421."""
    client = TestClient(api.app, base_url=base_url)
    answer = client.get("/api/v1/health", headers={"Host": host})
    assert answer.status_code == status
    assert status == 200 or answer.json()["code"] == "misdirected_request"


def test_further_hosts_are_a_matter_of_settings(settings: Settings, writer: FixedWriter) -> None:
    """VM_ALLOWED_HOSTS: a name with any port, or with the one it has."""
    settings.vm_allowed_hosts = "vm.example, Other.example:8443"
    with running(create_app(settings, llm=writer)) as api:
        hosts = ("vm.example", "vm.example:1234", "other.example:8443", "other.example:1", "evil.example")
        answers = [api.get("/api/v1/health", host=host).status_code for host in hosts]
    assert answers == [200, 200, 200, 421, 421]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://testserver:81"},
        {"origin": "http://localhost"},
        {"origin": "null"},
        {"origin": ""},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "http://testserver", "sec_fetch_site": "cross-site"},
    ],
)
def test_pages_of_other_origins_may_not_write(api: Api, headers: dict[str, str]) -> None:
    """403, and nothing was written; reading is not refused, and no CORS header lets the page see the answer."""
    answer = api.post("/api/v2/brands", BODY, **headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_origin")
    read = api.get("/api/v2/brands", **headers)
    assert (read.status_code, read.json()["brands"]) == (200, [])
    assert not [name for name in read.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "http://testserver", "sec_fetch_site": "same-origin"}, {"sec_fetch_site": "none"}]
)
def test_the_own_page_and_programs_may_write(api: Api, headers: dict[str, str]) -> None:
    """The server's own origin, and clients that are no browsers."""
    assert api.post("/api/v2/brands", BODY, **headers).status_code == 200


def test_a_preflight_is_not_answered(api: Api) -> None:
    """No other origin is let in by CORS."""
    headers = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    answer = api.client.options("/api/v2/brands", headers=headers)
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/", "/web/app.js", "/api/v2/brands", "/nope", "/api/v1/health"])
def test_every_answer_has_the_safe_headers(api: Api, path: str) -> None:
    """No sniffing, no referrer, no embedding, own origin only; refusals included."""
    headers = api.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Permissions-Policy"]


def test_refusals_of_the_guard_have_them_too(api: Api) -> None:
    """421 and 403 are answered before the app is reached, and are safe as well."""
    for answer in (api.get("/", host="evil.example"), api.post("/api/v2/brands", BODY, origin="null")):
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Request-Id"]


def test_a_request_id_is_echoed_if_it_is_one(api: Api) -> None:
    """A sane id is kept, anything else is replaced by one of our own."""
    assert api.get("/api/v1/health", x_request_id="abc.DEF-1").headers["X-Request-Id"] == "abc.DEF-1"
    for odd in ("a b", "x" * 101, "<script>"):
        made = api.get("/api/v1/health", x_request_id=odd).headers["X-Request-Id"]
        assert made != odd
        assert len(made) == 32


def test_big_json_is_compressed_and_small_is_not(api: Api) -> None:
    """GZip where it pays."""
    small = api.get("/api/v1/health", accept_encoding="gzip")
    big = api.get("/api/v2/openapi.json", accept_encoding="gzip")
    assert ("Content-Encoding" in small.headers, big.headers.get("Content-Encoding")) == (False, "gzip")


@pytest.fixture
def url(settings: Settings, writer: FixedWriter) -> Iterator[str]:
    """A real server's URL."""
    with serving(create_app(settings, llm=writer)) as address:
        yield address


def test_a_real_server_answers_to_its_own_address_alone(url: str) -> None:
    """What holds for the test client holds over TCP; the server does not say what it is."""
    port = url.rpartition(":")[2]
    good = [httpx2.get(f"{url}/api/v1/health", headers={"Host": f"{name}:{port}"}) for name in ("localhost", "[::1]")]
    bad = httpx2.get(f"{url}/api/v1/health", headers={"Host": f"evil.example:{port}"})
    assert [answer.status_code for answer in (*good, bad)] == [200, 200, 421]
    assert "Server" not in good[0].headers


def test_a_large_body_is_refused_before_it_is_sent(url: str) -> None:
    """413 for a body whose length is told, without waiting for it, and for one in pieces as soon as it is too much."""
    connection = HTTPConnection(url.removeprefix("http://"), timeout=30)
    connection.putrequest("POST", "/api/v2/brands")
    connection.putheader("Content-Length", "2000000")
    connection.endheaders()
    told = connection.getresponse()
    assert (told.status, json.loads(told.read())["code"]) == (413, "content_too_large")
    connection.close()
    pieces = httpx2.post(f"{url}/api/v2/brands", content=iter([b"[" * 65_536] * 17), headers={"Idempotency-Key": "k"})
    assert (pieces.status_code, pieces.json()["code"]) == (413, "content_too_large")


def test_a_closed_host_is_not_used(settings: Settings, writer: FixedWriter) -> None:
    """503 once the workspace is let go; an app that is started again serves again."""
    app = create_app(settings, llm=writer)
    with running(app) as api:
        brand_id = api.brand()
    assert TestClient(app).get("/api/v2/brands").json()["code"] == "workspace_error"
    with running(app) as api:
        assert [row["brand_id"] for row in api.read("/api/v2/brands")["brands"]] == [brand_id]
