"""The page for those who hear it, see it in colours of their own, or work it by voice."""

import pytest
from playwright.sync_api import Browser, Page, expect

from page_kit import browser, fresh, page, refused, server, until_all_came, watched_page
from page_server import PageServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
__all__ = ["browser", "fresh", "page", "refused", "server"]

GROUND = "one => getComputedStyle(one).backgroundColor"


def test_what_is_chosen_is_seen_in_colours_of_ones_own(server: PageServer, browser: Browser) -> None:
    """The open version, the line of the palette that Enter takes, and what is switched on have another ground."""
    place = server.make_place()
    for text in ("Launch the rye loaf", "Launch it smaller"):
        server.make_run(place["thread_id"], text)
    with watched_page(browser, forced_colors="active") as page:
        page.goto(f"{server.url}/#/threads/{place['thread_id']}")
        page.locator("[data-action=origin]").click()
        expect(page.locator("[data-action=origin]")).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("Control+k")
        page.keyboard.press("ArrowDown")
        plain = {page.locator("body").evaluate(GROUND), "rgba(0, 0, 0, 0)"}
        for chosen in (".run-row[aria-current]", "[data-action=origin]", ".palette li[aria-selected=true]"):
            assert page.locator(chosen).evaluate(GROUND) not in plain, chosen


def test_what_is_dictated_beside_the_inbox_decides_nothing(fresh: PageServer, page: Page) -> None:
    """Its keys are heard where the keyboard is in it, as it is from the beginning, and nowhere else on the page."""
    thread = fresh.make_thread()
    for title in ("Call the printer", "Ask for the photos"):
        fresh.post(f"/api/v2/threads/{thread}/tasks", {"title": title})
    page.goto(f"{fresh.url}/#/inbox")
    rows = page.locator(".inbox-row")
    expect(rows.first).to_be_focused()
    page.locator("header .mark").focus()
    page.keyboard.type("a r j")
    expect(rows.first).to_have_attribute("aria-current", "true")
    expect(rows).to_have_count(2)
    rows.first.focus()
    page.keyboard.press("a")

    expect(rows).to_have_count(1)
    expect(rows).to_be_focused()


def test_what_is_open_has_a_title_of_its_own(server: PageServer, browser: Browser, refused: Page) -> None:
    """Tabs and the browser's history tell the inbox, a search, two versions and an address that leads nowhere apart."""
    thread = server.make_thread("The launch")
    older, newer = (server.make_run(thread, text)["run_id"] for text in ("Launch the rye loaf", "Launch it smaller"))
    for hash_, title in {
        "#/inbox": "Inbox · VM",
        "#/search": "Search · VM",
        "#/search/rye%20loaf/-/all": "rye loaf · Search · VM",
        f"#/threads/{thread}": "The launch · VM",
        f"#/runs/{older}": "Version 1 · The launch · VM",
        f"#/runs/{newer}/compared-with/{older}": "Compare versions · Version 2 · The launch · VM",
        "#/nowhere": "This address leads nowhere · VM",
        "#/runs/r-none": "This is not here (any more) · VM",
    }.items():
        refused.goto(f"{server.url}/{hash_}")
        expect(refused).to_have_title(title)
    with watched_page(browser, locale="pt-BR") as page:
        page.goto(f"{server.url}/#/runs/{older}")
        expect(page).to_have_title("Versão 1 · The launch · VM")


def test_what_waits_and_a_lost_connection_are_told_to_the_ear(fresh: PageServer, page: Page) -> None:
    """Whoever does not see the page hears that a version waits for somebody, is over, and that the page is not live."""
    place = fresh.make_place()
    page.goto(f"{fresh.url}/#/threads/{place['thread_id']}")
    expect(page.locator("vm-live")).to_have_text("Live")
    told = page.locator("body > [role=status]")
    expect(told).to_have_text("")
    run = fresh.make_run(place["thread_id"], "Launch the rye loaf", mode="reviewed")
    expect(told).to_have_text("Version 1: waiting for approval.")
    fresh.post(f"/api/v2/workflow-runs/{run['run_id']}/cancellation")
    expect(told).to_have_text("Version 1: canceled.")
    until_all_came(page)
    fresh.kill()
    expect(told).to_have_text("Not live. The page tries again by itself.")
    fresh.start()
    expect(told).to_have_text("Live again. What you see is as it is now.")


@pytest.mark.parametrize(
    ("locale", "text", "tag"),
    [
        ("en-GB", "Lançamento da padaria em Lisboa para o público do bairro", "pt"),
        ("en-GB", "Launch the bakery in Lisbon for the people of the quarter", None),
        ("pt-BR", "Launch the bakery in Lisbon for the people of the quarter", "en"),
        ("en-GB", "השקת האביב", "und"),
        ("en-GB", "Cold brew for offices, www.aurora.com, mail@em.com", None),
    ],
)
def test_a_text_in_another_language_than_the_page_says_so(
    server: PageServer, browser: Browser, locale: str, text: str, tag: str | None
) -> None:
    """Requests and deliverables bear their own language, so that a voice which speaks it reads them."""
    run = server.make_run(server.make_thread(), text)
    with watched_page(browser, locale=locale) as page:
        page.goto(f"{server.url}/#/runs/{run['run_id']}")
        expect(page.locator(".prose")).to_be_visible()
        for place in (".run-request summary > span", ".run-text", ".prose", ".contents ol"):
            written = None if tag == "und" and place in (".prose", ".contents ol") else tag
            assert page.locator(place).get_attribute("lang") == written, place
