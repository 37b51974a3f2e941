"""Erasing on the page: what goes is said first, then it is nowhere, and the history says that it was there."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from page_kit import assert_sound, browser, page, refused, server, watched_page
from page_server import PageServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
__all__ = ["browser", "page", "refused", "server"]
NAME = "Zuleika"


def test_a_version_is_erased_once_its_reader_has_seen_what_goes(server: PageServer, page: Page) -> None:
    """Text and files leave the page, the list and the history; a fork that keeps copies is named before."""
    place = server.make_place()
    run = server.make_run(place["thread_id"], f"A letter to {NAME}")
    fork = server.post(f"/api/v2/workflow-runs/{run['run_id']}/fork", {"stage_key": run["stages"][-1]["stage_key"]})
    page.goto(f"{server.url}/#/runs/{run['run_id']}")
    page.locator("[data-action=erase]").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("the files of 1 version will be gone")
    expect(dialog).to_contain_text("Version 2: was made from it")
    assert_sound(page, 1440)
    _shoot(page, "erasing")
    _erase(page, "Asked to be forgotten")

    expect(page.locator("[data-erased]")).to_contain_text("Asked to be forgotten")
    expect(page.locator("vm-reader .reader")).to_have_count(0)
    expect(page.locator("#workflow-artifacts-list a")).to_have_count(0)
    expect(page.locator("[data-action=fork], [data-action=best], [data-action=erase]")).to_have_count(0)
    row = page.locator(f"#workflow-runs-list [data-run-id={run['run_id']}]")
    expect(row).to_contain_text("Erased")
    expect(row).not_to_contain_text("Finished")
    expect(page.locator(".run-line .status")).to_have_text("Erased")
    page.locator("vm-timeline summary").first.click()
    expect(page.locator("vm-timeline summary", has_text="Version 1: erased")).to_be_visible()
    assert_sound(page, 1440)
    _shoot(page, "erased")
    assert server.get(f"/api/v2/workflow-runs/{fork['run_id']}")["erased"] is None


def test_a_thread_is_erased_from_the_palette(server: PageServer, page: Page) -> None:
    """With its title; the page shows the emptied thread, whatever stood on it before."""
    place = server.make_place()
    server.make_run(place["thread_id"], f"A letter to {NAME}")
    page.goto(f"{server.url}/#/threads/{place['thread_id']}")
    expect(page.locator("vm-run .run-request")).to_contain_text(NAME)
    page.keyboard.press("Control+k")
    page.locator("#palette-input").fill("erase the whole thread")
    page.keyboard.press("Enter")
    _erase(page, "Contract ended")

    expect(page.locator("[data-erased]")).to_contain_text("Contract ended")
    expect(page.locator("body")).not_to_contain_text(NAME)
    expect(page.locator("vm-timeline")).to_contain_text("erased the thread")


def test_a_single_comment_is_erased_where_it_stands(server: PageServer, page: Page) -> None:
    """From its own small menu, which the palette leads to; the others stay, and the history says that it was there."""
    thread_id = server.make_thread()
    for text in ("Call the printer", f"Ask {NAME} about it"):
        server.post(f"/api/v2/threads/{thread_id}/comments", {"text": text})
    page.goto(f"{server.url}/#/threads/{thread_id}")
    expect(page.locator("vm-comments .note-text")).to_have_text([f"Ask {NAME} about it", "Call the printer"])
    page.keyboard.press("Control+k")
    page.locator("#palette-input").fill("erase a comment")
    page.keyboard.press("Enter")
    expect(page.locator("vm-comments .menu summary").first).to_be_focused()
    page.locator("vm-comments .menu[open] [data-action=erase-comment]").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Erase this comment?")
    expect(dialog).to_contain_text("Its text will be gone.")
    assert_sound(page, 1440)
    _shoot(page, "erasing-a-comment")
    _erase(page, "Asked to be forgotten")

    expect(page.locator("body")).not_to_contain_text(NAME)
    expect(page.locator("vm-comments .note-text").last).to_have_text("Call the printer")
    expect(page.locator("vm-comments [data-action=erase-comment]")).to_have_count(1)
    assert [NAME in str(item) for item in server.get(f"/api/v2/threads/{thread_id}/timeline?limit=50")["items"]].count(
        True
    ) == 0


def test_a_link_to_an_erased_file_offers_nothing_that_cannot_be(server: PageServer, refused: Page) -> None:
    """No download, comparison or other try of what is gone, neither above it nor in the palette."""
    place = server.make_place()
    run = server.make_run(place["thread_id"], f"A letter to {NAME}")
    server.post(f"/api/v2/threads/{place['thread_id']}/erasures", {"run_id": run["run_id"], "reason": "On request"})
    refused.goto(f"{server.url}/#/runs/{run['run_id']}/files/brief/brief.md")
    gone = refused.locator(".reader-body")
    expect(gone).to_contain_text("This was erased for good.")
    expect(gone.get_by_role("button", name="Try again")).to_have_count(0)
    expect(refused.locator(".reader-tools > *")).to_have_count(0)
    refused.keyboard.press("Control+k")
    refused.locator("#palette-input").fill("brief.md")

    expect(refused.locator(".palette li", has_text="Search")).to_be_visible()
    expect(refused.locator(".palette li", has_text="Download")).to_have_count(0)


def test_another_tab_forgets_what_was_erased(server: PageServer, browser: Browser) -> None:
    """Who had it open sees it go, without a reload; in Portuguese as well."""
    place = server.make_place()
    run = server.make_run(place["thread_id"], f"A letter to {NAME}")
    with watched_page(browser, locale="pt-BR") as other:
        other.goto(f"{server.url}/#/runs/{run['run_id']}")
        expect(other.locator("vm-run .run-request")).to_contain_text(NAME)
        server.post(f"/api/v2/threads/{place['thread_id']}/erasures", {"run_id": run["run_id"], "reason": "Pedido"})
        expect(other.locator("[data-erased]")).to_contain_text("Apagada por")
        expect(other.locator("body")).not_to_contain_text(NAME)


def _erase(page: Page, why: str) -> None:
    """Say why in the dialog, and go through with it."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Why?").fill(why)
    dialog.get_by_role("button", name="Erase for good").click()
    expect(dialog).to_have_count(0)


def _shoot(page: Page, name: str) -> None:
    """A picture for whoever wants to look: VM_TEST_PICTURES names the folder."""
    if folder := os.environ.get("VM_TEST_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")
