"""Tokens: the secret is shown once, kept nowhere, and lets in until it expires or is revoked."""

import hashlib
import inspect
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from access_client import Office, fresh_office
from vm_webapp import projections
from vm_webapp.access import keys
from vm_webapp.access import tokens as known_tokens
from vm_webapp.commands import OWNER
from vm_webapp.domain.access_tokens import (
    CreateToken,
    RevokeToken,
    Token,
    TokenCreated,
    TokenRevoked,
    decide_token,
    evolve_token,
)
from vm_webapp.errors import AlreadyExists, Invalid, NotFound

from api_client import Api, fresh_api

office = fresh_office
api = fresh_api
ID, ODD = "tok-1", "../x"
NEW = CreateToken(
    token_id=ID, name="Ana", role="editor", sha256="0" * 64, expires_at=None, created_by="workspace-owner"
)


def changed(**values: str | None) -> CreateToken:
    """The command with other values."""
    return CreateToken(**{**{name: getattr(NEW, name) for name in NEW.__slots__}, **values})


def test_a_token_is_created_and_revoked_once() -> None:
    """Revoking a revoked one says nothing new."""
    (created,) = decide_token(NEW, Token(), brand_exists=False)
    assert isinstance(created, TokenCreated)
    token = evolve_token(Token(), created)
    assert decide_token(RevokeToken(token_id=ID), token, brand_exists=False) == (TokenRevoked(token_id=ID),)
    revoked = evolve_token(token, TokenRevoked(token_id=ID))
    assert decide_token(RevokeToken(token_id=ID), revoked, brand_exists=False) == ()


@pytest.mark.parametrize(
    ("command", "state", "error"),
    [
        (NEW, Token(exists=True, token_id=ID), AlreadyExists),
        (RevokeToken(token_id=ID), Token(), NotFound),
        (changed(brand_id="b-none"), Token(), NotFound),
        (changed(role="owner"), Token(), Invalid),
        (changed(name=""), Token(), Invalid),
        (changed(name="a\nb"), Token(), Invalid),
        (changed(name="a\u202eb"), Token(), Invalid),
        (changed(name="x" * 81), Token(), Invalid),
        (changed(name="VM"), Token(), Invalid),
        (changed(name=" workspace-owner "), Token(), Invalid),
        (changed(name="Recovery"), Token(), Invalid),
        (changed(token_id=ODD), Token(), Invalid),
    ],
)
def test_what_a_token_cannot_be(command: CreateToken | RevokeToken, state: Token, error: type[Exception]) -> None:
    """Each is refused with nothing recorded."""
    with pytest.raises(error):
        decide_token(command, state, brand_exists=False)


