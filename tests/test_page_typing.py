"""What is typed on the page stays what it was typed for, and stays at all, until it is sent."""

import json
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from page_kit import browser, fresh, open_from_palette, page, refused, server
from page_server import PageServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
__all__ = ["browser", "fresh", "page", "refused", "server"]


def test_each_decision_of_the_inbox_has_its_own_fields(fresh: PageServer, page: Page) -> None:
    """A comment or a reason that was typed for one decision does not stand at another, and is there on coming back."""
    place = fresh.make_place()
    for text in ("Launch the first", "Launch the second"):
        fresh.make_run(place["thread_id"], text, mode="reviewed")
    page.goto(f"{fresh.url}/#/inbox")
    rows = page.locator(".inbox-row")
    comment, reason = page.locator("#inbox-approval-comment"), page.locator("#inbox-approval-reason")
    _choose(rows.nth(1), page, "Launch the first")
    _choose(rows.nth(0), page, "Launch the second")
    comment.fill("About the second")
    page.get_by_text("Reject…").click()
    expect(reason).to_be_focused()
    reason.fill("The second is too long")
    _choose(rows.nth(1), page, "Launch the first")

    expect(comment).to_have_value("")
    expect(reason).to_be_hidden()
    expect(reason).to_have_value("")
    _choose(rows.nth(0), page, "Launch the second")
    expect(comment).to_have_value("About the second")
    expect(reason).to_have_value("The second is too long")
    expect(reason).to_be_visible()


def test_the_key_that_approves_takes_the_comment_along(fresh: PageServer, page: Page) -> None:
    """What was typed in the panel is shown in the question that `a` asks, and recorded with the yes."""
    run = fresh.make_run(fresh.make_thread(), "Launch the rye loaf", mode="reviewed")
    page.goto(f"{fresh.url}/#/inbox")
    page.locator("#inbox-approval-comment").fill("Good, but watch the price")
    page.locator(".inbox-row").focus()
    page.keyboard.press("a")
    expect(page.get_by_role("dialog")).to_contain_text("Good, but watch the price")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()
    gate = fresh.get(f"/api/v2/workflow-runs/{run['run_id']}")["stages"][0]["gate"]
    assert gate["granted"][0]["comment"] == "Good, but watch the price"


def test_a_comment_stays_about_the_version_it_was_begun_for(server: PageServer, page: Page) -> None:
    """Turning to another version leaves the text and what it is about as they are; an empty field follows."""
    place = server.make_place()
    first = server.make_run(place["thread_id"], "Plan the spring launch")
    server.make_run(place["thread_id"], "Plan it smaller")
    page.goto(f"{server.url}/#/runs/{first['run_id']}")
    chosen = page.get_by_label("About", exact=True).locator("option:checked")
    expect(chosen).to_have_text("About version 1")
    page.locator("#comment-text").fill("The first is calmer")
    page.get_by_role("link", name="Version 2").click()
    expect(page.locator("#run-title")).to_have_text("Version 2")
    expect(chosen).to_have_text("About version 1")
    page.reload()
    expect(page.locator("#comment-text")).to_have_value("The first is calmer")
    expect(chosen).to_have_text("About version 1")
    page.get_by_role("button", name="Comment", exact=True).click()

    expect(chosen).to_have_text("About version 2")
    (said,) = server.get(f"/api/v2/threads/{place['thread_id']}/comments")["comments"]
    assert (said["text"], said["run_id"]) == ("The first is calmer", first["run_id"])


def test_what_is_typed_is_kept_until_it_is_sent(server: PageServer, page: Page) -> None:
    """Comment, task, approval and reason outlive a reload, feedback an Escape; what was sent is gone."""
    place = server.make_place()
    run = server.make_run(place["thread_id"], "Launch the rye loaf", mode="reviewed")
    page.goto(f"{server.url}/#/runs/{run['run_id']}")
    typed = {"comment-text": "Said", "task-title": "To do", "approval-comment": "Fine", "approval-reason": "Long"}
    page.locator(".rejecting summary").first.click()
    for field, text in typed.items():
        page.locator(f"#{field}").fill(text)
    page.reload()
    for field, text in typed.items():
        expect(page.locator(f"#{field}")).to_have_value(text)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#task-title")).to_have_value("")
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator(".run-head")).to_have_attribute("data-status", "completed")

    page.locator("[data-action=ask-revision]").click()
    feedback = page.get_by_label("What should be different?")
    feedback.fill("Shorter")
    page.keyboard.press("Escape")
    page.locator("[data-action=ask-revision]").click()
    expect(feedback).to_have_value("Shorter")
    page.get_by_role("button", name="Ask for the revision").click()
    expect(page.locator("#run-title")).to_have_text("Version 2")
    kept = page.evaluate("Object.keys(sessionStorage).filter((name) => name.startsWith('vm-draft:'))")
    assert kept == [f"vm-draft:comment:{place['thread_id']}"]


