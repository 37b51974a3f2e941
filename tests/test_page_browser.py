"""The page in a real browser, against the real server as a child process."""

import json

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from page_kit import PATIENCE, fresh, page, send, server, versions, violations, whole_browser
from page_server import PageServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
__all__ = ["fresh", "page", "server"]

browser = whole_browser

HOSTILE = "<img src=x onerror=\"window.hacked='name'\"><script>window.hacked='script'</script>"
HOSTILE_MARKDOWN = """# Title <img src=x onerror="window.hacked=1">

<script>window.hacked = 2</script>
<a href="javascript:window.hacked=3">one</a> [two](javascript:window.hacked=4) [three](https://example.org)
![far](https://example.org/pixel.png)
<svg onload="window.hacked=5"><style>* { display: none }</style></svg>
<form action="https://example.org"><input name="attributes"></form>
<iframe srcdoc="<script>parent.hacked=6</script>"></iframe>
"""


def test_first_steps_lead_to_finished_work(fresh: PageServer, page: Page) -> None:
    """One form makes brand, project and thread and sends an example; the run then finishes by itself."""
    page.goto(fresh.url)
    page.get_by_role("button", name="Launch plan").click()
    page.get_by_label("Your brand").fill("Mill & Crumb")
    page.get_by_role("button", name="Start").click()

    expect(page.locator("#workflow-runs-list [data-run-id]")).to_have_attribute("data-status", "completed")
    expect(page.locator("vm-live")).to_have_text("Live")
    expect(page.locator(".step[data-status=completed]")).to_have_count(page.locator(".step").count())
    expect(page.locator(".reader[data-status=ready]")).to_contain_text("Mill & Crumb")
    assert page.locator("#workflow-artifacts-list .files > li").count() == page.locator(".step").count() > 0


def test_brand_project_and_thread_are_made_and_changed_in_forms(server: PageServer, page: Page) -> None:
    """Brand, project and thread are made in their forms, and the thread is renamed, closed and reopened."""
    page.goto(f"{server.url}/#/threads/{server.make_thread()}")
    _choose(page, "Brand: more", "New brand")
    page.get_by_label("Name").fill("Second brand")
    page.get_by_role("button", name="Create").click()
    page.locator("vm-pick").get_by_role("button", name="New project").click()
    page.get_by_label("Name").fill("Autumn")
    page.get_by_label("Channels").fill("newsletter, market")
    page.get_by_label("Due").fill("2030-09-01")
    page.get_by_role("button", name="Create").click()
    page.locator("vm-pick").get_by_role("button", name="New thread in Autumn").click()
    page.get_by_label("What is this piece of work?").fill("The harvest")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The harvest")

    _choose(page, "Thread: more", "Rename")
    page.get_by_label("What is this piece of work?").fill("The late harvest")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The late harvest")
    expect(page.get_by_label("Thread", exact=True).locator("option:checked")).to_have_text("The late harvest")
    _choose(page, "Thread: more", "Close thread")
    expect(page.get_by_role("button", name="Ask for version")).to_be_disabled()
    _choose(page, "Thread: more", "Reopen thread")
    expect(page.get_by_role("button", name="Ask for version")).to_be_enabled()


def test_the_choices_on_the_left_lead_to_other_work(server: PageServer, page: Page) -> None:
    """Choosing a thread, a project or a brand opens what is in it, and the choices say where one is."""
    first = server.make_thread("First work", "Left brand")
    place = server.get(f"/api/v2/threads/{first}")
    keys = {"brand_id": place["brand_id"], "project_id": place["project_id"]}
    server.post("/api/v2/threads", {**keys, "title": "Second work"})
    server.make_thread("Far work", "Right brand")
    page.goto(f"{server.url}/#/threads/{first}")
    page.get_by_label("Thread", exact=True).select_option(label="Second work")
    expect(page.get_by_role("heading", level=1)).to_have_text("Second work")
    page.get_by_label("Brand", exact=True).select_option(label="Right brand")

    expect(page.get_by_role("heading", level=1)).to_have_text("Far work")
    expect(page.get_by_label("Project", exact=True).locator("option:checked")).to_have_text("Right brand")


