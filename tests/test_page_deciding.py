"""Deciding on the page: beside the text, on exactly the bytes that were shown, from the inbox, and by going on."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from page_kit import assert_sound, browser, fresh, page, refused, server, until, watched_page
from page_server import PageServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
__all__ = ["browser", "fresh", "page", "refused", "server"]

STRICT = """
title: Strict campaign
version: 1
stages:
  - key: brief
    title: Brief
    kind: brief
    approval: required
    gate: {role: approver, quorum: 2, four_eyes: true, expires_after_hours: 48, on_expiry: reject}
"""
OTHER_BYTES = "0" * 64


def test_what_is_approved_is_what_is_read(server: PageServer, page: Page) -> None:
    """The text stands beside the decision, which lists the files and the digest that the approval then names."""
    place = server.make_place()
    run = server.make_run(place["thread_id"], "Launch the rye loaf", mode="reviewed")
    stage = run["stages"][0]
    page.goto(f"{server.url}/#/runs/{run['run_id']}")
    expect(page.locator(".reader .prose")).to_contain_text("rye loaf")
    expect(_panel(page)).to_contain_text("Approvers may decide. One approval is needed.")
    page.get_by_text("What exactly is approved").click()

    expect(page.locator(".bound code").first).to_have_text(stage["artifacts"][0]["sha256"])
    expect(page.locator("[data-digest]")).to_have_text(stage["manifest_sha256"])
    page.get_by_label("Comment optional").fill("Good as it is")
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator(".run-head")).to_have_attribute("data-status", "completed")
    grant = server.get(f"/api/v2/workflow-runs/{run['run_id']}")["stages"][0]["gate"]["granted"][0]
    assert grant["comment"] == "Good as it is"


def test_files_that_change_under_the_eyes_are_not_approved(server: PageServer, page: Page) -> None:
    """Where the stage's digest is another than when one began to look, the page says so and asks to look again."""
    run = server.make_run(server.make_thread(), "Launch the rye loaf", mode="reviewed")
    other = json.loads(json.dumps(run))
    other["stages"][0]["manifest_sha256"] = OTHER_BYTES
    other["version"] += 1
    page.goto(f"{server.url}/#/runs/{run['run_id']}")
    expect(_panel(page).get_by_role("button", name="Approve")).to_be_enabled()
    expect(page.locator("vm-live")).to_have_text("Live")
    page.route(f"**/workflow-runs/{run['run_id']}", lambda route: route.fulfill(json=other))
    wanted = "run => document.dispatchEvent(new CustomEvent('intent', {detail: {type: 'run_wanted', runId: run}}))"
    page.evaluate(wanted, run["run_id"])

    expect(_panel(page).get_by_role("alert")).to_contain_text("These files have changed since you opened them.")
    expect(_panel(page).get_by_role("button", name="Approve")).to_be_disabled()
    page.get_by_role("button", name="Show the new files").click()
    expect(_panel(page).get_by_role("button", name="Approve")).to_be_enabled()
    expect(page.locator("[data-digest]")).to_have_text(OTHER_BYTES)


def test_other_bytes_are_refused_in_plain_words(server: PageServer, refused: Page) -> None:
    """The server's 409 stands beside the button as what it means: other bytes, or somebody was faster."""
    run = server.make_run(server.make_thread(), "Launch the rye loaf", mode="reviewed")
    stage = f"/api/v2/workflow-runs/{run['run_id']}/stages/brief"
    refused.goto(f"{server.url}/#/runs/{run['run_id']}")
    approve = _panel(refused).get_by_role("button", name="Approve")

    def send_other_bytes(route: Route) -> None:
        route.continue_(post_data=json.dumps({"manifest_sha256": OTHER_BYTES}))

    refused.route(f"**{stage}/approval", send_other_bytes)
    approve.click()
    expect(_panel(refused).locator(".problem")).to_contain_text("The files are not the ones you were shown.")
    assert server.get(f"/api/v2/workflow-runs/{run['run_id']}")["status"] == "waiting_approval"


def test_somebody_else_was_faster(server: PageServer, refused: Page) -> None:
    """Where another person decides in the same moment, the page shows what was decided and says so."""
    run = server.make_run(server.make_thread(), "Launch the rye loaf", mode="reviewed")
    stage = f"/api/v2/workflow-runs/{run['run_id']}/stages/brief"
    refused.goto(f"{server.url}/#/runs/{run['run_id']}")

    def come_too_late(route: Route) -> None:
        shown = {"manifest_sha256": run["stages"][0]["manifest_sha256"], "reason": "Too long"}
        server.post(f"{stage}/rejection", shown)
        route.continue_()

    refused.route(f"**{stage}/approval", come_too_late)
    _panel(refused).get_by_role("button", name="Approve").click()
    expect(_panel(refused)).to_contain_text("Too long")
    expect(refused.locator("vm-approval")).to_contain_text("Somebody has decided on this already")


