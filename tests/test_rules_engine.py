"""A brand's rules on the way to publication: told to the writer once, then put before a person with the evidence."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from paid_writer import PaidWriter
from test_engine import make_thread, request, run_of, settle
from test_people_gates import ANA
from vm_webapp.commands import OWNER
from vm_webapp.domain.brands import AddBrandRule
from vm_webapp.domain.run_commands import GrantApproval
from vm_webapp.errors import InvalidText
from vm_webapp.host import Host, open_host
from vm_webapp.settings import Settings
from vm_webapp.writers import Attempt, DraftFile, StageDraft, StageWork

from invariants import violations

PROFILE = "title: One\nversion: 1\nstages: [{key: note, title: Note, kind: brief}]\n"


class Boaster(PaidWriter):
    """Says what must not be said, in as many drafts of a stage as `stubborn` says."""

    def __init__(self, stubborn: int) -> None:
        super().__init__()
        self.stubborn = stubborn

    def write(self, work: StageWork, attempt: Attempt) -> StageDraft:
        """A boast, or a plain text."""
        super().write(work, attempt)
        text = "We are the cheapest.\n" if len(self.works) <= self.stubborn else "We are here.\n"
        file = DraftFile(name="note.md", kind="brief", media_type="text/markdown", text=text)
        return StageDraft(output={"text": text}, files=(file,))


def brought(settings: Settings, writer: PaidWriter) -> tuple[Host, str, str]:
    """A host, the brand with its rule, and a settled or waiting run."""
    host = open_host(settings, llm=writer)
    host.workspace.profiles.mkdir(parents=True)
    (host.workspace.profiles / "one.yaml").write_text(PROFILE)
    brand_id, _, thread_id = make_thread(host)
    check = {"kind": "forbidden_words", "words": ["cheapest"]}
    rule = AddBrandRule(brand_id=brand_id, rule_id="rul-1", text="Never call us cheap.", check=check)
    host.commands.handle(rule, by=OWNER)
    run_id = request(host, thread_id, "one")
    settle(host)
    return host, brand_id, run_id


@pytest.fixture
def stubborn(settings: Settings) -> Iterator[tuple[Host, str, PaidWriter]]:
    """A run whose writer breaks the rule twice."""
    writer = Boaster(2)
    host, _, run_id = brought(settings, writer)
    yield host, run_id, writer
    host.close()


def manifest(host: Host, run_id: str) -> Mapping[str, Any]:
    """The manifest of the one stage."""
    folder = host.workspace.stage_dir(run_id, 1, "note")
    found: Mapping[str, Any] = json.loads((folder / "manifest.json").read_text())
    return found


def test_a_breach_is_repaired_by_the_writer_once(settings: Settings) -> None:
    """The second draft heeds the rule: it is published without a person, and says what was checked and repaired."""
    writer = Boaster(1)
    host, _, run_id = brought(settings, writer)
    assert run_of(host, run_id)["status"] == "completed"
    assert "Never call us cheap." in writer.works[1].feedback[0]
    assert writer.works[1].previous == {"text": "We are the cheapest.\n"}
    said = manifest(host, run_id)["rules"]
    assert [checked["rule_id"] for checked in said["checked"]] == ["rul-1"]
    assert said["breaches"] == []
    given = json.loads((host.workspace.stage_dir(run_id, 1, "note") / "input.json").read_text())
    assert given["before_repair"]["breaches"][0]["rule_id"] == "rul-1"
    assert run_of(host, run_id)["usage"]["calls"] == 2
    host.close()


def test_a_breach_that_stays_waits_for_a_person_with_the_evidence(stubborn: tuple[Host, str, PaidWriter]) -> None:
    """The profile asks for no approval, the breach does; the manifest shows where the text breaks which rule."""
    host, run_id, writer = stubborn
    stage = run_of(host, run_id)["stages"]["note"]
    assert (stage["status"], stage["breaches"], len(writer.works)) == ("waiting_approval", ["rul-1"], 2)
    (breach,) = manifest(host, run_id)["rules"]["breaches"]
    assert breach["evidence"][0]["line"] == 1
    assert "cheapest" in breach["evidence"][0]["excerpt"]
    assert violations(host) == []


def test_a_waiver_names_who_and_why(stubborn: tuple[Host, str, PaidWriter]) -> None:
    """A yes without a reason is refused; one with a reason is kept with the rules that it waives."""
    host, run_id, _ = stubborn
    digest = run_of(host, run_id)["stages"]["note"]["manifest_sha256"]
    yes = {"run_id": run_id, "stage_key": "note", "manifest_sha256": digest, "approver": "ana", "role": "approver"}
    with pytest.raises(InvalidText, match="comment"):
        host.commands.handle(GrantApproval(**yes), by=ANA)
    host.commands.handle(GrantApproval(**yes, comment="It is a quotation."), by=ANA)
    settle(host)
    run = run_of(host, run_id)
    (grant,) = run["stages"]["note"]["gate"]["granted"]
    assert (run["status"], grant["by"], grant["waived"]) == ("completed", "ana", ["rul-1"])
    assert grant["comment"] == "It is a quotation."


def test_a_persons_edit_is_held_to_the_rules_too(settings: Settings) -> None:
    """An edit that breaks a rule is published and waits; nobody writes it again."""
    writer = Boaster(0)
    host, _, run_id = brought(settings, writer)
    edit = host.requests.edit(run_id, "note", edit={"text": "The cheapest, really."}, by=ANA)
    host.commands.handle(edit, by=ANA)
    settle(host)
    assert run_of(host, edit.run_id)["stages"]["note"]["breaches"] == ["rul-1"]
    assert len(writer.works) == 1
    host.close()


def test_a_gate_that_a_crash_cut_off_is_adopted_with_its_breaches(stubborn: tuple[Host, str, PaidWriter]) -> None:
    """What the manifest says of breaches is what the log says: adoption after a crash reads it from there."""
    host, run_id, _ = stubborn
    found = [breach["rule_id"] for breach in manifest(host, run_id)["rules"]["breaches"]]
    assert found == run_of(host, run_id)["stages"]["note"]["gate"]["breaches"]
