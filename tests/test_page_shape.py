"""The page's shape: one dominant action, no particulars unasked, long names, and drawings where nothing is."""

import itertools
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from page_kit import assert_sound, browser, fresh, page, refused, server, watched_page
from page_server import PageServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
__all__ = ["browser", "fresh", "page", "refused", "server"]

PLACE = """() => {
  const held = document.activeElement;
  const place = held.closest(".skip-link, .top, .side, .beside-first, .beside-rest, main");
  return held === document.body ? "" : place.className || place.localName;
}"""
COVERED = """() => {
  const held = document.activeElement;
  if (held.matches("body, main, .skip-link, .scroller") || held.closest(".top, vm-request")) return "";
  const { top, bottom } = held.getBoundingClientRect();
  const [head, foot] = [".top", ".request"].map((bar) => document.querySelector(bar).getBoundingClientRect());
  const inBar = (bar) => top < bar.bottom - 1 && bottom > bar.top + 1;
  return inBar(head) || (inBar(foot) && !held.closest(".side")) ? held.textContent.trim().slice(0, 40) || held.id : "";
}"""
LONG = "Uma campanha extraordinariamente comprida para o lançamento internacional da coleção de primavera " * 2
UNBROKEN = "x" * 150


def test_one_action_dominates(server: PageServer, page: Page) -> None:
    """Whatever a version waits for, asking for a new one is the only filled button; the rest steps back."""
    thread_id = server.make_thread()
    finished = server.make_run(thread_id, "Plan the spring launch")
    waiting = server.make_run(thread_id, "Launch the rye loaf", mode="reviewed")
    other = server.make_run(server.make_thread(), "Launch the rye loaf", mode="reviewed")
    stage = f"/api/v2/workflow-runs/{other['run_id']}/stages/brief"
    digest = other["stages"][0]["manifest_sha256"]
    server.post(f"{stage}/rejection", {"manifest_sha256": digest, "reason": "Too loud"})
    for run, there in (
        (finished, ".reader .prose"),
        (waiting, "[data-action=approve]"),
        (other, "[data-action=revise]"),
    ):
        page.goto(f"{server.url}/#/runs/{run['run_id']}")
        expect(page.locator(there)).to_be_visible()
        filled = page.locator(".button").evaluate_all(
            """all => {
                const fill = (one) => getComputedStyle(one).backgroundColor;
                const full = fill(document.querySelector("vm-request .primary"));
                return all.filter((one) => one.checkVisibility() && fill(one) === full)
                    .map((one) => one.innerText.trim());
            }"""
        )
        assert filled == ["Ask for version"]


def test_history_keeps_its_records_to_itself(server: PageServer, page: Page) -> None:
    """The history tells what happened in words; JSON and ids come only with the details."""
    thread_id = server.make_thread()
    server.make_run(thread_id, "Plan the spring launch")
    server.post(f"/api/v2/threads/{thread_id}/comments", {"text": "Good"})
    page.goto(f"{server.url}/#/threads/{thread_id}")
    expect(page.locator(".reader .prose")).to_be_visible()
    page.evaluate("for (const fold of document.querySelectorAll('details:not(.menu)')) fold.open = true")
    expect(page.locator("vm-timeline")).to_contain_text("You commented: “Good”")
    said = page.locator("body").inner_text()
    assert [mark for mark in ("{", "global_position", thread_id, "evt-") if mark in said] == []
    assert page.locator("vm-timeline pre").count() == 0

    page.locator("vm-view summary").click()
    page.get_by_role("button", name="Show details").click()
    page.locator("vm-timeline .record[data-event-type=CommentAdded] summary").click()
    expect(page.locator("vm-timeline .record[open] pre")).to_contain_text('"event_type": "CommentAdded"')


@pytest.mark.parametrize("width", [1440, 768, 320])
def test_long_names_stay_in_their_place(server: PageServer, browser: Browser, width: int) -> None:
    """Names of two hundred letters, with and without a space, widen nothing, not even a column."""
    thread_id = server.make_thread(LONG[:200], LONG[:200])
    run = server.make_run(thread_id, LONG * 3)
    server.post(f"/api/v2/threads/{thread_id}/comments", {"text": UNBROKEN, "run_id": run["run_id"]})
    server.post(f"/api/v2/threads/{thread_id}/tasks", {"title": UNBROKEN})
    server.post(f"/api/v2/threads/{thread_id}/best-version", {"run_id": run["run_id"], "reason": UNBROKEN})
    with watched_page(browser, viewport={"width": width, "height": 900}) as page:
        page.goto(f"{server.url}/#/threads/{thread_id}")
        expect(page.locator(".reader .prose")).to_be_visible()
        page.evaluate("for (const fold of document.querySelectorAll('details:not(.menu)')) fold.open = true")
        expect(page.locator("vm-timeline .timeline")).to_be_visible()
        wider = page.evaluate(
            """[...document.querySelectorAll(":root, .side, .beside, .beside-rest, main, .panel, .timeline, .best")]
                .filter((one) => one.clientWidth && one.scrollWidth > one.clientWidth)
                .map((one) => one.className || one.localName)"""
        )
        assert wider == []


