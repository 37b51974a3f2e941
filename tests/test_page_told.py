"""What the page tells of a version and of what happened is so, and in the reader's language."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from page_kit import ask_one_by_one, browser, fresh, page, server, watched_page
from page_server import PageServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
__all__ = ["browser", "fresh", "page", "server"]

KEYLESS = "A run failed: openai did not accept the key"


def test_only_finished_stages_are_counted(server: PageServer, page: Page) -> None:
    """What was skipped because an earlier stage failed is not done."""
    run = server.make_run(server.make_thread(), "Plan the spring launch")
    first, *rest = run["stages"]
    skipped = [{**stage, "status": "skipped", "artifacts": []} for stage in rest]
    _answer(page, server, [{**run, "status": "failed", "stages": [first, *skipped]}])

    expect(page.locator(".progress-head")).to_contain_text(f"1 of {len(run['stages'])} stages done")


@pytest.mark.parametrize(("locale", "said"), [("en-GB", "just begun"), ("pt-BR", "começou agora")])
def test_a_stage_that_has_just_begun_says_so(server: PageServer, browser: Browser, locale: str, said: str) -> None:
    """Before there is a whole second to count, no fraction of one is named."""
    run = server.make_run(server.make_thread(), "Plan the spring launch")
    first, *rest = run["stages"]
    attempt = {**first["attempts"][0], "status": "running", "started_at": "2130-01-01T00:00:00Z", "finished_at": None}
    begun = {**first, "status": "running", "artifacts": [], "attempts": [attempt]}
    with watched_page(browser, locale=locale) as page:
        _answer(page, server, [{**run, "status": "running", "stages": [begun, *rest]}])

        expect(page.locator(f".step[data-stage-key={first['stage_key']}] .step-time")).to_have_text(said)


def test_the_history_names_stages_of_versions_that_are_not_open(server: PageServer, browser: Browser) -> None:
    """In the language of the page; once details are shown, each event of an open history has its record."""
    thread_id = server.make_thread()
    for text in ("Plan the spring launch", "Plan it again"):
        server.make_run(thread_id, text)
    with watched_page(browser, locale="pt-BR") as page:
        page.goto(f"{server.url}/#/threads/{thread_id}")
        expect(page.locator(".reader[data-status=ready]")).to_be_visible()
        history = page.locator("vm-timeline")
        history.locator("summary").first.click()
        history.locator("summary", has_text="Versão 1").click()
        expect(history.locator("summary", has_text="Campanha completa: terminou")).to_have_count(2)
        expect(history.locator("details.record")).to_have_count(0)
        page.locator("vm-view summary").click()
        page.get_by_role("button", name="Mostrar detalhes").click()

        expect(history.locator("details.record:visible").first).to_be_visible()


def test_a_rejection_that_nobody_made_is_told_in_the_readers_language(server: PageServer, browser: Browser) -> None:
    """Where the profile has silence count as a no, there is no reason of a person's to show."""
    run = server.make_run(server.make_thread(), "Launch the rye loaf", mode="reviewed")
    first, *rest = run["stages"]
    late = {**first, "status": "failed", "gate": {**first["gate"], "decision": "expired"}}
    error = {"code": "rejected", "message": "Nobody decided", "stage_key": first["stage_key"], "retryable": False}
    with watched_page(browser, locale="pt-BR") as page:
        _answer(page, server, [{**run, "status": "failed", "error": error, "stages": [late, *rest]}])

        expect(page.locator(".run-head .callout")).to_contain_text("Ninguém decidiu a tempo.")
        expect(page.locator("vm-approval blockquote")).to_have_text("Ninguém decidiu a tempo.")


@pytest.mark.parametrize(
    ("older", "said"), [("completed", "It is about to start."), ("running", "when the version before it is done")]
)
def test_a_version_waits_only_for_one_that_there_is(server: PageServer, page: Page, older: str, said: str) -> None:
    """A queued version names the one before it only where that is still being made."""
    thread_id = server.make_thread()
    first = server.make_run(thread_id, "Plan the spring launch")
    second = server.make_run(thread_id, "Plan it again")
    _answer(page, server, [{**second, "status": "queued"}, {**first, "status": older}])

    expect(page.locator("vm-run .callout")).to_contain_text(said)


def test_the_filter_offers_states_that_are_not_on_the_page_yet(server: PageServer, page: Page) -> None:
    """While older versions are still to come, every state that they may have can be chosen."""
    run = server.make_run(server.make_thread(), "Plan the spring launch")
    _answer(page, server, [{**run, "number": 2}, {**run, "run_id": "r-other"}], more="later")
    page.locator("vm-filter summary").click()

    expect(page.get_by_label("State").locator("option")).to_have_text(
        ["Any", "Waiting its turn", "In progress", "Waiting for approval", "Finished", "Failed", "Canceled"]
    )


