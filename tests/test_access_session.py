"""The page's login: a cookie for a token, which ends with it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from access_client import Office, fresh_office
from vm_webapp.access import keys
from vm_webapp.access.sessions import LENGTH

from api_client import Api, fresh_api

office = fresh_office
api = fresh_api


def login(office: Office, role: str = "editor", *, days: int | None = 1) -> tuple[TestClient, str]:
    """A client with the cookie of a new token, and the token's id."""
    token_id, secret = office.token(role, days=days)
    client = office.client()
    answer = client.post("/api/v2/session", json={"token": secret})
    assert answer.status_code == 200, answer.text
    return client, token_id


def test_a_token_gets_a_cookie(office: Office) -> None:
    """HttpOnly, SameSite=Strict, no longer than the token; with a secret of its own, of which the digest is kept."""
    token_id, secret = office.token("editor", days=1)
    client = office.client()
    answer = client.post("/api/v2/session", json={"token": secret})
    assert answer.json() == {"actor_id": "Ana", "role": "editor", "brand_id": None, "auth": "on"}
    assert answer.headers["Cache-Control"] == "no-store"
    cookie = answer.headers["Set-Cookie"]
    assert "; HttpOnly" in cookie
    assert "; SameSite=strict" in cookie
    assert "; Path=/" in cookie
    assert "Secure" not in cookie
    assert 86_000 < int(cookie.partition("Max-Age=")[2].partition(";")[0]) <= 86_400
    kept = client.cookies["vm_session"]
    assert kept != secret
    with office.host.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT sha256, token_id FROM sessions").all()
    assert [tuple(row) for row in rows] == [(keys.digest_of(kept), token_id)]
    assert client.get("/api/v2/brands").status_code == 200
    assert client.get("/api/v2/session").json()["actor_id"] == "Ana"


@pytest.mark.parametrize(
    ("base_url", "headers"),
    [("https://testserver", {}), ("http://testserver", {"Origin": "https://testserver"})],
)
def test_over_https_the_cookie_is_secure(office: Office, base_url: str, headers: dict[str, str]) -> None:
    """Also behind a proxy that speaks TLS for it, which the page's origin tells."""
    client = TestClient(office.app, base_url=base_url)
    answer = client.post("/api/v2/session", json={"token": office.token("viewer")[1]}, headers=headers)
    assert "; Secure" in answer.headers["Set-Cookie"]


def test_the_cookie_of_a_session_acts_for_its_owner(office: Office) -> None:
    """Events have the person's name, the role holds."""
    client, _ = login(office)
    made = client.post("/api/v2/brands", json={"name": "Aurora"}, headers={"Idempotency-Key": "k"})
    assert made.status_code == 200
    with office.host.database.read() as connection:
        actor = connection.exec_driver_sql("SELECT actor_id FROM events WHERE event_type = 'BrandCreated'").scalar()
    assert actor == "Ana"
    assert client.get("/api/v2/tokens").status_code == 403


def test_a_page_of_another_site_cannot_use_the_cookie(office: Office) -> None:
    """A write with the cookie and another Origin, or said to be cross-site, is 403 and changes nothing; a login too."""
    client, _ = login(office, "admin")
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        sent = {"Idempotency-Key": "k", **headers}
        answers = [
            client.post("/api/v2/brands", json={"name": "x"}, headers=sent),
            client.post("/api/v2/tokens", json={"name": "Eve", "role": "admin"}, headers=sent),
            client.post("/api/v2/session", json={"token": "vm_x"}, headers=headers),
            client.delete("/api/v2/session", headers=headers),
        ]
        assert [(one.status_code, one.json()["code"]) for one in answers] == [(403, "cross_origin")] * 4
    assert client.get("/api/v2/brands").json()["brands"] == []


