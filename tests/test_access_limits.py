"""Limits: 429 with Retry-After, refusals in the log within bounds, and nobody locked out by others."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError

from access_client import Office, guarded
from vm_webapp.access.limits import Buckets, neighbourhood
from vm_webapp.api.admission import RECORDED_IN_ALL_PER_MINUTE, RECORDED_PER_MINUTE, Admission
from vm_webapp.app import create_app
from vm_webapp.settings import Settings

from fixed_writer import FixedWriter


@dataclass
class Clock:
    """A clock that tests set."""

    now: float = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock at its beginning."""
    return Clock()


@pytest.fixture
def office(settings: Settings, writer: FixedWriter, clock: Clock) -> Iterator[Office]:
    """An office with narrow limits, which fill by the test's clock."""
    narrow = guarded(settings).model_copy(update={"vm_requests_per_second": 2.0, "vm_request_burst": 5})
    app = create_app(narrow, llm=writer)
    app.state.admission = Admission(narrow, clock=clock)
    with TestClient(app):
        yield Office(app)


def at(office: Office, address: str, secret: str | None = None) -> TestClient:
    """A client at an address."""
    headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}
    return TestClient(office.app, client=(address, 1234), headers=headers)


def test_a_bucket_empties_and_fills() -> None:
    """The burst at once, then the rate; the wait is the time until the next one."""
    clock = Clock()
    buckets = Buckets(rate=2, burst=3, clock=clock)
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.take("b") == 0
    clock.now = 0.5
    assert [buckets.take("a") for _ in range(2)] == [0, 0.5]
    clock.now = 1_000
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]


def test_many_keys_cost_no_more_than_few() -> None:
    """Beyond ten thousand the least recently used are forgotten."""
    buckets = Buckets(rate=1, burst=1, clock=Clock())
    buckets.take("first")
    for number in range(9_999):
        buckets.take(str(number))
    assert buckets.take("first") > 0
    for number in range(10_000):
        buckets.take(f"x{number}")
    assert buckets.take("first") == 0


