"""export, import, disclose and verify by command; the two commands of docs/bundles.md; a bundle over HTTP."""

import json
import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from access_client import Office, fresh_office
from bundle_kit import Made, a_run, a_thread, changed, fresh_made, open_in, settings_in
from test_cli_child import Child
from test_cli_look import Shell
from test_cli_served import serving
from vm_webapp.app import create_app
from vm_webapp.bundles import LONGEST_ZIP, fingerprint, verify_bundle
from vm_webapp.cli import Exit
from vm_webapp.log_tree.keys import verifiers_path
from vm_webapp.proof.notes import VerifierKey
from vm_webapp.workspace import Workspace

from fixed_writer import FixedWriter

made = fresh_made
office = fresh_office
DOCS = (Path(__file__).parents[1] / "docs" / "bundles.md").read_text(encoding="utf-8")
ZIP = {"Content-Type": "application/zip"}


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """The program on an empty workspace."""
    return Shell(capsys, tmp_path / "vm")


@pytest.fixture
def bundle(made: Made, tmp_path: Path) -> Path:
    """The bundle as a file."""
    path = tmp_path / f"{made.run_id}.zip"
    path.write_bytes(made.content)
    return path


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """A client of an app on an empty workspace."""
    with TestClient(create_app(settings=settings_in(tmp_path / "served"), llm=FixedWriter())) as opened:
        yield opened


def test_a_newcomer_checks_a_bundle_in_two_commands(made: Made, bundle: Path, shell: Shell) -> None:
    """The very lines of the page, on a machine without the workspace."""
    section = DOCS.partition("## Check one in two commands")[2].partition("\n## ")[0]
    bytes_alone, everything = (line.strip() for line in section.splitlines() if line.startswith("    "))
    shutil.unpack_archive(str(bundle), bundle.parent)
    assert (
        subprocess.run(
            bytes_alone.split(), cwd=bundle.parent / made.run_id, capture_output=True, check=False
        ).returncode
        == 0
    )
    words = everything.replace("BUNDLE.zip", str(bundle)).replace("KEY", made.key).split()
    assert words[0] == "vm"
    said = shell(*words[1:])
    assert said.code == Exit.OK, said.err
    assert "Everything holds" in said.out
    assert f"fingerprint {fingerprint(VerifierKey.parse(made.key))}" in said.out
    assert not shell.workspace.exists()


def test_verify_names_what_does_not_hold(made: Made, bundle: Path, shell: Shell) -> None:
    """Exit code 1, also for what is no bundle."""
    bundle.write_bytes(changed(made, {"run/stages/02-plan/artifacts/plan.md": b"Ours"}))
    said = shell("verify", str(bundle))
    assert (said.code, "plan.md is not what its manifest says" in said.out) == (Exit.FAILED, True)
    bundle.write_bytes(made.content[:100])
    assert shell("verify", str(bundle)).code == Exit.FAILED


def test_import_and_export_give_the_bundle_back(made: Made, bundle: Path, shell: Shell) -> None:
    """With the key's fingerprint told, `verify` content, and nothing overwritten."""
    said = shell("import", str(bundle), "--brand", "Theirs")
    assert said.code == Exit.OK, said.err
    assert "the one you trust with --key" in said.err
    again = bundle.with_name("again.zip")
    assert shell("export", made.run_id, "-o", str(again)).code == Exit.OK
    assert again.read_bytes() == made.content
    assert shell("export", made.run_id, "-o", str(again)).code == Exit.FAILED
    checked = shell("verify")
    assert checked.code == Exit.OK, checked.out
    (brand,) = shell.json("brands")["brands"]
    assert brand["name"] == "Theirs"


def test_where_an_imported_run_stands_and_what_is_not_known_of_it_is_said(
    made: Made, bundle: Path, shell: Shell
) -> None:
    """Brought in again for another brand, it is said where it stands all the same; its past stands in its bundle."""
    first = shell("import", str(bundle), "--brand", "Theirs").out
    assert "It stands in Theirs / " in first
    assert shell("import", str(bundle), "--brand", "Other").out == first
    said = shell("lineage", made.run_id).out
    assert "afresh" not in said
    assert "brought in" in said
    assert "lineage.json" in said


