"""Erasure: what people wrote is gone from every byte of the workspace, and the log still proves all it proved."""

import json
from pathlib import Path
from typing import Any

import pytest

from test_engine import make_thread, request, run_of, settle
from test_old_workspaces import unpack
from test_people_forks import perform
from vm_webapp import event_store, projections, repo
from vm_webapp.bundles.check import verify_bundle
from vm_webapp.bundles.export import export_run
from vm_webapp.cli.opening import Records
from vm_webapp.cli.verify import verify_all
from vm_webapp.commands import OWNER, new_id
from vm_webapp.domain.erasures import NothingToErase, RunErased, RunsAtWork
from vm_webapp.domain.thread_messages import AddComment, CreateTask, EraseContent, MarkBestVersion, RenameThread
from vm_webapp.erasures import requests
from vm_webapp.errors import Erased, NotFound
from vm_webapp.events import ERASED
from vm_webapp.host import Host, open_host
from vm_webapp.run_requests import Change
from vm_webapp.settings import Settings
from vm_webapp.writers import Attempt, StageWork

from fixed_writer import FixedWriter
from invariants import read_views, violations

NAME = "Zuleika-Quintanilha"


def erase(host: Host, thread_id: str, **named: str) -> dict[str, Any]:
    """Erase and sweep up; the record."""
    subject = requests.subject_of(thread_id, **named)
    command = requests.erase_request(subject, reason="Asked to be forgotten")
    host.commands.handle(command, by=OWNER)
    host.erasures.catch_up()
    with host.database.read() as connection:
        return dict(requests.get_erasure(connection, thread_id, command.erasure_id))


def say(host: Host, thread_id: str, text: str, run_id: str | None = None) -> str:
    """A comment; its id."""
    comment_id = new_id("cmt")
    host.commands.handle(AddComment(comment_id=comment_id, thread_id=thread_id, text=text, run_id=run_id), by=OWNER)
    return comment_id


def asked(host: Host, thread_id: str, text: str) -> str:
    """A settled run for the text; its id."""
    command = host.requests.new(thread_id=thread_id, request_text=text, mode="plan_90d", by=OWNER)
    return str(perform(host, command)["run_id"])


def places_of(root: Path, secret: str = NAME) -> list[str]:
    """Every file below the folder that holds the secret in any spelling that an index or a log could have."""
    spellings = [one.encode() for part in {secret, *secret.split("-")} for one in (part, part.lower())]
    found = [path for path in root.rglob("*") if path.is_file()]
    return sorted(str(path.relative_to(root)) for path in found if any(one in path.read_bytes() for one in spellings))


def verified(host: Host) -> list[str]:
    """What `verify` finds wrong in the whole workspace."""
    host.log_tree.catch_up()
    report = verify_all(Records(host.workspace, host.database))
    return [finding.text for finding in report.problems]


def test_the_texts_of_a_request_stand_in_no_byte_of_the_log(host: Host) -> None:
    """What is stored of a text is noise without its key; ids, states and digests stay readable."""
    run_id = asked(host, make_thread(host)[2], f"A letter to {NAME}")
    with host.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT payload FROM events").scalars().all()
        (queued, *_) = event_store.load_stream(connection, f"run:{run_id}")
    assert not [row for row in rows if NAME in row]
    assert queued.payload["request_text"] == f"A letter to {NAME}"
    assert [row for row in rows if "manifest_sha256" in row]


def test_an_erased_run_is_in_no_byte_of_the_workspace(host: Host) -> None:
    """Log, views, receipts, files, durable copies, search index and free pages: the name is nowhere any more."""
    _, _, thread_id = make_thread(host)
    run_id = asked(host, thread_id, f"A letter to {NAME}")
    say(host, thread_id, f"Is {NAME} spelled so?", run_id)
    assert host.recall.wait(30)
    assert {hit.facts["run_id"] for hit in host.memory.search("Quintanilha").hits} == {run_id}
    assert any(path.startswith("recall.sqlite3") for path in places_of(host.workspace.root))
    erased = erase(host, thread_id, run_id=run_id)
    assert places_of(host.workspace.root) == []
    assert (erased["runs"], erased["swept"], erased["in_clear"]) == ([run_id], True, [])
    assert not host.workspace.run_dir(run_id).exists()
    assert host.memory.search("Quintanilha").hits == []
    assert verified(host) == []


def test_what_was_not_erased_is_as_it_was(host: Host) -> None:
    """Another run of the same thread keeps its texts, its files and its place in the index."""
    _, _, thread_id = make_thread(host)
    kept = asked(host, thread_id, "A letter about Marmalade")
    gone = asked(host, thread_id, f"A letter to {NAME}")
    assert host.recall.wait(30)
    before = {path: path.read_bytes() for path in host.workspace.run_dir(kept).rglob("*") if path.is_file()}
    erase(host, thread_id, run_id=gone)
    assert run_of(host, kept)["request_text"] == "A letter about Marmalade"
    assert {path: path.read_bytes() for path in before} == before
    assert {hit.facts["run_id"] for hit in host.memory.search("Marmalade").hits} == {kept}
    assert violations(host) == []


