"""The index is a projection: it can be lost, garbled, put back or cut off, and comes out the same."""

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from vm_webapp.commands import OWNER
from vm_webapp.domain.run_commands import RejectApproval
from vm_webapp.errors import NotReadable
from vm_webapp.host import Host, open_host
from vm_webapp.memory import Filters, MemoryIndex, RecallIndexer
from vm_webapp.settings import Settings

from dictated import Desk, DictatedWriter, add_profiles

TABLES = {
    "stages": "SELECT run_id, stage_key, brand_id, mode, manifest_sha256, writer, model, prompt_sha256, created_at,"
    " granted, completed, gap FROM stages ORDER BY run_id, stage_key",
    "documents": "SELECT s.run_id, s.stage_key, d.path, d.kind, d.title, d.language, d.sha256, b.body FROM documents d"
    " JOIN bodies b USING (document_id) JOIN stages s USING (stage_id) ORDER BY s.run_id, s.stage_key, d.path",
    "words": "SELECT s.run_id, s.stage_key, d.path FROM words JOIN documents d ON d.document_id = words.rowid"
    " JOIN stages s USING (stage_id) WHERE words MATCH 'matcha' ORDER BY s.run_id, s.stage_key, d.path",
    "sources": "SELECT * FROM sources ORDER BY kind, value, run_id, stage_key",
}


@pytest.fixture
def dictated(settings: Settings) -> DictatedWriter:
    """The writer."""
    add_profiles(settings)
    return DictatedWriter()


@pytest.fixture
def host(settings: Settings, dictated: DictatedWriter) -> Iterator[Host]:
    """A running host."""
    opened = open_host(settings, llm=dictated)
    yield opened
    opened.close()


@pytest.fixture
def desk(host: Host) -> Desk:
    """A desk on an empty workspace."""
    return Desk(host)


def dump(host: Host) -> dict[str, list[Any]]:
    """All that the index holds, its own ids aside."""
    with host.memory.store.read() as connection:
        return {name: list(connection.exec_driver_sql(query)) for name, query in TABLES.items()}


def reopened(settings: Settings, writer: DictatedWriter) -> Host:
    """A host of the same workspace, with its index up to the log."""
    opened = open_host(settings, llm=writer)
    opened.recall.catch_up()
    return opened


def published(desk: Desk) -> list[str]:
    """Runs of every kind: completed, waiting, granted, rejected, of two stages."""
    desk.publish("Plain\n\nmatcha")
    desk.publish("Pair\n\nmatcha", mode="pair")
    desk.publish("Waiting\n\nmatcha", mode="gated")
    granted, rejected = (desk.publish(f"{name}\n\nmatcha", mode="gated") for name in ("Granted", "Rejected"))
    desk.grant(granted)
    desk.host.commands.handle(
        RejectApproval(
            run_id=rejected,
            stage_key="note",
            manifest_sha256=desk.stage(rejected)["manifest_sha256"],
            reason="Too green.",
            role="approver",
        ),
        by=OWNER,
    )
    desk.settle()
    return [granted, rejected]


def test_a_rebuilt_index_equals_the_one_that_grew(desk: Desk) -> None:
    """Thrown away and made from the log, it holds the same."""
    published(desk)
    grown = dump(desk.host)
    assert desk.host.recall.rebuild() > 0
    assert dump(desk.host) == grown
    assert len(grown["words"]) == 6


def test_what_a_person_granted_is_told_from_what_was_rejected(desk: Desk) -> None:
    """Granted and completed, neither for a rejected one."""
    granted, rejected = published(desk)
    flags = {row[0]: (row[9], row[10]) for row in dump(desk.host)["stages"]}
    assert (flags[granted], flags[rejected]) == ((1, 1), (0, 0))


def test_reading_the_log_again_changes_nothing(desk: Desk) -> None:
    """Events that were read before add no rows."""
    published(desk)
    before = dump(desk.host)
    desk.host.memory.store.write(
        lambda connection: connection.exec_driver_sql("DELETE FROM about WHERE name <> 'generation'")
    )
    assert desk.host.recall.catch_up() > 0
    assert dump(desk.host) == before


def test_an_index_that_was_closed_goes_on_where_it_stood(
    host: Host, settings: Settings, dictated: DictatedWriter
) -> None:
    """What is published while nobody indexes is indexed at the next start, and nothing twice."""
    desk = Desk(host)
    desk.publish("First\n\nmatcha")
    host.recall.close()
    host.runtime.execute_thread_run(
        thread_id="t-1", brand_id="b-1", project_id="p-1", request_text="Second\n\nmatcha", mode="plain", actor_id="a"
    )
    assert desk.titles("matcha") == ["First"]
    host.close()
    again = reopened(settings, dictated)
    with closing(again):
        assert Desk(again).titles("matcha") == ["First", "Second"]