def test_verify_sees_that_the_kept_bundle_changed(made: Made, bundle: Path, shell: Shell) -> None:
    """The proof beside the run is held against the log like any other file."""
    shell("import", str(bundle), "--key", made.key)
    kept = shell.workspace / "runs" / made.run_id / "bundle.zip"
    kept.write_bytes(kept.read_bytes()[:-1])
    said = shell("verify")
    assert (said.code, "bundle.zip" in said.out) == (Exit.FAILED, True)


def test_export_signs_what_is_not_signed_yet(tmp_path: Path, shell: Shell) -> None:
    """A run of a moment ago, without a server."""
    host = open_in(tmp_path)
    run_id = a_run(host, a_thread(host))
    host.close()
    path = tmp_path / "out.zip"
    said = shell("export", run_id, "-o", str(path))
    assert said.code == Exit.OK, said.err
    assert path.read_bytes().startswith(b"PK")


def test_a_workspace_that_lost_its_key_exports_under_a_new_one(tmp_path: Path, shell: Shell) -> None:
    """As after a restore without the keys: one is made, and all of the bundle is under it."""
    host = open_in(tmp_path)
    run_id = a_run(host, a_thread(host))
    host.close()
    (tmp_path / "vm" / "keys" / "log.key").unlink()
    path = tmp_path / "out.zip"
    said = shell("export", run_id, "-o", str(path))
    assert said.code == Exit.OK, said.err
    newest = verifiers_path(Workspace(tmp_path / "vm")).read_text().splitlines()[-1]
    assert shell("verify", str(path), "--key", newest).code == Exit.OK


def test_a_key_that_cannot_be_used_is_named(tmp_path: Path, shell: Shell) -> None:
    """No bundle is made that nobody signs."""
    host = open_in(tmp_path)
    run_id = a_run(host, a_thread(host))
    host.close()
    (tmp_path / "vm" / "keys" / "log.key").write_text("no key")
    path = tmp_path / "out.zip"
    said = shell("export", run_id, "-o", str(path))
    assert (said.code == Exit.OK, "log.key" in said.err, path.exists()) == (False, True, False)


def test_what_is_no_bundle_bears_no_run(shell: Shell, tmp_path: Path) -> None:
    """It is said what is wrong, and nothing of a run that has no name."""
    (tmp_path / "none.zip").write_bytes(b"none")
    said = shell("verify", str(tmp_path / "none.zip"))
    assert (said.code, said.out.endswith("1 problem: checked 0 files, 0 B.\n")) == (Exit.FAILED, True)


def test_half_a_bundle_is_not_left_behind(bundle: Path, shell: Shell, tmp_path: Path) -> None:
    """Where the disk is full nothing stands in the way of the next try."""
    run_id = shell.json("import", str(bundle))["run_id"]
    target = tmp_path / "handed.zip"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bundle.stat().st_size - 1, before[1]))
    try:
        said = shell("export", run_id, "-o", str(target))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert said.code == Exit.WORKSPACE
    assert not target.exists()
    assert shell("export", run_id, "-o", str(target)).code == Exit.OK


