"""Live events: of one brand for a token of one, without what is for admins, and no longer than the token lives."""

from collections.abc import Iterator, Mapping

import httpx2
import pytest
from fastapi.testclient import TestClient

from access_client import Office, guarded
from vm_webapp.app import create_app
from vm_webapp.commands import OWNER
from vm_webapp.domain.access_tokens import RevokeToken
from vm_webapp.settings import Settings

from api_client import Api, serving
from fixed_writer import FixedWriter


@pytest.fixture
def live(settings: Settings, writer: FixedWriter) -> Iterator[tuple[Office, str]]:
    """An office, and the URL of its real server."""
    app = create_app(guarded(settings), llm=writer)
    with serving(app) as url:
        yield Office(app), url


def follow(url: str, secret: str, path: str, *, until: str, **headers: str) -> list[Mapping[str, str]]:
    """The events of a stream up to the first one of the type `until`, or to its end."""
    shown = {"Authorization": f"Bearer {secret}", **headers}
    found: list[Mapping[str, str]] = []
    with httpx2.Client(base_url=url, timeout=30) as client, client.stream("GET", path, headers=shown) as stream:
        assert stream.status_code == 200
        fields: dict[str, str] = {}
        for line in stream.iter_lines():
            name, _, value = line.partition(": ")
            if line and name:
                fields[name] = value
            elif "data" in fields:
                found.append(fields)
                if fields["event"] == until:
                    return found
                fields = {}
    return found


def conversation(api: Api, brand_id: str, *texts: str) -> str:
    """A thread of the brand with these comments."""
    project_id = api.project(brand_id)["project_id"]
    values = {"brand_id": brand_id, "project_id": project_id, "title": "T"}
    thread_id = str(api.make("/api/v2/threads", values)["thread_id"])
    for text in texts:
        api.make(f"/api/v2/threads/{thread_id}/comments", {"text": text})
    return thread_id


@pytest.mark.parametrize("header", [False, True])
def test_all_events_are_those_of_the_brand(live: tuple[Office, str], header: bool) -> None:  # noqa: FBT001 - a case
    """From the beginning, by query or by Last-Event-ID: nothing of another brand, nothing of tokens or refusals."""
    office, url = live
    admin = office.as_("admin")
    own, other = admin.brand("Aurora"), admin.brand("Nightingale")
    conversation(admin, other, "Nightingale says")
    thread_id = conversation(admin, own, "ours")
    conversation(admin, other, "Nightingale again")
    secret = office.token("admin", own)[1]
    office.client("vm_wrong").get("/api/v2/brands")
    admin.make(f"/api/v2/threads/{thread_id}/closing")
    headers = {"Last-Event-ID": "0"} if header else {}
    path = "/api/v2/events" if header else "/api/v2/events?after=0"
    events = follow(url, secret, path, until="ThreadClosed", **headers)
    assert "Nightingale" not in str(events)
    assert [event["event"] for event in events] == [
        "BrandCreated",
        "ProjectCreated",
        "ThreadCreated",
        "CommentAdded",
        "ThreadClosed",
    ]


def test_who_is_let_in_is_shown_to_admins_of_all_brands(live: tuple[Office, str]) -> None:
    """Tokens and refusals are among their live events, and not among an editor's."""
    office, url = live
    editor, admin = office.token("editor", name="Ana")[1], office.token("admin", name="Boss")[1]
    office.client("vm_wrong").get("/api/v2/brands")
    office.brand("Aurora")
    assert [one["event"] for one in follow(url, editor, "/api/v2/events?after=0", until="BrandCreated")] == [
        "BrandCreated"
    ]
    seen = [one["event"] for one in follow(url, admin, "/api/v2/events?after=0", until="BrandCreated")]
    assert seen == ["TokenCreated", "TokenCreated", "AccessRefused", "BrandCreated"]


def test_a_foreign_thread_cannot_be_followed(live: tuple[Office, str]) -> None:
    """404 before anything is streamed, with Last-Event-ID too."""
    office, url = live
    admin = office.as_("admin")
    own, other = admin.brand("Aurora"), admin.brand("Nightingale")
    thread_id = conversation(admin, other, "Nightingale says")
    shown = {"Authorization": f"Bearer {office.token('admin', own)[1]}", "Last-Event-ID": "0"}
    answer = httpx2.get(f"{url}/api/v2/threads/{thread_id}/events?after=0", headers=shown)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "Nightingale" not in answer.text


@pytest.mark.parametrize("path", ["/api/v2/events?after=0", "/api/v2/threads/{thread_id}/events?after=0"])
def test_a_revocation_ends_a_stream(live: tuple[Office, str], path: str) -> None:
    """The stream that is open ends by itself, and what happens afterwards is not sent."""
    office, url = live
    admin = office.as_("admin")
    thread_id = conversation(admin, admin.brand("Aurora"), "before")
    token_id, secret = office.token("viewer", name="Rui")
    shown = {"Authorization": f"Bearer {secret}"}
    where = path.format(thread_id=thread_id)
    lines: list[str] = []
    with httpx2.Client(base_url=url, timeout=30) as client, client.stream("GET", where, headers=shown) as stream:
        for line in stream.iter_lines():
            lines.append(line)
            assert "afterwards" not in line
            if line == "event: CommentAdded":
                office.host.commands.handle(RevokeToken(token_id=token_id), by=OWNER)
                admin.make(f"/api/v2/threads/{thread_id}/comments", {"text": "afterwards"})
    assert "event: CommentAdded" in lines
    assert httpx2.get(f"{url}{where}", headers=shown).status_code == 401


def test_a_stream_of_the_owner_goes_on_without_a_token(settings: Settings, writer: FixedWriter) -> None:
    """With authentication off all events are the owner's, tokens too."""
    app = create_app(settings, llm=writer)
    with serving(app) as url:
        api = Api(TestClient(app))
        api.make("/api/v2/tokens", {"name": "Ana", "role": "viewer"})
        api.brand()
        events = follow(url, "vm_wrong", "/api/v2/events?after=0", until="BrandCreated")
    assert [event["event"] for event in events] == ["TokenCreated", "BrandCreated"]
