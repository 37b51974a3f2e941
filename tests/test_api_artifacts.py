"""Artifacts over HTTP: verified, conditional, in ranges, never executed; and all of them in one archive."""

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from vm_webapp import artifacts, pending_files
from vm_webapp.api.disposition import disposition, file_name
from vm_webapp.app import create_app
from vm_webapp.settings import Settings
from vm_webapp.writers import Attempt, DraftFile, StageDraft, StageWork

from api_client import Api, Gate, fresh_api, running
from fixed_writer import FixedWriter

api = fresh_api


@pytest.fixture
def run(api: Api) -> Mapping[str, Any]:
    """A completed run."""
    return api.run(api.thread("Lançamento: verão/2027"))


def _path(run: Mapping[str, Any], name: str = "brief.md", stage: str = "brief") -> str:
    return f"/api/v2/workflow-runs/{run['run_id']}/artifacts/{stage}/{name}"


def _file(api: Api, run: Mapping[str, Any], name: str = "artifacts/brief.md") -> Path:
    host = api.app.state.host
    folder: Path = host.workspace.stage_dir(run["run_id"], 1, "brief")
    return folder / name


def _settle_files(api: Api) -> None:
    """Give the durable copies up, as the host does a moment after a run."""
    pending_files.confirm(api.app.state.host.database, api.app.state.host.workspace)


def test_manifests_are_listed_in_plan_order(api: Api, run: Mapping[str, Any]) -> None:
    """Each is the manifest on disk, and the one whose digest the run names."""
    listed = api.read(f"/api/v2/workflow-runs/{run['run_id']}/artifacts")
    assert listed["run_id"] == run["run_id"]
    assert [one["stage_key"] for one in listed["stages"]] == [stage["stage_key"] for stage in run["stages"]]
    assert listed["stages"][0] == json.loads(_file(api, run, "manifest.json").read_bytes())
    assert all(one["artifacts"] for one in listed["stages"])