def test_secrets_are_long_and_only_their_digest_is_compared() -> None:
    """256 bits; compared by a function whose time says nothing, and what has not the form is not looked up."""
    secrets = {keys.new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(re.fullmatch(r"vm_[A-Za-z0-9_-]{43}", one) for one in secrets)
    assert keys.digest_of("vm_x") == hashlib.sha256(b"vm_x").hexdigest()
    assert "hmac.compare_digest" in inspect.getsource(keys.matches)
    assert "keys.matches" in inspect.getsource(known_tokens.find_token)
    assert not any(keys.is_secret(text) for text in ("", "vm_", "vm_" + "a" * 44, "xx_" + "a" * 43, "vm_" + "ä" * 43))


def test_a_secret_is_shown_once_and_kept_nowhere(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """Not in a repeated answer, a list, the log, an error, or any file of the workspace; it lets its owner in."""
    admin = office.as_("admin", name="Boss")
    body = {"name": "Rui", "role": "viewer"}
    first = admin.post("/api/v2/tokens", body, key="k")
    secret = first.json()["secret"]
    again = admin.post("/api/v2/tokens", body, key="k")
    assert again.json() == {**first.json(), "secret": None}
    assert office.client(secret).get("/api/v2/session").json()["actor_id"] == "Rui"
    refused = office.client(f"{secret}x").get(f"/api/v2/brands?token={secret}")
    texts = [admin.get("/api/v2/tokens").text, admin.get("/api/v2/brands").text, refused.text, caplog.text]
    assert [text for text in texts if secret in text] == []
    root: Path = office.app.state.workspace.root
    files = [path for path in root.rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if secret.encode() in path.read_bytes()] == []


def test_a_token_is_told_of_by_the_log(office: Office) -> None:
    """TokenCreated with the digest and who made it, TokenRevoked; the actor is who asked."""
    admin = office.as_("admin", name="Boss")
    made = admin.make("/api/v2/tokens", {"name": "Rui", "role": "editor", "expires_days": 30})
    admin.make(f"/api/v2/tokens/{made['token_id']}/revocation")
    with office.host.database.read() as connection:
        events = connection.exec_driver_sql(
            "SELECT event_type, actor_id, payload ->> 'sha256', payload ->> 'created_by' FROM events"
            " WHERE stream_id = ? ORDER BY stream_version",
            (f"token:{made['token_id']}",),
        ).all()
    assert [tuple(event) for event in events] == [
        ("TokenCreated", "Boss", keys.digest_of(made["secret"]), "Boss"),
        ("TokenRevoked", "Boss", None, None),
    ]


def test_who_acts_is_the_tokens_owner(office: Office) -> None:
    """The actor of every event, whatever headers and bodies say."""
    api = office.as_("editor", name="Ana")
    lies = {"x_actor": "Boss", "x_forwarded_user": "Boss", "from": "boss@example.org"}
    brand_id = api.post("/api/v2/brands", {"name": "Aurora"}, **lies).json()["brand_id"]
    assert api.post("/api/v2/brands", {"name": "x", "actor_id": "Boss"}).status_code == 422
    project_id = api.project(brand_id)["project_id"]
    thread = api.make("/api/v2/threads", {"brand_id": brand_id, "project_id": project_id, "title": "T"})
    assert api.run(thread["thread_id"])["requested_by"] == "Ana"
    comment = api.make(f"/api/v2/threads/{thread['thread_id']}/comments", {"text": "x"})
    assert comment["actor_id"] == "Ana"
    items = api.read(f"/api/v2/threads/{thread['thread_id']}/timeline?limit=200")["items"]
    assert {item["actor_id"] for item in items if item["actor_type"] == "human"} == {"Ana"}


def test_an_approval_is_the_approvers(office: Office) -> None:
    """An editor is refused, with the role that is needed; the approver's name stands in the log."""
    editor, approver = office.as_("editor", name="Ana"), office.as_("approver", name="Rui")
    thread_id = editor.thread()
    run = editor.run(thread_id, mode="gated")
    path = f"/api/v2/workflow-runs/{run['run_id']}/stages/brief/approval"
    body = {"manifest_sha256": run["stages"][0]["manifest_sha256"]}
    refused = editor.post(path, body)
    assert refused.status_code == 403
    assert refused.json()["detail"] == "The operation needs the role approver; this token has the role editor."
    assert approver.post(path, body).status_code == 200
    items = editor.read(f"/api/v2/threads/{thread_id}/timeline?limit=200")["items"]
    assert [item["actor_id"] for item in items if item["event_type"] == "ApprovalGranted"] == ["Rui"]
    assert office.refusals() == [{"reason": "role", "operation": "approveStage", "name": "Ana"}]


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer vm_wrong"},
        {"Authorization": f"Bearer {'vm_' + 'a' * 43}"},
        {"Authorization": f"Bearer {'a' * 5_000}"},
        {"Authorization": "Basic dm06dm0="},
        {"Authorization": ""},
        {"Cookie": "vm_session=vm_wrong"},
        {"Cookie": f"vm_session={'vm_' + 'a' * 43}"},
    ],
)
def test_what_is_no_token_lets_nobody_in(office: Office, headers: dict[str, str]) -> None:
    """401, which says that the token is the fault."""
    answer = office.client().get("/api/v2/brands", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="vm", error="invalid_token"'
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_token_counts_in_its_header_alone(office: Office) -> None:
    """Not in the query, not in a body, not in another header, not as the cookie."""
    secret = office.token("admin")[1]
    client = office.client()
    answers = [
        client.get(f"/api/v2/brands?token={secret}&access_token={secret}"),
        client.get("/api/v2/brands", headers={"X-Api-Key": secret, "Proxy-Authorization": f"Bearer {secret}"}),
        client.get("/api/v2/brands", headers={"Cookie": f"vm_session={secret}; token={secret}"}),
        client.post("/api/v2/brands", json={"name": "x", "token": secret}, headers={"Idempotency-Key": "k"}),
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 401]
    assert client.get("/api/v2/brands", headers={"authorization": f"bEaReR  {secret} "}).status_code == 200


def test_a_wrong_header_is_not_made_up_for_by_a_cookie(office: Office) -> None:
    """Whoever shows a token is asked for that one."""
    secret = office.token("viewer")[1]
    client = office.client()
    client.post("/api/v2/session", json={"token": secret})
    assert client.get("/api/v2/brands").status_code == 200
    assert client.get("/api/v2/brands", headers={"Authorization": "Bearer vm_wrong"}).status_code == 401


def test_a_token_expires(office: Office) -> None:
    """At its time, not before; one that never does goes on."""
    now = datetime.now(UTC)
    _, short = office.token("viewer", days=1)
    _, endless = office.token("viewer", days=None)
    for later, expected in ((timedelta(hours=23), [200, 200]), (timedelta(hours=25), [401, 200])):
        office.host.commands.clock = _at(now + later)
        assert [office.client(one).get("/api/v2/brands").status_code for one in (short, endless)] == expected
    detail = office.client(short).get("/api/v2/brands").json()["detail"]
    assert detail == "This token has expired."
    assert office.refusals()[0]["reason"] == "expired_token"


def _at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def test_without_the_view_nobody_is_let_in(office: Office) -> None:
    """503 where the database cannot say who it is, not a failure and not an open door."""
    secret = office.token("admin")[1]
    office.host.database.write(lambda connection: connection.exec_driver_sql("DROP TABLE tokens_view"))
    answer = office.client(secret).get("/api/v2/brands")
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")


def test_a_revoked_token_lets_nobody_in(office: Office) -> None:
    """From the next request on, the one that revoked itself included."""
    token_id, secret = office.token("admin")
    client = office.client(secret)
    answer = client.post(f"/api/v2/tokens/{token_id}/revocation", headers={"Idempotency-Key": "k"})
    assert answer.status_code == 200
    after = client.get("/api/v2/brands")
    assert (after.status_code, after.json()["detail"]) == (401, "This token was revoked.")
    again = office.as_("admin").post(f"/api/v2/tokens/{token_id}/revocation")
    assert again.json()["revoked_at"] == answer.json()["revoked_at"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "A", "role": "owner"}, "/role"),
        ({"name": "A", "role": "viewer", "expires_days": 0}, "/expires_days"),
        ({"name": "A", "role": "viewer", "expires_days": 3651}, "/expires_days"),
        ({"name": "vm", "role": "viewer"}, "/name"),
        ({"name": "a\u200bb", "role": "viewer"}, "/name"),
        ({"name": "A", "role": "viewer", "sha256": "0"}, "/sha256"),
    ],
)
def test_a_token_that_cannot_be_is_refused(api: Api, body: dict[str, object], pointer: str) -> None:
    """422, with the place."""
    answer = api.post("/api/v2/tokens", body)
    assert (answer.status_code, [one["pointer"] for one in answer.json()["errors"]]) == (422, [pointer])