def test_threads_share_a_bucket() -> None:
    """Of a hundred threads at once exactly the burst get through."""
    buckets, passed = Buckets(rate=0.001, burst=10, clock=Clock()), []
    threads = [threading.Thread(target=lambda: passed.append(buckets.take("a") == 0)) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(passed) == 10


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("testclient", "unknown", False),
    ],
)
def test_what_counts_as_one_address(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a case's outcome
    """IPv4 addresses each; of IPv6 the network of a household."""
    assert (neighbourhood(one) == neighbourhood(other)) == same


def test_too_many_bad_tokens_are_429(office: Office, clock: Clock) -> None:
    """Ten a minute from one address, by header, cookie and login together; then one every six seconds."""
    client = at(office, "192.0.2.1")
    ways = (
        lambda: client.get("/api/v2/brands", headers={"Authorization": "Bearer vm_x"}),
        lambda: client.get("/api/v2/brands", headers={"Cookie": "vm_session=vm_x"}),
    )
    assert [ways[number % 2]().status_code for number in range(10)] == [401] * 10
    answer = client.post("/api/v2/session", json={"token": "vm_x"})
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (429, "too_many_requests", "6")
    assert at(office, "192.0.2.2", "vm_x").get("/api/v2/brands").status_code == 401
    clock.now = 6
    assert [ways[0]().status_code for _ in range(2)] == [401, 429]


def test_a_valid_token_is_not_turned_away_for_bad_ones(office: Office) -> None:
    """Whoever shares an address with an attacker still gets in."""
    bad, good = at(office, "192.0.2.1", "vm_x"), at(office, "192.0.2.1", office.token("viewer")[1])
    for _ in range(30):
        bad.get("/api/v2/brands")
    assert bad.get("/api/v2/brands").status_code == 429
    assert good.get("/api/v2/brands").status_code == 200


def test_too_many_requests_of_a_token_are_429(office: Office, clock: Clock) -> None:
    """Whatever address they come from; another token goes on, and time makes room."""
    first, second = office.token("viewer", name="Ana")[1], office.token("viewer", name="Rui")[1]
    statuses = [at(office, f"192.0.2.{number}", first).get("/api/v2/brands").status_code for number in range(6)]
    assert statuses == [200] * 5 + [429]
    answer = at(office, "192.0.2.9", first).get("/api/v2/brands")
    assert (answer.headers["Retry-After"], answer.json()["detail"]) == (
        "1",
        "Too many requests; there is room again in 1 s.",
    )
    assert at(office, "192.0.2.9", second).get("/api/v2/brands").status_code == 200
    clock.now = 0.5
    assert at(office, "192.0.2.9", first).get("/api/v2/brands").status_code == 200
    assert office.refusals()[0] == {"reason": "too_many_requests", "operation": "", "name": "Ana"}


def test_too_many_requests_without_a_token_are_429(office: Office) -> None:
    """The page, health and the login count by address; the page's own files, which are many, do not."""
    client = at(office, "192.0.2.1")
    paths = (
        "/",
        "/api/v1/health",
        "/",
        "/web/app.js",
        "/api/v2/session",
        "/api/v2/brands",
        "/api/v1/health",
        "/web/app.js",
    )
    assert [client.get(path).status_code for path in paths] == [200, 200, 200, 200, 401, 401, 429, 200]
    assert client.post("/api/v2/session", json={"token": "vm_x"}).status_code == 429
    assert at(office, "192.0.2.2").get("/").status_code == 200


def test_the_page_of_a_session_counts_for_its_token(office: Office) -> None:
    """Many people behind one address do not use up each other's room; a wrong cookie counts for the address."""
    first, second = at(office, "192.0.2.1"), at(office, "192.0.2.1")
    for client, name in ((first, "Ana"), (second, "Rui")):
        client.post("/api/v2/session", json={"token": office.token("viewer", name=name)[1]})
    assert [first.get("/").status_code for _ in range(5)] == [200, 200, 200, 200, 429]
    assert second.get("/").status_code == 200
    wrong = at(office, "192.0.2.1")
    statuses = [wrong.get("/", headers={"Cookie": "vm_session=vm_x"}).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]


def test_the_log_takes_refusals_within_bounds(office: Office, clock: Clock) -> None:
    """Ten a minute of one address, sixty in all, however many come; later it takes new ones."""
    for _ in range(40):
        at(office, "192.0.2.1", "vm_x").get("/api/v2/brands")
    assert len(office.refusals()) == RECORDED_PER_MINUTE
    for number in range(100):
        at(office, f"198.51.100.{number}", "vm_x").get("/api/v2/brands")
    assert len(office.refusals()) == RECORDED_IN_ALL_PER_MINUTE
    clock.now = 60
    at(office, "192.0.2.1", "vm_x").get("/api/v2/brands")
    assert len(office.refusals()) == RECORDED_IN_ALL_PER_MINUTE + 1


def test_a_refusal_that_cannot_be_recorded_is_one_all_the_same(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk lets nobody in and is no failure of the request."""

    def full(*_values: object, **_named: object) -> None:
        raise OperationalError("INSERT", None, Exception("database or disk is full"))

    monkeypatch.setattr(office.host.database, "write", full)
    assert at(office, "192.0.2.1", "vm_x").get("/api/v2/brands").status_code == 401


def test_the_owner_without_authentication_has_no_limit(settings: Settings, writer: FixedWriter) -> None:
    """However narrow the settings are."""
    narrow = settings.model_copy(update={"vm_requests_per_second": 0.001, "vm_request_burst": 1})
    with TestClient(create_app(narrow, llm=writer)) as client:
        assert {client.get("/api/v2/brands").status_code for _ in range(20)} == {200}
