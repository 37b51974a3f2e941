"""The log as CloudEvents: the attributes of the specification, resumable, and of one brand for whom it is for."""

import json
import os
import re
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from access_client import Office, guarded
from test_backup_whole import fill
from test_cli_child import IDLE_SECONDS, Child
from vm_webapp import event_store
from vm_webapp.app import create_app
from vm_webapp.cli import Exit, main
from vm_webapp.cloud_events import told_by
from vm_webapp.commands import OWNER
from vm_webapp.domain.brands import CreateBrand
from vm_webapp.host import Host
from vm_webapp.settings import Settings

from api_client import Api, fresh_api
from fixed_writer import FixedWriter

api = fresh_api
URL = "/api/v2/events/export"
ATTRIBUTE = re.compile(r"[a-z0-9]{1,20}")


def check(event: dict[str, Any]) -> None:
    """What CloudEvents 1.0 asks of an event in JSON: names, required attributes, their forms."""
    assert event["specversion"] == "1.0"
    assert all(event[name] and isinstance(event[name], str) for name in ("id", "source", "type", "subject"))
    assert all(ATTRIBUTE.fullmatch(name) for name in event)
    assert datetime.fromisoformat(event["time"]).tzinfo is not None
    assert all(isinstance(value, (str, int, bool)) for name, value in event.items() if name != "data")
    assert re.fullmatch(r"com\.vm\.[A-Za-z]+\.v[0-9]+", event["type"])
    assert "traceparent" not in event


def test_a_batch_is_one_of_cloud_events(api: Api) -> None:
    """Media type, attributes, and a type with the version of its payload; source and id are unique together."""
    api.run(api.thread())
    answer = api.get(f"{URL}?limit=1000")
    events = answer.json()
    assert answer.headers["Content-Type"] == "application/cloudevents-batch+json"
    for event in events:
        check(event)
    assert len({event["id"] for event in events}) == len(events)
    assert len({event["source"] for event in events}) == 1
    assert "com.vm.StageCompleted.v2" in {event["type"] for event in events}
    assert [event["sequence"] for event in events] == sorted(event["sequence"] for event in events)


def test_it_is_read_on_from_a_position(api: Api) -> None:
    """Page by page, by the link or by `sequence`: every event once, in both forms."""
    api.run(api.thread())
    whole = api.get(f"{URL}?limit=1000").json()
    found: list[dict[str, Any]] = []
    url: str | None = f"{URL}?limit=7"
    while url:
        answer = api.get(url)
        found += answer.json()
        link = answer.headers.get("Link")
        url = link.split(">")[0][1:] if link else None
    assert found == whole
    lines = api.get(f"{URL}?format=jsonl&after={int(whole[4]['sequence'])}&limit=1000")
    assert lines.headers["Content-Type"].startswith("application/jsonl")
    assert [json.loads(line) for line in lines.text.splitlines()] == whole[5:]


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=0", "limit=1001", "format=xml"])
def test_what_cannot_be_meant_is_422(api: Api, query: str) -> None:
    """Positions, limits and formats that there are not."""
    assert api.get(f"{URL}?{query}").status_code == 422


def test_a_token_of_one_brand_gets_that_brands(settings: Settings, writer: FixedWriter) -> None:
    """Not another's, whatever it asks for; tokens and refusals are for admins of all brands."""
    app = create_app(guarded(settings), llm=writer)
    with TestClient(app):
        office = Office(app)
        owner = Api(office.client(office.token("admin")[1]))
        mine = owner.make("/api/v2/brands", {"name": "Mine"})["brand_id"]
        other = owner.make("/api/v2/brands", {"name": "Other"})["brand_id"]
        secret = owner.make("/api/v2/tokens", {"name": "Bia", "role": "viewer", "brand_id": mine})["secret"]
        ana = Api(office.client(secret))
        viewer = Api(office.client(owner.make("/api/v2/tokens", {"name": "Rui", "role": "viewer"})["secret"]))
        assert {event["brandid"] for event in ana.read(URL)} == {mine}
        assert ana.read(f"{URL}?brand_id={other}") == []
        assert {event["type"] for event in viewer.read(URL)} == {"com.vm.BrandCreated.v2"}
        assert "com.vm.TokenCreated.v1" in {event["type"] for event in owner.read(URL)}


