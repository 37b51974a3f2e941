"""What is disclosed of recovered runs: what their files name, and that the rest is not known."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bundle_kit import PROFILE, a_run, a_thread, open_in, settings_in, settle
from test_backup_recover import lose
from test_disclosure import ANA, TEXT, Model, disclosed, edit
from vm_webapp import projections, repo
from vm_webapp.backups import recover
from vm_webapp.cli.opening import Records
from vm_webapp.cli.verify import verify_all
from vm_webapp.disclosure import to_markdown
from vm_webapp.host import Host
from vm_webapp.records import run_record
from vm_webapp.workspace import Workspace

GATE = ", approval: required"


class Lost:
    """A run that was approved, and one whose text a person changed, before and after the database was lost."""

    def __init__(self, folder: Path, language: str = "en") -> None:
        self.folder = folder
        self.host = open_in(folder, Model(language))
        self.run_id = a_run(self.host, a_thread(self.host))
        self.edited = edit(self.host, self.run_id, f"{TEXT}\n\nMine.\n", by=ANA)
        self.before = {run_id: disclosed(self.host, run_id) for run_id in (self.run_id, self.edited)}
        self.host.close()
        root = settings_in(folder).vm_workspace_root
        lose(root)
        recover(Workspace(root), root / "workspace.sqlite3")
        self.host = open_in(folder, Model(language))
        settle(self.host)


@pytest.fixture
def lost(tmp_path: Path) -> Iterator[Lost]:
    """Two runs of a workspace whose database was lost."""
    made = Lost(tmp_path)
    yield made
    made.host.close()


def record_of(host: Host, run_id: str) -> Mapping[str, Any]:
    """The run's record."""
    with host.database.read() as connection:
        return run_record(repo.get_run(connection, run_id))


def test_approvals_of_a_recovered_run_are_unknown(lost: Lost) -> None:
    """Somebody approved it: it is not said that nobody has, but that this is not known any more."""
    assert lost.before[lost.run_id]["approvals"]
    record = disclosed(lost.host, lost.run_id)
    assert (record["approvals"], record["complete"], record["unknown"]) == (None, False, ["history", "approvals"])
    assert "not known" in record["statement"]
    assert "No person" not in record["statement"] + to_markdown(record)
    assert record["evidence"][-1]["event_type"] == "RunRecovered"


def test_authors_of_a_recovered_run_are_those_that_its_files_name(lost: Lost) -> None:
    """The model, and the person who edited it, part by part; nothing of it counts as of unknown origin."""
    for run_id, before in lost.before.items():
        record = disclosed(lost.host, run_id)
        assert record["parts"] == before["parts"]
        assert [one["name"] for one in record["authors"]] == [one["name"] for one in before["authors"]]
        assert "Where it began" not in record["statement"]
        assert "as the files name it" in record["statement"]


def test_what_is_made_of_a_recovered_run_is_known_again(lost: Lost) -> None:
    """Nobody has approved a later edit, which this log knows; how its beginning came about is told by files alone."""
    command = lost.host.requests.edit(lost.run_id, "brief", edit={"text": f"{TEXT}\n\nLater.\n"}, by=ANA)
    lost.host.commands.handle(command, by=ANA)
    settle(lost.host)
    record = disclosed(lost.host, command.run_id)
    assert (record["approvals"], record["complete"], record["unknown"]) == ([], False, ["history"])
    assert "No person has approved it." in record["statement"]


def test_what_is_carried_over_from_a_recovered_run_is_as_unknown(lost: Lost) -> None:
    """The same bytes in a later run that nobody has to approve: whoever did so did it before the log was lost."""
    (settings_in(lost.folder).vm_workspace_root / "profiles" / "gated.yaml").write_text(
        PROFILE.replace(GATE, ""), "utf-8"
    )
    command = lost.host.requests.edit(lost.run_id, "plan", edit={"text": "Another plan."}, by=ANA)
    lost.host.commands.handle(command, by=ANA)
    settle(lost.host)
    assert disclosed(lost.host, command.run_id)["approvals"] is None


def test_a_portuguese_document_says_it_in_portuguese(tmp_path: Path) -> None:
    """The same, in the document's language."""
    made = Lost(tmp_path, "pt-BR")
    record = disclosed(made.host, made.run_id)
    made.host.close()
    assert "Não se sabe se uma pessoa aprovou o texto." in record["statement"]
    assert "Nenhuma pessoa" not in record["statement"]


def test_run_json_does_not_say_that_nobody_was_asked(lost: Lost) -> None:
    """Of each stage it is unknown whether an approval was asked for; rebuilt from zero it is the same, and verifies."""
    path = settings_in(lost.folder).vm_workspace_root / "runs" / lost.run_id / "run.json"
    said = json.loads(path.read_bytes())
    assert [stage["approval"] for stage in said["stages"]] == ["unknown", "unknown"]
    before = record_of(lost.host, lost.run_id)
    lost.host.database.write(projections.rebuild)
    assert record_of(lost.host, lost.run_id) == before
    report = verify_all(Records(lost.host.workspace, lost.host.database))
    assert [finding.text for finding in report.problems] == []
