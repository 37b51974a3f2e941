"""A run brought in from elsewhere: marked, whole, readable, forkable; never in the way of what is there."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from bundle_kit import (
    FORGER,
    Made,
    a_run,
    a_thread,
    changed,
    document,
    empty_host,
    exported,
    fresh_made,
    open_in,
    payload_of,
    settle,
)
from vm_webapp import event_store, projections, repo
from vm_webapp.bundles import BadBundle, Brought, Place, disclosures_of, import_bundle
from vm_webapp.bundles.statement import make_statement
from vm_webapp.cli.opening import Records
from vm_webapp.cli.verify import verify_all
from vm_webapp.commands import OWNER, Actor
from vm_webapp.domain.thread_messages import CloseThread
from vm_webapp.erasures import requests
from vm_webapp.errors import AlreadyExists, Conflict, Erased, Invalid, NotFound, StageError, ThreadIsClosed
from vm_webapp.host import Host
from vm_webapp.models import VIEWS
from vm_webapp.proof.canonical import canonical
from vm_webapp.proof.documents import ProvenEvent
from vm_webapp.proof.documents import document as proof_document
from vm_webapp.proof.notes import VerifierKey, sign_checkpoint
from vm_webapp.proof.tree import Frontier, inclusion_proof, leaf_hash
from vm_webapp.run_requests import Change
from vm_webapp.writers import Attempt, StageWork

from fixed_writer import FixedWriter

made = fresh_made
empty = empty_host
ANA = Actor("human", "Ana")


def bring(host: Host, content: bytes, **place: str) -> Brought:
    """Import as Ana."""
    return import_bundle(host.commands, host.workspace, content, place=Place(**place), by=ANA)


def views(host: Host) -> dict[str, list[Any]]:
    """Every row of every view."""
    with host.database.read() as connection:
        return {
            view.__tablename__: sorted(map(repr, connection.exec_driver_sql(f"SELECT * FROM {view.__tablename__}")))  # noqa: S608 - ours
            for view in VIEWS
        }


def position(host: Host) -> int:
    """How long the log is."""
    with host.database.read() as connection:
        return event_store.last_position(connection)


def test_it_is_a_settled_run_with_its_deliverables(made: Made, empty: Host) -> None:
    """In lists, with every file as it was, and marked with the log, the key and who brought it."""
    run = bring(empty, made.content).run
    assert (run["run_id"], run["status"], run["stages_done"]) == (made.run_id, "completed", 2)
    assert (run["imported"]["key"], run["imported"]["by"]) == (made.key, "Ana")
    with empty.database.read() as connection:
        (listed,) = repo.list_runs(connection)
        thread = repo.get_thread(connection, run["thread_id"])
    assert (listed.run_id, thread["title"]) == (made.run_id, "Launch")
    folder = empty.workspace.run_dir(made.run_id)
    for name, content in payload_of(made.content).items():
        if name.startswith("run/stages/"):
            assert (folder / name.removeprefix("run/")).read_bytes() == content
    assert (folder / "bundle.zip").read_bytes() == made.content


def test_an_attempt_that_failed_elsewhere_is_missed_by_nobody(empty: Host, tmp_path: Path) -> None:
    """Its files are not in the bundle, so `verify` does not look for them; one that lies there is named."""
    writer = FixedWriter()
    writer.on("brief", refuse)
    other = open_in(tmp_path / "other", writer)
    try:
        run_id = a_run(other, a_thread(other), approve=False)
        content = exported(other, run_id)
    finally:
        other.close()
    assert bring(empty, content).run["status"] == "failed"
    assert [finding.text for finding in verify_all(Records(empty.workspace, empty.database)).problems] == []
    path = empty.workspace.run_dir(run_id) / "stages/01-brief/attempts/1/error.json"
    path.parent.mkdir(parents=True)
    path.touch()
    found = verify_all(Records(empty.workspace, empty.database)).problems
    assert [finding.text for finding in found] == [f"{path} belongs to no failed attempt in the log."]


def refuse(_work: StageWork, _attempt: Attempt) -> None:
    """The writer fails for good."""
    raise StageError("refused", "No.", retryable=False)


def test_it_is_one_event_that_says_who_brought_it(made: Made, empty: Host) -> None:
    """What happened elsewhere is told within it, and is nobody's doing here."""
    bring(empty, made.content)
    with empty.database.read() as connection:
        (event,) = event_store.load_stream(connection, f"run:{made.run_id}")
        inbox, spending = repo.list_inbox(connection), repo.spent_nano(connection, f"brand:{event.brand_id}")
    assert (event.event_type, event.actor_id) == ("WorkflowRunImported", "Ana")
    assert (inbox, spending) == ([], 0)


def test_the_same_bundle_again_changes_nothing(made: Made, empty: Host) -> None:
    """No event, no brand made twice; the answer is the same."""
    first = bring(empty, made.content)
    before = position(empty)
    second = bring(empty, made.content, brand="Another")
    assert (second.fresh, second.run) == (False, first.run)
    assert position(empty) == before