def test_a_file_is_gone_on_with(host: Host, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also where its last line was cut off: in the end it has every event once."""
    fill(host, 1)
    place, output = ["--workspace", str(host.workspace.root)], tmp_path / "events.jsonl"
    export = [*place, "events", "export", "-o", str(output)]
    assert main(export) == Exit.OK
    whole = output.read_bytes()
    output.write_bytes(whole[:-40])
    host.commands.handle(CreateBrand(brand_id="b-new", name="New"), by=OWNER)
    assert main(export) == Exit.OK
    assert output.read_bytes().startswith(whole)
    with host.database.read() as connection:
        last = event_store.last_position(connection)
    positions = [told_by(line).position for line in output.read_bytes().splitlines()]
    assert positions == list(range(1, last + 1))
    assert main([*export, "--after", "3"]) == Exit.USAGE
    other = tmp_path / "other.txt"
    other.write_text("hello\n", encoding="utf-8")
    assert main([*place, "events", "export", "-o", str(other)]) == Exit.USAGE
    assert other.read_text(encoding="utf-8") == "hello\n"
    assert "events written" in capsys.readouterr().err


def test_two_do_not_write_into_one_file(host: Host, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """While one export follows the log, another into its file is refused with a remedy, and no event is there twice."""
    fill(host, 1)
    place, output = ["--workspace", str(host.workspace.root)], tmp_path / "events.jsonl"
    export = [*place, "events", "export", "-o", str(output)]
    with Child(tmp_path).start(*export, "--follow") as first:
        while first.poll() is None and not (output.exists() and output.read_bytes().endswith(b"\n")):
            time.sleep(IDLE_SECONDS)
        before = output.read_bytes()
        assert main(export) == Exit.FAILED
        said = " ".join(capsys.readouterr().err.split())
        assert "is being written by another `events export`" in said
        assert "name another file" in said
        assert output.read_bytes() == before
    assert main(export) == Exit.OK
    assert output.read_bytes() == before


@pytest.mark.skipif(os.name != "posix", reason="no pipes with names")
def test_what_is_no_file_is_told_the_way(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`-` is standard output, as it is for `export`; a pipe cannot be gone on with, and the way round it is named."""
    fill(host, 1)
    monkeypatch.chdir(tmp_path)
    export = ["--workspace", str(host.workspace.root), "events", "export", "-o"]
    assert main([*export, "-"]) == Exit.OK
    assert "BrandCreated" in capsys.readouterr().out
    assert not list(tmp_path.glob("-"))
    os.mkfifo("pipe")
    assert main([*export, "pipe"]) == Exit.WORKSPACE
    assert "it has no end to go on from; leave -o out and redirect there." in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("torn", [b"", b'{"specversion":"1.0"'], ids=["whole", "torn"])
@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"source": "urn:vm:log:" + "0" * 32}, "events of the log urn:vm:log:000"),
        ({"sequence": "9" * 30}, "ends with the event 9999"),
        ({"sequence": "-1"}, "its event -1 is evt-"),
        ({"sequence": "0000000000000999999"}, "ends with the event 999999, and this log with"),
        ({"id": "evt-of-another"}, "is evt-of-another, and that of this log is"),
    ],
    ids=["source", "beyond any", "below all", "position", "id"],
)
def test_a_file_of_another_log_is_left_as_it_is(
    host: Host, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, str], why: str, *, torn: bytes
) -> None:
    """Another source, a position that this log has not reached, another event there: refused to the byte, and why."""
    fill(host, 1)
    output = tmp_path / "events.jsonl"
    export = ["--workspace", str(host.workspace.root), "events", "export", "-o", str(output)]
    assert main(export) == Exit.OK
    *lines, last = output.read_bytes().splitlines(keepends=True)
    changed = json.dumps({**json.loads(last), **change}).encode() + b"\n"
    output.write_bytes(b"".join([*lines, changed]) + torn)
    before = output.read_bytes()
    assert main(export) == Exit.USAGE
    assert output.read_bytes() == before
    said = capsys.readouterr().err
    assert why in " ".join(said.split())
    assert "name another file" in " ".join(said.split())


def test_a_line_without_its_parts_is_none_of_an_export(tmp_path: Path, host: Host) -> None:
    """JSON of another program, whatever its shape: refused, and left as it is."""
    fill(host, 1)
    output = tmp_path / "events.jsonl"
    for content in (
        b'{"sequence": 3}\n',
        b"[1]\n",
        b'{"source": "x", "sequence": "y", "id": "z"}\n',
        b"[" * 20_000 + b"\n",
    ):
        output.write_bytes(content)
        assert main(["--workspace", str(host.workspace.root), "events", "export", "-o", str(output)]) == Exit.USAGE
        assert output.read_bytes() == content


def test_a_thread_or_a_brand_by_its_name(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    """Names as everywhere; what does not exist is said."""
    fill(host, 1)
    place = ["--workspace", str(host.workspace.root), "events", "export"]
    assert main([*place, "--thread", "Launch", "--after", "5"]) == Exit.OK
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["threadid"] for line in lines} == {"t-1"}
    assert main([*place, "--brand", "aurora"]) == Exit.OK
    assert main([*place, "--brand", "nope"]) == Exit.USAGE
