"""What of a deliverable a model wrote, and what a person: told from the log, part by part."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundle_kit import a_run, a_thread, approve_stage, open_in, settle
from vm_webapp.bundles import disclosures_of
from vm_webapp.commands import Actor
from vm_webapp.disclosure import to_markdown
from vm_webapp.disclosure.parts import Part, merged, split, unit_of
from vm_webapp.disclosure.records import source_type
from vm_webapp.errors import NotFound
from vm_webapp.host import Host
from vm_webapp.writers import Attempt, DraftFile, StageDraft, StageWork
from vm_webapp.writers.offline import OfflineWriter

PART = Part("old words that somebody wrote before", "model", (1,))
ANA, RUI = Actor("human", "Ana"), Actor("human", "Rui")
TEXT = "# Brief\n\nFirst paragraph of the brief.\n\nSecond one, which says a little more.\n\nThird and last.\n"


class Model:
    """A writer that is called as a model and writes in a language."""

    name = "openai:gpt-5.2"
    cooperative = True
    recalls = False

    def __init__(self, language: str = "en") -> None:
        self.language = language

    def write(self, work: StageWork, attempt: Attempt) -> StageDraft:  # noqa: ARG002 - the port's
        """Three paragraphs, and a table."""
        key = work.stage.key
        return StageDraft(
            output={"title": work.stage.title, "language": self.language},
            files=(
                DraftFile(name=f"{key}.md", kind=key, media_type="text/markdown", text=TEXT),
                DraftFile(name=f"{key}.csv", kind=key, media_type="text/csv", text="a,b\n1,2\n"),
            ),
            prompt={"template": "brief", "version": "1", "sha256": "0" * 64},
        )


@pytest.fixture
def modelled(tmp_path: Path) -> Iterator[Host]:
    """A host whose writer is a model."""
    host = open_in(tmp_path, Model())
    yield host
    host.close()


def edit(host: Host, run_id: str, text: str, *, by: Actor) -> str:
    """Put a person's text in the brief's place, have it approved, and wait."""
    command = host.requests.edit(run_id, "brief", edit={"text": text}, by=by)
    host.commands.handle(command, by=by)
    host.orchestrator.catch_up()
    host.orchestrator.settle(30)
    approve_stage(host, command.run_id, "brief")
    settle(host)
    return command.run_id


def disclosed(host: Host, run_id: str, stage: str = "brief", path: str = "artifacts/brief.md") -> Mapping[str, Any]:
    """The disclosure of one file."""
    with host.database.read() as connection:
        found = disclosures_of(connection, host.workspace, run_id, stage)
    return next(one for one in found if one["path"] == path)


def sources(record: Mapping[str, Any]) -> list[tuple[int, int, str, bool]]:
    """The parts in short."""
    return [(part["from"], part["to"], part["source"], part["edited_by_person"]) for part in record["parts"]]


def test_what_a_model_wrote_says_so(modelled: Host) -> None:
    """With its name, date, prompt, and who approved it."""
    record = disclosed(modelled, a_run(modelled, a_thread(modelled)))
    assert record["digital_source_type"].endswith("/trainedAlgorithmicMedia")
    (author,) = record["authors"]
    assert (author["kind"], author["provider"], author["model"]) == ("model", "openai", "gpt-5.2")
    assert author["prompt"]["sha256"] == "0" * 64
    assert sources(record) == [(1, 4, "model", False)]
    assert [approval["actor_id"] for approval in record["approvals"]] == ["workspace-owner"]
    (created,) = record["assertions"][0]["data"]["actions"]
    assert (created["action"], created["softwareAgent"]) == ("c2pa.created", {"name": "openai:gpt-5.2"})


def test_each_paragraph_is_whose_it_is(modelled: Host) -> None:
    """Kept, changed, moved, added and taken out; a second person's edit counts on."""
    run_id = a_run(modelled, a_thread(modelled))
    text = TEXT.replace("says a little more", "says much more now").replace("Third and last.", "Mine alone, from me.")
    once = edit(modelled, run_id, text, by=ANA)
    record = disclosed(modelled, once)
    assert sources(record) == [(1, 2, "model", False), (3, 3, "model", True), (4, 4, "person", False)]
    assert record["digital_source_type"].endswith("/compositeWithTrainedAlgorithmicMedia")
    twice = edit(modelled, once, f"{text}\n\nAnd this is from Rui.\n", by=RUI)
    record = disclosed(modelled, twice)
    assert [author["name"] for author in record["authors"]] == ["openai:gpt-5.2", "Ana", "Rui"]
    assert [part["authors"] for part in record["parts"]] == [[1], [1, 2], [2], [3]]
    assert "Ana edited it" in record["statement"]
    assert (
        "Of 5 paragraphs, 2 are as written by the model, 1 were changed by a person, 2 are a person's own"
        in (record["statement"])
    )


def test_a_text_that_is_all_a_persons_says_so(modelled: Host) -> None:
    """What the model wrote before is told among its authors."""
    record = disclosed(modelled, edit(modelled, a_run(modelled, a_thread(modelled)), "All mine.", by=ANA))
    assert record["digital_source_type"].endswith("/digitalCreation")
    assert (sources(record), record["removed"]) == ([(1, 1, "person", False)], 4)


