"""Going on from a version on the page: revising, editing, commenting, the best version, rules and costs of a brand."""

import re

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from page_kit import ask_one_by_one, browser, page, server, watched_page
from page_server import PageServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
__all__ = ["browser", "page", "server"]


def test_finished_stage_is_revised_with_feedback(server: PageServer, page: Page) -> None:
    """Any finished stage can be sent back with what should be different; a new version results."""
    place = server.make_place()
    run = server.make_run(place["thread_id"], "Plan the spring launch")
    page.goto(f"{server.url}/#/runs/{run['run_id']}")
    page.locator("[data-action=ask-revision]").click()
    page.get_by_label("What should be different?").fill("Shorter, please")
    page.get_by_role("button", name="Ask for the revision").click()

    expect(page.locator("#run-title")).to_have_text("Version 2")
    assert list(server.runs(place["thread_id"])[0]["feedback"].values()) == ["Shorter, please"]


def test_text_is_edited_in_place_and_survives(server: PageServer, page: Page) -> None:
    """What is typed survives a reload, leaving asks first, saving makes a version with exactly that text."""
    place = server.make_place()
    run = server.make_run(place["thread_id"], "Plan the spring launch")
    asked: list[str] = []
    page.on("dialog", lambda dialog: _accept(dialog, asked))
    page.goto(f"{server.url}/#/runs/{run['run_id']}")
    page.locator("[data-action=edit]").click()
    field = page.get_by_label("Text, in Markdown")
    field.fill("# Ours\n\nSaid by **people**.")
    expect(page.locator(".editor-preview h3")).to_have_text(["Ours"])
    expect(page.locator(".editor-preview strong")).to_have_text(["people"])

    page.reload()
    expect(field).to_have_value("# Ours\n\nSaid by **people**.")
    expect(page.locator(".editor")).to_contain_text("not saved yet")
    assert asked == ["beforeunload"]
    page.locator("[data-run-id]").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("Leave without saving?")
    page.get_by_role("button", name="Go on editing").click()
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.locator("#run-title")).to_have_text("Version 2")
    newest = server.get(f"/api/v2/workflow-runs/{server.runs(place['thread_id'])[0]['run_id']}")
    assert len(newest["edited"]) == 1
    page.goto(f"{server.url}/#/runs/{newest['run_id']}")
    expect(page.locator(".editor")).to_have_count(0)


def test_edited_text_can_be_kept_or_thrown_away(server: PageServer, page: Page) -> None:
    """Leaving with the text kept brings it back when the file is opened again; throwing it away does not."""
    place = server.make_place()
    first = server.make_run(place["thread_id"], "Plan the spring launch")
    server.make_run(place["thread_id"], "Plan it smaller")
    page.goto(f"{server.url}/#/runs/{first['run_id']}")
    page.locator("[data-action=edit]").click()
    page.get_by_label("Text, in Markdown").fill("# Kept")
    there = page.url
    page.get_by_role("link", name="Version 2").click()
    page.get_by_role("button", name="Leave, keep the text").click()
    expect(page.locator("#run-title")).to_have_text("Version 2")
    page.goto(there)
    expect(page.get_by_label("Text, in Markdown")).to_have_value("# Kept")
    page.get_by_role("button", name="Stop editing").click()
    page.get_by_role("button", name="Throw the text away").click()

    expect(page.locator(".reader")).to_be_visible()
    page.reload()
    expect(page.locator(".reader .prose")).to_be_visible()
    expect(page.locator(".editor")).to_have_count(0)


