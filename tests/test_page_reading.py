"""Reading: every kind of file as people read it, and where it comes from."""

import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from page_kit import ask_one_by_one, browser, fresh, page, until_all_came, violations, watched_page
from page_library import Library
from page_server import PageServer
from page_shelf import CALENDAR, FILES, PLAN, Shelf, open_file, refuse, shelf

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
_NAMES = ("Week", "Channel", "Piece", "Goal", "Audience", "Responsible", "Due", "Budget", "Measure", "Note")
_TABLE = "\n|{}|\n|{}\n|{}|\n"
WIDE = "".join(
    _TABLE.format("|".join(names), "---|" * len(names), "|".join(["some words that need their room"] * len(names)))
    for names in (_NAMES, _NAMES[:2])
)
SHIFTED = """window.shifted = 0;
new PerformanceObserver((list) => { for (const { value } of list.getEntries()) window.shifted += value; })
    .observe({ type: "layout-shift", buffered: true });"""

__all__ = ["browser", "fresh", "page", "shelf"]


def test_markdown_has_tables_tasks_code_and_its_own_pictures(shelf: Shelf, page: Page) -> None:
    """Tables and code scroll inside themselves, columns and numbers are as written, and only own pictures shown."""
    page.set_viewport_size({"width": 360, "height": 800})
    open_file(page, shelf, "rich.md")

    expect(page.locator(".prose th")).to_have_text(["Channel", "Share", "What happens there"])
    expect(page.locator(".prose td").nth(1)).to_have_css("text-align", "end")
    expect(page.locator(".prose li[data-task]")).to_have_text(["☑ done", "☐ open"])
    expect(page.locator(".prose ol")).to_have_attribute("start", "7")
    expect(page.locator(".prose img")).to_have_attribute("alt", "Our mark")
    expect(page.locator(".prose")).to_contain_text("[Image left out: From elsewhere]")
    assert page.locator(".prose img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 40
    assert page.locator(".scroller:has(pre)").evaluate("frame => frame.scrollWidth > frame.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_forms_of_a_stage_can_be_told_apart(shelf: Shelf, page: Page) -> None:
    """A form is named by what it is; where several are the same, and where it is none, by its file."""
    open_file(page, shelf, "rich.md")
    names = {"rich.md": "rich.md", "note.md": "note.md", "mark.svg": "Image.svg", "data.bin": "data.bin"}

    for name, said in names.items():
        expect(page.locator(f".forms a[data-name='{name}']")).to_have_text(said)


def test_long_document_has_contents_that_mark_where_one_is(shelf: Shelf, page: Page) -> None:
    """The table of contents leads to a part by keyboard, and marks the part that is being read."""
    open_file(page, shelf, "note.md")
    contents = page.locator(".contents")
    expect(contents.get_by_role("button")).to_have_count(9)
    expect(contents.locator("[aria-current=true]")).to_have_text("The plan")

    contents.get_by_role("button", name="Part 5").focus()
    page.keyboard.press("Enter")

    expect(contents.locator("[aria-current=true]")).to_have_text("Part 5")
    expect(page.get_by_role("heading", name="Part 5")).to_be_focused()
    expect(page.get_by_role("heading", name="Part 5")).to_be_in_viewport()
    expect(contents).to_be_in_viewport()


def test_contents_fold_away_where_it_is_narrow(shelf: Shelf, page: Page) -> None:
    """On a narrow page the table of contents is closed above the text, and opens."""
    page.set_viewport_size({"width": 320, "height": 800})
    open_file(page, shelf, "note.md")
    expect(page.locator(".contents details")).not_to_have_attribute("open", "")
    page.locator(".contents summary").click()

    expect(page.locator(".contents").get_by_role("button", name="Part 8")).to_be_visible()


def test_large_table_comes_in_pages_and_is_found_and_sorted(shelf: Shelf, page: Page) -> None:
    """A thousand rows are shown by the hundred; a word finds, a head sorts by value, both by keyboard too."""
    open_file(page, shelf, "rows.csv")
    table = page.locator("vm-table")
    expect(table.locator("tbody tr")).to_have_count(100)
    expect(table).to_contain_text("1,000 rows")
    table.get_by_role("button", name="On", exact=True).click()
    expect(table).to_contain_text("Rows 101 to 200")

    table.get_by_role("button", name="amount").press("Enter")
    expect(table.locator("th[aria-sort=ascending]")).to_have_text("amount")
    table.get_by_role("searchbox").fill("Row 77")

    expect(table).to_contain_text("11 of 1,000 rows")
    amounts = [float(text) for text in table.locator("tbody td:nth-child(2)").all_inner_texts()]
    assert amounts == sorted(amounts)


def test_calendar_file_is_a_month_walked_by_keyboard(shelf: Shelf, page: Page) -> None:
    """The month of the first entry is open; arrows walk days and months, and the chosen day is told in full."""
    open_file(page, shelf, "dates.ics")
    expect(page.locator(".calendar-month")).to_have_text("March 2027")
    first = page.locator('[data-day="2027-03-04"]')
    expect(first).to_have_accessible_name("Thursday 4 March: Mail First letter 18:30 Open evening")
    first.focus()
    expect(page.locator(".day-about")).to_contain_text("Say hello, kindly\nand ask")
    expect(page.locator(".day-about")).to_contain_text("Repeats; shown on its first day")

    page.keyboard.press("ArrowDown")
    expect(page.locator('[data-day="2027-03-11"]')).to_be_focused()
    expect(page.locator(".day-about")).to_contain_text("nothing planned")
    page.keyboard.press("PageDown")
    expect(page.locator(".calendar-month")).to_have_text("April 2027")
    page.keyboard.press("End")

    expect(page.locator('[data-day="2027-04-07"]')).to_be_focused()
    expect(page.locator(".month .day-entry")).to_have_text(["Fair", "Fair", "Fair"])
    expect(page.locator('.month td[tabindex="0"]')).to_have_count(1)


def test_calendar_is_a_list_of_weeks_where_it_is_narrow(shelf: Shelf, page: Page) -> None:
    """At 320 px the weeks stand below each other; a button shows the month all the same."""
    page.set_viewport_size({"width": 320, "height": 800})
    open_file(page, shelf, "dates.ics")
    expect(page.locator(".agenda-week h4, .agenda-date")).to_have_text(["Thursday 4 March"])
    page.locator("vm-calendar").get_by_role("button", name="Next month").click()
    expect(page.locator(".agenda-week h4")).to_have_text(["Week of 5 Apr 2027"])
    page.locator("vm-calendar").get_by_role("button", name="Month", exact=True).click()

    expect(page.locator(".month")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_calendar_deliverable_is_a_month_too(shelf: Shelf, page: Page) -> None:
    """calendar.json is shown as its calendar, key dates included; the source is a press away."""
    open_file(page, shelf, "calendar.json")
    expect(page.locator(".month .day-entry")).to_have_text(["Start", "MailFirst letter"])
    page.get_by_role("button", name="Source").click()

    expect(page.locator("pre.plain")).to_have_text(CALENDAR)


def test_json_is_a_tree_that_opens_by_level(shelf: Shelf, page: Page) -> None:
    """Branches open and close by keyboard, long lists come by the hundred, and all of it opens at once."""
    open_file(page, shelf, "tree.json")
    tree = page.locator("vm-tree")
    expect(tree).to_contain_text("title: A tree")
    expect(tree.get_by_text("250 items")).to_be_visible()
    tree.locator("summary", has_text="many").press("Enter")
    expect(tree.get_by_role("button", name="Show more (150)")).to_be_visible()
    tree.get_by_role("button", name="Show more (150)").click()
    expect(tree.get_by_role("button", name="Show more (50)")).to_be_visible()
    tree.get_by_role("button", name="Close all").click()
    expect(tree.locator("details[open]")).to_have_count(0)
    tree.get_by_role("button", name="Open all").click()

    expect(tree.locator(".tree-value[data-kind=boolean]")).to_have_text("true")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("broken.json", "This does not read as JSON, so it is shown as it is."),
        ("broken.ics", "This does not read as a calendar, so it is shown as it is."),
        ("empty.csv", "This table is empty."),
        ("empty.md", "This file is empty."),
        ("empty.json", "This file is empty."),
        ("empty.ics", "This file is empty."),
        ("plain.txt", "Plain <b>text</b>"),
    ],
)
def test_what_does_not_read_is_shown_as_it_is(shelf: Shelf, page: Page, name: str, said: str) -> None:
    """A file that is not what its name says is shown as text, with a sentence that says so."""
    open_file(page, shelf, name)

    expect(page.locator(".reader-body")).to_contain_text(said)
    expect(page.locator(".reader-body p, .reader-body pre").filter(has_text=said)).to_be_visible()


@pytest.mark.parametrize(
    ("name", "said"),
    [("data.bin", "This kind of file cannot be shown here."), ("large.md", "This file is too large to show here.")],
)
def test_what_cannot_be_shown_is_offered_as_a_download(shelf: Shelf, page: Page, name: str, said: str) -> None:
    """The reader says that it cannot show a file, and offers it all the same."""
    page.goto(shelf.file(name))
    expect(page.locator(".reader-body")).to_contain_text(said)
    page.get_by_text("Hand on").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=f"Download {name}").click()

    assert Path(download.value.path()).read_text() == FILES[name]


