"""The page while work is done: first minutes, text as it is written, waiting, failing, signing in."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from page_kit import browser, fresh, page, send, until, until_all_came, versions, violations, watched_page
from page_server import PageServer
from test_llm_runs import answers_whatever_is_asked
from vm_webapp.events import CATALOGUE

from chat_server import ChatServer, Exchange, refuses
from halting_writer import HaltingWriter

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
__all__ = ["browser", "fresh", "page"]

WRITER = "openai:gpt-5.2"


@pytest.fixture
def modelled(tmp_path: Path, chat: ChatServer) -> Iterator[PageServer]:
    """A server for which the chat server's model writes."""
    chat.otherwise = answers_whatever_is_asked
    settings = {"VM_LLM": WRITER, "VM_LLM_BASE_URL": chat.url, "VM_LLM_API_KEY": "sk-any", "VM_LLM_REPAIRS": "0"}
    server = PageServer(tmp_path, environment=settings)
    server.start()
    yield server
    server.kill()


def test_the_first_minute_needs_the_keyboard_alone(fresh: PageServer, page: Page) -> None:
    """From an empty workspace to the first deliverable with Tab, Enter and a name, well within the minute."""
    page.goto(fresh.url)
    expect(page.get_by_label("Your brand")).to_be_visible()
    expect(page.locator(".example")).to_have_count(3)
    began = time.monotonic()
    page.locator("main").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your brand")).to_be_focused()
    page.keyboard.type("Mill & Crumb")
    page.keyboard.press("Enter")

    expect(page.locator(".reader[data-status=ready]")).to_contain_text("Mill & Crumb")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bring the newsletter back")
    assert time.monotonic() - began < 60


def test_own_words_name_the_piece_of_work(fresh: PageServer, page: Page) -> None:
    """Where no name was given for the work, it is called as the request begins."""
    page.goto(fresh.url)
    page.get_by_label("Your brand").fill("Mill & Crumb")
    page.get_by_label("What do you need?").fill("Sell the last forty seats of the baking course")
    page.get_by_role("button", name="Start").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Sell the last forty seats of the baking course")


def test_text_is_read_while_it_is_written(modelled: PageServer, chat: ChatServer, page: Page) -> None:
    """The stage's text grows in the centre and gives way to the published one, and the page does not jump."""
    hand = HaltingWriter()
    chat.will(hand)
    page.goto(f"{modelled.url}/#/threads/{modelled.make_thread()}")
    send(page, "Plan the spring launch")
    expect(page.locator(".draft")).to_contain_text("Being written: Brief")
    expect(page.locator(".draft-text")).not_to_be_empty()
    expect(page.locator(".step[data-stage-key=brief]")).to_have_attribute("data-status", "running")
    expect(page.locator(".step[data-stage-key=brief] .step-time")).to_contain_text("so far")
    assert page.locator(".draft-text").evaluate("draft => draft.textContent.includes('{')") is False
    page.reload()
    expect(page.locator(".draft-text")).not_to_be_empty()
    hand.go_on.set()

    expect(versions(page, "completed")).to_have_count(1)
    expect(page.locator(".draft")).to_have_count(0)
    expect(page.locator(".reader[data-status=ready]")).to_be_visible()
    assert page.locator(".file-read").count() == 8


def test_two_tabs_show_the_same_and_double_nothing(modelled: PageServer, chat: ChatServer, page: Page) -> None:
    """A version that one tab asks for appears in the other as it is written, once in each."""
    hand = HaltingWriter()
    chat.will(hand)
    address = f"{modelled.url}/#/threads/{modelled.make_thread()}"
    other = page.context.new_page()
    other.goto(address)
    expect(other.locator("vm-live")).to_have_text("Live")
    page.goto(address)
    send(page, "Plan the spring launch")
    expect(other.locator(".draft-text")).not_to_be_empty()
    hand.go_on.set()

    for tab in (page, other):
        expect(versions(tab, "completed")).to_have_count(1)
        expect(tab.locator("#workflow-runs-list [data-run-id]")).to_have_count(1)


def test_a_server_killed_in_mid_run_loses_nothing(modelled: PageServer, chat: ChatServer, page: Page) -> None:
    """The page says that it is not live, and after the restart the same version is written to its end."""
    hand = HaltingWriter()
    chat.will(hand)
    page.goto(f"{modelled.url}/#/threads/{modelled.make_thread()}")
    send(page, "Plan the spring launch")
    expect(page.locator(".draft-text")).not_to_be_empty()
    modelled.kill()
    expect(page.locator("vm-live")).to_contain_text("Not live")
    page.locator("#workflow-request-input").fill("Typed while the server was away")
    hand.go_on.set()
    modelled.start()

    expect(versions(page, "completed")).to_have_count(1)
    expect(page.locator("#workflow-runs-list [data-run-id]")).to_have_count(1)
    page.reload()
    expect(page.locator("#workflow-request-input")).to_have_value("Typed while the server was away")


