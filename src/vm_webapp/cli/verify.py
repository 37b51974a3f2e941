"""Whether the log is what was signed, and every published file what the log says.

The log is read in one pass, in one state of the database: each event's digest, the chain in its stream, the tree, the
signed checkpoints and those of a witness. The runs are checked meanwhile, several side by side. All of it only reads,
and works beside a process that writes. What is compared with what stands in checks/.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from vm_webapp.cli.checks.claims import Claim, kept_claims, newest_claim, stored_claims
from vm_webapp.cli.checks.crew import Crew
from vm_webapp.cli.checks.events import Damaged, check_end, fetch, value, walk, walk_streams
from vm_webapp.cli.checks.files import check_run, strangers
from vm_webapp.cli.checks.logged import list_run_ids
from vm_webapp.cli.checks.part import check_part
from vm_webapp.cli.checks.pause import Pause
from vm_webapp.cli.checks.report import Finding, Report
from vm_webapp.cli.checks.seals import check_seals, check_seals_of
from vm_webapp.cli.checks.tree import TreeCheck
from vm_webapp.cli.checks.worker import Worker
from vm_webapp.cli.opening import Records
from vm_webapp.errors import NotFound
from vm_webapp.log_tree.kept import read_kept
from vm_webapp.log_tree.keys import KeyProblem, verifier_keys
from vm_webapp.proof.notes import VerifierKey

__all__ = ["Finding", "Report", "Witness", "verify_all", "verify_run", "verify_thread"]

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Witness:
    """What somebody brings from elsewhere: keys that they trust instead of the workspace's, and older checkpoints."""

    keys: Sequence[VerifierKey] = ()
    claims: Sequence[Claim] = ()

    @property
    def name(self) -> str:
        """What tells it from any other: a digest of its keys and checkpoints."""
        said = [*map(str, self.keys), *(claim.checkpoint.text() for claim in self.claims)]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()


def verify_all(
    records: Records,
    *,
    witness: Witness = Witness(),
    pause: Pause | None = None,
    workers: Sequence[Worker] = (),
    tell: Tell = lambda _what, _done, _total: None,
) -> Report:
    """Check the database, the log, every run, and that nothing lies beside them.

    `tell` hears what is counted, how many are done and how many there are. With a `pause` the check can be cut off;
    `workers` are processes that help (checks/worker).
    """
    pause = pause or Pause(records.database.path, resume=False)
    with records.database.read() as connection:
        run_ids = list_run_ids(connection)
        with Crew(records, run_ids[pause.of_runs.runs :], workers) as crew:
            if not pause.log_done:
                _check_database(connection, pause.report)
            for _ in _check_log(records, connection, witness=witness, pause=pause, tell=tell):
                list(_take(crew.finished(wait=False), pause))
            tell("runs", pause.of_runs.runs, len(run_ids))
            for _ in _take(crew.finished(wait=True), pause):
                tell("runs", pause.of_runs.runs, len(run_ids))
    report = pause.report
    report.add(pause.of_runs)
    report.add(strangers(records, set(run_ids)))
    pause.forget()
    return report


def verify_run(records: Records, run_id: str, *, witness: Witness = Witness()) -> Report:
    """Check one run, with its events and what was signed of them; NotFound where the log does not know it."""
    return _verify_part(records, [run_id], "stream_id = ?", (f"run:{run_id}",), witness)


def verify_thread(records: Records, thread_id: str, *, witness: Witness = Witness()) -> Report:
    """Check a thread: its events, its runs, and what was signed of them; NotFound where the log does not know it."""
    with records.database.read() as connection:
        run_ids = list_run_ids(connection, thread_id=thread_id)
    where = "stream_id IN (SELECT stream_id FROM events WHERE thread_id = ?)"
    report = _verify_part(records, run_ids, where, (thread_id,), witness)
    if not report.events:
        raise NotFound(kind="thread", id=thread_id)
    return report