def test_views_blank_what_was_erased_and_a_rebuild_says_the_same(host: Host, writer: FixedWriter) -> None:
    """A failed run, its task, a comment, the reason of the best version: placeholders, live and from zero."""

    def fail(_work: StageWork, _attempt: Attempt) -> None:
        raise RuntimeError(NAME)

    _, _, thread_id = make_thread(host)
    good = asked(host, thread_id, f"A letter to {NAME}")
    writer.on("brief", fail, fail, fail, fail, fail)
    bad = asked(host, thread_id, f"Another letter to {NAME}")
    comment_id = say(host, thread_id, f"Dear {NAME}", good)
    host.commands.handle(CreateTask(task_id="tsk-x", thread_id=thread_id, title=NAME, run_id=good), by=OWNER)
    host.commands.handle(MarkBestVersion(thread_id=thread_id, run_id=good, reason=f"{NAME} likes it"), by=OWNER)
    for run_id in (good, bad):
        erase(host, thread_id, run_id=run_id)
    with host.database.read() as connection:
        live = read_views(connection)
        comment, task = repo.get_comment(connection, comment_id), repo.get_task(connection, "tsk-x")
        thread = repo.get_thread(connection, thread_id)
    assert (comment["text"], task["title"], task["status"]) == (ERASED, ERASED, "completed")
    assert thread["best"]["reason"] == ERASED
    assert run_of(host, bad)["request_text"] == ERASED
    assert run_of(host, bad)["erased"]["reason"] == "Asked to be forgotten"
    host.database.write(projections.rebuild)
    with host.database.read() as connection:
        assert read_views(connection) == live
    assert places_of(host.workspace.root) == []


def test_a_whole_thread_is_erased_with_its_title(host: Host) -> None:
    """Title, comments without a run, every run; new requests can still be made in it."""
    _, _, thread_id = make_thread(host)
    host.commands.handle(RenameThread(thread_id=thread_id, title=f"For {NAME}"), by=OWNER)
    say(host, thread_id, f"{NAME} called")
    runs = [asked(host, thread_id, f"A letter to {NAME}"), asked(host, thread_id, "Another one")]
    erased = erase(host, thread_id)
    assert sorted(erased["runs"]) == sorted(runs)
    assert places_of(host.workspace.root) == []
    with host.database.read() as connection:
        assert repo.get_thread(connection, thread_id)["title"] == ERASED
    fresh = asked(host, thread_id, "A fresh start")
    assert run_of(host, fresh)["status"] == "completed"
    assert (violations(host), verified(host)) == ([], [])


def test_one_comment_is_erased_alone_and_later_runs_are_named(host: Host) -> None:
    """The comment goes; a run that was asked for after it may have been told, and is named."""
    _, _, thread_id = make_thread(host)
    comment_id = say(host, thread_id, f"{NAME} called")
    run_id = asked(host, thread_id, "A letter")
    with host.database.read() as connection:
        subject = requests.subject_of(thread_id, comment_id=comment_id)
        seen = requests.preview(connection, host.memory, subject)
    assert seen["elsewhere"] == [{"kind": "run", "id": run_id, "why": "asked_for_after_it"}]
    erased = erase(host, thread_id, comment_id=comment_id)
    assert (erased["comments"], erased["runs"], erased["texts"]) == ([comment_id], [], 1)
    later = asked(host, thread_id, "Another letter")
    with host.database.read() as connection:
        (queued, *_) = event_store.load_stream(connection, f"run:{later}")
    assert queued.payload["facts"]["thread"]["comments"] == []


def test_a_run_at_work_is_not_erased(host: Host, writer: FixedWriter) -> None:
    """What is still being made cannot be erased, also not what it takes its finished stages from."""
    _, _, thread_id = make_thread(host)
    source = asked(host, thread_id, "A letter")

    def look(_work: StageWork, _attempt: Attempt) -> None:
        for run_id in (source, fork.run_id):
            with pytest.raises(RunsAtWork):
                erase(host, thread_id, run_id=run_id)

    writer.on("calendar", look)
    fork = host.requests.fork(source, stage_key="calendar", change=Change(), by=OWNER)
    assert perform(host, fork)["status"] == "completed"


def test_an_erased_run_cannot_be_read_forked_or_erased_again(host: Host) -> None:
    """Each way to what is gone says so; a fork made before keeps its own files and its disclosure."""
    _, _, thread_id = make_thread(host)
    run_id = asked(host, thread_id, "A letter")
    fork = perform(host, host.requests.fork(run_id, stage_key="calendar", change=Change(), by=OWNER))["run_id"]
    erase(host, thread_id, run_id=run_id)
    with pytest.raises(RunErased):
        perform(host, host.requests.fork(run_id, stage_key=None, change=Change(), by=OWNER))
    with pytest.raises(NothingToErase):
        erase(host, thread_id, run_id=run_id)
    with host.database.read() as connection, pytest.raises(Erased):
        repo.get_kept_run(connection, run_id)
    assert (violations(host), verified(host)) == ([], [])
    with host.database.read() as connection:
        content = export_run(connection, host.workspace, fork, key=host.log_tree.key).content
    assert verify_bundle(content).problems == []
    again = perform(host, host.requests.fork(fork, stage_key="calendar", change=Change(), by=OWNER))
    assert again["status"] == "completed"