def test_a_stage_that_tries_again_says_when_and_can_be_hurried(
    modelled: PageServer, chat: ChatServer, page: Page
) -> None:
    """A failed attempt says why and when the next one comes; a press makes it come now."""
    chat.will(refuses(503, headers={"Retry-After": "50"}))
    page.goto(f"{modelled.url}/#/threads/{modelled.make_thread()}")
    send(page, "Plan the spring launch")
    step = page.locator(".step[data-stage-key=brief]")
    expect(step).to_have_attribute("data-status", "retrying")
    expect(step.locator(".step-note")).to_contain_text("Tries again by itself in")
    expect(page.locator(".run-row .run-state")).to_contain_text("Trying again soon")
    step.get_by_role("button", name="Try now").click()

    expect(versions(page, "completed")).to_have_count(1)
    expect(step.locator(".step-note")).to_contain_text("2 attempts")


def test_a_failed_version_says_what_to_do(modelled: PageServer, chat: ChatServer, page: Page) -> None:
    """A failure stands above the text with its reason, and trying again makes a new version from where it stopped."""
    chat.otherwise = _refuses_the_audience
    page.goto(f"{modelled.url}/#/threads/{modelled.make_thread()}")
    send(page, "Plan the spring launch")
    expect(versions(page, "failed")).to_have_count(1)
    expect(page.locator(".callout")).to_contain_text("Stopped at “Audience”")
    chat.otherwise = answers_whatever_is_asked
    page.get_by_role("button", name="Try again").click()

    expect(versions(page, "completed")).to_have_count(1)
    expect(page.locator(".run-head")).to_contain_text("Goes on from version 1")
    expect(page.locator(".step[data-stage-key=brief] .step-note")).to_contain_text("Taken over unchanged")


def test_a_request_that_would_fail_again_can_be_changed(modelled: PageServer, chat: ChatServer, page: Page) -> None:
    """It stands in the form again with its kind of work, but not over what somebody had begun to write."""
    chat.otherwise = refuses(400)
    page.goto(f"{modelled.url}/#/threads/{modelled.make_thread()}")
    send(page, "Plan the spring launch")
    expect(versions(page, "failed")).to_have_count(1)
    field = page.locator("#workflow-request-input")
    page.get_by_role("button", name="Change the request").click()
    expect(field).to_be_focused()
    expect(field).to_have_value("Plan the spring launch")
    field.fill("Plan another launch")
    page.get_by_role("button", name="Change the request").click()

    expect(field).to_have_value("Plan another launch")


def test_a_failure_is_told_in_the_readers_language(modelled: PageServer, chat: ChatServer, browser: Browser) -> None:
    """Reason, remedy and the task it leaves are in Portuguese; the server's own sentence is a detail."""
    chat.otherwise = refuses(401)
    with watched_page(browser, locale="pt-BR") as page:
        page.goto(f"{modelled.url}/#/threads/{modelled.make_thread()}")
        page.locator("#workflow-request-input").fill("Plan the spring launch")
        page.get_by_role("button", name="Pedir versão").click()
        expect(page.locator(".callout")).to_contain_text("não aceitou a chave")
        expect(page.locator(".step-note").first).to_contain_text("Tentativa 1: O provedor")
        expect(page.locator("vm-tasks")).to_contain_text("A versão 1 falhou")
        english = page.get_by_text("did not accept the key", exact=False)
        assert not any(english.nth(at).is_visible() for at in range(english.count()))
        assert "openai:" not in page.locator("body").inner_text()
        page.locator("vm-view summary").click()
        page.locator("[data-action=details]").click()
        expect(page.locator(".callout")).to_contain_text("did not accept the key")


def test_a_version_is_canceled_and_says_so(modelled: PageServer, chat: ChatServer, page: Page) -> None:
    """Canceling stops the writer, and the stages that did not start say why."""
    chat.will(HaltingWriter())
    page.goto(f"{modelled.url}/#/threads/{modelled.make_thread()}")
    send(page, "Plan the spring launch")
    expect(page.locator(".draft-text")).not_to_be_empty()
    page.locator("[data-action=cancel]").click()

    expect(versions(page, "canceled")).to_have_count(1)
    expect(page.locator(".callout")).to_contain_text("This version was canceled")
    stopped = page.locator(".step[data-status=canceled]")
    expect(stopped).to_contain_text("Canceled")
    expect(stopped.locator(".step-note")).to_have_text(
        "Attempt 1: The version was canceled while this was being written."
    )
    expect(page.locator(".step[data-status=skipped] .step-note")).to_have_text(
        ["Did not start: the version was canceled."]
    )
    expect(page.get_by_role("button", name="Try again")).to_be_enabled()


