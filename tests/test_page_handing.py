"""Handing on: copied, printed, downloaded, as a Word document, by a link."""

import io
import zipfile
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from page_kit import page, until, whole_browser
from page_shelf import PLAN, Shelf, open_file, refuse, shelf

COVERED = """menu => [...menu.querySelectorAll("a, button")].map((item) => [item, item.getBoundingClientRect()])
    .filter(([item, { x, y, width, height }]) =>
        !item.contains(document.elementFromPoint(x + width / 2, y + height - 2)))
    .map(([item]) => item.innerText)"""

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
__all__ = ["page", "shelf"]

browser = whole_browser


def test_copy_takes_the_formatting_along(shelf: Shelf, page: Page) -> None:
    """The clipboard holds clean HTML, headings from the first level, and the Markdown as plain text."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_file(page, shelf, "note.md")
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator("[data-action=copy][data-copied]")).to_be_visible()

    found = clipboard(page)
    assert "<h1>The plan</h1>" in found["text/html"]
    assert "<strong>strong</strong>" in found["text/html"]
    assert "class=" not in found["text/html"]
    assert found["text/plain"] == PLAN


def test_copy_works_where_there_is_no_clipboard_interface(shelf: Shelf, page: Page) -> None:
    """On an insecure address the older way of copying is used, formatting included."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.add_init_script("delete globalThis.ClipboardItem")
    open_file(page, shelf, "rich.md")
    page.get_by_role("button", name="Copy", exact=True).click()

    expect(page.locator("[data-action=copy][data-copied]")).to_be_visible()


def test_refused_copy_says_what_to_do(shelf: Shelf, page: Page) -> None:
    """Where the browser allows no copying the page says so instead of pretending."""
    page.add_init_script("delete globalThis.ClipboardItem; Document.prototype.execCommand = () => false;")
    open_file(page, shelf, "note.md")
    page.get_by_role("button", name="Copy", exact=True).click()

    expect(page.locator("vm-notices")).to_contain_text("The browser did not allow copying.")


def test_paper_shows_the_deliverable_alone(shelf: Shelf, page: Page) -> None:
    """In print nothing of the page is left but the text, also at night."""
    page.emulate_media(media="print", color_scheme="dark")
    open_file(page, shelf, "note.md")

    for part in (".top", ".side", ".beside", ".reader-head", ".contents", "vm-request", "vm-run", "vm-artifacts"):
        expect(page.locator(part).first).to_be_hidden()
    expect(page.get_by_role("heading", name="Part 8")).to_be_visible()
    ground = page.evaluate("getComputedStyle(document.querySelector('.prose')).color")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light", ground


def test_nothing_is_cut_off_at_the_edge_of_the_paper(shelf: Shelf, page: Page) -> None:
    """What scrolls on the page is broken into lines in print, also where there is no space in it."""
    open_file(page, shelf, "rich.md")
    page.locator(".prose pre code").evaluate("(code) => (code.textContent = 'https://example.org/' + 'x'.repeat(400))")
    page.set_viewport_size({"width": 680, "height": 900})
    page.emulate_media(media="print")

    assert page.evaluate("document.documentElement.scrollWidth") <= 680


def test_calendar_on_paper_lists_every_week(shelf: Shelf, page: Page) -> None:
    """Before printing the month gives way to all of the calendar's weeks, and comes back afterwards."""
    open_file(page, shelf, "dates.ics")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator(".agenda-day")).to_have_count(4)
    page.evaluate("dispatchEvent(new Event('afterprint'))")

    expect(page.locator(".month")).to_be_visible()


def test_handing_on_gives_file_stage_version_and_word(shelf: Shelf, page: Page) -> None:
    """One file, one stage and the version are downloads, and Markdown comes as a Word document."""
    open_file(page, shelf, "note.md")
    single = handed(page, "Download note.md")
    stage = handed(page, "Download all of “Note”")
    whole = handed(page, "Download the whole version")
    word = handed(page, "Download as Word document", role="button")
    calendar = handed(page, "Add to your calendar program")

    assert single == PLAN.encode()
    assert any(name.endswith("artifacts/note.md") for name in zipfile.ZipFile(io.BytesIO(stage)).namelist())
    assert "run.json" in zipfile.ZipFile(io.BytesIO(whole)).namelist()
    assert "word/document.xml" in zipfile.ZipFile(io.BytesIO(word)).namelist()
    assert calendar.startswith(b"BEGIN:VCALENDAR")


@pytest.mark.parametrize("status", [404, 501])
def test_server_without_word_says_so(shelf: Shelf, browser: Browser, status: int) -> None:
    """Where the server makes no Word documents the page says so, and what to do instead."""
    page = browser.new_page(locale="en-GB")
    page.route("**/note.md?as=docx", lambda route: refuse(route, status))
    page.goto(shelf.file("note.md"))
    page.get_by_text("Hand on").click()
    page.get_by_role("button", name="Download as Word document").click()

    expect(page.locator("vm-notices")).to_contain_text("This server does not make Word documents.")
    page.close()


def test_link_to_a_file_opens_it_elsewhere(shelf: Shelf, page: Page) -> None:
    """The copied link opens the same file of the same version in another window."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_file(page, shelf, "rows.csv")
    page.get_by_text("Hand on").click()
    page.get_by_role("button", name="Copy link to this file").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    other = page.context.new_page()
    other.goto(page.evaluate("navigator.clipboard.readText()"))

    expect(other.locator("#reader-title")).to_have_text("rows.csv")
    expect(other.locator("vm-table")).to_contain_text("1,000 rows")


@pytest.mark.parametrize(("width", "height"), [(1280, 620), (390, 844)])
@pytest.mark.parametrize("room", [120, 180, 260])
def test_every_way_of_handing_on_can_be_pressed(shelf: Shelf, page: Page, width: int, height: int, room: int) -> None:
    """Wherever its button stands, all of the open menu is in sight, and nothing lies over it."""
    page.set_viewport_size({"width": width, "height": height})
    open_file(page, shelf, "note.md")
    page.locator("vm-thread").evaluate("one => { one.style.paddingBlockStart = '100vh'; }")
    button = page.locator("[data-action=hand-on]")
    button.evaluate("(one, room) => scrollBy(0, one.getBoundingClientRect().bottom - innerHeight + room)", room)
    button.click()
    menu = page.locator(".handing .menu-items")
    expect(menu).to_be_visible()
    until(page, lambda: menu.evaluate(COVERED) == [])


def handed(page: Page, label: str, *, role: Literal["link", "button"] = "link") -> bytes:
    """What an entry of the menu downloads."""
    page.locator("[data-action=hand-on]").click()
    with page.expect_download() as download:
        page.get_by_role(role, name=label).click()
    return Path(download.value.path()).read_bytes()


def clipboard(page: Page) -> dict[str, str]:
    """The clipboard's texts, by type."""
    found: dict[str, str] = page.evaluate(
        """async () => {
            const [item] = await navigator.clipboard.read();
            const texts = item.types.map(async (type) => [type, await (await item.getType(type)).text()]);
            return Object.fromEntries(await Promise.all(texts));
        }"""
    )
    return found
