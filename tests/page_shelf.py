"""A server with a file of every kind to read; a module of tests takes `shelf` over."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from page_library import Library
from page_server import PageServer

PLAN = "# The plan\n\nOne **strong** idea.\n\n" + "".join(
    f"## Part {number}\n\n" + "A paragraph that says what this part is about, at some length. " * 12 + "\n\n"
    for number in range(1, 9)
)
RICH = """# Rich

| Channel | Share | What happens there |
|---|---:|---|
| Mail | 45 % | A letter each week that people look forward to, with one thing to do |

- [x] done
- [ ] open

```text
a line of code that is too long for any narrow column, so that it scrolls inside itself and never widens the page
```

7. seventh
8. eighth

![Our mark](mark.svg) ![From elsewhere](https://evil.example/pixel.png)
"""
ROWS = "name,amount,note\n" + "".join(
    f"Row {number},{number * 37 % 1000}.50,{'odd' if number % 2 else 'even'}\n" for number in range(1, 1001)
)
ICS = (
    "BEGIN:VCALENDAR\r\nX-WR-CALNAME:Spring\r\n"
    "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270304\r\nSUMMARY:Mail: First let\r\n ter\r\n"
    "DESCRIPTION:Say hello\\, kindly\\nand ask\r\nEND:VEVENT\r\n"
    'BEGIN:VEVENT\r\nDTSTART;TZID="Europe/Berlin":20270304T183000\r\n'
    "SUMMARY:Open evening\r\nLOCATION:The mill\r\nRRULE:FREQ=WEEKLY\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270405\r\nDTEND;VALUE=DATE:20270408\r\nSUMMARY:Fair\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nDTSTART:garbled\r\nSUMMARY:Nowhere\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
CALENDAR = (
    '{"title": "Spring", "weeks": [{"entries": [{"on": "2027-03-04", "title": "First letter", "channel_name": "Mail", '
    '"brief": "Say hello"}]}], "milestones": [{"on": "2027-03-01", "label": "Start"}]}'
)
TREE = (
    '{"title": "A tree", "many": ['
    + ",".join(str(number) for number in range(250))
    + '], "deep": {"down": {"here": true}}}'
)
MARK = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40" fill="teal"/></svg>'
RIGHT_TO_LEFT = "# תוכנית האביב\n\nמכתב אחד.\n\n- אחת\n- שתיים\n\n> ציטוט\n\nOne line in English.\n"
FILES = {
    "note.md": PLAN,
    "rich.md": RICH,
    "rows.csv": ROWS,
    "dates.ics": ICS,
    "calendar.json": CALENDAR,
    "tree.json": TREE,
    "broken.json": "{not json",
    "broken.ics": "BEGIN:NOTHING",
    "empty.csv": "",
    "empty.md": "\n",
    "empty.json": "",
    "empty.ics": "\n",
    "mark.svg": MARK,
    "right.md": RIGHT_TO_LEFT,
    "plain.txt": "Plain <b>text</b>\n",
    "data.bin": "bytes",
    "large.md": "word " * 500_000,
}
GATED_MODE = "gated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A server and what there is to read on it."""

    server: PageServer
    thread_id: str
    run_id: str
    gated_id: str

    def file(self, name: str, *, run_id: str | None = None) -> str:
        """The address of a file in the page."""
        return f"{self.server.url}/#/runs/{run_id or self.run_id}/files/note/{name}"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    root = tmp_path_factory.mktemp("reading")
    with Library(root) as library:
        thread_id = library.thread()
        prompt = {"template": "brief", "version": "1.4.2", "sha256": "0" * 64, "model": "test:dictated"}
        run_id = library.version(thread_id, FILES, request="Write the plan", prompt=prompt)
        gated = library.version(library.thread("Gated"), {"note.md": "# Waits\n"}, request="Decide", mode=GATED_MODE)
        stage = library.api.read(f"/api/v2/workflow-runs/{gated}")["stages"][0]
        decision = {"manifest_sha256": stage["manifest_sha256"], "comment": "Just right"}
        library.api.make(f"/api/v2/workflow-runs/{gated}/stages/note/approval", decision)
    server = PageServer(root)
    server.start()
    yield Shelf(server=server, thread_id=thread_id, run_id=run_id, gated_id=gated)
    server.kill()


def open_file(page: Page, shelf: Shelf, name: str) -> None:
    """Read a file; waits until it is on show."""
    page.goto(shelf.file(name))
    expect(page.locator("#reader-title")).to_have_text(name)
    expect(page.locator(".reader[data-status=ready]")).to_be_visible()


def refuse(route: Route, status: int, *, code: str = "not_found") -> None:
    """Answer with a problem instead of the server."""
    body: dict[str, Any] = {"type": f"urn:vm:{code}", "title": "No", "status": status, "code": code, "detail": "No"}
    route.fulfill(status=status, json=body, content_type="application/problem+json")