def test_picture_is_shown(shelf: Shelf, page: Page) -> None:
    """An image is shown as one, with its name for those who cannot see it."""
    open_file(page, shelf, "mark.svg")
    picture = page.get_by_role("img", name="mark.svg")

    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 40


def test_a_picture_that_is_none_says_so(shelf: Shelf, page: Page) -> None:
    """What is empty or damaged leaves no torn frame, but a sentence."""
    page.route("**/artifacts/note/mark.svg", lambda route: route.fulfill(body="", content_type="image/svg+xml"))
    page.goto(shelf.file("mark.svg"))

    expect(page.get_by_text("This picture cannot be shown")).to_be_visible()
    expect(page.get_by_role("img", name="mark.svg")).to_be_hidden()


def test_origin_says_who_made_it_from_what_and_proves_it(shelf: Shelf, page: Page) -> None:
    """Writer, instructions with version, time, request, approval and the fingerprint, which is copied with a press."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_file(page, shelf, "note.md")
    page.get_by_role("button", name="Origin").click()
    origin = page.locator(".origin")
    expect(origin).to_contain_text("dictated (language model, test)")
    expect(origin).to_contain_text("“brief”, version 1.4.2")
    expect(origin).to_contain_text("Write the plan")
    expect(origin).to_contain_text("No approval was asked for")
    origin.get_by_role("button", name="Copy the fingerprint").click()
    expect(origin.locator("[data-copied]")).to_be_visible()

    assert page.evaluate("navigator.clipboard.readText()") == hashlib.sha256(PLAN.encode()).hexdigest()


def test_origin_names_who_approved(shelf: Shelf, page: Page) -> None:
    """What a person approved names the person and their comment."""
    page.goto(shelf.file("note.md", run_id=shelf.gated_id))
    page.get_by_role("button", name="Origin").click()

    expect(page.locator(".origin")).to_contain_text("Just right")


def test_each_block_is_set_in_its_own_direction(shelf: Shelf, page: Page) -> None:
    """Hebrew reads from the right, English from the left, whatever the page's language is."""
    open_file(page, shelf, "right.md")
    directions = page.locator(".prose > *").evaluate_all("all => all.map((one) => getComputedStyle(one).direction)")
    assert directions == ["rtl", "rtl", "rtl", "rtl", "ltr"]
    page.locator("#comment-text").fill("זה נראה טוב.")
    page.get_by_role("button", name="Comment", exact=True).click()

    expect(page.locator(".note-text")).to_have_css("direction", "rtl")