def test_second_request_makes_a_second_run_beside_the_first(server: PageServer, page: Page) -> None:
    """A second request leaves the first version as it is, both are listed, and each shows its own files."""
    page.goto(f"{server.url}/#/threads/{server.make_thread()}")
    send(page, "Plan the spring launch")
    expect(versions(page, "completed")).to_have_count(1)
    first = page.locator("#workflow-runs-list [data-run-id]").get_attribute("data-run-id")
    send(page, "Plan it again, smaller")

    expect(versions(page, "completed")).to_have_count(2)
    expect(page.locator("#workflow-runs-list strong")).to_have_text(["Version 2", "Version 1"])
    expect(page.locator("#workflow-runs-list time").first).to_contain_text("Today ")
    expect(page.locator(".run-head")).to_contain_text("Plan it again, smaller")
    page.goto(f"{server.url}/#/runs/{first}")
    expect(page.locator(".run-head")).to_contain_text("Plan the spring launch")


def test_the_deliverable_is_the_centre_and_every_file_is_a_click_away(server: PageServer, page: Page) -> None:
    """The newest deliverable opens by itself; a stage's name and a file's form open others; back returns."""
    thread_id = server.make_thread()
    server.make_run(thread_id, "Plan the spring launch")
    page.goto(f"{server.url}/#/threads/{thread_id}")
    expect(page.locator(".reader[data-status=ready] .reader-body")).to_contain_text("Campaign")
    expect(page.locator(".file-read[aria-current]")).to_have_text("Assembled campaign")
    page.locator("#workflow-artifacts-list").get_by_role("link", name="Schedule").click()
    expect(page.locator(".file-read[aria-current]")).to_have_text("Schedule")
    page.locator(".forms").get_by_role("link", name="Table").click()

    expect(page.locator(".reader[data-status=ready] table")).to_be_visible()
    page.go_back()
    page.go_back()
    expect(page.locator(".file-read[aria-current]")).to_have_text("Assembled campaign")
    centre = page.locator("main").bounding_box()
    assert centre is not None
    assert centre["width"] > 1440 / 2


def test_page_recovers_when_the_server_is_killed(fresh: PageServer, page: Page) -> None:
    """After a SIGKILL the page says that it is not live, comes back by itself, and misses and repeats nothing."""
    thread_id = fresh.make_thread()
    page.goto(f"{fresh.url}/#/threads/{thread_id}")
    expect(page.locator("vm-live")).to_have_text("Live")
    fresh.kill()
    expect(page.locator("vm-live")).to_contain_text("Not live: trying again…")
    page.locator("#workflow-request-input").fill("Typed while the server was away")
    fresh.start()
    expect(page.locator("vm-live")).to_have_text("Live")
    fresh.post(f"/api/v2/threads/{thread_id}/comments", {"text": "Said by somebody else"})
    page.get_by_role("button", name="Ask for version").click()

    expect(page.locator("vm-comments .note-text")).to_have_text("Said by somebody else")
    expect(versions(page, "completed")).to_have_count(1)
    _check_positions(fresh, thread_id, page)


def test_page_recovers_when_the_network_returns(server: PageServer, page: Page) -> None:
    """A page that lost the network says so at once and shows what it missed when the network is back."""
    thread_id = server.make_thread()
    page.goto(f"{server.url}/#/threads/{thread_id}")
    expect(page.locator("vm-live")).to_have_text("Live")
    page.context.set_offline(offline=True)
    expect(page.locator("vm-live")).to_contain_text("Not live: trying again…")
    server.post(f"/api/v2/threads/{thread_id}/comments", {"text": "Said meanwhile"})
    page.context.set_offline(offline=False)

    expect(page.locator("vm-live")).to_have_text("Live")
    expect(page.locator("vm-comments .note-text")).to_have_text("Said meanwhile")
    _check_positions(server, thread_id, page)


