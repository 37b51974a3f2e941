"""Two versions side by side: what differs in the text, word by word, and in everything else."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from page_kit import browser, page, refused, violations
from page_library import Library
from page_server import PageServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
__all__ = ["browser", "page", "refused"]

SAME = "".join(f"Paragraph {number} that nobody touched in any way.\n\n" for number in range(1, 9))
TABLE = "- flour\n- {salt}\n\n| Day | Do |\n|---|---|\n| Mon | Mix |\n| Tue | {tuesday} |\n\n"
OPENING = "# Spring plan\n\nWe bake **{loaves}** loaves a day.\n\n"
FIRST = (
    OPENING.format(loaves="twelve") + SAME + TABLE.format(salt="salt", tuesday="Bake") + "This goes away entirely.\n"
)
SECOND = (
    OPENING.format(loaves="twenty")
    + SAME
    + TABLE.format(salt="sea salt", tuesday="Rest")
    + "A new ending, with other words altogether: come by on Sunday!\n"
)
MEGABYTE = 1_050_000
FRAMES = 25
"""As many are drawn before the worker has its task; a page that cuts the texts into parts in one go draws seven."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A server with versions to compare."""

    server: PageServer
    first: str
    second: str
    other: str
    apart: str

    def compare(self, newer: str, older: str, name: str = "") -> str:
        """The address of a comparison."""
        file = f"/files/note/{name}" if name else ""
        return f"{self.server.url}/#/runs/{newer}/compared-with/{older}{file}"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    root = tmp_path_factory.mktemp("comparing")
    words = [f"word{number % 977}" for number in range(MEGABYTE // 8)]
    large = "\n\n".join(" ".join(words[at : at + 40]) for at in range(0, len(words), 40))
    edited = large.replace("word500 ", "changed ", 60)
    with Library(root) as library:
        thread_id = library.thread()
        prompt = {"template": "brief", "version": "1.0.0", "sha256": "0" * 64}
        shared = {"same.md": "# Same\n", "spaced.md": "One  text\n", "data.bin": "one", "rows.csv": "a,b\n1,2\n3,4\n"}
        first = library.version(
            thread_id,
            {"note.md": FIRST, "large.md": large, "gone.md": "x\n", **shared},
            request="Plan it small",
            prompt=prompt,
        )
        files = {
            "note.md": SECOND,
            "large.md": edited,
            **shared,
            "spaced.md": "One text\n",
            "rows.csv": "a,b\n1,2\n3,5\n",
        }
        second = library.version(thread_id, files, request="Plan it large", prompt={**prompt, "version": "1.1.0"})
        elsewhere = library.thread("Elsewhere")
        other = library.version(elsewhere, {"note.md": FIRST}, request="Plan the bakery's spring, small and cheap")
        apart = library.version(elsewhere, {"note.md": SECOND}, request="Posters for summer, and nothing else")
    server = PageServer(root)
    server.start()
    yield Shelf(server=server, first=first, second=second, other=other, apart=apart)
    server.kill()


def open_comparison(page: Page, address: str) -> None:
    """Compare; waits for the answer."""
    page.goto(address)
    expect(page.locator(".comparison[data-status=ready]")).to_be_visible()


def test_words_that_differ_are_marked_side_by_side(shelf: Shelf, page: Page) -> None:
    """Changed words are marked within the formatted text, by more than colour; the rest is folded."""
    open_comparison(page, shelf.compare(shelf.second, shelf.first, "note.md"))
    changed = page.locator('.sides-row[data-kind="changed"]')
    expect(page.locator(".sides-summary")).to_have_text("3 paragraphs changed, 1 added, 1 removed")
    expect(changed.locator("del")).to_have_text(["twelve", "Bake"])
    expect(changed.locator("ins")).to_have_text(["twenty", "sea ", "Rest"])
    expect(page.locator('.sides-row[data-kind="removed"] del')).to_have_text("This goes away entirely.")
    expect(page.locator('.sides-row[data-kind="added"] ins')).to_contain_text("come by on Sunday!")
    styles = [
        changed.locator(tag).first.evaluate("mark => getComputedStyle(mark).textDecorationLine")
        for tag in ("del", "ins")
    ]
    assert styles == ["line-through", "underline"]

    page.get_by_text("7 unchanged parts").click()
    expect(page.locator(".fold .sides-row")).to_have_count(7)


def test_changes_are_walked_by_keyboard(shelf: Shelf, page: Page) -> None:
    """N and p lead from change to change; each says where it is and which version says what; everything unfolds."""
    open_comparison(page, shelf.compare(shelf.second, shelf.first, "note.md"))
    page.get_by_role("button", name="Show everything").click()
    expect(page.locator("details.fold:not([open])")).to_have_count(0)
    page.keyboard.press("n")
    page.keyboard.press("n")
    expect(page.locator(".sides-row:focus")).to_contain_text("sea salt")
    expect(page.locator(".sides-at")).to_have_text("Change 2 of 5")
    change = page.get_by_role("group", name="Change 2 of 5")
    expect(change).to_be_focused()
    expect(change.get_by_role("group", name="Version 1")).not_to_contain_text("sea salt")
    expect(change.get_by_role("group", name="Version 2")).to_contain_text("sea salt")
    page.keyboard.press("p")

    expect(page.locator(".sides-row:focus")).to_contain_text("twenty")


def test_what_both_versions_say_is_read_out_once(shelf: Shelf, page: Page) -> None:
    """It stands on either side for the eye; for those who listen it is one text of both versions."""
    open_comparison(page, shelf.compare(shelf.second, shelf.first, "note.md"))
    page.get_by_role("button", name="Show everything").click()
    same = page.locator('.sides-row[data-kind="same"]')
    expect(page.locator(".fold .sides-row")).to_have_count(7)

    expect(page.get_by_role("group", name="Both versions")).to_have_count(same.count())
    expect(same.get_by_role("group", name="Version")).to_have_count(same.count())


def test_request_instructions_and_time_are_compared_too(shelf: Shelf, page: Page) -> None:
    """The request's words are marked, instructions differ by version; what is the same is left out."""
    open_comparison(page, shelf.compare(shelf.second, shelf.first, "note.md"))
    facts = page.locator(".facts-table")

    expect(facts.locator('[data-fact="request"] ins')).to_have_text("large")
    expect(facts.locator('[data-fact="prompt"] td')).to_have_text(["“brief”, version 1.0.0", "“brief”, version 1.1.0"])
    expect(facts.locator('[data-fact="profile"]')).to_have_count(0)
    expect(facts.locator('[data-fact="writer"]')).to_have_count(0)


def test_requests_with_little_in_common_are_read_as_they_are(shelf: Shelf, page: Page) -> None:
    """Where nearly every word differs, marks on nearly every word would say nothing."""
    open_comparison(page, shelf.compare(shelf.apart, shelf.other, "note.md"))
    request = page.locator('.facts-table [data-fact="request"]')

    expect(request).to_contain_text("Posters for summer, and nothing else")
    expect(request.locator("ins, del")).to_have_count(0)


def test_versions_sides_and_file_are_chosen(shelf: Shelf, page: Page) -> None:
    """Reading leads to the comparison of that file; sides swap, another file is chosen, back leads to it."""
    page.goto(f"{shelf.server.url}/#/runs/{shelf.second}/files/note/note.md")
    page.locator("[data-action=compare]").click()
    expect(page.locator(".comparison[data-status=ready] .sides-summary")).to_contain_text("3 paragraphs changed")
    page.locator("[data-action=swap]").click()
    expect(page.locator('.sides-row[data-kind="added"] ins')).to_have_text("This goes away entirely.")
    page.locator("select[name=newer]").select_option(index=0)
    expect(page).to_have_url(shelf.compare(shelf.second, shelf.second, "note.md"))
    page.locator("select[name=older]").select_option(index=1)
    page.locator("select[name=file]").select_option(label="Note · rows.csv")
    expect(page.locator(".sides-summary")).to_have_text("1 line changed")
    page.get_by_role("link", name="Back to reading").click()

    expect(page.locator("#reader-title")).to_have_text("rows.csv")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("same.md", "The same, to the last character."),
        ("spaced.md", "The words are the same; only spacing or formatting differs."),
        ("gone.md", "Version 2 has no such file."),
        ("data.bin", "This file is too large to compare here."),
    ],
)
def test_what_has_no_differences_to_show_says_why(shelf: Shelf, page: Page, name: str, said: str) -> None:
    """Equal files, missing files and files without text are told in a sentence."""
    open_comparison(page, shelf.compare(shelf.second, shelf.first, name))

    expect(page.locator(".comparison")).to_contain_text(said)