def test_the_first_steps_are_kept_and_what_is_missing_is_said(fresh: PageServer, page: Page) -> None:
    """The first form outlives a reload and the other language; spaces alone are told at their field, not sent."""
    page.goto(fresh.url)
    page.get_by_role("button", name="Open day").click()
    page.get_by_label("Your brand").fill("Mill & Crumb")
    page.reload()
    expect(page.get_by_label("Your brand")).to_have_value("Mill & Crumb")
    page.locator("vm-view summary").click()
    page.locator("[data-action=language]").click()
    expect(page.get_by_label("Sua marca")).to_have_value("Mill & Crumb")
    expect(page.get_by_label("Projeto")).to_have_value("Open day")
    page.get_by_label("Sua marca").fill("   ")
    page.get_by_role("button", name="Começar").click()

    brand = page.get_by_label("Sua marca")
    expect(brand).to_be_focused()
    assert brand.evaluate("field => field.validationMessage") == "Preencha “Sua marca” primeiro."
    assert fresh.get("/api/v2/brands")["brands"] == []
    brand.fill("Mill & Crumb")
    page.get_by_role("button", name="Começar").click()
    expect(page.locator("#run-title")).to_have_text("Versão 1")


def test_a_second_start_takes_the_corrected_names(fresh: PageServer, refused: Page) -> None:
    """Where the first try made the brand and failed at the project, the brand gets the name that stands there now."""
    errors = [{"pointer": "/name", "detail": "It is too odd"}, {"pointer": "/other", "detail": "It is too odd"}]
    problem = {"code": "invalid", "detail": "The request is not valid. /name: It is too odd.", "errors": errors}

    def refuse_once(route: Route) -> None:
        if route.request.method == "POST" and not answered:
            answered.append(route.request.url)
            route.fulfill(status=422, content_type="application/problem+json", body=json.dumps(problem))
        else:
            route.continue_()

    answered: list[str] = []
    refused.route("**/api/v2/projects", refuse_once)
    refused.goto(fresh.url)
    refused.get_by_label("Your brand").fill("Mil & Crum")
    refused.get_by_label("What do you need?").fill("Sell the last forty seats")
    refused.get_by_role("button", name="Start").click()
    told = refused.locator("vm-welcome .problem")
    expect(told).to_contain_text("Something here cannot be taken as it is.")
    expect(told.locator("li")).to_have_text(["It is too odd"])
    expect(told).not_to_contain_text("/name", use_inner_text=True)
    refused.get_by_label("Your brand").fill("Mill & Crumb")
    refused.get_by_role("button", name="Start").click()

    expect(refused.locator("#run-title")).to_have_text("Version 1")
    assert [brand["name"] for brand in fresh.get("/api/v2/brands")["brands"]] == ["Mill & Crumb"]


def _choose(row: Locator, page: Page, text: str) -> None:
    row.click()
    expect(page.locator(".inbox-prose")).to_contain_text(text)
    expect(page.locator(".inbox-decision .approval")).to_be_visible()


def test_a_thread_s_name_is_kept_until_it_is_made_or_canceled(server: PageServer, page: Page) -> None:
    """Escape and a reload keep what was typed into the form of a new thread; cancel and making it do not."""
    place = server.make_place()
    page.goto(f"{server.url}/#/threads/{place['thread_id']}")
    title = page.locator("#form-title")
    open_from_palette(page, "New thread")
    title.fill("Autumn")
    page.keyboard.press("Escape")
    open_from_palette(page, "New thread")
    expect(title).to_have_value("Autumn")
    page.reload()
    open_from_palette(page, "New thread")
    expect(title).to_have_value("Autumn")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    open_from_palette(page, "New thread")
    expect(title).to_have_value("")
    title.fill("Winter")
    page.keyboard.press("Enter")
    expect(page.locator("#thread-title")).to_have_text("Winter")
    open_from_palette(page, "New thread")
    expect(title).to_have_value("")