def test_a_run_that_was_made_here_is_never_touched(tmp_path: Path) -> None:
    """Its own bundle is not brought in over it."""
    host = open_in(tmp_path)
    run_id = a_run(host, a_thread(host))
    before = position(host)
    with pytest.raises(AlreadyExists, match="made in this workspace") as caught:
        bring(host, exported(host, run_id))
    assert caught.value.hint.startswith("The run that is here stays as it is.")
    assert position(host) == before
    host.close()


def test_files_that_no_event_knows_are_not_overwritten(made: Made, empty: Host) -> None:
    """They may be all that is left of a lost log."""
    left = empty.workspace.run_dir(made.run_id) / "stages" / "precious.md"
    left.parent.mkdir(parents=True)
    left.write_text("precious", encoding="utf-8")
    with pytest.raises(Conflict, match="knows nothing of"):
        bring(empty, made.content)
    assert left.read_text(encoding="utf-8") == "precious"
    assert position(empty) == 0


def test_a_rebuild_comes_out_equal(made: Made, empty: Host) -> None:
    """Views are folded from the one event."""
    bring(empty, made.content)
    before = views(empty)
    empty.database.write(projections.rebuild)
    assert views(empty) == before
    with empty.database.read() as connection:
        assert projections.is_current(connection)


def test_it_outlives_a_restart_and_lost_files(made: Made, tmp_path: Path) -> None:
    """The files' bytes stand in the commit until they are known to be on the disk."""
    host = open_in(tmp_path)
    bring(host, made.content)
    lost = host.workspace.run_dir(made.run_id) / "stages" / "02-plan" / "artifacts" / "plan.md"
    content = lost.read_bytes()
    lost.unlink()
    host.close()
    host = open_in(tmp_path)
    assert lost.read_bytes() == content
    with host.database.read() as connection:
        assert repo.get_run(connection, made.run_id)["status"] == "completed"
    host.close()


def test_it_goes_where_it_is_told(made: Made, empty: Host) -> None:
    """Into a thread by id, or a brand, project and thread by name, which are found before they are made."""
    thread_id = a_thread(empty, "Ours")
    before = views(empty)
    run = bring(empty, made.content, brand="aurora", project="SPRING", thread="ours").run
    assert run["thread_id"] == thread_id
    assert [views(empty)[name] == before[name] for name in ("brands_view", "projects_view")] == [True, True]


@pytest.mark.parametrize("kind", ["brand", "project"])
def test_a_thread_that_is_named_by_its_id_is_where_it_is(made: Made, empty: Host, kind: str) -> None:
    """Named with another brand or project, nothing is brought into it; ids that are none are not made into names."""
    thread_id = a_thread(empty, "Ours")
    before = position(empty)
    with pytest.raises(Invalid, match=f"belongs to the {kind}"):
        bring(empty, made.content, thread=thread_id, **{kind: "Theirs"})
    with pytest.raises(NotFound):
        bring(empty, made.content, **{kind: f"{kind[0]}-01a2b3c4"})
    assert position(empty) == before


def test_what_was_erased_is_not_said_to_be_there(made: Made, empty: Host) -> None:
    """The same bundle again, once its run was erased here, is refused as what was erased."""
    run = bring(empty, made.content).run
    subject = requests.subject_of(run["thread_id"], run_id=made.run_id)
    empty.commands.handle(requests.erase_request(subject, reason="Asked to be forgotten"), by=OWNER)
    empty.erasures.catch_up()
    before = position(empty)
    with pytest.raises(Erased):
        bring(empty, made.content)
    assert position(empty) == before


def test_a_closed_thread_takes_nothing_in(made: Made, empty: Host) -> None:
    """As it takes no requests."""
    thread_id = a_thread(empty)
    empty.commands.handle(CloseThread(thread_id=thread_id), by=OWNER)
    with pytest.raises(ThreadIsClosed):
        bring(empty, made.content, thread=thread_id)


def test_it_can_be_forked(made: Made, empty: Host) -> None:
    """What was carried over has the digests of the bundle."""
    run = bring(empty, made.content).run
    command = empty.requests.fork(made.run_id, stage_key="plan", change=Change(), by=OWNER)
    empty.commands.handle(command, by=OWNER)
    settle(empty)
    with empty.database.read() as connection:
        forked = repo.get_run(connection, command.run_id)
    assert (forked["status"], forked["number"]) == ("completed", 2)
    (theirs,) = [stage["artifacts"][0]["sha256"] for stage in run["stages"] if stage["stage_key"] == "brief"]
    assert forked["stages"]["brief"]["artifacts"][0]["sha256"] == theirs


def test_it_is_handed_on_as_it_came(made: Made, empty: Host) -> None:
    """With the proof of the log that it was made in, and its own disclosures."""
    bring(empty, made.content)
    assert exported(empty, made.run_id) == made.content
    with empty.database.read() as connection:
        said = disclosures_of(connection, empty.workspace, made.run_id, "brief")
    assert said == [document(made.content, "disclosure/01-brief/brief.md.json")]


