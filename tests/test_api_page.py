"""The page and its files."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from vm_webapp.api import page

from api_client import Api, fresh_api

api = fresh_api


class Links(HTMLParser):
    """Everything that a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what is loaded."""
        named = dict(attrs)
        wanted = {"script": "src", "link": "href", "img": "src"}.get(tag)
        if wanted and (place := named.get(wanted)):
            self.found.append(place)


def test_the_page_and_all_that_it_loads_are_there(api: Api) -> None:
    """index.html at /, its scripts, styles and images under /web, each from this origin."""
    answer = api.get("/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    links = Links()
    links.feed(answer.text)
    assert links.found
    for place in links.found:
        assert place.startswith("/web/")
        assert api.get(place).status_code == 200


def test_every_module_that_is_imported_is_there(api: Api) -> None:
    """No import of the page leads to a 404."""
    for file in page.WEB.rglob("*.js"):
        if "vendor" in file.parts:
            continue
        for target in re.findall(r'(?:from|import) "(\.{1,2}/[^"]+)"', file.read_text(encoding="utf-8")):
            place = (file.parent / target).resolve().relative_to(page.WEB.resolve())
            assert api.get(f"/web/{place.as_posix()}").status_code == 200


def test_files_are_asked_about_and_kept(api: Api) -> None:
    """Cache-Control: no-cache, and 304 for what the browser has."""
    first = api.get("/web/app.js")
    again = api.get("/web/app.js", if_none_match=first.headers["ETag"])
    assert first.headers["Cache-Control"] == "no-cache"
    assert first.headers["Content-Type"].startswith("text/javascript")
    assert (again.status_code, again.headers["Cache-Control"]) == (304, "no-cache")
    assert api.client.head("/").status_code == 200


@pytest.mark.parametrize("path", ["/web/", "/web", "/web/%2e%2e/app.py", "/web/..%2fapp.py", "/web/%2fetc/passwd"])
def test_nothing_else_is_served(api: Api, path: str) -> None:
    """No listing, nothing beside the folder."""
    assert api.get(path).status_code == 404


def test_a_favicon_is_there(api: Api) -> None:
    """Browsers ask for it unasked."""
    assert api.get("/favicon.ico").headers["Content-Type"] == "image/svg+xml"


def test_a_missing_page_is_a_404_and_not_a_failure(api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without index.html the API serves all the same."""
    monkeypatch.setattr(page, "WEB", tmp_path)
    assert api.get("/").status_code == 404
    assert api.get("/api/v1/health").status_code == 200


def test_no_documentation_is_loaded_from_elsewhere(api: Api) -> None:
    """There is the description, and no page for it."""
    assert [api.get(path).status_code for path in ("/docs", "/redoc", "/openapi.json")] == [404, 404, 404]
