"""Lists in pages: newest first, stable while rows are added, with cursors nobody can guess wrong."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_webapp.api.paging import decode_cursor, encode_cursor
from vm_webapp.errors import Invalid

from api_client import Api, fresh_api

api = fresh_api


def test_pages_follow_each_other_while_rows_are_added(api: Api) -> None:
    """Rows that come meanwhile appear on no later page, and nothing is missed or repeated."""
    made = [api.brand(f"Brand {number}") for number in range(7)]
    seen: list[str] = []
    path: str | None = "/api/v2/brands?limit=3"
    while path:
        answer = api.get(path)
        seen += [row["brand_id"] for row in answer.json()["brands"]]
        api.brand("Meanwhile")
        link = answer.headers.get("Link")
        assert (link is None) == (answer.json()["next"] is None)
        path = re.fullmatch(r'<(.+)>; rel="next"', link)[1] if link else None  # type: ignore[index]  # it matches
    assert seen == made[::-1]


def test_a_full_last_page_has_no_next(api: Api) -> None:
    """`next` is null when there is nothing more, also when the page is full."""
    for number in range(2):
        api.brand(f"Brand {number}")
    assert api.read("/api/v2/brands?limit=2")["next"] is None
    assert api.read("/api/v2/brands?limit=1")["next"] is not None


def test_every_list_is_paged(api: Api) -> None:
    """Each list answers a page of one with a cursor that leads on, and keeps its filters in the link."""
    thread_id = api.thread()
    project = api.project(api.brand())
    api.make("/api/v2/projects", {"brand_id": project["brand_id"], "name": "Second"})
    for title in ("one", "two"):
        api.make(f"/api/v2/threads/{thread_id}/comments", {"text": title})
        api.make(f"/api/v2/threads/{thread_id}/tasks", {"title": title})
        api.run(thread_id)
        api.thread(title)
    lists = {
        "/api/v2/brands?limit=1": "brands",
        f"/api/v2/projects?brand_id={project['brand_id']}&limit=1": "projects",
        "/api/v2/threads?limit=1": "threads",
        f"/api/v2/threads/{thread_id}/comments?limit=1": "comments",
        f"/api/v2/threads/{thread_id}/tasks?status=open&limit=1": "tasks",
        f"/api/v2/threads/{thread_id}/timeline?limit=1": "items",
        f"/api/v2/threads/{thread_id}/workflow-runs?limit=1": "runs",
        "/api/v2/workflow-runs?status=completed&limit=1": "runs",
    }
    for path, name in lists.items():
        first = api.get(path)
        link = first.headers["Link"].removeprefix("<").partition(">")[0]
        assert link.startswith(path)
        second = api.read(link)
        assert len(second[name]) == 1
        assert second[name] != first.json()[name]


@pytest.mark.parametrize(
    "cursor", ["", "x", "!!!", "MQ==", "LTE", "MDE", "OTk5OTk5OTk5OTk5OTk5OTk5OTk", "w6Q", "a" * 101]
)
def test_a_cursor_that_no_list_gave_is_refused(api: Api, cursor: str) -> None:
    """422, whatever it is."""
    for path in ("/api/v2/brands", "/api/v2/workflow-runs"):
        assert api.get(f"{path}?after={cursor}").status_code == 422


@given(st.integers(0, 2**63 - 1))
def test_a_cursor_leads_back_to_its_position(position: int) -> None:
    """Encoding and decoding are inverse."""
    assert decode_cursor(encode_cursor(position)) == position


@given(st.text(max_size=40))
def test_any_other_text_is_no_cursor(text: str) -> None:
    """A text is refused unless it is exactly what a list would have given."""
    try:
        position = decode_cursor(text)
    except Invalid:
        return
    assert encode_cursor(position) == text