def test_tokens_can_be_made_before_authentication_is_on(api: Api) -> None:
    """By the owner on the machine itself; a brand that is not there is 404."""
    made = api.make("/api/v2/tokens", {"name": "Ana", "role": "admin", "expires_days": None})
    assert (made["created_by"], made["expires_at"]) == (OWNER.id, None)
    missing = api.post("/api/v2/tokens", {"name": "Ana", "role": "admin", "brand_id": "b-none"})
    assert missing.json()["detail"] == "There is no brand 'b-none'."


def test_without_authentication_a_token_is_not_looked_at(api: Api) -> None:
    """The owner acts, whatever a header says."""
    answer = api.get("/api/v2/session", authorization="Bearer vm_wrong")
    assert answer.json() == {"actor_id": "workspace-owner", "role": "admin", "brand_id": None, "auth": "off"}


def test_one_actors_receipt_is_not_anothers(office: Office) -> None:
    """The same key and body of two people are two requests; of one person with two tokens they are one."""
    body = {"name": "Aurora"}
    ana, ana_again, rui = (office.as_("editor", name=name) for name in ("Ana", "Ana", "Rui"))
    answers = [one.post("/api/v2/brands", body, key="k") for one in (ana, ana_again, rui)]
    ids = [answer.json()["brand_id"] for answer in answers]
    assert ids[0] == ids[1] != ids[2]
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers] == [None, "true", None]


def test_a_stored_answer_needs_the_role_as_well(office: Office) -> None:
    """A person who was given less gets no answer from before."""
    body = {"name": "Aurora"}
    assert office.as_("editor").post("/api/v2/brands", body, key="k").status_code == 200
    assert office.as_("viewer").post("/api/v2/brands", body, key="k").status_code == 403


def test_the_view_of_tokens_is_rebuilt_from_the_log(office: Office) -> None:
    """Emptied views are not current; afterwards the same tokens are let in and the same ones are not."""
    kept, gone = office.token("viewer"), office.token("viewer")
    office.host.commands.handle(RevokeToken(token_id=gone[0]), by=OWNER)
    database = office.host.database
    database.write(lambda connection: connection.exec_driver_sql("DELETE FROM tokens_view"))
    with database.read() as connection:
        assert not projections.is_current(connection)
    assert office.client(kept[1]).get("/api/v2/brands").status_code == 401
    database.write(projections.restore)
    with database.read() as connection:
        assert projections.is_current(connection)
    assert [office.client(one[1]).get("/api/v2/brands").status_code for one in (kept, gone)] == [200, 401]
