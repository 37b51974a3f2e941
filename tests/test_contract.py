"""What is relied on from outside: names, signatures and answers that do not change (section 8 of the design)."""

import hashlib
import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from vm_webapp import artifacts, repo
from vm_webapp.app import create_app
from vm_webapp.db import build_engine, init_db, session_scope
from vm_webapp.events import EventEnvelope
from vm_webapp.memory import MemoryIndex
from vm_webapp.models import ThreadView
from vm_webapp.orchestrator_v2 import process_new_events
from vm_webapp.settings import Settings
from vm_webapp.workflow_runtime_v2 import WorkflowRuntimeV2
from vm_webapp.workspace import Workspace

WEB = Path(artifacts.__file__).parent / "web"
STAGE: dict[str, Any] = {
    "run_id": "run-1",
    "thread_id": "t1",
    "stage_key": "brief",
    "stage_position": 1,
    "attempt": 1,
    "input_payload": {"request_text": "Launch"},
    "output_payload": {"title": "Brief"},
    "artifacts": {"brief.md": "# Brief\n", "brief.json": "{}"},
    "event_id": "evt-1",
    "status": "completed",
}


@contextmanager
def app_of(folder: Path) -> Iterator[FastAPI]:
    """An app on a workspace of its own, whose lifespan is not entered."""
    app = create_app(settings=Settings(vm_workspace_root=folder / "vm", vm_db_path=folder / "vm" / "db.sqlite3"))
    yield app
    app.state.host.close()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    """An app with the offline writer."""
    with app_of(tmp_path) as made:
        yield made


def keyed(key: str) -> dict[str, str]:
    """The headers of a write."""
    return {"Idempotency-Key": key}


def make_thread(client: TestClient) -> tuple[str, str, str]:
    """A brand, a project and a thread by HTTP; their ids."""
    brand = client.post("/api/v2/brands", json={"name": "Acme"}, headers=keyed("b"))
    brand_id = brand.json()["brand_id"]
    project = client.post("/api/v2/projects", json={"brand_id": brand_id, "name": "Plan"}, headers=keyed("p"))
    project_id = project.json()["project_id"]
    values = {"brand_id": brand_id, "project_id": project_id, "title": "Planning"}
    thread = client.post("/api/v2/threads", json=values, headers=keyed("t"))
    assert [answer.status_code for answer in (brand, project, thread)] == [200, 200, 200]
    return brand_id, project_id, thread.json()["thread_id"]


def test_a_stage_is_written_and_its_manifest_returned(tmp_path: Path) -> None:
    """One item per artifact, each with its sha256, and no temporary file left."""
    folder = tmp_path / "runs" / "run-1" / "stages" / "01-brief"
    manifest = artifacts.write_stage_outputs(stage_dir=folder, **STAGE)
    listed = {item["path"]: item["sha256"] for item in manifest["artifacts"]}
    expected = {
        f"artifacts/{name}": hashlib.sha256(content.encode()).hexdigest()
        for name, content in STAGE["artifacts"].items()
    }
    assert listed == expected
    assert json.loads((folder / "manifest.json").read_text()) == manifest
    assert {"input.json", "output.json", "manifest.json"} <= {path.name for path in folder.iterdir()}
    assert list(folder.rglob("*.tmp")) == []