def test_a_form_says_that_what_was_typed_is_not_saved(server: PageServer, page: Page) -> None:
    """What stands in place of what somebody has saved since is told as such; Cancel puts that back."""
    place = server.make_place()
    page.goto(f"{server.url}/#/threads/{place['thread_id']}")
    voice, told = page.get_by_label("How it sounds"), page.locator("dialog.form [role=status]")
    open_from_palette(page, "Edit the brand")
    expect(told).to_have_count(0)
    voice.fill("Loud")
    page.keyboard.press("Escape")
    address, key = f"{server.url}/api/v2/brands/{place['brand_id']}", {"Idempotency-Key": "a-calm-voice"}
    httpx2.patch(address, json={"voice": "Calm"}, headers=key).raise_for_status()
    page.reload()
    open_from_palette(page, "Edit the brand")
    expect(voice).to_have_value("Loud")
    expect(told).to_contain_text("not saved yet")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    open_from_palette(page, "Edit the brand")
    expect(voice).to_have_value("Calm")
    expect(told).to_have_count(0)


def test_why_a_version_is_best_or_erased_and_a_rule_outlive_a_reload(server: PageServer, page: Page) -> None:
    """The reasons and a rule that was begun are there again; what was sent is not."""
    place = server.make_place()
    run = server.make_run(place["thread_id"], "Plan the spring launch")
    page.goto(f"{server.url}/#/runs/{run['run_id']}")
    rule = page.locator("#rule-text")
    open_from_palette(page, "Rules of the brand")
    page.get_by_role("dialog").get_by_text("Add a rule", exact=True).first.click()
    rule.fill("Say you, not one")
    page.keyboard.press("Escape")
    best = page.locator("#best-reason")
    page.locator("[data-action=best]").click()
    best.fill("Calm")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Erase…").click()
    page.locator("#erasure-reason").fill("Names a customer")
    page.reload()
    page.get_by_role("button", name="Erase…").click()
    expect(page.locator("#erasure-reason")).to_have_value("Names a customer")
    page.keyboard.press("Escape")
    open_from_palette(page, "Rules of the brand")
    expect(rule).to_have_value("Say you, not one")
    page.keyboard.press("Escape")
    page.locator("[data-action=best]").click()
    expect(best).to_have_value("Calm")
    page.get_by_role("dialog").locator("button[type=submit]").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("Object.keys(sessionStorage).filter((name) => name.includes('best'))") == []


def test_a_rule_that_was_typed_and_taken_back_is_no_rule_begun(server: PageServer, page: Page) -> None:
    """Its form comes folded again, and nothing of it is kept; a chosen check alone is."""
    page.goto(f"{server.url}/#/threads/{server.make_place()['thread_id']}")
    dialog, rule = page.get_by_role("dialog"), page.locator("#rule-text")
    open_from_palette(page, "Rules of the brand")
    dialog.get_by_text("Add a rule", exact=True).first.click()
    rule.fill("Say you, not one")
    rule.fill("")
    assert page.evaluate("Object.keys(sessionStorage).filter((name) => name.includes('rule:'))") == []
    page.keyboard.press("Escape")
    open_from_palette(page, "Rules of the brand")
    expect(rule).to_be_hidden()
    dialog.get_by_text("Add a rule", exact=True).first.click()
    page.locator("#rule-check").select_option("max_length")
    page.keyboard.press("Escape")
    open_from_palette(page, "Rules of the brand")
    expect(page.locator("#rule-check")).to_have_value("max_length")


def test_a_rule_is_set_in_its_own_direction(server: PageServer, page: Page) -> None:
    """In the list of those that stand, and of those that are retired."""
    page.goto(f"{server.url}/#/threads/{server.make_place()['thread_id']}")
    dialog = page.get_by_role("dialog")
    open_from_palette(page, "Rules of the brand")
    dialog.get_by_text("Add a rule", exact=True).first.click()
    page.locator("#rule-text").fill("בלי הנחות.")
    page.keyboard.press("Tab")
    dialog.locator("form button[type=submit]").click()
    stands = dialog.locator("[data-rule-id] p").first
    expect(stands).to_have_text("בלי הנחות.")
    expect(stands).to_have_css("direction", "rtl")
    dialog.locator("[data-rule-id] button").click()
    expect(dialog.locator("details").last.locator("li")).to_have_css("direction", "rtl")


