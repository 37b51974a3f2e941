"""A long text is read in sections: cut before headings, never within what reaches across them."""

import pytest
from playwright.sync_api import Page

from page_kit import browser, page, server
from page_server import PageServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
__all__ = ["browser", "page", "server"]

CUT = """async (texts, shortest = [1, 1]) => {
  const { sectionsOf } = await import("/web/lib/sections.js");
  return texts.map((text) => sectionsOf(text, shortest));
}"""
SHOWN = """async (texts) => {
  const { renderBlocks } = await import("/web/lib/markdown.js");
  const told = [];
  for (const text of texts) told.push((await renderBlocks(text)).map(({ outerHTML }) => outerHTML).join(""));
  return told;
}"""
FILLER = "Words that fill a screen. " * 120
CODE = {
    "plain": "```\n# a comment\n```\n",
    "with a language": "```bash\n# a comment\n```\n",
    "tildes": "~~~ sh\n# a comment\n~~~\n",
    "longer marks within": "````\n```\n# a comment\n```\n````\n",
    "an indented end": "```\n# a comment\n  ```\n",
    "code within a line before it": "```code``` in a line\n\n```\n# a comment\n```\n",
}


def test_a_text_is_cut_before_headings(server: PageServer, page: Page) -> None:
    """Each section begins with one, and nothing is lost."""
    page.goto(server.url)
    (found,) = page.evaluate(CUT, ["Before.\n\n# One\n\ntext\n\n## Two\n"])
    assert found == {"sections": ["Before.\n\n", "# One\n\ntext\n\n", "## Two\n"], "headings": 2}


def test_the_first_section_may_be_shorter_than_the_others(server: PageServer, page: Page) -> None:
    """What the first screen shows comes alone; then a section takes in headings until it is long enough."""
    page.goto(server.url)
    text = "".join(f"# {number}\n\ntext\n\n" for number in range(5))
    (found,) = page.evaluate(f"(texts) => ({CUT})(texts, [1, 20])", [text])
    assert [section.count("# ") for section in found["sections"]] == [1, 2, 2]
    assert "".join(found["sections"]) == text


@pytest.mark.parametrize("code", CODE.values(), ids=CODE)
def test_a_block_of_code_is_not_cut(server: PageServer, page: Page, code: str) -> None:
    """A comment in it is no heading, and the heading behind it is one."""
    page.goto(server.url)
    ((whole, shown),) = zip(
        page.evaluate(CUT, [f"# One\n\n{code}\n# Two\n"]),
        page.evaluate(SHOWN, [f"# One\n\n{code}\n# Two\n"]),
        strict=True,
    )
    assert whole == {"sections": [f"# One\n\n{code}\n", "# Two\n"], "headings": 2}
    assert shown.count("# a comment") == 1
    assert shown.count("<h3") == 2


@pytest.mark.parametrize(
    "text",
    [
        "# One\n\n[the plan][p]\n\n# Two\n\n> [p]: https://plan.example\n",
        "# One\n\n<!-- a note\n\n# Two\n\n-->\n",
        "# One\n\n- item\n\n  ```\n  x\n  ```\n\n# Two\n",
    ],
    ids=["a link that is spelled out in a quote", "a note", "code in a list"],
)
def test_what_reaches_across_headings_keeps_the_text_whole(server: PageServer, page: Page, text: str) -> None:
    """From there on it is one section."""
    page.goto(server.url)
    (found,) = page.evaluate(CUT, [text])
    assert found["sections"] == [text]


def test_a_link_reaches_into_another_screen(server: PageServer, page: Page) -> None:
    """Spelled out at the end of a long text, it is a link at its beginning."""
    page.goto(server.url)
    text = f"# One\n\nSee [the plan][p].\n\n{FILLER}\n\n# Two\n\n{FILLER}\n\n[p]: https://plan.example\n"
    (shown,) = page.evaluate(SHOWN, [text])
    assert 'href="https://plan.example"' in shown