def test_what_was_published_last_is_indexed_by_the_closing(host: Host, settings: Settings) -> None:
    """Whoever runs something and searches afterwards finds it."""
    Desk(host).settle()
    host.runtime.execute_thread_run(
        thread_id="t-1", brand_id="b-1", project_id="p-1", request_text="Note\n\nmatcha", mode="plain", actor_id="a"
    )
    host.close()
    memory = MemoryIndex(settings.vm_workspace_root)
    assert [hit.facts["title"] for hit in memory.search("matcha").hits] == ["Note"]
    memory.store.close()


def _garble(path: Path) -> None:
    path.write_bytes(b"this is no database " * 500)


def _tear(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def _drop_tables(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE documents")
        connection.execute("DROP TABLE sources")
        connection.commit()


def _drop_rows(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM bodies")
        connection.commit()


def _other_shape(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


def _lose(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("harm", [_garble, _tear, _drop_tables, _drop_rows, _other_shape, _lose])
def test_a_harmed_index_is_made_anew_at_the_next_start(
    host: Host,
    settings: Settings,
    dictated: DictatedWriter,
    harm: Any,  # noqa: ANN401 - a function
) -> None:
    """The program starts, and finds what it found."""
    published(Desk(host))
    before = dump(host)
    host.close()
    harm(host.workspace.recall)
    again = reopened(settings, dictated)
    with closing(again):
        assert dump(again) == before


def test_an_index_that_goes_bad_under_the_program_is_made_anew(desk: Desk) -> None:
    """A search is refused, and the next one finds everything again."""
    desk.publish("Note\n\nmatcha")
    desk.host.memory.store.write(lambda connection: connection.exec_driver_sql("DROP TABLE bodies"))
    with pytest.raises(NotReadable, match="search index"):
        desk.search("matcha")
    desk.host.recall.catch_up()
    assert desk.titles("matcha") == ["Note"]


def test_the_index_of_another_log_is_made_anew(host: Host, settings: Settings, dictated: DictatedWriter) -> None:
    """A database that was put back, or exchanged, does not keep texts that it knows nothing of."""
    desk = Desk(host)
    desk.publish("Kept\n\nmatcha")
    host.close()
    kept = settings.database_path.with_suffix(".kept")
    shutil.copy(settings.database_path, kept)
    later = reopened(settings, dictated)
    Desk(later).publish("Lost\n\nmatcha")
    later.close()
    shutil.copy(kept, settings.database_path)
    again = reopened(settings, dictated)
    with closing(again):
        assert Desk(again).titles("matcha") == ["Kept"]


def test_a_file_that_does_not_hold_is_a_gap_until_it_does(desk: Desk) -> None:
    """The rest of the stage is indexed; the file is tried again when durable copies were given up."""
    run_id = desk.publish("Note\n\nmatcha")
    path = desk.host.workspace.stage_dir(run_id, 1, "note") / "artifacts" / "note.md"
    content = path.read_bytes()
    path.write_text("Something else")
    desk.host.recall.rebuild()
    assert desk.search("matcha").hits == desk.search("something").hits == []
    assert "digest" in dump(desk.host)["stages"][0][-1]
    path.write_bytes(content)
    desk.host.recall.catch_up()
    assert desk.titles("matcha") == ["Note"]
    assert dump(desk.host)["stages"][0][-1] == ""


def test_a_gap_is_not_tried_without_end(desk: Desk) -> None:
    """After a few times it rests until the next start or rebuild."""
    run_id = desk.publish("Note\n\nmatcha")
    path = desk.host.workspace.stage_dir(run_id, 1, "note") / "artifacts" / "note.md"
    content = path.read_bytes()
    path.unlink()
    desk.host.recall.rebuild()
    for _ in range(10):
        desk.host.recall.catch_up()
    path.write_bytes(content)
    desk.host.recall.catch_up()
    assert desk.titles("matcha") == []
    desk.host.recall.rebuild()
    assert desk.titles("matcha") == ["Note"]


@pytest.mark.parametrize("content", [b"{}", b"[]", b"not json", b'{"artifacts": 7}'])
def test_a_manifest_that_is_not_the_logs_is_a_gap(desk: Desk, content: bytes) -> None:
    """Nothing of that stage is indexed, everything else is."""
    run_id = desk.publish("Note\n\nmatcha")
    desk.publish("Other\n\nmatcha")
    (desk.host.workspace.stage_dir(run_id, 1, "note") / "manifest.json").write_bytes(content)
    desk.host.recall.rebuild()
    assert desk.titles("matcha") == ["Other"]


def test_output_of_any_form_is_indexed(desk: Desk, dictated: DictatedWriter) -> None:
    """Titles and origins that are no texts are passed over."""
    dictated.sent = {"model": 7, "prompt": ["x"], "recalled": {"a": 1}}
    dictated.prompt = {"sha256": None}
    dictated.language = "xx"
    desk.publish("Note\n\nmatcha")
    assert desk.titles("matcha") == ["Note"]


def test_an_index_that_cannot_be_made_stops_nothing(host: Host, settings: Settings, dictated: DictatedWriter) -> None:
    """Where its place is taken by a folder, runs go on and searches say that there is no index."""
    host.close()
    for path in settings.vm_workspace_root.glob("recall.sqlite3*"):
        path.unlink()
    (settings.vm_workspace_root / "recall.sqlite3").mkdir()
    with closing(open_host(settings, llm=dictated)) as again:
        run = again.runtime.execute_thread_run(
            thread_id="t-1", brand_id="b-1", project_id="p-1", request_text="Note", mode="plain", actor_id="a"
        )
        assert run["status"] == "completed"
        assert again.memory.search("note").hits == []
        assert again.memory.recall_for(brand_id="b-1", text="note") == ()


def test_the_follower_indexes_by_itself(desk: Desk) -> None:
    """What is published is found without anybody asking for it."""
    host = desk.host
    host.runtime.execute_thread_run(
        thread_id="t-1", brand_id="b-1", project_id="p-1", request_text="Note\n\nmatcha", mode="plain", actor_id="a"
    )
    assert host.recall.wait(30)
    assert desk.titles("matcha") == ["Note"]


def test_memory_needs_no_database(tmp_path: Path) -> None:
    """An index over an empty folder can be asked, finds nothing, and makes no file."""
    memory = MemoryIndex(tmp_path)
    assert memory.root == tmp_path
    assert memory.search("matcha").hits == memory.made_with({"model": "x"}).hits == []
    assert memory.recall_for(brand_id="b-1", text="matcha") == ()
    assert list(tmp_path.iterdir()) == []


def test_origins_are_found(desk: Desk, dictated: DictatedWriter) -> None:
    """Prompt, model, writer and sources lead to the deliverables, each brand's by itself."""
    prompt, source = "a" * 64, "b" * 64
    dictated.prompt = {"template": "brief", "version": "1", "sha256": prompt}
    dictated.sent = {"model": "gpt-x", "recalled": [{"run_id": "r-old", "stage_key": "note", "sha256": source}]}
    run_id = desk.publish("Note\n\nmatcha", mode="pair")
    desk.publish("Theirs", brand_id="b-2")
    note = desk.stage(run_id)
    ours = Filters(brand_id="b-1")

    def stages(**named: str) -> list[str]:
        found = desk.host.memory.made_with(named, filters=ours)
        return sorted(hit.facts["stage_key"] for hit in found.hits if hit.facts["run_id"] == run_id)

    assert stages(prompt_sha256=prompt) == stages(model="gpt-x") == stages(writer="test:dictated") == ["echo", "note"]
    assert stages(model="gpt-x", source_sha256=note["manifest_sha256"]) == ["echo"]
    assert stages(source_sha256=note["artifacts"][0]["sha256"]) == ["echo"]
    assert stages(model="gpt-y") == stages(model="gpt-x", writer="offline") == []
    every = desk.host.memory.made_with({"model": "gpt-x"}, filters=ours)
    assert {hit.facts["brand_id"] for hit in every.hits} == {"b-1"}


def test_the_log_of_another_workspace_is_followed_on_request(desk: Desk, tmp_path: Path) -> None:
    """An indexer needs a database and a workspace, and makes its own index where none is given."""
    desk.publish("Note\n\nmatcha")
    indexer = RecallIndexer(desk.host.database, desk.host.workspace, memory=MemoryIndex(tmp_path / "elsewhere"))
    indexer.catch_up()
    assert [hit.facts["title"] for hit in indexer.memory.search("matcha").hits] == ["Note"]
    indexer.close()


def test_a_reader_never_meets_half_an_index(desk: Desk) -> None:
    """While the index is made again and again every search is answered, with what there is."""
    desk.publish("Note\n\nmatcha")
    ending = threading.Event()

    def renew() -> None:
        while not ending.is_set():
            desk.host.recall.rebuild()

    renewing = threading.Thread(target=renew)
    renewing.start()
    found = {len(desk.search("matcha").hits) for _ in range(200)}
    ending.set()
    renewing.join()
    assert found <= {0, 1}
    assert desk.titles("matcha") == ["Note"]


def test_an_index_that_was_half_made_is_in_nobodys_way(
    host: Host, settings: Settings, dictated: DictatedWriter
) -> None:
    """What a power cut left of a new index is made again."""
    Desk(host).publish("Note\n\nmatcha")
    host.close()
    index = host.workspace.recall
    index.rename(index.with_name("recall.sqlite3.new"))
    with closing(reopened(settings, dictated)) as again:
        assert Desk(again).titles("matcha") == ["Note"]
        assert sorted(path.name for path in index.parent.glob("recall*.new*")) == []