def test_the_filter_offers_everybody_who_asked(server: PageServer, page: Page) -> None:
    """Also whoever asked for versions alone that are not on the page yet, once a thread; no other thread's people."""
    thread_id = server.make_thread()
    run = server.make_run(thread_id, "Plan the spring launch")
    known = [run["requested_by"], "Ana"]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/requesters" in request.url else None)
    path = f"/api/v2/threads/{thread_id}/requesters"
    assert server.get(path) == {"requesters": known[:1]}
    page.route(f"**{path}", lambda route: route.fulfill(json={"requesters": known}))
    _answer(page, server, [{**run, "number": 2}, {**run, "run_id": "r-other"}], more="later")
    page.locator("vm-filter summary").click()
    expect(page.get_by_label("Asked by").locator("option")).to_have_text(["Any", "You", "Ana"])
    page.locator("vm-filter summary").click()
    page.locator("vm-filter summary").click()
    assert len(asked) == 1

    page.unroute("**/api/v2/workflow-runs/r-*")
    other = server.make_run(server.make_thread(), "Plan the autumn launch")
    rows = [{**other, "number": 2}, {**other, "run_id": "r-third"}]
    page.route(
        f"**/{other['thread_id']}/workflow-runs?*", lambda route: route.fulfill(json={"runs": rows, "next": None})
    )
    page.goto(f"{server.url}/#/threads/{other['thread_id']}")
    expect(page.locator("#workflow-runs-list")).to_contain_text("Plan the autumn launch")
    if not page.get_by_label("Asked by").is_visible():
        page.locator("vm-filter summary").click()
    expect(page.get_by_label("Asked by").locator("option")).to_have_text(["Any", "You"])


def test_the_history_is_told_in_portuguese_with_its_subjects(server: PageServer, browser: Browser) -> None:
    """The system's own task is told as the page calls it, and what follows by itself has its own subject."""
    thread_id = server.make_thread()
    run = server.make_run(thread_id, "Plan the spring launch", mode="reviewed")
    stage = f"/api/v2/workflow-runs/{run['run_id']}/stages/brief"
    server.post(f"{stage}/rejection", {"manifest_sha256": run["stages"][0]["manifest_sha256"], "reason": "No"})
    items = server.get(f"/api/v2/threads/{thread_id}/timeline?limit=200")["items"]
    task = {"task_id": "t-1", "title": KEYLESS, "run_id": run["run_id"], "thread_id": thread_id}
    made = {**items[0], "event_id": "e-1", "event_type": "TaskCreated", "actor_type": "system", "payload": task}
    with watched_page(browser, locale="pt-BR") as page:
        ask_one_by_one(page)
        page.route("**/timeline?*", lambda route: route.fulfill(json={"items": [made, *items], "next": None}))
        page.goto(f"{server.url}/#/threads/{thread_id}")
        history = page.locator("vm-timeline")
        history.locator("summary").first.click()
        for fold in history.locator(".timelines details").all():
            fold.evaluate("one => { one.open = true; }")
        expect(history).to_contain_text("VM adicionou a tarefa “A versão 1 falhou: veja por quê")
        expect(history).to_contain_text("A versão falhou")
        expect(history).not_to_contain_text("A run failed")
        expect(history).not_to_contain_text("Você A versão")


@pytest.mark.parametrize(
    ("locale", "brought", "asked"),
    [
        ("en-GB", "Made in another workspace; brought here by you", "Asked by the other workspace's owner"),
        (
            "pt-BR",
            "Feita em outro espaço de trabalho; trazida para cá por você",
            "Pedida por quem cuida do outro espaço",
        ),
    ],
)
def test_a_version_of_another_workspace_says_so(
    server: PageServer, fresh: PageServer, browser: Browser, *, locale: str, brought: str, asked: str
) -> None:
    """Nobody here is told to have asked for it or to have approved it; who brought it is told."""
    run = server.make_run(server.make_thread(), "Plan the spring launch")
    bundle = httpx2.get(f"{server.url}/api/v2/workflow-runs/{run['run_id']}/bundle", timeout=60).raise_for_status()
    headers = {"Content-Type": "application/zip", "Idempotency-Key": "brought"}
    httpx2.post(f"{fresh.url}/api/v2/imports", content=bundle.content, headers=headers, timeout=60).raise_for_status()
    with watched_page(browser, locale=locale) as page:
        page.goto(f"{fresh.url}/#/runs/{run['run_id']}")

        expect(page.locator("[data-imported]")).to_contain_text(brought)
        page.locator(".run-request summary").click()
        expect(page.locator(".run-request .facts")).to_contain_text(asked)


def test_a_request_of_a_time_whose_log_is_lost_was_somebodys(server: PageServer, page: Page) -> None:
    """What was recovered from its files was asked for by nobody who is called so."""
    run = server.make_run(server.make_thread(), "Plan the spring launch")
    _answer(page, server, [{**run, "requested_by": "recovery"}])
    page.locator(".run-request summary").click()

    expect(page.locator(".run-request .facts")).to_contain_text("Asked by somebody")


def test_who_has_an_account_is_not_told_to_have_done_what_the_owner_did(browser: Browser, tmp_path: Path) -> None:
    """What was asked for without a token was somebody else's request."""
    server = PageServer(tmp_path)
    try:
        secret, thread_id = server.start_guarded("ana", "admin")
        with watched_page(browser, refusals=True) as page:
            page.goto(f"{server.url}/#/threads/{thread_id}")
            page.locator("#login-token").fill(secret)
            page.keyboard.press("Enter")

            expect(page.locator("vm-timeline .event")).to_contain_text("The workspace's owner opened the thread")
    finally:
        server.kill()


def _answer(page: Page, server: PageServer, runs: list[dict[str, Any]], more: str | None = None) -> None:
    """Opens the runs' thread, with these runs in the place of what the server knows of them."""
    thread_id = runs[0]["thread_id"]
    ask_one_by_one(page)
    page.route(f"**/{thread_id}/workflow-runs?*", lambda route: route.fulfill(json={"runs": runs, "next": more}))
    known = {run["run_id"]: run for run in runs}
    page.route("**/api/v2/workflow-runs/r-*", lambda route: route.fulfill(json=known[route.request.url.split("/")[-1]]))
    page.goto(f"{server.url}/#/threads/{thread_id}")