def test_breach_shows_its_evidence_and_asks_for_a_reason(server: PageServer, page: Page) -> None:
    """A broken rule is shown with sentence, excerpt and line; approving all the same needs a reason, which is kept."""
    place = server.make_place()
    rule = _forbid(server, place["brand_id"], "loaf")
    run = server.make_run(place["thread_id"], "Launch the rye loaf", mode="reviewed")
    page.goto(f"{server.url}/#/runs/{run['run_id']}")
    evidence = _panel(page).locator(".breach").first
    expect(evidence).to_contain_text("Promise nothing.")
    expect(evidence.locator("li").first).to_contain_text("brief.md, line 1")
    expect(evidence.locator("q").first).to_contain_text("loaf")
    approve = page.get_by_role("button", name="Approve all the same")
    approve.click()
    reason = page.get_by_label("Why is it all right all the same?")
    expect(reason).to_be_focused()

    reason.fill("It is the product's own name")
    approve.click()
    # The message breaks the rule as well; what counts here is the waiver of the first stage.
    expect(page.locator(".approval")).to_have_attribute("data-stage-key", "message")
    grant = server.get(f"/api/v2/workflow-runs/{run['run_id']}")["stages"][0]["gate"]["granted"][0]
    assert (grant["waived"], grant["comment"]) == ([rule], "It is the product's own name")


def test_what_breaks_a_rule_is_told_in_the_readers_language(server: PageServer, browser: Browser) -> None:
    """Whatever a rule finds in a text is said in Portuguese to whoever reads in Portuguese."""
    place = server.make_place()
    checks: dict[str, dict[str, Any]] = {
        "Foi dito o que não pode ser dito: “loaf”.": {"kind": "forbidden_words", "words": ["loaf"]},
        "Fora do tom: “rye”.": {"kind": "tone", "words": ["rye"]},
        "Falta o texto que precisa estar lá: “Drink wisely”.": {
            "kind": "required_text",
            "text": "Drink wisely",
        },
        "caracteres; o máximo é 1.200.": {"kind": "max_length", "characters": 1200},
    }
    for check in checks.values():
        server.post(f"/api/v2/brands/{place['brand_id']}/rules", {"text": "A rule.", "check": check})
    run = server.make_run(place["thread_id"], "Launch the rye loaf")
    with watched_page(browser, locale="pt-BR") as page:
        page.goto(f"{server.url}/#/runs/{run['run_id']}")
        expect(page.locator(".breach")).to_have_count(len(checks))
        for sentence in checks:
            expect(page.locator(".breaches")).to_contain_text(sentence)
        expect(page.locator(".breaches q:empty")).to_have_count(0)


def test_rejection_becomes_a_rule_and_a_revision(server: PageServer, page: Page) -> None:
    """A no keeps its reason as a checked rule of the brand, and one click makes the revision with that reason."""
    place = server.make_place()
    run = server.make_run(place["thread_id"], "Launch the rye loaf", mode="reviewed")
    page.goto(f"{server.url}/#/runs/{run['run_id']}")
    page.get_by_text("Reject…").click()
    page.get_by_label("What is wrong with it?").fill("Never say guaranteed")
    page.get_by_label("Keep this as a rule of the brand").check()
    page.get_by_label("How it is checked").select_option(label="Words that must not be said")
    page.get_by_label("Words or expressions, one a line").fill("guaranteed\nbest in the world")
    page.get_by_role("button", name="Reject", exact=True).click()
    expect(_panel(page)).to_contain_text("Never say guaranteed")
    kept = f"/api/v2/brands/{place['brand_id']}/rules"
    until(page, lambda: bool(server.get(kept)["rules"]))
    rules = server.get(kept)["rules"]
    assert [(rule["text"], rule["check"]["words"]) for rule in rules] == [
        ("Never say guaranteed", ["guaranteed", "best in the world"])
    ]

    page.get_by_role("button", name="Make the revision").click()
    expect(page.locator("#run-title")).to_have_text("Version 2")
    newest = server.runs(place["thread_id"])[0]
    assert newest["feedback"] == {"brief": "Never say guaranteed"}
    assert newest["forked_from"] == {"run_id": run["run_id"], "stage_key": "brief"}