def test_back_leads_past_a_text_that_is_kept(server: PageServer, page: Page) -> None:
    """Once the text is left to wait, the browser's steps go where they go, without a question and without new ones."""
    place = server.make_place()
    run = server.make_run(place["thread_id"], "Plan the spring launch")
    page.goto(f"{server.url}/#/inbox")
    page.goto(f"{server.url}/#/runs/{run['run_id']}")
    page.locator("[data-action=edit]").click()
    field = page.get_by_label("Text, in Markdown")
    field.fill("# Kept")
    steps = page.evaluate("history.length")
    page.go_back()
    expect(page.get_by_role("dialog")).to_contain_text("Leave without saving?")
    expect(page).to_have_url(re.compile("/files/"))
    page.get_by_role("button", name="Leave, keep the text").click()
    expect(page).to_have_url(f"{server.url}/#/runs/{run['run_id']}")
    expect(page.locator(".editor")).to_have_count(0)
    page.go_back()
    expect(page).to_have_url(f"{server.url}/#/inbox")
    page.go_forward()
    page.go_forward()
    expect(field).to_have_value("# Kept")
    page.go_back()
    expect(page).to_have_url(f"{server.url}/#/runs/{run['run_id']}")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("history.length") == steps

    page.go_forward()
    field.fill("# Kept and more")
    page.go_back()
    page.get_by_role("button", name="Go on editing").click()
    expect(field).to_have_value("# Kept and more")
    assert page.evaluate("history.length") == steps


def test_a_closed_thread_offers_nothing_that_it_refuses(server: PageServer, page: Page) -> None:
    """Revising, editing and starting from it are not offered, nor typed in the palette; the notice opens it again."""
    place = server.make_place()
    run = server.make_run(place["thread_id"], "Plan the spring launch")
    server.post(f"/api/v2/threads/{place['thread_id']}/closing")
    page.goto(f"{server.url}/#/runs/{run['run_id']}")
    expect(page.locator("[data-action=best]")).to_be_visible()
    makes = page.locator(":is([data-action=edit], [data-action=ask-revision], [data-action=fork])")
    expect(makes).to_have_count(0)
    page.keyboard.press("Control+k")
    page.locator("#palette-input").fill("revision of")
    expect(page.get_by_role("option", name="Search")).to_be_visible()
    expect(page.locator("[data-verb^=ask-revision]")).to_have_count(0)
    page.keyboard.press("Escape")
    page.locator("#comment-text").fill("Still to be said")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator("vm-comments .note-text")).to_have_text("Still to be said")
    page.locator("vm-thread").get_by_role("button", name="Reopen thread").click()

    expect(makes).to_have_count(3)
    expect(page.get_by_role("button", name="Ask for version")).to_be_enabled()


def test_comments_are_about_a_version_or_a_stage(server: PageServer, page: Page) -> None:
    """A comment is about the version on show, about one of its stages, or about the whole thread, as one says."""
    place = server.make_place()
    run = server.make_run(place["thread_id"], "Launch the rye loaf", mode="reviewed")
    page.goto(f"{server.url}/#/runs/{run['run_id']}")
    for about, text in (
        ("About version 1", "All of it"),
        ("“Brief” of version 1", "This one"),
        ("The whole thread", "Work"),
    ):
        page.locator("#comment-text").fill(text)
        page.get_by_label("About", exact=True).select_option(label=about)
        page.get_by_role("button", name="Comment", exact=True).click()
        expect(page.locator("#comment-text")).to_have_value("")

    said = server.get(f"/api/v2/threads/{place['thread_id']}/comments")["comments"]
    found = [(one["text"], one["run_id"], one["stage_key"]) for one in reversed(said)]
    assert found == [("All of it", run["run_id"], None), ("This one", run["run_id"], "brief"), ("Work", None, None)]


def test_best_version_is_marked_and_forked_from(server: PageServer, page: Page) -> None:
    """The best version bears its mark and reason; a fork starts from it by default and keeps what it does not touch."""
    place = server.make_place()
    first = server.make_run(place["thread_id"], "Plan the spring launch", mode="plan_90d")
    server.make_run(place["thread_id"], "Plan it smaller", mode="plan_90d")
    page.goto(f"{server.url}/#/runs/{first['run_id']}")
    page.locator("[data-action=best]").click()
    page.get_by_label("Why?").fill("The tone is right")
    page.get_by_role("button", name="Mark it").click()
    expect(page.locator(f"#workflow-runs-list [data-run-id={first['run_id']}]")).to_contain_text("Best version")
    expect(page.locator("vm-go-on")).to_contain_text("The tone is right")

    page.get_by_role("link", name="Version 2").click()
    page.locator("[data-action=fork]").click()
    expect(page.get_by_label("Starting from").locator("option:checked")).to_have_text("Version 1 (best version)")
    page.get_by_label("Begin again at").select_option(label="Calendar")
    expect(page.get_by_role("dialog")).to_contain_text("Kept as they are: Brief")
    page.get_by_label("What should change in that stage?").fill("Eight weeks only")
    page.get_by_role("button", name="Make the version").click()
    expect(page.locator("#run-title")).to_have_text("Version 3")
    newest = server.runs(place["thread_id"])[0]
    assert newest["forked_from"] == {"run_id": first["run_id"], "stage_key": "calendar"}
    assert newest["feedback"] == {"calendar": "Eight weeks only"}