def test_failed_read_says_so(shelf: Shelf, browser: Browser) -> None:
    """A file that does not verify is not shown; the reader says what happened."""
    page = browser.new_page(locale="en-GB")
    ask_one_by_one(page)
    page.route("**/note.md?view=inline", lambda route: refuse(route, 500, code="integrity"))
    page.goto(shelf.file("note.md"))

    expect(page.locator(".reader[data-status=failed]")).to_contain_text("This file is not what was published.")
    page.close()


def test_axe_finds_nothing_in_any_view(shelf: Shelf, browser: Browser) -> None:
    """No accessibility violation and no sideways scrolling: each kind of file, wide and at 320 px, in both themes."""
    for width in (1440, 320):
        context = browser.new_context(viewport={"width": width, "height": 900}, locale="pt-BR")
        page = context.new_page()
        for name in ("note.md", "rich.md", "rows.csv", "dates.ics", "tree.json", "mark.svg"):
            open_file(page, shelf, name)
            page.locator("[data-action=origin]").click()
            page.locator("[data-action=hand-on]").click()
            assert violations(page) == [], (name, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        context.close()


def test_a_file_that_the_server_did_not_give_is_read_again(fresh: PageServer, page: Page) -> None:
    """While the server is away a file is said to be out of reach; a press reads it again, and so does its return."""
    fresh.make_run(fresh.make_thread(), "Launch the cold brew")
    page.goto(fresh.url)
    tabs = page.locator(".file-read")
    expect(page.locator(".reader[data-status=ready]")).to_be_visible()
    until_all_came(page)
    body = page.locator(".reader-body")
    fresh.kill()
    expect(page.locator("vm-live")).to_contain_text("Not live")
    tabs.first.click()
    expect(body).to_contain_text("Check that it is running, then try again.")
    expect(body.get_by_role("button", name="Try again")).to_be_visible()
    page.locator("#workflow-request-input").focus()
    expect(page.locator(".request-options")).to_be_visible()
    for act in (tabs.first.click, body.get_by_role("button", name="Try again").click):
        with page.expect_event("requestfailed", lambda asked: asked.url.endswith("view=inline")):
            act()
    page.locator("#task-title").fill("Call the printer")
    page.locator("#task-title").press("Enter")
    expect(page.locator("vm-tasks .problem")).to_contain_text("What you wrote is kept")
    fresh.start()

    expect(page.locator(".reader[data-status=ready] .prose")).to_be_visible()
    expect(page.locator(".problem")).to_have_count(0)


def test_a_wide_table_takes_the_space_beside_the_text(tmp_path: Path, browser: Browser) -> None:
    """It ends before the contents where there are any, and before what stands on the right; a narrow one stays."""
    with Library(tmp_path) as library:
        texts = {"wide.md": f"# Wide\n\n{WIDE}", "parts.md": f"# Wide\n\n{WIDE}" + "\n\n## A part\n\nText." * 4}
        run_id = library.version(library.thread(), texts)
    server = PageServer(tmp_path)
    server.start()
    with watched_page(browser, viewport={"width": 1920, "height": 900}) as page:
        page.add_init_script(SHIFTED)
        for name, beside in (("wide.md", ".beside"), ("parts.md", ".contents")):
            page.goto(f"{server.url}/#/runs/{run_id}/files/note/{name}")
            frames = page.locator(".prose > .scroller")
            expect(frames).to_have_count(2)
            widths = frames.evaluate_all("all => all.map((one) => one.offsetWidth)")
            end = frames.first.evaluate("one => one.getBoundingClientRect().right")
            assert widths[0] > widths[1] == page.locator(".prose").evaluate("one => one.offsetWidth")
            assert end < page.locator(beside).evaluate("one => one.getBoundingClientRect().left")
            assert page.evaluate("document.documentElement.scrollWidth") == 1920
        assert page.evaluate("window.shifted") < 0.01
        page.set_viewport_size({"width": 658, "height": 900})
        page.emulate_media(media="print")
        assert page.evaluate("document.documentElement.scrollWidth") == 658
    server.kill()
