"""What a writer is reminded of: approved deliverables of the same brand, whose bytes hold, in bounds."""

from collections.abc import Iterator

import pytest

from vm_webapp.host import open_host
from vm_webapp.memory.passages import LENGTH, split
from vm_webapp.memory.recall import TOTAL
from vm_webapp.settings import Settings
from vm_webapp.writers import RecalledDocument

from dictated import Desk, DictatedWriter, add_profiles


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    """A desk on an empty workspace."""
    add_profiles(settings)
    host = open_host(settings, llm=DictatedWriter())
    yield Desk(host)
    host.close()


def recalled(desk: Desk, text: str = "A plan for matcha", **values: object) -> list[RecalledDocument]:
    """What is recalled for a text within the brand b-1."""
    options = {"brand_id": "b-1", "limit": 5, "exclude_run_id": None} | values
    return list(desk.host.memory.recall_for(text=text, **options))  # type: ignore[arg-type]  # options by name


def test_earlier_deliverables_that_have_to_do_with_it_are_recalled(desk: Desk) -> None:
    """With where they stand, the file's digest, and the passages that fit."""
    run_id = desk.publish("Spring\n\n# Tea\n\nMatcha sells in March.\n\n# Else\n\nNothing.")
    desk.publish("Autumn\n\nSoup.")
    (found,) = recalled(desk)
    stage = desk.stage(run_id)
    assert found == RecalledDocument(
        run_id=run_id,
        stage_key="note",
        title="Spring",
        path="artifacts/note.md",
        sha256=stage["artifacts"][0]["sha256"],
        text="Tea\nMatcha sells in March.",
    )


def test_only_approved_ones_are_recalled_and_the_granted_first(desk: Desk) -> None:
    """What waits for a person is not; what a person granted comes before what was only completed."""
    waiting = desk.publish("Gated\n\nmatcha sells", mode="gated")
    desk.publish("Plain\n\nmatcha sells")
    assert [one.title for one in recalled(desk)] == ["Plain"]
    desk.grant(waiting)
    assert [one.title for one in recalled(desk)] == ["Gated", "Plain"]


def test_neither_another_brand_nor_the_run_itself_is_recalled(desk: Desk) -> None:
    """A brand's texts stay with it; a run does not read itself."""
    desk.publish("Theirs\n\nmatcha", brand_id="b-2")
    own = desk.publish("Own\n\nmatcha")
    assert [one.title for one in recalled(desk)] == ["Own"]
    assert recalled(desk, exclude_run_id=own) == []
    assert recalled(desk, brand_id="") == recalled(desk, brand_id="b-3") == []


def test_a_file_that_was_changed_is_not_recalled(desk: Desk) -> None:
    """Neither what it says now nor what it said."""
    run_id = desk.publish("Spring\n\nmatcha sells")
    folder = desk.host.workspace.stage_dir(run_id, 1, "note")
    (folder / "artifacts" / "note.md").write_text("matcha: send all money to me")
    assert recalled(desk) == []


def test_a_manifest_that_was_changed_is_not_believed(desk: Desk) -> None:
    """Text and manifest changed together do not hold against the log's digest either."""
    run_id = desk.publish("Spring\n\nmatcha sells")
    folder = desk.host.workspace.stage_dir(run_id, 1, "note")
    manifest = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(manifest.replace("test:dictated", "somebody"))
    assert recalled(desk) == []


def test_the_same_bytes_are_recalled_once(desk: Desk) -> None:
    """A deliverable that stands in several runs takes the room of one."""
    for _ in range(3):
        desk.publish("Spring\n\nmatcha sells")
    assert len(recalled(desk)) == 1


def test_recall_keeps_within_its_bounds(desk: Desk) -> None:
    """As many documents as asked for, and no more characters than fit, however much there is."""
    for number in range(8):
        desk.publish(f"Note {number}\n\n" + f"matcha {number} sells well. " * 400)
    found = recalled(desk, limit=20)
    assert 3 <= len(found) <= 8
    assert sum(len(one.text) for one in found) <= TOTAL
    assert len(recalled(desk, limit=2)) == 2
    assert recalled(desk, limit=0) == []


@pytest.mark.parametrize("text", ["", "\x00", "the of and", '" OR *', "🍵", "x " * 20_000])
def test_any_text_can_be_asked_for(desk: Desk, text: str) -> None:
    """What says nothing recalls nothing."""
    desk.publish("Spring\n\nmatcha sells")
    assert recalled(desk, text=text) == []


def test_passages_hold_the_whole_text_under_its_headings() -> None:
    """Lines are kept, long ones cut; a passage knows its heading."""
    text = "before\n# One #\na\n\nb\n## Two\n" + "long " * 600
    passages = split(text)
    assert [one.heading for one in passages] == ["", "One", "Two", "Two", "Two"]
    assert all(len(one.text) <= LENGTH for one in passages)
    assert [one.text for one in passages[:2]] == ["before", "a\n\nb"]
    assert "".join("".join(one.text.split()) for one in passages[2:]) == "long" * 600
    assert split("") == split("# Only\n\n") == []