def test_rule_that_is_refused_leaves_the_rejection(server: PageServer, refused: Page) -> None:
    """A rule without words is refused by the server; the rejection stands, and the page says both."""
    run = server.make_run(server.make_thread(), "Launch the rye loaf", mode="reviewed")
    refused.goto(f"{server.url}/#/runs/{run['run_id']}")
    refused.get_by_text("Reject…").click()
    refused.get_by_label("What is wrong with it?").fill("Too long")
    refused.get_by_label("Keep this as a rule of the brand").check()
    refused.get_by_label("How it is checked").select_option(label="A greatest length")
    refused.get_by_role("button", name="Reject", exact=True).click()

    expect(refused.locator("vm-notices")).to_contain_text("The rejection stands, but the rule could not be kept")
    expect(refused.get_by_role("button", name="Make the revision")).to_be_visible()


def test_the_fields_of_a_rule_wait_until_one_is_kept(server: PageServer, page: Page) -> None:
    """What a rule says is asked for once somebody wants one."""
    run = server.make_run(server.make_thread(), "Launch the rye loaf", mode="reviewed")
    page.goto(f"{server.url}/#/runs/{run['run_id']}")
    page.get_by_text("Reject…").click()
    expect(page.get_by_label("What is wrong with it?")).to_be_visible()
    expect(page.locator(".rule-fields")).to_be_hidden()
    page.get_by_label("Keep this as a rule of the brand").check()

    expect(page.get_by_label("How it is checked")).to_be_visible()


def test_inbox_is_worked_through_by_keyboard(fresh: PageServer, page: Page) -> None:
    """The keys j and k choose, a approves after a question, r rejects; an empty inbox says that it is."""
    place = fresh.make_place("The launch")
    rejected = fresh.make_run(place["thread_id"], "Launch the first", mode="reviewed")
    other = {"brand_id": place["brand_id"], "project_id": place["project_id"], "title": "The letter"}
    approved = fresh.make_run(fresh.post("/api/v2/threads", other)["thread_id"], "Launch the second", mode="reviewed")
    fresh.post(f"/api/v2/threads/{place['thread_id']}/tasks", {"title": "Call the printer"})
    page.goto(f"{fresh.url}/#/threads/{place['thread_id']}")
    page.get_by_role("link", name="Inbox, 3 waiting").click()
    rows = page.locator(".inbox-row")
    expect(rows).to_have_count(3)
    expect(rows.first).to_have_attribute("aria-current", "true")

    page.keyboard.press("a")
    expect(rows).to_have_count(2)
    expect(page.locator(".inbox-prose")).to_contain_text("Launch the second")
    expect(page.locator(".inbox-decision .approval")).to_be_visible()
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("a")
    expect(page.get_by_role("dialog")).to_contain_text("Approve “Brief”?")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    expect(page.locator(".inbox-prose")).to_contain_text("Launch the first")
    expect(page.locator(".inbox-decision .approval")).to_be_visible()
    page.keyboard.press("r")
    page.keyboard.type("Not this one")
    page.locator(".inbox-decision").get_by_role("button", name="Reject", exact=True).press("Enter")

    expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()
    assert fresh.get(f"/api/v2/workflow-runs/{approved['run_id']}")["status"] == "completed"
    assert fresh.get(f"/api/v2/workflow-runs/{rejected['run_id']}")["error"]["message"] == "Not this one"


def test_inbox_fills_by_itself_and_opens_in_the_thread(server: PageServer, page: Page) -> None:
    """What begins to wait while the inbox is open appears in it; Enter opens the file that is decided on."""
    place = server.make_place("The launch")
    server.post(f"/api/v2/threads/{place['thread_id']}/tasks", {"title": "Call the printer"})
    page.goto(f"{server.url}/#/inbox")
    expect(page.locator(".inbox-row").first).to_contain_text("Call the printer")
    expect(page.locator("vm-live")).to_have_text("Live")
    run = server.make_run(place["thread_id"], "Launch the rye loaf", mode="reviewed")
    newest = page.locator(".inbox-row").first
    expect(newest).to_contain_text("Brief")
    newest.click()
    expect(page.locator(".inbox-prose")).to_contain_text("rye loaf")
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{server.url}/#/runs/{run['run_id']}/files/brief/brief.md")
    expect(page.locator(".reading")).to_contain_text("exactly what is decided on")