def test_what_others_do_appears_by_itself(server: PageServer, page: Page) -> None:
    """A run, a comment and a task that another client made are on the page without a reload."""
    thread_id = server.make_thread()
    page.goto(f"{server.url}/#/threads/{thread_id}")
    expect(page.locator("vm-live")).to_have_text("Live")
    server.post(f"/api/v2/threads/{thread_id}/comments", {"text": "From afar"})
    task = server.post(f"/api/v2/threads/{thread_id}/tasks", {"title": "Call the printer"})
    server.post(f"/api/v2/threads/{thread_id}/workflow-runs", {"request_text": "Asked elsewhere"})

    expect(page.locator("vm-comments .note-text")).to_have_text("From afar")
    expect(versions(page, "completed")).to_have_count(1)
    expect(page.get_by_label("Complete: Call the printer")).to_be_visible()
    server.post(f"/api/v2/tasks/{task['task_id']}/completion", {})
    expect(page.get_by_text("1 completed task")).to_be_visible()
    _check_positions(server, thread_id, page)


def test_one_submission_keeps_its_key_when_the_network_fails(server: PageServer, page: Page) -> None:
    """When the answer to a request is lost, the page sends it again under the same key, and one version results."""
    page.goto(f"{server.url}/#/threads/{server.make_thread()}")
    expect(page.locator("vm-live")).to_have_text("Live")
    keys: list[str | None] = []

    def lose_first_answer(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        keys.append(route.request.headers.get("idempotency-key"))
        if len(keys) == 1:
            route.fetch()
            route.abort("connectionrefused")
        else:
            route.continue_()

    page.route("**/workflow-runs", lose_first_answer)
    send(page, "Only once, please")

    expect(page.locator("#workflow-request-input")).to_have_value("")
    expect(versions(page, "completed")).to_have_count(1)
    assert len(keys) == 2
    assert len(set(keys)) == 1
    page.reload()
    expect(page.locator("#workflow-runs-list [data-run-id]")).to_have_count(1)


def test_hostile_names_stay_text(server: PageServer, page: Page) -> None:
    """Markup in names, titles, requests, comments and tasks is shown, never executed."""
    thread_id = server.make_thread(title=HOSTILE, name=HOSTILE)
    server.post(f"/api/v2/threads/{thread_id}/comments", {"text": HOSTILE})
    server.post(f"/api/v2/threads/{thread_id}/tasks", {"title": HOSTILE})
    page.goto(f"{server.url}/#/threads/{thread_id}")
    send(page, HOSTILE)
    expect(versions(page, "completed")).to_have_count(1)
    for file in page.locator(".file-read").all():
        file.click()
        expect(file).to_have_attribute("aria-current", "true")
        expect(page.locator(".reader[data-status=ready]")).to_be_visible()
    page.locator("vm-timeline summary").first.click()

    assert page.get_by_role("heading", level=1).inner_text() == HOSTILE
    assert page.evaluate("window.hacked ?? null") is None
    assert page.locator("img[src=x], main script").count() == 0


def test_hostile_markdown_is_harmless(server: PageServer, page: Page) -> None:
    """Scripts, handlers, frames, forms, styles, script links and remote images do not survive the reader's Markdown."""
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(server.url)
    page.evaluate(
        """async (text) => {
            const { renderMarkdown } = await import("/web/lib/markdown.js");
            document.querySelector("main").append(renderMarkdown(text));
        }""",
        HOSTILE_MARKDOWN,
    )

    prose = page.locator(".prose")
    expect(prose.get_by_role("link")).to_have_count(1)
    assert prose.get_by_role("link").get_attribute("href") == "https://example.org"
    assert (
        prose.locator("img, script, svg, style, form, input, iframe, [onerror], [onload], [style], [id]").count() == 0
    )
    assert page.evaluate("window.hacked ?? null") is None
    assert [url for url in requested if not url.startswith(server.url)] == []


def test_event_parser_reads_any_cut_of_the_stream(server: PageServer, page: Page) -> None:
    """The parser gives the same events however the network cuts the text, comments and all."""
    page.goto(server.url)
    events = page.evaluate(
        """async () => {
            const { EventParser } = await import("/web/lib/sse.js");
            const text = ": hi\\r\\n\\r\\nid: 1\\nevent: A\\ndata: one\\ndata: two\\n\\n: ping\\n\\nid:2\\n"
                + "data:three\\n\\nid: 3\\ndata: cut";
            return Array.from({ length: text.length + 1 }, (_, at) => {
                const parser = new EventParser();
                return JSON.stringify([...parser.push(text.slice(0, at)), ...parser.push(text.slice(at))]);
            });
        }"""
    )

    assert {json.dumps([{"id": "1", "event": "A", "data": "one\ntwo"}, {"id": "2", "data": "three"}])} == {
        json.dumps(json.loads(cut)) for cut in events
    }


def test_csv_is_read_with_quotes_and_separators(server: PageServer, page: Page) -> None:
    """Quoted commas, quotes and line breaks stay in their cell, and a semicolon separates where it is the custom."""
    page.goto(server.url)
    rows = page.evaluate(
        r"""async () => {
            const { parseCsv } = await import("/web/lib/csv.js");
            return [parseCsv('a,b\r\n"1,5","say ""hi""\nthere"\r\n'), parseCsv("a;b\n1,5;2")];
        }"""
    )

    assert rows == [[["a", "b"], ["1,5", 'say "hi"\nthere']], [["a", "b"], ["1,5", "2"]]]


def test_axe_finds_nothing(server: PageServer, browser: Browser) -> None:
    """No accessibility violation: deliverable, details, menus and forms, in both themes, wide, at 320 px and zoomed."""
    thread_id = server.make_thread()
    server.post(f"/api/v2/threads/{thread_id}/comments", {"text": "A comment"})
    server.post(f"/api/v2/threads/{thread_id}/tasks", {"title": "A task"})
    for width, locale in ((1440, "en-GB"), (720, "pt-BR"), (320, "pt-BR")):
        context = browser.new_context(viewport={"width": width, "height": 900}, locale=locale)
        page = context.new_page()
        page.goto(f"{server.url}/#/threads/{thread_id}")
        expect(page.locator("vm-live [data-live=live]")).to_be_visible(timeout=PATIENCE)
        assert violations(page) == []
        server.make_run(thread_id, "Plan the spring launch")
        expect(page.locator(".reader[data-status=ready]")).to_be_visible(timeout=PATIENCE)
        page.locator("vm-timeline summary").first.click()
        page.locator("vm-view summary").click()
        page.locator("[data-action=details]").click()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.locator("#workflow-request-input").focus()
        page.locator(".request-options summary").click()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        context.close()


def test_axe_finds_nothing_in_an_empty_workspace(fresh: PageServer, page: Page) -> None:
    """No accessibility violation on the first steps, which work by keyboard alone."""
    page.goto(fresh.url)
    expect(page.get_by_label("Your brand")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your brand")).to_be_focused()
    page.keyboard.type("Mill & Crumb")
    page.keyboard.press("Enter")

    expect(versions(page, "completed")).to_have_count(1)


def _check_positions(server: PageServer, thread_id: str, page: Page) -> None:
    """The page has every event of the timeline, once; rows that are folded away are written when there is time."""
    wanted = _positions_of(server, thread_id)
    rows = page.locator("vm-timeline [data-position]")
    expect(rows).to_have_count(len(wanted))
    assert sorted(rows.evaluate_all("all => all.map((one) => +one.dataset.position)")) == wanted


def _positions_of(server: PageServer, thread_id: str) -> list[int]:
    items = server.get(f"/api/v2/threads/{thread_id}/timeline?limit=200")["items"]
    return sorted(item["global_position"] for item in items)


def _choose(page: Page, menu: str, item: str) -> None:
    """Opens a small menu and chooses from it."""
    page.locator(f"summary[title='{menu}']").click()
    page.locator("details.menu[open]").get_by_role("button", name=item).click()