@pytest.mark.parametrize("width", [1440, 320])
def test_long_titles_of_stages_stay_in_their_place(server: PageServer, browser: Browser, width: int) -> None:
    """A title that is longer than a column widens neither the names above the text nor what a comment is about."""
    stages = [f"  - {{key: s{number}, title: '{LONG[:100]}', kind: brief}}\n" for number in (1, 2)]
    (server.root / "profiles" / "long.yaml").write_text("title: Long\nstages:\n" + "".join(stages))
    thread_id = server.make_thread()
    server.make_run(thread_id, "Launch the rye loaf", mode="long")
    with watched_page(browser, viewport={"width": width, "height": 900}) as page:
        page.goto(f"{server.url}/#/threads/{thread_id}")
        expect(page.locator(".reader .prose")).to_be_visible()
        expect(page.locator("vm-comments select option")).to_have_count(4)
        wider = page.evaluate(
            """[...document.querySelectorAll(":root, .beside, .beside-rest, main, .files, .panel")]
                .filter((one) => one.clientWidth && one.scrollWidth > one.clientWidth)
                .map((one) => one.className || one.localName)"""
        )
        assert wider == []


def test_where_nothing_is_there_is_a_drawing_and_a_way_on(fresh: PageServer, browser: Browser) -> None:
    """No project, no thread, an empty inbox, nothing found, a lost address, a lost file: drawn, with a way on."""
    brand = fresh.post("/api/v2/brands", {"name": "Mill & Crumb"})["brand_id"]
    for width in (1440, 320):
        with watched_page(browser, refusals=True, viewport={"width": width, "height": 900}) as page:
            for address, words, way in (
                ("", "Begin with a project", "New project"),
                ("#/inbox", "Nothing waits for you", "Back to the work"),
                ("#/search", "What are you looking for?", "Search"),
                ("#/search/zzz/-/all", "Nothing says “zzz”", "Search"),
                ("#/nada", "This address leads nowhere", "Go to the start"),
                ("#/threads/t-none", "This is not here", "Go to the start"),
                ("#/runs/r-none", "This is not here", "Go to the start"),
            ):
                page.goto(f"{fresh.url}/{address}")
                _is_drawn(page, words, way)
                assert_sound(page, width)
            expect(page.locator("vm-live")).to_have_text("")
    project = fresh.post("/api/v2/projects", {"brand_id": brand, "name": "Spring"})["project_id"]
    with watched_page(browser, refusals=True) as page:
        page.goto(fresh.url)
        _is_drawn(page, "Begin a piece of work", "New thread in Spring")
        values = {"brand_id": brand, "project_id": project, "title": "Open day"}
        run = fresh.make_run(fresh.post("/api/v2/threads", values)["thread_id"], "Plan the spring launch")
        page.goto(f"{fresh.url}/#/runs/{run['run_id']}/files/brief/lost.md")
        _is_drawn(page, "This is not here", "Open what this version made last")
        assert_sound(page, 1440)
        page.get_by_role("link", name="Open what this version made last").click()
        expect(page.locator(".reader .prose")).to_be_visible()


def test_where_a_thread_is_to_be_chosen_the_choices_are_at_hand(server: PageServer, browser: Browser) -> None:
    """On a narrow page, where they stand behind the menu, a button opens it and goes there."""
    address = f"{server.url}/#/threads/{server.make_thread()}"
    for width in (1440, 320):
        with watched_page(browser, viewport={"width": width, "height": 900}) as page:
            page.goto(address)
            expect(page.locator("#thread-title")).to_be_visible()
            page.locator(".mark").click()
            _is_drawn(page, "Choose a thread", "New thread in A brand")
            assert_sound(page, width)
            assert page.evaluate("document.querySelector('main').getBoundingClientRect().bottom") >= 900
            choices = page.locator("main").get_by_role("button", name="Brands, threads and versions")
            expect(choices).to_be_visible(visible=width < 768)
            if width < 768:
                choices.press("Enter")
                expect(page.locator("#brand-choice")).to_be_focused()


