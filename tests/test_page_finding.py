"""Finding on the page: search in all deliverables, filters of versions, and the command palette."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from page_kit import ask_one_by_one, assert_sound, browser, fresh, page, server, watched_page
from page_server import PageServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
__all__ = ["browser", "fresh", "page", "server"]

HOSTILE = '<img src=x onerror="window.hacked=1"> zebrafish <script>window.hacked=2</script>'


def test_deliverables_are_found_by_their_words(server: PageServer, page: Page) -> None:
    """A search says where the words stand, and in which brand; narrows to one, has its own address, opens the file."""
    place = server.make_place("The plover letter", name="Plover & Co")
    run = server.make_run(place["thread_id"], "Launch the plover calendar", mode="reviewed")
    other = server.make_place("Elsewhere", name="Another brand")
    server.make_run(other["thread_id"], "Launch the plover mug", mode="reviewed")
    server.wait_for_index("plover", 2)
    page.goto(f"{server.url}/#/threads/{place['thread_id']}")
    _open_palette(page)
    page.keyboard.type("zzz plover")
    expect(page.locator("#palette-list").get_by_role("option")).to_have_count(1)
    page.locator("#palette-input").fill("plover")
    page.get_by_role("option", name="Search deliverables for “plover”").click()
    expect(page.locator(".result")).to_have_count(2)
    expect(page.locator(".result mark").first).to_have_text("plover", ignore_case=True)

    for name in ("Plover & Co", "Another brand"):
        expect(page.locator(".result bdi", has_text=name)).to_have_count(1)
    page.get_by_label("Only in the brand Plover & Co").check()
    expect(page.locator(".result")).to_have_count(1)
    expect(page.locator(".result bdi", has_text="Plover & Co")).to_have_count(0)
    page.reload()
    expect(page.get_by_label("Only in the brand Plover & Co")).to_be_checked()
    page.locator(".result").click()
    expect(page).to_have_url(f"{server.url}/#/runs/{run['run_id']}/files/brief/brief.md")
    page.go_back()
    expect(page.locator(".result")).to_have_count(1)


def test_what_is_found_in_a_table_is_read_without_its_marks(server: PageServer, page: Page) -> None:
    """Cells stand apart by a point; commas and quotation marks that only the file needs do not stand there."""
    server.make_run(server.make_thread(), "Launch the dotterel mug")
    server.wait_for_index("dotterel schedule", 2)
    page.goto(f"{server.url}/#/search/dotterel%20schedule/-/all")
    table = page.locator(".result", has_text=".csv").locator(".result-text").first

    expect(table).to_contain_text(" · ")
    expect(table).not_to_contain_text(re.compile(r'",|,"|,\S'))


def test_places_of_one_name_are_told_apart(server: PageServer, page: Page) -> None:
    """Those that share their name with another say when they were made, in the palette as well."""
    place = server.make_place("Curlew", name="Whimbrel")
    server.make_place("Curlew", name="Whimbrel")
    here = {name: place[name] for name in ("brand_id", "project_id")}
    server.post("/api/v2/threads", {**here, "title": "curlew "})
    server.post("/api/v2/threads", {**here, "title": "Godwit"})
    page.goto(f"{server.url}/#/threads/{place['thread_id']}")
    made = re.compile(r" · \d+ \w+ \d{4}, \d\d:\d\d$")

    expect(page.locator("#brand-choice option", has_text="Whimbrel")).to_have_text([made, made])
    expect(page.locator("#thread-choice option", has_text="urlew")).to_have_text([made, made])
    expect(page.locator("#thread-choice option", has_text="Godwit")).to_have_text("Godwit")
    _open_palette(page)
    page.keyboard.type("curlew")
    expect(page.locator("#palette-list").get_by_role("option", name="curlew").first).to_contain_text(
        re.compile(r"\d{4}, ")
    )


def test_search_says_when_nothing_is_found(server: PageServer, page: Page) -> None:
    """An empty search leads by the hand, and one that finds nothing says what to try."""
    server.make_place()
    page.goto(f"{server.url}/#/search")
    expect(page.get_by_text("What are you looking for?")).to_be_visible()
    page.get_by_role("searchbox").fill("xylographically")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing says “xylographically”")).to_be_visible()
    expect(page.get_by_text("Try fewer words. ")).to_be_visible()
    expect(page).to_have_url(f"{server.url}/#/search/xylographically/-/all")
    page.get_by_label("Approved or finished only (without “Approval not known”)").check()
    expect(page.get_by_text("Try fewer words, or untick what narrows the search. ")).to_be_visible()


def test_what_is_found_stays_text(server: PageServer, page: Page) -> None:
    """Markup in a title, a request or an excerpt is shown, never executed: in results, palette and address alike."""
    place = server.make_place(HOSTILE, name=HOSTILE)
    server.make_run(place["thread_id"], HOSTILE, mode="reviewed")
    server.wait_for_index("zebrafish", 1)
    page.goto(f"{server.url}/#/search/zebrafish/-/all")
    expect(page.locator(".result mark").first).to_have_text("zebrafish")
    page.get_by_role("searchbox").fill(HOSTILE)
    page.keyboard.press("Enter")
    expect(page.locator(".search-found")).to_contain_text("zebrafish")
    page.goto(f"{server.url}/#/threads/{place['thread_id']}")
    _open_palette(page)
    page.keyboard.type(HOSTILE)
    expect(page.locator("#palette-list").get_by_role("option").last).to_contain_text("onerror")

    assert page.evaluate("window.hacked ?? null") is None
    assert page.locator("img[src=x], main script, dialog script").count() == 0


def test_versions_are_filtered(server: PageServer, page: Page) -> None:
    """Versions are narrowed by state and kind of work; the filter says how many there are and is taken off at once."""
    place = server.make_place()
    server.make_run(place["thread_id"], "Plan the spring launch")
    server.make_run(place["thread_id"], "Launch the bread", mode="reviewed")
    page.goto(f"{server.url}/#/threads/{place['thread_id']}")
    rows = page.locator("#workflow-runs-list [data-run-id]")
    expect(rows).to_have_count(2)
    page.locator("vm-filter summary").click()
    page.get_by_label("State").select_option(label="Finished")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Plan the spring launch")
    expect(page.locator("vm-filter summary")).to_contain_text("1 of 2")
    page.get_by_label("Kind", exact=True).select_option(label="Reviewed campaign")

    expect(rows).to_have_count(0)
    expect(page.get_by_text("No version fits these filters.")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(rows).to_have_count(2)


def test_a_filter_reads_versions_that_are_not_on_the_page_yet(server: PageServer, page: Page) -> None:
    """A filter speaks of all versions: further pages of the list are read when one is set."""
    place = server.make_place()
    newest = server.make_run(place["thread_id"], "Launch the bread", mode="reviewed")
    oldest = server.make_run(place["thread_id"], "Plan the spring launch")
    path = f"/api/v2/threads/{place['thread_id']}/workflow-runs"
    rows: list[dict[str, Any]] = server.runs(place["thread_id"])
    assert [oldest["run_id"], newest["run_id"]] == [row["run_id"] for row in rows]
    ask_one_by_one(page)
    page.route(
        f"**{path}?*",
        lambda route: route.fulfill(
            json={"runs": rows[1:], "next": None}
            if "after=" in route.request.url
            else {"runs": rows[:1], "next": "more"}
        ),
    )
    page.route(f"**{path}?*after=*", lambda route: route.fulfill(json={"runs": rows[1:], "next": None}))
    page.goto(f"{server.url}/#/threads/{place['thread_id']}")
    expect(page.locator("#workflow-runs-list [data-run-id]")).to_have_count(1)
    page.evaluate(
        "document.dispatchEvent(new CustomEvent('intent', {detail: {type: 'filtered', filters: {mode: 'reviewed'}}}))"
    )
    expect(page.locator("#workflow-runs-list [data-run-id]")).to_have_attribute("data-run-id", newest["run_id"])


def test_palette_reaches_every_verb_by_keyboard(server: PageServer, page: Page) -> None:
    """Ctrl+K opens it, arrows move, Enter acts, Escape gives the keyboard back; letters in their order are enough."""
    place = server.make_place("The autumn range")
    server.make_run(place["thread_id"], "Plan the spring launch")
    page.goto(f"{server.url}/#/threads/{place['thread_id']}")
    expect(page.locator(".reader .prose")).to_be_visible()
    page.locator("#comment-text").focus()
    expect(page.locator("#comment-text")).to_be_focused()
    _open_palette(page)
    field = page.get_by_role("combobox", name="What do you want to do?")
    names = page.locator("#palette-list").get_by_role("option").locator(".palette-title").all_inner_texts()
    for wanted in _WANTED:
        assert wanted in names
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "palette-1")
    expect(page.locator("#palette-1")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#comment-text")).to_be_focused()

    _open_palette(page)
    page.keyboard.type("rnm thr")
    expect(page.locator("#palette-list").get_by_role("option").first).to_contain_text("Rename the thread")
    page.keyboard.press("Enter")
    expect(page.get_by_label("What is this piece of work?")).to_have_value("The autumn range")
    page.keyboard.press("Escape")
    _open_palette(page)
    page.keyboard.type("comment")
    page.keyboard.press("Enter")
    expect(page.locator("#comment-text")).to_be_focused()


def test_palette_decides_and_travels(server: PageServer, page: Page) -> None:
    """From the palette one approves after a question, goes to the inbox, and opens a thread by its name."""
    place = server.make_place("The autumn range")
    run = server.make_run(place["thread_id"], "Launch the bread", mode="reviewed")
    page.goto(f"{server.url}/#/threads/{place['thread_id']}")
    expect(page.locator("vm-approval .approval")).to_be_visible()
    _open_palette(page)
    page.keyboard.type("approve")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Approve “Brief”?")
    page.keyboard.press("Enter")
    expect(page.locator(".run-head")).to_have_attribute("data-status", "completed")
    assert server.get(f"/api/v2/workflow-runs/{run['run_id']}")["status"] == "completed"
    _open_palette(page)
    page.keyboard.type("inbox")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{server.url}/#/inbox")
    expect(page.locator(".inbox, .inbox-empty").first).to_be_visible()
    _open_palette(page)
    page.keyboard.type("autumn")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{server.url}/#/threads/{place['thread_id']}")


def test_palette_shows_the_keys_of_the_inbox(server: PageServer, page: Page) -> None:
    """In the inbox the palette decides on what is chosen there, and shows the keys that do the same."""
    place = server.make_place("The winter range")
    server.make_run(place["thread_id"], "Launch the bread", mode="reviewed")
    page.goto(f"{server.url}/#/inbox")
    expect(page.locator(".inbox-decision .approval")).to_be_visible()
    _open_palette(page)
    page.keyboard.type("reject")
    chosen = page.locator("#palette-list").get_by_role("option").first
    expect(chosen).to_contain_text("Reject “Brief”")
    expect(chosen.locator("kbd")).to_have_text("R")
    page.keyboard.press("Enter")
    expect(page.get_by_label("What is wrong with it?")).to_be_focused()


def test_palette_opens_in_an_empty_workspace(fresh: PageServer, page: Page) -> None:
    """Before there is a brand, what can be done already is found by its name."""
    page.goto(fresh.url)
    expect(page.locator("#welcome-form")).to_be_visible()
    _open_palette(page)
    page.keyboard.type("theme")

    expect(page.locator("#palette-list").get_by_role("option").first).to_contain_text("Change the theme")


def test_fuzzy_finds_the_nearest_first(server: PageServer, page: Page) -> None:
    """Letters count in their order, beginnings of words before middles, accents and capitals not at all."""
    page.goto(server.url)
    found = page.evaluate(
        """async () => {
            const { fuzzyFilter } = await import("/web/lib/fuzzy.js");
            const names = ["Content plan", "New thread", "Açaí launch", "Rename the thread"];
            const first = (query) => fuzzyFilter(names, query, (name) => [name])[0] ?? null;
            return ["nt", "acai", "THREAD", "rnmthr", "ren thr", "xq", "“", ""].map(first);
        }"""
    )
    thread = "New thread"
    assert found == [thread, "Açaí launch", thread, None, "Rename the thread", None, None, "Content plan"]


def test_no_word_is_found_that_nobody_wrote(server: PageServer, page: Page) -> None:
    """What is typed is not put together from the ends of words, nor from a name and the project it belongs to."""
    page.goto(server.url)
    found = page.evaluate(
        """async () => {
            const { fuzzyFilter } = await import("/web/lib/fuzzy.js");
            const names = [["Lançamento", "Para ver de verdade"], ["Para ver de verdade: Lançamento", ""],
                ["Abrir o plano", "Trabalho"], ["Para ver", "Lançamento no outono"]];
            return fuzzyFilter(names, "plano", (parts) => parts);
        }"""
    )
    assert found == [["Abrir o plano", "Trabalho"]]


@pytest.mark.parametrize("locale", ["en-US", "pt-BR"])
def test_axe_finds_nothing_where_people_look(server: PageServer, browser: Browser, locale: str) -> None:
    """No accessibility violation in search, filters and palette, in both themes and languages, wide and at 320 px."""
    place = server.make_place()
    server.make_run(place["thread_id"], "Launch the sandpiper", mode="reviewed")
    server.make_run(place["thread_id"], "Launch the sandpiper again", mode="reviewed")
    server.wait_for_index("sandpiper", 2)
    for width in (1440, 320):
        with watched_page(browser, viewport={"width": width, "height": 900}, locale=locale) as page:
            page.goto(f"{server.url}/#/search/sandpiper/-/all")
            expect(page.locator(".result").first).to_be_visible()
            assert_sound(page, width)
            page.keyboard.press("Control+k")
            expect(page.locator("#palette-input")).to_be_focused()
            assert_sound(page, width)
            page.keyboard.press("Escape")
            page.goto(f"{server.url}/#/threads/{place['thread_id']}")
            expect(page.locator("vm-approval .approval")).to_be_visible()
            if width > 320:
                page.locator("vm-filter summary").click()
            assert_sound(page, width)


_WANTED = (
    "Ask for a new version",
    "Start a new version from an old one",
    "Mark this version as the best",
    "Comment on this version",
    "Add a task",
    "New thread",
    "New project",
    "New brand",
    "Edit the brand",
    "Rules of the brand",
    "Rename the thread",
    "Close the thread",
    "Inbox",
    "Version 1",
    "The autumn range",
    "Change the theme",
    "Search in all deliverables",
)


def _open_palette(page: Page) -> None:
    expect(page.locator(".find")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-input")).to_be_focused()