def test_rules_and_details_of_a_brand_are_kept(server: PageServer, page: Page) -> None:
    """What to do, what not to do and the budget are edited with the brand; rules are added and retired."""
    place = server.make_place(name="Mill & Crumb")
    page.goto(f"{server.url}/#/threads/{place['thread_id']}")
    expect(page.get_by_role("heading", level=1)).to_have_text("A piece of work")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="What do you want to do?")).to_be_focused()
    page.keyboard.type("edit the brand")
    page.keyboard.press("Enter")
    page.get_by_label("What to do").fill("Name the price\nSay where it is baked")
    page.get_by_label("What not to do").fill("Promise deadlines")
    page.get_by_label("Budget (US$)").fill("25,50")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    brand = server.get(f"/api/v2/brands/{place['brand_id']}")
    said = (brand["do"], brand["dont"], float(brand["budget_usd"]))
    assert said == (["Name the price", "Say where it is baked"], ["Promise deadlines"], 25.5)

    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="What do you want to do?")).to_be_focused()
    page.keyboard.type("rules")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("No rules yet")
    dialog.get_by_text("Add a rule").first.click()
    dialog.get_by_label("The rule, in a sentence").fill("Keep it short.")
    dialog.get_by_label("How it is checked").select_option(label="A greatest length")
    dialog.get_by_label("At most this many characters").fill("5000")
    dialog.get_by_role("button", name="Add a rule").click()
    expect(dialog.locator("[data-rule-id]")).to_contain_text("At most 5000 characters")
    dialog.get_by_role("button", name="Retire the rule: Keep it short.").click()
    expect(dialog).to_contain_text("1 retired rule")


def test_cost_says_what_is_known(server: PageServer, browser: Browser) -> None:
    """Tokens and dollars of a version stand in one line; what has no known price says so; budgets say what is left."""
    place = server.make_place()
    server.post(f"/api/v2/brands/{place['brand_id']}/budget", {"limit_usd": "25.00"})
    run = server.make_run(place["thread_id"], "Launch the rye loaf", mode="reviewed")
    usage = {
        "calls": 2,
        "input_tokens": 12_000,
        "output_tokens": 345,
        "cost_usd": "0.0312",
        "reserved_usd": "0",
        "unpriced": 0,
    }
    shown = {**run, "usage": usage, "writer": "openai:some-model"}
    with watched_page(browser, locale="en-US") as page:
        ask_one_by_one(page)
        page.route(f"**/workflow-runs/{run['run_id']}", lambda route: route.fulfill(json=shown))
        page.goto(f"{server.url}/#/runs/{run['run_id']}")
        expect(page.locator("[data-cost]")).to_contain_text("12,345 tokens")
        expect(page.locator("[data-cost]")).to_contain_text("$0.031")
        expect(page.locator("[data-scope=brand]")).to_contain_text("$25.00 of $25.00 left")

        unknown = {**shown, "usage": {**usage, "cost_usd": "0", "unpriced": 2}}
        page.unroute_all()
        ask_one_by_one(page)
        page.route(f"**/workflow-runs/{run['run_id']}", lambda route: route.fulfill(json=unknown))
        page.reload()
        expect(page.locator("[data-cost]")).to_contain_text("cost unknown")


def _accept(dialog: Dialog, asked: list[str]) -> None:
    asked.append(dialog.type)
    dialog.accept()