@pytest.mark.parametrize(("wish", "moving"), [("no-preference", ["rise", "unfold"]), ("reduce", [])])
def test_motion_explains_and_can_be_done_without(
    server: PageServer, browser: Browser, wish: str, moving: list[str]
) -> None:
    """A dialog rises and a menu unfolds from its button; whoever wants no motion sees none, spinners included."""
    run = server.make_run(server.make_thread(), "Plan the spring launch")
    with watched_page(browser, reduced_motion=wish) as page:
        page.goto(f"{server.url}/#/runs/{run['run_id']}")
        expect(page.locator(".reader .prose")).to_be_visible()
        seen = page.evaluate(
            """() => {
                const name = (selector) => getComputedStyle(document.querySelector(selector)).animationName;
                document.querySelector(".handing").open = true;
                const menu = name(".handing .menu-items");
                document.querySelector(".run-mark").dataset.status = "running";
                const turns = name(".run-mark > .icon");
                document.querySelector(".find").click();
                return { menu, turns };
            }"""
        )
        expect(page.locator(".palette")).to_be_visible()
        dialog = page.locator(".palette").evaluate("one => getComputedStyle(one).animationName")
        assert [name for name in (dialog, seen["menu"]) if name != "none"] == moving
        assert (seen["turns"] == "turn") == bool(moving)


def _is_drawn(page: Page, words: str, way: str) -> None:
    place = page.locator(".blank:visible")
    expect(place).to_contain_text(words)
    expect(place.locator(".drawing")).to_be_visible()
    expect(page.locator("main").get_by_role("button", name=way).or_(page.get_by_role("link", name=way))).to_be_visible()


@pytest.mark.parametrize(
    ("width", "order"),
    [
        (390, ["skip-link", "top", "beside-first", "main", "beside-rest"]),
        (900, ["skip-link", "top", "side", "beside-first", "main", "beside-rest"]),
        (1440, ["skip-link", "top", "side", "main", "beside-first", "beside-rest"]),
    ],
)
def test_tab_goes_the_way_the_eye_goes(server: PageServer, browser: Browser, width: int, order: list[str]) -> None:
    """What waits stands before the text on narrow screens, and the keyboard reaches it there; also when turned."""
    place = server.make_place()
    run = server.make_run(place["thread_id"], "Launch the rye loaf", mode="reviewed")
    with watched_page(browser) as page:
        page.set_viewport_size({"width": 1440 if width < 1000 else 390, "height": 800})
        page.goto(f"{server.url}/#/runs/{run['run_id']}")
        button = page.locator("vm-approval button:visible").first
        button.focus()
        page.set_viewport_size({"width": width, "height": 800})
        expect(button).to_be_focused()
        page.reload()
        expect(button).to_be_visible()
        met: list[str] = []
        while not met or met[-1]:
            page.keyboard.press("Tab")
            met.append(page.evaluate(PLACE))
        assert [place for place, _ in itertools.groupby(met) if place] == order


@pytest.mark.parametrize("locale", ["en-GB", "pt-BR"])
def test_items_of_menus_and_rows_of_versions_do_not_break(server: PageServer, browser: Browser, locale: str) -> None:
    """An item of a menu takes one line, and the rows of versions are alike where the column is narrow."""
    thread_id = server.make_thread()
    server.make_run(thread_id, "Plan the spring launch")
    run = server.make_run(thread_id, "Plan it again")
    with watched_page(browser, locale=locale) as page:
        page.goto(f"{server.url}/#/runs/{run['run_id']}")
        page.locator("vm-view summary").click()
        heights = page.locator("vm-view .menu-items button").evaluate_all("all => all.map((one) => one.offsetHeight)")
        assert set(heights) == {36}
        page.locator("[data-action=compare]").click()
        expect(page.locator(".comparison")).to_be_visible()
        heights = page.locator(".run-name").evaluate_all("all => all.map((one) => one.offsetHeight)")
        assert len(set(heights)) == 1