def test_who_signs_out_leaves_nothing_typed_behind(tmp_path: Path, browser: Browser) -> None:
    """The next person at the same tab finds no draft; a session that ended by itself keeps them."""
    server = PageServer(tmp_path)
    secret, thread_id = server.start_guarded("Ana", "admin")
    context = browser.new_context(locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    token, request = page.get_by_label("Your token"), page.locator("#workflow-request-input")

    def sign_in() -> None:
        token.fill(secret)
        page.keyboard.press("Enter")
        page.goto(f"{server.url}/#/threads/{thread_id}")

    page.goto(server.url)
    sign_in()
    request.fill("For nobody else to see")
    context.clear_cookies()
    page.reload()
    sign_in()
    expect(request).to_have_value("For nobody else to see")
    page.locator("vm-view summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(token).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0
    sign_in()
    expect(request).to_have_value("")
    context.close()
    server.kill()


def test_a_fork_that_was_begun_is_there_again_under_its_version(server: PageServer, page: Page) -> None:
    """What is typed belongs to the version chosen: it outlives Escape and a reload, and goes when it is sent."""
    place = server.make_place()
    first = server.make_run(place["thread_id"], "Plan the spring launch", mode="plan_90d")
    second = server.make_run(place["thread_id"], "Plan it smaller", mode="plan_90d")
    page.goto(f"{server.url}/#/runs/{second['run_id']}")
    chosen = page.get_by_label("Starting from")
    request, change = page.get_by_label("The request"), page.get_by_label("What should change in that stage?")
    page.locator("[data-action=fork]").click()
    change.fill("For the second")
    chosen.select_option(label="Version 1")
    expect(change).to_have_value("")
    expect(request).to_have_value("Plan the spring launch")
    page.get_by_label("Begin again at").select_option(label="Calendar")
    change.fill("Eight weeks only")
    page.keyboard.press("Escape")
    page.reload()
    page.locator("[data-action=fork]").click()
    expect(chosen.locator("option:checked")).to_have_text("Version 1")
    expect(change).to_have_value("Eight weeks only")
    expect(page.get_by_label("Begin again at").locator("option:checked")).to_have_text("Calendar")
    chosen.select_option(label="Version 2")
    expect(change).to_have_value("For the second")
    expect(request).to_have_value("Plan it smaller")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    page.locator("[data-action=fork]").click()
    expect(change).to_have_value("")
    chosen.select_option(label="Version 1")
    page.get_by_role("button", name="Make the version").click()
    expect(page.locator("#run-title")).to_have_text("Version 3")
    made = server.runs(place["thread_id"])[0]
    assert made["forked_from"] == {"run_id": first["run_id"], "stage_key": "calendar"}
    assert page.evaluate("Object.keys(sessionStorage).filter((name) => name.startsWith('vm-draft:fork:'))") == []


def test_a_request_that_is_sent_late_leaves_another_threads_form_alone(server: PageServer, page: Page) -> None:
    """Whoever turned to another thread meanwhile stays there, and what was begun there stands in its form."""
    first, second = server.make_thread("First"), server.make_thread("Second")
    held: list[Route] = []
    page.route(
        "**/workflow-runs", lambda route: held.append(route) if route.request.method == "POST" else route.continue_()
    )
    page.goto(f"{server.url}/#/threads/{first}")
    text = page.locator("vm-request textarea[name=request_text]")
    text.fill("Launch the rye loaf")
    text.press("Control+Enter")
    expect(page.locator("vm-request [type=submit][aria-disabled=true]")).to_be_visible()
    page.goto(f"{server.url}/#/threads/{second}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Second")
    expect(text).to_have_value("")
    text.fill("Begun for the second")
    with page.expect_response("**/workflow-runs"):
        held[0].continue_()

    expect(page).to_have_url(f"{server.url}/#/threads/{second}")
    expect(text).to_have_value("Begun for the second")
    page.goto(f"{server.url}/#/threads/{first}")
    expect(page.locator("#workflow-runs-list [data-run-id]")).to_have_count(1)
    expect(text).to_have_value("")


def test_options_that_come_when_no_thread_is_open_wait_for_one(server: PageServer, page: Page) -> None:
    """What a request may say besides is loaded on demand; whoever has gone to the inbox by then sees no error."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/request_options.js", hold)
    page.goto(f"{server.url}/#/threads/{server.make_thread()}")
    page.locator("vm-request textarea[name=request_text]").focus()
    expect(page.locator("vm-live")).to_have_text("Live")
    page.goto(f"{server.url}/#/inbox")
    expect(page.locator("body[data-view=inbox]")).to_be_visible()
    with page.expect_response("**/request_options.js"):
        held[0].continue_()
    page.go_back()
    expect(page.locator("#request-budget")).to_be_attached()
