"""The command palette reaches every verb: whatever has a button somewhere is a line in it, and does the same."""

import pytest
from playwright.sync_api import Page, expect

from page_kit import browser, page, server, until
from page_server import PageServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
__all__ = ["browser", "page", "server"]

# Buttons that only open or fold what others do, or that scrolling does as well.
_DOORS = {"hand-on", "older"}


def test_every_button_has_its_verb(server: PageServer, page: Page) -> None:
    """Reading, comparing, editing, deciding and in the inbox: what can be pressed can be typed."""
    place = server.make_place("The autumn range", name="Palette")
    first = server.make_run(place["thread_id"], "Plan the spring launch")
    second = server.make_run(place["thread_id"], "Plan it smaller")
    waits = server.make_run(place["thread_id"], "Launch the rye loaf", mode="reviewed")
    best = {"run_id": first["run_id"], "reason": "Short"}
    server.post(f"/api/v2/threads/{place['thread_id']}/best-version", best)
    read = f"{server.url}/#/runs/{second['run_id']}"
    for address, ready, seen in (
        (read, ".reader .prose", {"copy", "compare", "origin", "source", "edit", "best", "fork", "download-word"}),
        (f"{read}/files/schedule/schedule.ics", "vm-calendar .month", {"calendar-view", "download-stage"}),
        (f"{read}/compared-with/{first['run_id']}", ".comparison[data-status=ready]", {"swap", "close"}),
        (f"{server.url}/#/runs/{first['run_id']}", ".reader .prose", {"unbest", "link-file", "print", "rename"}),
        (f"{server.url}/#/runs/{waits['run_id']}", "vm-approval .approval", {"approve", "reject", "cancel"}),
        (f"{server.url}/#/inbox", ".inbox-decision .approval", {"approve", "reject", "open-item"}),
    ):
        page.goto(address)
        expect(page.locator(ready).first).to_be_visible()
        buttons = _buttons(page) - _DOORS
        assert seen <= buttons
        assert _without_verb(page, buttons) == set()
    page.goto(read)
    page.locator("[data-action=edit]").click()
    expect(page.locator(".editor-preview .prose")).to_be_visible()
    assert _without_verb(page, {"save", "stop-editing"}) == set()


def test_a_file_is_handed_on_from_the_palette(server: PageServer, page: Page) -> None:
    """One file, its stage, the version and the Word document are downloaded, links copied and printing asked for."""
    run = server.make_run(server.make_thread(), "Plan the spring launch")
    address = f"{server.url}/#/runs/{run['run_id']}"
    page.goto(f"{address}/files/schedule/schedule.md")
    expect(page.locator(".reader .prose")).to_be_visible()
    for typed, name in (
        ("download schedule.md", "schedule.md"),
        ("word", "schedule.docx"),
        ("calendar program", "schedule.ics"),
    ):
        with page.expect_download() as download:
            _choose(page, typed)
        assert download.value.suggested_filename == name
    for typed in ("download all of", "download the whole version"):
        with page.expect_download() as download:
            _choose(page, typed)
        assert download.value.suggested_filename.endswith(".zip")
    page.evaluate("window.print = () => { window.printed = true; }")
    _choose(page, "print")
    assert page.evaluate("window.printed") is True
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    _choose(page, "link to this version")
    expect(page.get_by_text("Link copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == address


def test_a_file_is_read_in_every_way_from_the_palette(server: PageServer, page: Page) -> None:
    """Source, origin, copying, the next file and the comparison are a few letters away."""
    thread_id = server.make_thread()
    server.make_run(thread_id, "Plan the spring launch")
    run = server.make_run(thread_id, "Plan it smaller")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{server.url}/#/runs/{run['run_id']}/files/brief/brief.md")
    expect(page.locator(".reader .prose")).to_be_visible()
    _choose(page, "show the source")
    expect(page.locator(".reader pre.plain")).to_contain_text("# Brief")
    _choose(page, "formatted")
    expect(page.locator(".reader .prose")).to_be_visible()
    _choose(page, "show where this comes from")
    expect(page.locator(".origin")).to_be_visible()
    _choose(page, "copy the text")
    expect(page.locator("[data-action=copy][data-copied]")).to_be_attached()
    assert "# Brief" in page.evaluate("navigator.clipboard.readText()")
    _choose(page, "next file")
    expect(page.locator("#reader-title")).to_have_text("message.md")
    _choose(page, "compare with another")
    expect(page.locator(".comparison[data-status=ready]")).to_be_visible()
    _choose(page, "back to reading")
    expect(page.locator("#reader-title")).to_have_text("message.md")


def test_the_thread_is_kept_in_order_from_the_palette(server: PageServer, page: Page) -> None:
    """A task is completed, the project opened in its form, a kind of work offered first and no longer."""
    place = server.make_place(name="Order")
    thread = f"/api/v2/threads/{place['thread_id']}"
    server.make_run(place["thread_id"], "Plan the spring launch")
    server.post(f"{thread}/tasks", {"title": "Call the printer"})
    page.goto(f"{server.url}/#/threads/{place['thread_id']}")
    expect(page.locator(".reader .prose")).to_be_visible()
    _choose(page, "complete call the printer")
    expect(page.get_by_text("1 completed task")).to_be_visible()
    _choose(page, "edit the project")
    expect(page.get_by_role("dialog").get_by_label("Name")).to_have_value("Order")
    page.keyboard.press("Escape")
    _choose(page, "offer “Reviewed campaign” first")
    until(page, lambda: "reviewed" in server.get(thread)["modes"])
    _choose(page, "no longer offer “Reviewed campaign”")
    until(page, lambda: "reviewed" not in server.get(thread)["modes"])


def test_inbox_items_are_walked_and_opened_from_the_palette(server: PageServer, page: Page) -> None:
    """What the inbox's keys do stands in the palette with these keys."""
    thread_id = server.make_thread("Walked")
    for text in ("First of two", "Second of two"):
        server.post(f"/api/v2/threads/{thread_id}/tasks", {"title": text})
    page.goto(f"{server.url}/#/inbox")
    chosen = page.locator(".inbox-row[aria-current=true]")
    expect(chosen).to_contain_text("Second of two")
    _choose(page, "next thing")
    expect(chosen).to_contain_text("First of two")
    _choose(page, "mark as done")
    expect(page.locator(".inbox-row", has_text="First of two")).to_have_count(0)
    _choose(page, "open in its thread")
    expect(page).not_to_have_url(f"{server.url}/#/inbox")


def _choose(page: Page, typed: str) -> None:
    """Type it into the palette, and take the first line."""
    page.keyboard.press("Control+k")
    page.locator("#palette-input").fill(typed)
    page.keyboard.press("Enter")
    expect(page.locator(".palette")).to_have_count(0)


def _buttons(page: Page) -> set[str]:
    """The buttons in sight, with those in menus and folds whose door is in sight."""
    found = page.evaluate(
        """[...document.querySelectorAll("[data-action]")]
            .filter((one) => (one.closest("details")?.querySelector("summary") ?? one).checkVisibility())
            .map(({ dataset }) => dataset.action)"""
    )
    return set(found)


def _without_verb(page: Page, buttons: set[str]) -> set[str]:
    """The buttons without a line in the palette; verbs about one stage or kind of work carry its key behind."""
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-input")).to_be_focused()
    verbs = page.eval_on_selector_all("[data-verb]", "all => all.map(({ dataset }) => dataset.verb)")
    page.keyboard.press("Escape")
    expect(page.locator(".palette")).to_have_count(0)
    return {button for button in buttons if not any(verb == button or verb.startswith(f"{button}-") for verb in verbs)}
