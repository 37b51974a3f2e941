"""The page and its files."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from vm_webapp.api import page
from vm_webapp.api.page_files import version_of

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


def test_the_page_names_its_files_by_their_version_and_they_are_kept_for_good(api: Api) -> None:
    """Under the version nothing is asked again; the styles come as one; another day's version is not kept."""
    text = api.get("/").text
    start = re.findall(r'<script type="module" src="(/web/v-[0-9a-f]{16})/app.js" blocking="render">', text)
    assert len(start) == 1
    script, styles, old = (
        api.get(f"{place}")
        for place in (f"{start[0]}/app.js", f"{start[0]}/styles/app.css", "/web/v-" + "0" * 16 + "/app.js")
    )
    assert "immutable" in script.headers["Cache-Control"]
    assert "immutable" in styles.headers["Cache-Control"]
    assert styles.headers["Content-Type"].startswith("text/css")
    assert "@import" not in styles.text
    assert "@layer components {" in styles.text
    assert old.headers["Cache-Control"] == "no-cache"
    assert old.text == script.text
    assert api.get(f"{start[0]}/nope.js").status_code == 404
    assert api.client.post(f"{start[0]}/styles/app.css").status_code == 405


def test_the_version_changes_with_any_file(tmp_path: Path) -> None:
    """A file that was changed or added makes another version, and the same files make the same."""
    (tmp_path / "app.js").write_text("1;")
    first = version_of(tmp_path)
    assert version_of(tmp_path) == first
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "a.js").write_text("2;")
    second = version_of(tmp_path)
    (tmp_path / "lib" / "a.js").write_text("22;")
    assert len({first, second, version_of(tmp_path)}) == 3


def test_what_the_page_begins_with_is_announced_so_that_it_comes_at_once(api: Api) -> None:
    """Words and start are scripts of the page, the words first; what these import beside the packs is announced."""
    text = api.get("/").text
    scripts = re.findall(r'<script type="module" src="/web/v-[0-9a-f]{16}/([^"]+)" blocking="render">', text)
    assert scripts == ["lib/words/en.js", "app.js"]
    named = re.findall(r'<link rel="modulepreload" href="/web/v-[0-9a-f]{16}/([^"]+)">', text)
    assert sorted(named) == ["vendor/dompurify/purify.min.js", "vendor/marked/marked.esm.js"]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("", "en"), ("pt-BR,pt;q=0.9,en;q=0.8", "pt"), ("de-DE, EN;q=0.5", "en"), ("fr", "en"), ("de,pt-PT;q=0.1", "pt")],
)
def test_the_words_of_the_readers_language_are_announced(api: Api, accepted: str, language: str) -> None:
    """The first language that the page speaks counts, English where it speaks none of them."""
    assert page.language_of(accepted) == language
    assert f"/lib/words/{language}.js" in api.get("/", accept_language=accepted).text


@pytest.mark.parametrize("language", ["en-GB", "pt-BR"])
def test_everything_before_the_first_deliverable_is_small(api: Api, language: str) -> None:
    """Page, styles, modules and the text's own font weigh less than 150 KiB as they travel, in either language."""
    answer = api.get("/", accept_language=language)
    links = Links()
    links.feed(answer.text)
    bodies = [api.get(place, accept_encoding="gzip") for place in dict.fromkeys(links.found)]
    sizes = {str(body.url.path): int(body.headers["Content-Length"]) for body in bodies}
    assert sum(sizes.values()) + len(answer.content) // 4 < 150 * 1024