def test_what_is_carried_over_keeps_its_author(modelled: Host) -> None:
    """A fork of the second stage tells the first one's history, edits and approvals, from the runs before."""
    edited = edit(modelled, a_run(modelled, a_thread(modelled)), f"{TEXT}\n\nMine.\n", by=ANA)
    command = modelled.requests.edit(edited, "plan", edit={"text": "Another plan."}, by=RUI)
    modelled.commands.handle(command, by=RUI)
    settle(modelled)
    before, after = disclosed(modelled, edited), disclosed(modelled, command.run_id)
    assert after["run_id"] == command.run_id
    for name in ("authors", "parts", "digital_source_type", "approvals", "sha256"):
        assert after[name] == before[name]


def test_the_offline_writer_is_no_model(tmp_path: Path) -> None:
    """Filled-in templates are told as such."""
    host = open_in(tmp_path, OfflineWriter())
    record = disclosed(host, a_run(host, a_thread(host)))
    host.close()
    assert record["digital_source_type"].endswith("/algorithmicMedia")
    assert "no language model was used" in record["statement"]


def test_a_portuguese_document_is_disclosed_in_portuguese(tmp_path: Path) -> None:
    """The statement and the text are in the document's language."""
    host = open_in(tmp_path, Model("pt-BR"))
    record = disclosed(host, a_run(host, a_thread(host)))
    host.close()
    assert record["statement"].startswith("O modelo de linguagem openai:gpt-5.2 escreveu o texto em ")
    assert to_markdown(record).startswith("# Quem escreveu isto\n")


def test_names_are_no_markup(modelled: Host) -> None:
    """Whatever somebody is called."""
    hostile = Actor("human", "<b>[x](javascript:1)\n# Ana")
    record = disclosed(modelled, edit(modelled, a_run(modelled, a_thread(modelled)), "Mine.", by=hostile))
    shown = to_markdown(record)
    assert "<b>" not in shown
    assert "[x](" not in shown
    assert "\n# Ana" not in shown


def test_where_the_origin_is_lost_it_counts_as_a_models(modelled: Host) -> None:
    """Nobody can say any more which words were whose, so none are said to be a person's."""
    run_id = a_run(modelled, a_thread(modelled))
    edited = edit(modelled, run_id, "All mine.", by=ANA)
    with modelled.database.writer.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER events_no_delete")
        connection.exec_driver_sql(f"DELETE FROM events WHERE stream_id = 'run:{run_id}'")  # noqa: S608 - a test's own id
    record = disclosed(modelled, edited)
    assert (record["complete"], sources(record)) == (False, [(1, 1, "model", True)])
    assert record["digital_source_type"].endswith("/compositeWithTrainedAlgorithmicMedia")
    assert "not in this log" in record["statement"]


def test_what_is_not_there_cannot_be_disclosed(modelled: Host) -> None:
    """Neither a run nor a stage."""
    run_id = a_run(modelled, a_thread(modelled), approve=False)
    with modelled.database.read() as connection:
        for wanted in (("r-none", None), (run_id, "plan"), (run_id, "nowhere")):
            with pytest.raises(NotFound):
                disclosures_of(connection, modelled.workspace, *wanted)


@pytest.mark.parametrize(
    ("media_type", "unit", "parts"),
    [
        ("text/markdown", "paragraph", 2),
        ("text/csv", "line", 3),
        ("application/json", "file", 1),
        ("image/png", "file", 1),
    ],
)
def test_parts_by_type(media_type: str, unit: str, parts: int) -> None:
    """Paragraphs of texts, lines of tables, else the file."""
    assert unit_of(media_type) == unit
    assert len(split(b"a\nb\n\nc\n", unit)) == parts


@pytest.mark.parametrize(
    ("parts", "is_edited", "term"),
    [
        ([], False, "digitalCreation"),
        ([PART], False, "trainedAlgorithmicMedia"),
        ([PART], True, "compositeWithTrainedAlgorithmicMedia"),
        ([Part("x", "program", (1,))], False, "algorithmicMedia"),
        ([Part("x", "program", (1,)), Part("y", "person", (2,))], True, "humanEdits"),
        ([Part("y", "person", (2,))], True, "digitalCreation"),
    ],
)
def test_terms_of_the_vocabulary(parts: list[Part], is_edited: bool, term: str) -> None:  # noqa: FBT001 - a case's value
    """Each has its case."""
    assert source_type(parts, is_edited=is_edited) == term


@given(st.lists(st.sampled_from("abcdef")), st.lists(st.sampled_from("abcxyz")))
def test_nothing_of_a_model_becomes_a_persons_unseen(before: list[str], after: list[str]) -> None:
    """Every part has an author; a part that the model wrote word for word stays its own; the order is kept."""
    found = merged([Part(text, "model", (1,)) for text in before], after, author=2)
    assert [part.text for part in found] == after
    for part in found:
        assert part.authors
        assert (part.source == "model" and not part.edited) == (part.text in before)


def test_a_huge_text_is_compared_in_time() -> None:
    """Two hundred thousand lines, half of them changed."""
    base = [Part(f"line {number}", "model", (1,)) for number in range(200_000)]
    after = [part.text if number % 2 else f"other {number}" for number, part in enumerate(base)]
    assert len(merged(base, after, author=2)) == 200_000