@pytest.mark.skipif(os.name != "posix", reason="no file without an end")
@pytest.mark.parametrize(
    "arguments",
    [("import", "much.zip"), ("verify", "much.zip"), ("verify", "much.json"), ("verify", "--against", "much")],
)
def test_what_is_too_large_is_not_read_whole(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """Beyond what a bundle may have it is refused, whatever it is called; a file without an end is one, too."""
    monkeypatch.chdir(tmp_path)
    Path(arguments[-1]).symlink_to("/dev/zero")
    shell("run", "Something")
    said = shell(*arguments)
    assert (said.code, "has more than 64 MiB, and no bundle" in said.err) == (Exit.USAGE, True)


def test_disclose_says_who_wrote_it(bundle: Path, shell: Shell) -> None:
    """For people and for programs."""
    shell("import", str(bundle))
    assert "The language model fixed wrote it on" in shell("disclose", "latest", "brief").out
    (record,) = shell.json("disclose", "latest", "brief")["disclosures"]
    assert record["digital_source_type"].endswith("/trainedAlgorithmicMedia")
    assert shell("disclose", "latest", "nowhere").code == Exit.USAGE


def test_disclose_speaks_plainly_to_a_terminal(bundle: Path, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Markdown's marks are for the file that it is led into."""
    shell("import", str(bundle))
    written = shell("disclose", "latest", "brief").out
    with monkeypatch.context() as terminal:
        terminal.setattr("sys.stdout.isatty", lambda: True)
        said = shell("disclose", "latest", "brief").out
    assert said == written.removeprefix("# ").replace("\\", "")
    assert said != written.removeprefix("# ")


def test_a_bundle_that_is_not_there(shell: Shell) -> None:
    """Said plainly, whatever is asked."""
    assert shell("import", "none.zip").code == Exit.WORKSPACE
    assert shell("export", "latest").code == Exit.USAGE


def test_a_bundle_goes_in_and_out_over_http(made: Made, client: TestClient) -> None:
    """Twice the same answer; the bundle and the disclosure can be read."""
    first = client.post("/api/v2/imports", content=made.content, headers=ZIP, params={"key": made.key})
    again = client.post("/api/v2/imports", content=made.content, headers=ZIP)
    assert (first.status_code, first.json()) == (200, again.json())
    back = client.get(f"/api/v2/workflow-runs/{made.run_id}/bundle")
    assert (back.content, back.headers["content-type"]) == (made.content, "application/zip")
    said = client.get(f"/api/v2/workflow-runs/{made.run_id}/disclosure", params={"stage_key": "plan"}).json()
    assert said["disclosures"][0]["markdown"].startswith("# Who wrote this")
    listed = client.get(f"/api/v2/threads/{first.json()['thread_id']}/workflow-runs").json()["runs"]
    assert listed[0]["imported"]["fingerprint"]


@pytest.mark.parametrize(
    ("content", "headers", "params", "status"),
    [
        (b"no zip", ZIP, {}, 422),
        (b"{}", {"Content-Type": "application/json"}, {}, 415),
        (b"x" * (2 * 1024 * 1024), ZIP, {}, 422),
        (b"PK", ZIP, {"key": "no key"}, 422),
    ],
)
def test_what_is_no_bundle_is_refused_over_http(
    client: TestClient, content: bytes, headers: dict[str, str], params: dict[str, str], status: int
) -> None:
    """As a problem, with nothing written; more than 1 MiB may be sent here."""
    answer = client.post("/api/v2/imports", content=content, headers=headers, params=params)
    assert answer.status_code == status
    assert json.loads(answer.content)["status"] == status
    assert client.get("/api/v2/workflow-runs").json()["runs"] == []


def test_an_import_has_its_own_limit(client: TestClient) -> None:
    """Told before the body is read."""
    headers = {**ZIP, "Content-Length": str(LONGEST_ZIP + 1)}
    answer = client.post("/api/v2/imports", content=b"", headers=headers)
    assert (answer.status_code, "64 MiB" in answer.json()["detail"]) == (413, True)


def test_only_an_admin_of_all_brands_brings_runs_in(office: Office, made: Made) -> None:
    """An approver may not, nor an admin of one brand; who does is named in the log."""
    path = "/api/v2/imports"
    brand_id = office.brand("Aurora")
    for api in (office.as_("approver"), office.as_("admin", brand_id)):
        assert api.client.post(path, content=made.content, headers=ZIP).status_code == 403
    answer = office.as_("admin", name="Rui").client.post(path, content=made.content, headers=ZIP)
    assert answer.json()["imported"]["by"] == "Rui"


def test_a_bundle_is_not_handed_to_another_brand(office: Office, made: Made) -> None:
    """To a token of another brand it is not there."""
    office.as_("admin").client.post("/api/v2/imports", content=made.content, headers=ZIP)
    stranger = office.as_("viewer", office.brand("Other"))
    for what in ("bundle", "disclosure"):
        assert stranger.get(f"/api/v2/workflow-runs/{made.run_id}/{what}").status_code == 404


def test_the_command_line_asks_the_server(made: Made, bundle: Path) -> None:
    """Where one owns the workspace: import goes through it, export reads beside it and waits for its signature."""
    child = Child(bundle.parent)
    again = bundle.with_name("again.zip")
    with serving(child):
        run = json.loads(child.run("import", str(bundle), "--json").stdout)
        child.run("export", "latest", "-o", str(again))
        fresh = json.loads(child.run("run", "Go", "--json").stdout)
        child.run("export", fresh["run_id"])
    assert run["run_id"] == made.run_id
    assert again.read_bytes() == made.content
    assert verify_bundle((bundle.parent / f"{fresh['run_id']}.zip").read_bytes()).problems == []
