"""The keyboard is never lost: after each main action it is where one goes on, and after a refusal where one was."""

import pytest
from playwright.sync_api import Page, Route, expect

from page_kit import browser, fresh, page, refused, server
from page_server import PageServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
__all__ = ["browser", "fresh", "page", "refused", "server"]

# Counts the frames in which nothing has the keyboard.
LOST = """() => {
    window.lost = 0;
    const look = () => {
        if (document.activeElement === document.body) window.lost += 1;
        requestAnimationFrame(look);
    };
    look();
}"""


def hold(page: Page, pattern: str) -> list[Route]:
    """Requests to such addresses wait here until somebody lets them go on."""
    held: list[Route] = []

    def keep(route: Route) -> None:
        held.append(route)

    page.route(pattern, keep)
    return held


def test_the_first_steps_keep_the_keyboard(fresh: PageServer, page: Page) -> None:
    """A start that nobody answers leaves it on the button; one that is taken, and a request, hand it to the text."""
    page.goto(fresh.url)
    page.get_by_label("Your brand").fill("Mill & Crumb")
    page.get_by_label("What do you need?").fill("Sell the last forty seats")
    start = page.get_by_role("button", name="Start")
    page.route("**/api/v2/brands", lambda route: route.abort("connectionrefused"))
    start.press("Enter")
    expect(page.locator("vm-welcome .problem")).to_be_visible()
    expect(start).to_be_focused()
    page.unroute_all()
    start.press("Enter")
    expect(page.locator("#run-title")).to_have_text("Version 1")
    expect(page.locator("main")).to_be_focused()

    page.locator("#workflow-request-input").fill("Smaller")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#run-title")).to_have_text("Version 2")
    expect(page.locator("main")).to_be_focused()
    page.locator("#workflow-request-input").focus()
    page.keyboard.press("Escape")
    expect(page.locator("#workflow-run-form")).to_have_attribute("data-open", "false")


def test_deciding_keeps_the_keyboard(fresh: PageServer, page: Page) -> None:
    """Approving goes to the text, in the inbox to what waits next; where nobody answers, it stays on the button."""
    place = fresh.make_place()
    runs = [fresh.make_run(place["thread_id"], f"Launch {number}", mode="reviewed") for number in range(3)]
    page.goto(f"{fresh.url}/#/runs/{runs[0]['run_id']}")
    approve = page.get_by_role("button", name="Approve", exact=True)
    page.route("**/approval", lambda route: route.abort("connectionrefused"))
    approve.press("Enter")
    expect(page.locator("vm-approval .problem")).to_be_visible()
    expect(approve).to_be_focused()
    page.unroute_all()
    approve.press("Enter")
    expect(page.locator(".run-head")).to_have_attribute("data-status", "completed")
    expect(page.locator("main")).to_be_focused()

    page.goto(f"{fresh.url}/#/inbox")
    expect(page.locator(".inbox-row")).to_have_count(2)
    approve.press("Enter")
    expect(page.locator(".inbox-row")).to_have_count(1)
    expect(page.locator(".inbox-row")).to_be_focused()


def test_editing_and_menus_keep_the_keyboard(server: PageServer, page: Page) -> None:
    """Saving into the silence leaves it on the button, leaving hands it on, a menu's choice to the menu's button."""
    place = server.make_place()
    first = server.make_run(place["thread_id"], "Plan the spring launch")
    server.make_run(place["thread_id"], "Plan it smaller")
    page.goto(f"{server.url}/#/runs/{first['run_id']}")
    page.locator("[data-action=edit]").press("Enter")
    page.get_by_label("Text, in Markdown").fill("# Ours")
    page.route("**/edit", lambda route: route.abort("connectionrefused"))
    page.locator("[data-action=save]").press("Enter")
    expect(page.locator(".editor .problem")).to_be_visible()
    expect(page.locator("[data-action=save]")).to_be_focused()
    page.get_by_role("link", name="Version 2").press("Enter")
    page.get_by_role("button", name="Leave, keep the text").press("Enter")
    expect(page.locator("#run-title")).to_have_text("Version 2")
    assert page.evaluate("document.activeElement !== document.body")

    page.locator("summary[title='Thread: more']").press("Enter")
    page.locator("[data-action=close-thread]").press("Enter")
    expect(page.locator("vm-thread .callout")).to_be_visible()
    expect(page.locator("summary[title='Thread: more']")).to_be_focused()


def test_trying_again_never_lets_go_of_the_keyboard(server: PageServer, page: Page) -> None:
    """It stays on the button while the server is asked, and goes to the text of what was begun."""
    place = server.make_place()
    run = server.make_run(place["thread_id"], "Launch the rye loaf", mode="reviewed")
    server.post(f"/api/v2/workflow-runs/{run['run_id']}/cancellation", {})
    page.goto(f"{server.url}/#/runs/{run['run_id']}")
    again = page.locator("[data-action=retry]")
    asked = hold(page, "**/retry")
    again.press("Enter")
    expect(again).to_have_attribute("aria-disabled", "true")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(again).to_be_focused()
    again.press("Enter")
    assert len(asked) == 1
    page.evaluate(LOST)
    asked[0].continue_()

    expect(page.locator("#run-title")).to_have_text("Version 2")
    expect(page.locator("main")).to_be_focused()
    assert page.evaluate("window.lost") == 0


def test_what_is_at_work_keeps_the_keyboard(server: PageServer, page: Page) -> None:
    """Approving, canceling, commenting, completing a task: the button waits with it, and a second press is none."""
    place = server.make_place()
    thread = f"/api/v2/threads/{place['thread_id']}"
    server.post(f"{thread}/tasks", {"title": "Call the printer"})
    runs = [server.make_run(place["thread_id"], f"Launch {number}", mode="reviewed") for number in range(2)]
    for run, path, action, key in (
        (runs[0], "approval", "[data-action=approve]", "Enter"),
        (runs[1], "cancellation", "[data-action=cancel]", "Enter"),
        (runs[1], "comments", "vm-comments [type=submit]", "Enter"),
        (runs[1], "completion", "vm-tasks [type=checkbox]", "Space"),
    ):
        page.goto(f"{server.url}/#/runs/{run['run_id']}")
        expect(page.locator("#run-title")).to_have_text(f"Version {run['number']}")
        page.locator("#comment-text").fill("A word")
        pressed = page.locator(action)
        asked = hold(page, f"**/{path}")
        pressed.focus()
        page.evaluate(LOST)
        pressed.press(key)
        expect(pressed).to_have_attribute("aria-disabled", "true")
        pressed.press(key)
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        expect(pressed).to_be_focused()
        assert len(asked) == 1
        asked[0].continue_()
        expect(page.locator(f"{action}[aria-disabled]")).to_have_count(0)
        assert page.evaluate("window.lost") == 0
        page.unroute(f"**/{path}")


def test_a_text_that_is_given_the_keyboard_begins_below_the_bar(server: PageServer, page: Page) -> None:
    """Whoever skips to the text, and whoever goes on from there, sees its title whole."""
    place = server.make_place("The launch")
    for text in ("Launch the rye loaf", "Launch the oat loaf"):
        server.make_run(place["thread_id"], text)
    page.goto(f"{server.url}/#/threads/{place['thread_id']}")
    expect(page.locator(".reader .prose")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()
    assert page.evaluate("scrollY") == 0
