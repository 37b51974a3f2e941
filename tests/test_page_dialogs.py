"""Every dialog of the page: reachable, without an accessibility violation, and gone with Escape."""

import pytest
from playwright.sync_api import Browser, Page, expect

from page_kit import assert_sound, browser, server, watched_page
from page_server import PageServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
__all__ = ["browser", "server"]

# What to type into the palette, and the heading of the dialog that opens; for the palette's own sake nothing is typed.
DIALOGS = {
    "mark this version": "is the best so far",
    "start a new version": "starts from an old one",
    "revision of": "Revise",
    "rules of the brand": "Rules of",
    "edit the brand": "Edit",
    "edit the project": "Edit",
    "rename the thread": "Rename",
    "new brand": "New brand",
    "new project": "New project",
    "new thread": "New thread",
}


@pytest.mark.parametrize("width", [1440, 320])
def test_every_dialog_is_sound(server: PageServer, browser: Browser, width: int) -> None:
    """Axe finds nothing in any open dialog, nothing sticks out, and Escape gives the page back."""
    finished = server.make_run(server.make_thread(name=f"Dialogs {width}"), "Plan the spring launch")
    waits = server.make_run(server.make_thread(), "Launch the rye loaf", mode="reviewed")
    with watched_page(browser, viewport={"width": width, "height": 900}) as page:
        page.goto(f"{server.url}/#/runs/{finished['run_id']}")
        expect(page.locator(".reader .prose")).to_be_visible()
        for typed, said in DIALOGS.items():
            _choose(page, typed)
            _is_sound_and_goes(page, said, width)
        page.goto(f"{server.url}/#/runs/{waits['run_id']}")
        expect(page.locator("vm-approval .approval")).to_be_visible()
        _choose(page, "approve")
        _is_sound_and_goes(page, "Approve “Brief”?", width)
        page.goto(f"{server.url}/#/runs/{finished['run_id']}")
        page.locator("[data-action=edit]").click()
        page.get_by_label("Text, in Markdown").fill("# Ours")
        page.locator("[data-action=stop-editing]").click()
        _is_sound_and_goes(page, "Leave without saving?", width)
        _throw_away(page)


@pytest.mark.parametrize("action", ["edit-brand", "rules"])
def test_the_keyboard_comes_back_to_the_menu(server: PageServer, browser: Browser, action: str) -> None:
    """A dialog that was opened from a small menu gives the keyboard back to the menu's button."""
    thread_id = server.make_thread()
    with watched_page(browser) as page:
        page.goto(f"{server.url}/#/threads/{thread_id}")
        door = page.locator("vm-place details:has([data-action=edit-brand]) > summary")
        door.press("Enter")
        page.locator(f"[data-action={action}]").press("Enter")
        expect(page.locator("dialog[open]")).to_be_visible()
        page.keyboard.press("Escape")

        expect(door).to_be_focused()


def _choose(page: Page, typed: str) -> None:
    page.keyboard.press("Control+k")
    page.locator("#palette-input").fill(typed)
    page.keyboard.press("Enter")


def _is_sound_and_goes(page: Page, said: str, width: int) -> None:
    dialog = page.locator("dialog[open]:not(.palette)")
    expect(dialog.get_by_role("heading").first).to_contain_text(said, ignore_case=True)
    assert_sound(page, width)
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)


def _throw_away(page: Page) -> None:
    """Nothing unsaved is left that would hold the page."""
    page.locator("[data-action=stop-editing]").click()
    page.get_by_role("button", name="Throw the text away").click()