def test_what_the_writer_of_a_stage_takes() -> None:
    """All keyword-only; what was added later has a default."""
    parameters = inspect.signature(artifacts.write_stage_outputs).parameters
    assert {parameter.kind for parameter in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
    required = {name for name, parameter in parameters.items() if parameter.default is inspect.Parameter.empty}
    assert required == {"stage_dir", *STAGE}


def test_a_session_commits_or_rolls_back(tmp_path: Path) -> None:
    """`session_scope` commits at the end; an error undoes everything and is raised again. A ThreadView can be added."""
    engine = build_engine(tmp_path / "db.sqlite3")
    init_db(engine)
    view = {"brand_id": "b1", "project_id": "p1", "title": "T", "status": "open", "modes_json": '["plan_90d"]'}
    with session_scope(engine) as session:
        session.add(ThreadView(thread_id="t1", **view))
    broken = ValueError("broken")

    def fail() -> None:
        with session_scope(engine) as session:
            session.add(ThreadView(thread_id="t2", **view))
            raise broken

    with pytest.raises(ValueError, match="broken"):
        fail()
    with session_scope(engine) as session:
        assert [row.thread_id for row in session.query(ThreadView).all()] == ["t1"]
        assert session.execute(text("SELECT 1")).scalar() == 1
    engine.dispose()


def test_a_runtime_executes_a_thread_that_no_event_created(tmp_path: Path) -> None:
    """Twice on one thread gives two runs, each executed to its end in the caller's thread."""
    engine = build_engine(tmp_path / "db.sqlite3")
    init_db(engine)
    workspace = Workspace(root=tmp_path / "vm")
    assert workspace.root == tmp_path / "vm"
    memory = MemoryIndex(root=tmp_path / "zvec")
    runtime = WorkflowRuntimeV2(engine=engine, workspace=workspace, memory=memory, llm=None)
    with session_scope(engine) as session:
        session.add(
            ThreadView(thread_id="t1", brand_id="b1", project_id="p1", title="T", status="open", modes_json="[]")
        )
    values = {"thread_id": "t1", "brand_id": "b1", "project_id": "p1", "request_text": "Plan", "mode": "plan_90d"}
    first, second = (runtime.execute_thread_run(**values, actor_id="agent:vm")["run_id"] for _ in range(2))
    assert first != second
    with session_scope(engine) as session:
        runs = repo.list_runs_by_thread(session, "t1")
        assert {(run.run_id, run.status) for run in runs} == {(first, "completed"), (second, "completed")}
    for run_id in (first, second):
        assert list((workspace.root / "runs" / run_id / "stages").glob("*/manifest.json"))
    engine.dispose()


def test_an_appended_request_is_executed_by_process_new_events(app: FastAPI) -> None:
    """In the same open session as the append; afterwards a new session sees the run and its completion."""
    brand_id, project_id, thread_id = make_thread(TestClient(app))
    with session_scope(app.state.engine) as session:
        repo.append_event(
            session,
            EventEnvelope(
                event_id="evt-workflow-1",
                event_type="WorkflowRunRequested",
                aggregate_type="thread",
                aggregate_id=thread_id,
                stream_id=f"thread:{thread_id}",
                expected_version=1,
                actor_type="human",
                actor_id="workspace-owner",
                payload={
                    "thread_id": thread_id,
                    "brand_id": brand_id,
                    "project_id": project_id,
                    "request_text": "Plan the launch",
                    "mode": "plan_90d",
                },
                thread_id=thread_id,
                brand_id=brand_id,
                project_id=project_id,
            ),
        )
        process_new_events(session)
    with session_scope(app.state.engine) as session:
        (run,) = repo.list_runs_by_thread(session, thread_id)
        types = {item.event_type for item in repo.list_timeline_items_view(session, thread_id=thread_id)}
    assert run.status == "completed"
    assert "WorkflowRunCompleted" in types


def test_an_app_works_without_its_lifespan(app: FastAPI) -> None:
    """`app.state` has the engine and the workspace; health answers at once."""
    assert app.state.engine is app.state.host.engine
    assert app.state.workspace.root.name == "vm"
    assert TestClient(app).get("/api/v1/health").json()["ok"] is True


def test_several_apps_live_in_one_process(tmp_path: Path) -> None:
    """Two workspaces do not see each other; two apps on one workspace see the same."""
    with app_of(tmp_path / "a") as here, app_of(tmp_path / "a") as again, app_of(tmp_path / "b") as other:
        make_thread(TestClient(here))
        counts = [len(TestClient(app).get("/api/v2/brands").json()["brands"]) for app in (here, again, other)]
    assert counts == [1, 1, 0]


def test_brands_projects_and_threads_are_made_and_listed(app: FastAPI) -> None:
    """200 with the id; the lists stand under their plural."""
    client = TestClient(app)
    brand_id, project_id, thread_id = make_thread(client)
    brands = client.get("/api/v2/brands").json()["brands"]
    projects = client.get(f"/api/v2/projects?brand_id={brand_id}").json()["projects"]
    threads = client.get(f"/api/v2/threads?project_id={project_id}").json()["threads"]
    assert [row["brand_id"] for row in brands] == [brand_id]
    assert [row["project_id"] for row in projects] == [project_id]
    assert [row["thread_id"] for row in threads] == [thread_id]


def test_a_request_by_http_is_a_versioned_run(app: FastAPI) -> None:
    """200 with run_id and status; right after it the runs, newest first, the artifacts and the timeline are there."""
    client = TestClient(app)
    thread_id = make_thread(client)[2]
    path = f"/api/v2/threads/{thread_id}/workflow-runs"
    body = {"request_text": "Create a 90-day plan", "mode": "plan_90d"}
    started = [client.post(path, json=body, headers=keyed(key)) for key in ("r1", "r2")]
    assert [answer.status_code for answer in started] == [200, 200]
    first, second = (answer.json() for answer in started)
    assert (first["status"], second["status"]) == ("completed", "completed")
    runs = client.get(path).json()["runs"]
    assert [run["run_id"] for run in runs] == [second["run_id"], first["run_id"]]
    assert all(run["status"] == "completed" and run["created_at"] for run in runs)
    for run in runs:
        listed = client.get(f"/api/v2/workflow-runs/{run['run_id']}/artifacts").json()
        assert listed["run_id"] == run["run_id"]
        assert listed["stages"]
        assert all(stage["artifacts"] for stage in listed["stages"])
    items = client.get(f"/api/v2/threads/{thread_id}/timeline").json()["items"]
    assert "WorkflowRunCompleted" in {item["event_type"] for item in items}


def test_the_page_has_the_ids_that_are_relied_on(app: FastAPI) -> None:
    """The panel, the form with its inputs, and the two lists."""
    page = TestClient(app).get("/").text
    ids = set(re.findall(r'\bid="([^"]+)"', page))
    expected = {
        "workflow-io-panel",
        "workflow-run-form",
        "workflow-request-input",
        "workflow-mode-input",
        "workflow-runs-list",
        "workflow-artifacts-list",
    }
    assert expected <= ids
    assert expected <= set(re.findall(r'\bid="([^"]+)"', (WEB / "index.html").read_text(encoding="utf-8")))


def test_the_script_names_the_paths_of_the_api() -> None:
    """As literals, in app.js."""
    script = (WEB / "app.js").read_text(encoding="utf-8")
    for path in ("/api/v2/threads/", "/workflow-runs", "/api/v2/workflow-runs/", "/artifacts"):
        assert f'"{path}"' in script


def test_the_workspace_is_a_matter_of_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`runtime/vm` with `workspace.sqlite3` in it, relative to where the program is started, unless it is set."""
    for name in ("VM_WORKSPACE_ROOT", "VM_DB_PATH"):
        monkeypatch.delenv(name, raising=False)
    usual = Settings()
    assert (usual.vm_workspace_root, usual.vm_db_path) == (Path("runtime/vm"), Path("runtime/vm/workspace.sqlite3"))
    monkeypatch.setenv("VM_WORKSPACE_ROOT", str(tmp_path / "w"))
    monkeypatch.setenv("VM_DB_PATH", str(tmp_path / "d.sqlite3"))
    assert (Settings().vm_workspace_root, Settings().vm_db_path) == (tmp_path / "w", tmp_path / "d.sqlite3")


def test_the_program_serves_with_one_command(tmp_path: Path) -> None:
    """`python -m vm_webapp serve --host --port`, with the workspace below the working directory."""
    source = Path(artifacts.__file__).parents[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VM_")}
    command = [sys.executable, "-m", "vm_webapp", "serve", "--host", "127.0.0.1", "--port", "0"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**kept, "PYTHONPATH": str(source), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout
        urls = (found[0] for line in process.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
        url = next(urls)
        assert httpx2.get(f"{url}/api/v1/health", timeout=30).json()["ok"] is True
        assert (tmp_path / "runtime" / "vm" / "workspace.sqlite3").is_file()
        process.terminate()
        process.communicate(timeout=30)
