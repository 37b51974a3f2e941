"""What the tests of bundles share: a bundle of a gated and approved run, and ways to take it apart and make another.

A test module takes the fixtures over with `made = fresh_made`, `empty = empty_host` and `found = served_again`.
"""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from vm_webapp import bundles
from vm_webapp.artifacts import to_json
from vm_webapp.bundles.bag import make_bag
from vm_webapp.bundles.statement import make_statement
from vm_webapp.commands import OWNER, new_id
from vm_webapp.domain.brands import CreateBrand
from vm_webapp.domain.projects import CreateProject
from vm_webapp.domain.run_commands import GrantApproval
from vm_webapp.domain.thread_messages import CreateThread
from vm_webapp.host import Host, open_host
from vm_webapp.proof.notes import SigningKey, read_checkpoint, sign_checkpoint
from vm_webapp.settings import Settings
from vm_webapp.writers import Writer

from fixed_writer import FixedWriter

FORGER = SigningKey("vm-log/forger", b"f" * 32)
PROFILE = """\
title: Gated
stages:
  - {key: brief, title: Brief, kind: brief, approval: required}
  - {key: plan, title: Plan, kind: plan, needs: [brief]}
"""


@dataclass(frozen=True, slots=True)
class Made:
    """A bundle, and the key of the log that it came from."""

    run_id: str
    content: bytes
    key: str


def settings_in(folder: Path) -> Settings:
    """Settings of a workspace in the folder."""
    return Settings(
        vm_workspace_root=folder / "vm", vm_db_path=folder / "vm" / "workspace.sqlite3", vm_log_level="ERROR"
    )


def open_in(folder: Path, writer: Writer | None = None) -> Host:
    """A host on the folder's workspace, with a profile of two stages, the first one gated."""
    (folder / "vm" / "profiles").mkdir(parents=True, exist_ok=True)
    (folder / "vm" / "profiles" / "gated.yaml").write_text(PROFILE, encoding="utf-8")
    return open_host(settings_in(folder), llm=writer or FixedWriter())


@pytest.fixture
def served_again(tmp_path: Path, run_id: str) -> Iterator[Host]:
    """A host on the workspace in which the module's fixture `run_id` has left its run."""
    assert run_id
    host = open_in(tmp_path)
    yield host
    host.close()


def a_thread(host: Host, title: str = "Launch") -> str:
    """A new thread's id, in a brand and project of its own."""
    brand_id, project_id, thread_id = new_id("b"), new_id("p"), new_id("t")
    host.commands.handle(CreateBrand(brand_id=brand_id, name="Aurora"), by=OWNER)
    host.commands.handle(CreateProject(project_id=project_id, brand_id=brand_id, name="Spring"), by=OWNER)
    command = CreateThread(thread_id=thread_id, brand_id=brand_id, project_id=project_id, title=title)
    host.commands.handle(command, by=OWNER)
    return thread_id


def a_run(host: Host, thread_id: str, *, text: str = "Launch the cold brew", approve: bool = True) -> str:
    """A run of the gated profile, approved and settled."""
    command = host.requests.new(thread_id=thread_id, request_text=text, mode="gated", by=OWNER)
    host.commands.handle(command, by=OWNER)
    if approve:
        host.orchestrator.catch_up()
        host.orchestrator.settle(30)
        approve_stage(host, command.run_id, "brief")
    settle(host)
    return command.run_id


def approve_stage(host: Host, run_id: str, key: str) -> None:
    """Approve what the stage waits with."""
    run = host.database.write(lambda connection: host.commands.load(connection, f"run:{run_id}")[1])
    command = GrantApproval(
        run_id=run_id,
        stage_key=key,
        manifest_sha256=run.stages[key].manifest_sha256,
        approver=OWNER.id,
        role="admin",
    )
    host.commands.handle(command, by=OWNER)


def settle(host: Host) -> None:
    """Wait until nothing is left to do and all of it is signed."""
    host.orchestrator.catch_up()
    assert host.orchestrator.settle(30)
    assert host.log_tree.wait(30)


def exported(host: Host, run_id: str) -> bytes:
    """The run's bundle."""
    with host.database.read() as connection:
        return bundles.export_run(connection, host.workspace, run_id, key=host.log_tree.key).content


@pytest.fixture(scope="module")
def fresh_made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A bundle of a settled run."""
    host = open_in(tmp_path_factory.mktemp("origin"))
    try:
        run_id = a_run(host, a_thread(host))
        assert host.log_tree.key is not None
        return Made(run_id, exported(host, run_id), str(host.log_tree.key.verifier))
    finally:
        host.close()


@pytest.fixture
def empty_host(tmp_path: Path) -> Iterator[Host]:
    """A host on a workspace without any run."""
    host = open_in(tmp_path)
    yield host
    host.close()


def unzipped(content: bytes) -> dict[str, bytes]:
    """The files of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """An archive of the files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def changed(made: Made, changes: Mapping[str, bytes | None]) -> bytes:
    """The bundle with files of data/ changed, added or (None) left out, in a bag that holds: the work of a forger."""
    payload = payload_of(made.content)
    for name, content in changes.items():
        if content is None:
            payload.pop(name)
        else:
            payload[name] = content
    return zipped(make_bag(payload, run_id=made.run_id, at=datetime(2026, 1, 1, tzinfo=UTC)))


def resigned(made: Made, changes: Mapping[str, bytes | None]) -> bytes:
    """The same, as a log's own keeper could do it: checkpoint and statement signed anew, by FORGER."""
    proof = document(made.content, "log/proof.json")
    tree = read_checkpoint(proof["checkpoint"])
    note = sign_checkpoint(FORGER, size=tree.size, root=tree.root)
    files: dict[str, bytes | None] = {
        "log/proof.json": to_json({**proof, "key": str(FORGER.verifier), "checkpoint": note}),
        "log/checkpoint.txt": note.encode(),
        "log/key.txt": f"{FORGER.verifier}\n".encode(),
        **changes,
    }
    payload = {name: one for name, one in {**payload_of(made.content), **files}.items() if one is not None}
    payload.pop("statement.json")
    return changed(made, {**files, "statement.json": make_statement(payload, {}, FORGER)})


def payload_of(content: bytes) -> dict[str, bytes]:
    """The files below data/."""
    files = unzipped(content)
    return {name.split("/data/", 1)[1]: one for name, one in files.items() if "/data/" in name}


def document(content: bytes, name: str) -> Any:  # noqa: ANN401 - JSON of any kind
    """A JSON document of the bundle."""
    return json.loads(payload_of(content)[name])
