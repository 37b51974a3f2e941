"""The command verify: what was checked, and each file, event or row that does not hold."""

import errno
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from vm_webapp.cli import choose, text
from vm_webapp.cli.checks.logged import list_run_ids
from vm_webapp.cli.checks.pause import Pause
from vm_webapp.cli.checks.worker import Worker, hired
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import Records, nothing_yet, reading, settings_of
from vm_webapp.cli.progress import counting
from vm_webapp.cli.runs import choose_thread
from vm_webapp.cli.screen import show_json
from vm_webapp.cli.verify import Report, Tell, Witness, verify_all, verify_run, verify_thread
from vm_webapp.cli.verify_file import verify_file
from vm_webapp.cli.witness import read_claims
from vm_webapp.errors import Invalid
from vm_webapp.log_tree.keys import verifier_keys
from vm_webapp.proof.notes import BadKey, VerifierKey

_SIGNS_IN_A_KEY: Final = 2
_LONGEST_KEYS: Final = 1_000_000
_NO_FILE: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL})
"""What a system says of a name where no file is, or can be."""


def verify(
    call: Invocation,
    *,
    target: str | None,
    thread: str | None,
    against: tuple[Path, ...],
    key: str | None,
    resume: bool,
    as_json: bool,
) -> int:
    """Check a workspace, a thread, a run, a bundle or a proof; 1 on any problem."""
    if target is not None and (thread is not None or against or resume):
        raise Invalid("A run or a file is checked by itself: leave --thread, --against and --resume out.")
    keys = read_keys(key) if key else []
    if target is not None and target.lower().endswith((".zip", ".json")):
        return verify_file(Path(target), keys, as_json=as_json)
    with _helping(call, target or thread) as workers, reading(call, older=True) as records:
        if records is None:
            nothing_yet(call)
            return Exit.WORKSPACE
        witness = _witness(records, keys, against)
        if target is not None or thread is not None:
            report = _verify_part(records, target, thread, witness)
        else:
            report = _verify_all(call, records, witness, workers, resume=resume, shown=not as_json)
    if as_json:
        show_json({"ok": not report.problems, **asdict(report)})
    else:
        _say(report)
    return Exit.FAILED if report.problems else Exit.OK


@contextmanager
def _helping(call: Invocation, part: str | None) -> Iterator[Sequence[Worker]]:
    """Processes that help with a whole workspace; none for a part of one."""
    if part is not None:
        yield ()
        return
    settings = settings_of(call)
    with hired(settings.vm_workspace_root, settings.database_path) as workers:
        yield workers


def _verify_part(records: Records, run: str | None, thread: str | None, witness: Witness) -> Report:
    with records.database.read() as connection:
        if run is not None:
            run = choose.choose_id("run", run, list_run_ids(connection)[::-1])
        else:
            thread = str(choose_thread(connection, str(thread))["thread_id"])
    if run is not None:
        return verify_run(records, run, witness=witness)
    return verify_thread(records, str(thread), witness=witness)


def _verify_all(
    call: Invocation, records: Records, witness: Witness, workers: Sequence[Worker], *, resume: bool, shown: bool
) -> Report:
    pause = Pause(records.database.path, resume=resume, about=witness.name)
    with _bars(call, shown=shown) as tell:
        try:
            return verify_all(records, witness=witness, pause=pause, workers=workers, tell=tell)
        except KeyboardInterrupt:
            pause.write()
            click.echo(f"Cut off; `{call.spelled('verify', '--resume')}` goes on from here.", err=True)
            raise


@contextmanager
def _bars(call: Invocation, *, shown: bool) -> Iterator[Tell]:
    """A bar for each thing that is counted, one after the other."""
    with ExitStack() as stack:
        bars: dict[str, Any] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in bars:
                stack.close()
                bars[what] = stack.enter_context(counting(call, what, total, shown=shown))
            bars[what](done)

        yield tell


def _witness(records: Records, keys: list[VerifierKey], against: tuple[Path, ...]) -> Witness:
    """The older checkpoints in the files, whose signatures have to hold."""
    trusted = keys or (verifier_keys(records.workspace) if against else [])
    return Witness(keys, read_claims(against, trusted))


def read_keys(given: str) -> list[VerifierKey]:
    """The key as it is spelled, or those in a file, one a line (as keys/log.vkeys has them)."""
    try:
        return [VerifierKey.parse(given)]
    except BadKey as misspelled:
        try:
            with Path(given).open(encoding="utf-8", errors="replace") as file:
                lines = file.read(_LONGEST_KEYS).split("\n")
        except OSError as error:
            raise _without_file(given, error, misspelled) from None
        return [VerifierKey.parse(line) for line in lines if line.strip()] or [VerifierKey.parse(given)]


def _without_file(given: str, error: OSError, misspelled: BadKey) -> BadKey:
    """Why it is no key: a file that cannot be read, one that is not there, or else its spelling."""
    if error.errno not in _NO_FILE:
        return BadKey(problem=f"{given} cannot be read: {error.strerror}")
    return BadKey(problem=f"there is no file {given}") if _looks_like_a_path(given) else misspelled


def _looks_like_a_path(given: str) -> bool:
    """Whether it is no key by its looks: a key has two signs, and its name begins with none that a path begins with."""
    return given.count("+") < _SIGNS_IN_A_KEY or given.startswith(("/", "\\", ".", "~"))


def _say(report: Report) -> None:
    for finding in report.problems:
        click.echo(click.style(text.line(finding.text), fg="red"))
    for note in report.notes:
        click.echo(f"Note: {text.line(note.text)}")
    checked = (
        text.counted(report.events, "event"),
        text.counted(report.runs, "run"),
        text.counted(report.stages, "stage"),
        text.counted(report.files, "file"),
        text.size(report.bytes),
    )
    said = text.counted(len(report.problems), "problem") if report.problems else "Everything holds"
    click.echo(f"{said}: checked {', '.join(checked)}{_signed(report)}.")


def _signed(report: Report) -> str:
    seen = f", and the log is the one that the witness saw at {report.witnessed}" if report.witnessed else ""
    return f"; signed up to event {report.signed}{seen}" if report.signed else seen