def test_versions_of_other_threads_are_not_compared(shelf: Shelf, browser: Browser) -> None:
    """A version that is not there, or is another thread's, is refused in plain words."""
    page = browser.new_page(locale="en-GB")
    for stranger in (shelf.other, "r-nobody"):
        page.goto(shelf.compare(shelf.second, stranger))
        expect(page.locator(".comparison[data-status=failed]")).to_contain_text("This is not here (any more).")
    page.close()


def test_a_version_that_is_not_there_ends_a_comparison(shelf: Shelf, refused: Page) -> None:
    """From a comparison to one that cannot be made: what stood there goes, and the page says why."""
    open_comparison(refused, shelf.compare(shelf.second, shelf.first, "note.md"))
    refused.evaluate("hash => { location.hash = hash; }", shelf.compare(shelf.second, "r-nonsense").split("#")[1])

    expect(refused.locator(".comparison[data-status=failed]")).to_contain_text("This is not here (any more).")
    expect(refused.locator("vm-sides")).to_have_count(0)


def test_a_comparison_without_a_server_says_so_and_is_made_when_it_is_back(shelf: Shelf, page: Page) -> None:
    """What compares cannot be loaded: the page says so, with a way back, and compares as soon as it can."""
    page.route(re.compile(r"/(comparing|comparison)\.js"), lambda route: route.abort("connectionrefused"))
    page.goto(f"{shelf.server.url}/#/runs/{shelf.second}")
    expect(page.locator(".reader[data-status=ready]")).to_be_visible()
    page.goto(shelf.compare(shelf.second, shelf.first, "note.md"))
    failed = page.locator(".comparison[data-status=failed]")
    expect(failed).to_contain_text("The server cannot be reached.")
    failed.get_by_role("link", name="Back to reading").click()
    expect(page.locator(".reader[data-status=ready]")).to_be_visible()
    page.unroute_all()

    open_comparison(page, shelf.compare(shelf.second, shelf.first, "note.md"))


