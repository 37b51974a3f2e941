"""Search over HTTP and on the command line."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from access_client import Office, fresh_office
from vm_webapp import cli
from vm_webapp.api import shapes
from vm_webapp.app import create_app
from vm_webapp.memory import KINDS
from vm_webapp.settings import Settings

from api_client import Api, running
from dictated import Desk, DictatedWriter, add_profiles

office = fresh_office


@pytest.fixture
def dictated() -> DictatedWriter:
    """The writer."""
    return DictatedWriter()


@pytest.fixture
def api(settings: Settings, dictated: DictatedWriter) -> Iterator[Api]:
    """A client of an app whose writer takes dictation."""
    add_profiles(settings)
    with running(create_app(settings, llm=dictated)) as client:
        yield client


@pytest.fixture
def desk(api: Api) -> Desk:
    """A desk behind the app."""
    return Desk(api.app.state.host)


def publish(api: Api, text: str, mode: str = "plain") -> dict[str, Any]:
    """A run in a thread, project and brand of its own, indexed."""
    run = api.run(api.thread("Tea time"), text, mode)
    api.app.state.host.recall.catch_up()
    return run


def test_a_search_answers_with_results(api: Api) -> None:
    """Where it stands, in which thread and version, what was found, and the file itself."""
    run = publish(api, "Spring\n\nMatcha & <b>more</b>")
    answer = api.read("/api/v2/search?q=matcha")
    (result,) = answer["results"]
    shapes.ResultsShape.model_validate(answer, strict=True)
    assert set(result) == set(shapes.ResultShape.model_fields)
    assert {name: result[name] for name in ("run_id", "number", "thread_title", "brand_id", "approved", "granted")} == {
        "run_id": run["run_id"],
        "number": 1,
        "thread_title": "Tea time",
        "brand_id": run["brand_id"],
        "approved": True,
        "granted": False,
    }
    assert (answer["meaning"], answer["next"]) == ("off", None)
    assert answer["indexed_to"] == api.read("/api/v1/health")["position"]
    file = api.get(result["url"])
    assert (file.status_code, result["sha256"] in file.headers["ETag"]) == (200, True)


def test_pages_and_filters(api: Api) -> None:
    """`limit`, `next` and `after`; brand, project, mode and approval."""
    runs = [publish(api, f"Note {number}\n\nmatcha") for number in range(3)]
    first = api.read("/api/v2/search?q=matcha&limit=2")
    second = api.read(f"/api/v2/search?q=matcha&limit=2&after={first['next']}")
    found = [result["run_id"] for result in first["results"] + second["results"]]
    assert (sorted(found), second["next"]) == (sorted(run["run_id"] for run in runs), None)
    for name in ("brand_id", "project_id"):
        (one,) = api.read(f"/api/v2/search?q=matcha&{name}={runs[1][name]}")["results"]
        assert one["run_id"] == runs[1]["run_id"]
    assert api.read("/api/v2/search?q=matcha&approved=false")["results"] == []
    assert api.read("/api/v2/search?q=matcha&mode=gated")["results"] == []


@pytest.mark.parametrize(
    "query",
    ["", "q=" + "x" * 1_001, "q=x&limit=0", "q=x&limit=101", "q=x&after=nonsense", "q=x&approved=maybe"],
)
def test_what_cannot_be_meant_is_refused(api: Api, query: str) -> None:
    """422, as a problem that says what is wrong."""
    publish(api, "Note")
    answer = api.get(f"/api/v2/search?{query}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")


@pytest.mark.parametrize("named", ["1_" + "f" * 400, "f" * 400 + "_1", "1_-1", "0_1", "1", "1_1_1", "_"])
def test_a_cursor_that_was_made_up_is_refused(api: Api, named: str) -> None:
    """422, however large its numbers are: the index's own name in it is for everybody to read."""
    for _ in range(2):
        publish(api, "Note\n\nbrew")
    generation = api.read("/api/v2/search?q=brew&limit=1")["next"].partition("~")[0]
    answer = api.get(f"/api/v2/search?q=brew&after={generation}~off~{named}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")


@pytest.mark.parametrize("typed", ["%00", "%22", "OR+AND+(", "%F0%9F%8D%B5", "a*", "-x", "col:x", "%ED%A0%80"])
def test_no_words_are_an_error(api: Api, typed: str) -> None:
    """Operators and odd characters are words or nothing."""
    publish(api, "Note")
    assert api.get(f"/api/v2/search?q={typed}").status_code == 200


def test_an_index_that_is_gone_bad_is_a_503(api: Api, desk: Desk) -> None:
    """The answer says so; a moment later it is there again."""
    publish(api, "Note\n\nmatcha")
    desk.host.memory.store.write(lambda connection: connection.exec_driver_sql("DROP TABLE sources"))
    assert api.get("/api/v2/search/provenance?model=x").status_code == 503
    desk.host.recall.catch_up()
    assert len(api.read("/api/v2/search?q=matcha")["results"]) == 1