def test_logging_out_ends_the_session(office: Office) -> None:
    """The cookie is taken away and means nothing any more; a session of another page goes on."""
    token = office.token("editor")[1]
    first, second = office.client(), office.client()
    for client in (first, second):
        client.post("/api/v2/session", json={"token": token})
    cookie = first.cookies["vm_session"]
    answer = first.delete("/api/v2/session")
    assert answer.json() == {"ended": True}
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert "vm_session" not in first.cookies
    assert office.client().get("/api/v2/brands", headers={"Cookie": f"vm_session={cookie}"}).status_code == 401
    assert second.get("/api/v2/brands").status_code == 200
    assert office.client(token).delete("/api/v2/session").json() == {"ended": False}


def test_a_revoked_token_ends_its_sessions_at_once(office: Office) -> None:
    """The next request with the cookie is 401."""
    client, token_id = login(office)
    assert client.get("/api/v2/brands").status_code == 200
    office.as_("admin").make(f"/api/v2/tokens/{token_id}/revocation")
    after = client.get("/api/v2/brands")
    assert (after.status_code, after.json()["detail"]) == (401, "This token was revoked.")


def test_a_session_ends_with_its_token_and_after_a_week(office: Office) -> None:
    """Whatever comes first."""
    now = datetime.now(UTC)
    short, _ = login(office, days=1)
    endless, _ = login(office, days=None)
    office.host.commands.clock = lambda: now + timedelta(days=2)
    assert [one.get("/api/v2/brands").status_code for one in (short, endless)] == [401, 200]
    office.host.commands.clock = lambda: now + LENGTH + timedelta(minutes=1)
    after = endless.get("/api/v2/brands")
    assert (after.status_code, after.json()["detail"]) == (401, "The session has ended.")


def test_a_token_has_twenty_sessions_at_the_most(office: Office) -> None:
    """The oldest gives way; those that are over go with the next login."""
    token = office.token("viewer", days=None)[1]
    clients = [office.client() for _ in range(21)]
    start = datetime.now(UTC)
    for number, client in enumerate(clients):
        moment = start + timedelta(seconds=number)
        office.host.commands.clock = lambda at=moment: at  # type: ignore[misc]  # a default binds the loop's value
        client.post("/api/v2/session", json={"token": token})
    statuses = [client.get("/api/v2/brands").status_code for client in clients]
    assert statuses == [401, *[200] * 20]
    office.host.commands.clock = lambda: start + LENGTH + timedelta(days=1)
    office.client().post("/api/v2/session", json={"token": token})
    with office.host.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sessions").scalar() == 1


def test_who_am_i_without_a_login(office: Office) -> None:
    """401 and no refusal in the log: the page asks before it shows its login."""
    answer = office.client().get("/api/v2/session")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="vm"')
    assert office.refusals() == []
    assert office.client().get("/api/v2/brands").status_code == 401
    assert office.refusals() == [{"reason": "no_token", "operation": "", "name": None}]


def test_a_login_with_a_wrong_token_is_refused(office: Office) -> None:
    """401 without a cookie, and nothing of what was sent in the answer or the log."""
    wrong = f"vm_{'Z' * 43}"
    answer = office.client().post("/api/v2/session", json={"token": wrong})
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    long = office.client().post("/api/v2/session", json={"token": wrong * 10})
    assert long.status_code == 422
    assert wrong not in answer.text + long.text
    assert office.refusals()[0]["reason"] == "unknown_token"
    with office.host.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM events WHERE payload LIKE '%ZZZZ%'").scalar() == 0


@pytest.mark.parametrize("value", [None, 0, "", "\x00", "\ud800", "vm_ä", "a" * 300_000, [], {"a": 1}, True])
def test_an_odd_token_is_refused(office: Office, value: object) -> None:
    """401 or 422, never worse."""
    content = json.dumps({"token": value})
    answer = office.client().post("/api/v2/session", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in {401, 422}
    cookie = office.client().get("/api/v2/brands", headers={"Cookie": f"vm_session={str(value)[:50]!a}"})
    assert cookie.status_code == 401


def test_nobody_logs_in_where_nobody_is_asked(api: Api) -> None:
    """409: authentication is off."""
    answer = api.client.post("/api/v2/session", json={"token": "vm_x"})
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "Nobody has to log in here: authentication is off.",
    )
    assert api.client.delete("/api/v2/session").json() == {"ended": False}