def test_the_first_version_is_the_older_side(shelf: Shelf, page: Page) -> None:
    """Where the only other version is newer, it stands on the right."""
    page.goto(f"{shelf.server.url}/#/runs/{shelf.first}/files/note/note.md")
    page.locator("[data-action=compare]").click()

    expect(page).to_have_url(shelf.compare(shelf.second, shelf.first, "note.md"))


def test_megabytes_are_compared_while_the_page_answers(shelf: Shelf, page: Page) -> None:
    """Two texts of a megabyte are compared in a worker; meanwhile the page goes on drawing."""
    page.add_init_script(
        """window.workers = [];
        window.Worker = class extends Worker {
            constructor(url, options) {
                super(url, options);
                workers.push([String(url).split("/").at(-1), frames]);
            }
        };"""
    )
    page.goto(f"{shelf.server.url}/#/runs/{shelf.second}/files/note/same.md")
    expect(page.locator(".reader[data-status=ready]")).to_be_visible()
    page.evaluate(
        """hash => {
            window.frames = 0;
            const beat = () => {
                frames += 1;
                requestAnimationFrame(beat);
            };
            beat();
            location.hash = hash;
        }""",
        shelf.compare(shelf.second, shelf.first, "large.md").split("#")[1],
    )

    expect(page.locator(".sides-summary")).to_contain_text("paragraphs changed", timeout=60_000)
    expect(page.locator("vm-sides[data-filled]")).to_be_visible(timeout=60_000)
    [[script, frames]] = page.evaluate("workers")
    assert script == "diff_worker.js"
    assert frames >= FRAMES


def test_parts_and_words_are_compared_exactly(shelf: Shelf, page: Page) -> None:
    """The comparison itself: equal, changed, moved together, empty, and too slow to be exact."""
    page.goto(shelf.server.url)
    found: dict[str, Any] = page.evaluate(
        """async () => {
            const { compareParts, compareWords } = await import("/web/lib/diffing.js");
            const kinds = ({ rows }) => rows.map(({ kind, older, newer }) => [kind, older ?? null, newer ?? null]);
            let clock = 0;
            return {
                equal: kinds(compareParts(["a", "b"], ["a", "b"])),
                inserted: kinds(compareParts(["one two", "end"], ["one two", "new here", "end"])),
                changed: kinds(compareParts(["the red fox runs", "x"], ["y", "the blue fox runs"])),
                empty: kinds(compareParts([], ["all new"])),
                words: compareWords("the red fox", "the blue fox"),
                joined: compareWords("a b c d", "a x y d"),
                rough: compareWords("one", "two", 0),
                late: compareParts(["the red fox runs"], ["the blue fox runs"], { now: () => (clock += 60_000) }).rough,
            };
        }"""
    )

    assert found == {
        "equal": [["same", 0, 0], ["same", 1, 1]],
        "inserted": [["same", 0, 0], ["added", None, 1], ["same", 1, 2]],
        "changed": [["added", None, 0], ["changed", 0, 1], ["removed", 1, None]],
        "empty": [["added", None, 0]],
        "words": {"older": [[4, 7]], "newer": [[4, 8]]},
        "joined": {"older": [[2, 5]], "newer": [[2, 5]]},
        "rough": {"older": [[0, 3]], "newer": [[0, 3]], "rough": True},
        "late": True,
    }


def test_axe_finds_nothing_in_a_comparison(shelf: Shelf, browser: Browser) -> None:
    """No accessibility violation, no sideways scrolling, and versions that can be read, wide and at 320 px."""
    for width in (1440, 320):
        context = browser.new_context(viewport={"width": width, "height": 900}, locale="pt-BR")
        page = context.new_page()
        open_comparison(page, shelf.compare(shelf.second, shelf.first, "note.md"))
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator(".versus select").first.evaluate("choice => choice.clientWidth") > 200
        context.close()