def test_a_file_is_served_with_its_digest(api: Api, run: Mapping[str, Any]) -> None:
    """ETag and Repr-Digest carry the SHA-256; it is an attachment, sandboxed, and not to be sniffed."""
    answer = api.get(_path(run))
    digest = hashlib.sha256(answer.content).digest()
    assert answer.content == _file(api, run).read_bytes()
    assert answer.headers["ETag"] == f'"sha256-{digest.hex()}"'
    assert answer.headers["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest).decode()}:"
    assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="brief.md"')
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Content-Encoding" not in answer.headers


def test_inline_gives_text_as_plain_text(api: Api, run: Mapping[str, Any]) -> None:
    """`?view=inline` shows text and never more than text."""
    answer = api.get(f"{_path(run)}?view=inline")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("inline; ")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert api.get(f"{_path(run)}?view=raw").status_code == 422


@pytest.mark.parametrize(
    ("asked", "part", "content_range"),
    [
        ("bytes=0-4", slice(0, 5), "bytes 0-4/{size}"),
        ("bytes=5-", slice(5, None), "bytes 5-{last}/{size}"),
        ("bytes=-3", slice(-3, None), "bytes {third}-{last}/{size}"),
        ("bytes=2-99999999", slice(2, None), "bytes 2-{last}/{size}"),
        ("bytes=-99999999", slice(0, None), "bytes 0-{last}/{size}"),
    ],
)
def test_a_range_is_answered_with_that_part(
    api: Api, run: Mapping[str, Any], asked: str, part: slice, content_range: str
) -> None:
    """206, with the place of the part and the digest of the whole."""
    whole = api.get(_path(run))
    answer = api.get(_path(run), range=asked)
    size = len(whole.content)
    assert (answer.status_code, answer.content) == (206, whole.content[part])
    assert answer.headers["Content-Range"] == content_range.format(size=size, last=size - 1, third=size - 3)
    assert answer.headers["Repr-Digest"] == whole.headers["Repr-Digest"]


@pytest.mark.parametrize("asked", ["bytes=0-1,3-4", "bytes=5-2", "lines=1-2", "bytes=x-y", "bytes=-", "bytes"])
def test_ranges_that_are_not_understood_are_ignored(api: Api, run: Mapping[str, Any], asked: str) -> None:
    """The whole file is the answer."""
    answer = api.get(_path(run), range=asked)
    assert (answer.status_code, answer.content) == (200, _file(api, run).read_bytes())


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
def test_a_range_beyond_the_end_is_416(api: Api, run: Mapping[str, Any], asked: str) -> None:
    """The size is told."""
    answer = api.get(_path(run), range=asked)
    assert (answer.status_code, answer.json()["code"]) == (416, "range_not_satisfiable")
    assert answer.headers["Content-Range"] == f"bytes */{len(_file(api, run).read_bytes())}"


def test_conditions_are_heeded(api: Api, run: Mapping[str, Any]) -> None:
    """If-None-Match gives 304, If-Match of something else 412, If-Range of something else the whole."""
    etag = api.get(_path(run)).headers["ETag"]
    for tags in (etag, f'"x", {etag}', f"W/{etag}", "*"):
        known = api.get(_path(run), if_none_match=tags)
        assert (known.status_code, known.content, known.headers["ETag"]) == (304, b"", etag)
    assert api.get(_path(run), if_none_match='"other"').status_code == 200
    assert api.get(_path(run), if_match=etag).status_code == 200
    assert api.get(_path(run), if_match='"other"').json()["code"] == "precondition_failed"
    assert api.get(_path(run), if_match=f"W/{etag}").status_code == 412
    assert api.get(_path(run), range="bytes=0-1", if_range=etag).status_code == 206
    assert api.get(_path(run), range="bytes=0-1", if_range='"other"').status_code == 200


def test_head_says_what_get_would(api: Api, run: Mapping[str, Any]) -> None:
    """The same headers and no body."""
    get, head = api.get(_path(run)), api.client.head(_path(run))
    assert (head.status_code, head.content) == (200, b"")
    names = ("ETag", "Content-Length", "Content-Type", "Repr-Digest")
    assert [head.headers[name] for name in names] == [get.headers[name] for name in names]


@pytest.mark.parametrize("damaged", ["artifacts/brief.md", "manifest.json"])
def test_bytes_that_are_not_the_published_ones_are_never_sent(api: Api, run: Mapping[str, Any], damaged: str) -> None:
    """A problem of its own code, without the bytes and without the path on this machine."""
    _settle_files(api)
    _file(api, run, damaged).write_bytes(b"tampered-with")
    paths = [f"/api/v2/workflow-runs/{run['run_id']}/download"]
    paths.append(_path(run) if damaged.endswith(".md") else f"/api/v2/workflow-runs/{run['run_id']}/artifacts")
    for path in paths:
        answer = api.get(path)
        assert (answer.status_code, answer.json()["code"]) == (500, "integrity")
        assert "tampered-with" not in answer.text
        assert str(api.app.state.workspace.root) not in answer.text
        assert damaged in answer.json()["detail"]


def test_a_missing_file_is_a_problem(api: Api, run: Mapping[str, Any]) -> None:
    """What was published and is gone is an integrity problem, not a 404."""
    _settle_files(api)
    _file(api, run).unlink()
    assert api.get(_path(run)).json()["code"] == "integrity"


def test_a_file_is_restored_from_its_durable_copy(settings: Settings, writer: FixedWriter) -> None:
    """While the copy of a fresh file stands in the database, a damaged file is made good on reading."""
    with running(create_app(settings, llm=writer)) as api:
        run = api.run(api.thread())
        host = api.app.state.host
        content = _file(api, run).read_bytes()
        with host.engine.begin() as connection:
            pending_files.keep(connection, run["run_id"], {"stages/01-brief/artifacts/brief.md": content})
        _file(api, run).write_bytes(b"torn")
        assert api.get(_path(run)).content == content
        assert _file(api, run).read_bytes() == content


@pytest.mark.parametrize(
    "path",
    [
        "artifacts/brief/nope.md",
        "artifacts/nope/brief.md",
        "artifacts/brief/%2e%2e%2f",
        "artifacts/brief/..%2fmanifest.json",
        "artifacts/brief/..%5cmanifest.json",
        "artifacts/brief/%00",
        "artifacts/..%2f..%2f/brief.md",
        "artifacts/brief/%2fetc%2fpasswd",
        "artifacts/brief/manifest.json",
        "artifacts/brief/brief.md%00.txt",
        "artifacts/brief/brief.md/",
    ],
)
def test_only_published_names_lead_to_files(api: Api, run: Mapping[str, Any], path: str) -> None:
    """Anything else is 404: a name is looked up among those published and never becomes a path by itself."""
    assert api.get(f"/api/v2/workflow-runs/{run['run_id']}/{path}").status_code == 404


def test_a_page_written_by_a_writer_is_not_a_page(settings: Settings) -> None:
    """HTML and a media type that is none are served as attachments that cannot run."""

    class PageWriter(FixedWriter):
        def write(self, work: StageWork, attempt: Attempt) -> StageDraft:
            draft = super().write(work, attempt)
            page = DraftFile(name="page ä.html", kind="page", media_type="text/html", text="<script>1</script>")
            odd = DraftFile(name="odd.bin", kind="odd", media_type="x\r\nSet-Cookie: a=b", text="odd")
            return StageDraft(output=draft.output, files=(*draft.files, page, odd))

    with running(create_app(settings, llm=PageWriter())) as api:
        run = api.run(api.thread())
        page, odd = api.get(_path(run, "page%20ä.html")), api.get(_path(run, "odd.bin"))
        shown = api.get(_path(run, "page%20ä.html") + "?view=inline")
        assert page.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        expected = "attachment; filename=\"page-a.html\"; filename*=UTF-8''page%20%C3%A4.html"
        assert page.headers["Content-Disposition"] == expected
        assert shown.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert odd.headers["Content-Type"] == "application/octet-stream"
        assert "Set-Cookie" not in odd.headers


def test_the_archive_unpacks_to_stages_that_verify(api: Api, run: Mapping[str, Any], tmp_path: Path) -> None:
    """Every stage's folder with its manifest, and run.json; the name says title and version; equal bytes each time."""
    path = f"/api/v2/workflow-runs/{run['run_id']}/download"
    answer = api.get(path)
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="Lancamento-verao-2027-v1.zip"; '
        "filename*=UTF-8''Lan%C3%A7amento%20%20ver%C3%A3o%202027%20v1.zip"
    )
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path)
    assert json.loads((tmp_path / "run.json").read_bytes()) == run
    for stage in run["stages"]:
        folder = tmp_path / "stages" / f"{stage['position']:02d}-{stage['stage_key']}"
        assert artifacts.verify_stage(folder, sha256=stage["manifest_sha256"]) == []
    assert api.get(path).content == answer.content


def test_the_archive_of_a_run_without_files_has_its_record(api: Api, writer: FixedWriter) -> None:
    """Nothing is published yet: run.json alone."""
    gate = Gate()
    writer.on("brief", gate)
    run_id = api.begin(api.thread())
    with zipfile.ZipFile(io.BytesIO(api.get(f"/api/v2/workflow-runs/{run_id}/download").content)) as archive:
        assert archive.namelist() == ["run.json"]
    gate.opened.set()


@pytest.mark.parametrize(
    ("title", "name"),
    [("Launch", "Launch"), ("a/b\\c:d", "a b c d"), ("..", "run"), ("\x00\x1f", "run"), ("x" * 300, "x" * 120)],
)
def test_titles_become_names_that_any_system_takes(title: str, name: str) -> None:
    """Separators, control characters and dots at the ends are not kept."""
    assert file_name(title) == name


def test_dispositions_survive_quotes_and_other_scripts() -> None:
    """A plain name for everybody, the real one beside it."""
    assert disposition('a"b\r\n.md') == "attachment; filename=\"a-b-.md\"; filename*=UTF-8''a%22b%0D%0A.md"
    assert disposition("計画") == "attachment; filename=\"file\"; filename*=UTF-8''%E8%A8%88%E7%94%BB"
