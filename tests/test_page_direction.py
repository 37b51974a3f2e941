"""What people write from right to left: every field takes it, and every place shows it, in its own direction."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import vm_webapp
from page_kit import browser, page, server
from page_server import PageServer

__all__ = ["browser", "page", "server"]

ELEMENTS = sorted(Path(vm_webapp.__file__).parent.joinpath("web", "elements").glob("*.js"))
FIELD = re.compile(r"<(?:textarea|input|blockquote|q)\b[^>]*")
OTHER = ("checkbox", "radio", "password", "number", "decimal")  # a tick, a token, a number: the same everywhere


def test_fields_and_quotations_take_the_direction_of_what_is_in_them() -> None:
    """No field for words, and no quotation of a person, is set in the direction of the page."""
    found = [(path.stem, tag) for path in ELEMENTS for tag in FIELD.findall(path.read_text(encoding="utf-8"))]
    words = [(name, tag) for name, tag in found if not any(f'"{one}"' in tag for one in OTHER)]
    assert len(words) > 20
    assert [(name, tag) for name, tag in words if 'dir="auto"' not in tag] == []


@pytest.mark.browser
@pytest.mark.timeout(180)
def test_names_within_sentences_keep_their_own_direction(server: PageServer, page: Page) -> None:
    """What stands behind a name from right to left stays behind it: in a search, above a thread, in a comparison."""
    brand = "מאפיית רמות"
    place = server.make_place("השקת האביב", name=brand)
    server.make_run(place["thread_id"], "Launch the rye loaf")
    run = server.make_run(place["thread_id"], "השק את הלחם")
    server.make_place("Elsewhere")
    server.wait_for_index("rye", 1)
    page.goto(f"{server.url}/#/search/rye/-/all")
    expect(page.locator(".result bdi").first).to_have_text(brand)
    assert page.locator(".result bdi").nth(1).inner_text() == "השקת האביב"
    page.goto(f"{server.url}/#/threads/{place['thread_id']}")
    expect(page.locator(".trail")).to_have_text(f"\u2068{brand}\u2069 / \u2068{brand}\u2069")
    older = server.runs(place["thread_id"])[1]["run_id"]
    page.goto(f"{server.url}/#/runs/{run['run_id']}/compared-with/{older}")
    asked = page.locator("[data-fact=request] td")

    expect(asked).to_have_count(2)
    assert [asked.nth(at).evaluate("one => getComputedStyle(one).direction") for at in (0, 1)] == ["ltr", "rtl"]