def test_what_was_made_with_something_is_listed(api: Api) -> None:
    """Newest first, page by page; at least one origin has to be named."""
    runs = [publish(api, f"Note {number}", "pair") for number in range(2)]
    answer = api.read("/api/v2/search/provenance?writer=test:dictated&limit=3")
    shapes.DeliverablesShape.model_validate(answer, strict=True)
    rest = api.read(f"/api/v2/search/provenance?writer=test:dictated&limit=3&after={answer['next']}")
    found = [(one["run_id"], one["stage_key"]) for one in answer["deliverables"] + rest["deliverables"]]
    assert found == [(run["run_id"], key) for run in runs[::-1] for key in ("echo", "note")]
    assert rest["next"] is None
    note = runs[0]["stages"][0]
    (echo,) = api.read(f"/api/v2/search/provenance?source_sha256={note['manifest_sha256']}")["deliverables"]
    assert (echo["run_id"], echo["stage_key"]) == (runs[0]["run_id"], "echo")
    refused = api.get("/api/v2/search/provenance")
    assert (refused.status_code, "prompt_sha256" in refused.json()["detail"]) == (422, True)


def test_the_command_finds_and_prints(
    api: Api, dictated: DictatedWriter, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside a server: text for people with what was found, JSON for programs, by words or by origin."""
    dictated.files = {"note.md": ("text/markdown", "Matcha \x1b[31mred \u202eback")}
    run = publish(api, "Spring")
    where = ["--workspace", str(settings.vm_workspace_root), "--no-color"]
    assert cli.main([*where, "search", "matcha"]) == 0
    shown = capsys.readouterr().out
    assert "Spring" in shown
    assert run["run_id"] in shown
    assert not {"\x1b", "\u202e"} & set(shown)
    assert cli.main([*where, "search", "matcha", "--brand", "Aurora", "--approved", "--json"]) == 0
    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert result["run_id"] == run["run_id"]
    assert cli.main([*where, "search", "--made-with", "model=dictated", "--json"]) == 0
    (made,) = json.loads(capsys.readouterr().out)["results"]
    assert made["run_id"] == run["run_id"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["search"],
        ["search", "x" * 1_001],
        ["search", "x", "--made-with", "model=y"],
        ["search", "--made-with", "colour=red"],
    ],
)
def test_the_command_says_what_it_takes(api: Api, settings: Settings, arguments: list[str]) -> None:
    """Words or one of the origins, and no more of them than over HTTP."""
    publish(api, "Note")
    assert cli.main(["--workspace", str(settings.vm_workspace_root), *arguments]) == 2


@pytest.mark.parametrize("arguments", [["matcha"], ["--made-with", "model=nobody"]])
def test_nothing_found_is_said(
    api: Api, settings: Settings, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    """On standard error, in plain words; programs get an empty list and nothing else."""
    publish(api, "Note")
    where = ["--workspace", str(settings.vm_workspace_root), "search", *arguments]
    capsys.readouterr()
    assert cli.main(where) == 0
    assert capsys.readouterr() == ("", "Nothing was found.\n")
    assert cli.main([*where, "--json"]) == 0
    shown = capsys.readouterr()
    assert (json.loads(shown.out)["results"], shown.err) == ([], "")


def test_the_command_in_an_empty_place(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing was ever recorded it says how to begin, and makes no file."""
    assert cli.main(["--workspace", str(settings.vm_workspace_root), "search", "matcha", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["results"] == []
    assert "Begin with" in err
    assert not settings.vm_workspace_root.exists()


def test_rebuild_makes_the_index_afresh(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """A lost index is there again after it."""
    add_profiles(settings)
    with running(create_app(settings, llm=DictatedWriter())) as api:
        publish(api, "Note\n\nmatcha")
    index = settings.vm_workspace_root / "recall.sqlite3"
    index.unlink()
    where = ["--workspace", str(settings.vm_workspace_root)]
    assert cli.main([*where, "rebuild"]) == 0
    assert index.is_file()
    capsys.readouterr()
    assert cli.main([*where, "search", "matcha", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["results"]) == 1


def test_a_token_of_one_brand_finds_nothing_of_another(office: Office) -> None:
    """Neither by words nor by origin, nor by naming the other brand; what it may see it finds."""
    ours, theirs = (office.brand(name) for name in ("Ours", "Theirs"))
    for brand_id in (ours, theirs):
        Desk(office.host).publish("Note\n\nmatcha", brand_id=brand_id, mode="plan_90d")
    reader = office.as_("viewer", ours)
    found = reader.read("/api/v2/search?q=matcha&limit=100")["results"]
    assert {result["brand_id"] for result in found} == {ours}
    assert reader.read(f"/api/v2/search?q=matcha&brand_id={theirs}")["results"] == []
    made = reader.read("/api/v2/search/provenance?writer=fixed")["deliverables"]
    assert {one["brand_id"] for one in made} == {ours}
    assert reader.read(f"/api/v2/search/provenance?writer=fixed&brand_id={theirs}")["deliverables"] == []
    cursor = office.as_("admin").read("/api/v2/search?q=matcha&limit=1")["next"]
    rest = reader.read(f"/api/v2/search?q=matcha&limit=100&after={cursor}")["results"]
    assert {result["brand_id"] for result in rest} == {ours}


def test_the_docs_name_all_there_is() -> None:
    """docs/search.md has every origin and every variable."""
    docs = (Path(__file__).parents[1] / "docs" / "search.md").read_text(encoding="utf-8")
    settings_of_meaning = [name.upper() for name in Settings.model_fields if name.startswith("vm_embeddings")]
    origins = re.findall(r"^\| (\w+) \| [A-Z]", docs, re.MULTILINE)
    assert origins == [*settings_of_meaning, *KINDS]