def test_nothing_of_another_thread_is_erased(host: Host) -> None:
    """A run, or a comment, has to be of the thread that is named."""
    _, _, thread_id = make_thread(host)
    run_id = asked(host, thread_id, "A letter")
    for subject in (requests.subject_of("t-other", run_id=run_id), requests.subject_of(thread_id, comment_id="cmt-x")):
        with pytest.raises(NotFound):
            host.commands.handle(requests.erase_request(subject, reason="x"), by=OWNER)
    assert run_of(host, run_id)["erased"] is None


def test_a_crash_right_behind_the_event_is_made_good_at_the_next_start(settings: Settings, writer: FixedWriter) -> None:
    """The event is there, the files are, too: the next start sweeps, whatever was done already."""
    host = open_host(settings, llm=writer)
    _, _, thread_id = make_thread(host)
    run_id = asked(host, thread_id, f"A letter to {NAME}")
    assert host.recall.wait(30)
    host.erasures.close()  # nobody sweeps: as if the process had died in the commit
    subject = requests.subject_of(thread_id, run_id=run_id)
    host.commands.handle(requests.erase_request(subject, reason="Asked"), by=OWNER)
    assert host.workspace.run_dir(run_id).is_dir()
    host.close()
    again = open_host(settings, llm=writer)
    assert again.erasures.wait(30)
    assert not again.workspace.run_dir(run_id).exists()
    assert (verified(again), violations(again)) == ([], [])
    again.close()
    assert places_of(settings.vm_workspace_root) == []


def test_an_event_from_outside_is_sealed_as_well(host: Host) -> None:
    """The bare request of the contract, with no run's id, is found by the id that follows from its event's."""
    _, _, thread_id = make_thread(host)
    run = host.runtime.execute_thread_run(
        thread_id=thread_id,
        brand_id="b",
        project_id="p",
        request_text=f"A letter to {NAME}",
        mode="plan_90d",
        actor_id="ana",
    )
    settle(host)
    erase(host, thread_id, run_id=run["run_id"])
    assert places_of(host.workspace.root) == []


def test_the_event_says_what_was_erased_and_why(host: Host) -> None:
    """Who, when, why and which events: in the thread's timeline, in the clear."""
    _, _, thread_id = make_thread(host)
    comment_id = say(host, thread_id, NAME)
    erased = erase(host, thread_id, comment_id=comment_id)
    with host.database.read() as connection:
        (newest, said, *_) = repo.list_timeline_items_view(connection, thread_id=thread_id)
        stored = connection.exec_driver_sql(
            "SELECT payload FROM events WHERE event_type = 'ContentErased'"
        ).scalar_one()
    assert json.loads(stored) == newest.payload
    assert newest.payload["events"] == [said.event_id]
    assert newest.payload["erasure_id"] == erased["erasure_id"]
    assert (said.erased, said.payload["text"]) == (True, ERASED)


def test_a_reason_is_asked_for(host: Host) -> None:
    """An erasure without a reason is refused, and nothing is erased."""
    _, _, thread_id = make_thread(host)
    comment_id = say(host, thread_id, NAME)
    command = EraseContent(thread_id=thread_id, erasure_id="era-x", scope="comment", subject_id=comment_id, reason=" ")
    with pytest.raises(Exception, match="reason"):
        host.commands.handle(command, by=OWNER)
    with host.database.read() as connection:
        assert repo.get_comment(connection, comment_id)["text"] == NAME


def test_requests_of_a_finished_erasure_are_still_answered(host: Host) -> None:
    """`request` after an erasure: the thread goes on as before."""
    _, _, thread_id = make_thread(host)
    erase(host, thread_id, run_id=asked(host, thread_id, "A letter"))
    run_id = request(host, thread_id)
    settle(host)
    assert run_of(host, run_id)["number"] == 2


def test_texts_of_before_there_were_keys_are_shown_no_longer(settings: Settings, writer: FixedWriter) -> None:
    """They stand in the log, which is never rewritten; lists, timeline and a rebuild show placeholders."""
    unpack(settings)
    host = open_host(settings, llm=writer)
    settle(host)
    erased = erase(host, "t-one", run_id="r-done")
    assert erased["in_clear"]
    with host.database.read() as connection:
        said = [event for event in event_store.load_stream(connection, "run:r-done") if event.erased]
        live = read_views(connection)
    assert [event.payload["request_text"] for event in said if event.event_type == "WorkflowRunQueued"] == [ERASED]
    host.database.write(projections.rebuild)
    with host.database.read() as connection:
        assert read_views(connection) == live
    with pytest.raises(NothingToErase):
        erase(host, "t-one", run_id="r-done")
    assert [text for text in verified(host) if "run.json" not in text] == []
    with host.database.writer.begin() as connection:
        connection.exec_driver_sql("DELETE FROM event_keys WHERE length(key) = 0")
    assert [text for text in verified(host) if "shown no longer" in text]
    host.close()