def test_a_key_that_was_named_has_to_have_signed(made: Made, empty: Host) -> None:
    """The right one lets it in, another does not."""
    values = {"place": Place(), "by": ANA}
    with pytest.raises(BadBundle, match="none of the keys"):
        import_bundle(empty.commands, empty.workspace, made.content, keys=[FORGER.verifier], **values)  # type: ignore[arg-type]  # as above
    key = VerifierKey.parse(made.key)
    assert import_bundle(empty.commands, empty.workspace, made.content, keys=[key], **values).fresh  # type: ignore[arg-type]  # likewise


def forged(made: Made, change: Any) -> bytes:  # noqa: ANN401 - a function of a payload
    """The bundle of a forger with a log, a key and a statement of their own: everything fits, only the events lie."""
    rows = [json.loads(one["canonical"]) for one in document(made.content, "log/proof.json")["events"]]
    frontier, contents = Frontier(), list[bytes]()
    nodes: dict[tuple[int, int], bytes] = {}
    previous: dict[str, str] = {}
    for row in rows:
        payload = json.loads(row["payload"])
        change(row, payload)
        row["payload"] = canonical(payload).decode()
        row["previous_sha256"] = previous.get(row["stream_id"])
        content = canonical(row)
        previous[row["stream_id"]] = sha256(content).hexdigest()
        contents.append(content)
        nodes |= {(node.level, node.position): node.sha256 for node in frontier.append(leaf_hash(content))}

    def read(level: int, at: int) -> bytes:
        return nodes[level, at]

    size = len(contents)
    events = [
        ProvenEvent(index=at, content=content, path=tuple(inclusion_proof(at, size, read)))
        for at, content in enumerate(contents)
    ]
    note = sign_checkpoint(FORGER, size=size, root=frontier.root())
    proof = proof_document(events, checkpoint=note, key=str(FORGER.verifier))
    files = {
        "log/proof.json": json.dumps(proof).encode(),
        "log/checkpoint.txt": note.encode(),
        "log/key.txt": f"{FORGER.verifier}\n".encode(),
    }
    payload = {**payload_of(made.content), **files}
    payload.pop("statement.json")
    return changed(made, {**files, "statement.json": make_statement(payload, {}, FORGER)})


def _nothing(_row: Any, _payload: Any) -> None:  # noqa: ANN401 - JSON
    """Tell it as it was."""


def _number_for_text(row: Any, payload: Any) -> None:  # noqa: ANN401 - JSON
    if row["event_type"] == "WorkflowRunQueued":
        payload["dated_on"] = 7


def _said_twice(row: Any, payload: Any) -> None:  # noqa: ANN401 - JSON
    if row["event_type"] == "WorkflowRunQueued":
        payload["request_text"] = "Something else"


def _other_seal(row: Any, payload: Any) -> None:  # noqa: ANN401 - JSON
    if row["event_type"] == "WorkflowRunQueued":
        payload["$sealed"]["data"] = payload["$sealed"]["data"][::-1]


def _stage_out_of_the_folder(row: Any, payload: Any) -> None:  # noqa: ANN401 - JSON
    if row["event_type"] == "WorkflowRunQueued":
        payload["plan"]["stages"][0]["key"] = "../../x"


def _unknown_stage(row: Any, payload: Any) -> None:  # noqa: ANN401 - JSON
    if row["event_type"] == "StageStarted":
        payload["stage_key"] = "nowhere"


def _no_attempt(row: Any, payload: Any) -> None:  # noqa: ANN401 - JSON
    if row["event_type"] == "StageStarted":
        row["event_type"] = "WorkflowRunResumed"
        payload.pop("stage_key")


def _no_time(row: Any, _payload: Any) -> None:  # noqa: ANN401 - JSON
    row["occurred_at"] = "yesterday"


def _never_settled(row: Any, _payload: Any) -> None:  # noqa: ANN401 - JSON
    if row["event_type"] == "WorkflowRunCompleted":
        row["event_type"] = "WorkflowRunResumed"


def _nested_import(row: Any, _payload: Any) -> None:  # noqa: ANN401 - JSON
    if row["event_type"] == "WorkflowRunStarted":
        row["event_type"] = "WorkflowRunImported"


def test_a_forgers_own_log_is_only_told_by_its_key(made: Made, empty: Host) -> None:
    """Without a key of one's own it goes in, marked with the forger's key: that is what a key is for."""
    assert bring(empty, forged(made, _nothing)).run["imported"]["key"] == str(FORGER.verifier)


@pytest.mark.parametrize(
    "change",
    [
        _number_for_text,
        _said_twice,
        _other_seal,
        _stage_out_of_the_folder,
        _unknown_stage,
        _no_attempt,
        _no_time,
        _never_settled,
        _nested_import,
    ],
)
def test_events_that_no_run_can_have_are_refused(made: Made, empty: Host, change: Any) -> None:  # noqa: ANN401 - a function
    """However well they are signed; nothing is written."""
    with pytest.raises(BadBundle):
        bring(empty, forged(made, change))
    assert position(empty) == 0
    assert not empty.workspace.run_dir(made.run_id).exists()
    assert empty.database.write(lambda connection: empty.commands.load(connection, f"run:{made.run_id}")[0]) == 0
