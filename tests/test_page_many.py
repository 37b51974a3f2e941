"""The page with a thread of many versions: all of them in their order, within reach and in sight."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from page_kit import browser, page
from page_library import Library
from page_server import PageServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
__all__ = ["browser", "page"]
MANY = 70


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PageServer, list[str]]]:
    """A server with a thread of many versions, and their ids, oldest first."""
    root = tmp_path_factory.mktemp("many")
    with Library(root) as library:
        thread_id = library.thread()
        made = [library.version(thread_id, {"note.md": f"# Note\n\nText {number}.\n"}) for number in range(MANY)]
    server = PageServer(root)
    server.start()
    yield server, made
    server.kill()


def test_an_old_version_that_is_opened_stands_in_its_order(versions: tuple[PageServer, list[str]], page: Page) -> None:
    """Those between it and the newest come before it, whenever they come, and it is in sight."""
    server, made = versions
    page.goto(f"{server.url}/#/runs/{made[0]}")
    opened = page.locator(f"#workflow-runs-list [data-run-id={made[0]}]")
    expect(opened).to_be_in_viewport()
    expect(page.locator("#workflow-runs-list [data-run-id]")).to_have_count(51)  # the first page, and the one on show
    expect(opened).to_be_in_viewport()
    page.locator("vm-filter > details > summary").click()
    page.locator("#filter-status").select_option("completed")

    names = page.locator("#workflow-runs-list .run-name strong")
    expect(names).to_have_text([f"Version {number}" for number in range(MANY, 0, -1)])


def test_every_version_can_be_chosen_to_compare(versions: tuple[PageServer, list[str]], page: Page) -> None:
    """Also those that the list has not come to yet."""
    server, made = versions
    page.goto(f"{server.url}/#/runs/{made[-1]}/compared-with/{made[0]}")

    expect(page.locator(".versus select[name=older] option")).to_have_count(MANY)