def test_a_request_says_who_writes_what_it_may_cost_and_what_happens_when_busy(
    modelled: PageServer, chat: ChatServer, page: Page
) -> None:
    """The options stand folded away; what is chosen there is what the version is made with."""
    hand = HaltingWriter()
    chat.will(hand)
    thread_id = modelled.make_thread()
    page.goto(f"{modelled.url}/#/threads/{thread_id}")
    send(page, "Plan the spring launch")
    expect(page.locator(".draft-text")).not_to_be_empty()
    page.locator("#workflow-request-input").fill("By the built-in templates instead")
    page.locator(".request-options summary").click()
    page.get_by_label("Written by").select_option("offline")
    page.get_by_label("Spend at most").fill("2,50")
    page.get_by_label("If another version is being made").select_option("interrupt")
    page.get_by_role("button", name="Ask for version").click()

    expect(versions(page, "completed")).to_have_count(1)
    hand.go_on.set()
    expect(versions(page, "canceled")).to_have_count(1)
    newest = modelled.get(f"/api/v2/threads/{thread_id}/workflow-runs")["runs"][0]
    assert (newest["writer"], newest["budget_usd"]) == ("offline", "2.5")


def test_the_page_speaks_the_browsers_language_and_the_one_that_was_chosen(fresh: PageServer, browser: Browser) -> None:
    """Brazilian Portuguese by the browser's wish, with its dates; English by a press, with the draft kept."""
    thread_id = fresh.make_thread()
    fresh.make_run(thread_id, "Planejar o lançamento")
    context = browser.new_context(locale="pt-BR", timezone_id="UTC", reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{fresh.url}/#/threads/{thread_id}")
    expect(page.locator("html")).to_have_attribute("lang", "pt-BR")
    expect(page.locator("#workflow-runs-list time")).to_contain_text("Hoje ")
    expect(page.locator(".file-read[aria-current]")).to_have_text("Campanha completa")
    page.locator("#workflow-request-input").fill("Quase escrito")
    page.locator("vm-view summary").click()
    page.get_by_role("button", name="Switch to English").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#workflow-request-input")).to_have_value("Quase escrito")
    expect(page.locator("#workflow-runs-list strong")).to_have_text("Version 1")
    context.close()


def test_ids_and_records_are_shown_to_those_who_ask(fresh: PageServer, page: Page) -> None:
    """No id is on the page until the details are turned on; they stay on."""
    thread_id = fresh.make_thread()
    run_id = fresh.make_run(thread_id, "Plan the spring launch")["run_id"]
    page.goto(f"{fresh.url}/#/threads/{thread_id}")
    expect(page.locator(".reader[data-status=ready]")).to_be_visible()
    assert run_id not in page.locator("body").inner_text()
    page.locator("vm-view summary").click()
    page.get_by_role("button", name="Show details").click()
    expect(page.locator("main")).to_contain_text(run_id)
    page.reload()

    expect(page.locator("main")).to_contain_text(run_id)


def test_a_token_opens_the_page_and_a_role_shows_what_it_may(tmp_path: Path, browser: Browser) -> None:
    """With authentication the page asks for a token; who reads only is offered nothing else; signing out ends it."""
    server = PageServer(tmp_path)
    secret, thread_id = server.start_guarded("Rui", "viewer")
    context = browser.new_context(locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{server.url}/#/threads/{thread_id}")
    expect(page.get_by_label("Your token")).to_be_focused()
    assert violations(page) == []
    page.get_by_label("Your token").fill("vm_wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("This token is not valid")
    expect(page.get_by_label("Your token")).to_have_accessible_description(re.compile("This token is not valid"))
    page.get_by_label("Your token").fill(secret)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("A shared work")
    expect(page.locator("vm-session")).to_have_text("Rui")
    expect(page.get_by_role("button", name="Ask for version")).to_be_disabled()
    expect(page.locator("vm-place summary")).to_have_count(0)
    context.clear_cookies()
    page.reload()
    expect(page.get_by_label("Your token")).to_be_visible()
    page.get_by_label("Your token").fill(secret)
    page.keyboard.press("Enter")
    page.locator("vm-view summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Your token")).to_be_visible()
    context.close()
    server.kill()


def test_nothing_moves_while_the_page_comes_and_little_is_asked_again(fresh: PageServer, page: Page) -> None:
    """A later visit asks for no file of the page again, and neither visit shifts what is on the screen."""
    thread_id = fresh.make_thread()
    fresh.make_run(thread_id, "Plan the spring launch")
    page.add_init_script(
        """window.shifted = 0;
        new PerformanceObserver((list) => { for (const { value } of list.getEntries()) window.shifted += value; })
            .observe({ type: "layout-shift", buffered: true });"""
    )
    page.goto(f"{fresh.url}/#/threads/{thread_id}")
    expect(page.locator(".reader[data-status=ready]")).to_be_visible()
    assert page.evaluate("window.shifted") < 0.01
    until(page, lambda: page.evaluate("localStorage.getItem('vm-letters') !== null"))
    until_all_came(page)
    page.reload()  # the deliverables' typeface is on from the second visit, and its italics with it
    expect(page.locator(".reader[data-status=ready]")).to_be_visible()
    page.evaluate("document.fonts.ready.then(() => true)")
    until_all_came(page)
    page.reload()
    expect(page.locator(".reader[data-status=ready]")).to_be_visible()

    assert page.evaluate("window.shifted") < 0.01
    asked_again = page.evaluate(
        "performance.getEntriesByType('resource')"
        ".filter(({ name, transferSize }) => name.includes('/web/v-') && transferSize > 0).map(({ name }) => name)"
    )
    assert asked_again == []


def test_elapsed_and_usual_time_tell_when_a_stage_is_slow(fresh: PageServer, page: Page) -> None:
    """Elapsed counts from the attempt at work; usual times of a moment are not worth a word; slow is twice as long."""
    page.goto(fresh.url)
    found = page.evaluate(
        """async () => {
            const { elapsedOf, expectedOf, isSlow, toldStatus } = await import("/web/lib/progress.js");
            const attempts = [
                { status: "failed", started_at: "2030-01-01T10:00:00Z" },
                { status: "running", started_at: "2030-01-01T10:01:00Z" },
            ];
            const stage = { stage_key: "brief", status: "running", started_at: "2030-01-01T10:00:00Z", attempts };
            const now = Date.parse("2030-01-01T10:01:30Z");
            const plan = (seconds) => [{ mode: "m", stages: [{ key: "brief", expected_seconds: seconds }] }];
            const expected = (seconds) => expectedOf({ mode: "m" }, stage, plan(seconds));
            return [
                elapsedOf(stage, now), elapsedOf(stage, 0), elapsedOf({ ...stage, status: "completed" }, now),
                expected(12.5), expected(0.4), expected(null),
                isSlow(30, 12.5), isSlow(33, 12.5), isSlow(100, 60), isSlow(121, 60), isSlow(999, null),
                toldStatus({ status: "running", retry_at: "x" }), toldStatus({ status: "failed", retry_at: "x" }),
            ];
        }"""
    )

    assert found == [30, 0, None, 12.5, None, None, False, True, False, True, False, "retrying", "failed"]


def test_both_languages_have_the_same_words(fresh: PageServer, page: Page) -> None:
    """What one language says, the other one says too, noun by noun; a function in one is a function in both."""
    page.goto(fresh.url)
    missing = page.evaluate(
        """async () => {
            const [{ default: en }, { default: pt }] =
                await Promise.all([import("/web/lib/words/en.js"), import("/web/lib/words/pt.js")]);
            const found = [];
            const walk = (one, other, path) => {
                if (typeof one !== typeof other) found.push(path);
                else if (one && typeof one === "object")
                    for (const name of Object.keys(one)) walk(one[name], other[name], `${path}.${name}`);
            };
            const { titles: _, ...english } = en;
            const { titles: __, ...portuguese } = pt;
            walk(english, portuguese, "pt lacks");
            walk(portuguese, english, "en lacks");
            for (const noun of ["editor", "erasure", "origin", "palette", "search"]) {
                const { default: both } = await import(`/web/lib/words/${noun}.js`);
                walk(both.en, both.pt, `pt lacks ${noun}`);
                walk(both.pt, both.en, `en lacks ${noun}`);
            }
            return found;
        }"""
    )

    assert missing == []


def test_every_event_of_a_thread_is_told_in_words(fresh: PageServer, page: Page) -> None:
    """What stands in a thread's history has a sentence of its own, not the name of its type in plain letters."""
    page.goto(fresh.url)
    told = page.evaluate("async () => Object.keys((await import('/web/lib/words/en.js')).default.events)")
    wide = re.compile("Brand|Project|Token|Access|Webhook|Workspace")

    assert [event for event in CATALOGUE if not wide.match(event) and event not in told] == []


def _refuses_the_audience(exchange: Exchange) -> None:
    kind = exchange.body["response_format"]["json_schema"]["name"]
    (refuses(401) if kind == "audience" else answers_whatever_is_asked)(exchange)