def _check_database(connection: Connection, report: Report) -> None:
    """The database's own check (PRAGMA quick_check), and that no event is missing in the middle of a stream."""
    try:
        found = [said for (said,) in fetch(connection, "PRAGMA quick_check(20)") if said != "ok"]
    except Damaged as error:
        found = [error.facts["problem"]]
    for said in found:
        report.problem(f"The database is damaged: {said}.")
    gaps = "SELECT stream_id FROM events GROUP BY stream_id HAVING count(*) <> max(stream_version) LIMIT 20"
    for (stream_id,) in fetch(connection, gaps):
        report.problem(f"Events are missing in the stream {stream_id}.")


def _check_log(
    records: Records, connection: Connection, *, witness: Witness, pause: Pause, tell: Tell
) -> Iterator[None]:
    """Every event, and the tree over them; a log that cannot be read to its end is named, and the files are checked.

    It gives way to its caller after each batch.
    """
    report = pause.report
    if pause.log_done:
        return
    claims = [*_stored(records, connection, witness, report), *witness.claims]
    check = TreeCheck(connection, sorted(claims, key=_size), pause.grown, report)
    total = int(value(connection, "SELECT count(*) FROM events"))
    try:
        for batch in walk(connection, pause.chain, report):
            check.take(batch)
            tell("events", report.events, total)
            pause.keep()
            yield
        check.end()
        check_seals(connection, report)
        check_end(connection, pause.chain.position, report)
    except Damaged as error:
        report.problem(f"The log cannot be checked beyond position {pause.chain.position}: {error.facts['problem']}.")
    if report.signed < report.events:
        unsigned = report.events - report.signed
        report.note(f"{unsigned} events at the log's end are under no signed checkpoint yet.")
    pause.log_done = True


def _stored(records: Records, connection: Connection, witness: Witness, report: Report) -> Sequence[Claim]:
    """What was signed of the whole log, under the keys that are trusted."""
    keys = _keys(records, witness, report)
    try:
        claims = stored_claims(connection, keys, report)
    except Damaged as error:
        report.problem(f"The signed checkpoints cannot be read: {error.facts['problem']}.")
        claims = []
    claims += _kept(records, keys, claims, report)
    for key in keys if claims and not witness.keys else ():
        if not any(key in claim.signers for claim in claims):
            report.note(f"The key {key.name} among those that verify (keys/log.vkeys) has signed nothing here.")
    return claims


def _kept(records: Records, keys: Sequence[VerifierKey], stored: Sequence[Claim], report: Report) -> Sequence[Claim]:
    """What is kept beside the database of what was signed, where it is not in it."""
    try:
        note = read_kept(records.workspace)
    except KeyProblem as error:
        report.problem(str(error))
        return []
    return [] if note is None else kept_claims(note, keys, stored, report)


def _keys(records: Records, witness: Witness, report: Report) -> Sequence[VerifierKey]:
    """The keys that are trusted: those that were brought, else those that the workspace names."""
    if witness.keys:
        return witness.keys
    try:
        return verifier_keys(records.workspace)
    except KeyProblem as error:
        report.problem(str(error))
        return []


def _size(claim: Claim) -> int:
    return claim.checkpoint.size


def _take(reports: Iterable[Report], pause: Pause) -> Iterator[None]:
    """Add the reports on runs, and say so after each."""
    for one in reports:
        pause.of_runs.add(one)
        pause.keep()
        yield


def _verify_part(
    records: Records, run_ids: Sequence[str], where: str, values: tuple[str, ...], witness: Witness
) -> Report:
    report = Report()
    for run_id in run_ids:
        report.add(check_run(records, run_id))
    keys = _keys(records, witness, report)
    with records.database.read() as connection:
        newest = newest_claim(connection, keys, report)
        events = list(walk_streams(connection, where, values, report))
        check_part(connection, events, [*newest, *_kept(records, keys, newest, report)], report)
        check_seals_of(connection, where, values, report)
    return report