@pytest.mark.parametrize("width", [1440, 1280, 320])
def test_what_is_decided_on_stays_on_show_in_a_long_inbox(server: PageServer, browser: Browser, width: int) -> None:
    """However much waits, whoever walks through it sees what is chosen, and its text from the beginning."""
    place = server.make_place("The launch")
    server.make_run(place["thread_id"], "Launch the rye loaf", mode="reviewed")
    for number in range(14):
        server.post(f"/api/v2/threads/{place['thread_id']}/tasks", {"title": f"Call printer {number} before it closes"})
    with watched_page(browser, viewport={"width": width, "height": 800}) as page:
        page.goto(f"{server.url}/#/inbox")
        waits = page.locator(".inbox-row[data-kind=approval]", has_text="The launch").first
        expect(waits).to_be_attached()
        for _ in range(14):
            page.keyboard.press("j")

        expect(waits).to_be_focused()
        expect(waits).to_be_in_viewport(ratio=0.5)
        expect(page.locator(".inbox-head h2")).to_be_in_viewport(ratio=1)
        expect(page.locator(".inbox-prose")).to_contain_text("rye loaf")
        expect(page.locator(".inbox-prose > *").first).to_be_in_viewport()


def test_policy_of_several_people_is_said_and_held(tmp_path: Path, browser: Browser) -> None:
    """Quorum, four eyes and deadline stand in words; whoever asked may not approve, a role that is too low neither."""
    shop = PageServer(tmp_path, profiles={"strict": STRICT}, environment={"VM_AUTH": "on"})
    tokens = {name: _token(shop, name, role) for name, role in _PEOPLE.items()}
    shop.token = tokens["Ada"]
    shop.start()
    try:
        run = shop.make_run(shop.make_thread(), "Launch the rye loaf", mode="strict")
        assert run["status"] == "waiting_approval"
        for name, sentence in _OBSTACLES.items():
            with watched_page(browser, refusals=True) as page:
                _sign_in(page, f"{shop.url}/#/runs/{run['run_id']}", tokens[name])
                expect(_panel(page)).to_contain_text("2 people have to approve.")
                expect(_panel(page)).to_contain_text("Whoever asked for this version cannot approve it.")
                expect(_panel(page)).to_contain_text("After that it counts as rejected.")
                expect(_panel(page)).to_contain_text(sentence)
                expect(page.get_by_role("button", name="Approve", exact=True)).to_have_count(0)
        with watched_page(browser, refusals=True) as page:
            _sign_in(page, f"{shop.url}/#/runs/{run['run_id']}", tokens["Rui"])
            page.get_by_role("button", name="Approve", exact=True).click()
            expect(_panel(page)).to_contain_text("You have approved this.")
            expect(_panel(page)).to_contain_text("1 of 2 approvals is missing.")
    finally:
        shop.kill()


def test_axe_finds_nothing_where_people_decide(server: PageServer, browser: Browser) -> None:
    """No accessibility violation, nothing cut off: decision, inbox, editor and dialogs, wide and at 320 px."""
    place = server.make_place()
    _forbid(server, place["brand_id"], "loaf")
    run = server.make_run(place["thread_id"], "Launch the rye loaf", mode="reviewed")
    finished = server.make_run(server.make_thread(), "Plan the spring launch")
    for width in (1440, 320):
        with watched_page(browser, viewport={"width": width, "height": 900}) as page:
            page.goto(f"{server.url}/#/runs/{run['run_id']}")
            expect(page.locator(".breach")).to_be_visible()
            page.locator(".approval summary.button").click()
            page.get_by_label("Keep this as a rule of the brand").check()
            assert_sound(page, width)
            page.goto(f"{server.url}/#/inbox")
            expect(page.locator(".inbox-row").first).to_be_visible()
            assert_sound(page, width)
            page.goto(f"{server.url}/#/runs/{finished['run_id']}")
            for action in ("best", "fork", "ask-revision"):
                page.locator(f"[data-action={action}]").click()
                expect(page.locator("dialog[open]")).to_be_visible()
                assert_sound(page, width)
                page.keyboard.press("Escape")
            page.locator("[data-action=edit]").click()
            expect(page.locator(".editor-preview .prose")).to_be_visible()
            assert_sound(page, width)


_PEOPLE = {"Ada": "admin", "Eve": "editor", "Rui": "approver"}
_OBSTACLES = {"Ada": "You asked for this version, so somebody else has to approve it.", "Eve": "Your role is editor."}


def _panel(page: Page) -> Locator:
    return page.locator("vm-approval .approval")


def _forbid(server: PageServer, brand_id: str, word: str) -> str:
    check: dict[str, Any] = {"kind": "forbidden_words", "words": [word]}
    rule = server.post(f"/api/v2/brands/{brand_id}/rules", {"text": "Promise nothing.", "check": check})
    return str(rule["rule_id"])


def _token(shop: PageServer, name: str, role: str) -> str:
    return str(json.loads(shop.command("token", "create", name, "--role", role, "--json"))["secret"])


def _sign_in(page: Page, address: str, token: str) -> None:
    page.goto(address)
    page.get_by_label("Your token").fill(token)
    page.get_by_role("button", name="Come in").click()