def test_on_a_low_screen_nothing_lies_over_the_text(server: PageServer, browser: Browser) -> None:
    """Where little fits, as with large zoom, the request stands behind the text; where there is room, below it."""
    thread_id = server.make_thread()
    server.make_run(thread_id, "Launch the rye loaf", mode="single_campaign")
    with watched_page(browser, viewport={"width": 720, "height": 450}) as page:
        page.goto(f"{server.url}/#/threads/{thread_id}")
        expect(page.locator(".reader .prose")).to_be_visible()
        expect(page.locator("vm-request")).not_to_be_in_viewport()
        page.set_viewport_size({"width": 1440, "height": 900})
        expect(page.locator("vm-request")).to_be_in_viewport(ratio=1)


def test_where_one_is_has_its_name_after_each_step(server: PageServer, page: Page) -> None:
    """Whoever goes from a brand with one project to another sees the project named each time."""
    threads = {name: server.make_thread(name=name) for name in ("First brand", "Second brand")}
    for name in ("First brand", "Second brand", "First brand"):
        page.goto(f"{server.url}/#/threads/{threads[name]}")
        expect(page.locator("#brand-choice option:checked")).to_have_text(name)
        expect(page.locator("#project-choice option:checked")).to_have_text(name)


def test_the_head_of_a_phone_holds_all_that_is_said_in_it(browser: Browser, tmp_path: Path) -> None:
    """Also with a long name, in the longer language, and while the server is away: nothing sticks out of the bar."""
    server = PageServer(tmp_path)
    secret, thread_id = server.start_guarded("maria-fernanda-de-oliveira", "admin")
    phone = {"width": 320, "height": 700}
    with watched_page(browser, refusals=True, viewport=phone, locale="pt-BR") as page:
        page.goto(f"{server.url}/#/threads/{thread_id}")
        page.locator("#login-token").fill(secret)
        page.keyboard.press("Enter")
        expect(page.locator("vm-live")).to_have_text("Ao vivo")
        server.kill()
        expect(page.locator("vm-live")).to_contain_text("Sem conexão")
        expect(page.get_by_role("button", name="Tentar agora")).to_be_visible()

        assert page.evaluate("document.documentElement.scrollWidth") <= phone["width"]
        assert page.evaluate(
            "document.querySelector('.live').offsetHeight < document.querySelector('.top').offsetHeight"
        )
        page.locator("vm-view summary").click()
        expect(page.locator("[data-action=leave]")).to_have_text("Sair · maria-fernanda-de-oliveira")


def test_rows_that_open_are_high_enough_for_a_finger(server: PageServer, page: Page) -> None:
    """Whatever unfolds is at least 24 px high (WCAG 2.5.8)."""
    run = server.make_run(server.make_thread(), "Launch the rye loaf", mode="reviewed")
    page.goto(f"{server.url}/#/runs/{run['run_id']}")
    expect(page.locator("[data-action=approve]")).to_be_visible()
    page.evaluate("for (const fold of document.querySelectorAll('details:not(.menu)')) fold.open = true")
    expect(page.locator("vm-timeline .timeline")).to_be_visible()
    low = page.locator("summary:visible").evaluate_all(
        "(all) => all.filter((one) => one.getBoundingClientRect().height < 24).map((one) => one.textContent.trim())"
    )

    assert low == []


def test_nothing_that_has_the_keyboard_is_behind_a_bar(server: PageServer, browser: Browser) -> None:
    """Neither behind the head nor behind the request's form, whichever way one goes (WCAG 2.4.11)."""
    run = server.make_run(server.make_thread(), "Launch the rye loaf", mode="reviewed")
    with watched_page(browser, viewport={"width": 800, "height": 700}) as page:
        page.goto(f"{server.url}/#/runs/{run['run_id']}")
        expect(page.locator("[data-action=approve]")).to_be_visible()
        covered = []
        for key in ["Tab"] * 40 + ["Shift+Tab"] * 40:
            page.keyboard.press(key)
            covered.append(page.evaluate(COVERED))

        assert {one for one in covered if one} == set()


def test_escape_closes_the_navigation_of_a_phone(server: PageServer, browser: Browser) -> None:
    """From wherever in it the keyboard is; the button that opened it has the keyboard again."""
    thread_id = server.make_thread()
    with watched_page(browser, viewport={"width": 320, "height": 700}) as page:
        page.goto(f"{server.url}/#/threads/{thread_id}")
        button = page.locator("vm-menu button")
        button.click()
        page.locator("vm-place summary").first.click()
        page.keyboard.press("Escape")
        expect(page.locator("#navigation")).to_be_visible()
        page.keyboard.press("Escape")

        expect(page.locator("#navigation")).to_be_hidden()
        expect(button).to_be_focused()
